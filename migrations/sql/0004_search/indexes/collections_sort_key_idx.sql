-- Indexes collections from A to Z: the expression of collection_summaries.sort_key.

create index concurrently collections_sort_key_idx on collections (
    ((
        case when id = 'default' then chr(9) else '' end
        || left(
            regexp_replace(regexp_replace(
                lower(
                    regexp_replace(normalize(name, nfkd), '[\u0300-\u036f]+', '', 'g')
                    collate "default"
                ),
                '([0-9]+)', '00000000000\1', 'g'
            ), '0*([0-9]{12})(?![0-9])', '\1', 'g'),
            255
        )
        || chr(9) || name
    ) collate "C")
);
