"""The shipped study of published figures, end to end."""

from __future__ import annotations

from pathlib import Path

import pytest

from cop_analysis import sessions
from cop_analysis.results.pages import pages_of
from cop_analysis.sessions import attenders, comments, number_audit, ratings_by_session, reach_by_event, reach_by_period
from cop_analysis.study import open_study

FOLDER = Path(__file__).parents[3] / "data" / "cancer_cop"


def test_it_says_by_itself_which_event_is_missing_from_the_stated_total():
    sentence = number_audit(open_study(FOLDER)).sentence
    for words in ("360", "392", "18 October 2023", "QI in practice", "attendance.csv row 8"):
        assert words in sentence


def test_its_figures_are_those_of_the_poster():
    study = open_study(FOLDER)
    assert study.config.provenance == "published figures"
    assert study.config.source == "London cancer CoP poster, 2023"
    assert study.outputs is None
    result = reach_by_event(study)
    assert (result.attended, result.signed_up) == (392, 647)
    assert result.difference.statistic == pytest.approx(45.38967658, abs=1e-8)


def test_its_financial_year_holds_six_events():
    study = open_study(FOLDER, period="2023/24")
    row = reach_by_period(study).table.iloc[0]
    assert row[["financial_year", "events", "signed_up", "attended"]].tolist() == ["2023/24", 6, 610, 375]
    assert "392" in number_audit(study).sentence


@pytest.mark.parametrize("function", [attenders, comments, ratings_by_session])
def test_what_the_poster_does_not_give_is_one_sentence(function):
    result = function(open_study(FOLDER))
    assert result.sentence
    assert result.table.empty


@pytest.mark.slow
@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize("name", ["cancer_cop", "nmp_forum"])
def test_every_result_of_the_page_has_a_sentence_a_key_of_its_own_and_a_text_alternative(name):
    forum = sessions.series(open_study(FOLDER.parent / name))
    results = [getattr(forum, page.method)() for page in pages_of(sessions.Series)]
    assert len({result.key for result in results}) == len(results)
    names = [result.figure.name for result in results if result.figure is not None]
    assert len(set(names)) == len(names)
    for result in results:
        assert result.sentence[0].isupper() or result.sentence[0].isdigit()
        assert result.sentence.endswith(".")
        assert result.figure is None or result.figure.alt.endswith(".")


def test_the_audit_leads_with_the_difference_and_lists_what_agrees_briefly():
    sentence = number_audit(open_study(FOLDER)).sentence
    assert sentence.startswith("Attended: the source states at least 360; the rows sum to 392")
    assert sentence.endswith("The other stated total agrees with the rows: signed up (647).")
