// What carts, sessions and orders come to, and their lines, to be read.

import { h, money } from './dom.js';

const LABELS = { subtotal: 'Subtotal', discount: 'Discount', items_discount: 'Discount', shipping: 'Delivery', fulfillment: 'Delivery', tax: 'Tax', fee: 'Fees', total: 'Total' };
const PARTS = ['subtotal', 'discount', 'shipping', 'tax', 'total'];

/** One part of a protocol's list of totals. */
export const totalOf = (totals, type) => totals.find((total) => total.type === type)?.amount ?? 0;

/** A cart's totals as the protocol lists them: no discount and no tax are not worth a line. */
export function listOf(totals) {
  const parts = PARTS.map((type) => ({ type, amount: totals[type].amount_minor }));
  return parts.filter(({ type, amount }) => amount !== 0 || ['subtotal', 'shipping', 'total'].includes(type));
}

const isDelivery = ({ type }) => ['shipping', 'fulfillment'].includes(type);
const labelOf = ({ type, display_text: text }) => (isDelivery({ type }) ? LABELS[type] : text ?? LABELS[type] ?? type);

/** Totals as a table. */
export function totalsTable(totals, currency) {
  const isFree = (part) => isDelivery(part) && part.amount === 0;
  return h('dl', { class: 'totals' }, totals.map((part) => {
    const style = part.type === 'total' ? 'totals-sum' : null;
    return [h('dt', { class: style }, labelOf(part)), h('dd', { class: style }, isFree(part) ? 'Free' : money(part.amount, currency))];
  }));
}

/** The lines of a session or order, without controls. */
export function lineSummary(lines, currency) {
  return h('ul', { class: 'summary' }, lines.map(({ item, quantity, totals }) => {
    const count = typeof quantity === 'number' ? quantity : quantity.total;
    return h('li', {}, h('span', {}, `${count} × ${item.title}`), h('span', {}, money(totalOf(totals, 'subtotal') || item.price * count, currency)));
  }));
}
