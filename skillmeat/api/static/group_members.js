/** Adding artifacts to a group of their collection, and removing them from it. */

import { path, write } from "./api.js";
import { publishChange } from "./events.js";
import { quote } from "./dom.js";
import { describe } from "./memberships.js";
import { reportError, showMessage } from "./messages.js";

/** Add artifacts to a group, or remove them, and show a message. Return whether it succeeded. */
export async function setInGroup(artifacts, group, wanted) {
  const where = path`/groups/${group.id}/artifacts`;
  const what = describe(artifacts);
  try {
    if (wanted) await write("POST", where, { artifact_ids: artifacts.map(({ id }) => id) });
    else for (const { id } of artifacts) await leave(`${where}/${encodeURIComponent(id)}`);
    const done = wanted ? `Added ${what} to` : `Removed ${what} from`;
    showMessage(`${done} ${quote(group.name)}.`, {
      label: "Undo", act: () => setInGroup(artifacts, group, !wanted),
    });
    return true;
  } catch (error) {
    reportError(`${what} could not be ${wanted ? "added" : "removed"}`)(error);
    return false;
  } finally {
    publishChange({});
  }
}

async function leave(where) {
  try {
    await write("DELETE", where);
  } catch (error) {
    // The artifact was in the group no more.
    if (error.status !== 404) throw error;
  }
}
