/** The dialog that creates, renames, orders and deletes the groups of a collection. */

import { getUrlState, hrefWith, navigate } from "./url_state.js";
import { path, read, write } from "./api.js";
import { onChange, publishChange } from "./events.js";
import { openDialog, openForm } from "./dialog.js";
import { h, pluralize, quote, replaceKeepingFocus } from "./dom.js";
import { openGroupOrderDialog } from "./group_order.js";
import { createMoveButtons, createOrder } from "./reordering.js";
import { showMessage } from "./messages.js";
import { openCreateForm, openEditForm } from "./row_form.js";

const pathOf = ({ id }) => path`/groups/${id}`;

export function openGroupsDialog(collection) {
  const list = h("ol", { class: "movable" });
  const note = h("p", { class: "note", role: "status" });
  const said = h("div", { class: "said", role: "alert" });

  const show = (groups) => {
    replaceKeepingFocus(list, groups.map((group, at) => createItem(group, at, groups)));
    if (groups.length === 0) note.textContent = "No group yet.";
    else if (note.textContent === "No group yet.") note.textContent = "";
  };
  const { reload, reorder } = createOrder({
    show,
    load: async () => (await read("/groups", { query: { collection_id: collection.id } })).data.groups,
    save: async (groups, { name }) => {
      said.textContent = "";
      const ids = groups.map(({ id }) => id);
      await write("PUT", path`/user-collections/${collection.id}/reorder-groups`, { group_ids: ids });
      const at = groups.findIndex((each) => each.name === name) + 1;
      note.textContent = `${quote(name)} is number ${at} of ${groups.length}.`;
      publishChange({});
    },
    fail: (error) => {
      said.textContent = error.message;
    },
  });
  const createItem = (group, at, groups) => {
    const { name, artifact_count: count } = group;
    const button = (label, act) => h("button", {
      type: "button", class: "quiet", "data-focus": `${label} ${group.id}`, "aria-haspopup": "dialog",
      "aria-label": `${label} ${name}`, click: act,
    }, label);
    return h("li", {},
      h("span", { class: "name", dir: "auto", title: name }, name),
      h("span", { class: "note" }, pluralize(count, "artifact", "artifacts")),
      h("span", { class: "actions" },
        createMoveButtons(groups, at, { key: `group ${group.id}`, name }, reorder),
        button("Edit", () => openEditForm("Edit group", group, pathOf(group))),
        button("Order", () => openGroupOrderDialog(group)),
        button("Delete", () => openDeleteGroupForm(group))));
  };
  const openDeleteGroupForm = (group) => {
    let known = group;
    openForm("Delete this group?", [h("p", {}, describe(known))], {
      button: "Delete",
      danger: true,
      act: async () => {
        await write("DELETE", pathOf(known), undefined, { ifUpdatedAt: known.updated_at });
        return () => {
          if (getUrlState().group === known.id) navigate(hrefWith({ group: null }));
          publishChange({});
          showMessage(`Deleted ${quote(known.name)}.`);
        };
      },
      explain: (error) => {
        if (error.status !== 412) return null;
        known = error.current;
        return `Another client has just changed it. Now ${describe(known)} “Delete” deletes it.`;
      },
    });
  };
  const make = () => openCreateForm("New group", async ({ name, description }) => {
    const { data } = await read("/groups", { query: { collection_id: collection.id } });
    const position = Math.max(-1, ...data.groups.map((each) => each.position)) + 1;
    const sent = { collection_id: collection.id, name, position, ...(description && { description }) };
    const created = (await write("POST", "/groups", sent)).data;
    publishChange({});
    return () => showMessage(`Created ${quote(created.name)}. Fill it with “Add to…” of an artifact.`);
  });

  const dialog = openDialog(`Groups of ${collection.name}`, (close) => [
    list, note, said,
    h("div", { class: "choices" },
      h("button", { type: "button", class: "quiet", "aria-haspopup": "dialog", click: make }, "New group"),
      h("button", { type: "button", class: "main", click: close }, "Done")),
  ], { class: "wide" });
  dialog.addEventListener("close", onChange(reload));
  reload();
}

const describe = ({ name, artifact_count: count }) =>
  `${quote(name)} holds ${pluralize(count, "artifact", "artifacts")}. They stay in the collection. `
  + "The group cannot be restored.";
