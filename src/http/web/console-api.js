// Talking to the shop as an administrator: the session, its token, and requests that carry it.

import { Problem } from '/assets/api.js';

/** Who is logged in; null while nobody is. */
export const session = { current: null };

const SESSION = '/console/api/session';
let expired = () => {};

/** What is to happen when the session has ended under the page. */
export function whenExpired(listener) {
  expired = listener;
}

async function send(method, path, body, headers) {
  const options = { method, headers: { accept: 'application/json', ...headers } };
  if (method !== 'GET' && session.current) options.headers['x-csrf-token'] = session.current.csrf_token;
  if (body !== undefined) {
    options.headers['content-type'] = 'application/json';
    options.body = typeof body === 'string' ? body : JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Problem({ title: 'The shop cannot be reached', detail: 'Check the connection and try again.' });
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => null);
  if (response.status === 401 && session.current && path !== SESSION) {
    session.current = null;
    expired();
  }
  const wait = response.headers.get('retry-after');
  throw new Problem({ title: `The server answered ${response.status}`, status: response.status, wait, ...problem });
}

/** Sends a request and reads its JSON answer; a string is sent as it is. */
export async function call(method, path, body, headers = {}) {
  const response = await send(method, path, body, headers);
  return response.status === 204 || response.status === 202 ? null : response.json().catch(() => null);
}

/** An answer with its entity tag, for writes that must not overwrite somebody else's. */
export async function tagged(path) {
  const response = await send('GET', path, undefined, {});
  return { body: await response.json(), tag: response.headers.get('etag') };
}

/** An address with parameters; what is empty is left out. */
export function address(path, params = {}) {
  const given = Object.entries(params).filter(([, value]) => value !== '' && value !== undefined && value !== null);
  const query = new URLSearchParams(given);
  return query.size ? `${path}?${query}` : path;
}

export const get = (path, params) => call('GET', address(path, params));

/** A write that must have one effect however often it is sent. */
export const once = (method, path, body, headers = {}) =>
  call(method, path, body, { 'idempotency-key': crypto.randomUUID(), ...headers });

/** The numbers for Prometheus, as text. */
export const metrics = async () => (await send('GET', '/metrics', undefined, { accept: 'text/plain' })).text();

/** Asks who is logged in: "admin", "open" (nobody has to be) or "closed". */
export async function whoAmI() {
  try {
    session.current = await call('GET', SESSION);
    return 'admin';
  } catch (problem) {
    if (problem.status !== 401) throw problem;
  }
  try {
    await call('GET', '/v1/stats');
    return 'open';
  } catch (problem) {
    if (problem.status === 401 || problem.status === 403) return 'closed';
    throw problem;
  }
}

export async function logIn(name, password, code) {
  session.current = await call('POST', SESSION, { name, password, ...(code ? { code } : {}) });
}

export async function logOut() {
  await call('DELETE', SESSION);
  session.current = null;
}

export const totp = {
  begin: () => call('POST', `${SESSION}/totp`),
  confirm: (offer, code) => call('PUT', `${SESSION}/totp`, { offer, code }),
  remove: (code) => call('DELETE', `${SESSION}/totp`, { code }),
};
