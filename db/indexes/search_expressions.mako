<%doc>
    The expressions of the search indexes, which the search repeats. The planner uses an index only
    if the two expressions are identical.

    They call built-in functions only: every role that writes a row would need EXECUTE on any other.
    lower() takes the collation "default", the database's locale, because names have collation "C", in
    which only ASCII letters have case.
</%doc>
<%doc>
    The text with its words apart. PostgreSQL's parser reads numbers with signs, hyphenated words, hosts,
    paths, entities and tags as one word each, and these signs of ASCII make them. All other punctuation
    of ASCII separates words without help. Each replacement takes a microsecond.
</%doc>
<%def name="separate_words(text)">regexp_replace(
        ${text},
        '[-+&./<~\u00a0-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g'
    )</%def>
<%doc>
    The stems of the words, which are split in the same way in every locale.
</%doc>
<%def name="stems(text)">to_tsvector('pg_catalog.english', lower(${separate_words(text)} collate "default"))</%def>
<%doc>
    All substrings of three characters, and the shorter ones at the end: every substring of one to three
    characters is one of them or a prefix of one. The separator is a line feed, which no name contains.
</%doc>
<%def name="trigrams(name)">\
<% lowered = f'lower({name} collate "default")' %>\
array_to_tsvector(array_remove(string_to_array(regexp_replace(
        ${lowered}
        || E'\n' || substr(${lowered}, 2)
        || E'\n' || substr(${lowered}, 3),
        '(.{3})', E'\\1\n', 'gn'
    ), E'\n'), ''))</%def>
<%doc>
    Texts, cut to lengths whose words always fit into a tsvector.
</%doc>
<%def name="first_of_content()">left(content, 200000)</%def>
<%def name="title_and_description()">left(coalesce(title, '') || ' ' || coalesce(description, ''), 100000)</%def>
