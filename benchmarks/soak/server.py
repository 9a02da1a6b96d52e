"""The soaked server: a new one, which the soak may crash, or a given one."""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

import psycopg
from psycopg import sql

from skillmeat import embedded
from skillmeat.embedded.initdb import DURABLE
from skillmeat.errors import SkillMeatError

NOT_DURABLE: Final = {**DURABLE, "fsync": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class SoakServer:
    """A new database; `root` is the server's directory if the soak may crash the server."""

    url: str
    root: Path | None = None
    binaries: Path | None = None

    def crash(self) -> None:
        """Crash the server, as a power cut would, and let it recover."""
        if self.root is None:
            return
        pid = embedded.get_status(self.root).pid
        if pid is not None:
            os.kill(pid, signal.SIGQUIT)
            while embedded.get_status(self.root).pid == pid:
                time.sleep(0.02)
        embedded.start(self.root, binaries=self.binaries)


@contextmanager
def start_server(*, fsync: bool) -> Iterator[SoakServer]:
    """Yield a new database on the server that POSTGRES names; drop it after the block."""
    given = os.environ.get("POSTGRES", "")
    if given.startswith(("postgresql://", "postgres://")):
        with _database(given) as url:
            yield SoakServer(url)
        return
    binaries = Path(given) if given else embedded.find_binaries()
    if not (binaries / "postgres").is_file():
        message = (
            f"POSTGRES={given} is neither a postgresql:// URL nor a folder that holds the program "
            "postgres"
        )
        raise SkillMeatError(message)
    with tempfile.TemporaryDirectory(prefix="skillmeat-soak-") as folder:
        root = Path(folder) / "server"
        settings = DURABLE if fsync else NOT_DURABLE
        try:
            url = embedded.start(root, binaries=binaries, settings=settings)
            with _database(url) as database:
                yield SoakServer(database, root, binaries)
        finally:
            embedded.stop(root)


@contextmanager
def _database(url: str) -> Iterator[str]:
    name = f"skillmeat_soak_{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    try:
        yield embedded.replace_database(url, name)
    finally:
        with suppress(psycopg.OperationalError), psycopg.connect(url, autocommit=True) as admin:
            admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
