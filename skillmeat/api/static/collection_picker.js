/** The dialog that adds artifacts to collections and groups: a checkbox for each of them. */

import { getUrlState } from "./url_state.js";
import { read } from "./api.js";
import { createBadge, updateCount } from "./counts.js";
import { openDialog } from "./dialog.js";
import { debounce, formatNumber, h, createRunner, pluralize, quote, replaceKeepingFocus } from "./dom.js";
import { createCollection } from "./collection_forms.js";
import { setInGroup } from "./group_members.js";
import { addToCollection, describe, removeFromCollection } from "./memberships.js";
import { reportError } from "./messages.js";
import { compareByName } from "./sorting.js";

const PAGE = 100;
const PAUSE = 150;

export function openCollectionPicker(artifacts) {
  const known = new Map(artifacts.flatMap(({ collections }) => collections.map((each) => [each.id, each])));
  const countMembers = (id) => artifacts.filter((each) => each.collections.some((some) => some.id === id)).length;
  const members = new Map([...known.keys()].map((id) => [id, countMembers(id)]));
  const which = artifacts.length === 1 ? artifacts[0].name : describe(artifacts);
  const groups = h("fieldset", { class: "ticks", hidden: true });
  const list = h("ul", { class: "ticks" });
  const note = h("p", { class: "note", role: "status" });
  const said = h("p", { class: "said", role: "alert" });
  const more = h("button", { type: "button", class: "quiet", hidden: true }, "Show more");
  const make = h("button", { type: "button", class: "quiet", hidden: true });
  const input = h("input", {
    id: "find-to-add", type: "search", autocomplete: "off", spellcheck: "false", autofocus: true,
    placeholder: "Search, or name a new collection", "aria-label": "Search collections",
  });
  const runLatest = createRunner();
  let cursor = null;
  let listed = [];

  const tick = (collection) => {
    const state = () => members.get(collection.id) ?? 0;
    return createTick(`collection ${collection.id}`, collection.name, createBadge(collection.id), {
      mark: (box) => {
        box.checked = state() === artifacts.length;
        box.indeterminate = state() > 0 && state() < artifacts.length;
      },
      act: async (wanted) => {
        const succeeded = await (wanted ? addToCollection : removeFromCollection)(artifacts, collection);
        if (succeeded) members.set(collection.id, wanted ? artifacts.length : 0);
      },
    });
  };

  /** Show the first collections by name, or those after the last one; the artifacts' own come first. */
  const show = ({ isNext = false } = {}) => runLatest(async (signal) => {
    const search = input.value.trim();
    const query = { search, sort: "name", limit: PAGE, after: isNext ? cursor : null };
    const { data, asOf } = await read("/user-collections", { query, signal });
    data.items.forEach((each) => updateCount(each.id, each.artifact_count, asOf));
    const own = search ? [] : [...known.values()].sort(compareByName);
    const start = isNext ? listed : own;
    const here = new Set(start.map(({ id }) => id));
    listed = [...start, ...data.items.filter(({ id }) => !here.has(id))];
    replaceKeepingFocus(list, listed.map(tick));
    if (isNext) list.children[start.length]?.querySelector("input").focus();
    else list.scrollTo({ top: 0 });
    const { has_next_page: isMore, end_cursor: end, total_count: total } = data.page_info;
    cursor = end;
    more.hidden = !isMore;
    note.textContent = isMore ? `${formatNumber(listed.length)} of ${pluralize(total, "collection", "collections")}.`
      : listed.length === 0 ? "No collection has this text in its name." : "";
    make.hidden = !search || listed.some(({ name }) => name === search);
    make.textContent = `Create ${quote(search)} and add`;
  }).catch(reportError("The collections could not be read", show));

  make.addEventListener("click", async () => {
    if (make.getAttribute("aria-disabled")) return;
    make.setAttribute("aria-disabled", "true");
    try {
      await addToCollection(artifacts, await createCollection(input.value.trim()));
      input.value = "";
      input.focus();
      await show();
    } catch (error) {
      said.textContent = error.message;
    } finally {
      make.removeAttribute("aria-disabled");
    }
  });
  more.addEventListener("click", () => show({ isNext: true }));
  input.addEventListener("input", debounce(() => show(), PAUSE));

  const content = (close) => [
    h("p", { class: "which", dir: "auto", title: artifacts[0].id }, which), groups, input, list, note, more,
    make, said,
    h("div", { class: "choices" },
      h("button", { type: "button", class: "main", click: close }, "Done")),
  ];
  openDialog("Add to collections", content, { class: "choosing", closedby: "any" });
  show();
  showGroups(groups, artifacts).catch(reportError("The groups could not be read"));
}

/** Show a checkbox for each group of the collection that the page shows, if it contains the artifacts. */
async function showGroups(fieldset, artifacts) {
  const { collection: id } = getUrlState();
  const collection = artifacts[0].collections.find((each) => each.id === id);
  if (!artifacts.every(({ collections }) => collections.some((each) => each.id === id))) return;
  const query = { collection_id: id };
  const only = artifacts.length === 1 ? artifacts[0].id : null;
  const [all, own] = await Promise.all([
    read("/groups", { query }),
    only === null ? null : read("/groups", { query: { ...query, artifact_id: only } }),
  ]);
  if (all.data.groups.length === 0) return;
  // Which of several artifacts a group has, only each group could tell.
  const members = new Map(all.data.groups.map((group) => [group.id, null]));
  if (own) members.forEach((_, key) => members.set(key, own.data.groups.some((each) => each.id === key)));
  fieldset.append(h("legend", {}, `Groups of ${quote(collection.name)}`), h("ul", {}, all.data.groups.map(
    (group) => createTick(`group ${group.id}`, group.name, null, {
      mark: (box) => {
        box.checked = members.get(group.id) === true;
        box.indeterminate = members.get(group.id) === null;
      },
      act: async (wanted) => {
        if (await setInGroup(artifacts, group, wanted)) members.set(group.id, wanted);
      },
    }))));
  fieldset.hidden = false;
}

function createTick(key, name, badge, { mark, act }) {
  const box = h("input", { type: "checkbox", "data-focus": `tick ${key}` });
  let isActing = false;
  box.addEventListener("change", async () => {
    // One request after the other, because the server may receive two in another order.
    if (isActing) return;
    isActing = true;
    for (let wanted = null; wanted !== box.checked;) {
      wanted = box.checked;
      await act(wanted);
    }
    isActing = false;
    // A search may have replaced the box.
    document.querySelectorAll(`[data-focus="${CSS.escape(box.dataset.focus)}"]`).forEach(mark);
  });
  mark(box);
  return h("li", {}, h("label", { title: name }, box, h("span", { class: "name", dir: "auto" }, name), badge));
}
