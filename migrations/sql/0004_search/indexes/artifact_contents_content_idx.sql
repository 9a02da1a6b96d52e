-- Indexes the texts of versions for search_artifacts(): their words.

create index concurrently artifact_contents_content_idx on artifact_contents using gin (
    to_tsvector('pg_catalog.english', lower(regexp_replace(
        left(content, 200000),
        '[-+&./<~\u00a0-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g'
    ) collate "default"))
);
