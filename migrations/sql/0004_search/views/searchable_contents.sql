-- The column that search_artifacts() compares: the expression of the texts' search index.

create or replace view searchable_contents as
select
    content_hash,
    to_tsvector('pg_catalog.english', lower(regexp_replace(
        left(content, 200000),
        '[-+&./<~\u00a0-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g'
    ) collate "default")) as content_words
from artifact_contents;

comment on view searchable_contents is 'A text by the expression of its search index.';
