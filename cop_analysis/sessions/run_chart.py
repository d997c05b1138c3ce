"""Run charts: whether values in order of time are a random row around their median; for series too short for limits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from cop_analysis.sessions.intervals import finite_scores


@dataclass(frozen=True)
class RunChart:
    """What a run chart says.

    Parameters
    ----------
    median : float
    useful : int
        Values not on the median; only these form runs.
    longest_run : int
        The most useful values in a row on one side.
    longest_expected : int
        A longer run than this is a signal.
    crossings : int
        How often the row crosses the median.
    fewest_expected : int
        Fewer crossings than this are a signal.
    can_signal : bool
        Whether any row of as many useful values could be a signal at all.
    """

    median: float
    useful: int
    longest_run: int
    longest_expected: int
    crossings: int
    fewest_expected: int
    can_signal: bool

    @property
    def has_shift(self) -> bool:
        """Whether the longest run is unusually long."""
        return self.useful > 0 and self.longest_run > self.longest_expected

    @property
    def has_few_crossings(self) -> bool:
        """Whether there are unusually few crossings."""
        return self.useful > 0 and self.crossings < self.fewest_expected

    @property
    def sentence(self) -> str:
        """What the two rules find, in words."""
        if not self.can_signal:
            return "too few values for any rule to show a change"
        found = [
            words
            for is_so, words in (
                (self.has_shift, f"{self.longest_run} values in a row on one side of the median"),
                (self.has_few_crossings, f"only {self.crossings} crossings of the median"),
            )
            if is_so
        ]
        return f"a shift ({' and '.join(found)})" if found else "no shift that its rules would mark"


def run_chart(values: Sequence[float]) -> RunChart:
    """Answer whether values in order of time shift, where there are too few of them for control limits.

    Parameters
    ----------
    values : sequence of float
        Finite values in order of time, at least one.

    Returns
    -------
    RunChart

    Raises
    ------
    ValueError
        Without any value, or with one that is not finite.

    Notes
    -----
    Anhoj & Olesen 2014, PLoS ONE 9:e113825, and Anhoj 2015, PLoS ONE 10:e0121349: with n values off the median, a run
    longer than log2(n) + 3 (rounded), or fewer crossings than the lower 5% point of a binomial of n - 1 halves, is a
    signal. Unlike a fixed "six in a row" both limits grow with n.

    Examples
    --------
    >>> chart = run_chart([1, 1, 2, 1, 2, 1, 1, 2, 5, 6, 5, 7, 6, 5, 6, 7])
    >>> chart.longest_run, chart.longest_expected, chart.crossings, chart.fewest_expected, chart.has_shift
    (8, 7, 1, 4, True)
    """
    series = finite_scores(values, "The values of a run chart")
    if not series:
        raise ValueError("A run chart needs at least one value, and every value finite.")
    ordered = sorted(series)
    half = len(ordered) // 2
    median = ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
    sides = [value > median for value in series if value != median]
    useful = len(sides)
    if not useful:
        return RunChart(median, 0, 0, 0, 0, 0, False)
    runs = [len(list(run)) for _, run in groupby(sides)]
    longest_expected = round(math.log2(useful) + 3)
    fewest = _lower_binomial_point(useful - 1)
    above = sum(sides)
    can_signal = max(above, useful - above) > longest_expected or min(1, above, useful - above) < fewest
    return RunChart(
        median,
        useful,
        max(runs),
        longest_expected,
        sum(one != other for one, other in pairwise(sides)),
        fewest,
        can_signal,
    )


def _lower_binomial_point(trials: int, level: float = 0.05) -> int:
    """Give the least k at which a binomial of `trials` halves has reached the level (R's qbinom)."""
    total, term, k = 0.0, 0.5**trials if trials < 1000 else 0.0, 0
    if trials >= 1000:
        return math.floor(trials / 2 - 1.6448536269514722 * math.sqrt(trials) / 2)
    while True:
        total += term
        if total >= level:
            return k
        term *= (trials - k) / (k + 1)
        k += 1
