/** The notice that the server cannot answer, shown while requests wait for a retry. */

import { byId, restoreFocus } from "./dom.js";

const AGAIN = " This page keeps trying.";
const GRACE = 1_000;
const waiters = new Set();
// The signals of the requests that are retried; undefined for one that cannot be aborted.
const retried = new Set();

/** Wait this many seconds, or until the user clicks “Try now”; throw if the signal aborts. */
export function waitToRetry(response, seconds, signal) {
  show(response === null ? "The server does not answer." : "The server cannot answer at the moment.");
  retried.add(signal);
  signal?.addEventListener("abort", () => forget(signal), { once: true });
  return new Promise((resolve, reject) => {
    const wake = () => {
      clearTimeout(timer);
      waiters.delete(wake);
      if (signal?.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(wake, seconds * 1000);
    waiters.add(wake);
    signal?.addEventListener("abort", wake, { once: true });
  });
}

/** Hide the notice soon if the user has left all that was retried, and what follows is answered. */
function forget(signal) {
  retried.delete(signal);
  setTimeout(() => retried.size === 0 && hideRetryNotice(), GRACE);
}

export const isRetrying = () => byId("retry-notice").classList.contains("shown");

/** Hide the notice and retry all waiting requests, because the server answers again. */
export function hideRetryNotice() {
  if (!isRetrying()) return;
  retried.clear();
  const focused = byId("retry-notice").contains(document.activeElement);
  setShown(false);
  byId("try-now").hidden = true;
  if (focused) restoreFocus(null);
  for (const line of lines()) {
    if (line.textContent.endsWith(AGAIN)) line.textContent = "";
  }
  wakeAll();
}

const wakeAll = () => [...waiters].forEach((wake) => wake());

// A modal dialog hides the notice from sight and from screen readers.
const lines = () => document.querySelectorAll("#retry-notice span, dialog[open] .said");

function setShown(isShown) {
  if (isShown === isRetrying()) return;
  byId("retry-notice").classList.toggle("shown", isShown);
  byId("retry-notice").dispatchEvent(new Event("change"));
}

function show(what) {
  setShown(true);
  byId("try-now").hidden = false;
  byId("try-now").onclick = wakeAll;
  for (const line of lines()) {
    // Keep other texts of a dialog. A repeated text would make a screen reader read it again.
    const ours = line.textContent === "" || line.textContent.endsWith(AGAIN);
    if (ours && line.textContent !== what + AGAIN) line.textContent = what + AGAIN;
  }
}
