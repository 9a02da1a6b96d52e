"""What counting and logging cost a writer: `python -m benchmarks.write_path`, four minutes.

Four catalogues side by side on one durable server: without triggers, with the textbook one (a row
trigger that updates the parent), with our counts but no change log, and ours. They take turns
within every round, so that only ratios count, and the median ratio is printed with the least and
the largest.
"""

import subprocess
import tempfile
import time

from psycopg import Connection, sql

from benchmarks.harness import Measurement, durable_server, in_turn, print_table
from skillmeat import connect, migration, server

ARTIFACTS = 200_000
COLLECTIONS = 2_000
VARIANTS = ("uncounted", "textbook", "unlogged", "ours")
RATIOS = (("ours", "uncounted"), ("ours", "textbook"), ("ours", "unlogged"))

TEXTBOOK = """
    create function collections_count_textbook()
        returns trigger
        language plpgsql
        set search_path from current
    as $$
    begin
        if tg_op = 'INSERT' then
            update collections set artifact_count = artifact_count + 1 where id = new.collection_id;
        else
            update collections set artifact_count = artifact_count - 1 where id = old.collection_id;
        end if;
        return null;
    end;
    $$;

    create trigger collections_count_textbook
        after insert or delete on collection_artifacts
        for each row execute function collections_count_textbook();
"""

FILL = f"""
    create sequence next_artifact;
    insert into collections (id, name) values ('default', 'default');
    insert into collections (id, name)
    select 'c' || i, 'collection ' || i from generate_series(1, {COLLECTIONS}) as i;
    insert into artifacts (type, name)
    select 'skill', 'a' || i from generate_series(1, {ARTIFACTS}) as i;
"""

ONE = f"""
    insert into collection_artifacts (collection_id, artifact_id)
    select 'c' || 1 + n % {COLLECTIONS}, 'skill:a' || 1 + n * 7 % {ARTIFACTS}
    from (select nextval('next_artifact')) as s (n)
    on conflict do nothing
"""

BULK = f"""
    insert into collection_artifacts (collection_id, artifact_id)
    select 'c' || 1 + i % {COLLECTIONS}, 'skill:a' || i from generate_series(1, {ARTIFACTS}) as i
"""

# pgbench takes a colon for the start of a variable.
HOT = """
    insert into {schema}.collection_artifacts (collection_id, artifact_id)
    select 'default', 'skill' || chr(58) || 'a' || nextval('{schema}.next_artifact')
    on conflict do nothing;
"""


def main() -> None:
    """Measure, print, and leave nothing behind."""
    with durable_server() as url:
        sessions = {variant: _prepare(url, variant) for variant in VARIANTS}
        try:
            measurements = [
                Measurement("one membership, one client", "µs", _one_membership(sessions)),
                Measurement(f"{ARTIFACTS:,} memberships at once", "s", _bulk(sessions)),
                Measurement("one hot collection, 16 clients", "/s", _hot(url, sessions)),
            ]
        finally:
            for session in sessions.values():
                session.close()
    print_table(measurements, VARIANTS, RATIOS)


def _prepare(url: str, variant: str) -> Connection:
    migration.up(url=url, schema=variant)
    session = connect(url, schema=variant, autocommit=True)
    for trigger in _dropped(variant):
        for event in ("insert", "update", "delete", "truncate"):
            session.execute(
                sql.SQL("drop trigger {} on collection_artifacts").format(
                    sql.Identifier(f"collection_artifacts_{trigger}_on_{event}")
                )
            )
    if variant == "textbook":
        session.execute(TEXTBOOK)
    session.execute(FILL)
    session.execute("vacuum analyze")
    return session


def _dropped(variant: str) -> tuple[str, ...]:
    match variant:
        case "ours":
            return ()
        case "unlogged":
            return ("log_changes",)
        case _:
            return ("log_changes", "are_counted")


def _one_membership(sessions: dict[str, Connection]) -> list[dict[str, float]]:
    def hundred(session: Connection) -> float:
        started = time.perf_counter()
        for _ in range(100):
            session.execute(ONE, prepare=True)
        return (time.perf_counter() - started) * 1e4

    return in_turn("one membership", 40, sessions, hundred)


def _bulk(sessions: dict[str, Connection]) -> list[dict[str, float]]:
    def once(session: Connection) -> float:
        session.execute("truncate collection_artifacts cascade")
        session.execute("checkpoint")
        started = time.perf_counter()
        session.execute(BULK)
        return time.perf_counter() - started

    # The textbook trigger takes minutes here, so it sits out.
    counted = {name: session for name, session in sessions.items() if name != "textbook"}
    return in_turn("bulk", 5, counted, once)


def _hot(url: str, sessions: dict[str, Connection]) -> list[dict[str, float]]:
    pgbench = server.find_binaries() / "pgbench"

    def throughput(session: Connection) -> float:
        schema = session.execute("select current_schema()").fetchone()
        assert schema is not None  # noqa: S101 - the statement always returns a row
        session.execute("truncate collection_artifacts cascade")
        session.execute("select setval('next_artifact', 1)")
        session.execute("checkpoint")
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(HOT.format(schema=schema[0]))
            script.flush()
            printed = subprocess.run(
                [pgbench, "-n", "-M", "prepared", "-c16", "-j2", "-T3", "-f", script.name, url],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        return next(
            float(line.split()[2]) for line in printed.splitlines() if line.startswith("tps")
        )

    return in_turn("hot collection", 5, sessions, throughput)


if __name__ == "__main__":
    main()
