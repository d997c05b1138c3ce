"""The sixteen kinds of three people and their ties: how often each occurs, and how often by chance."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.network.adjacency import Adjacency, adjacency_of
from cop_analysis.network.answered import asked_part
from cop_analysis.network.arrangements import whole_permutations
from cop_analysis.resampling import generator, monte_carlo_p

if TYPE_CHECKING:
    import networkx as nx

TRIADS = ("003", "012", "102", "021D", "021U", "021C", "111D", "111U", "030T", "030C", "201", "120D", "120U", "120C",
          "210", "300")  # fmt: skip
"""Mutual, asymmetric and null pairs, and for some the way they point: Down, Up, Cycle, Transitive."""
# Of the ways in which the asymmetric pairs of a triad can point, the share that makes it of this kind.
_ORIENTED = {"021D": 1 / 4, "021U": 1 / 4, "021C": 1 / 2, "111D": 1 / 2, "111U": 1 / 2, "030T": 3 / 4, "030C": 1 / 4,
             "120D": 1 / 4, "120U": 1 / 4, "120C": 1 / 2}  # fmt: skip
_TRIPLES_UP_TO = 300_000


def triad_census(graph: nx.Graph, permutations: int = 0, seed: int | np.random.Generator = 0) -> pd.DataFrame:
    """Answer which patterns among three people occur more often than by chance.

    Parameters
    ----------
    graph : networkx graph
        Parallel ties are one tie, self loops none; an undirected tie is a mutual one. People marked as never asked are
        left out.
    permutations : int
        How many random networks with as many mutual, asymmetric and null pairs to draw for a p-value; 0 draws none.
    seed : int or numpy.random.Generator

    Returns
    -------
    pandas.DataFrame
        One row a kind, in the usual order: ``triad, count, expected`` and, with permutations, ``sd, p_value,
        permutations`` (two-sided). Expected values are exact; NaN for fewer than 3 people.

    Raises
    ------
    ValueError
        If permutations are asked for in a network of more than about 120 people (300,000 triples), where each of them
        would be a census of its own.

    Notes
    -----
    Holland & Leinhardt 1976, Sociological Methodology 7:1-45, with their U|MAN null: pairs keep what they are (mutual,
    asymmetric, null) and are dealt out to the people at random, each asymmetric one pointing either way.

    Examples
    --------
    >>> import networkx as nx
    >>> census = triad_census(nx.DiGraph([(1, 2), (2, 3), (1, 3)])).set_index("triad")
    >>> int(census.loc["030T", "count"]), float(census.loc["030T", "expected"])
    (1, 0.75)
    """
    import networkx as nx

    drawn = 0 if permutations == 0 and permutations is not False else whole_permutations(permutations)
    read = adjacency_of(asked_part(graph))
    simple = nx.DiGraph()
    simple.add_nodes_from(range(read.size))
    ties = read.matrix.tocoo()
    simple.add_edges_from(zip(ties.row.tolist(), ties.col.tolist(), strict=True))
    counts = nx.triadic_census(simple) if read.size >= 3 else dict.fromkeys(TRIADS, 0)
    pairs = dyads_of(read)
    table = pd.DataFrame(
        {
            "triad": TRIADS,
            "count": [int(counts[kind]) for kind in TRIADS],
            "expected": [_expected(kind, read.size, pairs) for kind in TRIADS],
        }
    )
    if not drawn:
        return table
    if math.comb(read.size, 3) > _TRIPLES_UP_TO:
        raise ValueError(
            f"{read.size} people have {math.comb(read.size, 3):,} triples, too many to count in every random network. "
            "Leave permutations at 0: expected values are exact without them."
        )
    return _with_p_values(table, read, pairs, drawn, seed)


def dyads_of(read: Adjacency) -> tuple[int, int, int]:
    """Count mutual, asymmetric and null pairs.

    Examples
    --------
    >>> import networkx as nx
    >>> dyads_of(adjacency_of(nx.DiGraph([(1, 2), (2, 1), (1, 3)])))
    (1, 1, 1)
    """
    both = int(read.matrix.multiply(read.matrix.T).count_nonzero()) // 2
    one = int(read.matrix.nnz) - 2 * both
    return both, one, read.size * (read.size - 1) // 2 - both - one


def _expected(kind: str, people: int, pairs: tuple[int, int, int]) -> float:
    if people < 3:
        return float("nan")
    wanted = [int(digit) for digit in kind[:3]]
    ways = math.factorial(3)
    chance = float(_ORIENTED.get(kind, 1.0))
    for number, available in zip(wanted, pairs, strict=True):
        ways //= math.factorial(number)
        chance *= math.perm(available, number)
    return math.comb(people, 3) * ways * chance / math.perm(sum(pairs), 3)


def _with_p_values(
    table: pd.DataFrame, read: Adjacency, pairs: tuple[int, int, int], drawn: int, seed: int | np.random.Generator
) -> pd.DataFrame:
    from networkx.algorithms.triads import TRICODES

    rng = generator(seed)
    size = read.size
    row, column = np.triu_indices(size, 1)
    number_of_pair = np.zeros((size, size), dtype=np.int64)
    number_of_pair[row, column] = np.arange(len(row))
    first, second, third = _triples(size)
    places = (number_of_pair[first, second], number_of_pair[first, third], number_of_pair[second, third])
    # A pair is 0 (null), 1 or 2 (one way or the other) or 3 (mutual); three of them make one of networkx's 64 codes.
    kinds = np.array(TRICODES) - 1
    states = np.repeat(np.array([3, 1, 0], dtype=np.int64), pairs)
    counts = np.empty((drawn, 16))
    for number in range(drawn):
        dealt = rng.permutation(states)
        asymmetric = dealt == 1
        dealt[asymmetric] += rng.integers(0, 2, int(asymmetric.sum()))
        codes = dealt[places[0]] + 4 * dealt[places[1]] + 16 * dealt[places[2]]
        counts[number] = np.bincount(kinds[codes], minlength=16)
    seen, expected = table["count"].to_numpy(), table["expected"].to_numpy()
    far = np.abs(counts - expected) >= np.abs(seen - expected) - 1e-9
    return table.assign(
        sd=counts.std(axis=0),
        p_value=[monte_carlo_p(int(count), drawn) for count in far.sum(axis=0)],
        permutations=drawn,
    )


def _triples(size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    first, second, third = np.meshgrid(*[np.arange(size)] * 3, indexing="ij", sparse=True)
    kept = np.nonzero((first < second) & (second < third))
    return kept[0], kept[1], kept[2]
