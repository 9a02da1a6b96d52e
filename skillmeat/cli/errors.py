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

EXIT_FAILED = 1
EXIT_WRONG_USAGE = 2
EXIT_INTERRUPTED = 128 + signal.SIGINT

# Typer does not export the base class of its errors of usage.
UsageError: Any = typer.BadParameter.__mro__[1]


class OneLineErrors(TyperGroup):
    """A group of commands whose errors are one line on stderr, or two for a source.

    The methods use `Any`, because Typer's signatures name private types.
    """

    def main(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401
        """Run a command; Typer itself ends it quietly if `| head` closes the pipe."""
        try:
            with translate_errors():
                # Otherwise Typer would print a wrong usage as a box of several lines.
                sys.exit(super().main(*args, **options | {"standalone_mode": False}))
        except typer.Abort:
            _exit("aborted: nothing was changed")
        except UsageError as error:
            _exit_wrong_usage(error)
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


def _exit_wrong_usage(error: Any) -> NoReturn:  # noqa: ANN401 - see `UsageError`
    message = error.format_message().rstrip(".")
    if not message:
        # A group of commands without a command: Typer has printed its help.
        sys.exit(EXIT_WRONG_USAGE)
    command = error.ctx.command_path if error.ctx else "skillmeat"
    _exit(
        f"{message[0].lower()}{message[1:]}: see `{command} --help`",
        code=EXIT_WRONG_USAGE,
    )


def _exit(message: str, *more: str, code: int = EXIT_FAILED) -> NoReturn:
    typer.echo(f"error: {join_lines(message)}", err=True)
    for line in more:
        typer.echo(join_lines(line), err=True)
    sys.exit(code)
