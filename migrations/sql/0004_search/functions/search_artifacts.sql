-- Finds artifacts by words and by substrings of names. It reads the tables themselves, so it is
-- exact in every snapshot. Each way to match a term is one index scan, so the cost grows with the
-- matches of each term and not with the catalogue.
--
-- A search is split at white space into terms. An artifact is found if it matches every term:
--   * its name contains the term;
--   * its name, or its title and description (their first 100,000 characters), contain for every
--     word of the term a word with the same stem, or one that begins with it;
--   * the name of one of its tags matches the term in one of these ways;
--   * the text of its newest version (its first 200,000 characters) contains such words.
-- Case is ignored, by the rules of the database's locale. Stop words and punctuation are searched
-- as substrings, and only if the search has no other term. A blank search finds nothing.
--
-- An artifact's rank is the sum over all terms of the best match of each:
--   64  the whole search is the name
--   32  the name begins with the term
--   16  words of the name
--    8  a substring of the name
--    4  a tag
--    2  words of the title and description
--    1  words of the text
-- The rank depends on the search and the artifact alone, so (rank, artifact_id) can be a cursor.

create or replace function search_artifacts(search text)
    returns table (artifact_id text, rank integer)
    language sql
    stable
    strict
    -- By default the planner expects 1,000 matches, and compiles a page that is joined to them.
    rows 100
    security definer
    set search_path from current
    -- The planner expects too many rows; JIT compilation would take longer than the query.
    set jit = off
as $$
    with terms as materialized (
        select t.term, t.words, t.substrings from search_terms(search) as t
    ),

    matching_tags as (
        select t.term, g.id
        from terms as t
        inner join searchable_tags as g on g.name_words @@ t.words

        union

        select t.term, g.id
        from terms as t
        inner join searchable_tags as g on g.name_trigrams @@ t.substrings
        where strpos(g.name, t.term) > 0
    ),

    matches as (
        select
            a.id,
            t.term,
            case
                when a.name = lower(btrim(search)) then 64
                when starts_with(a.name, t.term) then 32
                else 8
            end as weight
        from terms as t
        inner join searchable_artifacts as a on a.name_trigrams @@ t.substrings
        where strpos(a.name, t.term) > 0

        union all

        select a.id, t.term, 16
        from terms as t
        inner join searchable_artifacts as a on a.name_words @@ t.words

        union all

        select x.artifact_id, t.term, 4
        from matching_tags as t
        cross join lateral (
            -- OFFSET 0 makes the planner use an index scan for each tag.
            select l.artifact_id from artifact_tags as l where l.tag_id = t.id offset 0
        ) as x

        union all

        select a.id, t.term, 2
        from terms as t
        inner join searchable_artifacts as a on a.text_words @@ t.words

        union all

        select x.artifact_id, t.term, 1
        from terms as t
        inner join searchable_contents as c on c.content_words @@ t.words
        cross join lateral (
            -- OFFSET 0 makes the planner use an index scan for each text.
            select v.artifact_id
            from artifact_versions as v
            where
                v.content_hash = c.content_hash
                and v.id = (
                    select n.id
                    from artifact_versions as n
                    where n.artifact_id = v.artifact_id
                    order by n.created_at desc, n.id desc
                    limit 1
                )
            offset 0
        ) as x
    )

    select best.id, sum(best.weight)::integer
    from (
        select m.id, m.term, max(m.weight) as weight from matches as m group by m.id, m.term
    ) as best
    group by best.id
    having count(*) = (select count(*) from terms);
$$;

revoke execute on function search_artifacts(text) from public;

comment on function search_artifacts(text) is
    'Returns the artifacts that match every term of a search, and a rank: larger is better.';
