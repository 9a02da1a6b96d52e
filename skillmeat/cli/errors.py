"""How a command fails: one line and an exit code, never a traceback for what a user did."""

import sys
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from skillmeat.cli.exits import EXIT_INTERRUPTED, EXIT_REFUSED
from skillmeat.cli.text import one_line
from skillmeat.errors import SkillMeatError, translate_errors


class OneLineErrors(TyperGroup):
    """A group of commands whose refusals are one line on stderr.

    Typer's own signatures name private types, hence `Any`.
    """

    def main(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401
        """Run; Typer itself is quiet about `| head`, which has read enough."""
        try:
            with translate_errors():
                return super().main(*args, **options)
        except SkillMeatError as error:
            _refuse(str(error))
        except OSError as error:
            _refuse(": ".join(filter(None, (error.filename, error.strerror))) or repr(error))

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401
        """Run the command that was named; Ctrl-C ends it without a word."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Exit(EXIT_INTERRUPTED) from None


def _refuse(message: str) -> NoReturn:
    typer.echo(f"error: {one_line(message)}", err=True)
    sys.exit(EXIT_REFUSED)
