/** The panel of one artifact, which has its own address: all that the catalogue knows about it. */

import { artifactHref, createLink, getUrlState, navigate, onNavigate } from "./url_state.js";
import { path, read } from "./api.js";
import { openCollectionPicker } from "./collection_picker.js";
import { updateCount } from "./counts.js";
import { byId, createRunner, h, replaceKeepingFocus, restoreFocus } from "./dom.js";
import { openDeleteArtifactsForm, openEditArtifactForm } from "./artifact_form.js";
import { createFacts } from "./artifact_facts.js";
import { createVersions, forgetText, showText } from "./artifact_text.js";
import { onChange } from "./events.js";
import { setPanelTitle } from "./page_title.js";
import { typeName } from "./sorting.js";
import { openTagEditor } from "./tag_editor.js";

const runLatest = createRunner();
let shownFor = null;
let shown = null;
let scrolled = 0;

export function startPanel() {
  onNavigate(() => show({ moved: true }));
  onChange(({ quietly }) => shownFor !== null && load({ quietly }));
  document.addEventListener("keydown", (event) => {
    const isOpen = shownFor !== null && document.querySelector("dialog[open]") === null;
    if (event.key === "Escape" && isOpen && !event.target.matches("input, select, textarea")) close();
  });
  show();
}

const close = () => navigate(artifactHref(null));

/** Close the panel, unless it shows another artifact by now. */
const closeAfterDelete = ({ id }) => id === getUrlState().artifact && close();

/** Show the artifact of the URL, or close the panel. */
function show({ moved = false } = {}) {
  const { artifact, version } = getUrlState();
  markRow(artifact);
  const now = artifact === null ? null : JSON.stringify([artifact, version]);
  if (now === shownFor) return;
  const before = shownFor === null ? null : JSON.parse(shownFor)[0];
  shownFor = now;
  if (artifact === null) {
    hide(before);
    return;
  }
  if (before === null) scrolled = scrollY;
  if (artifact !== before) {
    shown = null;
    byId("panel").replaceChildren();
  }
  document.body.classList.add("reading");
  byId("panel").hidden = false;
  load({ focus: moved && artifact !== before });
}

/** Mark the row of the artifact. */
function markRow(artifact) {
  document.querySelectorAll("[data-open]").forEach((link) => {
    if (link.dataset.open === artifact && link.matches(".name")) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  });
}

function hide(artifact) {
  shown = null;
  runLatest(() => null);
  forgetText();
  const focused = byId("panel").contains(document.activeElement);
  byId("panel").hidden = true;
  byId("panel").replaceChildren();
  document.body.classList.remove("reading");
  setPanelTitle(null);
  scrollTo({ top: scrolled });
  if (focused) restoreFocus(document.querySelector(`[data-focus="${CSS.escape(`open ${artifact}`)}"]`));
}

function load({ quietly = false, focus = false } = {}) {
  const panel = byId("panel");
  if (quietly && panel.getAttribute("aria-busy") === "true") return null;
  if (!quietly) panel.setAttribute("aria-busy", "true");
  const { artifact: id, version } = getUrlState();
  return runLatest(async (signal) => {
    const [artifact, history, groups] = await Promise.all([
      read(path`/artifacts/${id}`, { signal }),
      read(path`/artifacts/${id}/history`, { signal }),
      read(path`/artifacts/${id}/groups`, { signal }),
    ]);
    artifact.data.collections.forEach((each) => updateCount(each.id, each.artifact_count, artifact.asOf));
    const known = {
      artifact: artifact.data, versions: history.data.timeline, groups: groups.data.groups, version,
    };
    const now = JSON.stringify(known, (key, value) => (key === "artifact_count" ? undefined : value));
    panel.setAttribute("aria-busy", "false");
    if (now === shown) return;
    shown = now;
    render(known, { focus });
  }).catch((error) => error.name !== "AbortError" && renderFailure(error, { focus }));
}

function render({ artifact, versions, groups, version }, { focus }) {
  const { title, description } = artifact.metadata;
  setPanelTitle(artifact.name);
  // The user keeps the place in the text while the rest changes.
  if (byId("about-artifact") === null) {
    byId("panel").replaceChildren(
      h("div", { id: "about-artifact" }), h("section", { id: "text", "aria-labelledby": "text-title" }));
  }
  replaceKeepingFocus(byId("about-artifact"), [
    createHeader(artifact.name, h("p", { class: "note" }, typeName(artifact.type))),
    title && title !== artifact.name && h("p", { class: "headline", dir: "auto" }, title),
    description && h("p", { class: "whole", dir: "auto" }, description),
    h("div", { class: "actions", "data-write": true },
      createAction("Add to…", () => openCollectionPicker([artifact])),
      createAction("Edit…", () => openEditArtifactForm(artifact)),
      createAction("Edit tags…", () => openTagEditor(artifact)),
      createAction("Delete…", () => openDeleteArtifactsForm([artifact], () => closeAfterDelete(artifact)))),
    ...createFacts(artifact, groups),
    ...createVersions(artifact, versions, version),
  ].filter(Boolean));
  if (focus) focusTitle();
  showText(byId("text"), artifact, versions, version);
}

const createAction = (text, click) =>
  h("button", { type: "button", "aria-haspopup": "dialog", "data-focus": `panel ${text}`, click }, text);

function createHeader(name, ...about) {
  return h("header", {},
    h("div", {}, h("h1", { id: "panel-title", tabindex: "-1", dir: "auto" }, name), ...about),
    createLink(() => artifactHref(null), { class: "close", "data-focus": "panel close" }, "Close"));
}

function renderFailure(error, { focus }) {
  shown = null;
  byId("panel").setAttribute("aria-busy", "false");
  const isGone = [400, 404].includes(error.status);
  setPanelTitle(isGone ? "Not found" : "Could not be read");
  byId("panel").replaceChildren(
    createHeader(isGone ? "Not found" : "Could not be read"),
    h("p", { role: "alert" }, error.message),
    isGone ? "" : h("button", { type: "button", click: () => load({ focus: true }) }, "Try again"));
  if (focus) focusTitle();
}

function focusTitle() {
  byId("panel").scrollTo({ top: 0 });
  byId("panel-title").focus({ preventScroll: true });
  if (getComputedStyle(byId("list")).display === "none") scrollTo({ top: 0 });
}
