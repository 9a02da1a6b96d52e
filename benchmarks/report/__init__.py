"""What one run found, as a page of documentation with its plots."""

from benchmarks.report.document import write

__all__ = ["write"]
