/** Putting artifacts into collections and taking them out, each with its undoing. */

import { path, read, write } from "./api.js";
import { changed } from "./events.js";
import { observe } from "./counts.js";
import { counted, quoted } from "./dom.js";
import { say, sayWhy } from "./messages.js";

/** Add and say so. False where it failed, which has been said. */
export function add(artifact, collection) {
  return done(`${quoted(artifact.name)} was not added`, () => add(artifact, collection), async () => {
    const { data, asOf } = await write("POST", path`/user-collections/${collection.id}/artifacts`, {
      artifact_ids: [artifact.id],
    });
    observe(collection.id, data.total_artifacts, asOf);
    changed({ collection: collection.id });
    const now = counted(data.total_artifacts, "artifact", "artifacts");
    const [what, where] = [quoted(artifact.name), quoted(collection.name)];
    if (data.added_count === 0) say(`${what} was already in ${where}: ${now}.`);
    else {
      const undo = { label: "Undo", act: () => remove(artifact, collection) };
      say(`Added ${what} to ${where}: ${now}.`, undo);
    }
  });
}

/** Remove and say so. False where it failed, which has been said. */
export function remove(artifact, collection) {
  return done(`${quoted(artifact.name)} was not removed`, () => remove(artifact, collection), async () => {
    const where = path`/user-collections/${collection.id}`;
    await write("DELETE", `${where}/artifacts/${encodeURIComponent(artifact.id)}`);
    changed({ collection: collection.id });
    const undo = { label: "Undo", act: () => add(artifact, collection) };
    say(`Removed ${quoted(artifact.name)} from ${quoted(collection.name)}.`, undo);
  });
}

async function done(what, again, act) {
  try {
    await act();
    return true;
  } catch (error) {
    // What is gone, here or there, comes back by no trying again.
    const gone = error.status === 404;
    sayWhy(what, gone ? null : again)(error);
    if (gone) changed({});
    return false;
  }
}

/** Read the exact count of a collection that changed. */
export async function recount(collection) {
  const { data, asOf } = await read(path`/user-collections/${collection}`);
  observe(collection, data.artifact_count, asOf);
}
