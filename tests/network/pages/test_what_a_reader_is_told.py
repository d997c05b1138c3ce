"""What a reader is told: no change its interval leaves open, who was off the roster, no group too small to be shown."""

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import networkx as nx
import pandas as pd
import pytest

from cop_analysis import network, open_study
from cop_analysis.network.methods.chance import chances_of_marked
from cop_analysis.network.methods.change_tests import CrossChange
from cop_analysis.network.methods.non_response import under_non_response
from cop_analysis.results.values import how_often
from cop_analysis.study import Study

CASES = Path(__file__).parents[2] / "cases"
NOTHING = (-0.1, 0.1)


def moved(density, share):
    """Give what became of connection, of which the intervals are these."""
    return CrossChange(
        SimpleNamespace(interval=density, who="people"),
        SimpleNamespace(change_interval=share),
        share,
        "first",
        "last",
    )


@pytest.mark.parametrize(
    ("limits", "side"), [((0.1, 0.3), 1), ((-0.3, -0.1), -1), ((-0.1, 0.3), 0), ((-0.3, 0.1), 0), ((0.0, 0.3), 0)]
)
def test_a_change_is_claimed_where_the_whole_interval_is_one_side_of_none(limits, side):
    assert moved(limits, NOTHING).by_density == side
    assert moved(NOTHING, limits).by_share == side
    assert moved(limits, NOTHING).answer().startswith("Yes" if side else "The data cannot tell")


def test_a_rise_is_more_and_a_fall_is_fewer():
    assert "have more ties across" in moved((0.1, 0.3), NOTHING).answer()
    assert "have fewer ties across" in moved((-0.3, -0.1), NOTHING).answer()


@pytest.mark.parametrize(
    ("p_value", "told"),
    [
        (0.0004, "less than once in 1,000 times"),
        (0.004, "4 times in 1,000"),
        (0.051, "5 times in 100"),
        (0.2, "20 times in 100"),
    ],
)
def test_chance_that_comes_up_often_is_not_called_rare(p_value, told):
    assert how_often(p_value) == told


def test_fewer_ties_across_than_by_chance_lie_below_it():
    within = nx.DiGraph([("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")])
    across = nx.DiGraph([("a", "c"), ("c", "a"), ("b", "d"), ("d", "b")])
    for graph in (within, across):
        nx.set_node_attributes(graph, {"a": "north", "b": "north", "c": "south", "d": "south"}, "organisation")
    assert network.ei_index(within, permutations=99).z < 0
    assert network.ei_index(across, permutations=99).z > 0


def test_what_cannot_be_drawn_has_no_chance():
    # 3 of 4 are marked: of 3 drawn at least 2 are.
    assert chances_of_marked(4, 3, 3).round(12).tolist() == [0, 0, 0.75, 0.25]


def test_who_was_never_asked_is_in_no_response_rate():
    graph = nx.DiGraph()
    graph.add_node("a", organisation="north", asked=True, answered=True)
    graph.add_node("b", organisation="north", asked=True, answered=False)
    graph.add_node("c", organisation="north", asked=False, answered=None)
    row = network.response_rates(graph).set_index("group").loc["north"]
    assert (row["people"], row["asked"], row["answered"], row["response_rate"]) == (3, 2, 1, 0.5)


def test_a_tie_is_returned_where_the_other_names_back():
    graph = nx.DiGraph([("a", "b"), ("b", "a"), ("a", "c"), ("c", "b")])
    nx.set_node_attributes(graph, dict.fromkeys("abc", "north"), "organisation")
    nx.set_node_attributes(graph, dict.fromkeys("abc", True), "answered")
    assert under_non_response(graph, permutations=9).returned_share == 0.5


def test_a_page_says_how_many_were_off_the_roster():
    caveats = " ".join(network.summary(open_study(CASES / "offroster"), permutations=99).caveats)
    assert "4 people named in a tie are not on that wave's roster (5 ties), so the boundary was not kept" in caveats


def of_sizes(before, after, audience):
    """Make a study of north with 5 people and south with so many in each wave, each naming the next."""
    rosters = [(f"N{n}", wave) for wave in ("before", "after") for n in range(5)]
    rosters += [(f"S{n}", "before") for n in range(before)] + [(f"S{n}", "after") for n in range(after)]
    ties = [(one, other, "advice", 1, wave) for (one, wave), (other, later) in pairwise(rosters) if wave == later]
    people = sorted({person for person, _ in rosters})
    homes = ["north" if person.startswith("N") else "south" for person in people]
    from tests.network.conftest import CONFIG

    return Study.from_tables(
        CONFIG,
        audience=audience,
        people=pd.DataFrame({"person": people, "organisation": homes, "role": "nurse"}),
        organisations=pd.DataFrame({"organisation": ["north", "south"], "name": ["North", "South"]}),
        ties=pd.DataFrame(ties, columns=["ego", "alter", "relation", "strength", "wave"]),
        rosters=pd.DataFrame(
            [(*one, "yes", "yes") for one in rosters], columns=["person", "wave", "asked", "answered"]
        ),
    )


@pytest.mark.parametrize(("before", "after", "is_shown"), [(5, 5, True), (5, 4, False), (4, 5, False), (6, 6, True)])
def test_a_group_below_five_in_any_wave_is_shown_to_the_team_only(before, after, is_shown):
    shown = network.organisation_matrix(of_sizes(before, after, "public"))
    assert ("fewer than 5 people" not in shown.sentence) == is_shown
    assert shown.table.empty != is_shown
    assert not network.organisation_matrix(of_sizes(before, after, "internal")).table.empty
