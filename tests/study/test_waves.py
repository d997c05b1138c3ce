"""How waves stand to one another: declared designs, ids that only count rows, answers given more than once."""

import pandas as pd
import pytest

from cop_analysis.study import Study
from cop_analysis.study.check import check_folder
from cop_analysis.study.config import Wave
from cop_analysis.study.waves import counted_answers, ids_in_doubt, wave_pair

WAVES = (Wave(key="start", label="Start"), Wave(key="end", label="End"))
N, M = 20, 10


def _ids(write, numbers):
    return [write(number) for number in numbers]


COUNTS = {
    "1 to n": (lambda n: str(n), range(1, N + 1), range(1, M + 1)),
    "1 to n, shuffled": (lambda n: str(n), (7, 3, 1, 2, 6, 5, 4), (2, 4, 1, 3)),
    "the same number both times": (lambda n: str(n), range(1, N + 1), range(1, N + 1)),
    "with leading zeros": (lambda n: f"{n:03d}", range(1, N + 1), range(1, M + 1)),
    "R1 to Rn": (lambda n: f"R{n}", range(1, N + 1), range(1, M + 1)),
    "row 1 to row n": (lambda n: f"Row {n}", range(1, N + 1), range(1, M + 1)),
    "from zero": (lambda n: str(n), range(N), range(M)),
    "rows of a spreadsheet": (lambda n: str(n), range(2, N + 2), range(2, M + 2)),
    "every third row": (lambda n: str(n), range(2, 62, 3), range(2, 32, 3)),
    "as a number with a point": (lambda n: f"{n}.0", range(1, N + 1), range(1, M + 1)),
    "a blank answer taken out": (lambda n: str(n), [n for n in range(1, N + 1) if n != 7], range(1, M + 1)),
    "blank answers taken out of both": (lambda n: f"R{n}", [n for n in range(1, 31) if n % 7], [1, 2, *range(4, 15)]),
    "one from zero, one from one": (lambda n: str(n), range(N), range(1, M + 1)),
}


@pytest.mark.parametrize("kind", COUNTS)
def test_ids_that_count_rows_stop_the_pairing(kind):
    write, first, second = COUNTS[kind]
    doubt, stops = ids_in_doubt(_ids(write, first), _ids(write, second))
    assert stops
    assert doubt.startswith("the ids only count rows (")


PEOPLE = {
    "birth dates": (["1961", "0407", "2212"], ["1961", "2212"]),
    "a gap": (["1", "2", "4"], ["1", "2", "3"]),
    "pseudonyms, all twice": ([f"P{n:02d}" for n in range(1, 9)], [f"P{n:02d}" for n in range(1, 9)]),
    "pseudonyms, one lost": ([f"P{n:02d}" for n in range(1, 9)], [f"P{n:02d}" for n in range(1, 9) if n != 4]),
    "numbers, some lost": ([f"{n}" for n in range(1, 21)], [f"{n}" for n in range(1, 21) if n not in (3, 11)]),
    "numbers, many lost": ([f"{n}" for n in range(1, 21)], ["2", "3", "5", "8", "13", "19"]),
    "numbers, some lost each time": (
        [f"{n}" for n in range(1, 31) if n not in (4, 9)],
        [f"{n}" for n in range(1, 31) if n % 6],
    ),
    "two kinds of id": (["1", "2", "X3"], ["1", "2"]),
    "codes of one's own": (["MB61", "KJ07"], ["MB61"]),
    "one person": (["1"], ["1"]),
    "no id in common": (["1", "2", "3"], ["4", "5", "6"]),
    "none at all": ([], []),
}


@pytest.mark.parametrize("kind", PEOPLE)
def test_ids_of_people_do_not(kind):
    assert ids_in_doubt(*PEOPLE[kind]) == ("", False)


def test_pseudonyms_of_which_just_the_first_are_left_are_remarked_on_and_paired():
    before, after = ([f"P{n:02d}" for n in range(1, last)] for last in (21, 11))
    doubt, stops = ids_in_doubt(before, after)
    # Of 20 people 10 can be left in 184,756 ways, and just the first ten in one.
    assert doubt
    assert not stops
    assert ids_in_doubt(before, after, known=before) == ("", False)


def test_ids_of_the_people_table_are_peoples():
    ids = [str(n) for n in range(1, 11)]
    assert ids_in_doubt(ids, ids, known=ids) == ("", False)


@pytest.mark.parametrize(("design", "may_pair"), [("", False), ("paired", True), ("unmatched", False)])
def test_what_study_toml_declares_settles_it(design, may_pair):
    survey = pd.DataFrame({"person": [*"123", *"12"], "wave": ["start"] * 3 + ["end"] * 2})
    pair = wave_pair(survey, None, (WAVES[0], Wave(key="end", design=design)), "start", "end")
    assert pair.may_pair is may_pair
    assert pair.is_stopped is (design == "")


def test_check_says_the_doubt_with_what_to_write():
    said = [fault.sentence for fault in check_folder("tests/cases/anonymous")]
    assert len(said) == 1
    assert 'in the waves "Start" and "End" the ids only count rows (1 to 20, and 1 to 10)' in said[0]
    assert 'under [[waves]] end, write design = "unmatched"' in said[0]
    assert 'design = "paired" if each id is one person both times' in said[0]


def test_check_says_that_no_instrument_leads():
    said = [fault.sentence for fault in check_folder("tests/cases/two_instruments")]
    assert len(said) == 1
    assert said[0].startswith("study.toml, key plan.instrument: [plan] names no instrument, and 2 were asked")
    assert 'add instrument = "errors" under [plan]' in said[0]


def test_waves_declared_paired_that_share_no_id_are_remarked_on():
    config = {
        "key": "s", "title": "S", "provenance": "simulated",
        "waves": [{"key": "start"}, {"key": "end", "design": "paired"}],
        "instruments": [{"key": "c", "minimum": 1.0, "maximum": 5.0, "items": [{"key": "q1"}]}],
    }  # fmt: skip
    survey = pd.DataFrame({"person": ["A", "B"], "wave": ["start", "end"], "instrument": "c", "item": "q1", "score": 3})
    notices = Study.from_tables(config, survey=survey).notices
    assert any("no id occurs in both waves" in fault.rule for fault in notices)


def test_the_answers_that_count_are_each_persons_one():
    survey = pd.DataFrame(
        [("A", "q1", 3), ("A", "q1", 3), ("A", "q2", 1), ("A", "q2", 2), ("B", "q1", None), ("B", "q1", 4)],
        columns=["person", "item", "score"],
    ).assign(wave="start", instrument="c")
    kept = counted_answers(survey)
    assert kept[["person", "item", "score"]].to_numpy().tolist() == [["A", "q1", 3.0], ["B", "q1", 4.0]]


def test_a_row_number_that_is_used_twice_costs_nobody_an_answer():
    survey = pd.DataFrame({"person": [*"AABB"], "wave": "w", "instrument": "i", "item": ["q1", "q1", "q1", "q2"],
                           "score": [3, 3, 1, 2]}, index=[0, 1, 0, 1])  # fmt: skip
    kept = counted_answers(survey)
    assert list(zip(kept["person"], kept["item"], kept["score"], strict=True)) == [
        ("A", "q1", 3), ("B", "q1", 1), ("B", "q2", 2),
    ]  # fmt: skip
