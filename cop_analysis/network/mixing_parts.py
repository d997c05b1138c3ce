"""The E-I index of each group and of each person, against chance; that of the whole network is in `mixing`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.network.adjacency import adjacency_of
from cop_analysis.network.arrangements import arrangements, whole_permutations
from cop_analysis.network.hypergeometric import chances_of_marked
from cop_analysis.network.labelled import GroupLike, LabelledTies, labelled_ties
from cop_analysis.resampling import monte_carlo_p

if TYPE_CHECKING:
    import networkx as nx


def group_mixing(
    graph: nx.Graph,
    attribute: GroupLike = "organisation",
    permutations: int = 4999,
    seed: int | np.random.Generator = 0,
) -> pd.DataFrame:
    """Answer which groups keep to themselves, and which reach out, more than chance would have it.

    Parameters
    ----------
    graph : networkx graph
        As for `ei_index`: parallel ties each count, self loops do not. For directed ties, those a group's members send.
    attribute : str or mapping
    permutations : int
    seed : int or numpy.random.Generator

    Returns
    -------
    pandas.DataFrame
        One row a group: ``group, people, within, across, cross_share, ei, expected, sd, p_value, permutations``.
        Expected and sd are of the arrangements in which the group has a tie at all; the p-value is two-sided. NaN for
        a group without ties.

    Raises
    ------
    ValueError
        If a node has no label.

    Notes
    -----
    Krackhardt & Stern 1988, Social Psychology Quarterly 51:123-140, at the level of groups: labels are dealt out to the
    people at random, ties staying as they are. Many groups are many tests; p-values are not corrected.

    Examples
    --------
    >>> import networkx as nx
    >>> line = nx.path_graph(4)
    >>> nx.set_node_attributes(line, {0: "a", 1: "a", 2: "b", 3: "b"}, "organisation")
    >>> group_mixing(line, permutations=99)["ei"].round(3).tolist()
    [-0.333, -0.333]
    """
    permutations = whole_permutations(permutations)
    ties = labelled_ties(graph, attribute)
    count = len(ties.groups)
    within, across = (totals[0] for totals in _group_totals(ties, ties.group_of[:, None], count))
    with np.errstate(invalid="ignore"):
        seen = (across - within) / (across + within)
    drawn = []
    if len(ties.tails):
        for batch in arrangements(ties.group_of.astype(np.int32), permutations, seed, at_once=64):
            inside, outside = _group_totals(ties, batch, count)
            with np.errstate(invalid="ignore"):
                drawn.append((outside - inside) / (outside + inside))
    everything = np.vstack(drawn) if drawn else np.full((permutations, count), np.nan)
    rows = []
    for number, name in enumerate(ties.groups):
        values, value = everything[:, number], float(seen[number])
        there = values[~np.isnan(values)]
        mean = (there.sum() + value) / (len(there) + 1)
        # An arrangement that leaves the group without a tie says nothing of where its ties go.
        extreme = int(np.count_nonzero(np.abs(there - mean) >= abs(value - mean) - 1e-12))
        known = bool(len(there)) and not np.isnan(value)
        rows.append(
            {
                "group": name,
                "people": int(ties.group_sizes[number]),
                "within": int(within[number]),
                "across": int(across[number]),
                "cross_share": (value + 1) / 2,
                "ei": value,
                "expected": float(there.mean()) if known else float("nan"),
                "sd": float(there.std()) if known else float("nan"),
                "p_value": monte_carlo_p(extreme, len(there)) if known else float("nan"),
                "permutations": permutations,
            }
        )
    return pd.DataFrame(rows, columns=_GROUP_COLUMNS)


_GROUP_COLUMNS = [
    "group",
    "people",
    "within",
    "across",
    "cross_share",
    "ei",
    "expected",
    "sd",
    "p_value",
    "permutations",
]


def person_mixing(graph: nx.Graph, attribute: GroupLike = "organisation") -> pd.DataFrame:
    """Answer who keeps to their own group and who reaches out, more than chance would have it.

    Parameters
    ----------
    graph : networkx graph
        Contacts are people with a tie in either direction, each counting once; self loops do not count.
    attribute : str or mapping

    Returns
    -------
    pandas.DataFrame
        One row a node: ``node, group, contacts, within, across, ei, expected, p_value``. The p-value is exact and
        two-sided; NaN for somebody without contacts.

    Raises
    ------
    ValueError
        If a node has no label.

    Notes
    -----
    Chance deals the other people's labels out at random, so that the contacts across follow a hypergeometric
    distribution; two-sided by summing all outcomes no likelier than the one seen. Many people are many tests, and
    contacts of two people overlap; p-values are not corrected.

    Examples
    --------
    >>> import networkx as nx
    >>> star = nx.star_graph(4)
    >>> nx.set_node_attributes(star, {0: "a", 1: "a", 2: "b", 3: "b", 4: "b"}, "organisation")
    >>> person_mixing(star)[["ei", "expected"]].iloc[0].tolist()
    [0.5, 0.5]
    """
    read = adjacency_of(graph)
    labels = labelled_ties(graph, attribute)
    group, sizes = labels.group_of, labels.group_sizes
    either = read.either_way.tocoo()
    crosses = group[either.row] != group[either.col]
    across = np.bincount(either.row[crosses], minlength=read.size)
    contacts = np.bincount(either.row, minlength=read.size)
    others, outside = read.size - 1, read.size - sizes[group]
    p_values = np.full(read.size, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        ei = (2 * across - contacts) / contacts
        expected = np.where(contacts > 0, 2 * outside / max(others, 1) - 1, np.nan)
    for person in np.flatnonzero(contacts):
        chances = chances_of_marked(others, int(outside[person]), int(contacts[person]))
        seen = chances[across[person]]
        p_values[person] = min(1.0, float(chances[chances <= seen * (1 + 1e-7)].sum()))
    return pd.DataFrame(
        {
            "node": pd.Series(read.people, dtype=object),
            "group": pd.Series([labels.groups[number] for number in group], dtype=object),
            "contacts": contacts,
            "within": contacts - across,
            "across": across,
            "ei": ei,
            "expected": expected,
            "p_value": p_values,
        }
    )


def _group_totals(ties: LabelledTies, batch: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Count, for each arrangement and group, ties within and across; an undirected tie at both of its ends."""
    drawn = batch.shape[1]
    columns = np.arange(drawn, dtype=np.int64) * count
    within, across = np.zeros(drawn * count), np.zeros(drawn * count)
    crosses = (batch[ties.tails] != batch[ties.heads]).reshape(-1)
    for ends in (ties.tails,) if ties.is_directed else (ties.tails, ties.heads):
        places = (batch[ends].astype(np.int64) + columns).reshape(-1)
        across += np.bincount(places[crosses], minlength=drawn * count)
        within += np.bincount(places[~crosses], minlength=drawn * count)
    return within.reshape(drawn, count), across.reshape(drawn, count)
