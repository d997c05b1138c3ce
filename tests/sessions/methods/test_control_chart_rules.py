"""Every rule against a second implementation, written from the published rules in exact fractions and plain loops."""

from __future__ import annotations

import math
import random
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from cop_analysis.sessions import control_chart


def by_the_rules(values, screen):
    """Give centre, limits and the rule of each value as Making Data Count states them, one window at a time."""
    y = [Fraction(str(value)) for value in values]
    centre = sum(y) / len(y)
    moves = [abs(after - before) for before, after in pairwise(y)]
    if screen and moves:
        average = sum(moves) / len(moves)
        moves = [move for move in moves if move < Fraction("3.267") * average]
    average = sum(moves) / len(moves) if moves and sum(moves) else None
    limit = None if average is None else Fraction("2.66") * average
    outside = [limit is not None and abs(value - centre) > limit for value in y]
    near = [limit is not None and not out and abs(value - centre) > limit * 2 / 3
            for value, out in zip(y, outside, strict=True)]  # fmt: skip
    trend, two_of_three, shift = set(), set(), set()
    for start in range(len(y) - 6):
        window = range(start, start + 7)
        for way in (1, -1):
            if all((y[at + 1] - y[at]) * way > 0 for at in window[:-1]):
                trend |= set(window)
            if all((y[at] - centre) * way > 0 for at in window):
                shift |= set(window)
    for start in range(len(y) - 2):
        window = range(start, start + 3)
        for way in (1, -1):
            marked = [at for at in window if near[at]]
            if len(marked) >= 2 and all((y[at] - centre) * way > 0 for at in window):
                two_of_three |= set(marked)
    rules = []
    for at, value in enumerate(y):
        side, end = ("above", "upper") if value > centre else ("below", "lower")
        rules.append(
            f"{side} the {end} limit" if outside[at] else
            "trend" if at in trend else
            f"2 of 3 near the {end} limit" if at in two_of_three else
            f"7 points {side} the centre" if at in shift else ""
        )  # fmt: skip
    return centre, limit, rules


def invented_series(draw):
    """Give a series of a kind that meets ties, jumps, drifts and few distinct values."""
    size = draw.choice([1, 2, 3, 6, 7, 8, 11, 12, 13, 20, 30, 60])
    walk = [0]
    for _ in range(size - 1):
        walk.append(walk[-1] + draw.choice([-1, 0, 1, 2]))
    return draw.choice(
        [
            [draw.randint(1, 5) for _ in range(size)],
            [round(draw.gauss(4, 0.4), 2) for _ in range(size)],
            walk,
            [round(draw.gauss(0, 1) + 6 * (draw.random() < 0.1), 3) for _ in range(size)],
            [draw.randint(0, 100) + 60 * (at > size // 2) for at in range(size)],
            [round(3 * math.sin(at / 3) + draw.random() * 0.2, 2) for at in range(size)],
        ]
    )


@pytest.mark.slow
@pytest.mark.parametrize("screen", [True, False])
def test_hundreds_of_series_are_marked_as_the_rules_mark_them(screen):
    draw = random.Random(11)
    met = set()
    for _ in range(250):
        values = invented_series(draw)
        centre, limit, rules = by_the_rules(values, screen)
        chart = control_chart(values, screen_outliers=screen, draw=False)
        found = ["trend" if "rising" in rule or "falling" in rule else rule for rule in chart.points["rule"]]
        assert found == rules, values
        assert chart.centre == pytest.approx(float(centre), rel=1e-12, abs=1e-12)
        if limit is None:
            assert math.isnan(chart.lower)
        else:
            assert (chart.lower, chart.upper) == pytest.approx((float(centre - limit), float(centre + limit)), abs=1e-9)
        met |= set(rules)
    assert len(met) == 8  # every rule on each side, a trend, and no rule


def test_a_target_on_a_limit_is_hit_and_miss_in_either_direction():
    values = [1, 3, 2, 4, 3, 2, 3, 1, 4, 2, 3, 2, 3]
    plain = control_chart(values, draw=False)
    for target in (plain.lower, plain.upper):
        for is_good in (True, False):
            assert control_chart(values, is_good, target, draw=False).assurance == "inconsistent"


def test_where_less_is_better_the_same_points_change_their_class_only():
    values = [5, 3, 1, 2, 3, 4, 5, 6, 7, 4, 5, 3, 4, 5, 4]
    up, down = (control_chart(values, is_good, draw=False).points for is_good in (True, False))
    assert up["rule"].tolist() == down["rule"].tolist()
    turned = {"improvement": "concern", "concern": "improvement", "common cause": "common cause"}
    assert up["variation"].map(turned).tolist() == down["variation"].tolist()


def test_phases_of_one_value_have_no_limits_and_say_so():
    chart = control_chart([1, 9, 2, 8], target=5, phase_starts=[2, 3, 4], draw=False)
    assert chart.points["phase"].tolist() == [1, 2, 3, 4]
    assert chart.assurance is None
    assert "Without limits nothing can be said of the target of 5" in chart.sentence


def test_a_phase_that_starts_at_a_missing_value_starts_with_the_next():
    chart = control_chart([1, 2, None, 8, 9], phase_starts=[3], draw=False)
    assert chart.points["phase"].tolist() == [1, 1, 2, 2]


@pytest.mark.parametrize("missing", [None, math.nan, np.float32("nan"), Decimal("NaN"), np.float64("nan")])
def test_missing_values_of_any_library_are_left_out(missing):
    chart = control_chart([1, missing, 2], draw=False)
    assert chart.points["point"].tolist() == [1, 3]
    assert any("1 missing value was left out" in caveat for caveat in chart.caveats)


@pytest.mark.parametrize("values", [5, None, "123", {"a": 1}, np.array([True, False]), np.ones((2, 2)), [1, "two"]])
def test_what_is_no_list_of_numbers_is_refused_in_words(values):
    with pytest.raises(ValueError, match=r"needs a list of values|must be a finite number"):
        control_chart(values, draw=False)


@pytest.mark.parametrize("is_good", ["decrease", "False", 0, 1.0])
def test_a_direction_in_words_is_refused_rather_than_taken_as_true(is_good):
    with pytest.raises(ValueError, match="increase_is_good must be True"):
        control_chart([1, 2, 3], is_good, draw=False)


def test_ten_thousand_values_keep_every_row():
    chart = control_chart(np.random.default_rng(1).normal(size=10_000), draw=False)
    assert len(chart.points) == 10_000
    assert not chart.trial_limits
