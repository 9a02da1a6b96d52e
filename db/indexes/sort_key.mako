<%doc>
    The order of collections from A to Z, `default` first. It uses built-in functions and collation "C":
    an index in the order of a language must be rebuilt after an upgrade of the C library or of ICU.

    From the inside out: accents become separate characters, which are removed; each number gets leading
    zeros up to twelve digits; the key is cut to fit into an index. Names with equal keys are in code
    point order. A tab sorts before every character of a name.
</%doc>
<%def name="sort_key()">(
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
    ) collate "C"</%def>
