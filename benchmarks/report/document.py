"""Writes docs/benchmarks.md and its plots."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.report import chapters, plots
from benchmarks.suite import Ladder

PLOTS: Final[dict[str, Callable[[Ladder, Path], None]]] = {
    "story": plots.story,
    "requests": plots.requests,
    "sizes": plots.sizes,
    "changes": plots.changes,
    "memberships": plots.memberships,
    "refreshes": plots.refreshes,
    "writing": plots.writing,
    "crowds": plots.crowds,
}
CHAPTERS: Final = (
    chapters.head,
    chapters.goals,
    chapters.reading,
    chapters.staleness,
    chapters.growth,
    chapters.refreshes,
    chapters.writing,
    chapters.profiles,
)


def write(ladder: Ladder, folder: Path, *, command: str) -> Path:
    """Write `benchmarks.md` and, beside it, a folder of plots; returns the page."""
    pictures = folder / "benchmarks"
    pictures.mkdir(parents=True, exist_ok=True)
    for name, draw in PLOTS.items():
        draw(ladder, pictures / f"{name}.svg")
    page = folder / "benchmarks.md"
    text = "\n".join(chapter(ladder) for chapter in CHAPTERS)
    page.write_text(text.replace(chapters.COMMAND, command), encoding="utf-8")
    return page
