/** Count badges: all badges of a collection show the newest known count. */

import { h, formatNumber } from "./dom.js";

const EVERYTHING = "everything";
const known = new Map();

const keyOf = (collection) => (collection === null ? EVERYTHING : `collection ${collection}`);

/** Update a count, unless a newer count is known. A null collection means all artifacts. */
export function updateCount(collection, count, asOf) {
  const key = keyOf(collection);
  if (asOf < (known.get(key)?.asOf ?? 0)) return;
  known.set(key, { count, asOf });
  document.querySelectorAll(`[data-count-of="${CSS.escape(key)}"]`).forEach(write);
}

export const getCount = (collection) => known.get(keyOf(collection))?.count ?? null;

/** Create a badge that shows the count and its later updates. */
export function createBadge(collection) {
  const node = h("span", { class: "badge", "data-count-of": keyOf(collection) },
    h("span", { class: "number" }), h("span", { class: "unseen" }));
  write(node);
  return node;
}

function write(node) {
  const count = known.get(node.dataset.countOf)?.count;
  const text = count === undefined ? "" : formatNumber(count);
  const [shown, said] = node.children;
  if (shown.textContent === text) return;
  shown.textContent = text;
  said.textContent = count === 1 ? " artifact" : " artifacts";
}
