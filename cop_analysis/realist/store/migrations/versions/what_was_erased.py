"""What was erased is known again by its words and by its place in a text, not only by the identifiers of records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a tombstone say what it is of, and note the turns that went."""
    op.add_column("tombstone", sa.Column("what", sa.Text, nullable=False, server_default="record"))
    op.add_column("tombstone", sa.Column("salt", sa.Text, nullable=False, server_default=""))
    op.add_column("tombstone", sa.Column("words", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "erased_turn",
        sa.Column("document", sa.Text, primary_key=True),
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("start", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("stop", sa.Integer, primary_key=True, autoincrement=False),
    )
