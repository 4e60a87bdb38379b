// Prices: how many products there are at which price, and two handles and two fields to choose a stretch.

import { h, money } from './dom.js';

/** Bars of the histogram. */
export const BARS = 32;
/** So many steps the handles have from one end to the other. */
const STEPS = 100;

const number = (value) => Math.round(value * 100) / 100;

/** `low..high` of the address, each end a number or nothing. */
export function stretchOf(text) {
  const [low, high] = (text ?? '').split('..').map((end) => end === '' || !Number.isFinite(Number(end)) ? null : Number(end));
  return [low ?? null, high ?? null];
}

function histogram(values, isWithin) {
  const most = Math.max(...values.map(({ count }) => count), 1);
  const bars = values.map(({ from, to, count }) => {
    const bar = h('span', { title: `${number(from)} to ${number(to)}: ${count.toLocaleString()}` });
    // A property, not an attribute: the page's policy refuses styles in markup. The root shows few beside many.
    bar.style.height = `${count ? Math.max(4, Math.round(100 * Math.sqrt(count / most))) : 0}%`;
    return { bar, from, to };
  });
  const light = () => bars.forEach(({ bar, from, to }) => bar.classList.toggle('is-within', isWithin(from, to)));
  return { element: h('div', { class: 'histogram', 'aria-hidden': 'true' }, bars.map(({ bar }) => bar)), light };
}

/** The section's content; `choose` is given the stretch, or null for all prices. */
export function priceRange(facet, chosen, currency, choose) {
  const [least, most] = [Math.floor(facet.range[0]), Math.ceil(facet.range[1])];
  const step = Math.max(1, Math.round((most - least) / STEPS));
  const [low, high] = [chosen[0] ?? least, chosen[1] ?? most];
  const told = (value) => money(Math.round(value * 100), currency);
  const handle = (key, label, value) => h('input', { type: 'range', class: 'handle', 'data-key': key, min: least, max: least + Math.ceil((most - least) / step) * step, step, value, 'aria-label': label });
  const [from, to] = [handle('price-from', 'Lowest price', low), handle('price-to', 'Highest price', high)];
  const field = (name, label, value, placeholder) => h('label', { class: 'price-field' }, h('span', { class: 'hidden' }, label), h('input', { name, 'data-key': `price-${name}`, type: 'number', min: 0, step: 'any', inputmode: 'decimal', value: value ?? '', placeholder }));
  const form = h('form', { class: 'price-form' }, field('low', 'From', chosen[0], least), h('span', { 'aria-hidden': 'true' }, 'to'), field('high', 'To', chosen[1], most), h('button', { class: 'button-quiet', 'data-key': 'price-set', 'aria-label': 'Set prices' }, 'Set'));
  const { element, light } = histogram(facet.values, (start, end) => end > Number(from.value) && start < Number(to.value));
  const track = h('div', { class: 'handles' }, h('span', { class: 'handles-track' }), from, to);
  const slide = () => {
    for (const one of [from, to]) one.setAttribute('aria-valuetext', told(Number(one.value)));
    light();
  };
  const moved = ({ target }) => {
    // A handle stops at the other.
    if (Number(from.value) > Number(to.value)) target.value = target === from ? to.value : from.value;
    const ends = [Number(from.value) <= least ? null : Number(from.value), Number(to.value) >= most ? null : Number(to.value)];
    [form.elements.low.value, form.elements.high.value] = ends.map((end) => end ?? '');
    slide();
    return ends;
  };
  track.addEventListener('input', moved);
  track.addEventListener('change', (event) => choose(textOf(moved(event))));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    choose(textOf(stretchOf(`${form.elements.low.value}..${form.elements.high.value}`)));
  });
  slide();
  return [element, track, form];
}

const textOf = ([low, high]) => low === null && high === null ? null : `${low ?? ''}..${high ?? ''}`;
