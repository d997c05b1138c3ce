"""Choosing the highest of values worked out in floating point, so that the choice is the same on every machine."""

from __future__ import annotations

from typing import Any

import numpy as np

ALIKE = 1e-9
"""Values this close, beside 1 or the larger of them, are alike: rounding parts less, and what a person can see more."""


def highest(values: Any) -> np.ndarray:
    """Answer which values are the highest, those that only rounding parts from it among them.

    Of values that are equal by the mathematics the last bit differs with the processor and with the order of a sum, so
    that ``argmax`` picks now one and now another. The first of these places is the same everywhere.

    Parameters
    ----------
    values : array-like of float
        NaN is never the highest.

    Returns
    -------
    numpy.ndarray of int
        Places in the flattened values, in order; empty where there is no number.

    Examples
    --------
    >>> highest([0.3, 0.1 + 0.2, 0.1]).tolist()
    [0, 1]
    >>> highest([float("nan")]).tolist()
    []
    """
    flat = np.asarray(values, dtype=float).reshape(-1)
    known = flat[~np.isnan(flat)]
    if not known.size:
        return np.zeros(0, dtype=np.int64)
    top = float(known.max())
    places: np.ndarray = np.flatnonzero((flat == top) | (flat >= top - ALIKE * max(1.0, abs(top))))
    return places


def others_alike(places: np.ndarray) -> str:
    """Say beside the first of the highest how many are as high.

    Examples
    --------
    >>> others_alike(highest([1, 1, 1])), others_alike(highest([1, 2]))
    (' and 2 others alike', '')
    """
    more = len(places) - 1
    return "" if more < 1 else f" and {more} {'other' if more == 1 else 'others'} alike"
