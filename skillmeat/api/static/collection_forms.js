/** The forms that create, edit and delete a collection. */

import { navigate, collectionHref } from "./url_state.js";
import { path, write } from "./api.js";
import { publishChange } from "./events.js";
import { getCount } from "./counts.js";
import { openForm } from "./dialog.js";
import { pluralize, h, quote } from "./dom.js";
import { showMessage } from "./messages.js";

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

export function openCreateForm() {
  openForm("New collection", fields(), {
    button: "Create",
    act: async (form) => {
      const { name, description } = readForm(form);
      const collection = await createCollection(name, description);
      return () => {
        navigate(collectionHref(collection.id));
        showMessage(`Created ${quote(collection.name)}.`);
      };
    },
  });
}

export async function createCollection(name, description = null) {
  const sent = description ? { name, description } : { name };
  const { data } = await write("POST", "/user-collections", sent);
  publishChange({});
  return data;
}

export function openEditForm(collection) {
  openForm("Edit collection", fields(collection), {
    button: "Save",
    act: async (form) => {
      const wanted = readForm(form);
      const change = Object.fromEntries(
        Object.entries(wanted).filter(([key, value]) => value !== (collection[key] ?? "")),
      );
      if (Object.keys(change).length === 0) return null;
      await write("PUT", path`/user-collections/${collection.id}`, change);
      publishChange({});
      return () => showMessage(`Saved ${quote(wanted.name)}.`);
    },
  });
}

export function openDeleteForm(collection) {
  const count = getCount(collection.id) ?? collection.artifact_count;
  const what = h("p", {}, `${quote(collection.name)} holds ${pluralize(count, "artifact", "artifacts")}. `,
    "The artifacts stay in the catalogue. The collection and its groups cannot be restored.");
  openForm("Delete this collection?", [what], {
    button: "Delete",
    danger: true,
    act: async () => {
      await write("DELETE", path`/user-collections/${collection.id}`);
      return () => {
        navigate(collectionHref(null));
        publishChange({});
        showMessage(`Deleted ${quote(collection.name)}.`);
      };
    },
  });
}

const readForm = (form) => ({
  name: form.elements.name.value.trim(),
  description: form.elements.description.value.trim(),
});
