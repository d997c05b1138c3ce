"""The log: undo and redo by coder, what happened to what, and any past state."""

from __future__ import annotations

import datetime
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from cop_analysis import open_study
from cop_analysis.realist import Code, Snapshot, write_coding
from cop_analysis.realist.coding import open_coding
from cop_analysis.realist.model import Coding
from cop_analysis.realist.model.records import Coder
from cop_analysis.realist.store import ChangedElsewhere, CodingError, InUse

pytestmark = pytest.mark.slow  # each test makes a study and a database of its own


def names(coding) -> list[str]:
    return sorted(coding.codes["name"])


def test_undo_and_redo_walk_back_and_forth_and_the_log_only_grows(coding):
    with coding.by("a"):
        for name in ("One", "Two", "Three"):
            coding.add_code(name)
        lengths = [len(coding.log())]
        for expected in (["One", "Two"], ["One"], []):
            undone = coding.undo()
            assert undone.action == "undo"
            assert [name for name in names(coding) if name in ("One", "Two", "Three")] == expected
            lengths.append(len(coding.log()))
        with pytest.raises(CodingError, match="There is nothing a could undo"):
            coding.undo()
        for expected in (["One"], ["One", "Two"], ["One", "Three", "Two"]):
            assert coding.log.redo().action == "redo"
            assert [name for name in names(coding) if name in ("One", "Two", "Three")] == expected
            lengths.append(len(coding.log()))
        with pytest.raises(CodingError, match="There is nothing a could redo"):
            coding.log.redo()
    assert lengths == sorted(lengths)
    assert len(set(lengths)) == len(lengths)


def test_a_new_change_after_an_undo_ends_what_could_be_redone(coding):
    with coding.by("a"):
        coding.add_code("One")
        coding.add_code("Two")
        coding.undo()
        coding.add_code("Three")
        with pytest.raises(CodingError, match="nothing a could redo"):
            coding.log.redo()
        coding.undo()
        coding.log.redo()
        assert "Three" in names(coding)
        coding.undo()
        coding.undo()
        assert not {"One", "Two", "Three"} & set(names(coding))
        coding.log.redo()
        assert "One" in names(coding)
        assert "Two" not in names(coding)


def test_each_coder_undoes_their_own(coding):
    mine = coding.add_code("Mine", coder="a")
    coding.add_code("Theirs", coder="b")
    coding.undo("a")
    assert "Mine" not in names(coding)
    assert "Theirs" in names(coding)
    with pytest.raises(CodingError, match="nothing a could undo"):
        coding.undo("a")
    coding.log.redo("a")
    assert coding.find(Code, mine.id) == mine


def test_what_coding_json_brought_is_not_undone(coding):
    coding.add_code("One", coder="a")
    assert coding.log.changes()[0].verb == "begin"
    with pytest.raises(CodingError, match=r"nothing coding\.json could undo"):
        coding.undo("coding.json")


def test_undo_leaves_what_somebody_else_did_to_the_same_record(coding):
    coding.codes.rename("c1", "Alone with it", coder="a")
    coding.change(coding.find(Code, "c1"), definition="new words", coder="b")
    coding.undo("a")
    assert (coding.find(Code, "c1").name, coding.find(Code, "c1").definition) == ("Alone", "new words")


def test_undo_of_what_somebody_built_on_is_refused_and_says_who(coding):
    code = coding.add_code("Trust", coder="a")
    coding.codes.rename(code, "Faith", coder="b")
    with pytest.raises(ChangedElsewhere, match=r"cannot be undone: code 'code-trust-.* was changed since by b"):
        coding.undo("a")
    coding.undo("b")
    coding.add_extract("D01", 0, 5, code, coder="b")
    with pytest.raises(InUse, match="1 extract"):
        coding.undo("a")
    assert coding.find(Code, code.id).name == "Trust"


def test_any_past_state_can_be_seen(coding):
    coding.add_code("One", coder="a")
    first = coding.seq
    time.sleep(0.01)
    between = datetime.datetime.now(datetime.UTC)
    time.sleep(0.01)
    coding.codes.rename("c1", "Renamed", coder="b")
    coding.codes.delete("c3", extracts="delete", coder="b")
    assert "Renamed" in names(coding)
    for when in (between, between.astimezone(datetime.timezone(datetime.timedelta(hours=5))), first):
        then = coding.at(when)
        assert "Alone" in names(then)
        assert "One" in names(then)
        assert len(then.extracts) == 5
        assert then.text("D03").startswith("P03")
    assert coding.at(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)).codes.empty
    assert coding.at(0).codes.empty
    assert coding.at(datetime.date(2999, 1, 1)) == coding.still()
    assert names(coding.at("2999-01-01")) == names(coding)
    with pytest.raises(CodingError, match="is not a date"):
        coding.at("yesterday")


def test_a_past_state_before_any_database_is_refused_in_words(coding):
    with pytest.raises(CodingError, match="has no log yet"):
        coding.at("2025-01-01")


def test_the_log_says_who_did_what_to_what(coding):
    code = coding.add_code("One", coder="a")
    coding.codes.rename(code, "Two", coder="b")
    log = coding.log(record=code)
    assert log[["who", "verb", "action"]].values.tolist() == [["a", "add_code", "do"], ["b", "rename_code", "do"]]
    assert log["what"].tolist()[1] == f"code '{code.id}': name One -> Two"
    assert str(log["at"].dtype).startswith("datetime64")
    assert log["at"].is_monotonic_increasing
    assert coding.log(coder="b")["verb"].tolist() == ["rename_code"]
    assert [change.verb for change in coding.log.changes(last=1)] == ["rename_code"]
    assert coding.log().columns.tolist() == [
        "seq", "change", "at", "who", "verb", "action", "about", "kind", "id", "before", "after", "what", "note"
    ]  # fmt: skip
    with pytest.raises(ValueError, match="at least one"):
        coding.log(last=0)


def test_numbers_of_the_log_have_no_gaps_even_after_a_refused_change(coding):
    coding.add_code("One", coder="a")
    with pytest.raises(CodingError):
        coding.add_code("One", coder="a")
    with pytest.raises(CodingError):
        coding.configurations.add("x", activation=9, coder="a")
    coding.add_code("Two", coder="a")
    assert coding.log()["seq"].tolist() == list(range(1, len(coding.log()) + 1))
    assert [change.id for change in coding.log.changes()] == [1, 2, 3]


def test_asking_what_changed_since_gives_only_that(coding):
    coding.add_code("One", coder="a")
    seq = coding.seq
    assert coding.changed_since(seq) == ()
    code = coding.add_code("Two", coder="a")
    (change,) = coding.changed_since(seq)
    assert change.records == (("codes", code.id),)


def test_the_database_itself_refuses_a_change_to_the_log(coding):
    coding.add_code("One", coder="a")
    connector = coding._store.connector
    for statement in ("DELETE FROM entry", "UPDATE entry SET after = NULL", "UPDATE change SET who = 'b'"):
        with pytest.raises(CodingError, match="only ever added to"), connector.writing() as connection:
            connection.execute(text(statement))
    assert coding.log.changes(last=1)[0].who == "a"


def test_the_database_itself_refuses_a_link_to_nothing(coding):
    coding.add_code("One", coder="a")
    connector = coding._store.connector
    with pytest.raises(CodingError, match=r"FOREIGN KEY|foreign key"), connector.writing() as connection:
        connection.execute(text("DELETE FROM record WHERE id = 'D01'"))


def test_a_clock_that_is_put_back_does_not_turn_the_log_round(coding, monkeypatch):
    coding.add_code("One", coder="a")
    from cop_analysis.realist.store import log as module

    class Earlier(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.datetime(2001, 1, 1, tzinfo=tz)

    monkeypatch.setattr(module.datetime, "datetime", Earlier)
    coding.add_code("Two", coder="a")
    at = [change.at for change in coding.log.changes()]
    assert at == sorted(at)


steps = st.lists(
    st.tuples(
        st.sampled_from(["add", "rename", "move", "delete", "undo", "redo"]),
        st.sampled_from(["a", "b"]),
        st.integers(0, 5),
        st.integers(0, 5),
    ),
    max_size=14,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_whatever_is_done_every_past_state_comes_back_and_undo_ends_at_the_beginning(tmp_path_factory, done):
    folder = tmp_path_factory.mktemp("coding")
    write_coding(Coding(Snapshot("demo", coders=(Coder("a"), Coder("b")), codes=(Code("c0", "Start"),))), folder)
    with open_coding(folder) as coding:
        start = coding.snapshot
        states = {}
        for what, who, one, other in done:
            codes = coding.codes["code"].tolist()
            try:
                if what == "add":
                    coding.add_code(f"Name {one}", parent=codes[other % len(codes)] if codes else None, coder=who)
                elif what == "rename" and codes:
                    coding.codes.rename(codes[one % len(codes)], f"Name {other}", coder=who)
                elif what == "move" and codes:
                    coding.codes.move(codes[one % len(codes)], codes[other % len(codes)], coder=who)
                elif what == "delete" and codes:
                    coding.codes.delete(codes[one % len(codes)], extracts="delete", children="move up", coder=who)
                elif what in ("undo", "redo"):
                    getattr(coding.log, what)(who)
            except CodingError:
                pass
            states[coding.seq] = coding.snapshot
        for seq, snapshot in states.items():
            if seq:
                assert coding.at(seq).snapshot == snapshot
        stuck = False
        while not stuck:
            stuck = True
            for who in ("a", "b"):
                try:
                    coding.undo(who)
                    stuck = False
                except CodingError:
                    continue
        last = {change.who for change in coding.log.changes()}
        if len(last) <= 1 or {"a", "b"} - last:
            assert coding.snapshot == start, "one coder alone can take everything back"
    again = open_coding(folder)
    assert again.snapshot == coding.snapshot
    again.close()
    coding.close()


def test_a_study_opened_again_goes_on_where_it_was(study_folder, coding):
    coding.add_code("One", coder="a")
    coding.close()
    again = open_study(study_folder).coding
    again.undo("a")
    assert "One" not in names(again)
    again.close()


@pytest.mark.parametrize("last", [0, -1])
def test_the_last_none_of_the_changes_cannot_be_asked_for(coding, last):
    with pytest.raises(ValueError, match="last"):
        coding.log.changes(last=last)
