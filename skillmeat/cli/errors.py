"""Report a user's mistake in a line or two with an exit code, never with a traceback."""

import signal
import sys
from typing import TYPE_CHECKING, Any, Final, NoReturn

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from skillmeat.errors import UnknownKey

EXIT_FAILED = 1
EXIT_WRONG_USAGE = 2
EXIT_INTERRUPTED = 128 + signal.SIGINT

# Typer does not export the base class of its errors of usage.
UsageError: Any = typer.BadParameter.__mro__[1]
# Words of Typer and of its validator, and what they are here.
WORDS: Final = (
    ("Input should be ", "must be "),
    ("Value error, ", ""),
    (". Did you mean", ": did you mean"),
    ("extra argument(s)", "arguments"),
)


class OneLineErrors(TyperGroup):
    """A group of commands whose errors are one line on stderr, or two for a source.

    The methods use `Any`, because Typer's signatures name private types.
    """

    def main(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401
        """Run a command; Typer itself ends it quietly if `| head` closes the pipe."""
        try:
            # Otherwise Typer would print a wrong usage as a box of several lines.
            sys.exit(super().main(*args, **options | {"standalone_mode": False}))
        except typer.Abort:
            _exit("aborted: nothing was changed")
        except UsageError as error:
            _exit_wrong_usage(error)
        except OSError as error:
            _exit(": ".join(filter(None, (error.filename, error.strerror))) or repr(error))
        except Exception as error:  # noqa: BLE001 - raised again, unless it is one of ours
            _exit(*_explain(error))

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401
        """Run the command; Ctrl-C ends it without a message."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Exit(EXIT_INTERRUPTED) from None


def _explain(error: Exception) -> list[str]:
    """Return the lines of an error of ours or of the database; raise any other again."""
    # They import the driver, which a command that does not fail may not need.
    from skillmeat.errors import (  # noqa: PLC0415
        SkillMeatError,
        SourceError,
        UnknownKey,
        translate_errors,
    )

    try:
        with translate_errors():
            raise error
    except SourceError as explained:
        # Its second line names the kinds of sources that the import looked for.
        return str(explained).splitlines()
    except UnknownKey as explained:
        return [f"{explained}{_format_suggestions(explained)}"]
    except SkillMeatError as explained:
        return [str(explained)]


def _format_suggestions(error: "UnknownKey") -> str:
    from skillmeat.catalogue import suggest_keys  # noqa: PLC0415
    from skillmeat.database.connection import connect  # noqa: PLC0415
    from skillmeat.errors import SkillMeatError  # noqa: PLC0415

    try:
        with connect(autocommit=True) as conn:
            suggested = suggest_keys(conn, error)
    except SkillMeatError:
        return ""
    return f": did you mean {' or '.join(map(repr, suggested))}?" if suggested else ""


def _exit_wrong_usage(error: Any) -> NoReturn:  # noqa: ANN401 - see `UsageError`
    message = error.format_message().rstrip(".")
    for theirs, ours in WORDS:
        message = message.replace(theirs, ours)
    if not message:
        # A group of commands without a command: Typer has printed its help.
        sys.exit(EXIT_WRONG_USAGE)
    command = error.ctx.command_path if error.ctx else "skillmeat"
    end = " See" if message.endswith("?") else ": see"
    _exit(f"{message[0].lower()}{message[1:]}{end} `{command} --help`", code=EXIT_WRONG_USAGE)


def _exit(message: str, *more: str, code: int = EXIT_FAILED) -> NoReturn:
    from skillmeat.cli.output import join_lines  # noqa: PLC0415 - imports Rich

    typer.echo(f"error: {join_lines(message)}", err=True)
    for line in more:
        typer.echo(join_lines(line), err=True)
    sys.exit(code)
