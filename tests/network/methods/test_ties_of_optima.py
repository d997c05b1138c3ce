"""Where several answers are equally good, the same one is given on every machine: the rule decides, not the last bit.

The last bits are moved by hand: ties of 1, of 0.1, of 1/3 and of 7 describe one network, and rounding differs in each.
"""

import networkx as nx
import numpy as np
import pytest

from cop_analysis.extremes import highest
from cop_analysis.network import brokerage, core_periphery, partition_fit
from cop_analysis.network.methods.cores import best_core

TWO_CLIQUES = nx.disjoint_union(nx.complete_graph(6), nx.complete_graph(6))
RINGED = nx.compose(nx.cycle_graph(24), nx.circulant_graph(24, [5]))
SYMMETRIC = {
    "ring of 9": nx.cycle_graph(9), "ring of 30": nx.cycle_graph(30), "3 beside 5": nx.complete_bipartite_graph(3, 5),
    "12 beside 12": nx.complete_bipartite_graph(12, 12), "two cliques": TWO_CLIQUES, "ring with chords": RINGED,
    "wheel": nx.wheel_graph(25), "two stars": nx.disjoint_union(nx.star_graph(11), nx.star_graph(11)),
}  # fmt: skip
WEIGHTS = (1.0, 0.1, 1 / 3, 7.0, 1e-3 * np.pi)


def weighted(graph: nx.Graph, weight: float) -> nx.Graph:
    made = graph.copy()
    nx.set_edge_attributes(made, weight, "weight")
    return made


@pytest.mark.slow
@pytest.mark.parametrize("name", SYMMETRIC)
def test_the_core_is_the_same_however_the_last_bits_fall(name):
    # Among equal fits the smallest core is right; which of the equal people are in it is for the rule to say.
    found = [
        core_periphery(weighted(SYMMETRIC[name], weight), weight="weight", permutations=0, seed=3) for weight in WEIGHTS
    ]
    assert len({one.core for one in found}) == 1
    assert np.ptp([one.fit for one in found]) < 1e-9


@pytest.mark.slow
@pytest.mark.parametrize("name", SYMMETRIC)
def test_ignoring_what_lies_between_is_the_same_too(name):
    matrices = [nx.to_scipy_sparse_array(weighted(SYMMETRIC[name], weight), format="csr") for weight in WEIGHTS]
    cores = [
        best_core(matrix, "ignored", exact=matrix.shape[0] <= 12, rng=np.random.default_rng(3))[1].tolist()
        for matrix in matrices
    ]
    assert all(core == cores[0] for core in cores)


@pytest.mark.slow
@pytest.mark.parametrize("name", SYMMETRIC)
def test_the_best_grouping_is_the_same_however_the_last_bits_fall(name):
    found = []
    for weight in WEIGHTS:
        graph = weighted(SYMMETRIC[name], weight)
        nx.set_node_attributes(graph, {n: n % 3 for n in graph}, "organisation")
        found.append(partition_fit(graph, weight="weight", permutations=20, seed=3))
    for value in ("modularity", "best_modularity", "agreement", "best_count", "p_value"):
        assert np.ptp([getattr(one, value) for one in found]) < 1e-9, value


def test_the_highest_is_not_chosen_by_the_last_bit():
    assert highest([0.3, 0.1 + 0.2]).tolist() == [0, 1]
    assert highest([3e9, 3e9 * (1 + 1e-15), 0]).tolist() == [0, 1]
    assert highest([1.0, 1.0 + 1e-6]).tolist() == [1]
    assert highest([np.nan, -np.inf, -np.inf]).tolist() == [1, 2]
    assert highest([]).tolist() == []


def test_who_is_level_with_the_first_is_said():
    ring = nx.cycle_graph(6, create_using=nx.DiGraph)
    nx.set_node_attributes(ring, {n: n % 2 for n in ring}, "organisation")
    assert "; 0 and 5 others alike most often (1 times)" in brokerage(ring).sentence
