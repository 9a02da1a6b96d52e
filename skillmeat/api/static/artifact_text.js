/** The versions of an artifact in its panel, and the text of one, never parsed as markup. */

import { artifactHref } from "./url_state.js";
import { path, read } from "./api.js";
import { formatNumber, formatTime, h } from "./dom.js";

const MOST = 10;
// The browser lays out one block at a time, so a mebibyte does not freeze the page.
const BLOCK = 16_384;

/** Create the section of the versions, each a link to its text. */
export function createVersions(artifact, versions, current) {
  if (versions.length === 0) return [];
  const shown = current ?? versions[0].content_sha;
  const item = ({ content_sha: hash, version, timestamp }) => h("li", {}, h("a", {
    href: artifactHref(artifact.id, hash === versions[0].content_sha ? null : hash),
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

/** Read the text of a version, the newest by default, and show it in `section`. */
export async function showText(section, artifact, versions, version, signal) {
  const note = h("p", { class: "note", role: "status" });
  section.append(note);
  if (versions.length === 0) {
    note.textContent = "No text is kept. An import keeps it.";
    return;
  }
  note.textContent = "Reading…";
  try {
    const { data } = await read(path`/artifacts/${artifact.id}/content`, { query: { version }, signal });
    const newest = version === null || version === versions[0].content_sha;
    note.textContent = newest ? "" : `This is an older text, of version ${data.version ?? version.slice(0, 12)}.`;
    section.append(...splitText(data.content).map((part) => h("pre", { dir: "auto" }, part)));
  } catch (error) {
    if (error.name !== "AbortError") note.textContent = error.message;
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
