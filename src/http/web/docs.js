// The documentation page: /openapi.json, made readable, with every operation to try.

import { h, notice } from './dom.js';
import { keyField, tryIt } from './docs-try.js';

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

function parameterList(parameters) {
  const row = ({ name, required, description, in: place }) => [h('dt', {}, h('code', {}, name), required ? ' *' : ''), h('dd', {}, description ?? '', place === 'header' ? ' (header)' : '')];
  return parameters.length > 0 && h('details', {}, h('summary', {}, 'Parameters'), h('dl', { class: 'facts' }, parameters.map(row)));
}

function route({ path, method, operation }) {
  const { summary, deprecated, parameters = [], requestBody, responses, 'x-scope': scope } = operation;
  const [status, answer] = Object.entries(responses).find(([code]) => code.startsWith('2'));
  return h('section', { class: 'route', id: anchor(method, path), 'data-words': `${method} ${path} ${summary}`.toLowerCase() },
    h('h3', {}, h('span', { class: 'route-method' }, method.toUpperCase()), h('code', { class: 'route-path' }, path), h('span', { class: 'route-scope' }, scope === 'none' ? 'open to everybody' : scope)),
    deprecated ? h('p', {}, h('strong', {}, 'On its way out.'), ` ${responses[status].headers?.Link?.description ?? ''}`) : null,
    h('p', {}, summary),
    parameterList(parameters.filter((parameter) => parameter.in !== 'path')),
    content('Body', requestBody?.content), content(`Answer ${status}`, answer.content), tryIt(path, method, operation, schemas));
}

/** A group of routes, in the contents and in the text. */
function group(tag, operations) {
  const links = operations.map(({ path, method }) => h('a', { href: `#${anchor(method, path)}` }, h('span', { class: 'method' }, method.toUpperCase()), ` ${path}`));
  const routes = operations.map(route);
  const [listed, told] = [h('div', {}, h('h2', {}, tag), links), h('div', {}, h('h2', {}, tag), routes)];
  /** Shows what has all the words; how many that are. */
  const show = (words) => {
    const fits = routes.map(({ dataset }) => words.every((word) => dataset.words.includes(word)));
    fits.forEach((isShown, index) => { links[index].hidden = routes[index].hidden = !isShown; });
    listed.hidden = told.hidden = !fits.includes(true);
    return fits.filter(Boolean).length;
  };
  return { listed, told, show };
}

function finder(groups) {
  const found = h('p', { class: 'faint', role: 'status' });
  const input = h('input', { type: 'search', 'aria-label': 'Find a route', placeholder: 'Find a route', oninput: () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const count = groups.map(({ show }) => show(words)).reduce((sum, one) => sum + one, 0);
    found.textContent = words.length ? `${count} ${count === 1 ? 'route' : 'routes'}` : '';
  } });
  return h('div', { role: 'search', class: 'docs-find' }, input, found);
}

async function show() {
  const document_ = await (await fetch('/openapi.json')).json();
  schemas = document_.components.schemas;
  const operations = Object.entries(document_.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
  const groups = document_.tags.map(({ name }) => group(name, operations.filter(({ operation }) => operation.tags[0] === name)));
  document.getElementById('contents').replaceChildren(...groups.map(({ listed }) => listed));
  document.getElementById('tools').replaceChildren(finder(groups), keyField());
  document.getElementById('routes').replaceChildren(...groups.map(({ told }) => told));
  const example = document.querySelector('.docs-example');
  example.textContent = example.textContent.replace("'/", `'${location.origin}/`);
  const kinds = document_['x-problems'] ?? [];
  document.getElementById('problems').replaceChildren(...kinds.flatMap(({ slug, status, title }) => [h('dt', { id: slug }, h('code', {}, slug)), h('dd', {}, `${status} · ${title}`)]));
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

show().catch(() => document.getElementById('routes').replaceChildren(notice({ title: 'The description cannot be read', detail: 'Check the connection and load the page again.' })));
