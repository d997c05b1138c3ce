"""The documents a table of coded segments can be about, and the names they go by there. No rows and no records made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from cop_analysis.realist.exchange.offsets import SourceText
from cop_analysis.realist.model import Code, Coding, Document
from cop_analysis.study.faults import loose_name

if TYPE_CHECKING:
    from cop_analysis.study import Study


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
