from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

from cop_analysis.sessions import core_and_periphery
from cop_analysis.sessions.methods.attendance import expected_parts, parts


def test_the_parts_are_as_defined(make_study, forum_tables):
    result = core_and_periphery(make_study(**forum_tables))
    assert dict(zip(result.by_person["person"], result.by_person["part"], strict=True)) == {
        "A": "core", "B": "core", "C": "peripheral", "D": "never came",
    }  # fmt: skip
    assert result.table["people"].tolist() == [2, 0, 1, 1]
    assert result.table["attendances"].tolist() == [5, 0, 1, 0]


@pytest.mark.parametrize(
    ("came", "possible", "part"),
    [(3, 6, "core"), (2, 5, "active"), (2, 4, "core"), (1, 1, "peripheral"), (0, 3, "never came"), (2, 2, "core")],
)
def test_half_counts_as_core_and_once_never_does(came, possible, part):
    assert parts(np.array([came]), np.array([possible])) == [part]


def test_who_joined_late_is_judged_by_the_sessions_left(make_study, forum_tables):
    forum_tables["people"]["joined"] = [None, None, None, "2024-03-01"]
    forum_tables["attendance"] = pd.concat(
        [forum_tables["attendance"], pd.DataFrame({"event": ["N2", "N3"], "person": ["D", "D"]})]
    )
    forum_tables["events"]["signed_up"] = [4, 3, 2]
    by_person = core_and_periphery(make_study(**forum_tables)).by_person.set_index("person")
    assert by_person.loc["D", ["sessions_attended", "sessions_possible", "part"]].tolist() == [2, 2, "core"]


def test_what_chance_expects_is_what_listing_every_draw_gives():
    came = np.array([[1, 1, 0], [1, 0, 0], [0, 1, 1], [0, 0, 0]], dtype=bool)
    possible = np.array([[1, 1, 1], [1, 1, 1], [0, 1, 1], [1, 1, 0]], dtype=bool)
    draws = [list(combinations(np.flatnonzero(possible[:, at]), int(came[:, at].sum()))) for at in range(3)]
    counts: dict[str, float] = {}
    every = list(product(*draws))
    for chosen in every:
        attended = np.array([sum(person in session for session in chosen) for person in range(4)])
        for part in parts(attended, possible.sum(axis=1)):
            counts[part] = counts.get(part, 0) + 1 / len(every)
    expected = expected_parts(came, possible)
    assert {part: expected[part] for part in counts} == pytest.approx(counts)
    assert sum(expected.values()) == pytest.approx(4)


def test_one_session_has_no_core(make_study, forum_tables):
    one = {**forum_tables, "events": forum_tables["events"].head(1), "attendance": forum_tables["attendance"].head(3)}
    result = core_and_periphery(make_study(**one))
    assert result.table["people"].tolist() == [0, 0, 3, 1]
    assert any("no core yet" in caveat for caveat in result.caveats)


def test_without_a_list_of_people_that_is_said(make_study, forum_tables):
    del forum_tables["people"]
    result = core_and_periphery(make_study(**forum_tables))
    assert result.table["people"].tolist() == [2, 0, 1, 0]
    assert any("people.csv is absent" in caveat for caveat in result.caveats)


def test_head_counts_have_no_core(make_study, poster_tables):
    assert "head counts" in core_and_periphery(make_study(**poster_tables)).sentence


@pytest.mark.usefixtures("drawn")
def test_the_picture_tells_each_person(make_study, forum_tables):
    figure = core_and_periphery(make_study(**forum_tables)).figure
    assert "A 3 of 3 (core)" in figure.alt
    assert "3 of 3" in figure.svg


@pytest.mark.usefixtures("drawn")
def test_who_did_not_consent_is_counted_but_neither_named_nor_drawn(make_study, forum_tables):
    forum_tables["people"]["consent"] = ["yes", "withdrawn", "yes", "no"]
    result = core_and_periphery(make_study(**forum_tables))
    assert result.table["people"].sum() == 4
    assert any("2 people who did not consent, or withdrew, are counted here" in caveat for caveat in result.caveats)
    assert result.figure.table["person"].tolist() == ["A", "C"]
    assert ">B<" not in result.figure.svg
    assert "B 2 of 3" not in result.figure.alt


@pytest.mark.usefixtures("drawn")
def test_of_very_many_people_the_parts_are_drawn_beside_chance(make_study):
    people = [f"P{number}" for number in range(70)]
    tables = {
        "people": pd.DataFrame({"person": people}),
        "events": pd.DataFrame({"event": ["E1", "E2"], "date": ["2024-01-01", "2024-02-01"]}),
        "attendance": pd.DataFrame({"event": ["E1"] * 40 + ["E2"] * 40, "person": [*people[:40], *people[20:60]]}),
    }
    figure = core_and_periphery(make_study(**tables)).figure
    assert "P1" not in figure.svg
    assert "core 20 (by chance alone 22.9)" in figure.alt
    assert "20 (by chance 23)" in figure.svg
