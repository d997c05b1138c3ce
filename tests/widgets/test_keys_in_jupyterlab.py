"""No place of a panel gives the keys to the notebook: m, d d, x and the others never reach a cell."""

from __future__ import annotations

import pytest

from tests.widgets.in_jupyterlab import shot, visit

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CELLS = """() => [...Array(window.jupyterapp.shell.currentWidget.content.model.cells.length).keys()].map((place) => {
  const cell = window.jupyterapp.shell.currentWidget.content.model.cells.get(place);
  return [cell.id, cell.type, cell.sharedModel.getSource()];
})"""

GRID = """([selector, across, down]) => {
  const box = document.querySelector(selector).getBoundingClientRect();
  const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  const found = [];
  for (let row = 0; row < down; row += 1) for (let column = 0; column < across; column += 1) {
    const at = (from, until, part, of) => from + 3 + ((until - from - 6) * part) / (of - 1);
    const [x, y] = [at(left, right, column, across), at(top, bottom, row, down)];
    if (document.elementFromPoint(x, y)?.closest(selector)) found.push([x, y]);
  }
  return found;
}"""

WHERE = """async (selector) => {
  // What had the focus may be on its way out; the panel takes the keys back, and a key before that is its own.
  for (let left = 20; left && document.activeElement === document.body; left -= 1) {
    await new Promise((done) => setTimeout(done, 10));
  }
  const root = document.querySelector(selector);
  if (!root) return 'the panel is gone';
  const has = document.activeElement;
  return root.contains(has) ? '' : `${has.tagName}.${has.className}`;
}"""

OUTSIDE = """(selector) => {
  const has = document.activeElement;
  return has.closest('.jp-Notebook') && !has.closest(selector);
}"""

KEYS = ("Escape", "]", "m", "Escape", "d", "d", "Escape", "a", "b", "b", "x", "Escape")


def leaks(page, selector: str, across: int, down: int) -> list[str]:
    """Click a grid over the panel and press keys after each click; list the places from which the keys got out."""
    before = page.evaluate(CELLS)
    points = page.evaluate(GRID, [selector, across, down])
    assert len(points) > across * down / 2
    found = []
    for place, (x, y) in enumerate(points):
        page.mouse.click(x, y, button="right" if place % 17 == 16 else "left")
        said = page.evaluate(WHERE, selector)
        for key in KEYS:
            page.keyboard.press(key)
        said = said or page.evaluate(WHERE, selector)
        now = page.evaluate(CELLS)
        if said or now != before:
            found.append(f"({x:.0f}, {y:.0f}): {said or 'the cells changed'}")
            assert now == before, found
    return found


def test_no_click_on_a_panel_gives_the_keys_to_the_notebook(lab, a_browser):
    with a_browser.new_context(viewport={"width": 1366, "height": 768}) as context:
        page = visit(context, lab, "first")
        page.evaluate("document.querySelector('.cop-coding').scrollIntoView({ block: 'end' })")
        assert leaks(page, ".cop-coding", 11, 12) == []
        page.keyboard.press("Escape")
        page.evaluate("document.querySelector('.cop-top .cop-button').click()")
        page.locator(".cop-coding:popover-open").wait_for()
        assert leaks(page, ".cop-coding", 7, 6) == []
        assert page.locator(".cop-coding[data-ready]").count() == 1

        # What had the focus goes away, and a list of choices that was open is closed.
        page.locator(".cop-menu-name", has_text="Help").click()
        page.get_by_role("menuitem", name="Keys and how to code").click()
        page.get_by_role("dialog").get_by_role("button", name="Close").click()
        before = page.evaluate(CELLS)
        for key in ("m", "Escape", "d", "d", "x"):
            page.keyboard.press(key)
        page.evaluate("document.activeElement.remove()")
        for key in ("m", "d", "d", "x"):
            page.keyboard.press(key)
        assert page.evaluate(CELLS) == before
        assert page.evaluate(WHERE, ".cop-coding") == ""
        # Somebody who clicks into the notebook has its keys again.
        page.keyboard.press("Escape")
        page.keyboard.press("w")
        page.locator(".cop-coding:popover-open").wait_for(state="detached")
        page.locator(".jp-InputPrompt").first.click()
        page.wait_for_function(OUTSIDE, arg=".cop-coding")
        page.keyboard.press("Escape")
        page.keyboard.press("b")
        page.wait_for_function("window.jupyterapp.shell.currentWidget.content.model.cells.length === 2")

    with a_browser.new_context(viewport={"width": 1366, "height": 768}) as context:
        page = visit(context, lab, "00_workbench", panel=".cop-workbench[data-ready]")
        shot(page, "keys-1366-workbench")
        assert leaks(page, ".cop-workbench", 8, 7) == []
