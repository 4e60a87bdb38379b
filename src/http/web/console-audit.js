// The audit log: every administrative write, in the order of the access journal, newest last.

import { get } from '/assets/console-api.js';
import { h, head, link, loading, table, when } from '/assets/console-kit.js';

const PAGE = 200;

export function show({ place, params }) {
  const after = Number(params.get('after') ?? 0);
  place.replaceChildren(head('Audit log', 'Who did what, which object, how it went. Chained by digests: shopkeeper verify checks the chain.'), loading(async () => {
    const { deeds, next, has_more: more } = await get('/v1/audit', { after, limit: PAGE });
    return [table('Deeds', [['At', ({ at }) => when(at)], ['Who', ({ by }) => by], ['What', ({ what }) => h('code', {}, what)], ['Object', ({ object }) => (object ? h('code', {}, object) : '')], ['Answer', ({ status }) => (status ? String(status) : ''), true], ['Request', ({ request_id: id }) => (id ? h('code', { class: 'faint' }, id) : '')]], deeds, 'Nothing has been done yet.'),
      h('p', { class: 'links' }, after > 0 ? link('From the beginning', '/console/audit') : null, more ? link('Later deeds', `/console/audit?after=${next}`) : null)];
  }));
}
