"""The chance of sharing so many sessions given how much each attends and how large each was: worked out, not drawn.

It is the hypergeometric null with sessions that are not alike; where they are, the two are the same.
"""

from __future__ import annotations

import numpy as np

MOST_ATTENDED, MOST_EVENTS = 120, 200
"""Above these the sums no longer fit: nothing is worked out, and that is said."""

_ROUNDS, _NEAR = 500, 1e-10


def chances_of_sharing(attended: np.ndarray, sizes: np.ndarray) -> np.ndarray | None:
    """Give the chance that two people share at least s events, for each pair of numbers of events attended.

    Parameters
    ----------
    attended : numpy.ndarray of int
        Events of each person.
    sizes : numpy.ndarray of int
        People of each event; sums to the same as `attended`.

    Returns
    -------
    numpy.ndarray or None
        ``[k, l, s]``: at least s events shared by people who attended k and l; None above 120 events attended or 200
        events in all, or where sizes are so far apart that the sums leave the range of numbers.

    Notes
    -----
    Each person attends exactly as many events as they did, each set of that size with a chance proportional to the
    product of its events' weights (conditional Bernoulli sampling, Chen, Dempster & Liu 1994, Biometrika 81:457-469).
    The weights are those with which every event has as many people as it had, on average. The overlap of two such sets
    comes from the product over events of 1 + w a + w b + w^2 a b t, read at a^k b^l t^s. Compared with the fixed-degree
    null, sizes of events hold on average and not in every draw.

    Examples
    --------
    >>> # Two of three events each, all alike: both the same with chance 1 in 3.
    >>> table = chances_of_sharing(np.array([2, 2, 2]), np.array([2, 2, 2]))
    >>> table[2, 2].round(4).tolist()
    [1.0, 1.0, 0.3333]
    """
    people = len(attended)
    everyone = int(np.count_nonzero(sizes == people))
    sizes = sizes[(sizes < people) & (sizes > 0)].astype(float)
    attended = attended - everyone
    most, events = int(attended.max(initial=0)), len(sizes)
    if most + everyone > MOST_ATTENDED or events > MOST_EVENTS:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        weights = _weights(attended, sizes)
        shared = np.zeros((most + 1, most + 1, most + 1))
        shared[0, 0, 0] = 1.0
        for weight in weights:
            shared = _with_event(shared, weight)
    if not np.isfinite(shared).all():
        return None
    totals = shared.sum(axis=2, keepdims=True)
    at_least = np.cumsum((shared / np.where(totals > 0, totals, 1.0))[:, :, ::-1], axis=2)[:, :, ::-1]
    # Events that everybody attended are shared by every pair.
    size = most + everyone + 1
    table = np.ones((size, size, size))
    table[:, :, everyone + 1 :] = 0.0
    table[everyone:, everyone:, everyone:] = np.clip(at_least, 0.0, 1.0)
    return table


def _with_event(shared: np.ndarray, weight: float) -> np.ndarray:
    new = shared.copy()
    new[1:] += weight * shared[:-1]
    new[:, 1:] += weight * shared[:, :-1]
    new[1:, 1:, 1:] += weight**2 * shared[:-1, :-1, :-1]
    return new


def _weights(attended: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Find the weights with which each event has its size on average."""
    kinds, counts = np.unique(attended, return_counts=True)
    people, events = len(attended), len(sizes)
    if not events:
        return np.zeros(0)
    weights = sizes / (people - sizes)
    for _ in range(_ROUNDS):
        expected = counts @ _chances_to_attend(weights, kinds)
        if np.max(np.abs(expected - sizes)) < _NEAR * people:
            break
        with np.errstate(divide="ignore", invalid="ignore"):
            step = sizes / (people - sizes) * (people - expected) / expected
        weights = weights * np.where(np.isfinite(step) & (step > 0), step, 1.0)
        weights = weights / np.exp(np.log(weights).mean())
    return weights


def _chances_to_attend(weights: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """Give, for a person of k events, the chance to attend each: a row a kind of person, a column an event."""
    events, most = len(weights), int(kinds.max())
    # Elementary symmetric sums of all weights, and of all but each one.
    without = np.zeros((events, most + 1))
    without[:, 0] = 1.0
    whole = np.zeros(most + 1)
    whole[0] = 1.0
    for place, weight in enumerate(weights):
        others = np.arange(events) != place
        without[others, 1:] += weight * without[others, :-1]
        whole[1:] += weight * whole[:-1]
    found = np.zeros((len(kinds), events))
    for row, kind in enumerate(kinds.tolist()):
        if kind:
            found[row] = weights * without[:, kind - 1] / whole[kind]
    return found
