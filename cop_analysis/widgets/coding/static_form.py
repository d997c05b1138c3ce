"""The coding as a page without widgets shows it: inert HTML, readable anywhere. Everything from data is escaped.

It stands in saved notebooks, in pages nbconvert makes and in reports, so it is bounded in size and says what it leaves
out, and it holds only words its reader may see: consent and audience are asked before a quote is written.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from cop_analysis.characters import first_characters
from cop_analysis.realist.model import Code, Coding, Configuration, Evidence, Extract
from cop_analysis.realist.model.consent import Consent, Voice, coding_shown, voices
from cop_analysis.realist.model.markup import html_text
from cop_analysis.realist.model.vocabulary import SCHEMAS, STANCES

if TYPE_CHECKING:
    from cop_analysis.study import Study

LONGEST: Final = 250_000
"""About so many characters a static form may have, however large the study."""

LONGEST_QUOTE: Final = 700
"""So many characters of one passage are quoted."""

_CONFIGURATIONS, _PASSAGES, _CODES = 0.4, 0.42, 0.12
"""The share of the room each part may take; what it does not use goes to the passages, which come last."""

_SHOWN_TO: Final = {"review": ("review", "public"), "public": ("public",)}
"""For an audience beyond the team, the consents of quotes.csv under which a quote may be shown."""

_STYLE = "max-width:60em;line-height:1.5;overflow-wrap:anywhere"


def static_html(study: Study, coding: Coding, *, blind: bool = False, moment: str = "") -> str:
    """Write configurations, coded passages and codebook of a coding as HTML that needs nothing to run.

    Parameters
    ----------
    study : Study
        Its audience decides which words may be quoted: the team reads all but those of people who did not consent,
        any other audience what quotes.csv releases to it.
    coding : Coding
        As its reader may see it: in blind mode what `Session.visible` gives.
    blind : bool
        Whether what others coded was left out of it, which is said then.
    moment : str
        When the coding stood so, in words.

    Examples
    --------
    >>> from cop_analysis.realist.model import Snapshot
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables({"key": "demo", "title": "<b>Demo</b>", "provenance": "simulated"})
    >>> "&lt;b&gt;Demo" in static_html(study, Coding(Snapshot("demo")))
    True
    """
    page = _Page(study, coding_shown(study, coding) or coding, blind)
    head = page.head(moment)
    room = LONGEST - len(head)
    configurations = page.configurations(int(room * _CONFIGURATIONS))
    codebook = page.codebook(int(room * _CODES))
    passages = page.passages(room - len(configurations) - len(codebook))
    parts = [head, configurations, passages, codebook]
    inner = "\n".join(part for part in parts if part)
    return f'<div class="cop-result cop-static-form cop-coding-static" style="{_STYLE}">\n{inner}\n</div>'


def static_text(study: Study, coding: Coding) -> str:
    """Write the same for a terminal, in a few lines: how much there is, and each configuration with its slots.

    Examples
    --------
    >>> from cop_analysis.realist.model import Snapshot
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"})
    >>> print(static_text(study, Coding(Snapshot("demo"))))
    Coding of Demo: 0 documents, 0 codes, 0 extracts, 0 configurations.
    """
    from cop_analysis.study.faults import visible

    page = _Page(study, coding_shown(study, coding) or coding)
    lines = [f"Coding of {visible(study.title, 200)}: {page.counts}."]
    kept = coding.snapshot.configurations
    for one in kept[:20]:
        links = Counter(link.stance for link in page.links.get(one.id, ()))
        told = ", ".join(f"{links[stance]} {stance}" for stance in STANCES if links[stance]) or "no evidence yet"
        lines.append(f"- {visible(one.label, 200)} ({told})")
        lines += [f"    {title}: {visible(words, 200)}" for title, words in page.slots(one) if words]
    if len(kept) > 20:
        lines.append(f"and {len(kept) - 20:,} more configurations.")
    return "\n".join(lines)


@dataclass
class _Page:
    """What the parts of one static form share."""

    study: Study
    coding: Coding
    blind: bool = False

    @cached_property
    def names(self) -> dict[str, str]:
        return {one.id: one.name for one in self.coding.snapshot.codes}

    @property
    def extracts(self) -> tuple[Extract, ...]:
        return self.coding.snapshot.extracts

    @cached_property
    def links(self) -> dict[str, list[Evidence]]:
        known = {one.id for one in self.extracts}
        found: dict[str, list[Evidence]] = defaultdict(list)
        for link in self.coding.snapshot.evidence:
            if link.extract in known:
                found[link.configuration].append(link)
        return found

    @cached_property
    def voices(self) -> dict[str, Voice]:
        return voices(replace(self.study, _coding_reader=lambda _path, _study: self.coding))

    @property
    def is_internal(self) -> bool:
        return self.study.audience == "internal"

    @property
    def counts(self) -> str:
        snapshot = self.coding.snapshot
        kept = (
            (self.documents, "document"),
            (snapshot.codes, "code"),
            (self.extracts, "extract"),
            (snapshot.configurations, "configuration"),
        )
        return ", ".join(f"{len(records):,} {word}{'' if len(records) == 1 else 's'}" for records, word in kept)

    # --- what may be quoted -----------------------------------------------------------------------------------------

    @cached_property
    def released(self) -> set[str]:
        """The extracts that quotes.csv releases to this audience."""
        quotes = self.study.quotes
        if quotes is None or "extract" not in quotes:
            return set()
        may = quotes["consent"].isin(_SHOWN_TO.get(self.study.audience, ()))
        if self.study.audience == "public":
            may &= quotes["identifiable"].eq(False).fillna(False).astype(bool)
        return set(quotes.loc[may, "extract"].dropna().astype(str))

    @cached_property
    def consent(self) -> Consent:
        return Consent(self.study, self.coding)

    def withheld(self, extract: Extract) -> str:
        """Say why the words of an extract may not be shown; nothing where they may."""
        if self.consent.withholds(extract):
            return "not quoted: the speaker, or somebody who may be, did not consent or withdrew"
        if not self.is_internal and extract.id not in self.released:
            return f"not quoted: quotes.csv does not release it to the audience {html_text(self.study.audience)}"
        return ""

    def quoted(self, extract: Extract) -> str:
        if why := self.withheld(extract):
            return f"<em>({why})</em>"
        words = first_characters(extract.quote, LONGEST_QUOTE)
        rest = len(extract.quote) - len(words)
        cut = f" <em>({rest:,} more characters)</em>" if rest > 0 else ""
        return f'<q dir="auto">{html_text(words)}{"…" if rest > 0 else ""}</q>{cut}'

    # --- the parts --------------------------------------------------------------------------------------------------

    def head(self, moment: str) -> str:
        stood = f"as it stood on {html_text(moment)}" if moment else "as it stood when the cell was run"
        said = [f"<p>{self.counts}, {stood}. To go on coding, open the notebook in JupyterLab and run the cell.</p>"]
        if self.study.is_simulated:
            first, stop, rest = self.study.provenance_statement.partition(". ")
            said.append(f"<p><strong>{html_text(first + stop.strip())}</strong> {html_text(rest)}</p>")
        if self.blind:
            said.append("<p>Made while coding blind: what other coders coded is left out.</p>")
        if not self.is_internal:
            said.append(
                f"<p>For the audience {html_text(self.study.audience)}: only quotes released to it are shown, and the "
                "team's memos and reasons are left out.</p>"
            )
        return f"<div><h2>Coding of {html_text(self.study.title)}</h2></div>" + "".join(said)

    def slots(self, one: Configuration) -> list[tuple[str, str]]:
        """Give each role of a configuration with its words, empty where it is open."""
        schema = SCHEMAS.get(one.schema)
        titles = {role.key: role.title for role in schema.roles} if schema else {}
        filled = {slot.role: slot for slot in one.slots}
        found = []
        for role in [*titles, *(key for key in filled if key not in titles)]:
            slot = filled.get(role)
            codes = "" if slot is None else ", ".join(self.names.get(code, code) for code in slot.codes)
            words = "" if slot is None else slot.wording.strip()
            both = f"{words} ({codes})" if words and codes else words or codes
            found.append((titles.get(role, role), both))
        return found

    def configurations(self, room: int) -> str:
        kept = self.coding.snapshot.configurations
        if not kept:
            return "<div><h3>Configurations</h3></div><p>None yet.</p>"
        extracts = {one.id: one for one in self.extracts}
        items = (self._configuration(one, extracts, room // 6) for one in kept)
        shown, left = _fitted(items, len(kept), room)
        return f"<div><h3>Configurations ({len(kept):,})</h3></div>{shown}{_left_out(left, 'configuration')}"

    def _configuration(self, one: Configuration, extracts: dict[str, Extract], room: int) -> str:
        rows = "".join(
            f"<li><strong>{html_text(title)}:</strong> "
            f"{html_text(words[:LONGEST_QUOTE]) if words else '<em>not filled yet</em>'}</li>"
            for title, words in self.slots(one)
        )
        statement = f"<p>{html_text(one.statement[:2_000])}</p>" if one.statement.strip() else ""
        links = sorted(self.links.get(one.id, ()), key=lambda link: STANCES.index(link.stance))
        counts = Counter(link.stance for link in links)
        told = ", ".join(f"{counts[stance]} {stance}" for stance in STANCES if counts[stance])
        evidence, left = _fitted((self._evidence(link, extracts[link.extract]) for link in links), len(links), room)
        return (
            f"<div><h4>{html_text(one.label[:300])}</h4></div>{statement}<ul>{rows}</ul>"
            + (f"<p>Evidence: {told}.</p><ul>{evidence}</ul>" if links else "<p>No evidence is linked to it yet.</p>")
            + _left_out(left, "piece", "of evidence")
        )

    def _evidence(self, link: Evidence, extract: Extract) -> str:
        about = ", ".join(part for part in (link.stance, link.slot or "", link.inference or "") if part)
        reason = (
            f" Reason: {html_text(self.consent.clean(link.reason)[:LONGEST_QUOTE])}"
            if link.reason and self.is_internal
            else ""
        )
        return f"<li><strong>{html_text(about)}:</strong> {self.quoted(extract)} ({self._place(extract)}){reason}</li>"

    def _place(self, extract: Extract) -> str:
        voice = self.voices.get(extract.id)
        turn = f", turn {voice.turn}" if voice is not None and voice.turn else ""
        speaker = (
            f", {html_text(self.consent.unnamed(voice.speaker))}"
            if voice is not None and voice.speaker and self.is_internal
            else ""
        )
        return f"{html_text(extract.document)}{turn}{speaker}" + ("" if extract.placed else ", place lost")

    def passages(self, room: int) -> str:
        """Write the coded passages of each document in the order of its text, each with all its codes."""
        by_document: dict[str, dict[tuple[int, int, bool], list[Extract]]] = defaultdict(dict)
        for one in sorted(self.extracts, key=lambda one: (one.document, one.start, one.end)):
            by_document[one.document].setdefault((one.start, one.end, one.placed), []).append(one)
        titles = self.documents
        uncoded = [one for one in titles if one not in by_document]
        if not by_document:
            return f"<div><h3>Documents ({len(titles):,})</h3></div><p>Nothing is coded yet.</p>"
        parts: list[str] = []
        left_documents = 0
        share = room // len(by_document)
        for number, (document, places) in enumerate(by_document.items()):
            title = titles.get(document, "")
            heading = f"{document}: {title}" if title and self.is_internal else document
            # A document that needs little leaves its room to those after it.
            share = max(share, room // (len(by_document) - number))
            shown, left = _fitted((self._passage(here) for here in places.values()), len(places), share)
            part = f"<div><h4>{html_text(heading[:300])}</h4></div><ul>{shown}</ul>{_left_out(left, 'passage')}"
            if parts and len(part) > room:
                left_documents += 1
                continue
            parts.append(part)
            room -= len(part)
        without = f"<p>Nothing is coded in {_named(uncoded)}.</p>" if uncoded else ""
        heading = f"<div><h3>Documents with their coded passages ({len(by_document):,})</h3></div>"
        return heading + "".join(parts) + _left_out(left_documents, "document") + without

    @cached_property
    def documents(self) -> dict[str, str]:
        """The titles of the study's documents and of those its coding has besides, by identifier."""
        found = {one.id: one.title for one in self.coding.snapshot.documents}
        listed = self.study.documents
        if listed is not None:
            titles = self.study.without_withheld(listed["title"]) if "title" in listed else [""] * len(listed)
            for identifier, title in zip(listed["document"].astype(str), titles, strict=True):
                found[identifier] = title if isinstance(title, str) else ""
        return found

    def _passage(self, here: Sequence[Extract]) -> str:
        codes: dict[str, list[str]] = defaultdict(list)
        for one in here:
            codes[self.names.get(one.code, one.code)].append(one.coder)
        named = "; ".join(
            f"<strong>{html_text(code)}</strong>"
            + (f" ({html_text(', '.join(dict.fromkeys(coders)))})" if self.is_internal else "")
            for code, coders in codes.items()
        )
        memos = ""
        if self.is_internal:
            memos = "".join(
                f" <em>Memo: {html_text(self.consent.clean(one.memo)[:LONGEST_QUOTE])}</em>" for one in here if one.memo
            )
        # One set of words may be several coders' extracts; that one of them is released releases the words.
        chosen = next((one for one in here if not self.withheld(one)), here[0])
        return f"<li>{self.quoted(chosen)} ({self._place(chosen)}) {named}{memos}</li>"

    def codebook(self, room: int) -> str:
        codes = self.coding.snapshot.codes
        if not codes:
            return ""
        used = Counter(one.code for one in self.extracts)
        rows = (
            f"<li>{html_text(' › '.join(path)[:400])} ({used[one.id]:,})"
            + (f": {html_text(self.consent.clean(one.definition)[:LONGEST_QUOTE])}" if one.definition else "")
            + "</li>"
            for path, one in in_tree_order(codes)
        )
        shown, left = _fitted(rows, len(codes), room)
        heading = f"<div><h3>Codes ({len(codes):,})</h3></div><p>How many extracts each has stands in brackets.</p>"
        return f"{heading}<ul>{shown}</ul>{_left_out(left, 'code')}"


def in_tree_order(codes: Iterable[Code]) -> list[tuple[list[str], Code]]:
    """Give the codes as the tree has them, each with the names from the top down to it; a circle is cut open.

    Examples
    --------
    >>> found = in_tree_order([Code("c1", "Trust", parent="c2"), Code("c2", "Peers"), Code("c3", "a", parent="c3")])
    >>> [" > ".join(path) for path, _ in found]
    ['Peers', 'Peers > Trust', 'a']
    """
    below: dict[str | None, list[Code]] = defaultdict(list)
    every = {one.id: one for one in codes}
    for one in every.values():
        below[one.parent if one.parent in every else None].append(one)
    found: list[tuple[list[str], Code]] = []
    seen: set[str] = set()

    def visit(start: list[Code], path: list[str]) -> None:
        waiting = [(path, one) for one in sorted(start, key=lambda one: one.name.casefold(), reverse=True)]
        while waiting:
            above, one = waiting.pop()
            if one.id in seen:
                continue
            seen.add(one.id)
            here = [*above, one.name]
            found.append((here, one))
            children = sorted(below[one.id], key=lambda child: child.name.casefold(), reverse=True)
            waiting += [(here, child) for child in children]

    visit(below[None], [])
    for one in every.values():
        visit([one], [])
    return found


def _fitted(items: Iterable[str], total: int, room: int) -> tuple[str, int]:
    """Join as many items as there is room for, at least one, and say how many are left out."""
    kept: list[str] = []
    used = 0
    for item in items:
        if kept and used + len(item) > room:
            break
        kept.append(item)
        used += len(item)
    return "".join(kept), total - len(kept)


def _left_out(count: int, noun: str, rest: str = "") -> str:
    if not count:
        return ""
    nouns = f"{noun}{'' if count == 1 else 's'}{f' {rest}' if rest else ''}"
    return f"<p><em>{count:,} more {nouns} left out here, to keep this page small; JupyterLab shows all.</em></p>"


def _named(documents: Sequence[str]) -> str:
    listed = ", ".join(html_text(one) for one in documents[:20])
    return listed + (f" and {len(documents) - 20:,} more" if len(documents) > 20 else "")
