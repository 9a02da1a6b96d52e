/** The filters above the list; the URL holds their state. */

import { createLink, getUrlState, navigate, onNavigate, hrefWith } from "./url_state.js";
import { read } from "./api.js";
import { byId, pluralize, h, createRunner, debounce, onTyping, replaceKeepingFocus } from "./dom.js";
import { TYPES, typeName } from "./sorting.js";

const PAUSE = 200;
const SUGGESTIONS = 100;
const runLatest = createRunner();

export function startFilters() {
  byId("type").append(h("option", { value: "" }, "Any"), ...TYPES.map(option));
  byId("filters").addEventListener("submit", (event) => {
    event.preventDefault();
    search();
    addTag();
  });
  onTyping(byId("search"), search, PAUSE);
  for (const key of ["type", "sort"]) {
    byId(key).addEventListener("change", () => refine({ [key]: byId(key).value }));
  }
  byId("tag").addEventListener("change", addTag);
  byId("tag").addEventListener("focus", suggest);
  byId("tag").addEventListener("input", debounce(suggest, PAUSE));
  byId("clear").addEventListener("click", () => {
    navigate(hrefWith({ type: null, tags: [], search: null }));
    byId("search").focus();
  });
  onNavigate(show);
  show();
}

const option = (type) => h("option", { value: type }, typeName(type));

const typed = () => byId("search").value.trim();

/** Change filters; what the user has just typed into the search counts. */
const refine = (change) => navigate(hrefWith({ search: typed(), ...change }));

/** Search; further typing replaces the history entry and adds none. */
function search() {
  const text = typed();
  // Another action has searched before the pause ended, or the user presses Enter again.
  if (text === (getUrlState().search ?? "")) return;
  navigate(hrefWith({ search: text }), { replace: Boolean(getUrlState().search) && text !== "" });
}

function addTag() {
  const tag = byId("tag").value.trim();
  byId("tag").value = "";
  const { tags } = getUrlState();
  if (tag && !tags.includes(tag)) refine({ tags: [...tags, tag] });
}

function show() {
  const place = getUrlState();
  if (place.type && ![...byId("type").options].some(({ value }) => value === place.type)) {
    byId("type").append(option(place.type));
  }
  for (const key of ["search", "type", "sort"]) {
    const text = place[key] ?? "";
    if (byId(key).value.trim() !== text) byId(key).value = text;
  }
  byId("sort").options[0].text = place.search ? "Best match"
    : place.group ? "Order of the group" : "Type and name";
  showTags(place.tags);
  byId("clear").hidden = !place.search && !place.type && place.tags.length === 0;
}

/** Show the tags of which an artifact must have one, each with a link that removes it. */
function showTags(tags) {
  const without = (tag) => () => hrefWith({ tags: getUrlState().tags.filter((each) => each !== tag) });
  const links = tags.map((tag) => h("li", {}, createLink(without(tag), {
    dir: "auto", "aria-label": `${tag}: remove this filter`, "data-focus": `without ${tag}`,
  }, tag)));
  byId("chosen-tags").hidden = tags.length === 0;
  replaceKeepingFocus(byId("chosen-tags"), links, () => () => byId("tag"));
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
