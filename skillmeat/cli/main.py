"""Where `skillmeat` starts."""

import io
import logging
import os
import sys
from pathlib import Path

from skillmeat.cli.exits import EXIT_INTERRUPTED


def main() -> None:
    """Run the command line and exit: 0, 1 for a refusal, 2 for wrong usage, 130 for Ctrl-C."""
    _prepare_output()
    try:
        # Half a second of imports, in which Ctrl-C is as likely as later.
        from skillmeat.cli.app import app  # noqa: PLC0415

        app(prog_name="skillmeat")
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    finally:
        _forget_what_cannot_be_written()


def _prepare_output() -> None:
    # What psycopg logs while an interrupted command ends is news to nobody.
    logging.getLogger("psycopg").addHandler(logging.NullHandler())
    if sys.stdout is None or sys.stderr is None:  # closed, as by `>&-`
        nowhere = Path(os.devnull).open("w")  # noqa: SIM115 - for as long as the process lives
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a character shows its number; no command fails for it.
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def _forget_what_cannot_be_written() -> None:
    # Python would try again when it exits, and give an exit code of its own.
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
