// Filters beside the results: what can be chosen, how many there would be, and the filter expression for what is chosen.

import { h } from './dom.js';

const VALUES_SHOWN = 8;
const RATINGS = [4, 3];

const quoted = (text) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** The filter expression of the address's parameters. */
export function filterOf(state) {
  const parts = [];
  const category = state.get('category');
  if (category) parts.push(`category = ${quoted(category)}`);
  const brands = state.getAll('brand');
  if (brands.length) parts.push(`brand IN [${brands.map(quoted).join(", ")}]`);
  const [low, high] = (state.get('price') ?? '').split('..').map(Number);
  if (low) parts.push(`price >= ${low}`);
  if (high) parts.push(`price <= ${high}`);
  const rating = Number(state.get('rating'));
  if (rating) parts.push(`rating >= ${rating}`);
  if (state.has('stock')) parts.push('available = true');
  return parts.join(' AND ');
}

const section = (name, ...content) => h('details', { class: 'facet', open: true }, h('summary', {}, name), ...content);

function categories(state, facet, pathWith) {
  const current = state.get('category');
  const depth = current ? current.split(' > ').length : 0;
  const isNext = ({ value }) => value.split(' > ').length === depth + 1 && (!current || value.startsWith(`${current} > `));
  const next = facet.values.filter(isNext).slice(0, 14);
  if (!next.length) return null;
  return section('Department', h('ul', { class: 'facet-links' }, next.map(({ value, count }) =>
    h('li', {}, h('a', { href: pathWith(state, { category: value }) }, value.split(' > ').at(-1), h('span', { class: 'count' }, count.toLocaleString()))))));
}

function brands(state, facet, pathWith, go) {
  const chosen = state.getAll('brand');
  const row = ({ value, count }) => {
    const isChosen = chosen.includes(value);
    const next = isChosen ? chosen.filter((one) => one !== value) : [...chosen, value];
    return h('label', { class: 'check' }, h('input', { type: 'checkbox', checked: isChosen, onchange: () => go(pathWith(state, { brand: next })) }), h('span', {}, value), h('span', { class: 'count' }, count.toLocaleString()));
  };
  const absent = chosen.filter((value) => !facet.values.some((one) => one.value === value)).map((value) => ({ value, count: 0 }));
  const values = [...absent, ...facet.values];
  if (!values.length) return null;
  const rest = values.slice(VALUES_SHOWN, 40);
  return section('Brand', values.slice(0, VALUES_SHOWN).map(row), rest.length ? h('details', { class: 'facet-more' }, h('summary', {}, `${rest.length} more`), rest.map(row)) : null);
}

function price(state, facet, pathWith, go) {
  const [low, high] = (state.get('price') ?? '').split('..');
  const [least, most] = facet.range ?? [0, 0];
  if (most <= least && !state.has('price')) return null;
  const field = (name, label, value, placeholder) => h('label', { class: 'price-field' }, h('span', { class: 'hidden' }, label), h('input', { name, type: 'number', min: 0, step: 'any', inputmode: 'decimal', value: value ?? '', placeholder }));
  const form = h('form', {
    class: 'price-form',
    onsubmit: (event) => {
      event.preventDefault();
      const data = new FormData(form);
      const range = `${data.get('low')}..${data.get('high')}`;
      go(pathWith(state, { price: range === '..' ? null : range }));
    },
  }, field('low', 'Lowest price', low, Math.floor(least)), h('span', { 'aria-hidden': 'true' }, 'to'), field('high', 'Highest price', high, Math.ceil(most)), h('button', { class: 'button-quiet' }, 'Set'));
  return section('Price', form);
}

function rating(state, pathWith, go) {
  const current = state.get('rating') ?? '';
  const row = (value, text) => h('label', { class: 'check' }, h('input', { type: 'radio', name: 'rating', checked: current === value, onchange: () => go(pathWith(state, { rating: value })) }), h('span', {}, text));
  return section('Rating', row('', 'Any'), RATINGS.map((value) => row(String(value), `${'★'.repeat(value)} and up`)));
}

/** The filters for an answer's facets. */
export function facetPanel(state, facets, pathWith, go) {
  const byField = Object.fromEntries(facets.map((facet) => [facet.field, facet]));
  const stock = h('label', { class: 'check check-alone' }, h('input', { type: 'checkbox', checked: state.has('stock'), onchange: ({ target }) => go(pathWith(state, { stock: target.checked ? '1' : null })) }), h('span', {}, 'In stock only'));
  return [
    byField.category && categories(state, byField.category, pathWith),
    stock,
    byField.brand && brands(state, byField.brand, pathWith, go),
    byField.price && price(state, byField.price, pathWith, go),
    rating(state, pathWith, go),
  ].filter(Boolean);
}
