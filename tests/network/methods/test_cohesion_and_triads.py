import itertools
import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networkx.algorithms.triads import TRICODES

from cop_analysis.network import cohesion, triad_census
from cop_analysis.network.methods.whole import TRIADS


@st.composite
def any_graph(draw, most=7):
    size = draw(st.integers(0, most))
    graph = draw(st.sampled_from([nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph]))()
    graph.add_nodes_from(range(size))
    if size:
        node = st.integers(0, size - 1)
        graph.add_edges_from(draw(st.lists(st.tuples(node, node), max_size=20)))
    return graph


def test_published_densities(florentine, knoke, hightech):
    assert cohesion(florentine("marriage")).density == pytest.approx(1 / 6)  # .1667
    assert cohesion(florentine("business")).density == 0.125
    assert cohesion(knoke("information")).density == pytest.approx(0.5444, abs=5e-5)
    assert cohesion(knoke("money")).density == pytest.approx(0.2444, abs=5e-5)
    assert [cohesion(hightech(each)).ties for each in ("advice", "friendship", "reports_to")] == [190, 102, 20]
    assert cohesion(florentine("marriage")).isolates == 1  # Pucci


def test_published_triad_census(hightech):
    # R's sna: Krackhardt's advice.
    assert triad_census(hightech("advice"))["count"].tolist() == [
        74, 153, 90, 160, 86, 49, 59, 101, 190, 2, 72, 62, 78, 17, 107, 30,
    ]  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(any_graph())
def test_measures_agree_with_networkx_and_with_counting(graph):
    plain = (nx.DiGraph if graph.is_directed() else nx.Graph)(graph)
    plain.remove_edges_from(list(nx.selfloop_edges(plain)))
    found = cohesion(graph)
    assert (found.people, found.ties) == (len(plain), plain.number_of_edges())
    assert found.ties + found.self_loops + found.parallel_ties == graph.number_of_edges()
    if len(plain) > 1:
        assert found.density == pytest.approx(nx.density(plain))
    parts = list(nx.connected_components(plain.to_undirected()))
    assert (found.components, found.isolates) == (len(parts), nx.number_of_isolates(plain))
    assert found.largest_component == max(map(len, parts), default=0)
    if not plain.is_directed():
        assert math.isnan(found.reciprocity)
        if any(degree > 1 for _, degree in plain.degree):
            assert found.transitivity == pytest.approx(nx.transitivity(plain))
    elif found.ties:
        assert found.reciprocity == pytest.approx(nx.overall_reciprocity(plain))
    steps = [(i, j, k) for i, j, k in itertools.permutations(plain, 3) if plain.has_edge(i, j) and plain.has_edge(j, k)]
    closed = sum(plain.has_edge(i, k) for i, _, k in steps)
    assert found.transitivity == pytest.approx(closed / len(steps) if steps else math.nan, nan_ok=True)
    assert found.mutual + found.asymmetric + found.null == len(plain) * (len(plain) - 1) // 2


def test_centralisation_is_one_for_a_star_and_nought_for_a_ring():
    star, ring = cohesion(nx.star_graph(6)), cohesion(nx.cycle_graph(7))
    assert star.centralisation.tolist() == [1, pytest.approx(1)]
    assert ring.centralisation.tolist() == [0, pytest.approx(0)]
    inwards = cohesion(nx.DiGraph([(n, 0) for n in range(1, 6)]))
    assert inwards.centralisation["in_degree"] == 1
    assert inwards.centralisation["betweenness"] == 0


def test_expected_triads_are_those_of_all_ways_to_deal_out_the_pairs():
    graph = nx.DiGraph([(0, 1), (1, 0), (1, 2), (2, 3)])  # one mutual, two asymmetric, three null pairs
    pairs = list(itertools.combinations(range(4), 2))
    counts = np.zeros(16)
    ways = 0
    for states in set(itertools.permutations([3, 1, 1, 0, 0, 0])):
        for turned in itertools.product((1, 2), repeat=2):
            marks = iter(turned)
            other = nx.DiGraph()
            other.add_nodes_from(range(4))
            for (a, b), state in zip(pairs, states, strict=True):
                state = next(marks) if state == 1 else state
                other.add_edges_from(tie for bit, tie in ((1, (a, b)), (2, (b, a))) if state & bit)
            census = nx.triadic_census(other)
            counts += [census[kind] for kind in TRIADS]
            ways += 1
    census = triad_census(graph, permutations=400, seed=1)
    assert census["expected"].to_numpy() == pytest.approx(counts / ways)
    assert len(TRICODES) == 64


@pytest.mark.slow
def test_nulls_are_seeded_and_cannot_be_extreme_where_nothing_varies(hightech):
    one, other = (cohesion(hightech("friendship"), 99, seed=3).table for _ in range(2))
    assert one.equals(other)
    complete = cohesion(nx.complete_graph(5), 19).table.set_index("measure")
    assert complete.loc["transitivity", ["expected", "sd", "p_value"]].tolist() == [1, 0, 1]
    clustered = cohesion(nx.disjoint_union_all([nx.complete_graph(5)] * 4), 99).table.set_index("measure")
    assert clustered.loc["transitivity", "p_value"] == 0.01
    mutual = cohesion(nx.gnm_random_graph(20, 40, seed=1).to_directed(), 99).table.set_index("measure")
    assert mutual.loc["reciprocity", "p_value"] == 0.01


@pytest.mark.parametrize("graph", [nx.Graph(), nx.DiGraph(), nx.empty_graph(1), nx.empty_graph(2), nx.path_graph(2)])
def test_the_smallest_networks_are_measured_without_a_fault(graph):
    assert cohesion(graph, 9).sentence
    assert triad_census(graph, 9)["count"].sum() == 0
    assert triad_census(graph)["expected"].isna().all()


def test_a_census_of_every_random_network_is_refused_where_it_is_too_large():
    graph = nx.gnm_random_graph(130, 200, seed=1)
    assert triad_census(graph)["count"].sum() == math.comb(130, 3)
    with pytest.raises(ValueError, match="expected values are exact without them"):
        triad_census(graph, permutations=9)


def test_a_table_is_no_graph():
    with pytest.raises(ValueError, match="needs a networkx graph, not a ndarray"):
        cohesion(np.eye(3))
