// The first page: departments, what is trending, what suits this shopper.

import { get } from './api.js';
import { picture } from './art.js';
import { shelves } from './card.js';
import { h } from './dom.js';

const DEPARTMENTS_SHOWN = 12;

export const categoryPath = (path) => `/search?${new URLSearchParams({ category: path })}`;

let departments;

/** The widest categories with their counts, largest first. */
export function loadDepartments() {
  departments ??= get('/v1/search', { facets: 'category', limit: 1 }).then(({ facets, total }) => {
    const values = facets[0]?.values ?? [];
    return { total, values: values.filter(({ value }) => !value.includes(' > ')) };
  }).catch((problem) => {
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

/** Shows the page. */
export async function home(main) {
  const tiles = h('div', { class: 'tiles' });
  const art = h('div', { class: 'hero-art', 'aria-hidden': 'true' });
  const [forYou, again, trending] = shelves([{ heading: 'For you', kind: 'for_you' }, { heading: 'Buy again', kind: 'buy_again', fill: false }, { heading: 'Trending now', kind: 'trending' }]);
  const count = h('p', { class: 'hero-text' }, 'Everything the house sells, ranked by what is in stock and selling right now.');
  main.replaceChildren(
    h('section', { class: 'hero' }, h('div', { class: 'hero-inner' },
      h('p', { class: 'eyebrow' }, 'The department store'),
      h('h1', {}, 'Well made things, found quickly.'),
      count,
      h('a', { class: 'button', href: '/search' }, 'Browse everything')), art),
    trending,
    h('section', { class: 'block' }, h('h2', {}, 'Departments'), tiles),
    again, forYou);
  const { values, total } = await loadDepartments();
  if (total) count.textContent = `${total.toLocaleString()} products, ranked by what is in stock and selling right now.`;
  art.replaceChildren(...values.slice(1, 4).map(({ value }) => picture({ id: `${value} hero`, title: value, category: [value] })));
  tiles.replaceChildren(...values.slice(0, DEPARTMENTS_SHOWN).map(tile));
}
