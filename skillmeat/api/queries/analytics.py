"""The totals of the catalogue as JSON, beside the zeros of what it does not record."""

from collections.abc import Mapping
from typing import Any, Final

from psycopg.sql import SQL
from psycopg.types.json import Jsonb

from skillmeat.catalogue.time_format import select_time
from skillmeat.database.query import Conn, fetch_bytes

SUMMARY: Final = SQL(
    """
    select
        convert_to(
            (
                %(zeros)s || jsonb_build_object(
                    'total_artifacts', coalesce(sum(t.artifact_count), 0),
                    'total_collections', (select count(*) from collection_summaries),
                    'artifacts_by_type', coalesce(
                        jsonb_object_agg(t.type, t.artifact_count)
                        filter (where t.artifact_count > 0),
                        '{{}}'
                    ),
                    'last_activity', (
                        select {updated}
                        from (select max(a.updated_at) as updated_at from artifacts as a) as s
                    )
                )
            )::text,
            'UTF8'
        )
    from artifact_type_summaries as t
    """
).format(updated=select_time("s.updated_at"))


def get_summary(conn: Conn, *, zeros: Mapping[str, Any]) -> bytes:
    """Read the totals of artifacts and collections, and add them to `zeros`."""
    summary = fetch_bytes(conn, SUMMARY, {"zeros": Jsonb(zeros)})
    assert summary is not None  # noqa: S101 - an aggregate returns a row
    return summary
