// What the console's pages are put together from: fields, tables, notices, dialogs, times.

import { h, money, toast } from '/assets/dom.js';

export { h, money, toast };

let names = 0;
/** A name for an element that nothing else has. */
export const unique = (prefix) => `${prefix}-${(names += 1)}`;

/** The head of a page: its title, what it is for, and what can be done. */
export const head = (title, about, ...actions) =>
  h('div', { class: 'head' }, h('div', {}, h('h1', {}, title), about ? h('p', { class: 'faint' }, about) : null),
    actions.length ? h('div', { class: 'actions' }, ...actions) : null);

/** A labelled control. `field` is the name under which the interface complains about it. */
export function field(label, control, { hint, field: name, wide } = {}) {
  const id = control.id || unique('field');
  const about = `${id}-about`;
  control.id = id;
  if (name) control.dataset.field = name;
  control.setAttribute('aria-describedby', about);
  return h('div', { class: wide ? 'field field-wide' : 'field' },
    h('label', { for: id }, label), control, h('p', { class: 'hint', id: about }, hint ?? ''));
}

export const input = (attributes = {}) => h('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', ...attributes });

export function select(options, chosen, attributes = {}) {
  const list = options.map((option) => (Array.isArray(option) ? option : [option, option === '' ? 'any' : words(option)]));
  return h('select', attributes, ...list.map(([value, text]) => h('option', { value, selected: value === chosen }, text)));
}

export const button = (text, onclick, kind = '') => h('button', { type: 'button', class: `button ${kind}`, onclick }, text);
export const submit = (text) => h('button', { type: 'submit', class: 'button button-main' }, text);
export const link = (text, href, kind = '') => h('a', { href, class: kind }, text);

/** What names of the interface are for people: on_hold is on hold. */
export const words = (name) => String(name ?? '').replaceAll('_', ' ');

const STATES = {
  good: ['paid', 'delivered', 'fulfilled', 'enabled', 'captured', 'live', 'on', 'success', 'closed', 'running'],
  warn: ['on_hold', 'backordered', 'partial', 'partially_paid', 'partially_refunded', 'pending', 'unknown', 'off', 'disabled', 'expired'],
  bad: ['canceled', 'disputed', 'declined', 'failed', 'ended', 'revoked', 'voided', 'sold out', 'failing'],
};

/** A status as a badge: its word says what it is, its colour only underlines that. */
export function badge(status) {
  const kind = Object.keys(STATES).find((kind) => STATES[kind].includes(status)) ?? 'plain';
  return h('span', { class: `badge badge-${kind}` }, words(status));
}

const moments = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
/** A moment as people write it, from RFC 3339 or milliseconds. */
export const when = (at) => (at === undefined || at === null ? '–' : h('time', { datetime: new Date(at).toISOString() }, moments.format(new Date(at))));

export const number = (value, digits = 0) =>
  (Number.isFinite(value) ? value.toLocaleString(undefined, { maximumFractionDigits: digits }) : '–');
export const percent = (share) => (Number.isFinite(share) ? `${number(share * 100, 1)} %` : '–');
export const price = (value) => (value ? money(value.amount_minor, value.currency) : '–');

const digitsOf = (currency) => new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits;

/** An amount as somebody types it: digits and a point. */
export const typed = ({ amount_minor: minor, currency }) => (minor / 10 ** digitsOf(currency)).toFixed(digitsOf(currency));

/** The minor units of an amount that somebody typed; the text itself when it is none, so that the shop says what is wrong with it. */
export function minorOf(text, currency) {
  const [, whole, part = ''] = text.trim().match(/^(\d{1,12})(?:[.,](\d*))?$/) ?? [];
  const digits = digitsOf(currency);
  return whole === undefined || part.length > digits ? text : Number(whole + part.padEnd(digits, '0'));
}

/** A table that scrolls by itself when it is too wide. Columns are [title, cell(row), isNumber]. */
export function table(caption, columns, rows, nothing = 'Nothing here.') {
  if (!rows.length) return h('p', { class: 'nothing' }, nothing);
  const side = (isNumber) => (isNumber ? 'number' : null);
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    h('table', {}, h('caption', { class: 'hidden' }, caption),
      h('thead', {}, h('tr', {}, ...columns.map(([title, , isNumber]) => h('th', { scope: 'col', class: side(isNumber) }, title)))),
      h('tbody', {}, ...rows.map((row) => h('tr', {}, ...columns.map(([title, cell, isNumber]) =>
        h('td', { class: side(isNumber), 'data-title': title }, cell(row) ?? '–')))))));
}

/** Facts as a list of names and values; those without a value are left out. */
export const facts = (pairs) => h('dl', { class: 'facts' }, ...pairs.filter(([, value]) => value !== undefined && value !== null && value !== '')
  .map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))));

export const card = (title, ...content) => h('section', { class: 'card' }, h('h2', {}, title), ...content);

export const json = (value) => h('pre', { class: 'code', tabindex: '0' }, typeof value === 'string' ? value : JSON.stringify(value, null, 2));

/** What went wrong, in the interface's own words. */
export const problemText = (problem) => {
  const detail = [problem.field, problem.detail].filter(Boolean).join(': ');
  const wait = problem.wait ? ` Try again in ${problem.wait} s.` : '';
  return detail ? `${problem.title ?? problem.message}: ${detail}.${wait}` : `${problem.title ?? problem.message}.${wait}`;
};

export const notice = (problem) => h('div', { class: 'notice notice-bad', role: 'alert' }, problemText(problem));

/** Shows a problem in a form: at the field that it names when the form has it, and above its end always. */
export function complain(form, problem) {
  settle(form);
  const named = [...form.querySelectorAll('[data-field]')].filter((control) =>
    problem.field && (problem.field === control.dataset.field || problem.field.startsWith(`${control.dataset.field}.`) || problem.field.startsWith(`${control.dataset.field}[`)));
  const control = named.sort((a, b) => b.dataset.field.length - a.dataset.field.length)[0];
  if (control) {
    control.setAttribute('aria-invalid', 'true');
    const about = document.getElementById(control.getAttribute('aria-describedby'));
    if (about) {
      about.dataset.hint ??= about.textContent;
      about.textContent = [problem.field === control.dataset.field ? '' : problem.field, problem.detail ?? problem.title].filter(Boolean).join(' ');
      about.classList.add('hint-bad');
    }
    control.focus();
  }
  form.append(notice(problem));
}

/** Takes back what was complained about. */
export function settle(form) {
  form.querySelectorAll('.notice-bad').forEach((element) => element.remove());
  form.querySelectorAll('[aria-invalid]').forEach((element) => element.removeAttribute('aria-invalid'));
  form.querySelectorAll('.hint-bad').forEach((about) => {
    about.textContent = about.dataset.hint ?? '';
    about.classList.remove('hint-bad');
  });
}

/** A form that does one thing at a time and shows what went wrong. */
export function form(attributes, onsubmit, ...content) {
  const element = h('form', { novalidate: true, ...attributes }, ...content);
  element.addEventListener('submit', (event) => {
    event.preventDefault();
    settle(element);
    busy(element, () => onsubmit(element)).catch((problem) => complain(element, problem));
  });
  return element;
}

/** Does something while the buttons of an element wait. */
export async function busy(element, work) {
  const buttons = [...element.querySelectorAll('button')].filter((one) => !one.disabled);
  buttons.forEach((one) => { one.disabled = true; });
  element.setAttribute('aria-busy', 'true');
  try {
    return await work();
  } finally {
    buttons.forEach((one) => { one.disabled = false; });
    element.removeAttribute('aria-busy');
  }
}

/** Opens the dialog; `content(close)` makes what it shows. Resolves with what it was closed with. */
export function dialog(title, content) {
  const element = document.getElementById('dialog');
  return new Promise((resolve) => {
    let answer;
    const close = (value) => { answer = value; element.close(); };
    element.replaceChildren(h('h2', { id: 'dialog-title' }, title), ...[content(close)].flat());
    element.addEventListener('close', () => { element.replaceChildren(); resolve(answer); }, { once: true });
    element.showModal();
  });
}

/** Asks before something is done that cannot be undone; does it, and shows what went wrong. Whether it was done. */
export function confirm(title, text, action, work, fields = []) {
  return dialog(title, (close) => form({}, async (element) => {
    await work(element);
    close(true);
  }, h('p', {}, text), ...fields,
  h('div', { class: 'actions' }, button('Go back', () => close(false)), submit(action))));
}

/** Shows a secret, which the shop will not tell again. */
export function showSecret(title, secret) {
  const value = h('output', { class: 'secret', tabindex: '0' }, secret);
  const copy = async () => { await navigator.clipboard.writeText(secret); toast('Copied'); };
  return dialog(title, (close) => [
    h('p', {}, 'Put it where it belongs now: it is shown this once, and nobody can ask for it again.'), value,
    h('div', { class: 'actions' }, navigator.clipboard ? button('Copy', copy) : null, button('I have it', () => close(true), 'button-main')),
  ]);
}

/** Puts what a promise brings into a place that is there already. */
export async function fill(place, work) {
  try {
    place.replaceChildren(...[await work()].flat().filter(Boolean));
  } catch (problem) {
    place.replaceChildren(notice(problem));
  }
  return place;
}

/** A place that fills itself. */
export function loading(work) {
  const place = h('div', {}, h('p', { class: 'faint' }, 'Loading…'));
  fill(place, work);
  return place;
}

/** What is typed as a list, separated by commas or lines. */
export const listOf = (text) => text.split(/[,\n]/).map((part) => part.trim()).filter(Boolean);

/** JSON as somebody typed it; what is wrong with it is told like any other problem. */
export function parsed(text, name) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw Object.assign(new Error('Not JSON'), { title: 'Not JSON', field: name, detail: error.message });
  }
}
