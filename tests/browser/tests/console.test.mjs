// An administrator runs the shop from the console: logs in, watches, merchandises, adjusts stock, looks after orders, keys and generations.
// What the pages show is compared with what the interface says to a key of its own.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { shot, startBrowser } from '../support/browser.mjs';
import { authenticator, isSigned } from '../support/codes.mjs';
import { startReceiver } from '../support/receiver.mjs';
import { startShop } from '../support/shop.mjs';
import { until as wait } from '../support/wait.mjs';

const NAME = 'ada';
const PASSWORD = 'a long password for a test';
const RULE = 'lamps-of-the-week';
/** A generation is built in a second or two; by a binary without optimisation on a busy machine, in minutes. */
const BUILD_MS_MAX = 900_000;
/** What is answered while nobody is logged in, or somebody typed a wrong password. */
const EXPECTED_FAULT = /401/;

/** What a supplier's server has. */
const FEED = 'id,title,price\nzeppelin-1,Zeppelin mobile,12.50\nzeppelin-2,Zeppelin kite,19.00\n';

let shop, browser, page, secret, order, receiver;

function run(...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.env.SHOPKEEPER, ['--shop', shop.folder, ...args], { stdio: ['pipe', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (text) => { said += text; });
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(said))));
    child.stdin.end(PASSWORD);
  });
}

/** Asks the interface, with the key once there is one. */
async function ask(method, path, body, headers = {}) {
  const options = { method, headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID(), ...(secret ? { authorization: `Bearer ${secret}` } : {}), ...headers } };
  if (body) options.body = JSON.stringify(body);
  const answer = await fetch(shop.url + path, options);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

const until = (what, is) => wait(what, is, { page });

/** Buys something, as a shopper's client does. */
async function buy() {
  const agent = { 'ucp-agent': 'profile="https://shopper.example/profile"' };
  const { hits } = await ask('GET', '/v1/search?q=kettle&limit=1&filter=available%20%3D%20true');
  const buyer = { email: 'ann@example.org', first_name: 'Ann', last_name: 'Lee' };
  const address = { first_name: 'Ann', last_name: 'Lee', street_address: '1 Long Road', address_locality: 'Springfield', address_region: 'OR', postal_code: '97477', address_country: 'US' };
  const fulfillment = { methods: [{ type: 'shipping', destinations: [address] }] };
  const lines = [{ item: { id: hits[0].product.sku }, quantity: 1 }];
  const checkout = await ask('POST', '/ucp/v1/checkout-sessions', { line_items: lines, buyer, fulfillment }, agent);
  const payment = { instruments: [{ id: 'card', handler_id: 'test', type: 'token', selected: true, credential: { type: 'token', token: 'tok_success' } }] };
  const done = await ask('POST', `/ucp/v1/checkout-sessions/${checkout.id}/complete`, { payment }, agent);
  return done.order.id;
}

const log = async (password, code = '') => {
  await page.getByLabel('Name', { exact: true }).fill(NAME);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('Code', { exact: true }).fill(code);
  await page.getByRole('button', { name: 'Log in' }).click();
};
const open = (name) => page.getByRole('navigation', { name: 'Console' }).getByRole('link', { name, exact: true }).click();
const dialog = () => page.getByRole('dialog');

/** Waits until a form shows which field the shop refused, and takes note of it: the browser's own words, and the answer's. */
async function complained() {
  await page.locator('[aria-invalid]').waitFor();
  await until('the refusal is noted', async () => page.faults.length >= 2 && page.faults.some((fault) => fault.startsWith('400 ')));
  page.faults.length = 0;
}

before(async () => {
  receiver = await startReceiver({ '/feed.csv': FEED });
  const config = `[webhooks]\nallow = ["${receiver.address}"]\n[[feeds]]\nname = "supplier"\nsource = "http://${receiver.address}/feed.csv"\ncurrency = "USD"\n`;
  [shop, browser] = await Promise.all([startShop({ config }), startBrowser()]);
  order = await buy();
  page = await browser.page({ width: 1440 });
  page.setDefaultTimeout(60_000);
});

after(async () => {
  await Promise.all([browser?.stop(), shop?.stop()]);
  await receiver?.stop();
});

describe('the console', () => {
  test('says how to close a shop that answers everybody', async () => {
    await page.goto(`${shop.url}/console`);
    await page.getByText('Nobody has to log in').waitFor();
    await page.getByText('admins create NAME').first().waitFor();
  });

  test('lets an administrator in with the right password only', async () => {
    await run('admins', 'create', NAME, '--password-stdin');
    // Nobody gets in without from the first key on.
    secret = (await ask('POST', '/v1/keys', { name: 'the test', preset: 'admin' })).secret;
    await page.goto(`${shop.url}/console`);
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await log('not the password at all');
    await page.getByRole('alert').filter({ hasText: 'not right' }).waitFor();
    await shot(page, 'console-login');
    await log(PASSWORD);
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
  });

  test('shows numbers that move', async () => {
    const requests = page.getByRole('region', { name: 'Requests per second' });
    await until('two readings are drawn', async () => /L/.test(await requests.locator('path.line').getAttribute('d') ?? ''));
    const first = await requests.locator('path.line').getAttribute('d');
    assert.match(await requests.locator('.chart-value').innerText(), /\d/);
    await ask('GET', '/v1/search?q=lamp');
    const latency = page.getByRole('region', { name: 'Search latency' });
    await until('a search is measured', async () => /p99 [\d.,]+ ms/.test(await latency.locator('.chart-value').innerText()));
    await until('the line goes on', async () => (await requests.locator('path.line').getAttribute('d')) !== first);
    await until('stock-outs are counted', async () => /\d/.test(await page.getByRole('region', { name: 'Products sold out' }).locator('.chart-value').innerText()));
    await shot(page, 'console-dashboard');
  });

  test('says why one hit stands above another', async () => {
    await open('Search and ranking');
    await page.getByLabel('Words').fill('desk lamp');
    await page.getByRole('button', { name: 'Compare' }).click();
    const column = page.getByRole('region', { name: /^A:/ });
    await column.getByText('Why above the next?').first().click();
    assert.match(await column.locator('.why').innerText(), /More|matches better|equal|bought|rule|lower/);
    await column.locator('summary').first().click();
    const { hits } = await ask('GET', '/v1/search?q=desk+lamp&limit=1&explain=true&personalize=false');
    await until('its parts are listed', async () => (await column.locator('.parts').first().locator('tbody tr').count()) === hits[0].explain.contributions.length);
    await shot(page, 'console-ranking');
  });

  test('previews a rule, saves it, and the search obeys', async () => {
    const { hits } = await ask('GET', '/v1/search?q=lamp&limit=12&filter=available%20%3D%20true');
    const last = hits.at(-1).id;
    await open('Rules');
    await page.getByRole('link', { name: 'New rule' }).click();
    await page.getByLabel('Name', { exact: true }).fill(RULE);
    await page.getByLabel('For exactly').fill('lamp');
    await page.getByLabel('Products first, in this order').fill(last);
    await page.getByLabel('Search for', { exact: true }).fill('lamp');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByRole('row').filter({ hasText: last }).getByText('place 1', { exact: true }).waitFor();
    assert.notEqual((await ask('GET', '/v1/search?q=lamp&limit=1')).hits[0].id, last, 'a preview changes nothing');
    await page.getByLabel('Factor').first().fill('0.5');
    await page.getByLabel('And those that pass').first().fill('brand =');
    page.faults.length = 0;
    await page.getByRole('button', { name: 'Create the rule' }).click();
    await complained();
    await page.getByLabel('Factor').first().fill('');
    await page.getByLabel('And those that pass').first().fill('');
    await page.getByRole('button', { name: 'Create the rule' }).click();
    await page.getByRole('heading', { name: RULE }).waitFor();
    await page.getByText(`by admin:${NAME}`).waitFor();
    await shot(page, 'console-rule');
    await until('it holds', async () => (await ask('GET', '/v1/search?q=lamp&limit=1')).hits[0].id === last);
  });

  test('teaches the search a word and lets it forget', async () => {
    const found = async () => (await ask('GET', '/v1/search?q=zorblax&spelling=off')).total;
    assert.equal(await found(), 0);
    await open('Synonyms');
    await page.getByRole('link', { name: 'New synonym' }).click();
    await page.getByLabel('Name', { exact: true }).fill('made-up');
    await page.getByLabel('Who types').fill('zorblax');
    page.faults.length = 0;
    await page.getByRole('button', { name: 'Create the synonym' }).click();
    await complained();
    await page.getByLabel('finds as well').fill('kettle');
    await page.getByRole('button', { name: 'Create the synonym' }).click();
    await page.getByRole('heading', { name: 'made-up' }).waitFor();
    await page.getByText(`by admin:${NAME}`).waitFor();
    await shot(page, 'console-synonym');
    const kettles = (await ask('GET', '/v1/search?q=kettle&spelling=off')).total;
    await until('it finds kettles', async () => (await found()) === kettles || `${await found()} of ${kettles}`);
    await page.getByRole('button', { name: 'Remove' }).click();
    await dialog().getByRole('button', { name: 'Remove' }).click();
    await page.getByText('There are no synonyms yet.').waitFor();
    await until('it finds nothing again', async () => (await found()) === 0);
  });

  test('drafts an experiment, looks at its arm, starts it, reads its report and stops it', async () => {
    await open('Experiments');
    await page.getByRole('link', { name: 'New experiment' }).click();
    await page.getByLabel('Name', { exact: true }).fill('words-only');
    await page.getByLabel('Name of the arm').fill('text');
    page.faults.length = 0;
    await page.getByRole('button', { name: 'Create the experiment' }).click();
    await page.locator('.notice-bad').filter({ hasText: 'says nothing to change' }).waitFor();
    page.faults.length = 0;
    await page.getByLabel('Mode').selectOption('text');
    await page.getByLabel('Weights of ranking').fill('title_phrase = 0.6');
    await page.getByRole('button', { name: 'Create the experiment' }).click();
    await page.getByRole('heading', { name: 'words-only' }).waitFor();
    assert.deepEqual((await ask('GET', '/v1/experiments/words-only')).arms[1].overrides, { weights: { features: { title_phrase: 0.6 } }, mode: 'text' });
    await shot(page, 'console-experiment');
    await page.getByRole('link', { name: 'Search as in text' }).click();
    await page.getByLabel('Words').fill('desk lamp');
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByRole('region', { name: 'B: as in the arm words-only:text' }).getByText('found in').waitFor();
    await open('Experiments');
    await page.getByRole('link', { name: 'words-only' }).click();
    await page.getByRole('button', { name: 'Start' }).click();
    await dialog().getByRole('button', { name: 'Start' }).click();
    await page.getByText('Nobody has been counted yet.').waitFor();
    for (let visitor = 0; visitor < 12; visitor += 1) await ask('GET', `/v1/search?q=lamp&session_id=visitor-${visitor}`);
    await until('twelve are counted', async () => (await ask('GET', '/v1/experiments/words-only/report')).visitors === 12);
    await page.getByRole('button', { name: 'Read it again' }).click();
    await page.getByText('Too early to tell').waitFor();
    assert.ok(await page.locator('.interval').count() > 0, 'intervals are drawn');
    await shot(page, 'console-experiment-report');
    await page.getByRole('button', { name: 'Stop' }).click();
    await dialog().getByRole('button', { name: 'Stop' }).click();
    await page.getByText('stopped', { exact: true }).first().waitFor();
    assert.equal((await ask('GET', '/v1/search?q=lamp&session_id=visitor-1')).experiments, undefined);
  });

  test('adjusts the stock of a variant', async () => {
    await open('Products and stock');
    await page.getByLabel('Words, id, SKU or GTIN').fill('kettle');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByRole('region', { name: 'Products' }).getByRole('link').first().click();
    const level = page.locator('[id^="on-hand-"]').first();
    await level.waitFor();
    const [, sku, location] = (await level.getAttribute('id')).match(/^on-hand-(\S+?-\d+-\d+)-(.+)$/);
    const beforeIt = Number((await level.innerText()).replace(/\D/g, ''));
    await page.getByLabel('Units').first().fill('7');
    await page.getByRole('button', { name: 'Change the stock' }).first().click();
    await until('the level is shown', async () => Number((await level.innerText()).replace(/\D/g, '')) === beforeIt + 7);
    const { locations } = await ask('GET', `/v1/inventory?sku=${sku}`);
    assert.equal(locations.find((one) => one.location === location).on_hand, beforeIt + 7);
    await shot(page, 'console-product');
  });

  test('shows an order with what the journal says of it, and cancels it once asked twice', async () => {
    await open('Orders');
    await page.getByRole('region', { name: 'Orders' }).getByRole('link').first().click();
    await page.getByText(order, { exact: true }).waitFor();
    await page.locator('.history li').first().waitFor();
    await shot(page, 'console-order');
    await page.getByRole('button', { name: 'Cancel the order' }).click();
    await dialog().getByRole('button', { name: 'Go back' }).click();
    assert.equal((await ask('GET', `/v1/orders/${order}`)).status, 'placed');
    await page.getByRole('button', { name: 'Cancel the order' }).click();
    await dialog().getByLabel('Why').fill('changed their mind');
    await dialog().getByRole('button', { name: 'Cancel the order' }).click();
    await until('it is canceled', async () => (await ask('GET', `/v1/orders/${order}`)).status === 'canceled');
    await page.getByText('changed their mind').first().waitFor();
  });

  test('sends an order and gives a part of its money back', async () => {
    const sold = await buy();
    await page.goto(`${shop.url}/console/orders/${sold}`);
    await page.getByRole('button', { name: 'Ship all that is left' }).click();
    await dialog().getByRole('button', { name: 'Ship' }).click();
    const refund = page.getByRole('button', { name: 'Refund', exact: true });
    await until('what was held is captured', async () => {
      await page.reload();
      await page.locator('.history li').first().waitFor();
      return (await refund.count()) === 1;
    });
    await refund.click();
    const amount = dialog().getByLabel('Amount in USD');
    const [before] = (await ask('GET', `/v1/orders/${sold}/payments`)).payments;
    assert.equal(Number(await amount.inputValue()) * 100, before.refundable.amount_minor, 'all of it is offered');
    await amount.fill('a little');
    page.faults.length = 0;
    await dialog().getByRole('button', { name: 'Refund' }).click();
    await complained();
    await amount.fill('1.5');
    await dialog().getByRole('button', { name: 'Refund' }).click();
    await until('a dollar and a half went back', async () => (await ask('GET', `/v1/orders/${sold}/payments`)).payments[0].refunded.amount_minor === 150);
    await page.reload();
    await page.getByText('partially refunded').first().waitFor();
    await shot(page, 'console-refund');
  });

  test('shows the secret of a new key once', async () => {
    await open('Keys');
    await page.getByLabel('Name', { exact: true }).fill('shop page');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const made = await dialog().locator('.secret').innerText();
    assert.match(made, /^sk_/);
    const known = await fetch(`${shop.url}/v1/search?q=lamp&limit=1`, { headers: { authorization: `Bearer ${made}` } });
    assert.equal(known.status, 200);
    await dialog().getByRole('button', { name: 'I have it' }).click();
    await page.getByRole('row').filter({ hasText: 'shop page' }).waitFor();
    assert.ok(!(await page.content()).includes(made));
    await open('Audit log');
    await page.getByRole('row').filter({ hasText: `admin:${NAME}` }).filter({ hasText: 'key created' }).waitFor();
    await shot(page, 'console-audit');
  });

  test('builds a generation, promotes it and goes back', async () => {
    await open('Generations');
    const live = async () => (await ask('GET', '/v1/generations')).live;
    const first = await live();
    await page.getByRole('button', { name: 'Build a generation' }).click();
    await page.getByRole('button', { name: 'Promote' }).first().waitFor({ timeout: BUILD_MS_MAX });
    await shot(page, 'console-generations');
    const built = await live();
    if (built === first) {
      await page.getByRole('button', { name: 'Promote' }).first().click();
      await dialog().getByRole('button', { name: 'Promote' }).click();
      await until('another one is live', async () => (await live()) !== first);
    }
    await page.getByRole('button', { name: 'Go back to the one before' }).click();
    await dialog().getByRole('button', { name: 'Go back' }).last().click();
    await until('the first one is live again', async () => (await live()) === first || `${await live()}`);
  });

  test('makes an endpoint, which is told what happens under the secret that was shown once', async () => {
    await open('Webhooks and connectors');
    await page.getByLabel('Address').fill(`http://${receiver.address}/hook`);
    await page.getByRole('button', { name: 'Make the endpoint' }).click();
    const shown = await dialog().locator('.secret').innerText();
    await dialog().getByRole('button', { name: 'I have it' }).click();
    await page.getByRole('heading', { name: `http://${receiver.address}/hook` }).waitFor();
    assert.ok(!(await page.content()).includes(shown));
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.locator('#toast').filter({ hasText: /Answered 200 in \d+ ms/ }).waitFor();
    await buy();
    await until('the order is told', async () => receiver.told.some(({ body }) => body.includes('order_placed')) || `${receiver.told.map(({ body }) => body)}`);
    assert.ok(receiver.told.every((message) => isSigned(shown, message)), 'every message is signed');
    await page.reload();
    await page.getByRole('row').filter({ hasText: 'success' }).first().waitFor();
    await shot(page, 'console-webhook');
    await page.getByRole('button', { name: 'Switch off' }).click();
    await page.getByText('disabled', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Remove' }).click();
    await dialog().getByRole('button', { name: 'Remove' }).click();
    await page.getByText('No endpoints.').waitFor();
  });

  test('shows what a feed brought, and looks at it when it is asked to', async () => {
    await open('Webhooks and connectors');
    const row = page.getByRole('region', { name: 'Feeds' }).getByRole('row').filter({ hasText: 'supplier' });
    await row.getByRole('button', { name: 'Look' }).click();
    await row.getByText('unchanged; before: 2 taken').waitFor();
    await shot(page, 'console-feeds');
    await until('what it brought is found', async () => (await ask('GET', '/v1/search?q=zeppelin&mode=text')).total === 2);
  });

  test('asks for the code of an app once one is enrolled', async () => {
    const account = () => page.getByRole('link', { name: NAME }).click();
    await account();
    await page.getByRole('button', { name: 'Enrol an app' }).click();
    const code = authenticator(await page.getByLabel('Secret').innerText());
    const right = code();
    await page.getByLabel('Code', { exact: true }).fill(String((Number(right) + 1) % 1_000_000).padStart(6, '0'));
    page.faults.length = 0;
    await page.getByRole('button', { name: 'Confirm' }).click();
    await complained();
    await page.getByLabel('Code', { exact: true }).fill(right);
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('Your logins need a code.', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await log(PASSWORD);
    await page.getByRole('alert').filter({ hasText: 'not right' }).waitFor();
    await log(PASSWORD, code());
    await account();
    await page.getByLabel('Code', { exact: true }).fill(code());
    await page.getByRole('button', { name: 'Remove the app' }).click();
    await page.getByRole('button', { name: 'Enrol an app' }).waitFor();
  });

  test('shows nothing to who has logged out', async () => {
    await page.getByRole('link', { name: NAME }).click();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.goto(`${shop.url}/console/orders`);
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    assert.equal(await page.getByRole('navigation', { name: 'Console' }).getByRole('link').count(), 0);
  });

  test('nothing else failed on the way', () => {
    assert.deepEqual(page.faults.filter((fault) => !EXPECTED_FAULT.test(fault)), []);
  });
});
