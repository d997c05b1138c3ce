"""A page too large to open at once: its transcripts, and then its longer lists, get pages of their own, links and all.

What may be set apart is a `<details>` with an id and one of `APART` as its class. It leaves a link in its place, and
every link to something inside it, from wherever, leads to the page it went to. Nothing needs a script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

LARGEST_PAGE: Final = 2_000_000
"""How many characters of content a page may have before something is set apart."""
LARGEST_PART: Final = 1_000_000
"""How many characters are gathered on one page of what was set apart; one piece may be longer."""
APART: Final = ("cop-transcript", "cop-more")
"""What is set apart, in this order, as far as need be."""

_DETAILS = re.compile(r"<(/?)details\b([^>]*)>")
_CLASS = re.compile(r'\bclass="([^"]*)"')
_ID = re.compile(r'\sid="([^"]+)"')
_SUMMARY = re.compile(r"<summary[^>]*>(.*?)</summary>", re.DOTALL)
_LINK = re.compile(r'(<a\b[^>]*?\s)href="#([^"]+)"')


@dataclass(frozen=True)
class Part:
    """A page of what was set apart: its file, and its content."""

    file: str
    html: str


@dataclass(frozen=True)
class _Piece:
    block: int
    start: int
    end: int
    identifier: str
    html: str


def set_apart(blocks: Sequence[str], name: str, most: int = LARGEST_PAGE) -> tuple[list[str], list[Part]]:
    """Take from the blocks of a page what makes it too large.

    Parameters
    ----------
    blocks : sequence of str
        Sanitised HTML, in the order of the page.
    name : str
        The page's name, which is its file's without ``.html``.
    most : int
        How many characters the page may keep; as it is where it has no more.

    Returns
    -------
    list of str, list of Part
        The blocks that are left, and the further pages; no pages where the page is small enough.

    Examples
    --------
    >>> page = ('<a href="#said">quote</a><details class="cop-transcript" id="t"><summary>D1</summary>'
    ...         '<p id="said">We met.</p></details>')
    >>> (left,), (part,) = set_apart([page], "02_x", most=40)
    >>> left
    '<a href="02_x-part-01.html#said">quote</a><p class="cop-apart"><a href="02_x-part-01.html#t">D1</a></p>'
    >>> part.file
    '02_x-part-01.html'
    """
    taken: list[_Piece] = []
    size = sum(map(len, blocks))
    for kind in APART:
        if size <= most:
            break
        pieces = [piece for number, block in enumerate(blocks) for piece in _pieces(number, block, kind)]
        taken += pieces
        size -= sum(len(piece.html) for piece in pieces)
    if not taken:
        return list(blocks), []
    gathered = _gathered(taken)
    files = {
        piece.identifier: f"{name}-part-{number:02d}.html"
        for number, pieces in enumerate(gathered, start=1)
        for piece in pieces
    }
    places = {found: files[piece.identifier] for piece in taken for found in _ID.findall(piece.html)}
    left = list(blocks)
    for piece in sorted(taken, key=lambda one: (one.block, -one.start)):
        summary = _SUMMARY.search(piece.html)
        what = summary[1] if summary else "More of this"
        link = f'<p class="cop-apart"><a href="{files[piece.identifier]}#{piece.identifier}">{what}</a></p>'
        left[piece.block] = left[piece.block][: piece.start] + link + left[piece.block][piece.end :]
    page = f"{name}.html"
    parts = []
    for pieces in gathered:
        file = files[pieces[0].identifier]
        parts.append(Part(file, _linked("\n".join(piece.html for piece in pieces), file, places, page)))
    return [_linked(block, page, places, page) for block in left], parts


def _pieces(number: int, block: str, kind: str) -> Iterator[_Piece]:
    """Find the outermost details of a kind in a block; sanitised HTML closes everything it opens."""
    depth, start, identifier = 0, -1, ""
    for found in _DETAILS.finditer(block):
        if not found[1]:
            if start < 0:
                classes, named = _CLASS.search(found[2]), _ID.search(found[2])
                if classes and named and kind in classes[1].split():
                    start, depth, identifier = found.start(), 1, named[1]
            else:
                depth += 1
        elif start >= 0:
            depth -= 1
            if depth == 0:
                yield _Piece(number, start, found.end(), identifier, block[start : found.end()])
                start = -1


def _gathered(pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    pages: list[list[_Piece]] = [[]]
    size = 0
    for piece in pieces:
        if pages[-1] and size + len(piece.html) > LARGEST_PART:
            pages.append([])
            size = 0
        pages[-1].append(piece)
        size += len(piece.html)
    return pages


def _linked(html: str, here: str, places: dict[str, str], page: str) -> str:
    """Let links lead to where their places went; what was not set apart is on the page itself."""

    def to(found: re.Match[str]) -> str:
        there = places.get(found[2], page)
        return found[0] if there == here else f'{found[1]}href="{there}#{found[2]}"'

    return _LINK.sub(to, html)
