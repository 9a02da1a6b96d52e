"""${message}.

Revises: ${down_revision}
"""

from alembic import op
from skillmeat.migration.environment import install
${imports if imports else ""}

revision = "${up_revision}"
down_revision = "${down_revision}"


def upgrade() -> None:
    """Say what it adds."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Say what it removes."""
    ${downgrades if downgrades else "pass"}
