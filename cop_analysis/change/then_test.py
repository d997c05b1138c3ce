"""The retrospective pre-test: people rate afterwards where they stood before, so that the yardstick's shift shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from cop_analysis.change.differences import Differences, as_numbers, without_noise
from cop_analysis.change.scale import mean_change
from cop_analysis.change.signed_rank import signed_rank_of
from cop_analysis.change.superiority import superiority_of


@dataclass(frozen=True)
class ThenTest:
    """Change seen three ways: as measured, looking back, and the shift between the two starting points.

    Parameters
    ----------
    table : pandas.DataFrame
        Three rows (change as measured: post - pre; change looking back: post - then; response shift: then - pre) with
        comparison, n, up, same, down, mean_change, low, high (t interval), superiority, superiority_low,
        superiority_high, p_value.
    n : int
        People with all three answers; only they are compared, so that the three rows add up.
    missing : int
        People left out.
    shift : float
        Mean response shift in scale points; below 0 where people, looking back, rate themselves lower than they did.
    method : str
        The method in words, with its source.
    """

    table: pd.DataFrame
    n: int
    missing: int
    shift: float
    method: str


def then_test(
    pre: ArrayLike | pd.Series, then: ArrayLike | pd.Series, post: ArrayLike | pd.Series, level: float = 0.95
) -> ThenTest:
    """Set change as measured beside change looking back, and report the response shift between them.

    Parameters
    ----------
    pre, then, post : sequence of numbers or pandas.Series
        One answer a person: given before, given afterwards about before, and given afterwards about now. Three Series
        are put together by their index (the person).
    level : float
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    ThenTest

    Raises
    ------
    ValueError
        If nobody gave all three answers, or the columns cannot be put together or read as numbers.

    Notes
    -----
    Howard, Ralph, Gulanick, Maxwell, Nance & Gerber 1979, Applied Psychological Measurement 3:1-23; Sprangers &
    Schwartz 1999, Social Science & Medicine 48:1507-1515. The memory of how one was is coloured by wishing to have
    improved, so that neither change is the true one; together they show how much rests on the yardstick.

    Examples
    --------
    >>> seen = then_test([3, 4, 3, 3], [2, 3, 2, 3], [4, 4, 3, 4])
    >>> seen.table["mean_change"].tolist(), seen.shift
    ([0.5, 1.25, -0.75], -0.75)
    """
    if isinstance(pre, pd.Series) and isinstance(then, pd.Series) and isinstance(post, pd.Series):
        for name, column in (("pre", pre), ("then", then), ("post", post)):
            index = column.index
            if not index.is_unique:
                raise ValueError(f"{name} holds '{index[index.duplicated()][0]}' more than once.")
        table = pd.concat([pre, then, post], axis=1, keys=["pre", "then", "post"])
        pre, then, post = table["pre"], table["then"], table["post"]
    columns = [as_numbers(column, name) for column, name in ((pre, "pre"), (then, "then"), (post, "post"))]
    if len({len(column) for column in columns}) > 1:
        raise ValueError("pre, then and post must be as long as one another: one row a person.")
    complete = ~np.isnan(np.column_stack(columns)).any(axis=1)
    if not complete.any():
        raise ValueError("Nobody gave all three answers (before, looking back and now), so they cannot be compared.")
    before, back, now = (column[complete] for column in columns)
    rows = []
    for comparison, first, second in (
        ("change as measured", before, now),
        ("change looking back", back, now),
        ("response shift", before, back),
    ):
        differences = Differences(without_noise(first, second), missing=0)
        change, effect, test = (
            mean_change(differences.values, level), superiority_of(differences, level), signed_rank_of(differences),
        )  # fmt: skip
        rows.append(
            {
                "comparison": comparison,
                "n": differences.n,
                "up": differences.up,
                "same": differences.same,
                "down": differences.down,
                "mean_change": change.estimate,
                "low": change.low,
                "high": change.high,
                "superiority": effect.estimate,
                "superiority_low": effect.low,
                "superiority_high": effect.high,
                "p_value": test.p_value,
            }
        )
    return ThenTest(
        table=pd.DataFrame(rows),
        n=int(complete.sum()),
        missing=int((~complete).sum()),
        shift=float(np.mean(back - before)),
        method="Retrospective pre-test (Howard et al. 1979), response shift as then - pre (Sprangers & Schwartz 1999).",
    )
