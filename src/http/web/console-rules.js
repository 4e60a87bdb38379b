// Merchandising rules: the list, and one rule with its form, preview and history.

import { call } from '/assets/console-api.js';
import { badge, busy, card, field, form, h, head, input, link, listOf, parsed, settle, submit, table } from '/assets/console-kit.js';
import { editor, history, list, read, removal, save } from '/assets/console-settings.js';

const weighed = (kind, all) => all.map(({ products = [], filter, factor }) => `${kind} ${[products.length ? `${products.length} products` : '', filter].filter(Boolean).join(' and ')} × ${factor}`);

/** What a rule does, in words. */
function about({ when = {}, then }) {
  const query = [...(when.query?.exact ?? []).map((text) => (text ? `“${text}”` : 'browsing')), ...(when.query?.contains ?? []).map((text) => `…${text}…`)];
  const does = [
    then.pin?.length && `pin ${then.pin.join(', ')}`, ...weighed('boost', then.boost ?? []), ...weighed('bury', then.bury ?? []),
    ...(then.hide ?? []).map(({ products = [], filter }) => `hide ${[products.join(', '), filter].filter(Boolean).join(' and ')}`),
    then.redirect && `send to ${then.redirect}`, then.banner && `banner “${then.banner.text ?? then.banner.image}”`, then.replace_query && `search “${then.replace_query}” instead`,
  ].filter(Boolean);
  const others = [...(when.categories ?? []), ...(when.segments ?? []), ...(when.marketplaces ?? [])];
  return `${query.length ? query.join(' or ') : 'any words'}${others.length ? `, ${others.join(', ')}` : ''}: ${does.join('; ')}`;
}

/** The lists of a rule that the form shows as one text each, by the path of the field. */
function fieldsOf() {
  const text = (attributes) => h('textarea', { rows: '2', spellcheck: 'false', ...attributes });
  return {
    exact: text(), contains: text(), categories: text(), segments: text(), marketplaces: input(), from: input({ placeholder: '2026-11-27T00:00:00Z' }), until: input({ placeholder: '2026-12-01T00:00:00Z' }),
    pin: text(), pinUnavailable: h('input', { type: 'checkbox' }), boostProducts: text(), boostFilter: input(), boostFactor: input({ inputmode: 'decimal' }),
    buryProducts: text(), buryFilter: input(), buryFactor: input({ inputmode: 'decimal' }), hideProducts: text(), hideFilter: input(), redirect: input(), bannerText: input(),
    bannerImage: input(), bannerUrl: input(), replace: input(), enabled: h('input', { type: 'checkbox', checked: true }), priority: input({ inputmode: 'numeric' }), note: input(),
  };
}

const groups = (c) => {
  const group = (title, ...all) => h('fieldset', {}, h('legend', {}, title), h('div', { class: 'grid' }, ...all));
  return [
    group('When somebody searches', field('For exactly', c.exact, { field: 'when.query.exact', hint: 'One phrase a line.' }), field('Or for words with', c.contains, { field: 'when.query.contains', hint: 'One phrase a line, anywhere in the query.' }),
      field('In categories', c.categories, { field: 'when.categories', hint: 'One a line, e.g. Home > Lighting.' }), field('Segments', c.segments, { field: 'when.segments' }),
      field('Marketplaces', c.marketplaces, { field: 'when.marketplaces' }), field('From', c.from, { field: 'when.from', hint: 'RFC 3339; empty: at once.' }), field('Until', c.until, { field: 'when.until' })),
    group('Pin', field('Products first, in this order', c.pin, { field: 'then.pin', hint: 'Product ids, one a line.' }), field('Even when sold out', c.pinUnavailable, { field: 'then.pin_unavailable' })),
    group('Boost', field('Products', c.boostProducts, { field: 'then.boost[0].products' }), field('And those that pass', c.boostFilter, { field: 'then.boost[0].filter', hint: 'A filter, e.g. brand = "Acme".' }), field('Factor', c.boostFactor, { field: 'then.boost[0].factor', hint: 'Above 1.' })),
    group('Bury', field('Products', c.buryProducts, { field: 'then.bury[0].products' }), field('And those that pass', c.buryFilter, { field: 'then.bury[0].filter' }), field('Factor', c.buryFactor, { field: 'then.bury[0].factor', hint: 'Below 1.' })),
    group('Hide', field('Products', c.hideProducts, { field: 'then.hide[0].products' }), field('And those that pass', c.hideFilter, { field: 'then.hide[0].filter' })),
    group('Redirect, banner, replace', field('Send the shopper to', c.redirect, { field: 'then.redirect' }), field('Search for this instead', c.replace, { field: 'then.replace_query' }),
      field('Banner text', c.bannerText, { field: 'then.banner.text' }), field('Banner picture', c.bannerImage, { field: 'then.banner.image' }), field('Banner leads to', c.bannerUrl, { field: 'then.banner.url' })),
    group('The rule itself', field('Switched on', c.enabled, { field: 'enabled' }), field('Priority', c.priority, { field: 'priority', hint: '−1000 to 1000; higher comes first.' }), field('Note', c.note, { field: 'note', hint: 'What others are to know about it.' })),
  ];
};

const filled = (object) => {
  const given = Object.entries(object).filter(([, value]) => value !== '' && value !== undefined && value !== false && !(Array.isArray(value) && !value.length));
  return given.length ? Object.fromEntries(given) : undefined;
};
const lines = (text) => text.split('\n').map((line) => line.trim()).filter(Boolean);
/** A number as it was typed; what is none is sent as it is, for the interface to name the field. */
const numeric = (text) => (text.trim() === '' || Number.isNaN(Number(text)) ? text.trim() || undefined : Number(text));

function documentOf(c) {
  const one = (products, filter, factor) => {
    const selected = filled({ products: listOf(products.value), filter: filter.value.trim() });
    return selected ? [{ ...selected, ...(factor ? { factor: numeric(factor.value) } : {}) }] : [];
  };
  return {
    enabled: c.enabled.checked, ...filled({ note: c.note.value.trim(), priority: numeric(c.priority.value) || undefined }),
    when: filled({
      query: filled({ exact: lines(c.exact.value), contains: lines(c.contains.value) }), categories: lines(c.categories.value), segments: listOf(c.segments.value),
      marketplaces: listOf(c.marketplaces.value), from: c.from.value.trim(), until: c.until.value.trim(),
    }) ?? {},
    then: filled({
      pin: listOf(c.pin.value), pin_unavailable: c.pinUnavailable.checked, boost: one(c.boostProducts, c.boostFilter, c.boostFactor), bury: one(c.buryProducts, c.buryFilter, c.buryFactor),
      hide: one(c.hideProducts, c.hideFilter), redirect: c.redirect.value.trim(), replace_query: c.replace.value.trim(),
      banner: filled({ text: c.bannerText.value.trim(), image: c.bannerImage.value.trim(), url: c.bannerUrl.value.trim() }),
    }) ?? {},
  };
}

/** Whether the form can show a document whole; what it cannot show is edited as JSON. */
const isPlain = ({ then = {} }) => ['boost', 'bury', 'hide'].every((kind) => (then[kind]?.length ?? 0) <= 1);

function fillIn(c, { enabled = true, note = '', priority, when = {}, then = {} }) {
  if (!isPlain({ then })) throw Object.assign(new Error('Only as JSON'), { detail: 'The form shows one boost, one bury and one hide; this rule has more. Edit its JSON.' });
  const [boost = {}, bury = {}, hide = {}] = ['boost', 'bury', 'hide'].map((kind) => then[kind]?.[0]);
  const text = (list) => (list ?? []).join('\n');
  const values = {
    exact: text(when.query?.exact), contains: text(when.query?.contains), categories: text(when.categories), segments: text(when.segments), marketplaces: (when.marketplaces ?? []).join(', '),
    from: when.from, until: when.until, pin: text(then.pin), boostProducts: text(boost.products), boostFilter: boost.filter, boostFactor: boost.factor,
    buryProducts: text(bury.products), buryFilter: bury.filter, buryFactor: bury.factor, hideProducts: text(hide.products), hideFilter: hide.filter, redirect: then.redirect,
    replace: then.replace_query, bannerText: then.banner?.text, bannerImage: then.banner?.image, bannerUrl: then.banner?.url, priority, note,
  };
  for (const [name, value] of Object.entries(values)) c[name].value = value ?? '';
  c.enabled.checked = enabled;
  c.pinUnavailable.checked = then.pin_unavailable ?? false;
}

/** What a rule would do to a search, before it is saved. */
function previewed({ applies, total_before: before, total_after: after, moved, after: merchandised, warnings = [] }) {
  const told = [merchandised.redirect && `sends to ${merchandised.redirect.url}`, merchandised.replaced_query && `searches “${merchandised.replaced_query.query}” instead`,
    ...(merchandised.banners ?? []).map(({ text, image }) => `shows the banner “${text ?? image}”`)].filter(Boolean);
  const place = (number) => (number === undefined ? 'not among the first' : `place ${number}`);
  return [
    h('p', {}, badge(applies ? 'on' : 'off'), applies ? ` It holds for this search: ${before} found without it, ${after} with it.` : ' It does not hold for this search.', told.length ? ` It ${told.join(', ')}.` : ''),
    warnings.length ? h('p', { class: 'notice' }, warnings.join('; ')) : null,
    table('What moves', [['Product', ({ id }) => link(id, `/console/products/${encodeURIComponent(id)}`)], ['Without it', ({ before: at }) => place(at)], ['With it', ({ after: at }) => place(at)]], moved, 'No product moves.'),
  ];
}

function previewForm(id, current, suggested) {
  const q = input({ type: 'search', value: suggested ?? '' });
  const at = input({ placeholder: 'now' });
  const result = h('div', { role: 'status' });
  const element = card('Preview', form({ class: 'row', id: 'preview' }, async () => {
    const answer = await call('POST', '/v1/rules/preview', { ...(id ? { id } : {}), rule: current(), search: { q: q.value }, ...(at.value ? { at: at.value } : {}) });
    result.replaceChildren(...previewed(answer).filter(Boolean));
  }, field('Search for', q, { field: 'search.q' }), field('At', at, { field: 'at', hint: 'A moment in RFC 3339; empty: now.' }), submit('Preview')), result);
  return element;
}

async function one({ place, params, go }, id) {
  const isNew = id === undefined;
  const { body, tag } = await read('rules', id);
  const c = fieldsOf();
  const text = h('textarea', { rows: '18', class: 'code', spellcheck: 'false' });
  const edited = editor({
    fields: groups(c), toDocument: () => documentOf(c), toFields: (document) => fillIn(c, document),
    text: field('The rule as JSON', text, { field: 'document', wide: true }), parse: (typed) => parsed(typed, 'document'),
  });
  const name = input({ value: params.get('name') ?? '', required: true, maxlength: '128' });
  const start = body ?? (params.has('q') ? { when: { query: { exact: [params.get('q')] } }, then: {} } : { then: {} });
  const preview = previewForm(id, () => edited.current(), start.when?.query?.exact?.[0] ?? start.when?.query?.contains?.[0]);
  const element = form({ class: 'card' }, async () => {
    await save('rules', isNew ? name.value.trim() : id, edited.current(), tag);
    go(isNew ? `/console/rules/${encodeURIComponent(name.value.trim())}` : location.pathname, true);
  }, isNew ? field('Name', name, { field: 'id', hint: 'Letters, digits, - _ . and the like; it cannot be changed later.' }) : null, edited.element,
  h('div', { class: 'actions' }, submit(isNew ? 'Create the rule' : 'Save the rule'), isNew ? null : removal('rules', id, go)));
  // Problems of a preview name fields of the rule, which stand in the other form.
  preview.addEventListener('submit', () => settle(element));
  place.replaceChildren(head(isNew ? 'New rule' : id, isNew ? 'Try it below before you save it.' : about(body), link('All rules', '/console/rules')), element, preview,
    isNew ? '' : history('rules', id, (document) => { edited.put(document); element.scrollIntoView(); }));
  if (isPlain(start)) return fillIn(c, start);
  element.querySelectorAll('.tab')[1].click();
  await busy(element, async () => { text.value = JSON.stringify(start, null, 2); });
  return undefined;
}

export function show(asked) {
  const { place, rest, params } = asked;
  if (rest.length) return one(asked, rest[0] === 'new' ? undefined : rest[0]);
  place.replaceChildren(head('Rules', 'What stands first, sinks, or is not found, for which words and when.', link('New rule', '/console/rules/new', 'button button-main')),
    list('rules', about, params.get('cursor')));
  return undefined;
}
