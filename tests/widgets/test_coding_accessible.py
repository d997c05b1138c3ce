"""The panel for everybody: keyboard, screen reader, contrast, zoom, a narrow pane; axe-core looks at each state."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]

ROOT = Path(__file__).resolve().parents[2]
FOCUS = "document.activeElement.dataset.key ?? document.activeElement.className"


@pytest.fixture
def demonstration(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "data" / "nmp_forum", tmp_path / "nmp_forum")
    return tmp_path / "nmp_forum"


def shot(panel, name: str) -> None:
    folder = os.environ.get("COP_SCREENSHOTS")
    if folder:
        panel.page.screenshot(path=f"{folder}/{name}.png")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_menus_dialogs_questions_and_forms_have_no_violations(open_panel, demonstration, dark):
    panel = open_panel(demonstration, dark=dark)
    page = panel.page
    theme = "dark" if dark else "light"

    def look(name: str) -> None:
        panel.settled()
        shot(panel, f"state-{theme}-{name}")
        assert panel.violations() == [], name

    panel.to_text()
    panel.press("]", "n")
    page.keyboard.type("re")
    look("picker")
    panel.press("Escape", "Delete")
    look("question")
    page.get_by_role("button", name="Keep it").click()
    panel.to_text()
    panel.press("1")
    page.get_by_role("treeitem", name="A name to ring").click()
    panel.press("Delete")
    look("code-question")
    panel.to_text()
    panel.press("c")
    look("new-configuration")
    panel.press("Escape")
    panel.to_text()
    panel.press("v")
    look("new-version")
    page.get_by_role("button", name="Leave it").click()
    panel.to_text()
    panel.press("r")
    page.get_by_role("alert").locator("p").wait_for()
    look("alert")
    page.get_by_label("You are").select_option(label="somebody new…")
    look("new-coder")
    panel.to_text()
    panel.press("b", "4")
    look("blind")
    panel.to_text()
    panel.press("w")
    look("whole-window")
    box = page.locator(".cop-coding").bounding_box()
    assert (box["x"], box["y"], box["width"]) == (0, 0, 1366)
    panel.press("w", "?")
    look("help")
    assert not panel.troubles


def test_focus_goes_where_it_is_needed_and_comes_back(open_panel, folder):
    panel = open_panel(folder)
    page = panel.page
    in_text = "document.activeElement.matches('.cop-turn')"
    panel.to_text()
    panel.press("t", "n", "Escape")
    assert page.evaluate(in_text), "from the list of codes"
    panel.code("Change")
    assert page.evaluate(in_text)
    panel.press("?")
    assert page.evaluate("Boolean(document.activeElement.closest('dialog'))")
    panel.press("Escape")
    assert page.evaluate(in_text), "from the help"
    panel.press("F6")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "treeitem"
    panel.press("F6")
    assert page.evaluate(in_text)
    panel.press("/", "Escape")
    assert page.evaluate(in_text), "from the search"
    panel.press("m", "Escape")
    assert page.evaluate(in_text), "from a memo"
    page.get_by_role("menuitem", name="View", exact=True).focus()
    panel.press("ArrowDown")
    assert page.evaluate("document.activeElement.closest('[role=menu]') !== null")
    panel.press("ArrowRight")
    assert page.evaluate("document.activeElement.closest('[role=menu]').ariaLabel") == "Theory"
    panel.press("Escape")
    assert page.evaluate("document.activeElement.textContent") == "Theory"
    panel.to_text()
    panel.press("w")
    assert page.evaluate(in_text)
    panel.press("w")
    assert page.evaluate(in_text)
    assert not panel.troubles


def test_tab_goes_through_the_panel_in_the_order_it_is_seen_and_out_again(open_panel, folder):
    panel = open_panel(folder)
    page = panel.page
    panel.to_text()
    panel.press("t")
    panel.code("Change")
    panel.stored()
    page.evaluate("document.querySelector('[data-key=document]').focus()")
    seen = [page.evaluate(FOCUS)]
    for _ in range(14):
        panel.press("Tab")
        seen.append(page.evaluate(FOCUS))
    places = [next(place for place, one in enumerate(seen) if word in one) for word in (
        "document", "coder", "cop-menu-name", "f-code", "f-coder", "f-speaker", "blind", "cop-turn")]  # fmt: skip
    assert places == sorted(places)
    assert sum("cop-turn" in one for one in seen) == 1, "the text is one stop"
    assert sum("cop-menu-name" in one for one in seen) == 1, "so are the menus"


def test_a_screen_reader_is_told_what_is_what(open_panel, folder):
    panel = open_panel(folder)
    page = panel.page
    panel.to_text()
    panel.press("ArrowDown", "s")
    panel.code("Alone")
    panel.stored()
    expect(page.get_by_role("treeitem", name="Al Alone 1 extract", exact=True)).to_be_visible()
    tree = page.locator(".cop-coding").aria_snapshot()
    lines = (
        'region "Coding of forum"', 'menubar "Coding"', 'combobox "Document"', 'combobox "You are"', 'checkbox "Blind"',
        'feed "The text by turn"', 'article "2 P01"', 'button "Al Alone" [pressed]', 'tab "Codes" [selected]',
        'tabpanel "Codes"', 'tree "Codes"', 'treeitem "Al Alone 1 extract"', "status:", "Everything is stored.",
    )  # fmt: skip
    assert [line for line in lines if line not in tree] == [], tree
    named = "one.ariaLabel || one.labels?.length || one.textContent.trim()"
    controls = page.locator(".cop-coding :is(button, input, select, textarea)")
    unnamed = controls.evaluate_all(f"all => all.filter((one) => !({named})).map((one) => one.outerHTML)")
    assert unnamed == []
    panel.press("Escape", "ArrowRight", "Shift+ArrowRight")
    page.get_by_text("Selected: I was").wait_for(state="attached")


def test_overlapping_codes_are_told_apart_in_forced_colours(open_panel, folder):
    panel = open_panel(folder, forced_colors="active")
    panel.to_text()
    panel.press("ArrowDown", "s")
    panel.code("Alone")
    panel.press("t")
    panel.code("Whole")
    panel.stored()
    shot(panel, "forced-colours")
    mark = panel.page.locator(".cop-mark").first
    images = mark.evaluate("one => getComputedStyle(one).backgroundImage")
    assert images.count("linear-gradient") == 2
    assert images.count("repeating-linear-gradient") == 1
    # Every line is drawn in the colour of the words, whatever colour its code has.
    drawn = mark.evaluate("one => getComputedStyle(one).backgroundImage.match(/color\\(srgb [^)]*\\)|rgb\\([^)]*\\)/g)")
    ink = mark.evaluate("one => getComputedStyle(one.closest('.cop-words')).color.match(/[0-9]+/g).map(Number)")
    assert drawn
    for colour in drawn:
        numbers = [float(one) for one in re.findall(r"[\d.]+", colour.replace("srgb", ""))][:3]
        scale = 255 if colour.startswith("color") else 1
        assert [round(one * scale) for one in numbers] == ink[:3]


@pytest.mark.parametrize(("width", "height"), [(683, 384), (360, 740)], ids=["zoomed to 200%", "phone"])
def test_in_a_narrow_pane_everything_is_reached_without_scrolling_sideways(open_panel, demonstration, width, height):
    panel = open_panel(demonstration, width=width, height=height)
    page = panel.page
    for key in "12345":
        panel.to_text()
        panel.press("]", key)
        panel.settled()
        shot(panel, f"narrow-{width}-{key}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        beyond = page.locator(".cop-coding :is(button, select, input, textarea):visible").evaluate_all(
            """(all, width) => all.filter((one) => {
              const box = one.getBoundingClientRect();
              return box.width && (box.right > width + 1 || box.left < -1);
            }).map((one) => one.outerHTML.slice(0, 160))""",
            width,
        )
        assert beyond == []
        assert panel.violations() == []
    reader = page.locator(".cop-reader").bounding_box()
    assert reader["height"] >= 200
    panel.to_text()
    panel.press("n")
    box = page.locator(".cop-picker").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert not panel.troubles
