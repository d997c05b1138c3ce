"""What chance alone would give: the exact distribution a signed-rank sum is set against, and its picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cop_analysis.change.differences import Differences, paired_differences
from cop_analysis.change.signed_rank import Zeros, fair_sums, rank_groups, signed_rank_of
from cop_analysis.figures import BLUE, GREY, INK, ORANGE, drawing, finish
from cop_analysis.results import Figure, count_of, format_p

_MOST_BARS = 160


@dataclass(frozen=True)
class NullDistribution:
    """The exact null distribution of a signed-rank sum.

    Parameters
    ----------
    statistics : numpy.ndarray
        Every possible rank sum, lowest first.
    probabilities : numpy.ndarray
        Its probability, were up and down equally likely for each person.
    observed : float
        The rank sum of the data.
    p_value : float
        Two-sided.
    changed : int
        People who changed.
    """

    statistics: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    observed: float
    p_value: float
    changed: int


def null_distribution(
    pre: ArrayLike | pd.Series, post: ArrayLike | pd.Series, zeros: Zeros = "pratt"
) -> NullDistribution:
    """Give the exact distribution that `signed_rank` sets the rank sum against.

    Parameters
    ----------
    pre, post, zeros
        As in `signed_rank`.

    Returns
    -------
    NullDistribution

    Raises
    ------
    ValueError
        As in `signed_rank`, and where so many people answered that the exact distribution would take too long.

    Examples
    --------
    >>> chance = null_distribution([1, 1, 1], [2, 2, 3])
    >>> chance.statistics.tolist(), chance.probabilities.tolist()
    ([0.0, 1.5, 3.0, 4.5, 6.0], [0.125, 0.25, 0.25, 0.25, 0.125])
    """
    return null_distribution_of(paired_differences(pre, post), zeros)


def null_distribution_of(differences: Differences, zeros: Zeros = "pratt") -> NullDistribution:
    """Run `null_distribution` on differences already cleaned by `paired_differences`.

    Examples
    --------
    >>> null_distribution_of(paired_differences([3, 3], [3, 3])).statistics.tolist()
    [0.0]
    """
    test = signed_rank_of(differences, zeros)
    ranks, counts, _ = rank_groups(differences.values, zeros)
    spread = fair_sums([(int(rank), int(count)) for rank, count in zip(ranks, counts, strict=True)])
    if spread is None:
        raise ValueError("The exact distribution is too large to draw here: thousands of people changed.")
    sums, place = np.unique(spread[0], return_inverse=True)
    chances = np.bincount(place.ravel(), weights=spread[1], minlength=len(sums)).astype(np.float64)
    there = chances > 0
    return NullDistribution(
        statistics=sums[there] / 2,
        probabilities=chances[there],
        observed=test.statistic,
        p_value=test.p_value,
        changed=test.changed,
    )


def null_figure(chance: NullDistribution, name: str = "null-distribution") -> Figure:
    """Draw what chance alone would give and where the data lie.

    Parameters
    ----------
    chance : NullDistribution
        From `null_distribution`.
    name : str
        The figure's slug.

    Returns
    -------
    Figure

    Examples
    --------
    >>> null_figure(null_distribution([1] * 6, [2] * 6)).alt.split(". ")[1]
    'Observed: 21; a sum at least as far out has p = 0.031.'
    """
    centre = float(np.dot(chance.statistics, chance.probabilities))
    statistics, probabilities = _binned(chance.statistics, chance.probabilities)
    far = np.abs(statistics - centre) >= abs(chance.observed - centre) - 1e-9
    alt = (
        f"If up and down were equally likely, the rank sum of {count_of(chance.changed, 'person', 'people')} changing "
        f"would most often lie near {centre:g}. Observed: {chance.observed:g}; a sum at least as far out has "
        f"{format_p(chance.p_value)}."
    )
    table = pd.DataFrame({"rank_sum": statistics, "probability": probabilities, "at_least_as_far_out": far})
    with drawing(7.2, 3.2) as canvas:
        axes = canvas.add_subplot()
        width = float(np.median(np.diff(statistics))) * 0.9 if len(statistics) > 1 else 0.8
        axes.bar(statistics[~far], probabilities[~far], width=width, color=GREY, label="nearer to the middle")
        axes.bar(
            statistics[far], probabilities[far], width=width, color=ORANGE, hatch="//", edgecolor=INK, linewidth=0.3,
            label=f"at least as far out: {format_p(chance.p_value)}",
        )  # fmt: skip
        axes.axvline(chance.observed, color=BLUE, linewidth=2.2, label=f"observed: {chance.observed:g}")
        axes.set_xlabel("rank sum of those who moved up")
        axes.set_ylabel("probability by chance alone")
        axes.set_yticks([])
        axes.legend(fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
        return finish(
            canvas, name=name, title="The rank sum against what chance alone would give", alt=alt, table=table
        )


def _binned(
    statistics: NDArray[np.float64], probabilities: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Join neighbouring sums where there are too many to draw, and leave out the ends that nobody could see."""
    visible = probabilities > probabilities.max() * 1e-4
    ends = np.flatnonzero(visible)[[0, -1]]
    statistics, probabilities = statistics[ends[0] : ends[1] + 1], probabilities[ends[0] : ends[1] + 1]
    if len(statistics) <= _MOST_BARS:
        return statistics, probabilities
    # Bars of as many possible sums each, or the picture would show waves that are not there.
    step = float(np.diff(statistics).min())
    places = np.rint((statistics - statistics[0]) / step).astype(np.int64)
    joined = -(-int(places[-1] + 1) // (_MOST_BARS // 2))
    held = np.bincount(places // joined, weights=probabilities).astype(np.float64)
    return statistics[0] + step * (np.arange(len(held)) * joined + (joined - 1) / 2), held
