"""Render `db/` into the frozen copies that migrations run: `python -m db.render [REVISION]`.

`db/` holds the current SQL; a migration runs its frozen copies in `migrations/sql/<revision>/`.
Some templates are rendered for each counter of `counters.toml` or each table of `change_log.toml`.
One copy of such a template is frozen, with `${child}` where a migration fills in the table.
"""

import hashlib
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from mako.lookup import TemplateLookup

DB = Path(__file__).parent
TEMPLATES = TemplateLookup([DB], strict_undefined=True)
FOLDERS = ("functions", "indexes", "roles", "settings", "triggers", "views")
FROZEN_FOLDERS = (*FOLDERS, "counters", "change_log")
MIGRATIONS = DB.parent / "migrations"
FROZEN = MIGRATIONS / "sql"
# In the format that `sha256sum --check` reads.
HASHES = MIGRATIONS / "frozen.sha256"


@dataclass(frozen=True, slots=True)
class Counter:
    """A column `count` of `parent`: how many rows of `child` refer to the row."""

    child: str
    child_key: str
    parent: str
    parent_key: str
    count: str


@dataclass(frozen=True, slots=True)
class LoggedTable:
    """A table whose changes are logged by the artifacts in its column `artifact_key`.

    A statement that changes more than `max_rows` rows, or deletes more than `max_deleted_rows`, is
    logged as one change of all artifacts.
    """

    table: str
    artifact_key: str
    max_rows: int
    max_deleted_rows: int


@dataclass(frozen=True, slots=True)
class RenamedTable:
    """A table of which a row's new name is logged as one change of all artifacts."""

    table: str


@dataclass(frozen=True, slots=True)
class CountedLoggedTable(Counter):
    """A table whose rows are counted, and whose changes are logged."""

    artifact_key: str
    max_rows: int
    max_deleted_rows: int


def read_counters() -> tuple[Counter, ...]:
    """Read all counters, in the order of `counters.toml`."""
    listed = tomllib.loads((DB / "counters" / "counters.toml").read_text())
    return tuple(Counter(**each) for each in listed["counter"])


def read_logged_tables() -> tuple[LoggedTable, ...]:
    """Read all logged tables, in the order of `change_log.toml`."""
    listed = tomllib.loads((DB / "change_log" / "change_log.toml").read_text())
    return tuple(LoggedTable(**each) for each in listed["logged_table"])


def read_renamed_tables() -> tuple[RenamedTable, ...]:
    """Read all renamed tables, in the order of `change_log.toml`."""
    listed = tomllib.loads((DB / "change_log" / "change_log.toml").read_text())
    return tuple(RenamedTable(**each) for each in listed["renamed_table"])


def read_counted_logged_tables() -> tuple[CountedLoggedTable, ...]:
    """Read the tables that are both counted and logged, in the order of `change_log.toml`."""
    counters = {each.child: each for each in read_counters()}
    return tuple(
        CountedLoggedTable(
            **asdict(counters[each.table]),
            artifact_key=each.artifact_key,
            max_rows=each.max_rows,
            max_deleted_rows=each.max_deleted_rows,
        )
        for each in read_logged_tables()
        if each.table in counters
    )


def read_rows() -> dict[
    str, tuple[Counter, ...] | tuple[LoggedTable, ...] | tuple[RenamedTable, ...]
]:
    """Read, by the name of its template, the rows that a frozen copy is filled with one by one."""
    counters = read_counters()
    counted = {each.child for each in counters}
    return {
        "counters/record_changes.sql": counters,
        "counters/settle.sql": counters,
        "counters/recount.sql": counters,
        "counters/refuse_stale_count.sql": counters,
        "counters/refuse_key_reuse.sql": tuple({each.parent: each for each in counters}.values()),
        "change_log/record_counted_changes.sql": read_counted_logged_tables(),
        "change_log/record_changes.sql": tuple(
            each for each in read_logged_tables() if each.table not in counted
        ),
        "change_log/log_renames.sql": read_renamed_tables(),
    }


def render_all() -> dict[str, str]:
    """Render every file of `db/`; return the SQL by the path of its copy in a revision."""
    return dict(sorted(_render_files()))


def _render_files() -> Iterator[tuple[str, str]]:
    counters = read_counters()
    for folder in FOLDERS:
        for path in (DB / folder).glob("*.sql"):
            yield f"{folder}/{path.name}", _render(f"{folder}/{path.name}", counters=counters)

    for template, rows in read_rows().items():
        placeholders = {field.name: f"${{{field.name}}}" for field in fields(rows[0])}
        yield template, _render(template, **placeholders)

    for parent in sorted({counter.parent for counter in counters}):
        of_parent = tuple(counter for counter in counters if counter.parent == parent)
        yield (
            f"triggers/{parent}_reset_counts.sql",
            _render(
                "counters/reset_counts.sql",
                parent=parent,
                parent_key=of_parent[0].parent_key,
                counters=of_parent,
            ),
        )


def _render(template: str, **names: object) -> str:
    return str(TEMPLATES.get_template(template).render(**names))


def find_newest_copies() -> dict[str, Path]:
    """Find the newest frozen copy of every file of `db/`; return it by its path in a revision."""
    return {
        str(path.relative_to(revision)): path
        for revision in sorted(FROZEN.iterdir())
        for folder in FROZEN_FOLDERS
        for path in sorted((revision / folder).glob("*.sql"))
    }


def hash_copies() -> str:
    """Hash every file under `migrations/sql/`, in the format of `sha256sum`."""
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(MIGRATIONS)}\n"
        for path in sorted(FROZEN.rglob("*.sql"))
    )


def write_copies(revision: str) -> Iterator[Path]:
    """Write each file that differs from its newest copy into `revision`; yield its path.

    A copy of a later revision is replaced instead: it would hide the one in `revision`.
    """
    newest = find_newest_copies()
    for name, sql in render_all().items():
        path = newest.get(name)
        if path is None or path.read_text() != sql:
            copy = FROZEN / revision / name
            yield _write(copy if path is None else max(copy, path), sql)


def amend_copies() -> Iterator[Path]:
    """Replace each newest copy that differs, and remove copies of removed files; yield the paths.

    Raises `SystemExit` for a file without a copy, because a first copy needs a revision.
    """
    newest, rendered = find_newest_copies(), render_all()
    if new := sorted(rendered.keys() - newest.keys()):
        sys.exit(f"no frozen copy yet: {', '.join(new)}; run `python -m db.render REVISION`")
    for name, path in newest.items():
        if name not in rendered:
            path.unlink()
            yield path
        elif path.read_text() != rendered[name]:
            yield _write(path, rendered[name])


def _write(path: Path, sql: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(sql)
    return path


def main() -> None:
    """Write copies for the given revision, or amend the newest copies; then hash all copies."""
    match sys.argv[1:]:
        case []:
            written = amend_copies()
        case [revision]:
            written = write_copies(revision)
        case _:
            sys.exit("usage: python -m db.render [REVISION], for example 0006_faster_settling")
    for path in written:
        print(path.relative_to(DB.parent))  # noqa: T201
    HASHES.write_text(hash_copies())


if __name__ == "__main__":
    main()
