/** Polling: reads the changes of other clients while the page is visible, less often while it is not used. */

import { notifyListeners, onChange } from "./events.js";
import { isDragging } from "./drag.js";
import { isTokenMissing } from "./token.js";
import { isRetrying } from "./retry.js";

const FIRST = 5_000;
const LONGEST = 60_000;
const USES = ["pointerdown", "pointermove", "keydown", "wheel", "focus"];
let pause = FIRST;
let timer = 0;
let polled = performance.now();

export function startPolling() {
  for (const each of USES) addEventListener(each, () => pause > FIRST && wake(), { passive: true });
  document.addEventListener("visibilitychange", restart);
  onChange(({ quietly }) => !quietly && restart());
  restart();
}

/** Poll at once, unless it was just done: the user is back. */
function wake() {
  const isOverdue = performance.now() - polled > FIRST;
  restart();
  if (isOverdue) poll();
}

/** Poll often again, or not at all while the page is hidden. */
function restart() {
  pause = FIRST;
  schedule();
}

function schedule() {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(poll, pause);
}

function poll() {
  pause = Math.min(pause * 2, LONGEST);
  polled = performance.now();
  schedule();
  if (mayRefresh()) notifyListeners({ quietly: true });
}

// A refresh must not replace a dragged row, and must not ask for a token again.
const mayRefresh = () =>
  !document.hidden && !isDragging() && !isRetrying() && !isTokenMissing() &&
  document.querySelector("dialog[open]") === null;
