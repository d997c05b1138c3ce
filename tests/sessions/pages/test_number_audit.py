from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cop_analysis.sessions import number_audit


def stating(*totals):
    return {"stated": [{"source": "poster", **total} for total in totals]}


def verdicts(result):
    return result.table["verdict"].tolist()


def test_the_poster_audits_itself(make_study, poster_tables):
    settings = stating({"what": "signed up", "value": 647}, {"what": "attended", "value": 360, "at_least": True})
    result = number_audit(make_study(settings=settings, **poster_tables))
    assert verdicts(result) == ["agrees", "not contradicted"]
    assert result.table["recomputed"].tolist() == [647, 392]
    assert result.table["difference"].tolist() == [0, 32]
    for words in ("360", "392", "18 October 2023", "QI in practice", "(32; attendance.csv row 8)", "not contradict"):
        assert words in result.sentence
    assert result.explanations[["kind", "values", "places"]].to_numpy().tolist() == [
        ["left out", "32", "attendance.csv row 8"]
    ]
    assert result.headline.value == "392"


def test_totals_without_a_period_speak_of_the_whole_study(make_study, poster_tables):
    settings = stating({"what": "attended", "value": 392}, {"what": "attended", "value": 375, "period": "2023/24"})
    result = number_audit(make_study(period="2022/23", settings=settings, **poster_tables))
    assert verdicts(result) == ["agrees", "agrees"]
    assert any("whole study" in caveat for caveat in result.caveats)
    assert result.sentence.startswith(
        "Checked against the rows of the whole study, or of the period a figure names, not of 2022/23 alone."
    )


@pytest.mark.parametrize(
    ("total", "words"),
    [
        ({"what": "signed up", "value": 647 - 97}, "without one row: 12 April 2023"),
        ({"what": "signed up", "value": 647 + 51}, "with one row counted twice: 18 October 2023"),
        ({"what": "signed up", "value": 647 - 18}, "with 79 read for 12 April 2023"),
        ({"what": "signed up", "value": 674}, "674 is the sum 647 with two digits transposed"),
        ({"what": "signed up", "value": 610}, "without one row: 21 February 2023"),
        ({"what": "signed up", "value": 502}, "that is, format webinar alone"),
        ({"what": "signed up", "value": 366}, "up to and including 12 July 2023"),
        ({"what": "signed up", "value": 647 - 37 - 51}, "without two rows"),
        ({"what": "signed up", "value": 647 - 37 - 97 - 57}, "without three rows"),
        ({"what": "signed up", "value": 5}, "No row left out"),
        ({"what": "attended", "value": 400, "at_least": True}, "8 fewer than stated"),
        ({"what": "attended", "value": 400}, "400 is the sum 392 rounded to the nearest 100"),
        ({"what": "attended", "value": 390}, "390 is the sum 392 rounded to the nearest 10"),
        ({"what": "attended", "value": 391.5}, "cannot be a fraction"),
    ],
)
def test_each_kind_of_difference_is_explained(make_study, poster_tables, total, words):
    result = number_audit(make_study(settings=stating(total), **poster_tables))
    assert words in result.sentence
    assert "differs" in verdicts(result)


def test_filters_and_periods_restrict_a_total(make_study, poster_tables):
    settings = stating(
        {"what": "attended", "value": 304, "where": {"format": "Webinar"}},
        {"what": "events held", "value": 6, "period": "2023/24"},
        {"what": "signed up", "value": 647, "period": "2023/24"},
    )
    result = number_audit(make_study(settings=settings, **poster_tables))
    assert verdicts(result) == ["agrees", "agrees", "differs"]
    assert "21 February 2023, face to face, Launch (37; events.csv row 2, outside 2023/24)" in result.sentence


def test_a_cancelled_event_that_was_counted_is_found(make_study, poster_tables):
    events = poster_tables["events"].assign(status=["held"] * 6 + ["cancelled"])
    settings = stating(
        {"what": "signed up", "value": 647}, {"what": "events held", "value": 7}, {"what": "events planned", "value": 7}
    )
    result = number_audit(make_study(settings=settings, events=events))
    assert verdicts(result) == ["differs", "differs", "agrees"]
    assert "events.csv row 8, cancelled" in result.sentence


def test_ties_are_told_apart_from_certainty(make_study):
    dates = [f"2024-01-0{day}" for day in range(1, 9)]
    events = pd.DataFrame({"event": list("ABCDEFGH"), "date": dates, "signed_up": 10})
    result = number_audit(make_study(settings=stating({"what": "signed up", "value": 70}), events=events))
    assert "8 explanations fit equally" in result.sentence
    assert len(result.explanations) == 8


@pytest.mark.parametrize(
    "what",
    ["signed up", "attended", "events held", "events planned", "people", "organisations", "outputs done",
     "outputs planned", "respondents", "documents"],
)  # fmt: skip
def test_without_its_table_a_total_cannot_be_recomputed(make_study, what):
    result = number_audit(make_study(settings=stating({"what": what, "value": 3})))
    assert verdicts(result) == ["cannot be recomputed"]
    assert "this study has no" in result.sentence
    assert result.table["recomputed"].isna().all()


def test_missing_values_are_not_taken_for_nothing(make_study, poster_tables):
    poster_tables["events"].loc[2, "signed_up"] = None
    poster_tables["attendance"] = poster_tables["attendance"].iloc[:6]
    settings = stating({"what": "signed up", "value": 647}, {"what": "attended", "value": 360})
    result = number_audit(make_study(settings=settings, **poster_tables))
    assert verdicts(result) == ["cannot be recomputed"] * 2
    assert "3 May 2023" in result.sentence
    assert "the rows that are there sum to 564" in result.sentence


def test_what_head_counts_do_not_say_cannot_be_recomputed(make_study, poster_tables):
    settings = stating({"what": "attended", "value": 3, "where": {"person": "P01"}})
    result = number_audit(make_study(settings=settings, **poster_tables))
    assert verdicts(result) == ["cannot be recomputed"]
    assert "7 of 7 rows of attendance.csv do not say person" in result.sentence


def test_nothing_stated_is_one_sentence(make_study, poster_tables):
    assert "states no totals" in number_audit(make_study(**poster_tables)).sentence


def test_people_organisations_and_attendance_by_organisation(make_study, forum_tables):
    settings = stating(
        {"what": "people", "value": 4},
        {"what": "people", "value": 2, "where": {"organisation": "HOSP"}},
        {"what": "organisations", "value": 2},
        {"what": "attended", "value": 1, "where": {"organisation": "COMM"}},
        {"what": "people", "value": 3},
    )
    result = number_audit(make_study(settings=settings, **forum_tables))
    assert verdicts(result) == ["agrees"] * 4 + ["differs"]
    assert "cannot be told from the numbers" in result.sentence


def test_respondents_are_different_people_with_a_score(make_study):
    survey = pd.DataFrame(
        [("A", "before", 3), ("B", "before", None), ("C", "before", 2), ("A", "after", 4)],
        columns=["person", "wave", "score"],
    ).assign(item="q1")
    settings = {
        "waves": [{"key": "before"}, {"key": "after"}],
        "instruments": [{"key": "c", "minimum": 1, "maximum": 5, "items": [{"key": "q1"}]}],
        **stating(
            {"what": "respondents", "value": 2},
            {"what": "respondents", "value": 1, "where": {"wave": "after"}},
            {"what": "respondents", "value": 1},
        ),
    }
    result = number_audit(make_study(settings=settings, survey=survey))
    assert verdicts(result) == ["agrees", "agrees", "differs"]
    assert "wave after alone" in result.sentence


def test_outputs_done_and_planned(make_study):
    outputs = pd.DataFrame(
        {"output": ["O1", "O2", "O3"], "title": list("abc"), "status": ["done", "planned", "dropped"]}
    )
    settings = stating({"what": "outputs done", "value": 1}, {"what": "outputs planned", "value": 3})
    assert verdicts(number_audit(make_study(settings=settings, outputs=outputs))) == ["agrees", "agrees"]


def test_rows_are_numbered_as_a_spreadsheet_shows_them_whatever_their_order(make_study, poster_tables):
    poster_tables["attendance"] = poster_tables["attendance"].iloc[::-1].reset_index(drop=True)
    settings = stating({"what": "attended", "value": 360})
    assert "attendance.csv row 2" in number_audit(make_study(settings=settings, **poster_tables)).sentence


@pytest.mark.slow
def test_three_thousand_events_are_not_gone_through_pair_by_pair(make_study, count_calls):
    random = np.random.default_rng(1)
    keys = [f"E{number}" for number in range(3000)]
    events = pd.DataFrame(
        {
            "event": keys,
            "date": pd.date_range("2010-01-01", periods=3000).strftime("%Y-%m-%d"),
            "topic": [f"topic {number}" for number in range(3000)],
            "signed_up": random.integers(10**4, 10**5, 3000),
        }
    )
    total = int(events["signed_up"].sum())
    without_one = total - int(events.loc[1234, "signed_up"])
    settings = stating({"what": "signed up", "value": without_one}, {"what": "signed up", "value": total - 41})
    study = make_study(settings=settings, events=events)
    result, calls = count_calls(lambda: number_audit(study))
    assert calls < 500_000  # 3,000 rows, by each explanation in turn
    assert "events.csv row 1236" in result.sentence


def test_a_round_figure_that_claims_at_least_is_the_sum_rounded_down(make_study, poster_tables):
    settings = stating({"what": "attended", "value": 300, "at_least": True})
    result = number_audit(make_study(settings=settings, **poster_tables))
    assert verdicts(result) == ["not contradicted"]
    assert result.explanations["kind"].tolist()[0] == "rounded"
    assert "300 is the sum 392 rounded down to a multiple of 100" in result.sentence


def test_a_row_is_told_before_a_round_number_unless_at_least_is_claimed(make_study):
    events = pd.DataFrame({"event": ["E1", "E2"], "date": ["2024-01-01", "2024-02-01"], "signed_up": [98, 2]})
    for at_least, first in ((False, "left out"), (True, "left out")):
        settings = stating({"what": "signed up", "value": 98, "at_least": at_least})
        assert number_audit(make_study(settings=settings, events=events)).explanations["kind"][0] == first
    events["signed_up"] = [100, 2]
    for at_least, first in ((False, "left out"), (True, "rounded")):
        settings = stating({"what": "signed up", "value": 100, "at_least": at_least})
        result = number_audit(make_study(settings=settings, events=events))
        assert result.explanations["kind"][0] == first
        assert "2 explanations fit equally" in result.sentence


def test_the_same_rows_under_another_name_are_one_explanation(make_study):
    events = pd.DataFrame(
        {"event": ["E1", "E2", "E3"], "date": ["2024-01-01", "2024-02-01", "2024-03-01"], "signed_up": [50, 40, 20],
         "status": ["held", "held", "cancelled"]}
    )  # fmt: skip
    result = number_audit(make_study(settings=stating({"what": "signed up", "value": 110}), events=events))
    assert result.explanations["kind"].tolist() == ["also counted"]


def test_a_thousand_rows_that_no_explanation_fits_are_not_gone_through_pair_by_pair(make_study, count_calls):
    random = np.random.default_rng(2)
    days = pd.date_range("2000-01-01", periods=1_000, freq="3D").strftime("%Y-%m-%d")
    values = 2 * random.integers(1, 100_000, 1_000)
    events = pd.DataFrame({"event": [f"E{at}" for at in range(1_000)], "date": days, "signed_up": values})
    study = make_study(settings=stating({"what": "signed up", "value": int(values.sum()) - 99_999}), events=events)
    result, calls = count_calls(lambda: number_audit(study))
    assert calls < 500_000  # 1,000 rows: half a million pairs are not gone through one by one
    assert result.explanations.empty
    assert "nor does rounding" in result.sentence


@pytest.mark.parametrize(("stated", "is_told"), [(30, False), (29, True), (31, True)])
def test_only_a_figure_that_does_not_agree_is_to_be_looked_into(make_study, stated, is_told):
    events = pd.DataFrame({"event": ["E1", "E2"], "date": ["2023-05-01", "2023-06-01"], "signed_up": [10, 20]})
    study = make_study(settings={"stated": [{"what": "signed up", "value": stated}]}, events=events)
    result = number_audit(study)
    assert result.to_look_into == (result.sentence if is_told else "")
