import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop_analysis.network import cross_share, ei_index
from cop_analysis.network.methods.mixing import expected_share
from cop_analysis.network.methods.networks import WaveNetwork


@st.composite
def labelled_graphs(draw):
    """Graphs of every kind with at least one tie between two people, up to 8 people in up to 4 groups."""
    people = draw(st.integers(2, 8))
    kind = draw(st.sampled_from([nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph]))
    node = st.integers(0, people - 1)
    ties = draw(st.lists(st.tuples(node, node), min_size=1, max_size=20).filter(lambda t: any(a != b for a, b in t)))
    graph = kind()
    graph.add_nodes_from((n, {"organisation": draw(st.sampled_from("abcd"))}) for n in range(people))
    graph.add_edges_from(ties)
    return graph


@given(labelled_graphs())
@settings(max_examples=60, deadline=None)
def test_one_share_and_one_expected_share_wherever_they_are_asked_for(graph):
    graph.remove_edges_from(
        list(nx.selfloop_edges(graph, keys=True) if graph.is_multigraph() else nx.selfloop_edges(graph))
    )
    index = ei_index(graph, permutations=1)
    assert index.share == cross_share(graph) == WaveNetwork.of("w", "Wave", graph).cross_share
    assert index.expected_share == expected_share(graph)


def test_a_wave_without_a_tie_or_with_one_person_has_no_share():
    alone = nx.Graph()
    alone.add_node("a", organisation="north")
    assert math.isnan(WaveNetwork.of("w", "Wave", alone).cross_share)
    assert math.isnan(expected_share(alone))


def test_high_tech_managers_by_department(hightech):
    # Krackhardt & Stern's index on the 190 advice and 102 friendship ties; .515789 and .254902 from R (sna, igraph).
    advice = ei_index(hightech("advice"), "department", permutations=999, seed=1)
    friendship = ei_index(hightech("friendship"), "department", permutations=999, seed=1)
    assert (advice.ties, friendship.ties) == (190, 102)
    assert advice.estimate == pytest.approx(0.515789, abs=1e-6)
    assert friendship.estimate == pytest.approx(0.254902, abs=1e-6)
    # 5 departments of 1, 5, 8, 3 and 4: P(two people share one) = 94 / 420.
    assert advice.expected == friendship.expected == pytest.approx(2 * (1 - 94 / 420) - 1)
    assert advice.p_value > 0.3
    assert friendship.p_value < 0.01


def test_lazegas_lawyers_asking_for_advice(lazega):
    # R (sna, igraph): -.569507 by office, -.482063 by practice, of 892 ties.
    by_office, by_practice = (ei_index(lazega("advice"), name, 999, 1) for name in ("office", "practice"))
    assert by_office.ties == 892
    assert by_office.estimate == pytest.approx(-0.569507, abs=5e-7)
    assert by_practice.estimate == pytest.approx(-0.482063, abs=5e-7)
    assert by_office.p_value == by_practice.p_value == 0.001


def test_a_group_can_be_given_by_a_mapping_or_a_series(hightech):
    advice = hightech("advice")
    home = nx.get_node_attributes(advice, "department")
    by_name = ei_index(advice, "department", 99, 1)
    turned = pd.Series(home).iloc[::-1]
    for given_as in (home, turned, {**home, "somebody else": "X"}):
        found = ei_index(advice, given_as, 99, 1)
        assert (found.estimate, found.sd, found.p_value) == (by_name.estimate, by_name.sd, by_name.p_value)
    home.popitem()
    with pytest.raises(ValueError, match=r"1 of 21 nodes have no group in the mapping \(the first is 21\)"):
        ei_index(advice, home)


@pytest.mark.parametrize(
    ("attribute", "message"),
    [
        (None, "not by None"),
        (["a", "b"], "not by a list"),
        (pd.Series(["a", "b"], index=[0, 0]), "name a person twice"),
        ({0: ["a"], 1: "b"}, "The group of 0 is a list"),
        ({0: float("nan"), 1: "b"}, "1 of 2 nodes have no group"),
        ({0: pd.NA, 1: " "}, "2 of 2 nodes have no group"),
    ],
)
def test_what_is_no_group_is_refused_in_words(attribute, message):
    with pytest.raises(ValueError, match=message):
        ei_index(nx.path_graph(2), attribute)


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_weights_of_another_order_than_numbers_can_square_are_refused(size):
    graph = nx.path_graph(4)
    nx.set_edge_attributes(graph, size, "hours")
    with pytest.raises(ValueError, match="Use other units"):
        ei_index(graph, dict.fromkeys(graph, "a"), weight="hours")


@pytest.mark.parametrize("graph", [None, [1, 2], np.eye(3), pd.DataFrame()])
def test_what_is_no_graph_is_refused_in_words(graph):
    with pytest.raises(ValueError, match="needs a networkx graph, not a"):
        ei_index(graph, "organisation")


def test_a_network_without_a_tie_across_is_minus_one(grouped):
    index = ei_index(grouped([(0, 1), (2, 3)], "aabb"), permutations=99, seed=0)
    assert (index.estimate, index.share, index.internal, index.external) == (-1, 0, 2, 0)


@settings(max_examples=30, deadline=None)
@given(labelled_graphs(), st.randoms())
def test_properties(graph, random):
    index = ei_index(graph, permutations=50, seed=1)
    assert -1 <= index.estimate <= 1
    assert index.estimate == pytest.approx(2 * index.share - 1)
    assert index.share == cross_share(graph)
    assert 1 / 51 <= index.p_value <= 1
    assert math.isnan(index.rescaled) or -1 <= index.rescaled <= 1

    # Other names for people and for groups leave everything as it is.
    names = list("ABCDEFGH"[: len(graph)])
    random.shuffle(names)
    renamed = nx.relabel_nodes(graph, dict(zip(graph, names, strict=True)))
    for _, data in renamed.nodes(data=True):
        data["organisation"] = {"a": 10, "b": 9, "c": "x", "d": "w"}[data["organisation"]]
    other = ei_index(renamed, permutations=50, seed=1)
    assert (other.estimate, other.expected, other.sd) == (index.estimate, index.expected, pytest.approx(index.sd))


@settings(max_examples=30, deadline=None)
@given(labelled_graphs())
def test_group_shares_average_to_the_whole(graph):
    index = ei_index(graph, permutations=1, seed=0)
    across, within = index.groups["across"].sum(), index.groups["within"].sum()
    assert across / (across + within) == pytest.approx(index.share)


def test_directed_ties_are_counted_one_by_one_and_by_who_sends_them(grouped):
    index = ei_index(grouped([(0, 1), (1, 0), (0, 2)], "aab", nx.DiGraph), permutations=10)
    assert (index.ties, index.external) == (3, 1)
    assert index.groups[["group", "people", "within", "across"]].to_numpy().tolist() == [["a", 2, 2, 1], ["b", 1, 0, 0]]
    assert math.isnan(index.groups["ei"][1])


def test_self_loops_are_left_out_and_counted(grouped):
    index = ei_index(grouped([(0, 0), (0, 1)], "ab"), permutations=10)
    assert (index.ties, index.self_loops, index.estimate) == (1, 1, 1)


def test_weights_sum_only_when_asked_for(grouped):
    graph = grouped([], "aab")
    graph.add_edge(0, 1, strength=3.0)
    graph.add_edge(0, 2, strength=1.0)
    assert ei_index(graph, permutations=10).estimate == 0
    weighted = ei_index(graph, permutations=2000, weight="strength", seed=5)
    assert (weighted.estimate, weighted.internal) == (-0.5, 3)
    # The lone b takes one of three places: its index is -0.5 (as seen, the farthest from the mean), 0.5 or 1.
    assert weighted.expected == pytest.approx(1 / 3)
    assert weighted.sd == pytest.approx(np.std([-0.5, 0.5, 1.0]))
    assert weighted.p_value == pytest.approx(1 / 3, abs=0.04)


@pytest.mark.parametrize("weight", [None, -1, float("nan"), "much"])
def test_a_tie_without_a_usable_weight_is_refused(grouped, weight):
    graph = grouped([], "ab")
    graph.add_edge(0, 1, strength=weight)
    with pytest.raises(ValueError, match="tie from 0 to 1 has no usable 'strength'"):
        ei_index(graph, permutations=10, weight="strength")


@pytest.mark.parametrize(
    ("ties", "letters", "message"),
    [
        ([], "", "0 nodes and no tie between two different people"),
        ([], "a", "1 nodes and no tie"),
        ([], "ab", "no tie between two different people"),
        ([(0, 0)], "ab", "no tie between two different people"),
    ],
)
def test_a_network_without_a_tie_is_refused_in_words(grouped, ties, letters, message):
    with pytest.raises(ValueError, match=message):
        ei_index(grouped(ties, letters), permutations=10)
    with pytest.raises(ValueError, match=message):
        cross_share(grouped(ties, letters))


@pytest.mark.parametrize("missing", [None, float("nan"), ""])
def test_a_missing_label_is_refused_and_named(grouped, missing):
    graph = grouped([(0, 1)], "ab")
    graph.add_node("P03", organisation=missing)
    with pytest.raises(ValueError, match=r"1 of 3 nodes have no 'organisation' \(the first is 'P03'\)"):
        ei_index(graph)


@pytest.mark.parametrize("permutations", [0, -5, 2.5, True])
def test_permutations_must_be_a_count(grouped, permutations):
    with pytest.raises(ValueError, match="whole number of at least 1"):
        ei_index(grouped([(0, 1)], "ab"), permutations=permutations)


def test_one_group_leaves_nothing_to_test(grouped):
    index = ei_index(grouped([(0, 1), (1, 2)], "aaa"), permutations=99)
    assert (index.estimate, index.expected, index.sd, index.p_value) == (-1, -1, 0, 1)
    assert math.isnan(index.z)
    assert "no other share is possible" in index.sentence


def test_the_seed_decides_and_global_state_is_left_alone(hightech):
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - it must not move
    first, second, other = (ei_index(hightech("advice"), "department", 500, seed) for seed in (1, 1, 2))
    assert first.p_value == second.p_value
    assert other.p_value != first.p_value
    assert (np.random.get_state()[1] == before).all()  # noqa: NPY002


@pytest.mark.slow
def test_ten_thousand_permutations_at_a_thousand_people_are_drawn_many_at_once(count_calls):
    graph = nx.gnm_random_graph(1000, 5000, seed=1, directed=True)
    nx.set_node_attributes(graph, {n: n % 20 for n in graph}, "organisation")
    index, calls = count_calls(lambda: ei_index(graph, permutations=10_000, seed=1))
    assert calls < 60_000  # 6,000 nodes and ties are read one by one, arrangements are not
    assert abs(index.z) < 4


def test_more_groups_than_a_byte_holds():
    graph = nx.path_graph(300)
    nx.set_node_attributes(graph, {n: n for n in graph}, "organisation")
    assert ei_index(graph, permutations=20).estimate == 1
