import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from cop_analysis.network import change_under_non_response, reconstruct, tie_quality, trust_network, under_non_response


def test_ties_to_the_silent_are_returned_and_nothing_else(grouped):
    graph = grouped([(0, 2), (1, 2), (2, 1), (0, 1), (3, 2)], "aabb", nx.DiGraph)
    graph.edges[0, 2]["strength"] = 3
    for person in (2, 3):
        graph.nodes[person]["answered"] = False
    filled = reconstruct(graph)
    assert set(filled.edges) - set(graph.edges) == {(2, 0)}
    assert filled.edges[2, 0] == {"strength": 3, "reconstructed": True}
    assert (filled.graph["reconstructed_ties"], filled.graph["unknown_pairs"]) == (1, 1)
    assert "reconstructed_ties" not in graph.graph


def test_an_undirected_tie_needs_no_filling_in(grouped):
    graph = grouped([(0, 1)], "ab")
    graph.nodes[1]["answered"] = False
    assert set(reconstruct(graph).edges) == {(0, 1)}


def test_treatments_by_hand(grouped):
    # 0, 1, 2 answered; 3 did not. Reported: 0>1, 1>0 (within), 0>2, 0>3, 2>3 (2 and 3 are of b).
    graph = grouped([(0, 1), (1, 0), (0, 2), (0, 3), (2, 3)], "aabb", nx.DiGraph)
    nx.set_node_attributes(graph, {0: True, 1: True, 2: True, 3: False}, "answered")
    found = under_non_response(graph, permutations=99)
    table = found.table.set_index("treatment")
    assert table.loc["as reported", ["ties", "ties_across"]].tolist() == [5, 2]
    assert table.loc["only people who answered", ["people", "ties", "ties_across"]].tolist() == [3, 3, 1]
    assert table.loc["ties to those who said nothing returned", ["ties", "ties_across"]].tolist() == [7, 3]
    # 3 would send 5 / 3 ties, at most 1 of them within.
    assert table.loc["unreported ties all within", "cross_share"] == pytest.approx(2 / 6)
    assert table.loc["unreported ties all across", "cross_share"] == pytest.approx((2 + 5 / 3) / (5 + 5 / 3))
    assert found.returned_share == pytest.approx(2 / 3)
    assert found.silent == 1
    assert not found.flips


def test_a_conclusion_that_flips_is_warned_of():
    # Those who answered keep to their own organisation; all ties across were named to people who did not answer.
    graph = nx.DiGraph()
    graph.add_nodes_from((n, {"organisation": "ab"[n % 2], "answered": True}) for n in range(16))
    graph.add_nodes_from((f"s{n}", {"organisation": "ab"[n % 2], "answered": False}) for n in range(10))
    graph.add_edges_from((a, b) for a in range(16) for b in range(16) if a != b and (a - b) % 4 == 0)
    graph.add_edges_from((a, f"s{n}") for n in range(10) for a in range(16) if (a - n) % 2)
    found = under_non_response(graph, permutations=199, seed=1)
    assert found.flips
    assert found.sentence.startswith("Warning: on which side of the 52% expected at random the share lies depends on")
    assert "how the 10 who did not answer are treated" in found.sentence


def test_everybody_answered(grouped):
    graph = grouped([(0, 1), (0, 2)], "aab", nx.DiGraph)
    found = under_non_response(graph, permutations=9)
    assert (found.silent, found.flips, found.could_flip, len(found.table)) == (0, False, False, 3)
    assert found.sentence == "Who answered is not on record, so nothing can be filled in."
    nx.set_node_attributes(graph, True, "answered")
    assert under_non_response(graph, permutations=9).sentence.startswith("All who were asked answered")


def test_a_change_that_non_response_could_explain(grouped):
    before = grouped([(0, 1), (2, 3), (0, 2)], "aabb", nx.DiGraph)
    after = grouped([(0, 1), (0, 2), (1, 3)], "aabb", nx.DiGraph)
    assert "rose; all who were asked answered" in change_under_non_response(before, after).sentence
    for wave in (before, after):
        wave.nodes[3]["answered"] = False
    found = change_under_non_response(before, after)
    assert found.could_flip
    table = found.table.set_index("treatment")
    assert table.loc["as reported", "change"] == pytest.approx(1 / 3)
    # 3 may have sent one tie in each wave, as the others did: within gives 1/4 and 2/4, across 2/4 and 3/4.
    assert table.loc["lowest change by unreported ties", "change"] == pytest.approx(2 / 4 - 2 / 4)
    assert table.loc["highest change by unreported ties", "change"] == pytest.approx(3 / 4 - 1 / 4)


def test_without_a_tie_there_is_nothing_to_say(grouped):
    with pytest.raises(ValueError, match="no tie between two different people"):
        under_non_response(grouped([], "ab"), permutations=9)


# --- strength and trust ------------------------------------------------------------------------------------------


def test_strength_within_and_across_by_hand(grouped):
    graph = grouped([], "aabb", nx.DiGraph)
    graph.add_weighted_edges_from([(0, 1, 4), (1, 0, 2), (2, 3, 3), (0, 2, 1), (3, 1, 2)], weight="strength")
    graph.add_edge(1, 2)
    found = tie_quality(graph, permutations=999, seed=1, most=4)
    table = found.table.set_index("kind")
    assert table.loc["within", ["ties", "mean", "median"]].tolist() == [3, 3, 3]
    assert table.loc["across", ["ties", "mean"]].tolist() == [2, 1.5]
    assert table.loc["all", "share_of_most"] == pytest.approx(2.4 / 4)
    row = found.differences.iloc[0]
    assert row[["difference", "mutual_pairs", "not_rated"]].tolist() == [-1.5, 1, 1]
    # Of the three ways to split four people in two pairs, 02|13 has a difference of +1.5 and 03|12 no tie within.
    assert row["p_value"] == pytest.approx(2 / 3, abs=0.06)


def test_ties_on_one_side_only_are_not_compared(grouped):
    graph = grouped([], "ab", nx.DiGraph)
    graph.add_edge(0, 1, strength=2)
    found = tie_quality(graph, permutations=9)
    assert math.isnan(found.differences["difference"][0])
    assert "nothing can be compared" in found.sentence
    assert tie_quality(nx.DiGraph(), permutations=9).table["ties"].sum() == 0


@pytest.mark.parametrize("score", ["high", float("inf"), -1])
def test_a_score_that_is_none_is_refused(grouped, score):
    graph = grouped([], "ab", nx.DiGraph)
    graph.add_edge(0, 1, strength=score)
    with pytest.raises(ValueError, match="no usable 'strength'"):
        tie_quality(graph, permutations=9)
    with pytest.raises(ValueError, match="highest score there can be"):
        tie_quality(graph, permutations=9, most=0)


def test_trust_is_the_mean_of_its_dimensions():
    ties = pd.DataFrame(
        [("a", "b", "openness", 4), ("a", "b", "reliability", 2), ("a", "b", "mission", 3), ("b", "a", "openness", 1),
         ("a", "c", "advice", 5)],
        columns=["ego", "alter", "relation", "strength"],
    ).assign(wave="w")  # fmt: skip
    people = pd.DataFrame({"person": list("abc"), "organisation": ["n", "s", "s"]})
    graph = trust_network(ties, people)
    assert graph.edges["a", "b"] == {"openness": 4, "reliability": 2, "mission": 3, "trust": 3, "dimensions_rated": 3}
    assert graph.edges["b", "a"]["dimensions_rated"] == 1
    assert (set(graph), graph.graph["dimensions"]) == (set("abc"), ("openness", "reliability", "mission"))
    with pytest.raises(ValueError, match=r"none of the dimensions of trust .* They hold: advice"):
        trust_network(ties[ties["relation"] == "advice"], people)


def test_mutual_ratings_that_agree_correlate():
    rng = np.random.default_rng(1)
    graph = nx.DiGraph()
    graph.add_nodes_from((n, {"organisation": n % 3}) for n in range(12))
    for a in range(12):
        for b in range(a):
            score = float(rng.integers(1, 5))
            graph.add_edge(a, b, strength=score)
            graph.add_edge(b, a, strength=score)
    assert tie_quality(graph, permutations=9).differences["mutual_correlation"][0] == pytest.approx(1)
