"""Merging by identifier: nothing is lost, nothing is settled silently, and the order of the two does not matter."""

from __future__ import annotations

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
    Decision,
    Document,
    Evidence,
    Extract,
    Memo,
    Question,
    Ripple,
    Slot,
    Snapshot,
    Theory,
    Validation,
    merge_codings,
    read_coding,
)
from cop_analysis.realist.model.check import check_references
from cop_analysis.realist.model.json_form import parse, write
from cop_analysis.realist.model.records import COLLECTIONS, references

SHIPPED = Path(__file__).parents[3] / "data" / "nmp_forum"


def coding(*records) -> Coding:
    return Coding(Snapshot("demo", coders=(Coder("a"), Coder("b")))).with_records(*records)


def kinds(merged) -> list[tuple[str, str]]:
    return [(one.kind, one.id) for one in merged.conflicts]


def errors(given: Coding) -> list[str]:
    judged = parse(write(given.snapshot).encode())
    check_references(judged.snapshot, judged)
    return [fault.sentence for fault in judged.faults if fault.severity == "error"]


# --- two ways ----------------------------------------


def test_what_only_one_has_is_in_the_union() -> None:
    merged = merge_codings(coding(Code("c1", "Trust")), coding(Code("c2", "Time")))
    assert merged.coding.codes["code"].tolist() == ["c1", "c2"]
    assert merged.conflicts == ()
    assert "nothing is left to decide" in merged.sentence


def test_one_code_renamed_by_two_coders_is_listed_with_both_names() -> None:
    one, other = coding(Code("c1", "Trust", definition="d")), coding(Code("c1", "Standing"))
    merged = merge_codings(one, other)
    assert kinds(merged) == [("changed twice", "c1"), ("renamed twice", "c1")]
    renamed = merged.conflicts[1]
    assert {renamed.kept, renamed.other} == {"Trust", "Standing"}
    # What is filled in goes before what is empty.
    assert merged.coding.find(Code, "c1").definition == "d"
    assert 'kept "Trust", the other is "Standing"' in renamed.sentence
    assert merged.table.loc[1, ["record", "field"]].tolist() == ["c1", "name"]


def test_twins_of_one_name_are_pointed_out_and_both_kept() -> None:
    merged = merge_codings(coding(Code("c1", "Trust")), coding(Code("c2", " trust ")))
    assert kinds(merged) == [("same name", "c1")]
    assert len(merged.coding.codes) == 2


def test_evidence_of_two_minds_stays_in_one_piece() -> None:
    ground = (Document("D1", "D1.txt", sha256="0", length=9), Code("c", "C"), Configuration("m", "M"),
              Extract("x", "D1", 0, 2, "ab", "c", "a"))  # fmt: skip
    one = coding(*ground, Evidence("e", "x", "m", "supports", relevance="high", reason="says so"))
    other = coding(*ground, Evidence("e", "x", "m", "refutes", relevance="low"))
    kept = merge_codings(one, other).coding.find(Evidence, "e")
    assert (kept.stance, kept.relevance, kept.reason) in {("supports", "high", "says so"), ("refutes", "low", "")}


def test_extracts_of_two_coders_under_one_identifier_are_both_kept() -> None:
    ground = (Document("D1", "D1.txt", sha256="0", length=9), Code("c", "C"), Configuration("m", "M"))
    one = coding(*ground, Extract("x1", "D1", 0, 2, "ab", "c", "a"), Evidence("e1", "x1", "m", "supports"))
    other = coding(*ground, Extract("x1", "D1", 3, 5, "de", "c", "b"), Evidence("e1", "x1", "m", "refutes"))
    merged = merge_codings(one, other)
    quotes = dict(merged.coding.extracts[["quote", "coder"]].itertuples(index=False))
    assert quotes == {"ab": "a", "de": "b"}
    stance = {merged.coding.find(Extract, link.extract).quote: link.stance for link in merged.coding.snapshot.evidence}
    assert stance == {"ab": "supports", "de": "refutes"}
    assert {kind for kind, _ in kinds(merged)} == {"same identifier"}
    assert merge_codings(merged.coding, other).coding == merged.coding
    assert merge_codings(one, merged.coding).coding == merged.coding


def test_codings_of_two_studies_are_refused() -> None:
    with pytest.raises(ValueError, match="belong to different studies"):
        merge_codings(coding(), Coding(Snapshot("other")))


# --- from a common base ----------------------------------------


def test_with_a_base_only_what_both_changed_differently_is_a_conflict() -> None:
    base = coding(Code("c1", "Trust", definition="old", colour="#000000"), Code("c2", "Time"))
    one = base.with_records(Code("c1", "Trust", definition="new", colour="#111111"))
    other = base.with_records(Code("c1", "Trust in peers", definition="old", colour="#222222"))
    merged = merge_codings(one, other, base)
    kept = merged.coding.find(Code, "c1")
    assert (kept.name, kept.definition) == ("Trust in peers", "new")
    assert [(conflict.field, conflict.base) for conflict in merged.conflicts] == [("colour", "#000000")]


def test_a_deletion_holds_where_the_other_left_the_record_alone() -> None:
    base = coding(Code("c1", "Trust"), Code("c2", "Time"))
    merged = merge_codings(base.without_records(Code, ["c1"]), base, base)
    assert merged.coding.codes["code"].tolist() == ["c2"]
    assert merged.conflicts == ()
    assert merge_codings(base.without_records(Code, ["c1"]), base).coding.codes["code"].tolist() == ["c1", "c2"]


def test_a_deletion_gives_way_to_a_change_and_to_use() -> None:
    base = coding(Document("D1", "D1.txt", sha256="0", length=9), Code("c1", "Trust"), Code("c2", "Time", parent="c1"))
    gone = base.without_records(Code, ["c1", "c2"])
    changed = merge_codings(gone, base.with_records(Code("c2", "Hour", parent="c1")), base)
    assert kinds(changed) == [("deleted and in use", "c1"), ("deleted and changed", "c2")]
    used = merge_codings(gone, base.with_records(Extract("x1", "D1", 0, 2, "ab", "c2", "a")), base)
    assert kinds(used) == [("deleted and in use", "c1"), ("deleted and in use", "c2")]
    assert errors(changed.coding) == errors(used.coding) == []


def test_two_additions_to_a_list_do_not_contradict_each_other() -> None:
    base = coding(*(Configuration(name, name) for name in "mnop"), Configuration("q", "q", rivals=("m", "n")))
    one = base.with_records(Configuration("q", "q", rivals=("m", "n", "p")))
    other = base.with_records(Configuration("q", "q", rivals=("n", "o")))
    merged = merge_codings(one, other, base)
    assert merged.coding.find(Configuration, "q").rivals == ("n", "o", "p")
    assert merged.conflicts == ()


# --- what holds between records ----------------------------------------


def test_a_circle_that_the_merge_closes_is_opened_and_listed() -> None:
    base = coding(Code("c1", "A"), Code("c2", "B"), Code("c3", "C"))
    one = base.with_records(Code("c1", "A", parent="c2"))
    other = base.with_records(Code("c2", "B", parent="c3"), Code("c3", "C", parent="c1"))
    merged = merge_codings(one, other, base)
    assert [one.kind for one in merged.conflicts] == ["circle"]
    assert errors(merged.coding) == []
    assert merge_codings(other, one, base) == merged


def test_versions_of_a_theory_cannot_come_out_of_each_other() -> None:
    base = coding(Theory("t1", "A", "initial"), Theory("t2", "B", "initial"))
    one = base.with_records(Theory("t1", "A", "tested", follows=("t2",), reason="r"))
    other = base.with_records(Theory("t2", "B", "tested", follows=("t1",), reason="r"))
    merged = merge_codings(one, other, base)
    assert kinds(merged) == [("circle", "t2")]
    assert errors(merged.coding) == []


def test_evidence_in_a_slot_the_chosen_schema_lacks_is_left_open() -> None:
    ground = (Document("D1", "D1.txt", sha256="0", length=9), Code("c", "C"), Extract("x", "D1", 0, 2, "ab", "c", "a"))
    base = coding(*ground, Configuration("m", "M"))
    one = base.with_records(Configuration("m", "M", "SCMO", slots=(Slot("strategy", ("c",)),)),
                            Evidence("e", "x", "m", "supports", "strategy"))  # fmt: skip
    other = base.with_records(Configuration("m", "M", "if-then", slots=(Slot("then", ("c",)),)),
                              Evidence("f", "x", "m", "supports", "then"))  # fmt: skip
    merged = merge_codings(one, other, base)
    assert "role" in {kind for kind, _ in kinds(merged)}
    assert errors(merged.coding) == []


def test_two_texts_under_one_identifier_lose_nothing() -> None:
    code = Code("c", "C")
    one = coding(
        Document("D1", "D1.txt", sha256="a" * 64, length=6), code, Extract("x", "D1", 0, 6, "abcdef", "c", "a")
    )
    other = coding(Document("D1", "D1.txt", sha256="b" * 64, length=99), code,
                   Extract("y", "D1", 90, 92, "zz", "c", "b"))  # fmt: skip
    merged = merge_codings(one, other)
    assert ("two texts", "D1") in kinds(merged)
    assert sorted(merged.coding.extracts["quote"]) == ["abcdef", "zz"]
    kept = merged.coding.find(Document, "D1").sha256[0]
    assert {e.id for e in merged.coding.snapshot.extracts if e.placed} == {"x" if kept == "a" else "y"}
    assert errors(merged.coding) == []
    assert merge_codings(other, one) == merged
    assert merge_codings(merged.coding, other).coding == merged.coding


def test_one_corrected_the_text_and_the_other_coded_on() -> None:
    base = coding(Document("D1", "D1.txt", sha256="a" * 64, length=9), Code("c", "C"),
                  Extract("x", "D1", 0, 2, "ab", "c", "a"))  # fmt: skip
    one = base.with_records(Document("D1", "D1.txt", sha256="b" * 64, length=20),
                            Extract("x", "D1", 5, 7, "ab", "c", "a"))  # fmt: skip
    other = base.with_records(Extract("y", "D1", 3, 5, "de", "c", "b"))
    merged = merge_codings(one, other, base)
    assert kinds(merged) == [("text changed", "y")]
    assert merged.coding.find(Document, "D1").length == 20
    assert merged.coding.find(Extract, "x").start == 5
    assert not merged.coding.find(Extract, "y").placed


def test_the_shipped_coding_of_two_coders_comes_together_again() -> None:
    whole = read_coding(SHIPPED)
    halves = [
        whole.without_records(Evidence, [link.id for link in whole.snapshot.evidence])
        .without_records(Theory, whole.theories["theory"]).without_records(Validation, whole.validations["validation"])
        .without_records(Memo, whole.memos["memo"]).without_records(Question, whole.questions["question"])
        .with_records(*(replace(one, extracts=()) for one in whole.snapshot.ripples))
        .without_records(Extract, [one.id for one in whole.snapshot.extracts if one.coder != coder])
        for coder in ("coder-a", "coder-b")
    ]  # fmt: skip
    merged = merge_codings(*halves)
    assert merged.coding.snapshot.extracts == whole.snapshot.extracts
    assert merged.conflicts == ()
    assert merge_codings(whole, whole).coding == whole
    assert merge_codings(whole, whole).conflicts == ()


# --- whatever the codings ----------------------------------------

IDS = ["1", "2", "3"]


@st.composite
def sound(draw) -> Coding:
    """A small coding that holds together, drawn from so few identifiers that two of them clash everywhere."""
    some = lambda: draw(st.lists(st.sampled_from(IDS), unique=True, max_size=3))  # noqa: E731
    word = lambda: draw(st.sampled_from(["", "a", "b"]))  # noqa: E731
    codes = some()
    parents = [draw(st.none() | st.sampled_from(codes[:place])) if place else None for place in range(len(codes))]
    records = [
        Code(one, draw(st.sampled_from("AB")), parent, word()) for one, parent in zip(codes, parents, strict=True)
    ]
    documents = some()
    records += [Document(one, "f.txt", sha256=draw(st.sampled_from("pq")) * 64, length=draw(st.sampled_from([4, 8])))
                for one in documents]  # fmt: skip
    configurations = some()
    for one in configurations:
        schema = draw(st.sampled_from(["CMO", "SCMO"]))
        rivals = [other for other in configurations if other != one and draw(st.booleans())]
        slots = (Slot("context", tuple(codes[:1]), word()),)
        records.append(
            Configuration(one, draw(st.sampled_from("AB")), schema, word(), slots=slots, rivals=tuple(rivals))
        )
    extracts = some() if codes and documents else []
    for one in extracts:
        start = draw(st.sampled_from([0, 1]))
        where, code = draw(st.sampled_from(documents)), draw(st.sampled_from(codes))
        records.append(Extract(one, where, start, start + 2, "xy", code,
                               draw(st.sampled_from("ab")), memo=word(), placed=draw(st.booleans())))  # fmt: skip
    schemas = {one.id: one.schema for one in records if isinstance(one, Configuration)}
    evidence = some() if extracts and configurations else []
    for one in evidence:
        target = draw(st.sampled_from(configurations))
        slot = draw(st.sampled_from([None, "outcome", *(["strategy"] if schemas[target] == "SCMO" else [])]))
        records.append(Evidence(one, draw(st.sampled_from(extracts)), target,
                                draw(st.sampled_from(["supports", "refutes"])), slot, reason=word()))  # fmt: skip
    if configurations:
        records += [Ripple(one, draw(st.sampled_from(configurations)), draw(st.sampled_from(configurations)), word(),
                           tuple(extracts[:1])) for one in some()]  # fmt: skip
    theories = some()
    records += [Theory(one, "T", "tested", word(), tuple(other for other in theories[:place] if draw(st.booleans())),
                       evidence=tuple(evidence[:1])) for place, one in enumerate(theories)]  # fmt: skip
    records += [Memo(one, draw(st.sampled_from("AB")), about="theory" if theories else None,
                     target=theories[0] if theories else None) for one in some()]  # fmt: skip
    records += [Decision(one, "D", word(), coders=tuple("ab"[: draw(st.integers(0, 2))])) for one in some()]
    records += [Validation(one, "S", "agrees", theory=theories[0] if theories else None) for one in some()]
    return coding(*records)


MANY = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def dangling(given: Coding) -> list[tuple[str, str]]:
    there = {name: {one.id for one in getattr(given.snapshot, name)} for name in COLLECTIONS.values()}
    return [reference for name in COLLECTIONS.values() for record in getattr(given.snapshot, name)
            for reference in references(record) if reference[1] not in there[reference[0]]]  # fmt: skip


@pytest.mark.slow
@MANY
@given(sound(), sound())
def test_the_order_of_two_codings_does_not_matter(one: Coding, other: Coding) -> None:
    assert merge_codings(one, other) == merge_codings(other, one)


@pytest.mark.slow
@MANY
@given(sound(), sound(), sound())
def test_the_order_does_not_matter_with_a_base_either(one: Coding, other: Coding, base: Coding) -> None:
    merged = merge_codings(one, other, base)
    assert merged == merge_codings(other, one, base)
    assert errors(merged.coding) == []
    assert dangling(merged.coding) == []


@pytest.mark.slow
@MANY
@given(sound(), sound())
def test_merging_again_changes_nothing(one: Coding, other: Coding) -> None:
    assert merge_codings(one, one).coding == one
    assert merge_codings(one, one).conflicts == ()
    merged = merge_codings(one, other).coding
    assert merge_codings(merged, merged).coding == merged
    assert merge_codings(merged, other).coding == merged
    assert merge_codings(merged, one).coding == merged


@pytest.mark.slow
@MANY
@given(sound(), sound())
def test_a_union_is_sound_and_every_difference_is_listed(one: Coding, other: Coding) -> None:
    merged = merge_codings(one, other)
    assert errors(merged.coding) == []
    assert dangling(merged.coding) == []
    listed = {(conflict.collection, conflict.id) for conflict in merged.conflicts}
    for name in COLLECTIONS.values():
        kept = {record.id: record for record in getattr(merged.coding.snapshot, name)}
        for given_coding in (one, other):
            for record in getattr(given_coding.snapshot, name):
                assert record.id in kept
                renamed = any(conflict.kind == "same identifier" for conflict in merged.conflicts)
                assert kept[record.id] == record or (name, record.id) in listed or renamed


@pytest.mark.slow
@MANY
@given(sound(), sound())
def test_from_a_base_one_side_alone_is_taken_whole(base: Coding, changed: Coding) -> None:
    merged = merge_codings(changed, base, base)
    assert merged.conflicts == ()
    assert merged.coding == changed


def part_of(whole: Coding, chosen: set[int]) -> Coding:
    """Leave out the chosen records of a coding, and with them what is nothing without."""
    records = [(name, one) for name in COLLECTIONS.values() for one in getattr(whole.snapshot, name)]
    gone = {(name, one.id) for number, (name, one) in enumerate(records) if number in chosen}
    left: dict[str, list] = {name: [] for name in COLLECTIONS.values()}
    while True:
        more = {(name, one.id) for name, one in records if (name, one.id) not in gone and not gone.isdisjoint(
            references(one))}  # fmt: skip
        if not more:
            break
        gone |= more
    for name, one in records:
        if (name, one.id) not in gone:
            left[name].append(one)
    return Coding(replace(whole.snapshot, **{name: tuple(kept) for name, kept in left.items()}))


@pytest.mark.slow
@MANY
@given(sound(), *[st.sets(st.integers(0, 40), max_size=12)] * 3)
def test_three_codings_that_do_not_contradict_each_other_come_together_in_any_order(
    whole: Coding, first: set[int], second: set[int], third: set[int]
) -> None:
    one, two, three = (part_of(whole, chosen) for chosen in (first, second, third))
    left = merge_codings(merge_codings(one, two).coding, three)
    right = merge_codings(one, merge_codings(two, three).coding)
    assert left.conflicts == right.conflicts == ()
    assert left.coding == right.coding
