"""Serves the application until it is told to stop."""

import asyncio
import logging
import resource
import signal
import socket
import sys
from contextlib import closing, suppress
from typing import Final

import h11
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from skillmeat.api.config import Options
from skillmeat.errors import ServerError

LOGGER: Final = logging.getLogger("skillmeat.api")
SECONDS_TO_FINISH: Final = 10
SECONDS_TO_ASK: Final = 15
SECONDS_TO_READ: Final = 60
# So many are accepted at once, each a file, and again before the first of them can be closed. Where
# no file is left asyncio logs a traceback for each, and does nothing else.
BACKLOG: Final = 128
FILES_OF_OUR_OWN: Final = 128
MOST_FILES: Final = 16384


class Protocol(H11Protocol):
    """HTTP as uvicorn speaks it, for clients that do say what they want, and do read the answer."""

    _arrives: asyncio.TimerHandle | None = None
    _is_read: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give a new connection so long to send its first request, if there is room for it."""
        super().connection_made(transport)
        if len(self.connections) > most_connections():
            transport.abort()
        self._wait_for_the_rest()

    def data_received(self, data: bytes) -> None:
        """Give a request that has begun so long to end, however many pieces it comes in."""
        super().data_received(data)
        if self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            self._wait_for_the_rest()
        elif self._arrives is not None:
            self._arrives.cancel()
            self._arrives = None

    def pause_writing(self) -> None:
        """Give a client so long to read what waits for it."""
        super().pause_writing()
        self._is_read = self.loop.call_later(SECONDS_TO_READ, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on with a client that has read most of it."""
        super().resume_writing()
        if self._is_read is not None:
            self._is_read.cancel()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that is not used, and that may have left its last answer unread."""
        super().timeout_keep_alive_handler()
        self.loop.call_later(SECONDS_TO_READ, self.transport.abort)

    def _wait_for_the_rest(self) -> None:
        if self._arrives is None:
            self._arrives = self.loop.call_later(SECONDS_TO_ASK, self._give_up)

    def _give_up(self) -> None:
        self._arrives = None
        # A request that is being answered gets its 408 from the application.
        if self.cycle is None or self.cycle.response_complete:
            self.timeout_keep_alive_handler()


def serve(app: FastAPI, options: Options) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are answered first.

    Raises `ServerError` where it cannot listen.
    """
    _log_to_stderr()
    _allow_many_files(options.connections)
    with closing(listening(options.host.strip("[]"), options.port)) as listener:
        host, port, *_ = listener.getsockname()
        shown = f"[{host}]" if ":" in host else host
        LOGGER.info("http://%s:%s/ is the page, /api/v1 the API, /docs describes it", shown, port)
        server = uvicorn.Server(configured(app, options))
        # Once it has ended uvicorn raises its signal again, and SIGTERM would be no orderly end.
        signal.signal(signal.SIGTERM, lambda *_: setattr(server, "should_exit", True))
        server.run(sockets=[listener])


def most_connections() -> int:
    """How many connections leave files for what else there is to open."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(files - 3 * BACKLOG - FILES_OF_OUR_OWN, 1) if files > 0 else MOST_FILES


def _allow_many_files(connections: int) -> None:
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES + connections
    if most != resource.RLIM_INFINITY:
        wanted = min(wanted, most)
    if 0 < files < wanted:
        # What the system says it may is not always what it lets it.
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises `ServerError`."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server(address[:2], family=family, backlog=BACKLOG)
        # asyncio does this for sockets that it opens itself. Without it an answer's second piece
        # waits for the client to acknowledge the first: 40 ms for each on a connection kept alive.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener  # noqa: TRY300
    except OSError as error:
        message = f"{host}, port {port}: {error.strerror}: choose another --host or --port"
        raise ServerError(message) from error


def configured(app: FastAPI, options: Options) -> uvicorn.Config:
    """How uvicorn serves the application."""
    return uvicorn.Config(
        app,
        host=options.host.strip("[]"),
        port=options.port,
        loop="asyncio",
        http=Protocol,
        ws="none",
        log_config=None,
        access_log=False,
        backlog=BACKLOG,
        server_header=False,
        h11_max_incomplete_event_size=options.largest_head,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=SECONDS_TO_FINISH,
    )


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        logging.Formatter("%(asctime)s.%(msecs)03d %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    )
    for name in ("skillmeat", "uvicorn"):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
