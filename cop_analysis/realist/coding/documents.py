"""The documents of a coding: taken in, replaced by a corrected text, read as they are and as they were coded.

A corrected text is read from whatever file holds it, and put in the place of the one that was coded. Where the extracts
go is decided in `model.reanchoring`; the change itself is a verb of the coding. An undo or a redo of it turns the file
as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import replace as changed
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from sqlalchemy import insert, select
from sqlalchemy.engine import Connection

from cop_analysis.files import MOST_TEXT, is_full, put_whole, read_file, reason_of
from cop_analysis.realist.coding import agree
from cop_analysis.realist.coding.keeping import Table, Who
from cop_analysis.realist.documents.speakers import kept_speakers
from cop_analysis.realist.documents.speech import is_captions
from cop_analysis.realist.model import Coding
from cop_analysis.realist.model.reanchoring import Reanchored, reanchor
from cop_analysis.realist.model.records import Document
from cop_analysis.realist.store.errors import ChangedElsewhere, CodingError, Full
from cop_analysis.realist.store.log import Act, Action, Change
from cop_analysis.realist.store.schema import correction
from cop_analysis.realist.store.state import Changes, State, from_body
from cop_analysis.study.documents import locate, read_text
from cop_analysis.study.faults import visible

if TYPE_CHECKING:
    from cop_analysis.study import Study


class Documents(Table):
    """The documents that are coded: ``coding.documents``."""

    reads = "documents"

    def add(
        self,
        document: str | Document,
        *,
        file: str = "",
        title: str = "",
        speakers: tuple[str, ...] | None = None,
        attributes: tuple[tuple[str, str], ...] = (),
        coder: Who = None,
    ) -> Document:
        """Take a document of the study into its coding, with the checksum of its text.

        Parameters
        ----------
        document : str or Document
            Its identifier in documents.csv; or a whole record, as reading a transcript gives it.
        file, title : str
            Taken from documents.csv where left out.
        speakers, attributes
            As `Document` says.

        Raises
        ------
        CodingError
            When it is in the coding already, or its text cannot be read.
        """
        if isinstance(document, Document):
            return self._add(Act.ADD_DOCUMENT, coder, document)
        made = self.as_taken_in(document)
        made = changed(made, speakers=made.speakers if speakers is None else speakers, attributes=attributes)
        made = changed(made, file=file or made.file, title=title or made.title)
        return self._add(Act.ADD_DOCUMENT, coder, made)

    def take_in(self, document: str, *, coder: Who = None) -> Document:
        """Take a document of the study into its coding where it is not there yet; no undo ever takes it out again.

        Others may code it by the time somebody undoes the first thing they did in it.

        Raises
        ------
        CodingError
            When its text cannot be read.
        """
        known = self._state.get(("documents", document)) or self._store.look().get(("documents", document))
        if isinstance(known, Document):
            return known
        made = self.as_taken_in(document)
        key = ("documents", document)
        self._transact(Act.TAKE_IN, lambda state: {} if state.get(key) is not None else {key: made}, coder)
        taken: Document = self._state.require("documents", document)
        return taken

    def replace(
        self,
        document: str | Document,
        *,
        text: str | None = None,
        file: Path | str | None = None,
        coder: Who = None,
    ) -> Reanchored:
        """Carry the coding of a document over to its corrected text, in one transaction.

        Parameters
        ----------
        document : document or identifier
        text : str, optional
            The whole corrected text; it is put in the place of the document's file.
        file : path, optional
            The corrected file instead (.txt, .md, .docx, .vtt, .srt), read as the workbench reads it. With neither, the
            document's own file holds the corrected text already.
        coder : coder or identifier, optional

        Returns
        -------
        Reanchored
            What was placed again and what could not be; no extract is lost. Selections that are kept for another
            program move along.

        Raises
        ------
        ChangedElsewhere
            When somebody replaced the text, or moved an extract in it, since this process last looked.
        CodingError
            When the text cannot be read or written; the old one then stands in its place.
        """
        coding, who = self._coding, self._who(coder)
        identifier: str = self._state.require("documents", document).id
        corrected = corrected_text(text, None if file is None else Path(file))
        before = dict(coding._texts)
        put_back: Callable[[], None] | None = None
        if corrected is not None:
            with suppress(CodingError):
                before[identifier] = self.read_anew(identifier)
            put_back = put_text(coding._study, identifier, corrected)
        found: list[Reanchored] = []

        def edit(state: State) -> Changes:
            state.require("documents", identifier)
            # What was read before stands in for the old text, where it was read at all.
            result = reanchor(Coding(state.snapshot(), before.__getitem__), identifier, now)
            found.append(result)
            return agree.difference(state, result.coding.snapshot)

        try:
            now = self.read_anew(identifier)
            kept = keep_text(identifier, before.get(identifier), now)
            self._store.change(str(Act.REPLACE_DOCUMENT), who, edit, beside=kept)
            coding._settle()
        except BaseException as error:
            if put_back is not None:
                put_back()
                coding._texts.pop(identifier, None)
            if isinstance(error, ValueError) and not isinstance(error, CodingError):
                raise CodingError(f"{' '.join(str(error).split())} Nothing was changed.") from None
            raise
        return found[-1]

    def delete(
        self,
        document: str | Document,
        *,
        extracts: Literal["delete"] | None = None,
        coder: Who = None,
    ) -> None:
        """Take a document out of the coding; the file stays where it is.

        Raises
        ------
        InUse
            When something uses it and ``extracts="delete"`` was not said.
        """
        self._delete(Act.DELETE_DOCUMENT, coder, "documents", document, extracts, "extracts='delete'")

    def read_anew(self, document: str) -> str:
        """Read a text as it is now, whatever was read before.

        Raises
        ------
        CodingError
            When it cannot be read.
        """
        coding = self._coding
        if coding.read_text is None:
            raise CodingError("This coding was opened without its study, so its documents cannot be read.")
        try:
            text: str = coding.read_text(document)
        except (ValueError, OSError, KeyError) as error:
            raise CodingError(" ".join(str(error).split())) from error
        coding._texts[document] = text
        return text

    def as_taken_in(self, document: str) -> Document:
        """Give a document of the study as its coding takes it in, with the checksum of its text."""
        text = self.read_anew(document)
        file, title = self._coding._listed_documents().get(document, ("", ""))
        study = self._coding._study
        folder = None if study is None else study.folder
        speakers = None if folder is None else kept_speakers(folder, document)
        return Document(document, file or f"documents/{document}.txt", title, _checksum(text), len(text), speakers)

    def as_coded(self, document: Document) -> str:
        """Read the text of a document as it was coded.

        Raises
        ------
        CodingError
            When it was replaced since.
        """
        text = self.read_anew(document.id)
        if document.sha256 and _checksum(text) != document.sha256.lower():
            raise CodingError(
                f"The text of {document.id} ({visible(document.file)}) is not the one that was coded: it was replaced "
                "since. Nothing was changed. Put the old text back, or carry its extracts over to the new one first "
                f"(the button of the coding panel, or cop coding replace STUDY {document.id})."
            )
        return text


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


_PLAIN = (".txt", ".md", ".markdown", ".text", "")


def corrected_text(text: str | None, file: Path | None) -> str | None:
    """Give the corrected text that was handed over; None where the document's own file holds it.

    Parameters
    ----------
    text : str or None
    file : pathlib.Path or None
        Plain text is taken as it is; Word files and captions are read as turns, as the workbench reads them.

    Raises
    ------
    CodingError
        When both are given, or the file holds no text.
    """
    if text is not None and file is not None:
        raise CodingError("Give the corrected text or the file that holds it, not both. Nothing was changed.")
    if file is None:
        return None if text is None else text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not file.exists():
        raise CodingError(f"There is no file {file}. Nothing was changed: name the corrected file.")
    from cop_analysis.realist.documents.text_document import read_text_document

    try:
        if file.suffix.lower() in _PLAIN:
            found = read_text(file)
            return read_text_document(file).text if is_captions(found) else found
        return read_text_document(file).text
    except (ValueError, OSError) as error:
        said = " ".join(str(error).split()).rstrip(".")
        named = said if file.name in said else f"{visible(file.name)} {said}"
        raise CodingError(f"{named}. Nothing was changed.") from None


def written_like(before: bytes | None, text: str) -> bytes:
    """Write a text with the byte order mark and the line ends its file had, so that only what was corrected differs.

    Examples
    --------
    >>> written_like(b"\\xef\\xbb\\xbfold\\r\\n", "new\\n"), written_like(None, "new\\n")
    (b'\\xef\\xbb\\xbfnew\\r\\n', b'new\\n')
    """
    held = before or b""
    lines = text.replace("\n", "\r\n") if b"\r\n" in held else text
    return lines.encode("utf-8-sig" if held.startswith(b"\xef\xbb\xbf") else "utf-8")


def put_text(study: Study | None, document: str, text: str) -> Callable[[], None]:
    """Put a text in the place of a document's file; give what puts the old one back.

    Raises
    ------
    CodingError
        When the text is empty, or the file cannot be written.
    """
    if not text.strip():
        raise CodingError("The corrected text is empty. Nothing was changed: give the whole text of the document.")
    listed = None if study is None or study.folder is None else study.documents
    files = {} if listed is None else dict(zip(listed["document"], listed["file"], strict=True))
    if study is None or study.folder is None or document not in files:
        raise CodingError(f"documents.csv does not list {document}, so there is no file to put the text in.")
    try:
        path = locate(study.folder, str(files[document])).resolve()
        before = read_file(path, most=MOST_TEXT, inside=study.folder) if path.is_file() else None
        put_whole(path, written_like(before, text))
    except (ValueError, OSError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else " ".join(str(error).split()).rstrip(".")
        kind = Full if isinstance(error, OSError) and is_full(error) else CodingError
        raise kind(f"The file of {document} could not be written ({reason}). Nothing was changed.") from None

    def put_back() -> None:
        if before is None:
            path.unlink(missing_ok=True)
        else:
            put_whole(path, before)

    return put_back


def keep_text(document: str, before: str | None, after: str) -> Callable[[Connection, Change], None]:
    """Give what keeps a text that was corrected, where it is the one that was coded."""

    def keep(connection: Connection, done: Change) -> None:
        was = _sha256_before(done, document)
        if before is not None and was in ("", _checksum(before)):
            keep_correction(connection, done.id, document, Correction.between(before, after))

    return keep


class TextsTurned:
    """Turns the files of documents while an undo or a redo turns their coding; both happen, or neither.

    Parameters
    ----------
    study : Study or None
    read_text : callable
        Gives the text of a document as its file says it now.
    """

    def __init__(self, study: Study | None, read_text: Callable[[str], str]) -> None:
        self._study = study
        self._read_text = read_text
        self._put_back: list[tuple[str, Callable[[], None]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            for document, put_back in reversed(self._put_back):
                put_back()
                self._read_text(document)

    def __call__(self, connection: Connection, about: Change, action: Action, changes: Changes) -> None:
        """Turn the files of a change that corrected a text.

        Raises
        ------
        CodingError
            When the text is not kept, or the file says something else by now.
        """
        if about.verb != Act.REPLACE_DOCUMENT:
            return
        for one in about.entries:
            new = changes.get(one.key)
            found = one.after if action == "undo" else one.before
            if isinstance(new, Document) and found is not None:
                now = from_body("documents", found)
                assert isinstance(now, Document)
                if now.sha256 != new.sha256:
                    self._turn(connection, about, action, now, new)

    def _turn(self, connection: Connection, about: Change, action: Action, now: Document, new: Document) -> None:
        text = self._read_text(new.id)
        if _checksum(text) == new.sha256.lower():
            return
        done = "undone" if action == "undo" else "done again"
        said = f"Change {about.id} ({about.verb.replace('_', ' ')}) cannot be {done}: "
        if now.sha256 and _checksum(text) != now.sha256.lower():
            raise ChangedElsewhere(
                f"{said}the file of {new.id} ({visible(new.file)}) was changed since. Nothing was changed: carry the "
                f"coding over to it first (cop coding replace STUDY {new.id}), or put the right text back in the file."
            )
        kept = find_correction(connection, about.id, new.id)
        wanted = None if kept is None else kept.turned(text, action)
        if wanted is None or (new.sha256 and _checksum(wanted) != new.sha256.lower()):
            raise CodingError(
                f"{said}the other text of {new.id} is not kept. Nothing was changed: put that text back in "
                f"{visible(new.file)} and do it again, or carry the coding over to it (cop coding replace STUDY "
                f"{new.id} FILE)."
            )
        self._put_back.append((new.id, put_text(self._study, new.id, wanted)))
        self._read_text(new.id)


def _sha256_before(done: Change, document: str) -> str | None:
    """Give the checksum a change found of a document's text; None where it touched no such document."""
    for one in done.entries:
        if one.key == ("documents", document) and one.before is not None:
            was = from_body("documents", one.before)
            return was.sha256.lower() if isinstance(was, Document) else None
    return None


@dataclass(frozen=True)
class Correction:
    """The one stretch in which two texts differ.

    Parameters
    ----------
    start : int
        Where it begins, in code points.
    before, after : str
        What stood there, and what stands there.

    Examples
    --------
    >>> one = Correction.between("I was alnoe with it.", "I was alone with it.")
    >>> one
    Correction(start=8, before='no', after='on')
    >>> one.turned("I was alone with it.", "undo")
    'I was alnoe with it.'
    >>> one.turned("Something else.", "undo") is None
    True
    """

    start: int
    before: str
    after: str

    @classmethod
    def between(cls, before: str, after: str) -> Correction:
        """Find where two texts differ."""
        shortest = min(len(before), len(after))
        start = _longest(shortest, lambda size: before[:size] == after[:size])
        end = _longest(shortest - start, lambda size: before[len(before) - size :] == after[len(after) - size :])
        return cls(start, before[start : len(before) - end], after[start : len(after) - end])

    def turned(self, text: str, action: Action) -> str | None:
        """Take it back from a text, or make it again; None where the text has something else there."""
        found, wanted = (self.after, self.before) if action == "undo" else (self.before, self.after)
        if not text.startswith(found, self.start):
            return None
        return text[: self.start] + wanted + text[self.start + len(found) :]


def _longest(most: int, alike: Callable[[int], bool]) -> int:
    """Give the greatest size up to which something holds that holds for every smaller one."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if alike(middle) else (low, middle - 1)
    return low


def keep_correction(connection: Connection, change: int, document: str, one: Correction) -> None:
    """Keep what a change made of a document's text."""
    row = {"change": change, "document": document, "start": one.start, "before": one.before, "after": one.after}
    connection.execute(insert(correction), row)


def find_correction(connection: Connection, change: int, document: str) -> Correction | None:
    """Give what a change made of a document's text; None where the text before was not known, or has been erased."""
    columns = (correction.c.start, correction.c.before, correction.c.after)
    wanted = select(*columns).where(correction.c.change == change, correction.c.document == document)
    row = connection.execute(wanted).first()
    return None if row is None else Correction(row.start, row.before, row.after)
