"""The counts are those of the London cancer CoP poster, 2023; z and chi-square from R 4.2.2."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop_analysis.sessions import funnel, funnel_plot

ATTENDED = [17, 73, 57, 39, 69, 105, 32]
SIGNED_UP = [37, 97, 83, 57, 92, 230, 51]
counts = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_every_event_has_the_reference_z():
    reference = [-1.82252727515647, 2.95678095532832, 1.50777889287089, 1.21031102736096, 2.82897839264286,
                 -4.63515997671321, 0.315341973926425]  # fmt: skip
    assert funnel(ATTENDED, SIGNED_UP).z == pytest.approx(reference, abs=1e-8)


def test_the_overdispersion_is_chi_square_over_its_degrees_of_freedom():
    found = funnel(ATTENDED, SIGNED_UP)
    assert found.overdispersion == pytest.approx(45.3896765837778 / 6, abs=1e-8)
    assert found.winsorised == 0  # a tenth of seven is none
    assert found.z_adjusted[5] == pytest.approx(-4.63515997671321 / math.sqrt(45.3896765837778 / 6), abs=1e-8)


def test_limits_widen_by_the_root_of_the_overdispersion():
    widened, plain = funnel(ATTENDED, SIGNED_UP), funnel(ATTENDED, SIGNED_UP, "none")
    factor = math.sqrt(45.3896765837778 / 6)
    assert widened.pooled - widened.limits(230)[0] == pytest.approx(factor * (plain.pooled - plain.limits(230)[0]))
    assert plain.limits(230)[0] == pytest.approx(
        0.605873261205564 - 1.959963984540054 * math.sqrt(0.605873261205564 * (1 - 0.605873261205564) / 230)
    )


def test_shares_closer_than_chance_do_not_narrow_the_limits():
    found = funnel([50, 50, 51], [100, 100, 100])
    assert found.overdispersion < 1
    assert found.tau == 0
    assert found.z_adjusted == pytest.approx(found.z)
    assert found.standard_error(100) == pytest.approx(funnel([50, 50, 51], [100, 100, 100], "none").standard_error(100))


def test_outliers_are_drawn_in_before_the_overdispersion_is_estimated():
    attended = [50] * 18 + [95, 5]
    kept = funnel(attended, [100] * 20, winsorise=0)
    drawn_in = funnel(attended, [100] * 20)
    assert drawn_in.winsorised == 2
    assert drawn_in.overdispersion == pytest.approx(0, abs=1e-12)
    assert kept.overdispersion > 8
    assert abs(drawn_in.z_adjusted[18]) > abs(kept.z_adjusted[18])


def test_the_additive_model_adds_a_variance_that_large_events_do_not_escape():
    additive = funnel(ATTENDED, SIGNED_UP, "additive")
    assert additive.tau > 0
    assert additive.standard_error(1e9) == pytest.approx(additive.tau, rel=1e-4)


@given(st.lists(counts, min_size=2, max_size=12))
def test_turning_success_into_failure_turns_the_sign(pairs):
    successes, sizes = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    if sum(successes) in (0, sum(sizes)):
        return
    one = funnel(successes, sizes)
    other = funnel([size - count for count, size in pairs], sizes)
    assert one.z_adjusted == pytest.approx([-z for z in other.z_adjusted], abs=1e-9)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([1], [2]), "at least two"),
        (([1, 1], [2, 2], "logit"), "not a model"),
        (([1, 1], [2, 2], "none", 0.5), "winsor"),
    ],
)
def test_what_is_undefined_is_refused_in_words(arguments, words):
    with pytest.raises(ValueError, match=words):
        funnel(*arguments)


def test_the_event_furthest_from_the_rest_is_checked_with_and_without(make_study, poster_tables):
    result = funnel_plot(make_study(**poster_tables))
    assert result.without_furthest.pooled == pytest.approx(0.688249400479616, abs=1e-8)
    assert result.difference_without_furthest.statistic == pytest.approx(13.4161465003345, abs=1e-8)
    assert result.difference.statistic == pytest.approx(45.3896765837778, abs=1e-8)
    for words in ("105 of 230", "z = −4.64 by chance alone", "−1.69", "68.8%", "13.42 on 5", "45.39 on 6"):
        assert words in result.sentence + result.body_html
    assert result.table.loc[5, "place"] == "within the limits; outside 99.8% by chance alone"


@pytest.mark.usefixtures("drawn")
def test_the_picture_prints_counts_and_says_them(make_study, poster_tables):
    figure = funnel_plot(make_study(**poster_tables)).figure
    assert "105 of 230" in figure.svg
    assert "18 September 2023" in figure.alt


def test_one_event_has_no_funnel(make_study, poster_tables):
    one = {name: table.head(1) for name, table in poster_tables.items()}
    assert "at least two events" in funnel_plot(make_study(**one)).sentence
    assert "no events table" in funnel_plot(make_study()).sentence


def test_nobody_signed_up_is_an_answer(make_study, poster_tables):
    poster_tables["events"]["signed_up"] = 0
    poster_tables["attendance"]["count"] = 0
    assert "no share can be formed" in funnel_plot(make_study(**poster_tables)).sentence
