"""The plot of a run, for light and dark pages."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.charts import COLOURS, INK, open_figure
from benchmarks.soak.intervals import LOGS, SNAPSHOT, Interval
from benchmarks.soak.report import MEGABYTE, SoakResult

Lines = Sequence[tuple[str, Sequence[float], Sequence[float]]]


def draw_plot(run: SoakResult, file: Path) -> None:
    """Draw the blocks of a page, the sizes, the dead rows and the throughput."""
    with open_figure(file, 9, 9) as figure:
        panels = figure.subplots(4, 1, sharex=True)
        _panel(panels[0], "blocks a page", _blocks(run))
        _panel(panels[1], "MB, indexes included", _each(run, _megabytes))
        _panel(panels[2], "dead rows", _each(run, _dead))
        _panel(panels[3], "a second", _throughput(run))
        _mark_faults(panels, run)
        # Above the names of the faults.
        panels[0].set_title(panels[0].get_title(loc="left"), pad=80 if run.stats.events else None)
        panels[3].set_xlabel("minutes")


def _panel(axes: Any, title: str, lines: Lines) -> None:  # noqa: ANN401 - matplotlib's are untyped
    for colour, (name, minutes, values) in zip(COLOURS, lines, strict=False):
        axes.plot(minutes, values, color=colour, label=name, linewidth=1.5)
    axes.set_title(title)
    axes.set_ylim(bottom=0)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))


def _mark_faults(panels: Any, run: SoakResult) -> None:  # noqa: ANN401
    for seconds, name in run.stats.events:
        for axes in panels:
            axes.axvline(seconds / 60, color=INK, linewidth=0.5, linestyle=":")
        panels[0].annotate(
            name,
            (seconds / 60, 1.03),
            xycoords=("data", "axes fraction"),
            rotation=90,
            fontsize=6,
            ha="center",
            va="bottom",
        )


def _blocks(run: SoakResult) -> Lines:
    minutes = [seconds / 60 for seconds, _, _ in run.stats.page_costs]
    return [
        ("of artifacts", minutes, [artifacts for _, artifacts, _ in run.stats.page_costs]),
        ("of collections", minutes, [collections for _, _, collections in run.stats.page_costs]),
    ]


def _throughput(run: SoakResult) -> Lines:
    return [
        _over_time("transactions", run, lambda interval: interval.commits / interval.seconds),
        _over_time("pages", run, lambda interval: interval.pages / interval.seconds),
    ]


def _each(run: SoakResult, of: Callable[[str, Interval], float]) -> Lines:
    return [
        _over_time(name.removeprefix("artifact_summaries_"), run, partial(of, name))
        for name in (SNAPSHOT, *LOGS)
    ]


def _over_time(
    name: str, run: SoakResult, of: Callable[[Interval], float]
) -> tuple[str, list[float], list[float]]:
    return name, [each.ends / 60 for each in run.intervals], [of(each) for each in run.intervals]


def _megabytes(name: str, interval: Interval) -> float:
    return interval.tables[name].total / MEGABYTE


def _dead(name: str, interval: Interval) -> float:
    return interval.tables[name].dead
