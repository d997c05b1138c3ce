"""Seeded permutation machinery the analysis rooms share; no global random state is touched here or anywhere else."""

from __future__ import annotations

import numpy as np


def generator(seed: int | np.random.Generator, *part: int) -> np.random.Generator:
    """Give the generator a seed stands for; a generator is passed through, so that callers may share one.

    Parameters
    ----------
    seed : int or numpy.random.Generator
    *part : int
        Numbers of the part of an analysis that draws, so that parts with one seed draw independently.

    Raises
    ------
    ValueError
        If `seed` is not a whole number of 0 or more.

    Examples
    --------
    >>> int(generator(1).integers(100)) == int(generator(1).integers(100))
    True
    >>> int(generator(1, 0).integers(10**9)) == int(generator(1, 1).integers(10**9))
    False
    """
    if isinstance(seed, np.random.Generator):
        return seed
    try:
        return np.random.default_rng([seed, *part] if part else seed)
    except (TypeError, ValueError):
        raise ValueError(
            f"The seed must be a whole number of 0 or more (or a numpy Generator), not {seed!r:.60}."
        ) from None


def monte_carlo_p(at_least_as_extreme: int, permutations: int) -> float:
    """Give the permutation p-value (k + 1) / (R + 1), which counts the data as one of the arrangements.

    Parameters
    ----------
    at_least_as_extreme : int
        k, how many of the drawn arrangements are at least as extreme as the data.
    permutations : int
        R, how many were drawn; at least 1.

    Notes
    -----
    Phipson & Smyth 2010, Statistical Applications in Genetics and Molecular Biology 9(1):39: k / R can be 0 and
    makes the test too liberal.

    Examples
    --------
    >>> monte_carlo_p(0, 999)
    0.001
    """
    if permutations < 1:
        raise ValueError("A permutation test needs at least 1 permutation.")
    if not 0 <= at_least_as_extreme <= permutations:
        raise ValueError(f"{at_least_as_extreme} of {permutations} permutations cannot be as extreme as the data.")
    return (at_least_as_extreme + 1) / (permutations + 1)
