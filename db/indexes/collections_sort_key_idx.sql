<%namespace name="sort" file="/indexes/sort_key.mako"/>\
-- Indexes collections from A to Z: the expression of collection_summaries.sort_key.

create index concurrently collections_sort_key_idx on collections (
    (${sort.sort_key()})
);
