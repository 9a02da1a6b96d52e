"""Every rule that a constraint states, by its name."""

import pytest
from psycopg import Connection, errors

LONG = "x" * 255
ANY_TEXT = "日本語/ünïcode names, with (slashes) & spaces 🎉"

A_NAME = "name_is_short_printable_and_trimmed"
A_TAG = "tag_is_short_printable_and_trimmed"

NAMED = (
    "insert into artifacts (type, name) values ('skill', %s)",
    "insert into collections (id, name) values (%s, 'N')",
    "insert into collections (name) values (%s)",
    "insert into groups (collection_id, id, name) values ('p', %s, 'N')",
    "insert into groups (collection_id, name) values ('p', %s)",
    "insert into tags (id, name, slug) values (%s, 'N', 'n')",
    "insert into project_templates (id, name) values (%s, 'N')",
    "insert into project_templates (name) values (%s)",
)
TAGGED = (
    "insert into tags (name, slug) values (%s, 'n')",
    "insert into tags (name, slug) values ('N', %s)",
)
RULED = [(each, A_NAME) for each in NAMED] + [(each, A_TAG) for each in TAGGED]

NAMES = (
    "x",
    LONG,
    "é" * 255,
    "🎉" * 255,
    ANY_TEXT,
    "a:b",
    "..",
    "%s",
    "'; --",
    "a\u00a0b",
    "\u202ea",
    "👨\u200d👩\u200d👧",
    "-",
)
NO_NAMES = (
    "",
    " ",
    " x",
    "x ",
    "x" * 256,
    "a\nb",
    "a\tb",
    "\x01",
    "a\x1fb",
    "a\x7fb",
    "a\x80b",
    "a\x9fb",
    "\u00a0",
    "\u200b",
    "\u202e",
    "\u3164 \ufeff",
    "\u2800\ufe0f",
)


@pytest.mark.parametrize("statement", NAMED)
def test_a_name_holds_any_text_of_255_characters(sample: Connection, statement: str) -> None:
    refused = {name: refusal(sample, statement, name) for name in NAMES}

    assert refused == dict.fromkeys(NAMES)


@pytest.mark.parametrize(("statement", "constraint"), RULED)
def test_a_name_is_neither_empty_nor_too_long_and_holds_no_control_character(
    sample: Connection, statement: str, constraint: str
) -> None:
    refused = {name: refusal(sample, statement, name) for name in NO_NAMES}

    assert refused == dict.fromkeys(NO_NAMES, constraint)


@pytest.mark.parametrize("statement", TAGGED)
def test_a_tag_has_a_name_of_100_characters(sample: Connection, statement: str) -> None:
    assert refusal(sample, statement, "é" * 100) is None
    assert refusal(sample, statement, "é" * 101) == A_TAG


@pytest.mark.parametrize("kind", ["x", "mcp_server", "a1", "x" * 255])
def test_a_type_is_an_identifier(sample: Connection, kind: str) -> None:
    assert refusal(sample, "insert into artifact_types (type) values (%s)", kind) is None


@pytest.mark.parametrize(
    "kind", ["", "1a", "_a", "A", "aB", "a-b", "a b", "a:b", "é", "a\n", "\na", "a\nb", "x" * 256]
)
def test_a_type_that_is_not_an_identifier_is_refused(sample: Connection, kind: str) -> None:
    refused = refusal(sample, "insert into artifact_types (type) values (%s)", kind)

    assert refused == "type_is_an_identifier"


@pytest.mark.parametrize(
    ("constraint", "statement"),
    [
        ("artifact_types_pkey", "insert into artifact_types (type) values ('skill')"),
        ("artifacts_pkey", "insert into artifacts (type, name) values ('skill', 's1')"),
        ("artifacts_are_of_a_type", "insert into artifacts (type, name) values ('none', 'n')"),
        (
            "artifacts_id_is_type_and_name",
            "insert into artifacts (type, name, id) values ('skill', 'n', 'agent:n')",
        ),
        (
            "artifacts_id_is_type_and_name",
            "update artifacts set name = 'n', id = 'skill:x' where name = 's1'",
        ),
        (
            "artifacts_metadata_is_an_object",
            "insert into artifacts (type, name, metadata) values ('skill', 'n', '[]')",
        ),
        (
            "artifact_versions_are_of_an_artifact",
            "insert into artifact_versions (artifact_id, content_hash) values ('skill:none', 'x')",
        ),
        (
            "artifact_versions_content_hash_is_short",
            "insert into artifact_versions (artifact_id, content_hash) values ('skill:s1', '')",
        ),
        ("tags_slug_is_unique", "insert into tags (name, slug) values ('N', 'p')"),
        ("tags_name_is_unique", "insert into tags (name, slug) values ('P', 'n')"),
        (
            "tags_color_is_a_hex_color",
            "insert into tags (name, slug, color) values ('N', 'n', 'red')",
        ),
        ("collections_pkey", "insert into collections (id, name) values ('p', 'N')"),
        ("collections_name_is_unique", "insert into collections (name) values ('P')"),
        (
            "collection_artifacts_are_in_a_collection",
            (
                "insert into collection_artifacts (collection_id, artifact_id) "
                "values ('none', 'skill:s1')"
            ),
        ),
        (
            "collection_artifacts_name_an_artifact",
            "insert into collection_artifacts (collection_id, artifact_id) values ('p', 'none')",
        ),
        (
            "collection_artifacts_pkey",
            (
                "insert into collection_artifacts (collection_id, artifact_id) "
                "values ('p', 'skill:s1')"
            ),
        ),
        ("artifact_tags_name_a_tag", "update artifact_tags set tag_id = 'none'"),
        (
            "artifact_tags_are_of_an_artifact",
            "insert into artifact_tags (artifact_id, tag_id) values ('none', 'p')",
        ),
        (
            "groups_name_is_unique_in_its_collection",
            "insert into groups (collection_id, name) values ('p', '1')",
        ),
        (
            "groups_are_in_a_collection",
            "insert into groups (collection_id, name) values ('x', 'n')",
        ),
        ("groups_position_is_not_negative", "update groups set position = -1"),
        ("group_artifacts_position_is_not_negative", "update group_artifacts set position = -1"),
        ("group_artifacts_are_in_a_group", "update group_artifacts set group_id = 'p1'"),
        (
            "group_artifacts_are_members",
            (
                "insert into group_artifacts (collection_id, group_id, artifact_id) "
                "values ('p', 'p1', 'agent:a1')"
            ),
        ),
        ("project_templates_name_is_unique", "insert into project_templates (name) values ('T')"),
        (
            "project_templates_draw_on_a_collection",
            "update project_templates set collection_id = 'none'",
        ),
        (
            "count_is_not_negative",
            "update collections set artifact_count = -1",
        ),
        ("count_is_not_negative", "update collections set group_count = -1"),
        ("count_is_not_negative", "update groups set artifact_count = -1"),
        ("count_is_not_negative", "update tags set artifact_count = -1"),
        (
            "count_is_not_negative",
            "update artifact_types set artifact_count = -1",
        ),
    ],
    ids=lambda each: each.split()[0],
)
def test_a_constraint_refuses_an_invalid_row_by_name(
    sample: Connection, constraint: str, statement: str
) -> None:
    assert refusal(sample, statement) == constraint


def refusal(conn: Connection, statement: str, *parameters: str) -> str | None:
    """Return the constraint that refuses a statement, or None; roll back."""
    try:
        conn.execute(statement, parameters)
    except errors.IntegrityError as error:
        return error.diag.constraint_name
    else:
        return None
    finally:
        conn.rollback()
