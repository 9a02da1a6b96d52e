-- Finds artifacts by words and by pieces of names. It reads the tables themselves, so it is exact
-- in every snapshot, and it reads them by index, one scan for each way in which a term may be
-- found. What it costs grows with what each of its terms finds, not with the catalogue.
--
-- A search is split at white space. An artifact is found if each term is found in it:
--   * as a piece of its name, whatever is in the piece;
--   * as words of its name, or of its title and description (their first 100,000 characters): each
--     word of the term has the same stem as one there, or begins one;
--   * as a piece or as words of the name of a tag.
-- Case does not matter, as far as the database's locale knows it. Stop words and punctuation are
-- sought, as pieces, only where there is nothing else. A blank search finds nothing.
--
-- An artifact's rank is the sum of what its terms are worth, each at its best:
--   32  the search as a whole is the name
--   16  the name begins with the term
--    8  words of the name
--    4  a piece of the name
--    2  a tag
--    1  words of the title and description
-- It depends on the search and on the artifact alone, so (rank, artifact_id) can be a cursor.

create function search_artifacts(search text)
    returns table (artifact_id text, rank integer)
    language sql
    stable
    strict
    security definer
    set search_path from current
    -- What many rows are expected of is compiled, which takes longer than all the rest.
    set jit = off
as $$
    with terms as materialized (
        select t.term, t.words, t.pieces from search_terms(search) as t
    ),

    tagged as (
        select t.term, g.id
        from terms as t
        inner join searched_tags as g on g.name_words @@ t.words

        union

        select t.term, g.id
        from terms as t
        inner join searched_tags as g on g.name_pieces @@ t.pieces
        where strpos(g.name, t.term) > 0
    ),

    found as (
        select
            a.id,
            t.term,
            case
                when a.name = lower(btrim(search)) then 32
                when starts_with(a.name, t.term) then 16
                else 4
            end as weight
        from terms as t
        inner join searched_artifacts as a on a.name_pieces @@ t.pieces
        where strpos(a.name, t.term) > 0

        union all

        select a.id, t.term, 8
        from terms as t
        inner join searched_artifacts as a on a.name_words @@ t.words

        union all

        select x.artifact_id, t.term, 2
        from tagged as t
        cross join lateral (
            -- Apart, so that it is read by tag however many tags are expected.
            select l.artifact_id from artifact_tags as l where l.tag_id = t.id offset 0
        ) as x

        union all

        select a.id, t.term, 1
        from terms as t
        inner join searched_artifacts as a on a.words @@ t.words
    )

    select b.id, sum(b.weight)::integer
    from (
        select f.id, f.term, max(f.weight) as weight from found as f group by f.id, f.term
    ) as b
    group by b.id
    having count(*) = (select count(*) from terms);
$$;

revoke execute on function search_artifacts(text) from public;

comment on function search_artifacts(text) is
    'The artifacts in which every term of a search is found, and a rank: larger is better.';
