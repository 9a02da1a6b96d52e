/** The row of an artifact in the list. */

import { collectionHref, hrefWith } from "./url_state.js";
import { openCollectionPicker } from "./collection_picker.js";
import { createBadge } from "./counts.js";
import { h } from "./dom.js";
import { removeFromCollection } from "./memberships.js";
import { compareByName, typeName } from "./sorting.js";

const MOST = 6;

/** Create a row; `inside` is the collection that the page shows, or null. */
export function createRow(artifact, inside) {
  const { description, title, version } = artifact.metadata;
  const about = description || title;
  return h("li", {
    class: "artifact", draggable: "true", "data-artifact": artifact.id, "data-name": artifact.name,
  },
  h("div", { class: "what" },
    h("p", { class: "line" },
      h("strong", { class: "name", dir: "auto", title: artifact.name }, artifact.name),
      h("span", { class: "kind" }, typeName(artifact.type)),
      known(version) && h("span", { class: "kind" }, version)),
    about && h("p", { class: "description", dir: "auto", title: about }, about),
    tags(artifact),
    collections(artifact, inside)),
  h("div", { class: "actions", "data-write": true },
    h("button", {
      type: "button", class: "quiet", "aria-haspopup": "dialog", "data-focus": `add ${artifact.id}`,
      "aria-label": `Add to… ${artifact.name}`, click: () => openCollectionPicker(artifact),
    }, "Add to…"),
    inside && h("button", {
      type: "button", class: "quiet", "data-focus": `remove ${artifact.id}`, "data-act": "remove",
      "aria-label": `Remove ${artifact.name} from ${inside.name}`,
      click: () => removeFromCollection(artifact, inside),
    }, "Remove")));
}

const known = (version) => version && version !== "unknown";

function tags({ id, tags: names }) {
  if (names.length === 0) return null;
  return h("ul", { class: "tags", "aria-label": "Tags" }, names.map((name) => h("li", {},
    h("a", {
      href: hrefWith({ tag: name }), draggable: "false", dir: "auto", title: name,
      "data-focus": `tag ${id} ${name}`,
    }, name))));
}

function collections(artifact, inside) {
  const others = artifact.collections.filter(({ id }) => id !== inside?.id).sort(compareByName);
  if (others.length === 0) return null;
  const hidden = others.length - MOST;
  return h("ul", { class: "chips", "aria-label": inside ? "Also in" : "Collections" },
    others.slice(0, MOST).map(({ id, name }) => h("li", {},
      h("a", {
        href: collectionHref(id), draggable: "false", title: name, "data-focus": `in ${artifact.id} ${id}`,
      },
        h("span", { class: "name", dir: "auto" }, name), createBadge(id)))),
    hidden > 0 && h("li", {}, h("button", {
      type: "button", class: "quiet", "aria-label": `+${hidden} more collections of ${artifact.name}`,
      "data-focus": `more ${artifact.id}`, click: () => openCollectionPicker(artifact),
    }, `+${hidden}`)));
}
