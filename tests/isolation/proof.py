"""The proof: every interleaving of a spec with counts equals the same one without counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from tests.db.oracle import differences
from tests.db.sample import restore
from tests.isolation.control import without_housekeeping
from tests.isolation.documented_waits import find_reason
from tests.isolation.permutations import (
    Interleaving,
    Spec,
    run_every_interleaving,
    run_interleaving,
)
from tests.isolation.sessions import Outcome, SessionGroup
from tests.isolation.snapshot_comparison import Comparisons, read_tables

# The errors of keys, foreign keys and isolation levels; ours may raise only those of the control.
EXPECTED = {"40001", "40P01", "23503", "23505"}


@dataclass(slots=True)
class Proof:
    """The result of all interleavings of a spec; `schedules` ran or are impossible."""

    interleavings: int = 0
    schedules: int = 0
    comparisons: int = 0
    blocked: int = 0
    waits: int = 0
    failures: int = 0
    excused: set[str | None] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


def prove(spec: Spec, *, ours: SessionGroup, control: SessionGroup) -> Proof:
    """Run every interleaving of `spec` on both catalogues."""
    proof = Proof()

    def run_order(order: Sequence[int]) -> Interleaving:
        interleaving, wrong = _compare(spec, order, ours=ours, control=control, proof=proof)
        proof.wrong += [f"{_describe(spec, interleaving)}: {each}" for each in wrong]
        proof.schedules += sum(interleaving.impossible[len(order) :]) + interleaving.stands_for
        return interleaving

    for interleaving in run_every_interleaving(run_order):
        proof.interleavings += 1
        for each in _list_outcomes(interleaving):
            proof.waits += each.wait is not None
            proof.failures += each.sqlstate is not None
    return proof


def _compare(
    spec: Spec, order: Sequence[int], *, ours: SessionGroup, control: SessionGroup, proof: Proof
) -> tuple[Interleaving, list[str]]:
    for group in (ours, control):
        group.clear()
        restore(group.observer)
        for statements in spec.setup:
            group.observer.execute(statements)

    comparisons = Comparisons(ours, spec)
    interleaving = run_interleaving(ours, spec, order, look=comparisons)
    proof.comparisons += comparisons.succeeded
    proof.blocked += comparisons.blocked
    data = read_tables(ours.observer)
    wrong = comparisons.wrong + _find_final_errors(ours)
    wrong += [
        str(each)
        for each in _list_outcomes(interleaving)
        if each.sqlstate is not None and each.sqlstate not in EXPECTED
    ]
    if not interleaving.is_complete:
        wrong.append("the same order had another outcome")

    plain = run_interleaving(control, without_housekeeping(spec), interleaving.order)
    differs = _first_difference(interleaving, plain)
    if differs is None:
        if data != read_tables(control.observer):
            wrong.append("the rows at the end differ from those without counts")
    elif not _is_deadlock(*differs):
        with_counts, without = differs
        more = [each for each in with_counts - without if each.wait or each.sqlstate]
        reasons = {find_reason(spec, each) for each in more}
        if None not in reasons:
            proof.excused |= reasons
        else:
            wrong.append(
                f"with counts {_join_outcomes(with_counts)}, without {_join_outcomes(without)}"
            )
    return interleaving, wrong


def _first_difference(
    interleaving: Interleaving, plain: Interleaving
) -> tuple[frozenset[Outcome], frozenset[Outcome]] | None:
    """Return both outcomes at the first step on which the two differ, or None."""
    for both in zip_longest(interleaving.outcomes, plain.outcomes, fillvalue=frozenset[Outcome]()):
        if both[0] != both[1]:
            return both
    return None


def _is_deadlock(with_counts: frozenset[Outcome], without: frozenset[Outcome]) -> bool:
    """Return whether both end in a deadlock; PostgreSQL may choose either session as the victim."""
    return all(
        any(each.sqlstate == "40P01" for each in outcomes) for outcomes in (with_counts, without)
    )


def _find_final_errors(group: SessionGroup) -> list[str]:
    """Return the errors after the last step, and after housekeeping."""
    wrong = differences(group.observer)
    (pending,) = group.observer.execute("select settle_counts()").fetchone() or (None,)
    group.observer.execute("select refresh_artifact_summaries()")
    wrong += differences(group.observer)
    if pending:
        wrong.append(f"{pending} changes that cannot be settled")
    return [f"at the end: {each}" for each in wrong]


def _list_outcomes(interleaving: Interleaving) -> list[Outcome]:
    return [each for outcomes in interleaving.outcomes for each in outcomes]


def _describe(spec: Spec, interleaving: Interleaving) -> str:
    """Describe the interleaving, to let a reader run it again by hand."""
    names = [f"{script.name} {script.level.name}" for script in spec.scripts]
    return (
        f"{names} in the order {interleaving.order}: {_join_outcomes(_list_outcomes(interleaving))}"
    )


def _join_outcomes(outcomes: Iterable[Outcome]) -> str:
    return ", ".join(map(str, outcomes)) or "nothing"
