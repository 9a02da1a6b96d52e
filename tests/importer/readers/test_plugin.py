from pathlib import Path

import pytest

from tests.importer.readers.trees import PLAIN, ids, listing, read_one, write_files

MARKETPLACE = ".claude-plugin/marketplace.json"
PLUGIN = "toolbox/.claude-plugin/plugin.json"

FILES = {
    "toolbox/agents/lead.md": PLAIN,
    "toolbox/commands/ship.md": PLAIN,
    "toolbox/skills/usual/SKILL.md": PLAIN,
    "toolbox/staff/deputy.md": PLAIN,
    "toolbox/jobs/plan.md": PLAIN,
    "toolbox/library/rare/SKILL.md": PLAIN,
}


@pytest.mark.parametrize(
    ("entry", "own", "expected"),
    [
        # The manifest's skills add to skills/; its agents and commands replace the default.
        ({}, {"skills": "./library"}, "agent:lead command:ship skill:rare skill:usual"),
        ({}, {"agents": ["./staff"]}, "agent:deputy command:ship skill:usual"),
        ({}, {"commands": []}, "agent:lead skill:usual"),
        ({}, {"commands": None}, "agent:lead command:ship skill:usual"),
        # The entry adds to the manifest, and takes nothing away from it.
        (
            {"commands": "./jobs/plan.md", "agents": "./staff/deputy.md"},
            {"skills": "./library", "agents": "./agents"},
            "agent:deputy agent:lead command:plan command:ship skill:rare skill:usual",
        ),
        # Without a manifest, the entry is the manifest.
        ({"commands": "./jobs"}, None, "agent:lead command:plan skill:usual"),
        ({"commands": "./jobs", "strict": False}, None, "agent:lead command:plan skill:usual"),
        # An entry that declares nothing leaves the manifest as it is.
        (
            {"strict": False},
            {"skills": ["./library/"], "commands": ["./jobs/"]},
            "agent:lead command:plan skill:rare skill:usual",
        ),
    ],
)
def test_the_entry_and_the_manifest_are_merged(
    tmp_path: Path, entry: dict[str, object], own: dict[str, object] | None, expected: str
) -> None:
    files: dict[str, str | dict[str, object]] = {**FILES}
    files[MARKETPLACE] = listing({"name": "t", "source": "./toolbox", **entry})
    if own is not None:
        files[PLUGIN] = own
    write_files(tmp_path, files)

    assert ids(read_one(tmp_path)) == {"t": expected.split()}


def test_a_skill_at_the_root_of_a_plugin_is_its_one_skill(tmp_path: Path) -> None:
    named = "---\nname: Named\ndescription: x\n---\n"
    write_files(
        tmp_path,
        {
            MARKETPLACE: listing(
                {"name": "solo", "source": "./plugins/solo"},
                {"name": "dot", "source": "./dot"},
                {"name": "file", "source": "./file"},
                {"name": "both", "source": "./both"},
                {"name": "elsewhere", "source": "./elsewhere"},
            ),
            "plugins/solo/SKILL.md": named,
            "plugins/solo/commands/c.md": PLAIN,
            "plugins/unlisted/SKILL.md": PLAIN,
            "dot/.claude-plugin/plugin.json": {"skills": ["./", "."]},
            "dot/SKILL.md": PLAIN,
            "file/.claude-plugin/plugin.json": {"skills": ["./SKILL.md", "./more/s/SKILL.md"]},
            "file/SKILL.md": "---\nname: bad \\x07\n---\n",
            "file/more/s/SKILL.md": named,
            "both/SKILL.md": named,
            "both/skills/usual/SKILL.md": PLAIN,
            "elsewhere/.claude-plugin/plugin.json": {"skills": "./more"},
            "elsewhere/SKILL.md": named,
            "elsewhere/more/s/SKILL.md": PLAIN,
        },
    )

    source = read_one(tmp_path)

    assert ids(source) == {
        "solo": ["command:c", "skill:Named"],
        "unlisted": ["skill:unlisted"],
        "dot": ["skill:dot"],
        "file": ["skill:bad \\x07", "skill:s"],
        "both": ["skill:usual"],
        "elsewhere": ["skill:s"],
    }
    paths = {artifact.path for each in source.collections for artifact in each.artifacts}
    assert {"plugins/solo/SKILL.md", "dot/SKILL.md", "file/more/s/SKILL.md"} <= paths


def test_a_root_skill_that_leads_outside_is_not_even_asked_for_its_name(tmp_path: Path) -> None:
    root = write_files(tmp_path / "in", {".claude-plugin/plugin.json": {}, "agents/a.md": PLAIN})
    write_files(tmp_path, {"secret.md": "---\nname: secret\n---\n"})
    (root / "SKILL.md").symlink_to("../secret.md")

    source = read_one(root)

    assert ids(source) == {"in": ["agent:a"]}
    (problem,) = source.problems
    assert (problem.path, problem.artifact_id, problem.hides_artifacts) == ("SKILL.md", None, True)
    assert "leads outside" in problem.message


def test_a_list_of_an_entry_at_the_root_is_complete_unless_it_names_the_whole(
    tmp_path: Path,
) -> None:
    lists = {
        "some": ["./skills/a", "./extra/c", "./skills/gone"],
        "gone": ["./skills/gone"],
        "whole": ["./skills/", "./extra"],
    }
    entries = [
        {"name": name, "source": "./", "skills": skills, "agents": "./agents/none.txt"}
        for name, skills in lists.items()
    ]
    write_files(
        tmp_path,
        {
            MARKETPLACE: listing(*entries),
            "skills/a/SKILL.md": PLAIN,
            "skills/b/SKILL.md": PLAIN,
            "extra/c/SKILL.md": PLAIN,
            "agents/none.txt": "",
        },
    )

    source = read_one(tmp_path)

    assert ids(source) == {
        "some": ["skill:a", "skill:c"],
        "gone": ["skill:a", "skill:b"],
        "whole": ["skill:a", "skill:b", "skill:c"],
    }
    assert {problem.path for problem in source.problems} == {"skills/gone", "agents/none.txt"}


@pytest.mark.parametrize("own", [{"skills": "./library"}, {"name": "t"}])
def test_an_entry_that_is_not_strict_and_a_plugin_json_are_a_conflict(
    tmp_path: Path, own: dict[str, object]
) -> None:
    entry = {"name": "t", "source": "./toolbox", "strict": False, "commands": "./jobs"}
    write_files(tmp_path, {**FILES, MARKETPLACE: listing(entry), PLUGIN: own})

    source = read_one(tmp_path)

    assert ids(source) == {"t": ["command:plan"]}
    (problem,) = source.problems
    assert (problem.path, problem.is_skipped) == ("toolbox", False)
    assert "does not load the plugin" in problem.reason
    assert [(each.kind, each.path) for each in source.omissions] == [
        ("folders that a manifest replaces", f"toolbox/{folder}")
        for folder in ("skills", "agents", "commands")
    ]


def test_a_folder_that_an_entry_replaces_is_told(tmp_path: Path) -> None:
    entry = {"name": "t", "source": "./toolbox", "agents": "./staff"}
    write_files(tmp_path, {**FILES, MARKETPLACE: listing(entry)})

    assert [each.path for each in read_one(tmp_path).omissions] == ["toolbox/agents"]


@pytest.mark.parametrize("skills", [None, "./"])
def test_skills_in_a_plugins_own_folder_are_told_unless_they_are_declared(
    tmp_path: Path, skills: str | None
) -> None:
    write_files(
        tmp_path,
        {
            ".claude-plugin/plugin.json": {"name": "p", "skills": skills},
            "build/SKILL.md": PLAIN,
            "build/deeper/SKILL.md": PLAIN,
            "docs/guide.md": PLAIN,
            "skills/usual/SKILL.md": PLAIN,
            ".git/SKILL.md": PLAIN,
        },
    )

    source = read_one(tmp_path)

    assert ids(source) == {"p": ["skill:build", "skill:usual"] if skills else ["skill:usual"]}
    assert [(each.kind, each.path) for each in source.omissions] == (
        [] if skills else [("skills of a plugin that are not in skills/", "build")]
    )


@pytest.mark.parametrize("experimental", [["./themes"], "./themes", 5, False])
def test_experimental_components_of_a_wrong_shape_are_told(
    tmp_path: Path, experimental: object
) -> None:
    write_files(
        tmp_path,
        {
            ".claude-plugin/plugin.json": {"name": "p", "experimental": experimental},
            "agents/a.md": PLAIN,
        },
    )

    (problem,) = read_one(tmp_path).problems

    assert (problem.reason, problem.is_skipped) == ("its experimental is not an object", True)


def test_a_key_that_is_twice_in_a_manifest_is_told(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            MARKETPLACE: '{"name": "m", "plugins": [], "plugins": [{"name": "p", "name": "q",'
            ' "source": "./q"}]}',
            "q/.claude-plugin/plugin.json": '{"name": "q", "version": "1", "version": "2"}',
            "q/agents/a.md": PLAIN,
        },
    )

    source = read_one(tmp_path)

    assert ids(source) == {"q": ["agent:a"]}
    assert [(each.path, each.detail, each.is_skipped) for each in source.problems] == [
        (MARKETPLACE, "name, plugins", False),
        ("q/.claude-plugin/plugin.json", "version", False),
    ]


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({"agents": {"lead": "./staff/deputy.md"}}, "agent:deputy"),
        ({"agents": [{"name": "x", "path": "./staff/deputy.md"}]}, "agent:deputy"),
        ({"agents": "${CLAUDE_PLUGIN_ROOT}/staff"}, "agent:deputy"),
        ({"agents": "./staff/../staff//deputy.md"}, "agent:deputy"),
        ({"commands": {"go": {"source": "./jobs/plan.md"}}}, "command:go"),
        ({"commands": [{"source": "./jobs/plan.md"}]}, "command:plan"),
        (
            {"commands": {"go": "./jobs/plan.md", "say": {"content": "Hi."}}},
            "command:go command:say",
        ),
        (
            {"commands": {"go": "./jobs/plan.md", "run": {"source": "./jobs/plan.md"}}},
            "command:go command:run",
        ),
        ({"skills": [{"source": "./library/rare"}]}, "skill:rare skill:usual"),
        ({"skills": "./library/rare/SKILL.md"}, "skill:rare skill:usual"),
        ({"skills": ["./library", "./library/rare", "./skills"]}, "skill:rare skill:usual"),
    ],
)
def test_a_field_of_another_shape_is_read_if_its_meaning_is_clear(
    tmp_path: Path, own: dict[str, object], expected: str
) -> None:
    write_files(tmp_path, {**FILES, MARKETPLACE: listing({"name": "t", "source": "./toolbox"})})
    write_files(tmp_path, {PLUGIN: own})

    source = read_one(tmp_path)

    types = {name.removesuffix("s") for name in own}
    found = [key for key in ids(source)["t"] if key.partition(":")[0] in types]
    assert (found, source.problems) == (expected.split(), ())


@pytest.mark.parametrize(
    ("own", "reason"),
    [
        ({"skills": 7}, "its skills is not a path: it is a number"),
        ({"skills": [None]}, "its skills is not a path: it is null"),
        ({"skills": ""}, "its skills is not a path: it is empty"),
        ({"skills": "nul\0"}, "its skills is not a path"),
        ({"skills": [["./library"]]}, "its skills is not a path"),
        ({"agents": {"lead": {"prompt": "Lead."}}}, "its agents is not a path"),
        ({"commands": {"go": {}}}, "a command has neither a source nor content: go"),
        ({"commands": {"go": 7}}, "a command has neither a source nor content: go"),
        ({"commands": {"go": {"source": "./gone.md"}}}, "is missing, or a broken link"),
        ({"commands": {"go": {"source": "../x.md"}}}, "leads outside"),
        ({"commands": {"go": {"source": "nul\0"}}}, "is not a valid path"),
        ({"skills": "../outside"}, "skills leads outside"),
        ({"skills": "/etc"}, "skills leads outside"),
        ({"skills": "./gone"}, "is declared in skills, but missing"),
        ({"skills": "https://example.org/x"}, "is declared in skills, but missing"),
        ({"skills": "./jobs/plan.md"}, "is a file, not a folder"),
        ({"agents": "./LICENSE"}, "is neither a folder nor a .md file"),
        ({"agents": "./empty"}, "is declared in agents, but holds none"),
        ({"skills": ["./half", "./half/", "./half/../half"]}, "holds no SKILL.md; add one"),
    ],
)
def test_a_field_without_a_clear_meaning_is_a_problem_of_the_plugin(
    tmp_path: Path, own: dict[str, object], reason: str
) -> None:
    write_files(tmp_path, {**FILES, MARKETPLACE: listing({"name": "t", "source": "./toolbox"})})
    write_files(tmp_path, {PLUGIN: own, "toolbox/LICENSE": "x", "toolbox/empty/x.txt": "x"})
    write_files(tmp_path, {"toolbox/half/notes/x.md": "x"})

    (problem,) = read_one(tmp_path).problems

    assert reason in problem.message
    assert problem.collection_id == "t"
    assert problem.message.isprintable()
