"""How `skillmeat explain` prints what it has found: words, SQL, plans, or JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import Enum, auto

import typer

from skillmeat.cli.output import print_json, print_table
from skillmeat.cli.status import REASONS, REFRESH
from skillmeat.cli.text import visible
from skillmeat.explain import (
    Blocks,
    Execution,
    ExplainedRead,
    ExplainedStatement,
    RelationUsage,
    Step,
    build_outline,
    is_read_live,
    list_relation_usage,
    list_warnings,
    read_text_plan,
)
from skillmeat.maintenance import SnapshotBypass, get_snapshot_bypass
from skillmeat.query import Conn

INDENT = "  "


class Shape(Enum):
    """What is printed."""

    WORDS = auto()
    SQL = auto()
    PLAN = auto()
    JSON = auto()

    @classmethod
    def chosen(cls, *, as_sql: bool, as_plan: bool, as_json: bool) -> "Shape":
        """The one that is asked for."""
        asked = {cls.SQL: as_sql, cls.PLAN: as_plan, cls.JSON: as_json}
        given = [shape for shape, wanted in asked.items() if wanted]
        if len(given) > 1:
            message = "give one of --sql, --plan and --json"
            raise typer.BadParameter(message)
        return given[0] if given else cls.WORDS


@dataclass(frozen=True, slots=True)
class Report:
    """Reads, what else was asked of the server for the same snapshot, and why they were live."""

    reads: tuple[ExplainedRead, ...]
    texts: tuple[str, ...] = ()
    bypass: SnapshotBypass | None = None


def report_of(conn: Conn, reads: tuple[ExplainedRead, ...], shape: Shape) -> Report:
    """Ask for what this shape needs while the snapshot is still open."""
    statements = [each for read in reads for each in read.statements]
    match shape:
        case Shape.SQL:
            return Report(reads, tuple(each.statement.mogrify(conn) + ";" for each in statements))
        case Shape.PLAN:
            plans = (read_text_plan(conn, each.statement) for each in statements)
            return Report(reads, tuple("\n".join(lines) for lines in plans))
        case Shape.WORDS:
            texts = tuple(each.statement.mogrify(conn) + ";" for each in statements)
            is_live = any(is_read_live(each.again.plan) for each in statements)
            return Report(reads, texts, get_snapshot_bypass(conn) if is_live else None)
        case _:
            is_live = any(is_read_live(each.again.plan) for each in statements)
            return Report(reads, bypass=get_snapshot_bypass(conn) if is_live else None)


def print_report(report: Report, shape: Shape) -> None:
    """Print the reads one after the other."""
    match shape:
        case Shape.JSON:
            print_json(_as_data(report))
        case Shape.WORDS:
            _print_words(report)
        case _:
            for number, text in enumerate(report.texts):
                if number:
                    typer.echo()
                for line in text.split("\n"):
                    typer.echo(visible(line))


def _print_words(report: Report) -> None:
    several = len(report.reads) > 1
    texts = iter(report.texts)
    if several:
        typer.echo(f"{_number(_statements(report), 'statement')} in all")
    for read in report.reads:
        if several:
            typer.echo()
        typer.echo(_headline(read))
        for statement in read.statements:
            typer.echo(f"the first time on this connection {_cost(statement.first)}")
            typer.echo()
            for step in build_outline(statement.again.plan):
                typer.echo(visible(_line(step)))
            parts = list_relation_usage(statement.again.plan)
            if parts:
                typer.echo()
                _print_parts(parts)
            typer.echo()
            for line in next(texts).split("\n"):
                typer.echo(visible(INDENT + line))
            for warning in list_warnings(statement.again.plan, shown=read.rows):
                typer.echo(visible(f"warning: {warning}"))
    if report.bypass is not None:
        why = [REASONS[name] for name, holds in asdict(report.bypass).items() if holds]
        typer.echo(f"note: every artifact is read live, because {' and '.join(why)}: {REFRESH}")


def _statements(report: Report) -> int:
    return sum(len(read.statements) for read in report.reads)


def _headline(read: ExplainedRead) -> str:
    rows = _number(read.rows, "row")
    if read.total is not None:
        rows += f" of {read.total:,}"
    runs = [each.again for each in read.statements]
    took = _took(
        sum(each.milliseconds for each in runs),
        sum(each.planning_milliseconds for each in runs),
        [each.plan.blocks for each in runs],
    )
    return f"{read.name}: {_number(len(runs), 'statement')}, {rows} in {took}"


def _cost(run: Execution) -> str:
    return _took(run.milliseconds, run.planning_milliseconds, [run.plan.blocks])


def _took(milliseconds: float, planning: float, blocks: list[Blocks]) -> str:
    touched, read = sum(each.touched for each in blocks), sum(each.read for each in blocks)
    where = f"{read:,} of them not in memory" if read else "all from memory"
    spilt = sum(each.temporary for each in blocks)
    also = f", {spilt:,} temporary ones" if spilt else ""
    count = _number(touched, "block")
    return f"{milliseconds:.2f} ms (planning {planning:.2f} ms), {count}, {where}{also}"


def _line(step: Step) -> str:
    words = INDENT * step.depth + step.words
    if step.node is None:
        return words
    return f"{words}: {', '.join(_figures(step))}"


def _figures(step: Step) -> Iterator[str]:
    node = step.node
    assert node is not None  # noqa: S101 - the caller has looked
    if node.is_average:
        yield f"{node.loops:,} times"
        yield f"about {_number(round(node.rows), 'row')} each"
        if node.rows_removed:
            yield f"about {round(node.rows_removed):,} dropped each"
    else:
        yield _number(node.total_rows, "row")
        if node.loops > 1:
            yield f"{node.loops:,} times"
        if node.rows_removed:
            yield f"{node.total_rows_removed:,} dropped"
    if node.blocks.touched:
        yield _number(node.blocks.touched, "block")


def _print_parts(parts: tuple[RelationUsage, ...]) -> None:
    print_table(
        ("of", "times", "rows", "blocks", "which holds"),
        [(each.called, each.times, _rows(each), each.blocks, each.holds) for each in parts],
        elastic=True,
    )


def _rows(part: RelationUsage) -> int | str:
    return f"~{part.rows}" if part.is_average else part.rows


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _as_data(report: Report) -> Mapping[str, object]:
    return {
        "statements": _statements(report),
        "reads": [
            {
                "name": read.name,
                "rows": read.rows,
                "total": read.total,
                "statements": [_statement(each, shown=read.rows) for each in read.statements],
            }
            for read in report.reads
        ],
        "bypass": report.bypass,
    }


def _statement(statement: ExplainedStatement, *, shown: int) -> Mapping[str, object]:
    run = statement.again
    return {
        "sql": statement.statement.format(),
        "values": statement.statement.parameters,
        **_run(run),
        "first": _run(statement.first),
        "steps": [_step(each) for each in build_outline(run.plan)],
        "parts": list_relation_usage(run.plan),
        "warnings": list_warnings(run.plan, shown=shown),
        "plan": run.server_plan,
    }


def _run(run: Execution) -> Mapping[str, object]:
    return {
        "milliseconds": run.milliseconds,
        "planning_milliseconds": run.planning_milliseconds,
        "blocks": run.plan.blocks,
        "planning_blocks": run.planning_blocks,
    }


def _step(step: Step) -> Mapping[str, object]:
    node = step.node
    if node is None:
        return {"depth": step.depth, "words": step.words}
    return {
        "depth": step.depth,
        "words": step.words,
        "rows": node.total_rows,
        "times": node.loops,
        "dropped": node.total_rows_removed,
        "blocks": node.blocks,
    }
