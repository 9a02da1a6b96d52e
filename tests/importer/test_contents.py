"""The texts that an import keeps: once for each hash, with every version, and without secrets."""

import json
from pathlib import Path

import pytest
from psycopg import Connection

from skillmeat.catalogue import get_content
from skillmeat.importer import import_paths
from tests.importer.markets import home

BODY = "# Notes\r\n\r\nhooks: are explained \u00e9 here.\r\n"
PLAIN = f"---\r\ndescription: d # why\r\n---\r\n{BODY}"
LARGEST = 1 << 20


def texts(conn: Connection) -> dict[str, str | None]:
    """Return the newest text of every artifact, or None if none is kept."""
    ids = [row[0] for row in conn.execute("select id from artifacts order by id")]
    contents = {each: get_content(conn, each) for each in ids}
    return {key: content.content if content else "" for key, content in contents.items()}


def list_rows(conn: Connection) -> list[tuple[object, ...]]:
    """Return every text with the transaction that wrote it or locked it last."""
    return conn.execute("select xmin, xmax, * from artifact_contents order by 3").fetchall()


def test_a_text_is_kept_once_and_as_it_is_written(conn: Connection, tmp_path: Path) -> None:
    root = home(tmp_path / "h", {"skills/a/SKILL.md": PLAIN, "agents/b.md": PLAIN})

    report = import_paths(conn, [root])

    assert report.contents_added == 1
    assert texts(conn) == {"agent:b": PLAIN, "skill:a": PLAIN}
    before = list_rows(conn)
    assert not import_paths(conn, [root]).changed
    assert list_rows(conn) == before


def test_each_version_keeps_its_text_until_the_artifact_is_deleted(
    conn: Connection, tmp_path: Path
) -> None:
    for version in ("1.0", "2.0"):
        text = f"---\ndescription: d\nversion: {version}\n---\n{version} is this\n"
        import_paths(conn, [home(tmp_path / "h", {"skills/a/SKILL.md": text})])

    old = get_content(conn, "skill:a", version="1.0")
    assert old is not None
    assert str(old.content).endswith("1.0 is this\n")
    assert get_content(conn, "skill:a", version=str(old.content_hash)[:8]) == old
    assert str(texts(conn)["skill:a"]).endswith("2.0 is this\n")
    conn.execute("delete from artifacts")
    assert list_rows(conn) == []


def test_without_content_nothing_is_kept_and_a_later_import_adds_it(
    conn: Connection, tmp_path: Path
) -> None:
    root = home(tmp_path / "h", {"skills/a/SKILL.md": PLAIN})

    first = import_paths(conn, [root], keep_content=False)
    assert (first.versions_added, first.contents_added, texts(conn)) == (1, 0, {"skill:a": None})

    second = import_paths(conn, [root])
    assert (second.versions_added, second.contents_added) == (0, 1)
    assert not import_paths(conn, [root], keep_content=False).changed
    assert texts(conn) == {"skill:a": PLAIN}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (PLAIN + "x" * (LARGEST - len(PLAIN.encode())), None),
        (
            PLAIN + "x" * (LARGEST - len(PLAIN.encode()) + 1),
            "its text is not kept, because it is larger than 1 MiB",
        ),
        (PLAIN + "a\0b", "its text is not kept, because it holds a NUL character"),
        (
            "<!-- c -->\n---\nenv: {T: canary}\n---\n",
            "its text is not kept, because its front matter cannot be read and may hold secrets",
        ),
        (
            "---\nmcpServers: {a: {env: {T: canary}}}\n",
            "its text is not kept, because its front matter cannot be read and may hold secrets",
        ),
    ],
)
def test_a_text_that_cannot_be_kept_is_reported_and_its_artifact_imported(
    conn: Connection, tmp_path: Path, text: str, reason: str | None
) -> None:
    report = import_paths(conn, [home(tmp_path / "h", {"skills/a/SKILL.md": text})])

    reasons = [each.reason for each in report.problems if each.reason.startswith("its text")]
    assert reasons == ([reason] if reason else [])
    assert not any(each.is_skipped for each in report.problems)
    assert texts(conn) == {"skill:a": None if reason else text}


@pytest.mark.parametrize(
    "front_matter",
    [
        "mcpServers: {s: {command: npx, env: {T: canary}}}",
        "mcpServers:\n  s:\n    command: npx # canary",
        "env: {T: canary}\nenv: {}",
        '"\\x65nv": {T: canary}',
        "env: {T: canary\nmodel: opus",
        "metadata: {hooks: {Stop: [{hooks: [{type: command, command: echo canary}]}]}}",
    ],
)
def test_the_text_has_no_secret_of_the_front_matter(
    conn: Connection, tmp_path: Path, front_matter: str
) -> None:
    text = f"---\ndescription: d\n{front_matter}\n---\n{BODY}"
    import_paths(conn, [home(tmp_path / "h", {"agents/a.md": text})])

    kept = str(texts(conn)["agent:a"])
    assert "canary" not in kept
    assert kept.startswith("---\ndescription: d\n")
    assert kept.endswith(f"\n---\n{BODY}")


def test_the_text_of_a_configuration_is_its_definition_without_secrets(
    conn: Connection, tmp_path: Path
) -> None:
    servers = {"s": {"command": "npx", "env": {"T": "canary"}}}
    root = tmp_path / "h"
    (root / ".claude").mkdir(parents=True)
    (root / ".mcp.json").write_text(json.dumps({"mcpServers": servers}))
    import_paths(conn, [root])
    assert json.loads(str(texts(conn)["mcp:s"])) == {"command": "npx", "env": {"T": "***"}}
