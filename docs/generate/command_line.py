"""Render every command, its arguments and options, from the typer application."""

import inspect
from collections.abc import Iterator
from typing import cast

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from docs.generate.markdown import one_line, table
from skillmeat.cli.app import app
from skillmeat.cli.lazy_group import LazyCommand

Command = TyperCommand | TyperGroup


def render_commands() -> str:
    """Render every command in a section of its own."""
    return "\n".join(_render(path, command) for path, command in list_commands())


def list_commands() -> list[tuple[str, Command]]:
    """List the commands with their full names, each group before its commands."""
    return list(_walk("skillmeat", cast("Command", typer.main.get_command(app))))


def _walk(path: str, command: Command) -> Iterator[tuple[str, Command]]:
    yield path, command
    if isinstance(command, TyperGroup):
        for name, each in command.commands.items():
            loaded = each.load() if isinstance(each, LazyCommand) else each
            yield from _walk(f"{path} {name}", cast("Command", loaded))


def _render(path: str, command: Command) -> str:
    parameters = [each for each in command.params if not getattr(each, "hidden", False)]
    arguments = [each for each in parameters if isinstance(each, TyperArgument)]
    options = [each for each in parameters if isinstance(each, TyperOption)]
    usage = [path, *(["[OPTIONS]"] if options else []), *map(_argument_usage, arguments)]
    if isinstance(command, TyperGroup):
        usage.append("COMMAND")
    parts = [
        f"## {path}\n",
        inspect.cleandoc(command.help or "") + "\n",
        f"`{' '.join(usage)}`\n",
        table(("argument", "meaning"), map(_argument, arguments)),
        table(("option", "meaning", "default"), map(_option, options)),
    ]
    return "\n".join(part for part in parts if part.strip())


def _argument_usage(argument: TyperArgument) -> str:
    name = argument.metavar or (argument.name or "").upper()
    name = name if argument.required else f"[{name}]"
    return name if argument.nargs == 1 else f"{name.removesuffix('...')}..."


def _argument(argument: TyperArgument) -> tuple[str, str]:
    return f"`{_argument_usage(argument)}`", one_line(argument.help)


def _option(option: TyperOption) -> tuple[str, str, str]:
    names = ", ".join(f"`{each}`" for each in (*option.opts, *option.secondary_opts))
    if not option.is_flag and option.metavar:
        names += f" {option.metavar}"
    says = one_line(option.help)
    if option.envvar:
        says = f"{says} Or `{option.envvar}`.".strip()
    is_shown = option.show_default and option.default not in (None, False, [])
    return names, says, f"`{option.default}`" if is_shown else ""
