"""Totals that a source states against the sum of its own rows, and which rows account for a difference.

What a total counts is in `tally`, the search for rows in `account`; here the two are compared and put into words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.results import Headline, Result
from cop_analysis.sessions.account import Account, Explanation, account_for, stated_transposed
from cop_analysis.sessions.events import join_names
from cop_analysis.sessions.findings import (
    AGREES,
    DIFFERS,
    MOST_TOLD,
    NOT_CONTRADICTED,
    UNKNOWN,
    Finding,
    name_stated,
    stated_words,
    told_together,
    where_words,
)
from cop_analysis.sessions.ratio_audit import examine_ratio, is_ratio
from cop_analysis.sessions.rounding import decimals_of
from cop_analysis.sessions.tally import Tally, tally
from cop_analysis.sessions.wording import capital
from cop_analysis.study.periods import Period, find_period

if TYPE_CHECKING:
    from cop_analysis.study import Study
    from cop_analysis.study.config import Stated

_MOST_DIFFERING = 8
_MOST_AGREEING = 12
_TITLE = "Totals the source states, against its rows"
_EXPLANATION_COLUMNS = ["total", "what", "kind", "rows", "values", "places", "sentence"]
_ADDS_UP = {"signed up", "attended"}


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
    """

    explanations: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=_EXPLANATION_COLUMNS))


def number_audit(study: Study) -> Result:
    """Answer whether the totals a source states follow from its rows, and if not, which rows account for it.

    Parameters
    ----------
    study : Study
        With ``[[stated]]`` totals in study.toml. A total without a period speaks of the whole study, so totals are
        compared with all rows even where the study is open for one period only.

    Returns
    -------
    NumberAudit
        One row a stated total: as stated, as recomputed, the difference (recomputed less stated), the verdict
        (``agrees``, ``not contradicted`` where the source says "at least", ``differs``, ``cannot be recomputed``) and
        the explanation found. A difference is a finding, never an error.

    Notes
    -----
    Explanations are searched for smallest first: one row left out, counted twice, with two neighbouring digits
    transposed, or counted though it does not belong; parts of the data that add up to the stated total (a period, a
    format, everything up to a date); the sum rounded to tens, hundreds or more; then two rows together, then three. All
    ties are counted.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables(
    ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated",
    ...      "stated": [{"what": "signed up", "value": 30}]},
    ...     events=pd.DataFrame({"event": ["E1", "E2", "E3"], "signed_up": [10, 20, 7],
    ...                          "date": ["2023-05-01", "2023-06-01", "2023-07-05"]}))
    >>> print(number_audit(study).explanations.loc[0, "sentence"])
    30 is exactly the sum without one row: 5 July 2023 (E3) (7; events.csv row 4), the last in time
    """
    whole = study.unrestricted()
    stated = list(whole.stated)
    if not stated:
        return NumberAudit(
            key="number-audit", title=_TITLE,
            sentence="study.toml states no totals ([[stated]]), so there is nothing to compare with the rows.",
        )  # fmt: skip
    findings = [_examine(whole, total, stated) for total in stated]
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
    told = [
        {"total": number, "what": total.what, **row}
        for number, (total, finding) in enumerate(zip(stated, findings, strict=True), start=1)
        for row in finding.told
    ]
    return NumberAudit(
        key="number-audit",
        title=_TITLE,
        sentence=_scope(study, stated) + _overall(stated, findings),
        table=table,
        labels={
            "difference": "recomputed less stated",
            "recomputed": "what the rows give",
            "possible": "what the stated figure can have come from",
        },
        caveats=_caveats(study, findings),
        headline=_headline(stated, findings),
        method=(
            "Stated totals are kept as stated and recomputed from the rows. A difference is searched for, smallest "
            "explanation first: one row left out, counted twice, with two neighbouring digits transposed, or counted "
            "though it does not belong; a part of the data (a period, a format, everything up to a date) that adds up "
            "to the stated total; the sum rounded to tens or more; two rows; three rows. Equal explanations are "
            f"counted and the first {MOST_TOLD} told. A share or an average agrees when what the rows give rounds to "
            "it at the decimals printed (halves either way); whole numbers that cannot give it at all are found as by "
            "GRIM (Brown & Heathers 2017)."
        ),
        sources=("study.toml", *sorted({name for finding in findings for name in finding.sources} - {"study.toml"})),
        explanations=pd.DataFrame(told, columns=_EXPLANATION_COLUMNS),
    )


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
        verdict, f"{says}; {compared}. {explanation}.", recomputed, explanation, told,
        str(told[0]["sentence"]) if told else "no row accounts for the difference", sources,
    )  # fmt: skip


def _incomplete(says: str, total: Stated, counted: Tally) -> Finding:
    known = counted.total
    extra = f"; the rows that are there sum to {known}" if len(counted.rows) else ""
    if known > total.value:
        extra += ", already more than stated"
    text = f"it cannot be recomputed, because {counted.problem}{extra}"
    return Finding(UNKNOWN, f"{says}; {text}.", None, text, sources=counted.sources)


def _explain(total: Stated, counted: Tally) -> tuple[tuple[dict[str, object], ...], str]:
    """Give the explanations found, each as a row, and all of them in words."""
    stated, what = int(total.value), total.what
    values = counted.rows["value"].tolist()
    # Rows that count one each are all alike: which of them were left out cannot be told from a number.
    adds_up = what in _ADDS_UP
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
    return (), _nothing_found(stated, what, counted, account)


def _row(explanation: Explanation, stated: int, counted: Tally) -> dict[str, object]:
    source = counted.aside if explanation.kind == "also counted" else counted.rows
    chosen = source.iloc[list(explanation.rows)]
    named = [
        f"{name} ({value}; {place}{', ' + why if why else ''})"
        for name, value, place, why in zip(
            chosen["name"], chosen["value"], chosen["place"],
            chosen["why"] if "why" in chosen.columns else [""] * len(chosen), strict=True,
        )
    ]  # fmt: skip
    many = {1: "one row", 2: "two rows", 3: "three rows"}.get(len(named), "")
    listed = " and ".join(filter(None, [", ".join(named[:-1]), *named[-1:]]))
    does = "does" if len(named) == 1 else "do"
    exactly = f"{stated} is exactly the sum"
    sentence = {
        "left out": f"{exactly} without {many}: {listed}",
        "counted twice": f"{exactly} with {many} counted twice: {listed}",
        "also counted": f"{exactly} with {many} added that {does} not belong: {listed}",
        "digits transposed": f"{exactly} with {explanation.written} read for {listed}, two digits transposed",
        "total transposed": f"{stated} is the sum {explanation.written} with two digits transposed",
    }[explanation.kind]
    count, left = len(counted.rows), len(named)
    latest = explanation.rows == tuple(range(count - left, count))
    if explanation.kind == "left out" and counted.is_dated and latest and count > left:
        sentence += ", the last in time"
    return {
        "kind": explanation.kind,
        "rows": "; ".join(chosen["name"].astype(str)),
        "values": "; ".join(chosen["value"].astype(str)),
        "places": "; ".join(chosen["place"].astype(str)),
        "sentence": sentence,
    }


def _rounded(stated: int, counted: Tally, at_least: bool) -> list[dict[str, object]]:
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
    row: dict[str, object] = {
        "kind": "rounded",
        "rows": "",
        "values": str(total),
        "places": join_names(counted.sources),
        "sentence": f"{stated} is the sum {total} {how}",
    }
    return [row] if found else []


def _part_row(words: str, stated: int, counted: Tally) -> dict[str, object]:
    return {
        "kind": "part",
        "rows": words,
        "values": str(stated),
        "places": join_names(counted.sources),
        "sentence": f"{stated} is exactly the sum of {words}",
    }


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


def _told(rows: list[dict[str, object]], account: Account) -> str:
    sentences = [str(row["sentence"]) for row in rows[:MOST_TOLD]]
    others = sum(row["kind"] in ("part", "rounded") for row in rows)
    return told_together(sentences, sum(account.found.values()) + others)


def _nothing_found(stated: int, what: str, counted: Tally, account: Account) -> str:
    if not len(counted.rows):
        return "There are no rows to search"
    if what not in _ADDS_UP:
        return (
            f"Each row counts one, so which rows account for the difference cannot be told from the numbers, and no "
            f"part of the data counts {stated}"
        )
    tried = "No row left out, counted twice or with two digits transposed accounts for the difference"
    if account.stopped:
        return f"{tried}, nor do two rows together; the search stopped before three rows, because there are too many"
    return f"{tried}, nor does rounding, a period, a format or any two or three rows together"


# --- all totals -----------------------------------------------------------------------------------------------------


def _scope(study: Study, stated: list[Stated]) -> str:
    """Say which part of the study the figures speak of, where the page is about a period only."""
    if study.period is None:
        return ""
    own = ", or of the period a figure names" if any(total.period for total in stated) else ""
    return f"Checked against the rows of the whole study{own}, not of {study.period.label} alone. "


def _overall(stated: list[Stated], findings: list[Finding]) -> str:
    """Lead with what differs, then what cannot be told, and list what agrees in brief."""
    noun = "figure" if any(is_ratio(total) for total in stated) else "total"
    pairs = list(zip(stated, findings, strict=True))
    agreeing = [
        f"{name_stated(total)} ({stated_words(total)})" for total, finding in pairs if finding.verdict == AGREES
    ]
    if len(agreeing) == len(pairs):
        start = f"The one stated {noun} agrees" if len(pairs) == 1 else f"All {len(pairs)} stated {noun}s agree"
        return f"{start} with the rows: {join_names(agreeing, _MOST_AGREEING)}."
    order = (DIFFERS, NOT_CONTRADICTED, UNKNOWN)
    told = [capital(finding.sentence) for verdict in order for finding in findings if finding.verdict == verdict]
    more = f" {len(told) - _MOST_DIFFERING} more are in the table." if len(told) > _MOST_DIFFERING else ""
    text = " ".join(told[:_MOST_DIFFERING]) + more
    if not agreeing:
        return text
    does = (
        f"The other stated {noun} agrees" if len(agreeing) == 1 else f"The other {len(agreeing)} stated {noun}s agree"
    )
    return f"{text} {does} with the rows: {join_names(agreeing, _MOST_AGREEING)}."


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
                _written(total, finding), finding.headline or "a count, not an estimate", 15,
            )  # fmt: skip
    return None


def _written(total: Stated, finding: Finding) -> str:
    if not is_ratio(total) or finding.recomputed is None:
        return str(finding.recomputed)
    return f"{finding.recomputed:.{(total.decimals or decimals_of(total.value)) + 1}f}{total.unit}"


def _caveats(study: Study, findings: list[Finding]) -> tuple[str, ...]:
    caveats = []
    if any(finding.told for finding in findings):
        caveats.append(
            "An explanation found by search fits the numbers; whether it is what happened, only the source can say."
        )
    if study.period is not None:
        caveats.append(
            "Stated totals are compared with the rows of the whole study (or of the period a total names), not with "
            f"{study.period.label} alone."
        )
    return tuple(caveats)
