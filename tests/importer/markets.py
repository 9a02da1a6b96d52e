"""Small marketplaces on disk, and the rows that an import of them writes."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from psycopg import Connection

from skillmeat.importer import ImportReport, import_paths
from skillmeat.maintenance import list_count_drift
from tests.importer.readers.trees import listing, write_files

Plugins = Mapping[str, Mapping[str, str]]

CHECKOUT = Path(__file__).parents[2]
REAL = CHECKOUT.parent / "shared/data/plugins-marketplace"
SAMPLE = CHECKOUT / "examples/marketplace"


def document(body: str = "", **fields: str) -> str:
    """Return the text of a file with front matter."""
    lines = "".join(f"{key}: {value}\n" for key, value in fields.items())
    return f"---\ndescription: d\n{lines}---\n\n{body}\n"


def market(root: Path, plugins: Plugins, *, name: str = "market") -> Path:
    """Write a marketplace, in place of an earlier one; each plugin maps paths to texts."""
    shutil.rmtree(root, ignore_errors=True)
    entries = [{"name": each, "description": f"The plugin {each}"} for each in plugins]
    write_files(root, {".claude-plugin/marketplace.json": listing(*entries) | {"name": name}})
    for plugin, files in plugins.items():
        (root / "plugins" / plugin).mkdir(parents=True)
        write_files(root / "plugins" / plugin, files)
    return root


def home(root: Path, files: Mapping[str, str]) -> Path:
    """Write a project with these files in its `.claude`, in place of an earlier one."""
    shutil.rmtree(root, ignore_errors=True)
    (root / ".claude").mkdir(parents=True)
    write_files(root / ".claude", files)
    return root


def run_import(
    conn: Connection,
    *paths: str | os.PathLike[str],
    join_default: bool = True,
    prune: bool = False,
    dry_run: bool = False,
) -> ImportReport:
    """Import, and assert that every count is exact."""
    report = import_paths(conn, paths, join_default=join_default, prune=prune, dry_run=dry_run)
    assert list_count_drift(conn) == ()
    return report


def members(conn: Connection) -> dict[str, list[str]]:
    """Return the artifacts of each collection."""
    rows = conn.execute(
        """
        select c.id, array(
            select m.artifact_id from collection_artifacts as m
            where m.collection_id = c.id order by m.artifact_id
        )
        from collections as c order by c.id
        """
    )
    return {row[0]: row[1] for row in rows}


def artifacts(conn: Connection) -> list[str]:
    """Return the ids of all artifacts."""
    return [row[0] for row in conn.execute("select id from artifacts order by id")]


def versions(conn: Connection, artifact_id: str) -> list[str | None]:
    """Return the versions of an artifact, the latest last."""
    rows = conn.execute(
        "select version from artifact_versions where artifact_id = %s order by created_at, id",
        (artifact_id,),
    )
    return [row[0] for row in rows]


TABLES = (
    "artifact_types",
    "artifacts",
    "artifact_versions",
    "tags",
    "artifact_tags",
    "collections",
    "collection_artifacts",
    "groups",
    "group_artifacts",
    "project_templates",
    "count_changes",
    "sources",
    "source_collections",
    "source_artifacts",
)


def rows(conn: Connection, *, locks: bool = False) -> dict[str, list[str]]:
    """Return every row with its place and its writer's transaction; with `locks`, the locker's."""
    marks = "t.ctid, t.xmin, t.xmax" if locks else "t.ctid, t.xmin"
    return {
        table: [
            row[0]
            for row in conn.execute(
                f"select row({marks}, t.*)::text from {table} as t order by t.ctid"
            )
        ]
        for table in TABLES
    }


def content(conn: Connection) -> dict[str, list[str]]:
    """Return every row that an import writes, without times and generated keys."""
    statements = {
        "artifacts": "select to_jsonb(t) - 'added_at' - 'updated_at' from artifacts as t",
        "versions": "select to_jsonb(t) - 'id' - 'created_at' from artifact_versions as t",
        "tags": "select jsonb_build_array(name, slug, artifact_count) from tags",
        "artifact_tags": "select jsonb_build_array(x.artifact_id, t.slug)"
        " from artifact_tags as x join tags as t on t.id = x.tag_id",
        "collections": "select jsonb_build_array(id, name, description, source, artifact_count)"
        " from collections",
        "members": "select jsonb_build_array(collection_id, artifact_id) from collection_artifacts",
    }
    return {
        name: sorted(str(row[0]) for row in conn.execute(statement))
        for name, statement in statements.items()
    }
