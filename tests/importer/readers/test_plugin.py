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
        # An entry that is not strict and declares components is the whole definition.
        ({"commands": "./jobs", "strict": False}, None, "command:plan"),
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
