"""Report a user's mistake in a line or two with an exit code, never with a traceback."""

import signal
import sys
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from skillmeat.catalogue import suggest_keys
from skillmeat.cli.output import join_lines
from skillmeat.connection import connect
from skillmeat.errors import SkillMeatError, SourceError, UnknownKey, translate_errors

# Typer exits with 2 for wrong usage.
EXIT_FAILED = 1
EXIT_INTERRUPTED = 128 + signal.SIGINT


class OneLineErrors(TyperGroup):
    """A group of commands whose errors are one line on stderr, or two for a source.

    The methods use `Any`, because Typer's signatures name private types.
    """

    def main(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401
        """Run a command; Typer itself ends it quietly if `| head` closes the pipe."""
        try:
            with translate_errors():
                return super().main(*args, **options)
        except SourceError as error:
            # Its second line names the kinds of sources that the import looked for.
            _exit(*str(error).splitlines())
        except UnknownKey as error:
            _exit(f"{error}{_format_suggestions(error)}")
        except SkillMeatError as error:
            _exit(str(error))
        except OSError as error:
            _exit(": ".join(filter(None, (error.filename, error.strerror))) or repr(error))

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401
        """Run the command; Ctrl-C ends it without a message."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Exit(EXIT_INTERRUPTED) from None


def _format_suggestions(error: UnknownKey) -> str:
    try:
        with connect(autocommit=True) as conn:
            suggested = suggest_keys(conn, error)
    except SkillMeatError:
        return ""
    return f": did you mean {' or '.join(map(repr, suggested))}?" if suggested else ""


def _exit(message: str, *more: str) -> NoReturn:
    typer.echo(f"error: {join_lines(message)}", err=True)
    for line in more:
        typer.echo(join_lines(line), err=True)
    sys.exit(EXIT_FAILED)
