import itertools
import sys

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from cop_analysis.network import brokerage
from cop_analysis.network.methods.brokers import ROLES, _count_roles, network_moments, node_moments


def counted_by_hand(graph):
    """All ordered triples, one after another."""
    group = nx.get_node_attributes(graph, "organisation")
    counts = {node: dict.fromkeys(ROLES, 0) for node in graph}
    for i, j, k in itertools.permutations(graph, 3):
        if graph.has_edge(i, j) and graph.has_edge(j, k) and not graph.has_edge(i, k):
            a, b, c = group[i], group[j], group[k]
            if a == b == c:
                role = "coordinator"
            elif a == c:
                role = "itinerant"
            elif a == b:
                role = "representative"
            elif b == c:
                role = "gatekeeper"
            else:
                role = "liaison"
            counts[j][role] += 1
    return counts


def test_high_tech_managers_asking_for_advice(hightech):
    # R's sna: 28, 69, 95, 62, 246, in all 500; z -2.04 -3.24 -2.41 -3.79 -4.31 -6.20.
    found = brokerage(hightech("advice"), "department", permutations=199, seed=1)
    assert found.totals.to_dict() == {
        "coordinator": 28, "itinerant": 69, "representative": 95, "gatekeeper": 62, "liaison": 246, "total": 500,
    }  # fmt: skip
    assert found.z.round(2).tolist() == [-2.04, -3.24, -2.41, -3.79, -4.31, -6.20]
    assert found.table["total"].sum() == 500
    assert found.table[list(ROLES)].to_numpy().sum() == 500
    # Dealing labels out keeps every open path, so their number cannot be extreme.
    labels = found.null.set_index("role")
    assert labels.loc["total", ["expected_labels", "sd_labels", "p_value"]].tolist() == [500, 0, 1]
    assert "500 times" in found.sentence


def test_lazegas_lawyers_asking_for_advice(lazega):
    # R's sna: by office and by practice; in all 6,372.
    by_office, by_practice = (brokerage(lazega("advice"), name) for name in ("office", "practice"))
    assert by_office.totals.tolist() == [3446, 175, 1413, 1213, 125, 6372]
    assert by_practice.totals.tolist() == [2791, 402, 1833, 1346, 0, 6372]
    assert by_office.z.to_numpy() == pytest.approx([2.411757, -9.813578, -3.396683, -4.907239, -6.006985, -5.412836])


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.integers(1, 7), st.sampled_from([nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph]), st.data())
def test_counts_agree_with_every_triple(size, kind, data):
    node = st.integers(0, size - 1)
    graph = kind()
    graph.add_nodes_from((n, {"organisation": data.draw(st.sampled_from("abc"))}) for n in range(size))
    graph.add_edges_from(data.draw(st.lists(st.tuples(node, node), max_size=25)))
    table = brokerage(graph).table.set_index("node")
    expected = counted_by_hand(graph)
    for person in graph:
        assert {role: table.loc[person, role] for role in ROLES} == expected[person]


def test_paths_found_in_parts_and_without_a_table_are_the_same(monkeypatch):
    from cop_analysis.network.methods.graphs import adjacency_of

    module = sys.modules["cop_analysis.network.methods.brokers"]
    read = adjacency_of(nx.gnm_random_graph(120, 700, seed=2, directed=True))
    group = np.arange(120) % 7
    whole = module._count_roles(read.matrix, group)
    monkeypatch.setattr(module, "_PATHS_AT_ONCE", 10)
    monkeypatch.setattr(module, "_TABLE_UP_TO", 0)
    assert (module._count_roles(read.matrix, group) == whole).all()
    assert whole.sum() > 2000


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [(2, 1, 1), (3, 1), (4,), (2, 2)])
@pytest.mark.parametrize("directed", [True, False])
def test_expected_values_and_exact_spread_are_those_of_all_networks(directed, sizes):
    density, group = 0.35, np.repeat(np.arange(len(sizes)), sizes)
    places = [(i, j) for i in range(4) for j in range(4) if (i != j if directed else i < j)]
    chances, totals, first = [], [], []
    for marks in itertools.product((0, 1), repeat=len(places)):
        cells = np.zeros((4, 4), dtype=int)
        for (i, j), mark in zip(places, marks, strict=True):
            cells[i, j] = mark
            cells[j, i] = cells[j, i] if directed else mark
        counts = _count_roles(sparse.csr_array(cells.astype(float)), group)
        chances.append(density ** sum(marks) * (1 - density) ** (len(marks) - sum(marks)))
        totals.append([*counts.sum(axis=0), counts.sum()])
        first.append([*counts[0], counts[0].sum()])
    expected, _, exact = network_moments(np.array(sizes), density, directed)
    of_node = node_moments(group, np.array(sizes), density, directed).iloc[0]
    names = (*ROLES, "total")
    for drawn, means, spreads in (
        (np.array(totals), expected, exact),
        (np.array(first), of_node[[f"expected_{n}" for n in names]], of_node[[f"sd_{n}" for n in names]]),
    ):
        mean = np.average(drawn, axis=0, weights=chances)
        assert np.asarray(means, dtype=float) == pytest.approx(mean, abs=1e-12)
        spread = np.sqrt(np.average((drawn - mean) ** 2, axis=0, weights=chances))
        assert np.asarray(spreads, dtype=float) == pytest.approx(spread, abs=1e-9)


def test_undirected_ties_are_read_both_ways(grouped):
    line = brokerage(grouped([(0, 1), (1, 2)], "aab"))
    assert line.totals.tolist() == [0, 0, 1, 1, 0, 2]
    assert "read both ways" in line.sentence


@pytest.mark.parametrize("ties", [[], [(0, 0)]])
def test_a_network_without_brokerage_says_so(grouped, ties):
    found = brokerage(grouped(ties, "ab"), permutations=9)
    assert found.totals["total"] == 0
    assert "no brokerage" in found.sentence
    assert found.z.isna().all()


def test_the_empty_network_and_a_missing_label(grouped):
    found = brokerage(nx.DiGraph())
    assert (len(found.table), found.totals["total"]) == (0, 0)
    graph = grouped([(0, 1)], "ab")
    graph.add_node(2)
    with pytest.raises(ValueError, match="1 of 3 nodes have no 'organisation'"):
        brokerage(graph)
    with pytest.raises(ValueError, match="whole number"):
        brokerage(grouped([(0, 1)], "ab"), permutations=-1)


def test_label_test_is_extreme_where_one_person_holds_two_groups_together(grouped):
    # Two cliques of one organisation each, joined by one person between them: nobody else can be a broker across.
    ties = [pair for clique in (range(5), range(5, 10)) for pair in itertools.combinations(clique, 2)]
    graph = grouped([*ties, (0, 10), (5, 10)], "aaaaabbbbbc")
    found = brokerage(graph, permutations=499, seed=2)
    across = found.table.set_index("node")["liaison"]
    assert across[10] == 2
    null = found.null.set_index("role")
    assert (null.loc[["representative", "gatekeeper"], "count"] == 8).all()
    assert (null.loc[["representative", "gatekeeper"], "p_value"] < 0.05).all()
