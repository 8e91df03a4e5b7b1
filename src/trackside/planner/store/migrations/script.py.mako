"""${message}."""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Make this version from the one before."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Make the version before from this one."""
    ${downgrades if downgrades else "pass"}
