/** The facts in the panel of an artifact: its origin, dates, tags, collections and groups. */

import { collectionHref, createLink, hrefWith } from "./url_state.js";
import { createBadge } from "./counts.js";
import { formatNumber, formatTime, h } from "./dom.js";
import { compareByName } from "./sorting.js";

const MOST = 50;

/** Create the facts, and the sections of the tags, collections and groups. */
export function createFacts(artifact, groups) {
  const { metadata } = artifact;
  const facts = [
    ["Source", artifact.source],
    ["Origin", [artifact.origin, artifact.origin_source].filter(Boolean).join(", ")],
    ["Author", metadata.author],
    ["Licence", metadata.license],
    ["Version", metadata.version],
    ["Added", formatTime(artifact.added)],
    ["Changed", formatTime(artifact.updated)],
    ["Aliases", artifact.aliases.join(", ")],
    ["Tools", metadata.tools.join(", ")],
    ["Depends on", metadata.dependencies.join(", ")],
    ["Platforms", (artifact.target_platforms ?? []).join(", ")],
  ].filter(([, value]) => value);
  const collections = [...artifact.collections].sort(compareByName);
  const names = new Map(collections.map(({ id, name }) => [id, name]));
  return [
    h("dl", {}, facts.flatMap(([name, value]) => [
      h("dt", {}, name), h("dd", value instanceof Node ? {} : { dir: "auto" }, value),
    ])),
    createSection("Tags", "tags", artifact.tags.map((tag) => createLink(() => hrefWith({ tags: [tag] }), {
      dir: "auto", "data-focus": `panel tag ${tag}`,
    }, tag))),
    createSection("Collections", "chips", collections.map(({ id, name }) => createLink(() => collectionHref(id), {
      title: name, "data-focus": `panel in ${id}`,
    }, h("span", { class: "name", dir: "auto" }, name), createBadge(id)))),
    createSection("Groups", "chips", groups.map((group) => createLink(() => groupHref(group), {
      title: group.name, "data-focus": `panel group ${group.id}`,
    },
    h("span", { class: "name", dir: "auto" }, group.name),
    h("span", { class: "kind" }, `in ${names.get(group.collection_id) ?? "another collection"}`)))),
  ];
}

const groupHref = ({ id, collection_id: collection }) =>
  hrefWith({ collection, group: id, tags: [], type: null, search: null });

/** Create a section with a list of links; the first fifty until the user asks for all. */
function createSection(title, kind, links) {
  const heading = `panel-${title.toLowerCase()}`;
  if (links.length === 0) {
    return h("section", { "aria-labelledby": heading },
      h("h2", { id: heading }, title), h("p", { class: "note" }, "None."));
  }
  const item = (link) => h("li", {}, link);
  const list = h("ul", { class: kind }, links.slice(0, MOST).map(item));
  const rest = links.slice(MOST);
  const more = rest.length > 0 && h("button", {
    type: "button", class: "quiet",
    click: () => {
      list.append(...rest.map(item));
      more.remove();
      rest[0].focus();
    },
  }, `Show ${formatNumber(rest.length)} more`);
  return h("section", { "aria-labelledby": heading }, h("h2", { id: heading }, title), list, more);
}
