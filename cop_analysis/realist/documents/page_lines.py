"""Lines of a page that are no talk: page numbers, running lines that came into the text, the date at its head."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from cop_analysis.realist.documents.pieces import Aside, Pieces, Said, count_words
from cop_analysis.realist.documents.speakers import spelled

_PAGE = re.compile(r"\W*(?:page|pg\.?)\s*\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?\W*\Z", re.IGNORECASE)
_WITH_PAGE = re.compile(r"(?:.{0,80}\W)?page\s*\d{1,4}(?:\s*(?:of|/)\s*\d{1,4})?(?:\W.{0,80})?\Z", re.IGNORECASE)
_MARKED = re.compile(r"\s*(?:[-\u2013\u2014]\s*\d{1,4}\s*[-\u2013\u2014]|\d{1,4}\s*(?:/|of)\s*\d{1,4})\s*\Z")
_NUMBER = re.compile(r"\s*(\d{1,4})\s*\Z")
_OF = r"(?:interview|recording)"
_DATE = re.compile(rf"\s*(?:{_OF}\s+)?date(?:\s+of\s+{_OF})?\s*:\s*(?P<date>\S.{{0,60}})\Z", re.IGNORECASE)
_HEAD = 12
"""Among so many lines at the beginning a date is the document's own."""
_REPEATS = 3


def take_page_lines(pieces: Pieces) -> None:
    """Set page numbers, running lines beside them and the date at the head apart, and count the words of the rest.

    Examples
    --------
    >>> pieces = Pieces(["Date: 3 May 2024", "P01: Yes.", "Page 1 of 2", "P01: No.", "Page 2 of 2"], 16)
    >>> take_page_lines(pieces)
    >>> pieces.blocks, pieces.words, pieces.attributes, pieces.set_apart
    (['P01: Yes.', 'P01: No.'], 4, {'date': '3 May 2024'}, {'words of page lines': 8, 'words of the date': 4})
    """
    lines = list(_lines(pieces.blocks))
    gone = _page_lines([text for _, _, text in lines])
    taken = {(block, place) for number, (block, place, _) in enumerate(lines) if number in gone}
    words = sum(count_words(lines[number][2]) for number in gone)
    pieces.apart({"words of page lines": words})
    for number, (block, place, text) in enumerate(lines[:_HEAD]):
        found = _DATE.match(text)
        if found is not None and number not in gone and "date" not in pieces.attributes:
            pieces.attributes["date"] = found["date"].strip()
            pieces.apart({"words of the date": count_words(text)})
            words += count_words(text)
            taken.add((block, place))
            break
    if not taken:
        return
    pieces.words -= words
    if gone:
        many = "1 line" if len(gone) == 1 else f"{len(gone):,} lines"
        pieces.warnings.append(f"Page numbers and running lines ({many}) were left out of the talk.")
    kept: list[str | Said | Aside] = []
    for position, one in enumerate(pieces.blocks):
        if not isinstance(one, str):
            kept.append(one)
            continue
        rest = [line for place, line in enumerate(one.split("\n")) if (position, place) not in taken]
        if any(line.strip() for line in rest):
            kept.append("\n".join(rest))
    pieces.blocks = kept


def _lines(blocks: Sequence[object]) -> Iterator[tuple[int, int, str]]:
    for number, block in enumerate(blocks):
        if isinstance(block, str):
            for place, line in enumerate(block.split("\n")):
                if line.strip():
                    yield number, place, line


def _page_lines(lines: Sequence[str]) -> set[int]:
    """Give the numbers of the lines that are of the page."""
    gone = {number for number, line in enumerate(lines) if _PAGE.match(line)}
    alike = Counter(_shape(line) for line in lines if len(line) < 200 and _WITH_PAGE.match(line.strip()))
    gone |= {number for number, line in enumerate(lines)
             if len(line) < 200 and _WITH_PAGE.match(line.strip()) and alike[_shape(line)] >= 2
             and len(line.split()) <= 14}  # fmt: skip
    marked = [number for number, line in enumerate(lines) if _MARKED.match(line)]
    gone |= set(marked) if len(marked) >= 2 else set()
    numbered = [(number, int(match[1])) for number, line in enumerate(lines) if (match := _NUMBER.match(line))]
    counts = [value for _, value in numbered]
    if len(counts) >= _REPEATS and all(later == before + 1 for before, later in pairwise(counts)):
        # Lone numbers that count up through a text are its pages; a number somebody says does not.
        gone |= {number for number, _ in numbered}
    places: dict[str, list[int]] = {}
    for number, line in enumerate(lines if gone else ()):
        is_talk = spelled(line) is not None or line.rstrip()[-1:] in ".?!,;"
        if number not in gone and not is_talk and len(line) < 200 and len(line.split()) <= 14:
            places.setdefault(line.strip(), []).append(number)
    for its in places.values():
        # A running title stands beside the number of each page.
        if len(its) >= _REPEATS and all(number - 1 in gone or number + 1 in gone for number in its):
            gone.update(its)
    return gone


def _shape(line: str) -> str:
    return re.sub(r"\d+", "#", line.strip().casefold())
