"""A text that is corrected keeps its coding: in place, from the file, by hand where a passage has no place any more."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from cop_analysis.widgets.coding.session import Session

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def spans(panel) -> list[tuple[int, str, bool]]:
    return [(one.start, one.quote, one.placed) for one in panel.session.coding.snapshot.extracts]


def code_two_turns(panel) -> None:
    panel.to_text()
    panel.press("ArrowDown", "s")
    panel.code("Alone")
    panel.press("ArrowDown", "ArrowDown", "t")
    panel.code("After")
    panel.stored()


def test_of_several_lost_passages_each_is_placed_by_itself_and_it_is_said_how_many_wait(open_panel, folder):
    panel = open_panel(folder)
    code_two_turns(panel)
    panel.press("s")
    panel.code("Now")
    panel.stored()
    panel.page.close()
    panel.session.coding.close()
    file = folder / "documents" / "D01.txt"
    text = file.read_bytes().decode()
    file.write_bytes(text.replace("So I ring them now. They know my name.", "Quite another matter, this.").encode())
    panel = open_panel(folder)
    page = panel.page
    page.get_by_role("button", name="Carry the coding over").click()
    waiting = page.get_by_role("group", name="Passages without a place")
    expect(waiting).to_contain_text("2 passages have no place in this text. Select the words one of them is about")
    for left, said in (("One passage has", "1 more waits."), ("", "None waits any more.")):
        panel.to_text()
        panel.press("End", "t")
        waiting.get_by_role("button", name="Place it there").first.click()
        panel.hears(f"Placed. {said}")
        if left:
            expect(waiting).to_contain_text(left)
    panel.stored()
    expect(waiting).to_have_count(0)
    assert sorted(quote for _, quote, _ in spans(panel))[1:] == ["Quite another matter, this."] * 2
    assert not panel.troubles


def test_a_typo_is_corrected_in_place_and_undone(open_panel, folder):
    file = folder / "documents" / "D01.txt"
    before = file.read_bytes()
    panel = open_panel(folder)
    page = panel.page
    code_two_turns(panel)
    where = spans(panel)
    panel.press("ArrowUp", "ArrowUp", "x")
    field = page.get_by_label("The words of turn 2")
    expect(field).to_have_value(re.compile(r"^I was alone with it\."))
    field.fill(field.input_value().replace("I was alone with it.", "I was all alone with it."))
    expect(page.locator(".cop-status")).to_contain_text("Not stored yet")
    panel.press("Control+Enter")
    page.get_by_text("Of 2 extracts").first.wait_for()
    panel.stored()
    page.locator(".cop-words").nth(1).get_by_text("I was all alone with it.").wait_for()
    assert [(quote, placed) for _, quote, placed in spans(panel)] == [
        ("I was all alone with it.", True), ("So I ring them now. They know my name.", True),
    ]  # fmt: skip
    assert spans(panel)[1][0] == where[1][0] + 4
    after = file.read_bytes()
    assert after == before.replace(b"I was alone", b"I was all alone"), "line ends and all else stand as they stood"
    assert panel.labels(2)
    assert panel.violations() == []
    panel.to_text()
    panel.press("z")
    page.locator(".cop-words").nth(1).get_by_text("I was alone with it.").wait_for()
    panel.stored()
    assert file.read_bytes() == before
    assert spans(panel) == where
    panel.to_text()
    panel.press("t", "r")
    panel.stored()
    assert len(spans(panel)) == 3, "what is coded next is coded in the text that stands there"
    assert not panel.troubles


def test_a_file_that_was_corrected_outside_gets_its_coding_by_a_button_and_what_has_no_place_is_placed_by_hand(
    open_panel, folder
):
    panel = open_panel(folder)
    code_two_turns(panel)
    panel.page.close()
    panel.session.coding.close()
    file = folder / "documents" / "D01.txt"
    text = file.read_bytes().decode().replace("What changed", "Tell me what changed")
    text = text.replace("So I ring them now. They know my name.", "Quite another matter, this.")
    file.write_bytes(text.encode())

    panel = open_panel(folder)
    page = panel.page
    page.get_by_text("This text was changed since it was coded").wait_for()
    panel.to_text()
    panel.press("t")
    panel.code("Alone")
    page.get_by_role("alert").get_by_text("Not stored").wait_for()
    page.get_by_role("button", name="Carry the coding over").click()
    page.get_by_text("1 could not be placed and wait for a person").first.wait_for()
    expect(page.get_by_text("This text was changed since it was coded")).to_have_count(0)
    assert [one[1:] for one in spans(panel)] == [
        ("I was alone with it.", True), ("So I ring them now. They know my name.", False),
    ]  # fmt: skip
    waiting = page.get_by_role("group", name="Passages without a place")
    expect(waiting).to_contain_text("After: “So I ring them now. They know my name.”")
    assert panel.violations() == []
    waiting.get_by_role("button", name="Place it there").click()
    page.get_by_role("alert").get_by_text("Select the words this passage is about first").wait_for()
    panel.to_text()
    panel.press("End", "t")
    waiting.get_by_role("button", name="Place it there").click()
    panel.stored()
    assert spans(panel)[1][1:] == ("Quite another matter, this.", True)
    waiting.wait_for(state="detached")
    assert panel.labels(2)
    assert not panel.troubles


def test_a_correction_by_somebody_else_is_followed_and_one_made_at_once_is_not_lost(open_panel, folder):
    panel = open_panel(folder)
    page = panel.page
    code_two_turns(panel)
    other = Session(folder, "coder-b")
    text = other.text("D01")["text"]
    start = text.index("I was alone")
    panel.press("ArrowUp", "ArrowUp", "x")
    field = page.get_by_label("The words of turn 2")
    said = {
        "document": "D01",
        "start": start,
        "end": start + len("I was alone"),
        "was": "I was alone",
        "words": "I stood alone",
    }
    kinds = [one["kind"] for one in other.answer({"kind": "do", "op": "1", "verb": "correct", "args": said})]
    assert kinds == ["done", "carried"]
    again = [one["kind"] for one in other.answer({"kind": "do", "op": "2", "verb": "correct", "args": said})]
    assert again == ["done", "text"], "what arrives twice is done once"
    panel.hear()
    page.locator(".cop-words").nth(1).get_by_text("I stood alone").wait_for()
    field.fill("I was on my own.")
    page.get_by_role("button", name="Store the correction").click()
    page.get_by_role("alert").get_by_text("Somebody changed the text of this document meanwhile").wait_for()
    expect(page.locator(".cop-status")).to_contain_text("One field holds words that were not stored")
    assert b"I stood alone" in (folder / "documents" / "D01.txt").read_bytes()
    other.coding.close()


def test_somebody_who_codes_blind_is_told_nothing_of_others_when_a_text_is_corrected(folder):
    first = Session(folder, "coder-a")
    text = first.text("D01")["text"]
    for number, words in enumerate(("I was alone with it.", "They know my name.")):
        start = text.index(words)
        made = {"id": f"x{number}", "document": "D01", "start": start, "end": start + len(words), "code": "c1",
                **({"made": {"name": "Alone", "parent": None}} if not number else {})}  # fmt: skip
        assert (
            next(iter(first.answer({"kind": "do", "op": "1", "verb": "add_extract", "args": made})))["kind"] == "done"
        )
    blind = Session(folder, "coder-b", blind=True)
    start = text.index("alone with it")
    said = {"document": "D01", "start": start, "end": start + 5, "was": "alone", "words": "lonely"}
    replies = list(blind.answer({"kind": "do", "op": "1", "verb": "correct", "args": said}))
    assert [one["kind"] for one in replies] == ["done", "carried"]
    assert replies[1]["moved"] == [] == replies[1]["lost"]
    assert replies[1]["sentence"].startswith("Of 0 extracts")
    first.coding.close()
    blind.coding.close()
