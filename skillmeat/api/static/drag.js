/** Drag and drop of an artifact, or of all selected ones: onto a collection adds, onto a field removes. */

import { canWrite } from "./access.js";
import { getUrlState } from "./url_state.js";
import { byId, quote } from "./dom.js";
import { addToCollection, removeFromCollection } from "./memberships.js";
import { getSelected, isSelected } from "./selection.js";

let dragged = null;

export function startDragging() {
  document.addEventListener("dragstart", (event) => {
    const row = event.target.closest?.("[data-artifact]");
    if (!row) return;
    if (!canWrite()) {
      event.preventDefault();
      return;
    }
    const { artifact: id, name } = row.dataset;
    dragged = isSelected(id) ? getSelected() : [{ id, name }];
    event.dataTransfer.effectAllowed = "copyMove";
    event.dataTransfer.setData("text/plain", dragged.map((each) => each.id).join("\n"));
    // A change of the layout during this event would end the drag.
    setTimeout(showTargets, 0);
  });
  document.addEventListener("dragover", (event) => {
    const target = findTarget(event);
    highlight(target);
    if (target === null) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = target.dataset.drop === "add" ? "copy" : "move";
  });
  document.addEventListener("drop", (event) => {
    const target = findTarget(event);
    if (target === null) return;
    event.preventDefault();
    const collection = { id: target.dataset.place, name: target.dataset.name };
    (target.dataset.drop === "add" ? addToCollection : removeFromCollection)(dragged, collection);
    endDrag();
  });
  document.addEventListener("dragend", endDrag);
  // A row that is replaced during its drag gets no dragend. pointermove comes only after a drag.
  document.addEventListener("pointermove", () => dragged && endDrag());
}

export const isDragging = () => dragged !== null;

function endDrag() {
  dragged = null;
  highlight(null);
  document.body.classList.remove("dragging");
  byId("drop-to-remove").hidden = true;
}

const findTarget = (event) => (dragged && event.target.closest?.("[data-drop]")) || null;

function highlight(target) {
  document.querySelectorAll(".over").forEach((each) => each !== target && each.classList.remove("over"));
  target?.classList.add("over");
}

function showTargets() {
  if (dragged === null) return;
  document.body.classList.add("dragging");
  const { collection } = getUrlState();
  const field = byId("drop-to-remove");
  field.hidden = collection === null;
  Object.assign(field.dataset, { drop: "remove", place: collection, name: byId("title").textContent });
  field.textContent = `Drop here to remove from ${quote(field.dataset.name)}`;
}
