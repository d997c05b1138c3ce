"""A coding as the XML of a REFI-QDA project: every record in the place the standard has for it, or as a labelled note.

The XML is a function of the records, the texts and the unit alone, so that what another program changed in it can be
found by writing it again. No file is opened here.

A configuration travels as a code under the folder "Configurations", whose codings are its extracts; as a note with
its fields, and a note for each piece of evidence with stance, inference and appraisal; as one-way links named by role;
and as a graph. Programs drop some of these; each of them by itself brings back what it holds.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from cop_analysis._version import __version__
from cop_analysis.realist.exchange.guids import guid_of
from cop_analysis.realist.exchange.labelled import label_of, labelled_text
from cop_analysis.realist.exchange.offsets import SourceText
from cop_analysis.realist.exchange.report import Ledger
from cop_analysis.realist.exchange.xml_text import is_holdable, xml_attribute, xml_text
from cop_analysis.realist.model import (
    COLLECTIONS,
    Code,
    Coder,
    Configuration,
    Document,
    Evidence,
    Extract,
    Memo,
    Snapshot,
)
from cop_analysis.realist.vocabulary import SCHEMAS

NAMESPACE: Final = "urn:QDA-XML:project:1.0"
ORIGIN: Final = "cop-analysis"
CODE_FOLDER: Final = "Configurations"
RIVAL, RIPPLE, EVIDENCE_OF_ALL = "rival", "ripple", "evidence"
"""The names of links that are not named by a role; `EVIDENCE_OF_ALL` is evidence for a configuration as a whole."""

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-](0\d|1[0-3]):[0-5]\d)?\Z")
_COLOURS = {"context": "#005EB8", "mechanism": "#8A4B00", "outcome": "#006747"}


def project_xml(
    snapshot: Snapshot, texts: Mapping[str, str], *, unit: str = "codepoint", ledger: Ledger | None = None
) -> str:
    """Write a coding as the text of a .qde file.

    Parameters
    ----------
    snapshot : Snapshot
        Records that refer only to each other (`check_references` finds no error).
    texts : mapping of str to str
        The normalised text of every document.
    unit : {"codepoint", "utf16"}
        What positions count in; the standard says code points.
    ledger : Ledger, optional
        Where to note what XML cannot hold.

    Returns
    -------
    str
    """
    return _Project(snapshot, texts, unit, ledger or Ledger("")).xml()


def origin_text(unit: str) -> str:
    """Give the origin a project names; the unit stands in it where it is not the standard's.

    Examples
    --------
    >>> origin_text("utf16").endswith("(offsets: utf16)")
    True
    """
    return f"{ORIGIN} {__version__}" + ("" if unit == "codepoint" else f" (offsets: {unit})")


def date_time(text: str) -> str:
    """Give a moment as XML Schema writes it, or nothing where it cannot.

    Examples
    --------
    >>> date_time("2025-03-02T10:00:00Z"), date_time("2025-03-02")
    ('2025-03-02T10:00:00Z', '')
    """
    if not _DATE_TIME.match(text):
        return ""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return ""
    return text


def stands_at_its_place(extract: Extract, text: str) -> bool:
    """Say whether an extract's quote is what its document holds at its range."""
    return extract.placed and text[extract.start : extract.end] == extract.quote


def text_file(guid: str) -> str:
    """Give the name of a document's text in the folder of sources."""
    return f"{guid}.txt"


class _Project:
    def __init__(self, snapshot: Snapshot, texts: Mapping[str, str], unit: str, ledger: Ledger) -> None:
        self.snapshot, self.texts, self.unit, self.ledger = snapshot, texts, unit, ledger
        self.out: list[str] = []
        self.notes: list[str] = []
        self.evidence: dict[str, list[Evidence]] = defaultdict(list)
        for link in snapshot.evidence:
            self.evidence[link.extract].append(link)
        self.memos: dict[tuple[str, str], list[str]] = defaultdict(list)
        for memo in snapshot.memos:
            self.memos[memo.about or "", memo.target or ""].append(self.guid("memo", memo.id))
        self.placed: set[str] = set()
        self.attribute_names = sorted({name for document in snapshot.documents for name, _ in document.attributes})

    def guid(self, kind: str, identifier: str) -> str:
        return guid_of(self.snapshot.study, kind, identifier)

    def xml(self) -> str:
        snapshot = self.snapshot
        self.out.append('<?xml version="1.0" encoding="utf-8"?>')
        name, origin = self.attribute(snapshot.study, "the study's key"), xml_attribute(origin_text(self.unit))
        self.out.append(f'<Project xmlns="{NAMESPACE}" name="{name}" origin="{origin}">')
        self.users()
        self.codebook()
        self.variables()
        self.sources()
        self.record_notes()
        if self.notes:
            self.out += ["<Notes>", *self.notes, "</Notes>"]
        self.links()
        self.graphs()
        self.out += [f'<NoteRef targetGUID="{guid}"/>' for guid in self.memos["", ""]]
        self.out += ["</Project>", ""]
        return "\n".join(self.out)

    # --- values ----------------------------------------------------------------------------------------------------

    def attribute(self, text: str, where: str) -> str:
        self.judge(text, where)
        return xml_attribute(text)

    def text(self, text: str, where: str) -> str:
        self.judge(text, where)
        return xml_text(text)

    def judge(self, text: str, where: str) -> None:
        if not is_holdable(text):
            self.ledger.change(
                "text", where, "holds a control character that XML cannot hold; other programs see a mark in its place"
            )

    def description(self, text: str, where: str) -> str:
        return f"<Description>{self.text(text, where)}</Description>" if text else ""

    def references(self, kind: str, identifier: str, *more: str) -> str:
        guids = [*more, *self.memos[kind, identifier]] if (kind, identifier) in self.memos else more
        return "".join(f'<NoteRef targetGUID="{guid}"/>' for guid in guids)

    def author(self, coder: str | None, created: str, user: str = "creatingUser") -> str:
        parts = f' {user}="{self.guid("coder", coder)}"' if coder else ""
        moment = date_time(created)
        return parts + (f' creationDateTime="{moment}"' if moment else "")

    # --- sections --------------------------------------------------------------------------------------------------

    def users(self) -> None:
        if not self.snapshot.coders:
            return
        self.out.append("<Users>")
        for coder in self.snapshot.coders:
            where = f"coder {coder.id}"
            name, identifier = self.attribute(coder.name, where), self.attribute(coder.id, where)
            self.out.append(f'<User guid="{self.guid("coder", coder.id)}" name="{name}" id="{identifier}"/>')
        self.out.append("</Users>")

    def codebook(self) -> None:
        snapshot = self.snapshot
        if not snapshot.codes and not snapshot.configurations:
            return
        self.out.append("<CodeBook><Codes>")
        self.out += code_tree(snapshot.codes, self.code_start)
        if snapshot.configurations:
            guid = self.guid("folder", "configurations")
            self.out.append(f'<Code guid="{guid}" name="{CODE_FOLDER}" isCodable="false">')
            for configuration in snapshot.configurations:
                self.out.append(self.configuration_code(configuration))
            self.out.append("</Code>")
        self.out.append("</Codes></CodeBook>")

    def code_start(self, code: Code) -> str:
        where = f"code {code.id}"
        colour = f' color="{code.colour}"' if code.colour else ""
        guid, name = self.guid("code", code.id), self.attribute(code.name, where)
        return (
            f'<Code guid="{guid}" name="{name}" isCodable="true"{colour}>'
            + self.description(code.definition, where)
            + self.references("code", code.id, self.note(code))
        )

    def configuration_code(self, configuration: Configuration) -> str:
        where = f"configuration {configuration.id}"
        guid = self.guid("configuration", configuration.id)
        return (
            f'<Code guid="{guid}" name="{self.attribute(configuration.label, where)}" isCodable="true">'
            + self.description(configuration.statement, where)
            + self.references("configuration", configuration.id, self.note(configuration))
            + "</Code>"
        )

    def variables(self) -> None:
        if not self.attribute_names:
            return
        self.out.append("<Variables>")
        for name in self.attribute_names:
            shown = self.attribute(name, f"attribute {name}")
            self.out.append(f'<Variable guid="{self.guid("variable", name)}" name="{shown}" typeOfVariable="Text"/>')
        self.out.append("</Variables>")

    def sources(self) -> None:
        if not self.snapshot.documents:
            return
        extracts: dict[str, list[Extract]] = defaultdict(list)
        for extract in self.snapshot.extracts:
            extracts[extract.document].append(extract)
        self.out.append("<Sources>")
        for document in self.snapshot.documents:
            self.source(document, extracts[document.id])
        self.out.append("</Sources>")

    def source(self, document: Document, extracts: list[Extract]) -> None:
        guid = self.guid("document", document.id)
        where = f"document {document.id}"
        name = self.attribute(document.title or document.id, where)
        path = f"internal://{text_file(guid)}"
        self.out.append(f'<TextSource guid="{guid}" name="{name}" plainTextPath="{path}">')
        text = self.texts[document.id]
        starts = SourceText.of(text).starts(self.unit, 1).tolist() if self.unit != "codepoint" else None
        for extract in sorted(extracts, key=lambda one: (one.start, one.end)):
            if stands_at_its_place(extract, text):
                self.placed.add(extract.id)
                ends = (extract.start, extract.end)
                start, end = ends if starts is None else (starts[ends[0]], starts[ends[1]])
                self.out.append(self.selection(extract, start, end))
        self.out.append(self.references("document", document.id, self.note(document, ("attributes",))))
        for variable, value in document.attributes:
            reference = f'<VariableRef targetGUID="{self.guid("variable", variable)}"/>'
            shown = self.text(value, f"attribute {variable} of {where}")
            self.out.append(f"<VariableValue>{reference}<TextValue>{shown}</TextValue></VariableValue>")
        self.out.append("</TextSource>")

    def selection(self, extract: Extract, start: int, end: int) -> str:
        where = f"extract {extract.id}"
        author = self.author(extract.coder, extract.created)
        codings = [self.coding(self.guid("coding", extract.id), author, self.guid("code", extract.code), ())]
        by_configuration: dict[str, list[Evidence]] = defaultdict(list)
        for link in self.evidence.get(extract.id, ()):
            by_configuration[link.configuration].append(link)
        for configuration, links in by_configuration.items():
            guid = self.guid("coding", f"{extract.id}\x1f{configuration}")
            notes = [self.note_guid(link) for link in links]
            author_of_link = self.author(links[0].coder or extract.coder, links[0].created)
            codings.append(self.coding(guid, author_of_link, self.guid("configuration", configuration), notes))
        return (
            f'<PlainTextSelection guid="{self.guid("extract", extract.id)}" name="{self.attribute(extract.id, where)}" '
            f'startPosition="{start}" endPosition="{end}"{author}>'
            + self.description(extract.memo, where)
            + "".join(codings)
            + self.references("extract", extract.id)
            + "</PlainTextSelection>"
        )

    def coding(self, guid: str, author: str, code: str, notes: Iterable[str]) -> str:
        references = "".join(f'<NoteRef targetGUID="{note}"/>' for note in notes)
        return f'<Coding guid="{guid}"{author}><CodeRef targetGUID="{code}"/>{references}</Coding>'

    def links(self) -> None:
        lines: list[str] = []
        for configuration in self.snapshot.configurations:
            target = self.guid("configuration", configuration.id)
            for number, slot in enumerate(configuration.slots):
                for code in slot.codes:
                    key = f"{configuration.id}\x1f{number}\x1f{slot.role}\x1f{code}"
                    lines.append(self.link("slot", key, slot.role, self.guid("code", code), target))
            for rival in configuration.rivals:
                key = f"{configuration.id}\x1f{rival}"
                lines.append(self.link("rival", key, RIVAL, target, self.guid("configuration", rival)))
        for link in self.snapshot.evidence:
            if link.extract in self.placed:
                ends = self.guid("extract", link.extract), self.guid("configuration", link.configuration)
                name = link.slot or EVIDENCE_OF_ALL
                lines.append(self.link("evidence-link", link.id, name, *ends, note=self.note_guid(link)))
        for ripple in self.snapshot.ripples:
            ends = self.guid("configuration", ripple.source), self.guid("configuration", ripple.target)
            lines.append(self.link("ripple-link", ripple.id, RIPPLE, *ends, note=self.note_guid(ripple)))
        if lines:
            self.out += ["<Links>", *lines, "</Links>"]

    def link(self, kind: str, key: str, name: str, origin: str, target: str, note: str = "") -> str:
        start = (
            f'<Link guid="{self.guid(kind, key)}" name="{xml_attribute(name)}" direction="OneWay" '
            f'originGUID="{origin}" targetGUID="{target}"'
        )
        return f'{start}><NoteRef targetGUID="{note}"/></Link>' if note else start + "/>"

    def graphs(self) -> None:
        lines: list[str] = []
        codes = {code.id: code for code in self.snapshot.codes}
        for configuration in self.snapshot.configurations:
            filled = [(slot.role, code) for slot in configuration.slots for code in slot.codes]
            if filled:
                lines += self.graph(configuration, filled, codes)
        if lines:
            self.out += ["<Graphs>", *lines, "</Graphs>"]

    def graph(
        self, configuration: Configuration, filled: list[tuple[str, str]], codes: Mapping[str, Code]
    ) -> list[str]:
        """Draw a configuration as a row of its codes by role, each with an arrow to the configuration above them."""
        own = f"{configuration.id}\x1f"
        name = xml_attribute(configuration.label)
        schema = SCHEMAS[configuration.schema]
        centre = self.guid("vertex", own)
        middle = 110 * (len(filled) - 1)
        lines = [f'<Graph guid="{self.guid("graph", configuration.id)}" name="{name}">']
        lines.append(
            f'<Vertex guid="{centre}" representedGUID="{self.guid("configuration", configuration.id)}" name="{name}" '
            f'firstX="{middle}" firstY="0" secondX="{middle + 200}" secondY="60" shape="RoundedRectangle"/>'
        )
        edges = []
        for number, (role, code) in enumerate(filled):
            guid, left = self.guid("vertex", f"{own}{number}"), 220 * number
            part = schema.role(role)
            colour = _COLOURS[part.part] if part is not None and part.part in _COLOURS else "#425563"
            lines.append(
                f'<Vertex guid="{guid}" representedGUID="{self.guid("code", code)}" '
                f'name="{xml_attribute(codes[code].name)}" firstX="{left}" firstY="160" secondX="{left + 200}" '
                f'secondY="220" shape="Rectangle" color="{colour}"/>'
            )
            edges.append(
                f'<Edge guid="{self.guid("edge", f"{own}{number}")}" name="{xml_attribute(role)}" '
                f'sourceVertex="{guid}" targetVertex="{centre}" direction="OneWay" lineStyle="solid" color="{colour}"/>'
            )
        return [*lines, *edges, "</Graph>"]

    # --- notes -----------------------------------------------------------------------------------------------------

    def note_guid(self, record: Any) -> str:
        kind = label_of(type(record))
        return self.guid("memo", record.id) if kind == "memo" else self.guid("note", f"{kind}\x1f{record.id}")

    def note(self, record: Any, without: tuple[str, ...] = ()) -> str:
        """Add the note that holds what XML has no place for in a record, and give its GUID."""
        guid = self.note_guid(record)
        name = _note_name(record)
        content = labelled_text(record, without)
        if isinstance(record, Memo) and is_borrowed(record):
            # A note of another program goes back as it came.
            name, content = record.title, record.text
        self.judge(content, f"{label_of(type(record))} {record.id}")
        author = self.author(getattr(record, "coder", None), getattr(record, "created", ""))
        self.notes.append(
            f'<Note guid="{guid}" name="{xml_attribute(name)}"{author}>'
            f"<PlainTextContent>{xml_text(content)}</PlainTextContent></Note>"
        )
        return guid

    def record_notes(self) -> None:
        """Add notes for the records that no element of the project stands for."""
        written = (Coder, Document, Code, Configuration, Extract)
        for kind, collection in COLLECTIONS.items():
            if kind not in written:
                for record in getattr(self.snapshot, collection):
                    self.note(record)
        for extract in self.snapshot.extracts:
            if extract.id not in self.placed:
                self.note(extract)
                if extract.placed:
                    self.ledger.change(
                        "extract",
                        extract.document,
                        "its document does not hold its quote there, so that it travels as a note",
                        start=extract.start,
                        end=extract.end,
                        detail=extract.quote[:80],
                    )


def is_borrowed(memo: Memo) -> bool:
    """Say whether a memo is a note of another program that can go back as it came."""
    guid = guid_of("", "memo", memo.id)
    return memo.id == f"memo-{guid}" and memo.kind == "analytic" and (memo.about is None or memo.about in _REFERABLE)


_REFERABLE = ("code", "configuration", "document", "extract")
"""The kinds of record at which a project can hang a note."""


def code_tree(codes: Iterable[Code], start: Any) -> list[str]:
    """Write codes as nested elements, each after its parent, in the order they come; any depth.

    Parameters
    ----------
    codes : iterable of Code
        Without a circle.
    start : callable
        Gives an element's opening tag and what stands before the codes inside it.
    """
    children: dict[str | None, list[Code]] = defaultdict(list)
    for code in codes:
        children[code.parent].append(code)
    out: list[str] = []
    waiting: list[Code | None] = list(reversed(children[None]))
    while waiting:
        code_or_end = waiting.pop()
        if code_or_end is None:
            out.append("</Code>")
            continue
        out.append(start(code_or_end))
        waiting.append(None)
        waiting += reversed(children.get(code_or_end.id, []))
    return out


def _note_name(record: Any) -> str:
    for name in ("label", "name", "title", "wording", "what"):
        if getattr(record, name, ""):
            return f"{label_of(type(record)).capitalize()}: {getattr(record, name)}"[:200]
    return f"{label_of(type(record)).capitalize()} {record.id}"[:200]
