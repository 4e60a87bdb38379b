// The documentation of the HTTP interface: everything is there, can be found, and can be tried.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { shot, startBrowser } from '../support/browser.mjs';
import { faultsOfAccess } from '../support/pages.mjs';
import { startShop } from '../support/shop.mjs';
import { until } from '../support/wait.mjs';

let shop, browser, page;

before(async () => {
  [shop, browser] = await Promise.all([startShop(), startBrowser()]);
  page = await browser.page();
  await page.goto(`${shop.url}/docs`);
  await page.locator('.route').first().waitFor();
});

after(async () => {
  await Promise.all([browser?.stop(), shop?.stop()]);
});

/** Opens what an operation is tried with. */
async function opened(name) {
  const route = page.locator(`#${name}`);
  if (!(await route.locator('form').count())) await route.getByText('Try it').click();
  await route.locator('form').waitFor();
  return route;
}

async function sent(route) {
  await route.getByRole('button', { name: 'Send' }).click();
  await until('it is answered', async () => /^Answered/.test(await route.getByRole('status').innerText()));
  return route.locator('.try-result').innerText();
}

describe('the documentation', () => {
  test('has every operation, and each kind of problem', async () => {
    const { paths, 'x-problems': problems } = await shop.get('/openapi.json');
    const count = Object.values(paths).flatMap((methods) => Object.keys(methods)).length;
    assert.equal(await page.locator('.route').count(), count);
    assert.equal(await page.locator('#problems dt').count(), problems.length);
  });

  test('is found through by words', async () => {
    await page.getByRole('searchbox', { name: 'Find a route' }).fill('webhooks ROTATE');
    await until('one is left', async () => (await page.locator('.route:visible').count()) === 1);
    assert.ok(await page.locator('#post-v1-webhooks-id-rotate-secret').isVisible());
    await page.getByRole('searchbox', { name: 'Find a route' }).fill('');
    await until('all are back', async () => (await page.locator('.route:visible').count()) > 200);
  });

  test('tries a search, and shows the same as a command', async () => {
    const route = await opened('get-v1-search');
    await route.getByRole('textbox', { name: 'q', exact: true }).fill("lamp's");
    await route.getByRole('textbox', { name: 'limit', exact: true }).fill('1');
    assert.match(await sent(route), /^200 [^]*"hits"/);
    assert.match(await route.locator('.try-command').innerText(), /curl -X GET '.*\/v1\/search\?q=lamp%27s&limit=1'/);
    await shot(page, 'docs');
  });

  test('tries a write with a body to begin with, under a name of its own', async () => {
    const route = await opened('post-v1-carts');
    const body = route.getByRole('textbox', { name: 'Body' });
    assert.equal(typeof JSON.parse(await body.inputValue()), 'object');
    const { hits } = await shop.get('/v1/search?limit=1&fields=*&filter=available%20%3D%20true');
    await body.fill(JSON.stringify({ lines: [{ sku: hits[0].product.variants[0].sku, quantity: 1 }] }));
    assert.match(await sent(route), /^201 /);
    await body.fill('{"line": 1}');
    assert.match(await sent(route), /^400 [^]*"field": "line"/);
  });

  test('has a title, one first heading, landmarks, names and contrast, by day and by night', async () => {
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await faultsOfAccess(page), [], colorScheme);
    }
  });

  test('asks under the key that was typed, once the shop has keys', async () => {
    const made = await fetch(`${shop.url}/v1/keys`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ name: 'docs', preset: 'admin' }) });
    const { secret } = await made.json();
    const route = await opened('get-v1-stats');
    assert.match(await sent(route), /^401 /);
    await page.getByLabel('Access key').fill(secret);
    assert.match(await sent(route), /^200 /);
    const command = await route.locator('.try-command').innerText();
    assert.ok(command.includes('$KEY') && !command.includes(secret), command);
  });
});
