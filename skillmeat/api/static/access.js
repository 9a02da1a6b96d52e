/** What the user may do: without the right to write, the page shows nothing that writes. */

import { read } from "./api.js";
import { onChange } from "./events.js";

/** Whether the user may write; false until it is known. */
export const canWrite = () => document.documentElement.dataset.access === "write";

export function startAccess() {
  onChange(({ quietly }) => !quietly && load());
  load();
}

async function load() {
  try {
    const { data } = await read("/access");
    document.documentElement.dataset.access = data.can_write ? "write" : "read";
  } catch {
    // The views report the same error. What was known stays.
  }
}
