-- The columns that search_artifacts() compares: the expressions of the tags' search index.

create or replace view searchable_tags as
select
    id::text,
    lower(name collate "default") as name,
    to_tsvector('pg_catalog.english', lower(regexp_replace(
        name,
        '[-+&./<~\u00a0-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g'
    ) collate "default")) as name_words,
    array_to_tsvector(array_remove(string_to_array(regexp_replace(
        lower(name collate "default")
        || E'\n' || substr(lower(name collate "default"), 2)
        || E'\n' || substr(lower(name collate "default"), 3),
        '(.{3})', E'\\1\n', 'gn'
    ), E'\n'), '')) as name_trigrams
from tags;

comment on view searchable_tags is 'A tag by the expressions of its search index.';
