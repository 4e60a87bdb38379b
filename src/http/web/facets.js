// Filters beside the results: what can be chosen, how many there would be, and the filter expression for what is chosen.

import { get } from './api.js';
import { h, labelOf } from './dom.js';
import { BARS, priceRange, stretchOf } from './price-range.js';

const VALUES_SHOWN = 8;
/** Values that can be unfolded; the rest is found by typing. */
const VALUES_MAX = 40;
/** Levels of the category tree below what is chosen. */
const TREE_LEVELS = 4;
/** Children of one category that are shown. */
const BRANCHES_SHOWN = 14;
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

/** Whether a parameter of the address chooses values of an attribute. */
export const isAttribute = (name) => name.startsWith(ATTRIBUTE);

const attributesOf = (state) => [...new Set([...state.keys()].filter(isAttribute))];

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
export const facetsOf = (state) => [`category:tree(${TREE_LEVELS})`, 'brand', `price:histogram(${BARS})`, ...attributesOf(state).map(fieldOf), `auto(${ATTRIBUTES_SHOWN + 2})`].join(',');

/** How a chosen value is called on its chip. */
export function chipText(name, value) {
  if (name === 'price') return `Price ${value.replace(/^\.\./, 'up to ').replace(/\.\.$/, ' and up').replace('..', ' to ')}`;
  if (name === 'stock') return 'In stock';
  if (name === 'rating') return `${value} stars and up`;
  return isAttribute(name) ? `${labelOf(name.slice(ATTRIBUTE.length))}: ${shown(value)}` : value;
}

const shown = (value) => value.replace('..', ' to ');

/** The filter expression of the address's parameters. */
export function filterOf(state) {
  const parts = attributesOf(state).map((name) => attributeFilter(name, state.getAll(name)));
  const category = state.get('category');
  if (category) parts.push(`category = ${quoted(category)}`);
  const brands = state.getAll('brand');
  if (brands.length) parts.push(`brand IN [${brands.map(quoted).join(", ")}]`);
  const [low, high] = stretchOf(state.get('price'));
  if (low !== null) parts.push(`price >= ${low}`);
  if (high !== null) parts.push(`price <= ${high}`);
  const rating = Number(state.get('rating'));
  if (rating) parts.push(`rating >= ${rating}`);
  if (state.has('stock')) parts.push('available = true');
  return parts.join(' AND ');
}

const section = (name, ...content) => h('details', { class: 'facet', open: true, 'data-key': `section ${name}` }, h('summary', { 'data-key': `fold ${name}` }, name), ...content);

/** The tree of categories, open along the path that is chosen. */
function categories(state, facet, pathWith) {
  const current = state.get('category') ?? '';
  const isOnPath = (value) => current === value || current.startsWith(`${value} > `);
  const branch = (nodes) => h('ul', { class: 'facet-links' }, nodes.slice(0, BRANCHES_SHOWN).map(leaf));
  const leaf = ({ name, value, count, children }) => {
    const isChosen = value === current;
    const parent = value.split(' > ').slice(0, -1).join(' > ');
    const href = pathWith(state, { category: isChosen ? parent : value });
    return h('li', {}, h('a', { href, 'data-stay': true, 'data-key': `category ${value}`, 'aria-current': isChosen && 'true', class: isOnPath(value) && 'is-on-path' }, h('span', {}, name), h('span', { class: 'count' }, count.toLocaleString())),
      isOnPath(value) && children.length > 0 && branch(children));
  };
  const roots = facet.tree ?? [];
  // Beside the chosen path only its own level is worth the room.
  const shown = roots.some(({ value }) => isOnPath(value)) ? roots.filter(({ value }) => isOnPath(value)) : roots;
  const all = current && h('a', { href: pathWith(state, { category: null }), class: 'facet-all', 'data-stay': true, 'data-key': 'category' }, 'All departments');
  return shown.length > 0 && section('Department', all || null, branch(shown));
}

/** Boxes to tick for the values of a field; `name` is the address's parameter. With many values there is a field to find more by typing. */
function checks(title, name, facet, { state, pathWith, go, lookUp }) {
  const chosen = state.getAll(name);
  const row = ({ value, count }) => {
    const isChosen = chosen.includes(value);
    const next = isChosen ? chosen.filter((one) => one !== value) : [...chosen, value];
    const box = h('input', { type: 'checkbox', checked: isChosen, 'data-key': `${name} ${value}`, onchange: () => go(pathWith(state, { [name]: next })) });
    return h('label', { class: 'check' }, box, h('span', {}, shown(value)), h('span', { class: 'count' }, count.toLocaleString()));
  };
  const absent = chosen.filter((value) => !facet.values.some((one) => one.value === value)).map((value) => ({ value, count: 0 }));
  const isFirst = ({ value }) => chosen.includes(value);
  // What is chosen stands first, unless the values have an order of their own.
  const ordered = facet.range ? facet.values : [...facet.values.filter(isFirst), ...facet.values.filter((one) => !isFirst(one))];
  const values = [...absent, ...ordered];
  if (!values.length) return null;
  const rest = values.slice(VALUES_SHOWN, VALUES_MAX);
  const more = rest.length > 0 && h('details', { class: 'facet-more', 'data-key': `more ${name}` }, h('summary', { 'data-key': `unfold ${name}` }, `${rest.length} more`), rest.map(row));
  const rows = h('div', { role: 'group', 'aria-label': title }, values.slice(0, VALUES_SHOWN).map(row), more);
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
  return h('input', { type: 'search', class: 'facet-find', placeholder: 'Find', 'data-key': `find ${name}`, 'aria-label': `Find in ${title}`, oninput: ({ target }) => find(target.value.trim()) });
}

function price(state, facet, currency, pathWith, go) {
  const [least, most] = facet.range ?? [0, 0];
  if (most <= least) return null;
  return section('Price', priceRange(facet, stretchOf(state.get('price')), currency, (stretch) => go(pathWith(state, { price: stretch }))));
}

function rating(state, pathWith, go) {
  const current = state.get('rating') ?? '';
  const row = (value, text, spoken) => h('label', { class: 'check' }, h('input', { type: 'radio', name: 'rating', checked: current === value, 'data-key': `rating ${value}`, 'aria-label': spoken, onchange: () => go(pathWith(state, { rating: value })) }), h('span', {}, text));
  const stars = (value) => [h('span', { class: 'stars', 'aria-hidden': 'true' }, '★'.repeat(value), h('span', { class: 'stars-empty' }, '★'.repeat(5 - value))), ' and up'];
  return section('Rating', h('div', { role: 'radiogroup', 'aria-label': 'Rating' }, row('', 'Any', 'Any rating'), RATINGS.map((value) => row(String(value), stars(value), `${value} stars and up`))));
}

/** The filters for an answer's facets. `query` is the request that gave them. */
export function facetPanel(state, facets, query, { currency, pathWith, go }) {
  const byField = Object.fromEntries(facets.map((facet) => [facet.field, facet]));
  const lookUp = async (name, text) => {
    const answer = await get('/v1/search', { ...query, facets: `${fieldOf(name)}:search(${quoted(text)})`, limit: 1 });
    return answer.facets[0];
  };
  const tools = { state, pathWith, go, lookUp };
  const stock = h('label', { class: 'check check-alone' }, h('input', { type: 'checkbox', checked: state.has('stock'), 'data-key': 'stock', onchange: ({ target }) => go(pathWith(state, { stock: target.checked ? '1' : null })) }), h('span', {}, 'In stock only'));
  const attributes = facets.filter(({ field, values }) => isAttribute(field) && !OWN.includes(field) && (values.length > 1 || state.has(field)));
  return [
    byField.category && categories(state, byField.category, pathWith),
    stock,
    byField.price && price(state, byField.price, currency, pathWith, go),
    byField.brand && checks('Brand', 'brand', byField.brand, tools),
    rating(state, pathWith, go),
    ...attributes.slice(0, ATTRIBUTES_SHOWN).map((facet) => checks(labelOf(facet.field.slice(ATTRIBUTE.length)), facet.field, facet, tools)),
  ].filter(Boolean);
}
