"""The report of `skillmeat import` on marketplaces and Claude folders."""

from pathlib import Path

import pytest

from skillmeat.cli.import_report import print_report
from skillmeat.importer import ImportReport, RemovedCounts, RowCounts, SkippedCounts
from skillmeat.importer.readers import Omission, Problem
from tests.cli.commands import run
from tests.importer.markets import document, market
from tests.importer.readers.trees import listing, write_files

REMOTE = "the plugin's source is remote"


def remote_plugins(number: int) -> list[object]:
    """Return entries of plugins that other repositories have."""
    return [
        {"name": f"far-{each:05}", "source": {"source": "github", "repo": f"acme/far-{each:05}"}}
        for each in range(number)
    ]


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Write a marketplace with a good agent, an empty plugin, and problems of several kinds."""
    write_files(
        tmp_path,
        {
            ".claude-plugin/marketplace.json": listing(
                {"name": "near"}, {"name": "bare"}, *remote_plugins(5)
            ),
            "plugins/near/agents/a.md": document(),
            "plugins/near/agents/bad.md": b"\xff",
            "plugins/bare/README.md": "Nothing here.",
            **{f"plugins/near/agents/plain-{each}.md": "No fields.\n" for each in range(6)},
        },
    )
    return tmp_path


def test_problems_are_grouped_by_reason_with_three_examples(mixed: Path) -> None:
    ran = run("import", "--dry-run", str(mixed))

    lines = [line.strip() for line in ran.out.splitlines()]
    assert (ran.code, ran.err) == (0, "")
    first = lines.index(f"{REMOTE} (5); clone it, then import the clone")
    assert [line.rpartition("acme/")[2].strip('"}') for line in lines[first + 1 : first + 4]] == [
        "far-00000",
        "far-00001",
        "far-00002",
    ]
    assert lines[first + 4] == "and 2 more; --verbose lists all"
    assert any(line.startswith("no front matter (6); ") for line in lines)


def test_a_verbose_report_lists_every_problem(mixed: Path) -> None:
    out = run("import", "--dry-run", "--verbose", str(mixed)).out

    assert out.count("acme/far-") == 5
    assert "more; --verbose" not in out


def test_skipped_plugins_and_skipped_artifacts_are_counted_apart(mixed: Path) -> None:
    ran = run("import", "--dry-run", str(mixed))
    document = run("import", "--dry-run", "--json", str(mixed)).json

    skipped = {line.split()[0]: line.split()[-1] for line in ran.out.splitlines()[1:3]}
    assert skipped == {"artifacts": "1", "collections": "5"}
    assert document["skipped"] == {"artifacts": 1, "collections": 5}


def test_a_remote_plugin_is_counted_although_another_source_has_its_name(
    mixed: Path, tmp_path: Path
) -> None:
    other = market(tmp_path / "other", {"far-00000": {"agents/a.md": document()}}, name="other")

    found = run("import", "--dry-run", "--json", str(mixed), str(other)).json

    assert found["skipped"] == {"artifacts": 1, "collections": 5}


def test_a_plugin_without_artifacts_is_named(mixed: Path) -> None:
    ran = run("import", "--dry-run", str(mixed))

    assert "plugins without artifacts: 1\n    bare\n" in ran.out
    assert run("import", "--dry-run", "--json", str(mixed)).json["empty_collections"] == ["bare"]


def test_ten_thousand_problems_are_some_lines_of_text_and_all_of_them_in_json(
    tmp_path: Path,
) -> None:
    root = market(tmp_path, {"near": {"agents/a.md": document()}})
    entries = [{"name": "near"}, *remote_plugins(10_000)]
    write_files(root, {".claude-plugin/marketplace.json": listing(*entries)})

    text = run("import", "--dry-run", str(root)).out
    found = run("import", "--dry-run", "--json", str(root)).json["problems"]

    assert f"{REMOTE} (10,000); " in text
    assert len(text.splitlines()) < 20
    assert len(found) == 10_000
    assert {(each["source"], each["reason"], each["skipped"]) for each in found} == {
        ("market", REMOTE, True)
    }


def test_many_reasons_are_counted_together(capsys: pytest.CaptureFixture[str]) -> None:
    none = RowCounts(0, 0, 0)
    report = ImportReport(
        sources=("market", "other"),
        artifacts=none,
        collections=none,
        memberships=none,
        tags=none,
        versions_added=0,
        contents_added=0,
        tags_respelled=0,
        removed=RemovedCounts(),
        skipped=SkippedCounts(),
        empty_collections=(),
        conflicts=(),
        shared=(),
        problems=tuple(
            Problem(f"p{path}", f"reason {reason}\a", source="market")
            for reason in range(20)
            for path in range(reason + 1)
        ),
        omissions=(
            Omission("themes", "a", "other"),
            Omission("monitors", "b", "market"),
            Omission("themes", "c", "market"),
        ),
        dry_run=True,
    )

    print_report(report)

    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert [line for line in lines if line.startswith("reason")] == [
        f"reason {reason}\\x07 ({reason + 1})" for reason in range(19, 13, -1)
    ]
    assert "14 other reasons (105); --verbose lists all" in lines
    assert "market: p0" in lines
    assert [line.split() for line in lines if line.startswith(("themes", "monitors"))] == [
        ["monitors", "1", "market:", "b"],
        ["themes", "2", "other:", "a"],
    ]
