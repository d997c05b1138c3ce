"""The holders of verbs: each reads as the table of its records, and a change is judged on the records themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from cop_analysis.realist import Code, CodingError, Document, Extract, KeptCoding, open_coding
from cop_analysis.realist.model import json_form
from cop_analysis.realist.store.log import Act
from cop_analysis.realist.store.state import State
from cop_analysis.realist.store.store import judge


@pytest.fixture
def coding(tmp_path: Path) -> Iterator[KeptCoding]:
    """Give a coding with one coder and two codes."""
    with open_coding(tmp_path) as opened:
        opened.coders.add("a", "Ann")
        opened.codes.add("Trust", id="c1")
        opened.codes.add("Time", id="c2", parent="c1")
        yield opened


def test_a_holder_reads_as_the_table_of_its_records(coding: KeptCoding) -> None:
    assert len(coding.codes) == 2
    assert coding.codes["name"].tolist() == ["Trust", "Time"]
    assert coding.codes.loc[1, "parent"] == "c1"
    assert "name" in coding.codes
    assert list(coding.codes) == coding.codes.columns.tolist()
    assert isinstance(coding.codes.table, pd.DataFrame)
    assert coding.codes.table.equals(coding.still().codes)
    assert "Trust" in repr(coding.codes)
    assert "<table" in coding.codes._repr_html_()
    with pytest.raises(AttributeError):
        _ = coding.codes.no_such_column


def test_a_verb_makes_no_table(coding: KeptCoding, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pd, "DataFrame", None)
    assert coding.codes.rename("c2", "Days").name == "Days"
    assert len(coding.codes) == 2


def test_a_short_way_in_is_the_verb_of_its_holder(coding: KeptCoding) -> None:
    added = coding.add_code("Shame", parent="c1")
    assert coding.log.changes(last=1)[0].verb == Act.ADD_CODE
    assert coding.undo("a").records == (("codes", added.id),)
    assert coding.log.redo("a").records == (("codes", added.id),)
    assert coding.at(coding.seq).snapshot == coding.snapshot


def test_what_is_noted_on_an_extract_is_no_memo_and_a_memo_is_no_note(tmp_path: Path) -> None:
    with open_coding(tmp_path) as coding:
        coding.coders.add("a")
        coding.codes.add("Trust", id="c1")
        coding.documents.add(Document("D1", "documents/D1.txt", sha256="0" * 64, length=20))
        extract = Extract("x1", "D1", 0, 5, "Trust", "c1", "a")
        coding.transact("place", lambda state: {("extracts", "x1"): extract})
        coding.extracts.annotate("x1", "Said twice.")
        assert len(coding.memos) == 0
        memo = coding.memos.add("Too soon?", about=coding.find(Extract, "x1"))
        assert coding.find(Extract, "x1").memo == "Said twice."
        assert coding.memos["memo"].tolist() == [memo.id]


def test_a_change_is_judged_without_being_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_form, "json", None)
    monkeypatch.setattr(json_form, "write", None)
    monkeypatch.setattr(json_form, "parse", None)
    state = State("demo")
    judge(None, state, {("codes", "c1"): Code("c1", "Trust", colour="#005EB8")})
    with pytest.raises(CodingError, match=r'codes\.colour: "red" is not a colour'):
        judge(None, state, {("codes", "c1"): Code("c1", "Trust", colour="red")})
    with pytest.raises(CodingError, match="is empty"):
        judge(None, state, {("codes", "c1"): Code("c1", " ")})
    with pytest.raises(CodingError, match="parent"):
        judge(None, state, {("codes", "c1"): Code("c1", "Trust", parent="c9")})


def test_the_log_calls_what_was_done_by_one_list_of_words() -> None:
    assert len({one.value for one in Act}) == len(list(Act))
    assert Act.in_words("rename_code") == "the name of the code"
    assert Act.in_words("take_stock") == "take stock"
    assert (Act.changed(Code), Act.deleted(Code)) == ("change_code", "delete_code")
