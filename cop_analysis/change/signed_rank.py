"""The exact signed-rank test, with tied and unchanged answers handled as they are; only this test lives here.

The null distribution is built by convolution over groups of equal |difference|, one binomial a group, on doubled
midranks (whole numbers), so that p is exact at any n where that is feasible. `scipy.stats.wilcoxon` is not used: its
exact method is wrong when answers tie or do not change, and both are the rule on a five-point scale.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cop_analysis.change.differences import Differences, paired_differences

Zeros = Literal["pratt", "drop"]
Alternative = Literal["two-sided", "greater", "less"]

# How many additions the convolution may take (under half a second) before the normal approximation is used:
# untied answers of some 1,000 people, tied ones of many more.
_MOST_STEPS = 4e8
_MOST_COMBINATIONS = 2**20
_MOST_KERNEL_CELLS = 2_000_000
_WORTH_A_PRODUCT = 2_000_000


@dataclass(frozen=True)
class SignedRank:
    """The answer of a signed-rank test.

    Parameters
    ----------
    statistic : float
        Sum of the ranks of the positive post - pre.
    p_value : float
        Probability, were up and down equally likely for each person, of a rank sum at least as extreme.
    mid_p_value : float
        The same, counting an equally extreme rank sum by half.
    n : int
        Complete pairs, with those who did not change.
    up, same, down : int
        Pairs whose later answer is higher, equal, lower.
    missing : int
        Pairs left out because an answer was missing.
    zeros, alternative : str
        As asked for.
    exact : bool
        False where the normal approximation had to be used.
    method : str
        The method in words, with its source.
    """

    statistic: float
    p_value: float
    mid_p_value: float
    n: int
    up: int
    same: int
    down: int
    missing: int
    zeros: str
    alternative: str
    exact: bool
    method: str

    @property
    def changed(self) -> int:
        """Pairs with a change, the only ones that carry evidence on direction."""
        return self.up + self.down

    @property
    def floor(self) -> float:
        """The smallest p any pattern of this many changes could give."""
        return smallest_p(self.changed, self.alternative)


def signed_rank(
    pre: ArrayLike | pd.Series,
    post: ArrayLike | pd.Series,
    zeros: Zeros = "pratt",
    alternative: Alternative = "two-sided",
) -> SignedRank:
    """Test whether paired answers moved up or down, exactly.

    Parameters
    ----------
    pre, post : sequence of numbers or pandas.Series
        One answer a person before and after, in scale points; Series are paired by index. Missing pairs are left out.
    zeros : {"pratt", "drop"}
        What becomes of people who did not change: ``"pratt"`` ranks them with the others and then leaves their
        ranks out of the sum; ``"drop"`` (Wilcoxon) removes them before ranking.
    alternative : {"two-sided", "greater", "less"}
        ``"greater"`` asks whether post lies above pre.

    Returns
    -------
    SignedRank

    Raises
    ------
    ValueError
        If there is no complete pair, or the answers cannot be paired or read as numbers.

    Notes
    -----
    Wilcoxon 1945, Biometrics Bulletin 1:80-83; Pratt 1959, Journal of the American Statistical Association
    54:655-667; equal differences share their midrank. The two-sided p counts rank sums at least as far from the
    centre on either side; mid-p (Lancaster 1961, JASA 56:223-234; Fagerland, Lydersen & Laake 2013, BMC Medical
    Research Methodology 13:91) is P(farther) + P(as far) / 2, which is why it is below p even where nothing changed.
    At the very centre that is 1 - P(centre) / 2; R's coin takes P(centre) off once for each of the two tails there.
    Where the exact distribution would take too long (thousands of people) the normal approximation with the
    tie-corrected variance and a continuity correction is used; `SignedRank.exact` and `SignedRank.method` say so.

    Examples
    --------
    Hollander & Wolfe 1999, Nonparametric Statistical Methods, table 3.1:

    >>> before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    >>> after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    >>> test = signed_rank(before, after)
    >>> test.statistic, test.p_value, test.mid_p_value
    (5.0, 0.0390625, 0.033203125)
    """
    return signed_rank_of(paired_differences(pre, post), zeros, alternative)


def signed_rank_of(
    differences: Differences, zeros: Zeros = "pratt", alternative: Alternative = "two-sided"
) -> SignedRank:
    """Run `signed_rank` on differences already cleaned by `paired_differences`.

    Examples
    --------
    >>> from cop_analysis.change.differences import paired_differences
    >>> signed_rank_of(paired_differences([3] * 20, [3] * 20)).p_value
    1.0
    """
    if zeros not in ("pratt", "drop"):
        raise ValueError(f"zeros must be 'pratt' or 'drop', not {zeros!r}.")
    if alternative not in ("two-sided", "greater", "less"):
        raise ValueError(f"alternative must be 'two-sided', 'greater' or 'less', not {alternative!r}.")
    if differences.n == 0:
        raise ValueError("There is no pair with both answers, so there is nothing to test.")
    doubled_ranks, counts, positives = rank_groups(differences.values, zeros)
    p_value, mid_p_value, exact = fair_p_values(doubled_ranks, counts, positives, alternative)
    return SignedRank(
        statistic=int(np.dot(doubled_ranks, positives)) / 2,
        p_value=p_value,
        mid_p_value=mid_p_value,
        n=differences.n,
        up=differences.up,
        same=differences.same,
        down=differences.down,
        missing=differences.missing,
        zeros=zeros,
        alternative=alternative,
        exact=exact,
        method=_describe(zeros, exact),
    )


def smallest_p(changed: int, alternative: str = "two-sided") -> float:
    """Give the smallest p an exact signed-rank test can reach with this many people who changed.

    Five changers cannot give a two-sided p below .05, whatever they answered.

    Examples
    --------
    >>> smallest_p(5), smallest_p(6), smallest_p(0)
    (0.0625, 0.03125, 1.0)
    """
    if changed < 0:
        raise ValueError("The number of people who changed cannot be negative.")
    return min(1.0, 2.0 ** ((1 if alternative == "two-sided" else 0) - changed))


def rank_groups(
    values: NDArray[np.float64], zeros: str
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Give a row a size of change: its doubled midrank, how many changed by it, and how many of them upwards.

    Examples
    --------
    >>> [column.tolist() for column in rank_groups(np.array([0.0, 1.0, -1.0, 3.0]), "pratt")]
    [[5, 8], [2, 1], [1, 1]]
    """
    changed = values[values != 0]
    before = len(values) - len(changed) if zeros == "pratt" else 0
    _, group, counts = np.unique(np.abs(changed), return_inverse=True, return_counts=True)
    ends = before + np.cumsum(counts)
    positives = np.bincount(group[changed > 0], minlength=len(counts))
    return (2 * (ends - counts) + counts + 1).astype(np.int64), counts.astype(np.int64), positives.astype(np.int64)


def fair_p_values(
    weights: NDArray[np.int64],
    counts: NDArray[np.int64],
    positives: NDArray[np.int64],
    alternative: str,
    exactly: bool = True,
) -> tuple[float, float, bool]:
    """Test a sum of weights against fair signs: p, mid-p and whether they are exact.

    Parameters
    ----------
    weights, counts, positives : numpy.ndarray
        A row a size of change: its weight (a whole number above 0), how many changed by it, how many of them upwards.
    alternative : {"two-sided", "greater", "less"}
        As in `signed_rank`.
    exactly : bool
        False asks for the normal approximation at once.

    Returns
    -------
    tuple of (float, float, bool)

    Examples
    --------
    >>> fair_p_values(np.array([1]), np.array([6]), np.array([6]), "two-sided")
    (0.03125, 0.015625, True)
    """
    total = int(np.dot(weights, counts))
    statistic = int(np.dot(weights, positives))
    if alternative == "two-sided":
        edge = max(statistic, total - statistic)
    else:
        edge = statistic if alternative == "greater" else total - statistic
    tail = _exact_tail(weights, counts, edge) if exactly else None
    at_least, beyond = tail if tail is not None else _normal_tail(weights, counts, edge)
    if alternative == "two-sided":
        # At the very centre both tails meet: everything is at least as far out, and the centre counts once.
        centre = 2 * edge == total
        p_value = 1.0 if centre else 2 * at_least
        mid_p_value = 0.5 + beyond if centre else at_least + beyond
    else:
        p_value, mid_p_value = at_least, (at_least + beyond) / 2
    return as_probability(p_value), as_probability(mid_p_value), tail is not None


def _exact_tail(ranks: NDArray[np.int64], counts: NDArray[np.int64], edge: int) -> tuple[float, float] | None:
    """Give P(sum >= edge) and P(sum > edge) for independent Binomial(count, 1/2) multiples of the ranks."""
    if len(ranks) == 0:
        return 1.0, 0.0
    step = int(np.gcd.reduce(ranks))
    ranks, edge = ranks // step, edge // step
    # The widest group is never convolved: its binomial tail is looked up for each sum of the others.
    widest = int(np.argmax(ranks * counts))
    rest = [(int(ranks[i]), int(counts[i])) for i in range(len(ranks)) if i != widest]
    spread = fair_sums(rest)
    if spread is None:
        return None
    sums, probabilities = spread
    rank, count = int(ranks[widest]), int(counts[widest])
    own = _fair_binomial(count)
    tails = np.append(np.cumsum(own[::-1])[::-1], 0.0)
    tails[0] = 1.0
    needed = -((sums - edge) // rank)
    needed_beyond = (edge - sums) // rank + 1
    return (
        float((probabilities * tails[np.clip(needed, 0, count + 1)]).sum()),
        float((probabilities * tails[np.clip(needed_beyond, 0, count + 1)]).sum()),
    )


def fair_sums(groups: list[tuple[int, int]]) -> tuple[NDArray[np.int64], NDArray[np.float64]] | None:
    """Give the sums of (weight, count) groups of fair coins with their chances, or None where that takes too long.

    A sum may stand more than once.

    Examples
    --------
    >>> sums, probabilities = fair_sums([(1, 1), (2, 1)])
    >>> sums.tolist(), probabilities.tolist()
    ([0, 2, 1, 3], [0.25, 0.25, 0.25, 0.25])
    """
    groups = sorted(groups, key=lambda group: group[0] * group[1])
    width = 1 + sum(rank * count for rank, count in groups)
    combinations = math.prod(count + 1 for _, count in groups)
    if combinations <= min(_MOST_COMBINATIONS, width):
        sums, probabilities = np.zeros(1, dtype=np.int64), np.ones(1)
        for rank, count in groups:
            sums = np.add.outer(sums, rank * np.arange(count + 1, dtype=np.int64)).ravel()
            probabilities = np.multiply.outer(probabilities, _fair_binomial(count)).ravel()
        return sums, probabilities
    reached, steps = 1, 0
    for rank, count in groups:
        steps += (count + 1) * reached
        reached += rank * count
    if steps > _MOST_STEPS:
        return None
    held = np.zeros(width)
    held[0], reached = 1.0, 1
    for rank, count in groups:
        if count == 1:
            held[:reached] *= 0.5
            held[rank : rank + reached] += held[:reached]
        else:
            held[: reached + rank * count] = _spread(held[:reached], rank, count)
        reached += rank * count
    return np.arange(width, dtype=np.int64), held


def _spread(held: NDArray[np.float64], rank: int, count: int) -> NDArray[np.float64]:
    """Add a group of equal ranks: the distribution after `count` fair coins, each worth `rank` on heads."""
    weights = _fair_binomial(count)
    rows = -(-len(held) // rank)
    wider = len(held) + rank * count
    if count * len(held) >= _WORTH_A_PRODUCT and rows * (rows + count) <= _MOST_KERNEL_CELLS:
        # Sums a whole rank apart lie under one another, so that the convolution is one matrix product.
        block = np.zeros(rows * rank)
        block[: len(held)] = held
        apart = np.arange(rows + count)[:, np.newaxis] - np.arange(rows)
        kernel = np.where((apart >= 0) & (apart <= count), weights[apart.clip(0, count)], 0.0)
        product: NDArray[np.float64] = (kernel @ block.reshape(rows, rank)).ravel()
        return product[:wider]
    spread = np.zeros(wider)
    for heads, weight in enumerate(weights):
        spread[heads * rank : heads * rank + len(held)] += weight * held
    return spread


@lru_cache(maxsize=256)
def _fair_binomial(count: int) -> NDArray[np.float64]:
    """Give P(K = 0..count) for that many fair coins."""
    if count <= 500:
        whole = 2**count
        row = np.array([math.comb(count, heads) / whole for heads in range(count + 1)])
        row.flags.writeable = False
        return row
    # Outwards from the centre by the ratio of neighbours, then mirrored and normalised: nothing overflows.
    heads = np.arange((count + 1) // 2, count, dtype=np.float64)
    upper = np.concatenate(([1.0], np.cumprod((count - heads) / (heads + 1))))
    row = np.concatenate((upper[::-1], upper[1:] if count % 2 == 0 else upper))
    row /= row.sum()
    row.flags.writeable = False
    return row


def _normal_tail(ranks: NDArray[np.int64], counts: NDArray[np.int64], edge: int) -> tuple[float, float]:
    """Approximate P(sum >= edge) and P(sum > edge) by the normal with the tie-corrected variance."""
    centre = float(np.dot(ranks, counts)) / 2
    spread = math.sqrt(float(np.dot(ranks.astype(np.float64) ** 2, counts)) / 4)
    half_step = int(np.gcd.reduce(ranks)) / 2
    return tuple(  # type: ignore[return-value]
        math.erfc((edge + shift - centre) / spread / math.sqrt(2)) / 2 for shift in (-half_step, half_step)
    )


def as_probability(value: float) -> float:
    """Keep a p-value between the smallest number a float can hold and 1."""
    # A p is never 0: beyond a thousand changers the true value is merely smaller than a float can hold.
    return min(1.0, max(value, sys.float_info.min))


def _describe(zeros: str, exact: bool) -> str:
    unchanged = (
        "people who did not change are ranked with the others and their ranks then left out (Pratt 1959)"
        if zeros == "pratt"
        else "people who did not change are left out before ranking (Wilcoxon 1945)"
    )
    how = (
        "exact, by convolution over groups of equal change"
        if exact
        else "by the normal approximation with the tie-corrected variance and a continuity correction, because the "
        "exact distribution is too large here"
    )
    return f"Signed-rank test, {how}; {unchanged}."
