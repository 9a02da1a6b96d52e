/** Adding artifacts to collections and removing them, each with an undo. */

import { path, read, write } from "./api.js";
import { publishChange } from "./events.js";
import { updateCount } from "./counts.js";
import { pluralize, quote } from "./dom.js";
import { showMessage, reportError } from "./messages.js";

/** Add an artifact and show a message. Return whether it succeeded. */
export function addToCollection(artifact, collection) {
  const failure = `${quote(artifact.name)} was not added`;
  return attempt(failure, () => addToCollection(artifact, collection), async () => {
    const { data, asOf } = await write("POST", path`/user-collections/${collection.id}/artifacts`, {
      artifact_ids: [artifact.id],
    });
    updateCount(collection.id, data.total_artifacts, asOf);
    publishChange({ collection: collection.id });
    const now = pluralize(data.total_artifacts, "artifact", "artifacts");
    const [what, where] = [quote(artifact.name), quote(collection.name)];
    if (data.added_count === 0) showMessage(`${what} was already in ${where}: ${now}.`);
    else {
      const undo = { label: "Undo", act: () => removeFromCollection(artifact, collection) };
      showMessage(`Added ${what} to ${where}: ${now}.`, undo);
    }
  });
}

/** Remove an artifact and show a message. Return whether it succeeded. */
export function removeFromCollection(artifact, collection) {
  const failure = `${quote(artifact.name)} was not removed`;
  return attempt(failure, () => removeFromCollection(artifact, collection), async () => {
    const where = path`/user-collections/${collection.id}`;
    await write("DELETE", `${where}/artifacts/${encodeURIComponent(artifact.id)}`);
    publishChange({ collection: collection.id });
    const undo = { label: "Undo", act: () => addToCollection(artifact, collection) };
    showMessage(`Removed ${quote(artifact.name)} from ${quote(collection.name)}.`, undo);
  });
}

async function attempt(what, again, act) {
  try {
    await act();
    return true;
  } catch (error) {
    // The artifact or the collection was deleted: a retry cannot succeed.
    const gone = error.status === 404;
    reportError(what, gone ? null : again)(error);
    if (gone) publishChange({});
    return false;
  }
}

/** Read the exact count of a changed collection and update its badges. */
export async function refreshCount(collection) {
  const { data, asOf } = await read(path`/user-collections/${collection}`);
  updateCount(collection, data.artifact_count, asOf);
}
