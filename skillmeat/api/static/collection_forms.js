/** Making, renaming and deleting collections. */

import { go, placeHref } from "./url_state.js";
import { path, write } from "./api.js";
import { changed } from "./events.js";
import { countOf } from "./counts.js";
import { openForm } from "./dialog.js";
import { counted, h, quoted } from "./dom.js";
import { say } from "./messages.js";

const LONGEST = 255;

const fields = ({ name = "", description = "" } = {}) => [
  h("label", { for: "name" }, "Name"),
  h("input", {
    id: "name", name: "name", value: name, required: true, maxlength: LONGEST, autofocus: true,
    autocomplete: "off",
  }),
  h("label", { for: "description" }, "Description"),
  h("textarea", { id: "description", name: "description", rows: 3 }, description ?? ""),
];

export function makeCollection() {
  openForm("New collection", fields(), {
    button: "Create",
    act: async (form) => {
      const { name, description } = entered(form);
      const collection = await created(name, description);
      return () => {
        go(placeHref(collection.id));
        say(`Created ${quoted(collection.name)}.`);
      };
    },
  });
}

export async function created(name, description = null) {
  const sent = description ? { name, description } : { name };
  const { data } = await write("POST", "/user-collections", sent);
  changed({});
  return data;
}

export function editCollection(collection) {
  openForm("Edit the collection", fields(collection), {
    button: "Save",
    act: async (form) => {
      const wanted = entered(form);
      const change = Object.fromEntries(
        Object.entries(wanted).filter(([key, value]) => value !== (collection[key] ?? "")),
      );
      if (Object.keys(change).length === 0) return null;
      await write("PUT", path`/user-collections/${collection.id}`, change);
      changed({});
      return () => say(`Saved ${quoted(wanted.name)}.`);
    },
  });
}

export function deleteCollection(collection) {
  const count = countOf(collection.id) ?? collection.artifact_count;
  const what = h("p", {}, `${quoted(collection.name)} holds ${counted(count, "artifact", "artifacts")}. `,
    "They stay in the catalogue; the collection and its groups are gone for good.");
  openForm("Delete the collection?", [what], {
    button: "Delete",
    danger: true,
    act: async () => {
      await write("DELETE", path`/user-collections/${collection.id}`);
      return () => {
        go(placeHref(null));
        changed({});
        say(`Deleted ${quoted(collection.name)}.`);
      };
    },
  });
}

const entered = (form) => ({
  name: form.elements.name.value.trim(),
  description: form.elements.description.value.trim(),
});
