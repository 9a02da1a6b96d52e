import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skillmeat.importer.readers.artifact_file import Candidate, parse_artifact
from skillmeat.importer.readers.model import FoundArtifact, Problem
from skillmeat.importer.readers.safe_files import UnreadableError
from skillmeat.importer.readers.text import escape


def parsed(data: bytes, tags: tuple[str, ...] = ()) -> tuple[FoundArtifact, list[Problem]]:
    return parse_artifact(
        Candidate("agent", "a", "/x/a.md", "agents/a.md", None, tags, parse_artifact, None),
        data,
        "local",
    )


def with_front_matter(text: str, tags: tuple[str, ...] = ()) -> FoundArtifact:
    artifact, problems = parsed(f"---\n{text}\n---\n".encode(), tags)
    assert problems == []
    return artifact


def test_known_keys_go_to_their_columns_and_the_rest_to_metadata() -> None:
    artifact = with_front_matter(
        "name: Other\ntitle: T\ndescription: >\n  Two\n  lines.\nversion: 1.10\nauthor: Ada\n"
        "license: MIT\ntags: [b, a]\nmodel: opus\nsince: 2024-01-31"
    )

    assert artifact == FoundArtifact(
        type="agent",
        name="a",
        title="T",
        description="Two lines.",
        author="Ada",
        license="MIT",
        version="1.10",
        tags=("a", "b"),
        metadata={"name": "Other", "model": "opus", "since": "2024-01-31"},
        content_hash=artifact.content_hash,
        origin="local",
        path="agents/a.md",
        content=artifact.content,
    )


def test_the_content_hash_is_the_sha256_of_the_file() -> None:
    data = "\ufeff---\r\ntitle: Ü\r\n---\r\n".encode()

    artifact, _ = parsed(data)

    assert artifact.content_hash == hashlib.sha256(data).hexdigest()


def test_a_byte_order_mark_does_not_hide_the_front_matter() -> None:
    artifact, problems = parsed(b"\xef\xbb\xbf---\ntitle: T\n---\n")

    assert (artifact.title, problems) == ("T", [])


@pytest.mark.parametrize(
    ("text", "author", "kept"),
    [
        ("author: Ada Lovelace", "Ada Lovelace", False),
        ("author: {name: Ada}", "Ada", False),
        ("author: {name: Ada, email: ada@example.org}", "Ada", True),
        ("author: {email: ada@example.org}", "ada@example.org", True),
        ("author: [Ada, {name: Grace}]", "Ada, Grace", False),
        ("author: {nick: x}", None, True),
        ("author: ''", None, False),
        ("author:", None, False),
        ("author: 42", "42", False),
    ],
)
def test_an_author_becomes_a_name_and_an_address_stays_in_metadata(
    text: str,
    author: str | None,
    kept: bool,  # noqa: FBT001
) -> None:
    artifact = with_front_matter(text + "\nmodel: x")

    assert (artifact.author, "author" in artifact.metadata) == (author, kept)


@pytest.mark.parametrize("key", ["license", "licence"])
def test_license_and_licence_are_the_same_key(key: str) -> None:
    artifact = with_front_matter(f"{key}: MIT")

    assert (artifact.license, artifact.metadata) == ("MIT", {})


def test_a_value_that_is_not_text_stays_in_metadata() -> None:
    artifact = with_front_matter(
        "description: {{ placeholder }: x}\nversion: [1, 2]".replace("{{ ", "{").replace(" }", "")
    )

    assert (artifact.description, artifact.version) == (None, None)
    assert set(artifact.metadata) == {"description", "version"}


def test_version_author_and_tags_are_read_from_the_metadata_mapping() -> None:
    artifact = with_front_matter("metadata: {version: 1.10, author: Ada, tags: 'x, y', depth: 1}")

    assert (artifact.version, artifact.author, artifact.tags) == ("1.10", "Ada", ("x", "y"))
    assert artifact.metadata["metadata"] == {
        "version": "1.10",
        "author": "Ada",
        "tags": "x, y",
        "depth": 1,
    }


def test_a_top_level_key_takes_precedence_over_the_metadata_mapping() -> None:
    assert with_front_matter("version: 2\nmetadata: {version: 1}").version == "2"


@pytest.mark.parametrize(
    "text", ["tags: [x, y]", "tags: x, y", "tags: 'y,,x, '", "tags: [[x], y, ~]", "tags: [x, X, y]"]
)
def test_tags_are_read_from_a_list_or_from_a_text_with_commas(text: str) -> None:
    artifact = with_front_matter(text)

    assert [tag.casefold() for tag in artifact.tags] == ["x", "y"]


def test_a_tag_with_a_colon_in_a_list_is_kept() -> None:
    artifact = with_front_matter("tags:\n  - area: sql\n  - plain\n  - open:")

    assert artifact.tags == ("area: sql", "open", "plain")


def test_an_artifact_has_the_tags_of_its_plugin_and_of_its_file() -> None:
    assert with_front_matter("tags: [Zero Downtime, sql]", ("zero-downtime",)).tags == (
        "Zero Downtime",
        "sql",
    )


def test_a_tag_that_cannot_be_stored_is_left_out_and_reported() -> None:
    artifact, (problem,) = parsed(f'---\ntags: [good, {"x" * 300}, "a\\ab"]\n---\n'.encode())

    assert artifact.tags == ("good",)
    assert problem.message.startswith("tag left out: xxx")
    assert problem.message.endswith(
        "a\\x07b; use 1 to 100 characters, one of them visible, no control characters"
    )


def test_a_file_without_front_matter_is_imported_and_reported() -> None:
    artifact, (problem,) = parsed(b"# Title\n", ("tag",))

    assert (artifact.description, artifact.metadata, artifact.tags) == (None, {}, ("tag",))
    assert (problem.reason, problem.is_skipped) == ("no front matter", False)


def test_each_problem_of_a_file_is_reported() -> None:
    artifact, problems = parsed(
        f"---\ndescription: a: b\ntags: {'x' * 300}\npaths: {{[\n---\n# Title\n".encode()
    )

    assert (artifact.description, artifact.tags, artifact.metadata) == ("a: b", (), {"paths": "{["})
    assert [problem.detail for problem in problems] == [
        "line 2: description",
        "line 4: paths",
        "x" * 40,
    ]


@pytest.mark.parametrize("key", ["env", "headers", "hooks", "lspServers", "mcpServers", "? x\n"])
def test_the_text_of_a_file_has_no_comment_of_a_field_that_may_hold_secrets(key: str) -> None:
    artifact = with_front_matter(f"model: opus # hunter2\n{key}:\n")

    assert "hunter2" not in (artifact.content or "hunter2")


def test_a_file_that_is_not_utf8_is_refused_with_the_position() -> None:
    with pytest.raises(UnreadableError, match="is not UTF-8: byte 3 is 0xff"):
        parsed(b"ab\xff")


@given(st.binary() | st.binary().map(lambda data: b"---\n" + data + b"\n---\n"))
def test_any_bytes_give_a_storable_artifact_or_an_error_in_one_line(data: bytes) -> None:
    try:
        artifact, problems = parsed(data)
    except UnreadableError as error:
        assert str(error).isprintable()  # noqa: PT017
    else:
        assert all(problem.message == escape(problem.message) for problem in problems)
        texts = [artifact.title, artifact.description, artifact.author, artifact.license]
        stored = json.dumps(
            [artifact.metadata, artifact.tags, artifact.version, texts],
            allow_nan=False,
            ensure_ascii=False,
        )
        assert "\\u0000" not in stored
        assert stored.encode()
