from __future__ import annotations

import pandas as pd
import pytest

from cop_analysis.sessions import number_audit

SCALE = {"rating_items": [{"key": key, "minimum": 1, "maximum": 5} for key in ("relevance", "ease")]}


def stating(*totals):
    return {"stated": [{"source": "poster", **total} for total in totals]}


def share(value, **more):
    return {"what": "attended share", "value": value, "unit": "%", **more}


def audit(make_study, tables, *totals, **settings):
    return number_audit(make_study(settings={**stating(*totals), **settings}, **tables))


@pytest.mark.parametrize("value", [61, 60.6, 60.59, 60.587])
def test_a_share_agrees_when_the_rows_round_to_it(make_study, poster_tables, value):
    result = audit(make_study, poster_tables, share(value))
    assert result.table["verdict"].tolist() == ["agrees"]
    assert result.table["recomputed"].tolist() == pytest.approx([60.5873261205564])


def test_the_table_says_what_whole_numbers_the_figure_can_have_come_from(make_study, poster_tables):
    assert audit(make_study, poster_tables, share(61)).table["possible"].tolist() == ["392 to 397 of 647"]


@pytest.mark.parametrize(
    ("total", "words"),
    [
        (share(60), "60% is what the rows give when the rest is cut off"),
        (share(63.1), "plain average of the shares of 7 events"),
        (share(68.8), "without one event: 18 September 2023"),
        (share(55.6), "360 over 647: 18 October 2023, face to face, QI in practice counted below the line only"),
        (share(60.7), "format face to face alone gives (88 over 145)"),
        (share(61.35), "No count of 647 can give 61.35%"),
        (share(62), "The stated figure would be 398 to 404 of 647"),
        ({"what": "mean attended", "value": 51.4}, "360 over 7: 18 October 2023"),
        ({"what": "mean attended", "value": 55.5}, "No total of 7 whole counts can give 55.5"),
    ],
)
def test_each_kind_of_difference_is_explained(make_study, poster_tables, total, words):
    result = audit(make_study, poster_tables, total)
    assert words in result.sentence
    if "cut off" not in words:
        assert result.table["verdict"].tolist() == ["differs"]


def test_a_share_of_other_stated_figures_is_found(make_study, poster_tables):
    result = audit(make_study, poster_tables, share(55.6), {"what": "attended", "value": 360})
    assert "55.6% is 360 over 647: attended from the stated figure, signed up from the rows" in result.sentence
    assert set(result.explanations["kind"]) >= {"other figures", "left out"}
    both = audit(make_study, poster_tables, share(55.6), {"what": "attended", "value": 360},
                 {"what": "signed up", "value": 647})  # fmt: skip
    assert both.explanations["kind"].tolist().count("other figures") == 1


def test_over_a_share_that_the_rows_exceed_by_less_than_a_unit_needs_no_further_explanation(make_study, poster_tables):
    result = audit(make_study, poster_tables, share(60, at_least=True))
    assert result.table["verdict"].tolist() == ["not contradicted"]
    assert result.explanations["kind"].tolist() == ["cut off"]


def test_restrictions_apply_above_and_below_the_line(make_study, poster_tables):
    result = audit(
        make_study, poster_tables, share(61, where={"format": "Webinar"}), share(61, period="2023/24"),
        share(46, period="2022/23"), share(61, where={"status": "held"}),
    )  # fmt: skip
    assert result.table["recomputed"].tolist() == pytest.approx(
        [100 * 304 / 502, 100 * 375 / 610, 100 * 17 / 37, 100 * 392 / 647]
    )
    assert set(result.table["verdict"]) == {"agrees"}


def test_a_share_without_a_per_cent_sign_is_of_one(make_study, poster_tables):
    result = audit(make_study, poster_tables, {"what": "attended share", "value": 0.61})
    assert result.table["verdict"].tolist() == ["agrees"]


def test_at_least_is_not_contradicted_by_more(make_study, poster_tables):
    result = audit(make_study, poster_tables, share(50, at_least=True), share(70, at_least=True))
    assert result.table["verdict"].tolist() == ["not contradicted", "differs"]


def test_a_last_zero_that_is_printed_must_be_told(make_study, poster_tables):
    assert audit(make_study, poster_tables, {"what": "mean signed up", "value": 92.4}).table["verdict"].tolist() == [
        "agrees"
    ]
    result = audit(make_study, poster_tables, {"what": "mean signed up", "value": 92.4, "decimals": 2})
    assert result.table[["stated", "verdict"]].to_numpy().tolist() == [["92.40", "differs"]]


def test_events_without_a_count_make_a_share_unknowable(make_study, poster_tables):
    poster_tables["events"].loc[2, "signed_up"] = None
    result = audit(make_study, poster_tables, share(61))
    assert result.table["verdict"].tolist() == ["cannot be recomputed"]
    assert "3 May 2023" in result.sentence


def test_nobody_signed_up_leaves_no_share(make_study, poster_tables):
    poster_tables["events"]["signed_up"] = 0
    poster_tables["attendance"]["count"] = 0
    assert "nobody under the line" in audit(make_study, poster_tables, share(61)).sentence


@pytest.fixture
def rated(forum_tables):
    rows = [("N1", "A", "relevance", 5), ("N1", "B", "relevance", 4), ("N1", "C", "relevance", 4),
            ("N2", "A", "relevance", 2), ("N1", "A", "ease", 1), ("N2", "B", "ease", None)]  # fmt: skip
    forum_tables["ratings"] = pd.DataFrame(rows, columns=["event", "respondent", "item", "score"])
    return forum_tables


@pytest.mark.parametrize(
    ("total", "verdict", "words"),
    [
        ({"what": "mean rating", "value": 3.2}, "agrees", ""),
        ({"what": "mean rating", "value": 3.75, "where": {"item": "relevance"}}, "agrees", ""),
        (
            {"what": "mean rating", "value": 3.2, "where": {"item": "relevance"}},
            "differs",
            "plain average of the averages",
        ),
        ({"what": "mean rating", "value": 4.33}, "differs", "No total of 5 whole scores can give 4.33"),
        ({"what": "mean rating", "value": 3.8}, "differs", "everything but item ease gives (15 over 4)"),
        ({"what": "mean rating", "value": 3, "where": {"item": "tea"}}, "cannot be recomputed", "no score matches"),
        ({"what": "rated share", "value": 67, "unit": "%"}, "cannot be recomputed", "not recorded"),
        ({"what": "returned share", "value": 67, "unit": "%"}, "agrees", ""),
        ({"what": "returned share", "value": 50, "unit": "%"}, "differs", "2 over 4, people in people.csv"),
        ({"what": "returned share", "value": 100, "unit": "%", "where": {"organisation": "HOSP"}}, "agrees", ""),
        ({"what": "respondents share", "value": 5, "unit": "%"}, "cannot be recomputed", "no survey table"),
        ({"what": "mean score", "value": 5}, "cannot be recomputed", "no survey table"),
    ],
)
def test_ratings_and_people(make_study, rated, total, verdict, words):
    result = audit(make_study, rated, total, **SCALE)
    assert result.table["verdict"].tolist() == [verdict]
    assert words in result.sentence


def test_reversed_items_are_turned_round_in_a_mean_score(make_study):
    survey = pd.DataFrame({"person": ["A", "A", "B"], "wave": "w", "item": ["q1", "q2", "q1"], "score": [4, 2, 3]})
    settings = {
        "waves": [{"key": "w"}],
        "instruments": [
            {"key": "c", "minimum": 1, "maximum": 5, "items": [{"key": "q1"}, {"key": "q2", "reverse": True}]}
        ],
    }
    people = pd.DataFrame({"person": ["A", "B", "C"]})
    result = audit(
        make_study, {"survey": survey, "people": people}, {"what": "mean score", "value": 3.67},
        {"what": "respondents share", "value": 67, "unit": "%"}, {"what": "mean score", "value": 3, "period": "2024"},
        **settings,
    )  # fmt: skip
    assert result.table["verdict"].tolist() == ["agrees", "agrees", "cannot be recomputed"]  # (4 + 4 + 3) / 3


@pytest.mark.parametrize(
    "what",
    ["attended share", "rated share", "returned share", "respondents share", "mean signed up", "mean attended",
     "mean rating", "mean score"],
)  # fmt: skip
def test_without_its_table_a_figure_cannot_be_recomputed(make_study, what):
    result = audit(make_study, {}, {"what": what, "value": 1})
    assert result.table["verdict"].tolist() == ["cannot be recomputed"]


@pytest.mark.parametrize(
    ("total", "words"),
    [
        (share(161), "states a share of 161%"),
        ({"what": "attended share", "value": 61}, 'add unit = "%"'),
        ({"what": "attended", "value": 61, "unit": "%"}, "leave unit out"),
        (share(61, where={"person": "P1"}), "no column of that name"),
        (share(61, decimals=9), "decimals"),
    ],
)
def test_study_toml_refuses_what_is_no_share(make_study, total, words):
    from cop_analysis.study import StudyError

    with pytest.raises(StudyError) as refused:
        make_study(settings=stating(total))
    assert words in " ".join(fault.sentence for fault in refused.value.faults)
