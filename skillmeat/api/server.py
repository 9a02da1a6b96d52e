"""The HTTP server: uvicorn with deadlines for slow clients and a limit on connections."""

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

from skillmeat.api.config import ServerConfig
from skillmeat.errors import ServerError

LOGGER: Final = logging.getLogger("skillmeat.api")
SHUTDOWN_TIMEOUT: Final = 10
REQUEST_TIMEOUT: Final = 15
WRITE_TIMEOUT: Final = 60
# asyncio accepts up to BACKLOG connections at once, and as many again before it closes the first.
# Without a free file descriptor it only logs a traceback for each connection.
BACKLOG: Final = 128
RESERVED_FILES: Final = 128
MAX_FILES: Final = 16384


class DeadlineProtocol(H11Protocol):
    """uvicorn's HTTP protocol with deadlines for sending and reading, against slowloris attacks."""

    _request_timer: asyncio.TimerHandle | None = None
    _write_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the first request's deadline, or close a connection that exceeds the limit."""
        super().connection_made(transport)
        if len(self.connections) > max_connections():
            transport.abort()
        self._start_request_timer()

    def data_received(self, data: bytes) -> None:
        """Start the deadline of an incomplete request; stop it once the request is complete."""
        super().data_received(data)
        if self.conn.their_state in (h11.IDLE, h11.SEND_BODY):
            self._start_request_timer()
        elif self._request_timer is not None:
            self._request_timer.cancel()
            self._request_timer = None

    def pause_writing(self) -> None:
        """Start the deadline in which the client must read the buffered response."""
        super().pause_writing()
        self._write_timer = self.loop.call_later(WRITE_TIMEOUT, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop the deadline, because the client has read most of the buffer."""
        super().resume_writing()
        if self._write_timer is not None:
            self._write_timer.cancel()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection, even if the client has not read its last response."""
        super().timeout_keep_alive_handler()
        self.loop.call_later(WRITE_TIMEOUT, self.transport.abort)

    def _start_request_timer(self) -> None:
        if self._request_timer is None:
            self._request_timer = self.loop.call_later(REQUEST_TIMEOUT, self._close_unfinished)

    def _close_unfinished(self) -> None:
        self._request_timer = None
        # The application itself answers 408 to a request that it is handling.
        if self.cycle is None or self.cycle.response_complete:
            self.timeout_keep_alive_handler()


def serve(app: FastAPI, config: ServerConfig) -> None:
    """Serve until SIGTERM or SIGINT, then answer the running requests and stop.

    Raises `ServerError` if the server cannot listen.
    """
    _log_to_stderr()
    _raise_file_limit(config.connections)
    with closing(open_listener(config.host.strip("[]"), config.port)) as listener:
        host, port, *_ = listener.getsockname()
        shown = f"[{host}]" if ":" in host else host
        LOGGER.info("serving http://%s:%s/ (API: /api/v1, reference: /docs)", shown, port)
        server = uvicorn.Server(uvicorn_config(app, config))
        # uvicorn raises the signal again after it has stopped: SIGTERM would kill the process.
        signal.signal(signal.SIGTERM, lambda *_: setattr(server, "should_exit", True))
        server.run(sockets=[listener])


def max_connections() -> int:
    """Return the number of connections that leaves enough file descriptors for everything else."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(files - 3 * BACKLOG - RESERVED_FILES, 1) if files > 0 else MAX_FILES


def _raise_file_limit(connections: int) -> None:
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_FILES + connections
    if most != resource.RLIM_INFINITY:
        wanted = min(wanted, most)
    if 0 < files < wanted:
        # A container may refuse a limit that the hard limit allows.
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def open_listener(host: str, port: int) -> socket.socket:
    """Open a listening socket. Raises `ServerError`."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.create_server(address[:2], family=family, backlog=BACKLOG)
        # asyncio sets this only on its own sockets. Without it Nagle's algorithm delays the second
        # packet of a response until the client acknowledges the first: 40 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener  # noqa: TRY300
    except OSError as error:
        message = f"{host}, port {port}: {error.strerror}: choose another --host or --port"
        raise ServerError(message) from error


def uvicorn_config(app: FastAPI, config: ServerConfig) -> uvicorn.Config:
    """Configure uvicorn for the application."""
    return uvicorn.Config(
        app,
        host=config.host.strip("[]"),
        port=config.port,
        loop="asyncio",
        http=DeadlineProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        backlog=BACKLOG,
        server_header=False,
        h11_max_incomplete_event_size=config.max_header_bytes,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=SHUTDOWN_TIMEOUT,
    )


def _log_to_stderr() -> None:
    # The lines have no place for what these look up for every line.
    logging._srcfile = None  # noqa: SLF001 - as logging's documentation has it
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        logging.Formatter("%(asctime)s.%(msecs)03d %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    )
    for name in ("skillmeat", "uvicorn"):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
