"""A catalogue that is large enough for plans to matter, and the states that it can be in."""

from typing import Final

# 20,000 artifacts of four types, all in `default` and all tagged `everyday`. Those that a page may
# show, around its cursors and at both ends, are each in one of 300 collections, too, have one of
# 1,000 tags, and a version. What is `late` or `rare` is at the very end.
FILL: Final = """
    insert into artifacts (type, name)
    select (array['skill', 'command', 'agent', 'hook'])[1 + n % 4], to_char(n, 'FM00000')
    from generate_series(1, 20000) as n;

    insert into collections (id, name)
    select to_char(n, 'FM000'), 'C' || n from generate_series(1, 300) as n
    union all
    select name, name from unnest(array['default', 'late', 'empty']) as name;

    insert into collection_artifacts (collection_id, artifact_id)
    select 'default', id from artifacts;
"""
CATALOGUE: Final = f"""
    {FILL}

    create temporary table shown as
    select id, type, name, name::integer as n
    from artifacts
    where name < '00300' or name between '09700' and '10300' or name > '18700';

    insert into collection_artifacts (collection_id, artifact_id)
    select to_char(n % 300 + 1, 'FM000'), id from shown
    union all
    select 'late', id from shown where type = 'skill' and n > 19900;

    insert into artifact_versions (artifact_id, content_hash, version)
    select id, name, '1.0' from shown;

    insert into tags (id, name, slug)
    select slug, slug, slug
    from (
        select 't' || n from generate_series(1, 1000) as n
        union all
        select unnest(array['everyday', 'rare', 'unused'])
    ) as wanted (slug);

    insert into artifact_tags (artifact_id, tag_id)
    select id, 'everyday' from artifacts
    union all
    select id, 't' || n % 1000 + 1 from shown
    union all
    select id, 'rare' from shown where type = 'skill' and n > 19990;

    drop table shown;

    select settle_counts(), refresh_artifact_summaries();
"""

# Removes the statistics of the refresh above: the planner has none, as during a load.
FORGET_STATISTICS: Final = """
    delete from pg_statistic
    where starelid in (
        select oid from pg_class where relnamespace = current_schema()::regnamespace
    );

    update pg_class
    set relpages = 0, reltuples = -1
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'm');

    update last_refresh
    set snapshot_xmin = f.xmin::text::bigint
    from pg_class as f
    where f.oid = 'artifact_summaries_snapshot'::regclass
"""

# One change of a thousand neighbours each, right after the cursor that pages are asked from.
NEIGHBOURS_CHANGED: Final = """
    do $$
    begin
        for n in 2500..3499 loop
            update artifacts set title = 'New'
            where id = 'command:' || to_char(4 * n + 1, 'FM00000');
        end loop;
    end;
    $$
"""
HALF_CHANGED: Final = """
    do $$
    begin
        for n in 0..9 loop
            update artifacts set title = 'New' where name::integer % 20 = 2 * n;
        end loop;
    end;
    $$
"""
ALL_CHANGED_BIT_BY_BIT: Final = """
    do $$
    begin
        for n in 0..19 loop
            update artifacts set title = 'New' where name::integer % 20 = n;
        end loop;
    end;
    $$
"""
ALL_CHANGED: Final = "update artifacts set title = 'New'"
NEIGHBOURS_DELETED: Final = "delete from artifacts where id > 'command:10001' and id < 'command:17'"


REFRESHED: Final = "select"
STATES: Final = {
    "refreshed": REFRESHED,
    "one changed": "update artifacts set title = 'New' where id = 'command:10001'",
    "a thousand neighbours changed one by one": NEIGHBOURS_CHANGED,
    "half changed bit by bit": HALF_CHANGED,
    "all changed bit by bit": ALL_CHANGED_BIT_BY_BIT,
    "all changed by one statement": ALL_CHANGED,
    "all changed and refreshed": f"{ALL_CHANGED}; select refresh_artifact_summaries()",
    "many neighbours deleted by one statement": NEIGHBOURS_DELETED,
}
