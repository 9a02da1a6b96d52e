"""The plots of the results."""

from collections.abc import Iterable
from itertools import cycle
from pathlib import Path
from typing import Any

from benchmarks.charts import COLOURS, INK, draw_grouped_bars, draw_lines, open_figure
from benchmarks.reads.reader import Request
from benchmarks.report.figures import format_figure
from benchmarks.suite import Results
from benchmarks.writes.variants import OURS, UNCOUNTED
from benchmarks.writes.workloads import Workload, one_hot_collection

OURS_COLOUR, OTHERS_COLOUR = COLOURS[0], INK


def draw_page_times(results: Results, file: Path) -> None:
    """Draw a page of 50 on every contender."""
    with open_figure(file, 8, 4.6) as drawing:
        _contenders(drawing.subplots(), results, Request.PAGE)


def draw_other_requests(results: Results, file: Path) -> None:
    """Draw the other requests on every contender."""
    with open_figure(file, 8, 11) as drawing:
        rest = [request for request in Request if request is not Request.PAGE]
        for axes, request in zip(drawing.subplots(3, 1), rest, strict=True):
            _contenders(axes, results, request)


def _contenders(axes: Any, results: Results, request: Request) -> None:  # noqa: ANN401 - matplotlib's are untyped
    times = results.reads.times[request]
    names = [contender.name for contender in results.reads.contenders]
    medians = [times.median(name) or 0 for name in names]
    spreads = [times.spread(name) or (0, 0) for name in names]
    errors = [
        [median - least for median, (least, _) in zip(medians, spreads, strict=True)],
        [largest - median for median, (_, largest) in zip(medians, spreads, strict=True)],
    ]
    colours = [OURS_COLOUR if name.startswith("ours") else OTHERS_COLOUR for name in names]
    axes.barh(names, medians, color=colours, xerr=errors, ecolor=INK, height=0.7)
    axes.set_xscale("log")
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.set_title(f"{request}: time, on a logarithmic scale, and statements")
    for place, (name, (_, largest)) in enumerate(zip(names, spreads, strict=True)):
        work = results.reads.works.get(name, {}).get(request)
        asked = f", {_statements(work.statements)}" if work else ""
        axes.text(
            largest * 1.1,
            place,
            f"{format_figure(medians[place])} ms{asked}",
            va="center",
            fontsize=8,
        )
    axes.margins(x=0.25)


def _statements(number: float) -> str:
    return f"{number:.0f} statement{'' if round(number) == 1 else 's'}"


def draw_sizes(results: Results, file: Path) -> None:
    """Draw a page against the number of artifacts."""
    with open_figure(file, 7, 4) as drawing:
        axes = drawing.subplots()
        draw_lines(axes, results.scaling.sizes)
        axes.set_xscale("log")
        axes.set_title("a page of 50 against the artifacts in the catalogue, ms")
        axes.set_xlabel("artifacts")


def draw_memberships(results: Results, file: Path) -> None:
    """Draw a page against the number of collections that an artifact is in."""
    with open_figure(file, 7, 4) as drawing:
        axes = drawing.subplots()
        draw_lines(axes, results.scaling.memberships)
        axes.set_title("a page of 50 against the collections of each artifact, ms")
        axes.set_xlabel("collections an artifact")


def draw_changes(results: Results, file: Path) -> None:
    """Draw a page against what has changed since the last refresh."""
    with open_figure(file, 7, 3.6) as drawing:
        axes = drawing.subplots()
        found = results.scaling.changes
        draw_grouped_bars(
            axes,
            list(found),
            {
                line: [found[key].median(line) or 0 for key in found]
                for line in next(iter(found.values())).values
            },
            (INK, *COLOURS),
        )
        axes.set_title("a page of 50 against the artifacts changed since the last refresh, ms")


def draw_refreshes(results: Results, file: Path) -> None:
    """Draw the time and the WAL of refreshes."""
    with open_figure(file, 8, 3.6) as drawing:
        left, right = drawing.subplots(1, 2)
        for axes, title, values in (
            (left, "a refresh, seconds", [each.seconds for each in results.scaling.refreshes]),
            (right, "its WAL, MB", [each.wal / 2**20 for each in results.scaling.refreshes]),
        ):
            names = [
                f"{each.changes:,} of {each.artifacts:,}" for each in results.scaling.refreshes
            ]
            axes.barh(names, values, color=OURS_COLOUR, height=0.7)
            axes.invert_yaxis()
            axes.set_xscale("log")
            axes.grid(visible=False, axis="y")
            axes.set_title(title)
            for place, value in enumerate(values):
                axes.text(value * 1.1, place, format_figure(value), va="center", fontsize=8)
            axes.margins(x=0.2)


def draw_workloads(results: Results, file: Path) -> None:
    """Draw the throughput of each variant as a share of that without triggers."""
    with open_figure(file, 12, 4.5) as drawing:
        axes = drawing.subplots()
        workloads = results.writes.workloads
        counted = [each.name for each in results.writes.variants if each.name != UNCOUNTED]
        draw_grouped_bars(
            axes,
            [workload.name for workload in workloads],
            {name: [_share(results, workload, name) for workload in workloads] for name in counted},
            _colours(counted),
        )
        axes.axhline(1, color=INK, linewidth=0.8)
        axes.set_title("transactions a second, as a share of those without a trigger")


def _share(results: Results, workload: Workload, name: str) -> float:
    ratio = results.writes.throughput(workload).ratio(name, UNCOUNTED)
    return ratio.median if ratio else 0


def draw_clients(results: Results, file: Path) -> None:
    """Draw throughput on one collection against the number of clients."""
    with open_figure(file, 7, 4) as drawing:
        axes = drawing.subplots()
        clients = results.scale.clients
        colours = _colours([each.name for each in results.writes.variants])
        for colour, each in zip(colours, results.writes.variants, strict=True):
            rates = [
                results.writes.throughput(one_hot_collection(crowd)).median(each.name) or 0
                for crowd in clients
            ]
            is_ours = each.name == OURS
            axes.plot(
                clients,
                rates,
                "o-",
                color=colour,
                label=each.name,
                linewidth=2.5 if is_ours else 1.2,
                markersize=4,
            )
        axes.set_xscale("log", base=2)
        axes.set_xticks(clients, [str(crowd) for crowd in clients])
        axes.set_yscale("log")
        axes.set_xlabel("clients")
        axes.set_title("memberships a second added to one collection")
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))


def _colours(variants: Iterable[str]) -> list[str]:
    """Return the colour of each variant, the same in every plot."""
    others = cycle(COLOURS[1:])
    own = {UNCOUNTED: INK, OURS: OURS_COLOUR}
    return [own.get(name) or next(others) for name in variants]
