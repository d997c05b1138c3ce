"""A page opened by sector, or by any other kind of group, speaks of that kind and not of organisations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cop_analysis import change, network, open_study, sessions
from cop_analysis.results import Result
from cop_analysis.results.pages import pages_of
from cop_analysis.study import Study

FORUM = Path(__file__).resolve().parent.parent / "data" / "nmp_forum"
WHERE_IT_STANDS = (
    "organisations.csv",
    "organisation in people.csv",
    "organisation in attendance.csv",
    "No organisation has a sector",
    "whoever knows them could recognise them by their organisation",
    "The head count of each organisation at each session would be enough to show it.",
)
"""What names a file, a column to fill in or what a person is known by, and no group of the page."""


def read_out(result: Result) -> str:
    """Give all that a reader of a result is told, its picture too, without the files it names."""
    said = " | ".join(texts(result.payload()))
    for words in WHERE_IT_STANDS:
        said = said.replace(words, "")
    return said


def texts(value: Any, name: str = "") -> Iterator[str]:
    """Give the texts of a payload, and of a picture what stands between its marks."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, name)
    elif isinstance(value, str) and name not in ("key", "name", "sources", "csv"):
        yield re.sub(r"<[^>]*>", " ", value)


def sector_pages(study: Study, relation: str | None = None) -> Iterator[tuple[str, Result]]:
    """Give every page that is another by sector than by organisation."""
    opened = network.waves(study, relation, permutations=99)
    by_sector = opened.at("sector")
    for page in pages_of(network.Waves):
        result = getattr(by_sector, page.method)()
        if result.key != getattr(opened, page.method)().key:
            yield page.method, result


def say_nothing_of_organisations(study: Study, relation: str | None = None) -> set[str]:
    """Read every page by sector; give which there are."""
    asked = set()
    for method, result in sector_pages(study, relation):
        found = re.search(r".{0,60}organisation.{0,40}", read_out(result))
        assert found is None, (method, found and found[0])
        asked.add(method)
    return asked


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    """Six people, two waves: A to D of two hospitals, E and F of a hospice; who is in which by hand."""
    before = [("A", "B"), ("B", "A"), ("A", "C"), ("C", "D"), ("E", "A")]
    after = [("A", "B"), ("A", "C"), ("B", "C"), ("C", "D"), ("D", "E"), ("F", "A")]
    ties = [(*tie, "advice", wave) for wave, each in (("before", before), ("after", after)) for tie in each]
    return {
        "people": pd.DataFrame({"person": list("ABCDEF"), "organisation": ["N", "N", "S", "S", "W", "W"]}),
        "organisations": pd.DataFrame(
            {
                "organisation": ["N", "S", "W"],
                "name": ["North", "South", "West"],
                "sector": ["hospital", "hospital", "hospice"],
            }
        ),
        "ties": pd.DataFrame(ties, columns=["ego", "alter", "relation", "wave"]),
        "rosters": pd.DataFrame(
            [(who, wave, "yes", "yes") for wave in ("before", "after") for who in "ABCDEF"],
            columns=["person", "wave", "asked", "answered"],
        ),
        "events": pd.DataFrame({"event": ["E1"], "date": ["2024-02-01"]}),
        "attendance": pd.DataFrame({"event": ["E1", "E1"], "person": ["A", "E"]}),
    }


def made(tables: dict[str, pd.DataFrame], audience: Any = "internal") -> Study:
    waves = [{"key": key, "label": key.title()} for key in ("before", "after")]
    config = {"key": "few", "title": "Few", "provenance": "simulated", "waves": waves, "boundary": "All."}
    return Study.from_tables(config, **tables, audience=audience)


def test_the_four_answers_by_sector_by_hand(tables):
    four = network.four_answers(made(tables), by="sector", permutations=99).table
    connected, who, changed, _ = four["answer"]
    assert four["question"][0] == "Connected across sectors?"
    # D>E and F>A join a hospital and the hospice; A, D, E and F are their ends.
    assert connected.startswith("After: 33% of advice ties (2 of 6;")
    assert "joined people of different sectors" in connected
    assert "After: 4 of 6 people had advice ties with another sector" in who
    assert "stood between people of different sectors" in who
    # B>C and D>E and F>A were gained, B>A and E>A lost.
    assert changed.endswith("3 gained (2 of them across sectors) and 2 lost (1 across).")


def test_four_answers_and_summary_say_the_share_in_the_same_words(tables):
    for by in ("organisation", "sector"):
        opened = network.waves(made(tables), by=by, permutations=99)
        share = opened.summary().sentence.partition(". ")[0]
        assert opened.four_answers().table["answer"][0].startswith(share)


def test_no_page_by_sector_speaks_of_organisations(tables):
    asked = say_nothing_of_organisations(made(tables))
    assert {"summary", "four_answers", "who_spans", "who_gained", "organisation_map", "organisation_meetings"} <= asked


def test_nor_where_some_have_no_sector_or_no_tie_joins_two(tables):
    tables["organisations"].loc[2, "sector"] = None
    tables["people"].loc[0, "organisation"] = None
    caveats = network.waves(made(tables), by="sector", permutations=99).summary().caveats
    assert (
        "After: 3 people whose sector is not known (sector in organisations.csv) and 4 ties of theirs are left out of "
        "counts by sector."
    ) in caveats
    say_nothing_of_organisations(made(tables))
    tables["organisations"]["sector"] = [None, "hospital", None]
    tables["ties"] = tables["ties"][tables["ties"]["ego"] != "C"]
    opened = network.waves(made(tables), by="sector")
    assert "No advice tie joins two people whose sector is known (sector in organisations.csv)" in (
        opened.summary().sentence
    )
    say_nothing_of_organisations(made(tables))


def test_nor_to_people_outside_the_team(tables):
    say_nothing_of_organisations(made(tables, audience="public"))


@pytest.mark.slow
@pytest.mark.parametrize("relation", ["advice", "knows_of"])
def test_no_page_by_sector_of_a_whole_study_speaks_of_organisations(relation):
    say_nothing_of_organisations(open_study(FORUM), relation)


@pytest.mark.slow
def test_a_change_by_another_group_speaks_of_no_organisation():
    study = open_study(FORUM)
    compared = change.compare(study)
    columns = [column for column in study.people.columns if column not in ("person", "organisation")]
    for by in (*columns, "sector"):
        said = read_out(compared.subgroups(by))
        assert "organisation" not in said, by


@pytest.mark.slow
@pytest.mark.parametrize("folder", ["nmp_forum", "cancer_cop"])
def test_who_was_reached_by_another_group_speaks_of_no_organisation(folder):
    opened = sessions.series(open_study(FORUM.parent / folder))
    others = re.compile("Who was reached, by (?!organisation)")
    asked = [page.method for page in pages_of(type(opened)) if others.match(page.title)]
    assert asked
    for method in asked:
        assert "organisation" not in read_out(getattr(opened, method)()), method
