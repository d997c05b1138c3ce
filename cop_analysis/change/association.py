"""Whether change goes with how much somebody took part, and whether groups changed differently; formulas only."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cop_analysis.change.differences import as_numbers
from cop_analysis.change.rank_sum import rank_sum
from cop_analysis.change.settings import require_count
from cop_analysis.change.sign_flips import joint_midranks
from cop_analysis.change.signed_rank import as_probability
from cop_analysis.resampling import generator, monte_carlo_p

_BLOCK_CELLS = 2_000_000
_MOST_DRAWN = 400_000_000
_SAME = 1e-9


@dataclass(frozen=True)
class Association:
    """How change goes with dose.

    Parameters
    ----------
    tau_b, tau_p_value, tau_normal_p_value : float
        Kendall's tau-b, its p by permutation and by the normal approximation.
    linear, linear_p_value, linear_chi_square, linear_chi_square_p_value : float
        Pearson correlation, its p by permutation, the linear-by-linear chi-square (n - 1) r^2 and its p.
    n, missing : int
        People with both figures, and people left out.
    permutations : int
        Arrangements drawn; 0 where so many people took part that the approximation is used.
    method : str
        The method in words, with its source.
    """

    tau_b: float
    tau_p_value: float
    tau_normal_p_value: float
    linear: float
    linear_p_value: float
    linear_chi_square: float
    linear_chi_square_p_value: float
    n: int
    missing: int
    permutations: int
    method: str


@dataclass(frozen=True)
class GroupsTest:
    """One test of whether groups changed differently.

    Parameters
    ----------
    statistic : float
        Kruskal-Wallis H of the changes.
    p_value : float
        By permuting the changes over the groups; exact for two groups.
    groups, n, missing : int
        Groups with answers, people in them, and people without a group or a change.
    permutations : int
        Arrangements drawn; 0 for the exact test of two groups or the chi-square approximation of very many people.
    method : str
        The method in words, with its source.
    """

    statistic: float
    p_value: float
    groups: int
    n: int
    missing: int
    permutations: int
    method: str


def association(
    dose: ArrayLike | pd.Series,
    change: ArrayLike | pd.Series,
    permutations: int = 9999,
    seed: int | np.random.Generator = 0,
) -> Association:
    """Ask whether people who took part more changed more.

    Parameters
    ----------
    dose, change : sequence of numbers or pandas.Series
        One figure a person each; two Series are put together by their index. Missing ones are left out.
    permutations : int
        How many arrangements to draw.
    seed : int or numpy.random.Generator
        Where the draws start.

    Returns
    -------
    Association

    Raises
    ------
    ValueError
        If fewer than three people have both figures, or either does not vary.

    Notes
    -----
    tau-b: Kendall 1945, Biometrika 33:239-251; linear by linear: Mantel 1963, Journal of the American Statistical
    Association 58:690-700. Permutation p as (k + 1) / (R + 1) (Phipson & Smyth 2010). People choose how often they
    come: an association is no effect of coming.

    Examples
    --------
    >>> goes_with = association([0, 1, 1, 2, 3, 4, 4, 5], [0, 0, 1, 1, 1, 2, 1, 2], permutations=999, seed=1)
    >>> round(goes_with.tau_b, 4), goes_with.tau_p_value < 0.05
    (0.7894, True)
    """
    require_count(permutations, "permutations")
    x, y, missing = _together(dose, change, "dose", "change")
    n = len(x)
    if n < 3:
        raise ValueError(f"An association needs at least three people with both figures; there are {n}.")
    if np.ptp(x) <= _SAME * max(1.0, float(np.abs(x).max())):
        raise ValueError("Dose is the same for everyone, so nothing can go with it.")
    if np.ptp(y) <= _SAME * max(1.0, float(np.abs(y).max())):
        raise ValueError("Everyone changed by the same amount, so nothing can go with it.")
    first, second = _levels(x), _levels(y)
    score = _Concordance(first, second)
    table = score.table(second[np.newaxis])
    observed = float(score.of(table)[0])
    tau = observed / math.sqrt(score.most(first) * score.most(second))
    scaled = [(each - each.mean()) / np.linalg.norm(each - each.mean()) for each in (x, y)]
    linear = float(scaled[0] @ scaled[1])
    drawn = 0 if n * permutations > _MOST_DRAWN or score.cells * permutations > 20 * _MOST_DRAWN else permutations
    normal_p = _tau_normal_p(observed, first, second)
    from scipy.special import chdtrc

    chi_square = (n - 1) * linear**2
    chi_square_p = float(chdtrc(1, chi_square))
    tau_p, linear_p = normal_p, chi_square_p
    if drawn:
        random = generator(seed)
        tau_reached = linear_reached = 0
        block = max(1, _BLOCK_CELLS // max(n, score.cells))
        for start in range(0, drawn, block):
            rows = min(block, drawn - start)
            order = random.permuted(np.repeat(np.arange(n)[np.newaxis], rows, axis=0), axis=1)
            tau_reached += int((np.abs(score.of(score.table(second[order]))) >= abs(observed) - _SAME).sum())
            linear_reached += int((np.abs(scaled[1][order] @ scaled[0]) >= abs(linear) - _SAME).sum())
        tau_p, linear_p = monte_carlo_p(tau_reached, drawn), monte_carlo_p(linear_reached, drawn)
    how = f"p by permutation, {drawn:,} arrangements" if drawn else "p by the large-sample approximation"
    return Association(
        tau_b=tau,
        tau_p_value=as_probability(tau_p),
        tau_normal_p_value=as_probability(normal_p),
        linear=linear,
        linear_p_value=as_probability(linear_p),
        linear_chi_square=chi_square,
        linear_chi_square_p_value=chi_square_p,
        n=n,
        missing=missing,
        permutations=drawn,
        method=f"Kendall's tau-b (1945) and linear-by-linear association (Mantel 1963), {how}.",
    )


def groups_differ(
    change: ArrayLike | pd.Series,
    group: ArrayLike | pd.Series,
    permutations: int = 9999,
    seed: int | np.random.Generator = 0,
) -> GroupsTest:
    """Ask with one test whether groups of people changed differently.

    Parameters
    ----------
    change : sequence of numbers or pandas.Series
        Each person's change.
    group : sequence or pandas.Series
        Each person's group; two Series are put together by their index. People without either are left out.
    permutations : int
        How many arrangements to draw for three groups or more.
    seed : int or numpy.random.Generator
        Where the draws start.

    Returns
    -------
    GroupsTest

    Raises
    ------
    ValueError
        If there are fewer than two groups, or everyone changed alike.

    Notes
    -----
    Kruskal & Wallis 1952, Journal of the American Statistical Association 47:583-621, on the changes, by permutation;
    for two groups the exact rank-sum test. A test within each group would say nothing on whether they differ (Gelman &
    Stern 2006, The American Statistician 60:328-331).

    Examples
    --------
    >>> round(groups_differ([1, 2, 2, 1, 0, 0, -1, 0], list("AAAABBBB")).p_value, 6)
    0.028571
    """
    require_count(permutations, "permutations")
    if isinstance(change, pd.Series) and isinstance(group, pd.Series):
        _require_unique(change, group)
        people = change.index.union(group.index, sort=False)
        change, group = change.reindex(people), group.reindex(people)
    values = as_numbers(change, "change")
    labels = pd.Series(group).astype(object).to_numpy()
    if len(values) != len(labels):
        raise ValueError("change and group must be as long as one another: one row a person.")
    kept = ~(np.isnan(values) | pd.isna(labels))
    codes, names = pd.factorize(np.array([str(label) for label in labels[kept]], dtype=object))
    values = values[kept]
    n, groups, missing = len(values), len(names), int((~kept).sum())
    if groups < 2:
        raise ValueError("A comparison of groups needs people in at least two of them.")
    ranks = joint_midranks(values)
    squares = float(np.square(ranks - (n + 1) / 2).sum())
    if squares <= _SAME:
        raise ValueError("Everyone changed by the same amount, so the groups cannot differ.")
    counts = np.bincount(codes)

    def h(sums: NDArray[np.float64]) -> NDArray[np.float64]:
        away: NDArray[np.float64] = (np.square(sums - counts * (n + 1) / 2) / counts).sum(axis=-1)
        return (n - 1) * away / squares

    observed = float(h(np.bincount(codes, weights=ranks, minlength=groups).astype(np.float64)))
    drawn = 0
    if groups == 2:
        test = rank_sum(values[codes == 0], values[codes == 1])
        p_value, how = test.p_value, "exact rank-sum test" if test.exact else "rank-sum test, normal approximation"
    elif n * permutations > _MOST_DRAWN:
        from scipy.special import chdtrc

        p_value, how = float(chdtrc(groups - 1, observed)), "chi-square approximation"
    else:
        random, reached, drawn = generator(seed), 0, permutations
        member = (codes[:, np.newaxis] == np.arange(groups)).astype(np.float64)
        block = max(1, _BLOCK_CELLS // n)
        for start in range(0, drawn, block):
            shuffled = random.permuted(np.repeat(ranks[np.newaxis], min(block, drawn - start), axis=0), axis=1)
            reached += int((h(shuffled @ member) >= observed - _SAME * max(1.0, observed)).sum())
        p_value, how = monte_carlo_p(reached, drawn), f"{drawn:,} arrangements drawn"
    return GroupsTest(
        statistic=observed,
        p_value=as_probability(p_value),
        groups=groups,
        n=n,
        missing=missing,
        permutations=drawn,
        method=f"One test of whether the groups' changes differ (Kruskal & Wallis 1952): {how}.",
    )


class _Concordance:
    """Pairs of people ordered alike less pairs ordered contrarily, from the table of dose by change."""

    def __init__(self, first: NDArray[np.intp], second: NDArray[np.intp]) -> None:
        self._first = first
        self._rows, self._columns = int(first.max()) + 1, int(second.max()) + 1
        self.cells = self._rows * self._columns

    def table(self, second: NDArray[np.intp]) -> NDArray[np.float64]:
        arrangements = len(second)
        cells = self._first * self._columns + second + np.arange(arrangements)[:, np.newaxis] * self.cells
        counts = np.bincount(cells.ravel(), minlength=arrangements * self.cells)
        return counts.reshape(arrangements, self._rows, self._columns).astype(np.float64)

    def of(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        # For each cell: what lies above it and to its left, less what lies above it and to its right.
        above = np.cumsum(table, axis=1) - table
        left = np.cumsum(above, axis=2) - above
        right = above.sum(axis=2, keepdims=True) - left - above
        concordance: NDArray[np.float64] = (table * (left - right)).sum(axis=(1, 2))
        return concordance

    @staticmethod
    def most(levels: NDArray[np.intp]) -> float:
        counts = np.bincount(levels).astype(np.float64)
        n = counts.sum()
        return float(n * (n - 1) - (counts * (counts - 1)).sum()) / 2


def _tau_normal_p(observed: float, first: NDArray[np.intp], second: NDArray[np.intp]) -> float:
    """Kendall's (1945) variance with ties in both columns."""
    n = float(len(first))
    t, u = np.bincount(first).astype(np.float64), np.bincount(second).astype(np.float64)

    def five(c: NDArray[np.float64]) -> float:
        return float((c * (c - 1) * (2 * c + 5)).sum())

    def two(c: NDArray[np.float64]) -> float:
        return float((c * (c - 1)).sum())

    def three(c: NDArray[np.float64]) -> float:
        return float((c * (c - 1) * (c - 2)).sum())

    variance = (n * (n - 1) * (2 * n + 5) - five(t) - five(u)) / 18
    variance += two(t) * two(u) / (2 * n * (n - 1))
    variance += three(t) * three(u) / (9 * n * (n - 1) * (n - 2))
    return math.erfc(abs(observed) / math.sqrt(2 * variance)) if variance > 0 else 1.0


def _levels(values: NDArray[np.float64]) -> NDArray[np.intp]:
    _, levels = np.unique(joint_midranks(values), return_inverse=True)
    return levels.ravel()


def _together(
    first: ArrayLike | pd.Series, second: ArrayLike | pd.Series, one: str, other: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    if isinstance(first, pd.Series) and isinstance(second, pd.Series):
        _require_unique(first, second)
        people = first.index.union(second.index, sort=False)
        first, second = first.reindex(people), second.reindex(people)
    x, y = as_numbers(first, one), as_numbers(second, other)
    if len(x) != len(y):
        raise ValueError(f"{one} and {other} must be as long as one another: one row a person.")
    complete = ~(np.isnan(x) | np.isnan(y))
    return x[complete], y[complete], int((~complete).sum())


def _require_unique(*columns: pd.Series) -> None:
    for column in columns:
        if not column.index.is_unique:
            raise ValueError(
                f"'{column.index[column.index.duplicated()][0]}' occurs more than once. Give one row each."
            )
