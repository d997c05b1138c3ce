"""The selections of a REFI-QDA project as extracts; those that cannot be one are listed, never dropped."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from cop_analysis.characters import first_characters
from cop_analysis.realist.check import CONTEXT_LENGTH, where_quote_stands
from cop_analysis.realist.exchange.document_reading import ReadDocument, code_names
from cop_analysis.realist.exchange.elements import child_text
from cop_analysis.realist.exchange.guids import free, plain_guid
from cop_analysis.realist.exchange.memo_passages import ON_SELECTION, with_passage
from cop_analysis.realist.exchange.project_writing import ORIGIN
from cop_analysis.realist.model import Code, Configuration, Evidence, Extract, Memo

if TYPE_CHECKING:
    from cop_analysis.realist.exchange.project_reading import Reader


def extract_at(
    text: str,
    start: int,
    end: int,
    *,
    identifier: str,
    document: str,
    code: str,
    coder: str,
    created: str = "",
    memo: str = "",
) -> Extract:
    """Make the extract ``text[start:end]`` with its quote and what stands before and after it.

    Examples
    --------
    >>> one = extract_at("We met. We talked.", 8, 17, identifier="x1", document="D1", code="c1", coder="a")
    >>> one.quote, one.prefix, one.suffix
    ('We talked', 'We met. ', '.')
    """
    return Extract(
        identifier,
        document,
        start,
        end,
        text[start:end],
        code,
        coder,
        text[max(0, start - CONTEXT_LENGTH) : start],
        text[end : end + CONTEXT_LENGTH],
        created,
        memo,
    )


REPEATED = "the same coder gave the same code to the same words before; counted once"
"""Why a coding that says what another has said already is no extract of its own."""


class Repeats:
    """Tells codings that say again what one coder has said already: the same code on the same words.

    Examples
    --------
    >>> repeats = Repeats()
    >>> repeats.add(extract_at("We met.", 0, 6, identifier="x1", document="D1", code="c1", coder="a"))
    >>> repeats.earlier("D1", (0, 6), "c1", "a"), repeats.earlier("D1", (0, 6), "c1", "b")
    ('x1', None)
    """

    def __init__(self) -> None:
        self._first: dict[tuple[str, int, int, str, str], str] = {}

    def add(self, extract: Extract) -> None:
        """Note an extract that was made."""
        key = extract.document, extract.start, extract.end, extract.code, extract.coder
        self._first.setdefault(key, extract.id)

    def earlier(self, document: str, place: tuple[int, int], code: str, coder: str) -> str | None:
        """Give the extract that says the same already, if any."""
        return self._first.get((document, *place, code, coder))


class ExtractReader:
    """Turns selections and codings into extracts.

    Parameters
    ----------
    reader : Reader
        Who knows codes, coders and notes.
    documents : sequence of ReadDocument
    """

    def __init__(self, reader: Reader, documents: Sequence[ReadDocument]) -> None:
        self.reader, self.documents = reader, documents
        self.extracts: dict[str, Extract] = {}
        self.by_selection: dict[str, str] = {}
        self.repeats = Repeats()
        self.repeated: dict[str, str] = {}
        """By selection that repeats another, the extract that says the same."""
        self.coded_to: set[tuple[str, str]] = set()

    def read(self) -> None:
        """Read every selection of every document, and codings of documents as a whole."""
        for document in self.documents:
            for selection in document.selections:
                self.read_selection(document, selection)
            if document.element.find("Coding") is not None:
                self.read_whole(document)

    def read_selection(self, document: ReadDocument, selection: ElementTree.Element) -> None:
        """Read one selection as an extract for each of its codings."""
        place = self.place(document, selection)
        if isinstance(place, str):
            self.leave(document, selection, place)
            return
        codings = selection.findall("Coding")
        if not codings:
            self.leave(document, selection, "nothing is coded there", words=self.words(document, place))
            self.keep_memos(document, selection, place)
            return
        self.read_codings(document, selection, codings, place)

    def read_whole(self, document: ReadDocument) -> None:
        """Read codings of a whole document as extracts of its whole text."""
        codings = document.element.findall("Coding")
        text = "" if document.source is None else document.source.text
        name = document.document.title or document.document.id
        if not text.strip():
            reason = "it codes a document without text as a whole"
            self.reader.ledger.leave("coding", name, reason, detail=code_names(self.reader, document.element))
            return
        for coding in codings:
            self.reader.ledger.change(
                "coding", name, "coded the document as a whole and is now an extract of all its text"
            )
            self.read_codings(document, coding, [coding], (0, len(text)), hangs=False)

    def read_codings(
        self,
        document: ReadDocument,
        bearer: ElementTree.Element,
        codings: Sequence[ElementTree.Element],
        place: tuple[int, int],
        hangs: bool = True,
    ) -> None:
        """Make extracts of one place; codings to a configuration attach to the first of them."""
        reader = self.reader
        plain, to_configuration = [], []
        for coding in codings:
            reference = coding.find("CodeRef")
            guid = plain_guid(None if reference is None else reference.get("targetGUID"))
            kind, target = reader.code_of.get(guid, ("", ""))
            if kind == "code":
                plain.append((coding, target))
            elif kind == "configuration":
                to_configuration.append((coding, target))
            else:
                reason = "its code is not in the codebook"
                self.leave(document, bearer, reason, words=self.words(document, place), code=guid)
        if not plain and to_configuration:
            coding, configuration = to_configuration[0]
            plain.append((coding, self.stand_in(configuration)))
            label = reader.values[Configuration][configuration].get("label", configuration)
            reader.ledger.change(
                "selection",
                document.document.id,
                "was coded only with a configuration; it is an extract now, and its stance is for you to say",
                start=place[0],
                end=place[1],
                detail=str(label),
            )
        first, earlier, fresh = "", "", 0
        for coding, code in plain:
            same = self.earlier(document, bearer, coding, place, code)
            if same is not None:
                earlier = earlier or same
                continue
            guid = plain_guid((coding if fresh else bearer).get("guid"))
            identifier = self.add(
                document, bearer, coding, place, guid, code, "" if fresh else bearer.get("name") or ""
            )
            first, fresh = first or identifier, fresh + 1
        said = first or earlier
        if not said:
            return
        if first:
            self.by_selection[plain_guid(bearer.get("guid"))] = first
        else:
            self.repeated[plain_guid(bearer.get("guid"))] = earlier
        if hangs:
            reader.hang_notes(bearer, "extract", said)
        for coding, _ in plain:
            reader.hang_notes(coding, "extract", said)
        for coding, configuration in to_configuration:
            self.coded_to.add((said, configuration))
            for reference in coding.findall("NoteRef"):
                note = reader.notes.get(plain_guid(reference.get("targetGUID")))
                if note is not None and note.kind is Evidence:
                    note.values |= {"extract": said, "configuration": configuration}

    def earlier(
        self,
        document: ReadDocument,
        bearer: ElementTree.Element,
        coding: ElementTree.Element,
        place: tuple[int, int],
        code: str,
    ) -> str | None:
        """Give the extract that says the same as a coding, and note that it was said again; None where none does."""
        reader = self.reader
        guid = plain_guid(bearer.get("guid"))
        if reader.known is not None or (reader.origin.startswith(ORIGIN) and guid[14:15] == "5"):
            # What was written here has an identifier of its own, which other records may name.
            return None
        coder = reader.coder_of(coding, bearer, document.element)
        same = self.repeats.earlier(document.document.id, place, code, coder)
        if same is None:
            return None
        held, memo = self.extracts[same], "" if bearer is coding else child_text(bearer, "Description")
        if memo.strip() and memo not in held.memo:
            self.extracts[same] = replace(held, memo=f"{held.memo}\n\n{memo}".strip())
        who = reader.coders[coder].name or coder
        detail = f"{reader.codes[code].name}; {who}; {first_characters(held.quote, 200)}"
        name = document.document.title or document.document.id
        reader.ledger.change("coding", name, REPEATED, start=place[0], end=place[1], detail=detail)
        return same

    def keep_memos(self, document: ReadDocument, selection: ElementTree.Element, place: tuple[int, int]) -> None:
        """Keep what is written on words that nobody coded as memos about their document, with those words."""
        reader, holder = self.reader, document.document
        passage = "" if document.source is None else document.source.text[place[0] : place[1]]
        for element in selection.findall("NoteRef"):
            note = reader.notes.get(plain_guid(element.get("targetGUID")))
            if note is not None and note.kind is None and note.text.strip():
                note.text = with_passage(note.text, passage)
        reader.hang_notes(selection, "document", holder.id)
        described = child_text(selection, "Description")
        if described.strip():
            # Not the GUID of the selection: the memo goes out as a note beside it.
            identifier = free(f"{ON_SELECTION}{plain_guid(selection.get('guid'))}", reader.values[Memo])
            reader.values[Memo][identifier] = {
                "id": identifier,
                "text": with_passage(described, passage),
                "title": f"On: {first_characters(passage, 80)}",
                "about": "document",
                "target": holder.id,
                "coder": reader.coder_of(selection, document.element),
                "created": reader.moment(selection.get("creationDateTime") or "", identifier),
            }

    def add(
        self,
        document: ReadDocument,
        bearer: ElementTree.Element,
        coding: ElementTree.Element,
        place: tuple[int, int],
        guid: str,
        code: str,
        hint: str,
    ) -> str:
        """Add one extract and give its identifier."""
        assert document.source is not None
        reader = self.reader
        wanted = reader.identify("extract", guid, hint)
        identifier = free(wanted, self.extracts)
        if identifier != wanted and hint:
            reader.ledger.change(
                "selection", document.document.id, "its GUID is used twice", start=place[0], end=place[1]
            )
        self.extracts[identifier] = extract_at(
            document.source.text,
            *place,
            identifier=identifier,
            document=document.document.id,
            code=code,
            coder=reader.coder_of(coding, bearer, document.element),
            created=reader.moment(coding.get("creationDateTime") or bearer.get("creationDateTime") or "", identifier),
            memo="" if bearer is coding else child_text(bearer, "Description"),
        )
        self.repeats.add(self.extracts[identifier])
        return identifier

    def stand_in(self, configuration: str) -> str:
        """Give the code for passages that were coded with nothing but a configuration."""
        identifier = f"code-of-{configuration}"
        if identifier not in self.reader.codes:
            label = str(self.reader.values[Configuration][configuration].get("label", configuration))
            self.reader.codes[identifier] = Code(identifier, f"Coded with: {label}")
        return identifier

    def place(self, document: ReadDocument, selection: ElementTree.Element) -> tuple[int, int] | str:
        """Give where a selection lies, or why it lies nowhere."""
        if document.source is None or document.positions is None:
            return "the text of its document did not come along"
        text = document.source.text
        start, end = document.ends(selection)
        if start is None or end is None:
            return "its positions are no whole numbers" if selection.tag == "PlainTextSelection" else _TIMES
        first, last = document.positions.place(start), document.positions.place(end)
        if start < end and (first is None or last is None):
            inside = document.positions.nearest(start), document.positions.nearest(end)
            if inside[0] is not None and inside[1] is not None:
                # A position inside a character can only mean that character.
                first = inside[0]
                last = inside[1] if document.positions.place(end) is not None else inside[1] + 1
                self.reader.ledger.change(
                    "selection", document.document.id, "began or ended inside a character, all of which is taken now",
                    start=start, end=end, detail=first_characters(text[first:last], 80),
                )  # fmt: skip
        if first is not None and last is not None and first < last and text[first:last].strip():
            return first, last
        words = selection.get("name") or ""
        found = where_quote_stands(text, words) if len(words.split()) >= 3 else None
        if found is not None:
            self.reader.ledger.change(
                "selection", document.document.id, "lay outside the text and was found by its words",
                start=start, end=end, detail=first_characters(words, 80),
            )  # fmt: skip
            return found, found + len(words)
        if first is None or last is None:
            return f"it lies outside the text, which has {document.positions.starts[-1]:,} positions"
        return "it is empty" if first >= last else "it holds nothing but blanks"

    def leave(
        self, document: ReadDocument, selection: ElementTree.Element, reason: str, words: str = "", code: str = ""
    ) -> None:
        """List a selection that cannot become an extract."""
        start, end = document.ends(selection)
        codes = code or code_names(self.reader, selection)
        notes = [
            note.text
            for reference in selection.findall("NoteRef")
            if (note := self.reader.notes.get(plain_guid(reference.get("targetGUID")))) is not None
        ]
        parts = (
            words or selection.get("name") or "",
            codes and f"codes: {codes}",
            child_text(selection, "Description"),
        )
        detail = "; ".join(filter(None, (*parts, *notes)))
        name = document.document.title or document.document.id
        self.reader.ledger.leave(
            "selection",
            name,
            f"{reason}; it is kept for the next export",
            start=start,
            end=end,
            detail=first_characters(detail, 400),
        )

    def words(self, document: ReadDocument, place: tuple[int, int]) -> str:
        """Give the words at a place."""
        return "" if document.source is None else first_characters(document.source.text[place[0] : place[1]], 200)


_TIMES = "it is bound to times of a recording that have no place in its transcript"
