// What shoppers search for, what they do not find, and what to do about it.

import { get } from '/assets/console-api.js';
import { facts, field, h, head, link, loading, money, number, percent, select, table } from '/assets/console-kit.js';

const LISTS = [['top', 'asked most'], ['zero_results', 'without a result'], ['low_clicks', 'seldom clicked'], ['orders', 'leading to orders']];
const LIMIT = 100;

const actions = ({ query }) => h('span', { class: 'links' },
  link('Rank', `/console/ranking?q=${encodeURIComponent(query)}`), link('Rule', `/console/rules/new?q=${encodeURIComponent(query)}`), link('Synonym', `/console/synonyms/new?q=${encodeURIComponent(query)}`));

export function show({ place, params, go }) {
  const [by, days] = [params.get('by') ?? 'top', params.get('days') ?? '30'];
  const again = (change) => go(`/console/queries?${new URLSearchParams({ by, days, ...change })}`, true);
  const lists = select(LISTS, by, { onchange: ({ target }) => again({ by: target.value }) });
  const windows = select([['30', '30 days'], ['730', 'two years']], days, { onchange: ({ target }) => again({ days: target.value }) });
  place.replaceChildren(
    head('Query analytics', 'Counts fade with age, so they are not whole. A query is listed once several visits have asked it.'),
    h('div', { class: 'row' }, field('Queries', lists), field('Within', windows)),
    loading(async () => {
      const { totals, queries } = await get('/v1/analytics/queries', { by, window_days: days, limit: LIMIT });
      const amount = (minor) => (totals.currency ? money(minor, totals.currency) : number(minor));
      return [
        facts([['Searches', number(totals.searches)], ['Different queries', number(totals.different_queries)], ['Without a result', percent(totals.zero_result_rate)],
          ['Clicks per search', number(totals.click_rate, 2)], ['Conversion', percent(totals.conversion)], ['Orders', number(totals.orders)], ['Revenue', amount(totals.revenue_minor)]]),
        table('Queries', [
          ['Query', ({ query }) => h('strong', {}, query)], ['Searches', (line) => number(line.searches, 1), true], ['Without a result', (line) => percent(line.zero_result_rate), true],
          ['Clicks per search', (line) => number(line.click_rate, 2), true], ['Mean place', (line) => number(line.mean_rank, 1), true], ['Conversion', (line) => percent(line.conversion), true],
          ['Revenue', (line) => amount(line.revenue_minor), true], ['Finds', (line) => number(line.matches_count), true], ['Make or look', actions]], queries, 'No such queries.'),
      ];
    }));
}
