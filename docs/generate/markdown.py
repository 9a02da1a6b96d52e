"""The Markdown elements of the generated pages."""

import inspect
import re
import textwrap
from collections.abc import Iterable, Sequence

# A line of a docstring that starts a block of code.
_CODE = re.compile(r"(?:^ {4}.*\n?|^\n(?= {4}))+", re.MULTILINE)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Render a table, or nothing if it has no rows."""
    lines = [_row(each) for each in rows]
    if not lines:
        return ""
    return "\n".join([_row(head), _row(["---"] * len(head)), *lines]) + "\n"


def docstring(text: str | None) -> str:
    """Render a docstring, with its indented blocks as fenced blocks."""
    fenced = _CODE.sub(_fenced, inspect.cleandoc(text or ""))
    return re.sub(r"\n{3,}", "\n\n", fenced).strip() + "\n"


def code(language: str, text: str) -> str:
    """Render a fenced block."""
    return f"```{language}\n{text.strip()}\n```\n"


def one_line(text: str | None) -> str:
    """Render text for a field of a table."""
    return " ".join((text or "").split()).replace("|", "\\|")


def _row(fields: Sequence[str]) -> str:
    return f"| {' | '.join(fields)} |"


def _fenced(found: re.Match[str]) -> str:
    return f"\n{code('py', textwrap.dedent(found[0].strip(chr(10))))}\n"
