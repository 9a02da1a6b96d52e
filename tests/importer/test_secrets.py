"""No secret of a source reaches the database, the server's log or the report."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import Connection

from tests.cli.commands import run
from tests.dump_restore.programs import programs_for
from tests.importer.readers.trees import read_all, write_files

SECRET = "canary"  # noqa: S105 - a mark that is searched for


def write_project(root: Path) -> Path:
    """Write a marketplace in a project, with a secret in every place that may hold one."""
    numbers = itertools.count()

    def secret() -> str:
        return f"{SECRET}{next(numbers)}"

    def server() -> dict[str, object]:
        return {
            "command": f"npx server --token={secret()}",
            "args": [
                "-y",
                "server@1",
                secret(),
                "--key",
                secret(),
                f"--key={secret()}",
                f"-p{secret()}",
                f"TOKEN={secret()}",
                f"postgresql://me:{secret()}@host/db",
                f"https://host.dev/?token={secret()}",
                f"${{KEY:-{secret()}}}",
            ],
            "env": {"TOKEN": secret(), "description": secret(), "url": f"https://{secret()}@host"},
            "initializationOptions": {"name": secret(), "pin": [secret()]},
            "settings": {"title": {"key": secret()}},
            "extensionToLanguage": {".x": "x"},
            "unknown": secret(),
        }

    def remote(**more: object) -> dict[str, object]:
        return {
            "type": "http",
            "url": f"https://me:{secret()}@host.dev/{secret()}/mcp?key={secret()}#{secret()}",
            "headers": {"Authorization": f"Bearer {secret()}", "type": secret()},
            "headersHelper": f"echo '{secret()}'",
            "oauth": {"clientId": secret(), "clientSecret": secret()},
            **more,
        }

    def hooks() -> dict[str, object]:
        listed = [
            {"type": "command", "command": f"TOKEN={secret()} curl -u me:{secret()} {secret()}"},
            {"type": "command", "command": "curl", "args": ["-H", f"Authorization: {secret()}"]},
            {"type": "command", "command": f"echo 'it && {secret()}"},
            {"type": "prompt", "prompt": f"Is {secret()} in it?", "model": secret()},
            {"type": "mcp_tool", "server": "s", "tool": "t", "input": {"name": secret()}},
            {"type": "command", "command": "a", "if": f"Bash({secret()})", "env": {"A": secret()}},
            remote(type="http"),
        ]
        return {"PreToolUse": [{"matcher": "Bash", "hooks": listed}], "Stop": secret()}

    entry = {"name": "listed", "source": "./listed", "strict": False}
    manifest = {
        "name": "own",
        "mcpServers": {"inline": server(), "list": [secret()], "args": {"args": secret()}},
        "lspServers": [{"inline": server()}, [secret()]],
        "hooks": hooks(),
        "experimental": {"monitors": [{"name": "m", "command": f"tail {secret()}"}]},
        "settings": {"env": {"TOKEN": secret()}},
        "userConfig": {"token": {"default": secret()}},
        "channels": [{"server": "inline", "userConfig": {"a": {"default": secret()}}}],
    }
    agent = f"""---
description: An agent.
mcpServers:
  - own: {{command: run, env: {{TOKEN: {secret()}}}}}
hooks:
  Stop: [{{hooks: [{{type: command, command: "echo {secret()}"}}]}}]
env: {{TOKEN: {secret()}}}
---
"""
    return write_files(
        root,
        {
            ".claude-plugin/marketplace.json": {
                "name": "market",
                "plugins": [
                    {**entry, "lspServers": {"go": server()}, "hooks": hooks()},
                    {"name": "served", "source": "./served"},
                    {"name": "own", "source": "./own", "mcpServers": {"entry": remote()}},
                ],
            },
            "listed/README.md": "x",
            "served/.mcp.json": {"mcpServers": {"stdio": server(), "far": remote()}},
            "own/.claude-plugin/plugin.json": manifest,
            "own/.lsp.json": {"lspServers": {"file": server()}},
            "own/hooks/hooks.json": {"hooks": hooks()},
            "own/agents/a.md": agent,
            "own/bin/tool": secret(),
            ".claude/settings.json": {"hooks": hooks(), "env": {"TOKEN": secret()}},
            ".claude/settings.local.json": {"apiKeyHelper": secret(), "hooks": hooks()},
            ".mcp.json": {"mcpServers": {"project": server()}},
        },
    )


@pytest.fixture
def log(conn: Connection) -> Iterator[Path | None]:
    """Yield the log of a server that logs every statement and every value."""
    (folder,) = conn.execute("show data_directory").fetchone() or ("",)
    path = Path(folder).parent / "server.log"
    if not path.is_file():
        yield None
        return
    conn.execute("alter role current_user set log_min_duration_statement = 0")
    yield path
    conn.execute("alter role current_user reset log_min_duration_statement")


def test_no_secret_leaves_the_source(
    conn: Connection,
    url: str,
    log: Path | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", url)
    monkeypatch.setenv("SKILLMEAT_SCHEMA", "skillmeat")
    root = write_project(tmp_path / "project")

    ran = [run("import", str(root), *options) for options in ((), ("--json",), ("--verbose",))]

    assert [each.code for each in ran] == [0, 0, 0]
    types = conn.execute("select type, count(*) from artifacts group by type order by type")
    assert dict(types.fetchall()) == {
        "agent": 1,
        "hook": 5,
        "lsp_server": 3,
        "mcp": 4,
        "monitor": 1,
    }
    dump = programs_for(url).dump(url, tmp_path / "dump.sql")
    logged = log.read_text(errors="replace") if log else ""
    assert SECRET not in dump.read_text()
    assert SECRET not in "".join(each.out + each.err for each in ran)
    assert SECRET not in str(read_all(root))
    assert SECRET not in logged
    # The keys stay.
    assert "initializationOptions" in dump.read_text()
    assert log is None or "insert into artifact_versions" in logged


def test_a_secret_that_changes_is_no_new_version(
    conn: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("SKILLMEAT_DATABASE_URL", url)
    monkeypatch.setenv("SKILLMEAT_SCHEMA", "skillmeat")
    root = write_project(tmp_path / "project")
    run("import", str(root))
    before = conn.execute("select * from artifact_versions order by id").fetchall()
    for path in filter(Path.is_file, root.rglob("*")):
        path.write_text(path.read_text().replace(SECRET, "other"))

    again = run("import", str(root), "--json").json

    assert again["changed"] is False
    assert conn.execute("select * from artifact_versions order by id").fetchall() == before
