/** The filters above the list; the URL holds their state. */

import { getUrlState, navigate, onNavigate, hrefWith } from "./url_state.js";
import { read } from "./api.js";
import { byId, pluralize, h, createRunner, debounce } from "./dom.js";
import { TYPES, typeName } from "./sorting.js";

const PAUSE = 200;
const SUGGESTIONS = 100;
const runLatest = createRunner();

export function startFilters() {
  byId("type").append(h("option", { value: "" }, "Any"), ...TYPES.map(option));
  byId("filters").addEventListener("submit", (event) => {
    event.preventDefault();
    search();
    choose("tag");
  });
  byId("search").addEventListener("input", debounce(search, PAUSE));
  byId("type").addEventListener("change", () => choose("type"));
  byId("tag").addEventListener("change", () => choose("tag"));
  byId("tag").addEventListener("focus", suggest);
  byId("tag").addEventListener("input", debounce(suggest, PAUSE));
  byId("clear").addEventListener("click", () => {
    navigate(hrefWith({ type: null, tag: null, search: null }));
    byId("search").focus();
  });
  onNavigate(show);
  show();
}

const option = (type) => h("option", { value: type }, typeName(type));

/** Search; further typing replaces the history entry and adds none. */
function search() {
  const text = byId("search").value.trim();
  navigate(hrefWith({ search: text }), { replace: Boolean(getUrlState().search) && text !== "" });
}

const choose = (key) => navigate(hrefWith({ [key]: byId(key).value.trim() }));

function show() {
  const place = getUrlState();
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
  return runLatest(async (signal) => {
    const { data } = await read(query.q ? "/tags/search" : "/tags", { query, signal });
    const tags = data.items ?? data;
    byId("tags").replaceChildren(...tags.map(({ name, artifact_count: count }) =>
      h("option", { value: name, label: `${name} (${pluralize(count, "artifact", "artifacts")})` })));
  }).catch(() => {
    // Without suggestions the user can still type a tag.
  });
}
