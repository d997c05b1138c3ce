"""The transcripts, turn by turn, with every extract marked in its place and named beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.realist.documents.speakers import Turn, turns
from cop_analysis.realist.model import Document, Evidence, Extract
from cop_analysis.realist.model.check import holds_quote, where_quote_stands
from cop_analysis.realist.model.consent import WITHHELD, Consent, document_text
from cop_analysis.realist.model.markup import anchor, html_text
from cop_analysis.realist.pages import words as said
from cop_analysis.realist.pictures.marking import Place, lines_of, marked
from cop_analysis.results import Result, count_of
from cop_analysis.results.pages import Opening, from_files

if TYPE_CHECKING:
    from cop_analysis.realist.pages.opened import Coded


WHOLE_UP_TO_WORDS = 60_000
"""Up to this many words all turns are shown; a longer set of transcripts is folded to the turns around extracts."""

OPEN_UP_TO_TURNS = 400
"""Up to this many turns shown all transcripts stand open; more are folded, and a link to a turn unfolds its own."""

_FOLDED = '<details class="cop-transcript"'


@dataclass(frozen=True)
class _Page:
    """What the documents of one page share while they are written."""

    code_names: dict[str, str]
    coder_names: dict[str, str]
    links: dict[str, list[Evidence]]
    configurations: dict[str, str]
    landed: set[str]
    consent: Consent


def transcripts(of: Coded, opening: Opening, context_turns: int | None = None) -> Result:
    """Show each transcript with its extracts marked, so that every quote can be read where it was said."""
    if context_turns is not None and context_turns < 0:
        raise ValueError("The number of turns shown around an extract cannot be below 0.")
    coding = of.coding
    snapshot = coding.snapshot
    texts = {document.id: document_text(coding, document.id) for document in snapshot.documents}
    words = {identifier: 0 if text is None else len(text.split()) for identifier, text in texts.items()}
    if context_turns is None and sum(words.values()) > WHOLE_UP_TO_WORDS:
        context_turns = 1
    extracts: dict[str, list[Extract]] = defaultdict(list)
    for extract in snapshot.extracts:
        extracts[extract.document].append(extract)
    page = _page(of)
    parts, rows = [], []
    for document in snapshot.documents:
        html, row = _transcript(
            document, texts[document.id], extracts[document.id], words[document.id], context_turns, page
        )
        parts.append(html)
        rows.append(row)
    columns = ["document", "title", "turns", "turns_shown", "words", "extracts", "codes", "not_placed"]
    table = pd.DataFrame(rows, columns=columns)
    if int(table["turns_shown"].sum()) <= OPEN_UP_TO_TURNS:
        parts = [part.replace(_FOLDED, f"{_FOLDED} open", 1) for part in parts]
    return Result(
        **from_files(opening, "coding.json", *(document.file for document in snapshot.documents)),
        sentence=said.of_transcripts(table),
        table=table,
        caveats=(*said.doubts_of_transcripts(table), *page.consent.caveat(snapshot.extracts)),
        method="A turn is a paragraph or a line that begins with a speaker's label. One extract is one passage under "
        "one code by one coder, so one passage can hold several extracts. Passages that overlap are marked piece by "
        "piece.",
        body_html="\n".join(parts),
        show_table=True,
    )


def _page(of: Coded) -> _Page:
    snapshot = of.coding.snapshot
    links: dict[str, list[Evidence]] = defaultdict(list)
    for link in snapshot.evidence:
        links[link.extract].append(link)
    return _Page(
        {code.id: code.name for code in snapshot.codes},
        {coder.id: coder.name or coder.id for coder in snapshot.coders},
        links,
        {configuration.id: configuration.label for configuration in snapshot.configurations},
        set(),
        of.consent,
    )


def _transcript(
    document: Document, text: str | None, extracts: Sequence[Extract], words: int, around: int | None, page: _Page
) -> tuple[str, tuple[object, ...]]:
    name = f"{document.id}: {document.title}" if document.title else document.id
    here: tuple[Turn, ...] = () if text is None else turns(text, document.speakers)
    placed = [
        one
        for one in extracts
        if one.placed
        and text is not None
        and 0 <= one.start < one.end <= len(text)
        and holds_quote(text, one)
        and one.quote.strip()
    ]
    placed_identifiers = {one.id for one in placed}
    lost = [one for one in extracts if one.id not in placed_identifiers]
    by_turn = _extracts_by_turn(here, placed)
    shown = range(len(here)) if around is None else _around(sorted(by_turn), around, len(here))
    parts = [
        f'<details class="cop-transcript" id="{anchor("transcript", document.id)}">',
        f"<summary><strong>{html_text(name)}</strong> ({count_of(len(here), 'turn')}, {count_of(words, 'word')}, "
        f"{count_of(len(extracts), 'extract')})</summary>",
    ]
    if text is None:
        parts.append(f"<p>The file {html_text(document.file)} cannot be read, so its text is not shown.</p>")
    elif not here:
        parts.append("<p>The document holds no words.</p>")
    else:
        parts.append(_turns_html(document, text, here, shown, by_turn, page))
    parts.append(_lost_html(text, lost, page))
    parts.append("</details>")
    row = (
        document.id,
        document.title,
        len(here),
        len(shown),
        words,
        len(extracts),
        len({one.code for one in extracts}),
        len(lost),
    )
    return "\n".join(part for part in parts if part), row


def _extracts_by_turn(here: Sequence[Turn], extracts: Sequence[Extract]) -> dict[int, list[Extract]]:
    """Give for each turn (by position) the extracts that reach into it, in the order of the text."""
    from bisect import bisect_left, bisect_right

    starts, ends = [turn.start for turn in here], [turn.end for turn in here]
    found: dict[int, list[Extract]] = defaultdict(list)
    for extract in sorted(extracts, key=lambda one: (one.start, -one.end)):
        for position in range(bisect_right(ends, extract.start), bisect_left(starts, extract.end)):
            found[position].append(extract)
    return found


def _around(positions: Sequence[int], around: int, length: int) -> list[int]:
    shown = {near for one in positions for near in range(max(one - around, 0), min(one + around + 1, length))}
    return sorted(shown)


def _turns_html(
    document: Document,
    text: str,
    here: Sequence[Turn],
    shown: Sequence[int],
    by_turn: dict[int, list[Extract]],
    page: _Page,
) -> str:
    if not shown:
        return f"<p>No extract: {count_of(len(here), 'turn')} not shown.</p>"
    whole = list({one.id: one for extracts in by_turn.values() for one in extracts}.values())
    drawn = lines_of([(one.start, one.end) for one in whole])
    lines = {one.id: line for one, line in zip(whole, drawn, strict=True)}
    parts = ['<ul class="cop-turns">']
    before = -1
    for position in shown:
        parts.append(_gap(position - before - 1))
        before = position
        turn, extracts = here[position], by_turn.get(position, [])
        places = [
            Place(anchor("place", one.id), one.start, one.end, page.code_names.get(one.code, one.code), lines[one.id])
            for one in extracts
        ]
        first_here = [one for one in extracts if anchor("place", one.id) not in page.landed]
        label = ""
        if turn.speech_start > turn.start:
            spoken = marked(text, places, start=turn.start, end=turn.speech_start, landed=page.landed)
            written = text[turn.start : turn.speech_start]
            if page.consent.unnamed(written) != written:
                spoken = html_text(page.consent.unnamed(written))
            label = f'<strong class="cop-speaker">{spoken}</strong>'
        if page.consent.withholds_turn(document.id, turn):
            speech = _withheld(places, page)
        else:
            speech = marked(text, places, start=turn.speech_start, end=turn.end, landed=page.landed)
        parts.append(
            f'<li class="cop-turn"><p><span class="cop-turn-number">{turn.number}</span> '
            f'<span class="cop-turn-text">{label}{speech}</span></p>{_notes_html(first_here, lines, page)}</li>'
        )
    parts.append(_gap(len(here) - before - 1))
    parts.append("</ul>")
    return "\n".join(part for part in parts if part)


def _withheld(places: Sequence[Place], page: _Page) -> str:
    """Write what stands in the place of a turn that is not shown; links to its extracts land there."""
    fresh = [one.anchor for one in places if one.anchor not in page.landed]
    page.landed.update(fresh)
    return "".join(f'<span id="{html_text(one)}"></span>' for one in fresh) + f"<em>{WITHHELD}</em>"


def _gap(turns_left_out: int) -> str:
    return f'<li class="cop-gap">{count_of(turns_left_out, "turn")} not shown</li>' if turns_left_out else ""


def _notes_html(extracts: Sequence[Extract], lines: Mapping[str, int], page: _Page) -> str:
    """Name the extracts that begin in a turn: code, coder, what they say to which configuration, memo."""
    if not extracts:
        return ""
    notes = []
    for extract in extracts:
        notes.append(
            f'<li><span class="cop-line cop-line-{lines[extract.id]}"></span>{_named(extract, page)}'
            f"{_stances(extract, page)}{_memo(extract, page)} "
            f'<small><a href="#{anchor("place", extract.id)}">{html_text(extract.id)}</a></small></li>'
        )
    return f'<ul class="cop-codes">{"".join(notes)}</ul>'


def _named(extract: Extract, page: _Page) -> str:
    code = html_text(page.code_names.get(extract.code, extract.code))
    return f"<b>{code}</b> ({html_text(page.coder_names.get(extract.coder, extract.coder))})"


def _stances(extract: Extract, page: _Page) -> str:
    said = [
        f'{link.stance} <a href="#{anchor("configuration", link.configuration)}">'
        f"{html_text(page.configurations.get(link.configuration, link.configuration))}</a>"
        f"{f' ({html_text(link.slot)})' if link.slot else ''}"
        for link in page.links.get(extract.id, ())
    ]
    return f": {'; '.join(said)}" if said else ""


def _memo(extract: Extract, page: _Page) -> str:
    return f" <i>Memo: {html_text(page.consent.clean(extract.memo))}</i>" if extract.memo.strip() else ""


def _lost_html(text: str | None, lost: Sequence[Extract], page: _Page) -> str:
    """List the extracts that no longer fit their document; their anchors land here, so that no link leads nowhere."""
    if not lost:
        return ""
    items = []
    for extract in lost:
        stands = None if text is None else where_quote_stands(text, extract.quote)
        place = anchor("place", extract.id)
        mark = "" if place in page.landed else f' id="{place}"'
        page.landed.add(place)
        where = f" It now stands at {stands} to {stands + len(extract.quote)}." if stands is not None else ""
        items.append(
            f"<li{mark}>{_named(extract, page)}{_stances(extract, page)}: "
            f"{page.consent.quote_html(extract, extract.quote)}{where} <small>{html_text(extract.id)}</small></li>"
        )
    why = "because the document cannot be read" if text is None else "because the document holds other words there"
    return (
        f'<p class="cop-not-placed">{count_of(len(lost), "extract")} could not be placed, {why}:</p>'
        f"<ul>{''.join(items)}</ul>"
    )
