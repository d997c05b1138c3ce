"""What could a study of this size have shown? The page with its picture; power is worked out in power.py."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.change.methods.exact import smallest_p
from cop_analysis.change.methods.study_size import power, smallest_detectable
from cop_analysis.change.pages.comparison import begin, nobody_twice
from cop_analysis.change.pages.words import software
from cop_analysis.change.pictures.estimates import power_figure
from cop_analysis.results import Result, count_of

if TYPE_CHECKING:
    from cop_analysis.study import Study

_KEY, _TITLE = "study-size", "What a study of this size can show"
_MOST_PEOPLE = 2000
_MOST_SIZES = 6


def planning(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    n: int | None = None,
    alpha: float = 0.05,
    wanted: float = 0.8,
    simulations: int = 1000,
    seed: int = 20250101,
) -> Result:
    """Say which change a study with as many people as answered twice can find, and what more people would add.

    Parameters
    ----------
    study : Study
        The study; the share of people who change and how far they move are taken from it.
    instrument, before, after : str, optional
        Keys from study.toml; by default those of the plan, or the only instrument and the first and last wave.
    n : int, optional
        People who answer twice; by default as many as did.
    alpha : float
        Level of the exact two-sided Pratt test.
    wanted : float
        Power wanted.
    simulations : int
        Simulated studies a situation.
    seed : int
        Where the simulation starts.

    Returns
    -------
    Result
        A row a PS: superiority, power for n, and for half and twice as many people.

    Raises
    ------
    ValueError
        If a key asked for is not in study.toml or a setting is impossible.

    Notes
    -----
    `power`, `smallest_detectable`. It says what the design could find, not whether the finding is true: power worked
    out from the observed effect would only repeat the p-value (Hoenig & Heisey 2001, The American Statistician
    55:19-24), so the observed PS is not used.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> planning(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so what a study of this size can show cannot be shown.'
    """
    comparison = begin(study, _KEY, _TITLE, "what a study of this size can show", instrument, before, after)
    if isinstance(comparison, Result):
        return comparison
    item, differences, _ = comparison.lead(getattr(study.config, "plan", None))
    key = f"{_KEY}{comparison.suffix}"
    if n is None and not differences.n:
        return nobody_twice(key, _TITLE, comparison)
    people = n if n is not None else min(differences.n, _MOST_PEOPLE)
    changed = differences.up + differences.down
    if differences.n and not changed:
        return Result(
            key=key,
            title=_TITLE,
            sentence=f"Of {count_of(differences.n, 'person', 'people')} nobody changed {comparison.about(item)}, so "
            "the share who change and the sizes of change, on which power rests, are not known.",
            sources=("survey.csv",),
        )
    changing = min(max(changed / differences.n, 0.1), 1.0) if differences.n else 0.7
    sizes = _sizes(differences.values) if changed else None
    found = smallest_detectable(people, changing, sizes, alpha, wanted, simulations, seed)
    grid = 0.5 + changing / 2 * np.linspace(0, 1, 9)
    several = sorted({max(2, people // 2), people, min(2 * people, _MOST_PEOPLE)})
    rows = [
        (float(ps), *(power(count, float(ps), changing, sizes, alpha, simulations, seed).power for count in several))
        for ps in grid
    ]
    table = pd.DataFrame(rows, columns=["superiority", *(f"power_with_{count}" for count in several)])
    if math.isnan(found.superiority):
        needed = next((m for m in range(1, 60) if smallest_p(m) <= alpha), 0)
        finding = (
            f"no change, however strong, is found with a power of {wanted:.0%}: even if all who changed moved "
            f"the same way the power would be {found.power:.0%}. For a p of {alpha:g} the exact test needs at least "
            f"{needed} people who change."
        )
    else:
        finding = (
            f"a true tendency of {found.superiority:.0%} or more (50% being none either way) is found with a power of "
            f"{wanted:.0%}; weaker ones are missed more often."
        )
    supposed = f"{changing:.0%} of whom change at all"
    if differences.n and changed / differences.n < changing:
        supposed = f"supposing that {changing:.0%} change at all ({changed:,} of {differences.n:,} did here)"
    return Result(
        key=key,
        title=_TITLE,
        sentence=(f"With {count_of(people, 'person', 'people')} answering twice, {supposed}, {finding}"),
        table=table,
        labels={"superiority": "true tendency (PS)"}
        | {f"power_with_{count}": f"power with {count_of(count, 'person', 'people')}" for count in several},
        figure=power_figure(table, several, found, name=key),
        caveats=(
            f"From {simulations:,} simulated studies a figure, good to about "
            f"{2 * math.sqrt(0.25 / simulations):.0%} either way.",
            "The share of people who change and the sizes of change are those seen here "
            f"{comparison.about(item)}; a different programme may have others."
            if changed
            else "Nobody changed here, so that the sizes of change are assumed.",
            "This is for planning: it does not make a finding stronger or weaker.",
            *(
                (f"More people answered twice; power is worked out for {_MOST_PEOPLE:,}.",)
                if differences.n > people == _MOST_PEOPLE
                else ()
            ),
        ),
        method=f"Power of the exact two-sided Pratt signed-rank test at {alpha:g}, by simulation. Seed {seed}. "
        f"{software()}",
        sources=("survey.csv",),
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
