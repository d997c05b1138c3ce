"""From overlapping passages of a text to HTML that marks them; no study and no coding is known here.

The marked text is the text: its characters in their order, none added and none lost, so that a quote can be checked
against the page. What the passages mean stands beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from cop_analysis.realist.model.markup import html_text


@dataclass(frozen=True)
class Place:
    """A passage ``text[start:end]`` to be marked: how links find it, what it is called, on which line it is drawn.

    `line` is 1 to `LINES`, so that passages that overlap are seen apart without colour, or 0 for no line.
    """

    anchor: str
    start: int
    end: int
    title: str = ""
    line: int = 0


LINES = 5
"""So many lines under the words have a pattern of their own; a sixth at one place is drawn like the first."""


def lines_of(spans: Sequence[tuple[int, int]]) -> list[int]:
    """Give each of some passages the first line that is free where it stands: 1 to `LINES`.

    Examples
    --------
    >>> lines_of([(0, 9), (4, 20), (10, 12)])
    [1, 2, 1]
    """
    found = [0] * len(spans)
    until: list[int] = []
    for index in sorted(range(len(spans)), key=lambda one: (spans[one][0], -spans[one][1], one)):
        start, end = spans[index]
        line = next((number for number, last in enumerate(until) if last <= start), len(until))
        until[line : line + 1] = [end]
        found[index] = line % LINES + 1
    return found


def marked(
    text: str, places: Sequence[Place], *, start: int = 0, end: int | None = None, landed: set[str] | None = None
) -> str:
    """Write ``text[start:end]`` as HTML in which every place is marked, however the places overlap.

    The text is cut wherever a place begins or ends, and each piece that lies in a place becomes one ``<mark>``; a
    place's anchor goes to the first piece it covers, once a page.

    Parameters
    ----------
    text : str
        The whole text in which the places count.
    places : sequence of Place
        In any order. What lies outside the piece asked for is left out; empty places mark nothing.
    start, end : int, optional
        The piece of the text to write.
    landed : set of str, optional
        The anchors already on the page; those written here are added. Give the same set for each piece of one page.

    Returns
    -------
    str
        An HTML fragment whose text content is ``text[start:end]`` (with U+FFFD for what HTML cannot hold).

    Examples
    --------
    >>> marked("a & b", [Place("place-x1", 0, 3), Place("place-x2", 2, 5)])
    '<mark id="place-x1">a </mark><mark id="place-x2">&amp;</mark><mark> b</mark>'
    """
    end = len(text) if end is None else min(end, len(text))
    start = max(start, 0)
    landed = set() if landed is None else landed
    opening: dict[int, list[int]] = defaultdict(list)
    closing: dict[int, list[int]] = defaultdict(list)
    for index, place in enumerate(places):
        first, last = max(place.start, start), min(place.end, end)
        if first < last:
            opening[first].append(index)
            closing[last].append(index)
    cuts = sorted({start, end, *opening, *closing})
    active: dict[int, None] = {}
    parts: list[str] = []
    for cut, until in zip(cuts, [*cuts[1:], end], strict=True):
        for index in closing.get(cut, ()):
            active.pop(index, None)
        fresh = []
        for index in sorted(opening.get(cut, ()), key=lambda index: (places[index].start, index)):
            active[index] = None
            if places[index].anchor not in landed:
                landed.add(places[index].anchor)
                fresh.append(places[index].anchor)
        if cut >= until:
            continue
        piece = html_text(text[cut:until])
        parts.append(_mark(piece, [places[index] for index in active], fresh) if active else piece)
    return "".join(parts)


def _mark(piece: str, places: Sequence[Place], anchors: Sequence[str]) -> str:
    named = "; ".join(dict.fromkeys(place.title for place in places if place.title))
    lines = " ".join(dict.fromkeys(f"cop-line-{place.line}" for place in places if place.line))
    drawn = f' class="{lines}"' if lines else ""
    title = f' title="{html_text(named)}"' if named else ""
    # A second place that begins at the same character has its anchor inside the mark.
    further = "".join(f'<span id="{html_text(anchor)}"></span>' for anchor in anchors[1:])
    first = f' id="{html_text(anchors[0])}"' if anchors else ""
    return f"<mark{first}{title}{drawn}>{further}{piece}</mark>"
