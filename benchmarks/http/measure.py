"""The measurement of pages over HTTP: requests a second, and the CPU time of each."""

import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

from benchmarks.dataset import Shape
from benchmarks.http.servers import HOST, Server, start_servers
from benchmarks.rounds import Rounds, Scale, measure_in_turn

CROWD: Final = 4
CLIENTS: Final = (1, CROWD)


@dataclass(frozen=True, slots=True)
class Load:
    """What the clients did in one round, and what it cost the server."""

    rate: float
    """Requests a second."""
    cpu: float
    """Milliseconds of the server's CPU time a request."""


@dataclass(frozen=True, slots=True)
class HttpResults:
    """The loads of each server, by the number of clients."""

    loads: dict[int, dict[str, list[Load]]]

    def rates(self, clients: int) -> Rounds:
        """Return the requests a second of each server."""
        return self._rounds("/s", clients, lambda load: load.rate)

    def cpu(self, clients: int) -> Rounds:
        """Return the milliseconds of CPU time that a request takes in each server."""
        return self._rounds("ms", clients, lambda load: load.cpu)

    def _rounds(self, unit: str, clients: int, value: Callable[[Load], float]) -> Rounds:
        return Rounds(
            unit,
            {name: [value(load) for load in loads] for name, loads in self.loads[clients].items()},
        )


def measure_http(url: str, shape: Shape, scale: Scale) -> HttpResults:
    """Request one page of the catalogue from every server, by one client and by four."""
    with (
        tempfile.TemporaryDirectory(prefix="skillmeat-bench-") as folder,
        start_servers(url, shape, Path(folder)) as servers,
    ):
        return HttpResults(
            {
                clients: measure_in_turn(
                    f"a page over HTTP, clients: {clients}",
                    scale.http_rounds,
                    servers,
                    partial(_measure_load, clients=clients, seconds=scale.http_seconds),
                )
                for clients in CLIENTS
            }
        )


def _measure_load(server: Server, *, clients: int, seconds: float) -> Load:
    with ThreadPoolExecutor(clients) as threads:
        cpu = server.cpu_seconds()
        started = time.perf_counter()
        running = [
            threads.submit(_request_pages, server, started + seconds) for _ in range(clients)
        ]
        requests = sum(each.result() for each in running)
        taken = time.perf_counter() - started
        return Load(requests / taken, (server.cpu_seconds() - cpu) * 1e3 / requests)


def _request_pages(server: Server, ends: float) -> int:
    """Request the page over one connection until the time has come; return how often."""
    conn = HTTPConnection(HOST, server.port)
    requests = 0
    while time.perf_counter() < ends or not requests:
        conn.request("GET", server.path)
        conn.getresponse().read()
        requests += 1
    conn.close()
    return requests
