"""What was measured, as pictures."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any, Final

from benchmarks.plot_style import COLOURS, INK, drawn
from benchmarks.reads.contender import Request
from benchmarks.report.tables import figure
from benchmarks.rounds import Rounds
from benchmarks.suite import Ladder
from benchmarks.writes.variant import OURS, UNCOUNTED
from benchmarks.writes.workload import Workload, hot

OURS_COLOUR, OTHERS_COLOUR = COLOURS[0], INK


def story(ladder: Ladder, file: Path) -> None:
    """A page of 50 on every rung."""
    with drawn(file, 8, 4.6) as drawing:
        _rungs(drawing.subplots(), ladder, Request.PAGE)


def requests(ladder: Ladder, file: Path) -> None:
    """The other requests on every rung."""
    with drawn(file, 8, 11) as drawing:
        rest = [request for request in Request if request is not Request.PAGE]
        for axes, request in zip(drawing.subplots(3, 1), rest, strict=True):
            _rungs(axes, ladder, request)


def _rungs(axes: Any, ladder: Ladder, request: Request) -> None:  # noqa: ANN401 - matplotlib's are untyped
    times = ladder.read.times[request]
    names = [rung.name for rung in ladder.read.rungs]
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
        work = ladder.read.works.get(name, {}).get(request)
        asked = f", {_statements(work.statements)}" if work else ""
        axes.text(
            largest * 1.1, place, f"{figure(medians[place])} ms{asked}", va="center", fontsize=8
        )
    axes.margins(x=0.25)


def _statements(number: float) -> str:
    return f"{number:.0f} statement{'' if round(number) == 1 else 's'}"


LINES: Final = ("o-", "s--", "^-.", "d:")


def sizes(ladder: Ladder, file: Path) -> None:
    """A page against the number of artifacts."""
    with drawn(file, 7, 4) as drawing:
        axes = drawing.subplots()
        _lines(axes, ladder.grown.sizes)
        axes.set_xscale("log")
        axes.set_title("a page of 50 against the artifacts in the catalogue, ms")
        axes.set_xlabel("artifacts")


def memberships(ladder: Ladder, file: Path) -> None:
    """A page against the number of collections that an artifact is in."""
    with drawn(file, 7, 4) as drawing:
        axes = drawing.subplots()
        _lines(axes, ladder.grown.memberships)
        axes.set_title("a page of 50 against the collections of each artifact, ms")
        axes.set_xlabel("collections an artifact")


def _lines(axes: Any, found: Mapping[int, Rounds]) -> None:  # noqa: ANN401
    places = list(found)
    for line, colour, style in zip(
        next(iter(found.values())).values, (INK, *COLOURS), LINES, strict=False
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


def changes(ladder: Ladder, file: Path) -> None:
    """A page against what has changed since the last refresh."""
    with drawn(file, 7, 3.6) as drawing:
        axes = drawing.subplots()
        found = ladder.grown.changes
        _grouped(
            axes,
            list(found),
            {
                line: [found[key].median(line) or 0 for key in found]
                for line in next(iter(found.values())).values
            },
            (INK, *COLOURS),
        )
        axes.set_title("a page of 50 against the artifacts changed since the last refresh, ms")


def refreshes(ladder: Ladder, file: Path) -> None:
    """What a refresh takes and writes."""
    with drawn(file, 8, 3.6) as drawing:
        left, right = drawing.subplots(1, 2)
        for axes, title, values in (
            (left, "a refresh, seconds", [each.seconds for each in ladder.grown.refreshes]),
            (right, "its WAL, MB", [each.wal / 2**20 for each in ladder.grown.refreshes]),
        ):
            names = [f"{each.changes:,} of {each.artifacts:,}" for each in ladder.grown.refreshes]
            axes.barh(names, values, color=OURS_COLOUR, height=0.7)
            axes.invert_yaxis()
            axes.set_xscale("log")
            axes.grid(visible=False, axis="y")
            axes.set_title(title)
            for place, value in enumerate(values):
                axes.text(value * 1.1, place, figure(value), va="center", fontsize=8)
            axes.margins(x=0.2)


def writing(ladder: Ladder, file: Path) -> None:
    """What is left of the throughput without triggers, by workload."""
    with drawn(file, 12, 4.5) as drawing:
        axes = drawing.subplots()
        workloads = list(ladder.written.runs)
        counted = [each.name for each in ladder.written.variants if each.name != UNCOUNTED]
        _grouped(
            axes,
            [workload.name for workload in workloads],
            {name: [_share(ladder, workload, name) for workload in workloads] for name in counted},
            _colours(counted),
        )
        axes.axhline(1, color=INK, linewidth=0.8)
        axes.set_title("transactions a second, as a share of those without a trigger")


def _share(ladder: Ladder, workload: Workload, name: str) -> float:
    ratio = ladder.written.throughput(workload).ratio(name, UNCOUNTED)
    return ratio.median if ratio else 0


def crowds(ladder: Ladder, file: Path) -> None:
    """Throughput on one collection against the number of clients."""
    with drawn(file, 7, 4) as drawing:
        axes = drawing.subplots()
        clients = ladder.scale.clients
        colours = _colours([each.name for each in ladder.written.variants])
        for colour, each in zip(colours, ladder.written.variants, strict=True):
            rates = [
                ladder.written.throughput(hot(crowd)).median(each.name) or 0 for crowd in clients
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
    """Each variant's own, the same in every plot."""
    others = cycle(COLOURS[1:])
    own = {UNCOUNTED: INK, OURS: OURS_COLOUR}
    return [own.get(name) or next(others) for name in variants]


def _grouped(
    axes: Any,  # noqa: ANN401
    groups: Sequence[str],
    values: Mapping[str, Sequence[float]],
    colours: Iterable[str],
) -> None:
    width = 0.8 / len(values)
    for place, ((name, heights), colour) in enumerate(zip(values.items(), colours, strict=False)):
        left = [at + (place - len(values) / 2 + 0.5) * width for at in range(len(groups))]
        axes.bar(left, heights, width * 0.92, color=colour, label=name)
    wrapped = [textwrap.fill(group, 12) for group in groups]
    axes.set_xticks(range(len(groups)), wrapped, fontsize=8)
    axes.grid(visible=False, axis="x")
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
