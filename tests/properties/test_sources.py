"""Sources that change, imported one by one in any order, equal one import of what they are now."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from skillmeat.importer import import_paths
from skillmeat.maintenance import list_count_drift, list_summary_drift
from tests.catalogue.conftest import EMPTY, catalogue_database, catalogue_sessions, conn, url
from tests.importer.markets import rows
from tests.importer.readers.trees import listing, write_files

__all__ = ["catalogue_database", "catalogue_sessions", "conn", "url"]

TEXT = st.sampled_from((None, "One", "Two"))
TAGS = st.sets(st.sampled_from(("t", "V", "v"))).map(sorted)
VERSION = st.sampled_from((None, "1.9", "1.10"))


class File(NamedTuple):
    """An agent: what its front matter declares."""

    version: str | None
    title: str | None
    tags: list[str]

    def format(self) -> str:
        """Return its text."""
        fields = {"version": self.version, "title": self.title}
        lines = [f"{key}: {value}\n" for key, value in fields.items() if value]
        return "---\n" + "".join(lines) + f"tags: [{', '.join(self.tags)}]\n---\n"


class Plugin(NamedTuple):
    """A plugin: what its manifest declares, and its agents by name."""

    description: str | None
    keywords: list[str]
    files: Mapping[str, File]


class Market(NamedTuple):
    """A folder: a marketplace with a name, or one plugin if it has none."""

    name: str | None
    plugins: Mapping[str, Plugin]

    def write(self, root: Path) -> None:
        """Write it in place of what the folder has."""
        shutil.rmtree(root, ignore_errors=True)
        entries = []
        for number, (name, plugin) in enumerate(self.plugins.items()):
            about = {
                "name": name,
                "description": plugin.description,
                "keywords": plugin.keywords,
            }
            folder = root / f"plugins/{name}"
            if self.name is None:
                if number:
                    break
                folder = root
                write_files(root, {".claude-plugin/plugin.json": about})
            entries.append(about)
            folder.mkdir(parents=True, exist_ok=True)
            write_files(
                folder, {f"agents/{each}.md": file.format() for each, file in plugin.files.items()}
            )
        if self.name is not None:
            write_files(
                root, {".claude-plugin/marketplace.json": listing(*entries) | {"name": self.name}}
            )


FILES = st.dictionaries(
    st.sampled_from("abc"), st.builds(File, VERSION, TEXT, TAGS), min_size=1, max_size=2
)
PLUGINS = st.dictionaries(
    st.sampled_from("pqr"), st.builds(Plugin, TEXT, TAGS, FILES), min_size=1, max_size=2
)
MARKETS = st.builds(Market, st.sampled_from((None, "m", "n")), PLUGINS)
STEPS = st.lists(st.tuples(st.sampled_from(("one", "two")), MARKETS), max_size=5)

CONTENT = {
    "artifacts": "to_jsonb(t) - 'added_at' - 'updated_at' from artifact_summaries as t",
    "tags": "jsonb_build_array(t.name, t.slug, t.artifact_count) from tag_summaries as t",
    "collections": "jsonb_build_array(t.id, t.name, t.description, t.source, t.artifact_count)"
    " from collection_summaries as t",
}


def content(conn: Connection) -> dict[str, list[str]]:
    """Return what people read, without times and generated keys."""
    return {
        name: sorted(str(row[0]) for row in conn.execute(f"select {columns}"))
        for name, columns in CONTENT.items()
    }


def empty(conn: Connection) -> None:
    with conn.transaction():
        conn.execute(EMPTY)
        conn.execute("delete from count_changes")


@pytest.mark.parametrize("examples", [5, pytest.param(60, marks=pytest.mark.exhaustive)])
def test_sources_that_change_equal_one_import_of_what_they_are_now(
    conn: Connection, examples: int
) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(steps=STEPS, last=st.permutations(("one", "two")), markets=st.data())
    def walk(steps: list[tuple[str, Market]], last: list[str], markets: st.DataObject) -> None:
        empty(conn)
        with TemporaryDirectory() as folder:
            root = Path(folder)
            ends = [(each, markets.draw(MARKETS)) for each in last]
            for name, market in (*steps, *ends):
                market.write(root / name)
                import_paths(conn, [root / name], prune=True)
            walked = content(conn)
            before = rows(conn, locks=True)
            for name in last:
                assert not import_paths(conn, [root / name], prune=True).changed
            assert rows(conn, locks=True) == before
            assert (list_count_drift(conn), list_summary_drift(conn)) == ((), ())

            empty(conn)
            import_paths(conn, [root / name for name in sorted(last)])
        assert walked == content(conn)

    walk()
