"""How large the change is, whether other tests say the same, and what a study of this size can show.

The formulas are in the methods; the sentences in words.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cop_analysis.change.methods.effects import (
    BootstrapMeans,
    StandardisedChange,
    Superiority,
    bootstrap_means,
    rank_biserial,
    standardised_change,
    superiority,
)
from cop_analysis.change.methods.exact import smallest_p
from cop_analysis.change.methods.paired_tests import (
    ClusterFlips,
    HodgesLehmann,
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
from cop_analysis.change.methods.study_size import SmallestDetectable, power, smallest_detectable
from cop_analysis.change.pages import columns, words
from cop_analysis.change.pages.items import nobody_twice
from cop_analysis.change.pages.two_waves import Columns, TwoWaves
from cop_analysis.change.pictures.estimates import null_figure, power_figure
from cop_analysis.results import Figure, Result
from cop_analysis.results.pages import Opening

_MOST_PEOPLE = 2000
_MOST_SIZES = 6
_MOST_CHANGERS = 60


def nothing_to_size(waves: TwoWaves, opening: Opening) -> Result | None:
    """Give the result that says why a change has no size: nobody answered twice, or nobody changed; or None."""
    if not waves.lead.differences.n:
        return nobody_twice(waves, opening)
    if not waves.lead.changed:
        sentence = words.nobody_changed(waves)
        return Result(key=opening["key"], title=opening["title"], sentence=sentence, sources=("survey.csv",))
    return None


def other_tests(waves: TwoWaves, opening: Opening) -> Result:
    """Run the other exact tests beside the signed-rank test, to see whether they agree."""
    nothing = nothing_to_size(waves, opening)
    if nothing is not None:
        return nothing
    pre, post = waves.lead.complete
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
    of_people = [test.p_value for *_, test in tests]
    organisations = waves.of_people(pre.index, "organisation")
    flips: ClusterFlips | None = None
    if organisations is not None and organisations.notna().any():
        flips = cluster_sign_flip(pre, post, organisations)
        numbers = (flips.statistic, flips.p_value, flips.mid_p_value, flips.clusters, flips.exact)
        rows.append(("whole organisations' signs", "the same if colleagues move together", *numbers))
    return Result(
        key=opening["key"],
        title=opening["title"],
        sentence=words.other_tests_sentence(waves, of_people, pratt, flips),
        table=pd.DataFrame(rows, columns=["test", "asks", "statistic", "p_value", "mid_p_value", "units", "exact"]),
        labels=words.OTHER_TESTS_LABELS,
        figure=_null_figure(pre, post, pratt, f"null-distribution{waves.suffix}"),
        caveats=words.other_tests_caveats(waves, flips),
        method=" ".join([*dict.fromkeys(test.method for *_, test in tests), words.software()]),
        sources=("survey.csv",) if organisations is None else ("survey.csv", "people.csv"),
    )


def _null_figure(pre: pd.Series, post: pd.Series, pratt: SignedRank, name: str) -> Figure | None:
    if not pratt.exact or not pratt.changed:
        return None
    try:
        return null_figure(null_distribution(pre, post), name=name)
    except ValueError:
        return None


@dataclass(frozen=True)
class SizeFacts:
    """How large the change is in several units.

    Parameters
    ----------
    waves : TwoWaves
        What was compared.
    superiority, middle, mean, standard
        PS, the middle change, the mean change and the standardised one.
    ranked : tuple of float
        The matched rank-biserial correlation with its limits; NaN where it is undefined.
    undefined : str
        Why it is.
    level : float
        Confidence level.
    """

    waves: TwoWaves
    superiority: Superiority
    middle: HodgesLehmann
    mean: BootstrapMeans
    standard: StandardisedChange
    ranked: tuple[float, float, float]
    undefined: str
    level: float

    @property
    def mean_change(self) -> tuple[float, float, float]:
        """The mean change with its bootstrap limits."""
        estimate, low, high = (float(part.iloc[0]) for part in (self.mean.estimate, self.mean.low, self.mean.high))
        return estimate, low, high


def effect_sizes(waves: TwoWaves, opening: Opening, resamples: int, seed: int, level: float) -> Result:
    """Give the size of the change in several units, each with its interval."""
    nothing = nothing_to_size(waves, opening)
    if nothing is not None:
        return nothing
    pre, post = waves.lead.complete
    changes = pd.DataFrame({"change": np.asarray(waves.lead.differences.values)})
    ranked, undefined = _ranked((pre, post), resamples, seed, level)
    facts = SizeFacts(
        waves=waves,
        superiority=superiority(pre, post, level),
        middle=hodges_lehmann(pre, post, level),
        mean=bootstrap_means(changes, resamples, seed, level),
        standard=standardised_change(pre, post, level),
        ranked=ranked,
        undefined=undefined,
        level=level,
    )
    return Result(
        **opening,
        sentence=words.sizes_sentence(facts),
        table=_sizes_table(facts),
        labels={**words.limits(level), "reads": "in units of"},
        caveats=words.sizes_caveats(facts),
        method=words.sizes_method(facts, seed),
    )


def _ranked(columns: Columns, resamples: int, seed: int, level: float) -> tuple[tuple[float, float, float], str]:
    try:
        found = rank_biserial(*columns, resamples, seed, level)
    except ValueError as reason:
        return (math.nan, math.nan, math.nan), str(reason)
    return (found.estimate, found.low, found.high), ""


def _sizes_table(facts: SizeFacts) -> pd.DataFrame:
    way, middle, standard = facts.waves.direction, facts.middle, facts.standard
    rows = [
        (way.superiority_label, *way.towards_better(facts.superiority), words.READS_SUPERIORITY),
        ("matched rank-biserial", *facts.ranked, "ranked changes up less down, from -1 to 1"),
        ("middle change (Hodges-Lehmann)", middle.estimate, middle.low, middle.high, "scale points"),
        ("mean change", *facts.mean_change, "scale points, bootstrap interval"),
        ("dz", standard.dz, standard.dz_low, standard.dz_high, "standard deviations of the changes"),
        ("Hedges g (of dz)", standard.hedges_g, standard.g_low, standard.g_high, "dz less its small-sample bias"),
        ("dav", standard.dav, math.nan, math.nan, "mean standard deviation of the two waves"),
    ]
    return pd.DataFrame(rows, columns=["measure", "estimate", "low", "high", "reads"]).astype(
        {"estimate": "float64", "low": "float64", "high": "float64"}
    )


@dataclass(frozen=True)
class Design:
    """What a planned study supposes.

    Parameters
    ----------
    people : int
        Who answers twice.
    answered, changed : int
        Who answered twice here, and who of them changed.
    changing : float
        The share of people supposed to change.
    alpha, wanted : float
        Level of the test, and the power wanted.
    simulations : int
        Simulated studies a situation.
    is_cut : bool
        Whether more people answered than power is worked out for.
    """

    people: int
    answered: int
    changed: int
    changing: float
    alpha: float
    wanted: float
    simulations: int
    is_cut: bool

    @property
    def fewest_changers(self) -> int:
        """How many people must change for the exact test to give a p as small as wanted; 0 where no number will do."""
        return next((changed for changed in range(1, _MOST_CHANGERS) if smallest_p(changed) <= self.alpha), 0)


def planning(
    waves: TwoWaves, opening: Opening, n: int | None, alpha: float, wanted: float, simulations: int, seed: int
) -> Result:
    """Say which change a study of this size can find, and what more people would add."""
    lead = waves.lead
    answered, changed = lead.differences.n, lead.changed
    if n is None and not answered:
        return nobody_twice(waves, opening)
    if answered and not changed:
        return Result(**opening, sentence=words.sizes_not_known(waves))
    people = n if n is not None else min(answered, _MOST_PEOPLE)
    changing = min(max(changed / answered, 0.1), 1.0) if answered else 0.7
    sizes = _sizes(lead.differences.values) if changed else None
    design = Design(
        people, answered, changed, changing, alpha, wanted, simulations, is_cut=answered > people == _MOST_PEOPLE
    )
    found = smallest_detectable(people, changing, sizes, alpha, wanted, simulations, seed)
    several = sorted({max(2, people // 2), people, min(2 * people, _MOST_PEOPLE)})
    rows = [
        (float(ps), *(power(count, float(ps), changing, sizes, alpha, simulations, seed).power for count in several))
        for ps in 0.5 + changing / 2 * np.linspace(0, 1, 9)
    ]
    table = pd.DataFrame(rows, columns=["superiority", *(f"power_with_{count}" for count in several)])
    return _planned(waves, opening, design, found, table, several, seed)


def _planned(
    waves: TwoWaves,
    opening: Opening,
    design: Design,
    found: SmallestDetectable,
    table: pd.DataFrame,
    several: list[int],
    seed: int,
) -> Result:
    return Result(
        **opening,
        sentence=words.planning_sentence(design, found),
        table=table,
        labels=words.planning_labels(several),
        columns=columns.of_planning(several),
        figure=power_figure(table, several, found, name=opening["key"]),
        caveats=words.planning_caveats(waves, design),
        method=words.planning_method(design, seed),
    )


def _sizes(values: np.ndarray) -> dict[float, float]:
    """Give the sizes of change with how often they occurred, banded where there are many."""
    size = np.abs(values[values != 0])
    distinct, counts = np.unique(size, return_counts=True)
    if len(distinct) <= _MOST_SIZES:
        return {float(each): float(count) for each, count in zip(distinct, counts, strict=True)}
    edges = np.quantile(size, np.linspace(0, 1, _MOST_SIZES + 1))
    place = np.clip(np.searchsorted(edges, size, side="right") - 1, 0, _MOST_SIZES - 1)
    held: dict[float, float] = {}
    for band in range(_MOST_SIZES):
        inside = size[place == band]
        if len(inside):
            middle = float(np.median(inside))
            held[middle] = held.get(middle, 0.0) + len(inside)
    return held
