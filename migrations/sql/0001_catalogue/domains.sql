-- The texts that a column accepts. A name has a character that can be seen: neither a space nor one
-- without width, such as U+200B. A domain is checked when the text is written; a CHECK of the
-- table would be evaluated again whenever a count of the row is settled.

create domain catalogue_name as text collate "C"
    constraint name_is_short_printable_and_trimmed check (
        char_length(value) between 1 and 255
        and value !~ '[\u0001-\u001f\u007f-\u009f]'
        and value ~ '[^ \u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5'
            '\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f'
            '\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0]'
        and value = btrim(value)
    );

create domain tag_name as text collate "C"
    constraint tag_is_short_printable_and_trimmed check (
        char_length(value) between 1 and 100
        and value !~ '[\u0001-\u001f\u007f-\u009f]'
        and value ~ '[^ \u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5'
            '\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f'
            '\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0]'
        and value = btrim(value)
    );

create domain type_name as text collate "C"
    constraint type_is_an_identifier check (
        value ~ '^[a-z][a-z0-9_]*$' and char_length(value) <= 255
    );

comment on domain catalogue_name is
    '1 to 255 characters, one of them visible, no control characters, no space at either end.';
comment on domain tag_name is
    '1 to 100 characters, one of them visible, no control characters, no space at either end.';
comment on domain type_name is 'Lowercase letters, digits and underscores, a letter first.';
