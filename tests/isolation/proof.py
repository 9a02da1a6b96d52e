"""The proof: every interleaving of a spec with counts equals the same one without counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from tests.db.oracle import differences
from tests.db.sample import restore
from tests.isolation.control import without_housekeeping
from tests.isolation.documented_waits import reason
from tests.isolation.permutations import Played, Spec, explore, play
from tests.isolation.sessions import Happening, Stage
from tests.isolation.snapshot_comparison import Looks, kept

# The errors of keys, foreign keys and isolation levels; ours may raise only what the control does.
EXPECTED = {"40001", "40P01", "23503", "23505"}


@dataclass(slots=True)
class Proof:
    """The result of all interleavings of a spec; `schedules` were played or are impossible."""

    interleavings: int = 0
    schedules: int = 0
    looks: int = 0
    blind: int = 0
    waits: int = 0
    failures: int = 0
    excused: set[str | None] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


def prove(spec: Spec, *, ours: Stage, control: Stage) -> Proof:
    """Play every interleaving of `spec` on both catalogues."""
    proof = Proof()

    def play_one(order: Sequence[int]) -> Played:
        played, wrong = _compare(spec, order, ours=ours, control=control, proof=proof)
        proof.wrong += [f"{_describe(spec, played)}: {each}" for each in wrong]
        proof.schedules += sum(played.impossible[len(order) :]) + played.stands_for
        return played

    for played in explore(play_one):
        proof.interleavings += 1
        for each in _list_happenings(played):
            proof.waits += each.wait is not None
            proof.failures += each.sqlstate is not None
    return proof


def _compare(
    spec: Spec, order: Sequence[int], *, ours: Stage, control: Stage, proof: Proof
) -> tuple[Played, list[str]]:
    for stage in (ours, control):
        stage.clear()
        restore(stage.observer)
        for statements in spec.setup:
            stage.observer.execute(statements)

    looks = Looks(ours, spec)
    played = play(ours, spec, order, look=looks)
    proof.looks += looks.taken
    proof.blind += looks.blind
    data = kept(ours.observer)
    wrong = looks.wrong + _find_final_errors(ours)
    wrong += [
        str(each)
        for each in _list_happenings(played)
        if each.sqlstate is not None and each.sqlstate not in EXPECTED
    ]
    if not played.is_complete:
        wrong.append("the same order had another outcome")

    plain = play(control, without_housekeeping(spec), played.order)
    differs = _first_difference(played, plain)
    if differs is None:
        if data != kept(control.observer):
            wrong.append("the rows at the end differ from those without counts")
    elif not _is_deadlock(*differs):
        with_counts, without = differs
        more = [each for each in with_counts - without if each.wait or each.sqlstate]
        reasons = {reason(spec, each) for each in more}
        if None not in reasons:
            proof.excused |= reasons
        else:
            wrong.append(
                f"with counts {_join_happenings(with_counts)}, without {_join_happenings(without)}"
            )
    return played, wrong


def _first_difference(
    played: Played, plain: Played
) -> tuple[frozenset[Happening], frozenset[Happening]] | None:
    """Return what happened at the first step on which the two differ, or None."""
    for both in zip_longest(played.happened, plain.happened, fillvalue=frozenset[Happening]()):
        if both[0] != both[1]:
            return both
    return None


def _is_deadlock(with_counts: frozenset[Happening], without: frozenset[Happening]) -> bool:
    """Return whether both end in a deadlock; PostgreSQL may choose either session as the victim."""
    return all(
        any(each.sqlstate == "40P01" for each in happened) for happened in (with_counts, without)
    )


def _find_final_errors(stage: Stage) -> list[str]:
    """Return what is wrong after the last step, and after housekeeping."""
    wrong = differences(stage.observer)
    (pending,) = stage.observer.execute("select settle_counts()").fetchone() or (None,)
    stage.observer.execute("select refresh_artifact_summaries()")
    wrong += differences(stage.observer)
    if pending:
        wrong.append(f"{pending} changes that cannot be settled")
    return [f"at the end: {each}" for each in wrong]


def _list_happenings(played: Played) -> list[Happening]:
    return [each for happened in played.happened for each in happened]


def _describe(spec: Spec, played: Played) -> str:
    """Describe the interleaving, to let a reader run it again by hand."""
    names = [f"{script.name} {script.level.name}" for script in spec.scripts]
    return f"{names} in the order {played.order}: {_join_happenings(_list_happenings(played))}"


def _join_happenings(happened: Iterable[Happening]) -> str:
    return ", ".join(map(str, happened)) or "nothing"
