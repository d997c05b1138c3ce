"""What organisations are called, who is not named, who may see single people, sectors, and what a larger mark says."""

import os
import re
import subprocess
import sys
from xml.etree import ElementTree

import pandas as pd
import pytest

from cop_analysis import network
from cop_analysis.network.pages.relation import NamedResult, organisation_names
from cop_analysis.network.pictures.shapes import SHAPES, label_within, lines_of, rim
from cop_analysis.results.pages import pages_of
from cop_analysis.study import Study
from tests.asking import ask

PAGES = pages_of(network.Waves)
OF_PEOPLE = [page.method for page in PAGES if page.shows == "people"]
OF_GROUPS = [page.method for page in PAGES if page.shows == "groups"]
BY_SECTOR = [page.method for page in PAGES if page.ending == "suffix"]
NAMES = {"north": "Alder Hospice", "south": "Birchwood Hospice", "west": "Downland Community Health"}


@pytest.fixture
def named(tables):
    tables["organisations"] = pd.DataFrame(
        {"organisation": list(NAMES), "name": list(NAMES.values()), "sector": ["hospice", "hospice", "community"]}
    )
    return tables


@pytest.fixture
def sessions():
    """Nine sessions: A and B at the same four, C and D at four others, each pair together more often than by chance."""
    together = [(f"E{n}", person) for n, pair in enumerate(["AB"] * 4 + ["CD"] * 4 + ["F"], 1) for person in pair]
    return {
        "events": pd.DataFrame({"event": [f"E{n}" for n in range(1, 10)], "date": "2024-03-01"}),
        "attendance": pd.DataFrame(together, columns=["event", "person"]),
    }


@pytest.fixture
def refusing(named):
    """C, whom A and B name, did not consent; C's own answers are no part of the study."""
    named["people"]["consent"] = ["no" if person == "C" else "yes" for person in named["people"]["person"]]
    return named


def said(answer):
    """Everything a reader of a page is shown or told."""
    return answer._repr_html_()


# --- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("page", [*OF_PEOPLE, *OF_GROUPS, "response"])
def test_pages_call_organisations_by_name_and_the_csv_keeps_their_codes(page, named, sessions, make_study):
    answer = ask(network.waves(make_study({**named, **sessions})), page)
    payload = answer.payload()
    cells = {cell for row in payload["table"]["rows"] for cell in row} if payload["table"] else set()
    assert not cells & set(NAMES)
    if any("organisation" in column for column in answer.table.columns):
        assert cells & set(NAMES.values())
        assert "north" in payload["table"]["csv"]
    assert not re.search(r"\b(north|south|west)\b", answer.sentence)


@pytest.mark.parametrize("page", [network.sociogram, network.organisation_matrix])
def test_a_picture_is_the_key_to_its_codes(page, named, make_study):
    words = "".join(ElementTree.fromstring(page(make_study(named)).figure.svg).itertext())
    for code, name in NAMES.items():
        assert f"{name} ({code})" in words.replace("  ", " ") or (name.split()[0] in words and f"({code})" in words)


def test_organisations_of_the_same_name_are_told_apart(named, make_study):
    named["organisations"].loc[2, "name"] = "Birchwood Hospice"
    study = make_study(named)
    called = {"Alder Hospice", "Birchwood Hospice (south)", "Birchwood Hospice (west)"}
    assert set(organisation_names(study.organisations).values()) == called
    assert {row[1] for row in network.who_connects(study).payload()["table"]["rows"]} == called


def test_a_person_whose_id_is_an_organisations_code_keeps_it():
    table = pd.DataFrame({"person": ["north"], "organisation": ["north"], "people": [2]})
    answer = NamedResult(key="a", title="A", sentence="", table=table, names=NAMES)
    assert answer.payload()["table"]["rows"] == [["north", "Alder Hospice", "2"]]


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", "x" * 300, "مستشفى الشفاء المركزي", "🏥 Ward 🧑‍⚕️", "a & b \"c\" 'd' url(#e)", "=1+1"],
)
@pytest.mark.parametrize("page", ["sociogram", *OF_GROUPS])
def test_names_of_any_kind_stay_inside_the_picture(page, named, make_study, name):
    named["organisations"].loc[0, "name"] = name
    answer = ask(network.waves(make_study(named)), page)
    root = ElementTree.fromstring(answer.figure.svg)
    assert all(len(text.text or "") <= 130 for text in root.iter("text"))
    assert "<script" not in said(answer)
    assert not re.search(r'="[^"]*url\(#', answer.figure.svg)


def test_labels_give_way_in_order():
    assert label_within("ACUTE", {"ACUTE": "Eastmere Hospitals"}, 18) == "Eastmere Hospitals"
    assert label_within("ACUTE", {"ACUTE": "Eastmere Hospitals"}, 17) == "ACUTE"
    assert lines_of("", 5) == [""]


# --- consent ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("page", OF_PEOPLE)
def test_who_did_not_consent_stays_in_the_network_without_name_or_facts(page, refusing, sessions, make_study):
    answer = ask(network.waves(make_study({**refusing, **sessions})), page)
    assert any(re.search("1 person did not consent, or withdrew, and is not named|who did not consent are", each)
               for each in answer.caveats)  # fmt: skip
    assert not re.search(r"[^A-Za-z]C, ", said(answer))  # as in "C, Birchwood Hospice, nurse"
    assert not re.search(r"not named \d|\bC\b", answer.sentence)
    assert not answer.table.astype(str).apply(lambda column: column.str.contains("not named|^C$")).any(axis=None)


def test_the_figures_are_those_of_the_network_with_everybody(refusing, make_study):
    # C's own tie C>D is C's answer and gone in both waves; A>C and B>C are theirs and stay.
    table = network.summary(make_study(refusing), permutations=99).table
    assert table["ties"].tolist() == [4, 5]
    assert table["ties_across"].tolist() == [2, 4]
    assert table["answered"].tolist() == [4, 4]


def test_the_mark_of_who_is_not_named_says_no_more_than_that(refusing, make_study):
    figure = network.sociogram(make_study(refusing), linked=True).figure
    marks = re.findall(r'aria-label="(Somebody[^"]*)"', figure.svg)
    assert marks == ["Somebody who did not consent, Birchwood Hospice."] * 2
    assert "–: did not consent, so not named." in figure.svg
    assert not figure.table["person"].str.contains("not named").any()


def test_the_graphs_others_take_away_hold_no_name_either(refusing, make_study):
    after = network.wave_graphs(make_study(refusing))["after"]
    assert "C" not in after
    assert dict(after.nodes["not named 1"])["role"] is None
    assert set(after.predecessors("not named 1")) == {"A", "B"}


def test_attendance_counts_and_does_not_name_them(refusing, make_study):
    seen = pd.DataFrame({"event": ["E1", "E1", "E1"], "person": ["A", "B", "C"]})
    study = make_study({**refusing, "events": pd.DataFrame({"event": ["E1"], "date": ["2024-01-01"]}),
                        "attendance": seen})  # fmt: skip
    answer = network.attendance_picture(study)
    assert answer.sentence.startswith("3 people attended 1 session")
    assert answer.table["person"].tolist() == ["A", "B"]
    assert answer.figure.table["person"].tolist() == ["A", "B", "–"]
    assert any("did not consent" in each for each in answer.caveats)


# --- who may see what -------------------------------------------------------------------------------------------------


def seen_by(audience, tables, make_study):
    from tests.network.conftest import CONFIG

    return Study.from_tables(CONFIG, audience=audience, **tables)


@pytest.mark.parametrize(("page", "audience"), [*((page, "public") for page in OF_PEOPLE), ("sociogram", "review")])
def test_single_people_are_for_the_team_only(page, audience, named, sessions, make_study):
    answer = ask(network.waves(seen_by(audience, {**named, **sessions}, make_study)), page)
    assert answer.sentence.startswith("Single people are shown to the evaluation team only")
    assert answer.figure is None
    assert answer.table.empty
    assert not answer.body_html


@pytest.mark.parametrize("page", OF_GROUPS)
def test_small_organisations_are_for_the_team_only(page, named, make_study):
    answer = ask(network.waves(seen_by("public", named, make_study)), page)
    assert "3 of the 3 organisations have fewer than 5 people" in answer.sentence
    assert answer.figure is None


def test_four_answers_for_the_public_name_nobody(named, make_study):
    answer = network.four_answers(seen_by("public", named, make_study), permutations=99).table["answer"][1]
    assert answer.startswith("Single people are shown to the evaluation team only")


# --- sectors and head counts ------------------------------------------------------------------------------------------


def test_ties_are_counted_across_organisations_or_sectors(named, make_study):
    with pytest.raises(ValueError, match='it is "organisation" or "sector"'):
        network.waves(make_study(named), by="ward")


def test_the_map_of_sectors_by_hand(named, make_study):
    # After: A>B, A>C, B>C, C>D within the hospices; D>E and F>A between hospices and the community.
    answer = network.organisation_map(make_study(named), by="sector")
    after = answer.table[answer.table["wave"] == "After"].set_index("sector")
    assert after.loc["hospice", ["people", "ties_within", "ties_with_others", "sectors_joined"]].tolist() == [
        4,
        4,
        2,
        1,
    ]
    assert answer.figure.table[answer.figure.table["wave"] == "After"]["ties"].tolist() == [2]
    shares = network.summary(make_study(named), by="sector", permutations=99)
    assert shares.table["cross_share"].tolist() == [pytest.approx(1 / 5), pytest.approx(2 / 6)]
    assert "joined people of different sectors" in shares.sentence


def test_head_counts_by_organisation_and_sector_are_drawn(named, make_study):
    events = pd.DataFrame({"event": ["E1", "E2"], "date": ["2024-01-01", "2024-03-01"]})
    counts = pd.DataFrame({"event": ["E1", "E1", "E2"], "count": [3, 4, 5], "organisation": ["north", "west", "south"]})
    study = make_study({"organisations": named["organisations"], "events": events, "attendance": counts})
    answer = network.attendance_picture(study)
    assert answer.sentence.startswith("12 attendances at 2 sessions, most at E1, 1 January 2024 (7).")
    assert answer.figure.table["attended"].tolist() == [3, 0, 0, 5, 4, 0]
    sectors = network.attendance_picture(study, by="sector").table
    assert sectors[["sector", "attended"]].to_numpy().tolist() == [["community", 4], ["hospice", 3], ["hospice", 5]]


def test_head_counts_alone_say_what_is_missing(make_study):
    events = pd.DataFrame({"event": ["E1", "E2"], "date": ["2024-01-01", "2024-03-01"]})
    study = make_study({"events": events, "attendance": pd.DataFrame({"event": ["E1", "E2"], "count": [17, 73]})})
    sentence = network.attendance_picture(study).sentence
    assert "90 attendances at 2 sessions" in sentence
    assert "nor is which organisations they came from (organisation in attendance.csv)." in sentence


# --- what a larger mark says ------------------------------------------------------------------------------------------


def radius_of(figure, person):
    """The radii of a circle drawn for a person, wave by wave."""
    return [float(r) for r in re.findall(rf'aria-label="{person},[^"]*"><title>[^<]*</title><circle [^>]*r="([\d.]+)"', figure.svg)]  # noqa: E501  # fmt: skip


def test_marks_are_sized_by_brokerage_or_by_reach_and_the_legend_says_which(forum):
    # After, among the north (circles): A stands between F and B and F and C, B between nobody; B reaches one other
    # organisation, A two.
    brokers, reachers = network.sociogram(forum).figure, network.sociogram(forum, size_by="reach").figure
    assert radius_of(brokers, "A")[1] > radius_of(brokers, "B")[1]
    assert brokers.table[brokers.table["wave"] == "After"].set_index("person")["stands_between"].to_dict() == {
        "A": 2, "B": 0, "C": 2, "D": 1, "E": 0, "F": 0,
    }  # fmt: skip
    assert "Larger mark: stands more often between" in brokers.svg
    assert "Larger mark: reaches more other organisations" in reachers.svg
    assert brokers.name != reachers.name
    with pytest.raises(ValueError, match='"brokerage" or "reach"'):
        network.sociogram(forum, size_by="degree")


def test_linked_marks_lead_to_the_folds_of_the_ego_view(forum):
    folds = set(re.findall(r'<div id="([^"]+)"', network.ego_view(forum).body_html))
    for page in (network.sociogram, network.wave_change_picture):
        leads = set(re.findall(r'<a href="#(ego-view-[^"]+)"', page(forum, linked=True).figure.svg))
        assert leads
        assert leads <= folds
        assert "ego-view" not in page(forum).figure.svg


def test_somebody_without_a_tie_has_a_second_outline(tables, make_study):
    tables["people"] = pd.concat([tables["people"], pd.DataFrame({"person": ["G"], "organisation": ["north"]})])
    tables["rosters"] = pd.concat(
        [tables["rosters"], pd.DataFrame([("G", "after", "yes", "yes")], columns=tables["rosters"].columns)]
    )
    svg = network.sociogram(make_study(tables)).figure.svg
    assert "Second outline: no tie." in svg
    mark = re.search(r'aria-label="G, [^>]*>.*?</g>', svg)[0]
    assert mark.count("<circle") == 2


@pytest.mark.parametrize("kind", SHAPES)
def test_the_rim_of_a_mark_lies_between_its_inner_and_outer_circle(kind):
    for turn in range(64):
        assert 0.45 * 10 < rim(kind, 10, turn / 10) <= 1.45 * 10


# --- sentences --------------------------------------------------------------------------------------------------------


def test_one_of_anything_is_written_as_one(tables, make_study):
    tables["ties"] = tables["ties"][tables["ties"]["ego"] == "A"]
    tables["rosters"] = tables["rosters"][tables["rosters"]["person"].isin(["A", "C"])]
    study = make_study({**tables, "people": tables["people"].iloc[[0, 2]],
                        "ties": tables["ties"][tables["ties"]["alter"] == "C"]})  # fmt: skip
    for page in PAGES:
        told = said(ask(network.waves(study), page.method))
        assert not re.search(r"(?<![\d.])1 (people|ties|pairs|organisations|sessions|times)\b", told), page.method


def test_a_clear_change_is_taken_back_where_silence_could_have_made_it(make_study):
    people = [f"P{n:02d}" for n in range(40)]
    home = {person: "ab"[n % 2] for n, person in enumerate(people)}
    ties = [(people[n], people[(n + 2) % 40], "advice", "before") for n in range(40)]
    ties += [(people[n], people[(n + 1) % 40], "advice", "after") for n in range(10)]
    tables = {
        "people": pd.DataFrame({"person": people, "organisation": list(home.values())}),
        "ties": pd.DataFrame(ties, columns=["ego", "alter", "relation", "wave"]),
        "rosters": pd.DataFrame(
            [(p, "before", "yes", "yes") for p in people]
            + [(p, "after", "yes", "yes" if n < 10 else "no") for n, p in enumerate(people)],
            columns=["person", "wave", "asked", "answered"],
        ),
    }
    study = make_study(tables)
    # What is said of the number of ties is said of the ten who answered both times, whom no silence touches.
    told = network.summary(study, permutations=99)
    assert "Among the 10 people who answered both times" in told.sentence
    assert not any("alone could account" in caveat for caveat in told.caveats)  # within at worst 25%, from 0%
    tables["ties"].loc[:5, "alter"] = [people[n + 1] for n in range(6)]  # 15% across before
    answer = network.summary(make_study({**tables, "ties": pd.DataFrame(
        [*ties[:10], *[(e, people[people.index(e) + 1], r, w) for e, _, r, w in ties[10:20]], *ties[20:]],
        columns=["ego", "alter", "relation", "wave"])}), permutations=99)  # fmt: skip
    assert any("Unreported ties alone could account for the change of the share" in each for each in answer.caveats)
    assert "share of everybody's ties crosses organisations, the data cannot tell" in answer.sentence


# --- the same everywhere ----------------------------------------------------------------------------------------------

_DRAW = """
import hashlib, sys
import pandas as pd
from cop_analysis import network
from cop_analysis.study import Study
from tests.network.conftest import CONFIG, HOMES, TIES
study = Study.from_tables(CONFIG, people=pd.DataFrame({"person": list(HOMES), "organisation": list(HOMES.values())}),
    ties=pd.DataFrame(TIES, columns=["ego", "alter", "relation", "strength", "wave"]))
pages = (network.sociogram, network.wave_change_picture, network.ego_view, network.organisation_map,
         network.organisation_matrix, network.four_answers)
print(hashlib.sha256("".join(page(study)._repr_html_() for page in pages).encode()).hexdigest())
"""


@pytest.mark.slow
def test_pages_do_not_depend_on_the_process_or_its_hash_seed():
    hashes = {
        subprocess.run(
            [sys.executable, "-c", _DRAW], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True,
            check=True,
        ).stdout
        for seed in ("0", "77")
    }  # fmt: skip
    assert len(hashes) == 1


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ({"person": ["A", "C"]}, "What attendance tells of who could have met whom"),
        ({"count": [3, 4], "organisation": ["north", "south"]}, "head counts by organisation"),
        ({"count": [3, 4]}, "neither people, organisations nor sectors"),
    ],
)
def test_without_ties_the_top_of_the_page_says_what_it_can_show(named, make_study, counts, told):
    given = {name: named[name] for name in ("people", "organisations")}
    events = pd.DataFrame({"event": ["E1", "E2"], "date": ["2024-01-01", "2024-03-01"]})
    study = make_study({**given, "events": events, "attendance": pd.DataFrame({"event": ["E1", "E2"], **counts})})
    sentence = network.summary(study).sentence
    assert sentence.startswith("This study has no ties table (ties.csv), so connection across organisations cannot be ")
    assert told in sentence


@pytest.mark.parametrize("page", BY_SECTOR)
def test_pages_of_both_levels_can_share_a_page_of_a_study_without_ties(page, named, make_study):
    study = make_study({"people": named["people"], "organisations": named["organisations"]})
    assert ask(network.waves(study), page).key != ask(network.waves(study, by="sector"), page).key
