/** Forms of a row's name and description, which overwrite no edit of another client. */

import { write } from "./api.js";
import { publishChange } from "./events.js";
import { openForm } from "./dialog.js";
import { h, quote } from "./dom.js";
import { showMessage } from "./messages.js";

const LABELS = { name: "Name", description: "Description" };
const LONGEST = 255;
// Spaces, and the characters that have no width.
const INVISIBLE = /[\s\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Return what is wrong with a name and what to do, or null. */
export function findNameProblem(name) {
  if (name.replace(INVISIBLE, "") === "") return "Enter a name: this one has no visible character.";
  const length = [...name].length;
  return length > LONGEST ? `Shorten the name to ${LONGEST} characters: it has ${length}.` : null;
}

/** Open the form of a new row; `create` gets its name and description and returns what to do next. */
export function openCreateForm(title, create) {
  openForm(title, createFields({}), { button: "Create", act: async (form) => create(readForm(form)) });
}

/** Open the form of a row and save what changes; if another client has edited the row, show both. */
export function openEditForm(title, row, where) {
  let known = row;
  openForm(title, createFields(row), {
    button: "Save",
    act: async (form) => {
      const wanted = readForm(form);
      const change = Object.fromEntries(
        Object.entries(wanted).filter(([key, value]) => value !== (known[key] ?? "")),
      );
      if (Object.keys(change).length === 0) return null;
      await write("PUT", where, change, { ifUpdatedAt: known.updated_at });
      publishChange({});
      return () => showMessage(`Saved ${quote(wanted.name)}.`);
    },
    explain: (error, form) => {
      if (error.status !== 412) return null;
      const explained = compareVersions(known, error.current, form);
      known = error.current;
      return explained;
    },
  });
}

const createFields = ({ name = "", description = "" }) => [
  h("label", { for: "name" }, LABELS.name),
  h("input", { id: "name", name: "name", value: name, autofocus: true, autocomplete: "off", dir: "auto" }),
  h("label", { for: "description" }, LABELS.description),
  h("textarea", { id: "description", name: "description", rows: 3, dir: "auto" }, description ?? ""),
];

/** Read the fields; throw what is wrong with them. */
function readForm({ elements: { name, description } }) {
  const problem = findNameProblem(name.value);
  if (problem !== null) {
    name.focus();
    throw new Error(problem);
  }
  return { name: name.value.trim(), description: description.value.trim() };
}

/** Show both versions, and take over what only the other client has changed. */
function compareVersions(before, now, { elements }) {
  const rows = Object.keys(LABELS).flatMap((key) => {
    const [old, theirs] = [before[key] ?? "", now[key] ?? ""];
    const mine = elements[key].value.trim();
    if (mine === theirs) return [];
    if (mine === old) elements[key].value = theirs;
    return [h("tr", {},
      h("th", { scope: "row" }, LABELS[key]),
      ...[theirs, mine].map((text) => h("td", { dir: "auto" }, text || "(empty)")))];
  });
  return [
    h("p", {}, "Another client has changed it since you opened this form. “Save” keeps what the form "
      + "contains now; “Cancel” keeps their version."),
    rows.length > 0 && h("table", {},
      h("thead", {}, h("tr", {}, ["", "Theirs", "Yours"].map((text) => (
        text === "" ? h("td", {}) : h("th", { scope: "col" }, text))))),
      h("tbody", {}, rows)),
  ];
}
