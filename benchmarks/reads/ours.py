"""Our contenders: the functions of `skillmeat.catalogue`, the ORM mapping and psql."""

import csv
import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import Any, Final

from psycopg import Connection
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from benchmarks.reads.reader import COLLECTIONS, PAGE
from benchmarks.reads.statements import OURS
from skillmeat import connect, embedded, orm
from skillmeat.catalogue import (
    Artifact,
    Collection,
    get_collection,
    list_artifacts,
    list_collections,
)
from skillmeat.database.connection import build_conninfo


class ThinReader:
    """A reader by the functions of `skillmeat.catalogue`."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    def page(self, after: str) -> Sequence[Artifact]:
        """See `Reader`."""
        return list_artifacts(self._conn, after=after, limit=PAGE).items

    def members(self, collection: str, after: str) -> Sequence[Artifact]:
        """See `Reader`."""
        return list_artifacts(self._conn, collection=collection, after=after, limit=PAGE).items

    def collection(self, id: str) -> Collection | None:  # noqa: A002
        """See `Reader`."""
        return get_collection(self._conn, id)

    def collections(self, after: str) -> Sequence[Collection]:
        """See `Reader`."""
        return list_collections(self._conn, after=after, limit=COLLECTIONS).items


@contextmanager
def thin(url: str) -> Iterator[ThinReader]:
    """Yield a reader by those functions, on a connection of its own."""
    with connect(url, autocommit=True) as conn:
        yield ThinReader(conn)


class MappedReader:
    """A reader by the mapping of the views, with a session for each request."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(self, after: str) -> Sequence[orm.ArtifactSummary]:
        """See `Reader`."""
        with Session(self._engine) as session:
            return session.scalars(orm.select_artifacts(after=after, limit=PAGE)).all()

    def members(self, collection: str, after: str) -> Sequence[orm.ArtifactSummary]:
        """See `Reader`."""
        select = orm.select_artifacts(collection=collection, after=after, limit=PAGE)
        with Session(self._engine) as session:
            return session.scalars(select).all()

    def collection(self, id: str) -> orm.CollectionSummary:  # noqa: A002
        """See `Reader`."""
        with Session(self._engine) as session:
            return session.get_one(orm.CollectionSummary, id)

    def collections(self, after: str) -> Sequence[orm.CollectionSummary]:
        """See `Reader`."""
        with Session(self._engine) as session:
            return session.scalars(orm.select_collections(after=after, limit=COLLECTIONS)).all()


END: Final = "\\echo ."


class PsqlReader:
    """A reader that types statements into psql and reads its lines up to an end mark."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def page(self, after: str) -> list[Any]:
        """See `Reader`."""
        return self._rows(OURS.page, after=after)

    def members(self, collection: str, after: str) -> list[Any]:
        """See `Reader`."""
        return self._rows(OURS.members, collection=collection, after=after)

    def collection(self, id: str) -> Any:  # noqa: A002, ANN401
        """See `Reader`."""
        return self._rows(OURS.collection, id=id)[0]

    def collections(self, after: str) -> list[Any]:
        """See `Reader`."""
        return self._rows(OURS.collections, after=after)

    def _rows(self, statement: str, **values: str) -> list[Any]:
        typed = re.sub(r"%\((\w+)\)s", lambda name: f"'{values[name[1]]}'", statement)
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        assert self._process.stdout is not None  # noqa: S101
        self._process.stdin.write(f"{typed.strip()};\n{END}\n")
        self._process.stdin.flush()
        lines: list[str] = []
        for line in self._process.stdout:
            if line == ".\n":
                break
            lines.append(line)
        return [_typed(row) for row in csv.DictReader(StringIO("".join(lines)))]


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    if "collections" in row:
        row["collections"] = json.loads(row["collections"])
        row["tags"] = next(csv.reader([row["tags"].strip("{}")]))
    else:
        row["artifact_count"] = int(row["artifact_count"])
    return row


@contextmanager
def psql(url: str) -> Iterator[PsqlReader]:
    """Yield a reader by psql, in a process of its own."""
    with subprocess.Popen(
        [embedded.find_binaries() / "psql", "-X", "-q", "--csv", build_conninfo(url)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield PsqlReader(process)
        finally:
            if process.stdin is not None:
                process.stdin.close()
