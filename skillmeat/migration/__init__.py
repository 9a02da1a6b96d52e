"""Run Alembic's migrations, and compare the schema with its revision."""

from skillmeat.database.revision_state import MigrationStatus, get_status
from skillmeat.database.revisions import get_head
from skillmeat.migration.commands import downgrade, render_sql, upgrade
from skillmeat.migration.preview import DowngradePreview, preview_downgrade
from skillmeat.migration.provisioning import create_catalogue, drop_catalogue
from skillmeat.migration.schema_diff import (
    CheckResult,
    Difference,
    FixFailure,
    FixResult,
    check_schema,
    fix_schema,
)

__all__ = [
    "CheckResult",
    "Difference",
    "DowngradePreview",
    "FixFailure",
    "FixResult",
    "MigrationStatus",
    "check_schema",
    "create_catalogue",
    "downgrade",
    "drop_catalogue",
    "fix_schema",
    "get_head",
    "get_status",
    "preview_downgrade",
    "render_sql",
    "upgrade",
]
