"""Figures that a source states against its own rows: whether they agree, and what accounts for a difference.

What a total counts is in `totals`, what a share or an average is made of in `ratios`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.results import Headline, Result, place_of
from cop_analysis.results.pages import Opening, from_files
from cop_analysis.sessions.methods.number_checks import (
    Account,
    Explanation,
    account_for,
    decimals_of,
    is_printed_as,
    possible_counts,
    possible_denominators,
    possible_totals,
    stated_transposed,
)
from cop_analysis.sessions.pages.ratios import Ratio, exact, ratio
from cop_analysis.sessions.pages.rows import Rows
from cop_analysis.sessions.pages.stated_words import (
    AGREES,
    DIFFERS,
    MOST_TOLD,
    NOT_CONTRADICTED,
    STATED_METHOD,
    UNKNOWN,
    Finding,
    Row,
    explanation_words,
    figure_words,
    gives_words,
    name_stated,
    nothing_found,
    overall,
    possible_words,
    ratio_explained,
    scope,
    stated_caveats,
    stated_words,
    told_together,
    where_words,
)
from cop_analysis.sessions.pages.totals import ADDS_UP, Tally, tally
from cop_analysis.sessions.pictures.labels import join_names
from cop_analysis.study.periods import Period, find_period

if TYPE_CHECKING:
    from cop_analysis.study import Study
    from cop_analysis.study.config import Stated


_EXPLANATION_COLUMNS = ["total", "what", "kind", "rows", "values", "places", "sentence"]


@dataclass(frozen=True, kw_only=True)
class NumberAudit(Result):
    """Stated totals beside their recomputed sums.

    Parameters
    ----------
    explanations : pandas.DataFrame
        One row an explanation of a difference: ``total`` (the row of the table it belongs to, from 1), ``what``,
        ``kind`` (``left out``, ``counted twice``, ``digits transposed``, ``also counted``, ``total transposed``,
        ``rounded``, ``part``), ``rows`` and ``places`` (what the rows are and where they stand), ``values`` and
        ``sentence``.
    findings : tuple of Finding
        One a stated total, in the order of study.toml.
    """

    explanations: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=_EXPLANATION_COLUMNS))
    findings: tuple[Finding, ...] = ()


def against_rows(rows: Rows, opening: Opening) -> NumberAudit:
    """Compare every stated figure with its rows; a figure without a period speaks of the whole study."""
    whole = rows.study.unrestricted()
    stated = list(whole.stated)
    if not stated:
        nothing = "study.toml states no totals ([[stated]]), so there is nothing to compare with the rows."
        return NumberAudit(**from_files(opening), sentence=nothing)
    findings = [_examine(whole, total, stated) for total in stated]
    told = [
        {"total": number, "what": total.what, **row}
        for number, (total, finding) in enumerate(zip(stated, findings, strict=True), start=1)
        for row in finding.told
    ]
    used = {name for finding in findings for name in finding.sources}
    sentence = scope(rows.period, stated) + overall(stated, findings)
    return NumberAudit(
        **from_files(opening, "study.toml", *sorted(used - {"study.toml"})),
        sentence=sentence,
        to_look_into="" if all(finding.verdict == AGREES for finding in findings) else sentence,
        table=_table(stated, findings),
        caveats=stated_caveats(findings, rows.period),
        headline=_headline(stated, findings),
        method=STATED_METHOD,
        explanations=pd.DataFrame(told, columns=_EXPLANATION_COLUMNS),
        findings=tuple(findings),
    )


def _table(stated: list[Stated], findings: list[Finding]) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "what": [total.what for total in stated],
            "where": [where_words(total) for total in stated],
            "stated": [stated_words(total) for total in stated],
            "recomputed": _numbers([finding.recomputed for finding in findings]),
            "difference": _numbers([_difference(*pair) for pair in zip(stated, findings, strict=True)]),
            "verdict": [finding.verdict for finding in findings],
            "explanation": [finding.explanation for finding in findings],
            "source": [total.source for total in stated],
        }
    )
    if any(is_ratio(total) for total in stated):
        table.insert(5, "possible", [finding.possible for finding in findings])
    return table


# --- one total ------------------------------------------------------------------------------------------------------


def _examine(study: Study, total: Stated, all_stated: list[Stated]) -> Finding:
    says = f"{name_stated(total)}: the source states {stated_words(total)}"
    period: Period | None = None
    if total.period:
        try:
            period = find_period(total.period, study.config.periods)
        except ValueError as error:
            return Finding(UNKNOWN, f"{says}; it cannot be recomputed: {error}", None, str(error))
    if is_ratio(total):
        return examine_ratio(study, total, period, all_stated)
    counted = tally(study, total.what, total.where, period)
    if counted.problem:
        return _incomplete(says, total, counted)
    recomputed = counted.total
    sources = counted.sources
    if recomputed == total.value:
        exactly = " exactly, though only at least that many are claimed" if total.at_least else ""
        return Finding(AGREES, f"{says}; the rows sum to {recomputed}{exactly}.", recomputed, sources=sources)
    gap = recomputed - total.value
    if not float(total.value).is_integer():
        why = "a count cannot be a fraction"
        return Finding(DIFFERS, f"{says}; the rows sum to {recomputed}, and {why}.", recomputed, why, sources=sources)
    gap = int(gap)
    if total.at_least and gap > 0:
        verdict = NOT_CONTRADICTED
        compared = (
            f'the rows sum to {recomputed}, which does not contradict "at least", but the stated figure is {gap} short '
            "of them"
        )
    else:
        verdict = DIFFERS
        compared = f"the rows sum to {recomputed}, {abs(gap)} {'more' if gap > 0 else 'fewer'} than stated"
    told, explanation = _explain(total, counted)
    return Finding(
        verdict,
        f"{says}; {compared}. {explanation}.",
        recomputed,
        explanation,
        told,
        str(told[0]["sentence"]) if told else "no row accounts for the difference",
        sources,
    )


def _incomplete(says: str, total: Stated, counted: Tally) -> Finding:
    known = counted.total
    extra = f"; the rows that are there sum to {known}" if len(counted.rows) else ""
    if known > total.value:
        extra += ", already more than stated"
    text = f"it cannot be recomputed, because {counted.problem}{extra}"
    return Finding(UNKNOWN, f"{says}; {text}.", None, text, sources=counted.sources)


def _explain(total: Stated, counted: Tally) -> tuple[tuple[Row, ...], str]:
    """Give the explanations found, each as a row, and all of them in words."""
    stated = int(total.value)
    values = counted.rows["value"].tolist()
    # Rows that count one each are all alike: which of them were left out cannot be told from a number.
    adds_up = total.what in ADDS_UP
    account = (
        account_for(stated, values, counted.aside["value"].tolist())
        if adds_up
        else stated_transposed(stated, counted.total)
    )
    everything = frozenset(range(len(values)))
    parts = _parts(stated, counted)
    rows = []
    for explanation in account.explanations:
        row = _row(explanation, stated, counted)
        same = ""
        if explanation.kind == "left out":
            same = parts.pop(everything - frozenset(explanation.rows), "")
        elif explanation.kind == "also counted":
            # The same rows under another name are no second explanation.
            parts.pop(everything | {len(values) + row for row in explanation.rows}, "")
        if same and len(explanation.rows) > 1:
            row["sentence"] = f"{row['sentence']}; that is, {same}"
        rows.append(row)
    named = [_part_row(words, stated, counted) for words in parts.values()]
    # A part with a name says more than one of many arbitrary combinations of rows.
    many = account.tried > 1 and sum(account.found.values()) > MOST_TOLD
    rows = [*named, *rows] if many else [*rows, *named]
    rounding = _rounded(stated, counted, total.at_least)
    # Who writes "at least" has most likely rounded down; otherwise a row says more than a round number.
    rows = [*rounding, *rows] if total.at_least else [*rows, *rounding]
    if rows:
        return tuple(rows), _told(rows, account)
    return (), nothing_found(stated, adds_up, counted, account)


def _row(explanation: Explanation, stated: int, counted: Tally) -> Row:
    source = counted.aside if explanation.kind == "also counted" else counted.rows
    chosen = source.iloc[list(explanation.rows)]
    count, left = len(counted.rows), len(chosen)
    is_last = explanation.rows == tuple(range(count - left, count)) and counted.is_dated and count > left
    return {
        "kind": explanation.kind,
        "rows": "; ".join(chosen["name"].astype(str)),
        "values": "; ".join(chosen["value"].astype(str)),
        "places": "; ".join(chosen["place"].astype(str)),
        "sentence": explanation_words(explanation, stated, chosen, is_last),
    }


def _rounded(stated: int, counted: Tally, at_least: bool) -> list[Row]:
    """Say if the stated total is the sum rounded to tens, hundreds or more; with "at least", rounded down."""
    total, found = counted.total, 0
    is_down = at_least and total > stated
    unit = 10
    while stated and stated % unit == 0:
        # A half may have gone either way.
        if not found and (total - stated < unit if is_down else abs(total - stated) * 2 <= unit):
            found = unit
        unit *= 10
    how = f"rounded down to a multiple of {found}" if is_down else f"rounded to the nearest {found}"
    where, sentence = join_names(counted.sources), f"{stated} is the sum {total} {how}"
    row: Row = {"kind": "rounded", "rows": "", "values": str(total), "places": where, "sentence": sentence}
    return [row] if found else []


def _part_row(words: str, stated: int, counted: Tally) -> Row:
    where, sentence = join_names(counted.sources), f"{stated} is exactly the sum of {words}"
    return {"kind": "part", "rows": words, "values": str(stated), "places": where, "sentence": sentence}


def _parts(stated: int, counted: Tally) -> dict[frozenset[int], str]:
    """Find named parts of the data whose sum is the stated total: a format, a period, all but one, all up to a date."""
    inside = len(counted.rows)
    values = np.array([*counted.rows["value"], *counted.aside["value"]], dtype=object)
    everything, whole = frozenset(range(inside)), counted.total
    found: dict[frozenset[int], str] = {}

    def keep(words: str, chosen: frozenset[int]) -> None:
        if chosen and chosen != everything:
            found.setdefault(chosen, words)

    for label, positions in counted.groups:
        within = everything & frozenset(positions.tolist())
        if sum(values[list(within)]) == stated:
            keep(f"{label} alone", within)
    for label, positions in counted.groups:
        group = frozenset(positions.tolist())
        within = group & everything
        sum_within, sum_group = sum(values[list(within)]), sum(values[list(group)])
        # One row left out is told as a row, not as the only one of its kind.
        if len(within) > 1 and whole - sum_within == stated:
            keep(f"everything but {label}", everything - group)
        if sum_group == stated:
            keep(f"{label}, whatever else was asked for", group)
    if sum(values) == stated:
        keep("every row, those set aside included", frozenset(range(len(values))))
    if counted.is_dated and set(values[:inside]) != {1}:
        running = np.cumsum(values[:inside])
        for position in np.flatnonzero(running == stated).tolist():
            keep(f"the rows up to and including {counted.rows['name'].iloc[position]}", frozenset(range(position + 1)))
        for position in np.flatnonzero(whole - running == stated).tolist():
            keep(f"the rows after {counted.rows['name'].iloc[position]}", frozenset(range(position + 1, inside)))
    return found


def _told(rows: list[Row], account: Account) -> str:
    sentences = [str(row["sentence"]) for row in rows[:MOST_TOLD]]
    others = sum(row["kind"] in ("part", "rounded") for row in rows)
    return told_together(sentences, sum(account.found.values()) + others)


# --- one share or average --------------------------------------------------------------------------------------------

_MOST_ROWS = 3_000


def is_ratio(stated: Stated) -> bool:
    """Say whether a stated figure is a share or an average, which `examine_ratio` judges, and not a total.

    Examples
    --------
    >>> from cop_analysis.study.config import Stated
    >>> is_ratio(Stated(what="attended share", value=61, unit="%")), is_ratio(Stated(what="attended", value=360))
    (True, False)
    """
    return stated.is_share or stated.is_mean


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
    gives = gives_words(made, value, stated)
    numbers = _possible(stated, made, decimals, unit)
    possible = "" if numbers is None else possible_words(stated, made, numbers)
    if is_printed_as(value, stated.value, decimals):
        return Finding(AGREES, f"{says}; the rows give {gives}.", float(value), sources=made.sources, possible=possible)
    above = value > exact(stated.value)
    is_fine = stated.at_least and above
    told = _explanations(stated, made, value, decimals, unit, all_stated)
    if is_fine and told and told[0]["kind"] == "cut off":
        # "Over 60%" where the rows give 60.6% needs no further explanation.
        told = told[:1]
    explanation = ratio_explained(stated, told, possible, numbers, _smallest(stated, numbers, decimals))
    compared = (
        f'the rows give {gives}, which does not contradict "at least"'
        if is_fine
        else f"the rows give {gives}, which is {'more' if above else 'less'} than stated"
    )
    return Finding(
        NOT_CONTRADICTED if is_fine else DIFFERS,
        f"{says}; {compared}. {explanation}.",
        float(value),
        explanation,
        tuple(told),
        str(told[0]["sentence"]) if told else "no denominator in the data accounts for the difference",
        made.sources,
        possible,
    )


def _possible(stated: Stated, made: Ratio, decimals: int, unit: int) -> range | None:
    """Give the counts (of an average: totals in steps) that are printed as the stated figure; None where unknown."""
    if not stated.is_share:
        return possible_totals(stated.value, made.denominator, decimals, made.step) if made.step else None
    if unit == 1 and decimals < 2:
        return None
    percentage = stated.value if unit == 100 else float(exact(stated.value) * 100)
    return possible_counts(percentage, made.denominator, decimals if unit == 100 else max(0, decimals - 2))


def _smallest(stated: Stated, numbers: range | None, decimals: int) -> Sequence[tuple[int, int]]:
    """Give the smallest shares that are printed as the stated one, where none of the rows' denominator is."""
    if numbers is None or len(numbers) or not stated.unit:
        return ()
    return possible_denominators(stated.value, decimals, 100)


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
    says = figure_words(stated)
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
            yield (
                "other denominator",
                words,
                f"{float(top):.15g} of {denominator}",
                where,
                f"{says} is {float(top):.15g} over {denominator}, {words}",
                top * unit / denominator,
            )
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
                yield (
                    "left out",
                    str(name),
                    f"{float(over):.15g} of {under}",
                    str(place),
                    f"{says} is what is left without one {made.row_noun}: {name} ({float(over):.15g} over {under}; "
                    f"{place})",
                    over * unit / under,
                )
            if tops[at]:
                yield (
                    "left out above the line",
                    str(name),
                    f"{float(over):.15g} of {bottom}",
                    str(place),
                    f"{says} is {float(over):.15g} over {bottom}: {name} counted below the line only ({place})",
                    over * unit / bottom,
                )


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


# --- all totals -----------------------------------------------------------------------------------------------------


def _numbers(values: list[float | None]) -> pd.api.extensions.ExtensionArray:
    """Keep whole numbers whole; a share or an average beside them makes the column one of fractions."""
    is_whole = all(value is None or float(value).is_integer() for value in values)
    return pd.array(values, dtype="Int64" if is_whole else "Float64")


def _difference(total: Stated, finding: Finding) -> float | None:
    if finding.recomputed is None:
        return None
    if is_ratio(total):
        return round(float(finding.recomputed) - float(total.value), 10)
    return int(finding.recomputed) - int(total.value) if float(total.value).is_integer() else None


def _headline(stated: list[Stated], findings: list[Finding]) -> Headline | None:
    for total, finding in zip(stated, findings, strict=True):
        if finding.verdict in (NOT_CONTRADICTED, DIFFERS):
            return Headline(
                f"by the rows, against {stated_words(total)} stated: {name_stated(total)}",
                _written(total, finding),
                finding.headline or "a count, not an estimate",
                place_of("stated figures"),
            )
    return None


def _written(total: Stated, finding: Finding) -> str:
    if not is_ratio(total) or finding.recomputed is None:
        return str(finding.recomputed)
    return f"{finding.recomputed:.{(total.decimals or decimals_of(total.value)) + 1}f}{total.unit}"
