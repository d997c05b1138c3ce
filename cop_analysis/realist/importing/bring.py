"""A file of another program brought into a study folder: texts with their rows, records, and a report of both.

Whether a file is a coding or a text is asked here, and how the positions in it would be read.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cop_analysis.files import MOST_ARCHIVE, MOST_TABLE, fingerprint, read_file
from cop_analysis.realist.documents.containers import ExchangeError
from cop_analysis.realist.documents.speakers import turns
from cop_analysis.realist.exchange import registry
from cop_analysis.realist.exchange.offsets import KnownDocuments
from cop_analysis.realist.exchange.registry import Format, HowToRead, database_tables
from cop_analysis.realist.exchange.report import ExchangeReport, Item
from cop_analysis.realist.importing.unfinished import (
    at_work,
    finish_imports,
    merge_staged,
    people_of,
    place,
    plain_title,
    rows_of,
    safe_file,
    stage,
    take_back,
)
from cop_analysis.realist.model import COLLECTIONS, Coding, Document, Snapshot
from cop_analysis.realist.model.records import pointing_at
from cop_analysis.results import count_of
from cop_analysis.study.faults import visible

if TYPE_CHECKING:
    from cop_analysis.realist.coding import KeptCoding
    from cop_analysis.study import Study


TEXT: Final = "document"
"""What a file is called that is a text and no coding."""


def recognise(path: Path) -> str:
    """Say what a file or folder is: the name of its kind (`exchange.registry.formats`), or that it is a text.

    Raises
    ------
    ExchangeError
        When it is nothing that can be brought in, in one sentence that says what it is and what to do instead.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "any.name"
    >>> _ = place.write_text("P01: I rang her.")
    >>> recognise(place)
    'document'
    """
    kind = registry.recognise(path)
    return TEXT if kind is None else kind.name


QUOTES: Final = 5

READINGS: Final[Mapping[str, tuple[str, str]]] = {
    "Unicode code points": ("codepoint", "one"),
    "UTF-16 code units": ("utf16", "one"),
    "Unicode code points, line breaks as two": ("codepoint", "two"),
    "UTF-16 code units, line breaks as two": ("utf16", "two"),
}
"""The ways in which a file's positions may count, by what they are called: `offsets` and `line_breaks`."""


@dataclass(frozen=True)
class OffsetPreview:
    """A few quotes under every reading that gives other words.

    Parameters
    ----------
    readings : tuple of (str, str, str)
        What each reading is called, and the `offsets` and `line_breaks` that choose it.
    quotes : tuple of tuple of str
        For each quote its words under each reading, in that order.
    """

    readings: tuple[tuple[str, str, str], ...]
    quotes: tuple[tuple[str, ...], ...]

    @property
    def lines(self) -> list[str]:
        """The preview as lines of text, each reading with the options that choose it."""
        lines = []
        for position, (name, offsets, breaks) in enumerate(self.readings):
            lines.append(f"{name} (--offsets {offsets} --line-breaks {breaks}):")
            lines += [f"  “{visible(quote[position], 160)}”" for quote in self.quotes]
        return lines


class UnsettledOffsets(ExchangeError):
    """The selections of a file do not settle what its positions count; nothing was brought in."""

    def __init__(self, sentence: str, preview: OffsetPreview) -> None:
        super().__init__(sentence)
        self.preview = preview


def preview_of(read: Callable[[str, str], Coding]) -> OffsetPreview:
    """Read a file in every way and give the first quotes on which the ways differ.

    Parameters
    ----------
    read : callable
        Given `offsets` and `line_breaks`, the coding as that reading gives it.

    Examples
    --------
    >>> from cop_analysis.realist.model import Extract, Snapshot
    >>> def read(offsets, line_breaks):
    ...     quote = "trust" if offsets == "utf16" else "rust "
    ...     return Coding(Snapshot("d", extracts=(Extract("x", "D1", 0, 5, quote, "c", "a"),)))
    >>> preview_of(read).quotes
    (('rust ', 'trust'),)
    """
    found: dict[str, dict[str, str]] = {}
    for name, (offsets, breaks) in READINGS.items():
        words = {one.id: one.quote for one in read(offsets, breaks).snapshot.extracts}
        if words not in found.values():
            found[name] = words
    shared = [one for one in next(iter(found.values())) if all(one in words for words in found.values())]
    unlike = [one for one in shared if len({words[one] for words in found.values()}) > 1]
    chosen = (unlike or shared)[:QUOTES]
    return OffsetPreview(
        tuple((name, *READINGS[name]) for name in found),
        tuple(tuple(words[one] for words in found.values()) for one in chosen),
    )


_MARK: Final = 12
_NAMED: Final = 5


@dataclass(frozen=True)
class Imported:
    """What an import did to a study.

    Parameters
    ----------
    file : str
    kind : str
        What the file was recognised as.
    added : tuple of str
        The documents that are new in the study.
    known : tuple of str
        Documents of the file whose text the study had already.
    changed : int
        How many records of the coding were added or changed.
    conflicts : tuple of str
        What waits for a decision, a sentence each.
    report : ExchangeReport
        What was carried, changed and left on the way.
    preview : OffsetPreview or None
        Quotes under each reading of the file's positions, where that was asked for.
    is_kept : bool
        False where only a look was asked for and nothing was written.
    notices : tuple of str
        What could not be done beside it: coding.json was not written, the disk being full.
    """

    file: str
    kind: str
    added: tuple[str, ...]
    known: tuple[str, ...]
    changed: int
    conflicts: tuple[str, ...]
    report: ExchangeReport
    preview: OffsetPreview | None = None
    is_kept: bool = True
    notices: tuple[str, ...] = ()

    @property
    def taking_back(self) -> str:
        """What an undo takes back, and what it leaves."""
        if not (self.is_kept and self.changed):
            return ""
        said = f"An undo takes back the {count_of(self.changed, 'record')} of the coding"
        if not self.added:
            return f"{said}."
        few = ", ".join(self.added[:_NAMED]) + (f" and {len(self.added) - _NAMED:,} more" * (len(self.added) > _NAMED))
        texts = "text stays" if len(self.added) == 1 else "texts stay"
        return (
            f"{said}; the {texts} as {count_of(len(self.added), 'document')} nobody coded ({few}), until deleted from "
            "documents/ and documents.csv."
        )

    @property
    def sentence(self) -> str:
        """What the import did, in one sentence."""
        verb = "Brought in" if self.is_kept else "Looked at, and not brought in:"
        what = f"{verb} {self.file} ({self.kind})"
        if self.is_kept and not (self.added or self.changed):
            return f"{self.file} ({self.kind}) is in the study already; nothing changed."
        would = "" if self.is_kept else "would be "
        texts = f"{count_of(len(self.added), 'document')} {would}added"
        if self.known:
            texts += f", {count_of(len(self.known), 'document')} there already"
        return f"{what}: {texts}; {count_of(self.changed, 'record')} of the coding {would}added or changed."


def import_project(
    study: Path | str,
    file: Path | str,
    *,
    offsets: str = "auto",
    line_breaks: str = "auto",
    project: str = "",
    coder: str = "",
    look: bool = False,
) -> Imported:
    """Bring a coding project of another program into a study folder, whole or not at all.

    Parameters
    ----------
    study : path
        A study folder; it may be new, or hold texts and coding already.
    file : path
        REFI-QDA (.qdpx, .qde, .qdc), a Taguette or QualCoder project, or a table of coded segments (CSV, xlsx);
        recognised by what it holds.
    offsets : {"auto", "codepoint", "utf16"}
        What the positions of a REFI-QDA project or a table count in.
    line_breaks : {"auto", "one", "two"}
        How a line break written as CR LF counts in a REFI-QDA project.
    project : str
        Which project, where a Taguette file holds several.
    coder : str
        Who brings it in, for the log; the file's name where left out and several code.
    look : bool
        Only say what would be done; nothing is written.

    Returns
    -------
    Imported

    Raises
    ------
    UnsettledOffsets
        When the file does not settle what its positions count and nobody said; its `preview` holds five quotes under
        each reading. Nothing was brought in.
    ExchangeError
        When the file cannot be read, or nothing in it fits the study.
    StudyError
        When the study has faults.
    CodingError
        When the coding cannot be changed just now.

    Notes
    -----
    Records are merged by identifier; what both changed is a conflict that waits for a decision. A text that the study
    has already is not added again: its passages go to the document that is there. A file that was brought in before is
    compared with what it said then, so that bringing it in twice changes nothing and a newer export brings only what
    is new in it. One undo takes the records back; the texts stay, as documents that nobody coded.

    Examples
    --------
    >>> import tempfile
    >>> from cop_analysis.realist import Code, write_qdc
    >>> from cop_analysis.study import new_study
    >>> place = Path(tempfile.mkdtemp())
    >>> _ = write_qdc(Coding(Snapshot("x", codes=(Code("c1", "Trust"),))), place / "book.qdc")
    >>> folder = new_study(place / "forum")
    >>> import_project(folder, place / "book.qdc").sentence
    'Brought in book.qdc (REFI-QDA codebook): 0 documents added; 1 record of the coding added or changed.'
    >>> import_project(folder, place / "book.qdc").sentence
    'book.qdc (REFI-QDA codebook) is in the study already; nothing changed.'
    """
    from cop_analysis.realist.coding import start_coding
    from cop_analysis.realist.store import CodingError
    from cop_analysis.study import open_study

    folder, path = Path(study), Path(file)
    kind = registry.recognise(path)
    if kind is None:
        raise ExchangeError(
            f"{path.name} is a text and no coding project: bring it in with `cop coding import`, or in the workbench "
            "under Documents."
        )
    finish_imports(folder)
    with at_work(folder), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        opened = open_study(folder)
        coding = start_coding(opened)
        try:
            if coding.read_only and not look:
                raise CodingError(coding.why_read_only)
            return _brought(opened, folder, path, kind, coding, offsets, line_breaks, project, coder, look)
        finally:
            coding.close()


def _brought(
    opened: Study,
    folder: Path,
    path: Path,
    kind: Format,
    coding: KeptCoding,
    offsets: str,
    line_breaks: str,
    project: str,
    coder: str,
    look: bool,
) -> Imported:
    from cop_analysis.study import StudyError, check_folder

    known = _known_documents(opened, coding)

    def read(offsets: str, line_breaks: str) -> tuple[Coding, ExchangeReport]:
        assert kind.read is not None
        return kind.read(path, HowToRead(offsets, line_breaks, project, known))

    theirs, report = read(offsets, line_breaks)
    choice = report.offsets
    unsettled = choice is not None and not choice.is_settled
    preview = preview_of(lambda unit, breaks: read(unit, breaks)[0]) if unsettled or (look and choice) else None
    if unsettled and not look and preview is not None:
        raise UnsettledOffsets(
            f"{path.name} does not settle what its positions count, so nothing was brought in. Compare the quotes "
            "below, and choose the reading whose words are right.",
            preview,
        )
    plan = _Plan(folder, opened, coding, theirs, report)
    snapshot = kind.own_names(plan.snapshot(), path, project)
    snapshot = plan.without_erased(snapshot)
    name = f"{path.name} [{_digest(path)}]"
    base = _came_before(coding, path.name, name, snapshot)
    if look:
        from cop_analysis.realist.model.merging import merge_codings

        merged = merge_codings(coding.still(), Coding(snapshot), None if base is None else Coding(base))
        now, after = coding.snapshot, merged.coding.snapshot
        number = sum(
            len(set(getattr(after, one)) ^ set(getattr(now, one))) - _altered(now, after, one)
            for one in COLLECTIONS.values()
        )
        return Imported(path.name, kind.title, plan.added, plan.known, number, (), plan.report, preview, False)
    if not any(getattr(snapshot, one) for one in COLLECTIONS.values()):
        raise ExchangeError(f"{path.name} was not brought in: {plan.report.sentence}")
    table = folder / "documents.csv"
    before_rows = read_file(table, most=MOST_TABLE, inside=folder) if table.exists() else None
    before, told = coding.seq, len(coding.notices)
    conflicts_before = set(coding.conflicts["conflict"])
    staged = stage(folder, plan.texts, plan.rows, snapshot, base, {"source": name, "coder": coder})
    try:
        place(folder, staged)
        if plan.rows:
            errors = [fault for fault in check_folder(folder) if fault.severity == "error"]
            if errors:
                raise StudyError(errors)
        merge_staged(staged, coding)
    except FileNotFoundError:
        # Somebody who opened the study meanwhile has finished it.
        if staged.exists():
            take_back(folder, staged, before_rows)
            raise
    except BaseException:
        if staged.exists():
            take_back(folder, staged, before_rows)
        raise
    touched = {entry.key for change in coding.changed_since(before) for entry in change.entries}
    waiting = coding.conflicts
    fresh = waiting[~waiting["conflict"].isin(conflicts_before)]["sentence"].tolist()
    return Imported(
        path.name,
        kind.title,
        plan.added,
        plan.known,
        len(touched),
        tuple(fresh),
        plan.report,
        preview,
        notices=tuple(coding.notices[told:]),
    )


def _known_documents(study: Study, coding: Coding) -> KnownDocuments:
    """Gather the documents of a study with the codes and coders it has."""
    listed = KnownDocuments.of(study)
    snapshot = coding.snapshot
    documents = {**listed.documents, **{one.id: one for one in snapshot.documents if one.id in listed.documents}}
    coders = {one.name: one.id for one in snapshot.coders if one.name}
    return replace(listed, documents=documents, codes={one.id: one for one in snapshot.codes}, coders=coders)


class _Plan:
    """What an import brings: which documents are new, under which identifiers, and their rows."""

    def __init__(self, folder: Path, study: Study, coding: KeptCoding, theirs: Coding, report: ExchangeReport) -> None:
        self.folder, self.coding, self.theirs, self.report = folder, coding, theirs, report
        self.key = study.key
        self.texts: dict[str, str] = {}
        self.rows: list[dict[str, str]] = []
        self.renamed: dict[str, str] = {}
        self._documents: dict[str, Document] = {}
        self.gone: set[str] = set()
        _, rows = rows_of(folder / "documents.csv")
        self._ids = {row.get("document", "") for row in rows}
        files = {row.get("file", "").rsplit("/", 1)[-1].casefold() for row in rows}
        inside = folder / "documents"
        on_disk = {one.name.casefold() for one in inside.iterdir()} if inside.is_dir() else set()
        self._files = files | on_disk
        self._people = people_of(folder)
        self._by_text: dict[str, list[tuple[dict[str, str], str]]] = {}
        for row, text in _texts_of(study, rows):
            self._by_text.setdefault(_sum(text), []).append((row, text))
        for document in theirs.snapshot.documents:
            self._take(document)

    @property
    def documents(self) -> list[Document]:
        """The records of the documents, as the study names them."""
        return list(self._documents.values())

    @property
    def added(self) -> tuple[str, ...]:
        """The identifiers of the documents that are new."""
        return tuple(row["document"] for row in self.rows)

    @property
    def known(self) -> tuple[str, ...]:
        """The identifiers of the documents that were there already."""
        fresh = set(self.added)
        return tuple(dict.fromkeys(one.id for one in self.documents if one.id not in fresh))

    def snapshot(self) -> Snapshot:
        """Give the records under the study's key, with documents named as the study names them."""
        source = self.theirs.snapshot
        renamed = {"documents": {old: new for old, new in self.renamed.items() if old != new}}
        collections: dict[str, Any] = {
            name: tuple(pointing_at(one, renamed) for one in getattr(source, name)) for name in COLLECTIONS.values()
        }
        collections["documents"] = tuple(self.documents)
        collections["extracts"] = tuple(one for one in collections["extracts"] if one.document not in self.gone)
        whole = Snapshot(self.key, **collections)
        return whole if not self.gone else self._corrected(whole)

    def _corrected(self, whole: Snapshot) -> Snapshot:
        from cop_analysis.realist.exchange.references import correct_references
        from cop_analysis.realist.exchange.report import Ledger

        ledger = Ledger(self.report.sources[0] if self.report.sources else "")
        kept = correct_references(whole, ledger)
        self.report = replace(self.report, left=(*self.report.left, *ledger.left))
        return kept

    def without_erased(self, snapshot: Snapshot) -> Snapshot:
        """Keep out what was erased from this study: neither its records nor its texts come back."""
        from cop_analysis.realist.erasure.tombstones import Tombstones

        store = self.coding._store
        if not store.begun:
            return snapshot
        with store.reading() as connection:
            tombstones = Tombstones.of(connection, self.key)
        if not tombstones:
            return snapshot
        kept = tombstones.keep_out(snapshot).snapshot
        traces = tombstones.traces()
        allowed = {one.id for one in kept.documents}
        for row in list(self.rows):
            name, text = row["file"], self.texts[row["file"]]
            if row["document"] not in allowed or traces.found(text):
                self.rows.remove(row)
                del self.texts[name]
                self.gone.add(row["document"])
                self._leave(
                    row["document"], "it holds words that were erased from this study, so it was not brought in"
                )
        if not self.gone:
            return kept
        self._documents = {name: one for name, one in self._documents.items() if name not in self.gone}
        collections = {name: getattr(kept, name) for name in COLLECTIONS.values()}
        collections["documents"] = tuple(one for one in kept.documents if one.id not in self.gone)
        collections["extracts"] = tuple(one for one in kept.extracts if one.document not in self.gone)
        return self._corrected(Snapshot(self.key, **collections))

    # --- one document ------------------------------------------------------------------------------------------------

    def _take(self, document: Document) -> None:
        try:
            text = self.theirs.text(document.id)
            text.encode("utf-8")
        except (ValueError, KeyError, OSError):
            self._refuse(document, "its text holds characters that no text file can hold, or did not come along")
            return
        if not text.strip():
            self._refuse(document, "it holds no words")
            return
        same = self._by_text.get(_sum(text), [])
        if same:
            # Of two documents of one text the one that bears the same name is meant.
            row, here = next((one for one in same if one[0]["document"] == document.id), same[0])
            self.renamed[document.id] = row["document"]
            known = self.coding.snapshot.documents
            held = next((one for one in known if one.id == row["document"]), None)
            made = replace(document, id=row["document"], file=_inside(row["file"]), **_measures(here))
            self._documents.setdefault(made.id, held if held is not None and held.sha256 == made.sha256 else made)
            return
        if text.startswith(("PK\x03\x04", "%PDF", "{\\rtf", "\xd0\xcf\x11\xe0")):
            self._refuse(document, "its text begins as a file of another kind does, and could not be read again")
            return
        identifier = document.id
        number = 2
        while identifier in self._ids:
            identifier, number = f"{document.id}-{number}", number + 1
        self._ids.add(identifier)
        self.renamed[document.id] = identifier
        file = safe_file(document.file or document.title or identifier, self._files)
        self._files.add(file.casefold())
        speakers = document.speakers
        spoken = speakers if speakers is not None else tuple({turn.speaker for turn in turns(text) if turn.speaker})
        self.texts[file] = text
        self.rows.append(
            {
                "document": identifier,
                "file": file,
                "people": ";".join(sorted(one for one in spoken if one in self._people)),
                "title": plain_title(document.title),
            }
        )
        made = replace(document, id=identifier, file=_inside(file), **_measures(text))
        self._documents[identifier] = made
        self._by_text.setdefault(_sum(text), []).append((self.rows[-1], text))

    def _refuse(self, document: Document, reason: str) -> None:
        self.gone.add(document.id)
        self._leave(document.title or document.id, reason)

    def _leave(self, where: str, reason: str) -> None:
        self.report = replace(self.report, left=(*self.report.left, Item("document", where, reason)))


def _texts_of(study: Study, rows: Iterable[dict[str, str]]) -> Iterable[tuple[dict[str, str], str]]:
    for row in rows:
        with suppress(ValueError, OSError):
            yield row, study.unrestricted().read_document(row["document"])


def _inside(file: str) -> str:
    return file if file.startswith("documents/") else f"documents/{file}"


def _measures(text: str) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(text.encode("utf-8")).hexdigest(), "length": len(text)}


def _sum(text: str) -> str:
    return hashlib.sha256(text.rstrip().encode("utf-8", "surrogatepass")).hexdigest()


def _digest(path: Path) -> str:
    """Give a short checksum of a file, or of the database of a project that is a folder."""
    file = path / "data.qda" if path.is_dir() else path
    if database_tables(file) is not None:
        # A database is opened by SQLite alone; its moment and size tell one state from another well enough.
        found = file.stat()
        return hashlib.sha256(f"{found.st_size} {found.st_mtime_ns}".encode()).hexdigest()[:_MARK]
    return fingerprint(file, most=MOST_ARCHIVE)[1][:_MARK]


def _altered(before: Snapshot, after: Snapshot, name: str) -> int:
    """Count the records that are in both under another content, which a difference of sets counts twice."""
    kept = {one.id: one for one in getattr(before, name)}
    return sum(one.id in kept and kept[one.id] != one for one in getattr(after, name))


# --- identifiers -----------------------------------------------------------------------------------------------------


def _came_before(coding: KeptCoding, file: str, name: str, theirs: Snapshot) -> Snapshot | None:
    """Give what a file brought when it was last brought in, for the merge to set out from; None where it never was.

    A file that has not changed since says what it said then, whatever became of that here.
    """
    from cop_analysis.realist.store import log

    store = coding._store
    if not store.begun:
        return None
    with store.reading() as connection:
        undone = log.undone(connection)
        before = [
            one
            for one in log.history(connection)
            if one.verb == "merge" and one.action == "do" and one.id not in undone and one.note.startswith(f"{file} [")
        ]
        if not before:
            return None
        last = before[-1]
        if last.note.startswith(name):
            return theirs
        state = log.state_at(connection, last.entries[-1].seq, store.state.study)
    keys = {entry.key for one in before for entry in one.entries}
    keys |= {(collection, one.id) for collection in COLLECTIONS.values() for one in getattr(theirs, collection)}
    kept: dict[str, list[Any]] = {collection: [] for collection in COLLECTIONS.values()}
    for key in sorted(keys):
        record = state.get(key)
        if record is not None:
            kept[key[0]].append(record)
    return Snapshot(theirs.study, **{collection: tuple(records) for collection, records in kept.items()})
