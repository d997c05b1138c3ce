"""Records, the references between them, and the log to which entries are only ever added."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_APPENDED = ("change", "entry")
_REFUSAL = "the log of a coding is only ever added to"


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "head",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("study", sa.Text, nullable=False),
        sa.Column("record", sa.Integer, nullable=False),
        sa.Column("change", sa.Integer, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("needs", sa.Text, nullable=False),
        sa.CheckConstraint("one = 1", name="head_is_one_row"),
    )
    op.create_table(
        "record",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.UniqueConstraint("kind", "id", name="record_kind_id"),
    )
    op.create_table(
        "reference",
        sa.Column("source", sa.Integer, sa.ForeignKey("record.number"), primary_key=True, autoincrement=False),
        sa.Column("target", sa.Integer, sa.ForeignKey("record.number"), primary_key=True, autoincrement=False),
    )
    op.create_index("reference_target", "reference", ["target"])
    op.create_table(
        "change",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("verb", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("about", sa.Integer, sa.ForeignKey("change.id")),
        sa.Column("note", sa.Text, nullable=False),
        sa.CheckConstraint("action IN ('do', 'undo', 'redo', 'erase')", name="change_action"),
    )
    op.create_index("change_who", "change", ["who", "id"])
    op.create_index("change_about", "change", ["about"])
    op.create_table(
        "entry",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("change", sa.Integer, sa.ForeignKey("change.id"), nullable=False),
        sa.Column("record", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.Column("erased", sa.Integer, nullable=False),
    )
    op.create_index("entry_change", "entry", ["change"])
    op.create_index("entry_record", "entry", ["record", "seq"])
    op.create_table(
        "agreement",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
    )
    op.create_index("agreement_sha256", "agreement", ["sha256"])
    op.create_table(
        "conflict",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("change", sa.Integer, sa.ForeignKey("change.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("collection", sa.Text, nullable=False),
        sa.Column("record_id", sa.Text, nullable=False),
        sa.Column("fields", sa.Text, nullable=False),
        sa.Column("kept", sa.Text),
        sa.Column("other", sa.Text),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("settled", sa.Integer, sa.ForeignKey("change.id")),
    )
    op.create_table(
        "erasing",
        sa.Column("one", sa.Integer, primary_key=True, autoincrement=False),
        sa.CheckConstraint("one = 1", name="erasing_is_one_row"),
    )
    op.create_table("tombstone", sa.Column("digest", sa.Text, primary_key=True))
    _guard_the_log()


def _guard_the_log() -> None:
    """Let the database itself refuse a change to the log, except while a person is being erased from it."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_log_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "IF NOT EXISTS (SELECT 1 FROM erasing) THEN "
            f"RAISE EXCEPTION '{_REFUSAL}'; END IF; "
            "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
        )
        for table in _APPENDED:
            op.execute(
                f'CREATE TRIGGER guard_{table} BEFORE UPDATE OR DELETE ON "{table}" '
                "FOR EACH ROW EXECUTE FUNCTION refuse_log_change()"
            )
        return
    for table in _APPENDED:
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f'CREATE TRIGGER guard_{table}_{event.lower()} BEFORE {event} ON "{table}" '
                "WHEN NOT EXISTS (SELECT 1 FROM erasing) "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
