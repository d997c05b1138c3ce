from __future__ import annotations

import pandas as pd
import pytest

from cop_analysis.sessions import comments, ratings_by_session

ITEMS = {"rating_items": [{"key": key, "minimum": 1, "maximum": 5} for key in ("relevance", "peer_support")]}


@pytest.fixture
def rated(forum_tables):
    scores = [
        ("N1", "A", 5, "so useful"),
        ("N1", "B", 4, None),
        ("N1", "C", 3, "   "),
        ("N2", "A", 4, None),
        ("N2", "B", 4, "<script>alert(1)</script>"),
        ("N3", "A", 5, None),
    ]
    rows = [(event, person, "relevance", score, said) for event, person, score, said in scores]
    rows.append(("N1", "A", "peer_support", 2, "=HYPERLINK(1)"))
    return {**forum_tables, "ratings": pd.DataFrame(rows, columns=["event", "respondent", "item", "score", "comment"])}


def test_each_session_and_item_is_summarised(make_study, rated):
    table = ratings_by_session(make_study(settings=ITEMS, **rated)).table
    first = table.iloc[0]
    assert (first["event"], first["item"], first["n"], first["of_attended"]) == ("N1", "relevance", 3, 3)
    assert (first["mean"], first["median"]) == (4, 4)
    # Student's t on 3, 4, 5: 4 +- 4.302653 / sqrt(3), cut off at the scale's upper end.
    assert first["low"] == pytest.approx(1.515862, abs=1e-6)
    assert first["high"] == 5
    assert first["distribution"] == "1: 0, 2: 0, 3: 1, 4: 1, 5: 1"
    assert table["item"].tolist() == ["relevance"] * 3 + ["peer_support"]


def test_a_mean_of_one_or_of_alike_scores_has_no_interval(make_study, rated):
    table = ratings_by_session(make_study(settings=ITEMS, **rated)).table
    assert table["low"].isna().tolist() == [False, True, True, True]


def test_few_sessions_are_a_run_chart_and_not_a_control_chart(make_study, rated):
    result = ratings_by_session(make_study(settings=ITEMS, **rated))
    assert any("3 sessions are fewer than 12" in caveat for caveat in result.caveats)
    assert "limit" not in result.figure.alt


def test_changes_of_design_are_drawn_and_told(make_study, rated):
    rated["changes"] = pd.DataFrame({"change": ["C1"], "date": ["2024-02-01"], "what": ["Moved to $lunch$"]})
    figure = ratings_by_session(make_study(settings=ITEMS, **rated)).figure
    assert "A 1 February 2024: Moved to $lunch$" in figure.alt
    assert "A, 1 February 2024" in figure.title


def test_a_change_stands_between_the_sessions_before_and_after_its_date(make_study, rated):
    from cop_analysis.sessions.pages.ratings import changes_between

    dates = ["2024-01-01", "2024-01-15", "2024-03-12", "2024-12-01"]
    rated["changes"] = pd.DataFrame({"change": list("abcd"), "date": dates, "what": "changed", "event": "N1"})
    study = make_study(settings=ITEMS, **rated)
    marks = changes_between(study, study.events["date"].to_numpy())
    assert [place for place, _, _ in marks] == [-0.5, -0.5, 1.5, 2.5]


def test_missing_scores_and_short_answers_are_said(make_study, rated):
    rated["ratings"].loc[1, "score"] = None
    result = ratings_by_session(make_study(settings=ITEMS, **rated))
    assert result.table.loc[0, "n"] == 2
    assert any("1 rating without a score is left out" in caveat for caveat in result.caveats)
    assert any("5 of 6 attendances were rated" in caveat for caveat in result.caveats)


def test_without_ratings_or_scores_there_is_one_sentence(make_study, rated, forum_tables):
    assert "no ratings table" in ratings_by_session(make_study(**forum_tables)).sentence
    assert "no ratings table" in comments(make_study(**forum_tables)).sentence
    rated["ratings"]["score"] = None
    assert "no score" in ratings_by_session(make_study(settings=ITEMS, **rated)).sentence


def test_comments_are_shown_word_for_word_and_stay_text(make_study, rated):
    result = comments(make_study(settings=ITEMS, **rated))
    assert result.table["comment"].tolist() == ["=HYPERLINK(1)", "so useful", "<script>alert(1)</script>"]
    page = result._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "'=HYPERLINK(1)" in result.payload()["table"]["csv"]


def test_no_comments_is_an_answer(make_study, rated):
    rated["ratings"]["comment"] = None
    assert comments(make_study(settings=ITEMS, **rated)).sentence == "Nobody wrote a comment beside a rating."
