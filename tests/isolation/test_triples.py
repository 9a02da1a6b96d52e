"""Every interleaving of three sessions, for cases that two sessions cannot show."""

import pytest

from tests.isolation.scripts import script, together
from tests.isolation.sessions import SessionGroup
from tests.isolation.test_pairs import summarize_proof

TRIPLES = (
    ("insert", "insert_in_other_order", "refresh"),
    ("insert", "insert_in_other_order", "settle"),
    ("insert", "delete", "repair"),
    ("insert", "delete_collection", "settle"),
    ("insert", "move", "edit_collection"),
    ("rename_artifact", "tag", "refresh"),
    ("rename_artifact", "add_version", "refresh"),
    ("rename_artifact", "rename_tag", "refresh"),
    ("move", "rename_collection", "settle"),
    ("truncate_memberships", "insert", "refresh"),
    ("truncate_taggings", "tag", "refresh"),
    ("truncate_memberships", "delete_artifact", "settle"),
    ("import", "delete_artifact", "refresh"),
    ("delete_artifact", "delete_collection", "insert"),
)


@pytest.mark.exhaustive
@pytest.mark.parametrize("end", ["commit", "rollback"])
@pytest.mark.parametrize("names", TRIPLES, ids="-".join)
def test_three_sessions_are_exact_in_every_order(
    ours: SessionGroup, control: SessionGroup, names: tuple[str, str, str], end: str
) -> None:
    first, second, third = names
    spec = together(
        script(first, is_short=True, end=end),
        script(second, is_short=True),
        script(third, is_short=True),
    )

    assert summarize_proof(spec, ours, control) == ([], 90, True)
