"""Move a catalogue to another server, beside writers and readers, by logical replication."""

from skillmeat.moving.clients import Clients
from skillmeat.moving.move import Moved, abort_move, format_drop_command, move_catalogue
from skillmeat.moving.pooler import Pooler
from skillmeat.moving.publications import INSERT_ONLY_TABLES, LOCAL_TABLES, list_copied_tables
from skillmeat.moving.request import MoveRequest, OnProgress

__all__ = [
    "INSERT_ONLY_TABLES",
    "LOCAL_TABLES",
    "Clients",
    "MoveRequest",
    "Moved",
    "OnProgress",
    "Pooler",
    "abort_move",
    "format_drop_command",
    "list_copied_tables",
    "move_catalogue",
]
