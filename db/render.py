"""Render `db/` and freeze what is new for a migration: `python -m db.render REVISION`.

`db/` is the present truth; a migration runs the frozen copies under `migrations/sql/<revision>/`.
Files under `db/counters/` are Mako templates that are rendered once for each counter of
`counters.toml`, the one under `db/change_log/` once for each table of `change_log.toml`; the others
are rendered once, with all counters in hand.
"""

import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mako.lookup import TemplateLookup

DB = Path(__file__).parent
TEMPLATES = TemplateLookup([DB], strict_undefined=True)
FOLDERS = ("functions", "indexes", "roles", "settings", "triggers", "views")
FROZEN = DB.parent / "migrations" / "sql"

# How a frozen file begins whose statements drop what its elder of the same name made.
GONE = "-- Gone: "


@dataclass(frozen=True, slots=True)
class Counter:
    """Rows of `child` are counted in the column `count` of the `parent` that they name."""

    child: str
    child_key: str
    parent: str
    parent_key: str
    count: str


def counters() -> tuple[Counter, ...]:
    """All counters, in the order of `counters.toml`."""
    listed = tomllib.loads((DB / "counters" / "counters.toml").read_text())
    return tuple(Counter(**each) for each in listed["counter"])


@dataclass(frozen=True, slots=True)
class Log:
    """Changes of `table` are logged as changes of the artifacts that `artifact_key` names.

    A statement on more than `most` rows is logged as one change of everything, and one that deletes
    more than `most_deleted` as well.
    """

    table: str
    artifact_key: str
    most: int
    most_deleted: int


def logs() -> tuple[Log, ...]:
    """All logged tables, in the order of `change_log.toml`."""
    listed = tomllib.loads((DB / "change_log" / "change_log.toml").read_text())
    return tuple(Log(**each) for each in listed["log"])


def rendered() -> dict[str, str]:
    """The SQL that `db/` stands for, by the path that a frozen copy of it has."""
    return dict(sorted(_rendered()))


def frozen() -> dict[str, str]:
    """The newest frozen copy of every file, by its path, but of those that say they are gone."""
    newest = {
        str(path.relative_to(revision)): path.read_text()
        for revision in sorted(FROZEN.iterdir())
        for folder in FOLDERS
        for path in sorted((revision / folder).glob("*.sql"))
    }
    return {name: sql for name, sql in newest.items() if not sql.startswith(GONE)}


def _rendered() -> Iterator[tuple[str, str]]:
    every = counters()
    for folder in FOLDERS:
        for path in (DB / folder).glob("*.sql"):
            yield f"{folder}/{path.name}", _render(path, counters=every)

    for counter in every:
        here = {
            "child": counter.child,
            "child_key": counter.child_key,
            "parent": counter.parent,
            "parent_key": counter.parent_key,
            "count": counter.count,
        }
        names = {
            "are_counted": f"triggers/{counter.child}_are_counted.sql",
            "recount": f"functions/recount_{counter.parent}_{counter.count}.sql",
        }
        for template, name in names.items():
            yield name, _render(DB / "counters" / f"{template}.sql", **here)

    for parent in sorted({counter.parent for counter in every}):
        own = tuple(counter for counter in every if counter.parent == parent)
        for template in ("refuse_taken_key", "start_counts"):
            yield (
                f"triggers/{parent}_{template}.sql",
                _render(
                    DB / "counters" / f"{template}.sql",
                    parent=parent,
                    parent_key=own[0].parent_key,
                    counters=own,
                ),
            )

    for log in logs():
        yield (
            f"triggers/{log.table}_log_changes.sql",
            _render(
                DB / "change_log" / "log_changes.sql",
                table=log.table,
                artifact_key=log.artifact_key,
                most=log.most,
                most_deleted=log.most_deleted,
            ),
        )


def _render(path: Path, **names: object) -> str:
    return str(TEMPLATES.get_template(str(path.relative_to(DB))).render(**names))


def main() -> None:
    """Freeze every file whose newest frozen copy differs, under the revision that is named."""
    if len(sys.argv) != 2:  # noqa: PLR2004
        sys.exit("usage: python -m db.render REVISION, for example 0006_faster_settling")
    known = frozen()
    for name, sql in rendered().items():
        if known.get(name) != sql:
            path = FROZEN / sys.argv[1] / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(sql)
            print(path.relative_to(DB.parent))  # noqa: T201
    for name in sorted(known.keys() - rendered().keys()):
        print(f"gone from db/: write a file that drops it and begins with {GONE!r}: {name}")  # noqa: T201


if __name__ == "__main__":
    main()
