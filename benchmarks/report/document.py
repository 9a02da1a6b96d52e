"""The document docs/explanation/benchmarks.md: its head, goals, chapters and plots."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.report import goals, plots, read_chapters, tables, write_chapters
from benchmarks.report.storage import save
from benchmarks.suite import Results

PLOTS: Final[dict[str, Callable[[Results, Path], None]]] = {
    "story": plots.draw_page_times,
    "requests": plots.draw_other_requests,
    "sizes": plots.draw_sizes,
    "changes": plots.draw_changes,
    "memberships": plots.draw_memberships,
    "refreshes": plots.draw_refreshes,
    "writing": plots.draw_workloads,
    "crowds": plots.draw_clients,
}
COMMAND: Final = "@command@"
WHY_ANOTHER_MACHINE_DIFFERS: Final = """Another machine may meet other goals. A ratio of writers
depends on how long a commit takes beside the processor's work, and on the number of cores. A ratio
of readers depends on the processor's caches. Other programs on the machine disturb both.
"""


def _render_head(results: Results) -> str:
    """Render the machine, the versions and the data."""
    machine, shape, scale = results.machine, results.shape, results.scale
    settings = ", ".join(f"`{name}={value}`" for name, value in machine.settings.items())
    return f"""# Benchmarks

`{COMMAND}` wrote this page. It measures everything below in one run, on one server, on the same
data. In each round every contender takes its turn, so a disturbance affects all contenders. A ratio
is the median of the ratios within a round, with the least and the largest in brackets. The
milliseconds depend on this machine, so compare the ratios. Before the first timing, all contenders
that read must give the same answers, or the run fails. The bare rows are not compared.

| | |
| --- | --- |
| machine | {machine.processor}, {machine.cores} cores, {machine.memory_gb:.0f} GB, \
{machine.system} |
| versions | PostgreSQL {machine.postgresql}, Python {machine.python}, psycopg {machine.psycopg} |
| settings | {settings} |
| catalogue | {shape.artifacts:,} artifacts, {shape.collections:,} collections, every artifact in \
`default` and in {shape.memberships - 1} others (Zipf, exponent {shape.skew:g}), \
{shape.tags} tags and {shape.versions} versions each |
| rounds | {scale.read_rounds} for readers, {scale.write_rounds} for writers |

Readers run in Python, because a contender may be a statement, an ORM or psql. Writers run in
pgbench, because Python is too slow for 16 clients. The numbers of statements, rows and blocks come
from pg_stat_statements in the server. `make bench` takes about ten minutes. `make bench-full`
measures more sizes, clients and rounds. `results.json`, beside the plots, holds all results of the
run; `python -m benchmarks --results FILE --write FOLDER` writes the page and its plots again.
"""


def render_goals(results: Results) -> str:
    """Render the goals and how many are missed."""
    found = list(goals.list_goals(results))
    missed = sum(not each.is_met for each in found)
    rest = (
        f"{missed} of {len(found)} goals are missed; [Profiles](#profiles) shows the reasons."
        if missed
        else "All goals are met."
    )
    return f"""## Goals

{tables.render_goals(found)}
{rest} {WHY_ANOTHER_MACHINE_DIFFERS}
"""


CHAPTERS: Final = (
    _render_head,
    render_goals,
    read_chapters.render_reads,
    read_chapters.render_staleness,
    read_chapters.render_http,
    read_chapters.render_scaling,
    read_chapters.render_refreshes,
    write_chapters.render_writes,
    write_chapters.render_profiles,
)


def write(results: Results, folder: Path, *, command: str) -> Path:
    """Write `benchmarks.md` and a folder of plots beside it; return the path of the page."""
    pictures = folder / "benchmarks"
    pictures.mkdir(parents=True, exist_ok=True)
    for name, draw in PLOTS.items():
        draw(results, pictures / f"{name}.svg")
    save(results, pictures / "results.json")
    page = folder / "benchmarks.md"
    text = "\n".join(chapter(results) for chapter in CHAPTERS)
    page.write_text(text.replace(COMMAND, command), encoding="utf-8")
    return page
