"""What stays of what was erased: salted checksums and places, which keep an old copy from bringing it back.

Nothing of it can be read, and nothing here erases.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from cop_analysis.realist.erasure.traces import (
    Known,
    Span,
    Target,
    Traces,
    Words,
    can_be_searched,
    digest_of,
    hashed,
    redacted,
    words_of,
)
from cop_analysis.realist.model.records import COLLECTIONS, Document, Erased, Extract, Key, Snapshot
from cop_analysis.realist.store.schema import erased_turn, tombstone

RECORD, TEXT, NAME, PASSAGE, TURN = "record", "text", "name", "passage", "turn"

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
    """What is remembered of erasures.

    Parameters
    ----------
    study : str
        The key of the study.
    marks : iterable of Erased
        As a coding.json holds them.
    turns : mapping
        By document and checksum of its text, where turns were erased, as only a database holds them.
    """

    def __init__(
        self, study: str, marks: Iterable[Erased] = (), turns: Mapping[tuple[str, str], list[Span]] | None = None
    ) -> None:
        self.study = study
        self.turns = dict(turns or {})
        rows = tuple(marks)
        self.digests = {one.digest for one in rows}
        self.salts = sorted({one.salt for one in rows})
        self.salt = next((salt for salt in self.salts if salt), "")
        self._rows = rows
        self._places = [one for one in rows if one.what == TURN]

    @classmethod
    def of(cls, connection: Connection, study: str) -> Tombstones:
        """Read what a database remembers."""
        marks = []
        for row in connection.execute(select(tombstone)):
            what, _, place = row.what.partition(" ")
            start, stop = map(int, place.split()) if place else (0, 0)
            marks.append(Erased(what, row.salt, row.digest, row.words, start, stop))
        turns: dict[tuple[str, str], list[Span]] = {}
        for row in connection.execute(select(erased_turn)):
            turns.setdefault((row.document, row.sha256), []).append((row.start, row.stop))
        return cls(study, marks, turns)

    def __bool__(self) -> bool:
        return bool(self.digests or self.turns)

    def marks(self) -> tuple[Erased, ...]:
        """Give what coding.json carries of it: nothing without salt, and no identifier of a document."""
        found = {one for one in self._rows if one.salt}
        for (document, sha256), spans in self.turns.items():
            # Where nothing else was noted there is no salt yet; this one is the same each time the file is written.
            salt = self.salt or digest_of("", TURN, (self.study, document, sha256))[:32]
            for start, stop in spans:
                digest = digest_of(salt, TURN, (document, sha256, str(start), str(stop)))
                found.add(Erased(TURN, salt, digest, 0, start, stop))
        return tuple(found)

    def _spans(self, document: str, sha256: str) -> tuple[Span, ...]:
        """Say where turns were erased in a text."""
        spans = dict.fromkeys(self.turns.get((document, sha256), ()))
        for one in self._places:
            place = (document, sha256, str(one.start), str(one.stop))
            if digest_of(one.salt, TURN, place) == one.digest:
                spans[one.start, one.stop] = None
        return tuple(spans)

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
        names, passages = (self._known(what) for what in _WORDS)
        return Traces(names, passages)

    def _known(self, what: str) -> Known:
        """Look for words of one kind, under every salt there is."""
        each = []
        for salt in self.salts:
            found = {one.digest: one.words for one in self._rows if (one.what, one.salt) == (what, salt)}
            if found:
                each.append(hashed(salt, what, found, found.values()))
        if len(each) == 1:
            return each[0]
        lengths = tuple(sorted({length for one in each for length in one.lengths}, reverse=True))
        return Known(lengths, lambda run: any(one.holds(run) for one in each))

    def keep_out(self, theirs: Snapshot, beside: Snapshot | None = None) -> KeptOut:
        """Take out of a coding what was erased here, so that an old copy does not bring it back.

        Parameters
        ----------
        theirs : Snapshot
            The coding that comes in.
        beside : Snapshot, optional
            What it is brought together with. What stands before and after a passage is taken from there where both have
            the passage, and from nowhere else: an old copy's may be the words of who was erased, and no checksum tells
            the few words that fit in there.
        """
        if not self:
            return KeptOut(theirs)
        records = {(name, one.id): one for name in COLLECTIONS.values() for one in getattr(theirs, name)}
        texts = {one.id: one.sha256.lower() for one in theirs.documents}
        gone = {key for key, one in records.items() if self._is_erased(key, one)}
        spans = {document: its for document, sha256 in texts.items() if (its := self._spans(document, sha256))}
        target = Target(spans=spans, traces=self.traces())
        growing = True
        while growing:
            left = {key: redacted(one, target, gone) for key, one in records.items() if key not in gone}
            more = {key for key, one in left.items() if one is None}
            gone |= more
            growing = bool(more)
        changed = sum(one != records[key] for key, one in left.items())
        clean = {} if beside is None else {_where(one): one for one in beside.extracts}
        for key, one in left.items():
            if isinstance(one, Extract) and (one.prefix or one.suffix):
                ours = clean.get(_where(one))
                around = ("", "") if ours is None else (ours.prefix, ours.suffix)
                left[key] = replace(one, prefix=around[0], suffix=around[1])
        collections: dict[str, list[Any]] = {name: [] for name in COLLECTIONS.values()}
        for key, one in left.items():
            collections[key[0]].append(one)
        kept = {name: tuple(kept) for name, kept in collections.items()}
        snapshot = Snapshot(theirs.study, **kept, erased=theirs.erased)
        return KeptOut(snapshot, len(gone), changed)

    def _is_erased(self, key: Key, one: Any) -> bool:
        if self.knows_record(key):
            return True
        return isinstance(one, Document) and bool(one.sha256) and self._knows(TEXT, (one.sha256.lower(),))


def _where(one: Extract) -> tuple[str, int, int, str]:
    return one.document, one.start, one.end, one.quote


def clean_around(one: Snapshot, known: Collection[str], other: Snapshot, known_to_other: Collection[str]) -> Snapshot:
    """Give the passages around which nothing stands that was erased from either of two codings.

    Whoever knows of every erasure has nothing of it around their passages; where each knows of one the other does not,
    only what both have alike is clean.

    Parameters
    ----------
    one, other : Snapshot
    known, known_to_other : collection of str
        The checksums each remembers.
    """
    if set(known_to_other) <= set(known):
        return one
    if set(known) <= set(known_to_other):
        return other
    theirs = {(*_where(each), each.prefix, each.suffix) for each in other.extracts}
    same = tuple(each for each in one.extracts if (*_where(each), each.prefix, each.suffix) in theirs)
    return Snapshot(one.study, extracts=same)


def remember(
    connection: Connection,
    study: str,
    gone: Collection[Key],
    *,
    texts: Iterable[str] = (),
    names: Iterable[str] = (),
    runs: Iterable[Words] = (),
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
    names : iterable of str
        Words by which the person was named.
    runs : iterable of tuple of str
        Parts of passages of theirs, as `parts_of` gives them: a few lengths only, because every run of such a length in
        a text that comes in is looked up.
    turns : mapping
        By document and checksum of its text, where turns were erased.
    """
    known = Tombstones.of(connection, study)
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
    for run in runs:
        note(PASSAGE, run, len(run))
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


def take_over(connection: Connection, study: str, marks: Iterable[Erased]) -> int:
    """Remember what was erased elsewhere, as a coding.json says it; give how much of it was not known here."""
    known = {one.digest for one in Tombstones.of(connection, study).marks()}
    rows = {
        one.digest: {
            "digest": one.digest,
            "what": f"{TURN} {one.start} {one.stop}" if one.what == TURN else one.what,
            "salt": one.salt,
            "words": one.words,
        }
        for one in marks
        if one.salt and one.digest not in known
    }
    if rows:
        connection.execute(insert(tombstone), [rows[digest] for digest in sorted(rows)])
    return len(rows)


def digest_of_old(study: str, key: Key) -> str:
    """Name a record as the first schema did, without salt."""
    return hashlib.sha256("\x1f".join((study, *key)).encode("utf-8", "surrogatepass")).hexdigest()
