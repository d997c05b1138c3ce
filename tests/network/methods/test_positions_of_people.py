import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop_analysis.network import centrality, person_mixing, structural_holes


@st.composite
def any_graph(draw):
    size = draw(st.integers(1, 7))
    graph = draw(st.sampled_from([nx.Graph, nx.DiGraph, nx.MultiGraph, nx.MultiDiGraph]))()
    graph.add_nodes_from(range(size))
    node = st.integers(0, size - 1)
    for tail, head, strength in draw(st.lists(st.tuples(node, node, st.integers(0, 4)), max_size=18)):
        graph.add_edge(tail, head, strength=strength)
    return graph


def burt_by_the_book(graph, weight):
    """Burt 1992, chapter 2, sum by sum."""
    cells = nx.to_numpy_array(graph, weight=weight)
    cells = (nx.to_numpy_array(graph, weight=None) > 0) * 1.0 if weight is None else cells
    np.fill_diagonal(cells, 0)
    both = cells + cells.T
    people = range(len(cells))
    rows = []
    for i in people:
        contacts = [j for j in people if both[i, j] > 0]
        if not contacts:
            rows.append([0] + [math.nan] * 4)
            continue

        def p(a, b):
            return both[a, b] / both[a].sum() if both[a].sum() else 0.0

        def m(a, b):
            return both[a, b] / both[a].max()

        size = sum(1 - sum(p(i, q) * m(j, q) for q in people if q not in (i, j)) for j in contacts)
        c = np.array([(p(i, j) + sum(p(i, q) * p(q, j) for q in people if q not in (i, j))) ** 2 for j in contacts])
        relative, count = c / (c.sum() / len(c)), len(contacts)
        hierarchy = float((relative * np.log(relative)).sum() / (count * np.log(count))) if count > 1 else math.nan
        rows.append([count, size, size / count, c.sum(), hierarchy])
    return np.array(rows)


@settings(max_examples=40, deadline=None)
@given(any_graph(), st.sampled_from([None, "strength"]))
def test_structural_holes_by_the_book_on_every_kind_of_graph(graph, weight):
    found = structural_holes(graph, weight).drop(columns="node").to_numpy(dtype=float)
    assert found == pytest.approx(burt_by_the_book(graph, weight), abs=1e-9, nan_ok=True)


def test_zacharys_constraint(zachary):
    # R's igraph: the sum over the club is 15.44195.
    found = structural_holes(zachary)
    assert found["constraint"].sum() == pytest.approx(15.44195, abs=5e-6)
    expected = nx.effective_size(zachary)  # right for an undirected network without weights
    assert found["effective_size"].tolist() == pytest.approx([expected[n] for n in zachary])


@pytest.mark.slow
def test_effective_size_of_a_directed_network_is_not_networkx_over_all_nodes(hightech):
    advice = hightech("advice")
    found = structural_holes(advice).set_index("node")["effective_size"]
    one_by_one = {n: nx.effective_size(advice, nodes=[n])[n] for n in advice}
    assert found.to_dict() == pytest.approx(one_by_one)


@settings(max_examples=25, deadline=None)
@given(any_graph())
def test_centrality_agrees_with_networkx(graph):
    plain = (nx.DiGraph if graph.is_directed() else nx.Graph)(graph)
    plain.remove_edges_from(list(nx.selfloop_edges(plain)))
    found = centrality(graph, weight="strength").set_index("node")
    between = nx.betweenness_centrality(plain, normalized=False)
    assert found["betweenness"].to_dict() == pytest.approx(between)
    if len(plain) > 1:
        assert found["closeness"].to_dict() == pytest.approx(nx.closeness_centrality(plain))
        harmonic = nx.harmonic_centrality(plain)
        assert (found["harmonic"] * (len(plain) - 1)).to_dict() == pytest.approx(harmonic)
    if len(plain) > 2:
        assert found["betweenness_share"].to_dict() == pytest.approx(nx.betweenness_centrality(plain))
    if graph.is_directed():
        assert found["in_degree"].to_dict() == dict(plain.in_degree)
        assert found["closeness_out"].to_dict() == pytest.approx(
            nx.closeness_centrality(plain.reverse()) if len(plain) > 1 else {0: math.nan}, nan_ok=True
        )
    else:
        assert found["degree"].to_dict() == dict(plain.degree)


def test_medici_lie_between_the_others(florentine):
    assert centrality(florentine("marriage")).set_index("node").loc["Medici", "betweenness"] == 47.5


def test_an_unusable_weight_is_refused():
    graph = nx.Graph([(0, 1)])
    for measure in (structural_holes, centrality):
        with pytest.raises(ValueError, match="tie from 0 to 1 has no usable 'strength'"):
            measure(graph, "strength")


@pytest.mark.parametrize("kind", [nx.Graph, nx.DiGraph])
def test_nobody_and_somebody_alone(kind):
    alone = kind()
    assert structural_holes(alone).empty
    assert centrality(alone).empty
    alone.add_node("a")
    assert structural_holes(alone).iloc[0].tolist()[:2] == ["a", 0]
    assert math.isnan(structural_holes(alone)["constraint"][0])
    assert centrality(alone)["betweenness"].tolist() == [0]


def test_person_mixing_is_exact(grouped):
    # Person 0 of a (2 in all of 5) has contacts 1 (a), 2, 3 (b): others hold a, b, b, b; P(1 of the 3 is a) = 3/4.
    found = person_mixing(grouped([(0, 1), (0, 2), (0, 3)], "aabbb", nx.DiGraph)).set_index("node")
    assert found.loc[0, ["contacts", "within", "across"]].tolist() == [3, 1, 2]
    assert found.loc[0, "ei"] == pytest.approx(1 / 3)
    assert found.loc[0, "expected"] == pytest.approx(2 * 3 / 4 - 1)
    assert found.loc[0, "p_value"] == pytest.approx(1.0)
    assert math.isnan(found.loc[4, "ei"])
    assert math.isnan(found.loc[4, "p_value"])


def test_a_returned_tie_is_one_contact(grouped):
    found = person_mixing(grouped([(0, 1), (1, 0), (0, 0)], "ab", nx.MultiDiGraph))
    assert found["contacts"].tolist() == [1, 1]
