// The search box: what is found while somebody types, usable with arrows, Enter and Escape.

import { get } from './api.js';
import { picture } from './art.js';
import { productPath } from './card.js';
import { h, money } from './dom.js';

const SHOWN = { queries: 5, categories: 3, brands: 2, products: 5 };

const searchPath = (params) => `/search?${new URLSearchParams(params)}`;

/** Brings the search box to life; `go(path)` shows another page. */
export function searchBox(form, go) {
  const input = form.querySelector('input');
  const list = form.querySelector('[role=listbox]');
  let options = [];
  let chosen = -1;
  let asked = null;
  let isAsking = false;

  const close = () => {
    list.hidden = true;
    chosen = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };

  /** Closes the list, and does not open it for an answer that is under way. */
  const dismiss = () => {
    asked = null;
    close();
  };

  const choose = (index) => {
    options[chosen]?.element.setAttribute('aria-selected', 'false');
    chosen = options.length ? (index + options.length + 1) % (options.length + 1) : -1;
    if (chosen === options.length) chosen = -1;
    const option = options[chosen];
    option?.element.setAttribute('aria-selected', 'true');
    option?.element.scrollIntoView({ block: 'nearest' });
    if (option) input.setAttribute('aria-activedescendant', option.element.id);
    else input.removeAttribute('aria-activedescendant');
  };

  const open = (path) => {
    dismiss();
    input.blur();
    go(path);
  };

  const option = (path, ...content) => {
    const element = h('div', { role: 'option', id: `option-${options.length}`, class: 'suggestion', 'aria-selected': 'false', onmousedown: (event) => event.preventDefault(), onclick: () => open(path) }, ...content);
    options.push({ element, path });
    return element;
  };

  const group = (name, children) => children.length ? h('div', { role: 'group', 'aria-label': name }, h('p', { class: 'suggestion-head', 'aria-hidden': 'true' }, name), children) : null;

  const productOf = (product) => option(productPath(product.id),
    h('span', { class: 'suggestion-art' }, picture(product)), h('span', { class: 'suggestion-title' }, product.title),
    product.price && h('span', { class: 'faint' }, money(product.price.amount_minor, product.price.currency)));

  const show = (answer, typed) => {
    options = [];
    list.replaceChildren(...[
      answer.corrected && group('Did you mean', [option(searchPath({ q: answer.corrected }), h('span', {}, 'Showing results for ', h('strong', {}, answer.corrected))), option(searchPath({ q: typed, spelling: 'off' }), `Search instead for “${typed}”`)]),
      group('Searches', answer.queries.slice(0, SHOWN.queries).map((text) => option(searchPath({ q: text }), text))),
      group('Departments', answer.categories.slice(0, SHOWN.categories).map(({ path }) => option(searchPath({ category: path }), path.split(' > ').join(' › ')))),
      group('Brands', answer.brands.slice(0, SHOWN.brands).map(({ name }) => option(searchPath({ brand: name }), name))),
      group('Products', answer.products.slice(0, SHOWN.products).map(productOf)),
    ].filter(Boolean));
    chosen = -1;
    input.removeAttribute('aria-activedescendant');
    list.hidden = !options.length;
    input.setAttribute('aria-expanded', String(!list.hidden));
  };

  // The first key is answered at once; while an answer is under way the newest text waits for it, and those between are never asked.
  const ask = async () => {
    asked = input.value.trim();
    if (!asked) return close();
    if (isAsking) return null;
    isAsking = true;
    for (let text = null; asked && text !== asked;) {
      text = asked;
      const answer = await get('/v1/suggest', { q: text, limit: SHOWN.products }).catch(() => null);
      if (!asked || document.activeElement !== input) break;
      // What somebody has stepped onto is not taken away by an answer that comes late.
      if (answer && chosen < 0) show(answer, text);
      else if (!answer) close();
    }
    isAsking = false;
    return null;
  };

  input.addEventListener('input', () => {
    choose(-1);
    ask();
  });
  input.addEventListener('focus', () => input.value.trim() && ask());
  input.addEventListener('blur', dismiss);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' && !list.hidden) choose(chosen + 1);
    else if (event.key === 'ArrowUp' && !list.hidden) choose(chosen < 0 ? options.length - 1 : chosen - 1);
    else if (event.key === 'Escape' && !list.hidden) dismiss();
    else if (event.key === 'Enter' && options[chosen]) open(options[chosen].path);
    else return;
    event.preventDefault();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    open(searchPath({ q: input.value.trim() }));
  });
}
