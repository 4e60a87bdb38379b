// The cart's page.

import { loadCart, setLines, unitsIn } from './cart-store.js';
import { get } from './api.js';
import { picture } from './art.js';
import { productPath, shelves } from './card.js';
import { h, money, notice } from './dom.js';

const LABELS = { subtotal: 'Subtotal', discount: 'Discount', items_discount: 'Discount', fulfillment: 'Delivery', tax: 'Tax', fee: 'Fees', total: 'Total' };

export const totalOf = (totals, type) => totals.find((total) => total.type === type)?.amount ?? 0;

/** The totals of a cart, checkout session or order. */
export function totalsTable(totals, currency) {
  return h('dl', { class: 'totals' }, totals.map(({ type, display_text: text, amount }) => [
    h('dt', { class: type === 'total' ? 'totals-sum' : null }, text ?? LABELS[type] ?? type),
    h('dd', { class: type === 'total' ? 'totals-sum' : null }, type === 'fulfillment' && amount === 0 ? 'Free' : money(amount, currency))]));
}

/** The lines of a cart, checkout session or order, without controls. */
export function lineSummary(lines, currency) {
  return h('ul', { class: 'summary' }, lines.map(({ item, quantity, totals }) => {
    const count = typeof quantity === 'number' ? quantity : quantity.total;
    return h('li', {}, h('span', {}, `${count} × ${item.title}`), h('span', {}, money(totalOf(totals, 'subtotal') || item.price * count, currency)));
  }));
}

function line(cart, row, redraw) {
  const { id, item, quantity } = row;
  const change = async (next) => {
    const lines = cart.line_items.map((one) => one.id === id ? { ...one, quantity: next } : one).filter((one) => one.quantity > 0);
    await redraw(() => setLines(lines));
  };
  const art = h('div', { class: 'line-art' }, picture({ id: item.id, title: item.title }));
  const title = h('span', { class: 'line-title' }, item.title);
  const step = (text, label, next) => h('button', { class: 'step', 'aria-label': `${label} ${item.title}`, onclick: () => change(next) }, text);
  get('/v1/search', { filter: `sku = ${JSON.stringify(item.id)}`, limit: 1 }).then(({ hits }) => {
    if (!hits.length) return;
    art.replaceChildren(picture(hits[0].product));
    title.replaceChildren(h('a', { href: productPath(hits[0].id) }, item.title));
  }).catch(() => {});
  return h('li', { class: 'line' }, art,
    h('div', { class: 'line-text' }, title, h('p', { class: 'faint' }, `${money(item.price, cart.currency)} each`),
      h('div', { class: 'steps' }, step('−', 'One fewer of', quantity - 1), h('span', { 'aria-label': 'Quantity' }, quantity), step('+', 'One more of', quantity + 1), h('button', { class: 'link', onclick: () => change(0) }, 'Remove'))),
    h('p', { class: 'line-sum' }, money(item.price * quantity, cart.currency)));
}

function empty() {
  return [h('div', { class: 'nothing' }, h('p', { class: 'nothing-title' }, 'Your cart is empty.'), h('a', { class: 'button', href: '/search' }, 'Browse everything')), ...shelves([{ heading: 'Trending now', kind: 'trending' }])];
}

/** Shows the page. */
export async function cartPage(main) {
  const problemAt = h('div', {});
  const alike = shelves([{ heading: 'For you', kind: 'for_you', avoid: 'bought' }]);
  const draw = (cart) => {
    if (!cart || !cart.line_items.length) return main.replaceChildren(h('h1', {}, 'Cart'), ...empty());
    const redraw = async (action) => {
      problemAt.replaceChildren();
      try {
        draw(await action());
      } catch (problem) {
        problemAt.replaceChildren(notice(problem));
      }
    };
    const units = unitsIn(cart);
    return main.replaceChildren(
      h('h1', {}, 'Cart'), problemAt,
      h('div', { class: 'two' },
        h('ul', { class: 'lines' }, cart.line_items.map((row) => line(cart, row, redraw))),
        h('aside', { class: 'sum', 'aria-label': 'Order summary' }, h('h2', {}, `${units} ${units === 1 ? 'unit' : 'units'}`), totalsTable(cart.totals, cart.currency),
          h('a', { class: 'button button-wide', href: '/checkout' }, 'Check out'), h('p', { class: 'faint' }, 'Stock is reserved when you pay.'))),
      ...alike);
  };
  draw(await loadCart());
}
