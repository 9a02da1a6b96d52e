<%namespace name="search" file="/indexes/search_expressions.mako"/>\
-- Indexes artifacts for search_artifacts(): the words of the name, the words of title and
-- description, and the substrings of the name.

create index concurrently artifacts_name_title_description_idx on artifacts using gin (
    ${search.stems("name")},
    ${search.stems(capture(search.title_and_description))},
    ${search.trigrams("name")}
);
