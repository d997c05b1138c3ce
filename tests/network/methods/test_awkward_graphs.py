"""Every measure on graphs that break others: it is right, or it says in a sentence what it cannot do."""

import inspect

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from cop_analysis import network

OF_TABLES = {
    "co_attendance": "attendance",
    "person_network": "ties",
    "project": "attendance",
    "trust_network": "ties",
    "validated_projection": "attendance",
}
"""The exported measures that take a table of a study, and which; graphs cannot be asked of them."""
FEW = {"permutations": 9, "replications": 99}
"""What measures draw here."""


def listed():
    """Give every exported function of methods/."""
    exported = {name: getattr(network, name) for name in network.__all__}
    return {
        name: one
        for name, one in exported.items()
        if inspect.isfunction(one) and one.__module__.startswith("cop_analysis.network.methods.")
    }


COUNT_EVERY_TIE = {
    "group_mixing": "counts ties",
    "mrqap": "adds parallel ties up, as networkx does when it makes a matrix",
    "organisation_network": "counts ties between organisations",
    "reconstruct": "keeps each",
    "tie_quality": "rates each",
    "under_non_response": "counts ties",
}
"""The measures that a second tie between the same two people changes, as their docstrings say."""


def path_of(graph):
    return nx.to_numpy_array(nx.path_graph(len(graph)))


def later(graph):
    """Give a second wave: the same people, the first tie between two of them gone, however often it is there."""
    after = graph.copy()
    pair = next((pair for pair in graph.edges() if pair[0] != pair[1]), None)
    while pair and after.has_edge(*pair):
        after.remove_edge(*pair)
    return after


def given_to(function, graph):
    """Give what a measure takes besides numbers, made of one graph: by the names of its parameters."""
    if function in (network.qap_correlation, network.mrqap):
        return (graph, path_of(graph)) if function is network.qap_correlation else (graph, [path_of(graph)])
    made = {"graph": lambda: graph, "graphs": lambda: [graph], "first": lambda: graph}
    made |= {"second": lambda: later(graph), "last": lambda: later(graph), "attribute": lambda: "organisation"}
    if function is network.attribute_difference:
        made["attribute"] = lambda: "years"
    asked = [name for name, one in inspect.signature(function).parameters.items() if one.default is one.empty]
    assert asked, function
    return [made[name]() for name in asked]


def measure_of(name, function):
    drawn = {draw: FEW[draw] for draw in FEW if draw in inspect.signature(function).parameters}
    if name == "core_periphery":
        drawn["permutations"] = 3
    return lambda graph: function(*given_to(function, graph), **drawn)


MEASURES = {name: measure_of(name, one) for name, one in listed().items() if name not in OF_TABLES}


def test_what_takes_a_table_is_exported_and_takes_one():
    for name, table in OF_TABLES.items():
        assert next(iter(inspect.signature(listed()[name]).parameters)) == table, name


def labelled(graph):
    nx.set_node_attributes(graph, {n: "ab"[place % 2] for place, n in enumerate(graph)}, "organisation")
    nx.set_node_attributes(graph, {n: place % 4 for place, n in enumerate(graph)}, "years")
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
    one = MEASURES[measure](simple)
    are_alike(one, MEASURES[measure](looped))
    if measure not in COUNT_EVERY_TIE:
        doubled = kind(simple)
        doubled.add_edges_from(list(simple.edges(data=True)))
        are_alike(one, MEASURES[measure](doubled))


def are_alike(one, other):
    """Compare what two answers found: of a record whatever is a number, a table or a text."""
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other)
    elif isinstance(one, np.ndarray):
        np.testing.assert_array_equal(one, other)
    elif isinstance(one, int | float):
        assert one == pytest.approx(other, nan_ok=True)
    elif isinstance(one, nx.Graph):
        bare = other.copy()
        bare.remove_edges_from(list(nx.selfloop_edges(bare)))
        assert nx.to_dict_of_dicts(one) == nx.to_dict_of_dicts(bare)
    else:
        for field in ("estimate", "p_value", "fit", "modularity", "density", "transitivity", "table"):
            if hasattr(one, field):
                are_alike(getattr(one, field), getattr(other, field))


@pytest.mark.parametrize(
    "measure", [name for name in MEASURES if "graph" in inspect.signature(listed()[name]).parameters]
)
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
