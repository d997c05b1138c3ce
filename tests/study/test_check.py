"""Every kind of fault a study folder can have: found, at its row, with the way to correct it, and all in one pass."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cop_analysis.study import CONTRACTS, Study, StudyError, check_folder, number_of, open_study, summarise
from cop_analysis.study.faults import MOST_KEPT


def errors(faults):
    return [(fault.file, fault.row, fault.column, fault.value) for fault in faults if fault.severity == "error"]


def remarks(faults):
    return [(fault.file, fault.row, fault.column, fault.value) for fault in faults if fault.severity == "notice"]


def only(faults):
    [fault] = [fault for fault in faults if fault.severity == "error"]
    return fault


def test_the_example_study_is_without_fault(folder):
    assert check_folder(folder) == []


# --- files -----------------------------------------------------------------------------------------------------------


def test_an_empty_file_is_an_error(faults_after):
    faults = faults_after("quotes.csv", b"")
    assert errors(faults) == [("quotes.csv", None, "", "")]
    assert "empty" in only(faults).sentence


def test_a_table_with_a_header_only_is_a_notice_and_counts_as_absent(faults_after, folder):
    faults = faults_after("quotes.csv", "quote,text,consent,identifiable\n\n,,\n")
    assert errors(faults) == []
    assert remarks(faults) == [("quotes.csv", None, "", "")]
    assert open_study(folder).quotes is None


def test_a_wrong_encoding_is_named_with_its_cell_and_the_other_faults_are_found_too(faults_after):
    faults = faults_after("changes.csv", "change,date,what\nC1,2024-02-30,Caf\xe9\n".encode("cp1252"))
    assert errors(faults) == [("changes.csv", 2, "what", "Café"), ("changes.csv", 2, "date", "2024-02-30")]


def test_a_semicolon_table_is_named_and_its_rows_checked(faults_after):
    faults = faults_after("changes.csv", "change;date;what\nC1;01/04/2024;Moved\n")
    assert errors(faults) == [("changes.csv", None, "", ""), ("changes.csv", 2, "date", "01/04/2024")]


def test_tables_under_other_names_are_noticed_with_the_nearest(folder):
    (folder / "atendance.csv").write_text("event\nE1\n")
    (folder / "Survey.xlsx").write_bytes(b"PK\x03\x04")
    sentences = [fault.sentence for fault in check_folder(folder)]
    assert sentences == [
        "Survey.xlsx: is no table of a study and was not read; save it as survey.csv if that is meant.",
        "atendance.csv: is no table of a study and was not read; rename it to attendance.csv if that is meant.",
    ]


def test_a_folder_that_is_not_there_or_no_folder_is_one_error(tmp_path):
    assert "not there" in only(check_folder(tmp_path / "nowhere")).sentence
    (tmp_path / "file").write_text("x")
    assert "not the folder of a study" in only(check_folder(tmp_path / "file")).sentence
    assert only(check_folder(tmp_path)).file == "study.toml"


def test_a_folder_in_the_place_of_a_table_is_an_error(folder):
    (folder / "quotes.csv").unlink()
    (folder / "quotes.csv").mkdir()
    assert "is a folder, not a file" in only(check_folder(folder)).sentence


# --- columns ---------------------------------------------------------------------------------------------------------


def test_a_missing_column_is_named_with_the_nearest_header_and_causes_no_further_error(faults_after):
    faults = faults_after("events.csv", "evnt,date\nE1,2024-02-20\nE2,2024-04-16\n")
    assert only(faults).sentence == "events.csv, row 1, column event: this column is missing; rename evnt to event."


def test_a_header_that_differs_by_case_and_spaces_is_an_error_and_read_all_the_same(faults_after):
    faults = faults_after("outputs.csv", "Output,title, Planned\u00a0Date \nO1,Handbook,2024-13-01\n")
    assert errors(faults) == [
        ("outputs.csv", 1, "output", "Output"),
        ("outputs.csv", 1, "planned_date", "Planned\u00a0Date "),
        ("outputs.csv", 2, "planned_date", "2024-13-01"),
    ] or errors(faults) == [
        ("outputs.csv", 1, "output", "Output"),
        ("outputs.csv", 1, "planned_date", " Planned\u00a0Date "),
        ("outputs.csv", 2, "planned_date", "2024-13-01"),
    ]
    assert "<U+00A0>" in faults[1].sentence


def test_an_unknown_column_is_left_out_with_a_notice(faults_after, folder):
    faults = faults_after("outputs.csv", "output,title,staus,colour\nO1,Handbook,done,blue\n")
    assert errors(faults) == []
    assert [(fault.column, fault.fix) for fault in faults] == [
        ("staus", "rename it to status if that is meant"),
        ("colour", "delete it if it is not needed"),
    ]
    assert "colour" not in open_study(folder).outputs


def test_an_empty_cell_that_must_be_filled_is_an_error(faults_after):
    assert errors(faults_after("outputs.csv", "output,title\nO1,\n\nO2,Poster\n,Film\n")) == [
        ("outputs.csv", 2, "title", ""),
        ("outputs.csv", 5, "output", ""),
    ]


# --- keys and references ---------------------------------------------------------------------------------------------


def test_a_duplicate_key_names_both_rows(faults_after):
    fault = only(faults_after("outputs.csv", 'output,title\nO1,"Hand\nbook"\n\nO2,Poster\nO1,Film\n'))
    assert (fault.row, fault.value) == (5, "O1")
    assert "row 2 has it too" in fault.sentence


def test_ids_that_differ_only_by_spaces_around_them_are_the_same_id(faults_after):
    faults = faults_after("outputs.csv", "output,title\nO1,Handbook\n O1 ,Film\n")
    assert errors(faults) == [("outputs.csv", 3, "output", "O1")]
    assert remarks(faults) == [("outputs.csv", 3, "output", " O1 ")]


def test_ids_that_differ_only_by_capital_letters_are_two_with_a_notice(faults_after):
    faults = faults_after("outputs.csv", "output,title\nO1,Handbook\no1,Film\n")
    assert errors(faults) == []
    assert remarks(faults) == [("outputs.csv", 3, "output", "o1")]


def test_a_key_of_several_columns_is_compared_as_a_whole(faults_after):
    header = "person,wave,asked,answered\n"
    rows = "P01,baseline,yes,yes\nP01,follow_up,yes,no\nP02,baseline,yes,yes\n"
    assert errors(faults_after("rosters.csv", header + rows)) == []
    fault = only(faults_after("rosters.csv", header + rows + "P01,baseline,yes,no\n"))
    assert (fault.row, fault.value) == (5, "P01 + baseline")


def test_an_answer_given_twice_is_a_note_equal_ones_together_and_differing_ones_by_person(faults_after):
    header = "person,wave,item,score\n"
    rows = "P01,baseline,q01,2\nP02,baseline,q01,2\nP03,baseline,q01,2\n"
    again = rows + "P01,baseline,q01,2\nP02,baseline,q01,4\nP02,baseline,q01,5\n"
    faults = faults_after("survey.csv", header + rows + again)
    assert errors(faults) == []
    said = [fault.sentence for fault in faults if "more than once" in fault.rule]
    assert len(said) == 2
    # Rows 2, 5 and 8 are P01's equal ones, 4 and 7 P03's; 3, 6, 9 and 10 are P02's.
    assert "2 answers stand in the table more than once with the same score (by P01, P03); each counts once" in said[0]
    assert '"P02" answered the same question more than once in a wave, differently' in said[1]
    assert "rows 3 and 6 and 9 and 10" in said[1]


def test_anonymous_ratings_may_be_alike(faults_after):
    header = "event,respondent,item,score\n"
    assert errors(faults_after("ratings.csv", header + "E1,,relevance,4\nE1,,relevance,4\n")) == []
    assert errors(faults_after("ratings.csv", header + "E1,P01,relevance,4\nE1,P01,relevance,5\n")) == [
        ("ratings.csv", 3, "event", "E1 + P01 + relevance")
    ]


def test_a_person_attends_an_event_once_and_head_counts_are_one_an_organisation(faults_after):
    header = "event,person,count,organisation\n"
    assert errors(faults_after("attendance.csv", header + "E1,,1,HOSP_A\nE1,,1,COMM\n")) == []
    assert errors(faults_after("attendance.csv", header + "E1,P01,,HOSP_A\nE1,P01,,COMM\n")) == [
        ("attendance.csv", 3, "event", "E1 + P01 + COMM")
    ]


@pytest.mark.parametrize(
    ("file", "content", "place", "value", "near"),
    [
        ("attendance.csv", "event,person\nE9,P01\n", "event", "E9", "known are E1, E2"),
        ("attendance.csv", "event,person\nE1,p01\n", "person", "p01", 'write "P01"'),
        ("people.csv", "person,organisation\nP01,HOSP-A\nP02,\nP03,COMM\n", "organisation", "HOSP-A", 'write "HOSP_A"'),
        ("survey.csv", "person,wave,item,score\nX1,folow_up,q01,1\n", "wave", "folow_up", 'write "follow_up"'),
        ("survey.csv", "person,wave,item,score\nX1,baseline,q1,1\n", "item", "q1", 'write "q01"'),
        ("survey.csv", "person,wave,instrument,item\nX1,baseline,conf,q01\n", "instrument", "conf", "study.toml"),
        ("ratings.csv", "event,item,score\nE1,relevence,1\n", "item", "relevence", 'write "relevance"'),
        ("ties.csv", "ego,alter,relation,wave\nP01,P04,advice,baseline\n", "alter", "P04", "known are P01, P02, P03"),
        ("ties.csv", "ego,alter,relation,wave\nP01,P02,advise,baseline\n", "relation", "advise", 'write "advice"'),
        (
            "quotes.csv",
            "quote,text,document,consent,identifiable\nQ1,Yes,D1,none,no\n",
            "document",
            "D1",
            'write "D01"',
        ),
        ("changes.csv", "change,date,what,event\nC1,2024-04-01,Moved,E7\n", "event", "E7", "events.csv"),
        (
            "documents.csv",
            "document,file,people\nD01,D01_example.txt,P01; P9 ;\n",
            "people",
            "P9",
            "known are P01, P02, P03",
        ),
    ],
)
def test_a_reference_to_nothing_names_the_nearest_known_id(faults_after, file, content, place, value, near):
    found = [fault for fault in faults_after(file, content) if fault.severity == "error" and fault.file == file]
    assert [(fault.row, fault.column, fault.value) for fault in found] == [(2, place, value)]
    assert near in found[0].fix


def test_unmatched_pseudonyms_in_the_survey_are_no_fault(faults_after):
    assert errors(faults_after("survey.csv", "person,wave,item,score\nmum1960,baseline,q01,1\n")) == []


def test_a_table_that_is_referred_to_and_absent_is_said_once(folder):
    (folder / "events.csv").unlink()
    faults = check_folder(folder)
    assert errors(faults) == []
    assert [(fault.file, fault.column) for fault in faults] == [
        ("attendance.csv", "event"),
        ("ratings.csv", "event"),
        ("changes.csv", "event"),
    ]


def test_waves_that_study_toml_does_not_have_are_one_error_a_table(folder):
    (folder / "study.toml").write_text('key = "forum"\ntitle = "F"\nprovenance = "simulated"\n')
    found = errors(check_folder(folder))
    assert found == [
        ("ratings.csv", None, "item", ""),
        ("survey.csv", None, "wave", ""),
        ("survey.csv", None, "instrument", ""),
        ("ties.csv", None, "wave", ""),
        ("rosters.csv", None, "wave", ""),
    ]


# --- values ----------------------------------------------------------------------------------------------------------


def test_scores_off_the_scale_and_words_are_errors(faults_after):
    header = "person,wave,item,score\n"
    faults = faults_after(
        "survey.csv", header + "A,baseline,q01,6\nB,baseline,q01,agree\nC,baseline,q01,\nD,baseline,q01,2.5\n"
    )
    assert errors(faults) == [
        ("survey.csv", 2, "score", "6"),
        ("survey.csv", 3, "score", "agree"),
        ("survey.csv", 5, "score", "2.5"),
    ]
    assert "the scale 1 to 5 of confidence" in faults[0].rule
    assert errors(faults_after("ratings.csv", "event,item,score\nE1,relevance,0\n"))[-1] == (
        "survey.csv",
        5,
        "score",
        "2.5",
    )


def test_scores_on_two_scales_are_said_once_more_with_the_wave(faults_after):
    rows = [f"A{n},baseline,q01,{n % 5 + 1}" for n in range(20)] + [f"A{n},follow_up,q01,{n * 5}" for n in range(20)]
    faults = [
        f for f in faults_after("survey.csv", "\n".join(["person,wave,item,score", *rows])) if f.severity == "error"
    ]
    whole = [fault for fault in faults if fault.row is None]
    # Of the follow-up scores 0, 5, 10 ... 95 only the 5 lies on the scale 1 to 5.
    assert len(faults) == 19 + 1
    assert whole[0].rule == (
        "the scores of confidence in wave follow_up are on two scales: 19 of 40 lie off 1 to 5, from 0 to 95, "
        "as on a scale 0 to 100"
    )


def test_one_slip_of_the_hand_is_no_second_scale(faults_after):
    faults = faults_after("survey.csv", "person,wave,item,score\nA,baseline,q01,55\nB,baseline,q01,5\n")
    assert [row for _, row, _, _ in errors(faults)] == [2]


def test_more_attended_than_signed_up_is_a_note_where_sign_ups_are_known(faults_after):
    """Some came without signing up: true data, which nobody should be told to falsify."""
    faults = faults_after("events.csv", "event,date,signed_up\nE1,2024-02-20,1\nE2,2024-04-16,\n")
    (fault,) = (one for one in faults if one.severity == "notice")
    assert not errors(faults)
    assert (fault.file, fault.row, fault.column, fault.value) == ("events.csv", 2, "signed_up", "1")
    assert "attendance.csv has 2 at this event" in fault.fix


def test_persons_and_head_counts_are_added_up_to_attendance(faults_after):
    faults = faults_after("attendance.csv", "event,person,count\nE1,P01,\nE1,P02,\nE1,,1\nE2,,4\n")
    assert remarks(faults) == [("events.csv", 3, "signed_up", "3")]


def test_a_cancelled_event_has_no_attendance(faults_after):
    faults = faults_after("events.csv", "event,date,status\nE1,2024-02-20,cancelled\nE2,2024-04-16,planned\n")
    assert errors(faults) == [("events.csv", 2, "status", "cancelled")]
    assert remarks(faults) == [("events.csv", 3, "status", "planned")]


def test_an_attendance_row_is_a_person_or_a_count(faults_after):
    faults = faults_after("attendance.csv", "event,person,count,minutes\nE1,,,\nE1,P01,3,-5\n")
    assert errors(faults) == [
        ("attendance.csv", 2, "person", ""),
        ("attendance.csv", 3, "minutes", "-5"),
        ("attendance.csv", 3, "count", "3"),
    ]


@pytest.mark.parametrize(
    ("file", "content", "column", "value"),
    [
        (
            "people.csv",
            "person,joined,left\nP01,2024-02-01,2024-01-31\nP02,,\nP03,2024-01-01,2024-01-01\n",
            "left",
            "2024-01-31",
        ),
        (
            "organisations.csv",
            "organisation,name,valid_from,valid_to\nHOSP_A,A,2024-02-01,2024-01-31\nCOMM,C,,\n",
            "valid_to",
            "2024-01-31",
        ),
        ("rosters.csv", "person,wave,asked,answered\nP01,baseline,no,yes\n", "answered", "yes"),
        ("ties.csv", "ego,alter,relation,wave\nP01,P01,advice,baseline\n", "alter", "P01"),
        ("ties.csv", "ego,alter,relation,wave,strength\nP01,P02,advice,baseline,-1\n", "strength", "-1"),
        ("people.csv", "person,consent\nP01,perhaps\nP02,Yes\nP03,withdrawn\n", "consent", "perhaps"),
        ("events.csv", "event,date\nE1,2023-02-30\nE2,2024-04-16\n", "date", "2023-02-30"),
        ("people.csv", "person\nP01\nP02\nP03\nP\x1b[2J\n", "person", "P\x1b[2J"),
    ],
)
def test_contradictions_within_a_row_are_errors(faults_after, file, content, column, value):
    fault = only(faults_after(file, content))
    assert (fault.file, fault.column, fault.value) == (file, column, value)
    assert "\x1b" not in fault.sentence


def test_what_is_odd_but_possible_is_a_notice(faults_after, folder):
    (folder / "organisations.csv").write_text(
        "organisation,name,valid_to\nHOSP_A,Hospice A,2024-03-01\nCOMM,Community,\n", encoding="utf-8"
    )
    faults = faults_after("people.csv", "person,organisation,joined\nP01,HOSP_A,2024-03-01\nP02,COMM,\nP03,,\n")
    assert errors(faults) == []
    assert remarks(faults) == [("attendance.csv", 2, "person", "P01"), ("attendance.csv", 4, "organisation", "HOSP_A")]


# --- documents -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../study.toml", "lies outside the folder documents/"),
        ("/etc/hosts", "lies outside the folder documents/"),
        ("C:\\secret.txt", "is not a path inside documents/"),
        ("D02_example.txt", 'write "D01_example.txt" if that is meant'),
        ("d01_EXAMPLE.txt", 'write "D01_example.txt" if that is meant'),
    ],
)
def test_a_document_that_is_absent_or_outside_is_an_error(faults_after, name, words):
    fault = only(faults_after("documents.csv", f"document,file\nD01,{name}\n"))
    assert (fault.file, fault.row, fault.column, fault.value) == ("documents.csv", 2, "file", name)
    assert words in fault.sentence


def test_a_link_that_leads_out_of_the_folder_is_an_error(folder, tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "documents" / "D01_example.txt").unlink()
    (folder / "documents" / "D01_example.txt").symlink_to(tmp_path / "secret.txt")
    assert "leads outside" in only(check_folder(folder)).sentence


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is an empty file"),
        (b"P01: one\n\nP02: caf\xe9", "is not UTF-8 (line 3)"),
        (b"PK\x03\x04...", "is not plain text"),
        (b"P01: \x00", "not text (NUL)"),
    ],
)
def test_a_document_that_cannot_be_read_is_an_error(folder, content, words):
    (folder / "documents" / "D01_example.txt").write_bytes(content)
    fault = only(check_folder(folder))
    assert (fault.file, fault.row) == ("documents.csv", 2)
    assert words in fault.sentence


def test_a_text_no_row_names_is_a_notice_and_two_rows_cannot_share_one(folder):
    (folder / "documents" / "more.txt").write_text("more")
    assert remarks(check_folder(folder)) == [("documents/", None, "", "")]
    (folder / "documents" / "more.txt").unlink()
    (folder / "documents.csv").write_text("document,file\nD01,D01_example.txt\nD02,documents/D01_example.txt\n")
    assert "is the file of row 2 already" in only(check_folder(folder)).sentence


# --- all at once -----------------------------------------------------------------------------------------------------


def test_every_fault_is_listed_in_one_pass_and_opening_says_the_same(folder):
    toml = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(toml.replace('summary = ""', 'sumary = ""'), encoding="utf-8")
    (folder / "people.csv").write_text("person,joined\nP01,21/02/2023\nP01,\nP02,\nP03,\n")
    (folder / "survey.csv").write_text("person,wave,item,score\nP01,later,q01,9\n")
    (folder / "quotes.csv").write_bytes(b"")
    (folder / "documents" / "D01_example.txt").unlink()
    faults = check_folder(folder)
    assert [(file, column) for file, _, column, _ in errors(faults)] == [
        ("study.toml", "sumary"),
        ("people.csv", "joined"),
        ("people.csv", "person"),
        ("survey.csv", "wave"),
        ("survey.csv", "score"),
        ("documents.csv", "file"),
        ("quotes.csv", ""),
    ]
    with pytest.raises(StudyError) as caught:
        open_study(folder)
    assert list(caught.value.faults) == faults
    for fault in faults:
        if fault.severity == "error":
            assert fault.sentence in str(caught.value)


@pytest.fixture
def lean(folder):
    """The example study without its tables, which fuzzing writes anew."""
    for contract in CONTRACTS.values():
        (folder / contract.file).unlink()
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("table", sorted(CONTRACTS))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    content=st.one_of(st.binary(max_size=120), st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace"))),
    keep_header=st.booleans(),
)
def test_any_bytes_in_any_table_end_in_faults_or_a_study(lean, table, content, keep_header):
    header = (",".join(CONTRACTS[table].column_names) + "\r\n").encode() if keep_header else b""
    (lean / f"{table}.csv").write_bytes(header + content)
    faults = check_folder(lean)
    for fault in faults:
        assert fault.sentence.isprintable()
    if any(fault.severity == "error" for fault in faults):
        with pytest.raises(StudyError):
            open_study(lean)
    else:
        assert isinstance(open_study(lean), Study)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    content=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
)
def test_any_bytes_in_study_toml_end_in_faults(lean, content):
    (lean / "study.toml").write_bytes(content)
    assert any(fault.severity == "error" for fault in check_folder(lean))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(bad=st.sets(st.integers(2, 60), max_size=20), blank=st.sets(st.integers(2, 60), max_size=20))
def test_faulty_rows_are_named_by_their_numbers_in_the_spreadsheet(lean, bad, blank):
    lines = ["person,wave,item,score"]
    for row in range(2, 61):
        lines.append("" if row in blank else f"A{row},baseline,q01,{77 if row in bad else 3}")
    (lean / "survey.csv").write_text("\n".join(lines) + "\n")
    rows = {fault.row for fault in check_folder(lean) if fault.row is not None}
    assert rows == bad - blank


# --- a million rows --------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("faulty", [False, True])
def test_a_million_survey_rows_take_a_few_calls_each(folder, faulty, count_calls):
    score = "9" if faulty else "3"
    with (folder / "survey.csv").open("w") as stream:
        stream.write("person,wave,item,score\n")
        stream.writelines(f"A{number},baseline,q01,{score}\n" for number in range(1_000_000))
    faults, calls = count_calls(lambda: check_folder(folder))
    assert calls < 20_000_000
    if faulty:
        assert number_of(faults) == 1_000_000 + 1
        assert [fault.row for fault in faults if fault.row][-1] == MOST_KEPT + 1
        assert len(summarise(faults)) < 30
        with pytest.raises(StudyError) as caught:
            open_study(folder)
        assert "1,000,001 faults" in str(caught.value)
        assert len(str(caught.value)) < 10_000
    else:
        assert faults == []
