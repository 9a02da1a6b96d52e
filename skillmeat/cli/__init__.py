"""The command line: parses, connects, calls, prints."""

from skillmeat.cli.main import main

__all__ = ["main"]
