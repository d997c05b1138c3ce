"""The page follows the design: paired, unmatched, in doubt, two instruments; a number is what it is said to be."""

import math
import re

import numpy as np
import pandas as pd
import pytest

from cop_analysis import change, open_study
from cop_analysis.study import Study

WORDED = "After the workshop"


def study_of(pairs, *, minimum=1.0, maximum=5.0, waves=None, people=None, instruments=None, plan=None, items=("q1",)):
    """Make a study: a row a person, a list of answers before and after (None where there is none)."""
    config = {
        "key": "forum", "title": "The forum", "provenance": "simulated",
        "waves": waves or [{"key": "pre", "label": "Pre-test"}, {"key": "post", "label": WORDED}],
        "instruments": instruments or [{
            "key": "confidence", "title": "Confidence", "minimum": minimum, "maximum": maximum,
            "items": [{"key": item, "wording": f"wording of {item}"} for item in items],
        }],
    }  # fmt: skip
    if plan:
        config["plan"] = plan
    rows = [
        (person, wave, "confidence", item, float(score))
        for person, *answers in pairs
        for wave, given in zip(("pre", "post"), answers, strict=True)
        if given is not None
        for item, score in zip(items, given if isinstance(given, tuple) else (given,), strict=True)
        if score is not None
    ]
    tables = {"survey": pd.DataFrame(rows, columns=["person", "wave", "instrument", "item", "score"])}
    if people is not None:
        tables["people"] = people
    return Study.from_tables(config, **tables)


def said(page):
    return " ".join(
        " ".join((result.title, result.sentence, *result.caveats, str(result.headline), *result.labels.values()))
        for result in page.results
    )


def headings(page):
    return [section.heading for section in page.sections]


# --- anonymous waves -------------------------------------------------------------------------------------------------


def test_waves_whose_ids_count_rows_lead_with_the_doubt_and_compare_nobody():
    page = change.page(open_study("tests/cases/anonymous"))
    first = page.results[0]
    assert first.chosen == "in doubt"
    assert first.sentence.startswith("Whether the same id is the same person in both waves is not known")
    assert 'design = "unmatched"' in first.sentence
    assert first.headline is None
    assert first.table.loc[0, ["n_first", "n_second"]].tolist() == [20, 10]
    assert "p =" not in said(page)
    assert "more confident" not in said(page)
    assert headings(page) == ["", "Who answered"]


def test_nobody_is_paired_where_an_id_is_no_person():
    survey = open_study("tests/cases/anonymous").survey
    pairs = change.pair_answers(survey, "start", "end", matched=False)
    assert (pairs.n, len(pairs.only_before), len(pairs.only_after), pairs.blank) == (0, 20, 10, 0)
    assert change.pair_answers(survey, "start", "end").n == 10
    answered = change.answer(open_study("tests/cases/anonymous")).sentence
    assert "the answers of the 20 who answered the first time (Start) and of the 10 who answered the second" in answered


def anonymous(design):
    survey = pd.read_csv("tests/cases/anonymous/survey.csv", dtype={"person": str})
    config = {
        "key": "a", "title": "A", "provenance": "collected",
        "waves": [{"key": "start", "label": "Start"}, {"key": "end", "label": "End", "design": design}],
        "instruments": [{"key": "c", "title": "Confidence", "minimum": 0.0, "maximum": 5.0, "items": [{"key": "q1"}]}],
    }  # fmt: skip
    return Study.from_tables(config, survey=survey)


@pytest.mark.slow
def test_once_declared_unmatched_they_are_two_groups():
    page = change.page(anonymous("unmatched"), asymptotic=True)
    first = page.results[0]
    assert first.chosen == "cohorts"
    row = first.table.iloc[0]
    assert (row["n_first"], row["n_second"]) == (20, 10)
    assert row["answers_first"] == "5 / 3 / 2 / 8 / 2 / 0"
    assert row["mean_difference"] == pytest.approx(3.8 - 1.95)
    # All C(30, 10) ways of choosing the second group, by the convolution of rank_sum; U by hand: pairs higher at first.
    before = [1, 4, 0, 2, 0, 3, 3, 3, 3, 1, 0, 3, 0, 3, 3, 4, 0, 3, 2, 1]
    after = [5, 3, 4, 3, 3, 3, 5, 5, 3, 4]
    higher = sum((one > other) + (one == other) / 2 for one in before for other in after)
    assert row["mann_whitney_u"] == higher
    assert row["superiority"] == pytest.approx(1 - higher / 200)
    assert row["p_value"] == change.rank_sum(before, after).p_value
    assert (
        "20 people answered the first time (Start) and 10 the second time (End), and nobody is matched"
        in first.sentence
    )
    text = said(page)
    assert "0.0%" not in text
    assert "alike that they may be one person" not in text
    assert "same people rated" not in text
    assert all(not result.table.empty or result.figure or result.caveats for result in page.results[:2])


def test_once_declared_paired_they_are_compared_with_themselves():
    answered = change.answer(anonymous("paired"), permutations=99)
    assert answered.chosen == "paired"
    assert answered.result.pairs == 10


def test_a_single_call_on_unmatched_waves_refuses_what_needs_pairs():
    study = anonymous("unmatched")
    for call in (change.slopes, change.everybody, change.attrition, change.movement, change.effect_sizes):
        assert "answered by different people" in call(study).sentence
    for call in (change.slopes, change.confidence, change.cohorts):
        assert "not known" in call(open_study("tests/cases/anonymous")).sentence


def test_the_asymptotic_test_is_rs():
    # R datasets, airquality: wilcox.test(Ozone ~ Month, subset = Month %in% c(5, 8)) prints W = 127.5, p = 0.0001208.
    may = [41, 36, 12, 18, 28, 23, 19, 8, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32, 23, 45, 115, 37]
    august = [39, 9, 16, 78, 35, 66, 122, 89, 110, 44, 28, 65, 22, 59, 23, 31, 44, 21, 9, 45, 168, 73, 76, 118, 84, 85]
    test = change.mann_whitney(may, august)
    assert test.statistic == 127.5
    assert test.p_value == pytest.approx(0.0001208, abs=5e-8)
    with pytest.raises(ValueError, match="matched"):
        change.mann_whitney(pd.Series([1, 2], index=["A", "B"]), pd.Series([2], index=["A"]))


# --- two instruments -------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_each_instrument_has_its_section_and_none_leads_without_a_plan():
    page = change.page(open_study("tests/cases/two_instruments"), permutations=99)
    sections = [section for section in page.sections if section.level == 2]
    assert [section.heading for section in sections][:2] == ["Errors", "Knowledge"]
    keys = [result.key for result in page.results]
    assert len(keys) == len(set(keys))
    assert {"answer-errors", "answer-knowledge"} <= set(keys)
    assert not any("name the one to compare" in result.sentence for result in page.results)


@pytest.mark.slow
def test_the_plan_names_the_primary_instrument():
    study = open_study("tests/cases/two_instruments")
    config = study.config.model_dump(mode="python", exclude_defaults=True)
    config["plan"] = {"dated": "2024-01-05", "instrument": "knowledge", "direction": "increase"}
    config = {**config, "key": "two", "title": "Two", "provenance": "collected"}
    planned = Study.from_tables(config, survey=study.survey)
    page = change.page(planned, permutations=99)
    assert [one.heading for one in page.sections if one.level == 2][:2] == [
        "Knowledge, the primary instrument of the plan",
        "Errors, secondary",
    ]
    errors = next(result for result in page.results if result.key == "answer-errors")
    assert any("this one is secondary" in caveat for caveat in errors.caveats)
    assert not any("expected an increase" in caveat for caveat in errors.caveats)


def test_a_lower_is_better_instrument_has_one_direction_in_headline_and_table():
    study = open_study("tests/cases/two_instruments")
    answered = change.answer(study, "errors", permutations=99)
    assert answered.headline.value == "8 of 8"
    assert "tendency 100%" in answered.headline.uncertainty
    assert answered.table["superiority"].tolist() == [1.0]
    assert answered.labels["superiority"] == "tendency down, the better way (PS)"
    assert "down (better) / same / up (worse)" in answered.body_html
    sizes = change.effect_sizes(study, "errors", resamples=100).table
    assert sizes.loc[0, "estimate"] == 1.0
    forest = change.tendencies(study, "errors").figure
    assert forest.table["superiority"].tolist() == [1.0]
    assert "lower (better)" in forest.title


# --- x inside y ------------------------------------------------------------------------------------------------------


def people(*ids):
    return pd.DataFrame({"person": list(ids)})


def test_a_response_rate_counts_those_listed_alone():
    pairs = [("P01", 2, 3), ("P02", 2, 3), ("P03", 3, None), ("X9", 2, 4), ("Y7", 1, None)]
    result = change.flow(study_of(pairs, people=people("P01", "P02", "P03", "P04")))
    table = result.table.set_index("step")
    assert table.loc["listed, answered the first time (Pre-test)", ["people", "share"]].tolist() == [3, 0.75]
    assert table.loc["not listed, answered the first time (Pre-test)", "people"] == 2
    assert np.isnan(table.loc["not listed, answered the first time (Pre-test)", "share"])
    assert "3 of them answered the first time (Pre-test), and 2 more who are not in it" in result.sentence
    assert all(quantity.is_inside for quantity in result.quantities)
    by_key = {quantity.key: quantity for quantity in result.quantities}
    assert by_key["survey:answered-listed:confidence:pre"].members == {"P01", "P02", "P03"}
    assert by_key["survey:answered:confidence:pre"].value == 5


def test_codes_of_ones_own_give_no_response_rate():
    pairs = [("MB61", 2, 3), ("KJ07", 2, 3), ("ZZ33", 3, None)]
    result = change.flow(study_of(pairs, people=people("P01", "P02", "P03", "P04")))
    assert "those listed" not in " ".join(result.table["of"])
    assert result.table["share"].iloc[:2].isna().all()
    assert any("no share of them can be given" in caveat for caveat in result.caveats)


@pytest.mark.slow
@pytest.mark.parametrize("design", ["paired", "unmatched", ""])
def test_every_quantity_of_a_page_is_inside_what_it_is_out_of(design):
    page = change.page(anonymous(design), permutations=99)
    values = {}
    for result in page.results:
        for quantity in result.quantities:
            assert quantity.is_inside
            assert values.setdefault(quantity.key, quantity.value) == quantity.value
        assert all(verdict.is_supported for verdict in result.verdicts)


# --- what is undefined is refused ------------------------------------------------------------------------------------


def test_mcnemar_without_anyone_who_changed_is_refused_in_the_first_table():
    pairs = [(f"P{n:02d}", (1, 0), (1, int(n < 5))) for n in range(22)]
    result = change.answer(study_of(pairs, minimum=0.0, maximum=1.0, items=("q1", "q2")), permutations=99)
    row = result.table.set_index("item").loc["q1"]
    assert row[["up", "same", "down"]].tolist() == [0, 22, 0]
    assert row[["p_value", "adjusted_p_value", "mid_p_value", "superiority", "low", "high"]].isna().all()
    assert "nobody changed" in result.body_html
    assert any("McNemar's test is undefined there" in caveat for caveat in result.caveats)
    # The lead is a mean of two items, which takes three values: no McNemar's test.
    assert "McNemar's here" not in result.sentence


def test_an_item_on_which_nobody_changed_has_no_p_on_a_scale_of_five_either():
    pairs = [(f"P{n:02d}", (3, 2, 2), (3, 2 + (n < 9), 2 + (n < 3))) for n in range(22)]
    result = change.answer(study_of(pairs, items=("q1", "q2", "q3")), permutations=99)
    table = result.table.set_index("item")
    row = table.loc["q1"]
    assert row[["up", "same", "down"]].tolist() == [0, 22, 0]
    assert row[["p_value", "adjusted_p_value", "mid_p_value", "superiority", "low", "high"]].isna().all()
    assert "nobody changed" in result.body_html
    assert any("On 1 item nobody changed: there is nothing to test there" in caveat for caveat in result.caveats)
    # 9 up, none down: 2 x 2^-9; 3 up, none down: 2 x 2^-3. Holm over the two items that can be tested: 2 x .00390625.
    assert table.loc["q2", "p_value"] == 2 / 2**9
    assert table.loc["q3", "p_value"] == 2 / 2**3
    assert table.loc["q2", "holm_p_value"] == 2 * 2 / 2**9


@pytest.mark.slow
def test_nobody_changed_at_all_has_no_p_on_any_page():
    page = change.page(study_of([(f"P{n:02d}", 3, 3) for n in range(12)]), permutations=99)
    table = page.results[0].table
    assert table[["p_value", "low"]].isna().all(axis=None)
    assert "nobody changed, so there is nothing to test" in page.results[0].sentence
    for result in page.results:
        assert not re.search(r"p = 1\.000", result.sentence), result.key


# --- no word turns on .05 --------------------------------------------------------------------------------------------


def test_an_interval_and_a_p_on_different_sides_are_set_right_by_inverting_the_test():
    # 20 people, 5 up, 0 down: p = 2 x 2^-5; Tango's interval leaves 50% out, the exact one does not.
    study = study_of([(f"P{n:02d}", 2, 3 if n < 5 else 2) for n in range(20)])
    answered = change.answer(study, permutations=99)
    assert answered.result.lead_p_value == 0.0625
    assert "(95% interval 52% to 73%)" in answered.sentence
    # Clopper and Pearson for 5 of 5: (.05 / 2)^(1 / 5) = .47818; 1/2 + (2 x .47818 - 1) x (5 / 20) / 2 = .4945.
    # Its upper limit is Tango's, since of 5 up and none down the exact one is the estimate itself.
    assert "widened to agree with the exact test of the 5 who changed, it is 49% to 73%" in answered.sentence
    assert "95% interval 49% to 73%, widened to agree with the exact test of those" in answered.headline.uncertainty
    assert change.among_changers(5, 0, 20).low == pytest.approx(0.5 + (2 * 0.025**0.2 - 1) / 8)


def test_the_mean_change_says_where_its_interval_and_the_exact_p_part():
    # Five of five fell by 1 to 3: p = 2 x 2^-5, while Student's interval of the mean (-2) leaves 0 out.
    study = study_of([(f"P{n:02d}", 5, 5 - fall) for n, fall in enumerate((1, 2, 2, 2, 3))])
    found = change.scale_change(study)
    assert "That interval and p do not agree" in found.sentence
    assert "exact p = 0.062" in found.headline.uncertainty
    more = study_of([(f"P{n:02d}", 5, 5 - fall) for n, fall in enumerate((1, 2, 2, 2, 3, 2, 2))])
    assert "do not agree" not in change.scale_change(more).sentence


@pytest.mark.parametrize("counts", [(5, 0, 20), (6, 0, 20), (9, 2, 30), (10, 2, 30), (0, 7, 7), (3, 3, 9)])
def test_the_inverted_interval_and_the_sign_test_agree(counts):
    up, down, n = counts
    changes = [1] * up + [-1] * down + [0] * (n - up - down)
    p_value = change.sign_test([0] * n, changes).p_value
    effect = change.among_changers(up, down, n)
    assert (effect.low > 0.5 or effect.high < 0.5) == (p_value < 0.05)


@pytest.mark.slow
@pytest.mark.parametrize("n", [5, 12, 20])
def test_the_widened_interval_holds_the_truth_as_often_as_tangos(n):
    """Over all outcomes of n people: never less often than Tango's interval, whatever the truth.

    The inverted test alone would hold a tendency of 65% (30% up, none down) in fewer than half of studies.
    """
    counts = [(up, down) for up in range(n + 1) for down in range(n + 1 - up)]
    for share_up, share_down in [(0.3, 0.0), (0.5, 0.0), (0.4, 0.2), (0.9, 0.0), (0.6, 0.4), (0.1, 0.1)]:
        truth = 0.5 + (share_up - share_down) / 2
        held = of_tango = 0.0
        for up, down in counts:
            same = n - up - down
            ways = math.comb(n, up) * math.comb(n - up, down)
            chance = ways * share_up**up * share_down**down * max(0.0, 1 - share_up - share_down) ** same
            score = change.tango(up, down, n)
            low, high = 0.5 + score.low / 2, 0.5 + score.high / 2
            of_tango += chance * (low - 1e-9 <= truth <= high + 1e-9)
            if up + down:
                widened = change.among_changers(up, down, n)
                assert widened.low <= low + 1e-12
                assert widened.high >= high - 1e-12
                low, high = widened.low, widened.high
            held += chance * (low - 1e-9 <= truth <= high + 1e-9)
        assert held >= of_tango - 1e-12
        assert held > 0.91, (n, share_up, share_down)


@pytest.mark.slow
def test_no_page_says_a_change_is_certain_or_names_a_mark_of_05():
    pairs = [(f"P{n:02d}", (2, 2), (3, 2 + n % 2)) for n in range(6)]
    page = change.page(study_of(pairs, items=("q1", "q2")), permutations=99)
    text = said(page)
    assert "for certain" not in text
    assert "0.05" not in text


def test_dependence_and_unequal_loss_stand_beside_the_headline():
    # ONE: six of six up and all returned; TWO: one up, one down of six, two returned.
    pairs = (
        [(f"A{n}", 2, 3) for n in range(6)] + [("B0", 2, 3), ("B1", 3, 2)] + [(f"B{n}", 2, None) for n in range(2, 6)]
    )
    listed = pd.DataFrame({"person": [person for person, *_ in pairs], "organisation": ["ONE"] * 6 + ["TWO"] * 6})
    answered = change.answer(study_of(pairs, people=listed), permutations=99)
    # Two organisations, of which TWO's ranks cancel: the only sum that can be flipped is ONE's, p = 1.
    assert "over 2 whole organisations p = 1.000" in answered.headline.uncertainty
    # PS 1 in ONE and .5 in TWO: (6 x 1 + 6 x .5) / 12 = 75%, where those who returned give 7.0 of 8 = 88%.
    assert "the tendency would be 75% instead of 88%" in answered.caveats[1] + answered.caveats[0]
    assert "75% with each organisation as large as at first" in answered.headline.uncertainty


# --- answers given more than once, and labels ------------------------------------------------------------------------


def test_answers_given_twice_are_a_line_a_person_in_the_audit():
    study = study_of([("P01", 2, 3), ("P02", 2, 3), ("P03", 3, 4), ("P04", 3, 3)])
    again = pd.DataFrame(
        [("P01", "pre", "confidence", "q1", 2.0), ("P02", "post", "confidence", "q1", 5.0)],
        columns=["person", "wave", "instrument", "item", "score"],
    )
    config = study.config.model_dump(mode="python", exclude_defaults=True) | {
        "key": "forum", "title": "The forum", "provenance": "simulated",
    }  # fmt: skip
    doubled = Study.from_tables(config, survey=pd.concat([study.survey, again], ignore_index=True))
    audit = change.pairing_audit(doubled)
    table = audit.table[audit.table["finding"].str.startswith("answered twice")].set_index("person")
    assert table.loc["P01", "finding"] == "answered twice, the same"
    assert table.loc["P02", "finding"] == "answered twice, differently"
    assert "q1, After the workshop: 3 and 5: none of these counted" in table.loc["P02", "detail"]
    assert "2 people answered a question more than once" in audit.sentence
    # P02's second answer is not known, so that P01, P03 and P04 are left.
    assert change.answer(doubled, permutations=99).result.pairs == 3


FORCED = re.compile(
    rf"\b(at|from|to|in|of|than|by|with|between|against|since|until|before|after) {WORDED}", re.IGNORECASE
)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["paired", "unmatched", "several items", "lost"])
def test_no_wave_label_is_forced_after_a_preposition(kind, drawn):
    pairs = {
        "paired": [(f"P{n:02d}", 2 + n % 2, 3) for n in range(10)],
        "unmatched": [(f"A{n}x", 2 + n % 2, None) for n in range(9)] + [(f"B{n}y", None, 3) for n in range(8)],
        "several items": [(f"P{n:02d}", (2, 2 + n % 3, 1), (3, 4, 2 + n % 2)) for n in range(12)],
        "lost": [(f"P{n:02d}", 2 + n % 2, 3 if n % 3 else None) for n in range(12)],
    }[kind]
    items = ("q1", "q2", "q3") if kind == "several items" else ("q1",)
    page = change.page(study_of(pairs, items=items), permutations=99)
    text = said(page) + " ".join(
        f"{result.figure.title} {result.figure.alt} {result.figure.svg}" for result in page.results if result.figure
    )
    assert WORDED in text
    assert not FORCED.search(text), FORCED.search(text)


@pytest.mark.slow
def test_three_waves_of_which_the_last_is_anonymous():
    waves = [
        {"key": "pre", "label": "Pre-test"},
        {"key": "post", "label": WORDED, "design": "paired"},
        {"key": "late", "label": "A year on", "design": "unmatched"},
    ]
    study = study_of([(f"P{n:02d}", 2, 3 - n % 2) for n in range(8)], waves=waves)
    late = study.survey[study.survey["wave"] == "post"].assign(wave="late")
    config = study.config.model_dump(mode="python", exclude_defaults=True) | {
        "key": "forum", "title": "The forum", "provenance": "simulated",
    }  # fmt: skip
    longer = Study.from_tables(config, survey=pd.concat([study.survey, late], ignore_index=True))
    assert change.answer(longer, after="post", permutations=99).chosen == "paired"
    assert change.answer(longer, permutations=99).chosen == "cohorts"
    assert "not all known to have been answered by the same people" in change.all_waves(longer).sentence


@pytest.mark.slow
@pytest.mark.parametrize("pairs", [[], [("P01", 2, 3)], [("P01", 2, None)]])
def test_none_and_one_person_have_a_page(pairs):
    page = (
        change.page(study_of(pairs), permutations=99)
        if pairs
        else change.page(Study.from_tables({"key": "s", "title": "S", "provenance": "simulated"}))
    )
    assert page.results[0].sentence.endswith(".")
    assert "nan" not in said(page)
    if not pairs:
        assert len(page.results) == 1


@pytest.mark.slow
def test_one_person_at_either_wave_is_not_one_people():
    page = change.page(study_of([("A1x", 2, None), ("B2y", None, 3)]), permutations=99)
    assert page.results[0].chosen == "cohorts"
    assert page.results[0].sentence.startswith("1 person answered the first time (Pre-test) and 1 the second time")
    assert not re.search(r"(?<![\d,.] )\b1 (people|items|waves|answers)\b", said(page))
    assert "The one person who answered did so both times." in said(change.page(study_of([("P01", 2, 3)])))


def test_people_without_an_organisation_are_not_counted_as_organisations():
    # ONE: four up; TWO: four up; two with no organisation on record, one up and one unchanged.
    pairs = [(f"A{n}", 2, 3) for n in range(4)] + [(f"B{n}", 2, 3) for n in range(4)] + [("C0", 2, 3), ("C1", 2, 2)]
    listed = pd.DataFrame(
        {"person": [person for person, *_ in pairs], "organisation": ["ONE"] * 4 + ["TWO"] * 4 + [None, None]}
    )
    answered = change.answer(study_of(pairs, people=listed), permutations=99)
    # Three units, all up: 2 x 2^-3.
    assert "over 2 whole organisations and 1 person without one p = 0.250" in answered.headline.uncertainty
    assert "3 whole organisations" not in said(change.page(study_of(pairs, people=listed), permutations=99))
