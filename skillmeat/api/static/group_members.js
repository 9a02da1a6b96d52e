/** Adding artifacts to a group of their collection, and removing them from it. */

import { path, read, write } from "./api.js";
import { publishChange } from "./events.js";
import { quote } from "./dom.js";
import { describe } from "./memberships.js";
import { reportError, showMessage } from "./messages.js";

const pathOf = ({ id }) => path`/groups/${id}/artifacts`;

/** Add artifacts to a group, or remove them, and show a message. Return whether it succeeded. */
export const setInGroup = (artifacts, group, wanted) =>
  attempt(artifacts, wanted ? "added" : "removed", () => (wanted ? add : remove)(artifacts, group));

async function attempt(artifacts, what, act) {
  try {
    await act();
    return true;
  } catch (error) {
    reportError(`${describe(artifacts)} could not be ${what}`)(error);
    return false;
  } finally {
    publishChange({});
  }
}

async function add(artifacts, group) {
  await write("POST", pathOf(group), { artifact_ids: artifacts.map(({ id }) => id) });
  showMessage(`Added ${describe(artifacts)} to ${quote(group.name)}.`);
}

/** Remove the artifacts that are in the group; the undo restores them in their order. */
async function remove(artifacts, group) {
  const { data } = await read(path`/groups/${group.id}`);
  const places = new Map(data.artifacts.map(({ artifact_id: id, position }) => [id, position]));
  const members = artifacts.filter(({ id }) => places.has(id));
  for (const { id } of members) await leave(`${pathOf(group)}/${encodeURIComponent(id)}`);
  if (members.length === 0) {
    showMessage(`${describe(artifacts)} ${artifacts.length === 1 ? "was" : "were"} not in ${quote(group.name)}.`);
    return;
  }
  showMessage(`Removed ${describe(members)} from ${quote(group.name)}.`, {
    label: "Undo", act: () => attempt(members, "restored", () => restore(members, places, group)),
  });
}

async function restore(members, places, group) {
  // Each one moves those behind it down, so the first position comes first.
  for (const { id } of members.toSorted((one, other) => places.get(one.id) - places.get(other.id))) {
    await write("POST", pathOf(group), { artifact_ids: [id], position: places.get(id) });
  }
  showMessage(`Restored ${describe(members)} in ${quote(group.name)}.`);
}

async function leave(where) {
  try {
    await write("DELETE", where);
  } catch (error) {
    // The artifact was in the group no more.
    if (error.status !== 404) throw error;
  }
}
