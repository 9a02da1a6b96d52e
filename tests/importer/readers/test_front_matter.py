import json
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from skillmeat.importer.readers import safe_yaml
from skillmeat.importer.readers.artifact_file import BrokenFrontMatterError, parse_front_matter


def in_file(text: str) -> dict[str, Any]:
    return parse_front_matter(f"---\n{text}\n---\nbody\n")


def why_broken(text: str) -> str:
    with pytest.raises(BrokenFrontMatterError) as caught:
        in_file(text)
    return str(caught.value)


@pytest.fixture(params=["C", "Python"])
def _either_loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "Python":
        monkeypatch.setattr(safe_yaml, "_Loader", yaml.SafeLoader)


pytestmark = pytest.mark.usefixtures("_either_loader")


def test_windows_line_ends_and_trailing_blanks_are_accepted() -> None:
    assert parse_front_matter("--- \r\nmodel: opus\r\n---\t\r\nbody") == {"model": "opus"}


def test_three_dashes_inside_a_value_do_not_end_the_front_matter() -> None:
    assert in_file("model: a --- b\nnote: |\n  ---\nend: 1") == {
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
        ("{a: 1, a: 2}", {"a": 2}),
        ("[&x [1], *x]", [[1], [1]]),
        ("=", "="),
        ("<<", "<<"),
    ],
)
def test_a_value_becomes_plain_json(text: str, value: object) -> None:
    assert in_file(f"key: {text}") == {"key": value}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("description: foo: bar", "line 2: mapping values are not allowed"),
        ("ok: 1\nbad: [", "line 4"),
        ("a: &a [*a]", "alias to itself: *a"),
        ("a: *nothing", "alias"),
        ("a: &x 1\nb: &x 2", "duplicate anchor"),
        ("a: " + "[" * 40 + "]" * 40, "32 levels"),
        ("a: " + "[" * 30_000, "32 levels"),
        ("- " * 30_000, "32 levels"),
        ("- just\n- a list", "not a mapping"),
        ("just words", "not a mapping"),
        ("", "empty"),
        ("# only a comment", "empty"),
        ("a: !!python/object/apply:os.system [id]", "tag that is not plain data"),
        ("a: !mine x", "tag that is not plain data"),
        ("a: !!binary aGk=", "tag that is not plain data"),
        ("a: !!set {x}", "tag that is not plain data"),
        ("? [a]\n: b", "key that is not plain text"),
        (r'a: "\0"', "NUL"),
        (r'"\0": a', "NUL"),
        ("a: b\n...\nc: d", "not valid YAML"),
        ("a: \x01", "not valid YAML"),
        ("a: " + "x" * 70_000, "larger than 64 KiB"),
    ],
)
def test_broken_front_matter_gives_a_reason_in_one_line(text: str, reason: str) -> None:
    why = why_broken(text)

    assert reason in why or (reason.startswith("not valid") and "more than one" in why)
    assert why.isprintable()


def test_a_billion_laughs_attack_is_refused() -> None:
    laughs = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    laughs += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]

    assert "aliases" in why_broken("\n".join(laughs))


def test_a_long_text_repeated_by_aliases_is_refused() -> None:
    assert "aliases" in why_broken(f"a: &a {'x' * 9000}\nb: [{', '.join(['*a'] * 1000)}]")


def test_front_matter_without_a_closing_line_is_refused() -> None:
    with pytest.raises(BrokenFrontMatterError, match="not closed"):
        parse_front_matter("---\nname: x\n# Title\n")


@pytest.mark.parametrize("text", ["# Title\n", "\n---\na: 1\n---\n", "----\na: 1\n---\n", "---"])
def test_a_file_that_does_not_start_with_dashes_has_no_front_matter(text: str) -> None:
    with pytest.raises(BrokenFrontMatterError, match="no front matter"):
        parse_front_matter(text)


def test_columns_keep_their_text() -> None:
    fields = in_file("version: 1.10\ntags: [on, 1.0, 2024-01-31, ~]\ntitle: 007\nmodel: 1.10")

    assert fields == {
        "version": "1.10",
        "tags": ["on", "1.0", "2024-01-31", None],
        "title": "007",
        "model": 1.1,
    }


def test_columns_inside_metadata_keep_their_text() -> None:
    fields = in_file("metadata: {version: 1.10, depth: 1.10, deeper: {version: 1.10}}")

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
def test_any_text_gives_storable_json_or_an_error_in_one_line(text: str) -> None:
    try:
        fields = in_file(text)
    except BrokenFrontMatterError as error:
        assert str(error).isprintable()  # noqa: PT017
    else:
        stored = json.dumps(fields, allow_nan=False, ensure_ascii=False)
        assert "\0" not in stored.encode().decode()
        assert json.loads(stored) == fields
