// An unmodified InstantSearch page with Algolia's client finds, narrows, orders and pages through this shop, and tells what was clicked.
// What the page shows is compared with what /v1/search says.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { shot, startBrowser } from '../support/browser.mjs';
import { startShop } from '../support/shop.mjs';
import { startSite } from '../support/site.mjs';
import { until as wait } from '../support/wait.mjs';

/** What the page calls the visit. */
const VISIT = 'anonymous-browser-1';

let shop, site, browser, page;

before(async () => {
  [shop, site, browser] = await Promise.all([startShop(), startSite('instantsearch'), startBrowser()]);
  page = await browser.page();
  await page.goto(`${site.url}/?shop=${encodeURIComponent(shop.url)}`);
});

after(async () => {
  await Promise.all([browser?.stop(), site?.stop(), shop?.stop()]);
});

/** What the page says that it found. */
const total = async () => Number((await page.locator('#stats .ais-Stats-text').innerText()).replace(/ results?.*/, '').replace(/\D/g, ''));
const prices = () => page.locator('#hits article').evaluateAll((hits) => hits.map((hit) => Number(hit.dataset.price)));
const ids = () => page.locator('#hits article').evaluateAll((hits) => hits.map((hit) => hit.dataset.id));
const counts = (list) =>
  page.locator(`${list} .ais-RefinementList-item`).evaluateAll((items) =>
    items.map((item) => [
      item.querySelector('.ais-RefinementList-labelText').textContent,
      Number(item.querySelector('.ais-RefinementList-count').textContent.replace(/\D/g, '')),
    ]),
  );

const until = (what, is) => wait(what, is, { page });

/** Waits until the page shows as many results as the shop says for these parameters, and gives the shop's answer. */
async function agrees(params) {
  const answer = await shop.get(`/v1/search?${new URLSearchParams({ prefix: 'true', ...params })}`);
  await until(`the page shows ${answer.total}`, async () => (await total()) === answer.total || `it shows ${await total()}`);
  return answer;
}

describe('an InstantSearch page', () => {
  test('shows the whole shop before anything is typed', async () => {
    const answer = await agrees({ limit: '12' });
    assert.ok(answer.total > 100);
    await until('hits are shown', async () => (await ids()).length === 12);
    await shot(page, 'instantsearch-all');
  });

  test('finds what is typed and marks its words', async () => {
    await page.fill('#searchbox input', 'lamp');
    const answer = await agrees({ q: 'lamp', limit: '12', facets: 'brand:limit(5)', session_id: VISIT });
    assert.ok(answer.total > 0);
    await until('the same hits in the same order', async () => {
      const shown = await ids();
      return shown.join() === answer.hits.map((hit) => hit.id).join() || shown.join();
    });
    assert.match(await page.locator('#hits .ais-Highlight-highlighted').first().innerText(), /lamp/i);
    const sorted = (pairs) => pairs.map(([value, count]) => `${value} ${count}`).sort().join();
    const brands = sorted(answer.facets[0].values.map(({ value, count }) => [value, count]));
    await until('the same counts', async () => sorted(await counts('#brand')) === brands || sorted(await counts('#brand')));
    await shot(page, 'instantsearch-lamp');
  });

  test('narrows to brands, and shows what others would add', async () => {
    const [[first, firstCount], [second, secondCount]] = await counts('#brand');
    await page.locator('#brand').getByText(first, { exact: true }).click();
    await until('one brand is left', async () => (await total()) === firstCount || `${await total()}`);
    await agrees({ q: 'lamp', filter: `brand = "${first}"` });
    assert.equal(new Map(await counts('#brand')).get(second), secondCount, 'the other brand still says what it has');
    await page.locator('#brand').getByText(second, { exact: true }).click();
    await agrees({ q: 'lamp', filter: `brand IN ["${first}", "${second}"]` });
    await until('the sum of both', async () => (await total()) === firstCount + secondCount || `${await total()}`);
    await shot(page, 'instantsearch-brands');
  });

  test('searches among the values of a facet', async () => {
    const [[first]] = await counts('#brand');
    await page.fill('#brand input[type=search]', first.slice(0, 3));
    await until('only what begins so', async () => {
      const names = (await counts('#brand')).map(([name]) => name);
      return (names.length > 0 && names.includes(first) && names.every((name) => name.toLowerCase().includes(first.slice(0, 3).toLowerCase()))) || names.join();
    });
    // A late answer would show its values again.
    await until('no search is under way', async () => page.searching === 0 || `${page.searching}`);
    await page.fill('#brand input[type=search]', '');
    await until('all are back', async () => (await counts('#brand')).length === 5 || JSON.stringify(await counts('#brand')));
  });

  test('goes down the tree of categories', async () => {
    await page.evaluate(() => window.search.setUiState({ products: {} }));
    await agrees({});
    const tree = await shop.get('/v1/search?limit=1&facets=category:tree(2)');
    const root = tree.facets[0].tree[0];
    const child = root.children[0];
    await page.locator('#category').getByText(root.name, { exact: true }).first().click();
    await agrees({ filter: `category = "${root.value}"` });
    await page.locator('#category .ais-HierarchicalMenu-list--child').getByText(child.name, { exact: true }).first().click();
    const answer = await agrees({ filter: `category = "${child.value}"` });
    assert.equal(answer.total, child.count);
    const selected = page.locator('#category .ais-HierarchicalMenu-item--selected');
    await until('the path is open', async () => (await selected.count()) >= 2 || `${await selected.count()}`);
    await shot(page, 'instantsearch-tree');
  });

  test('narrows to a span of prices', async () => {
    await page.evaluate(() => window.search.setUiState({ products: {} }));
    await agrees({});
    const { facets } = await shop.get('/v1/search?limit=1&facets=price:stats');
    const { min, max } = facets[0].stats;
    assert.equal(await page.locator('#price [role=slider]').first().getAttribute('aria-valuemin'), String(Math.floor(min)));
    assert.equal(await page.locator('#price [role=slider]').last().getAttribute('aria-valuemax'), String(Math.ceil(max)));
    const [low, high] = [Math.floor(min + (max - min) / 10), Math.floor(min + (max - min) / 2)];
    await page.evaluate(([low, high]) => window.search.setUiState({ products: { range: { price: `${low}:${high}` } } }), [low, high]);
    const answer = await agrees({ filter: `price >= ${low} AND price <= ${high}` });
    assert.ok(answer.total > 0);
    await until('every price lies in it', async () => (await prices()).every((price) => price >= low && price <= high) || (await prices()).join());
  });

  test('orders by price and pages without a gap', async () => {
    await page.evaluate(() => window.search.setUiState({ products: { query: 'lamp' } }));
    await page.selectOption('#sort select', 'products_price_asc');
    const answer = await agrees({ q: 'lamp', sort: 'price:asc', limit: '36' });
    await until('cheapest first', async () => (await ids()).join() === answer.hits.slice(0, 12).map((hit) => hit.id).join() || (await prices()).join());
    for (const number of ['2', '3']) {
      await page.locator('#pagination').getByRole('link', { name: `Page ${number}`, exact: true }).click();
      const from = (Number(number) - 1) * 12;
      const expected = answer.hits.slice(from, from + 12).map((hit) => hit.id).join();
      await until(`page ${number}`, async () => (await ids()).join() === expected || (await ids()).join());
    }
    await shot(page, 'instantsearch-page-3');
  });

  test('tells what came into view and what was clicked', async () => {
    const [sent] = await Promise.all([
      page.waitForRequest((request) => request.url().includes('/1/events') && (request.postData() ?? '').includes('Product Clicked')),
      page.locator('#hits article').nth(1).click(),
    ]);
    const event = JSON.parse(sent.postData()).events.find(({ eventName }) => eventName === 'Product Clicked');
    assert.equal(event.objectIDs[0], (await ids())[1]);
    assert.deepEqual(event.positions, [26], 'the second hit of the third page');
    assert.ok(event.queryID);
    const answer = await sent.response();
    assert.equal(answer.status(), 200);
    // What is recommended to this visit now follows from what it clicked.
    await until('the visit is known by what it clicked', async () => {
      const { products } = await shop.get(`/v1/recommend/for_you?session_id=${VISIT}&limit=12`);
      const reasons = products.map(({ reason }) => reason);
      const follows = ({ because, product_id }) => because === 'visits_alike' || product_id === event.objectIDs[0];
      return reasons.some(follows) || JSON.stringify(reasons);
    });
  });

  test('nothing failed on the way', () => {
    assert.deepEqual(page.faults, []);
  });
});
