/**
 * What the user may do: without the right to write, the page shows nothing that writes. A server for
 * many catalogues also tells which one the token opens.
 */

import { read } from "./api.js";
import { byId, createRunner } from "./dom.js";
import { onChange } from "./events.js";

// The answer for an earlier token may arrive last.
const runLatest = createRunner();

/** Whether the user may write; false until it is known. */
export const canWrite = () => document.documentElement.dataset.access === "write";

/** The service of the catalogue that the token opens; empty if the server has only one. */
export const getService = () => byId("service").textContent;

export function startAccess() {
  onChange(({ quietly }) => !quietly && load());
  load();
}

function showService(name) {
  if (name === getService()) return;
  byId("service").textContent = name;
  // Another token may open another catalogue, whose health the footer then shows.
  byId("service").dispatchEvent(new Event("change"));
}

async function load() {
  try {
    const { data } = await runLatest((signal) => read("/access", { signal }));
    document.documentElement.dataset.access = data.can_write ? "write" : "read";
    showService(data.service ?? "");
  } catch {
    // The views report the same error. What was known stays.
  }
}
