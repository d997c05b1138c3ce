"""Pairing by person, ids that nearly match, and the one rule on answers given more than once."""

import pandas as pd
import pytest

from cop_analysis.change import near_misses, pair_answers
from cop_analysis.study.waves import counted_answers, repeated_answers


def survey(*rows):
    return pd.DataFrame(rows, columns=["person", "wave", "item", "score"])


def test_pairs_are_made_by_person_whatever_the_order_of_rows():
    rows = [("B", "post", "q1", 5), ("A", "pre", "q1", 1), ("B", "pre", "q1", 2), ("A", "post", "q1", 4)]
    pairs = pair_answers(survey(*rows), "pre", "post")
    assert pairs.before["q1"].to_dict() == {"A": 1, "B": 2}
    assert pairs.after["q1"].to_dict() == {"A": 4, "B": 5}
    assert pairs.n == 2


def test_an_empty_answer_is_no_answer():
    rows = [("A", "pre", "q1", None), ("A", "post", "q1", 4), ("B", "pre", "q1", None)]
    pairs = pair_answers(survey(*rows), "pre", "post")
    assert (pairs.n, pairs.only_after, pairs.only_before, pairs.blank) == (0, ("A",), (), 1)


def test_equal_duplicates_count_once_and_contrary_ones_not_at_all():
    rows = [
        ("A", "pre", "q1", 2), ("A", "pre", "q1", 2), ("A", "post", "q1", 3),
        ("B", "pre", "q1", 2), ("B", "pre", "q1", 4), ("B", "pre", "q2", 1),
        ("B", "post", "q1", 3), ("B", "post", "q2", 2),
    ]  # fmt: skip
    pairs = pair_answers(survey(*rows), "pre", "post")
    assert pairs.before.loc["A", "q1"] == 2
    assert pd.isna(pairs.before.loc["B", "q1"])
    assert pairs.before.loc["B", "q2"] == 1
    assert pairs.duplicates[["person", "answers", "kept"]].to_numpy().tolist() == [
        ["A", "2 and 2", True],
        ["B", "2 and 4", False],
    ]


def test_answers_outside_the_scale_and_without_a_person_do_not_count():
    rows = [("A", "pre", "q1", 9), ("A", "post", "q1", 4), (None, "pre", "q1", 3), ("B", "pre", "q1", 1)]
    pairs = pair_answers(survey(*rows), "pre", "post", minimum=1, maximum=5)
    assert pairs.out_of_range["score"].tolist() == [9]
    assert pairs.without_id == 1
    assert (pairs.only_before, pairs.only_after) == (("B",), ("A",))


@pytest.mark.parametrize(
    ("table", "waves", "message"),
    [
        (survey(("A", "pre", "q1", "agree")), ("pre", "post"), "'agree'"),
        (survey(("A", "pre", "q1", float("inf"))), ("pre", "post"), "infinite"),
        (survey(("A", "pre", "q1", 3)), ("pre", "pre"), "must differ"),
        (survey(("A", "pre", "q1", 3)).drop(columns="item"), ("pre", "post"), "column 'item'"),
    ],
)
def test_what_cannot_be_paired_is_refused_in_words(table, waves, message):
    with pytest.raises(ValueError, match=message):
        pair_answers(table, *waves)


def test_instruments_are_kept_apart():
    table = survey(("A", "pre", "q1", 1), ("A", "post", "q1", 2), ("A", "pre", "q1", 5)).assign(
        instrument=["one", "one", "two"]
    )
    assert pair_answers(table, "pre", "post", instrument="one").before.loc["A", "q1"] == 1


def test_near_misses_are_found_and_named():
    found = near_misses(
        ["p 07", "AB1963", "O'Neill", "XY12", "SMITH04", "far"], ["P7", "AB1936", "oneill", "XYZ12", "SMYTH04", "away"]
    )
    assert {(before, after): how for before, after, how in found} == {
        ("p 07", "P7"): "the same but for case, spaces, punctuation or leading zeros",
        ("O'Neill", "oneill"): "the same but for case, spaces, punctuation or leading zeros",
        ("AB1963", "AB1936"): "two neighbouring characters swapped",
        ("XY12", "XYZ12"): "one character more or less",
        ("SMITH04", "SMYTH04"): "one character changed",
    }


def test_numbered_ids_come_last_and_two_known_people_are_never_one():
    assert near_misses(["P11"], ["P12"])[0][2].startswith("one digit changed")
    assert near_misses(["P11"], ["P12", "p11"], known=["P11", "P12"]) == [
        ("P11", "p11", "the same but for case, spaces, punctuation or leading zeros")
    ]


def test_leading_zeros_make_no_difference_before_a_letter_either():
    alike = "the same but for case, spaces, punctuation or leading zeros"
    assert near_misses(["P01a"], ["P1A"]) == [("P01a", "P1A", alike)]
    assert near_misses(["P01a"], ["P1B"]) != [("P01a", "P1B", alike)]


def test_near_misses_of_empty_and_endless_ids():
    assert near_misses([], ["A"]) == []
    assert near_misses(["-"], ["?"]) == [("-", "?", "one character changed")]
    assert near_misses(["x" * 100_000], ["y" * 100_000]) == []
    assert len(near_misses([f"P{n:05d}" for n in range(3000)], [f"Q{n:05d}" for n in range(3000)])) <= 1000


def test_the_pairing_counts_the_answers_that_the_check_counts():
    rows = [
        ("A", "pre", "q1", 2), ("A", "pre", "q1", 2), ("A", "post", "q1", 3), ("B", "pre", "q1", 2),
        ("B", "pre", "q1", 4), ("B", "post", "q1", 3), ("C", "pre", "q1", 1), ("C", "post", "q1", 5),
    ]  # fmt: skip
    table = survey(*rows)
    pairs = pair_answers(table, "pre", "post")
    counted = counted_answers(table)
    assert sorted(counted["person"] + counted["wave"]) == ["Apost", "Apre", "Bpost", "Cpost", "Cpre"]
    assert pairs.before["q1"].dropna().to_dict() == {"A": 2, "C": 1}
    equal, differing = repeated_answers(table)
    assert pairs.duplicates["kept"].tolist() == [True] * len(equal) + [False] * len(differing)


def test_a_row_that_names_no_instrument_repeats_one_that_does():
    table = survey(("A", "pre", "q1", 2), ("A", "pre", "q1", 3), ("A", "post", "q1", 4)).assign(
        instrument=["one", None, "one"]
    )
    pairs = pair_answers(table, "pre", "post", instrument="one")
    assert pairs.duplicates["kept"].tolist() == [False]
    assert pairs.only_after == ("A",)


def test_a_hundred_thousand_people_are_paired():
    people = [f"P{number:06d}" for number in range(100_000)]
    table = pd.DataFrame(
        {"person": people * 2, "wave": ["pre"] * 100_000 + ["post"] * 100_000, "item": "q1", "score": 3}
    )
    assert pair_answers(table, "pre", "post").n == 100_000
