// The results page: filters with counts, sort, and pages that follow as you scroll. The address holds the whole state.

import { get, session, shopper } from './api.js';
import { card, placeholders } from './card.js';
import { h, notice } from './dom.js';
import { chipText, facetPanel, facetsOf, filterOf } from './facets.js';

const PAGE = 24;
const SORTS = [['', 'Most relevant'], ['price:asc', 'Price, low to high'], ['price:desc', 'Price, high to low'], ['rating:desc', 'Best rated'], ['velocity:desc', 'Best selling'], ['newest', 'Newest']];

function pathWith(state, changes) {
  const params = new URLSearchParams(state);
  for (const [name, value] of Object.entries(changes)) {
    params.delete(name);
    [value].flat().filter(Boolean).forEach((one) => params.append(name, one));
  }
  return `/search${params.size ? `?${params}` : ''}`;
}

function headline(state, answer) {
  const q = state.get('q');
  const category = state.get('category');
  const leaf = category?.split(' > ').at(-1);
  const name = q ? `“${q}”` : leaf ?? 'Everything';
  return h('div', { class: 'list-head' },
    category && h('nav', { class: 'crumbs', 'aria-label': 'Category' }, crumbs(state, category)),
    h('h1', {}, name, q && leaf ? ` in ${leaf}` : ''),
    h('p', { class: 'faint', role: 'status' }, answer ? `${answer.total.toLocaleString()} ${answer.total === 1 ? 'product' : 'products'}` : 'Searching…'),
    (answer?.banners ?? []).map(banner),
    answer?.replaced_query && h('p', {}, 'Showing results for ', h('strong', {}, answer.replaced_query.query), '.'),
    (answer?.synonyms ?? []).map(({ typed, added }) => h('p', { class: 'faint' }, `Also showing ${added.join(', ')} for ${typed}.`)),
    (answer?.corrections ?? []).map(({ typed, read }) => h('p', {}, 'Showing results for ', h('strong', {}, read), ` instead of ${typed}.`)),
    answer?.as_typed && h('p', {}, h('a', { href: pathWith(state, answer.as_typed) }, `Search for “${answer.as_typed.q}” as typed`)),
    (answer?.relaxations ?? []).map((text) => h('p', { class: 'faint' }, `Not everything here has all the words: ${text}.`)),
    understood(state, answer?.intents ?? []));
}

/** What was recognised in the words: demands that can be taken back, and brands and categories that can become demands. */
function understood(state, intents) {
  const ignored = (kind) => [...new Set([...(state.get('ignore_intents') ?? '').split(',').filter(Boolean), kind])].join(',');
  const demand = ({ kind, words }) =>
    h('a', { class: 'chip', href: pathWith(state, { ignore_intents: ignored(kind) }), 'aria-label': `Take back ${words}` }, words, h('span', { 'aria-hidden': 'true' }, ' ×'));
  const offer = ({ kind, value }) => h('a', { class: 'chip', href: pathWith(state, { [kind]: value }) }, `Only ${value.split(' > ').at(-1)}`);
  const canBeAsked = ({ kind, applied }) => applied === 'boost' && ['brand', 'category'].includes(kind) && !state.has(kind);
  const chips = [...intents.filter(({ applied }) => applied === 'filter').map(demand), ...intents.filter(canBeAsked).map(offer)];
  return chips.length > 0 && h('div', { class: 'chips' }, chips);
}

/** What merchants want to be seen above the hits. */
function banner({ text, image, url }) {
  const content = [image && h('img', { src: image, alt: text ? '' : 'Offer' }), text];
  return url ? h('a', { class: 'banner', href: url }, content) : h('p', { class: 'banner' }, content);
}

function crumbs(state, category) {
  const parts = category.split(' > ');
  const links = parts.map((part, index) => h('a', { href: pathWith(state, { category: parts.slice(0, index + 1).join(' > ') }) }, part));
  return [h('a', { href: pathWith(state, { category: null }) }, 'All'), ...links];
}

function chips(state) {
  const removable = [...state].filter(([name]) => !['q', 'sort', 'category', 'spelling', 'ignore_intents'].includes(name));
  if (!removable.length) return null;
  const chip = ([name, value]) => {
    const rest = state.getAll(name).filter((one) => one !== value);
    const text = chipText(name, value);
    return h('a', { class: 'chip', href: pathWith(state, { [name]: rest }), 'aria-label': `Remove filter ${text}` }, text, h('span', { 'aria-hidden': 'true' }, ' ×'));
  };
  return h('div', { class: 'chips' }, removable.map(chip), h('a', { class: 'chip-clear', href: pathWith(new URLSearchParams(), { q: state.get('q'), category: state.get('category') }) }, 'Clear all'));
}

function sortBox(state, go) {
  const current = state.get('sort') ?? '';
  const select = h('select', { id: 'sort', onchange: () => go(pathWith(state, { sort: select.value })) }, SORTS.map(([value, name]) => h('option', { value, selected: value === current }, name)));
  return h('div', { class: 'sort' }, h('label', { for: 'sort' }, 'Sort by'), select);
}

function request(state, cursor) {
  return {
    q: state.get('q') ?? '', filter: filterOf(state), facets: facetsOf(state), sort: state.get('sort') ?? '',
    spelling: state.get('spelling') ?? '', ignore_intents: state.get('ignore_intents') ?? '', limit: PAGE, cursor, session_id: session, shopper_id: shopper, explain: state.has('explain') ? 'true' : '',
  };
}

/** Shows the page for the address's parameters. */
export async function list(main, state, go, isCurrent) {
  const grid = h('div', { class: 'grid' }, placeholders(12));
  const head = h('div', {}, headline(state));
  const panel = h('aside', { class: 'panel', 'aria-label': 'Filters' });
  const end = h('div', { class: 'list-end' });
  const toolbar = h('div', { class: 'toolbar' },
    h('button', { class: 'button-quiet only-narrow', 'aria-expanded': 'false', onclick: ({ currentTarget }) => currentTarget.setAttribute('aria-expanded', String(panel.classList.toggle('panel-open'))) }, 'Filters'),
    sortBox(state, go));
  main.replaceChildren(head, chips(state) ?? '', h('div', { class: 'list' }, panel, h('div', { class: 'list-main' }, toolbar, grid, end)));
  let shown = 0;
  let loading = false;

  const page = async (cursor, focusNew = false) => {
    loading = true;
    const answer = await get('/v1/search', request(state, cursor));
    if (!isCurrent()) return;
    // A redirect to another search could come back here for ever; merchants replace the query for that.
    const elsewhere = answer.redirect?.url;
    if (elsewhere && !elsewhere.startsWith('/search')) return location.replace(elsewhere);
    if (!cursor) {
      head.replaceChildren(headline(state, answer));
      panel.replaceChildren(...facetPanel(state, answer.facets, request(state), pathWith, go));
      grid.replaceChildren();
      if (!answer.total) grid.replaceWith(nothing(state));
    }
    const cards = answer.hits.map((hit, index) => card(hit.product, { title: hit.highlight, queryId: answer.query_id, rank: shown + index + 1, explain: hit.explain }));
    grid.append(...cards);
    shown += cards.length;
    loading = false;
    if (focusNew) cards[0]?.querySelector('a').focus();
    more(answer.next_cursor);
  };

  const more = (cursor) => {
    if (!cursor) return end.replaceChildren(shown > PAGE ? h('p', { class: 'faint' }, 'That is everything.') : '');
    const next = (focusNew) => !loading && page(cursor, focusNew).catch((problem) => end.replaceChildren(notice(problem)));
    const button = h('button', { class: 'button-quiet', onclick: () => next(true) }, 'Show more');
    end.replaceChildren(button);
    // The first pages follow by themselves; after that the footer must be reachable.
    if (shown < 4 * PAGE) {
      const near = new IntersectionObserver(([entry]) => {
        if (!entry.isIntersecting) return;
        near.disconnect();
        next(false);
      }, { rootMargin: '600px' });
      near.observe(button);
    }
    return null;
  };

  await page();
}

function nothing(state) {
  const filtered = [...state.keys()].some((name) => !['q', 'sort', 'spelling', 'ignore_intents'].includes(name));
  return h('div', { class: 'nothing' },
    h('p', { class: 'nothing-title' }, 'Nothing here matches.'),
    h('p', { class: 'faint' }, filtered ? 'Try with fewer filters.' : 'Try other or fewer words.'),
    h('a', { class: 'button', href: filtered ? pathWith(new URLSearchParams(), { q: state.get('q') }) : '/search' }, filtered ? 'Remove the filters' : 'Browse everything'));
}
