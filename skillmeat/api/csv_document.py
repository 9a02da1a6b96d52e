"""A list as CSV (RFC 4180): one header line, and a line for each row of the JSON document.

The columns are the fields of the row's model, so an empty list has them too. The field `b` of an
object `a` is the column `a.b`. A list within a cell is JSON. Null is an empty cell.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from types import NoneType
from typing import Any, Final

from pydantic import BaseModel

# A spreadsheet would run such a text as a formula, and the texts come from strangers' repositories.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001


def build_csv(row: type[BaseModel], items: Iterable[Mapping[str, Any]]) -> bytes:
    """Build the CSV of items that have the fields of `row`."""
    columns = _list_columns(row)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(".".join(path) for path in columns)
    writer.writerows([_cell(item, path) for path in columns] for item in items)
    return buffer.getvalue().encode()


@cache
def _list_columns(row: type[BaseModel]) -> list[tuple[str, ...]]:
    return list(_walk(row, ()))


def _walk(row: type[BaseModel], parents: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, field in row.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _walk(kind, (*parents, name))
        # SkillMeat's fields that a catalogue does not store are always null.
        elif kind is not NoneType:
            yield (*parents, name)


def _cell(item: Any, path: tuple[str, ...]) -> object:  # noqa: ANN401 - any JSON
    for name in path:
        item = item.get(name) if item is not None else None
    if isinstance(item, str):
        return f"'{item}" if item.startswith(FORMULA_STARTS) else item
    if isinstance(item, bool | list | dict):
        return json.dumps(item, ensure_ascii=False)
    return item
