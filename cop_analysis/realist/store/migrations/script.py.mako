"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None
needs = "the version of cop_analysis that reads it"


def upgrade() -> None:
    """Say what changes."""
    op.execute(sa.update(sa.table("head", sa.column("needs"))).values(needs=needs))
