"""The measurement of reads: all contenders must give the same answers, then each is timed."""

import statistics
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.dataset import Shape
from benchmarks.reads.cold import count_cold_blocks
from benchmarks.reads.contenders import Contender, Database, Description, list_contenders
from benchmarks.reads.reader import RandomRequests, Reader, Request, facts
from benchmarks.reads.server_work import (
    ServerWork,
    has_pg_stat_statements,
    measure_server_work,
    read_plan,
)
from benchmarks.reads.statements import OURS
from benchmarks.rounds import Rounds, Scale, measure_in_turn
from skillmeat import connect


@dataclass(frozen=True, slots=True)
class ReadResults:
    """The milliseconds of each request, and the server's work if pg_stat_statements is there."""

    contenders: tuple[Description, ...]
    times: dict[Request, Rounds]
    works: dict[str, dict[Request, ServerWork]]
    plan: str
    """The plan of our page."""
    cold_blocks: dict[str, float]
    """The distinct blocks of a page by the contender; empty if the server cannot tell."""


class WrongAnswer(Exception):
    """A contender gives another answer than the others."""


def measure_reads(urls: Mapping[Database, str], shape: Shape, scale: Scale) -> ReadResults:
    """Time every request on every contender, on databases that hold the same catalogue."""
    with connect(urls[Database.BASELINES]) as conn:
        contenders = tuple(list_contenders(conn))
    with ExitStack() as stack:
        readers = {
            contender.name: stack.enter_context(contender.open_reader(urls[contender.database]))
            for contender in contenders
        }
        _refuse_wrong_answers(contenders, readers, shape, scale.compared)
        times = {
            request: Rounds("ms", _timed(readers, request, shape, scale)) for request in Request
        }
    exact = read_plan(urls[Database.OURS], OURS.page, shape)
    described = tuple(each.describe() for each in contenders)
    works = _works(urls, contenders, shape)
    return ReadResults(described, times, works, exact, count_cold_blocks(urls, shape))


def _refuse_wrong_answers(
    contenders: tuple[Contender, ...], readers: Mapping[str, Reader], shape: Shape, compared: int
) -> None:
    for request in Request:
        said: dict[str, list[tuple[object, ...]]] = {}
        for contender in contenders:
            if contender.shows_counts:
                requests = RandomRequests(shape, seed=0)
                answers = [requests.send(readers[contender.name], request) for _ in range(compared)]
                said[contender.name] = [fact for answer in answers for fact in facts(answer)]
        truth = said[contenders[0].name]
        for name, facts_said in said.items():
            if facts_said != truth:
                wrong = next(
                    (pair for pair in zip(facts_said, truth, strict=False) if pair[0] != pair[1]),
                    (len(facts_said), len(truth)),
                )
                message = (
                    f"{name} answers {request} with {wrong[0]}, {contenders[0].name} {wrong[1]}"
                )
                raise WrongAnswer(message)


def _timed(
    readers: Mapping[str, Reader], request: Request, shape: Shape, scale: Scale
) -> dict[str, list[float]]:
    turns = dict.fromkeys(readers, 0)

    def once(name: str) -> float:
        turns[name] += 1
        return time_requests(
            readers[name], request, RandomRequests(shape, turns[name]), scale.read_seconds
        )

    return measure_in_turn(str(request), scale.read_rounds, {name: name for name in readers}, once)


def time_requests(
    reader: Reader, request: Request, requests: RandomRequests, seconds: float
) -> float:
    """Return the median milliseconds of the requests that fit in `seconds`, without the first.

    A first request that takes longer is the only one.
    """
    first = _time_request(reader, request, requests)
    if first > seconds:
        return first * 1e3
    taken: list[float] = []
    ends = time.perf_counter() + seconds
    while not taken or time.perf_counter() < ends:
        taken.append(_time_request(reader, request, requests))
    return statistics.median(taken) * 1e3


def _time_request(reader: Reader, request: Request, requests: RandomRequests) -> float:
    started = time.perf_counter()
    requests.send(reader, request)
    return time.perf_counter() - started


def _works(
    urls: Mapping[Database, str], contenders: tuple[Contender, ...], shape: Shape
) -> dict[str, dict[Request, ServerWork]]:
    found = {}
    for contender in contenders:
        url = urls[contender.database]
        with connect(url, schema="public", autocommit=True) as conn:
            if has_pg_stat_statements(conn):
                found[contender.name] = measure_server_work(conn, url, contender, shape)
    return found
