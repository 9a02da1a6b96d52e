<%namespace name="searched" file="/indexes/searched.mako"/>\
-- An artifact as search_artifacts() looks at it: column by column what its index holds.

create view searched_artifacts as
select
    id,
    lower(name collate "default") as name,
    ${searched.words("name")} as name_words,
    ${searched.words(capture(searched.about))} as words,
    ${searched.pieces("name")} as name_pieces
from artifacts;

comment on view searched_artifacts is 'An artifact as search_artifacts() looks at it.';
