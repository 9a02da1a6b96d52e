/** The filters above the list: they are the address, and the address is they. */

import { address, go, onMove, within } from "./url_state.js";
import { read } from "./api.js";
import { byId, counted, h, latest, settled } from "./dom.js";
import { TYPES, typeName } from "./sorting.js";

const PAUSE = 200;
const SUGGESTIONS = 100;
const only = latest();

export function startFilters() {
  byId("type").append(h("option", { value: "" }, "Any"), ...TYPES.map(option));
  byId("filters").addEventListener("submit", (event) => {
    event.preventDefault();
    search();
    choose("tag");
  });
  byId("search").addEventListener("input", settled(search, PAUSE));
  byId("type").addEventListener("change", () => choose("type"));
  byId("tag").addEventListener("change", () => choose("tag"));
  byId("tag").addEventListener("focus", suggest);
  byId("tag").addEventListener("input", settled(suggest, PAUSE));
  byId("clear").addEventListener("click", () => {
    go(within({ type: null, tag: null, search: null }));
    byId("search").focus();
  });
  onMove(show);
  show();
}

const option = (type) => h("option", { value: type }, typeName(type));

/** Typing on is one step back, not one for each letter. */
function search() {
  const text = byId("search").value.trim();
  go(within({ search: text }), { replace: Boolean(address().search) && text !== "" });
}

const choose = (key) => go(within({ [key]: byId(key).value.trim() }));

function show() {
  const place = address();
  if (place.type && ![...byId("type").options].some(({ value }) => value === place.type)) {
    byId("type").append(option(place.type));
  }
  for (const key of ["search", "type", "tag"]) {
    const text = place[key] ?? "";
    if (byId(key).value.trim() !== text) byId(key).value = text;
  }
  byId("clear").hidden = !place.search && !place.type && !place.tag;
}

function suggest() {
  const query = { q: byId("tag").value.trim(), limit: SUGGESTIONS };
  return only(async (signal) => {
    const { data } = await read(query.q ? "/tags/search" : "/tags", { query, signal });
    const tags = data.items ?? data;
    byId("tags").replaceChildren(...tags.map(({ name, artifact_count: count }) =>
      h("option", { value: name, label: `${name} (${counted(count, "artifact", "artifacts")})` })));
  }).catch(() => {
    // Without suggestions a tag is typed.
  });
}
