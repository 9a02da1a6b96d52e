-- Indexes artifacts for search_artifacts(): the words of the name, the words of title and
-- description, and the substrings of the name.

create index concurrently artifacts_name_title_description_idx on artifacts using gin (
    to_tsvector('pg_catalog.english', lower(regexp_replace(
        name,
        '[-+&./<~\u00a0-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g'
    ) collate "default")),
    to_tsvector('pg_catalog.english', lower(regexp_replace(
        left(coalesce(title, '') || ' ' || coalesce(description, ''), 100000),
        '[-+&./<~\u00a0-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g'
    ) collate "default")),
    array_to_tsvector(array_remove(string_to_array(regexp_replace(
        lower(name collate "default")
        || E'\n' || substr(lower(name collate "default"), 2)
        || E'\n' || substr(lower(name collate "default"), 3),
        '(.{3})', E'\\1\n', 'gn'
    ), E'\n'), ''))
);
