import json
import os
import re
import struct
import subprocess

import pytest
from psycopg import Connection

from tests.cli.commands import COMMAND, end, run, start

NAMES = ("[red]x[/red]", ":smile:", "日本語 — é", "two  spaces", "a/b\\c", "-", "x" * 255)


@pytest.fixture
def names(conn: Connection) -> tuple[str, ...]:
    """Return names of collections, which are also their ids."""
    with conn.cursor() as cursor:
        cursor.executemany(
            "insert into collections (id, name) values (%(name)s, %(name)s)",
            [{"name": each} for each in NAMES],
        )
    return NAMES


def test_names_and_ids_are_printed_unchanged(names: tuple[str, ...]) -> None:
    listed = run("collections", "list").out.splitlines()[1:]

    for name, line in zip(sorted(names), listed, strict=True):
        assert line.startswith(f"{name}  ")
        assert f"  {name}  " in line


def test_a_printed_name_finds_its_collection(names: tuple[str, ...]) -> None:
    found = [run("collections", "show", "--json", "--", each).json["name"] for each in names]

    assert found == [*names]


def test_a_description_cannot_move_the_cursor(conn: Connection) -> None:
    conn.execute(
        "insert into collections (id, name, description) values ('c', 'C', %s)",
        ("one\n two\x1b[2J\ttail",),
    )

    listed = run("collections", "list").out.splitlines()

    assert listed[1] == r"c   C             0       0  one two\x1b[2J\ttail"


@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_a_locale_without_the_characters_does_not_stop_a_command(
    conn: Connection, as_json: tuple[str, ...]
) -> None:
    conn.execute("insert into collections (id, name) values ('c', '日本語 🐘')")

    ran = end(start("collections", "list", *as_json, PYTHONIOENCODING="latin-1"))

    assert ran.code == 0
    if as_json:
        assert json.loads(ran.out)["items"][0]["name"] == "日本語 🐘"
    else:
        assert r"\u65e5\u672c\u8a9e \U0001f418" in ran.out


def test_the_c_locale_prints_unicode(conn: Connection) -> None:
    conn.execute("insert into collections (id, name) values ('c', '日本語 🐘')")

    assert "日本語 🐘" in end(start("collections", "list", LC_ALL="C", LANG="C")).out


def test_a_terminal_cuts_the_description_and_folds_a_name_longer_than_a_line(
    conn: Connection,
) -> None:
    conn.execute(
        "insert into collections (id, name, description)"
        " values ('c', '[red]x[/red]', %s), ('d', %s, '')",
        ("long " * 50, "y" * 255),
    )

    lines = on_a_terminal("collections", "list", columns=60)

    (row,) = (line for line in lines if "[red]x[/red]" in line)
    assert max(map(len, lines)) <= 60
    assert "…" in row
    assert "".join(lines).count("y") == 255


def on_a_terminal(*arguments: str, columns: int) -> list[str]:
    """Return what a terminal of this width shows, without bold face."""
    fcntl = pytest.importorskip("fcntl")
    termios = pytest.importorskip("termios")
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = os.environ | {"NO_COLOR": "1", "TERM": "xterm"}
    for size in ("COLUMNS", "LINES"):  # a test runner may have set them, and they would win
        environment.pop(size, None)
    with subprocess.Popen(
        [*COMMAND, *arguments], stdin=theirs, stdout=theirs, env=environment
    ) as process:
        os.close(theirs)
        shown = b""
        while part := _read(ours):
            shown += part
    os.close(ours)
    assert process.returncode == 0
    return re.sub(r"\x1b\[\d*m", "", shown.decode()).split("\r\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:  # the other end is closed
        return b""
