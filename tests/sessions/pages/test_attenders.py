from __future__ import annotations

import pandas as pd
import pytest

from cop_analysis.sessions import attenders, session_mix


def test_unique_people_are_told_from_attendances(make_study, forum_tables):
    result = attenders(make_study(**forum_tables))
    assert (result.attendances, result.people, result.sessions, result.returned) == (6, 3, 3, 2)
    assert result.table[["sessions_attended", "people"]].to_numpy().tolist() == [[0, 1], [1, 1], [2, 1], [3, 1]]
    assert "6 attendances at 3 sessions were 3 different people" in result.sentence
    assert "1 of the 4 people listed never came" in result.sentence


def test_core_attenders_came_to_at_least_half(make_study, forum_tables):
    by_person = attenders(make_study(**forum_tables)).by_person.set_index("person")
    assert by_person["is_core"].to_dict() == {"A": True, "B": True, "C": False}


def test_without_a_list_of_people_nobody_is_said_to_have_stayed_away(make_study, forum_tables):
    del forum_tables["people"]
    result = attenders(make_study(**forum_tables))
    assert result.table["sessions_attended"].tolist() == [1, 2, 3]
    assert "never came" not in result.sentence


@pytest.mark.parametrize("function", [attenders, session_mix])
def test_head_counts_cannot_say_who_came(make_study, poster_tables, function):
    assert "head counts" in function(make_study(**poster_tables)).sentence


@pytest.mark.parametrize("function", [attenders, session_mix])
def test_absent_tables_are_one_sentence(make_study, function):
    assert "no events table" in function(make_study()).sentence


def test_events_not_held_and_head_counts_are_left_out_and_said(make_study, forum_tables):
    forum_tables["events"]["status"] = ["held", "held", "planned"]
    heads = pd.DataFrame({"event": ["N2"], "count": [1]})
    forum_tables["attendance"] = pd.concat([forum_tables["attendance"], heads])
    result = attenders(make_study(**forum_tables))
    assert (result.attendances, result.sessions) == (5, 2)
    assert any("head count" in caveat for caveat in result.caveats)
    assert any("not held" in caveat for caveat in result.caveats)


def test_the_mix_is_the_chance_that_two_come_from_different_organisations(make_study, forum_tables):
    table = session_mix(make_study(**forum_tables)).table.set_index("event")
    # A and B of HOSP with C of COMM: of 3 pairs 2 cross. A with B: none. One person: no pair.
    assert table.loc["N1", "different_organisations"] == pytest.approx(2 / 3)
    assert table.loc["N2", "different_organisations"] == 0
    assert pd.isna(table.loc["N3", "different_organisations"])
    assert table["organisations"].tolist() == [2, 1, 1]


def test_unknown_organisations_are_counted_apart(make_study, forum_tables):
    forum_tables["people"]["organisation"] = ["HOSP", None, "COMM", None]
    table = session_mix(make_study(**forum_tables)).table
    assert table["organisation_not_known"].tolist() == [1, 1, 0]


def test_without_any_organisation_there_is_no_mix(make_study, forum_tables):
    del forum_tables["people"]["organisation"]
    assert "cannot be shown" in session_mix(make_study(**forum_tables)).sentence


def test_the_picture_prints_every_count(make_study, forum_tables):
    figure = session_mix(make_study(**forum_tables)).figure
    assert "15 January 2024 (N1): HOSP 2, COMM 1" in figure.alt


def test_many_sessions_are_drawn_in_bars_of_a_few_with_nobody_apart():
    from cop_analysis.sessions.pictures.people import _binned

    table = pd.DataFrame({"sessions_attended": range(62), "people": [3, *[1] * 61]})
    bars = _binned(table)
    assert bars["sessions"].tolist()[:3] == ["0", "1 to 4", "5 to 8"]
    assert bars["sessions"].iloc[-1] == "61"
    assert bars["people"].tolist()[:2] == [3, 4]
    assert bars["people"].sum() == table["people"].sum()


def test_few_sessions_have_a_bar_each(make_study, forum_tables):
    figure = attenders(make_study(**forum_tables)).figure
    assert figure.alt == "People by sessions attended: 0: 1; 1: 1; 2: 1; 3: 1."
