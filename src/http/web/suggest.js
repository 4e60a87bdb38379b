// The search box: suggestions as you type, usable with arrows, Enter and Escape.

import { get } from './api.js';
import { h, money } from './dom.js';
import { productPath } from './card.js';

const PAUSE_MS = 90;

/** Brings the search box to life; `go(path)` shows another page. */
export function searchBox(form, go) {
  const input = form.querySelector('input');
  const list = form.querySelector('[role=listbox]');
  let options = [];
  let chosen = -1;
  let timer;
  let asked = 0;

  const close = () => {
    list.hidden = true;
    chosen = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };

  const choose = (index) => {
    options[chosen]?.element.removeAttribute('aria-selected');
    chosen = options.length ? (index + options.length + 1) % (options.length + 1) : -1;
    if (chosen === options.length) chosen = -1;
    const option = options[chosen];
    option?.element.setAttribute('aria-selected', 'true');
    option?.element.scrollIntoView({ block: 'nearest' });
    if (option) input.setAttribute('aria-activedescendant', option.element.id);
    else input.removeAttribute('aria-activedescendant');
  };

  const open = (path) => {
    close();
    clearTimeout(timer);
    asked += 1;
    input.blur();
    go(path);
  };

  const option = (path, ...content) => {
    const element = h('div', { role: 'option', id: `option-${options.length}`, class: 'suggestion', onmousedown: (event) => event.preventDefault(), onclick: () => open(path) }, ...content);
    options.push({ element, path });
    return element;
  };

  const group = (name, children) => children.length ? h('div', { role: 'group', 'aria-label': name }, h('p', { class: 'suggestion-head', 'aria-hidden': 'true' }, name), children) : null;

  const show = (answer) => {
    options = [];
    const search = (text) => `/search?${new URLSearchParams({ q: text })}`;
    const category = (path) => `/search?${new URLSearchParams({ category: path })}`;
    list.replaceChildren(...[
      group('Searches', answer.queries.slice(0, 5).map((text) => option(search(text), text))),
      group('Departments', answer.categories.slice(0, 3).map(({ path }) => option(category(path), path))),
      group('Products', answer.products.slice(0, 4).map((product) => option(productPath(product.id), h('span', { class: 'suggestion-title' }, product.title), product.price && h('span', { class: 'faint' }, money(product.price.amount_minor, product.price.currency))))),
    ].filter(Boolean));
    chosen = -1;
    list.hidden = !options.length;
    input.setAttribute('aria-expanded', String(!list.hidden));
  };

  const ask = async () => {
    const text = input.value.trim();
    asked += 1;
    const ticket = asked;
    if (!text) return close();
    try {
      const answer = await get('/v1/suggest', { q: text, limit: 5 });
      if (ticket === asked && document.activeElement === input) show(answer);
    } catch {
      close();
    }
    return null;
  };

  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
  input.addEventListener('focus', () => input.value.trim() && ask());
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' && !list.hidden) choose(chosen + 1);
    else if (event.key === 'ArrowUp' && !list.hidden) choose(chosen < 0 ? options.length - 1 : chosen - 1);
    else if (event.key === 'Escape' && !list.hidden) close();
    else if (event.key === 'Enter' && options[chosen]) open(options[chosen].path);
    else return;
    event.preventDefault();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    open(`/search?${new URLSearchParams({ q: input.value.trim() })}`);
  });
}
