"""`skillmeat migrate`: create, upgrade and check the catalogue's schema with Alembic."""

import re
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from skillmeat import settings
from skillmeat.cli.errors import EXIT_FAILED
from skillmeat.cli.options import AsJson
from skillmeat.cli.output import (
    escape_controls,
    join_lines,
    print_fields,
    print_json,
    print_notice,
    print_result,
    with_fields,
)
from skillmeat.cli.services import takes_all_services
from skillmeat.database.revision_state import get_status
from skillmeat.errors import SkillMeatError

if TYPE_CHECKING:
    from skillmeat.migration import CheckResult, Difference, DowngradePreview, FixResult

app = typer.Typer(no_args_is_help=True, help="Create, upgrade and inspect the schema.")

# Alembic's name for a schema without any revision.
BASE = "base"

# As PostgreSQL writes the definition of a function.
CREATE_FUNCTION = "CREATE OR REPLACE FUNCTION"

# The forms that Alembic reads. Anything else makes it fail instead of reporting a wrong value.
REVISION = r"[+-]?\w+([+-]\d+)?"
A_REVISION = re.compile(REVISION)
A_RANGE = re.compile(f"({REVISION}:)?{REVISION}")


def _revision(given: str) -> str:
    if not A_REVISION.fullmatch(given):
        message = "it is no revision: give its name, head, base, or a number of steps such as -1"
        raise typer.BadParameter(message)
    return given


def _range(given: str) -> str:
    if not A_RANGE.fullmatch(given):
        message = "it is no range: give one revision, or two with a colon between them"
        raise typer.BadParameter(message)
    return given


# Importing Alembic takes longer than running any other command.
# ruff: noqa: PLC0415


@app.command()
@takes_all_services
def up(
    revision: Annotated[
        str,
        typer.Argument(callback=_revision, help="The revision to reach; the newest by default."),
    ] = "head",
    *,
    as_json: AsJson = False,
) -> None:
    """Upgrade the schema while writers continue; create it if it does not exist."""
    from skillmeat import migration

    before = migration.get_status().current
    after = migration.upgrade(revision, report=print_notice).current
    _print_move(before, after, as_json=as_json)


# Without this, a relative revision such as -1 would be read as an option.
@app.command(context_settings={"ignore_unknown_options": True})
def down(
    revision: Annotated[
        str,
        typer.Argument(
            callback=_revision,
            help="The revision to reach: its name, -1 for the previous one, base for none.",
        ),
    ],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether to delete.")] = False,
    as_json: AsJson = False,
) -> None:
    """Downgrade the schema; data that only the newer revisions can hold is lost.

    It says first which revisions it undoes and which rows it deletes, and asks.
    """
    from skillmeat import migration

    preview = migration.preview_downgrade(revision)
    if preview.revisions:
        confirm = _print_preview if yes else _confirm
        confirm(preview)
    after = migration.downgrade(preview.target or BASE, report=print_notice).current
    _print_move(preview.current, after, as_json=as_json)


@app.command()
@takes_all_services
def status(*, as_json: AsJson = False) -> None:
    """Show the revision of the schema, and the newest revision."""
    status = get_status()
    fields = {
        "schema": status.schema,
        "current": status.current,
        "head": status.head,
        "up_to_date": status.up_to_date,
    }
    if as_json:
        print_json(fields)
    else:
        print_fields({name.replace("_", " "): value for name, value in fields.items()})


@app.command()
def sql(
    revisions: Annotated[
        str,
        typer.Argument(
            callback=_range, metavar="[FROM:TO]", help="The part to print; all by default."
        ),
    ] = "head",
) -> None:
    """Print the statements for a DBA to review and run by hand, without any connection."""
    from skillmeat import migration

    typer.echo(migration.render_sql(revisions), nl=False)


@app.command()
@takes_all_services
def check(
    *,
    fix: Annotated[
        bool, typer.Option("--fix", help="Run the statements that fix it, in three transactions.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare the schema with its revision: exit 0 if equal, else 1.

    No session waits for it. The output is a script for psql that fixes the differences.
    """
    from skillmeat import migration

    if not fix:
        checked = migration.check_schema()
        if as_json:
            print_json(_check_as_json(checked))
        else:
            _print_differences(checked)
        raise typer.Exit(EXIT_FAILED if checked.differences else 0)

    fixed = migration.fix_schema(report=print_notice)
    if as_json:
        print_json(_fix_as_json(fixed))
    else:
        _print_fixed(fixed)
    raise typer.Exit(EXIT_FAILED if fixed.remaining.differences else 0)


def _print_preview(preview: "DowngradePreview") -> None:
    way = f"{preview.current or BASE} -> {preview.target or BASE}"
    typer.echo(f"{preview.schema}: {way} undoes these revisions:", err=True)
    width = max(len(name) for name, _ in preview.revisions)
    for name, sentence in preview.revisions:
        typer.echo(f"  {name:{width}}  {sentence}", err=True)
    print_deleted_rows(preview)


def print_deleted_rows(preview: "DowngradePreview") -> None:
    """Print the tables that a downgrade deletes, if any, with their numbers of rows."""
    if preview.rows:
        typer.echo("it deletes these tables with all their rows:", err=True)
        for table, number in preview.rows:
            typer.echo(f"  {table}: {number:,} {'row' if number == 1 else 'rows'}", err=True)


def _confirm(preview: "DowngradePreview") -> None:
    if not sys.stdin.isatty():
        total = sum(number for _, number in preview.rows)
        message = (
            f"nothing was changed: {preview.current} -> {preview.target or BASE} deletes {total:,} "
            f"rows of {len(preview.rows)} tables: add --yes"
        )
        raise SkillMeatError(message)
    _print_preview(preview)
    if not typer.confirm("go on?", err=True):
        message = "nothing was changed"
        raise SkillMeatError(message)


def _print_differences(checked: "CheckResult") -> None:
    where = f"{checked.schema} at {checked.revision}"
    if checked.revision != checked.head:
        where += f", the newest is {checked.head}"
    if not checked.differences:
        typer.echo(f"no differences: {where}")
        return
    # A script for psql: a problem is a comment, and the lines of a function's body are unchanged.
    statements = [statement for each in checked.differences for statement in each.statements]
    if any(each.startswith(CREATE_FUNCTION) for each in statements):
        # A function may be created before one that it calls.
        typer.echo("set check_function_bodies = off;")
    for each in checked.differences:
        _print_difference(each, beginning="-- ")
        for statement in each.statements:
            typer.echo("\n".join(map(escape_controls, f"{statement};".splitlines())))
    number = len(checked.differences)
    typer.echo(join_lines(f"-- {number} difference{'' if number == 1 else 's'}: {where}"))
    if statements:
        typer.echo("run `skillmeat migrate check --fix` to fix them", err=True)


def _print_fixed(fixed: "FixResult") -> None:
    for each in fixed.fixed:
        _print_difference(each, beginning="fixed: ")
    for failure in fixed.failed:
        _print_difference(failure.difference, beginning="not fixed: ", ending=failure.reason)
    unexplained = {failure.difference for failure in fixed.failed}
    for each in fixed.remaining.differences:
        if each not in unexplained:
            _print_difference(each, beginning="still differs: ")
    if not fixed.fixed and not fixed.failed:
        typer.echo("nothing to fix")
    if fixed.may_have_drifted:
        typer.echo("counts and summaries may have drifted meanwhile: run `skillmeat repair`")


def difference_as_json(difference: "Difference") -> dict[str, object]:
    """Return a difference as `--json` prints it."""
    return {
        "kind": difference.kind,
        "name": difference.name,
        "problem": difference.problem,
        "statements": difference.statements,
    }


def _check_as_json(checked: "CheckResult") -> dict[str, object]:
    return with_fields(checked, differences=[*map(difference_as_json, checked.differences)])


def _fix_as_json(result: "FixResult") -> dict[str, object]:
    return {
        "fixed": [*map(difference_as_json, result.fixed)],
        "failed": [
            {"difference": difference_as_json(each.difference), "reason": each.reason}
            for each in result.failed
        ],
        "remaining": _check_as_json(result.remaining),
        "may_have_drifted": result.may_have_drifted,
    }


def _print_difference(difference: "Difference", *, beginning: str = "", ending: str = "") -> None:
    line = f"{beginning}{difference.kind} {difference.name}: {difference.problem}"
    typer.echo(join_lines(f"{line}: {ending}" if ending else line))


def _print_move(before: str | None, after: str | None, *, as_json: bool) -> None:
    schema = settings.get_schema()
    move = f"{before or BASE} -> {after or BASE}"
    message = f"nothing to do, at {after or BASE}" if before == after else move
    document = {"schema": schema, "from": before, "to": after}
    print_result(f"{schema}: {message}", document, as_json=as_json)
