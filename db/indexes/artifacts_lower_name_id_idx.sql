-- Indexes artifacts from A to Z, in upper or lower case.

create index concurrently artifacts_lower_name_id_idx on artifacts (
    (lower(name collate "default") collate "C"), id
);
