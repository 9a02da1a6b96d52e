<%doc>
    What is searched, as the indexes hold it and as a search asks for it. Both have to say the same
    to the letter, or the index is not used.

    Nothing but built-in functions: a function of ours would have to be executable by everybody who
    may write a row. Case is that of the database's locale, named because names have collation "C",
    in which only ASCII has any.
</%doc>
<%def name="spaced(text)">regexp_replace(
        ${text},
        '[!-/:-@[-`{-~\u00a0-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g'
    )</%def>
<%doc>
    The stems of the words. Punctuation is taken out before, so that paths, hosts and words with
    hyphens fall apart, whatever the locale takes for a letter.
</%doc>
<%def name="words(text)">to_tsvector('pg_catalog.english', lower(${spaced(text)} collate "default"))</%def>
<%doc>
    All pieces of three characters, and the shorter ones at its end: any piece of one to three
    characters is one of them or the beginning of one. No name holds a line feed.
</%doc>
<%def name="pieces(name)">\
<% lowered = f'lower({name} collate "default")' %>\
array_to_tsvector(array_remove(string_to_array(regexp_replace(
        ${lowered}
        || E'\n' || substr(${lowered}, 2)
        || E'\n' || substr(${lowered}, 3),
        '(.{3})', E'\\1\n', 'gn'
    ), E'\n'), ''))</%def>
<%doc>
    As much of title and description as a tsvector has room for, whatever is in it.
</%doc>
<%def name="about()">left(coalesce(title, '') || ' ' || coalesce(description, ''), 100000)</%def>
