"""The servers to measure, each in a process of its own."""

import os
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Final

import httpx
import psutil

from benchmarks.dataset import Shape
from benchmarks.http.bare import BODY_FILE
from benchmarks.reads.reader import PAGE
from benchmarks.rounds import CONSOLE
from skillmeat.database.connection import build_conninfo, connect
from skillmeat.errors import SkillMeatError
from skillmeat.settings import get_schema

HOST: Final = "127.0.0.1"
OUR_SERVER: Final = "skillmeat serve"
BARE_ENDPOINT: Final = "a bare FastAPI endpoint"
POSTGREST: Final = "PostgREST"
START_TIMEOUT: Final = 60


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, and the request for one page."""

    process: psutil.Process
    port: int
    path: str

    def read_page(self) -> bytes:
        """Return the body of the page."""
        answer = httpx.get(f"http://{HOST}:{self.port}{self.path}")
        return answer.raise_for_status().content

    def cpu_seconds(self) -> float:
        """Return the CPU time of the server and its child processes."""
        every = [self.process, *self.process.children(recursive=True)]
        return sum(sum(each.cpu_times()[:2]) for each in every)


@contextmanager
def start_servers(url: str, shape: Shape, folder: Path) -> Iterator[dict[str, Server]]:
    """Yield every server that can run here, with the same page; `folder` is for their files."""
    after = shape.artifact_id(shape.artifacts // 2)
    cursor = b64encode(after.encode()).decode()
    with _run(
        [sys.executable, "-m", "skillmeat", "serve", "--no-refresh"],
        f"/api/v1/artifacts?limit={PAGE}&after={cursor}",
        {"SKILLMEAT_DATABASE_URL": url},
        folder / "ours.log",
    ) as ours:
        body = folder / "body.json"
        body.write_bytes(ours.read_page())
        bare = [sys.executable, "-m", "uvicorn", "--factory", "benchmarks.http.bare:create_app"]
        with _run(
            [*bare, "--no-access-log", "--http", "h11", "--loop", "asyncio"],
            "/page",
            {BODY_FILE: str(body)},
            folder / "bare.log",
        ) as endpoint:
            found = {OUR_SERVER: ours, BARE_ENDPOINT: endpoint}
            if (postgrest := which("postgrest")) is None:
                CONSOLE.print(f"skipping {POSTGREST}: put `postgrest` on the PATH to measure it")
                yield found
                return
            path = f"/artifact_summaries?limit={PAGE}&order=id&id=gt.{after}"
            with _run([postgrest], path, _configure(url), folder / "postgrest.log") as rival:
                yield {**found, POSTGREST: rival}


@contextmanager
def _run(
    command: Sequence[str], path: str, variables: Mapping[str, str], log: Path
) -> Iterator[Server]:
    port = _find_free_port()
    if command[0] == sys.executable:
        command = [*command, "--host", HOST, "--port", str(port)]
    with log.open("wb") as output:
        process = psutil.Popen(
            command,
            env={**os.environ, "PGRST_SERVER_PORT": str(port), **variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    server = Server(process, port, path)
    try:
        _wait_for_page(server, log)
        yield server
    finally:
        process.terminate()
        process.wait()


def _configure(url: str) -> dict[str, str]:
    """Return PostgREST's configuration: the same rights and the same schema as ours."""
    with connect(url) as conn:
        user = conn.info.user
    return {
        "PGRST_DB_URI": build_conninfo(url),
        "PGRST_DB_SCHEMAS": get_schema(),
        "PGRST_DB_ANON_ROLE": user,
        "PGRST_SERVER_HOST": HOST,
        "PGRST_LOG_LEVEL": "crit",
    }


def _wait_for_page(server: Server, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and server.process.is_running():
        try:
            server.read_page()
        except httpx.HTTPError:
            time.sleep(0.05)
        else:
            return
    message = f"a server to measure does not answer: {log.read_text(errors='replace')}"
    raise SkillMeatError(message)


def _find_free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
