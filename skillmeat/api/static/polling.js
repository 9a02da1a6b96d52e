/** Looks now and then for what others changed, while somebody looks at the page. */

import { tell } from "./events.js";
import { isDragging } from "./drag.js";
import { isRefused } from "./token.js";
import { isInTrouble } from "./retry.js";

const EVERY = 5_000;

export function startWatching() {
  setInterval(() => isWelcome() && tell({ quietly: true }), EVERY);
}

// A list must not be made anew under somebody's hand, nor a question be asked again by itself.
const isWelcome = () =>
  !document.hidden && !isDragging() && !isInTrouble() && !isRefused() &&
  document.querySelector("dialog[open]") === null;
