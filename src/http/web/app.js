// The storefront's frame: addresses to pages, links without reloading, the cart's count.

import { cartPage } from './cart.js';
import { checkoutPage, orderPage } from './checkout.js';
import { h, notice } from './dom.js';
import { categoryPath, home, loadDepartments } from './home.js';
import { list } from './list.js';
import { loadCart, onCart, unitsIn } from './cart-store.js';
import { productPage } from './product.js';
import { searchBox } from './suggest.js';

const main = document.getElementById('main');
const input = document.getElementById('q');
let shown = 0;

const ROUTES = [
  [/^\/$/, 'Shopkeeper', () => home(main)],
  [/^\/search$/, 'Search · Shopkeeper', (_, params, isCurrent) => list(main, params, go, isCurrent)],
  [/^\/p\/([^/]+)$/, 'Shopkeeper', ([, id], _, isCurrent) => productPage(main, decodeURIComponent(id), isCurrent)],
  [/^\/cart$/, 'Cart · Shopkeeper', () => cartPage(main)],
  [/^\/checkout$/, 'Checkout · Shopkeeper', () => checkoutPage(main, go)],
  [/^\/orders\/([^/]+)$/, 'Your order · Shopkeeper', ([, id], params) => orderPage(main, decodeURIComponent(id), params.has('new'))],
];

async function show() {
  shown += 1;
  const ticket = shown;
  const isCurrent = () => ticket === shown;
  const { pathname, searchParams } = new URL(location.href);
  const [route] = ROUTES.map(([pattern, title, page]) => ({ match: pathname.match(pattern), title, page })).filter(({ match }) => match);
  if (document.activeElement !== input) input.value = searchParams.get('q') ?? '';
  if (!route) return main.replaceChildren(h('div', { class: 'nothing' }, h('h1', {}, 'This page does not exist.'), h('a', { class: 'button', href: '/' }, 'To the shop')));
  document.title = searchParams.get('q') ? `${searchParams.get('q')} · Shopkeeper` : route.title;
  main.setAttribute('aria-busy', 'true');
  try {
    await route.page(route.match, searchParams, isCurrent);
  } catch (problem) {
    if (isCurrent()) main.replaceChildren(notice(problem), h('p', {}, h('a', { class: 'button', href: '/' }, 'To the shop')));
    if (!('title' in problem)) throw problem;
  }
  if (isCurrent()) main.removeAttribute('aria-busy');
  return null;
}

/** Shows another address without loading the page again. */
function go(path) {
  history.pushState(null, '', path);
  scrollTo(0, 0);
  show();
  main.focus({ preventScroll: true });
}

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href]');
  const plainClick = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !plainClick || link.origin !== location.origin || link.target || link.hash) return;
  if (!ROUTES.some(([pattern]) => pattern.test(link.pathname))) return;
  event.preventDefault();
  go(link.pathname + link.search);
});
addEventListener('popstate', show);

searchBox(document.getElementById('search'), go);
onCart((cart) => {
  const units = unitsIn(cart);
  const badge = document.getElementById('bag-count');
  badge.textContent = units;
  badge.hidden = !units;
  document.getElementById('bag').setAttribute('aria-label', units ? `Cart, ${units} units` : 'Cart, empty');
});
loadCart().catch(() => {});
loadDepartments().then(({ values }) => document.getElementById('departments').replaceChildren(...values.slice(0, 14).map(({ value }) => h('a', { href: categoryPath(value) }, value)))).catch(() => {});
show();
