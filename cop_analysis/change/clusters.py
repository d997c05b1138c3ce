"""Whether a finding survives colleagues being alike: whole organisations' signs are flipped; only that test is here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from cop_analysis.change.differences import as_numbers, without_noise
from cop_analysis.change.sign_flips import flipped_sum
from cop_analysis.change.signed_rank import Alternative, rank_groups, smallest_p


@dataclass(frozen=True)
class ClusterFlips:
    """The answer of a cluster sign-flip test.

    Parameters
    ----------
    statistic : float
        Sum of the signed ranks.
    p_value, mid_p_value : float
        Probability, were each organisation as a whole equally likely to have gone up or down as it did, of a sum at
        least as extreme.
    n, clusters : int
        Complete pairs, and organisations among which somebody changed.
    floor : float
        The smallest p this many organisations can give.
    without_cluster : int
        Pairs whose organisation is unknown: each stands for itself.
    exact : bool
        False where the normal approximation had to be used.
    table : pandas.DataFrame
        A row an organisation: cluster, n, up, same, down, mean_change.
    method : str
        The method in words, with its source.
    """

    statistic: float
    p_value: float
    mid_p_value: float
    n: int
    clusters: int
    floor: float
    without_cluster: int
    exact: bool
    table: pd.DataFrame
    method: str


def cluster_sign_flip(
    pre: ArrayLike | pd.Series,
    post: ArrayLike | pd.Series,
    cluster: ArrayLike | pd.Series,
    alternative: Alternative = "two-sided",
) -> ClusterFlips:
    """Test a change with whole organisations as the units, because colleagues move together.

    Parameters
    ----------
    pre, post : sequence of numbers
        One answer a person before and after, in scale points; missing pairs are left out.
    cluster : sequence
        Each person's organisation; people without one each stand for themselves.
    alternative : {"two-sided", "greater", "less"}
        ``"greater"`` asks whether post lies above pre.

    Returns
    -------
    ClusterFlips

    Raises
    ------
    ValueError
        If there is no complete pair, or the columns differ in length or cannot be read as numbers.

    Notes
    -----
    Rosner, Glynn & Lee 2006, Biometrics 62:185-192: the signed ranks (Pratt) of an organisation's people are added up
    and their sign flipped together, over all arrangements. With few organisations nothing can reach a small p:
    five cannot go below .0625. Read it as sensitivity, not as the result.

    Examples
    --------
    >>> test = cluster_sign_flip([1, 2, 2, 3, 2, 2], [2, 3, 3, 4, 3, 1], ["A", "A", "B", "B", "C", "C"])
    >>> test.p_value, test.floor
    (0.5, 0.25)
    """
    if alternative not in ("two-sided", "greater", "less"):
        raise ValueError(f"alternative must be 'two-sided', 'greater' or 'less', not {alternative!r}.")
    before, after = as_numbers(pre, "pre"), as_numbers(post, "post")
    label = pd.Series(cluster).astype(object).to_numpy()
    if not len(before) == len(after) == len(label):
        raise ValueError("pre, post and cluster must be as long as one another.")
    complete = ~(np.isnan(before) | np.isnan(after))
    if not complete.any():
        raise ValueError("There is no pair with both answers, so there is nothing to test.")
    differences = without_noise(before[complete], after[complete])
    label = label[complete]
    unknown = pd.isna(label)
    names = np.array(
        [f"\0{place}" if alone else str(name) for place, (name, alone) in enumerate(zip(label, unknown, strict=True))]
    )
    codes, clusters = pd.factorize(names)
    weights, _, _ = rank_groups(differences, "pratt")
    sizes = np.unique(np.abs(differences[differences != 0]))
    signed = np.zeros(len(differences))
    if len(sizes):
        changed = differences != 0
        signed[changed] = np.sign(differences[changed]) * weights[np.searchsorted(sizes, np.abs(differences[changed]))]
    sums = np.bincount(codes, weights=signed, minlength=len(clusters))
    p_value, mid_p_value, exact = flipped_sum(sums[sums != 0], alternative)
    moving = int(np.count_nonzero(np.bincount(codes, weights=differences != 0, minlength=len(clusters))))
    named = pd.DataFrame({"cluster": label, "change": differences}).loc[~unknown]
    rows = [
        {
            "cluster": str(name),
            "n": len(change),
            "up": int((change > 0).sum()),
            "same": int((change == 0).sum()),
            "down": int((change < 0).sum()),
            "mean_change": float(change.mean()),
        }
        for name, change in named.groupby("cluster", sort=True)["change"]
    ]
    return ClusterFlips(
        statistic=float(signed.sum()) / 2,
        p_value=p_value,
        mid_p_value=mid_p_value,
        n=len(differences),
        clusters=moving,
        floor=smallest_p(moving, alternative),
        without_cluster=int(unknown.sum()),
        exact=exact,
        table=pd.DataFrame(rows, columns=["cluster", "n", "up", "same", "down", "mean_change"]),
        method="Signed ranks added up by organisation, whole organisations' signs flipped (Rosner, Glynn & Lee 2006), "
        + ("exact." if exact else "by the normal approximation."),
    )
