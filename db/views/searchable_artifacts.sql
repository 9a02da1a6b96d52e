<%namespace name="search" file="/indexes/search_expressions.mako"/>\
-- The columns that search_artifacts() compares: the expressions of the artifacts' search index.

create or replace view searchable_artifacts as
select
    id,
    lower(name collate "default") as name,
    ${search.stems("name")} as name_words,
    ${search.stems(capture(search.title_and_description))} as text_words,
    ${search.trigrams("name")} as name_trigrams
from artifacts;

comment on view searchable_artifacts is 'An artifact by the expressions of its search index.';
