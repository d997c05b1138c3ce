"""What a corrected text changed is kept, so that an undo gives the text back as well as the coding."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep what a correction changed."""
    op.create_table(
        "correction",
        sa.Column("change", sa.Integer, sa.ForeignKey("change.id"), primary_key=True, autoincrement=False),
        sa.Column("document", sa.Text, primary_key=True),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
    )
