"""What a study tells of itself before any analysis."""

from __future__ import annotations

import pandas as pd
import pytest

from cop_analysis.results.pages import pages_of
from cop_analysis.study import Study, open_study, overview

CONFIG = {"key": "forum", "title": "The forum", "provenance": "simulated"}


def test_every_answer_has_a_key_of_its_own_and_shows_itself(folder):
    for study in (open_study(folder), open_study(folder, period="1999"), Study.from_tables(CONFIG)):
        about = overview.about(study)
        results = [study.heading(), *(getattr(about, page.method)() for page in pages_of(overview.Overview))]
        assert len({result.key for result in results}) == len(results) == 8
        for result in results:
            assert result.sentence.endswith(".")
            assert "cop-result" in result._repr_html_()


def test_simulated_data_are_named_as_such_at_the_top(folder):
    sentence = open_study(folder, period="2023/24").heading().sentence
    assert "Simulated data: no number here is a finding about a real programme." in sentence
    assert sentence.endswith("Period: 2023/24 (1 April 2023 to 31 March 2024).")


def test_contents_counts_rows_and_gives_the_first_and_last_day(folder):
    table = overview.about(open_study(folder)).contents().table.set_index("table")
    assert table.loc["events", "rows"] == 2
    assert table.loc["events", "first_date"] == pd.Timestamp("2024-02-20")
    assert table.loc["events", "last_date"] == pd.Timestamp("2024-04-16")
    assert pd.isna(table.loc["survey", "first_date"])


def test_members_are_counted_by_organisation_sector_and_role(folder):
    result = overview.about(open_study(folder)).members()
    assert result.sentence == "3 people in 2 organisations; the most, 2, are in Hospice A (invented)."
    assert result.table["people"].sum() == 3
    assert set(result.table["sector"]) == {"hospice", "community"}


def test_members_without_organisation_or_consent_are_counted_and_said():
    people = pd.DataFrame(
        {"person": ["P1", "P2", "P3"], "organisation": ["A", None, "B"], "consent": ["no", "yes", ""]}
    )
    result = overview.about(Study.from_tables(CONFIG, people=people)).members()
    assert result.sentence == "3 people in 2 organisations; the most, 1, is in A and in B."
    assert "not recorded" in set(result.table["organisation"])
    assert "1 person did not consent, or withdrew; the study holds no answer of theirs." in result.caveats
    assert "1 person with no organisation recorded." in result.caveats


def test_outputs_are_counted_by_status_and_lateness():
    outputs = pd.DataFrame(
        {
            "output": ["O1", "O2", "O3", "O4"],
            "title": ["a", "b", "c", "d"],
            "status": ["done", None, "dropped", None],
            "planned_date": ["2024-01-01", "2024-01-01", None, "2024-01-01"],
            "done_date": ["2024-01-11", "2023-12-31", None, None],
        }
    )
    result = overview.about(Study.from_tables(CONFIG, outputs=outputs)).outputs()
    assert result.sentence == "2 of 4 outputs are done; 1 is still planned; 1 was dropped."
    assert result.table["days_late"].tolist() == [10, -1, pd.NA, pd.NA]
    assert result.caveats[0] == "1 of the outputs done came after the planned day."


def test_what_is_absent_is_told_from_what_is_not_in_the_period(folder):
    assert overview.about(Study.from_tables(CONFIG)).changes().sentence.startswith("This study has no changes table")
    assert overview.about(open_study(folder, period="1999")).changes().sentence == (
        "No row of changes.csv belongs to 1999, so what was changed in the programme cannot be shown."
    )


def test_documents_are_listed_with_their_words(folder):
    (folder / "documents" / "D01_example.txt").write_text("P01: one two three\n")
    result = overview.about(open_study(folder)).documents()
    assert result.sentence == "1 document (1 interview), 4 words in all."
    assert result.table["words"].tolist() == [4]


def test_markup_in_a_cell_is_shown_as_text(folder):
    (folder / "changes.csv").write_text("change,date,what\nC1,2024-04-01,<script>alert(1)</script>\n")
    html = overview.about(open_study(folder)).changes()._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("count", [1, 3])
def test_notices_are_gathered_by_kind(folder, count):
    header = "output,title" + "".join(f",extra{number}" for number in range(count))
    (folder / "outputs.csv").write_text(f"{header}\nO1,Handbook{',x' * count}\n")
    result = overview.about(open_study(folder)).notices()
    assert f"{count} thing{'s' if count > 1 else ''} to know" in result.sentence
    assert len(result.table) == count


def test_every_notice_is_told_up_to_twenty_of_a_kind_and_the_rest_counted():
    names = [f"Ann {letter}uber" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXY"]
    result = overview.about(Study.from_tables(CONFIG, people=pd.DataFrame({"person": names}))).notices()
    assert len(result.table) == 21
    assert "Ann Cuber" in result.table.loc[2, "notice"]
    assert result.table["row"].tolist()[:2] == [2, 3]
    assert result.table.loc[20, "notice"] == "and 5 more of this kind"
