"""The catalogue that is measured: of any size and skew, the same every time."""

from benchmarks.catalogue.load import load
from benchmarks.catalogue.shape import Shape

__all__ = ["Shape", "load"]
