"""The results of one run, as a page of documentation with plots."""

from benchmarks.report.document import write

__all__ = ["write"]
