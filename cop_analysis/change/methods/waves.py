"""More than a plain before and after: several waves in order, and people looking back at where they stood."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from cop_analysis.change.methods.columns import (
    Differences,
    answer_table,
    as_numbers,
    number_table,
    require_count,
    without_noise,
)
from cop_analysis.change.methods.effects import superiority_of
from cop_analysis.change.methods.exact import as_probability, joint_midranks
from cop_analysis.change.methods.multiplicity import max_t
from cop_analysis.change.methods.paired_tests import signed_rank_of
from cop_analysis.change.methods.scales import mean_change
from cop_analysis.resampling import generator, monte_carlo_p

_MOST_WAVES_EXACT = 8
_MOST_STEPS = 4e8
_MOST_CLOSED = 6
_BLOCK_CELLS = 2_000_000
_SAME = 1e-9
# More drawn answers than this take minutes and tell nothing the chi-square distribution does not.
_MOST_DRAWN = 600_000_000


@dataclass(frozen=True)
class Friedman:
    """The answer of Friedman's test.

    Parameters
    ----------
    statistic : float
        Chi-square, corrected for ties.
    freedom : int
        Its degrees of freedom.
    p_value : float
        By permuting each person's answers over the waves; from the chi-square distribution for tens of thousands.
    chi_square_p_value : float
        From the chi-square distribution.
    n, missing : int
        People who answered at every wave, and people left out.
    permutations : int
        How many arrangements were looked at.
    exact : bool
        True where these were all there are.
    mean_ranks : pandas.Series
        By wave.
    method : str
        The method in words, with its source.
    """

    statistic: float
    freedom: int
    p_value: float
    chi_square_p_value: float
    n: int
    missing: int
    permutations: int
    exact: bool
    mean_ranks: pd.Series
    method: str


@dataclass(frozen=True)
class PageTrend:
    """The answer of Page's test.

    Parameters
    ----------
    statistic : float
        L, the sum over the waves of their place times their rank sum.
    p_value, mid_p_value : float
        As the alternative says; exact up to eight waves.
    n, missing : int
        People who answered at every wave, and people left out.
    alternative : str
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
    missing: int
    alternative: str
    exact: bool
    method: str


@dataclass(frozen=True)
class AgainstBaseline:
    """Each wave against the first.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a later wave: wave, n, mean_change, t, p_value (alone) and adjusted_p_value.
    permutations : int
        How many arrangements were looked at for each set of waves.
    exact : bool
        True where these were all there are.
    method : str
        The method in words, with its source.
    """

    table: pd.DataFrame
    permutations: int
    exact: bool
    method: str


def friedman(answers: pd.DataFrame, permutations: int = 9999, seed: int | np.random.Generator = 0) -> Friedman:
    """Test whether answers differ between several waves, in any way.

    Parameters
    ----------
    answers : pandas.DataFrame
        A row a person, a column a wave; people with a gap are left out.
    permutations : int
        How many arrangements to draw; all there are, where there are no more than this.
    seed : int or numpy.random.Generator
        Where the draws start.

    Returns
    -------
    Friedman

    Raises
    ------
    ValueError
        If there are fewer than two waves, nobody answered at all of them, or nobody's answers differ.

    Notes
    -----
    Friedman 1937, Journal of the American Statistical Association 32:675-701, with the correction for ties; the
    permutation p does not lean on the chi-square approximation, which few people or many ties make unreliable.

    Examples
    --------
    >>> answers = pd.DataFrame({"one": [1, 2, 1, 2], "two": [2, 3, 2, 2], "three": [3, 3, 4, 5]})
    >>> test = friedman(answers)
    >>> round(test.statistic, 4), round(test.p_value, 4), test.exact
    (7.0, 0.0185, True)
    """
    answers = answer_table(answers)
    ranks, missing = _ranks_within(answers, permutations)
    n, waves = ranks.shape
    squares = float(np.square(ranks - (waves + 1) / 2).sum())
    if squares <= _SAME:
        raise ValueError("Friedman's test is undefined: everyone answered the same at every wave.")
    scale = (waves - 1) / squares

    def chi_square(sums: NDArray[np.float64]) -> NDArray[np.float64]:
        spread: NDArray[np.float64] = scale * np.square(sums - n * (waves + 1) / 2).sum(axis=-1)
        return spread

    observed = float(chi_square(ranks.sum(axis=0)))
    every = _all_rank_sums(ranks, permutations)
    if every is not None:
        sums, chances = every
        p_value = float(chances[chi_square(sums) >= observed - _SAME].sum())
        looked_at, exact = math.factorial(waves) ** n, True
    elif ranks.size * permutations > _MOST_DRAWN:
        p_value, looked_at, exact = _chi_square_tail(waves - 1, observed), 0, False
    else:
        random = generator(seed)
        reached = 0
        block = max(1, _BLOCK_CELLS // ranks.size)
        for start in range(0, permutations, block):
            drawn = np.repeat(ranks[np.newaxis], min(block, permutations - start), axis=0)
            reached += int((chi_square(random.permuted(drawn, axis=2).sum(axis=1)) >= observed - _SAME).sum())
        p_value = monte_carlo_p(reached, permutations)
        looked_at, exact = permutations, False
    if exact:
        how = "by permuting each person's answers over the waves, all arrangements"
    elif looked_at:
        how = f"by permuting each person's answers over the waves, {permutations:,} arrangements drawn"
    else:
        how = "from the chi-square distribution, which so many people answer to"
    return Friedman(
        statistic=observed,
        freedom=waves - 1,
        p_value=as_probability(p_value),
        chi_square_p_value=_chi_square_tail(waves - 1, observed),
        n=n,
        missing=missing,
        permutations=looked_at,
        exact=exact,
        mean_ranks=pd.Series(ranks.mean(axis=0), index=answers.columns, name="mean rank"),
        method=f"Friedman's test (1937), ties corrected, p {how}.",
    )


def page_trend(answers: pd.DataFrame, alternative: Literal["two-sided", "greater", "less"] = "two-sided") -> PageTrend:
    """Test whether answers rise (or fall) from wave to wave, exactly.

    Parameters
    ----------
    answers : pandas.DataFrame
        A row a person, a column a wave in order of time; people with a gap are left out.
    alternative : {"two-sided", "greater", "less"}
        ``"greater"`` asks for a rise.

    Returns
    -------
    PageTrend

    Raises
    ------
    ValueError
        If there are fewer than three waves or nobody answered at all of them.

    Notes
    -----
    Page 1963, Journal of the American Statistical Association 58:216-230. The null distribution is built person by
    person from the orders that person's answers can stand in, ties included, so that p is exact.

    Examples
    --------
    >>> rising = pd.DataFrame({"one": [1, 2, 1, 2], "two": [2, 3, 2, 2], "three": [3, 3, 4, 5]})
    >>> page_trend(rising, "greater").p_value
    0.0030864197530864196
    """
    if alternative not in ("two-sided", "greater", "less"):
        raise ValueError(f"alternative must be 'two-sided', 'greater' or 'less', not {alternative!r}.")
    answers = answer_table(answers)
    if answers.shape[1] < 3:
        raise ValueError("A trend needs at least three waves; with two, use the signed-rank test.")
    ranks, missing = _ranks_within(answers, 1)
    n, waves = ranks.shape
    doubled = np.rint(2 * ranks).astype(np.int64)
    places = np.arange(1, waves + 1)
    observed = int((doubled @ places).sum())
    middle = n * waves * (waves + 1) ** 2 / 2
    distribution = _page_distribution(doubled, places) if waves <= _MOST_WAVES_EXACT else None
    if distribution is not None:
        lowest, chances = distribution
        values = lowest + np.arange(len(chances))
        if alternative == "two-sided":
            away, far = np.abs(values - middle), abs(observed - middle)
            at_least, beyond = float(chances[away >= far].sum()), float(chances[away > far].sum())
        else:
            sign = 1 if alternative == "greater" else -1
            at_least = float(chances[sign * values >= sign * observed].sum())
            beyond = float(chances[sign * values > sign * observed].sum())
        p_value, mid_p_value = at_least, (at_least + beyond) / 2
    else:
        spread = math.sqrt(
            float(np.square(places - places.mean()).sum())
            / (waves - 1)
            * float(np.square(doubled - doubled.mean(axis=1, keepdims=True)).sum())
        )
        score = (observed - middle) / spread if spread > 0 else 0.0
        far = abs(score) if alternative == "two-sided" else score if alternative == "greater" else -score
        p_value = math.erfc(far / math.sqrt(2)) / (1 if alternative == "two-sided" else 2)
        mid_p_value = p_value
    how = "exact" if distribution is not None else "by the normal approximation"
    return PageTrend(
        statistic=observed / 2,
        p_value=as_probability(p_value),
        mid_p_value=as_probability(mid_p_value),
        n=n,
        missing=missing,
        alternative=alternative,
        exact=distribution is not None,
        method=f"Page's test for a trend (1963), {how}, ties as they are.",
    )


def waves_against_baseline(
    answers: pd.DataFrame, permutations: int = 9999, seed: int | np.random.Generator = 0
) -> AgainstBaseline:
    """Compare each later wave with the first, allowing for how many there are.

    Parameters
    ----------
    answers : pandas.DataFrame
        A row a person, a column a wave, the baseline first; NaN where a person did not answer, which takes that person
        out of that wave's comparison only.
    permutations : int
        How many arrangements to draw for each set of waves.
    seed : int or numpy.random.Generator
        Where the draws start.

    Returns
    -------
    AgainstBaseline

    Raises
    ------
    ValueError
        If there are fewer than two waves, more than seven, or a value is a word or infinite.

    Notes
    -----
    Largest paired t against the baseline (maxT, Westfall & Young 1993, Resampling-Based Multiple Testing) in a closed
    test (Marcus, Peritz & Gabriel 1976, Biometrika 63:655-660): for every set of later waves the answers of the
    baseline and of these waves alone are permuted within each person, and a wave's adjusted p is the largest of the
    sets it belongs to. Flipping the signs of a person's differences together, which serves for several items, would be
    wrong here: the differences share their baseline, so that skewed answers are not symmetric jointly even where no
    wave differs. With one later wave this is `max_t` on the paired t.

    Examples
    --------
    >>> answers = pd.DataFrame({"before": [1, 2, 2, 3, 1, 2, 2, 1], "middle": [1, 2, 3, 3, 2, 2, 2, 1],
    ...                         "after": [3, 4, 3, 4, 3, 3, 4, 2]})
    >>> compared = waves_against_baseline(answers, permutations=999, seed=1).table
    >>> compared["mean_change"].tolist(), bool(compared["adjusted_p_value"].iloc[1] < 0.02)
    ([0.25, 1.5], True)
    """
    answers = answer_table(answers)
    numbers = _table(answers, permutations)
    later = numbers.shape[1] - 1
    if later > _MOST_CLOSED:
        raise ValueError(f"At most {_MOST_CLOSED} waves can be set against a baseline; there are {later}.")
    differences = numbers[:, 1:] - numbers[:, :1]
    answered = ~np.isnan(differences)
    n = answered.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.where(answered, differences, 0.0).sum(axis=0) / n
    t = _paired_t(numbers[np.newaxis])[0]
    names = list(answers.columns[1:])
    alone, adjusted = np.full(later, np.nan), np.full(later, np.nan)
    exact = False
    looked_at = permutations
    if later == 1:
        first, second = (pd.DataFrame({"wave": numbers[:, wave]}) for wave in (0, 1))
        tested = max_t(first, second, permutations, seed, statistic="t")
        alone[0], adjusted[0] = tested.unadjusted.iloc[0], tested.p_values.iloc[0]
        exact, looked_at = tested.exact, tested.arrangements
    else:
        random = generator(seed)
        extent = np.where(np.isnan(t), -1.0, np.abs(t))
        for size in range(1, later + 1):
            for chosen in itertools.combinations(range(later), size):
                p_value = _largest_p(numbers, chosen, float(extent[list(chosen)].max()), permutations, random)
                for wave in chosen:
                    if n[wave]:
                        adjusted[wave] = np.nanmax([adjusted[wave], p_value])
                        if size == 1:
                            alone[wave] = p_value
    return AgainstBaseline(
        table=pd.DataFrame(
            {"wave": names, "n": n, "mean_change": means, "t": t, "p_value": alone, "adjusted_p_value": adjusted}
        ),
        permutations=looked_at,
        exact=exact,
        method="Each wave against the first by the largest paired t, closed over all sets of waves, permuting within "
        f"people (Westfall & Young 1993; Marcus, Peritz & Gabriel 1976); {looked_at:,} arrangements a set.",
    )


def _chi_square_tail(freedom: int, statistic: float) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(freedom, statistic))


def _largest_p(
    numbers: NDArray[np.float64], chosen: Sequence[int], observed: float, permutations: int, random: np.random.Generator
) -> float:
    columns = [0, *(wave + 1 for wave in chosen)]
    kept = numbers[:, columns]
    # Who answered once among these waves has nothing to permute and enters no comparison.
    kept = kept[(~np.isnan(kept)).sum(axis=1) > 1]
    if not len(kept):
        return 1.0
    reached = 0
    block = max(1, _BLOCK_CELLS // kept.size)
    patterns = _patterns(kept)
    for start in range(0, permutations, block):
        drawn = np.repeat(kept[np.newaxis], min(block, permutations - start), axis=0)
        for rows, places in patterns:
            part = drawn[:, rows[:, np.newaxis], places]
            drawn[:, rows[:, np.newaxis], places] = random.permuted(part, axis=2)
        t = np.abs(_paired_t(drawn))
        largest = np.where(np.isnan(t), 0.0, t).max(axis=1)
        reached += (
            int((largest >= observed * (1 - _SAME)).sum()) if not math.isinf(observed) else int(np.isinf(largest).sum())
        )
    return monte_carlo_p(reached, permutations)


def _patterns(numbers: NDArray[np.float64]) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Give the people (rows) who answered at the same waves, and these waves."""
    groups: dict[tuple[bool, ...], list[int]] = {}
    for row, given in enumerate(~np.isnan(numbers)):
        groups.setdefault(tuple(given.tolist()), []).append(row)
    return [(np.array(rows), np.flatnonzero(given)) for given, rows in groups.items()]


def _paired_t(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the paired t of each column against the first, over the middle axis; NaN where undefined."""
    differences = numbers[:, :, 1:] - numbers[:, :, :1]
    answered = ~np.isnan(differences)
    n = answered.sum(axis=1)
    filled = np.where(answered, differences, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = filled.sum(axis=1) / n
        squares = np.square(np.where(answered, filled - mean[:, np.newaxis], 0.0)).sum(axis=1)
        scale = np.square(filled).sum(axis=1)
        squares = np.where(squares <= 1e-18 * scale, 0.0, squares)
        t: NDArray[np.float64] = mean / np.sqrt(squares / (n - 1) / n)
    return np.where((n < 2) | (scale == 0), np.nan, t)


def _table(answers: pd.DataFrame, permutations: int) -> NDArray[np.float64]:
    require_count(permutations, "permutations")
    if answers.shape[1] < 2:
        raise ValueError("A comparison of waves needs at least two of them.")
    if not answers.index.is_unique:
        person = answers.index[answers.index.duplicated()][0]
        raise ValueError(f"The answers hold '{person}' more than once. Give one row a person.")
    return number_table(answers)


def _ranks_within(answers: pd.DataFrame, permutations: int) -> tuple[NDArray[np.float64], int]:
    """Rank each person's answers over the waves; people with a gap are left out and counted."""
    numbers = _table(answers, permutations)
    complete = ~np.isnan(numbers).any(axis=1)
    kept = numbers[complete]
    if not len(kept):
        raise ValueError("Nobody answered at every wave, so the waves cannot be compared within people.")
    distinct, place = np.unique(kept, axis=0, return_inverse=True)
    ranks = np.stack([joint_midranks(row) for row in distinct])
    return ranks[place.ravel()], int((~complete).sum())


def _all_rank_sums(ranks: NDArray[np.float64], most: int) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Give every combination of rank sums with its probability, or None where that would take too long."""
    n, waves = ranks.shape
    if math.log(math.factorial(waves)) * n > math.log(max(most, 2)) and (n > 12 or waves > 4):
        return None
    doubled = np.rint(2 * ranks).astype(np.int64)
    held: Counter[tuple[int, ...]] = Counter({(0,) * waves: 1})
    for row in doubled:
        orders = Counter(itertools.permutations(row.tolist()))
        grown: Counter[tuple[int, ...]] = Counter()
        for sums, count in held.items():
            for order, times in orders.items():
                grown[tuple(a + b for a, b in zip(sums, order, strict=True))] += count * times
        held = grown
        if len(held) > 200_000:
            return None
    counts = np.array([float(count) for count in held.values()])
    return np.array(list(held), dtype=np.float64) / 2, counts / counts.sum()


def _page_distribution(doubled: NDArray[np.int64], places: NDArray[np.int64]) -> tuple[int, NDArray[np.float64]] | None:
    """Give the lowest possible sum of place times doubled rank, and the probabilities from there upwards."""
    patterns, counts = np.unique(np.sort(doubled, axis=1), axis=0, return_counts=True)
    lowest, held = 0, np.ones(1)
    steps = 0.0
    for pattern, count in zip(patterns, counts, strict=True):
        values = np.array([int(np.dot(places, order)) for order in itertools.permutations(pattern.tolist())])
        single = np.bincount(values - values.min()) / len(values)
        steps += count * len(single) * (len(held) + count * len(single) / 2)
        if steps > _MOST_STEPS:
            return None
        for _ in range(int(count)):
            held = np.convolve(held, single)
        lowest += int(values.min()) * int(count)
    return lowest, held


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
            mean_change(differences.values, level),
            superiority_of(differences, level),
            signed_rank_of(differences),
        )
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
