<%namespace name="searched" file="/indexes/searched.mako"/>\
-- What search_artifacts() finds artifacts by: the words of a name, those of a title and
-- description, and the pieces of a name.

create index concurrently artifacts_name_title_description_idx on artifacts using gin (
    ${searched.words("name")},
    ${searched.words(capture(searched.about))},
    ${searched.pieces("name")}
);
