"""How plots look: on no background, in colours that are read on a light page and on a dark one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

INK: Final = "#808080"
COLOURS: Final = ("#3b82d6", "#e07b39", "#2f9e6e", "#b565c9", "#c94f4f", "#8a8f2b", "#4fb3c9")
STYLE: Final[Any] = {
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": "medium",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": INK,
    "grid.alpha": 0.25,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "legend.fontsize": "small",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "font.size": 10,
    "svg.hashsalt": "skillmeat",
}


@contextmanager
def drawn(file: Path, width: float, height: float) -> Iterator[Figure]:
    """A figure in that style, inches wide and high, which is saved when the block ends."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure
        figure.savefig(file, transparent=True, metadata={"Date": None})
