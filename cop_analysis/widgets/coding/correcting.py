"""Correcting a document's text from the panel: the file is written whole, and the coding is carried over to it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from cop_analysis.realist.coding import KeptCoding
from cop_analysis.realist.coding.documents import put_text
from cop_analysis.realist.store import ChangedElsewhere, CodingError

if TYPE_CHECKING:
    from cop_analysis.realist.model.reanchoring import Reanchored
    from cop_analysis.study import Study


class Texts:
    """The texts of a study's documents, as they are and as they were while the panel was open.

    Parameters
    ----------
    study : Study

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from cop_analysis import open_study
    >>> from cop_analysis.study.template import new_study
    >>> study = open_study(new_study(Path(tempfile.mkdtemp()) / "forum", example=True))
    >>> document = str(study.documents["document"].iloc[0])
    >>> Texts(study).read(document) == study.read_document(document)
    True
    """

    def __init__(self, study: Study) -> None:
        self._study = study
        self._known: dict[str, str] = {}

    def read(self, document: str) -> str:
        """Give the text of a document as it is now.

        Raises
        ------
        ValueError
            When there is no such document, or its file cannot be read.
        """
        text = self._study.read_document(document)
        self._known[checksum(text)] = text
        return text

    def correct(self, coding: KeptCoding, coder: str, given: Mapping[str, Any]) -> Reanchored | None:
        """Put other words in the place of some, and carry the coding over to the corrected text.

        Parameters
        ----------
        coding : KeptCoding
        coder : str
        given : mapping
            ``document``, ``start`` and ``end`` in code points, ``was`` the words that stand there, ``words`` the new.

        Returns
        -------
        Reanchored or None
            What became of the extracts; None where the words stand there already, or nothing of it is coded.

        Raises
        ------
        CodingError
            When the words there are others by now, nothing is left, or the file cannot be written.
        """
        document, start, end = str(given["document"]), int(given["start"]), int(given["end"])
        was, words = str(given["was"]), str(given["words"]).replace("\r\n", "\n").replace("\r", "\n").strip()
        text = self.read(document)
        if text[start:end] != was:
            if text[start : start + len(words)] == words:
                return None
            raise ChangedElsewhere(
                "Somebody changed the text of this document meanwhile. Yours was not stored: look at the text again "
                "and correct it anew."
            )
        if not words:
            raise CodingError("A turn needs words. To take one out, correct the file and carry the coding over to it.")
        corrected = text[:start] + words + text[end:]
        known = next((one for one in coding.snapshot.documents if one.id == document), None)
        if known is None:
            self._put(document, corrected)
            return None
        if known.sha256 and checksum(text) != known.sha256.lower():
            raise CodingError(
                "The text was changed since it was coded, and the coding was not carried over yet: press "
                "“Carry the coding over” first."
            )
        carried = coding.replace_document(document, text=corrected, coder=coder)
        self._known[checksum(corrected)] = corrected
        return carried

    def follow(self, changes: list[list[Any]]) -> None:
        """Put the text back that the coding stands on again, after an undo or a redo of a correction made here."""
        for collection, document, record in changes:
            if collection != "documents" or not record:
                continue
            wanted = self._known.get(str(record.get("sha256", "")).lower())
            if wanted is not None and wanted != self.read(document):
                self._put(document, wanted)

    def _put(self, document: str, text: str) -> None:
        put_text(self._study, document, text)
        self._known[checksum(text)] = text


def checksum(text: str) -> str:
    """Give the checksum a coding keeps of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def as_seen(carried: Reanchored, seen: Collection[str]) -> dict[str, Any]:
    """Say what became of a document's extracts, as plain JSON, of those that may be seen.

    Parameters
    ----------
    carried : Reanchored
    seen : collection of str
        The extracts of the document that may be told of, by identifier.
    """
    moved = tuple(one for one in carried.moved if one.extract in seen)
    lost = tuple(one for one in carried.lost if one.extract in seen)
    told = replace(carried, moved=moved, lost=lost, unchanged=len(seen) - len(moved) - len(lost))
    return {
        "sentence": told.sentence,
        "moved": [{"extract": one.extract, "before": one.quote_before, "quote": one.quote} for one in moved],
        "lost": [{"extract": one.extract, "quote": one.quote, "reason": one.reason} for one in lost],
    }
