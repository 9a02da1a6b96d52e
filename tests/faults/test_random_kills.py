"""Kills at random moments, for FAULTS_SECONDS (60), from FAULTS_SEED (drawn and printed)."""

import os
import random
import sys
import time
from contextlib import closing

import pytest

from tests.faults.rounds import compare, journals, run_round
from tests.faults.servers import OwnServer, connect_with_retries
from tests.faults.state import contents
from tests.maintenance.refresh.refreshers import running_refresher, with_parameters

SECONDS = float(os.environ.get("FAULTS_SECONDS", "60"))
SEED = int(os.environ.get("FAULTS_SEED", random.SystemRandom().randrange(10**6)))
REFRESHER = "refresher"

# The kinds of processes from which a victim is chosen.
WRITER = "backend_type = 'client backend' and application_name = ''"
REFRESHING = f"application_name = '{REFRESHER}'"
AUXILIARY = "backend_type in ('checkpointer', 'background writer', 'walwriter')"
CLIENT = "backend_type = 'client backend'"


def kill_server(own: OwnServer, _: random.Random) -> None:
    own.kill()
    own.start()


def kill_writer(own: OwnServer, choice: random.Random) -> None:
    kill_one(own, choice, WRITER)


def kill_refresher(own: OwnServer, choice: random.Random) -> None:
    kill_one(own, choice, REFRESHING)


def kill_auxiliary(own: OwnServer, choice: random.Random) -> None:
    kill_one(own, choice, AUXILIARY)


def terminate_some(own: OwnServer, choice: random.Random) -> None:
    signal_some(own, choice, "select pg_terminate_backend(%s)")


def cancel_some(own: OwnServer, choice: random.Random) -> None:
    signal_some(own, choice, "select pg_cancel_backend(%s)")


def checkpoint(own: OwnServer, _: random.Random) -> None:
    """Checkpoint, so the next recovery starts at another place of the WAL."""
    with own.session() as conn:
        conn.execute("checkpoint")


FAULTS = (
    kill_server,
    kill_writer,
    kill_refresher,
    kill_auxiliary,
    terminate_some,
    cancel_some,
    checkpoint,
)


@pytest.mark.exhaustive
def test_every_acknowledged_commit_survives_kills_at_random_moments(own: OwnServer) -> None:
    choice = random.Random(SEED)  # noqa: S311
    writers = journals(SEED)
    with own.session() as conn:
        others = contents(conn)
    deadline = time.monotonic() + SECONDS
    wrong: list[object] = []
    names: list[str] = []

    with running_refresher(with_parameters(own.url, application_name=REFRESHER)):
        while not wrong and time.monotonic() < deadline:
            fault = choice.choice(FAULTS)
            names.append(fault.__name__)
            wrong += run_round(own, writers, fault=fault, choice=choice, commits=30)
            wrong += compare(own, writers, others)

    done = {name: names.count(name) for name in sorted(set(names))}
    sys.stdout.write(f"FAULTS_SEED={SEED}: {done}, {[each.commits for each in writers]} commits\n")
    assert wrong == [], f"after {names[-1]}"


def kill_one(own: OwnServer, choice: random.Random, kind: str) -> None:
    if found := pids(own, kind):
        own.kill_process(choice.choice(found))


def signal_some(own: OwnServer, choice: random.Random, how: str) -> None:
    found = pids(own, CLIENT)
    with own.session() as conn:
        for pid in choice.sample(found, min(len(found), choice.randint(1, 3))):
            conn.execute(how, [pid])


def pids(own: OwnServer, kind: str) -> list[int]:
    with closing(connect_with_retries(own)) as conn:
        chosen = f"select pid from pg_stat_activity where {kind} and pid <> pg_backend_pid()"
        return [row[0] for row in conn.execute(chosen)]
