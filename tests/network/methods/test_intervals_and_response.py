import math

import networkx as nx
import numpy as np
import pytest

from cop_analysis.network import cross_share_intervals, response_rates, share_bounds


def world(rng, people=30, boost=1.0):
    """Two waves of people who differ in how sociable and how open they are; a superpopulation to sample from."""
    group = rng.integers(0, 5, people)
    sociable, openness = np.exp(rng.normal(0, 0.4, people)), np.exp(rng.normal(0, 0.4, people))
    waves = []
    for factor in (1.0, boost):
        chance = np.where(
            group[:, None] == group[None], 0.28, 0.05 * factor * np.sqrt(openness[:, None] * openness[None])
        )
        chance = np.clip(chance * sociable[:, None], 0, 0.95)
        np.fill_diagonal(chance, 0)
        graph = nx.DiGraph()
        graph.add_nodes_from((n, {"organisation": int(group[n])}) for n in range(people))
        graph.add_edges_from(np.argwhere(rng.random((people, people)) < chance).tolist())
        waves.append(graph)
    return waves


@pytest.mark.slow
def test_intervals_cover_as_often_as_they_say():
    rng = np.random.default_rng(7)
    found = [cross_share_intervals(world(rng, boost=1.6)) for _ in range(600)]
    share = np.mean([each.shares[1] for each in found])
    change = np.mean([each.change for each in found])
    covered = np.mean([each.intervals[1][0] <= share <= each.intervals[1][1] for each in found])
    covered_change = np.mean([each.change_interval[0] <= change <= each.change_interval[1] for each in found])
    assert 0.93 <= covered <= 0.99
    assert 0.93 <= covered_change <= 0.995


def test_the_interval_is_wider_than_if_ties_were_independent():
    (graph, _) = world(np.random.default_rng(3))
    found = cross_share_intervals([graph])
    assert found.effective_ties[0] < graph.number_of_edges()
    assert math.isnan(found.change)


def test_no_change_at_all_is_inside_its_interval_and_mirrors():
    first, second = world(np.random.default_rng(1), boost=2.0)
    same = cross_share_intervals([first, first])
    assert same.change == 0
    assert same.change_interval[0] <= 0 <= same.change_interval[1]
    there, back = cross_share_intervals([first, second]), cross_share_intervals([second, first])
    assert there.change_interval == pytest.approx(tuple(-end for end in reversed(back.change_interval)))


@pytest.mark.parametrize(("ties", "share"), [([(0, 2), (1, 3)], 1.0), ([(0, 1), (2, 3)], 0.0)])
def test_the_interval_never_collapses(grouped, ties, share):
    found = cross_share_intervals([grouped(ties, "aabb"), grouped(ties, "aabb")])
    low, high = found.intervals[0]
    assert found.shares == (share, share)
    assert low <= share <= high
    assert high - low > 0.4
    assert found.effective_ties == (2.0, 2.0)
    assert found.change_interval[0] < 0 < found.change_interval[1]


def test_a_star_counts_as_one_tie_where_all_cross():
    star = nx.star_graph(9)
    nx.set_node_attributes(star, {n: "hub" if n == 0 else "rim" for n in star}, "organisation")
    assert cross_share_intervals([star]).effective_ties == (1.0,)


def test_settings_are_checked(grouped):
    with pytest.raises(ValueError, match="no wave"):
        cross_share_intervals([])
    with pytest.raises(ValueError, match=r"between 0\.5 and 1"):
        cross_share_intervals([grouped([(0, 1)], "ab")], level=95)
    with pytest.raises(ValueError, match="no tie between two different people"):
        cross_share_intervals([grouped([], "ab")])


def test_bounds_by_hand(grouped):
    # 0 names 1 (within) and 2 (across); 1 names 3 (across); 2 and 3 are silent. Two that answered send 1.5 on average.
    graph = grouped([(0, 1), (0, 2), (1, 3)], "aabb", nx.DiGraph)
    for person in (2, 3):
        graph.nodes[person]["answered"] = False
    bounds = share_bounds(graph)
    assert bounds.silent == 2
    assert bounds.share == pytest.approx(2 / 3)
    assert bounds.low == pytest.approx(2 / (3 + 1 + 1))  # each can name one colleague only
    assert bounds.high == pytest.approx((2 + 3) / (3 + 3))
    assert (bounds.lowest, bounds.highest) == (pytest.approx(2 / 5), pytest.approx((2 + 4) / (3 + 4)))


def test_an_undirected_tie_is_unknown_only_between_two_silent_people(grouped):
    graph = grouped([(0, 1), (0, 2)], "aabb")
    graph.nodes[3]["answered"] = False
    one = share_bounds(graph)
    assert one.low == one.high == one.lowest == one.highest == one.share
    graph.nodes[1]["answered"] = False
    two = share_bounds(graph)  # only 1 and 3, in different organisations, may have a tie nobody reported
    assert (two.lowest, two.highest) == (0.5, pytest.approx(2 / 3))


def test_everybody_silent_leaves_only_the_outer_bounds(grouped):
    graph = grouped([(0, 1), (0, 2)], "aabb", nx.DiGraph)
    nx.set_node_attributes(graph, False, "answered")
    bounds = share_bounds(graph)
    assert (bounds.low, bounds.high) == (bounds.lowest, bounds.highest)


def test_bounds_hold_whatever_the_silent_would_have_said():
    rng = np.random.default_rng(11)
    for _ in range(20):
        (full, _) = world(rng, people=12)
        silent = [n for n in full if rng.random() < 0.3]
        seen = full.copy()
        seen.remove_edges_from(list(full.out_edges(silent)))
        if not seen.number_of_edges():
            continue
        nx.set_node_attributes(seen, {n: n not in silent for n in seen}, "answered")
        bounds = share_bounds(seen)
        truth = cross_share_intervals([full]).shares[0]
        assert bounds.lowest - 1e-12 <= truth <= bounds.highest + 1e-12
        assert bounds.lowest <= bounds.low <= bounds.share <= bounds.high <= bounds.highest


def test_response_counts_the_roster_only():
    graph = nx.DiGraph()
    graph.add_node("a", organisation="north", asked=True, answered=True)
    graph.add_node("b", organisation=None, asked=True, answered=False)
    graph.add_node("c", organisation="south", asked=False, answered=False)
    graph.add_node("z", organisation="south", asked=False, answered=None, rostered=False)
    rates = response_rates(graph)
    assert rates[["group", "people", "asked", "answered"]].values.tolist() == [
        ["All", 3, 2, 1], ["north", 1, 1, 1], ["south", 1, 0, 0],
    ]  # fmt: skip
    assert math.isnan(rates["response_rate"][2])
    assert response_rates(nx.DiGraph()).empty
