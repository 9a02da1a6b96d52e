"""Print the results of `skillmeat explain`: as words, SQL, plans or JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto

import typer

from skillmeat.cli.output import escape_controls, format_count, print_json, print_table
from skillmeat.cli.status import REFRESH, format_bypass_reasons
from skillmeat.database.query import Conn
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

INDENT = "  "


class OutputFormat(Enum):
    """The form of the report."""

    WORDS = auto()
    SQL = auto()
    PLAN = auto()
    JSON = auto()

    @classmethod
    def from_options(cls, *, as_sql: bool, as_plan: bool, as_json: bool) -> "OutputFormat":
        """Return the format that the options choose. Raises `typer.BadParameter` for two."""
        options = {cls.SQL: as_sql, cls.PLAN: as_plan, cls.JSON: as_json}
        given = [each for each, wanted in options.items() if wanted]
        if len(given) > 1:
            message = "give one of --sql, --plan and --json"
            raise typer.BadParameter(message)
        return given[0] if given else cls.WORDS


@dataclass(frozen=True, slots=True)
class ExplainReport:
    """Explained reads, their statements or plans as text, and why they bypassed the snapshot."""

    reads: tuple[ExplainedRead, ...]
    texts: tuple[str, ...] = ()
    bypass: SnapshotBypass | None = None


def build_report(
    conn: Conn, reads: tuple[ExplainedRead, ...], output_format: OutputFormat
) -> ExplainReport:
    """Read what the format needs while the transaction's snapshot is open."""
    statements = [each for read in reads for each in read.statements]
    match output_format:
        case OutputFormat.SQL:
            return ExplainReport(
                reads, tuple(each.statement.mogrify(conn) + ";" for each in statements)
            )
        case OutputFormat.PLAN:
            plans = (read_text_plan(conn, each.statement) for each in statements)
            return ExplainReport(reads, tuple("\n".join(lines) for lines in plans))
        case OutputFormat.WORDS:
            texts = tuple(each.statement.mogrify(conn) + ";" for each in statements)
            is_live = any(is_read_live(each.again.plan) for each in statements)
            return ExplainReport(reads, texts, get_snapshot_bypass(conn) if is_live else None)
        case _:
            is_live = any(is_read_live(each.again.plan) for each in statements)
            return ExplainReport(reads, bypass=get_snapshot_bypass(conn) if is_live else None)


def print_report(report: ExplainReport, output_format: OutputFormat) -> None:
    """Print the reads in their order."""
    match output_format:
        case OutputFormat.JSON:
            print_json(_report_as_json(report))
        case OutputFormat.WORDS:
            _print_words(report)
        case _:
            for number, text in enumerate(report.texts):
                if number:
                    typer.echo()
                for line in text.split("\n"):
                    typer.echo(escape_controls(line))


def _print_words(report: ExplainReport) -> None:
    several = len(report.reads) > 1
    texts = iter(report.texts)
    if several:
        typer.echo(f"{format_count(_count_statements(report), 'statement')} in all")
    for read in report.reads:
        if several:
            typer.echo()
        typer.echo(_format_headline(read))
        for statement in read.statements:
            typer.echo(f"first run on this connection: {_format_execution(statement.first)}")
            typer.echo()
            for step in build_outline(statement.again.plan):
                typer.echo(escape_controls(_format_step(step)))
            parts = list_relation_usage(statement.again.plan)
            if parts:
                typer.echo()
                _print_relations(parts)
            typer.echo()
            for line in next(texts).split("\n"):
                typer.echo(escape_controls(INDENT + line))
            for warning in list_warnings(statement.again.plan, shown=read.rows):
                typer.echo(escape_controls(f"warning: {warning}"))
    if report.bypass is not None:
        why = format_bypass_reasons(report.bypass)
        typer.echo(f"note: every artifact is read live, because {why}: {REFRESH}")


def _count_statements(report: ExplainReport) -> int:
    return sum(len(read.statements) for read in report.reads)


def _format_headline(read: ExplainedRead) -> str:
    rows = format_count(read.rows, "row")
    if read.total is not None:
        rows += f" of {read.total:,}"
    runs = [each.again for each in read.statements]
    took = _format_cost(
        sum(each.milliseconds for each in runs),
        sum(each.planning_milliseconds for each in runs),
        [each.plan.blocks for each in runs],
    )
    return f"{read.name}: {format_count(len(runs), 'statement')}, {rows} in {took}"


def _format_execution(run: Execution) -> str:
    return _format_cost(run.milliseconds, run.planning_milliseconds, [run.plan.blocks])


def _format_cost(milliseconds: float, planning: float, blocks: list[Blocks]) -> str:
    touched, read = sum(each.touched for each in blocks), sum(each.read for each in blocks)
    where = f"{read:,} of them not in memory" if read else "all from memory"
    spilt = sum(each.temporary for each in blocks)
    also = f", {spilt:,} temporary blocks" if spilt else ""
    count = format_count(touched, "block")
    return f"{milliseconds:.2f} ms (planning {planning:.2f} ms), {count}, {where}{also}"


def _format_step(step: Step) -> str:
    words = INDENT * step.depth + step.words
    if step.node is None:
        return words
    return f"{words}: {', '.join(_format_figures(step))}"


def _format_figures(step: Step) -> Iterator[str]:
    node = step.node
    assert node is not None  # noqa: S101 - the caller checks it
    if node.is_average:
        yield f"{node.loops:,} times"
        yield f"about {format_count(round(node.rows), 'row')} each"
        if node.rows_removed:
            yield f"about {round(node.rows_removed):,} dropped each"
    else:
        yield format_count(node.total_rows, "row")
        if node.loops > 1:
            yield f"{node.loops:,} times"
        if node.rows_removed:
            yield f"{node.total_rows_removed:,} dropped"
    if node.blocks.touched:
        yield format_count(node.blocks.touched, "block")


def _print_relations(parts: tuple[RelationUsage, ...]) -> None:
    print_table(
        ("relation", "times", "rows", "blocks", "contents"),
        [(each.called, each.times, _format_rows(each), each.blocks, each.holds) for each in parts],
        elastic=True,
    )


def _format_rows(part: RelationUsage) -> int | str:
    return f"~{part.rows}" if part.is_average else part.rows


def _report_as_json(report: ExplainReport) -> Mapping[str, object]:
    return {
        "statements": _count_statements(report),
        "reads": [
            {
                "name": read.name,
                "rows": read.rows,
                "total": read.total,
                "statements": [
                    _statement_as_json(each, shown=read.rows) for each in read.statements
                ],
            }
            for read in report.reads
        ],
        "bypass": report.bypass,
    }


def _statement_as_json(statement: ExplainedStatement, *, shown: int) -> Mapping[str, object]:
    run = statement.again
    return {
        "sql": statement.statement.format(),
        "values": statement.statement.parameters,
        **_execution_as_json(run),
        "first": _execution_as_json(statement.first),
        "steps": [_step_as_json(each) for each in build_outline(run.plan)],
        "parts": list_relation_usage(run.plan),
        "warnings": list_warnings(run.plan, shown=shown),
        "plan": run.server_plan,
    }


def _execution_as_json(run: Execution) -> Mapping[str, object]:
    return {
        "milliseconds": run.milliseconds,
        "planning_milliseconds": run.planning_milliseconds,
        "blocks": run.plan.blocks,
        "planning_blocks": run.planning_blocks,
    }


def _step_as_json(step: Step) -> Mapping[str, object]:
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
