// Checkout: where it goes, how and when it arrives, how it is paid.

import { call, session, shopper, write } from './api.js';
import { forgetCart, loadCart } from './cart-store.js';
import { announce, days, h, money, notice } from './dom.js';
import { WAYS, changesNotice, paymentOf, refusal, settled } from './payment.js';
import { lineSummary, totalOf, totalsTable } from './sums.js';

const COUNTRIES = 'AD AE AR AT AU BA BE BG BR CA CH CL CN CO CR CY CZ DE DK DO EE EG ES FI FR GB GR HK HR HU ID IE IL IN IS IT JP KE KR LI LT LU LV MA MC ME MK MT MX MY NG NL NO NZ PE PH PL PT RO RS SA SE SG SI SK SM TH TN TR TW UA US UY VA VN ZA'.split(' ');
const FIELDS = [
  ['email', 'E-mail', { type: 'email', autocomplete: 'email', wide: true }],
  ['first_name', 'First name', { autocomplete: 'given-name' }],
  ['last_name', 'Last name', { autocomplete: 'family-name' }],
  ['street_address', 'Street and number', { autocomplete: 'street-address', wide: true }],
  ['postal_code', 'Postal code', { autocomplete: 'postal-code' }],
  ['address_locality', 'Town', { autocomplete: 'address-level2' }],
];
/** What decides on tax, delivery and dates. */
const PLACE = ['address_country', 'postal_code', 'address_locality'];

const field = ([name, label, { wide, ...attributes }]) => h('label', { class: wide ? 'field field-wide' : 'field' }, h('span', {}, label), h('input', { name, required: true, maxlength: 120, ...attributes }));

function countryField() {
  const names = new Intl.DisplayNames(undefined, { type: 'region' });
  const own = new Intl.Locale(navigator.language).region ?? 'US';
  const sorted = COUNTRIES.map((code) => [code, names.of(code)]).sort(([, one], [, other]) => one.localeCompare(other));
  return h('label', { class: 'field field-wide' }, h('span', {}, 'Country'),
    h('select', { name: 'address_country', required: true, autocomplete: 'country' }, sorted.map(([code, name]) => h('option', { value: code, selected: code === own }, name))));
}

/** The session with what the form says so far; what is not filled in yet is left out. */
function updateOf(checkout, form) {
  const inputs = [...form.querySelectorAll('.field input, .field select')].filter((input) => input.value.trim() && input.checkValidity());
  const filled = Object.fromEntries(inputs.map(({ name, value }) => [name, value.trim()]));
  const { email, first_name: first, last_name: last, ...place } = filled;
  const names = { ...(first && { first_name: first }), ...(last && { last_name: last }) };
  const option = form.elements.delivery?.value;
  const method = { type: 'shipping', line_item_ids: checkout.line_items.map(({ id }) => id), destinations: [{ ...names, ...place }] };
  return {
    line_items: checkout.line_items.map(({ id, item, quantity }) => ({ id, item: { id: item.id }, quantity })),
    buyer: { ...(email && { email }), ...names, shopper_id: shopper, session_id: session },
    fulfillment: { methods: [option ? { ...method, groups: [{ selected_option_id: option }] } : method] },
  };
}

function deliveryText({ earliest_fulfillment_time: from, latest_fulfillment_time: until, carrier }) {
  return [until ? `Arrives ${days(from, until)}` : 'Arrives in a few days', carrier].filter(Boolean).join(' · ');
}

/** The ways in which the goods can travel, with what they cost and when they are there. */
function deliveryChoices(checkout, currency) {
  const [group] = checkout.fulfillment?.methods?.[0]?.groups ?? [];
  const options = group?.options ?? [];
  if (!options.length) return h('p', { class: 'faint field-wide' }, 'The ways of delivery appear once the address is there.');
  return options.map((option, index) => h('label', { class: 'check delivery field-wide' },
    h('input', { type: 'radio', name: 'delivery', value: option.id, checked: group.selected_option_id ? option.id === group.selected_option_id : index === 0 }),
    h('span', {}, h('span', { class: 'delivery-title' }, option.title), h('span', { class: 'faint' }, deliveryText(option))),
    h('span', { class: 'delivery-cost' }, totalOf(option.totals, 'total') ? money(totalOf(option.totals, 'total'), currency) : 'Free')));
}

function waiting() {
  return h('div', { class: 'two', 'aria-hidden': 'true' }, h('div', { class: 'fields' }, Array.from({ length: 6 }, () => h('div', { class: 'bar bar-field field-wide' }))), h('div', { class: 'sum' }, h('div', { class: 'bar' }), h('div', { class: 'bar bar-short' })));
}

/** The form and its parts. */
function build() {
  const parts = { delivery: h('div', { class: 'field-wide deliveries' }), lines: h('div', {}), sums: h('div', {}), problem: h('div', { tabindex: '-1', class: 'problem-at' }), pay: h('button', { class: 'button button-wide' }, 'Place order') };
  const ways = WAYS.map(([token, name], index) => h('label', { class: 'check field-wide' }, h('input', { type: 'radio', name: 'token', value: token, checked: index === 0 }), h('span', {}, name)));
  const form = h('form', { class: 'two' }, h('div', {},
    h('fieldset', { class: 'fields' }, h('legend', {}, 'Where it goes'), FIELDS.map(field), countryField()),
    h('fieldset', { class: 'fields' }, h('legend', {}, 'How it arrives'), parts.delivery),
    h('fieldset', { class: 'fields' }, h('legend', {}, 'Payment'), h('p', { class: 'faint field-wide' }, 'This shop uses a test provider: nothing is charged.'), ways)),
  h('aside', { class: 'sum', 'aria-label': 'Order summary' }, h('h2', {}, 'Your order'), parts.lines, parts.sums, parts.problem, parts.pay));
  return { form, ...parts };
}

/** Shows the checkout of the cart. */
export async function checkoutPage({ main, go, isCurrent }) {
  const heading = h('h1', {}, 'Checkout');
  main.replaceChildren(heading, waiting());
  const cart = await loadCart();
  if (!isCurrent()) return;
  if (!cart?.lines.length) return go('/cart', { isReplacing: true });
  let checkout = await write('POST', '/ucp/v1/checkout-sessions', { cart_id: cart.id, line_items: [], buyer: { shopper_id: shopper, session_id: session } });
  if (!isCurrent()) return;
  const { form, delivery, lines, sums, problem: problemAt, pay } = build();
  const path = `/ucp/v1/checkout-sessions/${encodeURIComponent(checkout.id)}`;
  const draw = () => {
    const focused = delivery.contains(document.activeElement) ? document.activeElement.value : null;
    delivery.replaceChildren(...[deliveryChoices(checkout, checkout.currency)].flat());
    if (focused) [...delivery.querySelectorAll('input')].find(({ value }) => value === focused)?.focus({ preventScroll: true });
    lines.replaceChildren(lineSummary(checkout.line_items, checkout.currency));
    sums.replaceChildren(totalsTable(checkout.totals, checkout.currency));
  };
  const tell = (element) => {
    problemAt.replaceChildren(element);
    problemAt.focus({ preventScroll: true });
    problemAt.scrollIntoView({ block: 'center' });
  };

  // One update after another: each is made from the session that the one before answered.
  let updates = Promise.resolve();
  const update = () => {
    updates = updates.catch(() => {}).then(async () => {
      checkout = await write('PUT', path, updateOf(checkout, form));
      if (isCurrent()) draw();
    });
    return updates;
  };

  /** One attempt to pay; true when it made an order. */
  const attempt = async () => {
    await update();
    const asked = await write('POST', `${path}/complete`, paymentOf(new FormData(form).get('token'), totalOf(checkout.totals, 'total')));
    checkout = await settled(asked, { path, place: problemAt, isCurrent });
    if (checkout.status === 'completed') return true;
    tell(refusal(checkout));
    return false;
  };

  const failed = async (problem) => {
    if (!problem.changes) return tell(notice(problem));
    const before = checkout.line_items;
    checkout = await call('GET', path).catch(() => checkout);
    draw();
    return tell(changesNotice(problem.changes, before));
  };

  const place = async (event) => {
    event.preventDefault();
    if (pay.getAttribute('aria-disabled') === 'true') return;
    pay.setAttribute('aria-disabled', 'true');
    pay.textContent = 'Placing your order…';
    problemAt.replaceChildren();
    announce('Placing your order');
    const isPlaced = await attempt().catch(failed);
    if (!isCurrent()) return;
    if (isPlaced === true) {
      forgetCart();
      go(`/orders/${encodeURIComponent(checkout.order.id)}?new`, { isReplacing: true });
      return;
    }
    pay.removeAttribute('aria-disabled');
    pay.textContent = 'Place order';
  };

  form.addEventListener('submit', place);
  // Tax, delivery and dates depend on where it goes, so they are asked for again whenever that changes.
  form.addEventListener('change', ({ target }) => [...PLACE, 'delivery'].includes(target.name) && update().catch((problem) => problemAt.replaceChildren(notice(problem))));
  draw();
  const changed = checkout.messages?.filter(({ code }) => code === 'cart_changed') ?? [];
  if (changed.length) problemAt.replaceChildren(h('div', { class: 'notice', role: 'alert' }, h('strong', {}, 'Something changed since you filled the cart.'), h('ul', { class: 'changes' }, changed.map(({ content }) => h('li', {}, content)))));
  main.replaceChildren(heading, form);
  await update();
  return null;
}
