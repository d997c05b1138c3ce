"""A person's traces in HTML, SVG and XML: found in the words a reader sees, whatever markup stands between them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cop_analysis.realist.store.traces import ERASED, Span, Traces, replaced

_TAG: Final = re.compile(
    r"<!--.*?-->|<!\[CDATA\[|\]\]>|<(?P<raw>script|style)\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>.*?</(?P=raw)\s*>"
    r"|<[A-Za-z/!?](?:[^>\"']|\"[^\"]*\"|'[^']*')*>",
    re.DOTALL | re.IGNORECASE,
)
_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});?")
_ESCAPE: Final = re.compile(r"\\(?:u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[^ux])", re.DOTALL)
_ESCAPED: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}
_INSIDE_WORDS: Final = re.compile(
    r"</?(?:a|abbr|b|bdi|bdo|cite|code|dfn|em|font|i|ins|kbd|mark|q|s|samp|small|span|strong|sub|sup|tspan|u|var|wbr"
    r"|[wa]:(?:r|t|rPr|b|i|lang|proofErr|rFonts)|r|t|rPr|rFont)(?![\w:-])",
    re.IGNORECASE,
)
_ROW: Final = re.compile(r"<tr\b.*?</tr\s*>", re.DOTALL | re.IGNORECASE)
_CELL: Final = re.compile(r"<t[dh]\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>(.*?)</t[dh]\s*>", re.DOTALL | re.IGNORECASE)
_VALUE: Final = re.compile(r"\"([^\"]*)\"|'([^']*)'")


@dataclass(frozen=True)
class _Piece:
    """Characters a reader sees, and where in the source they stand; one entity is one piece."""

    shown: str
    start: int
    end: int


def without_in_markup(source: str, traces: Traces) -> str:
    """Give markup in which a mark stands for each place that names or quotes the person.

    A row of a table in which one cell is nothing but their name is emptied whole.

    Examples
    --------
    >>> traces = Traces.of(["Agnieszka", "P01"])
    >>> without_in_markup("<p>Agn<b>ieszka</b> &amp; Ola</p><td title='P01'>5</td>", traces)
    "<p>[erased]<b></b> &amp; Ola</p><td title='[erased]'>5</td>"
    >>> without_in_markup("<tr><td>P01</td><td>nurse</td></tr><tr><td>P02</td></tr>", traces)
    '<tr><td>[erased]</td><td>[erased]</td></tr><tr><td>P02</td></tr>'
    """
    source = _ROW.sub(lambda row: _emptied(row[0], traces), source)
    pieces, tags = _parts(source)
    cuts = _cuts(source, pieces, tags, traces)
    for start, end in tags:
        new = _without_in_tag(source[start:end], traces)
        if new != source[start:end]:
            cuts[start, end] = new
    return _cut(source, cuts)


def without_escaped(source: str, traces: Traces) -> str:
    r"""Give a script or JSON with marks for what its strings say of the person, whatever escapes they are written with.

    Examples
    --------
    >>> without_escaped(r'{"said": "then\nAgnieszka", "n": "Zo\u00eb"}', Traces.of(["Agnieszka", "Zoë"]))
    '{"said": "then\\n[erased]", "n": "[erased]"}'
    """
    if "\\" not in source:
        return traces.without(source)
    if not traces.found(_ESCAPE.sub(lambda escape: _meant(escape[0]), source)):
        return source
    pieces: list[_Piece] = []
    last = 0
    for escape in _ESCAPE.finditer(source):
        if escape.start() > last:
            pieces.append(_Piece(source[last : escape.start()], last, escape.start()))
        pieces.append(_Piece(_meant(escape[0]), escape.start(), escape.end()))
        last = escape.end()
    pieces.append(_Piece(source[last:], last, len(source)))
    return _cut(source, _cuts(source, pieces, [], traces))


def _meant(escape: str) -> str:
    digits = escape[2:].strip("{}")
    if escape[1] in "ux" and digits:
        number = int(digits, 16)
        return chr(number) if number < 0x110000 else " "
    return _ESCAPED.get(escape[1], escape[1])


def what_is_shown(source: str) -> Iterator[str]:
    """Give the texts a reader of markup sees, words joined over inline markup and apart."""
    pieces, tags = _parts(source)
    for joined in (True, False):
        yield _shown(source, pieces, tags, joined)[0]


def _parts(source: str) -> tuple[list[_Piece], list[Span]]:
    pieces: list[_Piece] = []
    tags: list[Span] = []
    last = 0
    for tag in _TAG.finditer(source):
        pieces += _pieces(source, last, tag.start())
        tags.append((tag.start(), tag.end()))
        last = tag.end()
    return pieces + _pieces(source, last, len(source)), tags


def _pieces(source: str, start: int, end: int) -> list[_Piece]:
    found = []
    for entity in _ENTITY.finditer(source, start, end):
        if entity.start() > start:
            found.append(_Piece(source[start : entity.start()], start, entity.start()))
        found.append(_Piece(html.unescape(entity[0]), entity.start(), entity.end()))
        start = entity.end()
    if start < end:
        found.append(_Piece(source[start:end], start, end))
    return found


def _shown(source: str, pieces: list[_Piece], tags: list[Span], joined: bool) -> tuple[str, list[Span | None]]:
    """Give what a reader sees, and for each of its characters where it stands in the source."""
    texts: list[str] = []
    owners: list[Span | None] = []
    last = 0
    between = iter(tags)
    tag = next(between, None)
    for piece in pieces:
        apart = False
        while tag is not None and tag[1] <= piece.start:
            if tag[0] >= last:
                apart = apart or not (joined and _INSIDE_WORDS.match(source, tag[0]))
            tag = next(between, None)
        if apart:
            texts.append("\n")
            owners.append(None)
        texts.append(piece.shown)
        if len(piece.shown) == piece.end - piece.start:
            owners += [(at, at + 1) for at in range(piece.start, piece.end)]
        else:
            owners += [(piece.start, piece.end)] * len(piece.shown)
        last = piece.end
    return "".join(texts), owners


def _cuts(source: str, pieces: list[_Piece], tags: list[Span], traces: Traces) -> dict[Span, str]:
    """Say which places of the source go for what is shown to hold nothing of the person, and what stands there."""
    cuts: dict[Span, str] = {}
    for joined in (True, False):
        shown, owners = _shown(source, pieces, tags, joined)
        for start, stop in traces.spans(shown):
            touched = [one for one in owners[start:stop] if one is not None]
            for number, (at, until) in enumerate(_merged(touched)):
                cuts.setdefault((at, until), ERASED if number == 0 else "")
    return cuts


def _merged(touched: list[Span]) -> list[Span]:
    """Join places of the source that stand side by side."""
    found: list[Span] = []
    for start, end in touched:
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _cut(source: str, cuts: dict[Span, str]) -> str:
    """Put marks in the places of the source; one that lies in another goes with it."""
    result, last = [], 0
    for (start, end), mark in sorted(cuts.items(), key=lambda one: (one[0][0], -one[0][1])):
        if end <= last:
            continue
        result.append(source[last : max(start, last)] + (mark if start >= last else ""))
        last = end
    return "".join([*result, source[last:]])


def _without_in_tag(tag: str, traces: Traces) -> str:
    """Give a tag, a comment or a script without the person."""
    if tag[:7].lower() == "<script" or tag.startswith("<!--"):
        new = traces.without(without_escaped(tag, traces))
        return traces.without(html.unescape(new)) if traces.found(html.unescape(new)) else new
    if "\\" not in tag and not traces.found(html.unescape(tag)):
        return tag

    def without(value: re.Match[str]) -> str:
        inside = html.unescape(value[1] if value[1] is not None else value[2])
        left = traces.without(without_escaped(inside, traces))
        mark = value[0][0]
        return value[0] if left == inside else mark + html.escape(left, quote=True) + mark

    return _VALUE.sub(without, tag)


def _emptied(row: str, traces: Traces) -> str:
    """Empty a row of a table that is about the person."""
    cells = [html.unescape(_TAG.sub("", cell[1])).strip() for cell in _CELL.finditer(row)]
    if not any(cell and traces.is_name(cell) for cell in cells):
        return row
    pieces, tags = _parts(row)
    marked: dict[Span, str] = {}
    cell_of = {}
    for number, cell in enumerate(_CELL.finditer(row)):
        cell_of.update({(cell.start(1), cell.end(1)): number})
    first: set[Span] = set()
    for piece in pieces:
        inside = next((span for span in cell_of if span[0] <= piece.start and piece.end <= span[1]), None)
        if inside is None or not piece.shown.strip():
            continue
        marked[piece.start, piece.end] = "" if inside in first else ERASED
        first.add(inside)
    for start, end in tags:
        tag = row[start:end]
        if "=" in tag:
            # What an attribute shows beside the cell (a title, a data value) is about them as well.
            marked[start, end] = re.sub(r"(\b(?:title|alt|data-[\w-]+|aria-label|value)=)(\"[^\"]*\"|'[^']*')",
                                        lambda found: f'{found[1]}"{ERASED}"', tag)  # fmt: skip
    return replaced_all(row, marked)


def replaced_all(source: str, marked: dict[Span, str]) -> str:
    """Put another text in each of these places."""
    for span, text in sorted(marked.items(), reverse=True):
        source = replaced(source, [span], text)
    return source
