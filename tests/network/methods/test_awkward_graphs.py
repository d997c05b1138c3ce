"""Every measure on graphs that break others: it is right, or it says in a sentence what it cannot do."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from cop_analysis import network
from cop_analysis.network import reconstruct

MEASURES = {
    "brokerage": lambda graph: network.brokerage(graph, permutations=9),
    "centrality": network.centrality,
    "cohesion": lambda graph: network.cohesion(graph, 9),
    "core_periphery": lambda graph: network.core_periphery(graph, permutations=3),
    "ei_index": lambda graph: network.ei_index(graph, permutations=9),
    "group_mixing": lambda graph: network.group_mixing(graph, permutations=9),
    "mrqap": lambda graph: network.mrqap(graph, [nx.to_numpy_array(nx.path_graph(len(graph)))], 9),
    "partition_fit": lambda graph: network.partition_fit(graph, permutations=9),
    "person_mixing": network.person_mixing,
    "qap_correlation": lambda graph: network.qap_correlation(graph, nx.to_numpy_array(nx.path_graph(len(graph))), 9),
    "reconstruct": reconstruct,
    "structural_holes": network.structural_holes,
    "tie_quality": lambda graph: network.tie_quality(graph, permutations=9),
    "triad_census": lambda graph: network.triad_census(graph, 9),
    "under_non_response": lambda graph: network.under_non_response(graph, permutations=9),
}


def labelled(graph):
    nx.set_node_attributes(graph, {n: "ab"[place % 2] for place, n in enumerate(graph)}, "organisation")
    return graph


GRAPHS = {
    "empty": nx.Graph(),
    "empty, directed": nx.DiGraph(),
    "one person": nx.empty_graph(1),
    "one person, directed": nx.DiGraph([(0, 0)]),
    "only self loops": nx.Graph([(0, 0), (1, 1), (2, 2)]),
    "no tie": nx.empty_graph(6, create_using=nx.DiGraph),
    "two people": nx.path_graph(2),
    "disconnected": nx.disjoint_union(nx.path_graph(4), nx.cycle_graph(3, create_using=nx.Graph)),
    "complete": nx.complete_graph(5),
    "complete, directed": nx.complete_graph(5, create_using=nx.DiGraph),
    "parallel ties and self loops": nx.MultiDiGraph([(0, 1), (0, 1), (1, 1), (1, 2), (3, 0), (4, 5)]),
    "names of every kind": nx.DiGraph([("ü", 1), (1, ("a", 2)), (("a", 2), "=1+1"), ("=1+1", "none"), (2.5, 1)]),
}


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_a_measure_answers_or_refuses_in_words(measure, name):
    graph = labelled(GRAPHS[name].copy())
    before = nx.to_dict_of_dicts(graph)
    try:
        answer = MEASURES[measure](graph)
    except ValueError as refusal:
        sentence = str(refusal)
        assert sentence[0].isupper() or sentence[0].isdigit() or sentence.startswith("predictor")
        assert sentence.endswith(".")
        assert len(sentence) > 30
    else:
        assert answer is not None
        assert getattr(answer, "sentence", "said")
    assert nx.to_dict_of_dicts(graph) == before  # nothing is written into the caller's graph


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("kind", [nx.MultiGraph, nx.MultiDiGraph])
def test_parallel_ties_and_self_loops_change_only_what_counts_ties_one_by_one(measure, kind):
    simple = labelled((nx.DiGraph if kind is nx.MultiDiGraph else nx.Graph)([(0, 1), (1, 2), (2, 3), (3, 0), (0, 4)]))
    for *_, data in simple.edges(data=True):
        data["strength"] = 2.0
    looped = simple.copy()
    looped.add_edges_from([(1, 1), (4, 4)])
    one, other = MEASURES[measure](simple), MEASURES[measure](looped)
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other)
    else:
        for field in ("estimate", "p_value", "fit", "modularity", "density", "transitivity"):
            if hasattr(one, field):
                assert getattr(one, field) == pytest.approx(getattr(other, field), nan_ok=True)
    if measure in ("brokerage", "centrality", "core_periphery", "structural_holes", "triad_census", "person_mixing"):
        doubled = kind(simple)
        doubled.add_edges_from(list(simple.edges(data=True)))
        third = MEASURES[measure](doubled)
        if isinstance(one, pd.DataFrame):
            pd.testing.assert_frame_equal(one, third)
        else:
            pd.testing.assert_frame_equal(one.table, third.table)


@pytest.mark.parametrize("measure", ["brokerage", "cohesion", "core_periphery", "structural_holes", "triad_census"])
def test_what_is_not_a_graph_is_refused(measure):
    with pytest.raises(ValueError, match="needs a networkx graph"):
        MEASURES[measure](np.eye(3))


def test_other_names_for_people_change_nothing(grouped):
    graph = grouped([(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (0, 2), (5, 1)], "aabbcc", nx.DiGraph)
    renamed = nx.relabel_nodes(graph, dict(zip(graph, ["z", "y", "x", "w", "v", "u"], strict=True)))
    for measure in ("centrality", "structural_holes", "person_mixing"):
        one, other = MEASURES[measure](graph), MEASURES[measure](renamed)
        pd.testing.assert_frame_equal(one.drop(columns="node"), other.drop(columns="node"))
    assert MEASURES["brokerage"](graph).totals.equals(MEASURES["brokerage"](renamed).totals)
    assert MEASURES["core_periphery"](graph).fit == MEASURES["core_periphery"](renamed).fit
