"""Scores of a scale, Cronbach's alpha (R psych on R's `attitude` data) and the mean change."""

import numpy as np
import pandas as pd
import pytest

from cop_analysis.change import cronbach_alpha, scale_scores, turned
from cop_analysis.change.methods.scales import items_against_the_rest, mean_change

# R datasets: attitude (Chatterjee & Price 1977), thirty departments
ATTITUDE = pd.DataFrame(
    [
        [43, 51, 30, 39, 61, 92, 45], [63, 64, 51, 54, 63, 73, 47], [71, 70, 68, 69, 76, 86, 48],
        [61, 63, 45, 47, 54, 84, 35], [81, 78, 56, 66, 71, 83, 47], [43, 55, 49, 44, 54, 49, 34],
        [58, 67, 42, 56, 66, 68, 35], [71, 75, 50, 55, 70, 66, 41], [72, 82, 72, 67, 71, 83, 31],
        [67, 61, 45, 47, 62, 80, 41], [64, 53, 53, 58, 58, 67, 34], [67, 60, 47, 39, 59, 74, 41],
        [69, 62, 57, 42, 55, 63, 25], [68, 83, 83, 45, 59, 77, 35], [77, 77, 54, 72, 79, 77, 46],
        [81, 90, 50, 72, 60, 54, 36], [74, 85, 64, 69, 79, 79, 63], [65, 60, 65, 75, 55, 80, 60],
        [65, 70, 46, 57, 75, 85, 46], [50, 58, 68, 54, 64, 78, 52], [50, 40, 33, 34, 43, 64, 33],
        [64, 61, 52, 62, 66, 80, 41], [53, 66, 52, 50, 63, 80, 37], [40, 37, 42, 58, 50, 57, 49],
        [63, 54, 42, 48, 66, 75, 33], [66, 77, 66, 63, 88, 76, 72], [78, 75, 58, 74, 80, 78, 49],
        [48, 57, 44, 45, 51, 83, 38], [85, 85, 71, 71, 77, 74, 55], [82, 82, 39, 59, 64, 78, 39],
    ],
    columns=["rating", "complaints", "privileges", "learning", "raises", "critical", "advance"],
)  # fmt: skip


def test_alpha_with_feldts_interval():
    alpha = cronbach_alpha(ATTITUDE)
    assert (alpha.estimate, alpha.low, alpha.high) == pytest.approx(
        (0.84314276956476, 0.739375685643107, 0.915773072159982), abs=1e-8
    )
    assert (alpha.n, alpha.items) == (30, 7)


def test_alpha_leaves_out_people_with_a_gap():
    gappy = ATTITUDE.astype(float)
    gappy.loc[30] = np.nan
    gappy.loc[30, "rating"] = 99
    assert cronbach_alpha(gappy).estimate == pytest.approx(0.84314276956476)


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        (ATTITUDE[["rating"]], "at least two items"),
        (ATTITUDE.iloc[:1], "at least two people"),
        (pd.DataFrame({"a": [1, 2, 3], "b": [3, 2, 1]}), "same total"),
    ],
)
def test_alpha_is_refused_where_undefined(answers, message):
    with pytest.raises(ValueError, match=message):
        cronbach_alpha(answers)


def test_a_score_compares_a_person_on_the_same_items():
    before = pd.DataFrame(
        {"q1": [1, 1, 1], "q2": [5, None, 5], "q3": [3, 3, None], "q4": [3, 3, None]}, index=list("ABC")
    )
    after = pd.DataFrame({"q1": [2, 2, 2], "q2": [5, 5, None], "q3": [3, 3, 1], "q4": [3, 3, 1]}, index=list("ABC"))
    first, last = scale_scores(before, after)
    assert first.tolist()[:2] == pytest.approx([3, 7 / 3])
    assert last.tolist()[:2] == pytest.approx([13 / 4, 8 / 3])
    # C answered one of four items both times: not enough for a score.
    assert np.isnan(first["C"])
    assert np.isnan(last["C"])
    totals = scale_scores(before, after, score="total")
    assert totals[0].tolist()[:2] == pytest.approx([12, 28 / 3])


def test_reversed_items_are_turned_and_the_rest_left():
    answers = pd.DataFrame({"calm": [1.0, 5.0], "tense": [2.0, np.nan]})
    assert turned(answers, ["tense", "unknown"], 1, 5)["tense"].tolist()[0] == 4
    assert answers["tense"].tolist()[0] == 2


def test_an_item_read_upside_down_is_found_only_with_enough_people():
    rng = np.random.default_rng(1)
    able = rng.normal(size=40)
    answers = pd.DataFrame({f"q{item}": able + rng.normal(size=40) * 0.5 for item in range(5)})
    answers["flipped"] = -able
    assert items_against_the_rest(answers, answers) == ["flipped"]
    assert items_against_the_rest(answers.iloc[:9], answers.iloc[:9]) == []


def test_mean_change_is_students_interval():
    # Student's sleep data: R t.test gives 0.7001142 to 2.4598858
    change = mean_change(np.array([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]))
    assert (change.estimate, change.low, change.high) == pytest.approx((1.58, 0.7001142, 2.4598858), abs=1e-7)
    assert np.isnan(mean_change(np.array([1.0])).low)
    with pytest.raises(ValueError, match="no pair"):
        mean_change(np.array([]))


def test_settings_are_checked():
    table = pd.DataFrame({"q": [1]})
    with pytest.raises(ValueError, match="score must be"):
        scale_scores(table, table, score="median")
    with pytest.raises(ValueError, match="at_least"):
        scale_scores(table, table, at_least=0)
    with pytest.raises(ValueError, match="same people"):
        scale_scores(table, pd.DataFrame({"r": [1]}))
