<%namespace name="search" file="/indexes/search_expressions.mako"/>\
-- The column that search_artifacts() compares: the expression of the texts' search index.

create or replace view searchable_contents as
select
    content_hash,
    ${search.stems(capture(search.first_of_content))} as content_words
from artifact_contents;

comment on view searchable_contents is 'A text by the expression of its search index.';
