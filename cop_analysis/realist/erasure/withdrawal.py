"""What a withdrawal means for a study: which documents, turns and files; and what is left to do by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import text
from sqlalchemy.engine import Connection

from cop_analysis.realist.documents.speakers import turns
from cop_analysis.realist.erasure.erase import Erasure, Ever, count, erase, ever, passages
from cop_analysis.realist.erasure.made_files import VERSIONED, WAYS, Cleaned, Way, clean_files, holds
from cop_analysis.realist.erasure.tombstones import Tombstones
from cop_analysis.realist.erasure.traces import Span, Target, Traces, as_speech, can_be_searched, words_of
from cop_analysis.realist.model import Coding
from cop_analysis.realist.model.json_form import FILE
from cop_analysis.realist.model.records import Document, Record
from cop_analysis.realist.store import log
from cop_analysis.realist.store.errors import CodingError
from cop_analysis.realist.store.log import Change
from cop_analysis.realist.store.migrate import backups
from cop_analysis.realist.store.store import Store
from cop_analysis.study.faults import nearest, visible

if TYPE_CHECKING:
    from cop_analysis.study import Study


_LISTED = 20

_OWN = (".db", ".db-wal", ".db-shm", ".db-journal", ".db.writer", ".part", ".part-journal")


@dataclass(frozen=True)
class Withdrawal:
    """Who withdraws, and where they may stand besides the coding.

    Parameters
    ----------
    person : str
        Their pseudonym; empty where a document is erased.
    names : tuple of str
        Other words by which they are named.
    document : str
        The document that is erased, where no person is.
    extracts : tuple of str
        Passages of theirs that no label tells.
    outputs : pathlib.Path
        The folder of reports; what is in it of this study is looked through.
    also : tuple of pathlib.Path
        Other folders and files that were made from this study.
    reports : {"redact", "remove", "keep"}
        What becomes of a file there that holds them.
    unlisted : bool
        Whether nobody of that pseudonym has to be in the tables or the texts.
    """

    person: str = ""
    names: tuple[str, ...] = ()
    document: str = ""
    extracts: tuple[str, ...] = ()
    outputs: Path = Path("outputs")
    also: tuple[Path, ...] = ()
    reports: Way = "redact"
    unlisted: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """Everything by which they are named."""
        return tuple(dict.fromkeys(one.strip() for one in (self.person, *self.names) if one.strip()))


@dataclass
class _Plan:
    """What is to be erased, and what is to be said about it."""

    target: Target
    said: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    remains: list[str] = field(default_factory=list)


class _Unwanted(Exception):
    """Rolls back an erasure that found nothing."""


class CodingFile(Protocol):
    """coding.json beside the database, as an erasure needs it."""

    def take_in(self) -> object:
        """Merge what was changed outside the database into it."""

    def save(self) -> bool:
        """Write it from the database, and say whether that could be done."""

    def in_step(self) -> bool:
        """Say whether the database knows what it says."""


def erase_from_study(
    coding: Coding,
    store: Store,
    file: CodingFile,
    study: Study | None,
    wanted: Withdrawal,
    who: str,
    *,
    look: bool = False,
) -> Erasure:
    """Erase a person or a document; see `KeptCoding.erase_person`. With `look`, only count what would go."""
    _judge(wanted)
    store.look()
    if not look:
        if not store.begun:
            # What is refused makes no database.
            _planned(coding, store, study, wanted)
        store.begin(who)
        # What coding.json says beyond the database is taken in first, so that it is erased as well.
        file.take_in()
        store.look()
    plan, everything, again = _planned(coding, store, study, wanted)
    traces = _traces(wanted, plan, passages(plan.target, everything, store.state))
    # Pages first: if this is stopped half-way, doing it again finishes it, and nothing that is needed for it is gone.
    roots = (wanted.outputs / store.address.study, *wanted.also)
    cleaned = clean_files(roots, traces, wanted.reports, look=look)
    erasure = _count(store, plan, traces, everything, cleaned) if look else _erase(store, plan, wanted, who, cleaned)
    if erasure.nothing and not look and not again:
        raise CodingError(
            "Nothing in the coding, its log, its conflicts or the reports holds what was to be erased, so nothing was "
            "changed. Check the pseudonym and the names."
        )
    left = [] if look else _clean_files(store)
    if not look and not file.save():
        left.append("coding.json could not be written anew and still holds what was erased: cop coding save STUDY.")
    if look and not file.in_step():
        left.append("coding.json was changed outside the database; its changes are merged first and not counted here.")
    remains = [*plan.remains, *_of_words(wanted), *_of_files(cleaned, roots), *left]
    remains += _of_identifiers(store, traces) + _of_study_folder(store.address.folder, traces)
    remains.append(
        "Colleagues' copies of the study (each coding.db is erased by itself), backups and the history in version "
        "control still hold it."
    )
    return replace(erasure, remains=tuple(dict.fromkeys(remains)))


def _judge(wanted: Withdrawal) -> None:
    if not wanted.document and not wanted.person.strip():
        raise CodingError("Name the person who withdraws by their pseudonym.")
    for name in wanted.names:
        if name.strip() and not words_of(name):
            raise CodingError(f"{visible(name)!r} holds no letter or digit, so it names nobody. Nothing was changed.")
    if wanted.reports not in WAYS:
        raise CodingError(f"Say of reports 'redact', 'remove' or 'keep', not {wanted.reports!r}. Nothing was changed.")


# --- what is to go -----------------------------------------------------------------------------------------------


def _planned(coding: Coding, store: Store, study: Study | None, wanted: Withdrawal) -> tuple[_Plan, Ever, bool]:
    """Say what is to be erased, from all there ever was, and whether it was erased before. Nothing is written."""
    study_key = store.state.study
    if store.begun:
        with store.reading() as connection:
            everything, known = ever(connection), Tombstones.of(connection, study_key)
    else:
        everything, known = Ever.of(store.state), Tombstones(study_key, store.first()[0].erased)
    again = known.knows_record(("documents", wanted.document)) if wanted.document else known.knows_all(wanted.words)
    if not (wanted.document or wanted.unlisted or known.knows_all([wanted.person])):
        _refuse_stranger(coding, store, study, wanted.person, everything)
    return _plan(coding, store, study, wanted, everything, again), everything, again


def _refuse_stranger(coding: Coding, store: Store, study: Study | None, person: str, everything: Ever) -> None:
    """Refuse a pseudonym that nobody bears: a word taken out of everything anybody wrote does not come back."""
    wanted = " ".join(words_of(person))
    held: dict[str, str] = {}
    for one in _everybody(coding, store, study, everything):
        held.setdefault(" ".join(words_of(one)), one)
        if wanted and wanted in held:
            return
    near = nearest(person.strip()[:200], held.values())
    raise CodingError(
        f"Nobody called {visible(person)!r} is in people.csv, among the people of documents.csv or the speakers of a "
        f"text, so nothing was changed. Check the pseudonym{f' ({visible(near)!r} is near)' if near else ''}; where "
        "they are only written about, say unlisted=True (--unlisted)."
    )


def _everybody(coding: Coding, store: Store, study: Study | None, everything: Ever) -> Iterator[str]:
    """Give everybody there is: in the tables first, then who speaks in the texts."""
    people = None if study is None else study.people
    if people is not None:
        yield from (one for one in people["person"] if isinstance(one, str))
    for listed in _people_of(study).values():
        yield from listed
    documents = {one: states[-1] for one, states in everything.documents().items() if states}
    for document in (documents | store.state.records["documents"]).values():
        yield from document.speakers or ()
        yield from (one.speaker for one in turns(_read(study, coding, document.id)[0], document.speakers))


def _plan(
    coding: Coding, store: Store, study: Study | None, wanted: Withdrawal, everything: Ever, again: bool
) -> _Plan:
    documents = {one: states[-1] for one, states in everything.documents().items() if states}
    documents |= store.state.records["documents"]
    for extract in wanted.extracts:
        if ("extracts", extract) not in everything.bodies:
            store.state.require("extracts", extract)
    if wanted.document:
        if wanted.document not in documents and not again:
            store.state.require("documents", wanted.document)
        plan = _Plan(Target(frozenset({wanted.document}), extracts=frozenset(wanted.extracts)))
        if wanted.document in documents:
            _take_whole(plan, coding, study, documents[wanted.document])
    else:
        plan = _of_person(coding, store, study, wanted, documents)
        if study is not None:
            plan.remains.append("Take their rows out of the study's tables (people, survey, ties, quotes and others).")
    for document in documents.values():
        if document.id not in plan.target.documents:
            plan.others += _staying(_read(study, coding, document.id)[0], plan.target.spans.get(document.id, ()))
    return plan


def _of_person(
    coding: Coding, store: Store, study: Study | None, wanted: Withdrawal, documents: dict[str, Document]
) -> _Plan:
    plan = _Plan(Target(extracts=frozenset(wanted.extracts)))
    people = _people_of(study)
    labels = {" ".join(words_of(one)) for one in wanted.words}
    whole: set[str] = set()
    spans: dict[str, tuple[Span, ...]] = {}
    texts: dict[str, str] = {}
    speech: dict[str, tuple[str, ...]] = {}
    for document in documents.values():
        present = {" ".join(words_of(one)) for one in people.get(document.id, ())}
        if present and present <= labels:
            whole.add(document.id)
            continue
        kept = document.id in store.state.records["documents"]
        read, why_not = _read(study, coding, document.id)
        their = [one for one in turns(read, document.speakers) if " ".join(words_of(one.speaker)) in labels]
        labelled = their or any(" ".join(words_of(one)) in labels for one in document.speakers or ())
        if not (labelled or present & labels):
            continue
        if kept and labelled:
            _refuse_other_text(document, read, why_not)
        if their:
            spans[document.id] = tuple((one.start, one.end) for one in their)
            texts[document.id] = _checksum(read)
            speech[document.id] = tuple(as_speech(read[one.speech_start : one.end]) for one in their)
            plan.said += [read[one.speech_start : one.end] for one in their]
            plan.remains.append(
                f"Take their turns out of {document.file}"
                + (f", then carry the coding over (cop coding replace STUDY {document.id})." if kept else ".")
            )
        elif why_not:
            plan.remains.append(
                f"{document.id} cannot be read ({why_not}), so what they said in it was not looked for."
            )
        else:
            plan.remains.append(
                f"In {document.file} no turn bears their label: read it, and name the passages that are theirs "
                "(extracts=..., or --extract)."
            )
    plan.target = replace(plan.target, documents=frozenset(whole), spans=spans, texts=texts, speech=speech)
    for identifier in sorted(whole):
        _take_whole(plan, coding, study, documents[identifier])
    return plan


def _take_whole(plan: _Plan, coding: Coding, study: Study | None, document: Document) -> None:
    read, _ = _read(study, coding, document.id)
    plan.said += [read[one.speech_start : one.end] for one in turns(read, document.speakers)]
    plan.remains.append(f"Delete {document.file} and the row of {document.id} in documents.csv.")


def _refuse_other_text(document: Document, read: str, why_not: str) -> None:
    if document.sha256 and (why_not or _checksum(read) != document.sha256.lower()):
        reason = f"cannot be read ({why_not})" if why_not else "is not the one that was coded"
        raise CodingError(
            f"They speak in {document.id}, and its text ({visible(document.file)}) {reason}, so where they speak is "
            f"not known. Nothing was changed. Put the text back, carry the extracts over to the new one first "
            f"(cop coding replace STUDY {document.id}), or erase the whole document."
        )


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _read(study: Study | None, coding: Coding, document: str) -> tuple[str, str]:
    """Read a text as it is now, or say why it cannot be."""
    read = coding.read_text if study is None else study.read_document
    if read is None:
        return "", "the coding was opened without its study"
    try:
        return read(document), ""
    except (ValueError, KeyError, OSError) as error:
        return "", " ".join(str(error).split()).rstrip(".")


def _staying(read: str, spans: Sequence[Span]) -> list[str]:
    """Give what of a text stays, in parts."""
    parts, last = [], 0
    for start, stop in sorted(spans):
        parts.append(read[last:start])
        last = stop
    return [*parts, read[last:]]


def _people_of(study: Study | None) -> dict[str, tuple[str, ...]]:
    documents = None if study is None else study.documents
    if documents is None or "people" not in documents:
        return {}
    listed = zip(documents["document"], documents["people"], strict=True)
    return {
        str(document): tuple(one.strip() for one in people.split(";") if one.strip())
        for document, people in listed
        if isinstance(people, str)
    }


def _traces(wanted: Withdrawal, plan: _Plan, quotes: Iterable[str]) -> Traces:
    return Traces.of(wanted.words, (*plan.said, *quotes), plan.others)


# --- doing it ----------------------------------------------------------------------------------------------------


def _count(store: Store, plan: _Plan, traces: Traces, everything: Ever, cleaned: Cleaned) -> Erasure:
    """Count what would go, without writing anything."""
    target = replace(plan.target, traces=traces)
    files = {"files": len(cleaned.redacted), "removed": len(cleaned.removed)}
    if not store.begun:
        return count(None, store.state, target, everything, **files)
    with store.reading() as connection:
        return count(connection, store.state, target, everything, **files)


def _erase(store: Store, plan: _Plan, wanted: Withdrawal, who: str, cleaned: Cleaned) -> Erasure:
    found: list[Erasure] = []

    def work(connection: Connection, counters: log.Head) -> Change:
        quotes = passages(plan.target, ever(connection), store.state)
        target = replace(plan.target, traces=_traces(wanted, plan, quotes), said=tuple(plan.said))
        names = [one for one in wanted.words if can_be_searched(one)]
        done, erasure = erase(
            connection,
            counters,
            store.state,
            target,
            who,
            names=names,
            files=len(cleaned.redacted),
            removed=len(cleaned.removed),
        )
        found.append(erasure)
        if not (erasure.records or erasure.redacted or erasure.entries or erasure.conflicts):
            raise _Unwanted
        return done

    with suppress(_Unwanted):
        store.write(who, work)
    return found[-1]


def _clean_files(store: Store) -> list[str]:
    """Leave nothing of what was erased in the pages of the database, its journal, its old copies and broken parts."""
    left: list[str] = []
    connector = store.connector
    path = store.address.path
    if path is None:
        with connector.writing() as connection:
            for name in backups(connection, store.address.schema, store.state.study):
                connection.execute(text(f'DROP SCHEMA "{name}" CASCADE'))
        with connector.alone() as connection:
            for table in ("entry", "record", "change", "conflict", "correction"):
                connection.execute(text(f'VACUUM FULL "{table}"'))
        return left
    try:
        with connector.alone() as connection:
            connection.exec_driver_sql("VACUUM")
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
    except CodingError:
        busy = 1
    if busy:
        left.append("Another process has the database open, so old pages are still in it: close it and erase again.")
    # Nobody else writes while this transaction is open, so a part of a file is what a killed process left.
    with connector.writing():
        copies = [*path.parent.glob(f"{path.stem}.before-*{path.suffix}"), *path.parent.glob(f".{path.name}.*.part*")]
        copies += store.address.folder.glob(f".{FILE}.*.part")
        copies += store.address.folder.glob(".ipynb_checkpoints/coding-checkpoint.json")
        for copy in copies:
            try:
                copy.unlink()
            except OSError as error:
                left.append(f"Delete {copy.name}, an old copy ({error.strerror or type(error).__name__}).")
    return left


# --- what is left to be done -------------------------------------------------------------------------------------


def _of_words(wanted: Withdrawal) -> list[str]:
    return [
        f"{visible(word)!r} is too short to be told from other words, so it was not looked for in texts: look yourself."
        for word in wanted.words
        if not can_be_searched(word)
    ]


def _of_files(cleaned: Cleaned, roots: Sequence[Path]) -> list[str]:
    said = []
    if cleaned.left:
        said.append(f"These files hold them and were left as they are: {_listed(cleaned.left)}.")
    if cleaned.unsearched:
        said.append(
            f"{len(cleaned.unsearched):,} pictures, files without words or with such inside could not be looked "
            f"through: {_listed(cleaned.unsearched)}."
        )
    if cleaned.spared:
        said.append(
            "Study folders, databases and version control are not written in, so nothing was looked for here: "
            f"{_listed(cleaned.spared)}."
        )
    missing = [root for root in roots if not root.exists()]
    if missing:
        said.append(f"There is no {_listed(missing)}: if reports lie elsewhere, name that folder (--outputs, --also).")
    if cleaned.redacted or cleaned.removed:
        said.append("Run the report again, so that its numbers are those without them.")
    return said


def _of_identifiers(store: Store, traces: Traces) -> list[str]:
    kept: list[Record] = [one for its in store.state.records.values() for one in its.values()]
    named = [one.id for one in kept if traces.found(one.id)]
    named += [one.file for one in store.state.records["documents"].values() if traces.found(one.file)]
    if not named:
        return []
    return [f"These identifiers or file names of records that stay hold a name of theirs: {_listed(named)}."]


def _of_study_folder(folder: Path, traces: Traces) -> list[str]:
    """List the files of the study that hold them still; they are the team's own, and are not rewritten."""
    found = []
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if not path.is_file() or path.is_symlink() or VERSIONED.intersection(inside.parts):
            continue
        if not path.name.endswith(_OWN) and path.name != FILE and holds(path, traces):
            found.append(inside)
    if not found:
        return []
    return [
        f"In the study folder these files hold them still: {_listed(found)}. In the text of a document write █ over "
        "each character of the name, so that the text keeps its length and every passage its place, then carry the "
        "coding over (cop coding replace STUDY DOCUMENT)."
    ]


def _listed(things: Sequence[object]) -> str:
    shown = ", ".join(visible(str(one)) for one in things[:_LISTED])
    return shown + (f" and {len(things) - _LISTED:,} more" if len(things) > _LISTED else "")
