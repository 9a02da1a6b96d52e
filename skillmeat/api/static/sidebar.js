/** The sidebar: the collections from A to Z with their counts, and a search for collections. */

import {
  buildHref, collectionHref, createLink, getUrlState, navigate, onNavigate,
} from "./url_state.js";
import { read } from "./api.js";
import { onChange } from "./events.js";
import { createBadge, updateCount } from "./counts.js";
import {
  byId, createRunner, formatNumber, h, onTyping, pluralize, quote, replaceKeepingFocus,
} from "./dom.js";
import { openCreateCollectionForm } from "./collection_forms.js";
import { refreshCount } from "./memberships.js";
import { reportError, hideMessage } from "./messages.js";

const PAGE = 100;
const PAUSE = 150;
const runLatest = createRunner();
let wanted = PAGE;
let shownFor = null;
let shown = null;
let failed = false;

export function startSidebar() {
  byId("everything").append(createPlace({ id: null, name: "All artifacts" }));
  byId("new-collection").addEventListener("click", openCreateCollectionForm);
  onTyping(byId("find"), find, PAUSE);
  byId("more-places").addEventListener("click", showMore);
  byId("show-collections").addEventListener("click", () => open(!isOpen()));
  onNavigate(moved);
  onChange(({ collection, quietly }) => (
    collection === undefined ? load({ quietly }) : refreshCount(collection).catch(load)));
  byId("find").value = getUrlState().find ?? "";
  markCurrent();
  load();
}

function find() {
  navigate(buildHref({ ...getUrlState(), find: byId("find").value.trim() }), { replace: true });
}

function moved() {
  const { find: search } = getUrlState();
  if (byId("find").value.trim() !== (search ?? "")) byId("find").value = search ?? "";
  if (search !== shownFor) {
    wanted = PAGE;
    load();
  }
  markCurrent();
}

async function showMore() {
  const before = byId("places").children.length;
  wanted += PAGE;
  await load();
  // A hidden button loses the focus.
  if (byId("more-places").hidden) byId("places").children[before]?.querySelector("a").focus();
}

function load({ quietly = false } = {}) {
  const { find: search } = getUrlState();
  if (quietly && (failed || byId("places").getAttribute("aria-busy") === "true")) return null;
  shownFor = search;
  if (!quietly) byId("places").setAttribute("aria-busy", "true");
  return runLatest(async (signal) => {
    const [[items, total], everything] = await Promise.all([
      collections(search, signal),
      read("/artifacts", { query: { limit: 1 }, signal }),
    ]);
    updateCount(null, everything.data.page_info.total_count, everything.asOf);
    if (failed) hideMessage();
    failed = false;
    const now = JSON.stringify(items.map(({ id, name }) => [id, name]));
    if (now !== shown) replaceKeepingFocus(byId("places"), items.map(createPlace));
    shown = now;
    byId("places").setAttribute("aria-busy", "false");
    byId("more-places").hidden = items.length >= total;
    const note = summary(items.length, total, search);
    if (byId("places-note").textContent !== note) byId("places-note").textContent = note;
    markCurrent();
  }).catch((error) => {
    failed = error.name !== "AbortError";
    reportError("The collections could not be read", load)(error);
  });
}

async function collections(search, signal) {
  const items = [];
  for (let after = null; ;) {
    const query = { search, sort: "name", limit: PAGE, after };
    const { data, asOf } = await read("/user-collections", { query, signal });
    data.items.forEach((each) => updateCount(each.id, each.artifact_count, asOf));
    items.push(...data.items);
    after = data.page_info.end_cursor;
    if (!data.page_info.has_next_page || items.length >= wanted) {
      return [items, data.page_info.total_count ?? items.length];
    }
  }
}

function summary(shown, total, search) {
  if (total === 0) return search ? `No collection has ${quote(search)} in its name.` : "No collection yet.";
  if (shown < total) return `The first ${formatNumber(shown)} of ${pluralize(total, "collection", "collections")}.`;
  return pluralize(total, "collection", "collections");
}

function createPlace({ id, name }) {
  return h("li", {}, createLink(() => collectionHref(id), {
    title: name, draggable: "false", "data-focus": `place ${id ?? ""}`,
    "data-place": id ?? "", "data-drop": id !== null && "add", "data-name": name,
  }, h("span", { class: "name", dir: "auto" }, name), createBadge(id)));
}

/** Mark the current collection. */
function markCurrent() {
  const current = getUrlState().collection ?? "";
  document.querySelectorAll("[data-place]").forEach((link) => {
    if (link.dataset.place === current) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  });
}

const isOpen = () => byId("show-collections").getAttribute("aria-expanded") === "true";

/** Open or close the sidebar on a narrow screen. */
export function open(shown) {
  byId("show-collections").setAttribute("aria-expanded", String(shown));
  byId("collections").classList.toggle("open", shown);
}
