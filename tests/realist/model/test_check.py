"""Every fault of a coding at once, each with its line, what is wrong and how to correct it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from cop_analysis.realist import check_coding, read_coding, transcripts
from cop_analysis.study import StudyError


def sentences(folder: Path, study=None) -> list[str]:
    return [fault.sentence for fault in check_coding(folder, study)]


def test_a_sound_coding_has_no_fault(folder: Path, study) -> None:
    assert check_coding(folder, study) == []
    assert check_coding(folder / "coding.json", study) == []


def test_no_coding_is_no_fault(tmp_path: Path) -> None:
    assert check_coding(tmp_path) == []


@pytest.mark.parametrize(
    ("content", "row", "words"),
    [
        (b"", None, "empty"),
        (b"  \n ", None, "empty"),
        (b'{\n "schema": "cop-analysis-coding",\n "study" "x"\n}', 3, "not valid JSON"),
        (b'{"schema": "cop-analysis-coding", "x": "\xff"}', 1, "not UTF-8"),
        (b"[1, 2]", None, "not one JSON object"),
        (b'{"schema": "other"}', None, "does not say that it is a coding"),
        (b'{"schema": "cop-analysis-coding", "schema_version": "1"}', None, "is not a schema version"),
        (b'{"schema": "cop-analysis-coding", "schema_version": true}', None, "is not a schema version"),
        (b'{"schema": "cop-analysis-coding", "schema_version": 1, "study": "x", "codes": {}}', None, "not a list"),
        (b"[" * 100_000, None, "nesting too large"),
        (b'{"schema_version": ' + b"9" * 5000 + b"}", None, "nesting too large"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_fault(
    tmp_path: Path, content: bytes, row: int | None, words: str
) -> None:
    (tmp_path / "coding.json").write_bytes(content)
    faults = check_coding(tmp_path)
    assert len(faults) == 1
    assert words in faults[0].sentence
    assert faults[0].row == row
    with pytest.raises(StudyError):
        read_coding(tmp_path)


def test_a_byte_order_mark_and_crlf_are_no_fault(folder: Path) -> None:
    path = folder / "coding.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert check_coding(folder) == []


def test_all_faults_are_listed_at_once_with_their_lines(change, folder: Path) -> None:
    def break_it(payload: dict) -> None:
        payload["extra"] = 1
        payload["codes"][0]["defintion"] = payload["codes"][0].pop("definition")
        payload["codes"][1]["colour"] = "blue"
        payload["evidence"][0]["stance"] = "suports"
        payload["evidence"][1]["configuration"] = "cmo9"
        payload["configurations"][0]["activation"] = 1.5
        payload["configurations"][1]["slots"][0]["role"] = "contxt"
        payload["extracts"][0]["start"] = True
        payload["extracts"][4]["id"] = "x004"

    found = sentences(change(break_it))
    lines = (folder / "coding.json").read_text().split("\n")
    for words in (
        "is not a part of a coding",
        "did you mean 'definition'?",
        "is not a colour",
        "did you mean 'supports'?",
        "is not among the configurations",
        "is not a number from 0 to 1",
        "is not a role of the schema CMO",
        "did you mean 'context'?",
        "is not a whole number",
        "is used twice among the extracts",
    ):
        assert any(words in one for one in found), words
    stance = next(fault for fault in check_coding(folder) if fault.column == "evidence.stance")
    assert '"e1"' in lines[stance.row - 1]


def test_a_broken_record_does_not_make_its_references_dangle(change) -> None:
    found = sentences(change(lambda payload: payload["extracts"][0].update(start="zero")))
    assert len(found) == 1
    assert "is not a whole number" in found[0]


def test_a_code_cannot_be_its_own_ancestor(change) -> None:
    found = sentences(change(lambda payload: payload["codes"][1].update(parent="c3")))
    assert len(found) == 1
    assert "c2 > c3 > c2" in found[0]


def test_ranges_are_checked_without_the_text(change) -> None:
    def break_it(payload: dict) -> None:
        payload["extracts"][0]["end"] = payload["extracts"][0]["start"]
        payload["extracts"][1]["end"] = 9999
        payload["extracts"][2]["quote"] = "I rang"
        payload["extracts"][3].update(start=11, end=14, quote="   ")

    found = sentences(change(break_it))
    for words in ("is an empty range", "runs past the end", "is not as long as its range", "nothing but blanks"):
        assert any(words in one for one in found), words


def with_text(folder: Path, words: str) -> Path:
    """Give D03 other words, which its coding is said to be of, but move none of its extracts."""
    (folder / "documents" / "D03.txt").write_text(words, encoding="utf-8")
    payload = json.loads((folder / "coding.json").read_text(encoding="utf-8"))
    document = next(one for one in payload["documents"] if one["id"] == "D03")
    document.update(sha256=hashlib.sha256(words.encode()).hexdigest(), length=len(words))
    (folder / "coding.json").write_text(json.dumps(payload), encoding="utf-8")
    return folder


def test_a_changed_document_is_one_fault_that_counts_its_extracts(folder: Path, study) -> None:
    path = folder / "documents" / "D03.txt"
    path.write_text("New start. " + path.read_text(), encoding="utf-8")
    found = [one for one in sentences(folder, study) if "D03" in one]
    of_it = sum(one.document == "D03" for one in read_coding(folder).snapshot.extracts)
    assert len(found) == 1
    assert f"it was changed since, and of its {of_it} extract" in found[0]
    assert f" {of_it} must be placed anew" in found[0]
    assert found[0].endswith("cop coding replace STUDY D03.")
    assert not any("is not what its document holds" in one for one in sentences(folder, study))


def test_an_extract_out_of_place_says_where_the_quote_stands(folder: Path, study) -> None:
    words = "New start. " + (folder / "documents" / "D03.txt").read_text()
    found = sentences(with_text(folder, words), study)
    assert any("write start 40 and end 49, where the quote now stands" in one for one in found)
    assert read_coding(folder, study).text("D03")[40:49] == "so I rang"


def test_a_quote_that_stands_twice_or_nowhere_is_left_to_a_person(folder: Path, study) -> None:
    assert any("more than once" in one for one in sentences(with_text(folder, "so I rang so I rang"), study))
    assert any("stands nowhere" in one for one in sentences(with_text(folder, "gone"), study))
    (folder / "documents" / "D03.txt").unlink()
    assert any("cannot be read" in one for one in sentences(folder, study))


def test_measures_that_point_at_nothing_are_named(change, study) -> None:
    folder = change(
        lambda payload: payload["configurations"][0].update(
            measures=[
                {"kind": "rating_item", "item": "peer_suport"},
                {"kind": "survey_item", "instrument": "confidence", "item": "q1"},
                {"kind": "network", "relation": "advice", "measure": "cross_organisation_share"},
                {"kind": "event_series", "series": "forum"},
                {"kind": "survey_scale"},
                {"kind": "rating_item", "item": "peer_support", "series": "forum"},
            ]
        )
    )
    found = sentences(folder, study)
    assert any("did you mean 'peer_support'?" in one for one in found)
    for name in ("instrument", "relation", "series"):
        assert any(f"points at no {name} of the study" in one for one in found), name
    assert any("does not say which instrument is meant" in one for one in found)
    assert any("means nothing for a rating_item" in one for one in found)


def test_a_measure_of_what_the_study_does_not_have_yet_is_a_note_said_once(change, study) -> None:
    def point_twice(payload: dict) -> None:
        for one in payload["configurations"][:2]:
            one["measures"] = [{"kind": "survey_scale", "instrument": "not_asked"}]

    faults = [one for one in check_coding(change(point_twice), study) if "not_asked" in one.value]
    assert [one.severity for one in faults] == ["notice"]
    assert "cmo1, cmo2" in faults[0].sentence


def test_a_network_has_no_measure_of_that_name(change, study) -> None:
    measures = [{"kind": "network", "relation": "advice", "measure": "popularity"}]
    found = sentences(change(lambda payload: payload["configurations"][0].update(measures=measures)), study)
    assert any('"popularity" is no measure of a network' in one for one in found)


def test_the_coding_of_another_study_is_refused(change, study) -> None:
    found = sentences(change(lambda payload: payload.update(study="other")), study)
    assert any("is not this study, which is forum" in one for one in found)


def test_a_key_written_twice_is_said(folder: Path) -> None:
    path = folder / "coding.json"
    path.write_text(path.read_text().replace('"name": "Coder A"', '"name": "Coder A", "name": "Coder Z"'))
    assert any("is written twice" in one for one in sentences(folder))


def test_hostile_text_is_data_and_not_a_fault(change, study) -> None:
    folder = change(lambda payload: payload["codes"][0].update(name="<script>alert(1)</script>", definition="=1+1"))
    assert check_coding(folder, study) == []


@pytest.mark.slow
def test_a_whole_study_of_faults_stays_quick(change) -> None:
    def break_it(payload: dict) -> None:
        one = payload["extracts"][0]
        payload["extracts"] = [{**one, "id": f"x{number:05d}", "code": "nowhere"} for number in range(5000)]
        payload["evidence"] = []

    faults = check_coding(change(break_it))
    assert sum(fault.severity == "error" for fault in faults) == 5000
    assert json.dumps([fault.sentence for fault in faults[:2]])


def test_a_quote_whose_name_was_masked_stands_where_it_stood(folder: Path, change, make_study) -> None:
    def mask(payload) -> None:
        payload["extracts"][2]["quote"] = "I rang the ████████ <b>twice</b> this month."

    change(mask)
    study = make_study(folder)
    assert sentences(folder, study) == []
    html = transcripts(study).body_html
    assert 'class="cop-not-placed"' not in html
    assert '<mark id="place-x003"' in html


@pytest.mark.parametrize(
    "quote", ["I rang the ███████ <b>twice</b> this month.", "I told a ██████████ <b>twice</b> this month."]
)
def test_a_mask_of_another_length_or_with_other_words_around_it_is_no_quote(
    folder: Path, change, make_study, quote: str
) -> None:
    change(lambda payload: payload["extracts"][2].update(quote=quote))
    assert sentences(folder, make_study(folder))
