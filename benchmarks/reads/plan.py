"""The plan of a page, as EXPLAIN tells it."""

from benchmarks.dataset import Shape
from skillmeat import connect

EXPLAIN = "explain (analyze, buffers, costs off, timing off, summary off) "


def plan(url: str, statement: str, shape: Shape) -> str:
    """The plan of a page from the middle of the catalogue, read for the second time."""
    with connect(url, autocommit=True) as conn:
        values = {"after": shape.artifact_id(shape.artifacts // 2)}
        conn.execute(statement.encode(), values).fetchall()
        rows = conn.execute((EXPLAIN + statement).encode(), values).fetchall()
    return "\n".join(row[0] for row in rows)
