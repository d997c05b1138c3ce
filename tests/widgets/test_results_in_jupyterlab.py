"""Results in the real JupyterLab: words at the left, tables in their box, overlapping codes seen apart."""

from __future__ import annotations

import pytest

from tests.widgets.in_jupyterlab import shot, visit

pytestmark = [pytest.mark.slow, pytest.mark.browser]

LOOK = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const aligned = (selector) => all(selector).map((one) => getComputedStyle(one).textAlign);
  const overflows = (one) => one.scrollWidth > one.clientWidth + 1;
  return {
    words: aligned('.cop-result :is(td, th):not(.number)'),
    numbers: aligned('.cop-result :is(td, th).number'),
    wide: all('.cop-result .cop-table').filter(overflows).length,
    beyond: all('.jp-OutputArea-output').filter(overflows).map((one) => one.textContent.slice(0, 60)),
  };
}"""

LINES = """() => [...document.querySelectorAll('.cop-transcript mark')].map((one) => {
  const style = getComputedStyle(one);
  return [style.backgroundImage.split('gradient(').length - 1, one.className.split('cop-line-').length - 1];
})"""


def test_results_keep_to_the_notebook_and_overlapping_codes_are_seen_apart(lab, a_browser):
    with a_browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = visit(context, lab, "02_cmo_configurations", panel=".cop-result .cop-table")
        page.wait_for_function("document.querySelectorAll('.cop-result .cop-table').length > 5", timeout=180_000)
        page.wait_for_function("globalThis.ranAll", timeout=180_000)
        page.locator(".cop-transcript mark").first.wait_for(state="attached")
        page.evaluate("document.querySelectorAll('details.cop-transcript').forEach((one) => { one.open = true; })")
        found = page.evaluate(LOOK)
        assert set(found["words"]) <= {"left", "start"}
        assert set(found["numbers"]) == {"right"}
        assert found["wide"] > 0, "some tables are wider than the notebook, and scroll in their box"
        assert found["beyond"] == []
        lines = page.evaluate(LINES)
        assert {drawn for drawn, _ in lines} >= {1, 2}, "some words have one code, some two"
        assert all(drawn == meant for drawn, meant in lines)
        page.locator(".cop-transcript mark.cop-line-2").first.scroll_into_view_if_needed()
        shot(page, "results-1280-transcript")


def test_pictures_whose_people_are_links_are_shown_and_not_an_error(lab, a_browser):
    with a_browser.new_context(viewport={"width": 1366, "height": 768}) as context:
        page = visit(context, lab, "03_collaboration_network", panel=".cop-picture svg a")
        page.wait_for_function("document.querySelectorAll('.cop-picture svg').length > 1", timeout=180_000)
        page.locator(".cop-picture svg a").first.scroll_into_view_if_needed()
        # Whatever was to be complained of has been by then.
        page.wait_for_function("globalThis.ranAll", timeout=180_000)
        shot(page, "results-1366-linked-picture")
        said = page.locator(".jp-OutputArea-output").all_inner_texts()
        assert [one[-100:] for one in said if "Javascript Error" in one] == []
        assert page.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
