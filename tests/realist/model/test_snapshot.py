"""coding.json: lossless, byte-stable, readable line by line, whole at every moment, refused when newer."""

from __future__ import annotations

import json
import string
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cop_analysis.realist import (
    Code,
    Coder,
    Coding,
    Configuration,
    Document,
    Evidence,
    Extract,
    Measure,
    Ripple,
    Slot,
    Snapshot,
    read_coding,
    write_coding,
)
from cop_analysis.realist.model.json_form import SCHEMA_VERSION, parse, write
from cop_analysis.realist.model.vocabulary import APPRAISALS, INFERENCES, LEVELS, STANCES
from cop_analysis.study import StudyError

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
NAMES = st.text(string.ascii_letters + string.digits + "-_. é", min_size=1, max_size=8).filter(str.strip)


@st.composite
def codings(draw) -> Coding:
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    text = draw(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60).filter(str.strip))
    codes = tuple(
        Code(name, draw(NAMES), names[index - 1] if index and draw(st.booleans()) else None, draw(WORDS), draw(WORDS),
             draw(st.sampled_from(["", "#005EB8"])), draw(st.sampled_from([None, *LEVELS])))
        for index, name in enumerate(names)
    )  # fmt: skip
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    extracts = tuple(
        Extract(name, "D1", start, end, text[start:end], draw(st.sampled_from(names)), "a", memo=draw(WORDS))
        for name in names
        if text[start:end].strip()
    )
    configurations = tuple(
        Configuration(
            name, draw(NAMES), "CMO", draw(WORDS), None, draw(WORDS),
            draw(st.none() | st.floats(0, 1)),
            (Slot("context", tuple(draw(st.lists(st.sampled_from(names), unique=True))), draw(WORDS)),),
            tuple(one for one in names if one != name and draw(st.booleans())),
            (Measure("survey_item", "confidence", "q1", expects=draw(st.sampled_from([None, "higher", "lower"]))),),
        )
        for name in names
    )  # fmt: skip
    slots, inferences, grades = [None, "context"], [None, *INFERENCES], [None, *APPRAISALS]
    evidence = tuple(
        Evidence(
            f"e{index}",
            one.id,
            names[0],
            draw(st.sampled_from(STANCES)),
            draw(st.sampled_from(slots)),
            draw(st.sampled_from(inferences)),
            draw(st.sampled_from(grades)),
            reason=draw(WORDS),
        )
        for index, one in enumerate(extracts)
    )
    ripples = (Ripple("r1", names[0], names[-1], draw(WORDS)),)
    documents = (Document("D1", "documents/D1.txt", draw(WORDS), "0" * 64, len(text)),)
    return Coding(
        Snapshot("demo", (Coder("a", draw(WORDS)),), documents, codes, extracts, configurations, evidence, ripples)
    )


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(coding=codings())
def test_what_is_written_is_what_is_read(coding: Coding) -> None:
    text = write(coding.snapshot)
    read = parse(text.encode("utf-8"))
    assert read.faults == []
    assert read.snapshot == coding.snapshot
    assert write(read.snapshot) == text
    assert json.loads(text)["schema"] == "cop-analysis-coding"


def test_a_file_is_read_and_written_byte_for_byte(folder: Path, tmp_path: Path) -> None:
    coding = read_coding(folder)
    first = write_coding(coding, tmp_path / "one.json").read_bytes()
    assert write_coding(read_coding(tmp_path / "one.json"), tmp_path / "two.json").read_bytes() == first
    assert read_coding(tmp_path / "two.json") == coding


def test_the_order_of_records_in_memory_does_not_change_the_file(folder: Path) -> None:
    coding = read_coding(folder)
    turned = replace(coding.snapshot, extracts=coding.snapshot.extracts[::-1], codes=coding.snapshot.codes[::-1])
    assert write(turned) == write(coding.snapshot)
    assert [one.id for one in coding.snapshot.configurations] == ["cmo1", "cmo2", "cmo10"]


def test_one_changed_memo_is_one_changed_line(folder: Path) -> None:
    coding = read_coding(folder)
    extract = coding.find(Extract, "x003")
    changed = coding.with_records(replace(extract, memo='twice\nis "much"'))
    before, after = write(coding.snapshot).split("\n"), write(changed.snapshot).split("\n")
    assert len(before) == len(after)
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def test_a_newer_schema_is_refused_and_names_the_version_needed(change) -> None:
    folder = change(lambda payload: payload.update(schema_version=SCHEMA_VERSION + 1, novelty={"deep": 1}))
    with pytest.raises(StudyError, match=f"reads coding schema version {SCHEMA_VERSION + 1}"):
        read_coding(folder)
    assert json.loads((folder / "coding.json").read_text())["schema_version"] == SCHEMA_VERSION + 1


def test_nothing_is_written_that_could_not_be_read_again(folder: Path) -> None:
    before = (folder / "coding.json").read_bytes()
    coding = read_coding(folder)
    with pytest.raises(StudyError, match="is not among the codes"):
        write_coding(coding.without_records(Code, ["c3"]), folder)
    broken = coding.with_records(replace(coding.find(Extract, "x001"), memo="half \ud83d"))
    with pytest.raises(ValueError, match="half of a character"):
        write_coding(broken, folder)
    assert (folder / "coding.json").read_bytes() == before
    assert not list(folder.glob(".*"))


def test_a_write_that_fails_leaves_the_old_file_and_no_remains(folder: Path, monkeypatch) -> None:
    before = (folder / "coding.json").read_bytes()
    coding = read_coding(folder)

    def full(self: Path, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_coding(coding, folder)
    assert (folder / "coding.json").read_bytes() == before
    assert [one.name for one in folder.iterdir() if "part" in one.name] == []


def test_tables_have_the_same_columns_when_empty(folder: Path) -> None:
    full, empty = read_coding(folder), Coding(Snapshot("forum"))
    names = ("coders", "documents", "codes", "extracts", "configurations", "slots", "measures", "rivals", "evidence")
    for name in (*names, "ripples"):
        assert list(getattr(full, name).columns) == list(getattr(empty, name).columns)
        assert (getattr(full, name).dtypes == getattr(empty, name).dtypes).all(), name
    assert full.extracts.loc[2, "quote"] == "I rang the hospital <b>twice</b> this month."
    assert full.slots.shape == (6, 4)
    assert full.configurations["activation"].tolist()[:1] == [0.6]


def test_a_table_given_out_is_a_copy(folder: Path) -> None:
    coding = read_coding(folder)
    codes = coding.codes
    codes.loc[0, "name"] = "changed"
    assert coding.codes.loc[0, "name"] == "Alone"


def test_the_text_of_a_document_needs_its_study(folder: Path, study) -> None:
    assert study.coding.text("D03").startswith("P03")
    with pytest.raises(ValueError, match="without its study"):
        read_coding(folder).text("D03")
    with pytest.raises(KeyError, match="no document"):
        study.coding.text("D99")
