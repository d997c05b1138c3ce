"""The tables of a coding's database, as the newest migration leaves them; a test holds the two against each other.

`record` holds what is, `entry` every change that led there, and `reference` which record names which, so that the
database itself refuses a link to nothing. What a record says is kept as JSON (see `bodies`), because every kind of
record is kept in the same way. The numbers are counted by the one row of `head`, which every writer locks first: so
the log has no gaps and no reader can overlook an entry.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, MetaData, Table, Text, UniqueConstraint

SCHEMA_VERSION: Final = "0003"
"""The migration this workbench reads and writes; older databases are brought up to it, newer ones are refused."""

metadata: Final = MetaData()

head: Final = Table(
    "head",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("study", Text, nullable=False),
    Column("record", Integer, nullable=False),
    Column("change", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Column("needs", Text, nullable=False),
    CheckConstraint("one = 1", name="head_is_one_row"),
)

record: Final = Table(
    "record",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("kind", "id", name="record_kind_id"),
)

reference: Final = Table(
    "reference",
    metadata,
    Column("source", Integer, ForeignKey("record.number"), primary_key=True, autoincrement=False),
    Column("target", Integer, ForeignKey("record.number"), primary_key=True, autoincrement=False),
    Index("reference_target", "target"),
)

change: Final = Table(
    "change",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("about", Integer, ForeignKey("change.id")),
    Column("note", Text, nullable=False),
    CheckConstraint("action IN ('do', 'undo', 'redo', 'erase')", name="change_action"),
    Index("change_who", "who", "id"),
    Index("change_about", "about"),
)

entry: Final = Table(
    "entry",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("change", Integer, ForeignKey("change.id"), nullable=False),
    Column("record", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("erased", Integer, nullable=False),
    Index("entry_change", "change"),
    Index("entry_record", "record", "seq"),
)

agreement: Final = Table(
    "agreement",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Index("agreement_sha256", "sha256"),
)

conflict: Final = Table(
    "conflict",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("change", Integer, ForeignKey("change.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("collection", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("fields", Text, nullable=False),
    Column("kept", Text),
    Column("other", Text),
    Column("source", Text, nullable=False),
    Column("settled", Integer, ForeignKey("change.id")),
)

erasing: Final = Table(
    "erasing",
    metadata,
    Column("one", Integer, primary_key=True, autoincrement=False),
    CheckConstraint("one = 1", name="erasing_is_one_row"),
)

tombstone: Final = Table(
    "tombstone",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("what", Text, nullable=False, server_default="record"),
    Column("salt", Text, nullable=False, server_default=""),
    Column("words", Integer, nullable=False, server_default="0"),
)
"""Salted checksums of what was erased, so that an old copy of the coding does not bring it back: the names of records,
the checksums of documents, and the words of names and passages with how many they are."""

erased_turn: Final = Table(
    "erased_turn",
    metadata,
    Column("document", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("start", Integer, primary_key=True, autoincrement=False),
    Column("stop", Integer, primary_key=True, autoincrement=False),
)
"""Where in a text that stayed, known by its checksum, turns were erased; what an old copy holds there is kept out."""

correction: Final = Table(
    "correction",
    metadata,
    Column("change", Integer, ForeignKey("change.id"), primary_key=True, autoincrement=False),
    Column("document", Text, primary_key=True),
    Column("start", Integer, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
)
"""What a corrected text of a document changed in the one before, so that an undo gives the text back as well; emptied
by every erasure."""
