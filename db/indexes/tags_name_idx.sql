<%namespace name="search" file="/indexes/search_expressions.mako"/>\
-- Indexes tags for search_artifacts(): the words of the name, and its substrings.

create index concurrently tags_name_idx on tags using gin (
    ${search.stems("name")},
    ${search.trigrams("name")}
);
