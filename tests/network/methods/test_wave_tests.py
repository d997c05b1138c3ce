import itertools
import math

import networkx as nx
import numpy as np
import pytest

from cop_analysis.network import cross_tie_gains, density_change, ei_change, ei_index


def test_knokes_two_relations(knoke):
    # Paired bootstrap of the difference of .5444 and .2444: standard error .125, z 2.39 (Hanneman & Riddle 2005).
    found = density_change(knoke("money"), knoke("information"), 5000, seed=1)
    assert (found.first, found.second) == (pytest.approx(0.2444, abs=5e-5), pytest.approx(0.5444, abs=5e-5))
    assert found.change == pytest.approx(0.3)
    # A standard error from R draws has one of about se / sqrt(2 R) itself; the published one had thousands, too.
    assert abs(found.se - 0.1255) < 3 * 0.1255 * math.sqrt(1 / 10_000 + 1 / 10_000)
    assert abs(found.z - 2.39) < 3 * 2.39 * math.sqrt(1 / 10_000 + 1 / 10_000)
    assert found.interval[0] > 0
    assert "5,000 bootstrap samples" in found.sentence
    assert found.p_value == pytest.approx(0.017, abs=0.003)


def test_the_mirror_image_has_the_opposite_change(knoke):
    there = density_change(knoke("money"), knoke("information"), 300, seed=2)
    back = density_change(knoke("information"), knoke("money"), 300, seed=2)
    assert (back.change, back.se) == (pytest.approx(-there.change), pytest.approx(there.se))


def test_no_change_has_no_spread_and_no_z(florentine):
    same = density_change(florentine("marriage"), florentine("marriage"), 50)
    assert (same.change, same.se) == (0, 0)
    assert math.isnan(same.z)


def test_weights_and_people_of_one_wave_only():
    before, after = nx.DiGraph(), nx.DiGraph()
    before.add_weighted_edges_from([("a", "b", 2), ("b", "c", 1), ("c", "z", 5)], weight="strength")
    after.add_weighted_edges_from([("b", "a", 4), ("c", "b", 1)], weight="strength")
    after.add_node("y")
    found = density_change(before, after, 50, weight="strength")
    assert (found.people, found.left_out) == (3, 2)
    assert (found.first, found.second) == (3 / 6, 5 / 6)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (nx.Graph(), nx.DiGraph(), "One wave is directed"),
        (nx.path_graph(2), nx.path_graph(5), "2 people answered in both networks"),
        (nx.Graph(), nx.Graph(), "0 people answered in both networks"),
    ],
)
def test_what_cannot_be_compared_is_refused(first, second, message):
    with pytest.raises(ValueError, match=message):
        density_change(first, second, 10)


def test_one_replication_is_not_enough(knoke):
    with pytest.raises(ValueError, match="at least 2 samples"):
        density_change(knoke("money"), knoke("money"), 1)


def test_ei_change_agrees_with_every_arrangement(grouped):
    before, after = grouped([(0, 1), (1, 2), (3, 4)], "aaabb"), grouped([(0, 3), (1, 4), (2, 3), (0, 1)], "aaabb")

    def index_of(graph, labels):
        return 2 * np.mean([labels[s] != labels[t] for s, t in graph.edges()]) - 1

    every = [index_of(after, labels) - index_of(before, labels) for labels in itertools.permutations("aaabb")]
    found = ei_change(before, after, permutations=2000, seed=1)
    assert found.change == pytest.approx(every[0])
    assert np.mean(every) == pytest.approx(0, abs=1e-12)
    assert found.sd == pytest.approx(np.std(every), rel=0.06)
    exact = np.mean(np.abs(every) >= abs(every[0]) - 1e-9)
    assert found.p_value == pytest.approx(exact, abs=3.5 * math.sqrt(exact * (1 - exact) / 2000) + 1e-3)
    assert found.first == pytest.approx(ei_index(before, permutations=9).estimate)


def test_ei_change_is_over_the_people_of_both_waves_with_their_last_group(grouped):
    before, after = grouped([(0, 1), (1, 2)], "abb"), grouped([(0, 1), (0, 3)], "aabb")
    after.remove_node(2)
    found = ei_change(before, after, permutations=9)
    assert (found.people, found.left_out) == (2, 2)
    assert (found.first, found.second) == (-1, -1)  # by the second wave 0 and 1 are of one group


def test_a_wave_without_a_tie_is_refused(grouped):
    with pytest.raises(ValueError, match="In the second wave the 2 people who answered both times have no tie"):
        ei_change(grouped([(0, 1)], "ab"), grouped([], "ab"), permutations=9)


def test_who_gained_by_hand(forum):
    from cop_analysis.network import wave_graphs

    before, after = wave_graphs(forum, "advice").values()
    table = cross_tie_gains(before, after).set_index("person")
    # Before A-C and E-A cross; after A-C, B-C and D-E do (F joined later and is in one wave only).
    assert table.loc["B", ["across_before", "across_after", "gained", "lost"]].tolist() == [0, 1, 1, 0]
    # E did not answer after, so that E no longer names A is not known to be a loss.
    assert table.loc["A", ["across_before", "across_after", "gained", "lost", "not_known"]].tolist() == [2, 1, 0, 0, 1]
    assert table.loc["C", ["groups_before", "groups_after"]].tolist() == [1, 1]
    assert "F" not in table.index
    assert bool(table.loc["E", "answered_both"]) is False
    assert table["gained"].is_monotonic_decreasing


def test_nobody_in_both_waves_gained_nothing():
    assert cross_tie_gains(nx.Graph(), nx.Graph()).empty
