/** Polling: reads the changes of other clients while the page is visible. */

import { notifyListeners } from "./events.js";
import { isDragging } from "./drag.js";
import { isTokenMissing } from "./token.js";
import { isRetrying } from "./retry.js";

const EVERY = 5_000;

export function startPolling() {
  setInterval(() => mayRefresh() && notifyListeners({ quietly: true }), EVERY);
}

// A refresh must not replace a dragged row, and must not ask for a token again.
const mayRefresh = () =>
  !document.hidden && !isDragging() && !isRetrying() && !isTokenMissing() &&
  document.querySelector("dialog[open]") === null;
