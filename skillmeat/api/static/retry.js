/** The line that says that the server cannot answer, while requests wait to be tried again. */

import { byId, refocus } from "./dom.js";

const AGAIN = " Trying again until it does.";
const wakers = new Set();

/** Wait so many seconds, or until somebody asks to try now; throws where the signal aborts. */
export function waiting(response, seconds, signal) {
  show(response === null ? "The server does not answer." : "The server cannot answer just now.");
  return new Promise((resolve, reject) => {
    const wake = () => {
      clearTimeout(timer);
      wakers.delete(wake);
      if (signal?.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(wake, seconds * 1000);
    wakers.add(wake);
    signal?.addEventListener("abort", wake, { once: true });
  });
}

export const isInTrouble = () => byId("trouble").classList.contains("shown");

/** The server answers: whoever still waits need not. */
export function answered() {
  if (!isInTrouble()) return;
  const focused = byId("trouble").contains(document.activeElement);
  byId("trouble").classList.remove("shown");
  byId("try-now").hidden = true;
  if (focused) refocus(null);
  for (const line of lines()) {
    if (line.textContent.endsWith(AGAIN)) line.textContent = "";
  }
  wakeAll();
}

const wakeAll = () => [...wakers].forEach((wake) => wake());

// Behind a dialog the page's own line can be neither read nor heard.
const lines = () => document.querySelectorAll("#trouble span, dialog[open] .said");

function show(what) {
  byId("trouble").classList.add("shown");
  byId("try-now").hidden = false;
  byId("try-now").onclick = wakeAll;
  for (const line of lines()) {
    // What else a dialog says stays; the same text once more would be read out once more.
    const ours = line.textContent === "" || line.textContent.endsWith(AGAIN);
    if (ours && line.textContent !== what + AGAIN) line.textContent = what + AGAIN;
  }
}
