"""Change, ego, organisation and attendance pictures: what they show, that it survives the report, and who can use "
"it."""

import re
import subprocess
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from cop_analysis import network
from cop_analysis.network.pages.relation import FOLDS_UP_TO
from cop_analysis.network.pictures.attendance import EVENTS_AT_MOST
from cop_analysis.network.pictures.islands import PEOPLE_AT_MOST
from cop_analysis.network.pictures.organisations import ON_THE_MAP
from cop_analysis.report.sanitise import Identifiers, clean
from cop_analysis.results import result_html
from cop_analysis.results.pages import pages_of
from tests.asking import ask

PICTURES = [
    network.wave_change_picture,
    network.cross_share_trajectory,
    network.ego_view,
    network.organisation_map,
    network.attendance_picture,
]
OF_TIES = PICTURES[:-1]
SIZES = [(5, 2), (60, 6), (400, 14)]


@pytest.fixture
def study_of(make_study):
    """A study of some size: two waves, silence, and six sessions."""

    def make(size, organisations, seed=1):
        rng = np.random.default_rng(seed)
        people = [f"P{n:03d}" for n in range(size)]
        ties, rosters = [], []
        for wave in ("before", "after"):
            for ego in range(size):
                answered = ego % 9 != 4
                rosters.append((people[ego], wave, "yes", "yes" if answered else "no"))
                others = rng.choice(size, min(size - 1, 4), replace=False)
                ties += [(people[ego], people[alter], "advice", wave) for alter in others if answered and alter != ego]
        dates = [f"2024-{2 * n - 1:02d}-10" for n in range(1, 7)]
        seen = [(f"E{n}", person) for n in range(1, 7) for person in people if rng.random() < 0.4]
        return make_study(
            {
                "people": pd.DataFrame(
                    {"person": people, "organisation": [f"ORG{n % organisations:02d}" for n in range(size)]}
                ),
                "ties": pd.DataFrame(ties, columns=["ego", "alter", "relation", "wave"]),
                "rosters": pd.DataFrame(rosters, columns=["person", "wave", "asked", "answered"]),
                "events": pd.DataFrame({"event": [f"E{n}" for n in range(1, 7)], "date": dates}),
                "attendance": pd.DataFrame(seen, columns=["event", "person"]),
            }
        )

    return make


@pytest.fixture
def full_forum(tables, make_study):
    events = pd.DataFrame({"event": ["E1", "E2"], "date": ["2024-01-01", "2024-03-01"]})
    seen = pd.DataFrame({"event": ["E1", "E1", "E1", "E2", "E2"], "person": ["A", "B", "C", "A", "C"]})
    return make_study({**tables, "events": events, "attendance": seen})


def tree(svg):
    return ElementTree.fromstring(svg.replace("<svg ", '<svg xmlns="s" ', 1))


# --- what they show, by hand (tests/network/conftest.py has the six people) -------------------------------------------


def test_ties_kept_lost_and_gained_are_told_apart_by_their_lines(full_forum):
    answer = network.wave_change_picture(full_forum)
    assert answer.figure.table["change"].value_counts().to_dict() == {
        "kept": 3, "gained": 2, "lost": 1, "not known": 1, "joiner": 1,
    }  # fmt: skip
    assert answer.sentence == ("Before to After: 3 ties kept, 1 lost (0 across organisations) and 2 gained (2 across).")
    lines = [
        (line.get("stroke-dasharray"), line.get("stroke-width")) for line in tree(answer.figure.svg).iter("{s}line")
    ]
    assert len(lines) == len(set(lines)) == 5  # the legend: no two fates share dashes and width
    table = answer.table.set_index("person")
    assert table.loc["C", ["kept", "gained", "lost", "gained_across"]].tolist() == [2, 1, 0, 1]
    assert "F" not in table.index  # F joined: F's tie is drawn apart


def test_people_keep_their_place_before_and_after(study_of):
    svg = network.wave_change_picture(study_of(30, 5)).figure.svg
    before, after = (
        [(float(mark.get("cx")), float(mark.get("cy"))) for mark in panel.iter("{s}circle") if mark.get("cx")]
        for panel in tree(svg).findall("{s}g")[:2]
    )
    shift = np.array(after) - np.array(before)
    assert np.ptp(shift, axis=0).max() < 0.2


@pytest.mark.slow
def test_the_trajectory_has_a_row_a_wave_with_interval_and_chance(full_forum):
    answer = network.cross_share_trajectory(full_forum)
    assert answer.table["cross_share"].tolist() == [pytest.approx(0.4), pytest.approx(4 / 6)]
    assert (answer.table["interval_low"] < answer.table["cross_share"]).all()
    assert answer.table["expected_share"].tolist() == [pytest.approx(0.8), pytest.approx(0.8)]
    assert "Before: 40%" in answer.figure.alt


def test_one_persons_network_by_hand(full_forum):
    answer = network.ego_view(full_forum, "C")
    after = answer.table[answer.table["wave"] == "After"].set_index("neighbour")
    assert after["tie"].to_dict() == {"D": "names", "A": "named by", "B": "named by"}
    assert "After: C has advice ties with 3 people and reaches 1 other organisation; 1 of 3 pairs" in answer.sentence
    with pytest.raises(ValueError, match="No wave has a person 'Z'"):
        network.ego_view(full_forum, "Z")


def test_the_top_connectors_and_a_fold_for_everybody(full_forum):
    answer = network.ego_view(full_forum)
    assert answer.table.iloc[0][["person", "other_organisations", "ties_across"]].tolist() == ["A", 2, 2]
    assert answer.body_html.count("<details") == 6
    page = answer._repr_html_()
    identifiers = re.findall(r'\bid="([^"]*)"', page)
    assert len(identifiers) == len(set(identifiers))
    links = set(re.findall(r'href="#([^"]*)"', page))
    assert links
    assert links <= set(identifiers)
    cleaned = clean(page, Identifiers())
    assert set(re.findall(r'href="#([^"]*)"', cleaned)) <= set(re.findall(r'\bid="([^"]*)"', cleaned))
    assert cleaned.count("<details") == page.count("<details")


def test_many_people_get_no_folds_and_it_is_said(study_of):
    answer = network.ego_view(study_of(FOLDS_UP_TO + 1, 5))
    assert answer.body_html == ""
    assert any("ask for one" in caveat for caveat in answer.caveats)


def test_the_organisation_map_counts_both_directions(full_forum):
    answer = network.organisation_map(full_forum)
    after = answer.table[answer.table["wave"] == "After"].set_index("organisation")
    # After: A>C and B>C join north and south, D>E south and west, F>A west and north; A>B and C>D stay within.
    assert after.loc["north", ["people", "ties_within", "ties_with_others", "organisations_joined"]].tolist() == [
        2,
        1,
        3,
        2,
    ]
    pairs = answer.figure.table[answer.figure.table["wave"] == "After"]
    assert pairs["ties"].tolist() == [2, 1, 1]
    assert "After: 3 of 3 pairs of organisations are joined" in answer.sentence
    assert "joined to no other: " not in answer.sentence.split("After")[1]


def test_many_organisations_show_the_busiest(study_of):
    answer = network.organisation_map(study_of(200, 60))
    assert answer.table["organisation"].nunique() == 60
    assert any(f"the {ON_THE_MAP} organisations with the most ties of 60" in each for each in answer.caveats)


def test_attendance_by_hand(full_forum):
    answer = network.attendance_picture(full_forum)
    assert answer.table.to_numpy().tolist() == [["A", "north", 2, 1.0], ["C", "south", 2, 1.0], ["B", "north", 1, 0.5]]
    assert answer.sentence == (
        "3 people attended 2 sessions; 2 (67%) came more than once. Most came to E1, 1 January 2024 (3)."
    )
    assert answer.figure.table["attended"].tolist() == [1, 1, 1, 0, 1, 1]


def test_attendance_of_head_counts_of_many_people_and_of_many_sessions(make_study, study_of, tables):
    events = pd.DataFrame({"event": ["E1", "E2"], "date": ["2024-01-01", "2024-03-01"]})
    counts = pd.DataFrame({"event": ["E1", "E2"], "count": [17, 73]})
    answer = network.attendance_picture(make_study({"events": events, "attendance": counts}))
    assert answer.figure is None
    assert answer.table["attended"].tolist() == [17, 73]
    many = network.attendance_picture(study_of(400, 14))
    assert len(many.figure.table) == 14 * 6
    assert len(many.table) > 300
    often = EVENTS_AT_MOST + 5
    events = pd.DataFrame({"event": [f"E{n:02d}" for n in range(often)], "date": "2024-01-01"})
    seen = pd.DataFrame({"event": [f"E{n:02d}" for n in range(often)], "person": "A"})
    people = {name: tables[name] for name in ("people", "organisations")}
    answer = network.attendance_picture(make_study({**people, "events": events, "attendance": seen}))
    assert len(answer.figure.table) == EVENTS_AT_MOST
    assert answer.table["sessions"].tolist() == [often]


# --- every picture ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("size", "organisations"), SIZES)
@pytest.mark.parametrize("page", PICTURES)
def test_each_size_is_drawn_whole_and_the_same_every_time(page, study_of, size, organisations):
    first, second = (page(study_of(size, organisations)) for _ in range(2))
    assert first.figure.svg == second.figure.svg
    assert first.body_html == second.body_html
    assert "nan" not in re.sub(r"[a-z]*nan[a-z]+", "", first.figure.svg.lower())
    root = tree(first.figure.svg)
    width, height = map(float, root.get("viewBox").split()[2:])
    for text in root.iter("{s}text"):
        if text.get("x") and not text.get("transform"):
            assert -1 <= float(text.get("x")) <= width
            assert 0 <= float(text.get("y")) <= height
    assert len(first.figure.svg) < 2500 * size + 40_000


@pytest.mark.slow
@pytest.mark.parametrize("page", PICTURES)
def test_the_reports_sanitiser_leaves_a_picture_whole(page, full_forum):
    answer = page(full_forum)
    svg = answer.figure.svg
    cleaned = clean(svg, Identifiers())
    for pattern in (r"<(\w+)", r'tabindex="0"', r'aria-label="', r"\sd=", r'href="#', r"stroke-dasharray="):
        assert len(re.findall(pattern, cleaned)) == len(re.findall(pattern, svg)), pattern
    assert not re.search(r"https?:|<script|<style|\son\w+=", result_html(answer.payload()))


@pytest.mark.parametrize("page", PICTURES[0:1] + PICTURES[2:])
def test_marks_take_focus_and_say_their_facts(page, study_of):
    svg = page(study_of(5, 2)).figure.svg
    focusable = re.findall(r'<(?:g tabindex="0" role="img"|a href="#[^"]*") aria-label="([^"]+)"', svg)
    assert len(focusable) >= 4
    assert all(len(words) > 10 for words in focusable)


@pytest.mark.slow
def test_every_heading_with_a_picture_is_tried_here(full_forum):
    tried = {page.__name__ for page in (network.sociogram, network.organisation_matrix, *PICTURES)}
    drawn = {page.method for page in pages_of(network.Waves) if ask(network.waves(full_forum), page.method).figure}
    assert not drawn - tried, f"Add to PICTURES: {', '.join(sorted(drawn - tried))}."
    assert tried <= drawn


@pytest.mark.slow
@pytest.mark.parametrize("page", PICTURES)
def test_hostile_names_stay_text(page, tables, make_study):
    hostile = '<script>alert(1)</script>"&url(#a)'
    tables["people"]["organisation"] = tables["people"]["organisation"].replace("north", hostile)
    for table, columns in (("people", ["person"]), ("ties", ["ego", "alter"]), ("rosters", ["person"])):
        for column in columns:
            tables[table][column] = tables[table][column].replace("A", "<img src=x onerror=alert(1)>")
    del tables["organisations"]
    seen = pd.DataFrame({"event": ["E<b>", "E<b>"], "person": ["B", "<img src=x onerror=alert(1)>"]})
    events = pd.DataFrame({"event": ["E<b>"], "date": ["2024-01-01"]})
    answer = page(make_study({**tables, "events": events, "attendance": seen}))
    html = answer._repr_html_()
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>" not in html
    ElementTree.fromstring(answer.figure.svg)


@pytest.mark.parametrize("page", OF_TIES)
def test_absent_tables_unknown_relations_and_one_wave(page, tables, make_study, forum):
    answer = page(make_study({"people": tables["people"], "organisations": tables["organisations"]}))
    assert answer.sentence.startswith("This study has no ties table (ties.csv), so ")
    with pytest.raises(ValueError, match=r"no relation 'trust'"):
        page(forum, relation="trust")
    assert "No tie of the relation 'knows_of' is recorded" in page(forum, relation="knows_of").sentence
    tables["people"]["organisation"] = None
    assert page(make_study({"people": tables["people"], "ties": tables["ties"]})).sentence
    tables["ties"] = tables["ties"][tables["ties"]["wave"] == "before"]
    assert page(make_study({"people": tables["people"], "ties": tables["ties"]})).sentence


@pytest.mark.parametrize("page", OF_TIES)
def test_undirected_relations_and_several_waves(page, tables, make_study):
    third = tables["ties"][tables["ties"]["wave"] == "after"].assign(wave="later")
    tables["ties"] = pd.concat([tables["ties"], third], ignore_index=True)
    waves = [{"key": key, "label": key, "date": date} for key, date in
             (("before", "2024-03-01"), ("after", "2024-09-01"), ("later", "2025-03-01"))]  # fmt: skip
    answer = page(make_study(tables, waves=waves, relations=[{"key": "advice", "directed": False}]))
    assert answer.figure is not None
    ElementTree.fromstring(answer.figure.svg)


def test_too_many_people_are_not_drawn_and_it_is_said(study_of):
    answer = network.wave_change_picture(study_of(PEOPLE_AT_MOST + 1, 8))
    assert answer.figure is None
    assert any("cannot be found in a picture" in caveat for caveat in answer.caveats)


# --- in a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture
def written_page(study_of, tmp_path):
    def write(size, organisations):
        identifiers = Identifiers()
        study = study_of(size, organisations)
        pages = [network.sociogram, network.organisation_matrix, *PICTURES]
        # The tables of 400 people are long and the same as any; there the pictures are enough.
        markup = (page(study).figure.svg if size > 100 else page(study)._repr_html_() for page in pages)
        body = "".join(f"<div>{clean(one, identifiers)}</div>" for one in markup)
        path = tmp_path / f"pictures-{size}.html"
        path.write_text(
            '<!DOCTYPE html>\n<html lang="en-GB"><head><meta charset="UTF-8"><title>Pictures</title></head><body><main>'
            f"<h1>Pictures</h1>{body}</main></body></html>\n",
            encoding="utf-8",
        )
        return path

    return write


@pytest.mark.slow
@pytest.mark.browser
def test_pictures_are_accessible_valid_and_open_by_a_key(chromium, html_validate, written_page):
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for size, organisations in SIZES:
            path = written_page(size, organisations)
            page = browser.new_page()
            page.context.set_offline(True)
            page.goto(path.as_uri())
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
            assert not [f"{rule['id']}: {rule['nodes'][0]['html'][:120]}" for rule in found]
            said = subprocess.run([*html_validate, str(path)], capture_output=True, text=True, check=False)
            assert said.returncode == 0, said.stdout[-2000:]
            if size <= FOLDS_UP_TO:
                page.evaluate("document.querySelectorAll('details').forEach(one => one.open = false)")
                link = page.locator("figure[id^=figure-ego] svg a").first
                link.focus()
                page.keyboard.press("Enter")
                unfolded = "document.querySelector(decodeURIComponent(location.hash)).closest('details').open"
                page.wait_for_function(f"location.hash && {unfolded}", timeout=180_000)
            page.close()
        browser.close()
