// Choosing one of a product's variants: a row of choices for each thing in which they differ.

import { paint } from './art.js';
import { h, labelOf, written } from './dom.js';

const COLOUR = /^colou?r$/;

/** What the variants differ in, by attribute, or by their names when no attribute tells them apart. */
export function axesOf(variants) {
  const names = [...new Set(variants.flatMap(({ attributes }) => Object.keys(attributes ?? {})))];
  const axes = names.map((name) => ({ name, of: (variant) => written(variant.attributes?.[name] ?? '–') }))
    .map((axis) => ({ ...axis, values: [...new Set(variants.map(axis.of))] }))
    .filter(({ values }) => values.length > 1);
  const keys = new Set(variants.map((variant) => axes.map(({ of }) => of(variant)).join('\n')));
  if (variants.length > 1 && keys.size < variants.length) {
    const of = (variant) => variant.title ?? variant.sku;
    return [{ name: 'option', of, values: variants.map(of) }];
  }
  return axes;
}

/** The colour of a variant, when it has one. */
export const colourOf = ({ attributes = {} }) => Object.entries(attributes).find(([name]) => COLOUR.test(name))?.[1];

/** The variant with this value that is nearest to what is chosen otherwise: the same in everything else, or else one that can be bought. */
function nearest(variants, axes, chosen, axis, value, canBeBought) {
  const others = axes.filter((one) => one !== axis);
  const score = (variant) => 2 * others.filter(({ of }) => of(variant) === of(chosen)).length + (canBeBought(variant) ? 1 : 0);
  const candidates = variants.filter((variant) => axis.of(variant) === value);
  return candidates.reduce((best, one) => (score(one) > score(best) ? one : best), candidates[0]);
}

/** The rows of choices; `changed(variant)` is told what is chosen. */
export function variantChoices(variants, first, canBeBought, changed) {
  const axes = axesOf(variants);
  let chosen = first;
  const rows = axes.map((axis) => {
    const legend = h('span', { class: 'choices-value' });
    const choices = axis.values.map((value) => {
      const input = h('input', { type: 'radio', name: `variant-${axis.name}`, value, onchange: () => select(nearest(variants, axes, chosen, axis, value, canBeBought)) });
      const spot = COLOUR.test(axis.name) && paint(value) ? h('span', { class: 'swatch', 'aria-hidden': 'true' }) : null;
      // A property, not an attribute: the page's policy refuses styles in markup.
      if (spot) spot.style.background = paint(value);
      const gone = h('span', { class: 'hidden' });
      return { value, input, gone, element: h('label', { class: 'choice' }, input, h('span', {}, spot, value, gone)) };
    });
    const element = h('fieldset', { class: 'choices' }, h('legend', {}, `${labelOf(axis.name)}: `, legend), choices.map((choice) => choice.element));
    return { axis, legend, choices, element };
  });
  const mark = () => rows.forEach(({ axis, legend, choices }) => {
    legend.textContent = axis.of(chosen);
    for (const { value, input, gone, element } of choices) {
      const there = nearest(variants, axes, chosen, axis, value, canBeBought);
      input.checked = axis.of(chosen) === value;
      element.classList.toggle('choice-gone', !canBeBought(there));
      gone.textContent = canBeBought(there) ? '' : ' (sold out)';
    }
  });
  const select = (variant) => {
    chosen = variant;
    mark();
    changed(variant);
  };
  mark();
  return rows.map(({ element }) => element);
}
