/** The entry point: starts every part of the page. */

import { interceptLinks } from "./url_state.js";
import { startAccess } from "./access.js";
import { startArtifacts } from "./artifacts.js";
import { byId } from "./dom.js";
import { startDragging } from "./drag.js";
import { startFilters } from "./filters.js";
import { startHealth } from "./health.js";
import { startPanel } from "./artifact_panel.js";
import { startSelection } from "./selection.js";
import { open, startSidebar } from "./sidebar.js";
import { startPolling } from "./polling.js";
import { startToken } from "./token.js";

interceptLinks();
startToken();
startAccess();
startFilters();
startSidebar();
startSelection();
startArtifacts();
startPanel();
startDragging();
startHealth();
startPolling();

byId("collections").addEventListener("click", (event) => {
  const narrow = getComputedStyle(byId("show-collections")).display !== "none";
  if (!narrow || !event.target.closest("[data-place]")) return;
  open(false);
  byId("title").focus({ preventScroll: true });
});
