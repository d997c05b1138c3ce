"""What those who did not return could do to a finding: bounds and assumptions; no missing answer is made up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cop_analysis.change.differences import as_numbers
from cop_analysis.change.scale import mean_change


@dataclass(frozen=True)
class MissingBounds:
    """How far the answers that are missing could move PS.

    Parameters
    ----------
    estimate : float
        PS among those who answered twice.
    lowest, highest : float
        PS over everybody, had all who are missing gone down, and up.
    unchanged : float
        PS over everybody, had all who are missing stayed as they were.
    to_none : float
        Share of the missing who would have to have gone down (the others unchanged) for PS over everybody to be .5;
        above 1 where even all of them could not bring it there, 0 or below where PS is .5 or less already.
    answered, missing : int
        People with both answers, and people with the first only.
    """

    estimate: float
    lowest: float
    highest: float
    unchanged: float
    to_none: float
    answered: int
    missing: int


@dataclass(frozen=True)
class DeltaAdjustment:
    """The mean change under assumptions on those who are missing.

    Parameters
    ----------
    table : pandas.DataFrame
        A row an assumption: delta (scale points by which the missing changed more than the others), mean_change over
        everybody, low, high.
    tipping_point : float
        The delta at which the mean change over everybody is 0; NaN where nobody is missing.
    tipping_point_of_interval : float
        The delta at which its interval first reaches 0; NaN where it holds 0 already or nobody is missing.
    answered, missing : int
        People with both answers, and people with the first only.
    level : float
        Confidence level.
    method : str
        The method in words, with its source.
    """

    table: pd.DataFrame
    tipping_point: float
    tipping_point_of_interval: float
    answered: int
    missing: int
    level: float
    method: str


def missing_bounds(up: int, same: int, down: int, missing: int) -> MissingBounds:
    """Give the smallest and largest PS that is possible, whatever those who did not return would have answered.

    Parameters
    ----------
    up, same, down : int
        People who moved up, not at all and down.
    missing : int
        People who answered before only.

    Returns
    -------
    MissingBounds

    Raises
    ------
    ValueError
        If a count is negative or nobody answered twice.

    Notes
    -----
    Manski 2003, Partial Identification of Probability Distributions, ch. 1: worst-case bounds rest on no assumption.

    Examples
    --------
    >>> bounds = missing_bounds(14, 6, 2, 6)
    >>> round(bounds.lowest, 3), round(bounds.highest, 3), bounds.to_none
    (0.607, 0.821, 2.0)
    """
    if min(up, same, down, missing) < 0:
        raise ValueError("Counts of people cannot be negative.")
    answered = up + same + down
    if not answered:
        raise ValueError("Nobody answered both times, so there is no finding to bound.")
    everyone = answered + missing
    points = up + same / 2
    return MissingBounds(
        estimate=points / answered,
        lowest=points / everyone,
        highest=(points + missing) / everyone,
        unchanged=(points + missing / 2) / everyone,
        to_none=(up - down) / missing if missing else math.nan,
        answered=answered,
        missing=missing,
    )


def delta_adjustment(
    differences: ArrayLike, missing: int, deltas: Sequence[float] | None = None, level: float = 0.95
) -> DeltaAdjustment:
    """Show how the mean change depends on how those who did not return may have changed.

    Parameters
    ----------
    differences : sequence of numbers
        post - pre of everybody with both answers.
    missing : int
        People who answered before only.
    deltas : sequence of float, optional
        Scale points by which the missing are assumed to have changed more than the others; by default from a quarter
        beyond the tipping point to a quarter the other way.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    DeltaAdjustment

    Raises
    ------
    ValueError
        If nobody answered twice, a count is negative, or a value is a word or infinite.

    Notes
    -----
    Pattern-mixture model with a fixed shift: Little 1993, Journal of the American Statistical Association 88:125-134;
    tipping points: Yan, Lee & Li 2009, Drug Information Journal 43:485-496. The shift and the share missing are taken
    as known, so that the interval is as wide as that of those who answered.

    Examples
    --------
    >>> adjusted = delta_adjustment([1, 0, 1, 2, 1, 1, 0, 1], missing=4)
    >>> round(adjusted.tipping_point, 3)
    -2.625
    """
    if missing < 0:
        raise ValueError("The number of people missing cannot be negative.")
    values: NDArray[np.float64] = as_numbers(differences, "differences")
    values = values[~np.isnan(values)]
    change = mean_change(values, level)
    share = missing / (missing + len(values))
    tipping = -change.estimate / share if missing else math.nan
    if deltas is None:
        size = tipping if missing and tipping else -(change.estimate or 1.0)
        deltas = [size * step / 4 for step in (5, 4, 3, 2, 1, 0, -1)]
    rows = [
        (float(delta), change.estimate + share * delta, change.low + share * delta, change.high + share * delta)
        for delta in as_numbers(list(deltas), "deltas").tolist()
    ]
    interval = math.nan
    if missing:
        if change.low > 0:
            interval = -change.low / share
        elif change.high < 0:
            interval = -change.high / share
    return DeltaAdjustment(
        table=pd.DataFrame(rows, columns=["delta", "mean_change", "low", "high"]),
        tipping_point=tipping,
        tipping_point_of_interval=interval,
        answered=len(values),
        missing=missing,
        level=level,
        method="Pattern-mixture model with a fixed shift of those who did not return (Little 1993), with its tipping "
        "points.",
    )
