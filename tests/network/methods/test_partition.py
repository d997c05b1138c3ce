import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop_analysis.network import group_mixing, partition_fit


def test_zacharys_club(zachary):
    # Modularity of the two clubs .358235, assortativity .717531; the best partition known has .419790.
    found = partition_fit(zachary, "club", permutations=199, seed=1)
    assert found.modularity == pytest.approx(0.358235, abs=5e-7)
    assert found.assortativity == pytest.approx(0.717531, abs=5e-7)
    assert found.best_modularity == pytest.approx(0.419790, abs=5e-7)
    assert found.p_value == 0.005
    assert "85% of what the best grouping" in found.sentence


@settings(max_examples=12, deadline=None)
@given(st.integers(2, 8), st.booleans(), st.booleans(), st.randoms(use_true_random=False))
def test_agrees_with_networkx_on_directed_and_weighted_networks(size, directed, weighted, random):
    graph = (nx.DiGraph if directed else nx.Graph)()
    graph.add_nodes_from((n, {"organisation": random.choice("abc")}) for n in range(size))
    for tail in range(size):
        for head in range(size):
            if tail != head and random.random() < 0.4:
                graph.add_edge(tail, head, strength=random.randint(1, 5))
    if not graph.number_of_edges():
        return
    weight = "strength" if weighted else None
    groups = [{n for n in graph if graph.nodes[n]["organisation"] == letter} for letter in "abc"]
    found = partition_fit(graph, permutations=19, weight=weight)
    expected = nx.community.modularity(graph, [group for group in groups if group], weight=weight)
    assert found.modularity == pytest.approx(expected)
    assert found.best_modularity >= found.modularity - 1e-12
    best = nx.community.modularity(graph, found.best_groups, weight=weight)
    assert found.best_modularity == pytest.approx(best, abs=1e-12)
    if not weighted and not np.isnan(found.assortativity):
        assert found.assortativity == pytest.approx(nx.attribute_assortativity_coefficient(graph, "organisation"))


def test_the_same_groups_agree_fully_and_unrelated_ones_do_not(grouped):
    ties = [(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5), (0, 3)]
    assert partition_fit(grouped(ties, "aaabbb"), permutations=9).agreement == 1
    assert partition_fit(grouped(ties, "ababab"), permutations=9).agreement < 0.2
    assert partition_fit(grouped(ties, "aaaaaa"), permutations=9).modularity == pytest.approx(0)
    assert np.isnan(partition_fit(grouped(ties, "aaaaaa"), permutations=9).assortativity)


@pytest.mark.parametrize("ties", [[], [(0, 0)]])
def test_a_network_without_a_tie_is_refused(grouped, ties):
    with pytest.raises(ValueError, match="and no tie"):
        partition_fit(grouped(ties, "ab"))


def test_groups_by_hand(grouped):
    # a sends 2 within and 1 across, b sends nothing, c 1 across.
    found = group_mixing(grouped([(0, 1), (1, 0), (0, 2), (3, 0)], "aabc", nx.DiGraph), permutations=99, seed=1)
    table = found.set_index("group")
    assert table.loc["a", ["within", "across"]].tolist() == [2, 1]
    assert table["ei"].tolist()[0] == pytest.approx(-1 / 3)
    assert np.isnan(table.loc["b", "ei"])
    assert np.isnan(table.loc["b", "p_value"])
    assert table.loc["c", "ei"] == 1


def test_group_p_values_agree_with_every_arrangement(grouped, all_arrangements):
    import itertools

    graph = grouped([(0, 1), (2, 3), (1, 4), (0, 2)], "aaabb")
    ties = list(graph.edges())

    def index_of(labels, group):
        within = sum(2 for s, t in ties if labels[s] == labels[t] == group)
        across = sum((labels[s] == group) != (labels[t] == group) for s, t in ties)
        return (across - within) / (across + within) if across + within else np.nan

    every = np.array([index_of(labels, "b") for labels in itertools.permutations("aaabb")])
    every = every[~np.isnan(every)]
    with all_arrangements("mixing"):
        found = group_mixing(graph, permutations=120).set_index("group").loc["b"]
    seen = index_of("aaabb", "b")
    # The data are one more of the arrangements in the mean that distances are taken from.
    middle = (every.sum() + seen) / (len(every) + 1)
    far = np.abs(every - middle) >= abs(seen - middle) - 1e-9
    assert found["expected"] == pytest.approx(every.mean())
    assert found["p_value"] == (far.sum() + 1) / (len(every) + 1)


def test_groups_of_a_network_without_a_tie(grouped):
    assert group_mixing(grouped([], "ab"), permutations=9)["ei"].isna().all()
    assert group_mixing(nx.Graph(), permutations=9).empty
