"""The settings of the HTTP server."""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

KIB: Final = 1024


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """The address of the server, and its limits.

    Timeouts are in seconds. `token` may read and write, in addition to the tokens in the database.
    `connections` is the size of the pool. A request waits up to `pool_timeout` for a connection.
    `port` 0 means any free port. `import_sources` lets a request import recorded folders again; by
    default only a server that other machines cannot reach does so. A list of artifacts has those of
    `types`, or all if it is empty, unless the request names types. Reads go to the standbys of
    `read_url`, a libpq URL, that are at most `max_lag` seconds behind. With `all_services` the
    server serves every catalogue of libpq's service file, and each request needs a token of one of
    them; `connections` then includes those of the server itself. `metrics_token` may read the
    metrics.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    token: str | None = None
    cors_origins: tuple[str, ...] = ()
    connections: int = 10
    pool_timeout: float = 5.0
    statement_timeout: float = 10.0
    request_timeout: float = 15.0
    max_body_bytes: int = 1024 * KIB
    max_header_bytes: int = 32 * KIB
    max_headers: int = 100
    refresh: bool = True
    import_sources: bool | None = None
    types: tuple[str, ...] = ()
    read_url: str | None = None
    max_lag: float = 10.0
    all_services: bool = False
    metrics_token: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether only this machine can connect."""
        return is_loopback(self.host)

    @property
    def may_import(self) -> bool:
        """Whether a request may import recorded folders again."""
        return self.is_local if self.import_sources is None else self.import_sources


@lru_cache(128)
def is_loopback(host: str) -> bool:
    """Return whether `host` names this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
