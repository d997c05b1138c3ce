import networkx as nx
import numpy as np
import pandas as pd
import pytest

from cop_analysis.network import co_attendance, organisation_network, person_network


def test_isolates_and_non_respondents_stay(forum):
    graph = person_network(forum.ties, forum.people, forum.rosters, "advice", "after")
    assert isinstance(graph, nx.DiGraph)
    assert list(graph) == list("ABCDEF")
    assert graph.nodes["E"] == {
        "organisation": "west", "role": "nurse", "rostered": True, "asked": True, "answered": False,
    }  # fmt: skip
    assert set(graph.edges) == {("A", "B"), ("A", "C"), ("B", "C"), ("C", "D"), ("D", "E"), ("F", "A")}
    assert graph.edges["A", "B"]["strength"] == 3


def test_people_off_the_roster_are_not_in_the_wave_unless_named(forum):
    before = person_network(forum.ties, forum.people, forum.rosters, "advice", "before")
    assert "F" not in before
    ties = pd.concat([forum.ties, pd.DataFrame([("A", "F", "advice", 1.0, "before")], columns=forum.ties.columns)])
    named = person_network(ties, forum.people, forum.rosters, "advice", "before")
    assert named.nodes["F"]["rostered"] is False
    assert named.nodes["F"]["answered"] is None


def test_without_rosters_everybody_is_in_and_answers_are_not_known(forum):
    graph = person_network(forum.ties, forum.people, None, "advice", "before")
    assert len(graph) == 6
    assert graph.nodes["F"]["rostered"] is True
    assert graph.nodes["F"]["answered"] is None


def test_ties_alone_are_enough(forum):
    graph = person_network(forum.ties, relation="advice", wave="before")
    assert set(graph) == set("ABCDE")
    assert graph.nodes["A"]["organisation"] is None
    assert graph.nodes["A"]["rostered"] is True


def test_strength_zero_self_ties_and_repeats():
    ties = pd.DataFrame(
        [("a", "b", 0), ("a", "a", 2), ("b", "a", 1), ("b", "a", 3)], columns=["ego", "alter", "strength"]
    ).assign(relation="advice", wave="w")
    graph = person_network(ties)
    assert list(graph.edges(data=True)) == [("b", "a", {"reports": 2, "strength": 2.0})]
    assert (graph.graph["no_tie_reports"], graph.graph["self_ties"]) == (1, 1)


def test_undirected_joins_both_reports():
    ties = pd.DataFrame([("a", "b", 1.0), ("b", "a", 3.0)], columns=["ego", "alter", "strength"]).assign(
        relation="works_with", wave="w"
    )
    graph = person_network(ties, directed=False)
    assert list(graph.edges(data=True)) == [("a", "b", {"reports": 2, "strength": 2.0})]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"relation": "trust"}, "No tie has the relation 'trust'. The ties hold: advice."),
        ({"wave": "never"}, "Neither ties nor rosters have the wave 'never'. They hold: after, before."),
        ({}, "The ties hold 2 values of wave"),
    ],
)
def test_what_is_not_there_is_named(forum, arguments, message):
    with pytest.raises(ValueError, match=message):
        person_network(forum.ties, forum.people, forum.rosters, **arguments)


def test_a_missing_column_and_a_missing_alter_are_named(forum):
    with pytest.raises(ValueError, match="ties table has no column alter"):
        person_network(forum.ties.drop(columns="alter"))
    broken = forum.ties.assign(alter=[None, *forum.ties["alter"][1:]])
    with pytest.raises(ValueError, match="without an ego or an alter"):
        person_network(broken, relation="advice", wave="before")


def test_organisations_are_rolled_up_with_counts_and_mean_strength(forum):
    people = person_network(forum.ties, forum.people, forum.rosters, "advice", "after")
    rolled = organisation_network(people)
    assert rolled.nodes["north"] == {
        "people": 2, "answered": 2, "within_ties": 1, "within_possible": 2, "within_density": 0.5,
        "within_strength": 3.0,
    }  # fmt: skip
    assert rolled.nodes["west"]["answered"] == 1
    assert rolled.edges["north", "south"] == {"ties": 2, "possible": 4, "density": 0.5, "strength": 1.5}
    assert not rolled.has_edge("south", "north")


def test_rolling_up_counts_parallel_ties_leaves_out_self_loops_and_the_unplaced(grouped):
    graph = grouped([(0, 0), (0, 2), (2, 0), (0, 3)], "aab", nx.MultiGraph)
    graph.add_edge(0, 3)
    rolled = organisation_network(graph)
    assert rolled.edges["a", "b"]["ties"] == 2
    assert (rolled.graph["people_left_out"], rolled.graph["ties_left_out"]) == (1, 2)
    assert rolled.nodes["a"]["within_ties"] == 0


def test_an_empty_network_rolls_up_to_an_empty_one():
    assert len(organisation_network(nx.DiGraph())) == 0


def test_co_attendance_agrees_with_counting_pairs():
    rng = np.random.default_rng(4)
    seen = pd.DataFrame({"event": rng.integers(0, 6, 60).astype(str), "person": rng.integers(0, 12, 60).astype(str)})
    graph = co_attendance(seen)
    sets = seen.groupby("person")["event"].agg(set)
    for first in sets.index:
        assert graph.nodes[first]["attended"] == len(sets[first])
        for second in sets.index:
            shared = len(sets[first] & sets[second])
            assert first == second or graph.get_edge_data(first, second, {"weight": 0})["weight"] == shared


def test_co_attendance_keeps_absentees_and_counts_head_counts():
    seen = pd.DataFrame({"event": ["E1", "E1", "E2"], "person": ["a", "b", None]})
    people = pd.DataFrame({"person": ["a", "b", "c"], "organisation": ["n", "n", "s"]})
    graph = co_attendance(seen, people)
    assert graph.nodes["c"] == {"organisation": "s", "role": None, "attended": 0}
    assert graph.graph["head_counts_left_out"] == 1
    assert list(graph.edges(data="weight")) == [("a", "b", 1)]


def test_the_dual_joins_events_by_shared_people():
    seen = pd.DataFrame({"event": ["E1", "E1", "E2", "E2", "E3"], "person": ["a", "b", "a", "b", "a"]})
    assert sorted(co_attendance(seen, of="events").edges(data="weight")) == [
        ("E1", "E2", 2), ("E1", "E3", 1), ("E2", "E3", 1),
    ]  # fmt: skip


def test_each_person_of_an_event_gets_one_unit_of_contact_under_the_size_correction():
    seen = pd.DataFrame({"event": ["E1"] * 5 + ["E2"], "person": [*"abcde", "a"]})
    graph = co_attendance(seen, size_correction=True)
    assert graph.degree("a", weight="weight") == pytest.approx(1)


def test_co_attendance_of_nothing_and_of_something_else():
    assert len(co_attendance(pd.DataFrame({"event": [], "person": []}))) == 0
    with pytest.raises(ValueError, match='it is "people" or "events"'):
        co_attendance(pd.DataFrame({"event": [], "person": []}), of="rooms")
