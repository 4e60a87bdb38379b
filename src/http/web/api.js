// Talking to the shop: requests, who is asking, and what they did.

/** What the server said was wrong: an RFC 9457 problem document. */
export class Problem extends Error {
  constructor(document) {
    super(document.title ?? 'Request failed');
    Object.assign(this, document);
  }
}

let naming;
/** Asks for a name for this browser; whether it has one now. */
function named() {
  naming ??= fetch('/storefront/visit', { method: 'POST' }).then((response) => response.ok).finally(() => { naming = undefined; });
  return naming;
}

/** Sends a request and reads its JSON answer. */
export async function call(method, path, body, headers = {}) {
  const options = { method, headers: { accept: 'application/json', ...headers } };
  if (body !== undefined) {
    options.headers['content-type'] = 'application/json';
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, options);
    // A shop with keys lets a browser in that has a name; it is given one when it is refused.
    if (response.status === 401 && (await named())) response = await fetch(path, options);
  } catch {
    throw new Problem({ title: 'The shop cannot be reached', detail: 'Check the connection and try again.' });
  }
  const answer = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw new Problem(answer ?? { title: `The server answered ${response.status}`, status: response.status });
  return answer;
}

export const get = (path, params = {}) => {
  const query = new URLSearchParams(Object.entries(params).filter(([, value]) => value !== '' && value !== undefined && value !== null));
  return call('GET', query.size ? `${path}?${query}` : path);
};

/** A write under a fresh idempotency key, tried again once when the connection broke: the key makes that safe. */
export async function write(method, path, body) {
  const headers = { 'idempotency-key': crypto.randomUUID() };
  try {
    return await call(method, path, body, headers);
  } catch (problem) {
    if (problem.status !== undefined && problem.status !== 503) throw problem;
    await new Promise((resume) => setTimeout(resume, 600));
    return call(method, path, body, headers);
  }
}

function remembered(store, key, prefix) {
  try {
    const known = store.getItem(key) ?? `${prefix}_${crypto.randomUUID()}`;
    store.setItem(key, known);
    return known;
  } catch {
    return `${prefix}_${crypto.randomUUID()}`;
  }
}

/** One visit, and one browser: no name, no address. */
export const session = remembered(sessionStorage, 'session', 'session');
export const shopper = remembered(localStorage, 'shopper', 'shopper');

const queue = [];
let timer;

/** Notes what the shopper did; sent together soon after, or when the page goes away. */
export function track(type, productId, source = {}) {
  const event = { type, product_id: productId, session_id: session, shopper_id: shopper, happened_at: new Date().toISOString() };
  if (source.queryId) Object.assign(event, { query_id: source.queryId, rank: source.rank });
  if (source.recommendationId) event.recommendation_id = source.recommendationId;
  if (source.quantity) event.quantity = source.quantity;
  queue.push(event);
  clearTimeout(timer);
  timer = setTimeout(flush, queue.length > 40 ? 0 : 1200);
}

function flush() {
  if (!queue.length) return;
  const body = queue.splice(0).map((event) => JSON.stringify(event)).join('\n');
  // Behaviour is never worth bothering the shopper about: a lost batch stays lost.
  fetch('/v1/events', { method: 'POST', keepalive: true, headers: { 'content-type': 'application/x-ndjson' }, body }).catch(() => {});
}

addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && flush());
addEventListener('pagehide', flush);

const seen = new Set();
const watcher = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    watcher.unobserve(target);
    const { product, queryId, rank } = target.dataset;
    if (seen.has(`${product} ${queryId}`)) continue;
    seen.add(`${product} ${queryId}`);
    track('impression', product, { queryId, rank: rank ? Number(rank) : undefined });
  }
}, { threshold: 0.6 });

/** Counts a card as seen once most of it has been on the screen. */
export function watchImpression(card) {
  watcher.observe(card);
}
