// Experiments on search: the list, one with its form while it is a draft, and what it has come to.

import { call, get } from '/assets/console-api.js';
import { badge, busy, button, card, confirm, facts, field, form, h, head, input, link, listOf, loading, money, number, parsed, percent, select, settle, submit, table, toast, when } from '/assets/console-kit.js';
import { editor, history, list, read, removal, save } from '/assets/console-settings.js';
import { s } from '/assets/dom.js';

const PARTS = ['spelling', 'intents', 'synonyms', 'thesaurus', 'rules', 'personalization'];
const MODES = [['', 'as usual'], ['hybrid', 'words and meaning'], ['text', 'words only'], ['vector', 'meaning only']];

/** What an arm changes, in words. */
function changes({ weights = {}, mode, off = [], rules_off: rulesOff = [], segments = [] } = {}) {
  const weighed = [...(weights.similarity === undefined ? [] : [['similarity', weights.similarity]]), ...Object.entries(weights.features ?? {})];
  return [
    mode && `mode ${mode}`, ...weighed.map(([name, weight]) => `${name} = ${weight}`), off.length && `without ${off.join(', ')}`,
    rulesOff.length && `without the rules ${rulesOff.join(', ')}`, segments.length && `for ${segments.join(', ')}`,
  ].filter(Boolean).join('; ') || 'as the shop is';
}

/** What an experiment compares, in words. */
const about = ({ arms }) => arms.map(({ name, share, overrides }) => `${name} (${share}): ${changes(overrides)}`).join(' · ');

const filled = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== '' && value !== undefined && !(Array.isArray(value) && !value.length)));

/** Lines of `name = number`; what is no number is sent as it is, for the interface to name the weight. */
function weightsOf(text) {
  const pairs = text.split('\n').map((line) => line.split('=').map((part) => part.trim())).filter(([name]) => name);
  const numeric = pairs.map(([name, value = '']) => [name, value === '' || Number.isNaN(Number(value)) ? value : Number(value)]);
  const { similarity, ...features } = Object.fromEntries(numeric);
  return filled({ similarity, features: Object.keys(features).length ? features : undefined });
}

const weightLines = ({ similarity, features = {} } = {}) =>
  [...(similarity === undefined ? [] : [['similarity', similarity]]), ...Object.entries(features)].map((pair) => pair.join(' = ')).join('\n');

const whole = (control) => (/^\d+$/.test(control.value.trim()) ? Number(control.value) : control.value.trim());

function controls() {
  return {
    note: h('textarea', { rows: '2' }), control: input({ value: 'control' }), controlShare: input({ value: '1', inputmode: 'numeric' }), name: input({ value: 'variant' }), share: input({ value: '1', inputmode: 'numeric' }),
    mode: select(MODES, ''), weights: h('textarea', { rows: '4', spellcheck: 'false' }), rulesOff: h('textarea', { rows: '2', spellcheck: 'false' }), segments: input(),
    off: PARTS.map((part) => h('input', { type: 'checkbox', value: part })),
  };
}

const group = (title, ...all) => h('fieldset', {}, h('legend', {}, title), h('div', { class: 'grid' }, ...all));

const groups = (c) => [
  group('The experiment', field('Note', c.note, { field: 'note', hint: 'What you expect, and until when it is to run: decide that before you start it.' })),
  group('Control: the shop as it is', field('Name of the control', c.control, { field: 'arms[0].name' }), field('Share of the control', c.controlShare, { field: 'arms[0].share', hint: 'Of as many as all shares add up to.' })),
  group('Compared with', field('Name of the arm', c.name, { field: 'arms[1].name', hint: 'a-z, 0-9, - and _.' }), field('Share of the arm', c.share, { field: 'arms[1].share' })),
  group('What is different in it', field('Mode', c.mode, { field: 'arms[1].overrides.mode' }),
    field('Weights of ranking', c.weights, { field: 'arms[1].overrides.weights', hint: 'One a line, e.g. title_phrase = 0.6 or similarity = 0.3.' }),
    field('Rules that do not hold', c.rulesOff, { field: 'arms[1].overrides.rules_off', hint: 'Names, one a line.' }),
    field('Segments', c.segments, { field: 'arms[1].overrides.segments', hint: 'Rules that wait for one of them hold in this arm only.' }),
    ...c.off.map((box) => field(`Without ${box.value}`, box))),
];

function documentOf(c) {
  const off = c.off.filter((box) => box.checked).map((box) => box.value);
  const weights = weightsOf(c.weights.value);
  const overrides = filled({ mode: c.mode.value, weights: Object.keys(weights).length ? weights : undefined, off, rules_off: listOf(c.rulesOff.value), segments: listOf(c.segments.value) });
  const arms = [{ name: c.control.value.trim(), share: whole(c.controlShare) }, { name: c.name.value.trim(), share: whole(c.share), overrides }];
  return { ...filled({ note: c.note.value.trim() }), arms };
}

function fillIn(c, { note = '', arms }) {
  if (arms.length !== 2) throw Object.assign(new Error('Only as JSON'), { detail: 'The form shows two arms; this experiment has more. Edit its JSON.' });
  const [control, { name, share, overrides: { mode = '', weights, off = [], rules_off: rulesOff = [], segments = [] } = {} }] = arms;
  const values = { note, control: control.name, controlShare: control.share, name, share, mode, weights: weightLines(weights), rulesOff: rulesOff.join('\n'), segments: segments.join(', ') };
  for (const [key, value] of Object.entries(values)) c[key].value = value;
  c.off.forEach((box) => { box.checked = off.includes(box.value); });
}

const [WIDTH, HEIGHT] = [220, 22];

/** An estimate with its interval, drawn on a scale that reaches as far to both sides of nothing. Its numbers stand beside it. */
function drawn({ value, low, high }, reach) {
  const x = (number) => WIDTH / 2 + (reach > 0 ? number / reach : 0) * (WIDTH / 2 - 6);
  const kind = low > 0 ? 'good' : high < 0 ? 'bad' : 'plain';
  return s('svg', { class: `interval interval-${kind}`, viewBox: `0 0 ${WIDTH} ${HEIGHT}`, 'aria-hidden': 'true' },
    s('line', { class: 'base', x1: WIDTH / 2, x2: WIDTH / 2, y1: 1, y2: HEIGHT - 1 }),
    s('rect', { x: x(low).toFixed(1), width: Math.max(x(high) - x(low), 1).toFixed(1), y: HEIGHT / 2 - 4, height: 8, rx: 2 }),
    s('circle', { cx: x(value).toFixed(1), cy: HEIGHT / 2, r: 4 }));
}

/** The differences of one number, an arm a row, all on one scale. */
function differences(title, arms, key, text) {
  const rows = arms.filter(({ against_control: against }) => against?.[key]);
  if (!rows.length) return null;
  const reach = Math.max(...rows.map(({ against_control: against }) => Math.max(Math.abs(against[key].low), Math.abs(against[key].high))));
  const signed = (value) => `${value > 0 ? '+' : ''}${text(value)}`;
  return h('div', { class: 'part' }, h('h3', {}, title), table(title, [
    ['Arm', ({ name }) => h('strong', {}, name)], ['Less the control', ({ against_control: against }) => signed(against[key].value), true],
    ['95 % interval', ({ against_control: against }) => `${signed(against[key].low)} to ${signed(against[key].high)}`],
    ['', ({ against_control: against }) => drawn(against[key], reach)]], rows));
}

function reported(report) {
  const { arms, currency, sample_ratio: ratio, verdict, visitors, uncounted, attribution_days: days } = report;
  const amount = (minor) => (currency ? money(minor, currency) : number(minor, 2));
  const points = (share) => `${number(share * 100, 2)} points`;
  const columns = [
    ['Arm', ({ name }) => h('strong', {}, name)], ['Share', ({ share }) => number(share), true], ['Visitors', (arm) => number(arm.visitors), true], ['Searches', (arm) => number(arm.searches), true],
    ['With a click', ({ click_rate: rate }) => (rate ? percent(rate.value) : '–'), true], ['With a cart', (arm) => number(arm.visitors_with_cart), true],
    ['Conversion', ({ conversion }) => (conversion ? percent(conversion.value) : '–'), true], ['Orders', (arm) => number(arm.orders), true], ['Revenue', (arm) => amount(arm.revenue_minor), true],
    ['A visitor spends', ({ revenue_per_visitor_minor: mean }) => (mean ? amount(mean.value) : '–'), true],
  ];
  return [
    h('p', { class: ratio.is_as_shared ? 'why' : 'notice notice-bad', role: 'status' }, verdict),
    table('Arms', columns, arms),
    differences('Conversion', arms, 'conversion', points),
    differences('Searches with a click', arms, 'click_rate', points),
    differences('What a visitor spends', arms, 'revenue_per_visitor_minor', amount),
    facts([['Visitors', number(visitors)], ['Sizes of arms by chance', `p = ${ratio.p < 0.001 ? ratio.p.toExponential(1) : number(ratio.p, 3)}`], ['Counted for', `${days} days after a search`], ['Not counted, for lack of room', uncounted ? number(uncounted) : '']]),
  ];
}

function reportCard(path) {
  const place = h('div');
  const again = () => place.replaceChildren(loading(async () => reported(await get(`${path}/report`))));
  again();
  return card('Report', h('div', { class: 'actions' }, button('Read it again', again, 'button-small')), place);
}

/** Starting and stopping, each asked for twice: neither can be taken back. */
function turns(id, path, { state }, go) {
  const ask = (title, text, action, where) => button(action, async () => {
    if (await confirm(title, text, action, () => call('POST', `${path}/${where}`))) {
      toast(`${id}: ${where === 'start' ? 'started' : 'stopped'}`);
      go(location.pathname, true);
    }
  }, 'button-main');
  if (state === 'draft') return ask(`Start ${id}?`, 'Shoppers are put into its arms at once. Nothing of it can be changed any more.', 'Start', 'start');
  if (state === 'running') return ask(`Stop ${id}?`, 'Everybody is answered as usual again. It cannot be started anew.', 'Stop', 'stop');
  return null;
}

const previews = (id, { arms }) => h('span', { class: 'links' }, ...arms.slice(1).map(({ name }) => link(`Search as in ${name}`, `/console/ranking?${new URLSearchParams({ A: 'hybrid', B: `arm:${id}:${name}` })}`)));

function editing({ place, go }, id, body, tag) {
  const isNew = id === undefined;
  const c = controls();
  const text = h('textarea', { rows: '18', class: 'code', spellcheck: 'false' });
  const edited = editor({
    fields: groups(c), toDocument: () => documentOf(c), toFields: (document) => fillIn(c, document),
    text: field('The experiment as JSON', text, { field: 'document', wide: true }), parse: (typed) => parsed(typed, 'document'),
  });
  const name = input({ required: true, maxlength: '128' });
  const element = form({ class: 'card' }, async () => {
    const chosen = isNew ? name.value.trim() : id;
    await save('experiments', chosen, edited.current(), tag);
    go(`/console/experiments/${encodeURIComponent(chosen)}`, true);
  }, isNew ? field('Name', name, { field: 'id', hint: 'It cannot be changed later, and decides who is put into which arm.' }) : null, edited.element,
  h('div', { class: 'actions' }, submit(isNew ? 'Create the experiment' : 'Save the experiment')));
  place.append(element);
  settle(element);
  if (isNew) return;
  const { state, ...document } = body;
  if (document.arms.length === 2) fillIn(c, document);
  else {
    element.querySelectorAll('.tab')[1].click();
    busy(element, async () => { text.value = JSON.stringify(document, null, 2); });
  }
}

async function one(asked, id) {
  const { place, go } = asked;
  const { body, tag } = await read('experiments', id);
  const path = `/v1/experiments/${encodeURIComponent(id ?? '')}`;
  if (!body) {
    place.replaceChildren(head('New experiment', 'Some shoppers are answered in another way, and what they do is compared.', link('All experiments', '/console/experiments')));
    return editing(asked, undefined);
  }
  place.replaceChildren(
    head(id, about(body), turns(id, path, body, go), body.state === 'running' ? null : removal('experiments', id, go), link('All experiments', '/console/experiments')),
    card('Experiment', facts([['State', badge(body.state)], ['Started', body.started_at && when(body.started_at)], ['Stopped', body.stopped_at && when(body.stopped_at)], ['Note', body.note], ['See it', previews(id, body)]])));
  if (body.state === 'draft') editing(asked, id, body, tag);
  else place.append(reportCard(path));
  place.append(history('experiments', id));
  return undefined;
}

export function show(asked) {
  const { place, rest, params } = asked;
  if (rest.length) return one(asked, rest[0] === 'new' ? undefined : rest[0]);
  place.replaceChildren(head('Experiments', 'What would change if search were different, tried on some shoppers.', link('New experiment', '/console/experiments/new', 'button button-main')),
    list('experiments', about, params.get('cursor'), ({ state }) => state));
  return undefined;
}
