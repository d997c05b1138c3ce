"""The one-call answer, its words, its caveats and its refusals."""

import datetime
import itertools
import math
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from cop_analysis.change import confidence, max_t, scale_change, signed_rank, superiority
from cop_analysis.change.pictures.answers import diverging_bars
from cop_analysis.study import Instrument
from cop_analysis.study.config import Item, Wave


def by_item(result):
    return result.table.set_index("item")


def test_counts_by_hand_and_numbers_of_the_single_functions(study):
    table = by_item(confidence(study))
    # q1: P01 P02 P03 P04 P07 up, P06 down, P05 the same
    assert table.loc["q1", ["n", "up", "same", "down"]].tolist() == [7, 5, 1, 1]
    # q2: P02 and P07 up, P03 down, P01 P05 P06 the same; P04 left the second answer empty
    assert table.loc["q2", ["n", "up", "same", "down"]].tolist() == [6, 2, 3, 1]
    # q3 is scored in reverse: five answers fell, which is up
    assert table.loc["q3", ["n", "up", "same", "down"]].tolist() == [7, 5, 2, 0]
    # The numbers are those of the single functions
    pre, post = [2, 2, 3, 1, 4, 3, 2], [3, 4, 4, 3, 4, 2, 4]
    test, effect = signed_rank(pre, post), superiority(pre, post)
    row = table.loc["q1"]
    assert (row["p_value"], row["mid_p_value"]) == (test.p_value, test.mid_p_value)
    assert (row["superiority"], row["low"], row["high"]) == (effect.estimate, effect.low, effect.high)
    assert row["mean_change"] == pytest.approx(1.0)


def test_what_matters_fits_the_page_and_the_rest_is_folded(study):
    result = confidence(study)
    page = replace(result, figure=None)._repr_html_()
    short, folded = page.split("<details><summary>Table: ")
    assert re.findall(r'<th scope="col"[^>]*>([^<]*)<', short) == [
        "wording", "people", "up / same / down", "tendency up (PS), 95% interval", "exact p", "adjusted p (maxT)",
    ]  # fmt: skip
    row, written = by_item(result).loc["q1"], short.split("<tr>")[2].replace("\u00a0", " ")
    assert f"<td>5 / 1 / 1</td><td>{row['superiority']:.1%} ({row['low']:.1%}" in written
    assert f">{row['p_value']:.3f}<" in written
    assert f">{row['adjusted_p_value']:.3f}<" in written
    assert all(name in folded for name in ("mid-p", "Holm p", "Benjamini-Hochberg p", "mean change"))


def test_adjusted_p_is_max_t_by_default_with_holm_and_bh_beside_it(study):
    result = confidence(study)
    before = pd.DataFrame({"q1": [2, 2, 3, 1, 4, 3, 2], "q2": [3, 2, 3, 2, 5, 4, 3], "q3": [2, 2, 3, 1, 4, 3, 2]})
    after = pd.DataFrame({"q1": [3, 4, 4, 3, 4, 2, 4], "q2": [3, 3, 2, None, 5, 4, 4], "q3": [4, 3, 3, 2, 5, 3, 3]})
    expected = max_t(before, after, 9999, 0).p_values
    table = by_item(result)
    assert table["adjusted_p_value"].to_dict() == pytest.approx(expected.to_dict())
    assert {"holm_p_value", "bh_p_value"} <= set(table.columns)
    assert (table["holm_p_value"] >= table["p_value"]).all()


def test_the_sentence_counts_people_in_plain_words(study):
    # Means over the items answered both times, q3 turned: P01, P02, P04, P05, P07 up; P03 the same; P06 down.
    result = confidence(study)
    sentence = result.sentence
    assert sentence.startswith(
        "5 of 7 rated themselves more confident over the 3 items together the second time (Follow-up) than the first "
        "(Baseline), 1 less and 1 the same;"
    )
    assert "(50% would be none either way)" in sentence
    headline = result.headline
    assert headline.value == "5 of 7"
    assert "1 less" in headline.uncertainty
    assert "interval" in headline.uncertainty


def test_the_planned_primary_item_leads(make_study):
    plan = {"dated": datetime.date(2024, 1, 5), "primary": "q1", "multiplicity": "holm", "instrument": "confidence"}
    result = confidence(make_study(changes={"plan": plan}))
    assert "on “starting a medicine”" in result.headline.label
    table = by_item(result)
    assert "max_t_p_value" in table.columns
    assert table["adjusted_p_value"].tolist() == pytest.approx(_holm(table["p_value"].tolist()))
    assert not any("exploratory" in caveat for caveat in result.caveats)


@pytest.mark.parametrize(
    ("direction", "said"),
    [("increase", None), ("either", None), ("decrease", "expected a decrease, but more moved up than down")],
)
def test_a_direction_the_plan_did_not_expect_is_said(make_study, direction, said):
    plan = {"dated": datetime.date(2024, 1, 5), "instrument": "confidence", "direction": direction}
    result = confidence(make_study(changes={"plan": plan}))
    against = [caveat for caveat in result.caveats if "plan expected" in caveat]
    assert bool(against) == bool(said)
    assert said is None or said in against[0]
    assert "was expected" in result.method


def _holm(values):
    order = np.argsort(values)
    adjusted, reached = [0.0] * len(values), 0.0
    for place, index in enumerate(order):
        reached = max(reached, min(1.0, values[index] * (len(values) - place)))
        adjusted[index] = reached
    return adjusted


def test_a_departure_from_the_plan_is_said(make_study):
    plan = {"dated": datetime.date(2024, 1, 5), "before": "baseline", "after": "follow_up"}
    result = confidence(make_study(changes={"plan": plan}), before="follow_up", after="baseline")
    assert any("departs from the analysis plan of 5 January 2024" in caveat for caveat in result.caveats)
    assert result.key == "items-follow-up-baseline"


def test_one_wave_asked_for_takes_the_other_from_what_there_is(make_study):
    plan = {"dated": datetime.date(2024, 1, 5), "before": "baseline", "after": "follow_up"}
    result = confidence(make_study(changes={"plan": plan}), before="follow_up")
    assert (result.before, result.after) == ("follow_up", "baseline")
    assert confidence(make_study(changes={"plan": plan})).key == "items"


@pytest.mark.parametrize("page", [confidence, scale_change])
def test_caveats_are_always_there(study, page):
    said = " ".join(page(study).caveats)
    for caveat in ("no control group", "Response shift", "Regression to the mean", "Self-selection", "2^(1-m)"):
        assert caveat in said
    assert "exploratory" in said


def test_who_was_compared_and_who_is_missing_is_said(study):
    said = (
        "7 people of the 9 who answered at all could be compared; 1 answered only the first time (Baseline) and 1 only "
        "the second time (Follow-up)"
    )
    assert any(said in caveat for caveat in confidence(study).caveats)


def test_lower_is_better_turns_the_words_not_the_numbers(make_study, config, one_item_survey):
    config["instruments"][0] |= {"direction": "lower is better", "key": "stress", "title": "Stress at work"}
    config["instruments"][0]["items"] = [{"key": "q1", "wording": "stress"}]
    result = confidence(make_study(one_item_survey("stress")))
    assert result.sentence.startswith("1 of 7 gave lower (better) answers on “stress”")
    assert "5 higher" in result.sentence
    assert "confident" not in result.sentence
    assert by_item(result).loc["q1", "up"] == 5
    assert any("lower is better" in caveat for caveat in result.caveats)
    # The tendency is told towards the better answers: 1 - PS.
    effect = superiority([2, 2, 3, 1, 4, 3, 2], [3, 4, 4, 3, 4, 2, 4])
    assert f"{100 * (1 - effect.estimate):.0f}%" in result.sentence


def test_one_item_needs_no_adjustment(make_study, config, one_item_survey):
    config["instruments"][0]["items"] = [{"key": "q1", "wording": "starting"}]
    row = by_item(confidence(make_study(one_item_survey()))).loc["q1"]
    assert row["adjusted_p_value"] == row["p_value"] == row["holm_p_value"]


def test_everyone_the_same_is_no_evidence_and_no_error(make_study):
    same = {f"P{number:02d}": ((3, 3, 3), (3, 3, 3)) for number in range(20)}
    result = confidence(make_study(same))
    assert result.table[["p_value", "adjusted_p_value", "superiority", "low", "high"]].isna().all(axis=None)
    assert result.table["same"].tolist() == [20, 20, 20]
    assert "0 of 20" in result.sentence
    assert math.isnan(scale_change(make_study(same)).alpha_before)


def test_one_person_is_answered_with_a_floor(make_study):
    result = confidence(make_study({"P01": ((1, 1, 1), (5, 5, 1))}))
    assert "1 of 1" in result.sentence
    assert by_item(result)["p_value"].tolist() == pytest.approx([1, 1, math.nan], nan_ok=True)
    change = scale_change(make_study({"P01": ((1, 1, 1), (5, 5, 1))}))
    assert "no interval from one person" in change.sentence


def test_an_item_nobody_answered_twice_is_empty_not_invented(make_study, drawn):
    answers = {f"P{number}": ((2, None, 2), (3, 3, 2)) for number in range(6)}
    result = confidence(make_study(answers))
    row = by_item(result).loc["q2"]
    assert row["n"] == 0
    assert row[["superiority", "p_value", "adjusted_p_value"]].isna().all()
    # Of the other two, one was answered alike by all: there is one item to test.
    assert by_item(result).loc["q1", "holm_p_value"] == pytest.approx(2**-5)
    assert "nobody answered both times" in result.figure.alt


def test_nobody_answered_twice_is_said(make_study):
    result = confidence(make_study({"P01": ((1, 1, 1), None), "P02": (None, (2, 2, 2))}))
    assert "The two waves were answered by different people" in result.sentence
    assert result.table.empty
    scattered = {"P01": ((1, None, None), (1, None, None)), "P02": ((2, None, None), (3, None, None))}
    assert "Nobody answered at least half of the items both times" in scale_change(make_study(scattered)).sentence
    assert "on “starting a medicine”" in confidence(make_study(scattered)).sentence


def test_one_wave_only_is_refused_in_words(make_study):
    result = confidence(make_study({"P01": ((1, 1, 1), None)}))
    assert "needs two waves with answers to Prescribing confidence; this study has: Baseline" in result.sentence


def test_absent_survey(make_study):
    for answer in (confidence, scale_change):
        assert "has no survey table (survey.csv)" in answer(make_study(None)).sentence


def test_several_instruments_must_be_named_or_planned(make_study, config):
    second = {"key": "use", "title": "Use", "minimum": 0.0, "maximum": 10.0, "items": [{"key": "u1"}]}
    config["instruments"].append(second)
    study = make_study()
    assert "2 instruments (confidence, use)" in confidence(study).sentence
    assert confidence(study, "confidence").key == "items-confidence"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"instrument": "confidance"}, "no instrument 'confidance'; it has confidence"),
        ({"before": "start"}, "no wave 'start'; it has baseline, follow_up"),
        ({"before": "baseline", "after": "baseline"}, "must differ"),
        ({"level": 95}, "between 0 and 1"),
        ({"permutations": 0}, "permutations must be"),
    ],
)
def test_wrong_arguments_are_refused_in_words(study, settings, message):
    with pytest.raises(ValueError, match=message):
        confidence(study, **settings)


def test_the_same_call_gives_the_same_answer(study, drawn):
    assert confidence(study).payload() == confidence(study).payload()


def test_words_from_data_are_escaped_and_drawn(make_study, config, drawn):
    config["instruments"][0]["items"][0] = {"key": "q1", "wording": "<script>alert(1)</script> costs $5 & $6"}
    html = confidence(make_study())._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_ceiling_is_said(make_study):
    answers = {f"P{number}": ((5, 3, 3), (5, 4, 3)) for number in range(8)}
    assert any("100% on “starting a medicine”" in caveat for caveat in confidence(make_study(answers)).caveats)


def test_scale_change_by_hand(study):
    change = scale_change(study)
    # Means over the items answered both times, q3 turned: 2+3+2, 2+2+2, 3+3+3, 1+1 (two items), 4+5+4, 3+4+3, 2+3+2
    first = [7 / 3, 2, 3, 1, 13 / 3, 10 / 3, 7 / 3]
    last = [10 / 3, 10 / 3, 3, 2.5, 14 / 3, 3, 11 / 3]
    assert (change.n, change.mean_before, change.mean_after) == pytest.approx((7, np.mean(first), np.mean(last)))
    assert change.mean_change == pytest.approx(np.mean(last) - np.mean(first))
    assert change.p_value == signed_rank(first, last).p_value
    assert change.low < change.mean_change < change.high
    total = scale_change(study, score="total")
    assert total.mean_change == pytest.approx(3 * change.mean_change)
    assert "from 3 to 15" in total.sentence


def test_figure_counts_every_answer_once(study, drawn):
    figure = confidence(study).figure
    table = figure.table
    assert table.groupby(["item", "wave"])["people"].sum().tolist() == [7, 7, 6, 6, 7, 7]
    q1 = table[(table["item"] == "q1") & (table["wave"] == "Baseline")]
    assert q1["people"].tolist() == [1, 3, 2, 1, 0]
    for wave in ("Baseline", "Follow-up"):
        assert f"{wave} (n = 7)" in figure.svg
    assert "starting a medicine (7 people): 1, 3, 2, 1, 0 at first and then 0, 1, 2, 4, 0." in figure.alt


def test_many_points_become_five_bands(drawn):
    slider = SimpleNamespace(minimum=0, maximum=100, step=1, labels={})
    answers = pd.DataFrame({"a": [0.0, 20, 20.5, 80, 100]})
    figure = diverging_bars(answers, answers, slider, {}, ("pre", "post"))
    assert figure.table["people"].tolist()[:5] == [2, 1, 0, 1, 1]
    assert figure.table["answer"].tolist()[:2] == ["0 to 20", "over 20 to 40"]


@pytest.mark.slow
def test_a_large_study_is_answered():
    random = np.random.default_rng(3)
    people = np.array([f"P{number:06d}" for number in range(100_000)])
    rows = [
        pd.DataFrame(
            {"person": people, "wave": wave, "item": item, "score": random.integers(1, 6, 100_000).astype(float)}
        )
        for wave, item in itertools.product(("pre", "post"), ("q1", "q2"))
    ]
    study = SimpleNamespace(
        survey=pd.concat(rows),
        people=None,
        waves=(Wave(key="pre"), Wave(key="post")),
        instruments=(Instrument(key="use", minimum=1.0, maximum=5.0, items=(Item(key="q1"), Item(key="q2"))),),
        config=SimpleNamespace(plan=None),
    )
    result = confidence(study, permutations=199)
    assert result.pairs == 100_000
    assert result.table["n"].tolist() == [100_000, 100_000]
