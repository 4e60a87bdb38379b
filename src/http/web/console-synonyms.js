// Synonyms: the list, and one with its form and history.

import { badge, card, field, form, h, head, input, link, listOf, submit } from '/assets/console-kit.js';
import { history, list, read, removal, save } from '/assets/console-settings.js';

const about = ({ words = [], from = [], to = [] }) => (words.length ? words.join(' = ') : `${from.join(', ')} → ${to.join(', ')}`);

async function one({ place, params, go }, id) {
  const isNew = id === undefined;
  const { body, tag } = await read('synonyms', id);
  const start = body ?? { from: params.has('q') ? [params.get('q')] : [] };
  const isTwoWay = h('input', { type: 'checkbox' });
  const area = () => h('textarea', { rows: '3', spellcheck: 'false' });
  const c = { words: area(), from: area(), to: area(), marketplaces: input(), note: input(),
    enabled: h('input', { type: 'checkbox' }), replaces: h('input', { type: 'checkbox' }) };
  const name = input({ required: true, maxlength: '128' });
  const twoWay = field('Words', c.words, { field: 'words', hint: 'Two or more, separated by commas or lines: who types one finds the others.' });
  const oneWay = [field('Who types', c.from, { field: 'from', hint: 'One of these …' }), field('finds as well', c.to, { field: 'to', hint: '… finds these too.' })];
  const turn = () => {
    twoWay.hidden = !isTwoWay.checked;
    oneWay.forEach((part) => { part.hidden = isTwoWay.checked; });
  };
  const put = (document) => {
    isTwoWay.checked = (document.words ?? []).length > 0;
    ['words', 'from', 'to'].forEach((key) => { c[key].value = (document[key] ?? []).join('\n'); });
    c.marketplaces.value = (document.marketplaces ?? []).join(', ');
    c.note.value = document.note ?? '';
    c.replaces.checked = document.replaces_thesaurus === true;
    c.enabled.checked = document.enabled !== false;
    turn();
  };
  isTwoWay.addEventListener('change', turn);
  const element = form({ class: 'card' }, async () => {
    const words = isTwoWay.checked ? { words: listOf(c.words.value) } : { from: listOf(c.from.value), to: listOf(c.to.value) };
    const document = { enabled: c.enabled.checked, note: c.note.value.trim(), marketplaces: listOf(c.marketplaces.value), replaces_thesaurus: c.replaces.checked, ...words };
    await save('synonyms', isNew ? name.value.trim() : id, document, tag);
    go(`/console/synonyms/${encodeURIComponent(isNew ? name.value.trim() : id)}`, true);
  }, isNew ? field('Name', name, { field: 'id', hint: 'It cannot be changed later.' }) : null,
  h('div', { class: 'grid' }, field('Both ways', isTwoWay), twoWay, ...oneWay, field('Marketplaces', c.marketplaces, { field: 'marketplaces', hint: 'Empty: everywhere.' }),
    field('In place of everyday words', c.replaces, { field: 'replaces_thesaurus', hint: 'What these words mean in everyday language is left aside.' }),
    field('Note', c.note, { field: 'note' }), field('Switched on', c.enabled, { field: 'enabled' })),
  h('div', { class: 'actions' }, submit(isNew ? 'Create the synonym' : 'Save the synonym'), isNew ? null : removal('synonyms', id, go)));
  place.replaceChildren(head(isNew ? 'New synonym' : id, isNew ? null : about(body), link('All synonyms', '/console/synonyms')), element,
    isNew ? '' : history('synonyms', id, put),
    card('Try it', h('p', {}, link('Search and ranking', `/console/ranking?q=${encodeURIComponent(start.from?.[0] ?? start.words?.[0] ?? '')}`), ' shows what a search does with it once it is saved. ', badge(start.enabled === false ? 'off' : 'on'))));
  put(start);
}

export function show(asked) {
  const { place, rest, params } = asked;
  if (rest.length) return one(asked, rest[0] === 'new' ? undefined : rest[0]);
  place.replaceChildren(head('Synonyms', 'Words that stand for other words.', link('New synonym', '/console/synonyms/new', 'button button-main')), list('synonyms', about, params.get('cursor')));
  return undefined;
}
