"""Changes to a catalogue's schema: the statements, and the object that a check names."""

from tests.migration.tampering.code import CODE, functions
from tests.migration.tampering.harmless import HARMLESS
from tests.migration.tampering.privileges import PRIVILEGES
from tests.migration.tampering.tables import LOST, TABLES

TAMPERINGS = {**CODE, **TABLES, **PRIVILEGES}

__all__ = ["HARMLESS", "LOST", "TAMPERINGS", "functions"]
