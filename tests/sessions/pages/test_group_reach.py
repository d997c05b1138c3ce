from __future__ import annotations

import math

import pandas as pd
import pytest

from cop_analysis.sessions import reach_by_group, reach_by_organisation, reach_by_profession, reach_by_sector

ALL = [reach_by_organisation, reach_by_sector, reach_by_profession]


@pytest.fixture
def listed(forum_tables):
    forum_tables["people"]["role"] = ["nurse", "nurse", "pharmacist", None]
    forum_tables["organisations"] = pd.DataFrame(
        {
            "organisation": ["HOSP", "COMM"],
            "name": ["Hospice", "Community"],
            "sector": ["hospice", "community provider"],
        }
    )
    return forum_tables


def counts(result):
    return result.table.set_index(result.table.columns[0])[["people", "came", "attendances", "possible"]].T.to_dict(
        "list"
    )


def test_each_organisation_is_counted_against_those_who_could_have_come(make_study, listed):
    # A and B of HOSP came 3 and 2 times of 3; C of COMM once, D never.
    assert counts(reach_by_organisation(make_study(**listed))) == {"COMM": [2, 1, 1, 6], "HOSP": [2, 2, 5, 6]}


def test_sector_and_profession_follow_from_organisation_and_role(make_study, listed):
    study = make_study(**listed)
    assert counts(reach_by_sector(study)) == {"community provider": [2, 1, 1, 6], "hospice": [2, 2, 5, 6]}
    assert counts(reach_by_profession(study)) == {
        "not given": [1, 0, 0, 3], "nurse": [2, 2, 5, 6], "pharmacist": [1, 1, 1, 3],
    }  # fmt: skip


def test_those_who_joined_late_could_not_have_come_before(make_study, listed):
    listed["people"]["joined"] = [None, None, None, "2024-05-01"]
    assert counts(reach_by_organisation(make_study(**listed)))["COMM"] == [2, 1, 1, 4]


def test_the_p_value_counts_divisions_of_the_same_people(make_study, listed):
    # Of the 6 ways to put 4 people into two groups of 2, those of {A, B} and of {C, D} are the furthest apart: 1 in 3.
    result = reach_by_group(make_study(**listed), "organisation", permutations=5_000, seed=3)
    assert result.p_value == pytest.approx(1 / 3, abs=0.03)
    assert reach_by_group(make_study(**listed), "organisation", 500, 3).p_value == pytest.approx(
        reach_by_group(make_study(**listed), "organisation", 500, 3).p_value
    )


def test_one_group_has_nothing_to_compare(make_study, listed):
    listed["people"]["organisation"] = "HOSP"
    result = reach_by_organisation(make_study(**listed))
    assert math.isnan(result.p_value)
    assert "one organisation only" in result.sentence


@pytest.mark.parametrize("function", ALL)
def test_what_is_not_there_is_one_sentence(make_study, forum_tables, poster_tables, function):
    assert "no events table" in function(make_study()).sentence
    assert "head counts" in function(make_study(**poster_tables)).sentence
    del forum_tables["people"]["organisation"]
    assert "cannot be shown" in function(make_study(**forum_tables)).sentence


def test_head_counts_by_organisation_are_attendances_without_a_denominator(make_study, poster_tables):
    attendance = poster_tables["attendance"].assign(organisation=["A", "B", "A", "B", "A", "B", "A"])
    result = reach_by_organisation(make_study(events=poster_tables["events"], attendance=attendance))
    assert result.table.to_numpy().tolist() == [["A", 175, 175 / 392], ["B", 217, 217 / 392]]
    assert any("not people" in caveat for caveat in result.caveats)


def test_an_unknown_grouping_is_refused(make_study, listed):
    with pytest.raises(ValueError, match="organisation, sector, role"):
        reach_by_group(make_study(**listed), "age")


def test_hostile_names_stay_text(make_study, listed):
    listed["people"]["role"] = ["<script>x</script>", "$\\frac{1}{0}$", "=1+1", "x" * 3000]
    page = reach_by_profession(make_study(**listed))._repr_html_()
    assert "<script" not in page


def test_tests_of_the_same_people_say_how_many_they_are(make_study, listed):
    results = [answer(make_study(**listed)) for answer in ALL]
    for result in results:
        assert any("these are three tests of one set of people" in caveat for caveat in result.caveats)
        allowed = min(1.0, 3 * result.p_value)
        assert f"Allowing for the three tests of the same people, p = {allowed:.3f}" in result.body_html


def test_a_test_alone_says_nothing_of_others(make_study, listed):
    listed["people"] = listed["people"].drop(columns="role")
    del listed["organisations"]
    assert "Allowing" not in reach_by_organisation(make_study(**listed)).body_html
