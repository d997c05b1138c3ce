"""Where a quote stands in a document that is known, when a file gives words or places of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from cop_analysis.realist.exchange.offsets import SourceText
from cop_analysis.realist.model import Code, Coding, Document
from cop_analysis.study.faults import loose_name

if TYPE_CHECKING:
    from cop_analysis.study import Study


@dataclass
class Passages:
    """One text, prepared for finding quotes in it.

    Examples
    --------
    >>> passages = Passages("We met on Monday.\\n\\nWe  talked. We met.")
    >>> passages.find("We talked."), passages.find("We met"), passages.find("absent")
    ([(19, 30)], [(0, 6), (31, 37)], [])
    """

    text: str

    def __post_init__(self) -> None:
        self._spaceless: str | None = None

    def find(self, quote: str, most: int = 50) -> list[tuple[int, int]]:
        """Give every place at which a quote stands, at most `most` of them.

        Parameters
        ----------
        quote : str
            Looked for as it is; where that fails, without regard to blanks, line breaks and the form of quotation
            marks, which other programs change on their way.
        most : int
        """
        if not quote.strip():
            return []
        found = [(start, start + len(quote)) for start in _starts(quote, self.text, most)]
        return found or self._find_loosely(quote, most)

    def _find_loosely(self, quote: str, most: int) -> list[tuple[int, int]]:
        if self._spaceless is None:
            # The text without blanks, and for each of its characters the place it stands at.
            marks = np.fromiter((not character.isspace() for character in self.text), dtype=bool, count=len(self.text))
            self._places = np.flatnonzero(marks)
            self._spaceless = _levelled("".join(self.text.split()))
        wanted = _levelled("".join(quote.split()))
        if not wanted or len(self._spaceless) != len(self._places):
            return []
        last = len(wanted) - 1
        return [
            (int(self._places[start]), int(self._places[start + last]) + 1)
            for start in _starts(wanted, self._spaceless, most)
        ]


_MARKS = str.maketrans("\u2018\u2019\u201b\u201c\u201d\u201f\u2010\u2011\u2013\u2014", "'''\"\"\"----")


def _levelled(text: str) -> str:
    return text.translate(_MARKS)


def _starts(words: str, text: str, most: int) -> list[int]:
    """Give where words stand in a text, places that overlap included."""
    found: list[int] = []
    start = text.find(words)
    while start >= 0 and len(found) < most:
        found.append(start)
        start = text.find(words, start + 1)
    return found


@dataclass
class KnownDocuments:
    """The documents a table can be about, and their codes and coders where a coding was given."""

    study: str
    documents: dict[str, Document]
    read_text: Callable[[str], str]
    codes: Mapping[str, Code]
    coders: Mapping[str, str] = field(default_factory=dict)
    """By name, the identifier of a coder."""

    @classmethod
    def of(cls, given: Coding | Study | Mapping[str, str] | KnownDocuments) -> KnownDocuments:
        """Gather them from a coding, a study, or texts by name."""
        if isinstance(given, KnownDocuments):
            return given
        if isinstance(given, Coding):
            return cls(
                given.study,
                {one.id: one for one in given.snapshot.documents},
                given.text,
                {one.id: one for one in given.snapshot.codes},
            )
        if isinstance(given, Mapping):
            texts = {name: SourceText.of(text).text for name, text in given.items()}
            documents = {name: _document(name, f"documents/{name}", "", text) for name, text in texts.items()}
            return cls("segments", documents, texts.__getitem__, {})
        table = given.documents
        documents = {}
        if table is not None:
            for row in table.to_dict("records"):
                name, title = str(row["document"]), row.get("title")
                text = given.read_document(name)
                documents[name] = _document(name, str(row["file"]), title if isinstance(title, str) else "", text)
        return cls(given.key, documents, given.read_document, {})

    def names(self) -> dict[str, str]:
        """Give every name a document may go by in a table, loosely written; a name two documents share means none."""
        found: dict[str, set[str]] = {}
        for one in self.documents.values():
            file = PurePosixPath(one.file)
            for name in (one.id, one.title, file.name, file.stem):
                if loose_name(name):
                    found.setdefault(loose_name(name), set()).add(one.id)
        return {name: next(iter(ids)) for name, ids in found.items() if len(ids) == 1}


def _document(identifier: str, file: str, title: str, text: str) -> Document:
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return Document(identifier, file, title, digest, len(text))
