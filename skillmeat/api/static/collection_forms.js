/** The forms that create, edit and delete a collection. */

import { navigate, collectionHref } from "./url_state.js";
import { path, read, write } from "./api.js";
import { publishChange } from "./events.js";
import { openForm } from "./dialog.js";
import { pluralize, h, quote } from "./dom.js";
import { reportError, showMessage } from "./messages.js";
import { findNameProblem, openCreateForm, openEditForm } from "./row_form.js";

const pathOf = ({ id }) => path`/user-collections/${id}`;

export function openCreateCollectionForm() {
  openCreateForm("New collection", async ({ name, description }) => {
    const collection = await createCollection(name, description);
    return () => {
      navigate(collectionHref(collection.id));
      showMessage(`Created ${quote(collection.name)}.`);
    };
  });
}

export async function createCollection(name, description = "") {
  const problem = findNameProblem(name);
  if (problem !== null) throw new Error(problem);
  const sent = description ? { name, description } : { name };
  const { data } = await write("POST", "/user-collections", sent);
  publishChange({});
  return data;
}

export const openEditCollectionForm = (collection) =>
  openEditForm("Edit collection", collection, pathOf(collection));

/** Ask before a collection is deleted, with the number of artifacts and groups that it has now. */
export async function openDeleteCollectionForm(collection) {
  const again = () => openDeleteCollectionForm(collection);
  let known = null;
  try {
    known = (await read(pathOf(collection))).data;
  } catch (error) {
    reportError(`${quote(collection.name)} could not be read`, again)(error);
    return;
  }
  openForm("Delete this collection?", [h("p", {}, describe(known))], {
    button: "Delete",
    danger: true,
    act: async () => {
      await write("DELETE", pathOf(known), undefined, { ifUpdatedAt: known.updated_at });
      return () => {
        navigate(collectionHref(null));
        publishChange({});
        showMessage(`Deleted ${quote(known.name)}.`);
      };
    },
    explain: (error) => {
      if (error.status !== 412) return null;
      const before = known.name;
      known = error.current;
      return `Another client has just changed ${quote(before)}. Now ${describe(known)} “Delete” deletes it.`;
    },
  });
}

const describe = ({ name, artifact_count: artifacts, group_count: groups }) =>
  `${quote(name)} holds ${pluralize(artifacts, "artifact", "artifacts")} and has `
  + `${pluralize(groups, "group", "groups")}. The artifacts stay in the catalogue. `
  + "The collection and its groups cannot be restored.";
