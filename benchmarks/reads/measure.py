"""Reads by every rung in turn: all give the same answer, and then how long each takes."""

import statistics
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.dataset import Shape
from benchmarks.reads.contender import Database, Reader, Request, Rung
from benchmarks.reads.plan import plan
from benchmarks.reads.requests import Asker, facts
from benchmarks.reads.statements import OURS
from benchmarks.reads.suite import rungs
from benchmarks.reads.work import Work, can_see, work
from benchmarks.rounds import Rounds, in_turn
from benchmarks.scale import Scale
from skillmeat import connect

COMPARED = 20


@dataclass(frozen=True, slots=True)
class Read:
    """Milliseconds a request, and the server's work where it can be seen."""

    rungs: tuple[Rung, ...]
    times: dict[Request, Rounds]
    works: dict[str, dict[Request, Work]]
    plan: str
    """Of our page."""


class WrongAnswer(Exception):
    """A rung says something else than the others: whoever is faster by that is not faster."""


def measure_reading(urls: Mapping[Database, str], shape: Shape, scale: Scale) -> Read:
    """Time every request on every rung, on databases that hold the same catalogue."""
    with connect(urls[Database.RIVALS]) as conn:
        ladder = tuple(rungs(conn))
    with ExitStack() as stack:
        readers = {
            rung.name: stack.enter_context(rung.opens(urls[rung.database])) for rung in ladder
        }
        _refuse_wrong_answers(ladder, readers, shape)
        times = {
            request: Rounds("ms", _timed(readers, request, shape, scale)) for request in Request
        }
    exact = plan(urls[Database.OURS], OURS.page, shape)
    return Read(ladder, times, _works(urls, ladder, shape), exact)


def _refuse_wrong_answers(
    ladder: tuple[Rung, ...], readers: Mapping[str, Reader], shape: Shape
) -> None:
    for request in Request:
        said: dict[str, list[tuple[object, ...]]] = {}
        for rung in ladder:
            if rung.shows_counts:
                asker = Asker(shape, seed=0)
                answers = [asker.ask(readers[rung.name], request) for _ in range(COMPARED)]
                said[rung.name] = [fact for answer in answers for fact in facts(answer)]
        truth = said[ladder[0].name]
        for name, facts_said in said.items():
            if facts_said != truth:
                wrong = next(
                    (pair for pair in zip(facts_said, truth, strict=False) if pair[0] != pair[1]),
                    (len(facts_said), len(truth)),
                )
                message = f"{name} answers {request} with {wrong[0]}, {ladder[0].name} {wrong[1]}"
                raise WrongAnswer(message)


def _timed(
    readers: Mapping[str, Reader], request: Request, shape: Shape, scale: Scale
) -> dict[str, list[float]]:
    turns = dict.fromkeys(readers, 0)

    def once(name: str) -> float:
        turns[name] += 1
        return milliseconds(readers[name], request, Asker(shape, turns[name]), scale.read_seconds)

    return in_turn(str(request), scale.read_rounds, {name: name for name in readers}, once)


def milliseconds(reader: Reader, request: Request, asker: Asker, seconds: float) -> float:
    """The median of as many requests as there is time for; the first is not among them."""
    asker.ask(reader, request)
    taken: list[float] = []
    ends = time.perf_counter() + seconds
    while not taken or time.perf_counter() < ends:
        started = time.perf_counter()
        asker.ask(reader, request)
        taken.append((time.perf_counter() - started) * 1e3)
    return statistics.median(taken)


def _works(
    urls: Mapping[Database, str], ladder: tuple[Rung, ...], shape: Shape
) -> dict[str, dict[Request, Work]]:
    found = {}
    for rung in ladder:
        url = urls[rung.database]
        with connect(url, schema="public", autocommit=True) as conn:
            if can_see(conn):
                found[rung.name] = work(conn, url, rung, shape)
    return found
