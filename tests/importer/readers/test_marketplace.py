import gc
import os
from pathlib import Path

import pytest

from skillmeat.errors import SourceError
from skillmeat.importer.readers import FoundArtifact, read_sources
from tests.importer.readers.trees import PLAIN, ids, listing, only_problem, read_one, write_files

MANIFEST = ".claude-plugin/marketplace.json"


def test_a_plugin_becomes_a_collection(tmp_path: Path) -> None:
    plugin = {"name": "p", "source": "./plugins/p", "description": "About p."}
    write_files(
        tmp_path,
        {
            MANIFEST: listing(plugin),
            "plugins/p/agents/a.md": PLAIN,
            "plugins/p/commands/git/c.md": PLAIN,
            "plugins/p/skills/s/SKILL.md": PLAIN,
            "plugins/p/README.md": PLAIN,
        },
    )

    source = read_one(tmp_path)

    assert (source.name, source.kind, source.problems) == ("market", "marketplace", ())
    (collection,) = source.collections
    assert (collection.id, collection.name, collection.description) == ("p", "p", "About p.")
    assert [(artifact.id, artifact.origin, artifact.path) for artifact in collection.artifacts] == [
        ("agent:a", "marketplace", "plugins/p/agents/a.md"),
        ("command:git/c", "marketplace", "plugins/p/commands/git/c.md"),
        ("skill:s", "marketplace", "plugins/p/skills/s/SKILL.md"),
    ]


def test_category_and_keywords_become_tags(tmp_path: Path) -> None:
    plugin = {"name": "p", "category": "data", "keywords": ["sql", 7, "etl, batch"], "tags": "Data"}
    write_files(tmp_path, {MANIFEST: listing(plugin), "plugins/p/agents/a.md": PLAIN})

    source = read_one(tmp_path)

    (collection,) = source.collections
    assert collection.artifacts[0].tags == ("Data", "batch", "etl", "sql")
    assert only_problem(source).message == (
        "a value of keywords is not a text that can be stored: p, it is a number; write a text"
    )


def test_a_plugins_own_manifest_fills_fields_that_the_marketplace_lacks(tmp_path: Path) -> None:
    own = {"name": "ignored", "description": "Own.", "keywords": ["own"], "category": "own-too"}
    write_files(
        tmp_path,
        {
            MANIFEST: listing({"name": "p", "category": "listed"}),
            "plugins/p/.claude-plugin/plugin.json": own,
            "plugins/p/agents/a.md": PLAIN,
        },
    )

    (collection,) = read_one(tmp_path).collections

    assert (collection.id, collection.description) == ("p", "Own.")
    assert collection.artifacts[0].tags == ("listed", "own")


def test_a_plugin_that_the_marketplace_does_not_list_is_read(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            MANIFEST: listing(),
            "plugins/folder/agents/a.md": PLAIN,
            "plugins/other/.claude-plugin/plugin.json": {"name": "named"},
            "plugins/other/agents/a.md": PLAIN,
            "plugins/docs/readme.md": PLAIN,
            "plugins/.hidden/agents/a.md": PLAIN,
        },
    )

    assert ids(read_one(tmp_path)) == {"folder": ["agent:a"], "named": ["agent:a"]}


def test_a_plugins_folder_without_a_manifest_is_a_marketplace(tmp_path: Path) -> None:
    source = read_one(write_files(tmp_path / "market", {"plugins/p/agents/a.md": PLAIN}))

    assert (source.name, ids(source)) == ("market", {"p": ["agent:a"]})
    assert source.problems == ()


def test_a_single_plugin_is_one_collection(tmp_path: Path) -> None:
    own = {"name": "solo", "description": "Alone."}
    write_files(tmp_path, {".claude-plugin/plugin.json": own, "agents/a.md": PLAIN})

    source = read_one(tmp_path)

    assert (source.name, source.kind, ids(source)) == ("solo", "plugin", {"solo": ["agent:a"]})


@pytest.mark.parametrize("source", ["./elsewhere/p", "elsewhere/p", "./elsewhere/../elsewhere/p/"])
def test_a_source_may_be_any_folder_of_the_marketplace(tmp_path: Path, source: str) -> None:
    entry = {"name": "p", "source": source}
    write_files(tmp_path, {MANIFEST: listing(entry), "elsewhere/p/agents/a.md": PLAIN})

    assert ids(read_one(tmp_path)) == {"p": ["agent:a"]}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("one", "agent:packed"),
        ("./packages/one", "agent:packed"),
        ("./one", "agent:loose"),
        (".", "agent:top"),
        ("./", "agent:top"),
        ({"source": "./one"}, "agent:loose"),
        ({"source": "directory", "path": "./packages/one"}, "agent:packed"),
    ],
)
def test_only_a_bare_name_starts_at_the_plugin_root(
    tmp_path: Path, source: object, expected: str
) -> None:
    entry = {"name": "p", "source": source}
    write_files(
        tmp_path,
        {
            MANIFEST: listing(entry, metadata={"pluginRoot": "./packages"}),
            "agents/top.md": PLAIN,
            "one/agents/loose.md": PLAIN,
            "packages/one/agents/packed.md": PLAIN,
        },
    )

    source = read_one(tmp_path)

    assert ids(source)["p"] == [expected]


def test_plugins_may_share_a_folder_and_name_their_skills(tmp_path: Path) -> None:
    manifest = listing(
        {"name": "x", "source": "./", "strict": False, "skills": ["./skills/a", "./skills/b"]},
        {"name": "y", "source": "./", "strict": False, "skills": ["skills/b", "./skills/gone"]},
        {
            "name": "z",
            "source": "./",
            "skills": ["./skills", "./skills/a"],
            "commands": ["./extra/run.md"],
        },
    )
    write_files(
        tmp_path,
        {
            MANIFEST: manifest,
            "skills/a/SKILL.md": PLAIN,
            "skills/b/SKILL.md": PLAIN,
            "agents/everywhere.md": PLAIN,
            "extra/run.md": PLAIN,
        },
    )

    source = read_one(tmp_path)

    assert ids(source) == {
        "x": ["agent:everywhere", "skill:a", "skill:b"],
        "y": ["agent:everywhere", "skill:b"],
        "z": ["agent:everywhere", "command:run", "skill:a", "skill:b"],
    }
    assert only_problem(source).path == "skills/gone"


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"name": "q", "source": "./plugins/gone"}, "is not a folder of this marketplace"),
        ({"name": "q"}, "is not a folder of this marketplace"),
        ({"name": "q", "source": {"source": "github", "repo": "a/b"}}, "is remote"),
        ({"name": "q", "source": "https://example.org/q.git"}, "is remote"),
        ({"name": "q", "source": "../../etc"}, "leads outside"),
        ({"name": "q", "source": "/etc"}, "leads outside"),
        ({"name": "q", "source": "./plugins/p/agents/a.md"}, "is not a folder of this marketplace"),
        ({"name": "q", "source": "nul\0"}, "is not a path: q, nul\\x00"),
        ({"name": "q", "source": "\ud800"}, "is not a path"),
        ({"name": "q", "source": None}, "is not a path: q, it is null"),
        ({"name": "q", "source": {"source": ["x"]}}, "is not a path: q, it is a list"),
        ({"name": "q", "source": {"source": "directory"}}, "is not a path: q, it is null"),
        (
            {"name": "q", "source": {"source": "url", "url": "https://u:pw@example.org/q?t=s"}},
            "is remote: q, url https://example.org/q; clone it",
        ),
        ({"name": "p", "source": "./plugins/p"}, "is listed twice"),
    ],
)
def test_an_entry_without_a_folder_is_a_problem_of_its_collection(
    tmp_path: Path, entry: dict[str, object], reason: str
) -> None:
    root = write_files(
        tmp_path / "in",
        {MANIFEST: listing({"name": "p"}, entry), "plugins/p/agents/a.md": PLAIN},
    )
    write_files(tmp_path, {"outside/agents/secret.md": PLAIN})
    (root / "link").symlink_to("../outside")

    source = read_one(root)

    assert ids(source) == {"p": ["agent:a"]}
    problem = only_problem(source)
    assert (problem.path, problem.collection_id, problem.is_skipped) == (
        MANIFEST,
        entry["name"],
        True,
    )
    assert reason in problem.message
    assert problem.message.isprintable()


@pytest.mark.parametrize(
    ("plugins", "reason"),
    [
        (["p"], "a plugin is not an object: entry 1 is a text"),
        ([None], "a plugin is not an object"),
        ([{}], "name is not valid: null"),
        ([{"name": 7}], "name is not valid: a number"),
        ([{"name": ""}], "name is not valid: it is empty"),
        ([{"name": "\ud800"}], "name is not valid"),
        ({"p": {}}, "its plugins are not a list"),
        ("p", "its plugins are not a list"),
    ],
)
def test_a_listing_of_the_wrong_shape_is_a_problem(
    tmp_path: Path, plugins: object, reason: str
) -> None:
    manifest: dict[str, object] = {"name": "market", "plugins": plugins}
    write_files(tmp_path, {MANIFEST: manifest, "plugins/p/agents/a.md": PLAIN})

    source = read_one(tmp_path)

    assert ids(source) == {"p": ["agent:a"]}
    assert reason in only_problem(source).message
    assert only_problem(source).message.isprintable()


def test_a_problem_in_an_entry_names_the_plugin(tmp_path: Path) -> None:
    entries = {"name": "p", "agents": 7}, {"name": "q", "hooks": {"Stop": {}}}
    files = {f"plugins/{name}/commands/a.md": PLAIN for name in "pq"}
    write_files(tmp_path, {MANIFEST: listing(*entries), **files})

    details = [problem.detail for problem in read_one(tmp_path).problems]

    assert details == ["p, it is a number", "q, Stop is an object, not a list"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "is not valid JSON: line 1"),
        ("", "is empty"),
        ("[]", "is not a JSON object"),
        ("[" * 100_000, "is not valid JSON: it is nested too deep"),
        ('{"a": ' + "9" * 5000 + "}", "is not valid JSON: it is nested too deep"),
        (b'{"name": "\xff"}', "is not UTF-8"),
    ],
)
def test_a_broken_manifest_is_an_error_in_one_line(
    tmp_path: Path, content: str | bytes, reason: str
) -> None:
    write_files(tmp_path, {MANIFEST: content, "plugins/p/agents/a.md": PLAIN})

    with pytest.raises(SourceError) as caught:
        read_sources(tmp_path)

    assert reason in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_marketplace_without_a_name_takes_its_folders_name(tmp_path: Path) -> None:
    write_files(tmp_path / "shelf", {MANIFEST: {"plugins": []}, "plugins/p/agents/a.md": PLAIN})

    source = read_one(tmp_path / "shelf")

    assert source.name == "shelf"
    assert not only_problem(source).is_skipped


def test_manifest_texts_that_cannot_be_stored_are_left_out(tmp_path: Path) -> None:
    entry = {"name": "p", "description": "nul \0", "category": "a\0b", "keywords": ["\ud800", "ok"]}
    write_files(tmp_path, {MANIFEST: listing(entry), "plugins/p/agents/a.md": PLAIN})

    source = read_one(tmp_path)

    (collection,) = source.collections
    assert (collection.description, collection.artifacts[0].tags) == (None, ("ok",))
    tags, description = sorted(problem.message for problem in source.problems)[::-1]
    assert tags.startswith("tag left out: a\\x00b, \\ud800; ")
    assert "p, it is a text with characters that cannot be stored" in description


def test_a_broken_plugin_manifest_does_not_hide_the_plugin(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            MANIFEST: listing({"name": "listed", "source": "./plugins/listed"}),
            "plugins/listed/.claude-plugin/plugin.json": "{",
            "plugins/listed/agents/a.md": PLAIN,
            "plugins/unlisted/.claude-plugin/plugin.json": "{",
            "plugins/unlisted/agents/a.md": PLAIN,
        },
    )

    source = read_one(tmp_path)

    assert ids(source) == {"listed": ["agent:a"], "unlisted": ["agent:a"]}
    assert [
        (problem.collection_id, problem.is_skipped, problem.hides_artifacts)
        for problem in source.problems
    ] == [
        ("listed", False, True),
        (None, False, True),
        ("unlisted", False, False),
    ]


def test_a_plugin_whose_name_is_taken_takes_its_folders_name(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            MANIFEST: listing({"name": "p", "source": "./plugins/first"}),
            "plugins/first/agents/a.md": PLAIN,
            "plugins/second/.claude-plugin/plugin.json": {"name": "p"},
            "plugins/second/agents/b.md": PLAIN,
            "plugins/p/agents/c.md": PLAIN,
        },
    )

    source = read_one(tmp_path)

    assert ids(source) == {"p": ["agent:a"], "second": ["agent:b"]}
    taken, unlisted = source.problems
    assert (taken.path, taken.message) == (
        "plugins/p",
        "another plugin already has the name: p; rename one of them",
    )
    assert unlisted.path == "plugins/second"
    assert unlisted.reason.startswith("the marketplace does not list the plugin")


def test_a_skipped_file_has_its_artifact_and_its_collection(tmp_path: Path) -> None:
    write_files(tmp_path, {"plugins/p/agents/a.md": PLAIN, "plugins/p/skills/s/SKILL.md": b"\xff"})

    problem = only_problem(read_one(tmp_path))

    assert (problem.artifact_id, problem.collection_id, problem.is_skipped) == (
        "skill:s",
        "p",
        True,
    )


def test_a_plugin_folder_that_leads_outside_may_hide_its_artifacts(tmp_path: Path) -> None:
    write_files(tmp_path, {"in/plugins/p/agents/a.md": PLAIN, "out/agents/x.md": PLAIN})
    (tmp_path / "in/plugins/away").symlink_to("../../out")

    problem = only_problem(read_one(tmp_path / "in"))

    assert (problem.path, problem.collection_id, problem.hides_artifacts) == (
        "plugins/away",
        "away",
        True,
    )


def test_an_artifact_is_read_when_it_is_asked_for_and_not_kept(tmp_path: Path) -> None:
    write_files(tmp_path, {f"plugins/{p}/agents/{n}.md": PLAIN for p in "abc" for n in range(100)})
    (source,) = read_sources(tmp_path)
    write_files(tmp_path, {"plugins/c/agents/99.md": "---\ndescription: Later.\n---\n"})

    last = None
    for number, copy in enumerate(source.copies):
        last = copy.artifact
        if number % 100 == 99:
            assert sum(isinstance(each, FoundArtifact) for each in gc.get_objects()) <= 2

    assert last
    assert last.description == "Later."
    assert [each.artifact_count for each in source.collections] == [100, 100, 100]


def test_a_plugin_whose_folder_has_no_valid_name_is_told_and_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "plugins" / os.fsdecode(b"bad\xff")
    write_files(folder, {".claude-plugin/plugin.json": {"name": "p"}, "agents/a.md": PLAIN})
    write_files(tmp_path, {"plugins/good/agents/a.md": PLAIN})

    source = read_one(tmp_path)

    assert ids(source) == {"good": ["agent:a"]}
    assert only_problem(source).path == "plugins/bad\\xff"
