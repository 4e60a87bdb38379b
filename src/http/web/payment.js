// Paying, and waiting for what comes of it: the bank may refuse, may want to see the shopper, or may answer late.

import { call } from './api.js';
import { h, money, notice } from './dom.js';

const HANDLER = 'test';
/** The ways to pay of the test provider, with what becomes of them. */
export const WAYS = [
  ['tok_success', 'Card that is approved'],
  ['tok_decline', 'Card that is declined'],
  ['tok_action', 'Card that the bank wants confirmed'],
  ['tok_timeout_after_success', 'Bank that answers late'],
  ['tok_unreachable', 'Bank that cannot be reached'],
];
/** Milliseconds between two questions whether the bank has answered. */
const PAUSE_MS = 1_000;
/** Statuses of a session in which an answer is still to come. */
const PENDING = ['requires_escalation', 'complete_in_progress'];

/** What completes a session. */
export const paymentOf = (token, total) => ({
  payment: { instruments: [{ id: 'instrument_1', handler_id: HANDLER, type: 'token', selected: true, credential: { type: 'token', token } }] },
  expected_total: total,
});

function waitingFor(checkout) {
  if (checkout.status !== 'requires_escalation') {
    return [h('strong', {}, 'Your bank has not answered yet.'), h('p', {}, 'This page goes on by itself as soon as it does. Nothing is charged twice.')];
  }
  return [h('strong', {}, 'Your bank wants you to confirm this payment.'), h('p', {}, 'Confirm it there; this page goes on by itself. Your units stay reserved meanwhile.'),
    h('a', { class: 'button-quiet', href: checkout.continue_url, target: '_blank', rel: 'noopener noreferrer' }, 'Confirm with the bank')];
}

/** Waits until the session has come to an end of this attempt, and says meanwhile what it waits for. */
export async function settled(checkout, { path, place, isCurrent }) {
  let current = checkout;
  let said = '';
  while (PENDING.includes(current.status) && isCurrent()) {
    if (said !== current.status) place.replaceChildren(h('div', { class: 'notice notice-waiting', role: 'status' }, h('span', { class: 'spinner', 'aria-hidden': 'true' }), h('div', {}, waitingFor(current))));
    said = current.status;
    await new Promise((resolve) => { setTimeout(resolve, PAUSE_MS); });
    current = await call('GET', path).catch(() => current);
  }
  if (isCurrent()) place.replaceChildren();
  return current;
}

/** Why an attempt came to nothing. */
export function refusal(checkout) {
  const message = checkout.messages?.find(({ type }) => type === 'error');
  return notice({ title: message?.content ?? 'The order has not been placed yet.', detail: message?.code === 'payment_declined' ? 'Nothing was charged. Choose another way to pay and place the order again.' : null });
}

function changeText({ kind, was, now, sku }, titleOf) {
  const amount = (value) => value ? money(value.amount_minor, value.currency) : 'nothing';
  switch (kind) {
    case 'price': return `${titleOf ?? 'An article'} was ${amount(was)} and is ${amount(now)} now.`;
    case 'gone': return `${sku} is not sold any more and was taken out.`;
    case 'delivery': return 'The delivery that you chose is not offered any more as it was.';
    case 'promise': return `It would arrive later than promised${now ? `: by ${new Date(now).toLocaleDateString()}` : ''}.`;
    case 'total': return `The total was ${amount(was)} and is ${amount(now)} now.`;
    case 'left_to_pay': return `Your gift cards and credit pay less than they did: ${amount(was)} was left to pay, it is ${amount(now)} now.`;
    default: return 'Something changed.';
  }
}

/** What is not as the shopper was shown it. */
export function changesNotice(changes, lines) {
  const titleOf = ({ line_id: id }) => lines.find((line) => line.id === id)?.item.title;
  return h('div', { class: 'notice', role: 'alert' }, h('strong', {}, 'Something changed since you looked.'),
    h('ul', { class: 'changes' }, changes.map((change) => h('li', {}, changeText(change, titleOf(change))))),
    h('p', {}, 'Nothing was charged. Placing the order again accepts it as it is now.'));
}
