"""Which objects Alembic compares with the models: the others are those of `db/`."""

from sqlalchemy import Column, Index
from sqlalchemy.schema import SchemaItem


def is_compared(
    item: SchemaItem,
    _name: str | None,
    _kind: str,
    reflected: bool,  # noqa: FBT001 - Alembic calls it so
    counterpart: SchemaItem | None,
) -> bool:
    """Whether the models describe an object: not if it is an index over expressions.

    For `include_object` of Alembic's `configure()`.
    """
    is_of_expressions = isinstance(item, Index) and any(
        not isinstance(each, Column) for each in item.expressions
    )
    return not (reflected and counterpart is None and is_of_expressions)
