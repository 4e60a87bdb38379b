// Index generations: building beside the live one, promoting, going back.

import { call, get } from '/assets/console-api.js';
import { badge, button, confirm, h, head, loading, notice, number, table, toast, when } from '/assets/console-kit.js';

const bytesOf = ({ files }) => Object.values(files ?? {}).reduce((sum, { bytes }) => sum + bytes, 0);

export function show({ place, signal, go }) {
  const again = () => !signal.aborted && go(location.pathname, true);
  const progress = h('div', { role: 'status' });
  const build = button('Build a generation', async () => {
    build.disabled = true;
    const started = Date.now();
    const bar = h('progress', { 'aria-label': 'Building' });
    const text = h('span', {}, 'Building; the live generation answers meanwhile.');
    progress.replaceChildren(h('p', { class: 'notice' }, bar, ' ', text));
    const timer = setInterval(() => { text.textContent = `Building for ${Math.round((Date.now() - started) / 1000)} s; the live generation answers meanwhile.`; }, 1000);
    try {
      const made = await call('POST', '/v1/generations');
      toast(`${made.id} is built`);
      again();
    } catch (problem) {
      progress.replaceChildren(notice(problem));
    } finally {
      clearInterval(timer);
      build.disabled = false;
    }
  }, 'button-main');
  const promote = (id) => button('Promote', async () => {
    if (await confirm(`Promote ${id}?`, 'From then on it answers every search. The one before stays, to go back to.', 'Promote', () => call('POST', `/v1/generations/${id}/promote`))) again();
  }, 'button-small');
  const back = button('Go back to the one before', async () => {
    if (await confirm('Go back?', 'The generation that was live before answers again.', 'Go back', () => call('POST', '/v1/generations/rollback'))) again();
  });
  place.replaceChildren(head('Generations', 'Built indexes. One is live; what changed since it was built is laid over it.', build, back), progress, loading(async () => {
    const { live, generations } = await get('/v1/generations');
    return table('Generations', [
      ['Generation', ({ id }) => h('strong', {}, id)], ['', ({ id }) => (id === live ? badge('live') : promote(id))], ['Built', ({ created_at: at }) => when(at)],
      ['Products', (one) => number(one.products_count), true], ['Terms', (one) => number(one.terms_count), true], ['Vectors', (one) => number(one.vectors_count), true], ['Size', (one) => `${number(bytesOf(one) / 1e6, 1)} MB`, true],
    ], generations.toReversed(), 'None is built yet; the shop answers from memory.');
  }));
}
