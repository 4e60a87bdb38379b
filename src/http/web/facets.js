// Filters beside the results: what can be chosen, how many there would be, and the filter expression for what is chosen.

import { get } from './api.js';
import { h, labelOf } from './dom.js';

const VALUES_SHOWN = 8;
/** Sections of attributes, chosen by the server for what they tell apart. */
const ATTRIBUTES_SHOWN = 6;
/** Parameters of the address that choose values of an attribute begin so. */
const ATTRIBUTE = 'attributes.';
/** Milliseconds after the last key before a facet's values are looked up. */
const PAUSE_MS = 180;
/** Facets that have sections of their own. */
const OWN = ['category', 'brand', 'price', 'rating', 'available'];
const RATINGS = [4, 3];

const quoted = (text) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** A field's name in a filter or facet: odd names in quotes. */
const fieldOf = (name) => /^[\w.]+$/.test(name) ? name : `${ATTRIBUTE}${quoted(name.slice(ATTRIBUTE.length))}`;

const attributesOf = (state) => [...new Set([...state.keys()].filter((name) => name.startsWith(ATTRIBUTE)))];

/** What chosen values of one attribute demand: texts, numbers, or `low..high`. */
function attributeFilter(name, values) {
  const field = fieldOf(name);
  const range = (value) => /^(-?[\d.]+?)\.\.(-?[\d.]+)$/.exec(value);
  const one = (value) => {
    const [, low, high] = range(value) ?? [];
    if (low !== undefined) return `${field} >= ${low} AND ${field} <= ${high}`;
    return `${field} = ${/^-?\d+(\.\d+)?$/.test(value) ? value : quoted(value)}`;
  };
  return `(${values.map((value) => `(${one(value)})`).join(' OR ')})`;
}

/** The facets that the panel needs; those with chosen values even when others tell more apart. */
export const facetsOf = (state) => ['category', 'brand', 'price:histogram(16)', ...attributesOf(state).map(fieldOf), `auto(${ATTRIBUTES_SHOWN + 2})`].join(',');

/** How a chosen value is called on its chip. */
export function chipText(name, value) {
  if (name === 'price') return `Price ${value.replace('..', ' to ')}`;
  if (name === 'stock') return 'In stock';
  if (name === 'rating') return `${value} stars and up`;
  return name.startsWith(ATTRIBUTE) ? `${labelOf(name.slice(ATTRIBUTE.length))}: ${shown(value)}` : value;
}

const shown = (value) => value.replace('..', ' to ');

/** The filter expression of the address's parameters. */
export function filterOf(state) {
  const parts = attributesOf(state).map((name) => attributeFilter(name, state.getAll(name)));
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

/** Boxes to tick for the values of a field; `name` is the address's parameter. With many values there is a field to find more by typing. */
function checks(title, name, facet, { state, pathWith, go, lookUp }) {
  const chosen = state.getAll(name);
  const row = ({ value, count }) => {
    const isChosen = chosen.includes(value);
    const next = isChosen ? chosen.filter((one) => one !== value) : [...chosen, value];
    return h('label', { class: 'check' }, h('input', { type: 'checkbox', checked: isChosen, onchange: () => go(pathWith(state, { [name]: next })) }), h('span', {}, shown(value)), h('span', { class: 'count' }, count.toLocaleString()));
  };
  const absent = chosen.filter((value) => !facet.values.some((one) => one.value === value)).map((value) => ({ value, count: 0 }));
  const values = [...absent, ...facet.values];
  if (!values.length) return null;
  const rest = values.slice(VALUES_SHOWN, 40);
  const rows = h('div', {}, values.slice(0, VALUES_SHOWN).map(row), rest.length ? h('details', { class: 'facet-more' }, h('summary', {}, `${rest.length} more`), rest.map(row)) : null);
  const canBeSearched = rest.length > 0 && !facet.range;
  return section(title, canBeSearched ? finder(title, name, rows, row, lookUp) : null, rows);
}

/** A field that looks values up as they are typed. */
function finder(title, name, rows, row, lookUp) {
  const before = [...rows.childNodes];
  let newest = 0;
  const find = async (text) => {
    const mine = ++newest;
    if (!text) return rows.replaceChildren(...before);
    await new Promise((resolve) => { setTimeout(resolve, PAUSE_MS); });
    if (mine !== newest) return null;
    const facet = await lookUp(name, text).catch(() => null);
    if (mine !== newest || !facet) return null;
    return rows.replaceChildren(...facet.values.map(row), facet.values.length ? '' : h('p', { class: 'faint', role: 'status' }, 'None is called so.'));
  };
  return h('input', { type: 'search', class: 'facet-find', placeholder: 'Find', 'aria-label': `Find in ${title}`, oninput: ({ target }) => find(target.value.trim()) });
}

/** How many products there are at which price; a bar chooses its stretch. */
function histogram(state, facet, pathWith) {
  const most = Math.max(...facet.values.map(({ count }) => count), 1);
  const number = (value) => Math.round(value * 100) / 100;
  const bar = ({ from, to, count }) => {
    const text = `${number(from)} to ${number(to)}: ${count.toLocaleString()} products`;
    const fill = h('span', {});
    // A property, not an attribute: the page's policy refuses styles in markup.
    fill.style.height = `${Math.max(4, Math.round((100 * count) / most))}%`;
    return h('a', { href: pathWith(state, { price: `${Math.floor(from)}..${Math.ceil(to)}` }), title: text, 'aria-label': text }, fill);
  };
  return facet.values.length > 1 && h('div', { class: 'histogram' }, facet.values.map(bar));
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
  return section('Price', histogram(state, facet, pathWith), form);
}

function rating(state, pathWith, go) {
  const current = state.get('rating') ?? '';
  const row = (value, text) => h('label', { class: 'check' }, h('input', { type: 'radio', name: 'rating', checked: current === value, onchange: () => go(pathWith(state, { rating: value })) }), h('span', {}, text));
  return section('Rating', row('', 'Any'), RATINGS.map((value) => row(String(value), `${'★'.repeat(value)} and up`)));
}

/** The filters for an answer's facets. `query` is the request that gave them. */
export function facetPanel(state, facets, query, pathWith, go) {
  const byField = Object.fromEntries(facets.map((facet) => [facet.field, facet]));
  const lookUp = async (name, text) => {
    const answer = await get('/v1/search', { ...query, facets: `${fieldOf(name)}:search(${quoted(text)})`, limit: 1 });
    return answer.facets[0];
  };
  const tools = { state, pathWith, go, lookUp };
  const stock = h('label', { class: 'check check-alone' }, h('input', { type: 'checkbox', checked: state.has('stock'), onchange: ({ target }) => go(pathWith(state, { stock: target.checked ? '1' : null })) }), h('span', {}, 'In stock only'));
  const attributes = facets.filter(({ field, values }) => field.startsWith(ATTRIBUTE) && !OWN.includes(field) && (values.length > 1 || state.has(field)));
  return [
    byField.category && categories(state, byField.category, pathWith),
    stock,
    byField.brand && checks('Brand', 'brand', byField.brand, tools),
    byField.price && price(state, byField.price, pathWith, go),
    rating(state, pathWith, go),
    ...attributes.slice(0, ATTRIBUTES_SHOWN).map((facet) => checks(labelOf(facet.field.slice(ATTRIBUTE.length)), facet.field, facet, tools)),
  ].filter(Boolean);
}
