/** The list of collections: searched as one types, each with its count. */

import { address, go, href, onMove, placeHref } from "./url_state.js";
import { read } from "./api.js";
import { onChange } from "./events.js";
import { badge, observe } from "./counts.js";
import { byId, counted, h, latest, number, quoted, remade, settled } from "./dom.js";
import { makeCollection } from "./collection_forms.js";
import { recount } from "./memberships.js";
import { sayWhy, unsay } from "./messages.js";
import { byName } from "./sorting.js";

const PAGE = 100;
const AT_ONCE = 500;
const PAUSE = 150;
const only = latest();
let wanted = AT_ONCE;
let shownFor = null;
let shown = null;
let failed = false;

export function startSidebar() {
  byId("everything").append(place({ id: null, name: "All artifacts" }));
  byId("new-collection").addEventListener("click", makeCollection);
  byId("find").addEventListener("input", settled(find, PAUSE));
  byId("more-places").addEventListener("click", showMore);
  byId("show-collections").addEventListener("click", () => open(!isOpen()));
  onMove(moved);
  onChange(({ collection, quietly }) => (
    collection === undefined ? load({ quietly }) : recount(collection).catch(load)));
  byId("find").value = address().find ?? "";
  mark();
  load();
}

function find() {
  go(href({ ...address(), find: byId("find").value.trim() }), { replace: true });
}

function moved() {
  const { find: search } = address();
  if (byId("find").value.trim() !== (search ?? "")) byId("find").value = search ?? "";
  if (search !== shownFor) {
    wanted = AT_ONCE;
    load();
  }
  mark();
}

async function showMore() {
  const before = byId("places").children.length;
  wanted += AT_ONCE;
  await load();
  // Where the button is gone, focus is.
  if (byId("more-places").hidden) byId("places").children[before]?.querySelector("a").focus();
}

function load({ quietly = false } = {}) {
  const { find: search } = address();
  if (quietly && (failed || byId("places").getAttribute("aria-busy") === "true")) return null;
  shownFor = search;
  if (!quietly) byId("places").setAttribute("aria-busy", "true");
  return only(async (signal) => {
    const [[items, total], everything] = await Promise.all([
      collections(search, signal),
      read("/artifacts", { query: { limit: 1 }, signal }),
    ]);
    observe(null, everything.data.page_info.total_count, everything.asOf);
    if (failed) unsay();
    failed = false;
    items.sort(byName);
    const now = JSON.stringify(items.map(({ id, name }) => [id, name]));
    if (now !== shown) remade(byId("places"), items.map(place));
    shown = now;
    byId("places").setAttribute("aria-busy", "false");
    byId("more-places").hidden = items.length >= total;
    const note = summary(items.length, total, search);
    if (byId("places-note").textContent !== note) byId("places-note").textContent = note;
    mark();
  }).catch((error) => {
    failed = error.name !== "AbortError";
    sayWhy("The collections could not be read", load)(error);
  });
}

async function collections(search, signal) {
  const items = [];
  for (let after = null; ;) {
    const query = { search, limit: PAGE, after };
    const { data, asOf } = await read("/user-collections", { query, signal });
    data.items.forEach((each) => observe(each.id, each.artifact_count, asOf));
    items.push(...data.items);
    after = data.page_info.end_cursor;
    if (!data.page_info.has_next_page || items.length >= wanted) {
      return [items, data.page_info.total_count ?? items.length];
    }
  }
}

function summary(shown, total, search) {
  if (total === 0) return search ? `No collection has ${quoted(search)} in its name.` : "No collection yet.";
  if (shown < total) return `${number(shown)} of ${number(total)} collections.`;
  return counted(total, "collection", "collections");
}

function place({ id, name }) {
  const link = h("a", {
    href: placeHref(id), title: name, draggable: "false", "data-focus": `place ${id ?? ""}`,
    "data-place": id ?? "", "data-drop": id !== null && "add", "data-name": name,
  }, h("span", { class: "name", dir: "auto" }, name), badge(id));
  return h("li", {}, link);
}

/** Mark where one is, and keep the search in the links. */
function mark() {
  const current = address().collection ?? "";
  document.querySelectorAll("[data-place]").forEach((link) => {
    link.setAttribute("href", placeHref(link.dataset.place || null));
    if (link.dataset.place === current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });
}

const isOpen = () => byId("show-collections").getAttribute("aria-expanded") === "true";

/** On a narrow screen the list is shown on demand. */
export function open(shown) {
  byId("show-collections").setAttribute("aria-expanded", String(shown));
  byId("collections").classList.toggle("open", shown);
}
