// Shops with the client that openapi-typescript and openapi-fetch make of /openapi.json: `shop.js URL KEY`.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import createClient from 'openapi-fetch';
import type { components, paths } from './shop-api.js';

type Schemas = components['schemas'];

const [url, key] = process.argv.slice(2);
const shop = createClient<paths>({ baseUrl: url ?? '', headers: { authorization: `Bearer ${key}` } });
const once = () => ({ header: { 'Idempotency-Key': randomUUID() } });

/** What was answered, or the problem in its own words. */
function told<T>({ data, error }: { data?: T; error?: unknown }): T {
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
}

/** What a platform asked for; a protocol's answer may also be that there is none. */
function had<T extends object>(answer: T | Schemas['UcpErrorAnswer']): T {
  if (!('id' in answer)) throw new Error(JSON.stringify(answer));
  return answer as T;
}

const found: Schemas['SearchAnswer'] = told(await shop.GET('/v1/search', { params: { query: { q: 'lamp', filter: 'available = true', limit: 3 } } }));
const first: Schemas['Hit'] | undefined = found.hits[0];
assert.ok(first && found.total >= found.hits.length);
const { product } = first;
assert.ok('sku' in product && product.sku, 'hits hold cards unless whole documents are asked for');
const { sku } = product;

const suggested = told(await shop.GET('/v1/suggest', { params: { query: { q: 'lam' } } }));
assert.ok((suggested.products?.length ?? 0) > 0);

const recommended = told(await shop.GET('/v1/recommend/{kind}', { params: { path: { kind: 'popular' }, query: { limit: 4 } } }));
assert.ok((recommended.products?.length ?? 0) > 0);

const lines: Schemas['UcpLineRequest'][] = [{ item: { id: sku }, quantity: 1 }];
const cart = had<Schemas['UcpCart']>(told(await shop.POST('/ucp/v1/carts', { params: once(), body: { line_items: lines } })));
assert.equal(cart.line_items.length, 1);

const destination = { first_name: 'Ann', last_name: 'Lee', street_address: '1 Long Road', address_locality: 'Springfield', address_region: 'OR', postal_code: '97477', address_country: 'US' };
const opened: Schemas['UcpCheckoutRequest'] = {
  cart_id: cart.id,
  buyer: { email: 'ann@example.org' },
  fulfillment: { methods: [{ type: 'shipping', destinations: [destination] }] },
};
const checkout = had<Schemas['UcpCheckout']>(told(await shop.POST('/ucp/v1/checkout-sessions', { params: once(), body: opened })));
assert.equal(checkout.status, 'ready_for_complete');

const payment = { instruments: [{ id: 'card', handler_id: 'test', type: 'token', credential: { type: 'token', token: 'tok_success' } }] };
const done = had<Schemas['UcpCheckout']>(
  told(await shop.POST('/ucp/v1/checkout-sessions/{id}/complete', { params: { ...once(), path: { id: checkout.id } }, body: { payment } })),
);
assert.equal(done.status, 'completed');
assert.ok(done.order);
const order: Schemas['Order'] = told(await shop.GET('/v1/orders/{id}', { params: { path: { id: done.order.id } } }));
assert.equal(order.id, done.order.id);

const refused = await shop.GET('/v1/search', { params: { query: { limit: 9999 } } });
const problem: Schemas['Problem'] | undefined = refused.error;
assert.equal(refused.response.status, 400);
assert.equal(problem?.field, 'limit');
assert.ok(problem?.type?.startsWith('/docs#'));

console.log(`typescript: found ${found.total}, ordered ${order.id}, was refused ${problem?.field}`);
