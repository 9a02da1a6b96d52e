"""Ten moves there and back under clients, each interrupted or aborted at random instants."""

import random
import signal
import subprocess
import sys
from pathlib import Path
from threading import Timer

import pytest
from psycopg.errors import OperationalError

from skillmeat.catalogue import create_token, get_token_scopes
from skillmeat.cli.errors import EXIT_FAILED
from skillmeat.errors import CannotConnect
from tests.catalogue.sessions import eventually
from tests.cli.commands import Ran, start
from tests.db.oracle import differences
from tests.moving.servers import ADDED, Servers, accepts, connect_to, run_clients, serve_tenant
from tests.replication.clusters import Cluster, MadeCluster

MOVES = 10
WRITERS = 4
# The part of the interrupted moves that is aborted, and of the aborts that is interrupted.
ABORTED = 0.4
INTERRUPTED = 0.5
SIGNALS = (signal.SIGKILL, signal.SIGINT, signal.SIGTERM)
# Far above what a move takes beside other work: a move that exceeds it waits for ever.
LIMIT_SECONDS = 300
# The lines after which to interrupt, so that the short steps are met as often as the long ones.
STEPS = ("creating", "refreshing", "both copies")


@pytest.mark.exhaustive
@pytest.mark.parametrize("versions", [(18, 18), (15, 18)])
def test_interrupted_moves_lose_no_commit(
    original: MadeCluster,
    versions: tuple[int, int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seed = random.randrange(10**6)  # noqa: S311
    sys.stderr.write(f"seed {seed}\n")
    chance = random.Random(seed)  # noqa: S311
    with serve_tenant(original, versions, tmp_path, monkeypatch) as servers:
        with connect_to(servers.here) as conn:
            create_token(conn, name="web", scope="write")
            tokens = get_token_scopes(conn)
        with run_clients(servers, writers=WRITERS) as clients:
            for _ in range(MOVES):
                old, new = servers.here, servers.there
                for _ in range(chance.randrange(1, 4)):
                    interrupt(servers, new.url, chance)
                    if chance.random() < ABORTED:
                        abort(old, new, chance)
                ran = finish(start("catalogue", "move", "tenant", "--to", new.url))
                assert (ran.code, servers.here) == (0, new), ran.err
                assert servers.list_left_behind() == []
                with connect_to(old) as conn, pytest.raises((CannotConnect, OperationalError)):
                    conn.execute("insert into tags (name, slug) values ('lost', 'lost')")
                servers.drop_other_copy()
        with connect_to(servers.here) as conn:
            found = {name for (name,) in conn.execute(ADDED)}
            drift = differences(conn)
            found_tokens = get_token_scopes(conn)

    assert clients.added
    assert clients.removed
    assert clients.added - found == set()
    assert clients.removed & found == set()
    assert found_tokens == tokens
    assert (clients.inexact, clients.unexpected, drift) == ([], [], [])


def finish(moving: subprocess.Popen[str]) -> Ran:
    """Wait until a move ends, as it must, whatever has been killed."""
    out, err = moving.communicate(timeout=LIMIT_SECONDS)
    return Ran(moving.returncode, out, err)


def interrupt(servers: Servers, url: str, chance: random.Random) -> None:
    """Start a move, and kill it, interrupt it, or kill a server, soon after one of its lines."""
    moving = start("catalogue", "move", "tenant", "--to", url)
    limit = Timer(LIMIT_SECONDS, moving.kill)
    limit.start()
    step = chance.choice(STEPS)
    assert moving.stderr is not None
    for line in moving.stderr:
        if line.startswith(step):
            break
    assert limit.is_alive(), f"a move has neither ended nor come to {step!r}"
    limit.cancel()
    victim = chance.choice((None, None, None, servers.first, servers.second))
    if victim is None:
        timer = Timer(chance.uniform(0, 0.4), moving.send_signal, [chance.choice(SIGNALS)])
    else:
        timer = Timer(chance.uniform(0, 0.4), victim.kill)
    timer.start()
    timer.join()
    finish(moving)
    if victim is not None:
        victim.start()


def abort(old: Cluster, new: Cluster, chance: random.Random) -> None:
    """Abort a move; the abort may be interrupted, too."""
    aborting = start(
        "catalogue", "move", "tenant", *("--to", new.url, "--from", old.url), "--abort"
    )
    is_interrupted = chance.random() < INTERRUPTED
    if is_interrupted:
        timer = Timer(chance.uniform(0, 2), aborting.send_signal, [chance.choice(SIGNALS)])
        timer.start()
        timer.join()
    ran = finish(aborting)
    if ran.code == 0:
        # The clients write to the same tag, so an attempt may fail.
        eventually(lambda: is_writable(old))
        assert not is_writable(new)
    elif not is_interrupted:
        # It is too late.
        assert ran.code == EXIT_FAILED
        assert "to undo a move, move" in ran.err, ran.err


def is_writable(cluster: Cluster) -> bool:
    """Return whether the copy on a server is writable."""
    with connect_to(cluster) as conn, conn.transaction(force_rollback=True):
        return accepts(conn)
