// The console: who may see it, which page an address shows, and the way between them.

import { session, whenExpired, whoAmI } from '/assets/console-api.js';
import { h, link, notice } from '/assets/console-kit.js';
import { account, login } from '/assets/console-login.js';

/** Pages by the first part of their address: title, group, and the module that shows them. */
const PAGES = [
  ['', 'Dashboard', 'Now', () => import('/assets/console-dashboard.js')],
  ['orders', 'Orders', 'Now', () => import('/assets/console-orders.js')],
  ['products', 'Products and stock', 'Now', () => import('/assets/console-products.js')],
  ['ranking', 'Search and ranking', 'Finding', () => import('/assets/console-ranking.js')],
  ['rules', 'Rules', 'Finding', () => import('/assets/console-rules.js')],
  ['synonyms', 'Synonyms', 'Finding', () => import('/assets/console-synonyms.js')],
  ['experiments', 'Experiments', 'Finding', () => import('/assets/console-experiments.js')],
  ['queries', 'Query analytics', 'Finding', () => import('/assets/console-queries.js')],
  ['generations', 'Generations', 'Running', () => import('/assets/console-generations.js')],
  ['webhooks', 'Webhooks and connectors', 'Running', () => import('/assets/console-webhooks.js')],
  ['keys', 'Keys', 'Running', () => import('/assets/console-keys.js')],
  ['admins', 'Administrators', 'Running', () => import('/assets/console-keys.js')],
  ['audit', 'Audit log', 'Running', () => import('/assets/console-audit.js')],
];

const main = document.getElementById('main');
const nav = document.getElementById('nav');
const menu = document.getElementById('menu');
let access = 'closed';
/** Ends what the page before keeps going, e.g. asking again every few seconds. */
let leave = new AbortController();

const parts = () => location.pathname.split('/').slice(2).filter(Boolean).map(decodeURIComponent);

/** Goes to another page of the console. */
function go(href, replace = false) {
  history[replace ? 'replaceState' : 'pushState'](null, '', href);
  show();
}

function drawNav(current) {
  const groups = [...new Set(PAGES.map(([, , group]) => group))];
  nav.replaceChildren(...groups.map((group) => h('div', { role: 'group', 'aria-label': group },
    h('p', { class: 'side-group', 'aria-hidden': 'true' }, group),
    ...PAGES.filter(([, , its]) => its === group).map(([name, title]) =>
      h('a', { href: name ? `/console/${name}` : '/console', 'aria-current': name === current ? 'page' : null }, title)))));
  document.getElementById('who').replaceChildren(
    session.current ? link(session.current.admin, '/console/account', 'who-name') : h('span', { class: 'badge badge-warn' }, 'no login needed'),
    link('Shop', '/'));
}

function openShop() {
  return h('div', { class: 'notice', role: 'note' },
    h('p', {}, 'Nobody has to log in: this shop has neither keys nor administrators and answers everybody on this machine. Before others reach it, make an administrator: ',
      h('code', {}, 'shopkeeper --shop FOLDER admins create NAME')));
}

function closed(isClosed) {
  document.body.classList.toggle('closed', isClosed);
  if (isClosed) {
    nav.replaceChildren();
    document.getElementById('who').replaceChildren();
  }
}

function showLogin(text) {
  leave.abort();
  document.getElementById('dialog').close();
  closed(true);
  document.title = 'Log in · Shopkeeper console';
  main.replaceChildren(login(text, () => { access = 'admin'; show(); }));
  main.querySelector('input')?.focus();
}

async function show() {
  leave.abort();
  leave = new AbortController();
  const { signal } = leave;
  if (access === 'closed') return showLogin();
  closed(false);
  const [name = '', ...rest] = parts();
  menu.setAttribute('aria-expanded', 'false');
  nav.classList.remove('side-open');
  drawNav(name);
  const page = PAGES.find(([known]) => known === name);
  const title = name === 'account' ? 'Your account' : page?.[1] ?? 'Not found';
  document.title = `${title} · Shopkeeper console`;
  const place = h('div', { class: 'page' });
  main.replaceChildren(...[access === 'open' ? openShop() : null, place].filter(Boolean));
  const asked = { place, rest, name, signal, go, params: new URLSearchParams(location.search), loggedOut: () => { access = 'closed'; showLogin('You are logged out.'); } };
  try {
    if (name === 'account') return account(asked);
    if (!page) return place.replaceChildren(h('h1', {}, 'There is no such page'), link('To the dashboard', '/console'));
    await (await page[3]()).show(asked);
  } catch (problem) {
    if (!signal.aborted) place.append(notice(problem));
  }
}

document.addEventListener('click', (event) => {
  const anchor = event.target.closest('a[href]');
  if (!anchor || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
  const url = new URL(anchor.href);
  if (url.origin !== location.origin || !/^\/console(\/|$)/.test(url.pathname)) return;
  event.preventDefault();
  go(url.pathname + url.search);
  scrollTo(0, 0);
  main.focus({ preventScroll: true });
});
addEventListener('popstate', show);
menu.addEventListener('click', () => {
  const isOpen = nav.classList.toggle('side-open');
  menu.setAttribute('aria-expanded', String(isOpen));
  if (isOpen) nav.querySelector('a')?.focus();
});
nav.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || !nav.classList.contains('side-open')) return;
  nav.classList.remove('side-open');
  menu.setAttribute('aria-expanded', 'false');
  menu.focus();
});
whenExpired(() => { access = 'closed'; showLogin('Your session has ended. Log in again to go on where you were.'); });

try {
  access = await whoAmI();
  await show();
} catch (problem) {
  main.replaceChildren(notice(problem));
}
