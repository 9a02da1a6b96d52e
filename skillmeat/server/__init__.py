"""A real PostgreSQL from a wheel: started on first use, reached over a unix socket, durable."""

from skillmeat.server.binaries import find_binaries
from skillmeat.server.catalogue import CATALOGUE_DATABASE, catalogue_url, given_url
from skillmeat.server.cluster import start, stop
from skillmeat.server.databases import ensure_database
from skillmeat.server.state import ServerStatus, full_version, status
from skillmeat.server.throwaway import throwaway
from skillmeat.server.urls import with_database, without_password

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
