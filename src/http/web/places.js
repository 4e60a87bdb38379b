// Where the shopper stood on each page of this tab's history, so that Back leads there again.

const KEY = 'places';
const PLACES_MAX = 50;

history.scrollRestoration = 'manual';

function saved() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? [];
  } catch {
    return [];
  }
}

const places = new Map(saved());
let entry = history.state?.entry;
/** Whether the page of this entry is drawn; until then the window scrolls by itself and says nothing about where the shopper was. */
let isSettled = false;

function place() {
  if (!places.has(entry)) places.set(entry, { y: 0, pages: 1 });
  while (places.size > PLACES_MAX) places.delete(places.keys().next().value);
  return places.get(entry);
}

/** The name of the entry that is shown. */
export const entryName = () => entry;

/** How many pages of results were shown in this entry. */
export const pagesShown = () => place().pages;

export function showedPages(count) {
  place().pages = count;
}

/** Opens an entry for an address, or gives the one that is shown another. */
export function move(path, isReplacing) {
  // A scroll is told of with the next frame only: a click may come before.
  if (isSettled) place().y = scrollY;
  isSettled = false;
  if (isReplacing) places.delete(entry);
  else entry = crypto.randomUUID();
  history[isReplacing ? 'replaceState' : 'pushState']({ entry }, '', path);
}

/** The browser went to an entry of its own accord: back, forward, or a page that is loaded again. */
export function arrive() {
  isSettled = false;
  entry = history.state?.entry ?? crypto.randomUUID();
  history.replaceState({ entry }, '');
}

/** The page is drawn: the window goes to where the shopper stood. */
export function settle() {
  scrollTo({ top: place().y, behavior: 'instant' });
  isSettled = true;
}

/** The page is drawn anew and the window stays. */
export function stay() {
  isSettled = true;
  place().y = scrollY;
}

addEventListener('scroll', () => {
  if (isSettled) place().y = scrollY;
}, { passive: true });

addEventListener('pagehide', () => {
  try {
    sessionStorage.setItem(KEY, JSON.stringify([...places]));
  } catch {
    // A browser that keeps nothing only forgets where it was.
  }
});
