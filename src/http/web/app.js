// The storefront's frame: addresses to pages, links without reloading, the cart's count.

import { cartPage } from './cart.js';
import { loadCart, onCart, unitsIn } from './cart-store.js';
import { checkoutPage } from './checkout.js';
import { announce, failure, h } from './dom.js';
import { categoryPath, home, loadDepartments } from './home.js';
import { isSearch, list } from './list.js';
import { orderPage } from './order.js';
import { arrive, move, settle, stay } from './places.js';
import { productPage } from './product.js';
import { searchBox } from './suggest.js';

const DEPARTMENTS_SHOWN = 14;

const main = document.getElementById('main');
const input = document.getElementById('q');
let shown = 0;

/** Pages get a visit: where they draw, what the address says, how to go elsewhere, and whether they are still wanted. */
const ROUTES = [
  [/^\/$/, 'Shopkeeper', home],
  [/^\/search$/, 'Search · Shopkeeper', list],
  [/^\/p\/([^/]+)$/, 'Product · Shopkeeper', productPage],
  [/^\/cart$/, 'Cart · Shopkeeper', cartPage],
  [/^\/checkout$/, 'Checkout · Shopkeeper', checkoutPage],
  [/^\/orders\/([^/]+)$/, 'Your order · Shopkeeper', orderPage],
];

const unknown = ({ main: place }) => place.replaceChildren(h('div', { class: 'nothing' }, h('h1', {}, 'This page does not exist.'), h('a', { class: 'button', href: '/' }, 'To the shop')));

const NOWHERE = { title: 'Not found · Shopkeeper', page: unknown };

function routeOf(pathname) {
  for (const [pattern, title, page] of ROUTES) {
    const match = pathname.match(pattern);
    if (match) return match[1] ? named({ title, page }, match[1]) : { title, page };
  }
  return NOWHERE;
}

/** The route with the name that the address holds; an address with a broken escape is nobody's. */
function named(route, part) {
  try {
    return { ...route, id: decodeURIComponent(part) };
  } catch {
    return NOWHERE;
  }
}

/** What the first page is asked to find is shown where results are: `/?q=lamp` is `/search?q=lamp`. */
function addressOf({ pathname, search, searchParams }) {
  const isElsewhere = pathname === '/' && isSearch(searchParams);
  if (isElsewhere) history.replaceState(history.state, '', `/search${search}`);
  return { pathname: isElsewhere ? '/search' : pathname, searchParams };
}

function visitOf({ id }, params, isStaying) {
  shown += 1;
  const ticket = shown;
  return { main, id, params, go, isStaying, isCurrent: () => ticket === shown };
}

async function show({ isStaying = false } = {}) {
  const { pathname, searchParams } = addressOf(new URL(location.href));
  const route = routeOf(pathname);
  const visit = visitOf(route, searchParams, isStaying);
  if (document.activeElement !== input) input.value = searchParams.get('q') ?? '';
  document.title = route.title;
  main.setAttribute('aria-busy', 'true');
  try {
    await route.page(visit);
  } catch (problem) {
    if (!('title' in problem)) console.error(problem);
    if (visit.isCurrent()) main.replaceChildren(failure(problem, () => show()));
  }
  if (!visit.isCurrent()) return;
  main.removeAttribute('aria-busy');
  if (isStaying) stay();
  else settle();
}

/** Shows another address without loading the page again. Staying, the window and the focus are left where they are. */
function go(path, { isStaying = false, isReplacing = false } = {}) {
  move(path, isReplacing);
  if (!isStaying) {
    scrollTo({ top: 0, behavior: 'instant' });
    main.focus({ preventScroll: true });
  }
  show({ isStaying });
}

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href]');
  const plainClick = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !plainClick || event.defaultPrevented || link.origin !== location.origin || link.target || link.hash) return;
  if (!ROUTES.some(([pattern]) => pattern.test(link.pathname))) return;
  event.preventDefault();
  go(link.pathname + link.search, { isStaying: 'stay' in link.dataset });
});
addEventListener('popstate', () => {
  arrive();
  show();
});
addEventListener('offline', () => announce('You are offline.'));

searchBox(document.getElementById('search'), go);
onCart((cart) => {
  const units = unitsIn(cart);
  const badge = document.getElementById('bag-count');
  badge.textContent = units;
  badge.hidden = !units;
  document.getElementById('bag').setAttribute('aria-label', units ? `Cart ${units} ${units === 1 ? 'unit' : 'units'}` : 'Cart, empty');
});
loadCart().catch(() => {});
loadDepartments().then(({ values }) => {
  const links = values.slice(0, DEPARTMENTS_SHOWN).map(({ value }) => h('a', { href: categoryPath(value) }, value));
  document.getElementById('departments').replaceChildren(...links);
}).catch(() => {});
arrive();
show();
