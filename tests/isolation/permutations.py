"""Every interleaving of the steps of several sessions, each run on real sessions."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import comb, factorial, prod

from psycopg import IsolationLevel

from tests.isolation.sessions import Outcome, SessionGroup


@dataclass(frozen=True, slots=True)
class Script:
    """The steps of one session; the first begins a transaction, the last ends it."""

    name: str
    level: IsolationLevel
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spec:
    """Scripts that run concurrently after `setup`; `repairer` repairs the drift of `setup`."""

    scripts: tuple[Script, ...]
    setup: tuple[str, ...] = ()
    repairer: int | None = None

    @property
    def schedules(self) -> int:
        """The number of orders in which their steps can be written down."""
        return orders([len(script.steps) for script in self.scripts])


@dataclass(slots=True)
class Interleaving:
    """One interleaving: the session of each step, and the outcomes.

    A script ends when it fails, so `stands_for` schedules lead to this interleaving. At each
    choice, `ready` has the sessions that could run a step. `impossible` counts the schedules that
    would have chosen a session that waits.
    """

    order: list[int] = field(default_factory=list)
    outcomes: list[frozenset[Outcome]] = field(default_factory=list)
    ready: list[tuple[int, ...]] = field(default_factory=list)
    impossible: list[int] = field(default_factory=list)
    stands_for: int = 1
    is_complete: bool = True


def orders(lengths: Sequence[int]) -> int:
    """Return the number of orders in which sequences of these lengths can be merged."""
    return factorial(sum(lengths)) // prod(map(factorial, lengths))


def run_interleaving(
    group: SessionGroup,
    spec: Spec,
    order: Sequence[int] = (),
    *,
    look: Callable[[], None] = lambda: None,
) -> Interleaving:
    """Run the steps in the given order, then each script to its end; call `look` after each step.

    End early, with `is_complete` false, if the order names a session that waits or has ended.
    """
    interleaving = Interleaving()
    left = [len(script.steps) for script in spec.scripts]
    waiting: set[int] = set()
    while ready := tuple(n for n, steps in enumerate(left) if steps and n not in waiting):
        turn = len(interleaving.order)
        chosen = order[turn] if turn < len(order) else ready[0]
        if chosen not in ready:
            interleaving.is_complete = False
            break
        interleaving.ready.append(ready)
        interleaving.impossible.append(
            interleaving.stands_for
            * sum(
                orders([steps - (n == late) for n, steps in enumerate(left)])
                for late in waiting
                if left[late]
            )
        )

        script = spec.scripts[chosen]
        group.sessions[chosen].send(script.steps[-left[chosen]])
        left[chosen] -= 1
        outcomes = group.wait_for_all()
        for each in outcomes:
            if each.sqlstate is not None:
                dropped, left[each.session] = left[each.session], 0
                interleaving.stands_for *= comb(sum(left) + dropped, dropped)
        waiting = {n for n, session in enumerate(group.sessions) if session.is_busy}
        interleaving.order.append(chosen)
        interleaving.outcomes.append(outcomes)
        look()
    return interleaving


def run_every_interleaving(
    run_order: Callable[[Sequence[int]], Interleaving],
) -> Iterator[Interleaving]:
    """Run every interleaving: return to each choice and take each alternative once."""
    to_run: list[list[int]] = [[]]
    while to_run:
        order = to_run.pop()
        interleaving = run_order(order)
        yield interleaving
        for turn in range(len(order), len(interleaving.order)):
            chosen = interleaving.order[turn]
            to_run += [
                [*interleaving.order[:turn], other]
                for other in interleaving.ready[turn]
                if other != chosen
            ]
