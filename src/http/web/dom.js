// Building pages: elements, money, stars, and the one live region.

/** Makes an element. Functions named on… become listeners; null, undefined and false are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

/** The same for SVG. */
export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children.filter(Boolean));
  return element;
}

const formats = new Map();

/** An amount in minor units as people write it. */
export function money(amountMinor, currency) {
  if (!formats.has(currency)) formats.set(currency, new Intl.NumberFormat(undefined, { style: 'currency', currency }));
  const format = formats.get(currency);
  return format.format(amountMinor / 10 ** format.resolvedOptions().maximumFractionDigits);
}

/** Price and, when it is reduced, the former price. */
export function priceTag(price, listPrice) {
  if (!price) return h('p', { class: 'price' }, 'Price on request');
  const reduced = listPrice && listPrice.amount_minor > price.amount_minor;
  return h('p', { class: reduced ? 'price price-reduced' : 'price' },
    h('span', {}, money(price.amount_minor, price.currency)),
    reduced && h('s', {}, h('span', { class: 'hidden' }, 'before '), money(listPrice.amount_minor, listPrice.currency)));
}

/** Stars out of five, readable by everyone. */
export function stars(rating) {
  if (!rating || !rating.count) return null;
  const average = rating.average.toFixed(1);
  const full = Math.round(rating.average);
  return h('p', { class: 'stars' },
    h('span', { 'aria-hidden': 'true' }, '★'.repeat(full), h('span', { class: 'stars-empty' }, '★'.repeat(5 - full))),
    h('span', { class: 'hidden' }, `${average} of 5 stars`),
    h('span', { class: 'stars-count' }, `${average} (${rating.count.toLocaleString()})`));
}

const ENTITIES = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&#x27;': "'" };
const plain = (text) => text.replace(/&(amp|lt|gt|quot|#39|#x27);/g, (entity) => ENTITIES[entity]);

/** A title whose matched words stand between <em> tags; nothing else of it is read as markup. */
export function highlighted(text) {
  return text.split(/(<em>.*?<\/em>)/).map((part) =>
    part.startsWith('<em>') ? h('em', {}, plain(part.slice(4, -5))) : plain(part));
}

let toastTimer;

/** Says something briefly, also to screen readers. */
export function toast(...content) {
  const region = document.getElementById('toast');
  region.replaceChildren(...content);
  region.classList.add('toast-shown');
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => region.classList.remove('toast-shown'), 3500);
}

let announcement;

/** Tells screen readers what changed elsewhere on the page; the last of several. */
export function announce(text) {
  clearTimeout(announcement);
  announcement = setTimeout(() => { document.getElementById('announcer').textContent = text; }, 150);
}

/** A whole page for something that went wrong. */
export function failure(problem, again) {
  const isMissing = problem.status === 404;
  return h('div', { class: 'nothing' },
    h('h1', {}, isMissing ? 'This is not here.' : problem.status ? 'Something went wrong.' : problem.title ?? 'Something went wrong.'),
    h('p', { class: 'faint', role: 'alert' }, isMissing ? 'It may have been taken out of the shop, or the address has a slip in it.' : problem.detail ?? problem.title ?? 'Please try again.'),
    h('div', { class: 'buttons' }, !isMissing && h('button', { class: 'button', onclick: again }, 'Try again'), h('a', { class: isMissing ? 'button' : 'button-quiet', href: '/' }, 'To the shop')));
}

/** A day as people write it. */
export const day = (moment) => new Date(moment).toLocaleDateString(undefined, { weekday: 'short', month: 'short', day: 'numeric' });

/** The days between two moments; one when both are known to fall on it. */
export function days(from, until) {
  if (!from || day(from) === day(until)) return day(until);
  return `${day(from)} to ${day(until)}`;
}

/** A problem document, or a lost connection, as a notice. */
export function notice(problem) {
  return h('div', { class: 'notice', role: 'alert' },
    h('strong', {}, problem.title ?? 'Something went wrong'),
    problem.detail ? h('p', {}, problem.field ? `${problem.field}: ${problem.detail}` : problem.detail) : null);
}

/** An attribute's value as people write it. */
export const written = (value) => Array.isArray(value) ? value.join(', ') : value === true ? 'Yes' : value === false ? 'No' : String(value);

const UNIT = /_(g|kg|mg|mm|cm|m|in|ml|l|w|kw|v|wh|mah|hz|gb|tb|oz|lb|pct|h|min|years|k)$/;

/** What an attribute is called for people: `screen_size_in` is Screen size (in). */
export function labelOf(name) {
  const [, unit] = name.match(UNIT) ?? [];
  const text = (unit ? name.slice(0, -unit.length - 1) : name).replaceAll('_', ' ').replace(/^./, (letter) => letter.toUpperCase());
  const sign = { pct: '%', k: 'K' }[unit] ?? unit;
  return unit ? `${text} (${sign})` : text;
}
