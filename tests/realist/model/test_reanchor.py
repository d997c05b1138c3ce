"""A corrected transcript takes its extracts over: each is placed where it belongs, or kept and listed."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cop_analysis import open_study
from cop_analysis.realist import Coding, Document, Extract, Snapshot, check_coding, reanchor, write_coding
from cop_analysis.realist.model import Code, Coder
from cop_analysis.realist.model.reanchoring import SIMILARITY_THRESHOLD

SHIPPED = Path(__file__).parents[3] / "data" / "nmp_forum"
TEXT = (
    "INTERVIEWER: How was it before?\n\nP01: I was alone with it. Nobody to ring. Yes.\n\n"
    "INTERVIEWER: And now?\n\nP01: I rang the hospital twice this month, and they were kind about it. Yes."
)


def coded(text: str, *quotes: str | int, readable: bool = True) -> Coding:
    """Code the quotes of a text (or the places where "Yes" stands)."""
    extracts = []
    for number, quote in enumerate(quotes):
        start = text.index(quote) if isinstance(quote, str) else quote
        words = quote if isinstance(quote, str) else text[quote : quote + 3]
        end = start + len(words)
        extracts.append(Extract(f"x{number}", "D1", start, end, words, "c", "a", text[max(0, start - 32) : start],
                                text[end : end + 32]))  # fmt: skip
    digest = sha256(text.encode()).hexdigest()
    snapshot = Snapshot("demo", (Coder("a"),), (Document("D1", "documents/D1.txt", "", digest, len(text)),),
                        (Code("c", "C"),), tuple(extracts))  # fmt: skip
    return Coding(snapshot, (lambda _: text) if readable else None)


def quotes(coding: Coding) -> list[str]:
    """What stands at each extract's place, checked against its record."""
    text = coding.text("D1")
    for one in coding.snapshot.extracts:
        if one.placed:
            assert text[one.start : one.end] == one.quote
            assert text[: one.start].endswith(one.prefix)
            assert text[one.end :].startswith(one.suffix)
    document = coding.find(Document, "D1")
    assert (document.length, document.sha256) == (len(text), sha256(text.encode()).hexdigest())
    return [one.quote for one in coding.snapshot.extracts]


def test_the_same_text_changes_nothing() -> None:
    before = coded(TEXT, "alone with it", "I rang the hospital twice")
    after = reanchor(before, "D1", TEXT)
    assert after.coding == before
    assert (after.moved, after.lost, after.unchanged) == ((), (), 2)


def test_words_added_before_move_the_places() -> None:
    after = reanchor(
        coded(TEXT, "alone with it. Nobody to ring.", readable=False), "D1", "Recorded on Monday.\n\n" + TEXT
    )
    assert quotes(after.coding) == ["alone with it. Nobody to ring."]
    assert [(one.how, one.start - one.start_before) for one in after.moved] == [("quote", 21)]


def test_a_quote_that_stands_twice_is_told_by_the_words_around() -> None:
    first, second = TEXT.index("Yes"), TEXT.rindex("Yes")
    after = reanchor(coded(TEXT, first, second, readable=False), "D1", TEXT.replace("How was it", "So how was it"))
    text = after.coding.text("D1")
    assert [one.start for one in after.coding.snapshot.extracts] == [text.index("Yes"), text.rindex("Yes")]


def test_repeated_talk_is_told_by_its_order_where_the_old_text_is_known() -> None:
    text = "\n\n".join(["P01: Yes, and so it was in the end for all of us."] * 5)
    third = [place for place in range(len(text)) if text.startswith("Yes", place)][2]
    corrected = text.replace("for all", "for most")
    known = reanchor(coded(text, third), "D1", corrected)
    assert known.coding.snapshot.extracts[0].start == third + 2 * len("most") - 2 * len("all")
    unknown = reanchor(coded(text, third, readable=False), "D1", corrected)
    assert [one.extract for one in unknown.lost] == ["x0"]
    assert "5 places" in unknown.lost[0].reason


def test_corrected_words_are_taken_over() -> None:
    before = coded(TEXT, "I rang the hospital twice this month, and they were kind about it.")
    after = reanchor(before, "D1", TEXT.replace("hospital twice", "hospice three times").replace("kind", "very kind"))
    assert quotes(after.coding) == ["I rang the hospice three times this month, and they were very kind about it."]
    assert after.moved[0].how == "similar"
    assert 60 <= after.moved[0].similarity < 100
    assert "1 with corrected words" in after.sentence


def test_typographic_marks_and_spelling_do_not_lose_an_extract() -> None:
    text = 'P01: I said "we can\'t colour it grey", and then we did not.'
    after = reanchor(coded(text, 'I said "we can\'t colour it grey"'), "D1", text.replace('"', "”").replace("'", "’"))
    assert quotes(after.coding) == ["I said ”we can’t colour it grey”"]


def test_what_is_gone_is_kept_and_listed() -> None:
    before = coded(TEXT, "alone with it. Nobody to ring.", "I rang the hospital twice")
    after = reanchor(before, "D1", TEXT[TEXT.index("INTERVIEWER: And") :])
    lost = after.coding.find(Extract, "x0")
    assert not lost.placed
    assert replace(lost, placed=True) == before.find(Extract, "x0")
    assert [one.extract for one in after.lost] == ["x0"]
    assert f"{SIMILARITY_THRESHOLD:g} of 100" in after.lost[0].reason
    assert after.table["outcome"].tolist() == ["moved", "lost"]
    back = reanchor(after.coding, "D1", TEXT)
    assert back.coding.snapshot.extracts == before.snapshot.extracts


def test_a_short_quote_elsewhere_is_not_taken_for_it() -> None:
    text = "P01: We talked for hours and hours. Never again.\n\nP02: The lunch was cold, the train late. Never mind."
    before = coded(text, "Never", readable=False)
    after = reanchor(before, "D1", text.replace(" Never again.", ""))
    assert [one.extract for one in after.lost] == ["x0"]
    assert "quite other words" in after.lost[0].reason


def test_two_equally_similar_passages_are_left_to_a_person() -> None:
    text = "P01: they never once rang us back about the charts at all."
    corrected = "they never ever rang us back about the charts at all."
    twice = f"P01: a.\n\nP02: {corrected}\n\nP02: {corrected}\n\nP01: b."
    after = reanchor(coded(text, "they never once rang us back about the charts at all", readable=False), "D1", twice)
    assert [one.extract for one in after.lost] == ["x0"]


def test_other_documents_and_texts_are_left_alone(study) -> None:
    before = study.coding
    after = reanchor(before, "D03", "Preface.\n\n" + before.text("D03"))
    assert after.coding.text("D01") == before.text("D01")
    changed = [one.id for one, other in zip(before.snapshot.extracts, after.coding.snapshot.extracts, strict=True)
               if one != other]  # fmt: skip
    assert changed == ["x005"]


def test_the_result_can_be_written_and_checked(folder: Path, study) -> None:
    corrected = study.coding.text("D01").replace("Nobody to ring.", "")
    after = reanchor(study.coding, "D01", corrected.replace("\n", "\r\n"))
    (folder / "documents" / "D01.txt").write_text(corrected, encoding="utf-8")
    write_coding(after.coding, folder)
    assert {fault.severity for fault in check_coding(folder, study)} <= {"notice"}


def test_speakers_of_the_corrected_text_are_known() -> None:
    before = coded("P01: yes\n\nP02: no", "yes")
    named = before.with_records(replace(before.find(Document, "D1"), speakers=("P01", "P02")))
    after = reanchor(named, "D1", "P01: yes\n\nP03: no").coding
    assert [turn.speaker for turn in after.turns_of("D1")] == ["P01", "P03"]


def test_wrong_input_is_refused() -> None:
    before = coded(TEXT, "alone")
    with pytest.raises(ValueError, match="is empty"):
        reanchor(before, "D1", " \n")
    with pytest.raises(ValueError, match="half of a character at position 3"):
        reanchor(before, "D1", "P01\ud83d")
    with pytest.raises(KeyError, match="no document"):
        reanchor(before, "D2", TEXT)


def test_a_corrected_shipped_transcript_loses_nothing_and_comes_back() -> None:
    before = open_study(SHIPPED).coding
    text = before.text("D01")
    corrected = "Recorded by telephone.\n\n" + text.replace("'", "’").replace("morphine", "morphine sulphate")
    there = reanchor(before, "D01", corrected)
    assert there.lost == ()
    back = reanchor(there.coding, "D01", text)
    assert back.coding.snapshot.extracts == before.snapshot.extracts


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("ab .\n", max_size=12), min_size=1, max_size=4), st.text("ab .\nc", min_size=1, max_size=40))
def test_no_extract_is_ever_lost_and_every_place_holds_its_quote(parts: list[str], corrected: str) -> None:
    text = "".join(parts) + "end"
    ranges = [(start, start + 3) for start in range(0, len(text) - 3, 3) if text[start : start + 3].strip()]
    before = coded(text, *(start for start, _ in ranges))
    after = reanchor(before, "D1", corrected + "end")
    quotes(after.coding)
    assert [one.id for one in after.coding.snapshot.extracts] == [one.id for one in before.snapshot.extracts]
    assert after.unchanged + len(after.moved) + len(after.lost) == len(ranges)
    for one in after.lost:
        assert after.coding.find(Extract, one.extract).quote == before.find(Extract, one.extract).quote
