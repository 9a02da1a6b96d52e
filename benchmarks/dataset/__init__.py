"""The catalogue that is measured: of any size and skew, the same every time."""

from benchmarks.dataset.load import load
from benchmarks.dataset.shape import Shape

__all__ = ["Shape", "load"]
