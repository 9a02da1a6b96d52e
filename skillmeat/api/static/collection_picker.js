/** The dialog that adds artifacts to collections: a checkbox for each collection. */

import { read } from "./api.js";
import { createBadge, updateCount } from "./counts.js";
import { openDialog } from "./dialog.js";
import { h, createRunner, formatNumber, quote, replaceKeepingFocus, debounce } from "./dom.js";
import { createCollection } from "./collection_forms.js";
import { addToCollection, describe, removeFromCollection } from "./memberships.js";
import { reportError } from "./messages.js";
import { compareByName } from "./sorting.js";

const PAGE = 100;
const PAUSE = 150;

export function openCollectionPicker(artifacts) {
  const known = new Map(artifacts.flatMap(({ collections }) => collections.map((each) => [each.id, each])));
  const countIn = (id) => artifacts.filter((each) => each.collections.some((some) => some.id === id)).length;
  const members = new Map([...known.keys()].map((id) => [id, countIn(id)]));
  const which = artifacts.length === 1 ? artifacts[0].name : describe(artifacts);
  const list = h("ul", { class: "ticks" });
  const note = h("p", { class: "note", role: "status" });
  const said = h("p", { class: "said", role: "alert" });
  const make = h("button", { type: "button", class: "quiet", hidden: true });
  const input = h("input", {
    id: "find-to-add", type: "search", autocomplete: "off", spellcheck: "false", autofocus: true,
    placeholder: "Search, or name a new collection", "aria-label": "Search collections",
  });
  const runLatest = createRunner();

  const tick = (collection) => {
    const box = h("input", { type: "checkbox", "data-focus": `tick ${collection.id}` });
    const mark = () => {
      const count = members.get(collection.id) ?? 0;
      box.checked = count === artifacts.length;
      box.indeterminate = count > 0 && count < artifacts.length;
    };
    box.addEventListener("change", async () => {
      const wanted = box.checked;
      const succeeded = await (wanted ? addToCollection : removeFromCollection)(artifacts, collection);
      if (succeeded) members.set(collection.id, wanted ? artifacts.length : 0);
      mark();
    });
    mark();
    return h("li", {}, h("label", { title: collection.name },
      box, h("span", { class: "name", dir: "auto" }, collection.name), createBadge(collection.id)));
  };

  const show = () => runLatest(async (signal) => {
    const search = input.value.trim();
    const query = { search, limit: PAGE };
    const { data, asOf } = await read("/user-collections", { query, signal });
    data.items.forEach((each) => updateCount(each.id, each.artifact_count, asOf));
    const found = new Map(data.items.map((each) => [each.id, each]));
    if (!search) known.forEach((each) => found.set(each.id, each));
    const first = (each) => (known.has(each.id) ? 0 : 1);
    const all = [...found.values()].sort((a, b) => first(a) - first(b) || compareByName(a, b));
    replaceKeepingFocus(list, all.map(tick));
    const { has_next_page: more, total_count: total } = data.page_info;
    const shown = `${formatNumber(all.length)} of ${formatNumber(total)}`;
    note.textContent = more ? `${shown}: search to find the others.`
      : all.length === 0 ? "No collection has this text in its name." : "";
    make.hidden = !search || all.some(({ name }) => name === search);
    make.textContent = `Create ${quote(search)} and add`;
  }).catch(reportError("The collections could not be read", show));

  make.addEventListener("click", async () => {
    try {
      await addToCollection(artifacts, await createCollection(input.value.trim()));
      input.value = "";
      input.focus();
      await show();
    } catch (error) {
      said.textContent = error.message;
    }
  });
  input.addEventListener("input", debounce(show, PAUSE));

  const content = (close) => [
    h("p", { class: "which", dir: "auto", title: artifacts[0].id }, which), input, list, note, make, said,
    h("div", { class: "choices" },
      h("button", { type: "button", class: "main", click: close }, "Done")),
  ];
  openDialog("Add to collections", content, { class: "choosing", closedby: "any" });
  show();
}
