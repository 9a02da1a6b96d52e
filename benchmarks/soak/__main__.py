"""The command line of the soak: `python -m benchmarks.soak MINUTES`, `make soak MINUTES=5`."""

import logging
import sys

from rich.console import Console

from benchmarks.soak.options import parse_options
from benchmarks.soak.report import render_report
from benchmarks.soak.run import run_soak
from skillmeat.errors import SkillMeatError


def main() -> int:
    """Run a soak, and print the results as Markdown."""
    options = parse_options(sys.argv[1:])
    # The report counts lost sessions; psycopg's warnings about failed rollbacks would repeat them.
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)
    try:
        found = run_soak(options, Console(stderr=True))
    except SkillMeatError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(render_report(found) + "\n")
    return 0 if found.is_healthy else 1


if __name__ == "__main__":
    sys.exit(main())
