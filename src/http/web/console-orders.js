// Orders: the list by its three axes, and one order with everything that happened to it and what can be done.

import { get, once } from '/assets/console-api.js';
import { badge, button, card, confirm, facts, field, form, h, head, input, json, link, loading, minorOf, number, price, select, submit, table, toast, typed, when, words } from '/assets/console-kit.js';

const STATUS = ['', 'placed', 'on_hold', 'closed', 'canceled'];
const PAYMENT = ['', 'pending', 'authorized', 'partially_paid', 'paid', 'partially_refunded', 'refunded', 'voided', 'disputed'];
const GOODS = ['', 'unfulfilled', 'scheduled', 'backordered', 'partial', 'fulfilled', 'delivered', 'partially_returned', 'returned', 'canceled'];
const SORTS = [['newest', 'newest first'], ['oldest', 'oldest first'], ['total_desc', 'dearest first'], ['total_asc', 'cheapest first'], ['updated_desc', 'changed last first']];
const PAGE = 50;
const pathOf = (id) => `/v1/orders/${encodeURIComponent(id)}`;

function list({ place, params, go }) {
  const value = (name) => params.get(name) ?? '';
  const c = {
    status: select(STATUS, value('status')), payment_status: select(PAYMENT, value('payment_status')), fulfilment_status: select(GOODS, value('fulfilment_status')),
    shopper_id: input({ value: value('shopper_id') }), placed_from: input({ value: value('placed_from'), placeholder: '2026-01-31T00:00:00Z' }), sort: select(SORTS, value('sort') || 'newest'),
  };
  const number_ = input({ placeholder: 'ord_…' });
  const open = form({ class: 'row' }, async () => {
    await get(pathOf(number_.value.trim()));
    go(`/console/orders/${encodeURIComponent(number_.value.trim())}`);
  }, field('Order’s name', number_), submit('Open'));
  const element = form({ class: 'row' }, async () => {
    const given = Object.entries(c).map(([name, control]) => [name, control.value.trim()]).filter(([, text]) => text);
    go(`/console/orders?${new URLSearchParams(given)}`, true);
  }, ...[['Status', 'status'], ['Payment', 'payment_status'], ['Goods', 'fulfilment_status'], ['Shopper', 'shopper_id'], ['Placed from', 'placed_from'], ['Order', 'sort']].map(([title, name]) => field(title, c[name], { field: name })), submit('Filter'));
  place.replaceChildren(head('Orders', null), element, loading(async () => {
    const asked = Object.fromEntries([...params].filter(([name]) => name in c || name === 'cursor'));
    const { orders, next_cursor: next, is_cut: isCut } = await get('/v1/orders', { ...asked, limit: PAGE });
    const following = new URLSearchParams([...Object.entries(asked), ['cursor', next]].filter(([name, text]) => text && (name !== 'cursor' || text === next)));
    return [table('Orders', [
      ['Order', ({ id, number: its }) => link(`#${its}`, `/console/orders/${encodeURIComponent(id)}`)], ['Placed', ({ placed_at: at }) => when(at)], ['Status', ({ status }) => badge(status)],
      ['Payment', (order) => badge(order.payment_status)], ['Goods', (order) => badge(order.fulfilment_status)], ['Units', ({ lines }) => number(lines.reduce((sum, { quantity }) => sum + quantity, 0)), true],
      ['Total', ({ totals }) => price(totals.total), true]], orders, 'No such orders.'),
    isCut ? h('p', { class: 'notice' }, 'There are more orders than are looked at for one page; a narrower filter finds the rest.') : null,
    next ? link('Next page', `/console/orders?${following}`) : null];
  }), open);
}

const productOf = (sku) => link(sku, `/console/products?q=${encodeURIComponent(sku)}`);

function shipments(order, again) {
  const rows = order.shipments;
  const deliver = ({ id, delivered_at: at }) => (at ? when(at) : button('Tell that it was delivered', async () => {
    if (await confirm('Delivered?', `Shipment ${id} was handed over.`, 'It was delivered', () => once('POST', `${pathOf(order.id)}/deliver`, { shipment_id: id }))) again();
  }, 'button-small'));
  return card('Shipments', table('Shipments', [['Shipment', ({ id }) => h('code', {}, id)], ['Units', ({ units }) => units.map(({ sku, quantity, location }) => `${quantity} × ${sku} from ${location}`).join(', ')],
    ['Shipped', ({ shipped_at: at }) => when(at)], ['Delivered', deliver]], rows, 'Nothing has been shipped.'),
  order.left_to_ship.length ? h('p', { class: 'faint' }, `Left to ship: ${order.left_to_ship.map(({ sku, quantity, location }) => `${quantity} × ${sku} from ${location}`).join(', ')}`) : null);
}

function refund(payment, again) {
  const { currency } = payment.refundable;
  const amount = input({ inputmode: 'decimal', value: typed(payment.refundable) });
  return button('Refund', async () => {
    const path = `/v1/payments/${encodeURIComponent(payment.id)}/refund`;
    const done = await confirm('Refund', `Up to ${price(payment.refundable)} can be given back. It cannot be undone.`, 'Refund',
      () => once('POST', path, { amount: { amount_minor: minorOf(amount.value, currency), currency } }),
      [field(`Amount in ${currency}`, amount, { field: 'amount' })]);
    if (done) again();
  }, 'button-small button-bad');
}

const payments = (order, again) => card('Payments', loading(async () => {
  const { payments: all } = await get(`${pathOf(order.id)}/payments`);
  return all.length ? all.map((payment) => h('div', { class: 'part' },
    facts([['Payment', h('code', {}, payment.id)], ['Provider', payment.provider], ['Status', badge(payment.status)], ['Amount', price(payment.amount)], ['Captured', price(payment.captured)], ['Refunded', price(payment.refunded)], ['Can be refunded', price(payment.refundable)]]),
    table('Steps', [['At', ({ asked_at: at }) => when(at)], ['Step', ({ kind }) => words(kind)], ['Status', ({ status }) => badge(status)], ['Amount', ({ amount }) => price(amount), true], ['Why', ({ reason }) => reason ?? '']], payment.steps ?? []),
    payment.refundable?.amount_minor > 0 ? refund(payment, again) : null)) : h('p', { class: 'nothing' }, 'No payments.');
}));

const BY = { request: 'somebody asked for it', process: 'time passed, or a provider said so' };

const told = ({ at, by, changes }) => h('li', {}, h('p', {}, when(at), h('span', { class: 'faint' }, ` · ${BY[by] ?? by}`)),
  ...changes.map(({ type, data }) => h('details', {}, h('summary', {}, words(type)), json(data))));

/** What the journal says of the order, page after page. */
function history(order) {
  const entries = h('ol', { class: 'history' });
  const page = async (cursor) => {
    const { entries: fresh, next_cursor: next } = await get(`${pathOf(order.id)}/history`, { cursor });
    entries.append(...fresh.map(told));
    const more = next && button('Later entries', () => page(next).then(() => more.remove(), (problem) => toast(problem.message)), 'button-small');
    return [entries, more];
  };
  return card('History', h('p', { class: 'faint' }, 'As the journal tells it.'), loading(() => page()));
}

function actions(order, again) {
  const path = pathOf(order.id);
  const reason = input({ value: '', maxlength: '200' });
  const all = [];
  if (order.left_to_ship.length && order.status === 'placed') {
    all.push(button('Ship all that is left', async () => {
      if (await confirm('Ship', `${order.left_to_ship.reduce((sum, { quantity }) => sum + quantity, 0)} units leave. What is held is captured.`, 'Ship', () => once('POST', `${path}/ship`))) again();
    }, 'button-main'));
  }
  if (!['canceled', 'closed'].includes(order.status) && !order.shipments.length) {
    all.push(button('Cancel the order', async () => {
      const work = () => once('POST', `${path}/cancel`, reason.value.trim() ? { reason: reason.value.trim() } : {});
      if (await confirm(`Cancel order #${order.number}?`, 'Its stock is free again and what is held is given back. It cannot be undone.', 'Cancel the order', work, [field('Why', reason, { field: 'reason' })])) again();
    }, 'button-bad'));
  }
  return all;
}

async function one({ place, rest: [id], go }) {
  const order = await get(pathOf(id));
  const again = () => { toast('Done'); go(location.pathname, true); };
  const { address, buyer, totals } = order;
  place.replaceChildren(
    head(`Order #${order.number}`, order.id, ...actions(order, again)),
    h('p', { class: 'states' }, badge(order.status), ' ', badge(order.payment_status), ' ', badge(order.fulfilment_status)),
    card('Order', facts([['Placed', when(order.placed_at)], ['Changed', when(order.updated_at)], ['Owed', order.due?.amount_minor ? price(order.due) : ''], ['Canceled because', order.cancel_reason],
      ['Buyer', [buyer.name, buyer.email].filter(Boolean).join(', ')], ['Shopper', buyer.shopper], ['To', [address.name, address.street, `${address.postal_code} ${address.city}`, address.region, address.country].filter((part) => part?.trim()).join(', ')]])),
    card('Lines', table('Lines', [['Product', ({ title }) => h('span', { class: 'title' }, title)], ['SKU', ({ sku }) => productOf(sku)], ['Units', ({ quantity }) => number(quantity), true], ['Each', ({ unit_price: each }) => price(each), true],
      ['Together', ({ unit_price: each, quantity }) => price({ ...each, amount_minor: each.amount_minor * quantity }), true]], order.lines),
    facts([['Goods', price(totals.subtotal)], ['Discount', totals.discount.amount_minor ? price(totals.discount) : ''], ['Shipping', price(totals.shipping)], ['Tax', totals.tax.amount_minor ? price(totals.tax) : ''], ['Total', h('strong', {}, price(totals.total))]])),
    payments(order, again), shipments(order, again), history(order));
}

export const show = (asked) => (asked.rest.length ? one(asked) : list(asked));
