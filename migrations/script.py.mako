"""${message}.

Revises: ${down_revision}
"""

from alembic import op

from skillmeat.migration.environment import install
% if imports:
${imports}
% endif

revision = "${up_revision}"
down_revision = "${down_revision}"


def upgrade() -> None:
    """Say what it adds."""
% if upgrades:
    ${upgrades}
% endif


def downgrade() -> None:
    """Say what it removes."""
% if downgrades:
    ${downgrades}
% endif
