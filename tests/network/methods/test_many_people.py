"""Thousands of people: what cannot be done at a size says so and does what can; sums agree with lists of pairs."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from cop_analysis import network
from cop_analysis.network.methods.change_tests import cross_density_change, density_change
from cop_analysis.network.methods.projections import chances_of_sharing

CASES = Path(__file__).parents[2] / "cases"


# --- validated meetings --------------------------------------------------------------------------------------------


def test_two_people_at_the_same_twenty_of_forty_sessions_are_found():
    seen = pd.read_csv(CASES / "validated_resolution.csv")
    found = network.validated_projection(seen, permutations=99, seed=1)
    first = found.table.iloc[0]
    assert (first["first"], first["second"], first["shared"]) == ("P01", "P02", 20)
    for null in ("hypergeometric", "session_size"):
        assert first[f"p_value_{null}_bonferroni"] < 0.001
        assert found.counts.set_index("null").loc[null, "bonferroni"] == 1
    assert list(found.graph().edges) == [("P01", "P02")]


@pytest.mark.slow
def test_what_the_draws_can_resolve_is_said():
    seen = pd.read_csv(CASES / "validated_resolution.csv")
    found = network.validated_projection(seen, permutations=99, seed=1)
    # 435 pairs at .05: 8,700 draws; with 99 the floor is .01, so .01 x 435 / .05 = 87 pairs would have to reach it.
    assert "With 99 random attendances no p is below 0.01" in found.resolution
    assert "8,700" in found.resolution
    assert "87 pairs" in found.resolution
    assert found.resolution in found.sentence
    assert network.validated_projection(seen, permutations=0).resolution == ""


def by_hand(weights, first, second):
    """Enumerate all pairs of sets of events."""
    events = range(len(weights))

    def sets(size):
        found = {chosen: np.prod([weights[n] for n in chosen]) for chosen in combinations(events, size)}
        whole = sum(found.values())
        return {chosen: value / whole for chosen, value in found.items()}

    overlap = np.zeros(min(first, second) + 1)
    for one, p in sets(first).items():
        for other, q in sets(second).items():
            overlap[len(set(one) & set(other))] += p * q
    return overlap[::-1].cumsum()[::-1]


def test_the_worked_out_null_by_enumeration():
    # Six people at five events of 5, 4, 3, 2 and 2.
    attended, sizes = np.array([4, 3, 3, 2, 2, 2]), np.array([5, 4, 3, 2, 2])
    from cop_analysis.network.methods import projections

    weights = projections._weights(attended, sizes.astype(float))
    table = chances_of_sharing(attended, sizes)
    for first, second in ((4, 3), (3, 3), (2, 2), (4, 2)):
        expected = by_hand(weights, first, second)
        assert table[first, second, : len(expected)] == pytest.approx(expected, abs=1e-9)
    # The weights give every event its size on average.
    kinds, counts = np.unique(attended, return_counts=True)
    assert counts @ projections._chances_to_attend(weights, kinds) == pytest.approx(sizes, abs=1e-6)


def test_sessions_alike_give_the_hypergeometric():
    table = chances_of_sharing(np.array([3, 3, 2]), np.array([2, 2, 2, 2]))
    # Of 4 events, 3 and 2: at least 1 shared always, 2 shared with chance C(3,2)/C(4,2) = 1/2.
    assert table[3, 2, :3] == pytest.approx([1, 1, 0.5])


def test_an_event_that_everybody_attended_is_shared_by_every_pair():
    # The first event had all four people; of the others two each, so what is left is as for them alone.
    table = chances_of_sharing(np.array([2, 2, 2, 2]), np.array([4, 2, 2]))
    assert table[2, 2, :3] == pytest.approx([1, 1, 0.5])


@pytest.mark.slow
def test_sums_that_leave_the_range_of_numbers_give_no_chance_instead_of_none_at_all():
    # Of 180 sessions half had everybody but a hundred of 20,000 people, half had a hundred.
    sizes = np.array([19_900] * 90 + [100] * 90)
    assert chances_of_sharing(np.full(20_000, 90), sizes) is None


@pytest.mark.slow
def test_the_worked_out_null_is_near_the_drawn_one():
    rng = np.random.default_rng(1)
    rows = [(f"E{e}", f"P{p}") for e in range(12) for p in range(15) if rng.random() < (e + 2) / 16]
    found = network.validated_projection(pd.DataFrame(rows, columns=["event", "person"]), permutations=499, seed=2)
    drawn = found.table["p_value_fixed_degree"]
    assert np.corrcoef(found.table["p_value_session_size"], drawn)[0, 1] > 0.98
    # Where sessions differ much, the null that takes them for alike is further off.
    assert (found.table["p_value_session_size"] - drawn).abs().mean() < (
        found.table["p_value_hypergeometric"] - drawn
    ).abs().mean()


# --- sums in place of lists ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_meetings_agree_with_the_list_of_pairs(make_study, tables, seed):
    rng = np.random.default_rng(seed)
    people = [f"P{n}" for n in range(40)]
    homes = pd.DataFrame(
        {"person": people, "organisation": [["north", "south", "west", None][n % 4] for n in range(40)]}
    )
    rows = [(f"E{e}", person) for e in range(6) for person in people if rng.random() < 0.2]
    seen = pd.DataFrame(rows, columns=["event", "person"])
    events = pd.DataFrame({"event": [f"E{e}" for e in range(6)], "date": "2024-01-01"})
    study = make_study({"people": homes, "attendance": seen, "events": events})
    table = network.meeting_network(study).table.set_index(["one_organisation", "other_organisation"])
    graph = network.co_attendance(seen, homes)
    graph.remove_nodes_from([person for person, data in graph.nodes(data=True) if not data["attended"]])
    home = dict(graph.nodes(data="organisation"))
    for one, other in (("north", "south"), ("west", "west")):
        met = [
            weight
            for a, b, weight in graph.edges(data="weight")
            if sorted((str(home[a]), str(home[b]))) == [one, other]
        ]
        assert table.loc[(one, other), "pairs_met"] == len(met)
        pairs = table.loc[(one, other), "pairs"]
        assert table.loc[(one, other), "mean_sessions_shared"] == pytest.approx(sum(met) / pairs)
    assert f"{graph.number_of_edges():,} of their" in network.meeting_network(study).sentence


@pytest.mark.slow
def test_density_of_thousands_needs_no_full_matrix():
    before, after = (nx.gnm_random_graph(4_000, 8_000, seed=seed) for seed in (1, 2))
    for graph in (before, after):
        nx.set_node_attributes(graph, {n: n % 10 for n in graph}, "organisation")
    assert density_change(before, after, 20, seed=1).people == 4_000
    assert cross_density_change(before, after, "organisation", 20, seed=1).people == 4_000


def test_a_core_among_thousands_is_taken_along_the_order_of_ties():
    graph = nx.gnm_random_graph(2_100, 4_000, seed=1)
    core = list(range(20))
    graph.add_edges_from((a, b) for a in core for b in range(2_100) if a != b and (a + b) % 3 == 0)
    found = network.core_periphery(graph, permutations=2, seed=1)
    assert set(found.core) == set(core)
    assert "so many people are not searched further" in found.sentence


def test_a_picture_of_a_thousand_people_is_the_map_of_organisations(make_study):
    people = [f"P{n}" for n in range(1_000)]
    study = make_study(
        {
            "people": pd.DataFrame({"person": people, "organisation": [f"O{n % 5}" for n in range(1_000)]}),
            "ties": pd.DataFrame(
                {"ego": people, "alter": people[1:] + people[:1], "relation": "advice", "wave": "before"}
            ),
        }
    )
    shown = network.sociogram(study)
    assert shown.figure.name == shown.key
    assert len(shown.figure.svg) < 100_000
    assert any("no picture of people is drawn" in each for each in shown.caveats)


def test_many_people_at_sessions_are_compared_by_organisation(make_study):
    people = [f"P{n}" for n in range(1_600)]
    homes = pd.DataFrame({"person": people, "organisation": [f"O{n % 4}" for n in range(1_600)]})
    seen = pd.DataFrame({"person": people, "event": [f"E{n % 4}" if n % 4 < 3 else "E0" for n in range(1_600)]})
    events = pd.DataFrame({"event": ["E0", "E1", "E2"], "date": "2024-01-01"})
    answer = network.validated_meetings(make_study({"people": homes, "attendance": seen, "events": events}))
    assert answer.sentence.startswith("1,600 people attended, too many to look at pair by pair")
    assert "organisations in their place" in answer.sentence
