// The first page: departments, what is trending, what suits this shopper.

import { get } from './api.js';
import { picture } from './art.js';
import { shelves } from './card.js';
import { h, notice } from './dom.js';

const DEPARTMENTS_SHOWN = 12;
const PICTURES_SHOWN = 3;

export const categoryPath = (path) => `/search?${new URLSearchParams({ category: path })}`;

let departments;

/** The widest categories with their counts, largest first. */
export function loadDepartments() {
  departments ??= get('/v1/search', { facets: 'category:tree(1)', limit: 1 }).then(({ facets, total }) => ({ total, values: facets[0]?.tree ?? [] })).catch((problem) => {
    departments = undefined;
    throw problem;
  });
  return departments;
}

function tile({ value, count }) {
  return h('a', { href: categoryPath(value), class: 'tile' },
    h('div', { class: 'tile-art' }, picture({ id: value, title: value, category: [value] })),
    h('span', { class: 'tile-name' }, value), h('span', { class: 'faint' }, `${count.toLocaleString()} products`));
}

const tileWaiting = () => h('div', { class: 'tile', 'aria-hidden': 'true' }, h('div', { class: 'tile-art bar' }), h('div', { class: 'bar' }), h('div', { class: 'bar bar-short' }));

/** Shows the page. */
export async function home({ main }) {
  const tiles = h('div', { class: 'tiles' }, Array.from({ length: DEPARTMENTS_SHOWN }, tileWaiting));
  const art = h('div', { class: 'hero-art', 'aria-hidden': 'true' }, Array.from({ length: PICTURES_SHOWN }, () => h('div', { class: 'art' })));
  const [trending, forYou] = [
    shelves([{ heading: 'Trending now', kind: 'trending' }]),
    shelves([{ heading: 'Buy again', kind: 'buy_again', fill: false }, { heading: 'For you', kind: 'for_you', fill: false }]),
  ];
  const count = h('p', { class: 'hero-text' }, 'Everything the house sells, ranked by what is in stock and selling right now.');
  main.replaceChildren(
    h('section', { class: 'hero', 'aria-label': 'Welcome' }, h('div', { class: 'hero-inner' },
      h('p', { class: 'eyebrow' }, 'The department store'),
      h('h1', {}, 'Well made things, found quickly.'),
      count,
      h('a', { class: 'button', href: '/search' }, 'Browse everything')), art),
    trending,
    h('section', { class: 'block' }, h('h2', {}, 'Departments'), tiles),
    forYou);
  try {
    const { values, total } = await loadDepartments();
    if (total) count.textContent = `${total.toLocaleString()} products, ranked by what is in stock and selling right now.`;
    art.replaceChildren(...values.slice(1, 1 + PICTURES_SHOWN).map(({ value }) => picture({ id: `${value} hero`, title: value, category: [value] })));
    tiles.replaceChildren(...values.slice(0, DEPARTMENTS_SHOWN).map(tile));
  } catch (problem) {
    tiles.replaceChildren(notice(problem));
  }
}
