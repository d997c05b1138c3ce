"""Every kind of record and every field is kept: the record classes drive the store, and these tests too."""

from __future__ import annotations

import types
import typing
from dataclasses import MISSING, fields, is_dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cop_analysis.realist.model import records
from cop_analysis.realist.model.json_form import Layout, write
from cop_analysis.realist.model.records import COLLECTIONS, POINTERS, Snapshot, without
from cop_analysis.realist.store.state import State, from_body, key_of, of_collection, to_body

pytestmark = pytest.mark.slow  # each test makes a study and a database of its own

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def values_of(hint) -> st.SearchStrategy:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is str:
        return words
    if hint is bool:
        return st.booleans()
    if hint is int:
        return st.integers(0, 2**40)
    if hint is float:
        return st.floats(0, 1)
    if hint is type(None):
        return st.none()
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*map(values_of, arguments))
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return st.lists(values_of(arguments[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values_of, arguments))
    assert is_dataclass(hint), f"no values are known for {hint}"
    return of_kind(hint)


def of_kind(kind: type) -> st.SearchStrategy:
    hints = typing.get_type_hints(kind, vars(records))
    return st.builds(kind, **{one.name: values_of(hints[one.name]) for one in fields(kind)})


@pytest.mark.parametrize("kind", list(COLLECTIONS), ids=lambda kind: kind.__name__)
def test_a_record_comes_back_from_its_body_as_it_was(kind):
    @given(of_kind(kind))
    def holds(record):
        body = to_body(record)
        again = from_body(COLLECTIONS[kind], body)
        assert again == record
        assert type(again) is kind
        assert to_body(again) == body
        hash(again)

    holds()


@pytest.mark.parametrize("kind", list(COLLECTIONS), ids=lambda kind: kind.__name__)
def test_a_body_of_before_a_field_was_added_keeps_its_meaning(kind):
    plain = kind(**{one.name: _plain(one) for one in fields(kind) if one.default is MISSING})
    shortened = to_body(plain)
    import json

    kept = {one.name: getattr(plain, one.name) for one in fields(kind) if one.default is MISSING}
    assert from_body(COLLECTIONS[kind], json.dumps(kept)) == plain == from_body(COLLECTIONS[kind], shortened)


def _plain(one) -> object:
    return {"int": 1, "str": "x"}[one.type]


@pytest.mark.parametrize("kind", [kind for kind in COLLECTIONS if POINTERS.get(kind)], ids=lambda kind: kind.__name__)
def test_a_record_without_what_goes_either_lets_go_or_goes(kind):
    hints = typing.get_type_hints(kind, vars(records))
    required = {one.name: _plain(one) for one in fields(kind) if one.default is MISSING}
    for name, collection in POINTERS[kind].items():
        several = typing.get_origin(hints[name]) is tuple
        one = replace(kind(**required), **{name: ("gone", "stays") if several else "gone"})
        left = without(one, {(collection, "gone")})
        if kind is records.Foreign:
            # What another program kept beside a document may hold its words, so it goes with it.
            assert left is None
        elif several:
            assert getattr(left, name) == ("stays",)
        elif type(None) in typing.get_args(hints[name]):
            assert getattr(left, name) is None
        else:
            assert left is None
        assert without(one, {(collection, "other")}) is one


def test_a_snapshot_built_from_changes_is_the_one_built_at_once():
    some = [records.Code(f"c{number}", f"Code {number}") for number in (10, 2, 1)]
    state = State("demo")
    for number, one in enumerate(some, 1):
        state.put(key_of(one), one, number)
    assert state.snapshot() == Snapshot("demo", codes=tuple(some))
    state.put(("codes", "c2"), None, 2)
    state.put(("codes", "c10"), replace(some[0], name="Other"), 1)
    assert state.snapshot() == Snapshot("demo", codes=(some[2], replace(some[0], name="Other")))
    assert of_collection(some).keys() == {("codes", "c10"), ("codes", "c2"), ("codes", "c1")}


@pytest.mark.parametrize("kind", list(COLLECTIONS), ids=lambda kind: kind.__name__)
def test_what_was_laid_out_before_changes_no_byte_of_coding_json(kind):
    @given(st.lists(st.tuples(st.integers(1, 12), st.none() | of_kind(kind)), max_size=12))
    def holds(steps):
        state, layout, here = State("demo"), Layout(), {}
        for number, made in steps:
            key = (COLLECTIONS[kind], f"r{number}")
            one = None if made is None else replace(made, id=key[1])
            state.put(key, one, number)
            here.pop(number, None)
            here |= {} if one is None else {number: one}
            afresh = Snapshot("demo", **{COLLECTIONS[kind]: tuple(here.values())})
            assert state.snapshot() == afresh
            assert write(state.snapshot(), layout) == write(afresh)

    holds()


def test_every_kind_goes_through_the_database(coding, opened):
    with coding.by("a"):
        theory = coding.theory.record("Start", "initial", configurations=["cmo1"], evidence=["e1"])
        coding.theory.ask("Why?", theories=[theory], configurations=["cmo1"], documents=["D01"])
        coding.theory.validate("It was so.", "agrees", theory=theory, document="D01", extracts=["x001"])
        coding.memos.add("On it", about=theory)
        coding.theory.decide("So", about=theory)
        coding.add_document(replace(coding.snapshot.documents[0], id="D09", speakers=("A", "B"),
                                    attributes=(("role", "nurse"),)))  # fmt: skip
    part = records.Part(0, "Set", (("guid", "0d5c0b4e-1111-4222-8333-444455556666"), ("name", "Best")))
    coding.merge(coding.still().with_records(records.Foreign("f1", "Set", "Best", ("D01",), (part,))), coder="a")
    held = {name for name in COLLECTIONS.values() if getattr(coding.snapshot, name)}
    assert held == set(COLLECTIONS.values()), "a new kind of record needs a line in this test"
    assert opened().snapshot == coding.snapshot
    assert coding.at(coding.seq).snapshot == coding.snapshot
