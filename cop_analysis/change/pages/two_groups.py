"""Two waves answered by different people, or by people who cannot be matched: the table item by item, and the finding.

The tests are in group_tests.py; nothing is paired here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.change.methods.group_tests import RankSum, mann_whitney, rank_sum, welch
from cop_analysis.change.methods.multiplicity import benjamini_hochberg, holm
from cop_analysis.change.pages.comparison import Comparison, begin, not_paired
from cop_analysis.change.pages.words import (
    Reading,
    answered_quantities,
    chance_in_words,
    percent,
    reading_of,
    software,
    what_was_left_out,
)
from cop_analysis.change.pictures.answers import categories, diverging_bars
from cop_analysis.results import (
    Figure,
    Headline,
    Result,
    Verdict,
    count_of,
    format_p,
    format_share,
    table_html,
    table_payload,
)

if TYPE_CHECKING:
    from cop_analysis.study import Study

_KEY, _TITLE = "cohorts", "Two waves as two groups of people"
_MOST_CATEGORIES = 11


@dataclass(frozen=True, kw_only=True)
class Cohorts(Result):
    """The comparison of two groups of different people, with what code may want besides the table.

    Parameters
    ----------
    lead : RankSum or None
        The test the sentence speaks of: the planned primary item or the only one, else all items together. Its estimate
        is the chance of a higher answer.
    """

    lead: RankSum | None = None


@dataclass(frozen=True)
class Described:
    """How the answers of either wave are spread, without a comparison."""

    table: pd.DataFrame
    labels: dict[str, str]
    figure: Figure


def spread_by_wave(study: Study, comparison: Comparison) -> Described:
    """Describe the answers of either wave item by item: how many, how spread, mean and median.

    Examples
    --------
    >>> spread_by_wave.__module__
    'cop_analysis.change.pages.two_groups'
    """
    assert study.survey is not None
    answers = comparison.wave_answers(study.survey)
    first, last = (answers[wave.key] for wave in (comparison.before, comparison.after))
    captions, edges = categories(comparison.instrument)
    rows = []
    for item in comparison.items:
        row: dict[str, object] = {"item": item, "wording": comparison.wording(item)}
        for side, table in (("first", first), ("second", last)):
            given = table[item].dropna().to_numpy(dtype="float64")
            counts = np.bincount(np.searchsorted(edges, given, side="right"), minlength=len(captions))
            row[f"n_{side}"] = len(given)
            row[f"answers_{side}"] = " / ".join(f"{count:,}" for count in counts)
            row[f"mean_{side}"] = float(given.mean()) if len(given) else math.nan
            row[f"median_{side}"] = float(np.median(given)) if len(given) else math.nan
        rows.append(row)
    names = comparison.names
    scale = f"{captions[0]} / … / {captions[-1]}" if len(captions) > 2 else " / ".join(captions)
    labels = {
        f"{column}_{side}": f"{what}, {name}"
        for side, name in zip(("first", "second"), names, strict=True)
        for column, what in (
            ("n", "people"),
            ("answers", f"answers {scale}"),
            ("mean", "mean"),
            ("median", "median"),
        )
    }
    figure = diverging_bars(
        first, last, comparison.instrument, {item: comparison.wording(item) for item in comparison.items}, names,
        name=f"answers-of-either-wave{comparison.suffix}", paired=False,
    )  # fmt: skip
    return Described(pd.DataFrame(rows), labels, figure)


def cohorts(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    level: float = 0.95,
    *,
    asymptotic: bool = False,
) -> Result:
    """Compare two waves answered by different people item by item, or refuse where the answers are matched.

    Parameters
    ----------
    study, instrument, before, after, level
        As in `answer`.
    asymptotic : bool
        Add the asymptotic Mann-Whitney test with continuity correction, since published tables hold that.

    Returns
    -------
    Cohorts
        A row an item: n, answers, mean and median of either wave; mean_difference with its limits, superiority (the
        chance of a better answer the second time) with its limits, exact rank-sum p and mid-p, p adjusted for several
        items; with ``asymptotic`` also mann_whitney_u and mann_whitney_p_value.

    Raises
    ------
    ValueError
        If a key asked for is not in study.toml or the level is impossible.

    Notes
    -----
    `rank_sum`; difference of means with the interval of Welch 1947, Biometrika 34:28-35; `holm`, or
    `benjamini_hochberg` where the plan says so. Two groups of different people say how the groups differ, not whether
    anybody changed.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> cohorts(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so two groups of people cannot be shown.'
    """
    comparison = begin(study, _KEY, _TITLE, "two groups of people", instrument, before, after, level, of_pairs=False)
    if isinstance(comparison, Result):
        return comparison
    key = f"{_KEY}{comparison.suffix}"
    if comparison.design == "in doubt":
        return not_paired(_KEY, _TITLE, "two groups of people", comparison)
    if comparison.design == "paired":
        return Result(
            key=key, title=_TITLE, sources=("survey.csv",),
            sentence=f"{count_of(comparison.pairing.n, 'person', 'people')} answered both times "
            f"({'; '.join(comparison.names)}): the answers are matched, so the waves are not compared as if they were "
            "two groups of different people.",
            caveats=("Those who answered twice are compared with themselves; all others are taken in beside them.",),
        )  # fmt: skip
    assert study.survey is not None
    plan = getattr(study.config, "plan", None)
    reading = reading_of(comparison.instrument)
    answers = comparison.wave_answers(study.survey)
    first, last = (answers[wave.key] for wave in (comparison.before, comparison.after))
    described = spread_by_wave(study, comparison)
    multiplicity = "bh" if getattr(plan, "multiplicity", "") == "bh" else "holm"
    table = _compared(described.table, first, last, reading, level, multiplicity, asymptotic)
    about, groups = _lead(study, comparison, plan, first, last)
    if not len(groups[0]) or not len(groups[1]):
        empty = comparison.times[1 if len(groups[0]) else 0]
        return Result(
            key=key, title=_TITLE, table=described.table, labels=described.labels, sources=("survey.csv",),
            sentence=f"Nobody answered enough items {empty}, so there are no two groups to compare.",
        )  # fmt: skip
    test = rank_sum(groups[0].to_numpy(), groups[1].to_numpy(), level=level)
    estimate, low, high = reading.turn(test.estimate, test.low, test.high)
    names = comparison.names
    title = f"{comparison.instrument.name}, item by item: {'; '.join(names)} (not matched)"
    chance = f"{percent(level)} interval {format_share(low)} to {format_share(high)}"
    labels = described.labels | _labels(reading, level, multiplicity, len(table))
    return Cohorts(
        key=key,
        title=title,
        sentence=(
            f"{count_of(len(groups[0]), 'person', 'people')} answered {comparison.times[0]} and "
            f"{len(groups[1]):,} {comparison.times[1]}, and nobody is matched: "
            f"the chance that someone of the second group gave {reading.tendency} than someone "
            f"of the first, {about}, is {format_share(estimate)} ({chance}; 50% is none either way). Were both "
            f"groups drawn from the same people, a difference this large would be seen {chance_in_words(test.p_value)} "
            f"({format_p(test.p_value)})."
        ),
        table=table,
        labels=labels,
        figure=described.figure,
        caveats=(
            "Nobody is matched between the groups: a difference may be a change, or other people having answered.",
            "If people did answer twice, they are not independent and this test does not allow for it: agree on ids "
            "that people can repeat, and declare the waves paired.",
            "There is no control group: the same difference might have come without the programme.",
            *what_was_left_out(comparison),
            *_shared(comparison, study),
            *comparison.deviations,
        ),
        headline=Headline(
            label=f"chance that someone of the second group ({names[1]}) gave {reading.tendency} than someone of the "
            f"first ({names[0]}), {about}",
            value=format_share(estimate),
            uncertainty=f"{chance}; {len(groups[0]):,} and {count_of(len(groups[1]), 'person', 'people')}, not "
            f"matched; {format_p(test.p_value)}",
            order=20,
        ),
        method=f"{test.method} Differences of means with the interval of Welch (1947). Adjusted p: "
        f"{'Benjamini-Hochberg (1995)' if multiplicity == 'bh' else 'Holm (1979)'} on the exact p. "
        + ("Mann-Whitney: normal approximation, tie-corrected, with continuity correction. " if asymptotic else "")
        + f"All items together means each person's mean over at least half of the items. {software()}",
        sources=("survey.csv",),
        body_html=_short_table(table, labels, title, reading, level, asymptotic),
        show_table=False,
        quantities=answered_quantities(comparison),
        verdicts=(Verdict(f"survey:changed:{comparison.instrument.key}", "cannot tell", low, high, turns_at=0.5),),
        lead=test,
    )


def _lead(
    study: Study, comparison: Comparison, plan: object, first: pd.DataFrame, last: pd.DataFrame
) -> tuple[str, tuple[pd.Series, pd.Series]]:
    planned = getattr(plan, "primary", "")
    items = comparison.items
    item = planned if planned in items else items[0] if len(items) == 1 else ""
    if item:
        return comparison.about(item), (first[item].dropna(), last[item].dropna())
    assert study.survey is not None
    scores = comparison.wave_scores(study.survey)
    groups = tuple(scores[wave.key].dropna() for wave in (comparison.before, comparison.after))
    return comparison.about(""), (groups[0], groups[1])


def _compared(
    described: pd.DataFrame,
    first: pd.DataFrame,
    last: pd.DataFrame,
    reading: Reading,
    level: float,
    multiplicity: str,
    asymptotic: bool,
) -> pd.DataFrame:
    names = ["mean_difference", "difference_low", "difference_high", "superiority", "low", "high", "p_value",
             "mid_p_value", "mann_whitney_u", "mann_whitney_p_value"]  # fmt: skip
    found = {name: np.full(len(described), np.nan) for name in names}
    for place, item in enumerate(described["item"]):
        one, other = (table[item].dropna().to_numpy(dtype="float64") for table in (first, last))
        if not len(one) or not len(other):
            continue
        test = rank_sum(one, other, level=level)
        values = [*welch(one, other, level), *reading.turn(test.estimate, test.low, test.high)]
        plain = mann_whitney(one, other)
        values += [test.p_value, test.mid_p_value, plain.statistic, plain.p_value]
        for name, value in zip(names, values, strict=True):
            found[name][place] = value
    table = described.assign(**found)
    adjust = benjamini_hochberg if multiplicity == "bh" else holm
    place = list(table.columns).index("p_value") + 1
    table.insert(place, "adjusted_p_value", adjust(table["p_value"]))
    return table if asymptotic else table.drop(columns=["mann_whitney_u", "mann_whitney_p_value"])


def _labels(reading: Reading, level: float, multiplicity: str, items: int) -> dict[str, str]:
    towards = "higher" if reading.higher_is_better else "lower (better)"
    return {
        "mean_difference": "difference of means",
        "difference_low": f"difference, {percent(level)} low",
        "difference_high": f"difference, {percent(level)} high",
        "superiority": f"chance of a {towards} answer the second time",
        "low": f"chance, {percent(level)} low",
        "high": f"chance, {percent(level)} high",
        "p_value": "exact rank-sum p",
        "mid_p_value": "mid-p",
        "adjusted_p_value": ("adjusted p (Holm)" if multiplicity == "holm" else "adjusted p (Benjamini-Hochberg)")
        if items > 1
        else "adjusted p (one item)",
        "mann_whitney_u": "Mann-Whitney U",
        "mann_whitney_p_value": "asymptotic Mann-Whitney p, continuity-corrected",
    }


def _short_table(
    table: pd.DataFrame, labels: dict[str, str], title: str, reading: Reading, level: float, asymptotic: bool
) -> str:
    """Write the columns a reader wants first; the table with all of them is folded beneath."""
    tight = str.maketrans({" ": "\u00a0"})

    def with_limits(estimate: float, low: float, high: float, write: str) -> str:
        if estimate != estimate:
            return ""
        limits = "" if low != low else f" ({format(low, write)}\u00a0to\u00a0{format(high, write)})"
        return f"{format(estimate, write)}{limits}".replace("-", "\u2212")

    columns: dict[str, object] = {"wording": table["wording"]}
    for side in ("first", "second"):
        columns[f"answers_{side}"] = [
            f"{answers.translate(tight)} (n\u00a0=\u00a0{n:,})"
            for answers, n in zip(table[f"answers_{side}"], table[f"n_{side}"], strict=True)
        ]
    columns["difference"] = [
        with_limits(*each, "+.2f")
        for each in zip(table["mean_difference"], table["difference_low"], table["difference_high"], strict=True)
    ]
    columns["chance"] = [
        with_limits(*each, ".0%") for each in zip(table["superiority"], table["low"], table["high"], strict=True)
    ]
    columns["p_value"] = table["p_value"]
    if len(table) > 1:
        columns["adjusted_p_value"] = table["adjusted_p_value"]
    if asymptotic:
        columns["mann_whitney_p_value"] = table["mann_whitney_p_value"]
    words = labels | {
        "difference": f"difference of means ({percent(level)} interval)",
        "chance": f"{labels['superiority']} ({percent(level)} interval)",
    }
    return table_html(table_payload(pd.DataFrame(columns), words), title)


def _shared(comparison: Comparison, study: Study) -> list[str]:
    """Say that ids which occur in both waves are not read as the same people."""
    shared = set(comparison.pairing.only_before) & set(comparison.pairing.only_after)
    if not shared:
        return []
    verb = "is" if len(shared) == 1 else "are"
    return [
        f"{count_of(len(shared), 'id that occurs', 'ids that occur')} in both waves {verb} not read as the same "
        "person, because study.toml declares the waves unmatched."
    ]
