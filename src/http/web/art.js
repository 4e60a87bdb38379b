// Pictures for products that come without one: a quiet gradient and a line drawing chosen by category, the same every time.

import { h, s } from './dom.js';

const DRAWINGS = [
  [/audio|headphone|speaker|music|earbud/, 'M14 34v-6a18 18 0 0 1 36 0v6M14 34h6v14h-3a5 5 0 0 1-5-5v-5a4 4 0 0 1 2-4Zm36 0h-6v14h3a5 5 0 0 0 5-5v-5a4 4 0 0 0-2-4Z'],
  [/camera|photo/, 'M10 22h10l4-6h16l4 6h10v28H10V22Zm22 4a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm0 5a5 5 0 1 1 0 10 5 5 0 0 1 0-10Z'],
  [/comput|laptop|tablet|gaming/, 'M14 16h36v26H14V16Zm-6 32h48l-3 4H11l-3-4Zm18-6h12'],
  [/electronic|tv|television|phone|video|appliance/, 'M8 14h48v30H8V14Zm16 36h16m-8-6v6'],
  [/kitchen|cook|dining|tableware/, 'M12 26h34v12a12 12 0 0 1-12 12H24a12 12 0 0 1-12-12V26Zm34 3h4a5 5 0 0 1 0 12h-4M22 12c-3 4 3 5 0 9m8-9c-3 4 3 5 0 9m8-9c-3 4 3 5 0 9'],
  [/light|lamp/, 'M22 12h20l7 20H15l7-20Zm10 20v18m-9 2h18M42 32v8'],
  [/furnitur|home|living|decor|sofa|bed/, 'M14 30v-6a8 8 0 0 1 8-8h20a8 8 0 0 1 8 8v6M10 30a5 5 0 0 1 5 5v5h34v-5a5 5 0 1 1 5 5v8H10v-8a5 5 0 0 1 0-10Zm4 18v5m36-5v5'],
  [/shoe|boot|footwear|sneaker/, 'M8 30c8 0 12-4 14-10l6 5 6 10c6 4 18 3 22 9v6H8V30Zm0 12h48M30 27l5-3m-1 9 5-3'],
  [/bag|luggage|travel|backpack|suitcase/, 'M14 22h36v30H14V22Zm10 0v-5a4 4 0 0 1 4-4h8a4 4 0 0 1 4 4v5M14 34h36M22 22v30m20-30v30'],
  [/watch|jewel|accessor/, 'M32 20a12 12 0 1 0 0 24 12 12 0 0 0 0-24Zm-6 1 2-11h8l2 11m-12 22 2 11h8l2-11M32 26v6l4 3'],
  [/dress|skirt|gown/, 'M24 10l4 8-3 10-9 24h32l-9-24-3-10 4-8h-4c0 6-8 6-8 0h-4Zm1 18h14'],
  [/trouser|jean|pant|short|legging/, 'M20 10h24l4 42H37l-5-28-5 28H16l4-42Zm0 7h24'],
  [/coat|jacket|knit|sweater|hoodie|outerwear/, 'M25 12c2 4 12 4 14 0l11 6 3 32h-8l-2-20v22H21V30l-2 20h-8l3-32 11-6Zm7 4v36'],
  [/kettle|teapot|tea/, 'M18 26h26l6 24H14l4-24Zm4 0c0-12 20-12 20 0M46 30l8-4M30 14h4'],
  [/pot|pan|saucepan|cookware|wok/, 'M12 28h36v16a6 6 0 0 1-6 6H18a6 6 0 0 1-6-6V28Zm36 4h8M6 32h6m4-10h28m-14-5v5'],
  [/rug|textile|blanket|curtain|cushion|bedding|towel/, 'M12 16h40v32H12V16Zm6 6h28v20H18V22Zm-6 26v5m8-5v5m8-5v5m8-5v5m8-5v5m8-5v5M26 28h12v8H26v-8Z'],
  [/cloth|fashion|shirt|apparel|women|men|wear/, 'M24 12c2 4 14 4 16 0l12 7-4 11-6-3v25H22V27l-6 3-4-11 12-7Z'],
  [/beauty|cosmetic|skin|health|care|fragrance|personal/, 'M24 30h16v22H24V30Zm3-6h10v6H27v-6Zm2-10 6-3v13h-6V14ZM24 38h16'],
  [/toy|game|kid|baby|child/, 'M12 34h18v18H12V34Zm22 0h18v18H34V34ZM23 14h18v18H23V14Zm6 5h6m-14 20h0m22 8h3'],
  [/sport|fitness|outdoor|camp|bike|cycl/, 'M32 12a20 20 0 1 0 0 40 20 20 0 0 0 0-40Zm-20 20h40M32 12v40M18 18c8 8 8 20 0 28m28-28c-8 8-8 20 0 28'],
  [/garden|plant|flower|lawn/, 'M32 52V30m0 6c-10 0-16-5-16-14 10 0 16 5 16 14Zm0-6c0-9 5-15 16-16 0 11-6 16-16 16ZM20 52h24'],
  [/book|stationer|office|paper|art/, 'M12 14h16a4 4 0 0 1 4 4v34a4 4 0 0 0-4-4H12V14Zm40 0H36a4 4 0 0 0-4 4v34a4 4 0 0 1 4-4h16V14Z'],
  [/tool|hardware|diy|improvement|auto|car/, 'M40 12a11 11 0 0 0-10 15L12 45l7 7 18-18a11 11 0 0 0 14-14l-7 7-7-2-2-7 7-6h-2Z'],
  [/food|grocer|drink|gourmet|snack|coffee|tea/, 'M32 22c-4-5-18-4-18 10 0 10 7 20 13 20 2 0 3-1 5-1s3 1 5 1c6 0 13-10 13-20 0-14-14-15-18-10Zm0 0c0-5 2-8 6-10'],
  [/pet|dog|cat/, 'M32 34c-7 0-13 7-13 12 0 4 4 6 7 5 4-1 8-1 12 0 3 1 7-1 7-5 0-5-6-12-13-12ZM16 26a4 5 0 1 0 0 10 4 5 0 0 0 0-10Zm32 0a4 5 0 1 0 0 10 4 5 0 0 0 0-10ZM25 14a4 5 0 1 0 0 10 4 5 0 0 0 0-10Zm14 0a4 5 0 1 0 0 10 4 5 0 0 0 0-10Z'],
];

function hash(text) {
  let value = 2166136261;
  for (const letter of text) value = Math.imul(value ^ letter.codePointAt(0), 16777619) >>> 0;
  return value;
}

function initials(title) {
  const words = title.split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  return words.slice(0, 2).map((word) => [...word][0].toUpperCase()).join('') || '·';
}

/** What colours of goods are called, where style sheets call them otherwise or not at all. */
const COLOURS = {
  sand: '#d3bf98', stone: '#b3ab9c', oat: '#e0d5bf', cream: '#f2e9d4', charcoal: '#3d4043', graphite: '#4a4d52', anthracite: '#383b3e', rust: '#a8512c',
  terracotta: '#bf6647', mustard: '#cc9a2b', ochre: '#c08a2e', forest: '#2f5d43', 'forest green': '#2f5d43', sage: '#9dab8c', moss: '#6b7548', mint: '#a9d8c0', petrol: '#1d5a66', denim: '#4a6a8f',
  midnight: '#1e2740', burgundy: '#6e2233', wine: '#6b2537', blush: '#e6bfb8', rose: '#d98d94', lilac: '#b9a5d0', camel: '#bd9468', cognac: '#9a5a30', walnut: '#6d4a33', oak: '#c29d6b',
  natural: '#d9c7a3', copper: '#b1693f', brass: '#b8963f', steel: '#8d959b', 'rose gold': '#cf9a8b', champagne: '#ecd9b8', taupe: '#8e8072', ink: '#232b3d', sky: '#9cc5e3', clay: '#b5765a',
};

/** A colour's name as style sheets know it; undefined when nobody does. */
export function paint(name) {
  const known = COLOURS[name?.toLowerCase()] ?? name?.toLowerCase().replaceAll(' ', '');
  return known && CSS.supports('color', known) ? known : undefined;
}

let ids = 0;

function drawn({ id, title, category = [], colour }) {
  // Products of one department are related in colour, and no two quite the same.
  const own = hash(id);
  const hue = (hash(category[0] ?? title) + (own % 64) - 32 + 360) % 360;
  const turn = own % 50;
  const light = (own >>> 8) % 9;
  const gradient = `art-${ids += 1}`;
  const words = [...category].reverse().concat(title).map((word) => word.toLowerCase());
  const drawing = words.flatMap((word) => DRAWINGS.filter(([pattern]) => pattern.test(word))).map(([, path]) => path)[0];
  const tint = paint(colour);
  const shade = (shift, light) => tint ? `color-mix(in oklab, ${tint} ${100 - light + 24}%, #f1ece2)` : `hsl(${(hue + shift) % 360} 28% ${light}%)`;
  const stop = (offset, shift, light) => s('stop', { offset, 'stop-color': shade(shift, light) });
  const mark = drawing
    ? s('path', { d: drawing, class: 'art-line', transform: 'translate(18 18) scale(1)' })
    : s('text', { x: 50, y: 59, class: 'art-letters' });
  if (!drawing) mark.textContent = initials(title);
  return s('svg', { viewBox: '0 0 100 100', class: 'art', 'aria-hidden': 'true', preserveAspectRatio: 'xMidYMid slice' },
    s('defs', {}, s('linearGradient', { id: gradient, gradientTransform: `rotate(${20 + turn} .5 .5)` }, stop('0', 0, 84 + light), stop('1', 28, 66 + light))),
    s('rect', { width: 100, height: 100, fill: `url(#${gradient})` }),
    s('circle', { cx: 12 + ((own >>> 4) % 76), cy: 20 + ((own >>> 10) % 76), r: 22 + ((own >>> 16) % 18), class: 'art-disc' }),
    mark);
}

/** The product's own picture when this shop serves it, else a drawn one; pictures from elsewhere are not loaded. */
export function picture(product) {
  const own = product.image && (product.image.startsWith('/') && !product.image.startsWith('//'));
  return own ? h('img', { class: 'art', src: product.image, alt: '', loading: 'lazy' }) : drawn(product);
}
