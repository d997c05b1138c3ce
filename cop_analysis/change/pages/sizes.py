"""Does the finding rest on one way of testing? Other tests and effect sizes beside it, on one page; no formula here."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.change.methods.effects import bootstrap_means, rank_biserial, standardised_change, superiority
from cop_analysis.change.methods.paired_tests import (
    SignedRank,
    SignFlips,
    cluster_sign_flip,
    hodges_lehmann,
    mean_sign_flip,
    null_distribution,
    rank_difference,
    sign_test,
    signed_rank,
)
from cop_analysis.change.pages.comparison import Comparison, begin, nobody_twice, person_column
from cop_analysis.change.pages.words import (
    floor_caveat,
    percent,
    reading_of,
    software,
    standing_caveats,
    what_was_left_out,
    who_is_missing,
)
from cop_analysis.change.pictures.estimates import null_figure
from cop_analysis.results import Result, count_of, format_p, with_minus, with_sign

if TYPE_CHECKING:
    from cop_analysis.study import Study

_TESTS, _EFFECTS = "other-tests", "effect-sizes"
_TESTS_TITLE, _EFFECTS_TITLE = "Other tests of the same change", "How large the change is, in several units"
_FEW_CLUSTERS = 10


def other_tests(
    study: Study, instrument: str | None = None, before: str | None = None, after: str | None = None
) -> Result:
    """Run the other exact tests beside the signed-rank test, to see whether they agree.

    Parameters
    ----------
    study : Study
        The study; organisations are read from its people table.
    instrument, before, after : str, optional
        Keys from study.toml; by default those of the plan, or the only instrument and the first and last wave.

    Returns
    -------
    Result
        A row a test: test, asks, statistic, p_value, mid_p_value, people, exact. Its figure is the null distribution of
        the first.

    Raises
    ------
    ValueError
        If a key asked for is not in study.toml.

    Notes
    -----
    Each test is named with its source in its own docstring: `signed_rank`, `sign_test`, `mean_sign_flip`,
    `rank_difference`, `cluster_sign_flip`.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> other_tests(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so other tests cannot be shown.'
    """
    comparison = begin(study, _TESTS, _TESTS_TITLE, "other tests", instrument, before, after)
    if isinstance(comparison, Result):
        return comparison
    item, differences, (pre, post) = comparison.lead(getattr(study.config, "plan", None))
    key = f"{_TESTS}{comparison.suffix}"
    if not differences.n:
        return nobody_twice(key, _TESTS_TITLE, comparison)
    if not differences.up + differences.down:
        return _nobody_changed(key, _TESTS_TITLE, comparison, item, differences.n)
    given = (pre.notna() & post.notna()).to_numpy()
    pre, post = pre[given], post[given]
    pratt = signed_rank(pre, post)
    tests: list[tuple[str, str, SignedRank | SignFlips]] = [
        ("signed-rank, Pratt", "which way changes go, larger ones counting more", pratt),
        ("signed-rank, unchanged dropped", "the same among those who changed", signed_rank(pre, post, zeros="drop")),
        ("sign", "whether more went up than down", sign_test(pre, post)),
        ("mean by sign flips", "the mean change in scale points", mean_sign_flip(pre, post)),
        ("rank difference (Kornbrot)", "the order of the answers alone", rank_difference(pre, post)),
    ]
    rows = [
        (name, asks, test.statistic, test.p_value, test.mid_p_value, test.n, test.exact) for name, asks, test in tests
    ]
    caveats = []
    clusters = person_column(study, pre.index, "organisation")
    if clusters is not None and clusters.notna().any():
        flips = cluster_sign_flip(pre, post, clusters)
        rows.append(
            (
                "whole organisations' signs",
                "the same if colleagues move together",
                flips.statistic,
                flips.p_value,
                flips.mid_p_value,
                flips.clusters,
                flips.exact,
            )
        )
        said = (
            f"The test of whole organisations rests on {count_of(flips.clusters, 'organisation')} in which somebody "
            f"changed; the smallest p they can give is {flips.floor:.3f}"
        )
        said += ": few, so that it can show little." if flips.clusters < _FEW_CLUSTERS else "."
        if flips.without_cluster:
            said += f" {count_of(flips.without_cluster, 'person', 'people')} without one stand each for themselves."
        caveats.append(said)
    table = pd.DataFrame(rows, columns=["test", "asks", "statistic", "p_value", "mid_p_value", "units", "exact"])
    people = table.iloc[:5]
    whole = "".join(
        f" Over whole organisations, which allows for colleagues answering alike, it is {format_p(float(p))}."
        for p in table["p_value"].iloc[5:]
    )
    figure = None
    if pratt.exact and pratt.changed:
        try:
            figure = null_figure(null_distribution(pre, post), name=f"null-distribution{comparison.suffix}")
        except ValueError:
            figure = None
    return Result(
        key=key,
        title=_TESTS_TITLE,
        sentence=(
            f"Five exact tests of the change {comparison.about(item)} ({'; '.join(comparison.names)}) range from "
            f"{format_p(float(people['p_value'].min()))} to {format_p(float(people['p_value'].max()))}; the one this "
            f"page leads with, Pratt's, gives {format_p(pratt.p_value)}.{whole}"
        ),
        table=table,
        labels={"p_value": "exact p", "mid_p_value": "mid-p", "units": "people or organisations"},
        figure=figure,
        caveats=(
            "These are looks from other sides at one finding, not further findings: do not pick the smallest p.",
            *caveats,
            floor_caveat(
                [(comparison.wording(item) if item else "all items together", differences.up + differences.down)]
            ),
            who_is_missing(comparison),
            *what_was_left_out(comparison),
            *comparison.deviations,
        ),
        method=" ".join([*dict.fromkeys(test.method for *_, test in tests), software()]),
        sources=("survey.csv",) if clusters is None else ("survey.csv", "people.csv"),
    )


def effect_sizes(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    resamples: int = 9999,
    seed: int = 20250101,
    level: float = 0.95,
) -> Result:
    """Give the size of the change in several units, each with its interval.

    Parameters
    ----------
    study : Study
        The study.
    instrument, before, after : str, optional
        Keys from study.toml; by default those of the plan, or the only instrument and the first and last wave.
    resamples : int
        Of the bootstrap intervals.
    seed : int
        Where the bootstrap starts.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Result
        A row a measure: measure, estimate, low, high, reads.

    Raises
    ------
    ValueError
        If a key asked for is not in study.toml or a setting is impossible.

    Notes
    -----
    `superiority`, `hodges_lehmann`, `bootstrap_means`, `rank_biserial`, `standardised_change`.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> effect_sizes(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so the size of a change cannot be shown.'
    """
    comparison = begin(study, _EFFECTS, _EFFECTS_TITLE, "the size of a change", instrument, before, after)
    if isinstance(comparison, Result):
        return comparison
    item, differences, (pre, post) = comparison.lead(getattr(study.config, "plan", None))
    key = f"{_EFFECTS}{comparison.suffix}"
    if not differences.n:
        return nobody_twice(key, _EFFECTS_TITLE, comparison)
    if not differences.up + differences.down:
        return _nobody_changed(key, _EFFECTS_TITLE, comparison, item, differences.n)
    given = (pre.notna() & post.notna()).to_numpy()
    pre, post = pre[given], post[given]
    about = comparison.about(item)
    reading = reading_of(comparison.instrument)
    ps = superiority(pre, post, level)
    middle = hodges_lehmann(pre, post, level)
    mean = bootstrap_means(pd.DataFrame({"change": np.asarray(differences.values)}), resamples, seed, level)
    standard = standardised_change(pre, post, level)
    notes = list(standard.notes)
    weighed = (math.nan, math.nan, math.nan)
    try:
        found = rank_biserial(pre, post, resamples, seed, level)
        weighed = (found.estimate, found.low, found.high)
        if found.low == found.high:
            notes.append(
                "Everyone who changed went the same way, so the bootstrap interval of the rank-biserial correlation "
                "shrinks to a point: read the interval of PS instead."
            )
    except ValueError as reason:
        notes.append(str(reason))
    if math.isinf(middle.low):
        notes.append(
            f"Too few people changed for a {percent(level)} interval of the middle change: no change at all can be "
            "excluded."
        )
    if math.isnan(float(mean.low.iloc[0])):
        notes.append("The bootstrap interval of the mean needs at least three people.")
    rows = [
        (reading.superiority_label, *reading.towards_better(ps), "share moving so, no change as half; .5 is neither"),
        ("matched rank-biserial", *weighed, "ranked changes up less down, from -1 to 1"),
        ("middle change (Hodges-Lehmann)", middle.estimate, middle.low, middle.high, "scale points"),
        ("mean change", *(float(part.iloc[0]) for part in (mean.estimate, mean.low, mean.high)),
         "scale points, bootstrap interval"),
        ("dz", standard.dz, standard.dz_low, standard.dz_high, "standard deviations of the changes"),
        ("Hedges g (of dz)", standard.hedges_g, standard.g_low, standard.g_high, "dz less its small-sample bias"),
        ("dav", standard.dav, math.nan, math.nan, "mean standard deviation of the two waves"),
    ]  # fmt: skip
    return Result(
        key=key,
        title=_EFFECTS_TITLE,
        sentence=(
            f"{about[0].upper()}{about[1:]}, {count_of(differences.n, 'person', 'people')} moved by "
            f"{with_sign(middle.estimate)} scale points in the middle ({_interval(middle.low, middle.high, level)}) "
            f"and by {with_sign(float(mean.estimate.iloc[0]))} on average; the tendency towards "
            f"{reading.tendency} is {', '.join(reading.tendency_in_words(ps))}, 50% being none either way."
        ),
        table=pd.DataFrame(rows, columns=["measure", "estimate", "low", "high", "reads"]).astype(
            {"estimate": "float64", "low": "float64", "high": "float64"}
        ),
        labels={"low": f"{percent(level)} low", "high": f"{percent(level)} high", "reads": "in units of"},
        caveats=(
            *notes,
            "A dz is not comparable with a d between groups: it grows with how alike people's changes are.",
            *standing_caveats()[:1],
            who_is_missing(comparison),
            *what_was_left_out(comparison),
        ),
        method=f"PS with the score interval of Tango (1998). {middle.method} {mean.method} Matched rank-biserial "
        f"(Kerby 2014) with a BCa interval. {standard.method} Seed {seed}. {software()}",
        sources=("survey.csv",),
    )


def _nobody_changed(key: str, title: str, comparison: Comparison, item: str, people: int) -> Result:
    return Result(
        key=key,
        title=title,
        sentence=f"Of {count_of(people, 'person', 'people')} nobody changed {comparison.about(item)}, so there is "
        "nothing to test and no size to give.",
        sources=("survey.csv",),
    )


def _interval(low: float, high: float, level: float) -> str:
    if math.isinf(low) and math.isinf(high):
        return "no interval: too few people changed"
    return f"{percent(level)} interval {with_minus(low)} to {with_minus(high)}"
