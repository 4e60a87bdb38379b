// Webhooks: who is told of changes, how far behind they are, what came of each delivery; and the lag of every connector.

import { address, call, get, metrics, once } from '/assets/console-api.js';
import { badge, button, card, confirm, facts, field, form, h, head, input, link, listOf, loading, number, select, showSecret, submit, table, toast, when } from '/assets/console-kit.js';
import { feeds } from '/assets/console-feeds.js';
import { readMetrics, sumOf } from '/assets/console-live.js';

const pathOf = (id) => `/v1/webhooks/${encodeURIComponent(id)}`;

const connectors = () => loading(async () => {
  const rows = readMetrics(await metrics());
  const names = [...new Set(rows.filter(({ name, labels }) => name.startsWith('shopkeeper_connector_') && labels.connector).map(({ labels }) => labels.connector))];
  const of = (metric) => (name) => number(sumOf(rows, `shopkeeper_connector_${metric}`, ({ connector }) => connector === name) ?? 0);
  return table('Connectors', [['Connector', (name) => h('code', {}, name)], ['Entries behind', of('lag_entries'), true], ['Delivered since start', of('delivered_total'), true], ['Failures since start', of('failures_total'), true]], names, 'None has anything to tell.');
});

function creation(go) {
  const c = { url: input({ type: 'url', placeholder: 'https://…', required: true }), description: input({ maxlength: '512' }), streams: select([['trade', 'trade'], ['catalog', 'catalog'], ['both', 'trade and catalog']], 'trade'), kinds: input(), after: select([['end', 'from now on'], ['start', 'from the first entry on']], 'end') };
  return card('New endpoint', form({}, async () => {
    const made = await once('POST', '/v1/webhooks', { url: c.url.value.trim(), description: c.description.value, streams: c.streams.value === 'both' ? ['trade', 'catalog'] : [c.streams.value], kinds: listOf(c.kinds.value), after: c.after.value });
    await showSecret('The endpoint’s secret', made.secret);
    go(`/console/webhooks/${encodeURIComponent(made.id)}`);
  }, h('div', { class: 'grid' }, field('Address', c.url, { field: 'url', hint: 'https, on the public internet.' }), field('What it is', c.description, { field: 'description' }), field('Streams', c.streams, { field: 'streams' }),
    field('Types', c.kinds, { field: 'kinds', hint: 'Separated by commas; empty: all.' }), field('Told', c.after, { field: 'after' })), submit('Make the endpoint')));
}

async function one({ place, rest: [id], go }) {
  const path = pathOf(id);
  const endpoint = await get(path);
  const again = () => go(location.pathname, true);
  const isOn = endpoint.status === 'enabled';
  const turn = button(isOn ? 'Switch off' : 'Switch on', () => call('PATCH', path, { is_enabled: !isOn }).then(again, (problem) => toast(problem.detail ?? problem.message)));
  const test = button('Send a test', async () => {
    const { is_success: isGood, status, error, took_ms: ms } = await call('POST', `${path}/test`).catch((problem) => ({ error: problem.detail ?? problem.message }));
    toast(isGood ? `Answered ${status} in ${ms} ms` : `Failed: ${error ?? status}`);
  });
  const rotate = button('New secret', async () => {
    let made;
    const done = await confirm('Give it a new secret?', 'Deliveries are signed with it from now on.', 'Make a new secret', async () => { made = await once('POST', `${path}/rotate-secret`); });
    if (done) await showSecret('The endpoint’s new secret', made.secret);
  });
  const remove = button('Remove', async () => {
    if (await confirm('Remove the endpoint?', `${endpoint.url} is told nothing any more.`, 'Remove', () => call('DELETE', path))) go('/console/webhooks');
  }, 'button-bad');
  const repeat = (delivery) => button('Again', () => call('POST', `${path}/redeliver`, { id: delivery }).then(() => toast('It will be told again'), (problem) => toast(problem.detail ?? problem.message)), 'button-small');
  const { outbox = {} } = endpoint;
  place.replaceChildren(head(endpoint.url, endpoint.description || endpoint.id, link('All', '/console/webhooks'), test, turn, rotate, remove),
    facts([['Status', badge(endpoint.status)], ['Ended because', endpoint.ended_reason], ['Streams', endpoint.streams.join(', ')], ['Types', endpoint.kinds.join(', ') || 'all'], ['Entries behind', number(outbox.lag_entries)], ['Delivered', number(outbox.delivered)], ['Failures in a row', number(outbox.failures)], ['Next attempt', outbox.next_attempt_at ? when(outbox.next_attempt_at) : '']]),
    card('Deliveries', loading(async () => {
      const { deliveries } = await get(address(`${path}/deliveries`, { limit: 50 }));
      return table('Deliveries', [['At', ({ at }) => when(at)], ['Change', ({ id: change }) => h('code', {}, change)], ['Type', ({ type }) => type], ['', ({ is_success: isGood }) => badge(isGood ? 'success' : 'failed')], ['Answer', ({ status, error }) => String(status ?? error ?? '')], ['Took', ({ took_ms: ms }) => `${number(ms)} ms`, true], ['', ({ id: change }) => repeat(change)]], deliveries, 'No deliveries yet.');
    })));
}

export function show(asked) {
  const { place, rest, go, signal } = asked;
  if (rest.length) return one(asked);
  place.replaceChildren(head('Webhooks and connectors', 'Who is told what happens in the shop, what is brought in from elsewhere, and how far behind they are.'),
    card('Endpoints', loading(async () => {
      const { webhooks } = await get('/v1/webhooks');
      return table('Endpoints', [['Address', ({ id, url }) => link(url, `/console/webhooks/${encodeURIComponent(id)}`, 'title')], ['Status', ({ status }) => badge(status)], ['Streams', ({ streams = [] }) => streams.join(', ')], ['Entries behind', ({ outbox }) => number(outbox?.lag_entries), true], ['Delivered', ({ outbox }) => number(outbox?.delivered), true], ['Failures', ({ outbox }) => number(outbox?.failures), true]], webhooks, 'No endpoints.');
    })), card('Connectors', connectors()), card('Feeds', feeds(signal)), creation(go));
  return undefined;
}
