"""The entry point of `skillmeat`."""

import gc
import io
import logging
import os
import signal
import sys
from pathlib import Path


def main() -> None:
    """Run the command line and exit: 0, 1 for a failure, 2 for wrong usage, 130 for Ctrl-C."""
    # Imports create many objects and little garbage, and each collection visits all of them.
    gc.set_threshold(50_000)
    _prepare_output()
    try:
        # The imports take half a second, and Ctrl-C may come during them.
        from skillmeat.cli.app import app  # noqa: PLC0415

        app(prog_name="skillmeat")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    finally:
        _discard_unwritable_output()
        # Python collects at its exit, for nothing: the kernel frees the memory.
        gc.freeze()


def _prepare_output() -> None:
    # psycopg logs warnings while an interrupted command ends; no user needs them.
    logging.getLogger("psycopg").addHandler(logging.NullHandler())
    if sys.stdout is None or sys.stderr is None:  # closed, as by `>&-`
        nowhere = Path(os.devnull).open("w")  # noqa: SIM115 - for as long as the process lives
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    for stream in (sys.stdout, sys.stderr):
        # A character that the encoding lacks is printed as an escape, and the command goes on.
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def _discard_unwritable_output() -> None:
    # Python flushes again at its exit, and would change the exit code if that failed.
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
