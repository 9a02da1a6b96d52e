/** The selected artifacts, on this page of the list and on others, and the actions on them. */

import { openCollectionPicker } from "./collection_picker.js";
import { openDeleteArtifactsForm } from "./artifact_form.js";
import { byId, formatNumber, h } from "./dom.js";
import { onChange } from "./events.js";
import { setInGroup } from "./group_members.js";
import { removeFromCollection } from "./memberships.js";

const selected = new Map();
let shown = [];
let inside = null;
let group = null;
let last = null;

export function startSelection() {
  byId("select-all").addEventListener("change", ({ target }) => select(shown, target.checked));
  byId("clear-selected").addEventListener("click", clear);
  onChange(({ deleted }) => deleted && forget(deleted));
  byId("add-selected").addEventListener("click", () => openCollectionPicker(getSelected()));
  byId("remove-selected").addEventListener("click", async () => {
    const removed = group ? setInGroup(getSelected(), group, false) : removeFromCollection(getSelected(), inside);
    if (await removed) clear();
  });
  byId("delete-selected").addEventListener("click", () => openDeleteArtifactsForm(getSelected(), clear));
}

/** Forget artifacts that were deleted, here or in another tab. */
function forget(ids) {
  ids.forEach((id) => selected.delete(id));
  update();
}

export const getSelected = () => [...selected.values()];

export const isSelected = (id) => selected.has(id);

/** Create the checkbox of a row. With Shift it selects all rows from the last one. */
export function createCheckbox(artifact) {
  const box = h("input", {
    type: "checkbox", "aria-label": `Select ${artifact.name}`, "data-select": artifact.id,
    "data-focus": `select ${artifact.id}`,
  });
  box.checked = selected.has(artifact.id);
  box.addEventListener("click", ({ shiftKey }) => {
    const [from, to] = [last, artifact.id].map((id) => shown.findIndex((each) => each.id === id));
    const range = shiftKey && from >= 0 ? shown.slice(Math.min(from, to), Math.max(from, to) + 1) : [artifact];
    last = artifact.id;
    select(range, box.checked);
  });
  return h("label", { class: "select", "data-write": true }, box);
}

/** Show the state of the selection beside these rows; another collection starts another selection. */
export function showSelectable(artifacts, collection, ofGroup) {
  if (collection?.id !== inside?.id) selected.clear();
  shown = artifacts;
  inside = collection;
  group = ofGroup;
  for (const each of artifacts) if (selected.has(each.id)) selected.set(each.id, each);
  update();
}

function select(artifacts, wanted) {
  for (const each of artifacts) {
    if (wanted) selected.set(each.id, each);
    else selected.delete(each.id);
  }
  update();
}

function clear() {
  const focused = byId("selection").contains(document.activeElement);
  select(getSelected(), false);
  if (focused) byId("select-all").focus();
}

function update() {
  document.querySelectorAll("[data-select]").forEach((box) => {
    box.checked = selected.has(box.dataset.select);
    box.closest(".artifact").classList.toggle("selected", box.checked);
  });
  const here = shown.filter(({ id }) => selected.has(id)).length;
  const all = byId("select-all");
  all.disabled = shown.length === 0;
  all.checked = here > 0 && here === shown.length;
  all.indeterminate = here > 0 && here < shown.length;
  const elsewhere = selected.size - here;
  byId("selection").hidden = selected.size === 0;
  byId("remove-selected").hidden = inside === null;
  const count = `${formatNumber(selected.size)} selected`;
  byId("selected").textContent = elsewhere > 0 ? `${count}, ${formatNumber(elsewhere)} on other pages` : count;
}
