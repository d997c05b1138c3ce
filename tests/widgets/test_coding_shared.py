"""Coding beside others in the browser: blind, filtered by coder, conflicts settled, and what one undo takes back."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from cop_analysis.realist.model import Coding
from cop_analysis.widgets.coding.session import Session
from cop_analysis.widgets.coding.static_form import static_html

pytestmark = [pytest.mark.slow, pytest.mark.browser]

ROOT = Path(__file__).resolve().parents[2]


def two_coders(open_panel, folder):
    """Coder A codes two passages and writes memos; then coder B opens the study."""
    first = open_panel(folder, "coder-a")
    first.to_text()
    first.press("ArrowDown", "s")
    first.code("Alone")
    first.press("m")
    first.page.keyboard.type("Secret memo of A")
    first.press("Escape", "d")
    first.page.keyboard.type("Secret note of A on the document")
    first.press("Escape", "ArrowDown", "t")
    first.code("No use")
    first.stored()
    return first


def test_blind_mode_hides_what_others_coded_everywhere_and_none_of_it_reaches_the_browser(open_panel, folder):
    two_coders(open_panel, folder)
    blind = open_panel(folder, "coder-b", blind=True)
    page = blind.page
    said = blind.sent_to_browser()
    assert "Secret" not in said
    assert '"extracts": []' in said
    assert blind.labels(0) == []
    assert page.locator(".cop-mark").count() == 0
    # The codebook is shared; its counts are not.
    expect(page.locator(".cop-count")).to_have_text(["0", "0"])
    assert page.get_by_role("checkbox", name="Blind").is_checked()
    blind.to_text()
    blind.press("u")
    assert page.evaluate("document.activeElement.dataset.turn") == "1", "a turn only others coded is uncoded"
    blind.press("]")
    assert blind.labels(0) == []
    page.get_by_label("Coder shown").select_option("coder-a")
    assert blind.labels(0) == []
    page.get_by_role("button", name="Show everything").click()
    blind.to_text()
    blind.press("2")
    page.get_by_label("Memo on this document").wait_for()
    assert page.get_by_text("Secret").count() == 0
    blind.to_text()
    blind.press("4")
    page.get_by_text("You are coding blind").wait_for()
    blind.press(".")
    blind.hears("You are coding blind: turn that off")
    form = static_html(blind.session.study, blind.session.visible())
    assert "I was alone" not in form
    assert "Secret" not in form
    # What one codes oneself is there, and what others do meanwhile is not told.
    blind.to_text()
    blind.press("t")
    blind.code("Mine")
    blind.stored()
    other = Session(folder, "coder-a")
    with other.coding.by("coder-a"):
        other.coding.add_extract("D01", quote="They know my name.", code=other.coding.snapshot.codes[0])
    other.coding.close()
    assert blind.session.news() is None
    told = [one for one in blind.told if one["kind"] != "text"]
    assert "They know my name" not in json.dumps(told, ensure_ascii=False)
    # Turned off, everything is there; turned on again, it is gone, also after a reload of the page.
    blind.to_text()
    blind.press("b")
    page.get_by_text("No use").first.wait_for()
    assert blind.labels(4)
    blind.press("b")
    blind.labels(1)
    assert not blind.troubles


def test_somebody_who_codes_blind_deletes_nothing_of_others_unseen(open_panel, folder):
    two_coders(open_panel, folder)
    blind = open_panel(folder, "coder-b", blind=True)
    blind.page.get_by_role("treeitem", name="No use").click()
    blind.page.get_by_role("button", name="Delete", exact=True).click()
    blind.page.get_by_role("alert").get_by_text("in use").wait_for()
    blind.stored()
    assert len(blind.session.coding.snapshot.extracts) == 2


def test_only_one_coders_extracts_are_shown_where_that_is_asked(open_panel, folder):
    two_coders(open_panel, folder)
    second = open_panel(folder, "coder-b")
    second.to_text()
    second.press("t")
    second.code("Question")
    second.stored()
    page = second.page
    assert second.labels(3)
    page.get_by_label("Coder shown").select_option("coder-a")
    assert second.labels(2)
    expect(page.locator(".cop-code-name")).to_have_text(["Alone", "No use", "Question"])
    expect(page.locator(".cop-count")).to_have_text(["1", "1", "0"])
    page.get_by_role("button", name="Show everything").click()
    assert second.labels(3)


def test_conflicts_of_a_merge_are_decided_in_the_panel(open_panel, folder):
    panel = two_coders(open_panel, folder)
    before = panel.session.coding.still()
    with panel.session.coding.by("coder-a"):
        panel.session.coding.codes.rename(before.snapshot.codes[0], "Here")
        codes = (replace(before.snapshot.codes[0], name="There"), *before.snapshot.codes[1:])
        panel.session.coding.merge(Coding(replace(before.snapshot, codes=codes)), base=before, coder="coder-a")
    panel.session.coding.close()
    again = open_panel(folder, "coder-a")
    page = again.page
    page.get_by_text("One conflict of a merge waits").wait_for()
    again.to_text()
    again.press("4")
    expect(page.locator(".cop-compare li").filter(has_text="There").first).to_be_visible()
    now = again.session.coding.snapshot.codes[0].name
    page.get_by_role("button", name="Take the other").click()
    again.stored()
    page.get_by_role("button", name="Take the other").wait_for(state="detached")
    assert {now, again.session.coding.snapshot.codes[0].name} == {"Here", "There"}
    assert again.violations() == []


def test_one_act_is_one_undo(open_panel, folder):
    panel = open_panel(folder)
    snapshot = lambda: panel.session.coding.snapshot  # noqa: E731
    panel.to_text()
    panel.press("t")
    panel.code("Made on the way")
    panel.stored()
    assert (len(snapshot().codes), len(snapshot().extracts)) == (1, 1)
    panel.press("z")
    panel.labels(0)
    panel.stored()
    assert (len(snapshot().codes), len(snapshot().extracts)) == (0, 0), (
        "the code came with the words and goes with them"
    )
    panel.press("z")
    panel.page.get_by_role("alert").get_by_text("nothing coder-a could undo").wait_for()
    assert [one.id for one in snapshot().coders] == ["coder-a"]
    panel.press("Shift+Z")
    panel.labels(1)
    panel.press("]", "c")
    panel.page.keyboard.type("A claim")
    panel.press("Enter")
    slot = panel.page.get_by_role("region", name="Context", exact=True)
    slot.get_by_role("button", name="supports").click()
    panel.stored()
    panel.page.locator(".cop-evidence").wait_for()
    panel.to_text()
    panel.press("z")
    panel.page.wait_for_function("!document.querySelector('.cop-evidence')")
    panel.stored()
    assert snapshot().configurations[0].slots == (), "a link and the slot it filled are one act"
    panel.press("z")
    panel.stored()
    panel.page.get_by_text("A configuration says what works for whom").wait_for()
    assert snapshot().configurations == ()


def test_codes_are_found_without_case_or_accents_moved_merged_and_deleted_from_the_keyboard(open_panel, folder):
    panel = open_panel(folder)
    page = panel.page
    panel.to_text()
    for name in ("Café hour", "Time to come", "Trust"):
        panel.press("t")
        panel.code(name)
    panel.press("s", "n")
    recent = page.locator(".cop-options li").all_inner_texts()
    assert [one.split(" recent")[0].strip() for one in recent] == ["Trust", "Time to come", "Café hour"], "latest first"
    page.keyboard.type("CAFE")
    expect(page.locator(".cop-options li").first).to_have_text(re.compile("^Café hour"))
    panel.press("Enter", "ArrowDown", "t", "r")
    panel.stored()
    names = {one.id: one.name for one in panel.session.coding.snapshot.codes}
    given = [names[one.code] for one in panel.session.coding.snapshot.extracts]
    assert given.count("Café hour") == 2, "found by its name in capitals, and repeated by one key"
    panel.press("/")
    page.keyboard.type("café")
    expect(page.locator("[role=treeitem]:visible").first).to_have_text(re.compile("^CH"))
    panel.press("ArrowDown", "F2")
    panel.press("Control+a")
    page.keyboard.type("Coffee hour")
    panel.press("Enter")
    panel.press("Escape", "/", "Control+a", "Delete", "ArrowDown")
    page.get_by_role("treeitem", name="Coffee hour").focus()
    panel.press("ArrowDown", "ArrowUp", ">")
    page.keyboard.type("trust")
    panel.press("Enter")
    page.wait_for_function("document.querySelectorAll('[role=treeitem][aria-level=\"2\"]').length === 1")
    page.get_by_role("treeitem", name="Time to come").click()
    panel.press("=")
    page.keyboard.type("trust")
    panel.press("Enter")
    page.wait_for_function("document.querySelectorAll('[role=treeitem]').length === 2")
    panel.stored()
    codes = {one.name: one for one in panel.session.coding.snapshot.codes}
    assert set(codes) == {"Trust", "Coffee hour"}
    assert codes["Coffee hour"].parent == codes["Trust"].id
    assert not panel.troubles


def test_words_inside_a_passage_are_coded_not_opened_by_keyboard_and_over_turns(open_panel, folder):
    panel = open_panel(folder)
    panel.to_text()
    panel.press("ArrowDown", "t")
    panel.code("Whole")
    panel.press("Escape", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowLeft")
    panel.code("Inside")
    panel.press("Escape", "Home", "t", "Shift+ArrowDown")
    panel.code("Over two turns")
    panel.stored()
    names = {one.id: one.name for one in panel.session.coding.snapshot.codes}
    kept = {names[one.code]: one.quote for one in panel.session.coding.snapshot.extracts}
    assert kept["Inside"] == "I was alone"
    assert kept["Over two turns"].startswith("What changed for you? 😀")
    assert kept["Over two turns"].endswith("</b>.")
    text = panel.session.study.read_document("D01")
    for one in panel.session.coding.snapshot.extracts:
        assert text[one.start : one.end] == one.quote
    assert sum("continued" in one for one in panel.labels(4)) == 1


def test_a_person_who_has_never_coded_gets_to_a_configuration_by_what_the_screen_says(open_panel, folder):
    panel = open_panel(folder, "")
    page = panel.page
    step = page.locator(".cop-step")
    expect(step).to_contain_text("Say who you are")
    page.get_by_label("You are").select_option(label="somebody new…")
    page.get_by_label("Your name or initials").fill("Ada")
    page.get_by_role("button", name="That is me").click()
    page.wait_for_function("document.querySelector('.cop-step').innerText.includes('Select words that matter')")
    box = page.locator(".cop-words").nth(1).bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 12, steps=5)
    page.mouse.up()
    panel.until("CSS.highlights.has('cop-selected')")
    panel.press("n")
    expect(page.locator(".cop-picker")).to_contain_text("No codes yet: type the name of the first.")
    page.keyboard.type("On my own")
    panel.press("Enter")
    page.wait_for_function("document.querySelector('.cop-step').innerText.includes('open Configurations (key 3)')")
    panel.press("3")
    page.get_by_role("button", name="New configuration").click()
    page.keyboard.type("A name to ring")
    page.get_by_role("button", name="Make it").click()
    page.wait_for_function("document.querySelector('.cop-step').innerText.includes('put it into a slot')")
    page.get_by_role("region", name="Context", exact=True).get_by_role("button", name="supports").click()
    page.wait_for_function("document.querySelector('.cop-step').innerText.includes('Fill the slots')")
    for role in ("Mechanism: resource", "Mechanism: reasoning", "Outcome"):
        page.get_by_label(f"{role} in your own words").fill(f"the {role.split()[-1].lower()}")
        panel.press("Tab")
    page.wait_for_function("document.querySelector('.cop-step').innerText.includes('Write the configured statement')")
    page.get_by_role("button", name="Begin with it").click()
    page.wait_for_function("document.querySelector('.cop-step').innerText.includes('speaks against it')")
    page.locator(".cop-turn").nth(2).click()
    panel.press("t")
    panel.code("No use")
    page.get_by_role("region", name="Outcome", exact=True).get_by_role("button", name="refutes").click()
    step.wait_for(state="hidden")
    panel.stored()
    (made,) = panel.session.coding.snapshot.configurations
    assert made.statement
    assert {one.stance for one in panel.session.coding.snapshot.evidence} == {"supports", "refutes"}
    assert not panel.troubles


def test_the_demonstration_study_can_be_coded_blind(open_panel, tmp_path):
    folder = tmp_path / "nmp_forum"
    shutil.copytree(ROOT / "data" / "nmp_forum", folder)
    panel = open_panel(folder, "coder-b", blind=True)
    whole = panel.session.coding.snapshot
    hello = panel.told[0]["records"]
    assert {one["coder"] for one in hello["extracts"]} == {"coder-b"}
    assert 0 < len(hello["extracts"]) < len(whole.extracts)
    assert all(one["coder"] in (None, "", "coder-b") for name in ("evidence", "memos") for one in hello[name])
    panel.page.wait_for_function("document.querySelectorAll('.cop-label').length > 0")
    assert not panel.troubles
