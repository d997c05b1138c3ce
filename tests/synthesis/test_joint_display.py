"""The joint display: what each strand shows, and whether strands agree, by a rule that can be followed by hand."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from cop_analysis import change, network, open_study
from cop_analysis.synthesis import evidence_matrix, headline, joint_display
from cop_analysis.synthesis.measures import Finding, Text, agreement

RISES = {"kind": "survey_item", "instrument": "confidence", "item": "q1", "expects": "higher"}
FALLS = {"kind": "survey_item", "instrument": "confidence", "item": "q2", "expects": "higher"}
TIES = {"kind": "network", "relation": "advice", "measure": "cross_organisation_share", "expects": "higher"}
SUPPORT = {"kind": "rating_item", "item": "peer_support", "expects": "higher"}
EASE = {"kind": "rating_item", "item": "ease", "expects": "higher"}
SERIES = {"kind": "event_series", "series": "forum"}
FEW = {"permutations": 99, "seed": 1}


@pytest.mark.parametrize(
    ("text", "goes", "expects", "expected"),
    [
        ((3, 1), "higher", "higher", "confirm"),
        ((3, 1), "lower", "lower", "confirm"),
        ((3, 1), "lower", "higher", "contradict"),
        ((1, 3), "lower", "higher", "confirm"),  # both say that it does not hold
        ((1, 3), "higher", "higher", "contradict"),
        ((2, 2), "higher", "higher", "complement"),
        ((3, 1), "unclear", "higher", "complement"),
        ((3, 1), "reach", None, "complement"),
        ((3, 1), "higher", None, "complement"),
        ((3, 1), "silent", "higher", "silent"),
        ((0, 0), "higher", "higher", "silent"),
    ],
)
def test_the_rule_of_agreement(text: tuple[int, int], goes: str, expects: str | None, expected: str) -> None:
    assert agreement(Text(text[0], 0, text[1]), Finding("", goes), expects) == expected


def test_strands_stand_side_by_side_with_their_figures(make_study) -> None:
    study = make_study({"k1": [RISES, TIES, SUPPORT, SERIES]}, {"k1": (2, 1)})
    shown = joint_display(study, **FEW)
    table = shown.table.set_index("strand")
    assert list(table.index) == ["coded text", "survey", "ties", "ratings", "attendance"]
    assert table.loc["coded text", "shows"] == "2 support, 0 refine, 1 refute, from 1 document"
    # All 12 rose: PS is 1, and Tango's lower limit for 12 of 12 stays below it.
    assert table.loc["survey", "estimate"] == 1.0
    assert 0.7 < table.loc["survey", "low"] < 1.0
    # 2 of 2 ^ 12 sign patterns are as far from the centre.
    assert table.loc["survey", "p_value"] == pytest.approx(2 / 2**12)
    assert table.loc["survey", "n"] == 12
    assert table.loc["ties", "estimate"] == 1.0
    assert "0% (Before; 0 of 12 ties" in table.loc["ties", "shows"]
    assert "100% (After; 12 of 12 ties" in table.loc["ties", "shows"]
    assert "24 ratings, mean 4.5" in table.loc["ratings", "shows"]
    assert "12 of 12 people above its middle" in table.loc["ratings", "shows"]
    assert table.loc["attendance", "shows"] == "15 attendances at 2 events (3 to 12 an event), by 12 different people."
    assert table.loc[["survey", "ties", "ratings"], "reading"].tolist() == ["confirm"] * 3
    assert table.loc["attendance", "reading"] == "complement"
    assert shown.headline.value == "1 of 1"
    assert "The 1 person quoted came to 2 of 2 sessions." in shown.body_html


def test_a_contradiction_is_never_outvoted(make_study) -> None:
    study = make_study(
        {"k1": [RISES, FALLS, SUPPORT], "k2": [FALLS], "k3": [EASE], "k4": [], "k5": [RISES]},
        {"k1": (2, 0), "k2": (2, 1), "k3": (2, 1), "k4": (2, 1), "k5": (1, 2)},
    )
    overall = joint_display(study, **FEW).by_configuration.set_index("configuration")["overall"]
    assert overall.to_dict() == {
        "k1": "divided",
        "k2": "contradict",
        "k3": "complement",  # everybody sat on the middle of the scale
        "k4": "silent",
        "k5": "contradict",  # the text says it does not hold, the measure that it does
    }


def test_a_reversed_item_is_turned_round(make_study) -> None:
    item = {"kind": "survey_item", "instrument": "confidence", "item": "q3", "expects": "higher"}
    table = joint_display(make_study({"k1": [item]}, {"k1": (1, 0)}), **FEW).table
    assert table.iloc[1]["reading"] == "confirm"


def test_the_figures_are_those_of_the_rooms_they_come_from(make_study) -> None:
    scale = {"kind": "survey_scale", "instrument": "confidence", "expects": "higher"}
    study = make_study({"k1": [scale, TIES]}, {"k1": (1, 0)})
    table = joint_display(study, **FEW).table.set_index("strand")
    own = change.scale_change(study)
    assert table.loc["survey", "estimate"] == pytest.approx(own.superiority)
    assert table.loc["survey", "low"] == pytest.approx(own.superiority_low)
    assert table.loc["survey", "p_value"] == pytest.approx(own.p_value)
    shares = network.summary(study, "advice", 99, 1).table["cross_share"]
    assert table.loc["ties", "estimate"] == pytest.approx(shares.iloc[-1] - shares.iloc[0])


def test_the_ei_index_is_twice_the_share_less_one(make_study) -> None:
    index = {**TIES, "measure": "ei_index"}
    table = joint_display(make_study({"k1": [index]}, {"k1": (1, 0)}), **FEW).table
    assert table.iloc[1]["estimate"] == 2.0
    assert "−1.00 (Before; 0 of 12 ties" in table.iloc[1]["shows"]


@pytest.mark.parametrize(
    ("measure", "table"), [(RISES, "survey"), (TIES, "ties"), (SUPPORT, "ratings"), (SERIES, "events")]
)
def test_a_strand_whose_table_is_absent_says_so_and_is_silent(make_study, measure: dict, table: str) -> None:
    without = {"events": ("events", "attendance", "ratings")}.get(table, (table,))
    shown = joint_display(make_study({"k1": [measure]}, {"k1": (2, 1)}, without=without), **FEW)
    row = shown.table.iloc[1]
    assert row["shows"] == f"This study has no {table} table ({table}.csv)."
    assert row["reading"] == "silent"


@pytest.mark.parametrize(
    "measure",
    [
        {"kind": "survey_item", "instrument": "stress", "item": "q1"},
        {"kind": "survey_item", "instrument": "confidence", "item": "q9"},
        {"kind": "network", "relation": "friends", "measure": "cross_organisation_share"},
        {"kind": "rating_item", "item": "nothing"},
        {"kind": "event_series", "series": "nothing"},
    ],
)
def test_a_measure_that_points_at_nothing_is_silent_and_named(make_study, measure: dict) -> None:
    row = joint_display(make_study({"k1": [measure]}, {"k1": (2, 1)}), **FEW).table.iloc[1]
    assert row["reading"] == "silent"
    assert row["shows"]


def test_head_counts_do_not_pass_for_people(make_study) -> None:
    import pandas as pd

    counts = pd.DataFrame({"event": ["E1", "E2"], "count": [9, 4]})
    shown = joint_display(make_study({"k1": [SERIES]}, {"k1": (1, 0)}, attendance=counts), **FEW)
    assert shown.table.iloc[1]["shows"] == "13 attendances at 2 events (4 to 9 an event)."
    assert "quoted came" not in shown.body_html


def test_quotes_link_to_the_transcripts_page_and_stay_text(make_study) -> None:
    study = make_study({"k1": [SUPPORT]}, {"k1": (1, 1)})
    html = joint_display(study, **FEW).body_html
    assert 'href="02_cmo_configurations.html#place-x0"' in html
    ids = re.findall(r'id="([^"]*)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]*)"', html)) <= set(ids)
    assert html.count("<table") == html.count("</table>")


def test_without_coding_each_page_part_says_so(make_study) -> None:
    study = make_study()
    assert "no coding yet" in joint_display(study, **FEW).sentence
    assert "no coding yet" in evidence_matrix(study).sentence
    assert "no coding yet" in headline(study, **FEW).table.set_index("strand").loc["theory", "reads"]


def test_the_programme_is_read_in_five_sentences_from_the_rooms(make_study) -> None:
    read = headline(make_study({"k1": [RISES], "k2": [FALLS]}, {"k1": (2, 1), "k2": (2, 0)}), **FEW)
    assert read.table["strand"].tolist() == ["reach", "change", "ties", "theory", "agreement"]
    said = read.table.set_index("strand")["reads"]
    assert said["reach"].startswith("Reach: 15 of 18 sign-ups turned into attendance (83%")
    assert "12 of 12 higher" in said["change"]
    assert "cross-organisation share 0% (Before), then 100% (After)" in said["ties"]
    assert said["theory"] == "Theory: 2 configurations, 1 of them with refuting evidence found."
    assert said["agreement"].startswith(
        "Agreement: a measure over all who answered points the way people said for 1 of them and the other way for 1"
    )
    assert read.sentence == " ".join(said)


def test_a_study_with_nothing_has_nothing_to_read() -> None:
    from cop_analysis.study import Study

    study = Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"})
    assert "nothing to read" in headline(study, **FEW).sentence


def test_the_matrix_counts_extracts_once_by_the_level_of_their_code(make_study) -> None:
    study = make_study({"k1": [], "k2": []}, {"k1": (2, 1), "k2": (0, 0)})
    shown = evidence_matrix(study)
    table = shown.table.set_index("configuration")
    # The code has no level of its own and takes that of the code above it.
    assert table.loc["k1", ["individual", "system", "extracts", "refuting"]].tolist() == [0, 3, 3, 1]
    assert table.loc["all", ["system", "extracts"]].tolist() == [3, 3]
    assert shown.sentence == (
        "More evidence stands at the system level than at any other (3 of 3 extracts). "
        "None stands at the individual or interpersonal or organisational level."
    )


def test_ratings_are_told_apart_by_the_changes_of_the_programme_between_them(make_study) -> None:
    changes = pd.DataFrame({"change": ["C1"], "date": ["2024-03-01"], "what": ["Breakout rooms"]})
    study = make_study({"k1": [SUPPORT]}, {"k1": (2, 1)}, changes=changes)
    shows = joint_display(study, **FEW).table.set_index("strand").loc["ratings", "shows"]
    assert shows.endswith(
        "Between one change of the programme and the next the mean was 5.0 at first (12), 4.0 from 1 March 2024 (12)."
    )


def test_a_change_before_the_first_rating_divides_nothing(make_study) -> None:
    changes = pd.DataFrame({"change": ["C1"], "date": ["2024-01-01"], "what": ["Moved"]})
    study = make_study({"k1": [SUPPORT]}, {"k1": (2, 1)}, changes=changes)
    assert "Between" not in joint_display(study, **FEW).table.set_index("strand").loc["ratings", "shows"]


def test_a_survey_that_cannot_be_paired_is_not_called_absent() -> None:
    sentence = headline(open_study("tests/cases/anonymous"), **FEW).sentence
    assert "has no events, survey" not in sentence
    assert "the ids are in doubt" in sentence


def test_no_headline_where_no_measure_speaks(make_study) -> None:
    assert joint_display(make_study({"k1": []}, {"k1": (2, 1)}), **FEW).headline is None


# --- ratings without a name -----------------------------------------------------------------------------------------


def ratings_of(named: int, unnamed: int) -> pd.DataFrame:
    """Named people rate twice each, half of them above the middle; unnamed ratings are all above it."""
    rows = [(event, f"P{number:02d}", "peer_support", 4 if number % 2 else 2)
            for number in range(1, named + 1) for event in ("E1", "E2")]  # fmt: skip
    rows += [("E1", None, "peer_support", 5)] * unnamed
    return pd.DataFrame(rows, columns=["event", "respondent", "item", "score"])


def test_people_and_ratings_without_a_name_are_never_added_up(make_study) -> None:
    """12 people who rated twice and 7 unnamed ratings are not 19 people, and only people have an interval."""
    study = make_study({"k1": [SUPPORT]}, {"k1": (2, 1)}, ratings=ratings_of(12, 7))
    row = joint_display(study, **FEW).table.set_index("strand").loc["ratings"]
    assert row["n"] == 12
    assert "6 of 12 people who gave a name (each once) above its middle (50%" in row["shows"]
    assert "7 of 7 ratings without a name above its middle, 0 below, with no interval" in row["shows"]
    assert "19" not in row["shows"]


def test_ratings_without_any_name_have_no_interval_and_leave_the_direction_open(make_study) -> None:
    study = make_study({"k1": [SUPPORT]}, {"k1": (2, 1)}, ratings=ratings_of(0, 9))
    row = joint_display(study, **FEW).table.set_index("strand").loc["ratings"]
    assert pd.isna(row["low"])
    assert row["reading"] == "complement"


def test_one_item_of_several_is_judged_by_an_interval_that_allows_for_all(make_study) -> None:
    study = make_study({"k1": [RISES]}, {"k1": (2, 1)})
    assert "allowing for all 3 items" in joint_display(study, **FEW).table.set_index("strand").loc["survey", "shows"]


def test_every_direction_is_carried_by_the_bounds_it_was_judged_by(make_study) -> None:
    result = joint_display(make_study({"k1": [RISES, TIES, SUPPORT]}, {"k1": (2, 1)}), **FEW)
    assert {one.word for one in result.verdicts} == {"yes"}
    assert len(result.verdicts) == 3
    assert all(one.is_supported for one in result.verdicts)


def test_where_interval_and_exact_test_fall_on_different_sides_the_direction_is_left_open(make_study) -> None:
    """5 of 12 rose by 1 and nobody fell: the interval of PS lies above one half, the exact sign test has p = .0625."""
    people = [f"P{number:02d}" for number in range(1, 13)]
    rows = [(person, wave, item, 3 + step * (wave == "after" and place < 5))
            for place, person in enumerate(people) for wave in ("before", "after")
            for item, step in (("q1", 1), ("q2", 1), ("q3", -1))]  # fmt: skip
    survey = pd.DataFrame(rows, columns=["person", "wave", "item", "score"]).assign(instrument="confidence")
    scale = {"kind": "survey_scale", "instrument": "confidence", "expects": "higher"}
    study = make_study({"k1": [scale]}, {"k1": (2, 1)}, survey=survey)
    row = joint_display(study, **FEW).table.set_index("strand").loc["survey"]
    assert row["low"] > 0.5
    assert "so the direction is left open" in row["shows"]
    assert row["reading"] == "complement"


def test_the_page_that_joins_answers_as_the_networks_own_page_does(make_study) -> None:
    from cop_analysis import change, network

    study = make_study({"k1": [TIES]}, {"k1": (2, 1)})
    read = headline(study, **FEW)
    own = network.summary(study, "advice", **FEW)
    asked = change.compare(study).answer()
    assert set(read.verdicts) == {*own.verdicts, *asked.verdicts}
    ties = read.table.set_index("strand").loc["ties", "reads"]
    # Nobody is on a roster, so nobody is known to have answered: 0 of the 12 ties before cross, all 12 after do.
    assert "Among people of both waves there were 0 such ties, then 12." in ties


def test_what_silent_people_could_have_said_leaves_a_direction_open(make_study) -> None:
    """As reported all 12 ties lie within, then 8 of 12 cross; with 9 silent it could be 9 of 21, then 8 of 21."""
    north, south = ([f"P{number:02d}" for number in range(first, first + 6)] for first in (1, 7))
    inside = [(ring[i], ring[(i + 1) % 6]) for ring in (north, south) for i in range(6)]
    across = [pair for i in range(4) for pair in ((north[i], south[i]), (south[i], north[i + 1]))]
    rows = [(*pair, "before") for pair in inside] + [(*pair, "after") for pair in (*across, *inside[4:6], *inside[10:])]
    ties = pd.DataFrame(rows, columns=["ego", "alter", "wave"]).assign(relation="advice")
    rosters = pd.DataFrame(
        [(person, wave, place % 4 == 0) for wave in ("before", "after") for place, person in enumerate(north + south)],
        columns=["person", "wave", "answered"],
    ).assign(asked=True)
    study = make_study({"k1": [TIES]}, {"k1": (2, 1)}, rosters=rosters, ties=ties)
    result = joint_display(study, **FEW)
    row = result.table.set_index("strand").loc["ties"]
    assert row["low"] > 0
    assert "so its direction is left open" in row["shows"]
    assert row["reading"] == "complement"
    assert all(one.is_supported for one in result.verdicts)


def test_a_lower_is_better_instrument_is_told_the_better_way(make_study) -> None:
    stress = {"key": "confidence", "title": "Stress", "minimum": 1, "maximum": 5, "direction": "lower is better",
              "items": [{"key": "q1"}, {"key": "q2"}, {"key": "q3", "reverse": True}]}  # fmt: skip
    falls = {"kind": "survey_item", "instrument": "confidence", "item": "q2", "expects": "lower"}
    study = make_study({"k1": [falls]}, {"k1": (2, 1)}, instruments=[stress])
    row = joint_display(study, **FEW).table.set_index("strand").loc["survey"]
    assert "12 of 12 lower (better), 0 higher" in row["shows"]
    assert "tendency downwards, the better way, 100%" in row["shows"]
    assert (row["quantity"], row["estimate"], row["high"]) == ("tendency downwards, the better way (PS)", 1.0, 1.0)
    assert row["reading"] == "confirm"


@pytest.mark.slow
def test_whole_organisations_stand_beside_a_change_here_too(make_study) -> None:
    said = headline(make_study({"k1": [RISES]}, {"k1": (2, 1)}), **FEW).table.set_index("strand").loc["change", "reads"]
    # Two organisations, all of both changing alike: no pattern of signs is rarer than 2 in 4.
    assert "over 2 whole organisations p = 0.500" in said


def test_two_instruments_of_which_none_leads_both_stand_in_the_synthesis():
    said = headline(open_study("tests/cases/two_instruments"), **FEW).table.set_index("strand").loc["change", "reads"]
    assert said.startswith("No instrument is named as the primary one, so none leads. Change in Errors: ")
    assert "8 of 8 lower (better)" in said
    assert "Change in Knowledge: " in said


def test_one_head_count_at_one_event_is_one_event():
    said = headline(open_study("tests/cases/walkin"), **FEW).table.set_index("strand").loc["reach", "reads"]
    assert said == "Reach: 16 attendances at 1 event held."
