/** What is looked at, kept in the address, so that reloading, back and forward show it again. */

const KEYS = ["collection", "type", "tag", "search", "after", "before", "from", "find"];
const OF_A_PAGE = { after: null, before: null, from: null };
const listeners = [];

export const onMove = (listener) => listeners.push(listener);

/** Every key, null where it is not given. */
export function address() {
  const given = new URLSearchParams(location.search);
  return Object.fromEntries(KEYS.map((key) => [key, given.get(key)]));
}

export function href(place) {
  const given = KEYS.filter((key) => (place[key] ?? "") !== "").map((key) => [key, place[key]]);
  return `?${new URLSearchParams(given)}`;
}

/** The address of a collection, or of everything, without filters. */
export const placeHref = (collection) => href({ collection, find: address().find });

/** The present place with other filters, from the first page on unless a cursor is given. */
export const within = (change) => href({ ...address(), ...OF_A_PAGE, ...change });

/** What of the address decides which artifacts are listed. */
export const listed = () => href({ ...address(), find: null });

export function go(to, { replace = false } = {}) {
  if (to === href(address())) return;
  if (replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  listeners.forEach((listener) => listener());
}

/** Links of this page move within it; with a modifier key they do what links do. */
export function followLinks() {
  addEventListener("popstate", () => listeners.forEach((listener) => listener()));
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='?']");
    if (!link || event.button !== 0 || event.defaultPrevented) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(link.getAttribute("href"));
  });
}
