/** The dialog that adds tags to an artifact and removes them from it. */

import { path, read, write } from "./api.js";
import { publishChange } from "./events.js";
import { openDialog } from "./dialog.js";
import { createRunner, debounce, h, pluralize, quote, replaceKeepingFocus } from "./dom.js";
import { findNameProblem } from "./row_form.js";

const SUGGESTIONS = 20;
const PAUSE = 150;
const LONGEST = 100;

export function openTagEditor(artifact) {
  const where = path`/artifacts/${artifact.id}/tags`;
  const runLatest = createRunner();
  const list = h("ul", { class: "movable" });
  const note = h("p", { class: "note", role: "status" });
  const said = h("p", { class: "said", role: "alert" });
  const known = h("datalist", { id: "known-tags" });
  const input = h("input", {
    id: "new-tag", list: "known-tags", autocomplete: "off", spellcheck: "false", autofocus: true, dir: "auto",
  });

  const show = (tags) => {
    replaceKeepingFocus(list, tags.map((tag) => h("li", {},
      h("span", { class: "name", dir: "auto", title: tag.name }, tag.name),
      h("button", {
        type: "button", class: "quiet", "data-focus": `untag ${tag.id}`, "aria-label": `Remove ${tag.name}`,
        click: () => attempt(() => untag(tag), `Removed ${quote(tag.name)}.`),
      }, "Remove"))), () => () => input);
    if (tags.length === 0) note.textContent ||= "No tag yet.";
  };
  const attempt = async (act, done) => {
    said.textContent = "";
    note.textContent = "";
    try {
      await act();
      note.textContent = done;
      publishChange({});
    } catch (error) {
      said.textContent = error.message;
    } finally {
      await load();
    }
  };
  const load = () => read(where).then(({ data }) => show(data), (error) => {
    said.textContent = error.message;
  });
  const untag = async ({ id }) => {
    try {
      await write("DELETE", `${where}/${encodeURIComponent(id)}`);
    } catch (error) {
      // The artifact had the tag no more.
      if (error.status !== 404) throw error;
    }
  };
  const add = async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    await attempt(async () => {
      for (const name of await splitNames(text)) {
        checkName(name);
        const tag = await findTag(name) ?? (await write("POST", "/tags", { name })).data;
        await write("POST", `${where}/${encodeURIComponent(tag.id)}`);
      }
      // Keep what the user has typed since.
      if (input.value.trim() === text) input.value = "";
    }, `Added ${quote(text)}.`);
    input.focus();
  };
  const suggest = () => {
    const q = input.value.trim();
    if (q === "") return null;
    return runLatest(async (signal) => {
      const { data } = await read("/tags/search", { query: { q, limit: SUGGESTIONS }, signal });
      known.replaceChildren(...data.map(({ name, artifact_count: count }) =>
        h("option", { value: name, label: `${name} (${pluralize(count, "artifact", "artifacts")})` })));
    }).catch(() => {
      // Without suggestions the user can still type a tag.
    });
  };

  openDialog(`Tags of ${artifact.name}`, (close) => [
    list, note,
    h("form", { novalidate: true, submit: add },
      h("label", { for: "new-tag" }, "Add a tag"), input, known,
      said,
      h("div", { class: "choices" },
        h("button", { type: "submit" }, "Add"),
        h("button", { type: "button", class: "main", click: close }, "Done"))),
  ]);
  input.addEventListener("input", debounce(suggest, PAUSE));
  load();
}

/** Split a list at its commas, unless a tag has the whole text as its name. */
async function splitNames(text) {
  if (!text.includes(",") || (await findTag(text)) !== undefined) return [text];
  return text.split(",").map((name) => name.trim()).filter(Boolean);
}

async function findTag(name) {
  if (name === "") return undefined;
  const { data } = await read("/tags/search", { query: { q: name, limit: 100 } });
  return data.find((tag) => tag.name === name);
}

function checkName(name) {
  const length = [...name].length;
  if (length > LONGEST) throw new Error(`Shorten the tag to ${LONGEST} characters: it has ${length}.`);
  if (findNameProblem(name) !== null) throw new Error("Enter a tag: this one has no visible character.");
}
