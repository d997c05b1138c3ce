"""What stays of what was erased: salted checksums and places, which keep an old copy from bringing it back.

Nothing of it can be read, and nothing here erases.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from cop_analysis.realist.records import COLLECTIONS, Document, Snapshot
from cop_analysis.realist.store.bodies import Key
from cop_analysis.realist.store.redact import Target, redacted
from cop_analysis.realist.store.schema import erased_turn, tombstone
from cop_analysis.realist.store.traces import (
    SHORTEST_QUOTE,
    Span,
    Traces,
    can_be_searched,
    digest_of,
    hashed,
    words_of,
)

RECORD, TEXT, NAME, PASSAGE = "record", "text", "name", "passage"
_WORDS: Final = (NAME, PASSAGE)


@dataclass(frozen=True)
class KeptOut:
    """A coding without what was erased elsewhere: what is left of it, records kept out, records redacted."""

    snapshot: Snapshot
    records: int = 0
    redacted: int = 0

    @property
    def sentence(self) -> str:
        """What was kept out, as the log notes it; empty where nothing was."""
        if not (self.records or self.redacted):
            return ""
        return f"{self.records:,} records erased before kept out, {self.redacted:,} redacted"


class Tombstones:
    """What a database remembers of erasures.

    Parameters
    ----------
    connection : Connection
        Of a database of a coding.
    study : str
        The key of its study.
    """

    def __init__(self, connection: Connection, study: str) -> None:
        self.study = study
        rows = connection.execute(select(tombstone)).all()
        self.digests = {row.digest for row in rows}
        self.salts = sorted({row.salt for row in rows})
        self.salt = next((salt for salt in self.salts if salt), "")
        self._of = {
            (salt, what): {row.digest: row.words for row in rows if row.salt == salt and row.what == what}
            for salt in self.salts
            for what in _WORDS
        }
        self.turns: dict[tuple[str, str], list[Span]] = {}
        for row in connection.execute(select(erased_turn)):
            self.turns.setdefault((row.document, row.sha256), []).append((row.start, row.stop))

    def __bool__(self) -> bool:
        return bool(self.digests or self.turns)

    def knows_all(self, names: Iterable[str]) -> bool:
        """Say whether these names were erased before, as far as they can be told from other words."""
        told = [name for name in names if can_be_searched(name)]
        return bool(told) and all(self._knows(NAME, words_of(name)) for name in told)

    def knows_record(self, key: Key) -> bool:
        """Say whether a record was erased before."""
        # Without salt it was written by the first workbench.
        return self._knows(RECORD, (self.study, *key)) or digest_of_old(self.study, key) in self.digests

    def _knows(self, what: str, parts: Iterable[str]) -> bool:
        words = tuple(parts)
        return any(digest_of(salt, what, words) in self.digests for salt in self.salts)

    def traces(self) -> Traces:
        """Give what is looked for in texts that come in."""
        found = {what: self._of.get((self.salt, what), {}) for what in _WORDS}
        names, passages = (hashed(self.salt, what, found[what], found[what].values()) for what in _WORDS)
        return Traces(names, passages)

    def keep_out(self, theirs: Snapshot) -> KeptOut:
        """Take out of a coding what was erased here, so that an old copy does not bring it back."""
        if not self:
            return KeptOut(theirs)
        records = {(name, one.id): one for name in COLLECTIONS.values() for one in getattr(theirs, name)}
        texts = {one.id: one.sha256.lower() for one in theirs.documents}
        gone = {key for key, one in records.items() if self._is_erased(key, one)}
        spans = {
            document: tuple(self.turns[document, sha256])
            for document, sha256 in texts.items()
            if (document, sha256) in self.turns
        }
        target = Target(spans=spans, traces=self.traces())
        growing = True
        while growing:
            left = {key: redacted(one, target, gone) for key, one in records.items() if key not in gone}
            more = {key for key, one in left.items() if one is None}
            gone |= more
            growing = bool(more)
        changed = sum(one != records[key] for key, one in left.items())
        collections: dict[str, list[Any]] = {name: [] for name in COLLECTIONS.values()}
        for key, one in left.items():
            collections[key[0]].append(one)
        snapshot = Snapshot(theirs.study, **{name: tuple(kept) for name, kept in collections.items()})
        return KeptOut(snapshot, len(gone), changed)

    def _is_erased(self, key: Key, one: Any) -> bool:
        if self.knows_record(key):
            return True
        return isinstance(one, Document) and bool(one.sha256) and self._knows(TEXT, (one.sha256.lower(),))


def remember(
    connection: Connection,
    study: str,
    gone: Collection[Key],
    *,
    texts: Iterable[str] = (),
    names: Iterable[str] = (),
    quotes: Iterable[str] = (),
    turns: Mapping[tuple[str, str], Iterable[Span]] | None = None,
) -> None:
    """Note what was erased.

    Parameters
    ----------
    connection : Connection
        In the transaction of the erasure.
    study : str
    gone : collection of (str, str)
        Records.
    texts : iterable of str
        Checksums of documents that went whole.
    names, quotes : iterable of str
        Words by which the person was named, and passages of theirs.
    turns : mapping
        By document and checksum of its text, where turns were erased.
    """
    known = Tombstones(connection, study)
    salt = known.salt or secrets.token_hex(16)
    rows: dict[str, dict[str, Any]] = {}

    def note(what: str, parts: tuple[str, ...], words: int = 0) -> None:
        digest = digest_of(salt, what, parts)
        if digest not in known.digests:
            rows[digest] = {"digest": digest, "what": what, "salt": salt, "words": words}

    for key in gone:
        note(RECORD, (study, *key))
    for sha256 in texts:
        note(TEXT, (sha256.lower(),))
    for name in names:
        parts = tuple(words_of(name))
        note(NAME, parts, len(parts))
    for quote in quotes:
        parts = tuple(words_of(quote))
        if len(parts) > 1 and len(quote.strip()) >= SHORTEST_QUOTE:
            note(PASSAGE, parts, len(parts))
    if rows:
        connection.execute(insert(tombstone), [rows[digest] for digest in sorted(rows)])
    spans = [
        {"document": document, "sha256": sha256.lower(), "start": start, "stop": stop}
        for (document, sha256), places in (turns or {}).items()
        for start, stop in places
        if (start, stop) not in known.turns.get((document, sha256.lower()), ())
    ]
    if spans:
        connection.execute(insert(erased_turn), spans)


def digest_of_old(study: str, key: Key) -> str:
    """Name a record as the first schema did, without salt."""
    return hashlib.sha256("\x1f".join((study, *key)).encode("utf-8", "surrogatepass")).hexdigest()
