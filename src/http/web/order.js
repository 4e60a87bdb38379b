// An order: that it was placed, where it stands, what has left and where that is.

import { call } from './api.js';
import { day, days, h } from './dom.js';
import { lineSummary, totalsTable } from './sums.js';

/** What the three axes of an order say, in words. */
const ORDER = { placed: 'We have your order', on_hold: 'On hold: somebody looks at it', closed: 'Complete', canceled: 'Canceled' };
const PAYMENT = {
  pending: 'Waiting for the payment', authorized: 'Authorised, charged when it leaves', partially_paid: 'Charged in part', paid: 'Paid',
  partially_refunded: 'Refunded in part', refunded: 'Refunded', voided: 'Released, nothing charged', disputed: 'Disputed',
};
const DELIVERY = {
  unfulfilled: 'Being prepared', scheduled: 'Leaves on a later date', backordered: 'Waiting for stock', partial: 'Left in part', fulfilled: 'On its way', delivered: 'Delivered',
  partially_returned: 'Returned in part', returned: 'Returned', canceled: 'Canceled',
};

const spoken = (words, status) => words[status] ?? status.replaceAll('_', ' ').replace(/^./, (letter) => letter.toUpperCase());

function axes({ status, payment_status: payment, fulfilment_status: delivery }) {
  const axis = (name, text) => h('div', { class: 'axis' }, h('dt', {}, name), h('dd', {}, text));
  return h('dl', { class: 'axes', 'aria-label': 'Where it stands' }, axis('Order', spoken(ORDER, status)), axis('Payment', spoken(PAYMENT, payment)), axis('Delivery', spoken(DELIVERY, delivery)));
}

function shipment({ units, shipped_at: shipped, delivered_at: delivered, tracking: told }, number, titles) {
  const { carrier, parcels = [], events = [] } = told ?? {};
  const tracking = parcels.map((parcel) => parcel.tracking).filter(Boolean);
  const notes = events.map(({ status, at, note }) => h('li', {}, `${day(at)}: ${spoken({}, status)}${note ? `, ${note}` : ''}`));
  return h('li', { class: 'shipment' }, h('h3', {}, `Parcel ${number + 1}: `, delivered ? `delivered ${day(delivered)}` : `left ${day(shipped)}`),
    h('p', {}, units.map(({ sku, quantity }) => `${quantity} × ${titles.get(sku) ?? sku}`).join(', ')),
    (carrier || tracking.length > 0) && h('p', { class: 'faint' }, [carrier?.carrier, tracking.length && `tracking ${tracking.join(', ')}`].filter(Boolean).join(' · ')),
    notes.length > 0 && h('ol', { class: 'told' }, notes));
}

function shipments({ shipments: all }, order) {
  if (!all.length) return null;
  const titles = new Map(order.line_items.map(({ item }) => [item.id, item.title]));
  return h('section', { class: 'about' }, h('h2', {}, 'On the way'), h('ul', { class: 'shipments' }, all.map((one, index) => shipment(one, index, titles))));
}

function destination(progress, order) {
  const [expectation] = order.fulfillment.expectations ?? [];
  const delivery = progress?.delivery;
  if (!expectation && !delivery) return null;
  const { first_name: first, last_name: last, street_address: street, postal_code: code, address_locality: town, address_country: country } = expectation?.destination ?? {};
  const rows = [[first, last].filter(Boolean).join(' '), street, [code, town].filter(Boolean).join(' '), country].filter(Boolean);
  const when = delivery?.promised_until && `Promised for ${days(delivery.promised_from, delivery.promised_until)}`;
  return h('section', { class: 'about' }, h('h2', {}, 'Delivery'), rows.length > 0 && h('address', {}, rows.map((row) => h('span', {}, row))),
    h('p', { class: 'faint' }, [delivery?.title ?? expectation?.description, when].filter(Boolean).join(' · ')));
}

const bars = (count) => Array.from({ length: count }, (_, index) => h('div', { class: index % 2 ? 'bar bar-short' : 'bar' }));

/** Shows the page. */
export async function orderPage({ main, id, params, isCurrent }) {
  const isNew = params.has('new');
  main.replaceChildren(h('div', { class: 'order', 'aria-hidden': 'true' }, bars(7)));
  const name = encodeURIComponent(id);
  const [order, progress] = await Promise.all([call('GET', `/ucp/v1/orders/${name}`), call('GET', `/v1/orders/${name}/progress`).catch(() => null)]);
  if (!isCurrent()) return;
  main.replaceChildren(h('div', { class: 'order' },
    isNew && h('div', { class: 'thanks' }, h('span', { class: 'thanks-sign', 'aria-hidden': 'true' }, '✓'), h('div', {}, h('h1', {}, 'Thank you. Your order is placed.'), h('p', { class: 'faint' }, 'Keep this page\'s address: it shows where your order is.'))),
    h(isNew ? 'h2' : 'h1', { class: 'order-name' }, 'Order ', order.label ?? h('code', {}, order.id)),
    progress && axes(progress),
    progress && shipments(progress, order),
    h('section', { class: 'about' }, h('h2', {}, 'What you ordered'), lineSummary(order.line_items, order.currency), totalsTable(order.totals, order.currency)),
    destination(progress, order),
    h('a', { class: 'button', href: '/' }, 'Continue shopping')));
}
