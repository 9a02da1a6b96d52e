"""The scripts of the sessions; each touches two rows, which two scripts may take in any order."""

from collections.abc import Sequence

from psycopg import IsolationLevel

from skillmeat.catalogue import bulk
from skillmeat.importer import merge, record, staging, statements, tag_statements
from tests.isolation.permutations import Script, Spec

INSERT = "insert into collection_artifacts (collection_id, artifact_id) values ('{}', '{}')"
DELETE = "delete from collection_artifacts where (collection_id, artifact_id) = ('{}', '{}')"
MOVE = (
    "update collection_artifacts set collection_id = '{2}' "
    "where (collection_id, artifact_id) = ('{0}', '{1}')"
)
TAG = "insert into artifact_tags (tag_id, artifact_id) values ('{}', '{}')"
UNTAG = "delete from artifact_tags where (tag_id, artifact_id) = ('{}', '{}')"
VERSION = "insert into artifact_versions (artifact_id, content_hash) values ('{}', 'new')"

# An import whose staged rows are literals: COPY cannot be one of several statements.
INCOMING = """
insert into sources (id, kind, name, root) values ('s', 'marketplace', 's', '/s');
insert into pg_temp.known_sources (source_key, source_id, name, root, is_staged)
values ('0', 's', 's', '/s', true);
insert into pg_temp.incoming_plugins (source_key, plugin, name)
values ('0', 'p', 'P'), ('0', 'new', 'New');
insert into pg_temp.incoming_copies (
    source_key, plugin, type, name, path, content_hash, version, version_rank, title, metadata, tags
)
values
    ('0', 'p', 'agent', 'a1', 'p/a1', 'imported', '3', '3', 'Imported', '{}', '{"p": "P"}'),
    ('0', 'new', 'skill', 's5', 'n/s5', 'imported', '1', '1', 'Imported', '{}', '{"new": "New"}')
"""
ADD_ARTIFACTS = (
    statements.WAIT_FOR_OTHER_IMPORTS,
    staging.CREATE,
    INCOMING,
    *merge.STATEMENTS,
    statements.FIND_NEW_VERSIONS,
    bulk.MERGE,
    statements.ADD_VERSIONS,
)
ADD_TO_COLLECTIONS = (
    tag_statements.ADD_TAGS,
    tag_statements.ADD_ARTIFACT_TAGS,
    statements.ADD_COLLECTIONS,
    statements.ADD_DEFAULT_COLLECTION,
    statements.FIND_PLUGIN_COLLECTIONS,
    *record.RECORD_COLLECTIONS,
    statements.FIND_MEMBERSHIPS,
    statements.JOIN_DEFAULT_COLLECTION,
    statements.ADD_MEMBERSHIPS,
    *record.RECORD_ARTIFACTS,
)
IMPORT = (";".join(ADD_ARTIFACTS), ";".join(ADD_TO_COLLECTIONS))

WRITERS = {
    "insert": (INSERT.format("p", "agent:a1"), INSERT.format("q", "skill:s1")),
    "insert_in_other_order": (INSERT.format("q", "skill:s2"), INSERT.format("p", "agent:a2")),
    "add_artifact": (
        "insert into artifacts (type, name) values ('skill', 'n')",
        INSERT.format("p", "skill:n"),
    ),
    "delete": (DELETE.format("p", "skill:s1"), DELETE.format("q", "agent:a1")),
    "move": (MOVE.format("p", "skill:s2", "empty"), MOVE.format("q", "agent:a2", "p")),
    "delete_artifact": (
        "delete from artifacts where name = 's1'",
        "delete from artifacts where name = 'a1'",
    ),
    "delete_collection": (
        "delete from collections where id = 'p'",
        "insert into collections (id, name) values ('p', 'P')",
    ),
    "truncate_memberships": (
        "truncate collection_artifacts cascade",
        INSERT.format("p", "skill:s3"),
    ),
    "truncate_taggings": ("truncate artifact_tags", TAG.format("p", "skill:s3")),
    "import": IMPORT,
    "rename_artifact": (
        "update artifacts set name = 'n' where name = 's1'",
        "update artifacts set title = 'New' where name = 'a1'",
    ),
    "edit_artifact": (
        "update artifacts set title = 'New' where name = 's1'",
        "update artifacts set metadata = '{\"new\": 1}' where name = 'a1'",
    ),
    "rename_collection": (
        "update collections set id = 'new' where id = 'p'",
        INSERT.format("new", "agent:a3"),
    ),
    "name_collection": (
        "update collections set name = 'N' where id = 'p'",
        "update collections set description = 'new' where id = 'q'",
    ),
    "edit_collection": (
        "update collections set description = 'new' where id = 'p'",
        "update collections set description = 'new' where id = 'q'",
    ),
    "group": (
        (
            "insert into group_artifacts (collection_id, group_id, artifact_id) "
            "values ('p', 'p1', 'skill:s1'), ('p', 'p1', 'skill:s2')"
        ),
        "delete from groups where id = 'p2'",
    ),
    "tag": (TAG.format("p", "agent:a1"), TAG.format("empty", "skill:s1")),
    "untag": (UNTAG.format("p", "skill:s1"), UNTAG.format("q", "agent:a1")),
    "rename_tag": (
        "update tags set name = 'N' where id = 'p'",
        "update tags set id = 'new' where id = 'q'",
    ),
    "add_version": (VERSION.format("skill:s1"), VERSION.format("agent:a1")),
    "delete_version": (
        "delete from artifact_versions where artifact_id = 'skill:s1'",
        "delete from artifact_versions where artifact_id = 'agent:a1'",
    ),
}

TRIGGER = """
create trigger ratings before update on {} for each row
execute function suppress_redundant_updates_trigger()
"""
# Work of an administrator beside writers: each script locks two tables in one transaction.
ADMINISTRATORS = {
    "reference": (
        'create table ratings (collection_id text collate "C" references collections)',
        'alter table ratings add artifact_id text collate "C" references artifacts',
    ),
    "reference_at_once": (
        (
            'create table ratings (collection_id text collate "C" references collections, '
            'artifact_id text collate "C" references artifacts)'
        ),
    ),
    "index": (
        "create index ratings_idx on collections (created_by)",
        "create index more_ratings_idx on collection_artifacts (added_at)",
    ),
    "index_tags": (
        "create index ratings_idx on tags (color)",
        "create index more_ratings_idx on artifact_tags (created_at)",
    ),
    "trigger": tuple(map(TRIGGER.format, ("groups", "group_artifacts"))),
    "trigger_on_types": tuple(map(TRIGGER.format, ("artifact_types", "artifacts"))),
}
# Unlike the others, it keeps also readers of its tables out.
ALTERATIONS = {
    "alter": (
        "alter table collections add column ratings int",
        "alter table collection_artifacts add column ratings int",
    ),
}
UNDO = """
drop table if exists ratings;
drop index if exists ratings_idx, more_ratings_idx;
drop trigger if exists ratings on groups;
drop trigger if exists ratings on group_artifacts;
drop trigger if exists ratings on artifact_types;
drop trigger if exists ratings on artifacts;
alter table collections drop column if exists ratings;
alter table collection_artifacts drop column if exists ratings;
"""

# They run at READ COMMITTED only. Above it, a refresh and a settle are refused, and a repair is not
# meant to run.
HOUSEKEEPERS = {
    "refresh": (
        "select refresh_artifact_summaries()",
        "select refresh_artifact_summaries()",
    ),
    "settle": ("select settle_counts()", "select settle_counts()"),
    "repair": ("select repair_counts()", "select repair_summaries()"),
}

# Their work: a change to absorb, and pending counts, some of a collection that is deleted.
SETUP = {
    "refresh": "update artifacts set license = 'MIT' where name = 'a3'",
    "settle": """
        begin isolation level repeatable read;
        insert into collections (id, name) values ('x', 'X');
        insert into collection_artifacts (collection_id, artifact_id)
        values ('p', 'agent:a3'), ('q', 'skill:s4'), ('x', 'skill:s4');
        commit;
        delete from collections where id = 'x'
    """,
}
DRIFT = """
update collections set artifact_count = artifact_count + 40;
update artifacts set title = 'Unnoticed' where name = 'a3';
delete from artifact_changes
"""

COMMITTED = IsolationLevel.READ_COMMITTED
REPEATABLE = IsolationLevel.REPEATABLE_READ
SERIALIZABLE = IsolationLevel.SERIALIZABLE


def script(
    name: str, *, level: IsolationLevel = COMMITTED, end: str = "commit", is_short: bool = False
) -> Script:
    """Return the named script in a transaction of that level.

    At READ COMMITTED its two statements are two steps. Above it they are one step, after a step
    that takes the snapshot, because two sessions would otherwise have thousands of interleavings.
    A short script has only its first statement.
    """
    statements = (WRITERS | HOUSEKEEPERS | ADMINISTRATORS | ALTERATIONS)[name][
        : 1 if is_short else 2
    ]
    return transaction(name, statements, level=level, end=end)


def transaction(
    name: str, statements: Sequence[str], *, level: IsolationLevel, end: str = "commit"
) -> Script:
    """Return a script of these statements."""
    begin = f"begin isolation level {level.name.replace('_', ' ')}; select from artifact_types"
    if level is COMMITTED:
        first, *more = statements
        return Script(name, level, (f"{begin}; {first}", *more, end))
    return Script(name, level, (begin, "; ".join(statements), end))


def together(*scripts: Script) -> Spec:
    """Return a spec of concurrent scripts, with work for the housekeepers among them."""
    names = dict.fromkeys(script.name for script in scripts)
    setup = [SETUP[name] for name in names if name in SETUP]
    if names.keys() & (ADMINISTRATORS | ALTERATIONS).keys():
        setup.append(UNDO)
    return Spec(scripts, setup=tuple(setup))
