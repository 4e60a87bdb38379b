// Checkout with the test payment provider, and the order that comes of it.

import { call, session, shopper, write } from './api.js';
import { forgetCart, loadCart } from './cart-store.js';
import { lineSummary, totalsTable } from './cart.js';
import { h, notice } from './dom.js';

const HANDLER = 'test';
const TOKENS = [
  ['tok_success', 'Card that is approved'],
  ['tok_decline', 'Card that is declined'],
  ['tok_timeout_after_success', 'Bank that answers late'],
  ['tok_unreachable', 'Bank that cannot be reached'],
];
const FIELDS = [
  ['email', 'E-mail', { type: 'email', autocomplete: 'email', wide: true }],
  ['first_name', 'First name', { autocomplete: 'given-name' }],
  ['last_name', 'Last name', { autocomplete: 'family-name' }],
  ['street_address', 'Street and number', { autocomplete: 'street-address', wide: true }],
  ['postal_code', 'Postal code', { autocomplete: 'postal-code' }],
  ['address_locality', 'Town', { autocomplete: 'address-level2' }],
  ['address_country', 'Country (two letters)', { autocomplete: 'country', maxlength: 2, value: 'US', pattern: '[A-Za-z]{2}' }],
];

const field = ([name, label, { wide, ...attributes }]) => h('label', { class: wide ? 'field field-wide' : 'field' }, h('span', {}, label), h('input', { name, required: true, maxlength: 120, ...attributes }));

/** The session with what the form says so far; what is not filled in yet is left out. */
function updateOf(checkout, form) {
  const inputs = [...form.querySelectorAll('.field input')].filter((input) => input.value.trim() && input.checkValidity());
  const filled = Object.fromEntries(inputs.map(({ name, value }) => [name, value.trim()]));
  const { email, first_name: first, last_name: last, ...place } = filled;
  const names = { ...(first && { first_name: first }), ...(last && { last_name: last }) };
  if (place.address_country) place.address_country = place.address_country.toUpperCase();
  return {
    line_items: checkout.line_items.map(({ id, item, quantity }) => ({ id, item: { id: item.id }, quantity })),
    buyer: { ...(email && { email }), ...names, shopper_id: shopper, session_id: session },
    fulfillment: { methods: [{ type: 'shipping', line_item_ids: checkout.line_items.map(({ id }) => id), destinations: [{ ...names, ...place }] }] },
  };
}

const paymentOf = (token) => ({ payment: { instruments: [{ id: 'instrument_1', handler_id: HANDLER, type: 'token', selected: true, credential: { type: 'token', token } }] } });

/** Shows the checkout of the cart. */
export async function checkoutPage(main, go) {
  const cart = await loadCart();
  if (!cart?.line_items.length) return go('/cart');
  let checkout = await write('POST', '/ucp/v1/checkout-sessions', { cart_id: cart.id, line_items: [], buyer: { shopper_id: shopper, session_id: session } });
  const problemAt = h('div', {});
  const path = () => `/ucp/v1/checkout-sessions/${encodeURIComponent(checkout.id)}`;
  const pay = h('button', { class: 'button button-wide' }, 'Place order');
  const sums = h('div', {});
  const form = h('form', { class: 'two' });
  const drawSums = () => sums.replaceChildren(totalsTable(checkout.totals, checkout.currency));
  // One update after another: each is made from the session that the one before answered.
  let updates = Promise.resolve();
  const update = () => {
    updates = updates.catch(() => {}).then(async () => {
      checkout = await write('PUT', path(), updateOf(checkout, form));
      drawSums();
    });
    return updates;
  };
  const place = async (event) => {
    event.preventDefault();
    pay.disabled = true;
    pay.textContent = 'Placing your order…';
    problemAt.replaceChildren();
    try {
      await update();
      checkout = await write('POST', `${path()}/complete`, paymentOf(new FormData(form).get('token')));
      if (checkout.status === 'completed') {
        forgetCart();
        return go(`/orders/${encodeURIComponent(checkout.order.id)}?new`);
      }
      const message = checkout.messages?.find(({ type }) => type === 'error');
      problemAt.replaceChildren(notice({ title: message?.content ?? 'The payment has not been confirmed yet.', detail: message ? null : 'Wait a moment and place the order again.' }));
    } catch (problem) {
      problemAt.replaceChildren(notice(problem));
    }
    pay.disabled = false;
    pay.textContent = 'Place order';
    problemAt.scrollIntoView({ block: 'center' });
    return null;
  };
  form.append(
      h('div', {},
        h('fieldset', { class: 'fields' }, h('legend', {}, 'Where it goes'), FIELDS.map(field)),
        h('fieldset', { class: 'fields' }, h('legend', {}, 'Payment'), h('p', { class: 'faint field-wide' }, 'This shop uses a test provider: nothing is charged.'),
          TOKENS.map(([token, name], index) => h('label', { class: 'check field-wide' }, h('input', { type: 'radio', name: 'token', value: token, checked: index === 0 }), h('span', {}, name))))),
      h('aside', { class: 'sum', 'aria-label': 'Order summary' }, h('h2', {}, 'Your order'), lineSummary(checkout.line_items, checkout.currency), sums, problemAt, pay));
  form.addEventListener('submit', place);
  // Tax depends on where it goes, so the total is asked for again whenever that changes.
  form.addEventListener('change', ({ target }) => target.name === 'address_country' && update().catch((problem) => problemAt.replaceChildren(notice(problem))));
  drawSums();
  main.replaceChildren(h('h1', {}, 'Checkout'), form);
  await update();
  return null;
}

/** Shows an order. */
export async function orderPage(main, id, isNew) {
  const order = await call('GET', `/ucp/v1/orders/${encodeURIComponent(id)}`);
  main.replaceChildren(h('div', { class: 'order' },
    isNew && h('div', { class: 'thanks' }, h('span', { class: 'thanks-sign', 'aria-hidden': 'true' }, '✓'), h('div', {}, h('h1', {}, 'Thank you. Your order is placed.'), h('p', { class: 'faint' }, 'The units are reserved for you and the payment is authorised.'))),
    h(isNew ? 'h2' : 'h1', { class: 'order-name' }, 'Order ', h('code', {}, order.label ?? order.id)),
    lineSummary(order.line_items, order.currency), totalsTable(order.totals, order.currency),
    (order.fulfillment.expectations ?? []).slice(0, 1).map(({ destination, description }) => h('section', { class: 'about' }, h('h2', {}, 'Delivery'),
      h('address', {}, [[destination.first_name, destination.last_name].filter(Boolean).join(' '), destination.street_address, [destination.postal_code, destination.address_locality].filter(Boolean).join(' '), destination.address_country].filter(Boolean).map((row) => h('span', {}, row))),
      description && h('p', { class: 'faint' }, description))),
    h('a', { class: 'button', href: '/' }, 'Continue shopping')));
}
