// The dashboard: what the shop does right now, read every few seconds from the numbers that it tells anyway.

import { get, metrics } from '/assets/console-api.js';
import { badge, card, facts, h, head, link, loading, money, notice, number, percent, price, table, when } from '/assets/console-kit.js';
import { Series, chart, percentile, rate, readMetrics, sumOf } from '/assets/console-live.js';

const EVERY_MS = 3_000;
/** Numbers that cost a search or a walk over queries are asked for every so many readings. */
const SELDOM = 5;
/** Orders on one page of the list, and how many pages one reading takes at most: what is beyond is counted and its value is not known. */
const ORDERS_PAGE = 200;

/** Everything that was read since the console was opened. */
const known = {
  orders: new Series(), revenue: new Series(), requests: new Series(), p50: new Series(), p99: new Series(), zero: new Series(),
  conversion: new Series(), stockouts: new Series(), queued: new Series(), journal: new Series(), lag: new Series(), connections: new Series(),
};
let before;
let readings = 0;
let currency;
let newest;

/** What orders placed since the last look come to, in minor units of the shop's currency; undefined when they cannot be known. */
async function revenueSince(orders) {
  const isFirst = newest === undefined;
  if (isFirst || orders > newest.count) {
    const { orders: page } = await get('/v1/orders', { sort: 'newest', limit: isFirst ? 1 : Math.min(ORDERS_PAGE, orders - newest.count + 5) });
    const fresh = isFirst ? [] : page.filter(({ number: its }) => its > newest.number);
    const isWhole = isFirst || fresh.length < page.length || fresh.length < ORDERS_PAGE;
    newest = { count: orders, number: page[0]?.number ?? newest?.number ?? -1 };
    currency ??= page[0]?.totals.total.currency;
    return isFirst || !isWhole ? undefined : fresh.reduce((sum, { totals }) => sum + totals.total.amount_minor, 0);
  }
  return 0;
}

async function seldom(at) {
  const [queries, stock] = await Promise.all([
    get('/v1/analytics/queries', { limit: 1 }), get('/v1/search', { limit: 1, filter: 'available = false', personalize: 'false' })]);
  currency ??= queries.totals.currency;
  known.zero.add(queries.totals.zero_result_rate, at);
  known.conversion.add(queries.totals.conversion, at);
  known.stockouts.add(stock.total, at);
}

/** One reading of everything. */
async function read() {
  const [rows, stats] = await Promise.all([metrics().then(readMetrics), get('/v1/stats')]);
  const at = Date.now();
  const orders = stats.orders;
  const revenue = await revenueSince(orders);
  const requests = sumOf(rows, 'shopkeeper_http_requests_total');
  if (before) {
    const seconds = (at - before.at) / 1000;
    known.orders.add(rate(before.orders, orders, seconds), at);
    known.revenue.add(revenue === undefined ? undefined : (revenue / seconds) * 60, at);
    known.requests.add(rate(before.requests, requests, seconds), at);
    known.p50.add(percentile(before.rows, rows, 'shopkeeper_search_seconds', 0.5), at);
    known.p99.add(percentile(before.rows, rows, 'shopkeeper_search_seconds', 0.99), at);
  }
  known.queued.add(Object.values(stats.queued).reduce((sum, count) => sum + count, 0), at);
  known.journal.add(sumOf(rows, 'shopkeeper_journal_lag_entries'), at);
  known.lag.add(sumOf(rows, 'shopkeeper_connector_lag_entries'), at);
  known.connections.add(sumOf(rows, 'shopkeeper_http_connections'), at);
  before = { at, rows, orders, requests };
  if (readings % SELDOM === 0) await seldom(at);
  readings += 1;
  return stats;
}

/** What the last look through all balances of trade found, in words. */
const addingUp = (balances) => {
  if (!balances) return 'not looked through yet';
  const looked = `of ${number(balances.orders_count)} orders, ${new Date(balances.as_of_ms).toLocaleTimeString()}`;
  return balances.wrong_count === 0 ? `add up (${looked})` : `${number(balances.wrong_count)} do not add up (${looked}): ${balances.wrong[0]}`;
};

const count = (value) => number(value, value < 10 ? 2 : 0);
const ms = (value) => `${number(value, value < 10 ? 2 : 0)} ms`;

function charts() {
  const all = [
    { title: 'Orders per second', series: [known.orders], text: count },
    { title: 'Revenue per minute', series: [known.revenue], text: (minor) => (currency ? money(Math.round(minor), currency) : count(minor)), about: 'What the orders placed since the last reading come to.' },
    { title: 'Requests per second', series: [known.requests], text: count, about: 'The console’s own included.' },
    { title: 'Search latency', series: [known.p50, known.p99], labels: ['p50', 'p99'], text: ms, about: 'Of searches between two readings; within buckets, so not exact.' },
    { title: 'Searches without a result', series: [known.zero], text: percent, about: 'Of the last 30 days, older ones counting less.' },
    { title: 'Conversion of searches', series: [known.conversion], text: percent, about: 'Of the last 30 days, older ones counting less.' },
    { title: 'Products sold out', series: [known.stockouts], text: (value) => number(value) },
    { title: 'Waiting to be written', series: [known.queued], text: (value) => number(value), about: 'Commands in the queues of the journal’s streams.' },
    { title: 'Journal lag', series: [known.journal], text: (value) => `${number(value)} entries`, about: 'Durable, and not in the live numbers and recommendations yet.' },
    { title: 'Connectors behind', series: [known.lag], text: (value) => `${number(value)} entries`, about: 'Journal entries that connectors have not taken yet.' },
    { title: 'Connections', series: [known.connections], text: (value) => number(value) },
  ];
  return all.map(chart);
}

const latest = () => loading(async () => {
  const { orders } = await get('/v1/orders', { limit: 8 });
  return table('Latest orders', [
    ['Order', ({ id, number: its }) => link(`#${its}`, `/console/orders/${encodeURIComponent(id)}`)],
    ['Placed', ({ placed_at: at }) => when(at)], ['Status', ({ status }) => badge(status)],
    ['Payment', ({ payment_status: status }) => badge(status)], ['Goods', ({ fulfilment_status: status }) => badge(status)],
    ['Total', ({ totals }) => price(totals.total), true]], orders, 'No orders yet.');
});

export async function show({ place, signal }) {
  const drawn = charts();
  const grid = h('div', { class: 'charts' }, ...drawn.map(({ element }) => element));
  const state = h('div', { class: 'faint', role: 'status' }, '');
  const trouble = h('div');
  place.replaceChildren(head('Dashboard', `Read every ${EVERY_MS / 1000} s while this page is open.`), trouble, grid,
    card('Latest orders', latest()), card('Server', state));
  const tick = async () => {
    try {
      const stats = await read();
      if (signal.aborted) return;
      trouble.replaceChildren();
      drawn.forEach(({ update }) => update());
      state.replaceChildren(facts([['Version', stats.version], ['Products', number(stats.products)], ['Orders', number(stats.orders)],
        ['Generation', stats.generation ?? 'none'], ['Balances', addingUp(stats.balances)], ['Up', `${number(stats.uptime_s / 60)} min`]]));
    } catch (problem) {
      if (!signal.aborted) trouble.replaceChildren(notice(problem));
    }
  };
  drawn.forEach(({ update }) => update());
  state.setAttribute('aria-live', 'off');
  while (!signal.aborted) {
    if (document.visibilityState === 'visible') await tick();
    await new Promise((resume) => setTimeout(resume, EVERY_MS));
  }
}
