// Logging in and out, and an administrator's authenticator app.

import { logIn, logOut, session, totp, whoAmI } from '/assets/console-api.js';
import { button, busy, card, facts, field, form, h, head, input, submit, toast, when } from '/assets/console-kit.js';

/** The form to log in with; `done` is called when somebody is in. */
export function login(text, done) {
  const name = input({ name: 'name', autocomplete: 'username', autocapitalize: 'none', required: true });
  const password = input({ name: 'password', type: 'password', autocomplete: 'current-password', required: true });
  const code = input({ name: 'code', inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: '8' });
  const element = form({ class: 'login card' }, async () => {
    await logIn(name.value.trim(), password.value, code.value.trim());
    password.value = '';
    done();
  },
  h('h1', {}, 'Log in'), text ? h('p', { role: 'status' }, text) : null,
  field('Name', name, { field: 'name' }), field('Password', password, { field: 'password' }),
  field('Code', code, { field: 'code', hint: 'What your authenticator app shows, if you have enrolled one.' }),
  submit('Log in'),
  h('p', { class: 'faint' }, 'No account yet? On the machine of the shop: ', h('code', {}, 'shopkeeper --shop FOLDER admins create NAME')));
  return element;
}

/** The page of who is logged in. */
export function account({ place, loggedOut, go }) {
  if (!session.current) {
    place.replaceChildren(head('Your account', 'Nobody is logged in.'));
    return;
  }
  const { admin, has_totp: hasTotp, created_at: since, ends_at: until } = session.current;
  const out = button('Log out', () => busy(place, logOut).then(loggedOut, (problem) => toast(problem.message)), 'button-main');
  place.replaceChildren(
    head('Your account', null, out),
    card('Session', facts([['Name', admin], ['Logged in', when(since)], ['Ends', when(until)]]),
      h('p', { class: 'faint' }, 'It ends after 30 minutes without a request as well.')),
    hasTotp ? removal(() => go('/console/account', true)) : enrolment(() => go('/console/account', true)));
}

function enrolment(done) {
  const place = card('Authenticator app', h('p', {}, 'With one, a password that somebody else knows is not enough to log in.'));
  const begin = button('Enrol an app', () => busy(place, async () => {
    const offer = await totp.begin();
    const code = input({ inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: '8', required: true });
    const confirm = form({}, async () => {
      await totp.confirm(offer.offer, code.value.trim());
      await whoAmI();
      toast('From now on your logins need a code.');
      done();
    },
    h('ol', { class: 'steps' },
      h('li', {}, 'Open ', h('a', { href: offer.uri }, 'this link'), ' on the device of your app, or type the secret into it:',
        h('output', { class: 'secret', tabindex: '0', 'aria-label': 'Secret' }, offer.secret.match(/.{1,4}/g).join(' '))),
      h('li', {}, 'Type the code that the app shows:')),
    field('Code', code, { field: 'code' }), submit('Confirm'));
    begin.replaceWith(confirm);
    code.focus();
  }).catch((problem) => toast(problem.message)), 'button-main');
  place.append(begin);
  return place;
}

function removal(done) {
  const code = input({ inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: '8', required: true });
  return card('Authenticator app', h('p', {}, 'Your logins need a code.'),
    form({}, async () => {
      await totp.remove(code.value.trim());
      await whoAmI();
      toast('Your logins need no code any more.');
      done();
    }, field('Code', code, { field: 'code', hint: 'What the app shows now.' }), submit('Remove the app')));
}
