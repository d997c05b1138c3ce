"""Charts of values in order of time: control limits (XmR) by the Making Data Count rules, and run charts; numbers only.

A chart says what varies by more than its own noise; it says nothing about why. With fewer than twelve values the
limits are called trial limits, and a run chart should be read first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
import pandas as pd

from cop_analysis.results.values import is_missing
from cop_analysis.sessions.methods.shares import finite_scores

FEWEST_FOR_LIMITS = 12
"""Below this many values the limits are trial limits (Making Data Count)."""

_LIMIT, _NEAR_LIMIT, _SCREEN = 2.66, 2.66 * 2 / 3, 3.267

_RUN = 7


@dataclass(frozen=True)
class ProcessLimits:
    """Values in order of time with the limits of their own noise, and the rule that marks each.

    Parameters
    ----------
    points : pandas.DataFrame
        One row a value: ``point`` (counted from 1), ``label``, ``value``, ``phase``, ``centre``, ``lower``,
        ``upper``, ``rule`` (empty for common cause), ``variation`` and ``direction`` (``high`` or ``low`` for special
        cause, else empty).
    target : float or None
    assurance : str or None
        Against the target: ``"passes"``, ``"fails"`` or ``"inconsistent"``; None without a target or without limits.
    missing : int
        How many values were missing and left out.
    """

    points: pd.DataFrame
    target: float | None
    assurance: str | None
    missing: int

    @property
    def centre(self) -> float:
        """The mean of the last phase."""
        return float(self.points["centre"].iloc[-1])

    @property
    def lower(self) -> float:
        """The lower limit of the last phase; NaN where no moving range is left to set it by."""
        return float(self.points["lower"].iloc[-1])

    @property
    def upper(self) -> float:
        """The upper limit of the last phase, as `lower`."""
        return float(self.points["upper"].iloc[-1])

    @property
    def variation(self) -> str:
        """The class of the last point: common cause, improvement, concern or neutral."""
        return str(self.points["variation"].iloc[-1])

    @property
    def direction(self) -> str:
        """To which side the last point stands out: high, low or empty."""
        return str(self.points["direction"].iloc[-1])

    @property
    def in_last_phase(self) -> int:
        """How many values the last phase has."""
        return int((self.points["phase"] == self.points["phase"].iloc[-1]).sum())

    @property
    def trial_limits(self) -> bool:
        """Whether the last phase has fewer than twelve values."""
        return self.in_last_phase < FEWEST_FOR_LIMITS


def process_limits(
    values: Sequence[float] | pd.Series | np.ndarray,
    increase_is_good: bool | None = True,
    target: float | None = None,
    screen_outliers: bool = True,
    *,
    labels: Sequence[str] | None = None,
    phase_starts: Sequence[int] = (),
) -> ProcessLimits:
    """Set limits to values in order of time, and mark those that lie outside the series' own noise.

    Parameters, errors and rules are those of `sessions.control_chart`, which shows what this works out.

    Examples
    --------
    >>> found = process_limits([1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1])
    >>> round(found.centre, 3), round(found.upper, 3), found.points.loc[4, "rule"], found.variation
    (1.944, 4.604, 'above the upper limit', 'common cause')
    """
    if increase_is_good is not None and not isinstance(increase_is_good, bool | np.bool_):
        raise ValueError(
            f"increase_is_good must be True (higher is better), False (lower is) or None (neither), not "
            f"{increase_is_good!r}."
        )
    series, names, positions, missing = _series(values, labels)
    goal = None if target is None else _number(target, "The target")
    starts = _phase_numbers(phase_starts, positions)
    rows = []
    for number in range(1, max(starts) + 1):
        part = [index for index, phase in enumerate(starts) if phase == number]
        at, called = [positions[index] for index in part], [names[index] for index in part]
        rows.append(_phase(series[part], at, called, number, increase_is_good, screen_outliers))
    points = pd.concat(rows, ignore_index=True)
    last = points.iloc[-1]
    assurance = _assurance(goal, float(last["lower"]), float(last["upper"]), increase_is_good)
    return ProcessLimits(points, goal, assurance, missing)


def _series(
    values: Sequence[float] | pd.Series | np.ndarray, labels: Sequence[str] | None
) -> tuple[np.ndarray, list[str], list[int], int]:
    if isinstance(values, str | bytes | Mapping | pd.DataFrame) or not isinstance(values, Iterable):
        raise ValueError(f"A control chart needs a list of values in order of time, not {type(values).__name__}.")
    given = list(values)
    if labels is not None and len(labels) != len(given):
        raise ValueError(f"There are {len(given)} values but {len(labels)} labels: give one label a value.")
    names = [str(label) for label in labels] if labels is not None else [str(i + 1) for i in range(len(given))]
    kept, positions = [], []
    for index, value in enumerate(given):
        if is_missing(value):
            continue
        kept.append(_number(value, f"Value {index + 1} of the series"))
        positions.append(index + 1)
    if not kept:
        raise ValueError("A control chart needs at least one value; the series holds none.")
    return np.array(kept), [names[position - 1] for position in positions], positions, len(given) - len(kept)


def _number(value: object, what: str) -> float:
    try:
        number = math.nan if isinstance(value, bool | np.bool_ | str) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or abs(number) > 1e150:
        raise ValueError(f"{what} must be a finite number, not {value!r}.")
    return number


def _phase_numbers(phase_starts: Sequence[int], positions: Sequence[int]) -> list[int]:
    whole = [start for start in phase_starts if isinstance(start, int | np.integer) and not isinstance(start, bool)]
    wrong = [start for start in phase_starts if start not in whole or not 1 <= start <= positions[-1]]
    if wrong:
        raise ValueError(f"A phase can only start at a point of the series, counted from 1; {wrong[0]!r} is none.")
    # Where the value at which a phase should start is missing, it starts with the next one there is.
    at = np.searchsorted(positions, sorted(int(start) for start in whole))
    starts = {positions[0], *(positions[index] for index in at.tolist())}
    return np.searchsorted(sorted(starts), positions, side="right").tolist()


def _phase(
    y: np.ndarray, positions: list[int], names: list[str], number: int, increase_is_good: bool | None, screen: bool
) -> pd.DataFrame:
    centre = math.fsum(y) / len(y)
    ranges = np.abs(np.diff(y))
    if screen and len(ranges):
        ranges = ranges[ranges < _SCREEN * ranges.mean()]
    average = float(ranges.mean()) if len(ranges) else math.nan
    # Moving ranges that are all 0 would set both limits on the centre and call every other value special.
    average = average if average > 0 else math.nan
    lower, upper = centre - _LIMIT * average, centre + _LIMIT * average
    # A mean of equal numbers may differ from them in the last digit; that is not a side.
    side = np.where(np.abs(y - centre) <= 1e-12 * max(1e-300, float(np.abs(y).max())), 0, np.sign(y - centre))
    outside = (y > upper) | (y < lower)
    near = ~outside & ((y > centre + _NEAR_LIMIT * average) | (y < centre - _NEAR_LIMIT * average))
    trend, run, two_of_three = _trends(y), _runs(side), _two_of_three(near, side)
    rules, classes, directions = [], [], []
    for index in range(len(y)):
        direction, rule = int(side[index]), ""
        where = "above" if direction > 0 else "below"
        limit = "upper" if direction > 0 else "lower"
        if outside[index]:
            rule = f"{where} the {limit} limit"
        elif trend[index]:
            direction = int(trend[index])
            rule = f"{_RUN} points {'rising' if direction > 0 else 'falling'}"
        elif two_of_three[index]:
            rule = f"2 of 3 near the {limit} limit"
        elif run[index]:
            rule = f"{_RUN} points {where} the centre"
        rules.append(rule)
        classes.append(_variation(rule, direction, increase_is_good))
        directions.append("" if not rule else "high" if direction > 0 else "low")
    return pd.DataFrame(
        {
            "point": positions,
            "label": names,
            "value": y,
            "phase": number,
            "centre": centre,
            "lower": lower,
            "upper": upper,
            "rule": rules,
            "variation": classes,
            "direction": directions,
        }
    )


def _variation(rule: str, direction: int, increase_is_good: bool | None) -> str:
    if not rule:
        return "common cause"
    if increase_is_good is None:
        return "neutral"
    return "improvement" if (direction > 0) == increase_is_good else "concern"


def _trends(y: np.ndarray) -> np.ndarray:
    """Mark each point of a rise or fall of seven; a point that ends one and begins the next belongs to the next."""
    marks = np.zeros(len(y), dtype=int)
    steps = np.sign(np.diff(y))
    for start in range(len(y) - _RUN + 1):
        window = steps[start : start + _RUN - 1]
        if window[0] != 0 and (window == window[0]).all():
            marks[start : start + _RUN] = int(window[0])
    return marks


def _runs(side: np.ndarray) -> np.ndarray:
    marks = np.zeros(len(side), dtype=bool)
    for start in range(len(side) - _RUN + 1):
        if abs(side[start : start + _RUN].sum()) == _RUN:
            marks[start : start + _RUN] = True
    return marks


def _two_of_three(near: np.ndarray, side: np.ndarray) -> np.ndarray:
    marks = np.zeros(len(near), dtype=bool)
    for start in range(len(near) - 2):
        if near[start : start + 3].sum() >= 2 and abs(side[start : start + 3].sum()) == 3:
            marks[start : start + 3] |= near[start : start + 3]
    return marks


def _assurance(target: float | None, lower: float, upper: float, increase_is_good: bool | None) -> str | None:
    if target is None or increase_is_good is None or math.isnan(lower):
        return None
    if target > upper:
        return "fails" if increase_is_good else "passes"
    if target < lower:
        return "passes" if increase_is_good else "fails"
    return "inconsistent"


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
