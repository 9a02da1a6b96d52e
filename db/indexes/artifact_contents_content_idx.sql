<%namespace name="search" file="/indexes/search_expressions.mako"/>\
-- Indexes the texts of versions for search_artifacts(): their words.

create index concurrently artifact_contents_content_idx on artifact_contents using gin (
    ${search.stems(capture(search.first_of_content))}
);
