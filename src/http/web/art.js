// Pictures for products that come without one: a quiet gradient and a line drawing chosen by category, the same every time.

import { h, s } from './dom.js';

/** What is drawn for which words, the particular before the general: of a product's categories the narrowest word decides that has a drawing. */
const DRAWINGS = [
  [/headphone|earbud|\bear\b|over-ear|in-ear/, 'M14 34v-6a18 18 0 0 1 36 0v6M14 34h6v14h-3a5 5 0 0 1-5-5v-5a4 4 0 0 1 2-4Zm36 0h-6v14h3a5 5 0 0 0 5-5v-5a4 4 0 0 0-2-4Z'],
  [/speaker|soundbar|audio|music/, 'M18 8h28v48H18V8Zm14 8a5 5 0 1 0 0 10 5 5 0 0 0 0-10Zm0 16a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z'],
  [/battery|batteries/, 'M12 20h34v24H12V20Zm34 8h5v8h-5m-26-10v12m9-12v12m9-12v12'],
  [/cable|charger|adapter|mount|docking/, 'M24 10v10m16-10v10M18 20h28v8a14 14 0 0 1-28 0v-8Zm14 22v6a6 6 0 0 0 6 6h6'],
  [/memory card|\bssds?\b/, 'M18 10h22l8 8v36H18V10Zm6 0v10m6-10v10m6-10v10M26 34h16v12H26V34Z'],
  [/napp|wipe|\bstorage\b|filter|box(es)?$/, 'M12 24h40v28H12V24Zm-2-8h44v8H10v-8Zm17 14h10'],
  [/(?<!sleeping )\bbags?$|bags and|handbag|\btotes?\b|sleeve|luggage|travel|suitcase|backpack/, 'M14 22h36v30H14V22Zm10 0v-5a4 4 0 0 1 4-4h8a4 4 0 0 1 4 4v5M14 34h36M22 22v30m20-30v30'],
  [/camera|photo/, 'M10 22h10l4-6h16l4 6h10v28H10V22Zm22 4a10 10 0 1 0 0 20 10 10 0 0 0 0-20Zm0 5a5 5 0 1 1 0 10 5 5 0 0 1 0-10Z'],
  [/keyboard/, 'M8 22h48v22H8V22Zm6 6h2m6 0h2m6 0h2m6 0h2m6 0h2M14 36h2m6 0h20m6 0h2'],
  [/\bmice\b|\bmouse\b|wrist rest|input device/, 'M32 12a13 13 0 0 1 13 13v14a13 13 0 0 1-26 0V25a13 13 0 0 1 13-13Zm0 0v14m-13 2h26'],
  [/print|\bink\b|toner/, 'M20 10h24v14H20V10ZM12 24h40v18h-8v-6H20v6h-8V24Zm8 12h24v18H20V36Zm24-6h2'],
  [/laptop|tablet|comput|gaming/, 'M14 16h36v26H14V16Zm-6 32h48l-3 4H11l-3-4Zm18-6h12'],
  [/phone|cases and protection/, 'M22 8h20a3 3 0 0 1 3 3v42a3 3 0 0 1-3 3H22a3 3 0 0 1-3-3V11a3 3 0 0 1 3-3Zm7 42h6'],
  [/television|\btv\b|monitor|video|electronic/, 'M8 14h48v30H8V14Zm16 36h16m-8-6v6'],
  [/drill|driver|\bbits\b/, 'M8 18h32v12H26v8h-8v-8H8V18Zm32 3h8v6h-8v-6Zm8 3h8M18 38h8l2 14H16l2-14Z'],
  [/brush|razor|trimmer|blade|shav/, 'M29 26h6v28h-6V26Zm-1-16h8v16h-8V10Zm0 4h-5m5 4h-5m5 4h-5'],
  [/stroller|pram|nursery/, 'M10 16h6l6 22h28M22 38l2-8h8V14a20 20 0 0 1 20 16v8M27 46a5 5 0 1 0 0 10 5 5 0 0 0 0-10Zm19 0a5 5 0 1 0 0 10 5 5 0 0 0 0-10Z'],
  [/board game|puzzle|dice/, 'M14 14h36v36H14V14Zm9 9h0m18 0h0m-9 9h0m-9 9h0m18 0h0'],
  [/\bpets?\b|\bdogs?\b|\bcats?\b|carrier|\bleads?\b/, 'M32 34c-7 0-13 7-13 12 0 4 4 6 7 5 4-1 8-1 12 0 3 1 7-1 7-5 0-5-6-12-13-12ZM16 26a4 5 0 1 0 0 10 4 5 0 0 0 0-10Zm32 0a4 5 0 1 0 0 10 4 5 0 0 0 0-10ZM25 14a4 5 0 1 0 0 10 4 5 0 0 0 0-10Zm14 0a4 5 0 1 0 0 10 4 5 0 0 0 0-10Z'],
  [/\btoys?\b|building set|figure|\bkids?\b|\bbaby\b|child|famil/, 'M12 34h18v18H12V34Zm22 0h18v18H34V34ZM23 14h18v18H23V14Zm6 5h6'],
  [/\bgrill|barbecue/, 'M12 24h40a20 18 0 0 1-40 0Zm9 15-7 17m29-17 7 17M24 10v7m8-7v7m8-7v7'],
  [/fuel|charcoal|lighter|stove|candle/, 'M32 8c2 9 14 15 14 28a14 14 0 0 1-28 0c0-6 4-10 6-14 2 4 4 5 5 6 2-6 1-13 3-20Zm0 28c-3 4-5 6-5 9a5 5 0 0 0 10 0c0-3-2-5-5-9Z'],
  [/watering|\bhose/, 'M20 26h20v26H20V26Zm20 10 14-14m-4-3 9 6M24 26c0-14 14-14 14 0M20 32c-9 0-9 14 0 14'],
  [/garden|plant|flower|lawn|soil|fertilis/, 'M32 52V30m0 6c-10 0-16-5-16-14 10 0 16 5 16 14Zm0-6c0-9 5-15 16-16 0 11-6 16-16 16ZM20 52h24'],
  [/\btools?\b|hardware|\bdiy\b|\bauto|\bcars?\b/, 'M40 12a11 11 0 0 0-10 15L12 45l7 7 18-18a11 11 0 0 0 14-14l-7 7-7-2-2-7 7-6h-2Z'],
  [/\bdesks?$|\btables?$/, 'M8 22h48v6H8v-6Zm4 6v26m40-26v26M34 28v12h18'],
  [/chair|stool/, 'M22 10h20v22H22V10Zm-4 22h28v8H18v-8Zm14 8v8m-12 6 12-6 12 6'],
  [/bulb/, 'M32 8a16 16 0 0 1 8 30v6H24v-6a16 16 0 0 1 8-30Zm-7 42h14m-11 5h8'],
  [/light|lamp|lantern/, 'M22 12h20l7 20H15l7-20Zm10 20v18m-9 2h18M42 32v8'],
  [/pillow|duvet|cushion|liner/, 'M10 18c10 5 34 5 44 0-4 9-4 19 0 28-10-5-34-5-44 0 4-9 4-19 0-28Z'],
  [/\bmats?$|\brugs?\b|textile|blanket|curtain|linen|towel|scar(f|ves)/, 'M12 16h40v32H12V16Zm6 6h28v20H18V22Zm-6 26v5m8-5v5m8-5v5m8-5v5m8-5v5m8-5v5M26 28h12v8H26v-8Z'],
  [/vacuum|clean(ing|er)\b/, 'M12 52h40v-6a6 6 0 0 0-6-6H18a6 6 0 0 0-6 6v6Zm24-12 8-30h6M20 46h10'],
  [/bottle|flask/, 'M26 8h12v6H26V8Zm-4 10a4 4 0 0 1 4-4h12a4 4 0 0 1 4 4v36H22V18Zm0 12h20'],
  [/kettle|teapot/, 'M18 26h26l6 24H14l4-24Zm4 0c0-12 20-12 20 0M46 30l8-4M30 14h4'],
  [/\bscales?$/, 'M12 20h40v32H12V20Zm20 6a12 12 0 0 0-12 11h24a12 12 0 0 0-12-11Zm0 9 4-6M20 12h24v8H20v-8Z'],
  [/chopping board/, 'M14 22a4 4 0 0 1 4-4h8v-5a6 6 0 0 1 12 0v5h8a4 4 0 0 1 4 4v28a4 4 0 0 1-4 4H18a4 4 0 0 1-4-4V22Zm18-9h0M21 26v20m7-20v20'],
  [/kni(fe|ves)|sharpen|utensil|scissor/, 'M10 46 44 12c6 7 5 15-2 21L27 41l-4-4-9 13-4-4Z'],
  [/blender|mixer|juicer/, 'M20 8h24l-4 28H24L20 8Zm2 12h20M20 36h24l4 18H16l4-18Zm12 8h0'],
  [/coffee|bean/, 'M42 13c10 9 7 27-5 36s-24 1-22-12 17-33 27-24Zm-2 2c-9 6-4 13-10 19s-7 9-9 14'],
  [/\bpots?\b|\bpans?\b|saucepan|cookware|\bwoks?\b|\blids?\b/, 'M12 28h36v16a6 6 0 0 1-6 6H18a6 6 0 0 1-6-6V28Zm36 4h8M6 32h6m4-10h28m-14-5v5'],
  [/kitchen|cook|dining|tableware|mug|\bcups?\b|\btea\b|appliance/, 'M12 26h34v12a12 12 0 0 1-12 12H24a12 12 0 0 1-12-12V26Zm34 3h4a5 5 0 0 1 0 12h-4M22 12c-3 4 3 5 0 9m8-9c-3 4 3 5 0 9m8-9c-3 4 3 5 0 9'],
  [/\bsocks?\b|lace/, 'M24 10h16v24l10 8a6 6 0 0 1-4 11h-8L24 43V10Zm0 8h16'],
  [/shoe|boot|footwear|sneaker/, 'M8 30c8 0 12-4 14-10l6 5 6 10c6 4 18 3 22 9v6H8V30Zm0 12h48M30 27l5-3m-1 9 5-3'],
  [/\bhats?\b|beanie|glove|\bcaps?\b/, 'M14 38a18 18 0 0 1 36 0M11 38h42v12H11V38Zm21-18v-6m-8 32h16'],
  [/\bbelts?\b/, 'M6 26h52v12H6V26Zm8-3h16v18H14V23Zm7 9h13m8 0h0m7 0h0'],
  [/watch|jewel/, 'M32 20a12 12 0 1 0 0 24 12 12 0 0 0 0-24Zm-6 1 2-11h8l2 11m-12 22 2 11h8l2-11M32 26v6l4 3'],
  [/dress|skirt|gown/, 'M24 10l4 8-3 10-9 24h32l-9-24-3-10 4-8h-4c0 6-8 6-8 0h-4Zm1 18h14'],
  [/trouser|jean|\bpants?\b|\bshorts?\b|legging/, 'M20 10h24l4 42H37l-5-28-5 28H16l4-42Zm0 7h24'],
  [/coat|jacket|knit|sweater|hoodie|outerwear/, 'M25 12c2 4 12 4 14 0l11 6 3 32h-8l-2-20v22H21V30l-2 20h-8l3-32 11-6Zm7 4v36'],
  [/cloth|fashion|shirt|apparel|\bwomen|\bmen\b|wear/, 'M24 12c2 4 14 4 16 0l12 7-4 11-6-3v25H22V27l-6 3-4-11 12-7Z'],
  [/furnitur|\bhome\b|living|decor|sofa|bedroom/, 'M14 30v-6a8 8 0 0 1 8-8h20a8 8 0 0 1 8 8v6M10 30a5 5 0 0 1 5 5v5h34v-5a5 5 0 1 1 5 5v8H10v-8a5 5 0 0 1 0-10Zm4 18v5m36-5v5'],
  [/\bpoles?$/, 'M22 10v44m20-44v44M18 10h8m12 0h8M17 48h10m10 0h10'],
  [/tent|sleeping|camp|hik|trek|outdoor/, 'M32 12 6 52h52L32 12Zm0 16L22 52h20L32 28Z'],
  [/beauty|cosmetic|skin|health|hair|\bcare\b|cream|fragrance|shampoo|paste|\bsun\b/, 'M22 28h20a4 4 0 0 1 4 4v22H18V32a4 4 0 0 1 4-4Zm6-8h8v8h-8v-8Zm4 0v-7m-7 0h13l4 4M24 38h16v8H24v-8Z'],
  [/sport|fitness|\bbikes?\b|cycl/, 'M32 12a20 20 0 1 0 0 40 20 20 0 0 0 0-40Zm-20 20h40M32 12v40M18 18c8 8 8 20 0 28m28-28c-8 8-8 20 0 28'],
  [/book|stationer|office|paper|\barts?\b/, 'M12 14h16a4 4 0 0 1 4 4v34a4 4 0 0 0-4-4H12V14Zm40 0H36a4 4 0 0 0-4 4v34a4 4 0 0 1 4-4h16V14Z'],
  [/food|grocer|drink|gourmet|snack/, 'M32 22c-4-5-18-4-18 10 0 10 7 20 13 20 2 0 3-1 5-1s3 1 5 1c6 0 13-10 13-20 0-14-14-15-18-10Zm0 0c0-5 2-8 6-10'],
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
