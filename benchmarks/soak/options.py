"""What a soak is asked for on its command line."""

import argparse
from dataclasses import dataclass
from pathlib import Path

DESCRIPTION = """
Writers, readers, a refresher and faults on one server, for MINUTES. Ends with 0 where nothing
drifted and no session met an unexpected error, else with 1. POSTGRES names the server:
a postgresql:// URL, or a folder of PostgreSQL's programs; the embedded one unless given.
"""


@dataclass(frozen=True, slots=True)
class Options:
    """How long, how large, and what is tried.

    `rate` and `pages` are write transactions and pages a second, all sessions together. A fault of
    each kind falls into each third of the run, or more often: three to a quarter of an hour.
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
    first: tuple[str, ...] = ()
    plot: Path | None = None

    @property
    def seconds(self) -> float:
        """How long it runs."""
        return self.minutes * 60

    @property
    def rounds(self) -> int:
        """How often every fault happens: as often in each third of the run."""
        return 3 * max(1, round(self.minutes / 15))


def parse_options(arguments: list[str]) -> Options:
    """Read the command line; what is wrong with it is said in one line, and ends the program."""
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
    say("--seed", type=int, help="of what is random (%(default)s)")
    say("--no-faults", dest="faults", action="store_false", help="nothing but work")
    say("--no-fsync", dest="fsync", action="store_false", help="for a server that may be lost")
    say(
        "--first",
        action="append",
        metavar="STATEMENT",
        help="run before the soak, such as ALTER TABLE … SET (…), to try settings",
    )
    say("--plot", type=Path, metavar="FILE", help="draw what was measured (SVG)")
    defaults = {name: getattr(Options(minutes=0), name) for name in Options.__slots__}
    # What is given more than once is appended to a list.
    parser.set_defaults(**defaults | {"first": []})
    given = vars(parser.parse_args(arguments))
    for name in ("minutes", "artifacts", "collections", "writers", "rate", "interval"):
        if not given[name] > 0:
            parser.error(f"{name} must be above 0")
    given["first"] = tuple(given["first"])
    if given["plot"] and not given["plot"].parent.is_dir():
        parser.error(f"there is no folder {given['plot'].parent} to put the plot in")
    return Options(**given)
