<%namespace name="searched" file="/indexes/searched.mako"/>\
-- What search_artifacts() finds tags by: the words of a name, and its pieces.

create index concurrently tags_name_idx on tags using gin (
    ${searched.words("name")},
    ${searched.pieces("name")}
);
