"""One verdict on whether people moved: by hand, and the same on the page of the survey and where strands meet."""

import pandas as pd
import pytest

from cop_analysis import change, open_study
from cop_analysis.change.pages.items import moved
from cop_analysis.realist import Measure
from cop_analysis.study import Study
from cop_analysis.synthesis.measures import Measures


def study_of(moves, *, direction="higher is better", home=None, items=("q1",)):
    """Make a study of people who all answered 3 and then moved by so much on every item."""
    people = [f"P{place:02d}" for place in range(len(moves))]
    rows = [
        (person, wave, "c", item, 3.0 + (move if wave == "post" else 0))
        for person, move in zip(people, moves, strict=True)
        for wave in ("pre", "post")
        for item in items
    ]
    config = {
        "key": "forum", "title": "The forum", "provenance": "simulated",
        "waves": [{"key": "pre"}, {"key": "post"}],
        "instruments": [{
            "key": "c", "title": "Ease", "minimum": 1, "maximum": 5, "direction": direction,
            "items": [{"key": item} for item in items],
        }],
    }  # fmt: skip
    tables = {"survey": pd.DataFrame(rows, columns=["person", "wave", "instrument", "item", "score"])}
    if home is not None:
        tables["people"] = pd.DataFrame({"person": people, "organisation": home})
    return Study.from_tables(config, **tables)


def verdict_on(study, item="q1"):
    return moved(change.compare(study).waves, item)


def test_eight_of_eight_up_is_a_yes_and_three_up_three_down_cannot_be_told():
    assert (verdict_on(study_of([1] * 8)).goes, verdict_on(study_of([1] * 8)).verdict.word) == ("higher", "yes")
    assert verdict_on(study_of([-1] * 8)).goes == "lower"
    still = verdict_on(study_of([1, 1, 1, -1, -1, -1]))
    assert (still.goes, still.verdict.word) == ("unclear", "cannot tell")


def test_an_interval_that_the_exact_test_widens_over_one_half_leaves_it_open():
    # Five up and fifteen the same: Tango's interval leaves one half out, p = 2 x 2^-5 does not.
    found = verdict_on(study_of([1] * 5 + [0] * 15))
    assert found.allowing.low > 0.5
    assert found.low == pytest.approx(0.5 + (2 * 0.025**0.2 - 1) / 8)
    assert (found.is_widened, found.goes) == (True, "unclear")


def test_nobody_moved_cannot_be_told():
    found = verdict_on(study_of([0] * 6))
    assert (found.goes, found.widened, found.is_widened) == ("unclear", None, False)


def test_lower_is_better_turns_the_bounds_and_not_the_direction():
    found = verdict_on(study_of([-1] * 8, direction="lower is better"))
    assert found.goes == "lower"
    assert found.judged == (1 - found.high, 1 - found.low, 0.5)
    assert found.judged[0] > 0.5


def test_an_item_of_several_is_judged_by_an_interval_that_allows_for_all():
    one, three = verdict_on(study_of([1] * 8)), verdict_on(study_of([1] * 8, items=("q1", "q2", "q3")))
    assert (one.asked, three.asked) == (1, 3)
    assert three.low < one.low
    assert verdict_on(study_of([1] * 8, items=("q1", "q2", "q3")), "").asked == 1


def test_whole_organisations_that_could_have_settled_it_and_do_not_leave_it_open():
    # Twelve up, two down, all by one point; of seven organisations that moved six rose: p = 2 x (1 + 7) / 2^7.
    moves = [1] * 10 + [-1, -1] + [0] * 2 + [1] * 2
    home = ["A", "A", "B", "B", "C", "C", "D", "D", "E", "E", "F", "F", "G", "G", "H", "H"]
    found = verdict_on(study_of(moves, home=home))
    assert found.organisations.floor == 2 ** (1 - 7)
    assert found.organisations.p_value == 0.125
    assert found.allowing.low > 0.5
    assert (found.is_open_over_organisations, found.goes) == (True, "unclear")
    assert found.low <= 0.5 <= found.high


@pytest.mark.parametrize("folder", ["data/nmp_forum", "tests/cases/two_instruments"])
def test_the_page_of_the_survey_and_the_synthesis_give_one_answer(folder):
    study = open_study(folder)
    for instrument in study.instruments:
        comparison = change.compare(study, instrument.key, permutations=99)
        answered = comparison.answer().verdicts[0]
        measures = Measures(study, permutations=99, seed=1)
        item = comparison.waves.lead.item
        kind = "survey_item" if item else "survey_scale"
        finding = measures.finding(Measure(kind, instrument=instrument.key, item=item or None))
        assert measures.answers() == (answered,)
        assert finding.judged == (answered.low, answered.high, answered.turns_at)
        assert (finding.goes == "unclear") == (answered.word == "cannot tell")


def test_the_scale_of_one_item_is_that_item():
    waves = change.compare(study_of([1] * 8)).waves
    assert moved(waves, "").verdict == moved(waves, "q1").verdict


def test_two_groups_of_different_people_cannot_tell_whether_anybody_changed():
    study = study_of([1] * 8)
    survey = study.survey.assign(person=lambda rows: rows["wave"] + rows["person"])
    apart = Study.from_tables(
        {"key": "forum", "title": "The forum", "provenance": "simulated", "waves": [{"key": "pre"}, {"key": "post"}],
         "instruments": [{"key": "c", "title": "Ease", "minimum": 1, "maximum": 5, "items": [{"key": "q1"}]}]},
        survey=survey,
    )  # fmt: skip
    assert [one.word for one in change.compare(apart).answer().verdicts] == ["cannot tell"]
