"""The options of a soak on its command line."""

import argparse
from dataclasses import dataclass

DESCRIPTION = """
Run writers, readers, a refresher and faults on one server, for MINUTES. Exit with 0 if no count
drifted and no session met an unexpected error, else with 1. POSTGRES names the server: a
postgresql:// URL or a folder of PostgreSQL's programs. Without it, the embedded server is used.
"""


@dataclass(frozen=True, slots=True)
class Options:
    """The length, size and load of a soak.

    `rate` and `pages` are write transactions and pages a second, all sessions together. Each fault
    happens three times in every quarter of an hour, and at least once in each third of the run.
    """

    minutes: float
    artifacts: int = 30_000
    collections: int = 500
    writers: int = 6
    rate: float = 100.0
    readers: int = 2
    pages: float = 40.0
    interval: float = 10.0
    seed: int = 0
    faults: bool = True
    fsync: bool = True

    @property
    def seconds(self) -> float:
        """The length of the run."""
        return self.minutes * 60

    @property
    def rounds(self) -> int:
        """How often every fault happens: equally often in each third of the run."""
        return 3 * max(1, round(self.minutes / 15))


def parse_options(arguments: list[str]) -> Options:
    """Parse the command line; an error is reported in one line and ends the program."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=DESCRIPTION)
    say = parser.add_argument
    say("minutes", type=float, metavar="MINUTES", help="how long it runs")
    say("--artifacts", type=int, help="size of the catalogue (%(default)s)")
    say("--collections", type=int, help="collections beside `default` (%(default)s)")
    say("--writers", type=int, help="sessions that write (%(default)s)")
    say("--rate", type=float, help="write transactions a second, in all (%(default)s)")
    say("--readers", type=int, help="sessions that read pages (%(default)s)")
    say("--pages", type=float, help="pages a second, in all (%(default)s)")
    say("--interval", type=float, help="seconds between two lines (%(default)s)")
    say("--seed", type=int, help="seed of the random numbers (%(default)s)")
    say("--no-faults", dest="faults", action="store_false", help="run without faults")
    say(
        "--no-fsync",
        dest="fsync",
        action="store_false",
        help="run without fsync, on a server that may be lost",
    )
    parser.set_defaults(**{name: getattr(Options(minutes=0), name) for name in Options.__slots__})
    given = vars(parser.parse_args(arguments))
    for name in ("minutes", "artifacts", "collections", "writers", "rate", "interval"):
        if not given[name] > 0:
            parser.error(f"{name} must be above 0")
    return Options(**given)
