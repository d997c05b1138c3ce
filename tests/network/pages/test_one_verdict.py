"""One answer a question: did connection across change, could silence turn it; and words that never turn on p."""

from __future__ import annotations

import re

import networkx as nx
import pandas as pd
import pytest

from cop_analysis import network, open_study
from cop_analysis.network.methods.change_tests import cross_change, cross_density_change
from cop_analysis.results.values import how_often

FORUM = "data/nmp_forum"
CASES = "tests/cases"


def growth(extra: int = 2) -> tuple[nx.Graph, nx.Graph]:
    """Make two waves of 36 people in 4 groups: ties across go from 72 to 108 and stay half of all."""
    before, after = nx.Graph(), nx.Graph()
    for graph in (before, after):
        graph.add_nodes_from((n, {"organisation": "abcd"[n % 4], "answered": True}) for n in range(36))
    across, within = (1, 5, 9), (4, 8, 12)
    before.add_edges_from((n, (n + step) % 36) for n in range(36) for step in (*across[:2], *within[:2]))
    after.add_edges_from((n, (n + step) % 36) for n in range(36) for step in (*across[:extra], *within[:extra]))
    return before, after


def test_the_share_cannot_see_growth_and_the_density_of_crossing_ties_can():
    found = cross_change(*growth(3))
    assert found.crossing.ties == (72, 108)
    assert found.spread.shares == (0.5, 0.5)
    assert (found.word, found.by_density) == ("yes", 1)
    assert found.answer("organisations").startswith("Yes: people who answered both times have more ties across")
    assert found.verdict("q").is_supported


def test_of_whom_each_number_is_said():
    # 36 answered both times; a 37th, who did not answer before, is named by nobody and names eight people across after.
    before, after = growth(2)
    for graph, answered in ((before, False), (after, True)):
        graph.add_node(36, organisation="e", answered=answered)
    after.add_edges_from((36, other) for other in range(8))
    found = cross_change(before, after)
    assert found.crossing.people == 36
    assert found.crossing.ties == (72, 72)
    said = found.numbers("organisations")
    assert said.startswith("Among the 36 people who answered both times, ties across organisations went from 72 to 72 ")
    # 72 of 144, then 80 of 152: the newcomer's ties count here.
    assert "Of everybody's ties, the share across organisations went from 50% to 53% (" in said
    assert not re.search(r"\b[Tt]heir\b", found.sentence("organisations"))


def test_no_growth_is_no_change():
    found = cross_change(*growth(2))
    assert found.word == "cannot tell"
    assert found.answer("organisations") == "The data cannot tell whether connection across organisations changed."


@pytest.mark.parametrize("third", [0, 1])
def test_the_page_and_the_measure_say_the_same_of_a_change(tables, make_study, third):
    """The page hands on the intervals it has worked out of two waves; of more than two it takes those of the two."""
    later = tables["ties"][tables["ties"]["wave"] == "after"].iloc[:-2].assign(wave="later")
    tables["ties"] = pd.concat([tables["ties"], *[later] * third], ignore_index=True)
    keys = ["before", "after", "later"][: 2 + third]
    opened = network.waves(
        make_study(tables, waves=[{"key": key, "date": f"2024-0{n}-01"} for n, key in enumerate(keys, 1)])
    )
    waves = opened.networks.with_ties
    assert len(waves) == 2 + third
    for first, last in ((waves[0], waves[1]), (waves[0], waves[-1]), (waves[1], waves[-1])):
        if first is not last:
            by_page, alone = opened.moved_between(first, last), cross_change(first.placed, last.placed, replications=2)
            assert by_page.spread.change_interval == alone.spread.change_interval
            assert (by_page.spread.shares, by_page.share_range) == (alone.spread.shares, alone.share_range)


def test_seventy_five_to_one_hundred_and_one():
    # 27 people in 9 organisations of three: 648 ordered pairs cross. 75 and then 101 of them are tied, and ties within
    # grow with them (27 to 36), so that the share stays 74%.
    people = {n: n // 3 for n in range(27)}
    pairs = sorted(((a, b) for a in people for b in people if people[a] != people[b]),
                   key=lambda pair: ((pair[0] * 7 + pair[1] * 11) % 27, pair))  # fmt: skip
    inside = [(a, b) for a in people for b in people if a != b and people[a] == people[b]]
    waves = []
    for across, within in ((75, 27), (101, 36)):
        graph = nx.DiGraph()
        graph.add_nodes_from((n, {"organisation": str(home), "answered": True}) for n, home in people.items())
        graph.add_edges_from(pairs[:across] + inside[:within])
        waves.append(graph)
    change = cross_density_change(*waves, replications=500, seed=1)
    assert change.ties == (75, 101)
    assert (change.first, change.second) == (pytest.approx(75 / 648), pytest.approx(101 / 648))
    found = cross_change(*waves, labels=("Before", "After"), seed=1)
    assert "went from 75 to 101 (11.6% to 15.6% of those possible; change +4.0 percentage points" in found.sentence()
    assert "from 74% to 74%" in found.sentence()
    # Whatever the verdict, it agrees with the interval printed beside it.
    assert (found.word == "yes") == (found.crossing.interval[0] > 0)


def test_the_bootstrap_has_the_error_of_the_design():
    # Complete bipartite against empty among two equal groups: the density of crossing pairs is 1 in every sample.
    empty, full = nx.empty_graph(12), nx.complete_bipartite_graph(6, 6)
    for graph in (empty, full):
        nx.set_node_attributes(graph, {n: "ab"[n >= 6] for n in graph}, "organisation")
    found = cross_density_change(empty, full, replications=50)
    assert (found.change, found.ties, found.se) == (1, (0, 36), pytest.approx(0, abs=1e-12))


@pytest.mark.slow
def test_every_part_of_a_page_gives_the_same_answer():
    study = open_study(FORUM)
    summed, four, tested = (
        page(study, permutations=99) for page in (network.summary, network.four_answers, network.change_tested)
    )
    verdicts = {verdict for page in (summed, four, tested) for verdict in page.verdicts
                if verdict.question == "network:advice:across-changed"}  # fmt: skip
    assert len(verdicts) == 1
    answer = re.search(r"(People who answered both times have|The data cannot tell)[^.]*\.", summed.sentence)[0]
    assert answer in tested.sentence
    assert answer[1:] in four.table.loc[2, "answer"].replace("Yes: people", "People")
    words = " ".join([summed.sentence, tested.sentence, *four.table["answer"]])
    for other in ("Perhaps", "did not move", "outwards", "haphazard", "not certain", "for certain"):
        assert other not in words


@pytest.mark.slow
def test_an_answer_is_never_stronger_than_its_own_bounds():
    study = open_study(FORUM)
    for page in (network.summary, network.four_answers, network.what_silence_changes, network.change_tested):
        for by in ("organisation", "sector"):
            result = page(study, permutations=99, by=by)
            assert all(verdict.is_supported for verdict in result.verdicts), result.key


def test_the_worst_case_takes_the_answer_back():
    # 0, 1 and 2 keep to their own; 3, 4 and 5 said nothing and could each name all three: 9 of 14 at most.
    graph = nx.DiGraph([(0, 1), (1, 0), (0, 2), (2, 1), (1, 2)])
    graph.add_nodes_from((n, {"organisation": "aaabbb"[n], "answered": n < 3}) for n in range(6))
    found = network.under_non_response(graph, permutations=99)
    assert found.bounds.lowest <= found.expected_share <= found.bounds.highest
    assert found.bounds.highest == pytest.approx(9 / 14)
    assert found.could_at_worst
    assert "at the very worst between" in found.sentence


def test_the_very_worst_is_never_narrower_than_a_treatment():
    page = network.what_silence_changes(open_study(FORUM), permutations=99)
    for low, high, least, most in re.findall(
        r"between (\d+)% and (\d+)% across organisations; at the very worst between (\d+)% and (\d+)%", page.sentence
    ):
        assert int(least) <= int(low) <= int(high) <= int(most)


def test_the_share_has_one_bound():
    # 1 of 7 ties crosses. The 4 never asked, named 5 times, could name as many as others (7% to 57%) or all they can.
    opened = network.waves(open_study(f"{CASES}/offroster"), permutations=99)
    bound = "between 7% and 57%", "at the very worst between 5% and 74%"
    told = [opened.what_non_response_changes().sentence, opened.four_answers().table.loc[3, "answer"]]
    caveat = " ".join(opened.summary().caveats)
    assert all(part in text for part in bound for text in told)
    assert "between 7% and 57%" in caveat
    assert "at the very worst between 5% and 74%" in caveat


def test_a_treatment_that_lies_outside_the_bound_is_said_beside_it():
    said = network.waves(open_study(FORUM), permutations=99).what_non_response_changes().sentence
    first, _, later = said.partition("Follow-up:")
    assert "20% as reported, 11% among people who answered" in first
    assert "with unreported ties between 18% and 31%" in first
    assert "among people who answered" not in later, "there all lie inside: nothing to add"


def test_where_leaving_people_out_turns_the_answer_it_is_said_and_the_bound_stays_the_same():
    # 0 to 3 answered: 1 of their 3 ties crosses. 4 did not, and was named 9 times across by them.
    graph = nx.MultiDiGraph([(0, 1), (1, 0), (0, 2), *[(n % 2, 4) for n in range(9)]])
    graph.add_nodes_from((n, {"organisation": "aabbb"[n], "answered": n < 4}) for n in range(5))
    found = network.under_non_response(graph, permutations=99)
    assert (found.flips, found.could_flip) == (True, False)
    assert "83% as reported, 33% among people who answered" in found.sentence


def test_one_chance_level_a_page():
    study = open_study(FORUM)
    expected = network.summary(study, permutations=99).table["expected_share"].iloc[-1]
    table = network.what_silence_changes(study, permutations=99).table
    reported = table[(table["treatment"] == "as reported") & (table["wave"] == "Follow-up")]
    assert reported["expected_share"].item() == pytest.approx(expected)
    assert "E-I by chance" not in str(network.what_silence_changes(study, permutations=99).labels)


@pytest.mark.slow
def test_interval_and_p_are_said_to_answer_two_questions():
    study = open_study(FORUM)
    assert any("answer two questions" in each for each in network.summary(study, permutations=99).caveats)
    assert "answer two questions" in network.four_answers(study, permutations=99).table.loc[0, "answer"]
    assert any("answer two questions" in each for each in network.change_tested(study, permutations=99).caveats)
    assert any("no test against" in each for each in network.cross_share_trajectory(study).caveats)


def test_new_contacts_are_counted_once_on_a_page():
    study = open_study(FORUM)
    assert "gained a contact" in network.who_gained(study).sentence
    assert "people" not in network.wave_change_picture(study).sentence


@pytest.mark.parametrize(("one", "other"), [(0.049, 0.051), (0.0499, 0.0501)])
def test_words_do_not_turn_on_p(one, other):
    def without_numbers(p_value):
        return re.sub(r"\d+", "n", how_often(p_value))

    assert without_numbers(one) == without_numbers(other)


def test_no_module_of_the_room_branches_on_five_per_cent():
    from pathlib import Path

    for path in Path(network.__file__).parent.rglob("*.py"):
        assert not re.search(r"p_value[^\n]{0,20}(<|>=|<=|>) ?0\.05", path.read_text(encoding="utf-8")), path.name


def test_a_person_silent_before_gains_nothing_that_is_known():
    before, after = nx.DiGraph(), nx.DiGraph([("a", "b")])
    for graph in (before, after):
        graph.add_nodes_from((name, {"organisation": home, "answered": True}) for name, home in (("a", 1), ("b", 2)))
    before.nodes["a"]["answered"] = False
    table = network.cross_tie_gains(before, after).set_index("person")
    assert table.loc["a", ["gained", "not_known"]].tolist() == [0, 1]
    assert pd.notna(table.loc["a", "answered_both"])


@pytest.mark.slow
def test_without_rosters_nobody_is_said_to_have_answered(tables, make_study):
    """Who answered is on no record then: the words name the people of both waves, and a caveat says what that does."""
    del tables["rosters"]
    study = make_study(tables)
    for call in (network.summary, network.change_tested, network.wave_change):
        found = call(study)
        assert "answered both times" not in found.sentence, call.__name__
        assert any("Who was asked and who answered is not on record" in caveat for caveat in found.caveats)
    assert "people of both waves" in network.summary(study).sentence


@pytest.mark.slow
def test_no_wave_label_is_forced_after_a_preposition(tables, make_study):
    labelled = [{"key": "before", "label": "Before the course"}, {"key": "after", "label": "After the course"}]
    study = make_study(tables, waves=labelled)
    calls = (network.summary, network.four_answers, network.wave_change, network.change_tested, network.who_connects,
             network.who_spans, network.core_and_periphery, network.response)  # fmt: skip
    for call in calls:
        found = call(study)
        text = " ".join([found.title, found.sentence, *found.caveats, str(found.headline), *found.labels.values(),
                         *map(str, found.table.to_numpy().ravel())])  # fmt: skip
        assert not re.search(r"\b(?:[Aa]t|[Ff]rom|[Ii]n|[Ss]ince) (?:Before|After) the course", text), call.__name__
