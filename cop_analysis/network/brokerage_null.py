"""How much brokerage a random network of the same people, groups and density would hold: exact mean and variance.

Every tie is there with the same probability d, independent of every other (Gould & Fernandez 1989). An open path
i-j-k is there with d^2 (1 - d), and two of them depend on each other only through the ties they have in common, so
the variance is a matter of counting pairs of paths by what they share. The variances in use since 1989 (R's sna) leave
some of those pairs out; both are given.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

ROLES = ("coordinator", "itinerant", "representative", "gatekeeper", "liaison")
"""In the order of Gould & Fernandez: from, through and to groups AAA, ABA, AAB, ABB, ABC."""
_BOUNDARY = ("representative", "gatekeeper")


def z_scores(counts: np.ndarray, expected: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """Give (count - expected) / sd, NaN where the count cannot vary.

    Examples
    --------
    >>> z_scores(np.array([3.0, 1.0]), np.array([1.0, 1.0]), np.array([2.0, 0.0])).tolist()
    [1.0, nan]
    """
    expected, sd = np.asarray(expected, dtype=float), np.asarray(sd, dtype=float)
    scores = np.full(len(counts), np.nan)
    varies = sd > 1e-9
    scores[varies] = (counts[varies] - expected[varies]) / sd[varies]
    return scores


def node_moments(group: np.ndarray, sizes: np.ndarray, density: float, directed: bool) -> pd.DataFrame:
    """Give, for each node, mean and standard deviation of each role's count and of the total.

    Parameters
    ----------
    group : numpy.ndarray of int
        Of each node.
    sizes : numpy.ndarray of int
        People in each group.
    density : float
    directed : bool

    Returns
    -------
    pandas.DataFrame
        ``expected_<role>`` and ``sd_<role>``, a row a node.

    Examples
    --------
    >>> float(node_moments(np.array([0, 0, 0]), np.array([3]), 0.5, True)["expected_coordinator"][0])
    0.25
    """
    own, everybody = sizes[group].astype(float), float(len(group))
    outside = everybody - own
    size = sizes.astype(float)
    others = np.sum(size) - size
    # Of each group seen from another: choices for the third person so that three groups are involved, and pairs of
    # such.
    pairs_elsewhere = np.sum(size * (size - 1)) - size * (size - 1)
    triples_elsewhere = np.sum(size * (size - 1) * (size - 2)) - size * (size - 1) * (size - 2)
    squares_elsewhere, cubes_elsewhere = np.sum(size**2) - size**2, np.sum(size**3) - size**3
    three_groups = others**2 - squares_elsewhere
    three_groups_shared = others**3 - 2 * others * squares_elsewhere + cubes_elsewhere - three_groups
    boundary = (own - 1) * outside
    # For each role: ordered pairs (i, k) around the node, and ordered pairs of those with i or with k in common.
    shapes = {
        "coordinator": ((own - 1) * (own - 2), 2 * (own - 1) * (own - 2) * (own - 3)),
        "itinerant": (pairs_elsewhere[group], 2 * triples_elsewhere[group]),
        "representative": (boundary, boundary * (own - 2 + outside - 1)),
        "gatekeeper": (boundary, boundary * (own - 2 + outside - 1)),
        "liaison": (three_groups[group], 2 * three_groups_shared[group]),
        "total": ((everybody - 1) * (everybody - 2) + 0 * own,
                  2 * (everybody - 1) * (everybody - 2) * (everybody - 3) + 0 * own),
    }  # fmt: skip
    chance, shared = density**2 * (1 - density), density**3 * (1 - density) ** 3
    columns = {}
    for role, (pairs, sharing) in shapes.items():
        variance = pairs * chance * (1 - chance) + sharing * shared
        # An undirected path inside one role is read from both of its ends: half as many paths, each counting twice.
        doubled = 1.0 if directed or role in _BOUNDARY else 2.0
        columns[f"expected_{role}"] = pairs * chance
        columns[f"sd_{role}"] = np.sqrt(np.maximum(doubled * variance, 0.0))
    return pd.DataFrame(columns)


def network_moments(sizes: np.ndarray, density: float, directed: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give mean and standard deviation of each role's count over the whole network, and of the total.

    Parameters
    ----------
    sizes : numpy.ndarray of int
        People in each group.
    density : float
    directed : bool

    Returns
    -------
    tuple of numpy.ndarray
        Six means, six standard deviations as published, six exact ones: `ROLES`, then the total. For undirected
        networks there is no published form, and both are exact.

    Notes
    -----
    The published variances (Gould & Fernandez 1989, as computed by R's sna) take two paths over the same three people
    to be uncorrelated in coordinators and in the total, and, in representatives and gatekeepers, any two of which one
    would close the other. Both are negatively correlated (they exclude each other), so the published standard
    deviations are a little too large, and z a little too small, for these roles.

    Examples
    --------
    >>> expected, published, exact = network_moments(np.array([3]), 0.5, True)
    >>> float(expected[0]), round(float(published[0]), 4), round(float(exact[0]), 4)
    (0.75, 0.9186, 0.8101)
    """
    size = sizes.astype(float)
    everybody = size.sum()
    # Pairs of groups of the same sizes count alike, so that thousands of groups cost no more than a few sizes.
    kinds, times_there = np.unique(size, return_counts=True)
    other_groups = (times_there[:, None] * times_there[None] - np.diag(times_there)).ravel()
    from_size = np.concatenate([np.repeat(kinds, len(kinds)), kinds])
    to_size = np.concatenate([np.tile(kinds, len(kinds)), kinds])
    alike = np.repeat([False, True], [len(kinds) ** 2, len(kinds)])
    ties = np.concatenate([other_groups, times_there]) * from_size * np.where(alike, from_size - 1, to_size)
    chance = density**2 * (1 - density)
    both_legs, both_closing = density**3 * (1 - density) ** 3, density**5 * (1 - density)
    rows = []
    for role in (*ROLES, "total"):
        leg, closing = _thirds(role, from_size, to_size, everybody, alike)
        paths = float(np.sum(ties * closing))
        # Other orders of the same three people that are of the same role and exclude this one.
        excluded = {"itinerant": 0, "representative": 1, "gatekeeper": 1}.get(role, 2)
        boundary = role in _BOUNDARY
        if directed:
            alone = (
                paths * chance * (1 - chance)
                + (np.sum(ties * leg**2) - 2 * paths) * both_legs
                + (np.sum(ties * closing**2) - paths) * both_closing
            )
            mixed = float(2 * np.sum(ties * leg * closing))
            exact = alone - (mixed - excluded * paths) * chance**2
            as_published = (
                0.0 if boundary else mixed - (2 if role in ("coordinator", "total") else 1) * excluded * paths
            )
            published = alone - as_published * chance**2
        else:
            # An undirected path inside one role is read from both of its ends: half as many, each counting twice.
            times = 1.0 if boundary else 2.0
            if boundary:
                turned = _thirds(role, to_size, from_size, everybody, alike)
                leg, closing = leg + turned[0], closing + turned[1]
            unordered = paths / times
            exact = published = times**2 * (
                unordered * chance * (1 - chance)
                + (np.sum(ties * leg**2) / 2 - (2 + excluded) * unordered) * both_legs
                + (np.sum(ties * closing**2) / 2 - unordered) * both_closing
                - (np.sum(ties * leg * closing) - excluded * unordered) * chance**2
            )
        rows.append((paths * chance, np.sqrt(max(0.0, float(published))), np.sqrt(max(0.0, float(exact)))))
    expected, published_sd, exact_sd = np.array(rows).T
    return expected, published_sd, exact_sd


def _thirds(
    role: str, from_size: np.ndarray, to_size: np.ndarray, everybody: float, alike: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """For a pair of groups, count the third people that make a tie between them a leg of a role, or what closes it."""
    nothing = np.zeros_like(alike, dtype=float)
    in_same, elsewhere = np.where(alike, from_size - 2, 0.0), np.where(alike, everybody - from_size, 0.0)
    in_from, in_to = np.where(alike, 0.0, from_size - 1), np.where(alike, 0.0, to_size - 1)
    in_neither = np.where(alike, 0.0, everybody - from_size - to_size)
    match role:
        case "coordinator":
            first, second, closing = in_same, in_same, in_same
        case "itinerant":
            first, second, closing = in_from, in_to, elsewhere
        case "representative":
            first, second, closing = elsewhere, in_from, in_from
        case "gatekeeper":
            first, second, closing = in_to, elsewhere, in_to
        case "liaison":
            first, second, closing = in_neither, in_neither, in_neither
        case _:
            first = second = closing = nothing + everybody - 2
    return first + second, closing
