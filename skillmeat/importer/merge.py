"""The merge of an artifact's copies, in all collections of all sources, into one artifact.

The sources of an import are merged with the last copies of the other sources. So the result depends
neither on the order of the imports nor on which sources one import names.
"""

from typing import Final

from skillmeat.catalogue.bulk import STAGE
from skillmeat.database.query import Conn

# A recorded copy is lost if its source no longer has it, and no problem hides it. A copy that the
# source still has may have lost tags.
FIND_LOST_COPIES: Final = """
    create temporary table lost_copies
    on commit drop
    as
    select
        r.source_id,
        r.plugin,
        r.artifact_id,
        c.artifact_id is null as is_gone,
        r.is_current as was_current,
        false as has_copy,
        false as is_pruned,
        (r.dropped_tags || r.tags) - array(select jsonb_object_keys(c.tags)) as tags
    from source_artifacts as r
    inner join pg_temp.known_sources as s on s.source_id = r.source_id and s.is_staged
    left join pg_temp.incoming_copies as c
        on
            c.source_key = s.source_key
            and c.plugin = r.plugin
            and c.artifact_id = r.artifact_id
    where
        case
            when c.artifact_id is not null then
                (r.dropped_tags <> '{}' or r.tags <> c.tags)
                and (r.dropped_tags || r.tags) - array(select jsonb_object_keys(c.tags)) <> '{}'
            else
                (s.source_key, r.plugin, r.artifact_id) not in (
                    select h.source_key, h.plugin, h.artifact_id
                    from pg_temp.hidden_copies as h
                    where h.artifact_id is not null
                )
                and (s.source_key, r.plugin) not in (
                    select h.source_key, h.plugin
                    from pg_temp.hidden_copies as h
                    where h.artifact_id is null and h.plugin is not null
                )
                and s.source_key not in (
                    select h.source_key
                    from pg_temp.hidden_copies as h
                    where h.plugin is null
                )
        end
"""

# Add the copies of the same artifacts that the other sources have, and those that a problem hides.
ADD_RECORDED_COPIES: Final = """
    insert into pg_temp.incoming_copies (
        is_staged, source_key, plugin, type, name, path, content_hash, version, version_rank,
        title, description, author, license, origin, metadata, tags
    )
    select
        false, r.source_id, r.plugin, a.type, a.name, r.path, r.content_hash, r.version,
        r.version_rank, r.title, r.description, r.author, r.license, r.origin, r.metadata, r.tags
    from source_artifacts as r
    inner join artifacts as a on a.id = r.artifact_id
    where
        r.is_current
        and r.artifact_id in (
            select c.artifact_id
            from pg_temp.incoming_copies as c
            union
            select l.artifact_id
            from pg_temp.lost_copies as l
        )
        and not exists (
            select
            from pg_temp.known_sources as s
            inner join pg_temp.incoming_copies as c on c.source_key = s.source_key
            where
                s.is_staged
                and s.source_id = r.source_id
                and c.plugin = r.plugin
                and c.artifact_id = r.artifact_id
        )
        and not exists (
            select
            from pg_temp.lost_copies as l
            where
                l.is_gone
                and l.source_id = r.source_id
                and l.plugin = r.plugin
                and l.artifact_id = r.artifact_id
        )
"""

FIND_COPIES_OF_LOST: Final = """
    update pg_temp.lost_copies as l
    set has_copy = true
    where
        l.is_gone
        and exists (
            select
            from pg_temp.incoming_copies as c
            where c.artifact_id = l.artifact_id
        )
"""

# One row for each content of an artifact. The latest content has the last ordinal: it has the
# highest declared version. Among equal versions, it is the content that the most collections have.
# If these numbers are equal too, it is the content in the first collection in code point order.
# Content that is in no plugin comes first.
CHOOSE_LATEST: Final = """
    create temporary table incoming_versions
    on commit drop
    as
    with first_copies as (
        select distinct on (c.artifact_id, c.content_hash)
            c.copy_number,
            c.artifact_id,
            c.content_hash,
            c.version,
            c.version_rank,
            c.plugin,
            c.path,
            s.name as source,
            s.root
        from pg_temp.incoming_copies as c
        inner join pg_temp.known_sources as s on s.source_key = c.source_key
        order by
            c.artifact_id, c.content_hash, c.plugin = '', c.plugin, s.name, s.root, c.path,
            c.copy_number
    ),

    counted as (
        select
            c.artifact_id,
            c.content_hash,
            count(distinct nullif(c.plugin, '')) as plugins
        from pg_temp.incoming_copies as c
        group by c.artifact_id, c.content_hash
    )

    select
        f.copy_number,
        f.artifact_id,
        f.content_hash,
        f.version,
        f.plugin,
        f.path,
        f.source,
        row_number() over ascending as ordinal,
        lead(f.artifact_id) over ascending is distinct from f.artifact_id as is_latest
    from first_copies as f
    inner join counted as n on n.artifact_id = f.artifact_id and n.content_hash = f.content_hash
    window
        ascending as (
            order by
                f.artifact_id, f.version_rank, n.plugins, f.plugin = '' desc, f.plugin desc,
                f.source desc, f.root desc, f.path desc
        )
"""

# The columns of an artifact are those of its latest copy. If a person or SkillMeat added the
# artifact, it keeps the values that the file does not have.
STAGE_ARTIFACTS: Final = """
    insert into pg_temp.incoming_artifacts (
        type, name, title, description, author, license, source, origin, metadata, is_imported
    )
    select
        c.type, c.name, coalesce(c.title, a.title), coalesce(c.description, a.description),
        coalesce(c.author, a.author), coalesce(c.license, a.license),
        replace(v.source, '/', '%2F') || '/' || v.path, c.origin,
        coalesce(a.metadata, '{}') || c.metadata, true
    from pg_temp.incoming_versions as v
    inner join pg_temp.incoming_copies as c on c.copy_number = v.copy_number
    left join artifacts as a on a.id = v.artifact_id and not a.is_imported
    where v.is_latest
"""

# A tag has one name for each slug: the first in code point order.
STAGE_TAGS: Final = """
    create temporary table incoming_tags
    on commit drop
    as
    select t.slug, min(t.name collate "C") as name
    from pg_temp.incoming_copies as c
    cross join lateral jsonb_each_text(c.tags) as t (slug, name)
    where c.is_staged
    group by t.slug
"""
STAGE_ARTIFACT_TAGS: Final = """
    create temporary table incoming_artifact_tags
    on commit drop
    as
    select distinct c.artifact_id, t.slug
    from pg_temp.incoming_copies as c
    cross join lateral jsonb_object_keys(c.tags) as t (slug)
    where c.is_staged
"""

LIST_CONFLICTS: Final = """
    select
        v.artifact_id,
        n.contents,
        nullif(v.plugin, '') as collection_id,
        v.path,
        v.source
    from pg_temp.incoming_versions as v
    inner join (
        select
            o.artifact_id,
            count(*) as contents
        from pg_temp.incoming_versions as o
        group by o.artifact_id
        having count(*) > 1
    ) as n on n.artifact_id = v.artifact_id
    where v.is_latest
    order by v.artifact_id
"""

_TABLES: Final = """
    pg_temp.known_sources, pg_temp.incoming_plugins, pg_temp.incoming_copies,
    pg_temp.incoming_contents, pg_temp.hidden_copies, pg_temp.lost_copies,
    pg_temp.incoming_versions, pg_temp.incoming_artifacts, pg_temp.incoming_tags,
    pg_temp.incoming_artifact_tags
"""
DROP: Final = f"drop table {_TABLES}"


# No condition uses the other columns, and their statistics would cost more than the merge.
_ANALYZE_COPIES: Final = """
    analyze pg_temp.incoming_copies (copy_number, is_staged, source_key, plugin, artifact_id)
"""
STATEMENTS: Final = (
    _ANALYZE_COPIES,
    "analyze pg_temp.known_sources, pg_temp.incoming_plugins, pg_temp.hidden_copies",
    FIND_LOST_COPIES,
    "analyze pg_temp.lost_copies (source_id, plugin, artifact_id)",
    ADD_RECORDED_COPIES,
    FIND_COPIES_OF_LOST,
    CHOOSE_LATEST,
    STAGE,
    STAGE_ARTIFACTS,
    STAGE_TAGS,
    STAGE_ARTIFACT_TAGS,
    _ANALYZE_COPIES,
    """
    analyze
        pg_temp.incoming_versions (copy_number, artifact_id, content_hash, is_latest),
        pg_temp.incoming_artifacts (type, name),
        pg_temp.incoming_tags,
        pg_temp.incoming_artifact_tags
    """,
)


def merge_copies(conn: Conn) -> None:
    """Merge the staged copies with the recorded ones, and stage the artifacts and their tags."""
    for statement in STATEMENTS:
        conn.execute(statement)
