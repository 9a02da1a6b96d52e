/** The groups of the collection that the page shows: links that filter the list, in their order. */

import { createLink, getUrlState, hrefWith } from "./url_state.js";
import { byId, formatNumber, h, replaceKeepingFocus } from "./dom.js";
import { openGroupsDialog } from "./groups_dialog.js";

let inside = null;
let shown = null;

export function startGroups() {
  byId("edit-groups").addEventListener("click", () => openGroupsDialog(inside));
}

/** Show the groups of a collection; null shows none. Return the group that filters the list, or null. */
export function showGroups(collection) {
  inside = collection;
  const { group: current } = getUrlState();
  const groups = collection?.groups ?? [];
  byId("groups").hidden = collection === null;
  byId("groups").toggleAttribute("data-write", groups.length === 0);
  byId("edit-groups").textContent = groups.length === 0 ? "New group…" : "Edit groups…";
  const now = JSON.stringify([current, groups]);
  if (now !== shown) {
    const links = groups.length === 0 ? [] : [createChip(null, "All", null, current),
      ...groups.map(({ id, name, artifact_count: count }) => createChip(id, name, count, current))];
    replaceKeepingFocus(byId("group-links"), links);
  }
  shown = now;
  return groups.find(({ id }) => id === current) ?? null;
}

function createChip(id, name, count, current) {
  return h("li", {}, createLink(() => hrefWith({ group: id }), {
    title: name, draggable: "false",
    "data-focus": `group ${id ?? ""}`, "aria-current": id === current && "true",
  },
  h("span", { class: "name", dir: "auto" }, name),
  count !== null && h("span", { class: "badge" }, formatNumber(count),
    h("span", { class: "unseen" }, count === 1 ? " artifact" : " artifacts"))));
}
