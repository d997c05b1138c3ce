"""The coding panel in Chromium, answered by a real session: what a person does and sees, without JupyterLab around."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]

ROOT = Path(__file__).resolve().parents[2]
TEXT = (
    "Interviewer: What changed for you? 😀\r\n\r\n"
    "P01: I was alone with it. Cafe\u0301 talk 👩🏽‍⚕️ helped. Then I rang the <b>hospital</b>.\r\n\r\n"
    "P02: שלום, it did nothing for me.\r\n\r\n"
    "P01: So I ring them now. They know my name."
)
PLAIN = TEXT.replace("\r\n", "\n")


def extracts(panel) -> list[tuple[str, str]]:
    names = {one.id: one.name for one in panel.session.coding.snapshot.codes}
    kept = sorted(panel.session.coding.snapshot.extracts, key=lambda one: (one.start, one.end))
    return [(names[one.code], one.quote) for one in kept]


def test_a_sentence_is_coded_from_the_keyboard_alone(open_panel, folder):
    panel = open_panel(folder)
    panel.to_text()
    panel.press("ArrowDown", "s")
    panel.code("Alone")
    assert "Alone" in panel.labels(1)[0], "it is seen at once"
    panel.stored()
    assert extracts(panel) == [("Alone", "I was alone with it.")]
    assert panel.page.evaluate("document.activeElement.matches('.cop-turn')"), "the hand is in the text again"
    assert not panel.troubles


AT_CURRENT_TURN = "document.activeElement.matches('.cop-turn[tabindex=\"0\"]')"


def test_the_keys_go_where_the_next_act_is_done(open_panel, folder):
    panel = open_panel(folder, "")
    assert panel.page.evaluate(AT_CURRENT_TURN), "after opening"
    panel.page.get_by_label("You are", exact=True).select_option(label="somebody new…")
    panel.page.keyboard.type("Ada")
    panel.press("Enter")
    assert panel.page.evaluate(AT_CURRENT_TURN), "after saying who one is"
    panel.press("ArrowDown", "s")
    panel.code("Alone")
    panel.press("c")
    panel.page.keyboard.type("A name to ring")
    panel.press("Enter")
    panel.page.get_by_text("Still open: Context").wait_for()
    panel.settled()
    assert panel.page.evaluate(AT_CURRENT_TURN), "after making a configuration"
    panel.press("]", "1")
    panel.stored()
    assert [one.id for one in panel.session.coding.snapshot.coders] == ["Ada"]
    assert not panel.troubles


def test_a_field_that_is_drawn_away_after_it_was_stored_is_not_said_to_wait(open_panel, folder):
    panel = open_panel(folder)
    panel.to_text()
    panel.press("c")
    panel.page.keyboard.type("A name to ring")
    # A slow machine: what is stored is known before the pane is drawn anew.
    panel.page.evaluate("globalThis.requestAnimationFrame = (draw) => setTimeout(() => draw(performance.now()), 1000)")
    panel.press("Enter")
    panel.page.get_by_text("Still open: Context").wait_for()
    panel.page.wait_for_selector(".cop-status.is-stored", timeout=20_000)


def test_a_key_goes_to_what_is_there_however_late_it_is_drawn(open_panel, folder):
    panel = open_panel(folder)
    page = panel.page
    panel.to_text()
    panel.press("t")
    panel.code("First")
    panel.stored()
    panel.settled()
    page.evaluate("globalThis.requestAnimationFrame = () => 0")
    panel.press("ArrowDown", "t")
    panel.code("Second")
    panel.press("F6")
    assert page.evaluate("document.activeElement.textContent").startswith("SeSecond"), "the code that was made just now"


def test_who_chooses_a_code_is_not_overruled_by_a_passage_chosen_before(open_panel, folder):
    panel = open_panel(folder)
    page = panel.page
    panel.to_text()
    for name in ("First", "Second"):
        panel.press("t")
        panel.code(name)
        panel.press("ArrowDown")
    panel.stored()
    panel.settled()
    page.evaluate("globalThis.requestAnimationFrame = (draw) => setTimeout(() => draw(performance.now()), 1000)")
    page.locator(".cop-label", has_text="First").click()
    page.get_by_role("treeitem", name="Second").click()
    panel.settled()
    assert page.locator("[role=treeitem][aria-selected=true]").inner_text().startswith("Se")
    expect(page.get_by_label("Name of the code")).to_have_value("Second")


def test_a_key_on_a_code_that_was_searched_for_is_about_that_code(open_panel, folder):
    panel = open_panel(folder)
    page = panel.page
    panel.to_text()
    for name in ("First", "Second"):
        panel.press("t")
        panel.code(name)
    panel.stored()
    panel.press("/")
    page.keyboard.type("first")
    panel.press("ArrowDown", "F2", "Control+a")
    page.keyboard.type("Renamed")
    panel.press("Enter")
    panel.stored()
    assert {one.name for one in panel.session.coding.snapshot.codes} == {"Renamed", "Second"}
    # Coding by a key from the list chooses another code; the next key is about the one it is pressed on all the same.
    panel.press("Escape", "/", "Control+a")
    page.keyboard.type("renamed")
    panel.press("ArrowDown", "r", "Delete")
    expect(page.get_by_role("group", name="What becomes of what uses it")).to_contain_text("“Renamed” is in use")


def test_opening_the_coding_takes_the_keys_from_nobody(open_panel, folder):
    panel = open_panel(folder)
    panel.page.evaluate("document.body.insertAdjacentHTML('afterbegin', '<input id=elsewhere>')")
    panel.page.locator("#elsewhere").focus()
    panel.page.evaluate(
        "() => { delete document.querySelector('.cop-coding').dataset.ready;"
        " globalThis.model.send({kind: 'text', document: 'D01'}); }"
    )
    panel.page.wait_for_selector(".cop-coding[data-ready]")
    panel.settled()
    assert panel.page.evaluate("document.activeElement.id") == "elsewhere"


def test_help_opens_at_its_beginning_and_nothing_short_is_broken_in_two(open_panel, folder):
    panel = open_panel(folder, width=420, height=500)
    panel.settled()
    hide = panel.page.get_by_role("button", name="Hide what to do next")
    assert hide.bounding_box()["height"] < 30, "one line"
    panel.to_text()
    panel.press("s")
    panel.code("Change")
    panel.press("1")
    panel.page.locator("[role=treeitem]").first.click()
    expect(panel.page.locator("label", has_text="What the code means")).to_be_visible()
    panel.to_text()
    panel.press("?")
    dialog = panel.page.get_by_role("dialog")
    assert dialog.evaluate("one => one.scrollHeight > one.clientHeight")
    assert dialog.evaluate("one => one.scrollTop") == 0
    assert panel.violations() == []
    panel.press("Escape")
    assert panel.page.evaluate(AT_CURRENT_TURN)


def test_words_are_selected_by_arrows_and_offsets_hold_for_emoji_marks_and_right_to_left(open_panel, folder):
    panel = open_panel(folder)
    panel.to_text()
    panel.press("ArrowDown")
    for _ in range(6):
        panel.press("ArrowRight")
    panel.press("Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight")
    panel.code("Talk")
    panel.press("ArrowDown", "ArrowRight")
    panel.code("Greeting")
    panel.press("ArrowDown", "ArrowDown", "t")
    panel.code("After")
    panel.stored()
    kept = {one.quote: one for one in panel.session.coding.snapshot.extracts}
    assert set(kept) == {"Cafe\u0301 talk 👩🏽‍⚕️ helped.", "שלום,", "So I ring them now. They know my name."}
    for quote, one in kept.items():
        assert one.start == PLAIN.index(quote)
        assert one.end == one.start + len(quote)
    assert not panel.troubles


def test_overlapping_codes_are_all_seen_and_told_apart_without_colour(open_panel, folder):
    panel = open_panel(folder)
    panel.to_text()
    panel.press("ArrowDown", "s")
    panel.code("Alone")
    panel.press("s", "s")
    panel.code("Being helped")
    panel.press("t")
    panel.code("Whole story")
    panel.stored()
    assert len(panel.session.coding.snapshot.extracts) == 3
    turn = panel.page.locator(".cop-turn").nth(1)
    expect(turn.locator(".cop-label")).to_have_count(3)
    marks = turn.locator(".cop-mark")
    closes = [one for one in marks.evaluate_all("all => all.map(one => one.dataset.close)") if one]
    assert sorted(" ".join(closes).split()) == ["Al", "BH", "WS"], "where each ends stands its short name"
    assert turn.locator(".is-opening").count() == 1, "and where they begin one bracket"
    first = marks.first.evaluate("one => getComputedStyle(one).backgroundImage")
    assert first.count("linear-gradient") == 3
    assert first.count("repeating-linear-gradient") == 2, "the lines differ in pattern"
    assert turn.locator(".cop-words").evaluate("one => one.textContent") == PLAIN.split("\n\n")[1][5:]


def test_repeat_undo_redo_delete(open_panel, folder):
    panel = open_panel(folder)
    panel.to_text()
    panel.press("s")
    panel.code("Change")
    panel.hears("Coded as Change.")
    panel.press("ArrowDown", "s", "r")
    panel.stored()
    assert [name for name, _ in extracts(panel)] == ["Change", "Change"]
    panel.hears("Coded as Change.")
    panel.press("z")
    panel.labels(1)
    panel.hears('Undone: coding "')
    panel.press("Shift+Z")
    panel.labels(2)
    panel.hears('Redone: coding "')
    panel.press("]", "Delete")
    panel.labels(1)
    panel.stored()
    assert len(panel.session.coding.snapshot.extracts) == 1
    panel.press("Control+z")
    panel.labels(2)


def test_memos_on_extract_document_and_code_are_stored_as_they_are_left(open_panel, folder):
    panel = open_panel(folder)
    panel.to_text()
    panel.press("s")
    panel.code("Change")
    panel.press("m")
    panel.page.keyboard.type("<b>not bold</b>")
    panel.press("Escape")
    panel.press("d")
    panel.page.keyboard.type("About the interview.")
    panel.press("Escape")
    panel.press("1")
    panel.page.locator("[role=treeitem]").first.click()
    panel.page.get_by_label("Memo on the code Change").fill("About the code.")
    panel.page.get_by_label("Search the codes").click()
    panel.stored()
    assert panel.session.coding.snapshot.extracts[0].memo == "<b>not bold</b>"
    assert {(one.about, one.text) for one in panel.session.coding.snapshot.memos} == {
        ("document", "About the interview."), ("code", "About the code.")}  # fmt: skip
    panel.press("Escape", "2")
    expect(panel.page.get_by_label("Memo on this extract").last).to_have_value("<b>not bold</b>")
    assert panel.page.locator("b", has_text="not bold").count() == 0
    assert not panel.troubles


def test_what_is_being_typed_survives_every_redraw(open_panel, folder):
    panel = open_panel(folder)
    panel.to_text()
    panel.press("s")
    panel.code("Change")
    panel.stored()
    panel.press("d")
    words = "A long memo, typed while others work."
    for number, letter in enumerate(words):
        panel.page.keyboard.type(letter)
        if number % 4 == 0:
            with panel.session.coding.by("coder-a"):
                panel.session.coding.add_code(f"Other {number}")
            panel.hear()
            panel.page.wait_for_timeout(40)
    panel.settled()
    panel.page.keyboard.type(" And more.")
    panel.press("Escape")
    panel.stored()
    assert [one.text for one in panel.session.coding.snapshot.memos] == [f"{words} And more."]
    assert panel.page.get_by_role("alert").inner_text() == ""


def test_a_slow_click_that_leaves_a_field_is_not_lost(open_panel, folder):
    panel = open_panel(folder)
    page = panel.page
    panel.to_text()
    panel.press("s")
    panel.code("First")
    panel.press("t")
    panel.code("Second")
    panel.stored()

    def slowly(target) -> None:
        target.hover()
        page.mouse.down()
        page.wait_for_timeout(250)
        page.mouse.up()

    panel.press("m")
    page.keyboard.type("A memo on the second")
    slowly(page.locator(".cop-label").filter(has_text="First"))
    expect(page.locator(".cop-label.is-chosen")).to_have_text(re.compile(r"^\s*Fi"))
    panel.press("c")
    page.keyboard.type("A claim")
    panel.press("Enter")
    page.get_by_role("textbox", name="Context in your own words").fill("in a meeting")
    slowly(page.get_by_role("region", name="Outcome", exact=True).get_by_role("button", name="refutes"))
    panel.stored()
    assert [one.stance for one in panel.session.coding.snapshot.evidence] == ["refutes"]
    assert panel.session.coding.snapshot.configurations[0].slots[0].wording == "in a meeting"
    assert [one.memo for one in panel.session.coding.snapshot.extracts] == ["", "A memo on the second"]


def test_a_drag_selects_inside_an_extract_and_text_is_never_markup(open_panel, folder):
    panel = open_panel(folder)
    panel.to_text()
    panel.press("ArrowDown", "t")
    panel.code("<img src=x onerror=window.hit=1>")
    panel.stored()
    words = panel.page.locator(".cop-words").nth(1)
    assert words.locator("b").count() == 0
    box = words.locator(".cop-mark").bounding_box()
    panel.page.mouse.move(box["x"] + 40, box["y"] + 8)
    panel.page.mouse.down()
    panel.page.mouse.move(box["x"] + 190, box["y"] + 8, steps=6)
    panel.page.mouse.up()
    panel.until("[...CSS.highlights.get('cop-selected')][0].toString().length < 40")
    panel.code("Inside")
    panel.stored()
    assert len(panel.session.coding.snapshot.extracts) == 2
    assert panel.page.evaluate("window.hit") is None
    assert panel.page.locator(".cop-coding img").count() == 0


def test_the_tree_makes_renames_moves_merges_and_searches_without_drawing_others_again(open_panel, folder):
    panel = open_panel(folder)
    panel.to_text()
    for name in ("Trust", "Time", "Trust in peers"):
        panel.press("t")
        panel.code(name)
    panel.stored()
    panel.page.evaluate("document.querySelectorAll('[role=treeitem]').forEach((one) => { one.kept = true; })")
    panel.press("Shift+N")
    panel.page.keyboard.type("New one")
    panel.press("Enter")
    panel.page.wait_for_function("document.querySelectorAll('[role=treeitem]').length === 4")
    kept = panel.page.evaluate("[...document.querySelectorAll('[role=treeitem]')].filter((one) => one.kept).length")
    assert kept == 3, "the rows that were there are the same rows"
    panel.page.get_by_label("Search the codes").fill("TRUST")
    expect(panel.page.locator("[role=treeitem]:visible")).to_have_count(2)
    panel.page.get_by_label("Search the codes").fill("")
    panel.page.get_by_role("treeitem", name="New one").click()
    panel.page.get_by_label("Name of the code").fill("Newer one")
    panel.press("Enter")
    panel.page.get_by_role("treeitem", name="Newer one").wait_for()
    panel.page.get_by_role("button", name="Move under…").click()
    panel.page.keyboard.type("Time")
    panel.press("Enter")
    panel.page.wait_for_function("document.querySelectorAll('[role=treeitem][aria-level=\"2\"]').length === 1")
    panel.page.get_by_role("treeitem", name="Trust in peers").click()
    panel.page.get_by_role("button", name="Merge into…").click()
    panel.page.keyboard.type("Trust")
    panel.press("Enter")
    panel.page.wait_for_function("document.querySelectorAll('[role=treeitem]').length === 3")
    panel.stored()
    codes = {one.name: one for one in panel.session.coding.snapshot.codes}
    assert set(codes) == {"Trust", "Time", "Newer one"}
    assert codes["Newer one"].parent == codes["Time"].id
    assert not panel.troubles


def test_filters_by_code_and_speaker_and_the_next_uncoded_turn(open_panel, folder):
    panel = open_panel(folder)
    panel.to_text()
    panel.press("t")
    panel.code("Question")
    panel.press("u")
    assert panel.page.evaluate("document.activeElement.dataset.turn") == "1"
    panel.press("t", "r", "u")
    assert panel.page.evaluate("document.activeElement.dataset.turn") == "2"
    panel.page.get_by_label("Speaker shown").select_option(label="P01")
    panel.page.get_by_text("2 of 4 turns shown.").wait_for()
    panel.to_text()
    panel.press("Shift+F", "f")
    panel.page.keyboard.type("Question")
    panel.press("Enter")
    panel.page.get_by_text("2 of 4 turns shown.").wait_for()
    expect(panel.page.locator(".cop-turn:visible")).to_have_count(2)


def test_what_is_not_stored_is_said_and_kept_over_a_reload(open_panel, folder):
    panel = open_panel(folder)
    page = panel.page
    panel.to_text()
    panel.press("t")
    panel.code("Change")
    panel.stored()
    page.evaluate("globalThis.deaf = true")
    panel.press("ArrowDown", "t", "r")
    assert panel.labels(2), "it is shown while it is not stored"
    page.locator(".cop-label .cop-state").wait_for()
    page.wait_for_selector(".cop-status.is-late", timeout=180_000)
    expect(page.locator(".cop-status")).to_contain_text("not stored yet")
    expect(page.locator(".cop-label").nth(1)).to_contain_text("not stored yet")
    assert len(panel.session.coding.snapshot.extracts) == 1
    page.evaluate("globalThis.deaf = false")
    page.get_by_role("button", name="Try again").click()
    panel.stored()
    assert len(panel.session.coding.snapshot.extracts) == 2


def test_a_refusal_is_said_and_what_was_typed_stays(open_panel, folder):
    panel = open_panel(folder)
    page = panel.page
    panel.to_text()
    panel.press("t")
    panel.code("Change")
    panel.stored()
    panel.press("m")
    page.keyboard.type("mine")
    with panel.session.coding.by("coder-a"):
        panel.session.coding.extracts.annotate(panel.session.coding.snapshot.extracts[0], "theirs")
    panel.press("Escape")
    page.get_by_text("Somebody changed this meanwhile").wait_for()
    field = page.locator("textarea.is-unsaved")
    expect(field).to_have_attribute("aria-label", "Memo on this extract")
    expect(field).to_have_value("mine")
    assert panel.session.coding.snapshot.extracts[0].memo == "theirs"


def test_a_configuration_is_built_with_refuting_evidence_a_draft_and_gaps(open_panel, folder):
    panel = open_panel(folder)
    page = panel.page
    panel.to_text()
    panel.press("ArrowDown", "s")
    panel.code("Alone")
    panel.press("ArrowDown", "ArrowDown", "s")
    panel.code("Rings")
    panel.press("ArrowUp", "t")
    panel.code("No use")
    panel.press("c")
    page.keyboard.type("A name to ring")
    panel.press("Enter")
    page.get_by_text("Still open: Context, Mechanism: resource").wait_for()

    def put(which: int, role: str, stance: str) -> None:
        page.locator(".cop-label").nth(which).click()
        page.get_by_role("region", name=role, exact=True).get_by_role("button", name=stance).click()

    put(0, "Context", "supports")
    put(2, "Outcome", "supports")
    put(1, "Outcome", "refutes")
    panel.stored()
    page.get_by_label("Inference").first.select_option("retroductive")
    page.get_by_label("relevance").first.select_option("high")
    page.get_by_label("Mechanism: reasoning in your own words").fill("they expect help")
    page.get_by_text("Draft from the slots:").wait_for()
    page.get_by_role("button", name="Begin with it").click()
    panel.stored()
    (kept,) = panel.session.coding.snapshot.configurations
    assert kept.statement == "Where alone, they expect help, so that rings."
    assert sorted(one.stance for one in panel.session.coding.snapshot.evidence) == ["refutes", "supports", "supports"]
    assert {(one.inference, one.relevance) for one in panel.session.coding.snapshot.evidence} >= {
        ("retroductive", "high")
    }
    expect(page.get_by_text("no refuting evidence")).to_have_count(0)
    page.get_by_role("button", name="Record the question").first.click()
    panel.stored()
    assert panel.session.coding.snapshot.questions[0].configurations == (kept.id,)
    assert panel.violations() == []
    assert not panel.troubles


def test_ripples_rivals_and_theory_versions(open_panel, folder):
    panel = open_panel(folder)
    page = panel.page
    panel.to_text()
    for name in ("One", "Two"):
        panel.press("c")
        page.keyboard.type(name)
        panel.press("Enter")
        panel.to_text()
    page.get_by_label("Its outcome becomes context of").select_option(label="One")
    page.get_by_label("Rival explanation").select_option(label="One")
    page.get_by_text("Rival explanation: “One”.").wait_for()
    panel.stored()
    assert len(panel.session.coding.snapshot.ripples) == 1
    panel.to_text()
    panel.press("5")
    for label in ("First theory", "Second theory"):
        page.get_by_role("button", name="New version").click()
        page.get_by_label("Short name of the version").fill(label)
        if label == "Second theory":
            page.get_by_label("Move").select_option("consolidate")
            page.get_by_role("checkbox", name="First theory").check()
        page.get_by_label("Why the theory changed").fill("It was said so.")
        page.get_by_role("button", name="Record it").click()
        page.get_by_role("heading", name=label).wait_for()
    panel.stored()
    first, second = sorted(panel.session.coding.snapshot.theories, key=lambda one: one.label)
    assert second.follows == (first.id,)
    assert second.move == "consolidate"
    assert panel.violations() == []


def test_a_second_coder_codes_blind_and_the_two_are_compared_and_settled(open_panel, folder):
    first = open_panel(folder, "coder-a")
    first.to_text()
    first.press("ArrowDown", "s")
    first.code("Alone")
    first.press("ArrowDown", "t")
    first.code("No use")
    first.stored()
    second = open_panel(folder, "coder-b")
    assert second.labels(2)
    second.to_text()
    second.press("b")
    assert second.labels(0) == []
    second.press("ArrowDown", "s")
    second.code("Alone")
    second.stored()
    assert second.labels(1)
    second.press("4")
    second.page.get_by_text("You are coding blind").wait_for()
    second.press("b")
    first.hear()
    first.to_text()
    first.press("4")
    first.page.get_by_text("1 of 1 disagreements wait").wait_for()
    first.press(".")
    expect(first.page.locator(".cop-reading").nth(1)).to_have_text(re.compile(r"did not code these words\.\s*$"))
    first.page.get_by_role("button", name="Both: No use").click()
    first.page.get_by_role("alert").get_by_text("Write the reason first").wait_for()
    first.page.get_by_label("Why it was settled so").fill("She says it outright.")
    first.page.get_by_role("button", name="Both: No use").click()
    first.page.get_by_text("They do not differ").wait_for()
    first.stored()
    assert sorted(one.coder for one in first.session.coding.snapshot.extracts) == ["coder-a"] * 2 + ["coder-b"] * 2
    assert first.session.coding.snapshot.decisions[0].reason == "She says it outright."
    assert first.violations() == []


def test_survey_answers_are_coded_as_a_grid(open_panel, folder):
    panel = open_panel(folder)
    panel.page.get_by_label("Document", exact=True).select_option("D02")
    panel.page.wait_for_selector(".cop-coding[data-ready=D02]")
    expect(panel.page.get_by_role("grid").get_by_role("row")).to_have_count(3)
    panel.to_text()
    panel.code("Time")
    panel.press("ArrowDown", "ArrowDown", "r")
    panel.stored()
    assert extracts(panel) == [("Time", "More time."), ("Time", "Nothing.")]
    assert panel.violations() == []


def test_a_study_that_cannot_be_written_says_so_and_lets_nothing_be_changed(open_panel, folder, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    panel = open_panel(folder)
    panel.page.get_by_text("Read only. The coding cannot be changed").wait_for()
    panel.to_text()
    panel.press("t", "n")
    assert panel.page.locator(".cop-picker:visible").count() == 0
    expect(panel.page.get_by_role("alert")).to_have_text(re.compile("^The coding cannot be changed"))


def test_every_action_stands_in_a_menu_with_its_key(open_panel, folder):
    panel = open_panel(folder)
    for name in ("Code", "Edit", "Select", "Go", "View", "Theory", "Help"):
        panel.page.get_by_role("menuitem", name=name, exact=True).click()
        menu = panel.page.get_by_role("menu", name=name)
        assert menu.locator("kbd").count() == menu.locator("[role^=menuitem]").count() > 0
        assert panel.violations() == []
        panel.press("Escape")
    panel.to_text()
    panel.press("?")
    assert panel.page.get_by_role("dialog").locator(".cop-keys li").count() > 30
    assert panel.violations() == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
def test_the_demonstration_study_is_accessible_in_both_themes(open_panel, tmp_path, dark, width, height):
    folder = tmp_path / "nmp_forum"
    shutil.copytree(ROOT / "data" / "nmp_forum", folder)
    panel = open_panel(folder, width=width, height=height, dark=dark)
    troubles = []
    for key in "12345":
        panel.to_text()
        panel.press("]", key)
        panel.settled()
        troubles += [f"{key}: {one}" for one in panel.violations()]
        shot = os.environ.get("COP_SCREENSHOTS")
        if shot:
            panel.page.screenshot(path=f"{shot}/panel-{width}-{'dark' if dark else 'light'}-{key}.png")
    assert not troubles, "\n".join(troubles[:20])
    assert not panel.troubles
