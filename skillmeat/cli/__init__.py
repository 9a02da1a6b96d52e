"""The command line: it parses, connects, calls and prints."""

from skillmeat.cli.main import main

__all__ = ["main"]
