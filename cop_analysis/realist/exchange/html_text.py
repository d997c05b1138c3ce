"""HTML as plain text in which every position of the HTML's own text can be found again. Nothing is run or fetched."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

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
    reader = _Reader()
    # As HTML says, CR LF and CR in a page are one line feed each.
    reader.feed(html.replace("\r\n", "\n").replace("\r", "\n"))
    reader.close()
    return reader.result()


class _Reader(HTMLParser):
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
