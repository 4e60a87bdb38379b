// Access keys and administrators.

import { call, get, session } from '/assets/console-api.js';
import { badge, button, card, confirm, field, form, h, head, input, listOf, loading, select, showSecret, submit, table, toast, when } from '/assets/console-kit.js';

const PRESETS = [['search-only', 'search-only, fit for browsers'], ['storefront', 'storefront'], ['admin', 'admin: everything'], ['', 'scopes of its own']];
const pathOf = (id) => `/v1/keys/${encodeURIComponent(id)}`;

function stateOf({ revoked_at: revoked, expires_at: expires }) {
  if (revoked) return 'revoked';
  return expires && new Date(expires) < new Date() ? 'expired' : 'live';
}

function creation(again) {
  const c = { name: input({ required: true, maxlength: '128' }), preset: select(PRESETS, 'search-only'), scopes: input({ placeholder: 'orders:read, inventory:*' }), marketplace: input(), filter: input({ placeholder: 'brand = "Acme"' }), origins: input({ placeholder: 'https://shop.example' }), expires: input({ placeholder: '2027-06-30T00:00:00Z' }) };
  return card('New key', form({}, async () => {
    const optional = Object.entries({ preset: c.preset.value, marketplace: c.marketplace.value.trim(), filter: c.filter.value.trim(), expires_at: c.expires.value.trim() }).filter(([, value]) => value);
    const made = await call('POST', '/v1/keys', { name: c.name.value.trim(), scopes: listOf(c.scopes.value), origins: listOf(c.origins.value), ...Object.fromEntries(optional) });
    await showSecret(`The secret of ${made.name}`, made.secret);
    again();
  }, h('div', { class: 'grid' }, field('Name', c.name, { field: 'name', hint: 'Who or what it is for.' }), field('May do', c.preset, { field: 'preset' }), field('Scopes', c.scopes, { field: 'scopes', hint: 'resource:verb, beyond or in place of the above.' }),
    field('Marketplace', c.marketplace, { field: 'marketplace', hint: 'The only one; empty: all.' }), field('Filter', c.filter, { field: 'filter', hint: 'Every product that it shows passes it.' }),
    field('Origins', c.origins, { field: 'origins', hint: 'Pages that may use it in a browser; empty: all.' }), field('Ends', c.expires, { field: 'expires_at', hint: 'RFC 3339; empty: never.' })),
  session.current ? null : h('p', { class: 'notice' }, 'The first key closes the shop to everybody without one. Make an administrator before, or this page closes as well.'),
  submit('Make the key')));
}

function rotation(key, again) {
  const overlap = input({ inputmode: 'numeric', value: '86400' });
  return button('Rotate', async () => {
    let made;
    const done = await confirm(`Rotate ${key.name}?`, 'The new secret is good at once, the old one for as long as you say.', 'Rotate', async () => {
      const seconds = Number(overlap.value);
      made = await call('POST', `${pathOf(key.id)}/rotate`, { overlap_s: Number.isNaN(seconds) ? overlap.value : seconds });
    }, [field('The old one is good for (seconds)', overlap, { field: 'overlap_s', hint: '0 after a leak.' })]);
    if (!done) return;
    await showSecret(`The new secret of ${key.name}`, made.secret);
    again();
  }, 'button-small');
}

const revocation = (key, again) => button('Revoke', async () => {
  if (await confirm(`Revoke ${key.name}?`, 'It is good for nothing from then on. It cannot be undone.', 'Revoke', () => call('DELETE', pathOf(key.id)))) again();
}, 'button-small button-bad');

function keys({ place, go }) {
  const again = () => go(location.pathname, true);
  place.replaceChildren(head('Keys', 'What programs and pages show to be let in. Secrets are kept as digests and shown once.'), loading(async () => {
    const { keys: all } = await get('/v1/keys');
    const limits = ({ marketplace, filter, origins }) => [marketplace, filter, ...(origins ?? [])].filter(Boolean).join(' · ');
    return table('Keys', [['Name', ({ name }) => h('strong', {}, name)], ['', (key) => badge(stateOf(key))], ['Scopes', ({ scopes }) => h('span', { class: 'scopes' }, scopes.join(', '))], ['Limits', limits], ['Made', (key) => when(key.created_at)], ['Last used', (key) => when(key.used_at)],
      ['Ends', (key) => when(key.expires_at)], ['', (key) => (stateOf(key) === 'live' ? h('span', { class: 'links' }, rotation(key, again), revocation(key, again)) : '')]], all, 'No keys. The shop answers everybody on this machine.');
  }), creation(again));
}

function newPassword(name, again) {
  const password = input({ type: 'password', autocomplete: 'new-password' });
  return button('New password', async () => {
    const done = await confirm(`New password of ${name}`, 'Their sessions end.', 'Change', () => call('PUT', `/v1/admins/${encodeURIComponent(name)}/password`, { password: password.value }), [field('Password', password, { field: 'password', hint: 'At least 15 characters.' })]);
    if (done) again();
  }, 'button-small');
}

function admins({ place, go }) {
  const again = () => go(location.pathname, true);
  const c = { name: input({ required: true }), password: input({ type: 'password', autocomplete: 'new-password', required: true }) };
  place.replaceChildren(head('Administrators', 'Who may log in here. Everybody has a name of their own.'), loading(async () => {
    const { admins: all } = await get('/v1/admins');
    const remove = ({ name }) => button('Remove', async () => {
      if (await confirm(`Remove ${name}?`, 'Their sessions end at once.', 'Remove', () => call('DELETE', `/v1/admins/${encodeURIComponent(name)}`))) again();
    }, 'button-small button-bad');
    return table('Administrators', [['Name', ({ name }) => h('strong', {}, name)], ['Authenticator app', ({ has_totp: has }) => badge(has ? 'enrolled' : 'none')], ['Made', ({ created_at: at }) => when(at)], ['', (admin) => h('span', { class: 'links' }, newPassword(admin.name, again), remove(admin))]], all, 'Nobody yet.');
  }), card('New administrator', form({}, async () => {
    await call('POST', '/v1/admins', { name: c.name.value.trim(), password: c.password.value });
    toast(`${c.name.value.trim()} may log in`);
    again();
  }, h('div', { class: 'grid' }, field('Name', c.name, { field: 'name' }), field('Password', c.password, { field: 'password', hint: 'At least 15 characters.' })), submit('Make the administrator'))));
}

export const show = (asked) => (asked.name === 'admins' ? admins(asked) : keys(asked));
