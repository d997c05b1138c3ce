"""How faults are put into words: one sentence each, safe to print, grouped where there are many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop_analysis.study import Fault, StudyError, summarise
from cop_analysis.study.faults import gather, nearest, same_name, visible


def off_scale(row: int) -> Fault:
    return Fault("survey.csv", row, "score", "9", "is not on the scale 1 to 5", "correct it")


def test_a_fault_is_one_sentence_with_place_value_rule_and_fix():
    assert off_scale(14).sentence == 'survey.csv, row 14, column score: "9" is not on the scale 1 to 5; correct it.'
    assert Fault("study.toml", 3, "waves[1].key", "", "this key is missing", "add it").sentence == (
        "study.toml, line 3, key waves[1].key: this key is missing; add it."
    )
    assert Fault("quotes.csv", None, "", "", "the file is empty", "delete it").sentence == (
        "quotes.csv: the file is empty; delete it."
    )


@given(st.text(), st.text(max_size=30), st.integers(3, 90))
def test_whatever_a_cell_holds_its_fault_is_one_printable_line(value, column, longest):
    assert visible(value, longest).isprintable()
    assert Fault("t.csv", 2, column, value, "is wrong", "correct it").sentence.isprintable()


@pytest.mark.parametrize("text", ["\x1b[31m", "\u202eevil", "\u200b", "\ufeff", "\x00", "\r\n", "\ud800", "\u00a0"])
def test_characters_that_command_or_hide_are_shown_by_number(text):
    assert visible(text) == "".join(
        f"<U+{ord(character):04X}>" if character not in "[31mevil" else character for character in text
    )


def test_many_faults_of_a_kind_are_counted_and_the_first_shown():
    faults = [off_scale(row) for row in range(2, 102)] + [
        Fault("a.csv", None, "", "", "the file is empty", "delete it")
    ]
    assert [(group.count, len(group.shown), group.left_out) for group in gather(faults, 2)] == [(100, 2, 98), (1, 1, 0)]
    assert summarise(faults, 2) == [
        'survey.csv, column score: "9" is not on the scale 1 to 5, in 100 rows (2, 3, 4, 5, 6, 7, 8, 9 and 92 more); '
        "correct it.",
        "a.csv: the file is empty; delete it.",
    ]
    different = [
        Fault("survey.csv", row, "score", f"{row}", "is not on the scale", "correct it") for row in (7, 8, 9, 9)
    ]
    assert summarise(different, 1) == [
        'survey.csv, row 7, column score: "7" is not on the scale; correct it.',
        "survey.csv, column score: 3 more rows have the same kind of fault (4 in all).",
    ]
    with pytest.raises(ValueError, match="At least 1"):
        gather(faults, 0)


def test_one_fault_of_several_files_is_said_once():
    """A new study has twelve tables without rows: one sentence, not twelve."""
    empty = [Fault(f"{name}.csv", None, "", "", "has no rows", "fill it in", "notice") for name in ("people", "ties")]
    assert summarise([*empty, Fault("a.csv", None, "", "", "is odd", "see to it", "notice")]) == [
        "2 files (people.csv, ties.csv): has no rows; fill it in.",
        "a.csv: is odd; see to it.",
    ]


def test_a_line_met_twice_is_counted_once():
    twice = [Fault("coding.json", 375, "instrument", "x", "is not there", "add it")] * 2
    assert summarise(twice) == ['coding.json, key instrument: "x" is not there, in 1 line (375); add it.']


def test_an_error_lists_what_keeps_a_study_from_being_opened_and_no_notices():
    notice = Fault("a.csv", None, "", "", "is odd", "see to it", "notice")
    message = str(StudyError([off_scale(2), notice]))
    assert message == f"The study cannot be opened: 1 fault in its files.\n{off_scale(2).sentence}"


@pytest.mark.parametrize(
    ("name", "known", "found"),
    [
        ("evnt", ["event", "date"], "event"),
        ("Signed Up", ["signed_up", "status"], "signed_up"),
        ("p01", ["P01", "P02"], "P01"),
        ("HOSP-A", ["HOSP_B", "HOSP_A"], "HOSP_A"),
        ("zzz", ["event"], None),
        ("", ["event"], None),
        ("event", [], None),
    ],
)
def test_the_nearest_known_name_is_found_and_far_ones_are_not(name, known, found):
    assert nearest(name, known) == found


def test_names_that_differ_by_case_and_blanks_are_the_same():
    assert same_name("\u00a0Signed Up", "signed_up")
    assert not same_name("", " ")
    assert not same_name("score", "scores")
