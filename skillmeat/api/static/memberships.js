/** Adding artifacts to collections, removing them and deleting them: in bounded requests, with an undo. */

import { path, read, write } from "./api.js";
import { publishChange } from "./events.js";
import { updateCount } from "./counts.js";
import { pluralize, quote } from "./dom.js";
import { showError, showMessage } from "./messages.js";

const BATCH = 100;
const AT_ONCE = 4;
const MANY = 20;
const NAMED = 3;

/** Add artifacts and show a message. Return whether all of them are members now. */
export async function addToCollection(artifacts, collection) {
  const state = { added: 0, total: null };
  const failures = await inBatches(artifacts, (batch) => addBatch(batch, collection, state));
  publishChange(failures.some(isGone) ? {} : { collection: collection.id });
  const where = quote(collection.name);
  const now = state.total === null ? "" : `: ${pluralize(state.total, "artifact", "artifacts")}`;
  if (failures.length > 0) {
    reportFailures(failures, artifacts, `added to ${where}`, (those) => addToCollection(those, collection));
  } else if (state.added === 0) {
    showMessage(`${describe(artifacts)} ${artifacts.length === 1 ? "was" : "were"} already in ${where}${now}.`);
  } else {
    showMessage(`Added ${describe(artifacts)} to ${where}${now}.`, undoOf(artifacts, collection, state.added));
  }
  return failures.length === 0;
}

/** Remove artifacts and show a message. Return whether all of them were removed. */
export async function removeFromCollection(artifacts, collection) {
  if (artifacts.length > MANY) showMessage(`Removing ${describe(artifacts)}…`);
  const failures = await inTurn(artifacts, ({ id }) =>
    write("DELETE", `${path`/user-collections/${collection.id}`}/artifacts/${encodeURIComponent(id)}`));
  publishChange(failures.some(isGone) ? {} : { collection: collection.id });
  const where = quote(collection.name);
  if (failures.length > 0) {
    const again = (those) => removeFromCollection(those, collection);
    reportFailures(failures, artifacts, `removed from ${where}`, again);
  } else {
    const undo = { label: "Undo", act: () => addToCollection(artifacts, collection) };
    showMessage(`Removed ${describe(artifacts)} from ${where}.`, undo);
  }
  return failures.length === 0;
}

/** Delete artifacts from the catalogue, call `then` if all of them are gone, and show a message. */
export async function deleteArtifacts(artifacts, then) {
  if (artifacts.length > MANY) showMessage(`Deleting ${describe(artifacts)}…`);
  const failures = (await inTurn(artifacts, ({ id }) => write("DELETE", path`/artifacts/${id}`)))
    .filter((failure) => !isGone(failure));
  // Before the change: an open panel would read an artifact that is gone.
  if (failures.length === 0) then();
  const left = new Set(failures.map(({ artifact }) => artifact.id));
  publishChange({ deleted: artifacts.map(({ id }) => id).filter((id) => !left.has(id)) });
  const again = (rest) => deleteArtifacts(rest, then);
  if (failures.length > 0) reportFailures(failures, artifacts, "deleted", again);
  else showMessage(`Deleted ${describe(artifacts)}.`);
}

/** Name one artifact, or count several. */
export const describe = (artifacts) =>
  (artifacts.length === 1 ? quote(artifacts[0].name) : pluralize(artifacts.length, "artifact", "artifacts"));

/** Read the exact count of a changed collection and update its badges. */
export async function refreshCount(collection) {
  const { data, asOf } = await read(path`/user-collections/${collection}`);
  updateCount(collection, data.artifact_count, asOf);
}

async function addBatch(batch, collection, state) {
  try {
    const { data, asOf } = await write("POST", path`/user-collections/${collection.id}/artifacts`, {
      artifact_ids: batch.map(({ id }) => id),
    });
    state.added += data.added_count;
    state.total = data.total_artifacts;
    updateCount(collection.id, data.total_artifacts, asOf);
    return [];
  } catch (error) {
    if (error.status !== 404 || batch.length === 1) return batch.map((artifact) => ({ artifact, error }));
    return isolate(batch, collection, state, error);
  }
}

/** Add artifacts one by one, because one that does not exist makes the server refuse the others. */
async function isolate(batch, collection, state, error) {
  try {
    await refreshCount(collection.id);
  } catch {
    return batch.map((artifact) => ({ artifact, error }));
  }
  return inTurn(batch, async (artifact) => {
    const [failure] = await addBatch([artifact], collection, state);
    if (failure) throw failure.error;
  });
}

async function inBatches(artifacts, act) {
  const failures = [];
  for (let at = 0; at < artifacts.length; at += BATCH) {
    failures.push(...await act(artifacts.slice(at, at + BATCH)));
  }
  return failures;
}

/** Act on each artifact, a few at once, until a request is not allowed. Return the failures. */
async function inTurn(artifacts, act) {
  const failures = [];
  const waiting = [...artifacts];
  const work = async () => {
    for (let artifact = waiting.shift(); artifact !== undefined; artifact = waiting.shift()) {
      try {
        await act(artifact);
      } catch (error) {
        failures.push({ artifact, error });
        if ([401, 403].includes(error.status)) {
          failures.push(...waiting.splice(0).map((each) => ({ artifact: each, error })));
        }
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return failures;
}

const isGone = ({ error }) => error.status === 404;

/** Undo what an addition has changed; without knowing which artifacts it added, offer nothing. */
function undoOf(artifacts, collection, added) {
  const were = artifacts.filter(({ collections = [] }) => !collections.some(({ id }) => id === collection.id));
  if (were.length !== added) return null;
  return { label: "Undo", act: () => removeFromCollection(were, collection) };
}

/** Say which artifacts failed and why, and offer to try those again that can succeed. */
function reportFailures(failures, artifacts, what, again) {
  const reasons = Map.groupBy(failures, ({ error }) => error.message);
  const parts = [...reasons].map(([message, those]) => {
    const names = those.slice(0, NAMED).map(({ artifact }) => quote(artifact.name)).join(", ");
    const others = those.length > NAMED ? ` and ${those.length - NAMED} more` : "";
    return `${names}${others}: ${message.replace(/[.]$/, "")}`;
  });
  const done = artifacts.length - failures.length;
  const start = artifacts.length === 1 ? `Not ${what}`
    : `${done} of ${artifacts.length} artifacts ${what}. Not ${what}`;
  const retried = failures.filter((failure) => !isGone(failure)).map(({ artifact }) => artifact);
  showError(`${start}: ${parts.join("; ")}.`,
    retried.length === 0 ? null : { label: "Try again", act: () => again(retried) });
}
