"""A stated percentage or average against its rows: whether it is what they give, and what else it can have come from.

A printed figure stands for every number that rounds to it, so the comparison is exact in both directions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from cop_analysis.sessions.findings import (
    AGREES,
    DIFFERS,
    NOT_CONTRADICTED,
    UNKNOWN,
    Finding,
    name_stated,
    stated_words,
    told_together,
)
from cop_analysis.sessions.ratios import Ratio, exact, ratio
from cop_analysis.sessions.rounding import (
    decimals_of,
    is_printed_as,
    possible_counts,
    possible_denominators,
    possible_totals,
)
from cop_analysis.sessions.wording import capital

if TYPE_CHECKING:
    from cop_analysis.study import Study
    from cop_analysis.study.config import Stated
    from cop_analysis.study.periods import Period

_MOST_ROWS = 3_000
_MOST_LISTED = 20
_FEW = 3
"""How many of the smallest possible shares are told."""

Row = dict[str, object]


def examine_ratio(study: Study, stated: Stated, period: Period | None, all_stated: Sequence[Stated]) -> Finding:
    """Answer whether a stated share or average follows from its rows, and if not, from what it would.

    Parameters
    ----------
    study : Study
        Not restricted to a period.
    stated : Stated
        A share (``"attended share"``) or an average (``"mean rating"``).
    period : Period or None
    all_stated : sequence of Stated
        Every figure the source states, because a share is often worked out from other stated figures.

    Returns
    -------
    Finding

    Notes
    -----
    Explanations tried: cut off instead of rounded; the plain average of the rows' own shares or averages; one row left
    out; a named part alone or left out; another denominator of the study; other figures the source states. Where no
    whole numbers at all can give the figure with this denominator, that is said (Brown & Heathers 2017).

    Examples
    --------
    >>> import pandas as pd
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables(
    ...     {"key": "demo", "title": "Demo", "provenance": "simulated",
    ...      "stated": [{"what": "attended share", "value": 80, "unit": "%"}]},
    ...     events=pd.DataFrame({"event": ["E1"], "date": ["2023-05-01"], "signed_up": [10]}),
    ...     attendance=pd.DataFrame({"event": ["E1"], "count": [8]}))
    >>> examine_ratio(study, study.stated[0], None, study.stated).verdict
    'agrees'
    """
    says = f"{name_stated(stated)}: the source states {stated_words(stated)}"
    made = ratio(study, stated.what, stated.where, period)
    if made.problem:
        text = f"it cannot be recomputed, because {made.problem}"
        return Finding(UNKNOWN, f"{says}; {text}.", None, text, sources=made.sources)
    unit = 100 if stated.unit else 1
    decimals = decimals_of(stated.value) if stated.decimals is None else stated.decimals
    if decimals_of(stated.value) > decimals:
        text = f"it is written with more decimals than the {decimals} it is said to have"
        return Finding(UNKNOWN, f"{says}; {text}.", None, text, sources=made.sources)
    value = made.numerator * unit / made.denominator
    gives = _gives(made, value, stated)
    possible = _possible(stated, made, decimals, unit)
    if is_printed_as(value, stated.value, decimals):
        return Finding(AGREES, f"{says}; the rows give {gives}.", float(value), sources=made.sources, possible=possible)
    above = value > exact(stated.value)
    is_fine = stated.at_least and above
    told = _explanations(stated, made, value, decimals, unit, all_stated)
    if is_fine and told and told[0]["kind"] == "cut off":
        # "Over 60%" where the rows give 60.6% needs no further explanation.
        told = told[:1]
    explanation = _in_words(stated, told, possible, decimals)
    compared = (
        f'the rows give {gives}, which does not contradict "at least"' if is_fine else
        f"the rows give {gives}, which is {'more' if above else 'less'} than stated"
    )  # fmt: skip
    return Finding(
        NOT_CONTRADICTED if is_fine else DIFFERS, f"{says}; {compared}. {explanation}.", float(value), explanation,
        tuple(told), str(told[0]["sentence"]) if told else "no denominator in the data accounts for the difference",
        made.sources, possible,
    )  # fmt: skip


def _gives(made: Ratio, value: Fraction, stated: Stated) -> str:
    digits = max(1, (decimals_of(stated.value) if stated.decimals is None else stated.decimals) + 1)
    number = f"{float(value):.{digits}f}{stated.unit}"
    top = f"{float(made.numerator):.15g}"
    if stated.is_share:
        return f"{top} of {made.denominator} ({made.top} of {made.bottom}), {number}"
    return f"{number} ({top} over {made.denominator} {made.bottom})"


def _possible(stated: Stated, made: Ratio, decimals: int, unit: int) -> str:
    """Say which whole numbers over the denominator of the rows are printed as the stated figure."""
    if stated.is_share:
        percentage = stated.value if unit == 100 else float(exact(stated.value) * 100)
        places = decimals if unit == 100 else max(0, decimals - 2)
        if unit == 1 and decimals < 2:
            return ""
        counts = possible_counts(percentage, made.denominator, places)
        return f"{_span(counts)} of {made.denominator}" if len(counts) else f"no count of {made.denominator}"
    if not made.step:
        return ""
    totals = possible_totals(stated.value, made.denominator, decimals, made.step)
    return (
        f"a total of {_span(totals)} over {made.denominator}"
        if len(totals)
        else f"no total of {made.denominator} whole {'scores' if made.bottom == 'scores' else 'counts'}"
    )


def _span(numbers: range) -> str:
    return f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"


def _explanations(
    stated: Stated, made: Ratio, value: Fraction, decimals: int, unit: int, all_stated: Sequence[Stated]
) -> list[Row]:
    rows: list[Row] = []
    for kind, names, values, place, sentence, candidate in _candidates(stated, made, value, decimals, unit, all_stated):
        if kind == "cut off" or is_printed_as(candidate, stated.value, decimals):
            rows.append({"kind": kind, "rows": names, "values": values, "places": place, "sentence": sentence})
    return rows


def _candidates(
    stated: Stated, made: Ratio, value: Fraction, decimals: int, unit: int, all_stated: Sequence[Stated]
) -> Iterator[tuple[str, str, str, str, str, Fraction]]:
    says = stated_words(stated).removeprefix("at least ")
    scale = 10**decimals
    where = "; ".join(made.sources)
    if Fraction(math.floor(value * scale), scale) == exact(stated.value):
        yield "cut off", "", says, where, f"{says} is what the rows give when the rest is cut off, not rounded", value
    tops = [Fraction(top) for top in made.rows["top"]]
    bottoms = [int(bottom) for bottom in made.rows["bottom"]]
    top, bottom = sum(tops, Fraction(0)), sum(bottoms)
    own = [one * unit / other for one, other in zip(tops, bottoms, strict=True) if other]
    if len(own) > 1 and len(set(bottoms)) > 1:
        plain = sum(own, Fraction(0)) / len(own)
        what = "shares" if stated.is_share else "averages"
        words = f"{says} is the plain average of the {what} of {len(own)} {made.row_noun}s, whatever their size"
        yield "plain average", "", f"{float(plain):.6g}", where, words, plain
    for words, denominator in made.others:
        if denominator:
            yield ("other denominator", words, f"{float(top):.15g} of {denominator}", where,
                   f"{says} is {float(top):.15g} over {denominator}, {words}", top * unit / denominator)  # fmt: skip
    yield from _from_other_figures(stated, made, unit, all_stated, says)
    for label, positions in made.groups:
        inside = [at for at in positions.tolist() if at < len(tops)]
        if not 0 < len(inside) < len(tops):
            continue
        over, under = sum((tops[at] for at in inside), Fraction(0)), sum(bottoms[at] for at in inside)
        parts = [(over, under, f"{label} alone"), (top - over, bottom - under, f"everything but {label}")]
        # One event left out is told as a row below, not as the only one of its kind.
        for over, under, part in parts if len(inside) > 1 or made.row_noun != "event" else parts[:1]:
            if under:
                counts = f"{float(over):.15g} over {under}"
                yield "part", part, counts, where, f"{says} is what {part} gives ({counts})", over * unit / under
    if made.row_noun == "event" and len(tops) <= _MOST_ROWS:
        for at, (name, place) in enumerate(zip(made.rows["name"], made.rows["place"], strict=True)):
            over, under = top - tops[at], bottom - bottoms[at]
            if under:
                yield ("left out", str(name), f"{float(over):.15g} of {under}", str(place),
                       f"{says} is what is left without one {made.row_noun}: {name} ({float(over):.15g} over {under}; "
                       f"{place})", over * unit / under)  # fmt: skip
            if tops[at]:
                yield ("left out above the line", str(name), f"{float(over):.15g} of {bottom}", str(place),
                       f"{says} is {float(over):.15g} over {bottom}: {name} counted below the line only ({place})",
                       over * unit / bottom)  # fmt: skip


def _from_other_figures(
    stated: Stated, made: Ratio, unit: int, all_stated: Sequence[Stated], says: str
) -> Iterator[tuple[str, str, str, str, str, Fraction]]:
    """Try the figure as a share of other figures the source states for the same part of the data."""
    same: dict[str, int] = {
        other.what: int(other.value)
        for other in all_stated
        if other.where == stated.where and other.period == stated.period and float(other.value).is_integer()
    }
    seen = {(made.numerator, made.denominator)}
    above = {"the rows": made.numerator, "the stated figure": Fraction(same.get(made.top, -1))}
    below = {"the rows": made.denominator, "the stated figure": same.get(made.bottom, 0)}
    for over, one in above.items():
        for under, other in below.items():
            if (one, other) in seen or one < 0 or other <= 0:
                continue
            seen.add((one, other))
            origin, counts = f"{made.top} from {over}, {made.bottom} from {under}", f"{float(one):.15g} over {other}"
            yield "other figures", origin, counts, "study.toml", f"{says} is {counts}: {origin}", one * unit / other


def _in_words(stated: Stated, told: list[Row], possible: str, decimals: int) -> str:
    parts = []
    if told:
        sentences = [str(row["sentence"]) for row in told[:_MOST_LISTED]]
        parts.append(capital(told_together(sentences, len(told))))
    if possible.startswith("no "):
        parts.append(f"{capital(possible)} can give {stated_words(stated).removeprefix('at least ')}")
        if stated.unit:
            few = possible_denominators(stated.value, decimals, 100)[:_FEW]
            if few:
                told_few = ", ".join(f"{count} of {n}" for count, n in few)
                parts.append(f"The smallest shares that do are {told_few}")
    elif possible:
        parts.append(f"The stated figure would be {possible}")
    if not told:
        parts.insert(0, "No other denominator, part or row left out accounts for the difference")
    return ". ".join(parts)


def is_ratio(stated: Stated) -> bool:
    """Say whether a stated figure is a share or an average, which `examine_ratio` judges, and not a total.

    Examples
    --------
    >>> from cop_analysis.study.config import Stated
    >>> is_ratio(Stated(what="attended share", value=61, unit="%")), is_ratio(Stated(what="attended", value=360))
    (True, False)
    """
    return stated.is_share or stated.is_mean
