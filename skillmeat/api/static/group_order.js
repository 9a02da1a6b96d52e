/** The dialog that orders the artifacts of a group, and removes them from it. */

import { path, read, write } from "./api.js";
import { onChange, publishChange } from "./events.js";
import { openDialog } from "./dialog.js";
import { formatNumber, h, quote, replaceKeepingFocus } from "./dom.js";
import { setInGroup } from "./group_members.js";
import { createMoveButtons, createOrder } from "./reordering.js";

// A list of more buttons makes the browser slow.
const MOST = 200;

export function openGroupOrderDialog(group) {
  const where = path`/groups/${group.id}`;
  const list = h("ol", { class: "movable" });
  const note = h("p", { class: "note", role: "status" });
  const said = h("div", { class: "said", role: "alert" });

  const show = (artifacts) => {
    replaceKeepingFocus(list, artifacts.slice(0, MOST).map(({ artifact_id: id }, at) => h("li", {},
      h("span", { class: "name", dir: "auto", title: id }, id),
      h("span", { class: "actions" },
        createMoveButtons(artifacts, at, { key: `member ${id}`, name: id }, reorder),
        h("button", {
          type: "button", class: "quiet", "data-focus": `take ${id}`,
          "aria-label": `Remove ${id} from the group`,
          click: () => setInGroup([{ id, name: id }], group, false),
        }, "Remove")))));
    const about = artifacts.length === 0 ? "No artifact yet: fill the group with “Add to…” of an artifact."
      : artifacts.length > MOST ? `The first ${MOST} of ${formatNumber(artifacts.length)} artifacts.` : "";
    if (about !== "") note.textContent = about;
  };
  const { reload, reorder } = createOrder({
    show,
    load: async () => (await read(where)).data.artifacts,
    save: async (artifacts, { artifact_id: moved }) => {
      said.textContent = "";
      // Of a large group, most artifacts keep their positions.
      const changed = artifacts.flatMap(({ artifact_id: id, position: before }, position) =>
        (position === before ? [] : [{ artifact_id: id, position }]));
      if (changed.length > 0) await write("PUT", `${where}/reorder-artifacts`, { artifacts: changed });
      artifacts.forEach((artifact, position) => Object.assign(artifact, { position }));
      const at = artifacts.findIndex(({ artifact_id: id }) => id === moved) + 1;
      note.textContent = `${quote(moved)} is number ${at}.`;
      publishChange({});
    },
    fail: (error) => {
      said.textContent = error.message;
    },
  });

  const dialog = openDialog(`Order of ${group.name}`, (close) => [
    list, note, said,
    h("div", { class: "choices" }, h("button", { type: "button", class: "main", click: close }, "Done")),
  ], { class: "wide" });
  dialog.addEventListener("close", onChange(reload));
  reload();
}
