"""Which single people changed by more than answers waver anyhow: reliable change; formulas only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from cop_analysis.change.differences import paired_differences, paired_values
from cop_analysis.change.settings import require_level

JACOBSON_TRUAX = 1.96
"""The critical value as printed in 1991, used at the level .95 so that published cut-offs are reproduced."""


@dataclass(frozen=True)
class ReliableChange:
    """Reliable change of single people.

    Parameters
    ----------
    detectable : float
        Minimum detectable change: a change must be larger than this, in scale points.
    standard_error : float
        Of one measurement, in scale points.
    spread, reliability : float
        Standard deviation before and reliability it rests on.
    up, neither, down, n, missing : int
        People whose score rose reliably, did not change reliably, fell reliably; complete pairs; pairs left out.
    index : pandas.Series
        Each person's change over the standard error of a difference, by person.
    level : float
        Confidence level.
    method : str
        The method in words, with its source.
    """

    detectable: float
    standard_error: float
    spread: float
    reliability: float
    up: int
    neither: int
    down: int
    n: int
    missing: int
    index: pd.Series
    level: float
    method: str


def minimum_detectable_change(spread: float, reliability: float, level: float = 0.95) -> float:
    """Give the change one person must show before it is more than a wavering of answers.

    Parameters
    ----------
    spread : float
        Standard deviation of the score before, in scale points.
    reliability : float
        Reliability of the score (alpha, omega or test-retest), from 0 to 1.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If a setting is impossible.

    Notes
    -----
    Jacobson & Truax 1991, Journal of Consulting and Clinical Psychology 59:12-19, with their 1.96 at level .95.

    Examples
    --------
    >>> round(minimum_detectable_change(0.9, 0.84314276956476), 8)
    0.98802026
    """
    require_level(level)
    if not (math.isfinite(spread) and spread > 0):
        raise ValueError("Reliable change is undefined: everyone had the same score before, so scores do not spread.")
    if not 0 <= reliability <= 1:
        raise ValueError(
            f"Reliable change needs a reliability between 0 and 1, not {reliability:.3g}: the items do not go "
            "together, so one person's score says too little."
        )
    critical = JACOBSON_TRUAX if level == 0.95 else NormalDist().inv_cdf(0.5 + level / 2)
    return critical * spread * math.sqrt(2) * math.sqrt(1 - reliability)


def reliable_change(
    pre: ArrayLike | pd.Series,
    post: ArrayLike | pd.Series,
    reliability: float,
    spread: float | None = None,
    level: float = 0.95,
) -> ReliableChange:
    """Count the people who changed by more than their answers waver.

    Parameters
    ----------
    pre, post : sequence of numbers or pandas.Series
        One score a person before and after; Series are paired by index. Missing pairs are left out.
    reliability : float
        Reliability of the score, from 0 to 1.
    spread : float, optional
        Standard deviation before; by default that of everybody who answered before.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    ReliableChange

    Raises
    ------
    ValueError
        If there is no complete pair or a setting is impossible.

    Notes
    -----
    Jacobson & Truax 1991, Journal of Consulting and Clinical Psychology 59:12-19. It says nothing of whether the change
    matters, and by chance alone one person in twenty passes the mark.

    Examples
    --------
    >>> change = reliable_change([2.0, 3.0, 2.5, 3.5], [3.5, 3.1, 2.4, 3.6], reliability=0.85)
    >>> change.up, change.neither, change.down
    (1, 3, 0)
    """
    differences = paired_differences(pre, post)
    if not differences.n:
        raise ValueError("There is no pair with both answers, so there is no change to judge.")
    if spread is None:
        given = pd.Series(pre).dropna() if isinstance(pre, pd.Series) else pd.Series(paired_values(pre, post)[0])
        spread = float(pd.to_numeric(given).std(ddof=1)) if len(given) > 1 else math.nan
    detectable = minimum_detectable_change(spread, reliability, level)
    error = spread * math.sqrt(1 - reliability)
    near = 1e-9 * max(1.0, detectable)
    values = np.asarray(differences.values)
    people = None
    if isinstance(pre, pd.Series) and isinstance(post, pd.Series):
        both = post.reindex(pre.index) if not pre.index.equals(post.index) else post
        people = pre.index[(pre.notna() & both.notna()).to_numpy()]
    scale = math.sqrt(2) * error
    index = values / scale if scale > 0 else values * math.inf if values.any() else values
    up, down = int((values > detectable + near).sum()), int((values < -detectable - near).sum())
    return ReliableChange(
        detectable=detectable,
        standard_error=error,
        spread=spread,
        reliability=reliability,
        up=up,
        neither=differences.n - up - down,
        down=down,
        n=differences.n,
        missing=differences.missing,
        index=pd.Series(index, index=people, name="reliable change index"),
        level=level,
        method="Reliable change index with its minimum detectable change (Jacobson & Truax 1991).",
    )
