/** Count badges: one number for a collection wherever it stands, the newest that is known. */

import { h, number } from "./dom.js";

const EVERYTHING = "everything";
const known = new Map();

const keyOf = (collection) => (collection === null ? EVERYTHING : `collection ${collection}`);

/** Believe a count, unless what is known was asked for later. Null is everything's. */
export function observe(collection, count, asOf) {
  const key = keyOf(collection);
  if (asOf < (known.get(key)?.asOf ?? 0)) return;
  known.set(key, { count, asOf });
  document.querySelectorAll(`[data-count-of="${CSS.escape(key)}"]`).forEach(write);
}

export const countOf = (collection) => known.get(keyOf(collection))?.count ?? null;

/** A badge that follows the count. */
export function badge(collection) {
  const node = h("span", { class: "badge", "data-count-of": keyOf(collection) },
    h("span", { class: "number" }), h("span", { class: "unseen" }));
  write(node);
  return node;
}

function write(node) {
  const count = known.get(node.dataset.countOf)?.count;
  const text = count === undefined ? "" : number(count);
  const [shown, said] = node.children;
  if (shown.textContent === text) return;
  shown.textContent = text;
  said.textContent = count === 1 ? " artifact" : " artifacts";
}
