"""The HTTP server: uvicorn with deadlines for slow clients and a limit on connections."""

import asyncio
import logging
import resource
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import closing, suppress
from typing import Final

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from skillmeat.api.config import ServerConfig
from skillmeat.errors import ServerError

LOGGER: Final = logging.getLogger("skillmeat.api")
SHUTDOWN_TIMEOUT: Final = 10
REQUEST_TIMEOUT: Final = 15
WRITE_TIMEOUT: Final = 60
# Requests that a client has sent before the response to an earlier one. Browsers send none.
MAX_PIPELINED: Final = 100
FRAMING: Final = (b"host", b"content-length", b"transfer-encoding")
# asyncio accepts up to BACKLOG connections at once, and as many again before it closes the first.
# Without a free file descriptor it only logs a traceback for each connection.
BACKLOG: Final = 128
RESERVED_FILES: Final = 128
MAX_FILES: Final = 16384


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol by httptools, with bounds on what a client sends, and with deadlines.

    The deadlines for sending and reading prevent slowloris attacks. httptools stores a head of any
    size, and uvicorn any number of pipelined requests.
    """

    _request_timer: asyncio.TimerHandle | None = None
    _write_timer: asyncio.TimerHandle | None = None
    _is_in_head = True
    _has_progressed = False
    _is_complete = False
    # The bytes since the last complete head, piece of a body or end of a request.
    _pending = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the first request's deadline, or close a connection that exceeds the limit."""
        super().connection_made(transport)
        if len(self.connections) > max_connections():
            transport.abort()
        self._start_request_timer()

    def data_received(self, data: bytes) -> None:
        """Parse the data in pieces, and close the connection if a bound is exceeded.

        Start the deadline of an incomplete request; stop it once the request is complete.
        """
        most = self.config.h11_max_incomplete_event_size or len(data)
        for start in range(0, len(data), most):
            piece = data[start : start + most]
            self._has_progressed = False
            super().data_received(piece)
            if self.transport.is_closing():
                return
            self._pending = 0 if self._has_progressed else self._pending + len(piece)
            if self._pending > most:
                self.send_400_response(f"The head of the request exceeds {most} bytes.")
                return
            if len(self.pipeline) > MAX_PIPELINED:
                self.transport.abort()
                return
        if not self._is_complete or self._has_responded():
            self._start_request_timer()
        elif self._request_timer is not None:
            self._request_timer.cancel()
            self._request_timer = None

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._is_in_head = True
        self._is_complete = False
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, and leave out a trailer behind a body."""
        if self._is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start to answer, or raise `ValueError`, which the caller answers with 400."""
        self._is_in_head = False
        self._has_progressed = True
        upgrades = self.parser.should_upgrade()
        _refuse_ambiguous(self.headers, self.parser.get_http_version(), upgrades=upgrades)
        super().on_headers_complete()
        if upgrades:
            # httptools takes what follows for the other protocol.
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        self._has_progressed = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request."""
        self._has_progressed = self._is_complete = True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Close the connection after a response to a request that is still arriving."""
        if not self.pipeline and self.cycle.more_body:
            self.transport.close()
        super().on_response_complete()

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

    def _has_responded(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _start_request_timer(self) -> None:
        if self._request_timer is None:
            self._request_timer = self.loop.call_later(REQUEST_TIMEOUT, self._close_unfinished)

    def _close_unfinished(self) -> None:
        self._request_timer = None
        # The application itself answers 408 to a request that it is handling.
        if self._has_responded():
            self.timeout_keep_alive_handler()


def _refuse_ambiguous(
    headers: Sequence[tuple[bytes, bytes]], version: str, *, upgrades: bool
) -> None:
    """Raise `ValueError` for what a proxy may understand differently: request smuggling.

    httptools itself refuses two lengths, a length beside a transfer coding, and folded lines.
    """
    framing: dict[bytes, list[bytes]] = {name: [] for name in FRAMING}
    for name, value in headers:
        if name in framing:
            framing[name].append(value.lower())
    hosts, lengths, codings = framing.values()
    is_old = version == "1.0"
    if len(hosts) > 1 or not (hosts or is_old):
        message = "a request of HTTP/1.1 has one Host"
    elif codings and (is_old or codings != [b"chunked"]):
        message = "the only transfer coding is chunked, in HTTP/1.1"
    elif upgrades and (codings or lengths not in ([], [b"0"])):
        message = "a request with a body upgrades to no other protocol"
    else:
        return
    raise ValueError(message)


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
        # uvloop where it is installed.
        loop="auto",
        http=BoundedProtocol,
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
