import json
from pathlib import Path
from typing import Any

import pytest

from tests.importer.readers.trees import (
    PLAIN,
    ReadSource,
    ids,
    listing,
    only_problem,
    read_one,
    write_files,
)

MANIFEST = ".claude-plugin/plugin.json"
RUN = {"hooks": [{"type": "command", "command": "run"}]}


def told(source: ReadSource) -> list[tuple[str | None, bool]]:
    """Return what is wrong with the hooks, and whether they are left out."""
    return [(problem.detail, problem.is_skipped) for problem in source.problems]


@pytest.mark.parametrize(
    ("files", "hooks"),
    [
        ({"hooks/hooks.json": {"hooks": {"Stop": [RUN]}}}, "hook:p"),
        ({MANIFEST: {"name": "p", "hooks": {"Stop": [RUN]}}}, "hook:p"),
        ({MANIFEST: {"name": "p", "hooks": {"hooks": {"Stop": [RUN]}}}}, "hook:p"),
        # Claude Code reads a declared file beside hooks/hooks.json, and each file once.
        (
            {
                MANIFEST: {"name": "p", "hooks": ["./hooks/hooks.json", "./more/extra.json"]},
                "hooks/hooks.json": {"hooks": {"Stop": [RUN]}},
                "more/extra.json": {"description": "More.", "Stop": [RUN, RUN]},
            },
            "hook:p hook:p/extra",
        ),
        (
            {
                MANIFEST: {"name": "p", "hooks": {"Stop": [RUN]}},
                "hooks/hooks.json": {"hooks": {"SessionStart": [RUN]}},
            },
            "hook:p hook:p/hooks",
        ),
        # Each object of a manifest, and each file of one name, has hooks of its own.
        (
            {
                MANIFEST: {
                    "name": "p",
                    "hooks": [{"Stop": [RUN]}, {"Stop": [RUN, RUN]}, {"End": []}],
                }
            },
            "hook:p hook:p/inline",
        ),
        (
            {
                MANIFEST: {"name": "p", "hooks": ["./a/x.json", "./b/x.json", "./c/x.json"]},
                "a/x.json": {"Stop": [RUN]},
                "b/x.json": {"Start": [RUN]},
                "c/x.json": {"End": [RUN]},
            },
            "hook:p hook:p/x hook:p/x-2",
        ),
    ],
)
def test_the_hooks_of_each_file_are_one_artifact_with_the_plugins_name(
    tmp_path: Path, files: dict[str, Any], hooks: str
) -> None:
    write_files(tmp_path, {MANIFEST: {"name": "p"}, **files})

    source = read_one(tmp_path)

    assert (ids(source), source.problems) == ({"p": hooks.split()}, ())


def test_hooks_have_a_description_and_their_plugins_version(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            ".claude-plugin/marketplace.json": listing(
                {"name": "told", "source": "./told", "version": "1"},
                {"name": "bare", "source": "./bare", "version": "2"},
                {"name": "own", "source": "./own", "version": "2"},
            ),
            "told/.claude-plugin/plugin.json": {"name": "told", "version": "3"},
            "told/hooks/hooks.json": {"description": "Formats.", "hooks": {"Stop": [RUN]}},
            "own/hooks/hooks.json": {"version": "4.1", "hooks": {"Stop": [RUN]}},
            "bare/hooks/hooks.json": {"hooks": {"Stop": [RUN], "PreToolUse": [RUN]}},
        },
    )

    found = [each for plugin in read_one(tmp_path).collections for each in plugin.artifacts]

    assert [(each.id, each.description, each.version) for each in found] == [
        ("hook:bare", "Runs on PreToolUse, Stop.", "2"),
        ("hook:own", "Runs on Stop.", "4.1"),
        ("hook:told", "Formats.", "3"),
    ]


def test_a_broken_event_costs_that_event_only(tmp_path: Path) -> None:
    events = {
        "Stop": [RUN, "hunter2", {"type": "command", "command": "hunter2"}],
        "Setup": {"hunter2": 1},
        "PreToolUse": [{"hooks": [{"command": "hunter2"}]}],
    }
    write_files(tmp_path, {MANIFEST: {"name": "p"}, "hooks/hooks.json": {"hooks": events}})

    source = read_one(tmp_path)

    (hooks,) = source.collections[0].artifacts
    assert hooks.metadata == {"definition": {"hooks": {"Stop": [RUN]}}}
    assert told(source) == [
        ("Stop holds a text, not an object", False),
        ("Stop holds an object without a list of hooks", False),
        ("Setup is an object, not a list", False),
        ("PreToolUse holds a hook without a type", False),
    ]
    assert "hunter2" not in str(source)


@pytest.mark.parametrize(
    ("value", "detail"),
    [
        (
            {"hooks": [{"event": "Stop", "command": "hunter2"}]},
            "hooks is a list, not an object with a list for each event",
        ),
        (["hunter2"], "hooks is a list, not an object with a list for each event"),
        ({"hooks": {"Stop": "hunter2"}}, "Stop is a text, not a list"),
    ],
)
def test_hooks_of_a_form_that_claude_code_refuses_are_left_out_and_told(
    tmp_path: Path, value: object, detail: str
) -> None:
    write_files(tmp_path, {MANIFEST: {"name": "p"}, "agents/a.md": "---\na: 1\n---\n"})
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "hooks.json").write_text(json.dumps(value))

    source = read_one(tmp_path)

    assert (ids(source), told(source)) == ({"p": ["agent:a"]}, [(detail, True)])
    assert source.problems[0].artifact_id == "hook:p"


def test_hooks_in_an_entry_that_are_no_object_are_read_and_told(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            ".claude-plugin/marketplace.json": listing(
                {"name": "file", "source": "./file", "hooks": "./x.json"},
                {"name": "list", "source": "./list", "hooks": [{"Stop": [RUN]}]},
                {"name": "object", "source": "./object", "hooks": {"Stop": [RUN]}},
            ),
            "file/x.json": {"Stop": [RUN]},
            "list/README.md": "x",
            "object/README.md": "x",
        },
    )

    source = read_one(tmp_path)

    assert ids(source) == {"file": ["hook:file"], "list": ["hook:list"], "object": ["hook:object"]}
    assert told(source) == [("file", False), ("list", False)]
    assert {problem.reason for problem in source.problems} == {
        "Claude Code does not read hooks in an entry that are not an object"
    }


@pytest.mark.parametrize("hooks", [{}, {"hooks": {"Stop": [RUN]}}])
def test_the_modules_of_a_mod_are_counted_and_not_read(
    tmp_path: Path, hooks: dict[str, object]
) -> None:
    write_files(
        tmp_path,
        {
            MANIFEST: {"name": "p"},
            "hooks/hooks.json": {"modules": ["./register.js"], **hooks},
            "skills/s/SKILL.md": "---\ndescription: x\n---\n",
        },
    )

    source = read_one(tmp_path)

    assert ids(source) == {"p": ["hook:p", "skill:s"] if hooks else ["skill:s"]}
    assert [(each.kind, each.path) for each in source.omissions] == [
        ("modules of mods", "hooks/hooks.json")
    ]
    assert source.problems == ()


def test_no_hooks_are_no_problem(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            MANIFEST: {"name": "p", "hooks": {}},
            "hooks/hooks.json": {"hooks": {}},
            "agents/a.md": "---\na: 1\n---\n",
        },
    )

    source = read_one(tmp_path)

    assert (ids(source), source.problems) == ({"p": ["agent:a"]}, ())


@pytest.mark.parametrize(
    "manifest",
    [
        {"name": "p"},
        {"name": "p", "experimental": {"monitors": "./monitors/monitors.json"}},
        {"name": "p", "monitors": "./monitors/monitors.json"},
    ],
)
def test_each_monitor_is_an_artifact(tmp_path: Path, manifest: dict[str, object]) -> None:
    log = {"name": "log", "command": "tail -F app.log hunter2", "description": "The log."}
    write_files(tmp_path, {MANIFEST: manifest})
    (tmp_path / "monitors").mkdir()
    (tmp_path / "monitors" / "monitors.json").write_text(json.dumps([log, {"name": "x"}, 5]))

    source = read_one(tmp_path)

    (monitor,) = source.collections[0].artifacts
    assert (monitor.id, monitor.description) == ("monitor:log", "The log.")
    assert monitor.metadata["definition"] == {**log, "command": "tail -F ***"}
    assert told(source) == [
        ("a monitor has no name, or no command", True),
        ("a monitor is a number, not an object", True),
    ]


def test_a_manifest_defines_monitors_itself(tmp_path: Path) -> None:
    log = {"name": "log", "command": "tail", "description": "The log."}
    write_files(tmp_path, {MANIFEST: {"name": "p", "experimental": {"monitors": [log]}}})

    assert ids(read_one(tmp_path)) == {"p": ["monitor:log"]}


@pytest.mark.parametrize("path", ["settings.json", "settings.local.json"])
@pytest.mark.parametrize("text", ["[]", "null", '"x"'])
def test_settings_that_are_no_object_are_told(tmp_path: Path, path: str, text: str) -> None:
    write_files(tmp_path / ".claude", {path: text, "agents/a.md": PLAIN})

    problem = only_problem(read_one(tmp_path))

    assert (problem.reason, problem.hides_artifacts) == ("is not a JSON object", True)
