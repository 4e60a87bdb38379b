// The results page: filters with counts, sort, and pages that follow as you scroll. The address holds the whole state.

import { get, session, shopper } from './api.js';
import { card, placeholders, shelves } from './card.js';
import { announce, h, notice } from './dom.js';
import { chipText, facetPanel, facetsOf, filterOf, isAttribute } from './facets.js';
import { entryName, pagesShown, showedPages } from './places.js';

const PAGE = 24;
/** So many pages follow by themselves; after that the footer must be reachable. */
const PAGES_FOLLOWING = 4;
/** Results of so many entries of the history are kept, so that Back shows them at once. */
const ENTRIES_KEPT = 10;
const SORTS = [['', 'Most relevant'], ['price:asc', 'Price, low to high'], ['price:desc', 'Price, high to low'], ['rating:desc', 'Best rated'], ['velocity:desc', 'Best selling'], ['newest', 'Newest']];
/** Parameters of the address that are filters, attributes aside. */
const FILTERS = ['category', 'brand', 'price', 'rating', 'stock'];

/** Whether an address asks for results: by words, by an order, or by a filter. */
export const isSearch = (params) => [...params.keys()].some((name) => name === 'q' || name === 'sort' || FILTERS.includes(name) || isAttribute(name));

const productsOf = (total) => `${total.toLocaleString()} ${total === 1 ? 'product' : 'products'}`;

function pathWith(state, changes) {
  const params = new URLSearchParams(state);
  for (const [name, value] of Object.entries(changes)) {
    params.delete(name);
    [value].flat().filter(Boolean).forEach((one) => params.append(name, one));
  }
  return `/search${params.size ? `?${params}` : ''}`;
}

/** Without its filters. */
const unfiltered = (state) => pathWith(new URLSearchParams(), { q: state.get('q'), sort: state.get('sort') });

/** What is shown, in words. */
function nameOf(state) {
  const q = state.get('q');
  const leaf = state.get('category')?.split(' > ').at(-1);
  if (q) return leaf ? `“${q}” in ${leaf}` : `“${q}”`;
  return leaf ?? 'Everything';
}

function headline(state, answer) {
  const category = state.get('category');
  return h('div', { class: 'list-head' },
    category && h('nav', { class: 'crumbs', 'aria-label': 'Category' }, crumbs(state, category)),
    h('h1', { tabindex: '-1' }, nameOf(state)),
    h('p', { class: 'faint', id: 'total' }, answer ? productsOf(answer.total) : 'Searching…'),
    answer && remarks(state, answer));
}

/** How the words were read, and what merchants want to be seen above the hits. */
function remarks(state, answer) {
  return [
    (answer.banners ?? []).map(banner),
    answer.replaced_query && h('p', {}, 'Showing results for ', h('strong', {}, answer.replaced_query.query), '.'),
    [...(answer.synonyms ?? []), ...(answer.alternatives ?? [])].map(({ typed, added }) => h('p', { class: 'faint' }, `Also showing ${added.join(', ')} for ${typed}.`)),
    corrected(state, answer),
    answer.total > 0 && (answer.relaxations ?? []).map((text) => h('p', { class: 'faint' }, sentence(text))),
    understood(state, answer.intents ?? []),
  ];
}

/** What an answer tells, as people write it. */
function sentence(text) {
  const quoted = text.replace(/`([^`]*)`/g, '“$1”');
  return `${quoted.charAt(0).toUpperCase()}${quoted.slice(1)}.`;
}

/** What was misspelled, and the way to what was typed. */
function corrected(state, { corrections = [], read, as_typed: asTyped }) {
  if (!corrections.length) return null;
  const text = read ?? corrections.map((one) => one.read).join(' ');
  return h('p', { class: 'corrected' }, 'Showing results for ', h('strong', {}, text), '.',
    asTyped && [' ', h('a', { href: pathWith(state, asTyped) }, `Search instead for “${asTyped.q}”`)]);
}

const cross = () => h('span', { 'aria-hidden': 'true' }, ' ×');

/** What was recognised in the words: demands that can be taken back, and brands and categories that can become demands. */
function understood(state, intents) {
  const ignored = (kind) => [...new Set([...(state.get('ignore_intents') ?? '').split(',').filter(Boolean), kind])].join(',');
  const demand = ({ kind, words }) =>
    h('a', { class: 'chip', 'data-stay': true, 'data-key': `intent ${kind}`, href: pathWith(state, { ignore_intents: ignored(kind) }), 'aria-label': `Take back ${kind}: ${words}` }, h('span', { class: 'chip-kind' }, `${kind} `), words, cross());
  const offer = ({ kind, value }) => h('a', { class: 'chip chip-offer', 'data-stay': true, 'data-key': `offer ${kind}`, href: pathWith(state, { [kind]: value }) }, `Only ${value.split(' > ').at(-1)}`);
  const canBeAsked = ({ kind, applied }) => applied === 'boost' && ['brand', 'category'].includes(kind) && !state.has(kind);
  const chips = [...intents.filter(({ applied }) => applied === 'filter').map(demand), ...intents.filter(canBeAsked).map(offer)];
  return chips.length > 0 && h('div', { class: 'chips', role: 'group', 'aria-label': 'Understood as' }, chips);
}

function banner({ text, image, url }) {
  const content = [image && h('img', { src: image, alt: text ? '' : 'Offer' }), text];
  return url ? h('a', { class: 'banner', href: url }, content) : h('p', { class: 'banner' }, content);
}

function crumbs(state, category) {
  const parts = category.split(' > ');
  const links = parts.map((part, index) => h('a', { href: pathWith(state, { category: parts.slice(0, index + 1).join(' > ') }) }, part));
  return [h('a', { href: pathWith(state, { category: null }) }, 'All'), ...links];
}

/** Values that are chosen. What else an address says, such as where its visitor came from, is no filter. */
const filtersOf = (state) => [...state].filter(([name]) => name !== 'category' && (FILTERS.includes(name) || isAttribute(name)));

function chips(state) {
  const filters = filtersOf(state);
  if (!filters.length) return null;
  const chip = ([name, value]) => {
    const rest = state.getAll(name).filter((one) => one !== value);
    const text = chipText(name, value);
    return h('a', { class: 'chip', 'data-stay': true, 'data-key': `chip ${name} ${value}`, href: pathWith(state, { [name]: rest }), 'aria-label': `Remove filter ${text}` }, text, cross());
  };
  return h('div', { class: 'chips', role: 'group', 'aria-label': 'Filters in force' }, filters.map(chip),
    h('a', { class: 'chip-clear', 'data-stay': true, 'data-key': 'clear', href: pathWith(new URLSearchParams(), { q: state.get('q'), category: state.get('category'), sort: state.get('sort') }) }, 'Clear all'));
}

function sortBox(state, go) {
  const current = state.get('sort') ?? '';
  const select = h('select', { id: 'sort', 'data-key': 'sort', onchange: () => go(pathWith(state, { sort: select.value }), { isStaying: true }) }, SORTS.map(([value, name]) => h('option', { value, selected: value === current }, name)));
  return h('div', { class: 'sort' }, h('label', { for: 'sort' }, 'Sort by'), select);
}

function request(state, cursor) {
  return {
    q: state.get('q') ?? '', filter: filterOf(state), facets: cursor ? '' : facetsOf(state), sort: state.get('sort') ?? '',
    spelling: state.get('spelling') ?? '', ignore_intents: state.get('ignore_intents') ?? '', limit: PAGE, cursor, session_id: session, shopper_id: shopper, explain: state.has('explain') ? 'true' : '',
  };
}

/** Answers by the entry of the history that shows them, with what was asked. */
const kept = new Map();

function keep(asked, answers) {
  kept.delete(entryName());
  kept.set(entryName(), { asked, answers });
  if (kept.size > ENTRIES_KEPT) kept.delete(kept.keys().next().value);
}

/** The answers that this entry showed: kept, or asked for again one after another. */
async function answersOf(state) {
  const known = kept.get(entryName());
  if (known?.asked === state.toString()) return known.answers;
  const answers = [await get('/v1/search', request(state))];
  while (answers.length < Math.min(pagesShown(), PAGES_FOLLOWING) && answers.at(-1).next_cursor) {
    answers.push(await get('/v1/search', request(state, answers.at(-1).next_cursor)));
  }
  return answers;
}

function waiting(state) {
  return [headline(state), h('div', { class: 'list' }, h('aside', { class: 'panel panel-waiting', 'aria-hidden': 'true' }, Array.from({ length: 9 }, () => h('div', { class: 'bar' }))),
    h('div', { class: 'list-main' }, h('div', { class: 'toolbar' }, h('div', { class: 'toolbar-waiting' })), h('div', { class: 'grid' }, placeholders(12))))];
}

/** Shows the page for the address's parameters. A page that is shown already changes in place: what is open stays open, focus stays where it was. */
export async function list({ main, params: state, go, isCurrent, isStaying }) {
  document.title = `${nameOf(state)} · Shopkeeper`;
  const before = isStaying ? main.querySelector('.results') : null;
  const root = before ?? h('div', { class: 'results' }, waiting(state));
  if (!before) main.replaceChildren(root);
  root.setAttribute('aria-busy', 'true');
  const answers = await answersOf(state);
  if (!isCurrent()) return;
  // A redirect to another search could come back here for ever; merchants replace the query for that.
  const elsewhere = answers[0].redirect?.url;
  if (elsewhere && !elsewhere.startsWith('/search')) return location.replace(elsewhere);
  const held = heldBy(root);
  keep(state.toString(), answers);
  draw(root, { state, answers, go, isCurrent });
  restore(root, held);
  root.removeAttribute('aria-busy');
  announce(productsOf(answers[0].total));
}

/** What a redrawn page has to have again: focus, what is folded away, and the open sheet of filters. */
function heldBy(root) {
  const folded = [...root.querySelectorAll('details[data-key]')].map((details) => [details.dataset.key, details.open]);
  const focused = root.contains(document.activeElement) ? document.activeElement.dataset.key ?? '' : null;
  const panel = root.querySelector('.panel');
  return { folded, focused, isOpen: panel?.classList.contains('panel-open'), y: panel?.scrollTop };
}

function restore(root, { folded, focused, isOpen, y }) {
  const byKey = (key) => root.querySelector(`[data-key="${CSS.escape(key)}"]`);
  for (const [key, open] of folded) byKey(key)?.toggleAttribute('open', open);
  if (isOpen) openSheet(root, false);
  root.querySelector('.panel').scrollTop = y ?? 0;
  if (focused !== null) (byKey(focused) ?? root.querySelector(isOpen ? '.panel-close' : 'h1'))?.focus({ preventScroll: true });
}

/** On a narrow window the filters are a sheet over the page, and nothing beneath it can be reached. */
function openSheet(root, isFocusing = true) {
  const panel = root.querySelector('.panel');
  panel.classList.add('panel-open');
  beneath(root).forEach((element) => { element.inert = true; });
  root.querySelector('.only-narrow').setAttribute('aria-expanded', 'true');
  if (isFocusing) panel.querySelector('.panel-close').focus();
}

function closeSheet(root) {
  root.querySelector('.panel').classList.remove('panel-open');
  beneath(root).forEach((element) => { element.inert = false; });
  const button = root.querySelector('.only-narrow');
  button.setAttribute('aria-expanded', 'false');
  button.focus();
}

const beneath = (root) => [...root.querySelectorAll('.list-head, .list-main, .results > .chips'), ...document.querySelectorAll('.top, .foot')];

function panelOf(root, { state, answers: [answer], go }) {
  const close = () => closeSheet(root);
  const currency = answer.hits.find(({ product }) => product.price)?.product.price.currency ?? 'USD';
  const tools = { currency, pathWith, go: (path) => go(path, { isStaying: true }) };
  return h('aside', { class: 'panel', id: 'filters', 'aria-label': 'Filters', onkeydown: ({ key, currentTarget }) => key === 'Escape' && currentTarget.classList.contains('panel-open') && close() },
    h('div', { class: 'panel-head' }, h('h2', {}, 'Filters'), h('button', { class: 'panel-close', 'aria-label': 'Close filters', 'data-key': 'close', onclick: close }, '×')),
    facetPanel(state, answer.facets, request(state), tools),
    h('div', { class: 'panel-foot' }, filtersOf(state).length > 0 && h('a', { class: 'button-quiet', 'data-stay': true, 'data-key': 'clear-sheet', href: unfiltered(state) }, 'Clear all'),
      h('button', { class: 'button', 'data-key': 'show', onclick: close }, `Show ${productsOf(answer.total)}`)));
}

function draw(root, page) {
  const { state, answers, go } = page;
  beneath(root).forEach((element) => { element.inert = false; });
  const grid = answers[0].total ? h('div', { class: 'grid' }) : nothing(state);
  // Where nothing is found there is nothing to filter or to order, unless filters are what leaves nothing.
  const isAlone = !answers[0].total && !isFiltered(state);
  const end = h('div', { class: 'list-end' });
  const count = filtersOf(state).length;
  const toolbar = h('div', { class: 'toolbar' },
    h('button', { class: 'button-quiet only-narrow', 'aria-expanded': 'false', 'aria-controls': 'filters', 'data-key': 'filters', onclick: () => openSheet(root) }, count ? `Filters (${count})` : 'Filters'),
    sortBox(state, go));
  root.replaceChildren(headline(state, answers[0]), chips(state) ?? '',
    h('div', { class: isAlone ? 'list list-alone' : 'list' }, panelOf(root, page), h('div', { class: 'list-main' }, h('h2', { class: 'hidden' }, 'Results'), toolbar, grid, end)),
    isAlone ? shelves([{ heading: 'Trending now', kind: 'trending' }]) : '');
  answers.forEach((answer, index) => grid.append(...cardsOf(answer, index)));
  follow(page, grid, end);
}

const cardsOf = (answer, page) => answer.hits.map((hit, index) =>
  card(hit.product, { title: hit.highlight, queryId: answer.query_id, rank: page * PAGE + index + 1, explain: hit.explain }));

/** The pages after those that are shown, as the end comes near or somebody asks. */
function follow({ state, answers, isCurrent }, grid, end) {
  let isLoading = false;
  const next = async (isFocusing) => {
    if (isLoading) return;
    isLoading = true;
    try {
      const answer = await get('/v1/search', request(state, answers.at(-1).next_cursor));
      if (!isCurrent()) return;
      answers.push(answer);
      const cards = cardsOf(answer, answers.length - 1);
      grid.append(...cards);
      showedPages(answers.length);
      announce(`${Math.min(answers.length * PAGE, answers[0].total)} of ${productsOf(answers[0].total)} shown`);
      if (isFocusing) cards[0]?.querySelector('a').focus();
      more();
    } catch (problem) {
      end.replaceChildren(notice(problem), h('button', { class: 'button-quiet', onclick: () => next(true) }, 'Try again'));
    }
    isLoading = false;
  };
  const more = () => {
    if (!answers.at(-1).next_cursor) return end.replaceChildren(answers.length > 1 ? h('p', { class: 'faint' }, 'That is everything.') : '');
    const button = h('button', { class: 'button-quiet', onclick: () => next(true) }, 'Show more');
    end.replaceChildren(button);
    if (answers.length >= PAGES_FOLLOWING) return null;
    const near = new IntersectionObserver(([entry]) => {
      if (!entry.isIntersecting) return;
      near.disconnect();
      next(false);
    }, { rootMargin: '600px' });
    near.observe(button);
    return null;
  };
  more();
}

const isFiltered = (state) => filtersOf(state).length > 0 || state.has('category');

function nothing(state) {
  const hasFilters = isFiltered(state);
  return h('div', { class: 'nothing' },
    h('p', { class: 'nothing-title' }, 'Nothing here matches.'),
    h('p', { class: 'faint' }, hasFilters ? 'Try with fewer filters.' : 'Try other or fewer words.'),
    h('a', { class: 'button', href: hasFilters ? unfiltered(state) : '/search' }, hasFilters ? 'Remove the filters' : 'Browse everything'));
}
