"""The time limits that a server, a database or a role sets for every session."""

from typing import Final

from psycopg.pq import TransactionStatus

from skillmeat.database.query import Conn, execute

LIFT: Final = """
    select
        set_config('idle_in_transaction_session_timeout', '0', %(is_local)s),
        set_config('idle_session_timeout', '0', %(is_local)s),
        set_config('lock_timeout', '0', %(is_local)s),
        set_config('statement_timeout', '0', %(is_local)s),
        -- Not in PostgreSQL 15 and 16.
        case when current_setting('transaction_timeout', true) is not null then
            set_config('transaction_timeout', '0', %(is_local)s)
        end
"""


def lift_time_limits(conn: Conn) -> None:
    """Turn off every time limit, for long work that keeps no session waiting.

    A limit that ends such work would end it again at each attempt. `conn` is in autocommit. In a
    block of `conn.transaction()` the limits return at its end; otherwise they stay off.
    """
    is_local = conn.info.transaction_status != TransactionStatus.IDLE
    execute(conn, LIFT, {"is_local": is_local})
