"""Render every exception class with its SQLSTATEs, from `skillmeat.errors`."""

import inspect

from docs.generate.markdown import docstring
from skillmeat import errors


def render_errors() -> str:
    """Render the classes in the order of the module."""
    parts = ["## Classes\n"]
    for each in list_errors():
        parts += [f"### {each.__name__}\n", _base(each), docstring(_own(each))]
    return "\n".join(parts)


def list_errors() -> list[type[errors.SkillMeatError]]:
    """List the classes of `skillmeat.errors`, each after its base."""
    found = inspect.getmembers(errors, inspect.isclass)
    ours = [each for _, each in found if issubclass(each, errors.SkillMeatError)]
    return sorted(ours, key=lambda each: inspect.getsourcelines(each)[1])


def _base(class_: type[errors.SkillMeatError]) -> str:
    bases = ", ".join(f"`{each.__name__}`" for each in class_.__bases__)
    sqlstates = ", ".join(map(_code, class_.__dict__.get("sqlstates", ())))
    return f"Base: {bases}." + (f" SQLSTATE: {sqlstates}." if sqlstates else "") + "\n"


def _code(sqlstate: str) -> str:
    return f"`{sqlstate}`" if len(sqlstate) == len("23505") else f"`{sqlstate}…`"


def _own(class_: type) -> str:
    return class_.__dict__.get("__doc__") or ""
