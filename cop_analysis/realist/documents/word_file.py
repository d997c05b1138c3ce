"""A Word document (.docx) as paragraphs in their order, tables and what stands inside them included.

The XML is read directly, hardened against hostile files, because a reader of paragraphs alone loses what stands in
tables, content controls, text boxes, tracked insertions and notes; docs/realist-model.md has the figures.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cop_analysis.characters import first_characters
from cop_analysis.realist.documents.containers import Archive, ExchangeError, parse_xml
from cop_analysis.realist.documents.pieces import Aside, DocumentError, Pieces, Said, count_words

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


Block = str | Said | Aside
"""A paragraph, a piece of talk whose speaker the file names, or words beside the talk."""

DEEPEST: Final = 150
"""How many elements may stand inside each other; a table in a table in a table needs some 40."""

LARGEST_PART: Final = 64 * 2**20
"""The largest part that is read, in bytes unpacked; the body of a transcript of 100,000 words has some 20 million."""

MOST_TAGS: Final = 3_000_000
"""How many tags all parts may have together; every word of 100,000 in a run of its own takes some 2,000,000."""

_WHAT: Final = "Word document (.docx)"

# What Word does not show as text of the document: struck out, moved away, formatting, what a field computes.
_NOT_SHOWN = frozenset({"del", "moveFrom", "rPr", "pPr", "sectPr", "tblPr", "tblGrid", "trPr", "tcPr", "sdtPr",
                        "sdtEndPr", "Fallback", "instrText", "delText", "delInstrText"})  # fmt: skip

_TABS, _BREAKS = frozenset({"tab", "ptab"}), frozenset({"br", "cr"})

_SHOWN = frozenset({"t", "noBreakHyphen", *_TABS, *_BREAKS})

_LONGEST_LABEL_WORDS = 6

_HEADINGS = frozenset({"speaker", "speakers", "name", "who", "person", "participant", "role", "voice"})

_TALK_HEADINGS = frozenset({"talk", "speech", "transcript", "utterance", "dialogue", "words", "what was said", "said"})

_COLUMNS = frozenset(
    {
        "time",
        "times",
        "timestamp",
        "timecode",
        "start",
        "end",
        "turn",
        "line",
        "no",
        "no.",
        "number",
        "text",
        "content",
        "code",
        "codes",
        "comment",
        "comments",
        "notes",
        *_HEADINGS,
        *_TALK_HEADINGS,
    }
)

_CLOCK = re.compile(r"[\[(]?(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?[\])]?\Z")

_TEAMS_START = re.compile(r"(?P<who>.+?) started transcription\s*\Z")

_TEAMS_DATE = re.compile(r"\w+ \d{1,2}, \d{4}.*|\d{1,2} \w+ \d{4}.*")

_TEAMS_LENGTH = re.compile(r"(?:\d+h ?)?(?:\d+m ?)?\d+s\Z|(?:\d+h ?)?\d+m\Z")


def read_word_file(path: Path) -> Pieces:
    """Read a Word document: its body with its tables in order, footnotes and endnotes; headers and footers are no talk.

    Raises
    ------
    DocumentError
        When it is no whole Word document, or one made to do harm.
    """
    pieces = Pieces()
    try:
        with Archive(path, _WHAT) as archive:
            names = archive.names
            main = _main_part(archive, names)
            roots = _roots(archive, _parts(names, main))
            core = (
                parse_xml(archive.read("docProps/core.xml"), "docProps/core.xml")
                if "docProps/core.xml" in names
                else None
            )
            comments = "word/comments.xml" in names
    except ExchangeError as error:
        raise DocumentError(str(error)) from None
    for name, root in roots.items():
        if _depth(root) > DEEPEST:
            raise DocumentError(
                f"{path.name} was not read: in {name} more than {DEEPEST} parts stand inside each other, as in no "
                "document that somebody wrote. Save it again from Word, or as plain text."
            )
    seen: set[str] = set()
    for name, root in roots.items():
        fields = _page_fields(root)
        if re.search(r"/?(?:header|footer)\d*\.xml\Z", name):
            # They stand on every page and are nobody's words; one that serves many pages is counted once.
            text = "".join(one.text or "" for one in root.iter() if _name(one) == "t" and id(one) not in fields)
            if text.strip() and text not in seen:
                pieces.apart({"words of headers and footers": _count_shown(_body(root), fields)})
            seen.add(text)
            continue
        blocks = list(_blocks(_body(root), pieces, fields))
        if name != main:
            # A note would otherwise be the last words of whoever spoke last.
            blocks = [Aside(one) if isinstance(one, str) else one for one in blocks]
        if name == main:
            pieces.bold = sum(_is_bold(one) for one in root.iter() if _name(one) == "p")
        pieces.words += _count_shown(_body(root), fields)
        shown = _count_shown(_body(root), set())
        pieces.apart({"words of page numbers and tables of contents": shown - _count_shown(_body(root), fields)})
        pieces.blocks += blocks
    if comments:
        pieces.warnings.append("Comments in the margin are not text of the document and were left out.")
    struck = sum(1 for root in roots.values() for one in root.iter() if _name(one) in ("del", "moveFrom"))
    if struck:
        pieces.warnings.append(
            "The document has tracked changes: what was struck out was left out, and what was inserted is in the text."
        )
    pieces.attributes.update(_properties(core))
    pieces.attributes.update(_teams_heading([block for block in pieces.blocks if isinstance(block, str)]))
    return pieces


def _roots(archive: Archive, parts: Sequence[str]) -> dict[str, Element]:
    """Parse the parts, as long as what they hold together fits into memory."""
    size, left = sum(archive.size(name) for name in parts), MOST_TAGS
    if size > LARGEST_PART:
        raise DocumentError(
            f"{archive.path.name} was not read: its text takes {size / 2**20:,.0f} MB unpacked, more than the "
            f"{LARGEST_PART // 2**20} MB that are read. Save it as plain text, or split it."
        )
    roots = {}
    for name in parts:
        content = archive.read(name)
        roots[name] = parse_xml(content, name, left)
        left -= content.count(b"<")
    return roots


# --- parts -----------------------------------------------------------------------------------------------------------


def _main_part(archive: Archive, names: Sequence[str]) -> str:
    """Give the name of the part that holds the body, as the package's relations say, or its usual name."""
    if "_rels/.rels" in names:
        for relation in parse_xml(archive.read("_rels/.rels"), "_rels/.rels"):
            if str(relation.get("Type", "")).endswith("/officeDocument"):
                target = str(relation.get("Target", "")).lstrip("/")
                if target in names and not target.startswith(("xl/", "ppt/")):
                    return target
    if "word/document.xml" in names:
        return "word/document.xml"
    kinds = {"xl/": "a spreadsheet", "ppt/": "slides"}
    shape = next(
        (kind for start, kind in kinds.items() if any(name.startswith(start) for name in names)), "other files"
    )
    raise DocumentError(
        f"{archive.path.name} is a ZIP file that holds {shape} and no Word document. Save it as .docx or plain text."
    )


def _parts(names: Sequence[str], main: str) -> list[str]:
    folder = main.rpartition("/")[0]
    here = sorted(name for name in names if name.rpartition("/")[0] == folder)
    headers = [name for name in here if re.search(r"/header\d*\.xml\Z", name)]
    notes = [name for name in here if re.search(r"/(?:footnotes|endnotes)\.xml\Z", name)]
    footers = [name for name in here if re.search(r"/footer\d*\.xml\Z", name)]
    return [*headers, main, *notes, *footers]


def _depth(root: Element) -> int:
    depth, level = 0, [root]
    while level:
        depth += 1
        level = [child for element in level for child in element]
    return depth


_PAGE_FIELDS: Final = frozenset(
    {"PAGE", "NUMPAGES", "SECTIONPAGES", "PAGEREF", "FILENAME", "FILESIZE", "TOC", "NUMWORDS", "NUMCHARS"}
)
"""Fields whose result is about the pages and not of the talk."""

_PAGE_PARTS: Final = ("page numbers", "table of contents")
"""What Word calls the building blocks that hold page numbers and tables of contents."""


def _page_fields(root: Element) -> set[int]:
    """Find the text elements that hold a page number, the number of pages, or a table of contents."""
    found: set[int] = set()
    fields: list[list[object]] = []

    def of_page(instruction: object) -> bool:
        return str(instruction).split(maxsplit=1)[0:1] != [] and str(instruction).split()[0].upper() in _PAGE_FIELDS

    def texts_of(element: Element) -> None:
        found.update(id(one) for one in element.iter() if _name(one) in _SHOWN)

    for element in root.iter():
        name = _name(element)
        if name == "fldSimple" and of_page(_attribute(element, "instr")):
            texts_of(element)
        elif name == "sdt":
            gallery = [_attribute(one, "val").casefold() for one in element.iter() if _name(one) == "docPartGallery"]
            if gallery and gallery[0].startswith(_PAGE_PARTS):
                texts_of(element)
        elif name == "fldChar":
            kind = _attribute(element, "fldCharType")
            if kind == "begin":
                fields.append(["", False])
            elif fields and kind == "separate":
                fields[-1][1] = True
            elif fields and kind == "end":
                fields.pop()
        elif name == "instrText" and fields:
            fields[-1][0] = f"{fields[-1][0]}{element.text or ''}"
        elif name in _SHOWN and any(shows and of_page(instruction) for instruction, shows in fields):
            found.add(id(element))
    return found


def _is_bold(paragraph: Element) -> bool:
    """Say whether every run of a paragraph that shows words is bold."""
    runs = [run for run in paragraph.iter() if _name(run) == "r"]
    spoken = [run for run in runs if any(_name(one) == "t" and (one.text or "").strip() for one in run)]

    def marked(run: Element) -> bool:
        given = [one for part in run if _name(part) == "rPr" for one in part if _name(one) == "b"]
        return bool(given) and _attribute(given[0], "val").casefold() not in ("0", "false", "off")

    return bool(spoken) and all(marked(run) for run in spoken)


def _attribute(element: Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def _body(root: Element) -> Element:
    return next((child for child in root if _name(child) == "body"), root)


def _properties(core: Element | None) -> dict[str, str]:
    # The author's name is a direct identifier and is not carried over.
    known = {"title": "title", "subject": "subject", "language": "language"}
    found = {} if core is None else {_name(one): (one.text or "").strip() for one in core}
    return {label: found[name] for name, label in known.items() if found.get(name)}


def _teams_heading(blocks: Sequence[str]) -> dict[str, str]:
    """Read title, date and length from what a Teams transcript begins with; the words themselves stay in the text."""
    lines = [line.strip() for block in blocks[:12] for line in block.split("\n") if line.strip()][:12]
    start = next((position for position, line in enumerate(lines) if _TEAMS_START.match(line)), None)
    if start is None:
        return {}
    found: dict[str, str] = {}
    for line in lines[:start]:
        if _TEAMS_LENGTH.match(line):
            found.setdefault("duration", line)
        elif _TEAMS_DATE.match(line):
            found.setdefault("date", line)
        else:
            found.setdefault("title", line)
    return found


# --- paragraphs and tables ------------------------------------------------------------------------------------------


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _blocks(parent: Element, pieces: Pieces, fields: set[int]) -> Iterator[Block]:
    """Give the paragraphs in an element in their order, tables row by row; what stands in `fields` is left out."""
    for child in parent:
        name = _name(child)
        if name == "p":
            text, boxes = _paragraph(child, fields)
            if text.strip():
                yield text
            for box in boxes:
                yield from (Aside(one) if isinstance(one, str) else one for one in _blocks(box, pieces, fields))
        elif name == "tbl":
            yield from _table(child, pieces, fields)
        elif name not in _NOT_SHOWN:
            yield from _blocks(child, pieces, fields)


def _paragraph(paragraph: Element, fields: set[int]) -> tuple[str, list[Element]]:
    """Give a paragraph's text and the text boxes that hang on it."""
    parts: list[str] = []
    boxes: list[Element] = []

    def walk(element: Element) -> None:
        for child in element:
            name = _name(child)
            if name in _SHOWN and id(child) in fields:
                continue
            if name == "t":
                parts.append(child.text or "")
            elif name in _TABS:
                parts.append("\t")
            elif name in _BREAKS:
                parts.append("\n")
            elif name == "noBreakHyphen":
                parts.append("\u2011")
            elif name == "txbxContent":
                boxes.append(child)
            elif name not in _NOT_SHOWN:
                walk(child)

    walk(paragraph)
    return "".join(parts), boxes


def _table(table: Element, pieces: Pieces, fields: set[int]) -> Iterator[Block]:
    rows = [[list(_blocks(cell, pieces, fields)) for cell in _under(row, "tc")] for row in _under(table, "tr")]
    rows = [row for row in rows if any(row)]
    texts = [["\n".join(_lines(cell)) for cell in row] for row in rows]
    if crowded := [row for row in texts if _holds_several_speakers(row)]:
        first = first_characters(" ".join(next(cell for cell in crowded[0] if cell).split()), 60)
        pieces.warnings.append(
            f"{len(crowded):,} table row{'s hold' if len(crowded) > 1 else ' holds'} several speakers in one cell and "
            f"their talk in another (it begins “{first}”): who said what cannot be told, so the talk is kept as it "
            "stands, with nobody named. Give each turn a row or a paragraph of its own, and add the document again."
        )
        for cells in texts:
            yield from (Said("", _without_labels(cell)) for cell in cells if cell.strip())
        return
    column = _speaker_column(texts)
    for row, cells in zip(rows, texts, strict=True):
        label = "" if column is None or column >= len(cells) else _label(cells[column])
        if cells is texts[0] and (label.casefold() in _HEADINGS or _are_headings(cells)):
            heading = sum(count_words(cell) for cell in cells)
            pieces.apart({"words of table headings": heading})
            pieces.words -= heading
            continue
        others = [position for position in range(len(cells)) if position != column and cells[position].strip()]
        times = [position for position in others if _CLOCK.match(cells[position].strip())]
        spoken = [position for position in others if position not in times]
        if label and spoken:
            time = cells[times[0]].strip() if times else ""
            further = [f"{cells[position].strip()}" for position in times[1:]]
            yield Said(label, "\n".join([*further, *(cells[position] for position in spoken)]), time)
        else:
            for cell in row:
                yield from cell


def _are_headings(cells: Sequence[str]) -> bool:
    """Say whether a row names columns: two cells or more, each with a word by which transcripts call a column."""
    filled = [" ".join(cell.split()).removesuffix(":").casefold() for cell in cells if cell.strip()]
    return len(filled) >= 2 and all(cell in _COLUMNS for cell in filled)


def _under(parent: Element, wanted: str) -> Iterator[Element]:
    """Give the rows of a table or the cells of a row, also inside content controls and tracked insertions."""
    for child in parent:
        name = _name(child)
        if name == wanted:
            yield child
        elif name in ("sdt", "sdtContent", "ins", "customXml", "moveTo"):
            yield from _under(child, wanted)


def _lines(blocks: Sequence[Block]) -> list[str]:
    return [
        f"{block.speaker}: {block.speech}"
        if isinstance(block, Said)
        else block.text
        if isinstance(block, Aside)
        else block
        for block in blocks
    ]


def _without_labels(cell: str) -> str:
    """Take the colon from lines that hold nothing but a label, so that no talk is taken to follow it."""
    return "\n".join(_label(line) or line for line in cell.split("\n") if line.strip())


def _label(cell: str) -> str:
    """Give the label a cell holds, or nothing where it holds more or other than one."""
    label = " ".join(cell.split()).removesuffix(":").rstrip()
    if not label or "\n" in cell.strip() or len(label.split()) > _LONGEST_LABEL_WORDS or len(label) > 60:
        return ""
    if label[-1] in ".?!,;" or label[:1].islower() or ":" in label or _CLOCK.match(label) or label.isdigit():
        return ""
    return label


def _speaker_column(texts: Sequence[Sequence[str]]) -> int | None:
    """Find the column that holds speakers: a label in nearly every row, some of which return, and talk beside it."""
    if len(texts) < 2:
        return None
    headings = [" ".join(cell.split()).removesuffix(":").casefold() for cell in texts[0]]
    if not _TALK_HEADINGS.isdisjoint(headings):
        # Headings say what the columns are, even where nobody speaks twice.
        for column, heading in enumerate(headings):
            below = [row[column] for row in texts[1:] if column < len(row) and row[column].strip()]
            if heading in _HEADINGS and below and all(_label(cell) for cell in below):
                return column
    for column in range(min(3, max(len(row) for row in texts) - 1)):
        cells = [row[column] if column < len(row) else "" for row in texts]
        filled = [cell for cell in cells if cell.strip()]
        labels = [label for cell in filled if (label := _label(cell))]
        counts = Counter(labels)
        beside = sum(len(cell.split()) for row in texts for position, cell in enumerate(row) if position != column)
        returns = bool(counts) and max(counts.values()) >= 2
        marked = bool(filled) and all(cell.strip().endswith(":") for cell in filled)
        if (
            filled
            and len(labels) >= 0.9 * len(filled)
            and (returns or marked)
            and beside > sum(len(cell.split()) for cell in filled)
        ):
            return column
    return None


def _holds_several_speakers(row: Sequence[str]) -> bool:
    """Say whether one cell of a row lists several labels and another holds several paragraphs of talk."""
    filled = [cell for cell in row if cell.strip()]
    if len(filled) < 2:
        return False
    for position, cell in enumerate(filled):
        lines = [line for line in cell.split("\n") if line.strip()]
        labels = [line for line in lines if _label(line)]
        others = [other for place, other in enumerate(filled) if place != position]
        talk = max(len(other.split()) for other in others)
        if len(labels) >= 2 and len(labels) == len(lines) and talk > 2 * len(cell.split()):
            return True
    return False


def _count_shown(root: Element, fields: set[int]) -> int:
    """Count the words Word shows, paragraph by paragraph wherever it stands, without those in `fields`."""
    total = 0
    waiting = [root]
    while waiting:
        element = waiting.pop()
        text: list[str] = []
        inside = [iter(element)]
        while inside:
            child = next(inside[-1], None)
            if child is None:
                inside.pop()
                continue
            name = _name(child)
            if name in ("p", "txbxContent"):
                waiting.append(child)
            elif name not in _NOT_SHOWN and id(child) not in fields:
                text.append((child.text or "") if name == "t" else " " if name in _TABS | _BREAKS else "")
                text.append("\u2011" if name == "noBreakHyphen" else "")
                inside.append(iter(child))
        total += count_words("".join(text))
    return total
