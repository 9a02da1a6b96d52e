-- Indexes tags for search_artifacts(): the words of the name, and its substrings.

create index concurrently tags_name_idx on tags using gin (
    to_tsvector('pg_catalog.english', lower(regexp_replace(
        name,
        '[-+&./<~\u00a0-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g'
    ) collate "default")),
    array_to_tsvector(array_remove(string_to_array(regexp_replace(
        lower(name collate "default")
        || E'\n' || substr(lower(name collate "default"), 2)
        || E'\n' || substr(lower(name collate "default"), 3),
        '(.{3})', E'\\1\n', 'gn'
    ), E'\n'), ''))
);
