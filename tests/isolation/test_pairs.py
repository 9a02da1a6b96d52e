"""Every interleaving of two sessions: no snapshot drifts, and no session waits for a count."""

from itertools import combinations_with_replacement as pairs
from itertools import product

import pytest
from psycopg import IsolationLevel

from tests.isolation.permutations import Spec
from tests.isolation.proof import prove
from tests.isolation.scripts import (
    ADMINISTRATORS,
    COMMITTED,
    DRIFT,
    HOUSEKEEPERS,
    REPEATABLE,
    SERIALIZABLE,
    WRITERS,
    script,
    together,
)
from tests.isolation.sessions import SessionGroup

ALL_SCRIPTS = (*WRITERS, *HOUSEKEEPERS)

# A pair of each kind with the most risk: two writers of one count, a key that changes, all rows at
# once, a session that settles. `test_every_pair_is_exact_in_every_order` has the others.
RISKIEST = (
    ("insert", "insert_in_other_order"),
    ("move", "rename_collection"),
    ("refresh", "truncate_memberships"),
    ("settle", "insert"),
)

KEYS_AND_ROWS = (
    "insert",
    "move",
    "delete_artifact",
    "rename_collection",
    "edit_collection",
    "truncate_memberships",
    "tag",
    "rename_tag",
)


def summarize_proof(
    spec: Spec, ours: SessionGroup, control: SessionGroup
) -> tuple[list[str], int, bool]:
    """Return the errors, the schedules that ran or are impossible, and whether all compared."""
    proof = prove(spec, ours=ours, control=control)
    return proof.wrong, proof.schedules, proof.comparisons >= proof.interleavings > 0


@pytest.mark.parametrize(("one", "other"), RISKIEST)
def test_a_risky_pair_is_exact_in_every_order(
    ours: SessionGroup, control: SessionGroup, one: str, other: str
) -> None:
    spec = together(script(one), script(other))

    assert summarize_proof(spec, ours, control) == ([], 20, True)


@pytest.mark.parametrize("level", [REPEATABLE, SERIALIZABLE], ids=lambda level: level.name.lower())
def test_writers_that_keep_their_snapshot_are_exact_in_every_order(
    ours: SessionGroup, control: SessionGroup, level: IsolationLevel
) -> None:
    spec = together(script("insert", is_short=True), script("edit_collection", level=level))

    assert summarize_proof(spec, ours, control) == ([], 10, True)


def test_two_settling_sessions_do_not_wait_for_each_other(
    ours: SessionGroup, control: SessionGroup
) -> None:
    spec = together(script("settle"), script("settle"))

    assert summarize_proof(spec, ours, control) == ([], 20, True)


# The pairs that deadlock if a commit waits for the parent's table.
@pytest.mark.parametrize(
    ("administrator", "writer"),
    [
        pytest.param("reference", "add_artifact", marks=pytest.mark.exhaustive),
        ("reference_at_once", "add_artifact"),
        pytest.param("index", "delete", marks=pytest.mark.exhaustive),
        ("index_tags", "untag"),
        ("trigger", "group"),
        pytest.param("trigger_on_types", "delete_artifact", marks=pytest.mark.exhaustive),
        # Both deadlock: a foreign key reads the parent, too.
        ("alter", "insert"),
    ],
)
def test_ddl_beside_a_writer_waits_as_in_the_control(
    ours: SessionGroup, control: SessionGroup, administrator: str, writer: str
) -> None:
    spec = together(script(administrator), script(writer))

    proof = prove(spec, ours=ours, control=control)

    assert (proof.wrong, proof.excused, proof.waits > 0) == ([], set(), True)


def test_removing_a_child_waits_for_an_alteration_of_its_parent_and_is_exact(
    ours: SessionGroup, control: SessionGroup
) -> None:
    spec = together(script("alter"), script("delete"))

    proof = prove(spec, ours=ours, control=control)

    assert (proof.wrong, len(proof.excused), proof.failures > 0) == ([], 2, True)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("administrator", "other"), list(product(ADMINISTRATORS, ALL_SCRIPTS)))
def test_ddl_beside_any_script_is_exact_in_every_order(
    ours: SessionGroup, control: SessionGroup, administrator: str, other: str
) -> None:
    spec = together(script(administrator), script(other))

    assert summarize_proof(spec, ours, control) == ([], spec.schedules, True)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("one", "other"), list(pairs(ALL_SCRIPTS, 2)))
def test_every_pair_is_exact_in_every_order(
    ours: SessionGroup, control: SessionGroup, one: str, other: str
) -> None:
    spec = together(script(one), script(other))

    assert summarize_proof(spec, ours, control) == ([], 20, True)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("one", "other"), list(product(ALL_SCRIPTS, ALL_SCRIPTS)))
def test_every_pair_is_exact_in_every_order_if_one_rolls_back(
    ours: SessionGroup, control: SessionGroup, one: str, other: str
) -> None:
    spec = together(script(one, is_short=True, end="rollback"), script(other, is_short=True))

    assert summarize_proof(spec, ours, control) == ([], 6, True)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("one", "other"), list(product(ALL_SCRIPTS, WRITERS)))
def test_every_pair_is_exact_in_every_order_if_one_keeps_its_snapshot(
    ours: SessionGroup, control: SessionGroup, one: str, other: str
) -> None:
    spec = together(script(one, is_short=True), script(other, level=REPEATABLE))

    assert summarize_proof(spec, ours, control) == ([], 10, True)


@pytest.mark.exhaustive
@pytest.mark.parametrize("level", [COMMITTED, REPEATABLE], ids=lambda level: level.name.lower())
@pytest.mark.parametrize(("one", "other"), list(product(KEYS_AND_ROWS, KEYS_AND_ROWS)))
def test_a_serializable_writer_beside_another_level_is_exact_in_every_order(
    ours: SessionGroup, control: SessionGroup, one: str, other: str, level: IsolationLevel
) -> None:
    spec = together(script(one, level=level), script(other, level=SERIALIZABLE))

    assert summarize_proof(spec, ours, control) == ([], 20, True)


@pytest.mark.exhaustive
@pytest.mark.parametrize("level", [REPEATABLE, SERIALIZABLE], ids=lambda level: level.name.lower())
@pytest.mark.parametrize(("one", "other"), list(pairs(WRITERS, 2)))
def test_every_pair_of_writers_that_keep_their_snapshot_is_exact_in_every_order(
    ours: SessionGroup, control: SessionGroup, one: str, other: str, level: IsolationLevel
) -> None:
    spec = together(script(one, level=level), script(other, level=level))

    assert summarize_proof(spec, ours, control) == ([], 20, True)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("one", "other"), list(pairs(WRITERS, 2)))
def test_every_pair_is_exact_in_every_order_if_one_keeps_its_snapshot_and_rolls_back(
    ours: SessionGroup, control: SessionGroup, one: str, other: str
) -> None:
    spec = together(script(one, level=REPEATABLE, end="rollback"), script(other, is_short=True))

    assert summarize_proof(spec, ours, control) == ([], 10, True)


@pytest.mark.exhaustive
@pytest.mark.parametrize("other", ALL_SCRIPTS)
def test_a_repair_beside_any_script_is_exact_in_every_order(
    ours: SessionGroup, control: SessionGroup, other: str
) -> None:
    spec = Spec((script("repair"), script(other)), setup=(DRIFT,), repairer=0)

    assert summarize_proof(spec, ours, control) == ([], 20, True)
