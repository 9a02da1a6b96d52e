/** Forms of the texts of a row, such as its name, which overwrite no edit of another client. */

import { write } from "./api.js";
import { publishChange } from "./events.js";
import { openForm } from "./dialog.js";
import { h, quote } from "./dom.js";
import { showMessage } from "./messages.js";

const LONGEST = 255;
// Spaces, and the characters that have no width.
const INVISIBLE = /[\s\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** Return what is wrong with a name and what to do, or null. */
export function findNameProblem(name) {
  if (name.replace(INVISIBLE, "") === "") return "Enter a name: this one has no visible character.";
  const length = [...name].length;
  return length > LONGEST ? `Shorten the name to ${LONGEST} characters: it has ${length}.` : null;
}

const FIELDS = {
  name: { label: "Name", findProblem: findNameProblem },
  description: { label: "Description", rows: 3 },
};

/** Open the form of a new row; `create` gets its name and description and returns what to do next. */
export function openCreateForm(title, create) {
  openForm(title, createFields({}, FIELDS), {
    button: "Create",
    act: async (form) => create(readForm(form, FIELDS)),
  });
}

/**
 * Open the form of a row and save what changes; if another client has edited the row, show both.
 * `fields` are the editable texts by their keys, and `toRow` makes a row of a document of the API.
 */
export function openEditForm(title, row, where, { fields = FIELDS, toRow = (document) => document } = {}) {
  let known = row;
  openForm(title, createFields(row, fields), {
    button: "Save",
    act: async (form) => {
      const wanted = readForm(form, fields, known);
      const change = Object.fromEntries(
        Object.entries(wanted).filter(([key, value]) => value !== (known[key] ?? "")),
      );
      if (Object.keys(change).length === 0) return null;
      await write("PUT", where, change, { ifUpdatedAt: known.updated_at }).catch((error) => {
        // The first attempt has saved it, but its answer was lost.
        if (error.status !== 412 || !contains(toRow(error.current), change)) throw error;
      });
      publishChange({});
      return () => showMessage(`Saved ${quote(wanted.name ?? row.name)}.`);
    },
    explain: (error, form) => {
      if (error.status !== 412) return null;
      const now = toRow(error.current);
      const explained = compareVersions(known, now, form, fields);
      known = now;
      return explained;
    },
  });
}

const contains = (row, change) => Object.entries(change).every(([key, value]) => value === (row[key] ?? ""));

function createFields(row, fields) {
  return Object.entries(fields).flatMap(([key, { label, rows }], at) => {
    const given = { id: key, name: key, dir: "auto", autofocus: at === 0 };
    const field = rows === undefined ? h("input", { ...given, autocomplete: "off" }) : h("textarea", { ...given, rows });
    fill(field, row[key]);
    return [h("label", { for: key }, label), field];
  });
}

// What the browser makes of a text that the user does not touch, such as other ends of lines.
const untouched = new WeakMap();

function fill(field, text) {
  field.value = text ?? "";
  untouched.set(field, field.value);
}

/** Return the text that the user wants: the row's own, unless the user has changed the field. */
const readField = (field, text) => (field.value === untouched.get(field) ? text ?? "" : field.value.trim());

/** Read the fields of a row's form; throw what is wrong with them. */
function readForm({ elements }, fields, row = {}) {
  return Object.fromEntries(Object.entries(fields).map(([key, { findProblem = () => null }]) => {
    const problem = findProblem(elements[key].value);
    if (problem !== null) {
      elements[key].focus();
      throw new Error(problem);
    }
    return [key, readField(elements[key], row[key])];
  }));
}

/** Show both versions, and take over what only the other client has changed. */
function compareVersions(before, now, { elements }, fields) {
  const rows = Object.entries(fields).flatMap(([key, { label }]) => {
    const [old, theirs] = [before[key] ?? "", now[key] ?? ""];
    const mine = readField(elements[key], old);
    if (mine === theirs) return [];
    if (mine === old) fill(elements[key], theirs);
    return [h("tr", {},
      h("th", { scope: "row" }, label),
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
