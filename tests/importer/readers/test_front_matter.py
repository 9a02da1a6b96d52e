import json
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from skillmeat.importer.readers import safe_yaml
from skillmeat.importer.readers.front_matter import read_front_matter
from skillmeat.importer.readers.text import escape


def in_file(text: str) -> tuple[dict[str, Any], list[str]]:
    fields, problems = read_front_matter(f"---\n{text}\n---\nbody\n")
    return fields, [str(problem) for problem in problems]


def fields_in(text: str) -> dict[str, Any]:
    fields, problems = in_file(text)
    assert problems == []
    return fields


def why_refused(whole: str) -> str:
    fields, (problem,) = read_front_matter(whole)
    assert fields == {}
    return str(problem)


@pytest.fixture(params=["C", "Python"])
def _either_loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "Python":
        monkeypatch.setattr(safe_yaml, "_Loader", yaml.SafeLoader)


pytestmark = pytest.mark.usefixtures("_either_loader")


def test_windows_line_ends_and_trailing_blanks_are_accepted() -> None:
    assert read_front_matter("--- \r\nmodel: opus\r\n---\t\r\nbody") == ({"model": "opus"}, [])


def test_three_dashes_inside_a_value_do_not_end_the_front_matter() -> None:
    assert fields_in("model: a --- b\nnote: |\n  ---\nend: 1") == {
        "model": "a --- b",
        "note": "---\n",
        "end": 1,
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("1_000", 1000),
        ("0x1f", 31),
        ("2.5", 2.5),
        ("yes", True),
        ("null", None),
        ("'3'", "3"),
        ("2024-01-31", "2024-01-31"),
        ("2024-01-31 10:00:00 +01:00", "2024-01-31T10:00:00+01:00"),
        ("2024-13-45", "2024-13-45"),
        (".inf", ".inf"),
        ("-.INF", "-.INF"),
        (".nan", ".nan"),
        ("1.0e+999", "1.0e+999"),
        ("9" * 64, int("9" * 64)),
        ("9" * 5000, "9" * 5000),
        ("0b_", "0b_"),
        ("!!bool maybe", "maybe"),
        ("!!int many", "many"),
        ("[1, [two, {3: four}]]", [1, ["two", {"3": "four"}]]),
        ("{yes: 1, 2024-01-31: 2, ~: 3, 1.5: 4}", {"yes": 1, "2024-01-31": 2, "~": 3, "1.5": 4}),
        ("[&x [1], *x]", [[1], [1]]),
        ("=", "="),
        ("<<", "<<"),
    ],
)
def test_a_value_becomes_plain_json(text: str, value: object) -> None:
    assert fields_in(f"key: {text}") == {"key": value}


@pytest.mark.parametrize(
    "value",
    [
        "Use when: a file has changed",
        "[a] | --b",
        "[a] [b]",
        "*.ts",
        "@team knows",
        "`code` first",
        "%s of it",
        "&",
        "- not a list",
        "{{ placeholder }}",
        "'it's'",
        '"Quoted" and then more',
        '"He said "hi" to all"',
        "> 3 files",
        "!important: read",
        "ends with a colon:",
        r'Often.\n\n<example>\nuser: "Go"\nassistant: "Gone"\n</example>',
        "a: b # and this",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_value_that_yaml_refuses_is_read_as_written_and_noted(value: str, end: str) -> None:
    lines = ["---", "model: opus", f"hint: {value} ", "tools: [Read, Write]", "---", ""]

    fields, (problem,) = read_front_matter(end.join(lines))

    assert fields == {"model": "opus", "hint": value, "tools": ["Read", "Write"]}
    assert (problem.detail, problem.advice) == ("line 3: hint", "quote the value")


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("hint: a: b\n  and\n\n  more", {"hint": "a: b and more"}),
        (
            "hint: When: x.\n\n<example>\nuser: hi\n</example>\n\nkind: 1",
            {"hint": "When: x.\n\n<example>\nuser: hi\n</example>", "kind": 1},
        ),
        ("hint: a: b\n<example>\nkind: 1", {"hint": "a: b\n<example>", "kind": 1}),
        ("hint: |\nA: line\n", {"hint": "", "A": "line"}),
        ("hint: |\n some\nmore text", {"hint": "some\nmore text"}),
        ("hint: >- a text", {"hint": ">- a text"}),
        ("'hint': a: b", {"hint": "a: b"}),
        ('hint: "open\nto the end', {"hint": '"open\nto the end'}),
        ("tools:\n\t- a\n\t- b", {"tools": ["a", "b"]}),
        (
            "tools:\n- Use when: one: two\n- plain\n  # a comment",
            {"tools": ["Use when: one: two", "plain"]},
        ),
        (
            "metadata:\n  version: 1.10\n  note: a: b\n  deep:\n    - x: @y\n      z: 2",
            {"metadata": {"version": "1.10", "note": "a: b", "deep": [{"x": "@y", "z": 2}]}},
        ),
    ],
)
def test_a_field_of_several_lines_comes_back_too(text: str, fields: dict[str, Any]) -> None:
    found, problems = in_file(f"model: opus\n{text}\nsize: {{{{ x }}}}")

    assert found == {"model": "opus", **fields, "size": "{{ x }}"}
    assert problems[-1].startswith("YAML refuses a value")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("bad:\n  - {a: 1\n   b", "line 3: bad: line 5: "),
        ("bad:\n  a: 1\n - b", "line 3: bad: line 5"),
        ("bad: " + "[" * 40 + "]" * 40, "line 3: bad: it is nested more than 32 levels"),
        ("bad: [&a [*a]]", "line 3: bad: it is nested more than 32 levels"),
        ("bad: \0", "line 3: bad: holds a character that PostgreSQL cannot store"),
    ],
)
def test_a_field_that_cannot_be_read_costs_no_other_field(text: str, why: str) -> None:
    fields, problems = in_file(f"model: opus\n{text}\nhint: a: b\nlast: 1")

    assert fields == {"model": "opus", "hint": "a: b", "last": 1}
    assert [why in problem for problem in problems] == [True, False]


def test_a_line_before_the_first_key_is_left_out() -> None:
    assert in_file("some words\nmodel: opus")[0] == {"model": "opus"}
    assert "left out: line 2: it has no key;" in in_file("some words\nmodel: opus")[1][0]


@pytest.mark.parametrize("last", ["end: 1", "end: a: b"], ids=["plain", "beside a broken field"])
def test_the_last_of_two_equal_keys_counts_and_is_noted(last: str) -> None:
    fields, problems = in_file(f"model: opus\nhooks:\n  - {{a: 1, a: 2}}\nmodel: haiku\n{last}")

    assert (fields["model"], fields["hooks"]) == ("haiku", [{"a": 2}])
    assert sorted(each.partition(": ")[2] for each in problems if "twice" in each) == [
        "line 4: a; remove one of the two",
        "line 5: model; remove one of the two",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: &a [*a]", "refers to itself"),
        ("a: " + "[" * 40 + "]" * 40, "32 levels"),
        ("a: " + "[" * 30_000, "32 levels"),
        ("- " * 30_000, "32 levels"),
        ("- just\n- a list", "not a mapping"),
        ("just words", "not a mapping"),
        ("", "empty"),
        ("# only a comment", "empty"),
        (r'"\0": a', "NUL"),
        ("a: \0", "NUL"),
        ("a: " + "x" * 70_000, "larger than 64 KiB"),
    ],
)
def test_unusable_front_matter_gives_a_reason_in_one_line(text: str, reason: str) -> None:
    why = why_refused(f"---\n{text}\n---\n")

    assert reason in why
    assert why.isprintable()


@pytest.mark.parametrize(
    "value",
    [
        "!!python/object/apply:os.system [id]",
        "!mine x",
        "!!binary aGk=",
        "!!set {x}",
        "&x 1\nb: *y",
        r'"\0"',
    ],
)
def test_a_tag_or_an_alias_that_is_no_plain_data_stays_text(value: str) -> None:
    fields, problems = in_file(f"a: {value}")

    assert list(fields.values())[-1] == value.rpartition("b: ")[2]
    assert problems


def test_a_text_that_begins_like_a_tag_keeps_its_first_word() -> None:
    fields, problems = in_file("description: !important read this")

    assert fields == {"description": "!important read this"}
    assert len(problems) == 1


def test_a_billion_laughs_attack_is_refused() -> None:
    laughs = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    laughs += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]

    assert "aliases" in why_refused("---\n" + "\n".join(laughs) + "\n---\n")


def test_a_billion_laughs_attack_beside_a_broken_field_stays_small() -> None:
    laughs = "[&a [x, x], &b [*a, *a, *a], &c [*b, *b, *b], &d [*c, *c, *c], *d, *d, *d]"
    fields, problems = in_file("broken: a: b\n" + "\n".join(f"k{n}: {laughs}" for n in range(700)))

    assert len(json.dumps(fields)) < 8 * safe_yaml.LARGEST
    assert "aliases" in problems[-1]


def test_a_long_text_repeated_by_aliases_is_refused() -> None:
    text = f"a: &a {'x' * 9000}\nb: [{', '.join(['*a'] * 1000)}]"

    assert "aliases" in why_refused(f"---\n{text}\n---\n")


def test_front_matter_without_a_closing_line_is_refused() -> None:
    assert "not closed; add a line ---" in why_refused("---\nname: x\n# Title\n")


@pytest.mark.parametrize("text", ["# Title\n", "\n\n---\n# A\n", "----\na: 1\n---\n", "---"])
def test_a_file_that_does_not_start_with_dashes_has_no_front_matter(text: str) -> None:
    assert why_refused(text).startswith("no front matter; ")


@pytest.mark.parametrize(
    ("before", "line"),
    [("\n\n", 3), (" \n", 2), ("<!-- a -->\n<!--\nb\n-->\n", 5), ("<!---->" * 200_000 + "\n", 2)],
)
def test_front_matter_below_blank_lines_or_comments_is_not_read_but_noted(
    before: str, line: int
) -> None:
    assert f"it begins on line {line}; move it" in why_refused(f"{before}---\na: 1\n---\n")


def test_columns_keep_their_text() -> None:
    fields = fields_in("version: 1.10\ntags: [on, 1.0, 2024-01-31, ~]\ntitle: 007\nmodel: 1.10")

    assert fields == {
        "version": "1.10",
        "tags": ["on", "1.0", "2024-01-31", None],
        "title": "007",
        "model": 1.1,
    }


def test_columns_inside_metadata_keep_their_text() -> None:
    fields = fields_in("metadata: {version: 1.10, depth: 1.10, deeper: {version: 1.10}}")

    assert fields["metadata"] == {"version": "1.10", "depth": 1.1, "deeper": {"version": 1.1}}


@given(st.text() | st.text(alphabet="-[]{}:,&*!|>'\"\\\n 0123456789abx.~?<=%@#"))
@example('a: "\\ud800"')
@example('a: "\\U00110000"')
@example("%YAML 9.9\n--- a")
@example("a: !<!> b")
@example("a: 0x_")
@example("a: 1:60:60")
@example("a: 0001-01-01T00:00:00+23:59")
@example("a: !!timestamp x")
def test_any_text_gives_storable_json_and_problems_of_one_line(text: str) -> None:
    fields, problems = in_file(text)

    assert all(problem == escape(problem) for problem in problems)
    stored = json.dumps(fields, allow_nan=False, ensure_ascii=False)
    assert "\0" not in stored.encode().decode()
    assert json.loads(stored) == fields
