"""The group of all commands, of which it imports the one that runs.

The help of the group names them without their modules: these import the driver, and take most of
the time of a start.
"""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand

from skillmeat.cli.errors import OneLineErrors


class LazyCommand(TyperCommand):
    """The name and the help of a command; `target` is `module:attribute` in `skillmeat.cli`."""

    def __init__(self, name: str, target: str, help: str, **settings: Any) -> None:  # noqa: A002, ANN401
        super().__init__(name, help=help)
        self.target = target
        self.settings = settings

    def load(self) -> Any:  # noqa: ANN401 - Typer's types of commands are private
        """Import the module, and return its command or its group of commands."""
        module, attribute = self.target.split(":")
        found = getattr(import_module(f"skillmeat.cli.{module}"), attribute)
        parent = typer.Typer(add_completion=False)
        if not isinstance(found, typer.Typer):
            parent.command(self.name, **self.settings)(found)
            return typer.main.get_command(parent)
        parent.add_typer(found, name=self.name)
        return typer.main.get_group(parent).commands[str(self.name)]


class LazyGroup(OneLineErrors):
    """A group of lazy commands."""

    lazy_commands: Iterable[LazyCommand] = ()

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        super().__init__(**options)
        for command in self.lazy_commands:
            self.add_command(command)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401
        """Find the command that runs, and import it."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command.load() if isinstance(command, LazyCommand) else command, rest
