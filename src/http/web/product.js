// One product's own page: forms to choose from, what is in stock, what goes with it.

import { get, track } from './api.js';
import { picture } from './art.js';
import { addToCart } from './cart-store.js';
import { shelves } from './card.js';
import { h, labelOf, notice, priceTag, stars, toast } from './dom.js';
import { categoryPath } from './home.js';

const LOW_UNITS = 6;
const QUANTITIES = [1, 2, 3, 4, 5, 6, 8, 10];

const written = (value) => Array.isArray(value) ? value.join(', ') : value === true ? 'Yes' : value === false ? 'No' : String(value);
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

function variantName(variant) {
  return variant.title ?? (Object.values(variant.attributes ?? {}).map(written).join(', ') || variant.sku);
}

/** Choosing a form and a quantity, and buying it. */
function buyBox(product, units, source) {
  const first = product.variants.find(({ sku }) => units.get(sku) > 0) ?? product.variants[0];
  const state = { variant: first };
  const box = h('div', { class: 'buy' });
  const problemAt = h('div', {});

  const choices = () => product.variants.length < 2 ? null : h('fieldset', { class: 'choices' }, h('legend', {}, 'Options'),
    product.variants.map((variant) => {
      const gone = !(units.get(variant.sku) > 0);
      return h('label', { class: gone ? 'choice choice-gone' : 'choice' },
        h('input', { type: 'radio', name: 'variant', value: variant.sku, checked: variant === state.variant, onchange: () => { state.variant = variant; draw(variant.sku); } }),
        h('span', {}, variantName(variant), gone && h('span', { class: 'hidden' }, ' (sold out)')));
    }));

  const draw = (focusSku) => {
    const offer = offerOf(state.variant);
    const stated = units.get(state.variant.sku);
    const left = stated ?? 0;
    const quantity = h('select', { id: 'quantity', disabled: left <= 0 }, QUANTITIES.filter((count) => count <= Math.max(left, 1)).map((count) => h('option', { value: count }, count)));
    const add = h('button', { class: 'button button-wide', disabled: left <= 0 || !offer, onclick: () => put(add, Number(quantity.value)) }, left > 0 ? 'Add to cart' : stated === undefined ? 'Not for sale yet' : 'Sold out');
    box.replaceChildren(priceTag(offer?.price, offer?.list_price), choices() ?? '', stockLine(stated),
      h('div', { class: 'buy-row' }, h('label', { class: 'hidden', for: 'quantity' }, 'Quantity'), quantity, add), problemAt,
      h('p', { class: 'faint' }, `SKU ${state.variant.sku}`));
    if (focusSku) [...box.querySelectorAll('input[name=variant]')].find((input) => input.value === focusSku)?.focus();
  };

  const put = async (button, quantity) => {
    button.disabled = true;
    problemAt.replaceChildren();
    try {
      await addToCart(product, state.variant.sku, quantity, source);
      toast('Added to your cart. ', h('a', { href: '/cart' }, 'View cart'));
    } catch (problem) {
      problemAt.replaceChildren(notice(problem));
    }
    button.disabled = false;
  };

  draw();
  return box;
}

function details(product) {
  const rows = Object.entries(product.attributes ?? {}).map(([name, value]) => [h('dt', {}, labelOf(name)), h('dd', {}, written(value))]);
  return [
    product.description && h('section', { class: 'about' }, h('h2', {}, 'About it'), product.description.split(/\n+/).map((paragraph) => h('p', {}, paragraph))),
    rows.length ? h('section', { class: 'about' }, h('h2', {}, 'Details'), h('dl', { class: 'facts' }, rows)) : null,
  ];
}

/** Shows the page. */
export async function productPage(main, id, isCurrent) {
  const source = cameFrom(id);
  const { product, variants } = await get(`/v1/products/${encodeURIComponent(id)}`, { live: 'true' });
  if (!isCurrent()) return;
  document.title = `${product.title} · Shopkeeper`;
  const units = new Map(variants.map(({ sku, available_units: left }) => [sku, left]));
  const path = product.categories?.[0] ?? [];
  const crumbs = path.map((part, index) => h('a', { href: categoryPath(path.slice(0, index + 1).join(' > ')) }, part));
  const cardLike = { id, title: product.title, category: path, image: product.images?.[0] };
  main.replaceChildren(
    h('nav', { class: 'crumbs', 'aria-label': 'Category' }, h('a', { href: '/search' }, 'All'), crumbs),
    h('article', { class: 'product' },
      h('div', { class: 'product-art' }, picture(cardLike)),
      h('div', { class: 'product-text' },
        product.brand && h('a', { class: 'brand', href: `/search?${new URLSearchParams({ brand: product.brand })}` }, product.brand),
        h('h1', {}, product.title), stars(product.rating), buyBox(product, units, source), details(product))),
    ...shelves([
      { heading: 'Bought together', kind: 'bought_together' }, { heading: 'Goes well with it', kind: 'complement' },
      { heading: 'Bought in the end', kind: 'viewed_then_bought' }, { heading: 'Others also viewed', kind: 'also_viewed' },
      { heading: 'Instead of it', kind: 'substitute' }, { heading: 'Similar', kind: 'similar' },
    ].map((row) => ({ ...row, product_ids: [id], fill: false }))));
  track('view', id, source);
}
