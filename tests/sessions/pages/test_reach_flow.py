from __future__ import annotations

import pandas as pd
import pytest

from cop_analysis.sessions import reach_flow, wilson

WAVES = {
    "waves": [{"key": "before"}, {"key": "after"}],
    "instruments": [{"key": "c", "minimum": 1, "maximum": 5, "items": [{"key": "q1"}]}],
    "rating_items": [{"key": "relevance", "minimum": 1, "maximum": 5}],
}


@pytest.fixture
def whole(forum_tables):
    """Every step recorded: C left N1 early, B did not rate N1, A and C answered both waves, E never came."""
    forum_tables["attendance"]["minutes"] = [60, 60, 10, 60, 45, 60]
    forum_tables["ratings"] = pd.DataFrame(
        [("N1", "A", "relevance", 5), ("N1", "C", "relevance", 4), ("N2", "A", "relevance", 4)],
        columns=["event", "respondent", "item", "score"],
    )
    forum_tables["survey"] = pd.DataFrame(
        [("A", "before", 3), ("A", "after", 4), ("C", "before", 3), ("C", "after", 3), ("B", "before", 2),
         ("X", "before", 1), ("X", "after", 2)],
        columns=["person", "wave", "score"],
    ).assign(item="q1")  # fmt: skip
    return forum_tables


def steps(result):
    return {
        row["step"]: (row["count"], row["numerator"], row["denominator"])
        for row in result.table.astype(object).where(result.table.notna(), None).to_dict("records")
    }


def test_every_step_has_its_count_and_its_denominator(make_study, whole):
    result = reach_flow(make_study(settings=WAVES, **whole))
    assert steps(result) == {
        "invited": (None, None, None),
        "on the list that day": (12, None, None),  # four people on the list at three sessions
        "signed up": (9, 9, 12),
        "attended": (6, 6, 9),
        "stayed": (5, 5, 6),
        "rated": (3, 3, 5),  # nobody rated N3, so its one attendance is in no share
        "could have come": (4, None, None),
        "came at least once": (3, 3, 4),
        "came again": (2, 2, 3),
        "rated at least once": (2, 2, 3),
        "paired": (2, 2, 3),
    }
    assert "Nobody recorded who was invited" in " ".join(result.caveats)
    assert "12 on the list that day" in result.sentence
    assert "Invited: not recorded." in result.sentence
    assert "Paired: 1 more id answered the first time (before) and the second time (after) and is neither" in " ".join(
        result.caveats
    )


def test_shares_have_wilsons_interval(make_study, whole):
    table = reach_flow(make_study(settings=WAVES, **whole)).table.set_index("step")
    interval = wilson(6, 9)
    assert table.loc["attended", ["share", "low", "high"]].tolist() == pytest.approx(
        [interval.estimate, interval.low, interval.high]
    )


def test_attendances_and_people_are_never_divided_by_each_other(make_study, whole):
    table = reach_flow(make_study(settings=WAVES, **whole)).table
    of = table.dropna(subset=["denominator"])
    units = dict(zip(table["step"], table["unit"], strict=True))
    for row in of.to_dict("records"):
        base = row["of_step"].split(",")[0]
        assert units[base] == row["unit"]


def test_recorded_invitations_come_before_the_list(make_study, whole):
    whole["events"]["invited"] = [30, None, 20]
    result = reach_flow(make_study(settings=WAVES, **whole))
    assert steps(result)["invited"][0] == 50
    assert steps(result)["signed up"] == (9, 6, 50)  # N2 has no invitations, so its 3 sign-ups are in no share
    assert any("9 in all, but the share counts only the 6" in caveat for caveat in result.caveats)


def test_people_are_on_the_list_from_joining_to_leaving(make_study, whole):
    whole["people"]["joined"] = [None, None, None, "2024-03-11"]
    whole["people"]["left"] = [None, None, "2024-03-10", None]
    assert steps(reach_flow(make_study(settings=WAVES, **whole)))["on the list that day"][0] == 3 + 3 + 3


def test_head_counts_say_what_they_cannot_tell(make_study, poster_tables):
    result = reach_flow(make_study(**poster_tables))
    found = steps(result)
    assert found["signed up"] == (647, None, None)
    assert found["attended"] == (392, 392, 647)
    assert found["stayed"][0] is None
    assert "Invited, stayed, rated, came at least once: not recorded" in result.sentence


def test_staying_is_a_share_of_the_longest_time_at_that_session(make_study, whole):
    study = make_study(settings=WAVES, **whole)
    assert steps(reach_flow(study, stayed_share=1))["stayed"] == (4, 4, 6)
    assert steps(reach_flow(study, stayed_share=0.1))["stayed"] == (6, 6, 6)
    for wrong in (0, 1.1, True, "half"):
        with pytest.raises(ValueError, match="share of a session"):
            reach_flow(study, stayed_share=wrong)


def test_anonymous_ratings_count_as_many_as_the_item_with_most(make_study, forum_tables):
    forum_tables["ratings"] = pd.DataFrame(
        {"event": "N1", "item": ["relevance", "relevance", "ease", "ease", "ease"], "score": [1, 2, 3, 4, None]}
    )
    items = {"rating_items": [{"key": key, "minimum": 1, "maximum": 5} for key in ("relevance", "ease")]}
    result = reach_flow(make_study(settings=items, **forum_tables))
    assert steps(result)["rated"] == (2, 2, 3)
    assert steps(result)["rated at least once"][0] is None


def test_more_than_the_step_before_is_no_share(make_study, whole):
    whole["events"]["invited"] = [1, 1, 1]
    result = reach_flow(make_study(settings=WAVES, **whole))
    assert result.table.set_index("step").isna().loc["signed up", "share"]
    assert any("is no share of invited" in caveat for caveat in result.caveats)


def test_nothing_held_and_nothing_there_are_answers(make_study, poster_tables):
    assert "no events table" in reach_flow(make_study()).sentence
    events = poster_tables["events"].assign(status="cancelled")
    assert "No event was held" in reach_flow(make_study(events=events)).sentence


@pytest.mark.usefixtures("drawn")
def test_the_picture_prints_counts_with_what_they_are_a_share_of(make_study, whole):
    figure = reach_flow(make_study(settings=WAVES, **whole)).figure
    assert "6 attended" in figure.svg
    assert "67% of the 9 signed up" in figure.svg
    assert "attended (attendances) 6, 6 of 9 signed up" in figure.alt


@pytest.mark.usefixtures("drawn")
def test_a_side_of_which_nothing_is_recorded_is_not_drawn(make_study, poster_tables):
    figure = reach_flow(make_study(**poster_tables)).figure
    assert "In attendances" in figure.svg
    assert "In people" not in figure.svg
    assert "came at least once (people) not recorded" in figure.alt


def test_ids_of_the_survey_that_no_table_knows_are_said_to_be_unlinkable(make_study, whole):
    """People answered under codes they made themselves: nobody can say which of them came, and 0 would be untrue."""
    whole["survey"]["person"] = "code-" + whole["survey"]["person"].astype(str)
    result = reach_flow(make_study(settings=WAVES, **whole))
    assert steps(result)["paired"] == (None, None, None)
    assert "Paired: cannot be linked to those who came." in result.sentence
    assert "0 paired" not in result.sentence
    assert any("neither in attendance.csv nor in people.csv" in caveat for caveat in result.caveats)
    assert "people:came-and-paired" not in {one.key for one in result.quantities}


def test_ids_of_ratings_that_no_table_knows_are_said_to_be_unlinkable(make_study, whole):
    whole["ratings"]["respondent"] = "code-" + whole["ratings"]["respondent"].astype(str)
    result = reach_flow(make_study(settings=WAVES, **whole))
    assert steps(result)["rated at least once"] == (None, None, None)
    assert "Rated at least once: cannot be linked to those who came." in result.sentence


def test_nought_is_shown_where_ids_can_be_linked_and_nobody_who_came_answered(make_study, whole):
    # B answered before only; A and C answered twice and are listed, and did not come.
    whole["attendance"] = whole["attendance"][whole["attendance"]["person"] == "B"]
    assert steps(reach_flow(make_study(settings=WAVES, **whole)))["paired"] == (0, 0, 1)


def test_people_reached_have_a_headline_that_counts_them(make_study, whole):
    result = reach_flow(make_study(settings=WAVES, **whole))
    assert result.headline.value == "3 of 4"
    assert result.headline.label == "people who could have come came at least once"
    assert "not an estimate" in result.headline.uncertainty


def test_the_headline_says_which_events_name_those_who_came(make_study, whole):
    whole["events"] = pd.concat([whole["events"], pd.DataFrame({"event": ["N9"], "date": ["2024-06-01"]})])
    result = reach_flow(make_study(settings=WAVES, **whole))
    assert result.headline.label.endswith("came at least once, at 3 of 4 events held")


def test_waves_of_other_people_are_not_paired(make_study, whole):
    waves = {**WAVES, "waves": [{"key": "before"}, {"key": "after", "design": "unmatched"}]}
    result = reach_flow(make_study(settings=waves, **whole))
    assert steps(result)["paired"] == (None, None, None)
    assert "Paired: not paired from one wave to the other." in result.sentence
    assert any("study.toml" in caveat for caveat in result.caveats)
