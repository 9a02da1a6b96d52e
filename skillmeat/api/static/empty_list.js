/** What the page says in place of the list: why it is empty, or why it could not be read. */

import { collectionHref, createLink, getUrlState, hrefWith } from "./url_state.js";
import { read } from "./api.js";
import { h, quote } from "./dom.js";

const NO_FILTERS = { type: null, tags: [], search: null };
const everythingHref = () => collectionHref(null);
const wholeCollectionHref = () => hrefWith({ group: null });

/** Explain an empty list of a collection and a group, both of which may be null. */
export function explainEmpty(collection, group) {
  const state = getUrlState();
  if (state.group !== null && group === null) {
    return explain("This group does not exist any more.", wholeCollectionHref, "Show the whole collection");
  }
  if (state.type || state.tags.length > 0 || state.search) {
    const unknown = h("p", {});
    nameUnknownTags(state.tags, unknown);
    return [unknown, ...explain("No artifact matches.", () => hrefWith(NO_FILTERS), "Clear filters")];
  }
  if (collection === null) return [h("p", {}, "No artifacts yet. Import some with “skillmeat import”.")];
  if (group !== null) {
    return explain("No artifact is in this group.", wholeCollectionHref, "Show the whole collection");
  }
  const [what, link] = explain(
    "This collection is empty.", everythingHref, "Add artifacts from the list of all artifacts",
  );
  link.dataset.write = "";
  return [what, link];
}

/** Explain why a list could not be read; `again` reads it again. */
export function explainFailure(error, again) {
  const reason = h("p", { role: "alert" }, error.message);
  if (error.status === 404) {
    return [reason, h("p", {}, createLink(everythingHref, {}, "All artifacts"))];
  }
  // The server refuses a filter or a cursor, so the same request would be refused again.
  if ([400, 422].includes(error.status)) {
    const href = () => hrefWith({ ...NO_FILTERS, sort: null });
    return [reason, h("p", {}, createLink(href, {}, "Clear filters"))];
  }
  return [reason, h("button", { type: "button", click: again }, "Try again")];
}

const explain = (what, build, link) => [h("p", {}, what), h("p", {}, createLink(build, {}, link))];

async function nameUnknownTags(tags, line) {
  const unknown = [];
  for (const tag of tags) {
    try {
      const { data } = await read("/tags/search", { query: { q: tag, limit: 100 } });
      if (!data.some(({ name, slug }) => [name, slug].includes(tag))) unknown.push(quote(tag));
    } catch {
      // The line only helps; the list itself has been read.
      return;
    }
  }
  if (unknown.length > 0) {
    line.textContent = `There is no tag ${unknown.join(" and no tag ")}. The field “Tags” suggests those that exist.`;
  }
}
