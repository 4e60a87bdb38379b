// One product in a list, and rows of them.

import { call, session, shopper, track, watchImpression } from './api.js';
import { picture } from './art.js';
import { h, highlighted, priceTag, stars } from './dom.js';

export const productPath = (id) => `/p/${encodeURIComponent(id)}`;

/** A card that links to the product's page. It says which search or recommendation it came from. */
export function card(product, { title, note, queryId, rank, recommendationId, explain } = {}) {
  const link = h('a', {
    href: productPath(product.id),
    class: 'card-link',
    onclick: () => {
      sessionStorage.setItem(`from ${product.id}`, JSON.stringify({ queryId, rank, recommendationId }));
      track('click', product.id, { queryId, rank, recommendationId });
    },
  }, title ? highlighted(title) : product.title);
  const element = h('article', { class: product.available ? 'card' : 'card card-gone', 'data-product': product.id, 'data-query-id': queryId, 'data-rank': rank },
    h('div', { class: 'card-art' }, picture(product), !product.available && h('span', { class: 'tag' }, 'Sold out'),
      product.available && product.list_price && product.price && product.list_price.amount_minor > product.price.amount_minor
        && h('span', { class: 'tag tag-sale' }, `−${Math.round(100 - (100 * product.price.amount_minor) / product.list_price.amount_minor)} %`)),
    h('div', { class: 'card-text' },
      product.brand && h('p', { class: 'brand' }, product.brand),
      h('h3', { class: 'card-title' }, link),
      stars(product.rating),
      priceTag(product.price, product.list_price),
      product.variants_count > 1 && h('p', { class: 'faint' }, `${product.variants_count} options`),
      note && h('p', { class: 'note' }, note),
      explain && h('details', { class: 'explain' }, h('summary', {}, 'Why here'), h('pre', {}, JSON.stringify(explain, null, 1)))));
  watchImpression(element);
  return element;
}

/** Grey shapes where cards will be. */
export function placeholders(count) {
  return Array.from({ length: count }, () => h('div', { class: 'card card-waiting', 'aria-hidden': 'true' }, h('div', { class: 'card-art' }), h('div', { class: 'card-text' }, h('div', { class: 'bar' }), h('div', { class: 'bar bar-short' }), h('div', { class: 'bar bar-short' }))));
}

/**
 * Rows of recommendations that scroll sideways, asked for together, so that no product stands in two of them. Each has a `heading`, a
 * `kind` and whatever else a carousel of `POST /v1/recommend` takes; one with nothing to recommend is not shown. Until the answer is there the
 * first of them holds the room.
 */
export function shelves(rows) {
  const root = h('div', { class: 'shelves' }, shelf('', placeholders(6).map((element) => h('div', {}, element))));
  root.setAttribute('aria-busy', 'true');
  const carousels = rows.map(({ heading, ...carousel }) => ({ limit: 12, ...carousel }));
  call('POST', '/v1/recommend', { session_id: session, shopper_id: shopper, carousels })
    .then((answer) => root.replaceChildren(...answer.carousels.map((carousel, index) => filled(rows[index], carousel)).filter(Boolean)))
    .catch(() => root.replaceChildren())
    .finally(() => root.removeAttribute('aria-busy'));
  return root;
}

function shelf(heading, items) {
  const row = h('div', { class: 'shelf-row', role: heading ? 'list' : null, tabindex: heading ? '0' : null, 'aria-label': heading || null }, items);
  return h('section', { class: 'shelf', 'aria-hidden': heading ? null : 'true' }, heading ? h('h2', {}, heading) : h('div', { class: 'bar bar-heading' }), row);
}

function filled({ heading, kind }, { products = [], recommendation_id: recommendationId }) {
  if (!products.length) return null;
  return shelf(heading, products.map(({ product, reason }) => h('div', { role: 'listitem' }, card(product, { note: noteOf(kind, reason), recommendationId }))));
}

function noteOf(kind, reason) {
  switch (reason.because) {
    case 'bought_together_with': return reason.count > 1 ? `In ${reason.count.toLocaleString()} orders together` : 'Bought together';
    case 'viewed_with': return kind === 'for_you' ? reason.text : `${reason.count.toLocaleString()} shoppers viewed both`;
    case 'inherits': case 'complements': case 'substitutes': case 'shoppers_alike': case 'bought_with': case 'viewed_then_bought_with':
    case 'bought_before': case 'visits_alike': case 'suits_taste': case 'popular_near': case 'pinned': return reason.text;
    case 'category_goes_with': case 'explore': return null;
    case 'similar_to': return kind === 'similar' ? null : reason.text;
    case 'trending': return kind === 'trending' ? null : 'Trending now';
    default: return kind === 'trending' ? null : 'Popular';
  }
}
