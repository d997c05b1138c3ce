"""Where two coders see the same turn alike and where not, code by code, with the passages to discuss."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from itertools import combinations
from math import isnan, nan
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.realist.anchors import anchor
from cop_analysis.realist.configurations import shortened
from cop_analysis.realist.consent import WITHHELD, Consent
from cop_analysis.realist.handing_on import coding_shown
from cop_analysis.realist.marking import html_text
from cop_analysis.realist.model import Coding
from cop_analysis.realist.no_coding import no_coding
from cop_analysis.realist.turns import Turn, turns
from cop_analysis.realist.voices import document_text
from cop_analysis.results import Result, count_of

if TYPE_CHECKING:
    from cop_analysis.study import Study

DISAGREEMENTS_SHOWN = 50
"""So many disagreements are shown beside the text; `CoderOverlap.disagreements` holds all of them."""

FEW_TURNS = 30
"""Below so many turns that either coder gave a code, its coefficient is said to be unsteady."""


@dataclass(frozen=True, kw_only=True)
class CoderOverlap(Result):
    """Where two coders agree and where not, with all disagreements.

    Parameters
    ----------
    disagreements : pandas.DataFrame
        One row a turn and code that one of the two coded: document, turn, speaker, code, coded_by, not_by, extract,
        text.
    """

    disagreements: pd.DataFrame = field(default_factory=pd.DataFrame)


def coder_overlap(study: Study) -> CoderOverlap | Result:
    """Compare two coders, code by code and turn by turn, and list where they differ beside the text.

    Parameters
    ----------
    study : Study
        With at least two coders who coded the same document.

    Returns
    -------
    CoderOverlap or Result
        One row a pair of coders and code (and one for all codes together): coder_a, coder_b, code, name, turns, both,
        only_a, only_b, neither, agreement (share of turns), agreement_where_coded (share of the turns that either
        coded), kappa (missing where it is not defined).

    Notes
    -----
    The unit is the turn: a coder gave a turn a code when an extract of that code reaches into it. Only documents in
    which both coders made an extract are compared. Cohen's kappa (Cohen 1960) is missing where chance agreement is
    complete, which is where both coded every turn or neither coded any. Text that nobody coded makes plain agreement
    high, so the share among the turns that either coded stands beside it.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> coder_overlap(Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"})).sentence
    'This study has no coding yet (coding.json), so agreement between coders cannot be shown.'
    """
    key, title = "coder-overlap", "Where two coders agree, turn by turn"
    coding = coding_shown(study)
    if coding is None:
        return no_coding(key, title, "agreement between coders")
    coders = {one.id: one.name or one.id for one in coding.snapshot.coders}
    used, consent = _coded_turns(coding), Consent(study, coding)
    agreements: list[Agreement] = []
    differing: list[Disagreement] = []
    for first, second in combinations(coders, 2):
        compared = _compared_documents(coding, used, first, second)
        if not compared:
            continue
        of_pair, apart = _compare(coding, used, compared, first, second, consent)
        agreements += of_pair
        differing += apart
    if not agreements:
        names = " and ".join(coders.values()) if len(coders) == 2 else f"the {len(coders)} coders"
        who = "Only one coder has coded" if len(coders) < 2 else f"No document was coded by two of {names}"
        return Result(key=key, title=title, sentence=f"{who}, so there is no agreement to look at.")
    columns = ["document", "turn", "speaker", "code", "name", "coded_by", "not_by", "extract", "text"]
    return CoderOverlap(
        key=key,
        title=title,
        sentence=_sentence(agreements, coders),
        table=pd.DataFrame([one.row for one in agreements]),
        labels={
            "only_a": "only the first",
            "only_b": "only the second",
            "coder_a": "first coder",
            "coder_b": "second coder",
            "agreement_where_coded": "agreement where either coded",
        },
        caveats=_caveats(agreements),
        method="Unit: the turn, in documents in which both coders made an extract. Agreement is the share of turns on "
        "which both decided alike; kappa is Cohen's (1960), left empty where chance alone gives full agreement. "
        "Discussing the passages listed matters more than the coefficient.",
        sources=("coding.json", "documents.csv"),
        body_html=_disagreements_html(differing, coders),
        disagreements=pd.DataFrame([astuple(one) for one in differing], columns=columns),
    )


@dataclass(frozen=True)
class Agreement:
    """Two coders' yes-or-no decisions on one code (or on all, with an empty `code`), counted over turns."""

    coder_a: str
    coder_b: str
    code: str
    name: str
    turns: int
    both: int
    only_a: int
    only_b: int

    @property
    def either(self) -> int:
        """How many turns at least one of the two coded."""
        return self.both + self.only_a + self.only_b

    @property
    def share(self) -> float:
        """The share of turns on which both decided alike."""
        return (self.turns - self.only_a - self.only_b) / self.turns if self.turns else nan

    @property
    def share_where_coded(self) -> float:
        """Of the turns that either coded, the share that both coded."""
        return self.both / self.either if self.either else nan

    @property
    def kappa(self) -> float:
        """Cohen's kappa; see `cohen_kappa`."""
        return cohen_kappa(self.both, self.only_a, self.only_b, self.turns - self.either)

    @property
    def row(self) -> dict[str, object]:
        """The agreement as a row of the table."""
        names = ("coder_a", "coder_b", "code", "name", "turns", "both", "only_a", "only_b")
        return {
            **{name: getattr(self, name) for name in names},
            "neither": self.turns - self.either,
            "agreement": self.share,
            "agreement_where_coded": self.share_where_coded,
            "kappa": self.kappa,
        }


@dataclass(frozen=True)
class Disagreement:
    """A turn that one coder gave a code and the other did not; `extract` is the first that did."""

    document: str
    turn: int
    speaker: str
    code: str
    name: str
    coded_by: str
    not_by: str
    extract: str
    text: str


def cohen_kappa(both: int, only_first: int, only_second: int, neither: int) -> float:
    """Give Cohen's kappa of two coders' yes-or-no decisions; not a number where chance agreement is complete.

    Parameters
    ----------
    both, only_first, only_second, neither : int
        How many units both coded, one of them coded, and nobody coded.

    Notes
    -----
    Cohen 1960, Educational and Psychological Measurement 20:37-46.

    Examples
    --------
    >>> round(cohen_kappa(20, 5, 10, 15), 3)
    0.4
    """
    n = both + only_first + only_second + neither
    if n == 0:
        return float("nan")
    # Whole numbers, n squared times the shares, so that "complete" is exact and not a matter of rounding.
    chance = (both + only_first) * (both + only_second) + (neither + only_first) * (neither + only_second)
    return (n * (both + neither) - chance) / (n * n - chance) if chance < n * n else float("nan")


@dataclass(frozen=True)
class _Used:
    """Turns by document, and by coder, code and document the turns coded with the first extract that did it."""

    turns: dict[str, tuple[Turn, ...]]
    texts: dict[str, str]
    coded: dict[tuple[str, str, str], dict[int, str]]


def _coded_turns(coding: Coding) -> _Used:
    texts = {one.id: text for one in coding.snapshot.documents if (text := document_text(coding, one.id)) is not None}
    speakers = {one.id: one.speakers for one in coding.snapshot.documents}
    by_document = {document: turns(text, speakers[document]) for document, text in texts.items()}
    starts = {document: [turn.start for turn in here] for document, here in by_document.items()}
    ends = {document: [turn.end for turn in here] for document, here in by_document.items()}
    coded: dict[tuple[str, str, str], dict[int, str]] = defaultdict(dict)
    for extract in coding.snapshot.extracts:
        if extract.placed and extract.document in by_document:
            first = bisect_right(ends[extract.document], extract.start)
            last = bisect_left(starts[extract.document], extract.end)
            for position in range(first, last):
                coded[extract.coder, extract.code, extract.document].setdefault(position, extract.id)
    return _Used(by_document, texts, coded)


def _compared_documents(coding: Coding, used: _Used, first: str, second: str) -> list[str]:
    by_coder: dict[str, set[str]] = defaultdict(set)
    for coder, _, document in used.coded:
        by_coder[coder].add(document)
    both = by_coder[first] & by_coder[second]
    return [document.id for document in coding.snapshot.documents if document.id in both]


def _compare(
    coding: Coding, used: _Used, compared: Sequence[str], first: str, second: str, consent: Consent
) -> tuple[list[Agreement], list[Disagreement]]:
    agreements: list[Agreement] = []
    differing: list[Disagreement] = []
    total = sum(len(used.turns[document]) for document in compared)
    for code in coding.snapshot.codes:
        both = only_first = only_second = 0
        for document in compared:
            by_first = used.coded.get((first, code.id, document), {})
            by_second = used.coded.get((second, code.id, document), {})
            both += len(by_first.keys() & by_second.keys())
            only_first += len(by_first.keys() - by_second.keys())
            only_second += len(by_second.keys() - by_first.keys())
            for position in sorted(by_first.keys() ^ by_second.keys()):
                turn = used.turns[document][position]
                mine, coded_by, not_by = (
                    (by_first, first, second) if position in by_first else (by_second, second, first)
                )
                said = used.texts[document][turn.speech_start : turn.end]
                text = WITHHELD if consent.withholds_turn(document, turn) else said
                differing.append(
                    Disagreement(document, turn.number, consent.unnamed(turn.speaker), code.id, code.name, coded_by,
                                 not_by, mine[position], text)
                )  # fmt: skip
        if both + only_first + only_second:
            agreements.append(Agreement(first, second, code.id, code.name, total, both, only_first, only_second))
    pooled = [sum(getattr(one, name) for one in agreements) for name in ("turns", "both", "only_a", "only_b")]
    agreements.append(Agreement(first, second, "", "all codes together", *pooled))
    order = {document: position for position, document in enumerate(compared)}
    differing.sort(key=lambda one: (order[one.document], one.turn))
    return agreements, differing


def _sentence(agreements: Sequence[Agreement], coders: dict[str, str]) -> str:
    sentences = []
    for one in agreements:
        if one.code == "":
            kappa = "kappa is not defined" if isnan(one.kappa) else f"kappa {one.kappa:.2f}"
            sentences.append(
                f"{coders[one.coder_a]} and {coders[one.coder_b]} coded alike {one.both:,} of the {one.either:,} times "
                f"either gave a turn a code ({100 * one.share_where_coded:.0f}%); counting the turns neither coded, "
                f"they agree on {100 * one.share:.0f}% ({kappa})."
            )
    return " ".join(sentences)


def _caveats(agreements: Sequence[Agreement]) -> tuple[str, ...]:
    caveats = ["Kappa falls when a code is rare, even where the coders rarely differ: read it with the counts."]
    single = [one for one in agreements if one.code]
    if few := sum(one.either < FEW_TURNS for one in single):
        caveats.append(
            f"For {few} of {len(single)} codes fewer than {FEW_TURNS} turns were coded by either: a few turns more "
            "would change their coefficients a good deal."
        )
    if undefined := sum(isnan(one.kappa) for one in single):
        caveats.append(f"Kappa is not defined for {count_of(undefined, 'code')}, because chance agreement is complete.")
    return tuple(caveats)


def _disagreements_html(differing: Sequence[Disagreement], coders: dict[str, str]) -> str:
    if not differing:
        return "<p>The coders differ nowhere.</p>"
    items = []
    for one in differing[:DISAGREEMENTS_SHOWN]:
        speaker = f", {html_text(one.speaker)}" if one.speaker else ""
        items.append(
            f"<li>{html_text(one.document)}, turn {one.turn}{speaker}: <b>{html_text(one.name)}</b> for "
            f"{html_text(coders[one.coded_by])} ("
            f'<a href="#{anchor("place", one.extract)}">{html_text(one.extract)}</a>), '
            f"not for {html_text(coders[one.not_by])}. <q>{html_text(shortened(one.text, 400))}</q></li>"
        )
    left = len(differing) - len(items)
    more = f"<p>{left:,} more not shown.</p>" if left else ""
    return (
        f"<details><summary>{count_of(len(differing), 'disagreement')} beside the text</summary>"
        f'<ul class="cop-disagreements">{"".join(items)}</ul>{more}</details>'
    )
