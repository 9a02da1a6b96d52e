-- A tag as search_artifacts() looks at it: column by column what its index holds.

create view searched_tags as
select
    id::text,
    lower(name collate "default") as name,
    to_tsvector('pg_catalog.english', lower(regexp_replace(
        name,
        '[!-/:-@[-`{-~\u00a0-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g'
    ) collate "default")) as name_words,
    array_to_tsvector(array_remove(string_to_array(regexp_replace(
        lower(name collate "default")
        || E'\n' || substr(lower(name collate "default"), 2)
        || E'\n' || substr(lower(name collate "default"), 3),
        '(.{3})', E'\\1\n', 'gn'
    ), E'\n'), '')) as name_pieces
from tags;

comment on view searched_tags is 'A tag as search_artifacts() looks at it.';
