// The cart's page: what is bought, what is kept for later, coupons, and what it comes to.

import { coupons, loadCart, moveLine, productsOf, removeLine, setCoupons, setQuantity, unitsIn } from './cart-store.js';
import { picture } from './art.js';
import { productPath, shelves } from './card.js';
import { announce, h, money, notice } from './dom.js';
import { listOf, totalsTable } from './sums.js';

const UNITS_MAX = 999;

const unitsText = (units) => `${units} ${units === 1 ? 'unit' : 'units'}`;

/** A line with its picture and a link, once its product is known. */
function row(line, product, ...controls) {
  const name = product ? h('a', { href: `${productPath(product.id)}?${new URLSearchParams({ sku: line.sku })}` }, line.title) : line.title;
  return h('li', { class: 'line', 'data-sku': line.sku },
    h('div', { class: 'line-art' }, picture(product ?? { id: line.sku, title: line.title })),
    h('div', { class: 'line-text' }, h('span', { class: 'line-title' }, name), h('p', { class: 'faint' }, `${money(line.unit_price.amount_minor, line.unit_price.currency)} each`),
      product && !product.available && h('p', { class: 'stock stock-none' }, 'Sold out'), controls),
    h('p', { class: 'line-sum' }, money(line.unit_price.amount_minor * line.quantity, line.unit_price.currency)));
}

function bought(line, product, act) {
  const named = (action) => `${action} ${line.title}`;
  const change = (next) => act(() => setQuantity(line, next), `units ${line.id}`);
  const step = (key, text, label, next) => h('button', { class: 'step', 'data-key': `${key} ${line.id}`, 'aria-label': named(label), onclick: () => act(() => setQuantity(line, next), `${key} ${line.id}`) }, text);
  const units = h('input', { class: 'units', type: 'number', min: 0, max: UNITS_MAX, inputmode: 'numeric', value: line.quantity, 'data-key': `units ${line.id}`, 'aria-label': named('Units of'), onchange: () => change(Math.min(UNITS_MAX, Math.max(0, Math.round(Number(units.value) || 0)))) });
  return row(line, product, h('div', { class: 'steps' }, step('fewer', '−', 'One fewer of', line.quantity - 1), units, step('more', '+', 'One more of', line.quantity + 1)),
    h('div', { class: 'line-links' }, h('button', { class: 'link', 'aria-label': named('Save for later:'), onclick: () => act(() => moveLine(line, true), 'head') }, 'Save for later'),
      h('button', { class: 'link', 'aria-label': named('Remove'), onclick: () => act(() => removeLine(line), 'head') }, 'Remove')));
}

function saved(line, product, act) {
  return row(line, product, h('div', { class: 'line-links' }, h('button', { class: 'link', 'aria-label': `Move to cart: ${line.title}`, onclick: () => act(() => moveLine(line, false), 'head') }, 'Move to cart'),
    h('button', { class: 'link', 'aria-label': `Remove ${line.title}`, onclick: () => act(() => removeLine(line), 'head') }, 'Remove')));
}

/** Codes in force, and a field for another. */
function couponBox(refused, act) {
  const field = h('input', { id: 'coupon', name: 'code', maxlength: 40, autocomplete: 'off', autocapitalize: 'characters', 'data-key': 'coupon', 'aria-describedby': refused ? 'coupon-problem' : null, 'aria-invalid': refused ? 'true' : null });
  const form = h('form', { class: 'coupon' }, h('label', { for: 'coupon' }, 'Coupon code'), h('div', { class: 'coupon-row' }, field, h('button', { class: 'button-quiet' }, 'Apply')),
    refused && h('p', { class: 'field-problem', id: 'coupon-problem', role: 'alert' }, refused));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const code = field.value.trim().toUpperCase();
    if (code) act(() => setCoupons([...new Set([...coupons(), code])]), 'coupon');
  });
  const chip = (code) => h('button', { class: 'chip', 'aria-label': `Remove coupon ${code}`, onclick: () => act(() => setCoupons(coupons().filter((one) => one !== code)), 'coupon') }, code, h('span', { 'aria-hidden': 'true' }, ' ×'));
  return [coupons().length > 0 && h('div', { class: 'chips', role: 'group', 'aria-label': 'Coupons' }, coupons().map(chip)), form];
}

function empty() {
  return h('div', { class: 'nothing' }, h('p', { class: 'nothing-title' }, 'Your cart is empty.'), h('a', { class: 'button', href: '/search' }, 'Browse everything'));
}

const waiting = () => Array.from({ length: 2 }, () => h('li', { class: 'line', 'aria-hidden': 'true' }, h('div', { class: 'line-art bar' }), h('div', { class: 'line-text' }, h('div', { class: 'bar' }), h('div', { class: 'bar bar-short' }))));

/** Shows the page. */
export async function cartPage({ main, isCurrent }) {
  const heading = h('h1', { tabindex: '-1', 'data-key': 'head' }, 'Cart');
  const body = h('div', {}, h('div', { class: 'two' }, h('ul', { class: 'lines' }, waiting()), h('aside', { class: 'sum', 'aria-hidden': 'true' }, h('div', { class: 'bar' }), h('div', { class: 'bar bar-short' }))));
  const problemAt = h('div', {});
  main.replaceChildren(heading, problemAt, body);
  let refused = '';

  /** Does something to the cart and shows it as it then is, with the focus where it was. */
  const act = async (action, focusKey) => {
    problemAt.replaceChildren();
    refused = '';
    try {
      const answer = await action();
      if (Array.isArray(answer) && answer.length) refused = answer.map(({ code, detail }) => `${code}: ${detail}`).join(' ');
      await draw(await loadCart());
    } catch (problem) {
      if (problem.field?.startsWith('coupons')) refused = problem.detail;
      else problemAt.replaceChildren(notice(problem));
      await draw(await loadCart().catch(() => null));
    }
    main.querySelector(`[data-key="${CSS.escape(focusKey)}"]`)?.focus({ preventScroll: true });
  };

  const draw = async (cart) => {
    const all = [...(cart?.lines ?? []), ...(cart?.saved ?? [])];
    const products = await productsOf([...new Set(all.map(({ sku }) => sku))]).catch(() => new Map());
    if (!isCurrent()) return;
    const units = unitsIn(cart);
    announce(units ? `${unitsText(units)} in the cart, ${money(cart.totals.total.amount_minor, cart.currency)}` : 'The cart is empty');
    body.replaceChildren(
      !units ? empty() : h('div', { class: 'two' },
        h('ul', { class: 'lines', 'aria-label': 'In the cart' }, cart.lines.map((line) => bought(line, products.get(line.sku), act))),
        h('aside', { class: 'sum', 'aria-label': 'Order summary' }, h('h2', {}, unitsText(units)), totalsTable(listOf(cart.totals), cart.currency), couponBox(refused, act),
          h('a', { class: 'button button-wide', href: '/checkout' }, 'Check out'), h('p', { class: 'faint' }, 'Stock is reserved when you pay.'))),
      cart?.saved.length ? h('section', { class: 'block' }, h('h2', {}, 'Saved for later'), h('ul', { class: 'lines' }, cart.saved.map((line) => saved(line, products.get(line.sku), act)))) : '');
  };
  const cart = await loadCart();
  await draw(cart);
  if (isCurrent()) main.append(shelves(cart?.lines.length ? [{ heading: 'For you', kind: 'for_you', avoid: 'bought' }] : [{ heading: 'Trending now', kind: 'trending' }]));
}
