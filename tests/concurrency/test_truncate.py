"""TRUNCATE removes rows that its snapshot cannot see: it counts them or is refused."""

import pytest
from psycopg import Connection, IsolationLevel, errors

from tests.concurrency.sessions import NewSession, running, wait_until_blocked
from tests.concurrency.test_keys_change import waiting_session
from tests.db.oracle import differences

INSERT = "insert into collection_artifacts (collection_id, artifact_id) values ('p', 'agent:a1')"
TRUNCATES = ("truncate collection_artifacts cascade", "truncate artifacts cascade")
ABOVE = (IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE)


@pytest.mark.parametrize("level", ABOVE, ids=lambda level: level.name.lower())
@pytest.mark.parametrize("truncate", TRUNCATES)
def test_a_truncate_with_a_stale_snapshot_is_refused(
    session: NewSession, observer: Connection, truncate: str, level: IsolationLevel
) -> None:
    stale, writer = session(level), session()
    writer.execute(INSERT)
    writer.commit()

    with pytest.raises(errors.SerializationFailure) as refused:
        stale.execute(truncate)

    stale.rollback()
    assert refused.value.diag.message_hint is not None
    assert differences(observer) == []


@pytest.mark.parametrize("level", [IsolationLevel.READ_COMMITTED, *ABOVE])
@pytest.mark.parametrize("truncate", TRUNCATES)
def test_a_truncate_that_waited_for_a_writer_counts_its_rows_or_is_refused(
    session: NewSession, observer: Connection, truncate: str, level: IsolationLevel
) -> None:
    writer, truncater = session(), waiting_session(session)
    truncater.isolation_level = level
    writer.execute(INSERT)

    with running(truncater, truncate) as truncated:
        wait_until_blocked(observer, truncater, by=writer, work=truncated)
        writer.commit()
    refusal = truncated.exception()

    refused = isinstance(refusal, errors.SerializationFailure)
    assert refused == (level is not IsolationLevel.READ_COMMITTED)
    assert differences(observer) == []


def test_a_writer_that_waited_for_a_truncate_is_counted(
    session: NewSession, observer: Connection
) -> None:
    truncater, writer = session(), waiting_session(session)
    truncater.execute("truncate collection_artifacts cascade")

    with running(writer, INSERT) as written:
        wait_until_blocked(observer, writer, by=truncater, work=written)
        truncater.commit()
    written.result()

    assert differences(observer) == []
