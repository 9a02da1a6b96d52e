"""The results of one run, as a page of documentation with plots."""

from benchmarks.report.document import write
from benchmarks.report.storage import read

__all__ = ["read", "write"]
