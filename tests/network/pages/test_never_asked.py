"""Answered has three values, yes, no and never asked; who was named from outside the roster is nobody's sender."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

from cop_analysis import network, open_study
from cop_analysis.network.methods.graphs import answers_of, asked_part, did_not_answer, never_asked, said_nothing

CASE = Path(__file__).parents[2] / "cases" / "offroster"


@pytest.fixture(scope="module")
def offroster():
    # A1, A2 (north) and B1, B2 (south) were asked and answered. A1>A2, B1>B2; X1 to X4 were named and never asked.
    return open_study(CASE)


def test_three_values_of_answered(offroster):
    graph = network.wave_graphs(offroster)["w1"]
    assert answers_of(graph) == {
        "A1": "yes", "A2": "yes", "B1": "yes", "B2": "yes",
        "X1": "never asked", "X2": "never asked", "X3": "never asked", "X4": "never asked",
    }  # fmt: skip
    assert (did_not_answer(graph), len(never_asked(graph)), len(said_nothing(graph))) == (set(), 4, 4)
    assert sorted(asked_part(graph)) == ["A1", "A2", "B1", "B2"]


def test_only_people_who_answered_are_four_with_two_ties(offroster):
    table = network.what_silence_changes(offroster, permutations=99).table.set_index("treatment")
    assert table.loc["only people who answered", ["people", "ties", "ties_across"]].tolist() == [4, 2, 0]
    assert table.loc["as reported", ["people", "ties", "ties_across"]].tolist() == [8, 7, 1]
    # All five ties to outsiders returned.
    assert table.loc["ties to those who said nothing returned", "ties"] == 12
    # Each of the four asked sent 7 / 4 ties; the four outsiders would add 7 of them, 3 of each at most within.
    assert table.loc["unreported ties all within", "cross_share"] == pytest.approx(1 / 14)
    assert table.loc["unreported ties all across", "cross_share"] == pytest.approx(8 / 14)


def test_one_test_has_one_p_on_the_page(offroster):
    opened = network.waves(offroster, permutations=499, seed=3)
    table = opened.what_non_response_changes(permutations=99).table.set_index("treatment")
    assert table.loc["as reported", "p_value"] == opened.summary().table["p_value"].item()


def test_nothing_says_that_non_response_changes_nothing(offroster):
    pages = [network.four_answers(offroster, permutations=99), network.what_silence_changes(offroster, permutations=99)]
    words = " ".join([*(page.sentence for page in pages), *pages[0].table["answer"]])
    assert "the 4 never asked" in words
    for untrue in ("changes nothing", "All who were asked answered", "verybody", "No: "):
        assert untrue not in words


def test_outsiders_leave_density_triads_and_brokerage(offroster):
    graph = network.wave_graphs(offroster)["w1"]
    whole = network.cohesion(graph)
    assert (whole.people, whole.ties, whole.possible, whole.reciprocity) == (4, 2, 12, 0)
    assert network.triad_census(graph)["count"].sum() == 4  # triples of four people
    assert int(network.brokerage(graph).totals["total"]) == 0
    assert set(network.brokerage(graph).table["node"]) == {"A1", "A2", "B1", "B2"}
    row = network.mixing_table(offroster, permutations=99).table.iloc[0]
    assert row["density"] == pytest.approx(2 / 12)
    matrix = network.organisation_matrix(offroster).table.set_index(["from_organisation", "to_organisation"])
    assert matrix.loc[("NORTH", "NORTH"), ["ties", "possible", "density"]].tolist() == [3, 2, 0.5]
    assert matrix.loc[("NORTH", "SOUTH"), ["ties", "possible", "density"]].tolist() == [1, 4, 0]


def test_pages_tables_and_pictures_say_never_asked(offroster):
    picture = network.sociogram(offroster)
    assert picture.table.loc[0, ["did_not_answer", "never_asked"]].tolist() == [0, 4]
    assert "not on the roster, so never asked" in picture.figure.svg
    assert "4 were never asked" in picture.figure.alt
    connecting = network.who_connects(offroster).table.set_index("person")["answered"]
    assert connecting.loc[["A1", "X2"]].tolist() == ["yes", "never asked"]
    response = network.response(offroster)
    assert response.table.loc[0, ["people", "asked", "answered"]].tolist() == [4, 4, 4]


def test_whom_somebody_turns_to_who_was_never_asked_is_not_nobody(offroster):
    opened = network.waves(offroster, permutations=99)
    drawn = opened.sociogram().figure
    sent = drawn.table.set_index("person")["ties_sent"]
    assert sent.loc[["A1", "A2", "B1", "B2"]].tolist() == [2, 2, 2, 1]
    assert sent.loc[["X1", "X2", "X3", "X4"]].isna().all()
    assert "names 0" not in drawn.svg
    assert "X2, South. W1: named by 2;" in drawn.svg
    placed = opened.positions().table.set_index("person")
    unknown = placed.loc[["X1", "X2", "X3", "X4"], ["out_degree", "closeness_out", "harmonic_out"]]
    assert unknown.isna().all(axis=None)
    assert placed["in_degree"].to_dict() == {"A1": 0, "A2": 1, "B1": 0, "B2": 1, "X1": 1, "X2": 2, "X3": 1, "X4": 1}
    assert placed.loc[["A1", "A2", "B1", "B2"], "out_degree"].tolist() == [2, 2, 2, 1]
    assert "For people nobody asked, only ties that others reported are counted." in opened.who_connects().caveats


def test_two_neighbours_whom_nobody_asked_are_no_pair_without_a_tie(offroster):
    # A2 is tied to A1, X2 and X4: of X2 and X4 nobody was asked about the other; A1 named neither of them.
    alone = network.waves(offroster, permutations=99).ego_view("A2")
    assert "0 of 2 pairs of those neighbours (0%) are tied to each other" in alone.sentence
    assert "of 1 pair of neighbours neither said anything" in alone.sentence


def test_asked_and_answered_have_one_value_on_every_page(offroster):
    counted: dict[str, set[float]] = {}
    for page in (network.summary, network.four_answers, network.sociogram, network.structure, network.who_connects):
        for quantity in page(offroster).quantities:
            assert quantity.is_inside
            counted.setdefault(quantity.key, set()).add(quantity.value)
    for quantity in network.response(offroster).quantities:
        counted.setdefault(quantity.key, set()).add(quantity.value)
    assert counted["network:asked:advice:w1"] == counted["network:answered:advice:w1"] == {4}
    assert counted["network:ties:advice:w1"] == {7}
    assert counted["network:across:advice:w1"] == {1}
    assert all(len(values) == 1 for values in counted.values())


def test_a_larger_survey_that_named_people_outside(make_study):
    # 60 people in 6 organisations, a ring in each: everybody names the next two of their own (120 ties within). Every
    # third names the person of the same place in the next organisation (20 across). 54 answered, 6 did not (one of each
    # organisation, the last: whose 12 ties within are not known). Every answering person names one outsider of the same
    # organisation; there are 27 outsiders.
    people, rosters, ties = [], [], []
    for n in range(60):
        group, place = divmod(n, 10)
        people.append((f"P{n:02}", f"O{group}"))
        rosters.append((f"P{n:02}", "w1", "yes", "no" if place == 9 else "yes"))
        if place == 9:
            continue
        ties += [(f"P{n:02}", f"P{10 * group + (place + step) % 10:02}") for step in (1, 2)]
        if place % 3 == 0 and place < 9:
            ties.append((f"P{n:02}", f"P{(n + 10) % 60:02}"))
        ties.append((f"P{n:02}", f"X{group}{place // 2}"))
    outside = sorted({alter for _, alter in ties if alter.startswith("X")})
    people += [(one, f"O{one[1]}") for one in outside]
    study = make_study(
        {
            "people": pd.DataFrame(people, columns=["person", "organisation"]),
            "rosters": pd.DataFrame(rosters, columns=["person", "wave", "asked", "answered"]).replace("w1", "before"),
            "ties": pd.DataFrame(ties, columns=["ego", "alter"]).assign(relation="advice", wave="before"),
        }
    )
    graph = next(iter(network.wave_graphs(study).values()))
    assert (len(outside), graph.number_of_nodes(), graph.number_of_edges()) == (30, 90, 54 * 3 + 18)
    whole = network.cohesion(graph)
    # Among the 60 of the roster: 54 x 2 within and 18 across.
    assert (whole.people, whole.ties, whole.possible) == (60, 126, 60 * 59)
    table = network.what_silence_changes(study, permutations=99).table.set_index("treatment")
    # Ties sent to the six silent: places 8 and 7 name place 9 in each organisation.
    assert table.loc["only people who answered", ["people", "ties", "ties_across"]].tolist() == [54, 126 - 12, 18]
    assert table.loc["as reported", ["people", "ties"]].tolist() == [90, 180]
    # 36 people said nothing; those who answered sent 180 / 54 each.
    assert table.loc["unreported ties all within", "cross_share"] == pytest.approx(18 / (180 + 36 * 180 / 54))
    response = network.response(study).table
    assert response.loc[0, ["people", "asked", "answered"]].tolist() == [60, 60, 54]
    caveats = " ".join(network.summary(study, permutations=99).caveats)
    assert "6 of 60 asked did not answer" in caveats
    assert "30 people named in a tie are not on that wave's roster (54 ties)" in caveats
    assert "the ties of the 6 who did not answer and the 30 never asked" in caveats


def test_whoever_reported_ties_has_answered_whatever_the_roster_forgot():
    ties = pd.DataFrame({"ego": ["a", "z"], "alter": ["b", "a"], "relation": "advice", "wave": "w1"})
    rosters = pd.DataFrame({"person": ["a", "b"], "wave": "w1", "asked": True, "answered": [True, False]})
    graph = network.person_network(ties, None, rosters)
    assert answers_of(graph) == {"a": "yes", "b": "no", "z": "yes"}
    assert never_asked(graph) == set()


def test_never_asked_is_not_a_zero_for_rsiena(tmp_path):
    waves = []
    for _ in range(2):
        graph = nx.DiGraph([("a", "b"), ("b", "a"), ("a", "c")])
        graph.nodes["c"].update(asked=False, answered=None, rostered=True)
        waves.append(graph)
    network.write_rsiena(waves, tmp_path)
    assert (tmp_path / "wave1.txt").read_text().split("\n")[2].split() == ["NA", "NA", "0"]


def test_compare_density_leaves_out_whom_nobody_asked():
    graph = nx.DiGraph([("a", "b"), ("b", "c")])
    graph.nodes["c"]["asked"] = False
    change = network.compare_waves(graph, graph.copy())
    assert change.density_first == pytest.approx(1 / 2)


def test_of_two_organisations_the_other_is_one_and_a_warning_is_given_once(offroster):
    assert "reached most: the one other." in network.who_connects(offroster).sentence
    answers = network.four_answers(offroster, permutations=99)
    assert "1 others" not in str(answers.payload())
    assert "Warning: it could." not in str(answers.payload())
