/** The list of artifacts, of one collection or of all, a page at a time. */

import { getUrlState, navigate, getListHref, onNavigate, hrefWith } from "./url_state.js";
import { path, read } from "./api.js";
import { onChange } from "./events.js";
import { updateCount } from "./counts.js";
import { byId, pluralize, createRunner, formatNumber, replaceKeepingFocus } from "./dom.js";
import { explainEmpty, explainFailure } from "./empty_list.js";
import { openDeleteCollectionForm, openEditCollectionForm } from "./collection_forms.js";
import { showGroups, startGroups } from "./groups.js";
import { setListTitle } from "./page_title.js";
import { createRow } from "./row.js";
import { showSelectable } from "./selection.js";

const PAGE = 50;
const runLatest = createRunner();
let shownFor = null;
let shown = null;
let inside = null;
let group = null;
const NO_TURN = { previous: null, next: null };
let turn = NO_TURN;

export function startArtifacts() {
  onNavigate(() => getListHref() !== shownFor && load({ moved: true }));
  onChange(({ quietly }) => load({ quietly }));
  byId("edit-collection").addEventListener("click", () => openEditCollectionForm(inside));
  byId("delete-collection").addEventListener("click", () => openDeleteCollectionForm(inside));
  for (const way of ["previous", "next"]) byId(way).addEventListener("click", () => turnPage(way));
  startGroups();
  load();
}

function turnPage(way) {
  if (turn[way] === null) return;
  navigate(hrefWith(turn[way]));
  byId("title").focus({ preventScroll: true });
  scrollTo({ top: 0 });
}

function load({ moved = false, quietly = false } = {}) {
  if (quietly && (shown === null || byId("artifacts").getAttribute("aria-busy") === "true")) return null;
  shownFor = getListHref();
  // The cursors are of the list that is still shown.
  if (moved) allowTurns(NO_TURN);
  if (!quietly) byId("artifacts").setAttribute("aria-busy", "true");
  return runLatest(async (signal) => {
    const { collection, group, type, tags, search, sort, after, before } = getUrlState();
    const query = {
      limit: PAGE, collection, group_id: group, artifact_type: type, tag: tags, search, after, before,
      sort: sort ?? (group !== null && !search ? "position" : null),
    };
    const [owner, page] = await Promise.all([
      collection === null ? null : read(path`/user-collections/${collection}`, { signal }),
      read("/artifacts", { query, signal }),
    ]);
    if (page.data.items.length === 0 && (after || before)) {
      const { artifact, version } = getUrlState();
      navigate(hrefWith({ artifact, version }), { replace: true });
      return;
    }
    updateCounts(owner, page);
    showGroups(owner?.data ?? null);
    const now = JSON.stringify([shownFor, owner?.data, page.data], omitCounts);
    if (quietly && now === shown) return;
    shown = now;
    showTitle(owner?.data ?? null);
    showItems(page.data.items);
    showPages(page.data);
    if (moved) scrollTo({ top: 0 });
  }).catch((error) => error.name !== "AbortError" && showFailure(error));
}

// Badges are updated in place, so a changed count need not replace a row.
const omitCounts = (key, value) => (key === "artifact_count" ? undefined : value);

function updateCounts(owner, { data, asOf }) {
  if (owner) updateCount(owner.data.id, owner.data.artifact_count, owner.asOf);
  for (const { collections } of data.items) {
    collections.forEach(({ id, artifact_count: count }) => updateCount(id, count, asOf));
  }
}

function showTitle(collection) {
  inside = collection;
  const name = collection?.name ?? "All artifacts";
  byId("title").textContent = name;
  byId("title").title = name;
  group = showGroups(collection);
  setListTitle(group === null ? name : `${group.name} · ${name}`);
  byId("about").textContent = collection?.description ?? "";
  byId("collection-actions").hidden = collection === null;
}

function showItems(items, explain = () => explainEmpty(inside, group)) {
  const list = byId("artifacts");
  replaceKeepingFocus(list, items.map((artifact) => createRow(artifact, inside, group)), findNeighbour);
  list.setAttribute("aria-busy", "false");
  showSelectable(items, inside, group);
  byId("nothing").hidden = items.length > 0;
  if (items.length === 0) byId("nothing").replaceChildren(...explain());
}

/** Find the element to focus after its row is gone: the same button of the next row. */
function findNeighbour(focused) {
  const rows = [...byId("artifacts").children];
  const at = rows.indexOf(focused.closest(".artifact"));
  const act = focused.dataset.act;
  return () => {
    const now = byId("artifacts").children;
    return now[Math.min(at, now.length - 1)]?.querySelector(act ? `[data-act=${act}]` : "button");
  };
}

function showPages({ items, page_info: info }) {
  const total = info.total_count;
  const asked = info.has_previous_page ? Number(getUrlState().from) || null : 1;
  const last = !info.has_next_page && total !== null && total >= items.length;
  const from = last ? total - items.length + 1 : asked;
  byId("pages").hidden = !info.has_previous_page && !info.has_next_page;
  const text = formatRange(from, items.length, total);
  document.querySelectorAll(".range").forEach((line) => {
    if (line.textContent !== text) line.textContent = text;
  });
  allowTurns({
    previous: info.has_previous_page
      ? { before: info.start_cursor, from: Math.max(1, (from ?? 1) - PAGE) } : null,
    next: info.has_next_page
      ? { after: info.end_cursor, from: from === null ? null : from + items.length } : null,
  });
}

function allowTurns(allowed) {
  turn = allowed;
  for (const way of ["previous", "next"]) {
    byId(way).setAttribute("aria-disabled", String(turn[way] === null));
  }
}

function formatRange(from, shown, total) {
  if (shown === 0) return total === 0 ? "0 artifacts" : "";
  if (shown === total) return pluralize(total, "artifact", "artifacts");
  const of = total === null ? "" : ` of ${formatNumber(total)}`;
  return from === null ? `${shown}${of}` : `${formatNumber(from)}–${formatNumber(from + shown - 1)}${of}`;
}

function showFailure(error) {
  shown = null;
  showTitle(null);
  byId("title").textContent = error.status === 404 ? "Not found" : "Could not be read";
  setListTitle(byId("title").textContent);
  showItems([], () => explainFailure(error, () => load()));
  showPages({ items: [], page_info: { total_count: null } });
}
