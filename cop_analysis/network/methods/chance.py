"""What chance alone does: random arrangements of labels, exact chances, and how often it goes as far, in words.

Every arrangement has a number, and which one it is follows from the seed and that number alone. So results do not
depend on how many are drawn at a time, nor on which library draws them. No statistic is computed here. A sentence that
says one thing at p = .049 and another at p = .051 is stronger than its number; those made here do not turn.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cop_analysis.network.methods.kernels import _FIRST_MIX, _SECOND_MIX, _STEP, kernel
from cop_analysis.resampling import generator
from cop_analysis.results import format_p
from cop_analysis.results.values import how_often

_BYTES_AT_ONCE = 64_000_000

_WORK = 50_000_000
"""Ties looked at over all arrangements of one test on a page."""


def whole_permutations(permutations: object) -> int:
    """Give a number of permutations as an int, refusing in words what is not a whole number of at least 1.

    Examples
    --------
    >>> whole_permutations(999)
    999
    """
    message = f"permutations is {permutations!r}; a permutation test needs a whole number of at least 1."
    if isinstance(permutations, (bool, np.bool_)) or not isinstance(permutations, (int, float, np.number)):
        raise ValueError(message)
    if not np.isfinite(permutations) or int(permutations) != permutations or permutations < 1:
        raise ValueError(message)
    return int(permutations)


def arrangements(
    values: np.ndarray, permutations: int, seed: int | np.random.Generator, *, at_once: int = 512
) -> Iterator[np.ndarray]:
    """Draw random arrangements of `values` in batches, an arrangement a column.

    Parameters
    ----------
    values : numpy.ndarray
        One dimension: the labels of the people, or their numbers.
    permutations : int
        How many arrangements in all.
    seed : int or numpy.random.Generator
    at_once : int
        Arrangements in a batch; fewer where they would not fit in memory comfortably.

    Yields
    ------
    numpy.ndarray
        ``len(values)`` rows; a row holds what one person has under each arrangement of the batch.

    Notes
    -----
    Fisher and Yates' shuffle with draws from splitmix64 (Steele, Lea & Flood 2014, OOPSLA, 453-472), a counter-based
    generator, keyed by one draw from `seed`.

    Examples
    --------
    >>> (batch,) = arrangements(np.arange(4), 3, seed=1)
    >>> batch.shape, sorted(batch[:, 0].tolist())
    ((4, 3), [0, 1, 2, 3])
    """
    key = generator(seed).integers(0, 2**64 - 1, dtype=np.uint64, endpoint=True)
    compiled = kernel("shuffle_columns", 10.0 * len(values) * permutations)
    # numpy does one step of all arrangements it draws together, so that many at a time cost it least.
    together = at_once if compiled is not None else max(at_once, 4096)
    together = int(max(1, min(together, permutations, _BYTES_AT_ONCE // max(values.nbytes, 1))))
    for first in range(0, permutations, together):
        drawn = min(together, permutations - first)
        if compiled is None:
            out = _shuffled(values, key, first, drawn)
        else:
            out = np.empty((len(values), drawn), dtype=values.dtype)
            compiled(values, key, first, out)
        for start in range(0, drawn, at_once):
            yield out if drawn <= at_once else np.ascontiguousarray(out[:, start : start + at_once])


def _shuffled(values: np.ndarray, key: np.uint64, first: int, drawn: int) -> np.ndarray:
    """Do what `kernels.shuffle_columns` does, all columns at a time."""
    out = np.repeat(values[:, None], drawn, axis=1)
    flat = out.reshape(-1)
    columns = np.arange(drawn)
    numbers = np.arange(first, first + drawn).astype(np.uint64)
    base = numbers * np.uint64(len(values)) * _STEP + key
    steps = np.arange(len(values)).astype(np.uint64) * _STEP
    for last in range(len(values) - 1, 0, -1):
        state = base + steps[last]
        state = (state ^ (state >> np.uint64(30))) * _FIRST_MIX
        state = (state ^ (state >> np.uint64(27))) * _SECOND_MIX
        state ^= state >> np.uint64(31)
        other = ((state >> np.uint64(11)).astype(np.float64) * (2.0**-53 * (last + 1))).astype(np.int64)
        other *= drawn
        other += columns
        held = out[last].copy()
        out[last] = flat[other]
        flat[other] = held
    return out


def affordable(permutations: int, ties: int) -> int:
    """Give how many arrangements are drawn on a page: as many as asked for, fewer where ties are many thousands.

    Each arrangement looks at every tie. From about 5,000 ties on, `_WORK` divided by the ties are drawn, never fewer
    than 999 of those asked for; the result says how many were.

    Examples
    --------
    >>> affordable(9999, 62), affordable(9999, 27_655), affordable(9999, 1_000_000), affordable(99, 1_000_000)
    (9999, 1807, 999, 99)
    """
    return min(permutations, max(999, _WORK // max(1, ties)))


def chances_of_marked(population: int, marked: int, drawn: int) -> np.ndarray:
    """Give the chance of 0, 1, ... `drawn` marked ones among `drawn` of a population.

    Parameters
    ----------
    population, marked, drawn : int
        Neither marked nor drawn exceeds the population.

    Returns
    -------
    numpy.ndarray
        ``drawn + 1`` probabilities.

    Examples
    --------
    >>> chances_of_marked(4, 2, 2).round(4).tolist()
    [0.1667, 0.6667, 0.1667]
    """
    from scipy.special import gammaln

    def log_choose(total: int | np.ndarray, chosen: np.ndarray) -> np.ndarray:
        logs: np.ndarray = gammaln(total + 1.0) - gammaln(chosen + 1.0) - gammaln(total - chosen + 1.0)
        return logs

    found = np.arange(drawn + 1)
    there = (found <= marked) & (drawn - found <= population - marked)
    chances = np.zeros(drawn + 1)
    possible = found[there]
    logs = log_choose(marked, possible) + log_choose(population - marked, drawn - possible)
    chances[there] = np.exp(logs - log_choose(population, np.array([drawn])))
    return chances


def as_far(p_value: float, what: str = "a gap as wide") -> str:
    """Say how often random arrangements go as far as the data, with the p-value beside it.

    Examples
    --------
    >>> as_far(0.36)
    'a gap as wide comes up 36 times in 100 (p = 0.360)'
    """
    return f"{what} comes up {how_often(p_value)} ({format_p(p_value)})"
