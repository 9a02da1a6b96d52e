<%namespace name="search" file="/indexes/search_expressions.mako"/>\
-- The columns that search_artifacts() compares: the expressions of the tags' search index.

create or replace view searchable_tags as
select
    id::text,
    lower(name collate "default") as name,
    ${search.stems("name")} as name_words,
    ${search.trigrams("name")} as name_trigrams
from tags;

comment on view searchable_tags is 'A tag by the expressions of its search index.';
