/** The row of an artifact in the list. */

import { artifactHref, collectionHref, createLink, getUrlState, hrefWith } from "./url_state.js";
import { openCollectionPicker } from "./collection_picker.js";
import { createBadge } from "./counts.js";
import { h } from "./dom.js";
import { setInGroup } from "./group_members.js";
import { removeFromCollection } from "./memberships.js";
import { createCheckbox } from "./selection.js";
import { compareByName, typeName } from "./sorting.js";

const MOST_TAGS = 3;
const MOST_COLLECTIONS = 3;

/** Create a row; `inside` is the collection that the page shows, and `group` its group, or null. */
export function createRow(artifact, inside, group) {
  const { description, title, version } = artifact.metadata;
  const about = description || title;
  return h("li", {
    class: "artifact", draggable: "true", "data-artifact": artifact.id, "data-name": artifact.name,
  },
  createCheckbox(artifact),
  h("div", { class: "what" },
    h("p", { class: "line" },
      createLink(() => artifactHref(artifact.id), {
        class: "name", dir: "auto", title: artifact.name, draggable: "false",
        "data-focus": `open ${artifact.id}`, "data-open": artifact.id,
        "aria-current": artifact.id === getUrlState().artifact && "true",
      }, artifact.name),
      h("span", { class: "kind" }, typeName(artifact.type)),
      known(version) && h("span", { class: "kind" }, version),
      about && h("span", { class: "description", dir: "auto", title: about }, about)),
    h("div", { class: "details" }, tags(artifact), collections(artifact, inside))),
  h("div", { class: "actions", "data-write": true },
    h("button", {
      type: "button", class: "quiet", "aria-haspopup": "dialog", "data-focus": `add ${artifact.id}`,
      "aria-label": `Add to… ${artifact.name}`, click: () => openCollectionPicker([artifact]),
    }, "Add to…"),
    inside && h("button", {
      type: "button", class: "quiet", "data-focus": `remove ${artifact.id}`, "data-act": "remove",
      "aria-label": `Remove ${artifact.name} from ${(group ?? inside).name}`,
      click: () => (group ? setInGroup([artifact], group, false) : removeFromCollection([artifact], inside)),
    }, "Remove")));
}

const known = (version) => version && version !== "unknown";

function tags({ id, name, tags: names }) {
  if (names.length === 0) return null;
  return h("ul", { class: "tags", "aria-label": "Tags" },
    names.slice(0, MOST_TAGS).map((tag) => h("li", {},
      createLink(() => hrefWith({ tags: [tag] }), {
        draggable: "false", dir: "auto", title: tag,
        "data-focus": `tag ${id} ${tag}`,
      }, tag))),
    moreLink(id, names.length - MOST_TAGS, `tags of ${name}`));
}

function collections(artifact, inside) {
  const others = artifact.collections.filter(({ id }) => id !== inside?.id).sort(compareByName);
  if (others.length === 0) return null;
  return h("ul", { class: "chips", "aria-label": inside ? "Also in" : "Collections" },
    others.slice(0, MOST_COLLECTIONS).map(({ id, name }) => h("li", {},
      createLink(() => collectionHref(id), {
        draggable: "false", title: name, "data-focus": `in ${artifact.id} ${id}`,
      },
        h("span", { class: "name", dir: "auto" }, name), createBadge(id)))),
    moreLink(artifact.id, others.length - MOST_COLLECTIONS, `collections of ${artifact.name}`));
}

/** Link to the panel, which shows the items that the row has no space for. */
function moreLink(artifact, hidden, what) {
  return hidden > 0 && h("li", {}, createLink(() => artifactHref(artifact), {
    class: "more", draggable: "false", "aria-label": `+${hidden} more ${what}`,
    "data-focus": `more ${artifact} ${what}`, "data-open": artifact,
  }, `+${hidden}`));
}
