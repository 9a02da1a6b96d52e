"""What the role of the server may do."""

from typing import Final

from skillmeat.database.query import Conn, fetch_scalar

# A standby's transactions are always read-only.
CAN_WRITE: Final = """
    select
        not current_setting('transaction_read_only')::boolean
        and has_table_privilege('collections', 'delete')
"""


def can_write(conn: Conn) -> bool:
    """Return whether the role and the database allow writes."""
    return bool(fetch_scalar(conn, CAN_WRITE, {}))
