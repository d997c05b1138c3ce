"""Taguette projects (SQLite) in: documents, tags, highlights. Highlights count bytes of UTF-8 of the document's text.

Read after the tables Taguette 1.4 keeps: projects, documents (HTML), tags, highlights, highlight_tags, and the log of
commands, which alone says who made a highlight and when.
"""

from __future__ import annotations

import bisect
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any, Final

from cop_analysis.characters import first_characters
from cop_analysis.realist.documents.containers import Database, ExchangeError, number, words
from cop_analysis.realist.exchange.formats.qdpx import count_records
from cop_analysis.realist.exchange.offsets import Passages
from cop_analysis.realist.exchange.references import correct_references, marked_as_of, said_of_itself
from cop_analysis.realist.exchange.registry import Format
from cop_analysis.realist.exchange.report import ExchangeReport, Ledger, OffsetChoice
from cop_analysis.realist.exchange.source_reading import REPEATED, Repeats, extract_at
from cop_analysis.realist.model import Code, Coder, Coding, Document, Extract, Memo, Snapshot
from cop_analysis.realist.model.identifiers import free, slug

_NEEDED: Final = {
    "projects": ("id", "name"),
    "documents": ("id", "name", "contents", "project_id"),
    "tags": ("id", "path", "project_id"),
    "highlights": ("id", "document_id", "start_offset", "end_offset"),
    "highlight_tags": ("highlight_id", "tag_id"),
}

_UNKNOWN: Final = "unknown-coder"


def read_taguette(path: Path | str, project: str = "") -> tuple[Coding, ExchangeReport]:
    """Read a project of Taguette from its SQLite file.

    Parameters
    ----------
    path : path
        An exported project (.sqlite3), or Taguette's own database.
    project : str
        Which project, by name or number, where the file holds several.

    Returns
    -------
    coding : Coding
        Documents as plain text (a blank line between paragraphs), a code for each tag, an extract for each highlight
        and tag.
    report : ExchangeReport

    Raises
    ------
    ExchangeError
        When it is no such file, or holds several projects and none was named.

    Notes
    -----
    Taguette keeps documents as HTML and counts a highlight in bytes of UTF-8 of the text between the tags. Each is
    compared with the words Taguette kept beside it; one that does not fit is looked for by its words.
    """
    path = Path(path)
    ledger = Ledger(path.name)
    with Database(path, "Taguette project (.sqlite3)", _NEEDED) as database:
        reader = _Reader(database, ledger, project)
        snapshot = correct_references(reader.read(), ledger)
    count_records(snapshot, ledger)
    ledger.offsets = OffsetChoice("utf8", 1, "Offsets read as UTF-8 bytes, which Taguette counts.")
    texts = {identifier: page.text for identifier, page in reader.pages.items()}
    return Coding(snapshot, texts.__getitem__), ledger.close("import", "taguette")


class _Reader:
    def __init__(self, database: Database, ledger: Ledger, project: str) -> None:
        self.database, self.ledger = database, ledger
        self.project, self.name, self.description = self.choose(project)
        self.pages: dict[str, HtmlText] = {}
        self.passages: dict[str, Passages] = {}
        self.documents: dict[int, Document] = {}
        self.codes: dict[int, Code] = {}
        self.coders: dict[str, Coder] = {}
        self.memos: list[Memo] = []
        self.extracts: dict[str, Extract] = {}

    def choose(self, wanted: str) -> tuple[int, str, str]:
        projects = list(self.database.rows("projects", ("id", "name", "description")))
        fitting = [one for one in projects if wanted in ("", words(one["name"]), words(one["id"]))]
        if len(fitting) == 1:
            return number(fitting[0]["id"]) or 0, words(fitting[0]["name"]), words(fitting[0]["description"])
        names = ", ".join(f"{words(one['name'])} ({words(one['id'])})" for one in projects[:10]) or "none"
        if not projects:
            raise ExchangeError(f"{self.database.path.name} holds no project.")
        raise ExchangeError(
            f"{self.database.path.name} holds {len(projects)} projects and {len(fitting)} of them fit; name one by its "
            f"name or number: {names}."
        )

    def read(self) -> Snapshot:
        self.read_documents()
        self.read_tags()
        self.read_highlights()
        if self.description.strip():
            self.memos.append(Memo("memo-project", self.description, "Description of the project"))
        return Snapshot(
            slug(self.name, "taguette"),
            tuple(self.coders.values()),
            tuple(self.documents.values()),
            tuple(self.codes.values()),
            tuple(self.extracts.values()),
            memos=tuple(self.memos),
        )

    def read_documents(self) -> None:
        files: set[str] = set()
        for row in self.database.rows(
            "documents", ("id", "name", "description", "filename", "contents", "project_id"), "id"
        ):
            key = number(row["id"])
            if number(row["project_id"]) != self.project or key is None:
                continue
            identifier = f"document-{key}"
            page = html_text(words(row["contents"]).replace("\x00", "\N{REPLACEMENT CHARACTER}"))
            name = words(row["name"])
            stem = re.sub(r"[^\w .()-]+", "_", PurePosixPath(name).stem).strip(" ._")[:80] or identifier
            file = f"documents/{stem}.txt"
            if file.casefold() in files:
                file = f"documents/{stem}_{key}.txt"
            files.add(file.casefold())
            digest = hashlib.sha256(page.text.encode("utf-8", "surrogatepass")).hexdigest()
            self.pages[identifier] = page
            self.documents[key] = Document(identifier, file, name, digest, len(page.text))
            if description := words(row["description"]).strip():
                self.memos.append(Memo(f"memo-{identifier}", description, name, about="document", target=identifier))

    def read_tags(self) -> None:
        parents: dict[int, int | None] = {}
        for row in self.database.rows("tags", ("id", "path", "description", "parent_id", "project_id"), "id"):
            key = number(row["id"])
            if number(row["project_id"]) != self.project or key is None:
                continue
            name = words(row["path"])
            self.codes[key] = Code(
                f"code-{key}", name if name.strip() else f"code-{key}", definition=words(row["description"])
            )
            parents[key] = number(row["parent_id"])
        for key, parent in parents.items():
            if parent in self.codes and parent is not None:
                code = self.codes[key]
                self.codes[key] = Code(code.id, code.name, self.codes[parent].id, code.definition)

    def read_highlights(self) -> None:
        makers = self.makers()
        repeats = Repeats()
        tags: dict[int, list[int]] = {}
        for row in self.database.rows("highlight_tags", ("highlight_id", "tag_id"), "highlight_id, tag_id"):
            highlight, tag = number(row["highlight_id"]), number(row["tag_id"])
            if highlight is not None and tag in self.codes and tag is not None:
                tags.setdefault(highlight, []).append(tag)
        for row in self.database.rows(
            "highlights", ("id", "document_id", "start_offset", "end_offset", "snippet"), "id"
        ):
            key, document = number(row["id"]), number(row["document_id"])
            if key is None or document not in self.documents or document is None:
                continue
            place = self.place(row, self.documents[document].id)
            if place is None:
                continue
            if not tags.get(key):
                self.leave(row, self.documents[document], "it has no tag", place)
                continue
            coder, created = makers.get(key, (_UNKNOWN, ""))
            self.coders.setdefault(coder, Coder(coder, "" if coder == _UNKNOWN else coder))
            for position, tag in enumerate(tags[key]):
                named = self.documents[document]
                if repeats.earlier(named.id, place, self.codes[tag].id, coder) is not None:
                    words_there = self.pages[named.id].text[place[0] : place[1]]
                    detail = f"{self.codes[tag].name}; {first_characters(words_there, 200)}"
                    self.ledger.change("highlight", named.title, REPEATED, start=place[0], end=place[1], detail=detail)
                    continue
                identifier = f"highlight-{key}" if position == 0 else f"highlight-{key}-{position + 1}"
                self.extracts[identifier] = extract_at(
                    self.pages[self.documents[document].id].text,
                    *place,
                    identifier=free(identifier, self.extracts),
                    document=self.documents[document].id,
                    code=self.codes[tag].id,
                    coder=coder,
                    created=created,
                )
                repeats.add(self.extracts[identifier])

    def place(self, row: dict[str, Any], document: str) -> tuple[int, int] | None:
        page = self.pages[document]
        start, end = number(row["start_offset"]), number(row["end_offset"])
        snippet = html_text(words(row["snippet"])).text
        first = page.place(start, is_end=False) if start is not None else None
        last = page.place(end, is_end=True) if end is not None else None
        holder = next(one for one in self.documents.values() if one.id == document)
        fits = first is not None and last is not None and first < last and page.text[first:last].strip()
        if fits and first is not None and last is not None and _agrees(snippet, page.text[first:last]):
            return first, last
        found = self.passages.setdefault(document, Passages(page.text)).find(snippet)
        if len(found) == 1:
            self.ledger.change(
                "highlight",
                holder.title,
                "did not fit its positions and was found by its words",
                start=start,
                end=end,
                detail=first_characters(snippet, 200),
            )
            return found[0]
        if fits and first is not None and last is not None:
            self.ledger.change(
                "highlight",
                holder.title,
                "holds other words than were kept beside it; its positions were taken",
                start=start,
                end=end,
                detail=first_characters(snippet, 200),
            )
            return first, last
        self.leave(row, holder, "it lies outside its document and its words stand there not exactly once", None)
        return None

    def leave(self, row: dict[str, Any], document: Document, reason: str, place: tuple[int, int] | None) -> None:
        shown = html_text(words(row["snippet"])).text
        if place is not None and not shown:
            shown = self.pages[document.id].text[place[0] : place[1]]
        start, end = number(row["start_offset"]), number(row["end_offset"])
        self.ledger.leave(
            "highlight", document.title, reason, start=start, end=end, detail=first_characters(shown, 400)
        )

    def makers(self) -> dict[int, tuple[str, str]]:
        """Give who made each highlight and when, from the log of commands; the last word counts."""
        found: dict[int, tuple[str, str]] = {}
        for row in self.database.rows("commands", ("date", "user_login", "payload"), "id"):
            try:
                payload = json.loads(words(row["payload"]))
            except (ValueError, RecursionError):
                continue
            if isinstance(payload, dict) and payload.get("type") == "highlight_add":
                key = number(payload.get("highlight_id"))
                if key is not None:
                    found[key] = words(row["user_login"]) or _UNKNOWN, _moment(words(row["date"]))
        return found


def _agrees(snippet: str, text: str) -> bool:
    return not snippet.strip() or "".join(snippet.split()) == "".join(text.split())


def _moment(text: str) -> str:
    """Give a moment as Taguette keeps it (UTC, without saying so) as ISO 8601."""
    match = re.match(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)", text)
    return f"{match[1]}T{match[2]}Z" if match else ""


BLOCKS: Final = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "caption", "dd", "div", "dl", "dt", "fieldset",
        "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main",
        "nav", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
    }
)  # fmt: skip
"""The elements that begin and end a paragraph."""

_UNSEEN: Final = frozenset({"script", "style", "template", "title", "head"})


@dataclass(frozen=True)
class HtmlText:
    """The text of an HTML document.

    Parameters
    ----------
    text : str
        Paragraphs with a blank line between them.
    starts : sequence of int
        For each piece of the HTML's own text, its first position in bytes of UTF-8.
    pieces : sequence of (str, int, bool)
        Each piece with the place its first character has in `text`, and whether it is shown there; blanks between
        paragraphs are not.
    """

    text: str
    starts: Sequence[int]
    pieces: Sequence[tuple[str, int, bool]]

    def place(self, offset: int, *, is_end: bool) -> int | None:
        """Give the place in `text` of a position in bytes of UTF-8 of the HTML's own text, tags not counted.

        Parameters
        ----------
        offset : int
        is_end : bool
            Between two pieces an end belongs to the first, a start to the second.

        Returns
        -------
        int or None
            None outside the text or inside a character.

        Examples
        --------
        >>> page = html_text("<p>caf\u00e9</p><p>open</p>")
        >>> page.text, page.place(5, is_end=True), page.place(5, is_end=False), page.place(4, is_end=False)
        ('caf\u00e9\\n\\nopen', 4, 6, None)
        """
        find = bisect.bisect_left if is_end else bisect.bisect_right
        index = find(self.starts, offset) - 1
        if index < 0:
            index = 0
        if offset < 0 or index >= len(self.pieces):
            return None
        piece, place, is_shown = self.pieces[index]
        content = piece.encode("utf-8", "surrogatepass")
        inside = offset - self.starts[index]
        if inside > len(content) or (inside < len(content) and content[inside] & 0xC0 == 0x80):
            return None
        if not is_shown:
            later = (at for _, at, shown in self.pieces[index:] if shown)
            return place if is_end else next(later, place)
        return place + len(content[:inside].decode("utf-8", "surrogatepass"))


def html_text(html: str) -> HtmlText:
    """Read HTML as plain text: a blank line between paragraphs, a line break for ``<br>``, words in = words out.

    Parameters
    ----------
    html : str
        A whole page or a part of one.
    """
    reader = _HtmlReader()
    # As HTML says, CR LF and CR in a page are one line feed each.
    reader.feed(html.replace("\r\n", "\n").replace("\r", "\n"))
    reader.close()
    return reader.result()


class _HtmlReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.length = 0
        self.position = 0
        self.starts: list[int] = []
        self.pieces: list[tuple[str, int, bool]] = []
        self.breaks = 0
        self.preformatted = 0
        self.unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self.unseen += 1
        if tag == "pre":
            self.preformatted += 1
        if tag == "br":
            self.breaks += 1
        elif tag in BLOCKS:
            self.breaks = max(self.breaks, 2)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # A slash means nothing to HTML but on elements that never hold anything.
        self.handle_starttag(tag, attrs)
        if tag in BLOCKS and tag != "hr":
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self.unseen = max(0, self.unseen - 1)
        if tag == "pre":
            self.preformatted = max(0, self.preformatted - 1)
        if tag in BLOCKS:
            self.breaks = max(self.breaks, 2)

    def handle_data(self, data: str) -> None:
        if not data:
            return
        # Each character keeps its own place, so that positions inside a piece need no further map.
        shown = data if self.preformatted else "".join(" " if one in "\n\t\f" else one for one in data)
        is_visible = bool(shown.strip()) and not self.unseen
        is_space_between = not is_visible and (self.breaks >= 2 or not self.out)
        if not self.unseen and not is_space_between:
            if self.out:
                self.write("\n" * min(self.breaks, 3))
            self.breaks = 0
        self.starts.append(self.position)
        self.position += len(data.encode("utf-8", "surrogatepass"))
        if self.unseen or is_space_between:
            self.pieces.append((data, self.length, False))
            return
        self.pieces.append((data, self.length, True))
        self.write(shown)

    def write(self, text: str) -> None:
        self.out.append(text)
        self.length += len(text)

    def result(self) -> HtmlText:
        return HtmlText("".join(self.out), self.starts, self.pieces)


# --- as a kind of file --------------------------------------------------------------------------------------------


def _own_names(snapshot: Snapshot, path: Path, project: str) -> Snapshot:
    # A project is itself under any name of its file.
    made = said_of_itself(path, "SELECT name, created FROM projects")
    return marked_as_of(snapshot, "taguette", *(() if made else (path.name,)), project, made)


FORMATS: Final = (
    Format(
        "taguette",
        "Taguette project",
        "from Taguette",
        lambda seen: seen.tables is not None and {"projects", "highlights"} <= seen.tables,
        lambda path, how: read_taguette(path, how.project),
        own_names=_own_names,
    ),
)
