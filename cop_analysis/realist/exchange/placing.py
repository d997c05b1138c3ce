"""Finding where quoted words stand in a text: exactly, or but for blanks and line breaks. No files and no records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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
