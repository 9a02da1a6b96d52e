/** The state of the page, which is in the URL: reload, back and forward restore it. */

import { h } from "./dom.js";

const KEYS = [
  "collection", "group", "type", "search", "sort", "after", "before", "from", "find", "artifact", "version",
];
const FIRST_PAGE = { after: null, before: null, from: null };
const NO_ARTIFACT = { artifact: null, version: null };
const listeners = [];
const builders = new WeakMap();

export const onNavigate = (listener) => listeners.push(listener);

/** Return every key of the state, and the list `tags`; a missing or empty key is null. */
export function getUrlState() {
  const given = new URLSearchParams(location.search);
  return {
    ...Object.fromEntries(KEYS.map((key) => [key, given.get(key) || null])),
    tags: given.getAll("tag").filter(Boolean),
  };
}

export function buildHref(place) {
  const given = KEYS.filter((key) => (place[key] ?? "") !== "").map((key) => [key, place[key]]);
  return `?${new URLSearchParams([...given, ...(place.tags ?? []).map((tag) => ["tag", tag])])}`;
}

/** Build the URL of a collection, or of all artifacts, without filters. */
export const collectionHref = (collection) => buildHref({ collection, find: getUrlState().find });

/** Build the current URL with other filters, at the first page unless a cursor is given. */
export const hrefWith = (change) =>
  buildHref({ ...getUrlState(), ...NO_ARTIFACT, ...FIRST_PAGE, ...change });

/** Build the URL of an artifact, or of one of its versions, beside the current list. */
export const artifactHref = (artifact, version = null) =>
  buildHref({ ...getUrlState(), artifact, version });

/** Build the part of the URL that decides which artifacts are listed. */
export const getListHref = () => buildHref({ ...getUrlState(), ...NO_ARTIFACT, find: null });

export function navigate(to, { replace = false } = {}) {
  if (to === buildHref(getUrlState())) return;
  if (replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  listeners.forEach((listener) => listener());
}

/**
 * Create a link within the page. `build` builds its address, again whenever the state changes: the
 * list that contains the link is replaced only after the server has answered.
 */
export function createLink(build, attributes, ...children) {
  const link = h("a", { href: build(), ...attributes }, ...children);
  builders.set(link, build);
  return link;
}

const hrefOf = (link) => builders.get(link)?.() ?? link.getAttribute("href");

const updateLinks = () =>
  document.querySelectorAll("a[href^='?']").forEach((link) => link.setAttribute("href", hrefOf(link)));

/** Follow links within the page without reloading it, unless a modifier key is held. */
export function interceptLinks() {
  onNavigate(updateLinks);
  addEventListener("popstate", () => listeners.forEach((listener) => listener()));
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='?']");
    if (!link || event.button !== 0 || event.defaultPrevented) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(hrefOf(link));
  });
}
