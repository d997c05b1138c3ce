"""Two waves answered by different people, or by people who cannot be matched: the table item by item, and the finding.

The tests are in group_tests.py; nothing is paired here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cop_analysis.change.methods.group_tests import RankSum, mann_whitney, rank_sum, welch
from cop_analysis.change.methods.multiplicity import benjamini_hochberg, holm
from cop_analysis.change.pages import columns, words
from cop_analysis.change.pages.two_waves import Columns, TwoWaves
from cop_analysis.change.pictures.answers import categories, diverging_bars
from cop_analysis.results import (
    Figure,
    Result,
    Verdict,
    table_html,
    table_payload,
    with_limits,
    with_sign,
)
from cop_analysis.results.pages import Opening

_SIDES = ("first", "second")
_TIGHT = str.maketrans({" ": "\u00a0"})
_TESTED = (
    "mean_difference",
    "difference_low",
    "difference_high",
    "superiority",
    "low",
    "high",
    "p_value",
    "mid_p_value",
    "mann_whitney_u",
    "mann_whitney_p_value",
)


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
class Spread:
    """How the answers of either wave are spread, without a comparison."""

    table: pd.DataFrame
    labels: dict[str, str]
    figure: Figure


def spread_by_wave(waves: TwoWaves) -> Spread:
    """Describe the answers of either wave item by item: how many, how spread, mean and median."""
    captions, edges = categories(waves.instrument)
    rows = []
    for item in waves.items:
        row: dict[str, object] = {"item": item, "wording": waves.wordings[item]}
        for side, table in zip(_SIDES, waves.answered, strict=True):
            given = table[item].dropna().to_numpy(dtype="float64")
            counts = np.bincount(np.searchsorted(edges, given, side="right"), minlength=len(captions))
            row[f"n_{side}"] = len(given)
            row[f"answers_{side}"] = " / ".join(f"{count:,}" for count in counts)
            row[f"mean_{side}"] = float(given.mean()) if len(given) else math.nan
            row[f"median_{side}"] = float(np.median(given)) if len(given) else math.nan
        rows.append(row)
    figure = diverging_bars(
        *waves.answered,
        waves.instrument,
        waves.wordings,
        waves.names,
        name=f"answers-of-either-wave{waves.suffix}",
        paired=False,
    )
    return Spread(pd.DataFrame(rows), words.spread_labels(waves.names, captions), figure)


def cohorts(waves: TwoWaves, opening: Opening, level: float, *, asymptotic: bool) -> Result:
    """Compare two waves answered by different people item by item, or refuse where the answers are matched."""
    if waves.design == "paired":
        return Result(**opening, sentence=words.matched_sentence(waves), caveats=(words.MATCHED_CAVEAT,))
    spread = spread_by_wave(waves)
    groups = _lead(waves)
    sizes = len(groups[0]), len(groups[1])
    if not all(sizes):
        sentence = words.one_group_empty(waves, 1 if sizes[0] else 0)
        return Result(**opening, sentence=sentence, table=spread.table, labels=spread.labels)
    multiplicity = "bh" if waves.plan.multiplicity == "bh" else "holm"
    table = _compared(waves, spread.table, level, multiplicity, asymptotic=asymptotic)
    test = rank_sum(groups[0].to_numpy(), groups[1].to_numpy(), level=level)
    title = words.groups_title(waves)
    labels = spread.labels | words.groups_labels(waves.direction, level, multiplicity, len(table))
    _, low, high = waves.direction.towards_better(test)
    return Cohorts(
        key=opening["key"],
        title=title,
        sentence=words.groups_sentence(waves, test, sizes, level),
        table=table,
        labels=labels,
        figure=spread.figure,
        caveats=words.groups_caveats(waves),
        headline=words.groups_headline(waves, test, sizes, level),
        method=words.groups_method(test, multiplicity, asymptotic=asymptotic),
        sources=opening["sources"],
        body_html=table_html(table_payload(_short_table(table, asymptotic=asymptotic), labels, columns.COHORTS), title),
        show_table=False,
        quantities=waves.quantities,
        # Different people say how two groups differ; whether anybody changed they cannot tell.
        verdicts=(Verdict(f"survey:changed:{waves.instrument.key}:groups", "cannot tell", low, high, turns_at=0.5),),
        lead=test,
    )


def _lead(waves: TwoWaves) -> Columns:
    item = waves.leading_item
    first, last = (table[item] for table in waves.answered) if item else waves.mean_answers
    return first.dropna(), last.dropna()


def _compared(
    waves: TwoWaves, described: pd.DataFrame, level: float, multiplicity: str, *, asymptotic: bool
) -> pd.DataFrame:
    found = {name: np.full(len(described), np.nan) for name in _TESTED}
    for place, item in enumerate(described["item"]):
        one, other = (table[item].dropna().to_numpy(dtype="float64") for table in waves.answered)
        if not len(one) or not len(other):
            continue
        test, plain = rank_sum(one, other, level=level), mann_whitney(one, other)
        values = [*welch(one, other, level), *waves.direction.towards_better(test)]
        values += [test.p_value, test.mid_p_value, plain.statistic, plain.p_value]
        for name, value in zip(_TESTED, values, strict=True):
            found[name][place] = value
    table = described.assign(**found)
    adjust = benjamini_hochberg if multiplicity == "bh" else holm
    place = list(table.columns).index("p_value") + 1
    table.insert(place, "adjusted_p_value", adjust(table["p_value"]))
    return table if asymptotic else table.drop(columns=["mann_whitney_u", "mann_whitney_p_value"])


def _short_table(table: pd.DataFrame, *, asymptotic: bool) -> pd.DataFrame:
    """Give the columns a reader wants first; the table with all of them is folded beneath."""
    columns: dict[str, object] = {"wording": table["wording"]}
    for side in _SIDES:
        columns[f"answers_{side}"] = [
            f"{answers.translate(_TIGHT)} (n\u00a0=\u00a0{n:,})"
            for answers, n in zip(table[f"answers_{side}"], table[f"n_{side}"], strict=True)
        ]
    rows = table.to_dict("records")
    columns["difference"] = [
        with_limits(row["mean_difference"], row["difference_low"], row["difference_high"], with_sign) for row in rows
    ]
    columns["chance"] = [with_limits(row["superiority"], row["low"], row["high"]) for row in rows]
    kept = ["p_value"]
    kept += ["adjusted_p_value"] if len(table) > 1 else []
    kept += ["mann_whitney_p_value"] if asymptotic else []
    return pd.DataFrame(columns | {name: table[name] for name in kept})
