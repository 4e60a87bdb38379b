// The cart on the server, and its name in this browser.

import { call, session, shopper, track, write } from './api.js';

const KEY = 'cart';
let cart = null;
const listeners = new Set();

function remember(next) {
  cart = next;
  if (next) localStorage.setItem(KEY, next.id);
  else localStorage.removeItem(KEY);
  listeners.forEach((listener) => listener(cart));
  return cart;
}

/** Calls back now and whenever the cart changes. */
export function onCart(listener) {
  listeners.add(listener);
  listener(cart);
}

export const unitsIn = (current) => (current?.line_items ?? []).reduce((sum, line) => sum + line.quantity, 0);

/** The cart as the server has it; null when there is none. */
export async function loadCart() {
  const id = localStorage.getItem(KEY);
  if (!id) return remember(null);
  try {
    return remember(await call('GET', `/ucp/v1/carts/${encodeURIComponent(id)}`));
  } catch (problem) {
    if (problem.status === 404) return remember(null);
    throw problem;
  }
}

const asLines = (lines) => lines.map(({ id, item, quantity }) => ({ ...(id ? { id } : {}), item: { id: item.id }, quantity }));
const buyer = { shopper_id: shopper, session_id: session };

/** Puts units of a SKU into the cart. */
export async function addToCart(product, sku, quantity, source) {
  const current = cart ?? (await loadCart());
  const lines = asLines(current?.line_items ?? []);
  const same = lines.find(({ item }) => item.id === sku);
  if (same) same.quantity += quantity;
  else lines.push({ item: { id: sku }, quantity });
  track('add_to_cart', product.id, { ...source, quantity });
  if (!current) return remember(await write('POST', '/ucp/v1/carts', { line_items: lines, buyer }));
  return setLines(lines);
}

/** Replaces all lines. */
export async function setLines(lines) {
  return remember(await write('PUT', `/ucp/v1/carts/${encodeURIComponent(cart.id)}`, { id: cart.id, line_items: asLines(lines) }));
}

/** Forgets the cart: it has become an order. */
export function forgetCart() {
  remember(null);
}
