"""A catalogue moves to another server beside its clients, also after an interruption."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from queue import Queue
from threading import Event

import psycopg
import pytest

import skillmeat
from skillmeat import migration
from skillmeat.api import ServerConfig
from skillmeat.catalogue import create_token
from skillmeat.cli.errors import EXIT_INTERRUPTED
from skillmeat.errors import SkillMeatError
from skillmeat.moving import Clients, MoveRequest, abort_move, move_catalogue, replication
from skillmeat.moving.fence import read_fence
from skillmeat.settings.services import get_service
from tests.api.serving import run_server
from tests.catalogue.sessions import eventually
from tests.cli.commands import run, start
from tests.db.oracle import differences
from tests.moving.servers import (
    ADDED,
    LEFT,
    SCHEMA,
    SERVICE,
    THINK_SECONDS,
    Servers,
    connect_to,
    run_clients,
    serve_tenant,
)
from tests.replication.clusters import Cluster, MadeCluster
from tests.replication.load import repeated

# Far above what a step takes on a busy machine.
LIMIT_SECONDS = 120
WRITES = (
    "insert into tags (name, slug) values ('new', 'new')",
    "update collections set name = 'new'",
    "delete from artifacts",
    "truncate project_templates",
    "update api_tokens set revoked_at = now()",
)

FORGET_NEW_COPY = r"""
    do $$
    declare
        fence text := obj_description('refuse_writes()'::regprocedure);
    begin
        fence := regexp_replace(fence, '("other": "\d+/\d+)/\d+', '\1/1');
        execute format('comment on function refuse_writes() is %L', fence);
    end;
    $$
"""


@pytest.fixture(scope="module")
def servers(
    original: MadeCluster, major: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Servers]:
    with (
        pytest.MonkeyPatch.context() as patch,
        serve_tenant(original, (major, major), tmp_path_factory.mktemp("move"), patch) as both,
    ):
        yield both


def test_a_killed_move_goes_on_and_loses_no_commit(servers: Servers) -> None:
    with connect_to(servers.here) as conn:
        secret = create_token(conn, name="web", scope="write").secret
    old, new = servers.here, servers.there
    statuses: list[tuple[int, int]] = []

    def use_http(stop: Event) -> None:
        while not stop.is_set():
            wanted = {"name": f"web {len(statuses)}", "slug": f"web-{len(statuses)}"}
            answers = (http.post("/tags", json=wanted), http.get("/tags"))
            statuses.append((answers[0].status_code, answers[1].status_code))
            stop.wait(THINK_SECONDS)

    # The HTTP server of one service follows it.
    with (
        run_server(SERVICE, ServerConfig(port=0)) as served,
        served.client(headers={"Authorization": f"Bearer {secret}"}) as http,
        repeated(use_http),
        run_clients(servers, writers=1) as clients,
    ):
        moving = _start_until("both copies have the same", "--to", new.url)
        moving.kill()
        moving.communicate()
        ran = run("catalogue", "move", "tenant", "--to", new.url)
        before, written = len(clients.added), len(statuses)
        eventually(lambda: len(statuses) > written + 1)
        with connect_to(new) as conn:
            late = {"Authorization": f"Bearer {create_token(conn, name='late').secret}"}
        eventually(lambda: http.get("/tags", headers=late).status_code == 200)

    with connect_to(servers.here) as conn:
        (web,) = conn.execute("select count(*) from tags where slug like 'web-%'").fetchone() or ()
        found = {name for (name,) in conn.execute(ADDED)}
        drift = differences(conn)
        tokens = conn.execute("select name from api_tokens order by name").fetchall()
    assert (ran.code, servers.here) == (0, new), ran.err
    assert clients.added - found == set()
    assert (clients.inexact, clients.unexpected, drift) == ([], [], [])
    assert tokens == [("late",), ("web",)]
    assert servers.list_left_behind() == []
    assert before > 0
    assert (written > 0, web, {*statuses}) == (True, len(statuses), {(201, 200)})
    # A check must not take the fence for a difference, and open the old copy.
    migration.fix_schema(url=old.url)
    with connect_to(old) as conn:
        refused = [_refuse(conn, each) for each in WRITES]
        conn.execute("set session_replication_role = replica")
        refused += [_refuse(conn, each) for each in WRITES[:1]]
        assert differences(conn) == []
    assert refused == ["57P03"] * len(refused)
    servers.drop_other_copy()


def test_an_interrupted_abort_leaves_the_old_copy_as_it_was(servers: Servers) -> None:
    old, new = servers.here, servers.there
    # The move cannot open the new copy.
    with connect_to(new) as conn:
        moving = _start_until("creating", "--to", new.url)
        conn.execute("select pg_advisory_lock(hashtext('skillmeat fence'), hashtext('skillmeat'))")
        _read_until("both copies have the same", moving)
        eventually(lambda: _read_state(old) == "closed")
        moving.send_signal(signal.SIGINT)
        _, printed = moving.communicate()
    # The abort cannot drop the fence of the old copy.
    with skillmeat.connect(old.url, schema=SCHEMA) as reader:
        reader.execute("select from tags")
        aborting = start("catalogue", "move", "tenant", "--to", new.url, "--abort")
        eventually(lambda: _read_state(old) == "reopened")
        aborting.kill()
        aborting.communicate()
    aborted = run("catalogue", "move", "tenant", "--to", new.url, "--abort")
    again = run("catalogue", "move", "tenant", "--to", new.url, "--abort")

    after = run("catalogue", "move", "tenant", "--to", old.url, "--abort")

    assert moving.returncode == EXIT_INTERRUPTED
    assert printed.endswith("run the same command again, or give up with --abort\n")
    assert after.code == 1
    assert (aborted.code, again.code, servers.here) == (0, 0, old)
    assert servers.list_left_behind() == []
    with connect_to(old) as conn, psycopg.connect(new.url) as other:
        conn.execute("update tags set color = '#ffffff' where id = 'p'")
        schemas = other.execute("select from pg_namespace where nspname = 'skillmeat'").fetchall()
    assert schemas == []


def test_a_move_ends_when_its_new_copy_stops_receiving(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = servers.there
    with ThreadPoolExecutor(1) as pool, connect_to(servers.here) as conn, conn.transaction():
        # As a writer that does not end: the move goes on trying to pause it.
        conn.execute("lock table tags in row exclusive mode")
        lost, while_lost = _submit_until("trying again", pool, move_catalogue, servers)
        new.kill()
        assert str(lost.exception()).endswith("run the same command again when both servers are up")
        new.start()
        # It goes on with the same copy.
        stopped, while_stopped = _submit_until("trying again", pool, move_catalogue, servers)
        with connect_to(new) as other:
            other.execute("alter subscription skillmeat_moving disable")
        assert "the new copy receives nothing any more: its subscription at" in str(
            stopped.exception()
        )
    new.stop()
    new.configure(max_worker_processes="1")
    new.start()
    monkeypatch.setattr(replication, "WORKER_SECONDS", 1)
    # It starts over.
    idle = run("catalogue", "move", "tenant", "--to", new.url)
    abort = ("catalogue", "move", "tenant", "--to", new.url, "--abort")
    new.stop()
    with psycopg.connect(servers.here.url) as conn:
        before = conn.execute(LEFT).fetchall()
        lost_for_good = run(*abort)
        after = conn.execute(LEFT).fetchall()
    new.configure(max_worker_processes="24")
    new.start()
    aborted = run(*abort)

    assert idle.code == 1
    assert "runs no worker for the subscription" in idle.err
    # The attempt of that moment may end so.
    assert max(str(each).count("trying again") for each in (while_lost, while_stopped)) <= 2
    assert ["creating" in str(each) for each in (while_lost, while_stopped)] == [True, False]
    assert ([kind.split()[0] for (kind,) in before], after) == (["slot", *["publication"] * 2], [])
    assert (lost_for_good.code, lost_for_good.out) == (0, "tenant stays where it is\n")
    assert "run this again when that server is up" in lost_for_good.err
    assert (aborted.code, servers.list_left_behind()) == (0, [])


def test_a_move_that_was_interrupted_behind_its_switch_verifies_the_new_copy(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = ("catalogue", "move", "tenant", "--to", servers.there.url)
    new = servers.there
    with monkeypatch.context() as patch:
        patch.setattr(Clients, "lead_to", _interrupt)
        interrupted = run(*move)
    with connect_to(new) as conn:
        conn.execute("update collections set artifact_count = 77 where id = 'p'")
    refused = run(*move)
    with connect_to(new) as conn:
        conn.execute("select repair_counts()")

    ran = run(*move)
    back = run("catalogue", "move", "tenant", "--to", servers.there.url)

    assert (interrupted.code, refused.code) == (1, 1)
    assert refused.err.endswith("of the new copy drift: run `skillmeat repair`\n")
    assert (ran.code, servers.here) == (0, new), ran.err
    assert "its rows are not compared with the old ones" in ran.err
    assert "the closed copy of an earlier move is at" in back.err
    assert "user=postgres" in back.err
    assert servers.list_left_behind() == []
    servers.drop_other_copy()


def test_a_catalogue_whose_old_server_is_lost_behind_the_switch_is_released(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    move = ("catalogue", "move", "tenant", "--to", servers.there.url)
    old, new = servers.here, servers.there
    with monkeypatch.context() as patch:
        patch.setattr("skillmeat.moving.move._clean_up", _interrupt)
        interrupted = run(*move)
    early = run(*move, "--abort")
    old.stop()

    released = run(*move, "--abort")

    with connect_to(new) as conn:
        left = conn.execute(LEFT).fetchall()
        conn.execute("update tags set color = '#000000' where id = 'p'")
    old.start()
    cleaned = run(*move, "--from", old.url)
    assert (interrupted.code, early.code, servers.here) == (1, 1, new)
    assert (released.code, left) == (0, []), released.err
    assert (cleaned.code, servers.list_left_behind()) == (0, []), cleaned.err
    servers.drop_other_copy()


def test_a_move_ends_without_its_publisher_and_goes_on_with_another(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        monkeypatch.context() as patch,
        ThreadPoolExecutor(1) as pool,
        connect_to(servers.here) as conn,
        conn.transaction(),
    ):
        # As a writer that does not end: the move goes on trying to pause it.
        conn.execute("lock table tags in row exclusive mode")
        astray, _ = _submit_until("trying again", pool, move_catalogue, servers)
        patch.setattr(replication, "WORKER_SECONDS", 1)
        with connect_to(servers.there) as other:
            other.execute("alter subscription skillmeat_moving connection 'host=/nonexistent'")
        error = str(astray.exception(timeout=LIMIT_SECONDS))

    ran = run("catalogue", "move", "tenant", "--to", servers.there.url)

    assert "or does not reach the old server" in error
    assert (ran.code, "creating" in ran.err) == (0, False), ran.err
    servers.drop_other_copy()


def test_an_abort_that_waited_for_a_move_opens_no_second_copy(servers: Servers) -> None:
    old, new = servers.here, servers.there
    with ThreadPoolExecutor(2) as pool, connect_to(old) as conn, conn.transaction():
        conn.execute("lock table tags in row exclusive mode")
        moving, _ = _submit_until("trying again", pool, move_catalogue, servers)
        aborting, _ = _submit_until("waiting", pool, abort_move, servers)

    assert moving.exception() is None
    assert servers.here == new
    assert "is not the writable one any more" in str(aborting.exception())
    # A dump and restore of the new copy gives it another identity.
    with connect_to(old) as conn:
        conn.execute(FORGET_NEW_COPY)
        aborted = run(
            "catalogue", "move", "tenant", *("--to", new.url, "--from", old.url), "--abort"
        )
        assert aborted.code == 1
        assert "is not the writable one any more" in aborted.err
        assert _refuse(conn, WRITES[0]) == "57P03"
    servers.drop_other_copy()


# Each makes a move impossible, is undone, and has its own line.
OBSTACLES = (
    (
        "new",
        "create schema skillmeat; create table skillmeat.own ()",
        "drop schema skillmeat cascade",
        "holds something already",
    ),
    ("old", "create table notes ()", "drop table notes", "leave behind: table notes"),
    (
        "old",
        "alter table tags add note text",
        "alter table tags drop note",
        "leave behind: column tags.note text",
    ),
    (
        "old",
        "alter table tags replica identity nothing",
        "alter table tags replica identity default",
        "table tags of the old copy has no replica identity",
    ),
    (
        "old",
        "update collections set artifact_count = 77 where id = 'p'",
        "select repair_counts()",
        "of the old copy drift: run `skillmeat repair`",
    ),
    (
        "old",
        "create role web login; grant skillmeat_reader to web",
        "drop role web",
        "has no role web, with which clients of the catalogue log in",
    ),
)


def test_what_would_stop_a_move_is_named_first(servers: Servers) -> None:
    lines = []
    for side, obstruct, clear, _ in OBSTACLES:
        cluster = servers.here if side == "old" else servers.there
        with connect_to(cluster) as conn:
            conn.execute(obstruct)
            ran = run("catalogue", "move", "tenant", "--to", servers.there.url)
            lines.append(ran.err.splitlines()[-1])
            conn.execute(clear)
    _, obstruct, clear, in_the_way = OBSTACLES[0]
    with ThreadPoolExecutor(1) as pool, connect_to(servers.there) as conn:
        conn.execute(obstruct)
        conn.execute("select pg_advisory_lock(hashtext('skillmeat move'), hashtext('skillmeat'))")
        waiting, _ = _submit_until("another move to schema", pool, move_catalogue, servers)
        conn.execute("select pg_advisory_unlock_all()")
        assert in_the_way in str(waiting.exception())
        conn.execute(clear)
    same = run("catalogue", "move", "tenant", "--to", servers.here.url)
    publisher = "host=/nonexistent dbname=postgres"
    lost = run("catalogue", "move", "tenant", "--to", servers.there.url, "--publisher", publisher)
    astray = run(
        "catalogue", "move", "tenant", "--to", servers.there.url, "--from", servers.there.url
    )
    elsewhere = run(
        *("catalogue", "move", "tenant", "--to", servers.there.url),
        *("--from", servers.here.url.replace("/postgres?", "/template1?")),
    )
    console = run(
        *("catalogue", "move", "tenant", "--to", servers.there.url),
        *("--pgbouncer", servers.here.url),
    )
    empty = run("catalogue", "move", "tenant", "--to", "")
    publisher = servers.there.url
    lured = run("catalogue", "move", "tenant", "--to", servers.there.url, "--publisher", publisher)
    run("catalogue", "move", "tenant", "--to", servers.there.url, "--abort")

    for line, (*_, expected) in zip(lines, OBSTACLES, strict=True):
        assert line.startswith("error: ")
        assert expected in line
    assert (same.code, same.out) == (0, f"tenant is at {_place(servers)} already\n")
    assert "cannot replicate from the old one" in lost.err
    assert "reaches another database than the old copy's" in lured.err
    assert (astray.code, elsewhere.code, console.code, empty.code) == (1, 1, 1, 2)
    for each in (astray, elsewhere):
        assert each.err.startswith("error: service 'tenant' does not lead to ")
    assert "does not lead to the admin console of a PgBouncer" in console.err
    assert "--to: it is empty" in empty.err
    assert servers.list_left_behind() == []


def _submit_until(
    text: str, pool: Executor, function: Callable[[MoveRequest], object], servers: Servers
) -> tuple[Future[object], list[str]]:
    """Move or abort in a thread; return, with all its reports, once it has reported the text."""
    reports: list[str] = []
    unread: Queue[str] = Queue()

    def report(line: str) -> None:
        reports.append(line)
        unread.put(line)

    service = get_service("tenant")
    request = MoveRequest(Clients(service, SCHEMA, None), service.url, servers.there.url, report)
    moving = pool.submit(function, request)
    moving.add_done_callback(lambda _: unread.put("it has ended"))
    while text not in unread.get(timeout=LIMIT_SECONDS):
        assert not moving.done(), f"it has ended without {text!r}: {moving.exception()}"
    return moving, reports


def _start_until(text: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a move, and return once it has printed the text."""
    moving = start("catalogue", "move", "tenant", *arguments)
    _read_until(text, moving)
    return moving


def _read_until(text: str, moving: subprocess.Popen[str]) -> None:
    """Return once a move has printed the text."""
    assert moving.stderr is not None
    printed = ""
    for line in moving.stderr:
        printed += line
        if text in line:
            return
    pytest.fail(f"the move has ended without {text!r}: {printed}")


def _read_state(cluster: Cluster) -> str | None:
    with connect_to(cluster) as conn:
        fence = read_fence(conn)
    return None if fence is None else fence.state


def _interrupt(*_: object) -> None:
    message = "interrupted"
    raise SkillMeatError(message)


def _place(servers: Servers) -> str:
    return f"host={servers.here.socket} port=5432 dbname=postgres"


def _refuse(conn: psycopg.Connection, statement: str) -> str | None:
    try:
        conn.execute(statement)
    except psycopg.Error as error:
        return error.sqlstate
    return None
