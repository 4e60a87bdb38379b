// One product's own page: forms to choose from, what is in stock and when, what goes with it.

import { get, track } from './api.js';
import { picture } from './art.js';
import { addToCart } from './cart-store.js';
import { shelves } from './card.js';
import { announce, day, h, labelOf, notice, priceTag, stars, toast, written } from './dom.js';
import { categoryPath } from './home.js';
import { colourOf, variantChoices } from './variants.js';

const LOW_UNITS = 6;
const QUANTITIES = [1, 2, 3, 4, 5, 6, 8, 10];
const SHELVES = [
  { heading: 'Bought together', kind: 'bought_together' }, { heading: 'Goes well with it', kind: 'complement' },
  { heading: 'Bought in the end', kind: 'viewed_then_bought' }, { heading: 'Others also viewed', kind: 'also_viewed' },
  { heading: 'Instead of it', kind: 'substitute' }, { heading: 'Similar', kind: 'similar' },
];

function cameFrom(id) {
  try {
    return JSON.parse(sessionStorage.getItem(`from ${id}`)) ?? {};
  } catch {
    return {};
  }
}

function stockLine(units) {
  if (units === undefined) return h('p', { class: 'stock stock-low' }, 'Not for sale yet');
  if (units <= 0) return h('p', { class: 'stock stock-none' }, 'Sold out');
  if (units < LOW_UNITS) return h('p', { class: 'stock stock-low' }, `Only ${units} left`);
  return h('p', { class: 'stock' }, 'In stock');
}

const offerOf = (variant) => variant.offers?.find((offer) => !offer.marketplace) ?? variant.offers?.[0];

/** When so many units of it can leave, in words. */
async function promiseOf(sku, quantity) {
  const { promised_at_ms: at } = await get(`/v1/inventory/${encodeURIComponent(sku)}/promise`, { quantity });
  if (at === null) return '';
  return at <= Date.now() + 60_000 ? 'Ready to ship today' : `Ships from ${day(at)}`;
}

/** Choosing a form and a quantity, and buying it. */
function buyBox({ product, units, source, first, chose }) {
  let variant = first;
  const [priceAt, stockAt, problemAt] = [h('div', { class: 'buy-price' }), h('div', { class: 'buy-stock' }), h('div', {})];
  const promiseAt = h('p', { class: 'promise' });
  const skuAt = h('p', { class: 'faint' });
  const quantity = h('select', { id: 'quantity', onchange: () => promise() });
  const add = h('button', { class: 'button button-wide', onclick: () => put() });

  const promise = async () => {
    const asked = variant;
    const text = units.get(asked.sku) > 0 ? await promiseOf(asked.sku, Number(quantity.value)).catch(() => '') : '';
    if (asked === variant) promiseAt.textContent = text;
  };

  const draw = () => {
    const offer = offerOf(variant);
    const stated = units.get(variant.sku);
    const left = stated ?? 0;
    priceAt.replaceChildren(priceTag(offer?.price, offer?.list_price));
    stockAt.replaceChildren(stockLine(stated));
    quantity.replaceChildren(...QUANTITIES.filter((count) => count <= Math.max(left, 1)).map((count) => h('option', { value: count }, count)));
    quantity.disabled = left <= 0;
    add.disabled = left <= 0 || !offer;
    add.textContent = left > 0 ? 'Add to cart' : stated === undefined ? 'Not for sale yet' : 'Sold out';
    skuAt.textContent = `SKU ${variant.sku}`;
    promise();
  };

  const put = async () => {
    add.disabled = true;
    problemAt.replaceChildren();
    try {
      await addToCart(product, variant.sku, Number(quantity.value), source);
      toast('Added to your cart. ', h('a', { href: '/cart' }, 'View cart'));
    } catch (problem) {
      problemAt.replaceChildren(notice(problem));
    }
    add.disabled = false;
  };

  const choices = variantChoices(product.variants, first, ({ sku }) => units.get(sku) > 0, (next) => {
    variant = next;
    draw();
    chose(next);
    announce(`${priceAt.textContent}, ${stockAt.textContent}`);
  });
  draw();
  return h('div', { class: 'buy' }, priceAt, choices, h('div', { class: 'buy-state' }, stockAt, promiseAt),
    h('div', { class: 'buy-row' }, h('label', { class: 'hidden', for: 'quantity' }, 'Quantity'), quantity, add), problemAt, skuAt);
}

function details(product) {
  const rows = Object.entries(product.attributes ?? {}).map(([name, value]) => [h('dt', {}, labelOf(name)), h('dd', {}, written(value))]);
  return [
    product.description && h('section', { class: 'about' }, h('h2', {}, 'About it'), product.description.split(/\n+/).map((paragraph) => h('p', {}, paragraph))),
    rows.length ? h('section', { class: 'about' }, h('h2', {}, 'Details'), h('dl', { class: 'facts' }, rows)) : null,
  ];
}

const bars = (count) => Array.from({ length: count }, (_, index) => h('div', { class: index % 3 ? 'bar' : 'bar bar-short' }));

function waiting() {
  return [h('div', { class: 'crumbs bar bar-short', 'aria-hidden': 'true' }),
    h('div', { class: 'product', 'aria-hidden': 'true' }, h('div', { class: 'product-art bar' }), h('div', { class: 'product-text' }, bars(9)))];
}

/** Shows the page. */
export async function productPage({ main, id, params, isCurrent }) {
  const source = cameFrom(id);
  main.replaceChildren(...waiting());
  const { product, variants } = await get(`/v1/products/${encodeURIComponent(id)}`, { live: 'true' });
  if (!isCurrent()) return;
  document.title = `${product.title} · Shopkeeper`;
  const units = new Map(variants.map(({ sku, available_units: left }) => [sku, left]));
  const path = product.categories?.[0] ?? [];
  const crumbs = path.map((part, index) => h('a', { href: categoryPath(path.slice(0, index + 1).join(' > ')) }, part));
  const art = h('div', { class: 'product-art' });
  const draw = (variant) => art.replaceChildren(picture({ id, title: product.title, category: path, image: product.images?.[0], colour: colourOf(variant) }));
  const first = product.variants.find(({ sku }) => sku === params.get('sku')) ?? product.variants.find(({ sku }) => units.get(sku) > 0) ?? product.variants[0];
  const chose = (variant) => {
    draw(variant);
    history.replaceState(history.state, '', `?${new URLSearchParams({ sku: variant.sku })}`);
  };
  draw(first);
  main.replaceChildren(
    h('nav', { class: 'crumbs', 'aria-label': 'Category' }, h('a', { href: '/search' }, 'All'), crumbs),
    h('article', { class: 'product' }, art,
      h('div', { class: 'product-text' },
        product.brand && h('a', { class: 'brand', href: `/search?${new URLSearchParams({ brand: product.brand })}` }, product.brand),
        h('h1', {}, product.title), stars(product.rating), buyBox({ product, units, source, first, chose }), details(product))),
    shelves(SHELVES.map((row) => ({ ...row, product_ids: [id], fill: false }))));
  track('view', id, source);
}
