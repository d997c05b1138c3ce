import re
from itertools import combinations
from xml.etree import ElementTree

import nh3
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop_analysis import network
from cop_analysis.network.pictures.islands import PEOPLE_AT_MOST
from cop_analysis.network.pictures.shapes import COLOURS, SHAPES, islands_layout, shape, text_colour_on, text_of

TAGS = {"svg", "g", "path", "circle", "rect", "polygon", "line", "text", "tspan", "title", "desc", "a"}
ATTRIBUTES = {
    "viewBox", "id", "role", "aria-label", "aria-labelledby", "tabindex", "fill", "fill-opacity", "stroke",
    "stroke-width", "stroke-opacity", "stroke-dasharray", "d", "cx", "cy", "r", "x", "y", "width", "height", "points",
    "font-family", "font-size", "font-weight", "text-anchor", "text-decoration", "transform", "href",
}  # fmt: skip


def people_of(size, organisations, seed=1):
    """A study of `size` people with about four ties each in two waves, some of whom did not answer."""
    rng = np.random.default_rng(seed)
    people = [f"P{n:03d}" for n in range(size)]
    ties, rosters = [], []
    for wave in ("before", "after"):
        for ego in range(size):
            answered = ego % 9 != 4
            rosters.append((people[ego], wave, "yes", "yes" if answered else "no"))
            others = rng.choice(size, min(size - 1, 4), replace=False)
            ties += [(people[ego], people[alter], "advice", wave) for alter in others if answered and alter != ego]
    return {
        "people": pd.DataFrame(
            {"person": people, "organisation": [f"ORG{n % organisations:02d}" for n in range(size)]}
        ),
        "ties": pd.DataFrame(ties, columns=["ego", "alter", "relation", "wave"]),
        "rosters": pd.DataFrame(rosters, columns=["person", "wave", "asked", "answered"]),
    }


def marks_of(svg):
    """Every focusable person of an SVG: where the mark is, in the order of focus."""
    root = ElementTree.fromstring(svg.replace("<svg ", '<svg xmlns="s" ', 1))
    return [group for group in root.iter("{s}g") if group.get("tabindex") == "0"]


@pytest.mark.parametrize(("size", "organisations"), [(5, 2), (60, 5), (400, 12)])
def test_every_person_of_each_wave_takes_focus_and_says_their_facts(make_study, size, organisations):
    figure = network.sociogram(make_study(people_of(size, organisations))).figure
    marks = marks_of(figure.svg)
    assert len(marks) == len(figure.table) == 2 * size
    first = marks[0]
    assert first.get("role") == "img"
    assert first.get("aria-label") == first[0].text
    assert re.match(r"P000, ORG00\. Before: names \d+, named by \d+; reaches \d+ other organisations?", first[0].text)
    assert len(figure.svg) < 1500 * size + 5000


def test_a_person_has_one_place_in_both_waves(make_study):
    figure = network.sociogram(make_study(people_of(30, 5))).figure
    places = [[float(mark[1].get(axis)) for axis in ("cx", "cy")] for mark in marks_of(figure.svg) if mark[1].get("cx")]
    half = len(places) // 2
    shift = np.array(places[half:]) - np.array(places[:half])
    assert np.ptp(shift, axis=0).max() < 0.2  # one panel's width to the right, rounding apart


def test_who_did_not_answer_is_hollow_and_says_so(forum):
    figure = network.sociogram(forum).figure
    silent = [mark for mark in marks_of(figure.svg) if "did not answer" in mark.get("aria-label")]
    assert [mark.get("aria-label").split(",")[0] for mark in silent] == ["E"]
    assert silent[0][1].get("fill") == "#FFFFFF"
    assert "Hollow: did not answer." in figure.svg
    assert "Small grey ×" in figure.svg  # F joined later and is a cross before


def test_organisations_differ_by_shape_and_by_colour():
    pairs = [(SHAPES[n % len(SHAPES)], COLOURS[n % len(COLOURS)]) for n in range(len(SHAPES) * len(COLOURS))]
    assert len(set(pairs)) == 63
    assert len({shape(kind, 10, 10, 5, "") for kind in SHAPES}) == len(SHAPES)


def test_the_words_hold_the_numbers_of_the_picture(forum):
    alt = network.sociogram(forum).figure.alt
    assert "6 people drawn as marks, with an island for each of 3 organisations" in alt
    assert "Before: 5 advice ties among 5 people, 2 (40%) between organisations; everyone has a tie." in alt
    assert "After: 6 advice ties among 6 people, 4 (67%)" in alt
    assert "1 did not answer and is hollow." in alt


@pytest.mark.parametrize("page", [network.sociogram, network.organisation_matrix])
def test_pictures_are_the_same_every_time(page, make_study):
    first, second = (page(make_study(people_of(40, 4))).figure for _ in range(2))
    assert first.svg == second.svg
    assert first.alt == second.alt


@pytest.mark.parametrize("page", [network.sociogram, network.organisation_matrix])
def test_pictures_survive_a_sanitiser_whole(page, make_study):
    svg = page(make_study(people_of(20, 4))).figure.svg
    cleaned = nh3.clean(svg, tags=TAGS, attributes=dict.fromkeys(TAGS, ATTRIBUTES), link_rel=None)
    for pattern in (r"<(\w+)", r'tabindex="0"', r'aria-label="', r'\sd="', r'href="#'):
        assert len(re.findall(pattern, cleaned)) == len(re.findall(pattern, svg))
    assert "<script" not in svg
    assert not re.search(r"https?:|<style|\bstyle=|\bon\w+=", svg)


@pytest.mark.parametrize("page", [network.sociogram, network.organisation_matrix])
def test_identifiers_are_prefixed_and_unique(page, forum):
    answer = page(forum)
    identifiers = re.findall(r'\bid="([^"]*)"', answer.figure.svg)
    assert len(identifiers) == len(set(identifiers))
    assert all(name.startswith(answer.key) for name in identifiers)
    for reference in re.findall(r'href="#([^"]*)"', answer.figure.svg):
        assert reference in identifiers


def test_a_focusable_person_is_not_hidden_inside_an_image(forum):
    opening = network.sociogram(forum).figure.svg.split(">", 1)[0]
    assert 'role="group"' in opening
    assert 'role="img"' in network.organisation_matrix(forum).figure.svg.split(">", 1)[0]


@pytest.mark.parametrize("page", [network.sociogram, network.organisation_matrix])
def test_hostile_names_stay_text(page, tables, make_study):
    hostile = '<script>alert(1)</script>"&url(#a)'
    tables["people"]["organisation"] = tables["people"]["organisation"].replace("north", hostile)
    del tables["organisations"]
    answer = page(make_study(tables))
    assert "<script" not in answer.figure.svg
    assert "<script" not in answer._repr_html_()
    ElementTree.fromstring(answer.figure.svg)


@pytest.mark.slow
def test_too_many_people_for_a_picture_is_said(make_study):
    answer = network.sociogram(make_study(people_of(PEOPLE_AT_MOST + 1, 8)))
    # The map of organisations stands in its place.
    assert "between organisations" in answer.figure.title
    assert any("cannot be found in a picture" in caveat for caveat in answer.caveats)


def test_long_names_are_numbered_on_the_marks_and_the_numbers_explained(tables, make_study):
    for table, columns in (("people", ["person"]), ("ties", ["ego", "alter"]), ("rosters", ["person"])):
        for column in columns:
            tables[table][column] = "participant-" + tables[table][column]
    figure = network.sociogram(make_study(tables)).figure
    assert figure.table["mark"].tolist()[:3] == ["1", "2", "3"]
    assert "Numbers: see the table of this picture." in figure.svg


def test_a_person_without_an_organisation_has_an_island_of_their_own(tables, make_study):
    tables["people"].loc[0, "organisation"] = None
    figure = network.sociogram(make_study(tables)).figure
    assert "no organisation given: 1 person" in figure.svg


def test_the_matrix_prints_its_counts_for_each_wave(forum):
    figure = network.organisation_matrix(forum).figure
    assert len(figure.table) == 2 * 9
    cells = re.findall(r'text-anchor="middle" fill="#\w+">(\d+)</text>', figure.svg)
    assert [int(cell) for cell in cells] == figure.table["ties"].tolist()
    assert "Before: 3 ties within organisations and 2 across" in figure.alt


def test_a_matrix_of_many_organisations_shows_the_busiest_and_tables_all(make_study):
    answer = network.organisation_matrix(make_study(people_of(120, 40)))
    assert len(answer.figure.table) == 2 * 20 * 20
    assert answer.table["from_organisation"].nunique() == 40
    assert any("20 organisations with the most ties of 40" in caveat for caveat in answer.caveats)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=25))
def test_islands_never_overlap_and_hold_their_people(sizes):
    members = {group: [(group, n) for n in range(size)] for group, size in enumerate(sizes)}
    layout = islands_layout(members)
    assert len(layout.people) == sum(sizes)
    for one, other in combinations(layout.islands.values(), 2):
        assert np.hypot(one.x - other.x, one.y - other.y) >= one.radius + other.radius
    for group, people in members.items():
        island = layout.islands[group]
        spots = np.array([layout.people[person] for person in people])
        assert (np.hypot(spots[:, 0] - island.x, spots[:, 1] - island.y) < island.radius).all()
        assert island.x - island.radius >= -1e-9
        assert island.y + island.radius <= layout.height + 1e-9
        if len(spots) > 1:
            gaps = np.hypot(*(spots[:, None] - spots[None]).transpose(2, 0, 1)) + 9 * np.eye(len(spots))
            assert gaps.min() > 0.85


def test_text_on_marks_is_readable():
    for colour in (*COLOURS, "#FFFFFF"):
        assert text_colour_on(colour) in ("#FFFFFF", "#212B32")
    assert text_of("a\x00b\n<") == "a b &lt;"
