// Search and ranking: the same words asked in two ways, side by side, and what every score is made of.

import { get } from '/assets/console-api.js';
import { button, field, form, h, head, input, link, notice, number, price, select, submit, words } from '/assets/console-kit.js';

const HITS = 10;
/** How a column may ask: parameters of the search by their names for people. */
const WAYS = [
  ['hybrid', 'as shoppers do', {}],
  ['text', 'words alone', { mode: 'text' }],
  ['vector', 'meaning alone', { mode: 'vector' }],
  ['typed', 'without correcting spelling', { spelling: 'off' }],
  ['unread', 'without recognising intents', { ignore_intents: 'all' }],
  ['price', 'cheapest first', { sort: 'price:asc' }],
];

/** What the name of a way begins with that is an arm of an experiment. */
const ARM = 'arm:';

let colours = new Map();
/** The same part of a score has the same colour on the whole page. */
function colourOf(feature) {
  if (!colours.has(feature)) colours.set(feature, colours.size % 8);
  return colours.get(feature);
}

const share = (part, sum) => `${Math.max(0.5, Math.min(100, (Math.abs(part) / sum) * 100)).toFixed(1)}%`;

/** The score of a hit as one bar in parts, and each part with its numbers. */
function parts(hit, highest) {
  const all = hit.explain.contributions;
  const bar = h('div', { class: 'stack', 'aria-hidden': 'true' });
  for (const { feature, contribution } of all.filter((part) => part.contribution > 0)) {
    const piece = h('span', { class: `piece piece-${colourOf(feature)}`, title: `${words(feature)} ${number(contribution, 3)}` });
    piece.style.width = share(contribution, highest);
    bar.append(piece);
  }
  const rows = all.toSorted((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution)).map(({ feature, value, weight, contribution }) => {
    const piece = h('span', { class: `piece ${contribution < 0 ? 'piece-less' : `piece-${colourOf(feature)}`}` });
    piece.style.width = share(contribution, highest);
    return h('tr', {}, h('th', { scope: 'row' }, words(feature)), h('td', { class: 'number' }, number(value, 3)), h('td', { class: 'number' }, `× ${number(weight, 2)}`),
      h('td', { class: 'number' }, number(contribution, 3)), h('td', { class: 'piece-cell', 'aria-hidden': 'true' }, piece));
  });
  const { class: its, rules = [], available_units: units } = hit.explain;
  return [bar, h('details', {}, h('summary', {}, `Score ${number(hit.score, 3)}, ${its}`),
    h('table', { class: 'parts' }, h('caption', { class: 'hidden' }, `What the score of ${hit.product.title} is made of`),
      h('thead', {}, h('tr', {}, ...['Part', 'Value', 'Weight', 'Adds'].map((title, index) => h('th', { scope: 'col', class: index ? 'number' : null }, title)), h('td'))),
      h('tbody', {}, ...rows)),
    h('p', { class: 'faint' }, `${number(units)} units available. `, rules.length ? `Rules: ${rules.map((rule) => rule.rule ?? JSON.stringify(rule)).join(', ')}.` : 'No rule moved it.'))];
}

/** In words, why one hit stands above the next one. */
export function whyAbove(upper, lower) {
  if (upper.explain.class !== lower.explain.class) {
    return `It matches better: ${upper.explain.class}, the other ${lower.explain.class}. Classes come before scores.`;
  }
  if (upper.product.available && !lower.product.available) return 'The other cannot be bought now.';
  if (upper.explain.rules?.length && upper.score < lower.score) return 'A rule put it there.';
  const of = (hit) => new Map(hit.explain.contributions.map(({ feature, contribution }) => [feature, contribution]));
  const [mine, others] = [of(upper), of(lower)];
  const gaps = [...new Set([...mine.keys(), ...others.keys()])].map((feature) => [feature, (mine.get(feature) ?? 0) - (others.get(feature) ?? 0)]);
  const signed = ([feature, gap]) => `${words(feature)} (${gap > 0 ? '+' : '−'}${number(Math.abs(gap), 2)})`;
  const sorted = gaps.filter(([, gap]) => Math.abs(gap) > 0.005).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
  const [more, less] = [sorted.filter(([, gap]) => gap > 0).slice(0, 3), sorted.filter(([, gap]) => gap < 0).slice(0, 2)];
  if (upper.score < lower.score) return 'Its score is lower: an order, a rule, or stock put it there.';
  if (!more.length) return 'Their scores are equal; the order of the catalogue decides.';
  return `More ${more.map(signed).join(', ')}${less.length ? `, although less ${less.map(signed).join(', ')}` : ''}. Together +${number(upper.score - lower.score, 2)}.`;
}

function hitCard(hit, index, hits, highest, others) {
  const there = others.findIndex(({ id }) => id === hit.id);
  const move = there < 0 ? 'not there' : there === index ? 'same place' : `place ${there + 1} there`;
  const below = hits[index + 1];
  const why = below && button('Why above the next?', () => {
    const text = h('p', { class: 'why', role: 'status' }, whyAbove(hit, below));
    why.replaceWith(text);
  }, 'button-small');
  return h('li', { class: 'hit', 'data-id': hit.id },
    h('div', { class: 'hit-head' }, h('span', { class: 'place' }, String(index + 1)),
      link(hit.product.title, `/console/products/${encodeURIComponent(hit.id)}`),
      h('span', { class: 'faint' }, price(hit.product.price))),
    h('p', { class: 'faint' }, `${hit.id} · ${move}${hit.product.available ? '' : ' · sold out'}`), ...parts(hit, highest), why);
}

function column(name, title, answer, other) {
  const highest = Math.max(...answer.hits.map(({ score }) => score), ...(other?.hits ?? []).map(({ score }) => score), 1e-9);
  const told = [
    answer.read && `read as “${answer.read}”`, answer.replaced_query && `replaced by “${answer.replaced_query.query}”`,
    answer.rules?.length && `rules ${answer.rules.join(', ')}`, answer.redirect && `leads to ${answer.redirect.url}`,
    answer.banners?.length && `banner “${answer.banners.map(({ text, image }) => text ?? image).join('”, “')}”`,
    answer.synonyms?.length && `synonyms ${answer.synonyms.map(({ synonym }) => synonym).join(', ')}`,
    answer.alternatives?.length && `everyday words ${answer.alternatives.map(({ typed, added }) => `${typed} → ${added.join(', ')}`).join('; ')}`,
    ...answer.intents.map(({ kind, value, applied }) => `${kind} ${value} (${applied})`), answer.relaxations.length && answer.relaxations.join(', '),
  ].filter(Boolean);
  return h('section', { class: 'column', 'aria-label': `${name}: ${title}` }, h('h2', {}, `${name}: ${title}`),
    h('p', { class: 'faint', role: 'status' }, `${number(answer.total)} found in ${number(answer.took_us / 1000, 1)} ms${told.length ? ` · ${told.join(' · ')}` : ''}`),
    answer.hits.length ? h('ol', { class: 'hits' }, ...answer.hits.map((hit, index) => hitCard(hit, index, answer.hits, highest, other?.hits ?? [])))
      : h('p', { class: 'nothing' }, 'Nothing was found.'));
}

export function show({ place, params, signal, go }) {
  const q = input({ type: 'search', name: 'q', value: params.get('q') ?? '', maxlength: '200' });
  const filter = input({ name: 'filter', value: params.get('filter') ?? '', placeholder: 'brand = "Acme" AND price < 50' });
  const shopper = input({ name: 'shopper', value: params.get('shopper') ?? '' });
  const arms = ['A', 'B'].map((name) => params.get(name) ?? '').filter((key) => key.startsWith(ARM));
  const known = [...WAYS, ...new Set(arms)].map((way) => (typeof way === 'string' ? [way, `as in the arm ${way.slice(ARM.length)}`, { arm: way.slice(ARM.length) }] : way));
  const ways = ['A', 'B'].map((name, index) => select(known.map(([key, text]) => [key, text]), params.get(name) ?? WAYS[index][0], { name }));
  const results = h('div', { class: 'columns' });
  const asked = form({ class: 'row', role: 'search' }, async () => {
    const given = { q: q.value, filter: filter.value, shopper: shopper.value, A: ways[0].value, B: ways[1].value };
    go(`/console/ranking?${new URLSearchParams(Object.entries(given).filter(([, value]) => value))}`, true);
  }, field('Words', q, { field: 'q' }), field('Column A', ways[0]), field('Column B', ways[1]), field('Filter', filter, { field: 'filter' }),
  field('For a shopper', shopper, { field: 'shopper_id', hint: 'Leans towards what they look at.' }), submit('Compare'));
  place.replaceChildren(head('Search and ranking', 'The same words asked in two ways. Every score is the sum of its parts.'), asked, results);
  if (!params.has('q')) return q.focus();
  colours = new Map();
  const ask = (way) => get('/v1/search', { q: q.value, filter: filter.value, shopper_id: shopper.value, limit: HITS, explain: 'true', personalize: shopper.value ? 'true' : 'false', ...known.find(([key]) => key === way.value)[2] });
  results.replaceChildren(h('p', { class: 'faint', role: 'status' }, 'Searching…'));
  return Promise.all(ways.map(ask)).then((answers) => {
    if (signal.aborted) return;
    const title = (way) => known.find(([key]) => key === way.value)[1];
    results.replaceChildren(column('A', title(ways[0]), answers[0], answers[1]), column('B', title(ways[1]), answers[1], answers[0]));
  }, (problem) => results.replaceChildren(notice(problem)));
}
