/** Artifacts are dragged onto a collection to add them, and onto a field to remove them. */

import { address } from "./url_state.js";
import { byId, quoted } from "./dom.js";
import { add, remove } from "./memberships.js";

let dragged = null;

export function startDragging() {
  document.addEventListener("dragstart", (event) => {
    const row = event.target.closest?.("[data-artifact]");
    if (!row) return;
    dragged = { id: row.dataset.artifact, name: row.dataset.name };
    event.dataTransfer.effectAllowed = "copyMove";
    event.dataTransfer.setData("text/plain", dragged.id);
    // A layout that changes within this event ends the drag.
    setTimeout(showTargets, 0);
  });
  document.addEventListener("dragover", (event) => {
    const target = over(event);
    mark(target);
    if (target === null) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = target.dataset.drop === "add" ? "copy" : "move";
  });
  document.addEventListener("drop", (event) => {
    const target = over(event);
    if (target === null) return;
    event.preventDefault();
    const collection = { id: target.dataset.place, name: target.dataset.name };
    (target.dataset.drop === "add" ? add : remove)(dragged, collection);
    end();
  });
  document.addEventListener("dragend", end);
  // A row that is made anew while it is dragged takes its dragend along; a pointer moves only after.
  document.addEventListener("pointermove", () => dragged && end());
}

export const isDragging = () => dragged !== null;

function end() {
  dragged = null;
  mark(null);
  document.body.classList.remove("dragging");
  byId("drop-to-remove").hidden = true;
}

const over = (event) => (dragged && event.target.closest?.("[data-drop]")) || null;

function mark(target) {
  document.querySelectorAll(".over").forEach((each) => each !== target && each.classList.remove("over"));
  target?.classList.add("over");
}

function showTargets() {
  if (dragged === null) return;
  document.body.classList.add("dragging");
  const { collection } = address();
  const field = byId("drop-to-remove");
  field.hidden = collection === null;
  Object.assign(field.dataset, { drop: "remove", place: collection, name: byId("title").textContent });
  field.textContent = `Drop here to remove from ${quoted(field.dataset.name)}`;
}
