"""Figures, lines and bars in one style, with colours for light and dark pages."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.rounds import Rounds

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK: Final = "#808080"
COLOURS: Final = ("#3b82d6", "#e07b39", "#2f9e6e", "#b565c9", "#c94f4f", "#8a8f2b", "#4fb3c9")
LINE_STYLES: Final = ("o-", "s--", "^-.", "d:")
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
def open_figure(file: Path, width: float, height: float) -> Iterator["Figure"]:
    """Yield a figure in that style, sized in inches; save it when the block ends."""
    # Imported here: it is slow, and most runs draw nothing.
    import matplotlib as mpl  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure
        figure.savefig(file, transparent=True, metadata={"Date": None})


def draw_lines(axes: Any, found: Mapping[int, Rounds]) -> None:  # noqa: ANN401 - matplotlib's are untyped
    """Draw a line for each subject of the rounds, with a band from least to largest."""
    places = list(found)
    for line, colour, style in zip(
        next(iter(found.values())).values, (INK, *COLOURS), LINE_STYLES, strict=False
    ):
        medians = [found[place].median(line) or 0 for place in places]
        between = [found[place].spread(line) or (0, 0) for place in places]
        axes.plot(places, medians, style, color=colour, label=line, linewidth=1.5, markersize=4)
        axes.fill_between(
            places,
            [low for low, _ in between],
            [high for _, high in between],
            color=colour,
            alpha=0.15,
        )
    axes.set_yscale("log")
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))


def draw_grouped_bars(
    axes: Any,  # noqa: ANN401
    groups: Sequence[str],
    values: Mapping[str, Sequence[float]],
    colours: Iterable[str],
) -> None:
    """Draw a group of bars for each of `groups`, with one bar for each name of `values`."""
    width = 0.8 / len(values)
    for place, ((name, heights), colour) in enumerate(zip(values.items(), colours, strict=False)):
        left = [at + (place - len(values) / 2 + 0.5) * width for at in range(len(groups))]
        axes.bar(left, heights, width * 0.92, color=colour, label=name)
    wrapped = [textwrap.fill(group, 12) for group in groups]
    axes.set_xticks(range(len(groups)), wrapped, fontsize=8)
    axes.grid(visible=False, axis="x")
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
