"""The command line: parses, connects, calls, prints."""

from skillmeat.cli.entry import main

__all__ = ["main"]
