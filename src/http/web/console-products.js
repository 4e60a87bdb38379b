// Products: finding, editing as JSON, prices; and the stock of each variant by location.

import { call, get, once, tagged } from '/assets/console-api.js';
import { badge, button, card, confirm, facts, field, form, h, head, input, json, link, loading, number, parsed, price, select, submit, table, toast, when, words } from '/assets/console-kit.js';

const FOUND = 50;
const REASONS = ['adjusted', 'counted', 'received', 'returned', 'written_off', 'found', 'damaged'];
const pathOf = (id) => `/v1/products/${encodeURIComponent(id)}`;

function find({ place, params, go }) {
  const q = input({ type: 'search', value: params.get('q') ?? '', maxlength: '200' });
  const stock = select([['', 'any'], ['available = true', 'can be bought'], ['available = false', 'sold out']], params.get('filter') ?? '');
  const element = form({ class: 'row', role: 'search' }, async () => {
    go(`/console/products?${new URLSearchParams(Object.entries({ q: q.value, filter: stock.value }).filter(([, value]) => value))}`, true);
  }, field('Words, id, SKU or GTIN', q), field('Stock', stock), submit('Find'));
  place.replaceChildren(head('Products and stock', 'Find a product to edit it, to see its prices, or to adjust its stock.'), element, loading(async () => {
    // The empty question lists what stands first; words with an id find that product alone.
    const { total, hits } = await get('/v1/search', { q: q.value, filter: stock.value, limit: FOUND, personalize: 'false' });
    return [h('p', { class: 'faint', role: 'status' }, `${number(total)} found${total > FOUND ? `, the first ${FOUND} shown` : ''}`),
      table('Products', [['Product', ({ id, product }) => link(product.title, `/console/products/${encodeURIComponent(id)}`, 'title')], ['Id', ({ id }) => h('code', {}, id)], ['Brand', ({ product }) => product.brand],
        ['Variants', ({ product }) => number(product.variants_count ?? 1), true], ['Price', ({ product }) => price(product.price), true], ['Stock', ({ product }) => badge(product.available ? 'available' : 'sold out')]], hits, 'Nothing was found.')];
  }));
}

/** The control that a field of a product document stands at, as a line of its text. */
function pointAt(area, name) {
  const last = name.split(/[.[\]]+/).filter((part) => part && !/^\d+$/.test(part)).at(-1);
  const at = last ? area.value.indexOf(`"${last}"`) : -1;
  if (at >= 0) area.setSelectionRange(at, at + last.length + 2);
}

function documentForm(id, body, tag, go) {
  const area = h('textarea', { rows: '24', class: 'code', spellcheck: 'false' });
  area.value = JSON.stringify(body, null, 2);
  const element = form({ class: 'card' }, async () => {
    try {
      const { outcome } = await call('PUT', pathOf(id), parsed(area.value, 'document'), { 'if-match': tag });
      toast(`${id}: ${outcome}`);
      go(location.pathname, true);
    } catch (problem) {
      if (problem.field && problem.field !== 'document') {
        pointAt(area, problem.field);
        throw Object.assign(problem, { field: `document.${problem.field}` });
      }
      throw problem;
    }
  }, h('h2', {}, 'The product'), field('As JSON', area, { field: 'document', wide: true, hint: 'Saved only while nobody else has changed it.' }), h('div', { class: 'actions' }, submit('Save the product')));
  return element;
}

function adjustForm(sku, locations, done) {
  const location = locations.length ? select(locations.map((one) => [one, one]), locations[0]) : input({ required: true });
  const what = select([['adjust', 'change by'], ['set', 'set to']], 'adjust');
  const units = input({ inputmode: 'numeric', required: true, class: 'short' });
  const reason = select(REASONS, 'adjusted');
  const current = () => Number(document.getElementById(`on-hand-${sku}-${location.value}`)?.textContent.replace(/\D/g, ''));
  return form({ class: 'row' }, async () => {
    const count = units.value.trim() === '' || Number.isNaN(Number(units.value)) ? units.value : Number(units.value);
    // A count is only right for the number that was counted against.
    const expected = what.value === 'set' && Number.isFinite(current()) ? { expected: current() } : {};
    await once('POST', '/v1/inventory', { sku, location: location.value, [what.value]: count, ...expected, reason: reason.value });
    toast(`${sku}: stock changed`);
    await done();
  }, field('Location', location, { field: 'location' }), field('What', what), field('Units', units, { field: 'adjust' }), field('Reason', reason, { field: 'reason' }), submit('Change the stock'));
}

function levels(sku) {
  const place = h('div', { class: 'levels' });
  const draw = async () => {
    const level = await get('/v1/inventory', { sku });
    const count = (key) => (row) => number(row[key]);
    const rows = table(`Stock of ${sku}`, [['Location', ({ location }) => location],
      ['On hand', (row) => h('span', { id: `on-hand-${sku}-${row.location}` }, number(row.on_hand)), true], ['Available', count('available'), true], ['Reserved', count('reserved'), true], ['Allocated', count('allocated'), true],
      ['Picked', count('picked'), true], ['Damaged', count('damaged'), true], ['Held', count('quality_hold'), true], ['Incoming', count('incoming'), true], ['In transit', count('in_transit'), true], ['Safety', count('safety_stock'), true]],
    level.locations, 'Nobody has told its stock yet.');
    place.replaceChildren(h('p', { role: 'status' }, h('strong', {}, number(level.available)), ' units can be sold'), rows, adjustForm(sku, level.locations.map(({ location }) => location), draw), movements(sku));
  };
  draw().catch((problem) => place.replaceChildren(h('p', { class: 'notice notice-bad', role: 'alert' }, problem.detail ?? problem.message)));
  return place;
}

/** The last movements of a SKU that are found without going far through the journal, when somebody asks for them. */
function movements(sku) {
  const place = h('details', {}, h('summary', {}, 'Movements'));
  place.addEventListener('toggle', () => place.open && place.children.length === 1 && place.append(loading(async () => {
    const { movements: all, has_more: more } = await get(`/v1/inventory/${encodeURIComponent(sku)}/movements`, { limit: 200 });
    return [h('ol', { class: 'history' }, ...all.map(({ at, type, data }) => h('li', {}, h('details', {}, h('summary', {}, words(type), ' ', when(at)), json(data))))),
      all.length ? null : h('p', { class: 'nothing' }, 'None since the journal began.'), more ? h('p', { class: 'faint' }, 'There are later ones: the interface gives them page by page.') : null];
  })));
  return place;
}

const prices = (id) => card('Prices', loading(async () => {
  const { days, variants } = await get(`${pathOf(id)}/price-history`);
  const rows = variants.flatMap(({ sku, changes }) => changes.map((change) => ({ sku, ...change })));
  return [table('Prices', [['SKU', ({ sku }) => h('code', {}, sku)], ['Now', (row) => price(row.price), true],
    [`Lowest of ${days} days`, ({ lowest_minor: amount, price: its }) => (amount === undefined || !its ? '–' : price({ amount_minor: amount, currency: its.currency })), true]], variants),
  rows.length ? table('Changes of prices', [['At', ({ at }) => when(at)], ['SKU', ({ sku }) => h('code', {}, sku)], ['Before', ({ before }) => price(before), true], ['After', (row) => price(row.price), true]], rows)
    : h('p', { class: 'faint' }, 'No price has changed since the shop began to write that down.')];
}));

async function one({ place, go, rest: [id] }) {
  const [{ body, tag }, live] = await Promise.all([tagged(pathOf(id)), get(pathOf(id), { live: 'true' })]);
  const remove = button('Remove', async () => {
    const done = await confirm(`Remove ${id}?`, 'Shoppers no longer find it. Orders that have it stay as they are.', 'Remove', () => call('DELETE', pathOf(id), undefined, { 'if-match': tag }));
    if (done) go('/console/products');
  }, 'button-bad');
  const stock = body.variants.map(({ sku, title }, index) => {
    const element = h('details', index === 0 ? { open: true } : {}, h('summary', {}, h('code', {}, sku), ` ${title ?? ''}`));
    const fillOnce = () => element.open && element.children.length === 1 && element.append(levels(sku));
    element.addEventListener('toggle', fillOnce);
    fillOnce();
    return element;
  });
  place.replaceChildren(head(body.title, id, link('On the shop page', `/p/${encodeURIComponent(id)}`), remove),
    facts([['Stock', badge(live.available ? 'available' : 'sold out')], ['Sold a day', number(live.velocity_per_day, 2)], ['Conversion', number(live.conversion, 3)], ['Popularity', number(live.popularity, 2)], ['Factor in ranking', number(live.prior, 2)]]),
    card('Stock', ...stock), documentForm(id, body, tag, go), prices(id));
}

export const show = (asked) => (asked.rest.length ? one(asked) : find(asked));
