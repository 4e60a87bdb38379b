// Trying an operation: fields for what it takes, a body to begin with, what was answered, and the same as a command.

import { h } from './dom.js';

/** Levels of objects that an example body goes into. */
const LEVELS_MAX = 4;
/** So much of an answer is shown. */
const SHOWN_MAX = 20_000;
const SAFE = ['get', 'head'];
const JSON_TYPE = 'application/json';

/** The key that requests show; it is kept nowhere but on this page. */
let key = '';

/** Where the key is typed. */
export function keyField() {
  const input = h('input', { type: 'password', id: 'key', autocomplete: 'off', placeholder: 'sk_…', oninput: () => { key = input.value.trim(); } });
  return h('div', { class: 'docs-key' }, h('label', { for: 'key' }, 'Access key'), input, h('p', { class: 'faint' }, 'Only once the shop has keys. It is kept on this page and forgotten with it.'));
}

/** Something that fits a schema: what has to be there, or some of what may. */
export function exampleOf(schema, schemas, level = 0) {
  if (!schema || level > LEVELS_MAX) return null;
  if (schema.$ref) return exampleOf(schemas[schema.$ref.split('/').at(-1)], schemas, level);
  if (schema.example !== undefined) return schema.example;
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return exampleOf(schema.anyOf[0], schemas, level);
  switch ([schema.type].flat()[0]) {
    case 'object': return exampleObject(schema, schemas, level);
    case 'array': return schema.items ? [exampleOf(schema.items, schemas, level + 1)].filter((one) => one !== null) : [];
    case 'integer': case 'number': return Math.max(schema.minimum ?? 1, 1);
    case 'boolean': return false;
    case 'string': return schema.format === 'date-time' ? new Date().toISOString() : '';
    default: return null;
  }
}

function exampleObject({ properties = {}, required = [] }, schemas, level) {
  const names = required.length ? required : level ? [] : Object.keys(properties).slice(0, 3);
  return Object.fromEntries(names.filter((name) => properties[name]).map((name) => [name, exampleOf(properties[name], schemas, level + 1)]));
}

function fieldOf({ name, in: place, required, schema = {} }) {
  const choices = schema.enum ?? (schema.type === 'boolean' ? ['true', 'false'] : null);
  const attributes = { name, required: required || place === 'path', 'data-in': place };
  const control = choices ? h('select', attributes, ['', ...choices].map((choice) => h('option', { value: choice }, choice))) : h('input', { ...attributes, type: 'text', autocomplete: 'off', inputmode: schema.type === 'integer' ? 'numeric' : null });
  return h('label', { class: 'try-field' }, h('span', {}, name, required || place === 'path' ? ' *' : ''), control);
}

/** A request as it is to be sent: address, headers without the key, body. */
function requestOf(path, form, media) {
  const filled = [...form.querySelectorAll('[data-in]')].filter(({ value }) => value !== '');
  const of = (place) => filled.filter(({ dataset }) => dataset.in === place).map(({ name, value }) => [name, value]);
  const names = Object.fromEntries(of('path'));
  const query = new URLSearchParams(of('query'));
  const address = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(names[name] ?? ''));
  const body = form.querySelector('textarea')?.value;
  const headers = { ...(body !== undefined && { 'content-type': media }), ...Object.fromEntries(of('header')) };
  return { address: query.size ? `${address}?${query}` : address, headers, body };
}

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** The same for a terminal; the key is left to a variable. */
function commandOf(method, { address, headers, body }) {
  const parts = [`curl -X ${method.toUpperCase()} ${quoted(location.origin + address)}`];
  if (key) parts.push('-H "authorization: Bearer $KEY"');
  for (const [name, value] of Object.entries(headers)) parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (body !== undefined) parts.push(`--data-binary ${quoted(body)}`);
  return parts.join(' \\\n  ');
}

async function answered(method, { address, headers, body }) {
  const response = await fetch(address, { method: method.toUpperCase(), headers: { ...headers, ...(key && { authorization: `Bearer ${key}` }) }, body });
  const type = response.headers.get('content-type') ?? '';
  const head = [`${response.status}`, response.headers.get('server-timing'), response.headers.get('etag')].filter(Boolean).join('  ');
  if (type && !/json|text|csv|xml/.test(type)) return `${head}\n${(await response.blob()).size.toLocaleString()} bytes of ${type}`;
  const text = await response.text();
  let shown = text;
  try {
    shown = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // Not JSON: shown as it is.
  }
  return `${head}\n${shown.slice(0, SHOWN_MAX)}${shown.length > SHOWN_MAX ? '\n…' : ''}`;
}

function formOf({ parameters = [], requestBody }, schemas) {
  const asked = parameters.filter(({ name }) => name.toLowerCase() !== 'idempotency-key');
  const isNamed = asked.length < parameters.length;
  const [[media, { schema }] = [null, {}]] = Object.entries(requestBody?.content ?? {});
  const example = media === JSON_TYPE ? JSON.stringify(exampleOf(schema, schemas) ?? {}, null, 2) : '';
  const body = media && h('label', { class: 'try-body' }, h('span', {}, media === JSON_TYPE ? 'Body' : `Body (${media})`), h('textarea', { rows: Math.min(14, Math.max(3, example.split('\n').length)), spellcheck: 'false' }, example));
  return { media, isNamed, controls: [asked.map(fieldOf), body || null] };
}

/** A form that sends the operation and shows what came of it. */
export function tryIt(path, method, operation, schemas) {
  const place = h('div', {});
  const details = h('details', { class: 'try-it' }, h('summary', {}, 'Try it'), place);
  // Made when it is opened: there are hundreds of them.
  details.addEventListener('toggle', () => details.open && !place.childNodes.length && place.append(build(path, method, operation, schemas)));
  return details;
}

function build(path, method, operation, schemas) {
  const { media, isNamed, controls } = formOf(operation, schemas);
  const [command, result] = [h('pre', { class: 'try-command', hidden: true, tabindex: 0, 'aria-label': 'The same as a command' }), h('pre', { class: 'try-result', hidden: true, tabindex: 0, 'aria-label': 'Answer' })];
  const isSafe = SAFE.includes(method);
  const status = h('span', { class: 'faint', role: 'status' }, isSafe ? '' : 'This changes the shop.');
  const send = async (event) => {
    event.preventDefault();
    const request = requestOf(path, form, media);
    if (isNamed) request.headers['idempotency-key'] = crypto.randomUUID();
    command.textContent = commandOf(method, request);
    status.textContent = 'Sending…';
    const text = await answered(method, request).catch(() => 'The shop cannot be reached.');
    result.textContent = text;
    command.hidden = result.hidden = false;
    status.textContent = `Answered ${text.split(/\s/, 1)[0]}`;
  };
  const form = h('form', { class: 'try', onsubmit: send }, controls, h('div', { class: 'try-send' }, h('button', { class: 'button-quiet' }, 'Send'), status), command, result);
  return form;
}
