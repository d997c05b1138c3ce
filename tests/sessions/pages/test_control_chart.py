"""Reference values: NHSRplotthedots under R 4.2.2, ae_attendances (NHSRdatasets) for provider RQM, type 1."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop_analysis.sessions import control_chart as charted

control_chart = partial(charted, draw=False)
"""Most of these tests are about numbers and need no picture."""

RQM = [1199, 929, 970, 1178, 1110, 1388, 2061, 1985, 2675, 3141, 1942, 2030, 1309, 1960, 1169, 1117, 1085, 1492, 1280,
       1197, 1569, 1406, 1328, 1564]  # fmt: skip


def marked(chart):
    special = chart.points[chart.points["rule"] != ""]
    return dict(zip(special["point"], special["rule"], strict=True))


def test_accident_and_emergency_attendances_screened():
    chart = control_chart(RQM, increase_is_good=False)
    assert chart.centre == pytest.approx(1545.16666667, abs=1e-8)
    assert chart.lower == pytest.approx(740.39575758, abs=1e-8)
    assert chart.upper == pytest.approx(2349.93757576, abs=1e-8)
    assert marked(chart) == {
        2: "2 of 3 near the lower limit",
        3: "2 of 3 near the lower limit",
        9: "above the upper limit",
        10: "above the upper limit",
    }
    assert chart.points["variation"].tolist()[1:3] == ["improvement"] * 2
    assert chart.points["variation"].tolist()[8:10] == ["concern"] * 2
    assert chart.variation == "common cause"


def test_accident_and_emergency_attendances_unscreened():
    chart = control_chart(RQM, increase_is_good=False, screen_outliers=False)
    assert (chart.lower, chart.upper) == (pytest.approx(636.71884058, abs=1e-8), pytest.approx(2453.61449275, abs=1e-8))
    assert set(marked(chart)) == {9, 10}


@pytest.mark.parametrize(
    ("values", "points", "word"),
    [
        ([5, 3, 1, 2, 3, 4, 5, 6, 7, 4, 5, 3, 4, 5, 4], range(3, 10), "7 points rising"),
        ([4, 5, 4, 3, 4, 4.4, 3.8, 4.9, 5.2, 5.1, 5.3, 4.8, 5.4, 5, 4.1], range(8, 15), "7 points above the centre"),
        ([4, 4.2, 3.9, 4.1, 4, 4.1, 3.9, 5.8, 4.2, 4, 3.9, 4.1, 4, 4.1], [8], "above the upper limit"),
        ([4, 4.2, 3.9, 4.1, 4, 4.1, 3.9, 4.35, 4.36, 4.2, 4, 3.9, 4.1, 4], [], ""),
    ],
)
def test_each_rule_marks_the_points_the_reference_marks(values, points, word):
    assert marked(control_chart(values)) == dict.fromkeys(points, word)


VIGNETTE = [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]
# England's monthly total of accident and emergency attendances, April 2016 to March 2019 (NHSRdatasets).
ENGLAND = [1867781, 2070340, 1958802, 2079034, 1932901, 1952464, 2001816, 1907871, 1944567, 1895272, 1735619, 2015834,
           1949762, 2066789, 1994056, 2073944, 1924663, 1925961, 2044137, 1976971, 2003954, 2000086, 1820012, 2049785,
           1984369, 2164458, 2093942, 2179896, 1997854, 2005695, 2079492, 2037847, 2047518, 2113413, 1954947,
           2167550]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "screen", "centre", "lower", "upper", "points"),
    [
        (VIGNETTE, True, 1.94444444444444, -0.715555555555556, 4.60444444444444, [5]),
        (VIGNETTE, False, 1.94444444444444, -3.06261437908497, 6.95150326797386, [5]),
        (ENGLAND, True, 2000538.94444444, 1731844.36444444, 2269233.52444444, []),
        ([5, 3, 1, 2, 3, 4, 5, 6, 7, 4, 5, 3, 4, 5, 4], True, 4.06666666666667, 0.456666666666666, 7.67666666666667,
         range(3, 10)),
        ([4, 5, 4, 3, 4, 4.4, 3.8, 4.9, 5.2, 5.1, 5.3, 4.8, 5.4, 5, 4.1], True, 4.53333333333333, 2.80433333333333,
         6.26233333333333, range(8, 15)),
        ([4, 4.2, 3.9, 4.1, 4, 4.1, 3.9, 5.8, 4.2, 4, 3.9, 4.1, 4, 4.1], True, 4.16428571428571, 3.72901298701299,
         4.59955844155844, [8]),
        ([4, 4.2, 3.9, 4.1, 4, 4.1, 3.9, 4.35, 4.36, 4.2, 4, 3.9, 4.1, 4], True, 4.07928571428571, 3.60457802197802,
         4.55399340659341, []),
        ([4, 5], True, 4.5, 1.84, 7.16, []),
    ],
)  # fmt: skip
def test_every_reference_series_has_its_limits_and_points(values, screen, centre, lower, upper, points):
    chart = control_chart(values, screen_outliers=screen)
    assert chart.centre == pytest.approx(centre, rel=1e-12)
    assert chart.lower == pytest.approx(lower, rel=1e-12)
    assert chart.upper == pytest.approx(upper, rel=1e-12)
    assert list(marked(chart)) == list(points)


@pytest.mark.usefixtures("drawn")
def test_the_icons_say_direction_and_trial_in_words():
    chart = charted([1, 2, 3, 4, 5, 6, 7], target=9)
    assert chart.points["direction"].tolist()[-1] == "high"
    for words in ("improvement (high)", "(trial limits)", "fails target"):
        assert words in chart.figure.svg
    assert "Icon: improvement (high); fails target" in chart.figure.alt
    assert "(trial limits)" not in charted(RQM).figure.svg


def test_the_three_colours_stand_beside_three_shapes():
    from cop_analysis.sessions.pictures.charts import MARKERS

    assert MARKERS["improvement"][1] == "#005EB8"
    assert MARKERS["concern"][1] == "#ED8B00"
    assert len({shape for shape, _ in MARKERS.values()}) == len(MARKERS)


def test_limits_below_zero_have_a_real_minus_sign():
    assert "Limits run from −0.716 to 4.604" in control_chart(VIGNETTE).sentence


@pytest.mark.usefixtures("drawn")
def test_three_thousand_values_are_charted_and_the_latest_drawn():
    chart = charted([float(at % 11) for at in range(3000)])
    assert len(chart.points) == 3000
    assert "the latest 120 are drawn" in chart.figure.alt
    assert len(chart.figure.svg) < 200_000


def test_an_equal_value_breaks_a_trend():
    rising = [1, 2, 3, 4, 5, 6, 7]
    assert "7 points rising" in control_chart(rising).points["rule"].tolist()
    assert "7 points rising" not in control_chart([1, 2, 3, 3, 4, 5, 6]).points["rule"].tolist()


def test_two_of_three_needs_all_three_on_one_side():
    base = [10, 11, 9, 10, 11, 9, 10, 11, 9, 10, 11, 9]
    together = control_chart([*base, 13.5, 13.6, 10.9, *base])
    apart = control_chart([*base, 13.5, 8, 13.6, *base])
    assert "2 of 3 near the upper limit" in together.points["rule"].tolist()
    assert "2 of 3 near the upper limit" not in apart.points["rule"].tolist()


@pytest.mark.parametrize(
    ("target", "up", "assurance"),
    [(3000, True, "fails"), (500, True, "passes"), (1500, True, "inconsistent"), (3000, False, "passes"),
     (500, False, "fails"), (None, True, None), (1500, None, None)],
)  # fmt: skip
def test_assurance_compares_target_and_limits(target, up, assurance):
    assert control_chart(RQM, up, target).assurance == assurance


@pytest.mark.parametrize("values", [[4], [4.1] * 12, [4] * 11 + [5]])
def test_values_that_do_not_move_have_no_limits_and_no_false_signal(values):
    chart = control_chart(values)
    assert math.isnan(chart.lower)
    assert math.isnan(chart.upper)
    assert not chart.points["rule"].str.contains("limit").any()
    assert "No limits" in chart.sentence
    assert chart.centre == pytest.approx(sum(values) / len(values))


def test_equal_decimals_are_on_no_side_of_their_own_mean():
    assert not marked(control_chart([0.1] * 30))


def test_under_twelve_values_the_limits_are_called_trial_limits():
    assert control_chart(RQM[:11]).trial_limits
    assert any("run chart first" in caveat for caveat in control_chart(RQM[:11]).caveats)
    assert not control_chart(RQM[:12]).trial_limits


def test_a_phase_has_limits_of_its_own():
    values = [1, 2, 1, 2, 1, 2, 11, 12, 11, 12, 11, 12]
    chart = control_chart(values, phase_starts=[7])
    assert chart.centre == 11.5
    assert chart.points["centre"].tolist() == [1.5] * 6 + [11.5] * 6
    assert not marked(chart)


def test_missing_values_are_left_out_and_said():
    chart = control_chart(pd.Series([1.0, None, 2.0, 1.0]))
    assert chart.points["point"].tolist() == [1, 3, 4]
    assert any("1 missing" in caveat for caveat in chart.caveats)


@pytest.mark.parametrize("values", [[], [math.nan], ["4", "5"], [1, math.inf], [True, False], [1, 1e200], [None]])
def test_what_is_not_a_series_of_numbers_is_refused_in_words(values):
    with pytest.raises(ValueError, match=r"value|number"):
        control_chart(values)


def test_labels_and_phases_must_fit():
    with pytest.raises(ValueError, match="2 labels"):
        control_chart([1, 2, 3], labels=["a", "b"])
    with pytest.raises(ValueError, match="phase"):
        control_chart([1, 2, 3], phase_starts=[9])


@pytest.mark.usefixtures("drawn")
def test_labels_from_data_are_text_in_the_picture():
    chart = charted([1, 2, 3], labels=["<script>", "$x$", "b"])
    assert "<script" not in chart.figure.svg
    assert "$x$" in chart.figure.svg


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=40), st.integers(-50, 50), st.sampled_from([0.5, 2, 4]))
def test_moving_or_stretching_the_values_changes_no_rule(values, shift, scale):
    from cop_analysis.sessions.methods.process_charts import _phase

    names = [str(value) for value in values]
    places = list(range(1, len(values) + 1))
    plain = _phase(np.array(values, float), places, names, 1, True, True)
    moved = _phase(np.array(values, float) * scale, places, names, 1, True, True)
    assert plain["rule"].tolist() == moved["rule"].tolist()
    assert shift + plain["centre"].iloc[0] == pytest.approx(
        _phase(np.array(values, float) + shift, places, names, 1, True, True)["centre"].iloc[0], abs=1e-9
    )
