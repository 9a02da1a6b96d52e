"""A migration says which sessions it waits for, and names them when it gives up."""

import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from uuid import uuid4

import pytest
from psycopg import Connection, IsolationLevel
from psycopg.conninfo import make_conninfo
from psycopg.errors import QueryCanceled

import skillmeat
from skillmeat import migration
from skillmeat.embedded import find_binaries
from skillmeat.errors import Retry

CHECKOUT = Path(skillmeat.__file__).parent.parent
LONGEST = 60
LIMITS = ("statement_timeout", "transaction_timeout", "idle_in_transaction_session_timeout")


@pytest.fixture
def shop(first_url: str) -> Iterator[Connection]:
    """Yield a session named `shop`."""
    with skillmeat.connect(make_conninfo(first_url, application_name="shop")) as conn:
        yield conn


def test_an_upgrade_reports_who_holds_a_table_and_goes_on_without_a_time_limit(
    first_url: str, shop: Connection
) -> None:
    known = shop.execute("select name from pg_settings where name = any (%s)", [list(LIMITS)])
    for (limit,) in known.fetchall():
        shop.execute(f"alter database {shop.info.dbname} set {limit} = '500ms'".encode())
    shop.commit()
    shop.execute("insert into artifacts (type, name) values ('skill', 'new')")
    reported: SimpleQueue[str] = SimpleQueue()

    with ThreadPoolExecutor(1) as pool:
        upgrade = pool.submit(migration.upgrade, url=first_url, report=reported.put)
        line = reported.get(timeout=LONGEST)
        # The migration has waited for longer than the limits.
        shop.execute("select pg_sleep(0.7)")
        is_waiting = upgrade.running()
        shop.commit()

    assert (is_waiting, upgrade.result().up_to_date) == (True, True)
    assert line.startswith("0002_counts waits for a lock on artifact_tags, ")
    assert f"held by process {shop.info.backend_pid} (user " in line
    assert ", shop, a transaction since " in line
    assert "RowExclusiveLock on artifacts" in line


def test_an_upgrade_that_gives_up_names_the_holder_and_changes_nothing(
    first_url: str, shop: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("skillmeat.migration.environment.LOCK_SECONDS", 0)
    shop.execute("lock table collections in share update exclusive mode")

    with pytest.raises(Retry, match=r"0002_counts could not get a lock .* shop, .*End or wait for"):
        migration.upgrade(url=first_url)

    assert migration.get_status(url=first_url).current == "0001_catalogue"


def test_an_upgrade_reports_the_older_transactions_that_an_index_needs_the_end_of(
    first_url: str, shop: Connection
) -> None:
    migration.upgrade("0003_summaries", url=first_url)
    shop.isolation_level = IsolationLevel.REPEATABLE_READ
    shop.execute("select 'of shop'")
    reported: SimpleQueue[str] = SimpleQueue()

    with ThreadPoolExecutor(1) as pool:
        upgrade = pool.submit(migration.upgrade, url=first_url, report=reported.put)
        line = reported.get(timeout=LONGEST)
        shop.rollback()

    assert upgrade.result().up_to_date
    assert line.startswith(
        "0004_search waits, before it builds its indexes, for the end of process"
    )
    assert "last statement: select 'of shop'" in line


def test_an_ordinary_owner_waits_for_the_older_transactions_of_other_roles(empty_url: str) -> None:
    owner = f"owner_{uuid4().hex}"
    reported: SimpleQueue[str] = SimpleQueue()
    with (
        ThreadPoolExecutor(1) as pool,
        skillmeat.connect(make_conninfo(empty_url, application_name="shop")) as shop,
    ):
        shop.execute(f"create role {owner}".encode())
        shop.execute(f"grant create on database {shop.info.dbname} to {owner}".encode())
        shop.commit()
        by_owner = make_conninfo(empty_url, options=f"-c role={owner}")
        migration.upgrade("0003_summaries", url=by_owner)
        shop.isolation_level = IsolationLevel.REPEATABLE_READ
        shop.execute("select")

        upgrade = pool.submit(migration.upgrade, "0004_search", url=by_owner, report=reported.put)
        line = reported.get(timeout=LONGEST)
        pid = shop.info.backend_pid
        shop.rollback()

        assert upgrade.result().current == "0004_search"
        shop.execute(f"drop owned by {owner} cascade; drop role {owner}".encode())
        shop.commit()
    assert line.startswith(
        f"0004_search waits, before it builds its indexes, for the end of process {pid} (user "
    )


def test_an_upgrade_does_not_wait_for_a_vacuum_of_another_table(first_url: str) -> None:
    migration.upgrade("0003_summaries", url=first_url)
    reported: list[str] = []
    with (
        ThreadPoolExecutor(1) as pool,
        skillmeat.connect(first_url, autocommit=True) as vacuuming,
        skillmeat.connect(first_url, autocommit=True) as observer,
    ):
        vacuuming.execute(
            "create table public.other as select repeat('x', 1000) from generate_series(1, 20000)"
        )
        vacuuming.execute("set vacuum_cost_delay = 100; set vacuum_cost_limit = 1")
        vacuum = pool.submit(vacuuming.execute, "vacuum public.other")
        running = "select from pg_stat_progress_vacuum where relid = 'public.other'::regclass"
        while not observer.execute(running).fetchall():
            pass

        migration.upgrade(url=first_url, report=reported.append)
        still_running = observer.execute(running).fetchall() != []
        vacuuming.cancel_safe()

        assert isinstance(vacuum.exception(), QueryCanceled)
    assert (reported, still_running) == ([], True)


def test_an_upgrade_does_not_wait_for_the_prepared_transactions_of_others(
    first_url: str, shop: Connection
) -> None:
    migration.upgrade("0003_summaries", url=first_url)
    shop.execute("select txid_current()")
    reported: SimpleQueue[str] = SimpleQueue()

    with ThreadPoolExecutor(1) as pool, skillmeat.connect(first_url, autocommit=True) as late:
        name = f"late {late.info.dbname}"
        upgrade = pool.submit(migration.upgrade, url=first_url, report=reported.put)
        reported.get(timeout=LONGEST)
        late.execute(f"begin; create table public.other (); prepare transaction '{name}'".encode())
        try:
            shop.rollback()

            assert upgrade.result(timeout=LONGEST).up_to_date
        finally:
            late.execute(f"rollback prepared '{name}'".encode())


def test_an_upgrade_reports_a_writer_that_began_before_an_index_is_built(
    first_url: str, shop: Connection
) -> None:
    migration.upgrade("0003_summaries", url=first_url)
    shop.execute("select txid_current()")
    reported: SimpleQueue[str] = SimpleQueue()

    with (
        ThreadPoolExecutor(1) as pool,
        skillmeat.connect(make_conninfo(first_url, application_name="late")) as late,
    ):
        pid = late.info.backend_pid
        upgrade = pool.submit(migration.upgrade, url=first_url, report=reported.put)
        reported.get(timeout=LONGEST)
        late.execute("insert into artifacts (type, name) values ('skill', 'late')")
        shop.rollback()
        line = reported.get(timeout=LONGEST)
        late.rollback()

        assert upgrade.result().up_to_date
    assert re.match(r"building artifacts_\w+_idx is waiting for writers before build: ", line)
    assert f"process {pid} (user " in line
    assert ", late, a transaction since " in line


def test_an_upgrade_reports_another_migration_of_its_schema(
    first_url: str, shop: Connection
) -> None:
    shop.autocommit = True
    shop.execute(
        "select pg_advisory_lock(hashtext('skillmeat migrate'), hashtext(current_schema()))"
    )
    reported: SimpleQueue[str] = SimpleQueue()

    with ThreadPoolExecutor(1) as pool:
        upgrade = pool.submit(migration.upgrade, url=first_url, report=reported.put)
        line = reported.get(timeout=LONGEST)
        shop.execute("select pg_advisory_unlock_all()")

    assert upgrade.result().up_to_date
    assert f"is running, in process {shop.info.backend_pid} (user " in line


@pytest.mark.parametrize("tool", ["alembic", "psql"])
def test_other_tools_print_who_holds_a_table_while_they_wait(
    first_url: str, shop: Connection, tmp_path: Path, tool: str
) -> None:
    script = tmp_path / "migrate.sql"
    script.write_text(migration.render_sql("0001_catalogue:0002_counts"))
    commands = {
        "alembic": [sys.executable, "-m", "alembic", "upgrade", "0002_counts"],
        "psql": [str(find_binaries() / "psql"), "--no-psqlrc", first_url, "-f", str(script)],
    }
    shop.execute("insert into artifacts (type, name) values ('skill', 'new')")

    with subprocess.Popen(
        commands[tool],
        cwd=CHECKOUT,
        env={"SKILLMEAT_DATABASE_URL": first_url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        shop.commit()
        process.communicate(timeout=LONGEST)

    assert "0002_counts waits for a lock on artifact_tags, " in line
    assert f"held by process {shop.info.backend_pid} (user " in line
    assert process.returncode == 0


def test_a_retry_of_a_relative_downgrade_does_not_go_further(
    first_url: str, shop: Connection
) -> None:
    migration.upgrade("0004_search", url=first_url)
    shop.execute("lock table last_refresh in access share mode")
    reported: SimpleQueue[str] = SimpleQueue()

    with ThreadPoolExecutor(1) as pool:
        downgrade = pool.submit(migration.downgrade, "-2", url=first_url, report=reported.put)
        with skillmeat.connect(first_url, autocommit=True) as watcher:
            waiting = (
                "select from pg_locks where not granted and relation = 'last_refresh'::regclass"
            )
            # The first step is through, and the second one tries again and again.
            for is_waiting in (1, 0, 1):
                while watcher.execute(waiting).rowcount != is_waiting:
                    pass
        shop.rollback()

    assert downgrade.result().current == "0002_counts"


def test_a_backfill_reports_who_holds_a_row_and_goes_on(first_url: str, shop: Connection) -> None:
    shop.execute("insert into collections (id, name) values ('kept', 'Kept')")
    shop.execute("insert into artifacts (type, name) values ('skill', 'new')")
    shop.execute("insert into collection_artifacts values ('kept', 'skill:new')")
    shop.commit()
    script = migration.render_sql("0001_catalogue:0002_counts")
    # The counters are committed, and the backfill is not run.
    subprocess.run(
        [find_binaries() / "psql", "--no-psqlrc", "--quiet", "--output=/dev/null", first_url],
        input=script[: script.index("do $backfill$")],
        text=True,
        check=True,
        stderr=subprocess.DEVNULL,
    )
    shop.execute("update collections set description = 'open' where id = 'kept'")
    reported: SimpleQueue[str] = SimpleQueue()

    with ThreadPoolExecutor(1) as pool:
        upgrade = pool.submit(migration.upgrade, url=first_url, report=reported.put)
        line = reported.get(timeout=LONGEST)
        shop.commit()

    counted = "select artifact_count from collection_summaries where id = 'kept'"
    assert (upgrade.result().up_to_date, shop.execute(counted).fetchone()) == (True, (1,))
    assert line.startswith("the backfill of 0002_counts waits for a row of collections, held by ")
    assert f"process {shop.info.backend_pid} (user " in line
