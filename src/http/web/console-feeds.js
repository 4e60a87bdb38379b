// Feeds: the files that the shop polls, how each is, and looking at one now.

import { call, get } from '/assets/console-api.js';
import { badge, button, fill, h, number, table, toast, when } from '/assets/console-kit.js';

/** How often a look that is under way is asked after, and how long. */
const ASK_MS = 500;
const ASKED_MAX = 120;

const wait = () => new Promise((done) => { setTimeout(done, ASK_MS); });

/** What the last look came to, in few words. */
function outcome({ last_error: error, last_run: run, last_taken: taken }) {
  if (error) return h('span', { class: 'hint-bad' }, error);
  if (!run) return 'not looked at yet';
  const counts = taken ? `${number(taken.taken)} taken, ${number(taken.unchanged)} unchanged, ${number(taken.rejected)} rejected` : '';
  const gone = taken?.delisted ? `, ${number(taken.delisted)} off sale` : '';
  return h('span', { title: (taken?.remarks ?? []).join('\n') || null }, run.outcome === 'unchanged' ? `unchanged; before: ${counts}${gone}` : `${counts}${gone}`);
}

const ago = (seconds) => (seconds === undefined ? '–' : seconds < 120 ? `${number(seconds)} s` : `${number(seconds / 60)} min`);

/** A place that shows all feeds. `signal` ends the asking when the page is left. */
export function feeds(signal) {
  const place = h('div', {}, h('p', { class: 'faint' }, 'Loading…'));
  const draw = () => fill(place, async () => {
    const { feeds: known } = await get('/v1/feeds');
    return table('Feeds', [
      ['Feed', ({ name, source }) => h('span', { title: source }, h('strong', {}, name))], ['Kind', ({ kind }) => kind], ['', ({ status }) => badge(status)],
      ['Last look', outcome], ['Behind', ({ lag_s: lag }) => ago(lag), true], ['Next', ({ next_run_at: at }) => when(at)], ['', ({ name }) => look(name)],
    ], known, 'No feeds. The [[feeds]] of shopkeeper.toml stand here.');
  });
  const look = (name) => button('Look', async (event) => {
    event.target.disabled = true;
    const path = `/v1/feeds/${encodeURIComponent(name)}`;
    try {
      const before = await get(path);
      await call('POST', `${path}/run`, {});
      for (let asked = 0; asked < ASKED_MAX && !signal.aborted; asked += 1) {
        await wait();
        const now = await get(path);
        if (now.status !== 'running' && now.last_run?.started_at !== before.last_run?.started_at) break;
      }
    } catch (problem) {
      toast(problem.detail ?? problem.message);
    }
    if (!signal.aborted) draw();
  }, 'button-small');
  draw();
  return place;
}
