/** The forms that edit an artifact and delete artifacts. */

import { path } from "./api.js";
import { openForm } from "./dialog.js";
import { formatNumber, h, quote } from "./dom.js";
import { deleteArtifacts, describe } from "./memberships.js";
import { openEditForm } from "./row_form.js";

const FIELDS = {
  title: { label: "Title" },
  description: { label: "Description", rows: 5 },
  author: { label: "Author" },
  license: { label: "Licence" },
};
const NAMED = 10;

export const openEditArtifactForm = (artifact) =>
  openEditForm(`Edit ${quote(artifact.name)}`, toRow(artifact), path`/artifacts/${artifact.id}`, {
    fields: FIELDS, toRow,
  });

const toRow = ({ name, metadata, updated }) => ({
  name, updated_at: updated,
  ...Object.fromEntries(Object.keys(FIELDS).map((key) => [key, metadata[key]])),
});

/** Ask before artifacts are deleted from the catalogue, and call `then` after it. */
export function openDeleteArtifactsForm(artifacts, then) {
  const names = artifacts.slice(0, NAMED).map(({ name }) => quote(name)).join(", ");
  const others = artifacts.length > NAMED ? ` and ${formatNumber(artifacts.length - NAMED)} more` : "";
  openForm(`Delete ${describe(artifacts)}?`, [
    artifacts.length > 1 && h("p", {}, `${names}${others}.`),
    h("p", {}, "They leave the catalogue and all collections. Only another import brings them back."),
  ].filter(Boolean), {
    button: "Delete",
    danger: true,
    act: async () => () => deleteArtifacts(artifacts, then),
  });
}
