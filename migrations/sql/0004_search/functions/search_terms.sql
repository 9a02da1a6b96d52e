-- Splits a search into terms, and returns for each its text, a query for its words, and a query for
-- the substrings of a name. No character of a search acts as an operator of a tsquery, because the
-- text of a tsvector is a quoted lexeme.

create or replace function search_terms(search text)
    returns table (term text, words tsquery, substrings tsquery)
    language plpgsql
    stable
    strict
    rows 4
    set search_path from current
as $$
declare
    max_words constant int := 16;
    max_length constant int := 500;
    terms text[];
begin
    if char_length(search) <= max_length then
        terms := array(
            select distinct t.term
            from regexp_split_to_table(lower(search collate "default"), '[[:space:]]+') as t (term)
            where t.term <> ''
            limit max_words + 1
        );
    end if;

    if terms is null or cardinality(terms) > max_words then
        raise invalid_parameter_value using
            message = format(
                'a search has at most %s different words and %s characters', max_words, max_length
            ),
            hint = 'Leave out the most common words.';
    end if;

    return query
    select
        parsed.term,
        parsed.words,
        parsed.substrings
    from (
        select
            t.term,
            w.words,
            p.substrings,
            bool_or(w.words is not null) over () as some_have_words
        from unnest(terms) as t (term)
        cross join lateral (
            -- Match the stem or the prefix, but no prefix of a single letter.
            select string_agg(
                format(
                    '(%s%s | %s)',
                    array_to_tsvector(array[typed.word]),
                    case when octet_length(typed.word) > 1 then ':*' end,
                    typed.stem
                ),
                ' & '
            )::tsquery as words
            from (
                select
                    s.word,
                    strip(to_tsvector('pg_catalog.english', s.word))::text as stem
                from unnest(tsvector_to_array(to_tsvector(
                    'pg_catalog.simple',
                    regexp_replace(
        t.term,
        '[-+&./<~\u00a0-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g'
    )
                ))) as s (word)
            ) as typed
            where typed.stem <> ''
        ) as w
        cross join lateral (
            -- Split the term into trigrams, the last one overlapping. A shorter term is a prefix
            -- of a trigram.
            select string_agg(
                array_to_tsvector(array[
                    substr(t.term, greatest(least(i, char_length(t.term) - 2), 1), 3)
                ])::text
                || case when char_length(t.term) < 3 then ':*' else '' end,
                ' & '
            )::tsquery as substrings
            from generate_series(1, char_length(t.term), 3) as i
        ) as p
    ) as parsed
    where parsed.words is not null or not parsed.some_have_words;
end;
$$;

revoke execute on function search_terms(text) from public;

comment on function search_terms(text) is
    'Returns the distinct terms of a search; terms without a word only if no term has one.';
