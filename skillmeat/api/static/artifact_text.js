/** The versions of an artifact in its panel, and the text of one, never parsed as markup. */

import { artifactHref, createLink } from "./url_state.js";
import { path, read } from "./api.js";
import { createRunner, formatNumber, formatTime, h } from "./dom.js";

const MOST = 10;
// The browser lays out one block at a time, so a mebibyte does not freeze the page.
const BLOCK = 16_384;
const runLatest = createRunner();
let shownFor = null;

/** Create the section of the versions, each a link to its text. */
export function createVersions(artifact, versions, current) {
  if (versions.length === 0) return [];
  const shown = current ?? versions[0].content_sha;
  const hrefOf = (hash) => artifactHref(artifact.id, hash === versions[0].content_sha ? null : hash);
  const item = ({ content_sha: hash, version, timestamp }) => h("li", {}, createLink(() => hrefOf(hash), {
    "aria-current": hash === shown && "true", title: hash, "data-focus": `panel version ${hash}`,
  }, version ?? hash.slice(0, 12)), " ", formatTime(timestamp));
  const list = h("ul", { class: "versions" }, versions.slice(0, MOST).map(item));
  const rest = versions.slice(MOST);
  const more = rest.length > 0 && h("button", {
    type: "button", class: "quiet",
    click: () => {
      const items = rest.map(item);
      list.append(...items);
      more.remove();
      items[0].querySelector("a").focus();
    },
  }, `Show ${formatNumber(rest.length)} older`);
  return [h("section", { "aria-labelledby": "panel-versions" },
    h("h2", { id: "panel-versions" }, "Versions"), list, more)];
}

/** Show the text of a version, the newest by default, in `section`; read it unless it is shown there. */
export function showText(section, artifact, versions, version) {
  const wanted = JSON.stringify([artifact.id, version, versions[0]?.content_sha]);
  if (wanted === shownFor && section.hasChildNodes()) return;
  shownFor = wanted;
  const note = h("p", { class: "note", role: "status" });
  section.replaceChildren(h("h2", { id: "text-title" }, "Text"), note);
  if (versions.length === 0) note.textContent = "No text is kept. An import keeps it.";
  else runLatest((signal) => readText(section, note, artifact, versions, version, signal));
}

/** Read no text any more: the panel is closed. */
export function forgetText() {
  shownFor = null;
  runLatest(() => null);
}

async function readText(section, note, artifact, versions, version, signal) {
  note.textContent = "Reading…";
  try {
    const { data } = await read(path`/artifacts/${artifact.id}/content`, { query: { version }, signal });
    const newest = version === null || version === versions[0].content_sha;
    note.textContent = newest ? "" : `This is an older text, of version ${data.version ?? version.slice(0, 12)}.`;
    section.append(...splitText(data.content).map((part) => h("pre", { dir: "auto" }, part)));
  } catch (error) {
    if (error.name === "AbortError") return;
    note.textContent = error.message;
    // A change of the artifact reads it again.
    shownFor = null;
  }
}

/** Split a text into blocks that end at a line, or within a line that is longer than a block. */
function splitText(text) {
  const blocks = [];
  for (let at = 0; at < text.length;) {
    let end = Math.min(at + BLOCK, text.length);
    if (end < text.length) {
      const line = text.lastIndexOf("\n", end - 1) + 1;
      if (line > at) end = line;
      // A character outside the basic plane is two units, which must stay together.
      else if (text.codePointAt(end - 1) > 0xffff) end -= 1;
    }
    blocks.push(text.slice(at, end));
    at = end;
  }
  return blocks;
}
