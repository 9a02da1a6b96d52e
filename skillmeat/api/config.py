"""What can be chosen when the HTTP server starts."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

KIB: Final = 1024


@dataclass(frozen=True, slots=True)
class Options:
    """How the server listens, and what it takes.

    Times are seconds, sizes bytes. `token` may read and write beside those that the database knows.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    token: str | None = None
    cors_origins: tuple[str, ...] = ()
    connections: int = 10
    wait_seconds: float = 5.0
    statement_seconds: float = 10.0
    request_seconds: float = 15.0
    largest_body: int = 1024 * KIB
    largest_head: int = 32 * KIB
    most_headers: int = 100
    refresh: bool = True

    @property
    def is_local(self) -> bool:
        """Whether nobody outside this machine can connect."""
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    """Whether `host` names this machine and nothing else."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
