"""Inner loops in plain Python that numba may compile, and whether it is to; each has a numpy twin elsewhere.

Nothing but `kernel` is called from outside: it hands out the compiled form of a loop, the same in what it gives as its
twin, where the optional extra ``[fast]`` is installed. The loops keep to what numba understands, so they are plainer
and longer than the rest of the package. numba is imported only for paths and structural holes of large networks, or
when there is enough work for a compiled loop to repay the import and its compilation (about a second each, once in a
process; the compiled form is kept beside the source or in the cache of numba).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

WORTH_IMPORTING = 1_000_000_000
"""Elementary steps (about 5 seconds of numpy) from which numba is imported."""
WORTH_COMPILING = 300_000
"""The same where numba has been imported already, or for paths and structural holes in a large network."""
LARGE = 1_000
"""People from which such a measure alone is reason to import it."""

_switched_off = False


def fast_is_installed() -> bool:
    """Tell whether numba can be imported, without importing it.

    Examples
    --------
    >>> fast_is_installed() in (True, False)
    True
    """
    from importlib.util import find_spec

    return find_spec("numba") is not None


def kernel(name: str, steps: float, people: int = 0) -> Callable[..., None] | None:
    """Give the compiled form of a loop, or None where its numpy twin is to be used.

    Parameters
    ----------
    name : str
        Of its function below.
    steps : float
        About how many elementary steps it is wanted for.
    people : int
        In the network, for a measure that numpy is several times slower at and that is asked for again and again.

    Examples
    --------
    >>> kernel("count_crossing", 10) is None
    True
    """
    soon = "numba" in sys.modules or people >= LARGE
    if _switched_off or steps < (WORTH_COMPILING if soon else WORTH_IMPORTING):
        return None
    if not fast_is_installed():
        return None
    return _compiled(name)


@cache
def _compiled(name: str) -> Callable[..., None]:
    import numba

    source: Any = globals()[name]
    try:
        compiled: Callable[..., None] = numba.njit(source, cache=True, nogil=True)
    except RuntimeError:  # no folder that numba may keep its cache in
        compiled = numba.njit(source, nogil=True)
    return compiled


_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST_MIX = np.uint64(0xBF58476D1CE4E5B9)
_SECOND_MIX = np.uint64(0x94D049BB133111EB)


def shuffle_columns(values: np.ndarray, key: np.uint64, first: int, out: np.ndarray) -> None:
    """Fill each column of `out` with `values` in random order, column r the arrangement number first + r."""
    size, columns = len(values), out.shape[1]
    # Sixteen arrangements are shuffled where they lie in one piece and then turned into columns together: writing
    # each into its column by itself would touch a line of the cache for every cell.
    together = np.empty((16, size), values.dtype)
    for start in range(0, columns, 16):
        some = min(16, columns - start)
        for place in range(some):
            work = together[place]
            work[:] = values
            base = key + np.uint64(first + start + place) * np.uint64(size) * _STEP
            for last in range(size - 1, 0, -1):
                state = base + np.uint64(last) * _STEP
                state = (state ^ (state >> np.uint64(30))) * _FIRST_MIX
                state = (state ^ (state >> np.uint64(27))) * _SECOND_MIX
                state = state ^ (state >> np.uint64(31))
                other = np.int64(np.float64(state >> np.uint64(11)) * (2.0**-53 * (last + 1)))
                held = work[last]
                work[last] = work[other]
                work[other] = held
        for row in range(size):
            for place in range(some):
                out[row, start + place] = together[place, row]


def count_crossing(tails: np.ndarray, heads: np.ndarray, labels: np.ndarray, totals: np.ndarray) -> None:
    """Add to `totals`, for each column of `labels`, the ties whose ends have different labels."""
    columns = labels.shape[1]
    some = np.zeros(columns, np.uint8)
    since = 0
    for tie in range(len(tails)):
        tail, head = tails[tie], heads[tie]
        for column in range(columns):
            some[column] += np.uint8(labels[tail, column] != labels[head, column])
        since += 1
        if since == 255:
            for column in range(columns):
                totals[column] += some[column]
                some[column] = 0
            since = 0
    for column in range(columns):
        totals[column] += some[column]


def betweenness(
    offsets: np.ndarray,
    targets: np.ndarray,
    score: np.ndarray,
    reached: np.ndarray,
    total: np.ndarray,
    inverse: np.ndarray,
) -> None:
    """Add up dependencies of every source (Brandes 2001), and to and from how many nodes at which distances."""
    size = len(offsets) - 1
    order = np.empty(size, np.int64)
    distance = np.full(size, -1, np.int64)
    paths = np.zeros(size)
    dependency = np.zeros(size)
    for source in range(size):
        order[0] = source
        distance[source] = 0
        paths[source] = 1.0
        found, place = 1, 0
        while place < found:
            node = order[place]
            place += 1
            further = distance[node] + 1
            for position in range(offsets[node], offsets[node + 1]):
                other = targets[position]
                if distance[other] < 0:
                    distance[other] = further
                    order[found] = other
                    found += 1
                if distance[other] == further:
                    paths[other] += paths[node]
        for place in range(found - 1, 0, -1):
            node = order[place]
            here = distance[node]
            # Its share of what lies behind it has been collected by the nodes one step farther out.
            gathered = 0.0
            for position in range(offsets[node], offsets[node + 1]):
                other = targets[position]
                if distance[other] == here + 1:
                    gathered += (1.0 + dependency[other]) / paths[other]
            dependency[node] = gathered * paths[node]
            score[node] += dependency[node]
            reached[0, source] += 1
            total[0, source] += here
            inverse[0, source] += 1.0 / here
            reached[1, node] += 1
            total[1, node] += here
            inverse[1, node] += 1.0 / here
        for place in range(found):
            node = order[place]
            distance[node] = -1
            paths[node] = 0.0
            dependency[node] = 0.0


def structural_holes(
    offsets: np.ndarray,
    targets: np.ndarray,
    shares: np.ndarray,
    strengths: np.ndarray,
    by_tie: np.ndarray,
    repeated: np.ndarray,
) -> None:
    """Fill, from the shares p_ij each invests and marginal strengths m_ij, Burt's c_ij and redundancy.

    `by_tie` gets a number a contact, `repeated` for each person the sum over contacts j and q of p_iq m_jq.
    """
    size = len(offsets) - 1
    invested = np.zeros(size)
    through = np.zeros(size)
    for ego in range(size):
        for position in range(offsets[ego], offsets[ego + 1]):
            invested[targets[position]] = shares[position]
            through[targets[position]] = 0.0
        total = 0.0
        for position in range(offsets[ego], offsets[ego + 1]):
            alter, share = targets[position], shares[position]
            for further in range(offsets[alter], offsets[alter + 1]):
                other = targets[further]
                # Only who is a contact as well counts, which few are.
                if invested[other] > 0.0:
                    through[other] += share * shares[further]
                    total += invested[other] * strengths[further]
        repeated[ego] = total
        for position in range(offsets[ego], offsets[ego + 1]):
            alter = targets[position]
            by_tie[position] = (shares[position] + through[alter]) ** 2
            invested[alter] = 0.0


def matched_totals(
    tails: np.ndarray, heads: np.ndarray, values: np.ndarray, arrangements: np.ndarray, other: np.ndarray,
    totals: np.ndarray,
) -> None:  # fmt: skip
    """Add to `totals`, for each column of `arrangements`, the sum of values x other under that arrangement."""
    for column in range(arrangements.shape[1]):
        place = arrangements[:, column].copy()
        sum_of = totals[column]
        for tie in range(len(tails)):
            sum_of += values[tie] * other[place[tails[tie]], place[heads[tie]]]
        totals[column] = sum_of


def count_roles(
    offsets: np.ndarray, targets: np.ndarray, group: np.ndarray, role_of: np.ndarray, counts: np.ndarray
) -> None:
    """Add to `counts`, a row a broker and a column a role, the two-step paths that no direct tie closes."""
    size = len(offsets) - 1
    tied_by = np.full(size, -1, np.int64)
    for first in range(size):
        tied_by[first] = first
        for position in range(offsets[first], offsets[first + 1]):
            tied_by[targets[position]] = first
        for position in range(offsets[first], offsets[first + 1]):
            broker = targets[position]
            same = 4 * (group[first] == group[broker])
            for further in range(offsets[broker], offsets[broker + 1]):
                last = targets[further]
                if tied_by[last] != first:
                    alike = same + 2 * (group[broker] == group[last]) + (group[first] == group[last])
                    counts[broker, role_of[alike]] += 1
