"""Every interleaving of two sessions: no snapshot drifts, and no session waits for a count."""

from itertools import combinations_with_replacement as pairs
from itertools import product

import pytest
from psycopg import IsolationLevel

from tests.isolation.permutations import Spec
from tests.isolation.proof import prove
from tests.isolation.scripts import (
    COMMITTED,
    DRIFT,
    HOUSEKEEPERS,
    REPEATABLE,
    SERIALIZABLE,
    WRITERS,
    script,
    together,
)
from tests.isolation.sessions import Stage

EVERYBODY = (*WRITERS, *HOUSEKEEPERS)

# Those in which most can go wrong: two ways into one count, a key that changes, all rows at once.
TELLING = (
    ("insert", "insert_in_other_order"),
    ("insert", "delete_collection"),
    ("move", "rename_collection"),
    ("import", "truncate_memberships"),
    ("refresh", "rename_artifact"),
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


def proved(spec: Spec, ours: Stage, control: Stage) -> tuple[list[str], int, bool]:
    """What was wrong, how many schedules were played or are impossible, and whether one looked."""
    proof = prove(spec, ours=ours, control=control)
    return proof.wrong, proof.schedules, proof.looks >= proof.interleavings > 0


@pytest.mark.parametrize(("one", "other"), TELLING)
def test_a_telling_pair_is_exact_in_every_order(
    ours: Stage, control: Stage, one: str, other: str
) -> None:
    spec = together(script(one), script(other))

    assert proved(spec, ours, control) == ([], 20, True)


@pytest.mark.parametrize("level", [REPEATABLE, SERIALIZABLE], ids=lambda level: level.name.lower())
def test_writers_that_keep_their_snapshot_are_exact_in_every_order(
    ours: Stage, control: Stage, level: IsolationLevel
) -> None:
    spec = together(script("insert", is_short=True), script("edit_collection", level=level))

    assert proved(spec, ours, control) == ([], 10, True)


def test_one_who_settles_does_not_wait_for_another(ours: Stage, control: Stage) -> None:
    spec = together(script("settle"), script("settle"))

    assert proved(spec, ours, control) == ([], 20, True)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("one", "other"), list(pairs(EVERYBODY, 2)))
def test_every_pair_is_exact_in_every_order(
    ours: Stage, control: Stage, one: str, other: str
) -> None:
    spec = together(script(one), script(other))

    assert proved(spec, ours, control) == ([], 20, True)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("one", "other"), list(product(EVERYBODY, EVERYBODY)))
def test_every_pair_of_which_one_rolls_back_is_exact_in_every_order(
    ours: Stage, control: Stage, one: str, other: str
) -> None:
    spec = together(script(one, is_short=True, end="rollback"), script(other, is_short=True))

    assert proved(spec, ours, control) == ([], 6, True)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("one", "other"), list(product(EVERYBODY, WRITERS)))
def test_every_pair_of_which_one_keeps_its_snapshot_is_exact_in_every_order(
    ours: Stage, control: Stage, one: str, other: str
) -> None:
    spec = together(script(one, is_short=True), script(other, level=REPEATABLE))

    assert proved(spec, ours, control) == ([], 10, True)


@pytest.mark.exhaustive
@pytest.mark.parametrize("level", [COMMITTED, REPEATABLE], ids=lambda level: level.name.lower())
@pytest.mark.parametrize(("one", "other"), list(product(KEYS_AND_ROWS, KEYS_AND_ROWS)))
def test_a_serializable_writer_beside_one_that_is_not_is_exact_in_every_order(
    ours: Stage, control: Stage, one: str, other: str, level: IsolationLevel
) -> None:
    spec = together(script(one, level=level), script(other, level=SERIALIZABLE))

    assert proved(spec, ours, control) == ([], 20, True)


@pytest.mark.exhaustive
@pytest.mark.parametrize("level", [REPEATABLE, SERIALIZABLE], ids=lambda level: level.name.lower())
@pytest.mark.parametrize(("one", "other"), list(pairs(WRITERS, 2)))
def test_every_pair_of_writers_that_keep_their_snapshot_is_exact_in_every_order(
    ours: Stage, control: Stage, one: str, other: str, level: IsolationLevel
) -> None:
    spec = together(script(one, level=level), script(other, level=level))

    assert proved(spec, ours, control) == ([], 20, True)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("one", "other"), list(pairs(WRITERS, 2)))
def test_every_pair_of_which_one_keeps_its_snapshot_and_rolls_back_is_exact_in_every_order(
    ours: Stage, control: Stage, one: str, other: str
) -> None:
    spec = together(script(one, level=REPEATABLE, end="rollback"), script(other, is_short=True))

    assert proved(spec, ours, control) == ([], 10, True)


@pytest.mark.exhaustive
@pytest.mark.parametrize("other", EVERYBODY)
def test_what_a_repair_leaves_is_exact_in_every_order(
    ours: Stage, control: Stage, other: str
) -> None:
    spec = Spec((script("repair"), script(other)), setup=(DRIFT,), repairer=0)

    assert proved(spec, ours, control) == ([], 20, True)
