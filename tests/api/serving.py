"""The real application on a real port, in a thread of its own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import uvicorn
from psycopg.conninfo import conninfo_to_dict

from skillmeat.api import ServerConfig, create_app
from skillmeat.api.server import uvicorn_config

CONFIG = ServerConfig(port=0, refresh=False)
ALL_SERVICES = ServerConfig(port=0, refresh=False, all_services=True, connections=8)


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers at `address`."""

    address: str
    server: uvicorn.Server
    thread: threading.Thread

    def client(self, **options: object) -> httpx.Client:
        """Return a client whose paths begin after /api/v1."""
        return httpx.Client(base_url=f"{self.address}/api/v1", timeout=30, **options)  # type: ignore[arg-type]


@contextmanager
def run_server(url: str, config: ServerConfig = CONFIG) -> Iterator[RunningServer]:
    """Serve the catalogue at `url` while the block runs."""
    server = uvicorn.Server(uvicorn_config(create_app(config, url=url), config))
    thread = threading.Thread(target=server.run, daemon=True)
    started = threading.Event()
    startup = server.startup

    async def startup_and_report(sockets: list[object] | None = None) -> None:
        await startup(sockets)  # type: ignore[arg-type]
        started.set()

    server.startup = startup_and_report  # type: ignore[method-assign,assignment]
    thread.start()
    try:
        assert started.wait(30), "the server did not start"
        port = server.servers[0].sockets[0].getsockname()[1]
        yield RunningServer(f"http://127.0.0.1:{port}", server, thread)
    finally:
        server.should_exit = True
        thread.join(30)


def write_section(name: str, url: str) -> str:
    """Write the section of a service, for the catalogue at `url`."""
    target = "".join(f"{key}={value}\n" for key, value in conninfo_to_dict(url).items())
    return f"[{name}]\n{target}options=-c search_path=skillmeat,pg_temp\n"
