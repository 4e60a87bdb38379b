// The cart on the server, and its name in this browser.

import { call, session, shopper, track, write } from './api.js';

const KEY = 'cart';
const COUPONS = 'coupons';
let cart = null;
const listeners = new Set();

function remember(next) {
  cart = next;
  if (next) {
    localStorage.setItem(KEY, next.id);
  } else {
    localStorage.removeItem(KEY);
    localStorage.removeItem(COUPONS);
  }
  listeners.forEach((listener) => listener(cart));
  return cart;
}

/** Calls back now and whenever the cart changes. */
export function onCart(listener) {
  listeners.add(listener);
  listener(cart);
}

export const unitsIn = (current) => (current?.lines ?? []).reduce((sum, line) => sum + line.quantity, 0);

const pathOf = (id) => `/v1/carts/${encodeURIComponent(id)}`;

/** The cart as the server has it; null when there is none. */
export async function loadCart() {
  const id = localStorage.getItem(KEY);
  if (!id) return remember(null);
  try {
    return remember(await call('GET', pathOf(id)));
  } catch (problem) {
    if (problem.status === 404) return remember(null);
    throw problem;
  }
}

/** Puts units of a SKU into the cart. */
export async function addToCart(product, sku, quantity, source) {
  const current = cart ?? (await loadCart());
  track('add_to_cart', product.id, { ...source, quantity });
  if (current) return remember(await write('POST', `${pathOf(current.id)}/lines`, { sku, quantity }));
  return remember(await write('POST', '/v1/carts', { lines: [{ sku, quantity }], buyer: { shopper, session } }));
}

const linePath = (line) => `${pathOf(cart.id)}/lines/${encodeURIComponent(line.id)}`;

/** Changes how many units of a line are wanted; none takes it out. */
export async function setQuantity(line, quantity) {
  return remember(await (quantity > 0 ? write('PATCH', linePath(line), { quantity }) : write('DELETE', linePath(line))));
}

/** Takes a line out of the cart or out of what is kept for later. */
export async function removeLine(line) {
  return remember(await write('DELETE', linePath(line)));
}

/** Keeps a line for later, or brings it back. */
export async function moveLine(line, saved) {
  return remember(await write('POST', `${linePath(line)}/move`, { saved }));
}

/** The coupon codes of the cart: the server counts with them and does not tell them again. */
export const coupons = () => JSON.parse(localStorage.getItem(COUPONS) ?? '[]');

/** Counts with these codes; a code that gives nothing is refused and not kept. */
export async function setCoupons(codes) {
  const answer = await write('PUT', `${pathOf(cart.id)}/claims`, { coupons: codes });
  const refused = answer.refused ?? [];
  const isRefused = (code) => refused.some((one) => one.code.toUpperCase() === code.toUpperCase());
  const kept = codes.filter((code) => !isRefused(code));
  if (refused.length) await write('PUT', `${pathOf(cart.id)}/claims`, { coupons: kept });
  localStorage.setItem(COUPONS, JSON.stringify(kept));
  await loadCart();
  return refused;
}

/** The products that lines are of, by SKU. */
export async function productsOf(skus) {
  if (!skus.length) return new Map();
  const searches = skus.map((sku) => ({ key: sku, filter: `sku = ${JSON.stringify(sku)}`, limit: 1 }));
  const answers = await Promise.all(parts(searches).map((part) => call('POST', '/v1/multi-search', { searches: part })));
  return new Map(answers.flatMap(({ results }) => results).filter(({ answer }) => answer?.hits.length).map(({ key, answer }) => [key, answer.hits[0].product]));
}

/** Searches in one request at most. */
const SEARCHES_MAX = 16;
const parts = (all) => Array.from({ length: Math.ceil(all.length / SEARCHES_MAX) }, (_, index) => all.slice(index * SEARCHES_MAX, (index + 1) * SEARCHES_MAX));

/** Forgets the cart: it has become an order. */
export function forgetCart() {
  remember(null);
}

