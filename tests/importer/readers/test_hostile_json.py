"""Any JSON in the place of servers, hooks and monitors is read without an error and a secret."""

import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from skillmeat.importer.readers import servers
from skillmeat.importer.readers.components import scan_path
from skillmeat.importer.readers.folder_scan import ScanResult, SourcePath
from skillmeat.importer.readers.hooks import scan_hooks, scan_monitors, scan_settings
from skillmeat.importer.readers.redaction import redact_definition, redact_metadata
from skillmeat.importer.readers.text import is_storable
from tests.importer.readers.trees import ids, read_one, write_files

SECRET = "hunter2hunter2"  # noqa: S105 - a mark that is searched for

KEYS = st.sampled_from(
    [
        *("args", "command", "description", "env", "extensionToLanguage", "headers", "hooks"),
        *("lspServers", "matcher", "mcpServers", "name", "projects", "settings", "statusLine"),
        *("timeout", "type", "url", "version", "$schema", "Stop", "s", "", "\x00", "\ud800"),
    ]
)
TEXTS = st.sampled_from(["", "http", "npx -y a", "https://host/", "${A:-b}", "'", "\x00\ud800"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS


def nested(leaves: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Values of these leaves, in lists and in objects."""
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
        max_leaves=12,
    )


def scan_mcp(source_path: SourcePath, result: ScanResult) -> None:
    servers.scan_servers(servers.MCP, source_path, result)


def scan_lsp(source_path: SourcePath, result: ScanResult) -> None:
    servers.scan_servers(servers.LSP, source_path, result)


SCANS = (scan_mcp, scan_lsp, servers.scan_home_servers, scan_hooks, scan_monitors, scan_settings)


@given(value=nested(LEAVES))
def test_any_json_is_read_as_artifacts_that_can_be_stored(value: object) -> None:
    results = []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file.json"
        path.write_text(json.dumps(value))

        # To generate a value takes longer than to scan it six times.
        for scan in SCANS:
            results.append(ScanResult(folder, (folder,)))
            scan_path(scan, SourcePath(str(path), "file.json"), results[-1])

    for result in results:
        for candidate in result.candidates:
            assert candidate.data is not None
            artifact, problems = candidate.parse(candidate, candidate.data, "local")
            texts = (artifact.name, artifact.title, artifact.description, artifact.version)
            stored = json.dumps([artifact.metadata, texts], allow_nan=False, ensure_ascii=False)
            assert (problems, is_storable(stored), "\\u0000" in stored) == ([], True, False)
        assert all(problem.message.isprintable() for problem in result.problems)


@given(
    value=st.dictionaries(
        st.sampled_from(
            ["env", "headers", "settings", "oauth", "initializationOptions", "unknown"]
        ),
        nested(st.just(SECRET) | st.just(f"a {SECRET}") | st.just(f"${{A:-{SECRET}}}")),
    )
)
def test_no_value_below_a_key_of_values_stays(value: dict[str, object]) -> None:
    assert SECRET not in str(redact_definition(value))  # type: ignore[arg-type]
    hidden = {key: each for key, each in value.items() if key in {"env", "headers"}}
    metadata = {"mcpServers": {"s": value}, "lspServers": [hidden], **hidden}
    assert SECRET not in str(redact_metadata(metadata))  # type: ignore[arg-type]


@given(
    before=st.sampled_from(
        ["", "-p", "a=", "A=", "--a=", "https://a:", "a://", "'", '"', "${A:-", "$"]
    ),
    after=st.sampled_from(["", "@host/", "'", '"', "}", "=", ":x", " b", "\n"]),
    words=st.sampled_from([["curl"], ["npx", "-y", "a"], ["sh", "-c"], ["A=b", "run"], ["x", "'"]]),
)
def test_no_argument_stays_but_names_and_scripts(before: str, after: str, words: list[str]) -> None:
    word = f"{before}{SECRET}!{after}"
    program, *arguments = words

    definition = redact_definition(
        {
            "command": program,
            "args": [*arguments, word],
            "headersHelper": " ".join([*words, word]),
            "url": f"https://host/{word}",
        }
    )

    assert SECRET not in str(definition)


def test_files_that_are_no_files_cost_no_more_than_themselves(tmp_path: Path) -> None:
    outside = write_files(tmp_path / "outside", {"x.json": {"s": {"command": "a"}}}) / "x.json"
    root = write_files(
        tmp_path / "p",
        {
            ".claude-plugin/plugin.json": {
                "name": "p",
                "mcpServers": ["./loop.json", "./out.json"],
            },
            "hooks/hooks.json/x": "",
            "monitors/monitors.json": b"",
            "themes/night.json": {"base": "dark"},
        },
    )
    os.mkfifo(root / ".mcp.json")
    (root / ".lsp.json").write_bytes(b" " * (11 << 20))
    (root / "loop.json").symlink_to("loop.json")
    (root / "out.json").symlink_to(outside)

    source = read_one(root)

    assert ids(source) == {"p": ["theme:night"]}
    assert sorted(problem.path for problem in source.problems) == [
        ".lsp.json",
        ".mcp.json",
        "hooks/hooks.json",
        "loop.json",
        "monitors/monitors.json",
        "out.json",
    ]
