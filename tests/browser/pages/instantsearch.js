// A page as InstantSearch's own guide builds it. Nothing in it knows what answers, but for the two addresses.

import { liteClient } from 'algoliasearch/lite';
import instantsearch from 'instantsearch.js';
import { createInsightsMiddleware } from 'instantsearch.js/es/middlewares';
import {
  configure,
  hierarchicalMenu,
  hits,
  pagination,
  rangeSlider,
  refinementList,
  searchBox,
  sortBy,
  stats,
} from 'instantsearch.js/es/widgets';
import insights from 'search-insights';

const { hostname, port, protocol } = new URL(new URLSearchParams(location.search).get('shop'));
const hosts = [{ url: `${hostname}:${port}`, accept: 'readWrite', protocol: protocol.slice(0, -1) }];

const search = instantsearch({
  indexName: 'products',
  // A debug build on a busy machine takes longer than the second that clients allow.
  searchClient: liteClient('shop', 'search-key', { hosts, timeouts: { connect: 30_000, read: 30_000, write: 30_000 } }),
  future: { preserveSharedStateOnUnmount: true },
});

search.use(
  createInsightsMiddleware({
    insightsClient: insights,
    insightsInitParams: { host: `${protocol}//${hostname}:${port}`, userToken: 'anonymous-browser-1' },
  }),
);

search.addWidgets([
  configure({ hitsPerPage: 12, clickAnalytics: true }),
  searchBox({ container: '#searchbox' }),
  stats({ container: '#stats' }),
  sortBy({
    container: '#sort',
    items: [
      { label: 'Relevance', value: 'products' },
      { label: 'Cheapest', value: 'products_price_asc' },
      { label: 'Dearest', value: 'products_price_desc' },
    ],
  }),
  refinementList({ container: '#brand', attribute: 'brand', searchable: true, limit: 5 }),
  hierarchicalMenu({ container: '#category', attributes: ['categories.lvl0', 'categories.lvl1', 'categories.lvl2'], limit: 20 }),
  rangeSlider({ container: '#price', attribute: 'price', pips: false }),
  hits({
    container: '#hits',
    templates: {
      item: (hit, { html, components, sendEvent }) => html`
        <article data-id="${hit.objectID}" data-price="${hit.price}" onClick="${() => sendEvent('click', hit, 'Product Clicked')}">
          <b>${components.Highlight({ hit, attribute: 'name' })}</b>
          <div>${hit.brand}</div>
          <div>${hit.price} ${hit.currency}</div>
        </article>
      `,
    },
  }),
  pagination({ container: '#pagination' }),
]);

search.start();
window.search = search;
