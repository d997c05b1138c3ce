"""Two coders' decisions turn by turn: where they agree, and where not."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import nan

from cop_analysis.realist.documents.speakers import Turn, turns
from cop_analysis.realist.model import Coding
from cop_analysis.realist.model.consent import WITHHELD, Consent, document_text


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
class Overlap:
    """Where coders agree and where not.

    Parameters
    ----------
    coders : dict
        Their names by identifier.
    agreements : tuple of Agreement
        A row a pair and code, and one for all codes of a pair together.
    disagreements : tuple of Disagreement
        In the order of the documents and turns of each pair.
    """

    coders: dict[str, str]
    agreements: tuple[Agreement, ...]
    disagreements: tuple[Disagreement, ...]


def compare_coders(coding: Coding, consent: Consent) -> Overlap:
    """Compare every pair of coders, code by code and turn by turn, in the documents both coded.

    Parameters
    ----------
    coding : Coding
    consent : Consent
        Says which turns' words are not to be shown.
    """
    coders = {one.id: one.name or one.id for one in coding.snapshot.coders}
    used = _coded_turns(coding)
    agreements: list[Agreement] = []
    differing: list[Disagreement] = []
    for first, second in combinations(coders, 2):
        if compared := _compared_documents(coding, used, first, second):
            of_pair, apart = _compare(coding, used, compared, first, second, consent)
            agreements += of_pair
            differing += apart
    return Overlap(coders, tuple(agreements), tuple(differing))


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
                    Disagreement(
                        document,
                        turn.number,
                        consent.unnamed(turn.speaker),
                        code.id,
                        code.name,
                        coded_by,
                        not_by,
                        mine[position],
                        text,
                    )
                )
        if both + only_first + only_second:
            agreements.append(Agreement(first, second, code.id, code.name, total, both, only_first, only_second))
    pooled = [sum(getattr(one, name) for one in agreements) for name in ("turns", "both", "only_a", "only_b")]
    agreements.append(Agreement(first, second, "", "all codes together", *pooled))
    order = {document: position for position, document in enumerate(compared)}
    differing.sort(key=lambda one: (order[one.document], one.turn))
    return agreements, differing
