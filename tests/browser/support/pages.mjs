// What the tests of pages look at: shifts of layout, what was loaded, keys that are pressed, and faults of accessibility.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const TABS_MAX = 120;

/** Adds up shifts of layout from the first paint on, those right after an input aside, and says what moved. */
export async function watchShifts(page) {
  await page.addInitScript(() => {
    window.shifts = [];
    new PerformanceObserver((list) => {
      for (const { value, hadRecentInput, sources } of list.getEntries()) {
        if (!hadRecentInput) window.shifts.push({ value, what: sources.map(({ node }) => node?.className || node?.nodeName).join() });
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

/** Measures from each key that is typed to the frame that shows what was found. */
export async function watchTyping(page) {
  await page.addInitScript(() => {
    window.typed = [];
    addEventListener('DOMContentLoaded', () => {
      const [input, list] = [document.getElementById('q'), document.getElementById('suggestions')];
      let since = null;
      input.addEventListener('input', ({ timeStamp }) => { since = timeStamp; }, { capture: true });
      new MutationObserver(() => {
        if (since === null || list.hidden || !list.querySelector('[role=option]')) return;
        const start = since;
        since = null;
        // The task after the next frame's callbacks runs when that frame has been handed over to be painted.
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => window.typed.push(performance.now() - start);
          port2.postMessage(null);
        });
      }).observe(list, { childList: true, attributes: true });
    });
  });
}

/** Measures the same for the smallest answer that the server has: what machine and browser take however little there is to do. */
export function timeSmallest(page, count) {
  return page.evaluate(async (rounds) => {
    const times = [];
    for (let round = 0; round < rounds; round += 1) {
      const start = performance.now();
      await fetch('/healthz').then((answer) => answer.text());
      await new Promise((resolve) => {
        requestAnimationFrame(() => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = resolve;
          port2.postMessage(null);
        });
      });
      times.push(performance.now() - start);
    }
    return times;
  }, count);
}

export const median = (times) => [...times].sort((one, other) => one - other)[Math.floor(times.length / 2)];

/** Notes what is loaded, from where, and how many bytes of each go over the wire. */
export function watchLoads(page) {
  const loads = [];
  page.on('requestfinished', async (request) => {
    const sizes = await request.sizes().catch(() => null);
    if (sizes) loads.push({ url: request.url(), bytes: sizes.responseBodySize });
  });
  return loads;
}

/** Presses Tab until the focus is where it should be, as somebody without a mouse does. */
export async function tabTo(page, selector, text = '') {
  for (let pressed = 0; pressed < TABS_MAX; pressed += 1) {
    const isThere = await page.evaluate(([wanted, words]) => {
      const focused = document.activeElement;
      const name = focused?.getAttribute('aria-label') ?? focused?.closest('label')?.textContent ?? focused?.textContent ?? '';
      return Boolean(focused?.matches(wanted)) && name.includes(words);
    }, [selector, text]);
    if (isThere) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`the keyboard does not reach ${selector} ${text}`);
}

/** What is wrong with the page for people who do not see it, or cannot use a mouse. */
export async function faultsOfAccess(page) {
  // By the debugger's way in: the page's own policy lets no script in.
  const client = await page.context().newCDPSession(page);
  const run = async (expression) => (await client.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })).result.value;
  await run(AXE);
  const found = await run(`axe.run(document, { runOnly: ${JSON.stringify(RULES)}, resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(' | ')))`);
  await client.detach();
  const frame = await page.evaluate(() => ({
    title: document.title.length > 0,
    headings: [...document.querySelectorAll('h1')].filter((one) => one.offsetParent).length,
    landmarks: ['header', 'main', 'footer', 'nav[aria-label]', '[role=search]'].filter((one) => !document.querySelector(one)),
  }));
  if (!frame.title) found.push('no title');
  if (frame.headings !== 1) found.push(`${frame.headings} first headings`);
  return [...found, ...frame.landmarks.map((one) => `no ${one}`)];
}
