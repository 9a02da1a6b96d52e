"""Render the public functions and classes of the packages, from their source."""

import ast
import importlib
import inspect
import pkgutil
import textwrap
from types import ModuleType
from typing import Any, Final, cast

from docs.generate.markdown import code, docstring, one_line, table

PACKAGES: Final = (
    "skillmeat",
    "skillmeat.catalogue",
    "skillmeat.orm",
    "skillmeat.importer",
    "skillmeat.maintenance",
    "skillmeat.maintenance.refresh",
    "skillmeat.migration",
    "skillmeat.moving",
    "skillmeat.explain",
    "skillmeat.embedded",
)
_WIDTH: Final = 88


def render_packages() -> str:
    """Render every name that each package exports."""
    return "\n".join(map(_render_package, PACKAGES))


def _render_package(name: str) -> str:
    package = importlib.import_module(name)
    parts = [f"## {name}\n", docstring(package.__doc__)]
    for each in package.__all__:
        parts += [f"### {name}.{each}\n", _render_member(package, each)]
    return "\n".join(parts)


def _render_member(package: ModuleType, name: str) -> str:
    member = getattr(package, name)
    if inspect.isclass(member):
        return _render_class(member)
    if inspect.isfunction(inspect.unwrap(member)):
        return _render_function(inspect.unwrap(member))
    return _render_assignment(package, name)


def _render_function(function: Any) -> str:  # noqa: ANN401 - whatever def made
    node = cast("ast.FunctionDef | ast.AsyncFunctionDef", _parse(function))
    return f"{code('py', _signature(node))}\n{docstring(function.__doc__)}"


def _render_class(class_: type) -> str:
    node = cast("ast.ClassDef", _parse(class_))
    bases = ", ".join(map(ast.unparse, node.bases))
    heading = f"class {class_.__name__}({bases})" if bases else f"class {class_.__name__}"
    fields, methods = [], []
    for index, each in enumerate(node.body):
        if isinstance(each, ast.AnnAssign) and not ast.unparse(each.target).startswith("_"):
            fields.append(_field(each, node.body[index + 1 : index + 2]))
        elif isinstance(each, ast.FunctionDef) and not each.name.startswith("_"):
            methods.append(_method(each))
    parts = [code("py", heading), docstring(_own_docstring(node))]
    parts += [table(("field", "type", "meaning"), fields), table(("method", "meaning"), methods)]
    return "\n".join(part for part in parts if part.strip())


def _own_docstring(node: ast.ClassDef) -> str:
    return ast.get_docstring(node) or ""


def _field(node: ast.AnnAssign, following: list[ast.stmt]) -> tuple[str, str, str]:
    says = ""
    if following and isinstance(following[0], ast.Expr):
        value = following[0].value
        says = str(value.value) if isinstance(value, ast.Constant) else ""
    annotation = one_line(ast.unparse(node.annotation))
    return f"`{ast.unparse(node.target)}`", f"`{annotation}`", one_line(says)


def _method(node: ast.FunctionDef) -> tuple[str, str]:
    is_property = any(ast.unparse(each) == "property" for each in node.decorator_list)
    shown = node.name if is_property else " ".join(_signature(node).split())
    return f"`{one_line(shown)}`", one_line(ast.get_docstring(node))


def _render_assignment(package: ModuleType, name: str) -> str:
    for module in _modules(package):
        for node in ast.parse(inspect.getsource(module)).body:
            targets = node.targets if isinstance(node, ast.Assign) else []
            if isinstance(node, ast.AnnAssign):
                targets = [node.target]
            if name in map(ast.unparse, targets):
                return code("py", ast.unparse(node).replace("'", '"'))
    return ""


def _modules(package: ModuleType) -> list[ModuleType]:
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [importlib.import_module(each.name) for each in found]


def _parse(member: Any) -> ast.stmt:  # noqa: ANN401 - a function or a class
    return ast.parse(textwrap.dedent(inspect.getsource(member))).body[0]


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    # Read from the source, because the output of `inspect` differs between versions of Python.
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    arguments = [each for each in _arguments(node.args) if each not in ("self", "cls")]
    line = f"{node.name}({', '.join(arguments)}){returns}"
    if len(line) <= _WIDTH:
        return line
    inside = "".join(f"    {each},\n" for each in arguments)
    return f"{node.name}(\n{inside}){returns}"


def _arguments(node: ast.arguments) -> list[str]:
    positional = [*node.posonlyargs, *node.args]
    missing = [None] * (len(positional) - len(node.defaults))
    shown = [
        _argument(each, default)
        for each, default in zip(positional, [*missing, *node.defaults], strict=True)
    ]
    if node.vararg:
        shown.append(f"*{ast.unparse(node.vararg)}")
    elif node.kwonlyargs:
        shown.append("*")
    shown += map(_argument, node.kwonlyargs, node.kw_defaults)
    return [*shown, f"**{ast.unparse(node.kwarg)}"] if node.kwarg else shown


def _argument(node: ast.arg, default: ast.expr | None) -> str:
    return ast.unparse(node) if default is None else f"{ast.unparse(node)} = {ast.unparse(default)}"
