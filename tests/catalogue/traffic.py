"""The statements that a connection sends, from libpq's trace of the protocol."""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from psycopg import Connection
from psycopg.pq import Trace

_RUN = re.compile(r"^F\t\d+\t(?:Query|Execute)\t", re.MULTILINE)


class Traffic:
    """How many statements were run; known once the block is left."""

    statements = 0


@contextmanager
def traffic(conn: Connection) -> Iterator[Traffic]:
    """Count the statements that the block sends."""
    if sys.platform != "linux":
        pytest.skip("libpq can be traced on Linux only")
    found = Traffic()
    with tempfile.TemporaryFile() as file:
        conn.pgconn.trace(file.fileno())
        conn.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
        try:
            yield found
        finally:
            conn.pgconn.untrace()
        file.seek(0, os.SEEK_SET)
        found.statements = len(_RUN.findall(file.read().decode(errors="replace")))
