// Rules, synonyms and experiments as far as they are alike: the list, saving without overwriting somebody else's change, removing, the history.

import { call, get, tagged } from '/assets/console-api.js';
import { badge, busy, button, card, confirm, h, json, link, loading, table, toast, when } from '/assets/console-kit.js';

const PAGE = 200;
const path = (kind, id) => `/v1/${kind}/${encodeURIComponent(id)}`;

/** A page of settings with a way to the next one. `about(document)` says in words what one does, `state(document)` how far it is. */
export function list(kind, about, cursor, state = ({ enabled }) => (enabled === false ? 'off' : 'on')) {
  return loading(async () => {
    const { settings, next_cursor: next } = await get(`/v1/${kind}`, { limit: PAGE, cursor });
    const shown = table(kind, [
      ['Name', ({ id }) => link(id, `/console/${kind}/${encodeURIComponent(id)}`)],
      ['What it does', ({ document }) => about(document)],
      ['', ({ document }) => badge(state(document))],
      ['Changed', ({ changed_at: at }) => when(at)], ['By', ({ changed_by: by }) => by],
    ], settings, `There are no ${kind} yet.`);
    return [shown, next && link('Next page', `/console/${kind}?cursor=${encodeURIComponent(next)}`)];
  });
}

/** A setting and its entity tag; an empty one when it has no name yet. */
export const read = (kind, id) => (id ? tagged(path(kind, id)) : Promise.resolve({ body: null, tag: null }));

/** Saves a setting: a new one only when nobody has the name, another one only as it was read. */
export async function save(kind, id, document, tag) {
  const condition = tag ? { 'if-match': tag } : { 'if-none-match': '*' };
  const { outcome, warnings = [] } = await call('PUT', path(kind, id), document, condition);
  toast(`${id}: ${outcome}${warnings.length ? `; ${warnings.join('; ')}` : ''}`);
}

/** The button that removes a setting. */
export const removal = (kind, id, go) => button('Remove', async () => {
  const done = await confirm(`Remove ${id}?`, 'It holds no longer at once. Its history stays.', 'Remove', () => call('DELETE', path(kind, id)));
  if (done) go(`/console/${kind}`);
}, 'button-bad');

/** Who changed it when; `restore(document)` puts an earlier one into the form, if there is one. */
export function history(kind, id, restore) {
  return card('History', loading(async () => {
    const { changes } = await get(`${path(kind, id)}/history`);
    return h('ol', { class: 'history' }, ...changes.map(({ at, actor, what, document }) => h('li', {},
      h('p', {}, badge(what), ' ', when(at), ` by ${actor}`),
      document ? h('details', {}, h('summary', {}, 'What it was'), json(document), restore && button('Put into the form', () => restore(document), 'button-small')) : null)));
  }));
}

/** Two ways to edit one document, a form and its JSON; `current()` reads whichever is shown. */
export function editor({ fields, toDocument, toFields, text, parse }) {
  const asJson = h('div', { hidden: true }, text);
  const asForm = h('div', {}, ...fields);
  const tabs = ['Form', 'JSON'].map((name, index) => h('button', { type: 'button', class: 'tab', 'aria-pressed': String(index === 0) }, name));
  const isForm = () => asJson.hidden;
  const control = () => text.querySelector('textarea');
  const turn = (toForm) => {
    if (toForm === isForm()) return;
    if (toForm) toFields(parse(control().value));
    else control().value = JSON.stringify(toDocument(), null, 2);
    asJson.hidden = toForm;
    asForm.hidden = !toForm;
    tabs.forEach((tab, index) => tab.setAttribute('aria-pressed', String((index === 0) === toForm)));
  };
  tabs.forEach((tab, index) => tab.addEventListener('click', () => {
    busy(asForm, async () => turn(index === 0)).catch((problem) => toast(problem.detail ?? problem.message));
  }));
  const element = h('div', {}, h('div', { class: 'tabs', role: 'group', 'aria-label': 'Edit as' }, ...tabs), asForm, asJson);
  return { element, current: () => (isForm() ? toDocument() : parse(control().value)), put: (document) => { turn(true); toFields(document); } };
}
