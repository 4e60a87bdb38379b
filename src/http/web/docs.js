// The documentation page: /openapi.json, made readable, with GET requests to try.

import { h } from './dom.js';

const LABELS = { string: 'text', integer: 'whole number', number: 'number', boolean: 'yes or no', object: 'object' };
const anchor = (method, path) => `${method}-${path}`.replace(/[^a-z0-9]+/gi, '-');

let schemas = {};

function typeOf(schema) {
  if (!schema) return '';
  if (schema.$ref) return schema.$ref.split('/').at(-1);
  if (schema.enum) return schema.enum.join(' | ');
  if (schema.const) return schema.const;
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.type === 'array') return `list of ${typeOf(schema.items)}`;
  return LABELS[schema.type] ?? schema.type ?? 'anything';
}

function fields(schema, seen = []) {
  const name = schema?.$ref?.split('/').at(-1);
  const known = name ? schemas[name] : schema;
  if (!known?.properties || seen.includes(name)) return null;
  return h('dl', { class: 'facts' }, Object.entries(known.properties).map(([key, value]) => {
    const inner = value.$ref ? value : value.items?.$ref ? value.items : null;
    return [h('dt', {}, h('code', {}, key), known.required?.includes(key) ? ' *' : ''),
      h('dd', {}, typeOf(value), value.description ? h('span', { class: 'faint' }, ` ${value.description}`) : null,
        inner && seen.length < 3 ? h('details', {}, h('summary', {}, 'Fields'), fields(inner, [...seen, name]) ?? '') : null)];
  }));
}

function content(title, media) {
  if (!media) return null;
  return Object.entries(media).map(([type, { schema }]) => h('details', {}, h('summary', {}, `${title}: ${typeOf(schema)} (${type})`), schema.description && h('p', {}, schema.description), fields(schema) ?? ''));
}

function tryIt(path, parameters) {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const query = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
  const inputs = [...names, ...query].map((name) => [name, h('input', { name, 'aria-label': name, placeholder: name })]);
  const result = h('pre', { hidden: true, tabindex: 0 });
  const send = async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(inputs.map(([name, input]) => [name, input.value]));
    const search = new URLSearchParams(query.filter((name) => values[name]).map((name) => [name, values[name]]));
    const address = path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values[name]));
    const response = await fetch(search.size ? `${address}?${search}` : address);
    const text = await response.text();
    let shown = text;
    try {
      shown = JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      // Not JSON: shown as it is.
    }
    result.hidden = false;
    result.textContent = `${response.status}  ${response.headers.get('server-timing') ?? ''}\n${shown.slice(0, 20000)}`;
  };
  return h('details', {}, h('summary', {}, 'Try it'), h('form', { class: 'try', onsubmit: send }, inputs.map(([, input]) => input), h('button', { class: 'button-quiet' }, 'Send'), result));
}

function route(path, method, { summary, deprecated, parameters = [], requestBody, responses }) {
  const [status, answer] = Object.entries(responses).find(([code]) => code.startsWith('2'));
  const shown = parameters.filter((parameter) => parameter.in !== 'path');
  return h('section', { class: 'route', id: anchor(method, path) },
    h('h3', {}, h('span', { class: 'route-method' }, method.toUpperCase()), h('code', { class: 'route-path' }, path)),
    deprecated ? h('p', {}, h('strong', {}, 'On its way out.'), ` ${responses[status].headers?.Link?.description ?? ''}`) : null,
    h('p', {}, summary),
    shown.length ? h('details', {}, h('summary', {}, 'Parameters'), h('dl', { class: 'facts' }, shown.map((parameter) => [h('dt', {}, h('code', {}, parameter.name), parameter.required ? ' *' : ''), h('dd', {}, parameter.description ?? '', parameter.in === 'header' ? ' (header)' : '')]))) : null,
    content('Body', requestBody?.content), content(`Answer ${status}`, answer.content), method === 'get' ? tryIt(path, parameters) : null);
}

async function show() {
  const document_ = await (await fetch('/openapi.json')).json();
  schemas = document_.components.schemas;
  const operations = Object.entries(document_.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
  const tags = document_.tags.map(({ name }) => name);
  const of = (tag) => operations.filter(({ operation }) => operation.tags[0] === tag);
  document.getElementById('contents').replaceChildren(...tags.flatMap((tag) => [h('h2', {}, tag), ...of(tag).map(({ path, method }) => h('a', { href: `#${anchor(method, path)}` }, `${method.toUpperCase()} ${path}`))]));
  document.getElementById('routes').replaceChildren(...tags.flatMap((tag) => [h('h2', {}, tag), ...of(tag).map(({ path, method, operation }) => route(path, method, operation))]));
  const example = document.querySelector('.docs-example');
  example.textContent = example.textContent.replace("'/", `'${location.origin}/`);
  const kinds = document_['x-problems'] ?? [];
  document.getElementById('problems').replaceChildren(...kinds.flatMap(({ slug, status, title }) => [h('dt', { id: slug }, h('code', {}, slug)), h('dd', {}, `${status} · ${title}`)]));
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

show();
