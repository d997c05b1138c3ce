"""The pages of notebook 04: what they say, what they refuse, and that nothing in them names or stars anybody."""

import datetime
import functools
import re

import numpy as np
import pandas as pd
import pytest

from cop_analysis import change
from cop_analysis.change import flow, movement, pair_answers, slopes
from cop_analysis.change.methods import exact, paired_tests
from cop_analysis.change.pages import two_waves
from cop_analysis.results import format_p
from cop_analysis.results.pages import pages_of
from cop_analysis.study import StudyError

PAGES = {page.method: page for page in pages_of(change.Comparison)}
FEW = {"effect_sizes": {"resamples": 200}, "planning": {"simulations": 100}}


def shown_by(comparison, page):
    return getattr(comparison, page)(**FEW.get(page, {}))


def opened(study, instrument=None):
    return change.compare(study, instrument, permutations=99)


def _many(n=24, seed=3, waves=("baseline", "follow_up"), leave=4):
    """People whose answers rise by about half a point; the last few answer at one wave only."""
    rng = np.random.default_rng(seed)
    rows = []
    for place in range(n):
        level = rng.normal(3, 0.8)
        for number, wave in enumerate(waves):
            if place >= n - leave and number != place % len(waves):
                continue
            for item in ("q1", "q2", "q3"):
                score = float(np.clip(np.round(level + 0.5 * number + rng.normal(0, 0.5)), 1, 5))
                rows.append((f"P{place:02d}", wave, "confidence", item, 6 - score if item == "q3" else score))
    return pd.DataFrame(rows, columns=["person", "wave", "instrument", "item", "score"])


@pytest.fixture(scope="module")
def rich(study_of):
    people = [f"P{place:02d}" for place in range(24)]
    events = pd.DataFrame(
        {"event": ["E1", "E2", "E3"], "date": ["2024-02-01", "2024-04-01", "2024-09-01"], "format": "online"}
    )
    attendance = pd.DataFrame(
        [
            (event, person)
            for event in ("E1", "E2", "E3")
            for place, person in enumerate(people)
            if place % 3 or event == "E1"
        ],
        columns=["event", "person"],
    )
    waves = [
        {"key": "baseline", "label": "Baseline", "date": datetime.date(2024, 1, 10)},
        {"key": "follow_up", "label": "Follow-up", "date": datetime.date(2024, 6, 10)},
    ]
    return study_of(
        answers=_many(),
        changes={"waves": waves},
        people=pd.DataFrame(
            {"person": people, "organisation": ["ONE", "TWO", "THREE"] * 8, "role": ["nurse"] * 20 + ["medic"] * 4}
        ),
        organisations=pd.DataFrame(
            {"organisation": ["ONE", "TWO", "THREE"], "name": ["One", "Two", "Three"], "sector": ["a", "a", "b"]}
        ),
        events=events,
        attendance=attendance,
    )


@pytest.fixture(scope="module")
def shown(rich):
    """Each page of the rich study, worked out once."""
    comparison = opened(rich)
    return functools.cache(lambda page: shown_by(comparison, page))


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_itself(rich, page, drawn):
    result = shown_by(opened(rich), page)
    html = result._repr_html_()
    assert result.sentence.endswith(".")
    assert "nan" not in result.sentence
    # No p-value is starred; the style sheet of the notebook has comments.
    assert "*" not in re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    assert result.key in html
    if result.figure is not None:
        assert result.figure.svg.startswith("<svg")
        assert len(result.figure.svg) < 160_000
        assert result.figure.alt.endswith(".")
        assert len(result.figure.table)
        assert not re.search(r"\bP\d\d\b", result.figure.svg + result.figure.alt)
        assert not result.figure.table.astype(str).apply(lambda column: column.str.fullmatch(r"P\d\d")).any(axis=None)


@pytest.mark.parametrize("page", PAGES)
def test_every_column_of_every_page_says_what_it_holds(shown, page):
    payload = shown(page).payload()
    tables = [payload["table"], payload["figure"] and payload["figure"]["table"]]
    for table in filter(None, tables):
        silent = [column for column, kind in zip(table["columns"], table["kinds"], strict=True) if kind is None]
        assert silent == []


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_what_is_drawn_at_random_is_the_same_twice(rich, page, drawn):
    assert shown_by(opened(rich), page).payload() == shown_by(opened(rich), page).payload()


@pytest.mark.parametrize("page", PAGES)
def test_without_a_survey_a_page_says_so(make_study, page):
    result = shown_by(opened(make_study(None)), page)
    assert "has no survey table (survey.csv)" in result.sentence
    assert result.absent_file == "survey.csv"


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_what_it_cannot_show_without_its_tables(page):
    assert PAGES[page].needed_for
    assert "survey" in PAGES[page].needs or page == "answer"


def test_every_page_has_a_key_and_a_title_of_its_own():
    assert len({page.key for page in PAGES.values()}) == len({page.title for page in PAGES.values()}) == len(PAGES)


HOSTILE = {
    "one person": {"P01": ((1, 1, 1), (5, 5, 1))},
    "two people": {"P01": ((1, 1, 1), (5, 5, 1)), "P02": ((2, 2, 2), (2, 2, 2))},
    "nobody twice": {"P01": ((1, 1, 1), None), "P02": (None, (2, 2, 2))},
    "nobody after": {"P01": ((1, 1, 1), None), "P02": ((2, 2, 2), None)},
    "everyone the same": {f"P{number:02d}": ((3, 3, 3), (3, 3, 3)) for number in range(20)},
    "everyone up by one": {f"P{number:02d}": ((2, 2, 4), (3, 3, 3)) for number in range(12)},
    "one item of three": {f"P{number:02d}": ((2, None, None), (3, None, None)) for number in range(8)},
    "no answers": {f"P{number:02d}": ((None, None, None), (None, None, None)) for number in range(3)},
    "gaps": {f"P{number:02d}": ((2, None, 4), (None, 3, 2)) for number in range(8)},
}


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("answers", HOSTILE)
def test_every_page_answers_odd_studies_in_words(make_study, page, answers, drawn):
    people = pd.DataFrame({"person": [f"P{number:02d}" for number in range(25)], "organisation": None})
    result = shown_by(opened(make_study(HOSTILE[answers], people=people)), page)
    assert result.sentence.endswith(".")
    assert "nan" not in result.sentence.split("organisation")[0]
    result._repr_html_()


def test_wrong_keys_are_refused_in_words(rich):
    with pytest.raises(ValueError, match="no wave 'start'"):
        change.compare(rich, before="start")
    with pytest.raises(ValueError, match="no instrument 'trust'"):
        change.compare(rich, "trust")
    with pytest.raises(ValueError, match="no wave 'start'"):
        change.looking_back(rich, then="start")


@pytest.mark.parametrize(
    ("setting", "said"), [({"permutations": 0}, "permutations must be"), ({"level": 95}, "between 0 and 1")]
)
def test_impossible_settings_are_refused_when_a_study_is_opened(rich, setting, said):
    with pytest.raises(ValueError, match=said):
        change.compare(rich, **setting)


@pytest.mark.slow
def test_a_whole_page_pairs_its_waves_once(study, monkeypatch):
    paired = []
    monkeypatch.setattr(
        two_waves, "pair_answers", lambda *given, **named: paired.append(given) or pair(*given, **named)
    )
    pair = pair_answers
    page = change.compare(study, permutations=99).page()
    assert len(page.results) > 10
    assert len(paired) == 1


@pytest.mark.slow
def test_a_plain_function_gives_what_the_method_gives(rich):
    comparison = opened(rich)
    assert change.flow(rich).payload() == comparison.flow().payload()
    assert change.confidence(rich, permutations=99).payload() == comparison.items().payload()
    assert change.missing_outcomes(rich).payload() == comparison.missing().payload()
    assert change.answer(rich, permutations=99).payload() == comparison.answer().payload()


def test_empty_keys_leave_the_choice_to_the_study(rich):
    assert change.compare(rich, "", "", "").flow().payload() == change.compare(rich).flow().payload()


def test_whether_a_test_was_exact_is_a_fact_and_not_read_from_words(study, monkeypatch):
    assert change.answer(study, permutations=99).result.is_exact
    monkeypatch.setattr(exact, "_MOST_STEPS", 0)
    monkeypatch.setattr(exact, "_MOST_COMBINATIONS", 0)
    monkeypatch.setattr(paired_tests, "_describe", lambda *_: "A test.")
    answered = change.answer(study, permutations=99)
    assert not answered.result.is_exact
    assert "the signed-rank test (approximated, with so many people)" in answered.why


@pytest.mark.parametrize(
    ("score", "said"),
    [("agree", "agree"), (float("inf"), "inf"), (1e300, "1"), (9.0, "9")],
)
def test_answers_that_are_none_are_refused_with_their_row(make_study, score, said):
    survey = _many(leave=0).astype({"score": object})
    survey.loc[5, "score"] = score
    with pytest.raises(StudyError) as refusal:
        make_study(survey)
    fault = refusal.value.faults[0]
    assert (fault.file, fault.row, fault.column) == ("survey.csv", 7, "score")
    assert said in str(fault.value)


# --- single pages -------------------------------------------------------------------------------------------------


def test_movement_counts_by_hand(study):
    table = movement(study).table.set_index("item")
    # q1: P05 stayed; six of seven changed
    assert table.loc["q1", ["n", "changed"]].tolist() == [7, 6]
    cells = movement(study).figure.table
    q1 = cells[(cells["item"] == "q1") & (cells["people"] > 0)]
    assert [tuple(row) for row in q1[["before", "after", "people"]].to_numpy()] == [
        ("1", "3", 1), ("2", "3", 1), ("2", "4", 2), ("3", "2", 1), ("3", "4", 1), ("4", "4", 1),
    ]  # fmt: skip
    assert "2 from 2 to 4" in movement(study).figure.alt


def test_yes_and_no_are_mcnemars(make_study, config):
    config["instruments"][0] |= {"minimum": 0.0, "maximum": 1.0}
    config["instruments"][0]["items"] = [{"key": "q1", "wording": "has a mentor"}]
    rows = [("no", 0, 1)] * 9 + [("yes", 1, 0)] * 2 + [("same", 1, 1)] * 10 + [("none", 0, 0)] * 5
    survey = pd.DataFrame(
        [
            (f"P{place:02d}", wave, "confidence", "q1", float(score))
            for place, (_, before, after) in enumerate(rows)
            for wave, score in (("baseline", before), ("follow_up", after))
        ],
        columns=["person", "wave", "instrument", "item", "score"],
    )
    study = make_study(survey)
    assert movement(study).table["mcnemar_mid_p_value"].iloc[0] == pytest.approx(0.03857421875)
    answered = change.answer(study)
    assert "McNemar's here" in answered.why
    assert answered.table["p_value"].iloc[0] == pytest.approx(0.0654296875)


def test_flow_counts_by_hand(make_study):
    people = pd.DataFrame({"person": [f"P{number:02d}" for number in range(1, 13)]})
    table = flow(make_study(people=people)).table
    assert table["people"].tolist() == [12, 8, 8, 7, 7]
    assert table["share"].iloc[3] == pytest.approx(7 / 8)
    assert "cannot be found in the people table" not in " ".join(flow(make_study(people=people)).caveats)


def test_slopes_name_nobody_and_count_everybody(study, drawn):
    figure = slopes(study).figure
    assert figure.table["people"].sum() == 7
    assert "went up: 5" in figure.svg


def test_dose_leaves_out_sessions_after_the_second_wave(shown):
    result = shown("dose")
    assert result.table["sessions"].max() == 2
    assert any("1 session that came after the second answers did not count" in caveat for caveat in result.caveats)
    assert any("Self-selected" in caveat for caveat in result.caveats)
    assert result.table["people"].sum() == 20


def test_dose_needs_names(make_study):
    events = pd.DataFrame({"event": ["E1"], "date": ["2024-02-01"]})
    heads = make_study(_many(), events=events, attendance=pd.DataFrame({"event": ["E1"], "count": [12]}))
    assert "names nobody" in change.dose(heads).sentence
    assert "attendance.csv" in change.dose(make_study(_many())).sentence


def test_subgroups_have_no_p_value_of_their_own_and_hide_small_groups(rich, shown):
    result = shown("subgroups")
    assert set(result.table.columns) == {"group", "n", "up", "same", "down", "superiority", "low", "high"}
    assert result.sentence.count("p ") == 1
    by_role = change.subgroups(rich, "role", permutations=99)
    assert "medic" not in by_role.table["group"].tolist()
    assert change.subgroups(rich, "sector", permutations=99).table["n"].sum() == 20
    with pytest.raises(ValueError, match="no column 'colour'"):
        change.subgroups(rich, "colour")


def test_attrition_by_hand(make_study):
    answers = {f"P{n:02d}": ((3, 3, 3), (4, 4, 2)) for n in range(6)}
    answers |= {f"L{n:02d}": ((1, 1, 5), None) for n in range(4)}
    result = change.attrition(make_study(answers))
    assert result.table.loc[0, ["answered_before", "returned"]].tolist() == [10, 6]
    assert (
        "6 of the 10 who had a score the first time (Baseline) had one the second time (Follow-up)" in result.sentence
    )
    # Four all below six: one of C(10, 4) = 210 ways is as far from the middle
    assert "p = 0.005" in result.sentence
    # A mean of four people would tell on them.
    assert np.isnan(result.table.loc[0, "mean_lost"])
    assert "mean score" not in result.sentence


def test_attrition_by_organisation_is_one_exact_test(make_study):
    answers = {f"P{n:02d}": ((3, 3, 3), (4, 4, 2)) for n in range(5)} | {
        f"L{n:02d}": ((3, 3, 3), None) for n in range(5)
    }
    people = pd.DataFrame({"person": list(answers), "organisation": ["ONE"] * 5 + ["TWO"] * 5})
    result = change.attrition(make_study(answers, people=people))
    # All of one stayed and all of the other went: 2 of C(10, 5) = 252 ways, as in Fisher's exact test
    assert "lost more of their people than others gives p = 0.008" in result.sentence
    assert "Those lost had a mean score of 3.00 the first time (Baseline), the others 3.00" in result.sentence
    people.loc[people.index[5:], "organisation"] = None
    assert "organisations lost" not in change.attrition(make_study(answers, people=people)).sentence
    people.loc[0, "organisation"] = "THREE"
    assert "organisations lost" not in change.attrition(make_study(answers, people=people)).sentence


@pytest.mark.parametrize("page", ["answer", "flow", "other_tests", "scale_change", "missing", "movement"])
def test_one_person_is_not_one_people(make_study, page):
    answers = {"P01": ((1, 2, 3), (2, 3, 3)), "P02": ((4, 4, 4), None)}
    result = shown_by(opened(make_study(answers)), page)
    said = [result.sentence, *result.caveats, *result.labels.values(), result.figure.alt if result.figure else ""]
    assert not re.search(r"(?<![\d,.] )(?<!of )\b1 (people|items|waves|answers|organisations)\b", " ".join(said))


def test_missing_outcomes_by_hand(make_study):
    answers = {f"P{n:02d}": ((3, 3, 3), (4, 4, 2)) for n in range(6)} | {"P06": ((3, 3, 3), (2, 2, 4))}
    answers |= {f"L{n:02d}": ((1, 1, 5), None) for n in range(4)}
    result = change.missing_outcomes(make_study(answers))
    # 6 up and 1 down of 7, four missing: 6 / 11 at worst, 10 / 11 at best
    assert "The tendency of 86% would be 55% at worst" in result.sentence
    assert "91% at best" in result.sentence


def test_three_waves(make_study, config):
    config["waves"].append({"key": "later", "label": "Later"})
    study = make_study(_many(waves=("baseline", "follow_up", "later"), leave=0))
    result = change.all_waves(study, permutations=499)
    assert result.table["wave"].tolist() == ["Baseline", "Follow-up", "Later"]
    assert "24 people answered at all 3 waves" in result.sentence
    assert result.table["adjusted_p_value"].iloc[2] < 0.05
    answered = change.answer(study, permutations=99)
    assert any("only two are compared here: Baseline; Later" in caveat for caveat in answered.caveats)


def test_a_wave_that_looks_back_is_never_taken_for_an_after(make_study, config):
    config["waves"].append({"key": "then", "label": "Looking back"})
    survey = _many(leave=0)
    back = survey[survey["wave"] == "baseline"].copy()
    back["wave"] = "then"
    lower = back["item"].isin(["q1", "q2"])
    back.loc[lower, "score"] = (back.loc[lower, "score"] - 1).clip(lower=1)
    study = make_study(pd.concat([survey, back], ignore_index=True))
    assert change.answer(study, permutations=99).result.after == "follow_up"
    result = change.looking_back(study)
    assert "response shift −" in result.sentence
    table = result.table.set_index("comparison")["mean_change"]
    assert table["change looking back"] == pytest.approx(table["change as measured"] - table["response shift"])
    with pytest.raises(ValueError, match="no wave 'nowhere'"):
        change.looking_back(study, then="nowhere")


def test_ids_that_never_match_are_two_groups_and_matched_ones_are_refused(make_study, rich):
    survey = _many(leave=0)
    after = survey["wave"] == "follow_up"
    survey.loc[after, "person"] = "X" + survey.loc[after, "person"]
    study = make_study(survey)
    answered = change.answer(study)
    assert answered.chosen == "cohorts"
    assert "compared as two groups." in answered.why
    assert "24 the second time" in answered.sentence
    assert "the answers are matched" in change.cohorts(rich).sentence


def test_lower_is_better_turns_the_words(make_study, config):
    config["instruments"][0] |= {"direction": "lower is better", "title": "Stress at work"}
    config["instruments"][0]["items"][2]["reverse"] = False
    study = make_study(
        _many().assign(score=lambda rows: np.where(rows["item"] == "q3", 6 - rows["score"], rows["score"]))
    )
    assert "worsened" in change.individuals(study).sentence
    assert "lower (better)" in change.slopes(study).sentence
    assert "lower (better)" in change.missing_outcomes(study).caveats[1]


def test_an_item_read_upside_down_is_named(make_study):
    survey = _many(40, leave=0)
    upside = survey["item"] == "q2"
    survey.loc[upside, "score"] = 6 - survey.loc[upside, "score"]
    result = change.scale_reliability(make_study(survey))
    assert any("“stopping a medicine” the other way" in caveat for caveat in result.caveats)


def test_alpha_of_one_item_is_refused_in_words(make_study, config, one_item_survey):
    config["instruments"][0]["items"] = [{"key": "q1", "wording": "starting"}]
    study = make_study(one_item_survey())
    assert "needs at least two items" in change.scale_reliability(study).sentence
    assert "cannot be worked out" in change.individuals(study).sentence


def test_a_long_scale_has_no_table_of_moves(make_study, config):
    config["instruments"][0] |= {"minimum": 0.0, "maximum": 100.0}
    assert "has too many for a table of moves" in change.movement(make_study()).sentence


def test_text_from_data_is_drawn_as_text(make_study, config, drawn):
    config["instruments"][0]["items"][0] = {"key": "q1", "wording": "<script>alert(1)</script> costs $5 & $6 \u2067"}
    for page in (change.tendencies, change.movement):
        html = page(make_study())._repr_html_()
        assert "<script" not in html
        assert "&lt;script&gt;" in html


def test_the_answer_keeps_what_it_chose(study):
    answered = change.answer(study)
    assert answered.chosen == "paired"
    assert answered.sentence.startswith("5 of 7 rated themselves more confident")
    assert "7 people answered both times, so each person is compared with themselves" in answered.sentence
    assert answered.result.lead.up == 5
    assert {"n", "up", "same", "down", "superiority", "low", "high", "p_value", "adjusted_p_value"} <= set(
        answered.table.columns
    )
    assert answered.headline.value == "5 of 7"
    assert any("no control group" in caveat for caveat in answered.caveats)


def test_the_size_of_a_change_keeps_the_wording_as_it_is(make_study):
    plan = {"dated": datetime.date(2024, 1, 5), "primary": "q1", "instrument": "confidence"}
    sentence = change.effect_sizes(make_study(_many(), changes={"plan": plan}), resamples=100).sentence
    assert sentence.startswith("On “starting a medicine”, 20 people moved by")
    assert "the tendency towards more confidence is" in sentence


def test_every_public_name_is_documented_with_an_example():
    for name in change.__all__:
        thing = getattr(change, name)
        assert thing.__doc__, name
        if callable(thing) and not isinstance(thing, type):
            assert "Examples" in thing.__doc__, name


def test_the_sentence_of_the_other_tests_holds_the_test_of_whole_organisations(rich):
    result = change.other_tests(rich)
    whole = result.table.set_index("test").loc["whole organisations' signs", "p_value"]
    assert result.sentence.endswith(
        f"Over whole organisations, which allows for colleagues answering alike, it is {format_p(whole)}."
    )
