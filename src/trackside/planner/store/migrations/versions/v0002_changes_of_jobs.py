"""Jobs count their changes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make this version from the one before."""
    changes = sa.Column("changes", sa.Integer(), nullable=False, server_default="0")
    op.add_column("background_jobs", changes)


def downgrade() -> None:
    """Make the version before from this one."""
    op.drop_column("background_jobs", "changes")
