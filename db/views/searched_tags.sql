<%namespace name="searched" file="/indexes/searched.mako"/>\
-- A tag as search_artifacts() looks at it: column by column what its index holds.

create view searched_tags as
select
    id::text,
    lower(name collate "default") as name,
    ${searched.words("name")} as name_words,
    ${searched.pieces("name")} as name_pieces
from tags;

comment on view searched_tags is 'A tag as search_artifacts() looks at it.';
