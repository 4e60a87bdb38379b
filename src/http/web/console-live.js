// Numbers over time: reading the metrics text, rates and percentiles between two readings, and line charts.

import { h } from '/assets/console-kit.js';
import { s } from '/assets/dom.js';

/** Readings kept of one number: at one every three seconds, half an hour. */
const READINGS_MAX = 600;

/** The metrics text as rows of name, labels and value. */
export function readMetrics(text) {
  return text.split('\n').filter((line) => line && !line.startsWith('#')).map((line) => {
    const [, name, labels = '', value] = line.match(/^([^\s{]+)(?:\{(.*)\})?\s+(\S+)/) ?? [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key, text]);
    return { name, labels: Object.fromEntries(pairs), value: Number(value) };
  });
}

/** The sum of a metric over its labels; undefined when there is none. */
export function sumOf(rows, name, is = () => true) {
  const found = rows.filter((row) => row.name === name && is(row.labels));
  return found.length ? found.reduce((sum, { value }) => sum + value, 0) : undefined;
}

/** How often something was counted per second between two readings; undefined before there are two. */
export function rate(before, after, seconds) {
  if (before === undefined || after === undefined || after < before || seconds <= 0) return undefined;
  return (after - before) / seconds;
}

const bucketsOf = (rows, name) => rows.filter((row) => row.name === `${name}_bucket`)
  .map(({ labels, value }) => [labels.le === '+Inf' ? Infinity : Number(labels.le), value]).sort((a, b) => a[0] - b[0]);

/**
 * A percentile of what was recorded between two readings of a histogram, in milliseconds, straight within its bucket; undefined when nothing
 * was. Beyond the last bound it is that bound.
 */
export function percentile(before, after, name, share) {
  const known = new Map(bucketsOf(before, name));
  const counts = bucketsOf(after, name).map(([bound, count]) => [bound, count - (known.get(bound) ?? 0)]);
  const all = counts.at(-1)?.[1] ?? 0;
  if (all <= 0) return undefined;
  const wanted = all * share;
  let [low, below] = [0, 0];
  for (const [bound, count] of counts) {
    if (count >= wanted) {
      if (bound === Infinity) return low * 1000;
      return (low + ((bound - low) * (wanted - below)) / (count - below)) * 1000;
    }
    [low, below] = [bound, count];
  }
  return undefined;
}

/** What was read of a number since the page was opened. Kept while other pages of the console are looked at. */
export class Series {
  readings = [];

  add(value, at = Date.now()) {
    this.readings.push({ at, value });
    if (this.readings.length > READINGS_MAX) this.readings.shift();
  }

  get last() {
    return this.readings.findLast(({ value }) => value !== undefined)?.value;
  }
}

const [WIDTH, HEIGHT] = [300, 72];

/** The path of a line; readings without a value are gaps in it. */
function path(readings, x, y) {
  let isDown = false;
  return readings.map(({ at, value }) => {
    if (value === undefined) {
      isDown = false;
      return '';
    }
    const point = `${isDown ? 'L' : 'M'}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    isDown = true;
    return point;
  }).join('');
}

/**
 * A chart of one or two series with the current value beside its name. `update()` draws what came since. The drawing is hidden from screen
 * readers, which read name, value and the span of values.
 */
export function chart({ title, about, series, text, labels = [] }) {
  const value = h('p', { class: labels.length > 1 ? 'chart-value chart-value-narrow' : 'chart-value' }, '–');
  const span = h('p', { class: 'chart-span' }, ' ');
  const lines = series.map((_, index) => s('path', { class: `line line-${index}`, 'vector-effect': 'non-scaling-stroke' }));
  const drawing = s('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    s('path', { class: 'base', d: `M0 ${HEIGHT - 1}H${WIDTH}`, 'vector-effect': 'non-scaling-stroke' }), ...lines);
  const element = h('section', { class: 'chart card', 'aria-label': title },
    h('div', { class: 'chart-head' }, h('h2', {}, title), value), drawing, span, about ? h('p', { class: 'chart-about' }, about) : null);
  const update = () => {
    const all = series.flatMap(({ readings }) => readings);
    const values = all.map((reading) => reading.value).filter((one) => one !== undefined);
    const shown = series.map((one, index) => [labels[index], one.last === undefined ? '–' : text(one.last)].filter(Boolean).join(' '));
    value.textContent = shown.join(' · ');
    if (!values.length) {
      span.textContent = 'nothing yet';
      return;
    }
    const [from, until] = [Math.min(...all.map(({ at }) => at)), Math.max(...all.map(({ at }) => at))];
    const top = Math.max(...values);
    const x = (at) => (until > from ? ((at - from) / (until - from)) * WIDTH : WIDTH);
    const y = (one) => HEIGHT - 2 - (top > 0 ? one / top : 0) * (HEIGHT - 6);
    lines.forEach((line, index) => line.setAttribute('d', path(series[index].readings, x, y)));
    span.textContent = `${Math.round((until - from) / 1000)} s · from ${text(Math.min(...values))} to ${text(top)}`;
  };
  return { element, update };
}
