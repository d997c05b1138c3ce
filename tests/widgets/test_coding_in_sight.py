"""What one works on stays in sight: the words being coded, a new code, the passage that is compared, at any zoom."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from cop_analysis.widgets.coding.session import Session

pytestmark = [pytest.mark.slow, pytest.mark.browser]

COVERS = """() => {
  const range = [...CSS.highlights.get('cop-selected')][0];
  const words = range.getBoundingClientRect();
  const picker = document.querySelector('.cop-picker').getBoundingClientRect();
  const apart = picker.bottom <= words.top || picker.top >= words.bottom || picker.right <= words.left || picker.left >= words.right;
  return [apart, picker.top >= 0 && picker.bottom <= innerHeight, picker.height > 90];
}"""  # noqa: E501

IN_VIEW = """([scroller, selector]) => {
  const outer = document.querySelector(scroller).getBoundingClientRect();
  const inner = document.querySelector(selector).getBoundingClientRect();
  return inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
}"""


def long_talk(folder) -> None:
    turns = [f"P0{1 + place % 2}: Turn {place} has some words to be coded by somebody." for place in range(60)]
    (folder / "documents" / "D01.txt").write_text("\n\n".join(turns), encoding="utf-8")


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (683, 384)], ids=["desk", "at 200%"])
def test_the_list_of_codes_leaves_the_words_in_sight(open_panel, folder, width, height):
    long_talk(folder)
    panel = open_panel(folder, width=width, height=height)
    panel.to_text()
    panel.press("w")
    for _ in range(9):
        panel.press("ArrowDown", "s", "n")
        panel.page.wait_for_selector(".cop-picker:not([hidden])")
        assert panel.page.evaluate(COVERS) == [True, True, True]
        panel.press("Escape")
    assert not panel.troubles


def test_at_twice_the_size_text_and_codes_stand_side_by_side_and_nothing_covers_them(open_panel, folder):
    panel = open_panel(folder, width=683, height=384)
    panel.to_text()
    panel.press("w")
    panel.settled()
    box = {name: panel.page.locator(name).bounding_box() for name in (".cop-reader", ".cop-side", ".cop-foot")}
    assert box[".cop-reader"]["height"] > 220, "eight lines of text at least"
    assert box[".cop-reader"]["x"] + box[".cop-reader"]["width"] <= box[".cop-side"]["x"]
    for name in (".cop-reader", ".cop-side"):
        assert box[name]["y"] + box[name]["height"] <= box[".cop-foot"]["y"]
    assert box[".cop-foot"]["y"] + box[".cop-foot"]["height"] <= 384
    assert panel.violations() == []


def test_a_new_code_is_scrolled_to_and_its_colour_is_unlike_the_others_and_can_be_chosen(open_panel, folder):
    session = Session(folder, "coder-a")
    for number in range(40):
        made = {"id": f"c{number:02}", "name": f"Alpha {number:02}", "parent": None}
        assert next(iter(session.answer({"kind": "do", "op": "1", "verb": "add_code", "args": made})))["kind"] == "done"
    session.coding.close()
    panel = open_panel(folder)
    page = panel.page
    panel.to_text()
    panel.press("t")
    panel.code("Zeal")
    panel.stored()
    page.wait_for_function("document.querySelector('[aria-selected=true].cop-code')?.textContent.includes('Zeal')")
    assert page.evaluate(IN_VIEW, [".cop-tree", "[aria-selected=true].cop-code"])
    panel.to_text()
    panel.press("ArrowDown", "t")
    panel.code("Zest")
    panel.stored()
    colours = {one.name: one.colour for one in panel.session.coding.snapshot.codes if one.colour}
    assert set(colours) == {"Zeal", "Zest"}
    assert len(set(colours.values())) == 2
    page.get_by_label("Colour of Zest").fill("#aa00bb")
    panel.stored()
    assert panel.session.coding.find(type(panel.session.coding.snapshot.codes[0]),
                                     next(one.id for one in panel.session.coding.snapshot.codes if one.name == "Zest")
                                     ).colour == "#aa00bb"  # fmt: skip
    assert panel.violations() == []


def test_comparing_shows_the_passage_it_speaks_of(open_panel, folder):
    long_talk(folder)
    for coder, turn in (("coder-a", 45), ("coder-b", 2)):
        session = Session(folder, coder)
        text = session.text("D01")["text"]
        start = text.index(f"Turn {turn} has")
        made = {"id": f"x-{coder}", "document": "D01", "start": start, "end": start + 12, "code": f"c-{coder}",
                "made": {"name": f"Of {coder}", "parent": None}}  # fmt: skip
        replies = list(session.answer({"kind": "do", "op": "1", "verb": "add_extract", "args": made}))
        assert replies[0]["kind"] == "done"
        session.coding.close()
    panel = open_panel(folder)
    page = panel.page
    panel.to_text()
    panel.press("4")
    page.get_by_text("disagreements wait").wait_for()
    for said in ("Turn 2 has s", "Turn 45 has "):
        expect(page.locator(".cop-compare blockquote")).to_have_text(said.strip())
        expect(page.locator(".cop-mark.is-chosen")).to_have_text(said.strip())
        panel.settled()
        assert page.evaluate(IN_VIEW, [".cop-reader", ".cop-mark.is-chosen"])
        panel.press(".")
    assert not panel.troubles
