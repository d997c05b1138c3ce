import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop_analysis.network import compare_waves, person_network


def test_the_forum_by_hand(forum):
    first, second = (
        person_network(forum.ties, forum.people, forum.rosters, "advice", wave) for wave in ("before", "after")
    )
    change = compare_waves(first, second)
    # Kept A>B, A>C, C>D; gained B>C, D>E; lost B>A; E>A is not known, as E did not answer again; F>A is a joiner's.
    assert (change.kept, change.gained, change.lost, change.not_known) == (3, 2, 1, 1)
    assert (change.joiners_ties, change.leavers_ties, change.outside_ties) == (1, 0, 0)
    assert change.jaccard == 0.5
    assert (change.stayers, change.joiners, change.leavers) == (tuple("ABCDE"), ("F",), ())
    assert (change.density_first, change.density_second) == (5 / 20, 5 / 20)


def test_joiners_and_leavers_are_counted_apart():
    first = nx.DiGraph([("a", "b"), ("a", "x"), ("x", "b")])
    second = nx.DiGraph([("a", "b"), ("y", "a")])
    change = compare_waves(first, second)
    assert (change.kept, change.gained, change.lost) == (1, 0, 0)
    assert (change.leavers_ties, change.joiners_ties, change.leavers, change.joiners) == (2, 1, ("x",), ("y",))


def test_undirected_order_does_not_matter_and_either_end_can_report():
    first, second = nx.Graph([("a", "b"), ("b", "c")]), nx.Graph([("b", "a")])
    second.add_nodes_from("abc", answered=True)
    second.nodes["c"]["answered"] = False
    change = compare_waves(first, second)
    assert (change.kept, change.lost, change.not_known) == (1, 1, 0)


def test_people_outside_the_roster_are_apart():
    first, second = nx.DiGraph([("a", "b"), ("a", "z")]), nx.DiGraph([("a", "b"), ("a", "z")])
    for graph in (first, second):
        graph.nodes["z"]["rostered"] = False
    change = compare_waves(first, second)
    assert (change.kept, change.outside_ties, change.joiners_ties, change.leavers_ties) == (1, 2, 0, 0)


def test_parallel_ties_are_one_and_self_loops_none():
    first = nx.MultiDiGraph([("a", "b"), ("a", "b"), ("a", "a")])
    change = compare_waves(first, nx.MultiDiGraph([("a", "b")]))
    assert (change.kept, change.lost, change.density_first) == (1, 0, 0.5)


def test_empty_waves():
    change = compare_waves(nx.DiGraph(), nx.DiGraph())
    assert math.isnan(change.jaccard)
    assert math.isnan(change.density_first)
    assert "no tie to compare" in change.sentence


def test_directed_and_undirected_do_not_mix():
    with pytest.raises(ValueError, match="One wave is directed and the other is not"):
        compare_waves(nx.Graph(), nx.DiGraph())


TIES = st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda tie: tie[0] != tie[1]))


@pytest.mark.slow
@settings(deadline=None)
@given(TIES, TIES)
def test_the_mirror_image_swaps_gained_and_lost(first, second):
    before, after = nx.DiGraph(list(first)), nx.DiGraph(list(second))
    there, back = compare_waves(before, after), compare_waves(after, before)
    assert (there.gained, there.lost, there.kept) == (back.lost, back.gained, back.kept)
    assert there.kept + there.lost + there.leavers_ties == len(first)
    assert there.kept + there.gained + there.joiners_ties == len(second)


@pytest.mark.parametrize("no", [False, np.False_, 0])
def test_whoever_did_not_answer_is_known_however_that_is_written(no):
    first, second = nx.DiGraph([("a", "b")]), nx.DiGraph()
    second.add_nodes_from("ab")
    second.nodes["a"]["answered"] = no
    change = compare_waves(first, second)
    assert (change.lost, change.not_known) == (0, 1)


@pytest.mark.parametrize("unclear", ["no", 2, "False"])
def test_an_answer_that_could_be_taken_either_way_is_refused(unclear):
    graph = nx.DiGraph([("a", "b")])
    graph.nodes["a"]["answered"] = unclear
    with pytest.raises(ValueError, match=r"answered of 'a' is .*; it is True, False or missing"):
        compare_waves(graph, graph)


def test_what_is_no_network_cannot_be_compared():
    with pytest.raises(ValueError, match="needs a networkx graph, not a list"):
        compare_waves([1], nx.Graph())
    with pytest.raises(ValueError, match="One wave is directed"):
        compare_waves(nx.DiGraph(), nx.Graph())
