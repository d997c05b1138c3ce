"""What people said who did not consent, or who withdrew, is in no analysis; what was left out is counted and said."""

import pandas as pd
import pytest

from cop_analysis.study import Study

CONFIG = {
    "key": "forum",
    "title": "The forum",
    "provenance": "simulated",
    "waves": [{"key": "baseline", "label": "Baseline"}, {"key": "later", "label": "Later"}],
    "instruments": [
        {"key": "c", "title": "Confidence", "minimum": 1, "maximum": 5, "items": [{"key": "q1", "wording": "I can"}]}
    ],
    "rating_items": [{"key": "useful", "wording": "Useful", "minimum": 1, "maximum": 5}],
    "relations": [{"key": "advice", "wording": "asks for advice"}],
}


def study_where(consent_of_p2: str, **more) -> Study:
    both = ["P1", "P2"]
    return Study.from_tables(
        CONFIG,
        people=pd.DataFrame({"person": both, "organisation": ["A", "B"], "consent": ["yes", consent_of_p2]}),
        events=pd.DataFrame({"event": ["E1"], "date": ["2024-02-20"]}),
        attendance=pd.DataFrame({"event": ["E1", "E1"], "person": both}),
        ratings=pd.DataFrame(
            {"event": ["E1"] * 3, "respondent": [*both, None], "item": ["useful"] * 3, "score": [5, 1, 3]}
        ),
        survey=pd.DataFrame({"person": both, "wave": ["baseline"] * 2, "item": ["q1"] * 2, "score": [3, 4]}),
        ties=pd.DataFrame({"ego": both, "alter": both[::-1], "relation": ["advice"] * 2, "wave": ["baseline"] * 2}),
        rosters=pd.DataFrame({"person": both, "wave": ["baseline"] * 2, "asked": ["yes"] * 2, "answered": ["yes"] * 2}),
        quotes=pd.DataFrame(
            {
                "quote": ["Q1", "Q2"],
                "text": ["a", "b"],
                "person": both,
                "consent": ["public"] * 2,
                "identifiable": ["no"] * 2,
            }
        ),
        **more,
    )


@pytest.mark.parametrize("consent", ["no", "withdrawn"])
def test_nothing_a_refusing_person_said_is_left(consent):
    study = study_where(consent)
    assert study.survey["person"].tolist() == ["P1"]
    assert study.ratings["score"].tolist() == [5, 3]  # the anonymous rating stays
    assert study.ties["ego"].tolist() == ["P1"]  # what P1 said of P2 is P1's answer
    assert study.quotes["quote"].tolist() == ["Q1"]
    assert study.rosters["answered"].tolist() == [True, False]
    assert study.left_out == {"survey": 1, "ratings": 1, "ties": 1, "quotes": 1, "rosters": 1}
    assert study.consent_statement == (
        "1 person did not consent, or withdrew: 1 answer to the survey, 1 rating, 1 tie they named, 1 quote and "
        "1 reply to the network questions are left out of every page."
    )


def test_membership_and_attendance_are_records_of_the_programme_and_stay():
    study = study_where("no")
    assert len(study.people) == 2
    assert len(study.attendance) == 2


@pytest.mark.parametrize("consent", ["yes", ""])
def test_without_a_refusal_every_row_stays_and_nothing_is_said(consent):
    study = study_where(consent)
    assert len(study.survey) == len(study.ties) == len(study.quotes) == 2
    assert study.left_out == {}
    assert study.consent_statement == ""


def test_the_rows_keep_their_spreadsheet_numbers():
    study = study_where("no")
    assert study.ratings.index.tolist() == [2, 4]


def test_the_whole_study_seen_from_a_period_is_without_them_too():
    study = study_where("no", period="2024").unrestricted()
    assert study.ratings["score"].tolist() == [5, 3]


def test_a_quote_without_a_name_of_a_document_that_holds_a_refusing_person_is_left_out():
    documents = pd.DataFrame({"document": ["D1", "D2"], "file": ["a.txt", "b.txt"], "people": ["P1", "P1; P2"]})
    quotes = pd.DataFrame({"quote": ["Q1", "Q2"], "text": ["a", "b"], "document": ["D1", "D2"],
                           "consent": ["public"] * 2, "identifiable": ["no"] * 2})  # fmt: skip
    people = pd.DataFrame({"person": ["P1", "P2"], "consent": ["yes", "withdrawn"]})
    study = Study.from_tables(CONFIG, people=people, documents=documents, quotes=quotes)
    assert study.quotes["quote"].tolist() == ["Q1"]


def test_aliases_are_the_same_everywhere_and_words_that_hold_a_pseudonym_stay():
    from cop_analysis.study.consent import aliases, unnamed

    people = pd.DataFrame({"person": ["P1", "P10", "P2"], "consent": ["withdrawn", "no", "yes"]})
    names = aliases({"people": people})
    assert unnamed("P10, P1 and P2; P100", names) == "[withdrew 2], [withdrew 1] and P2; P100"
