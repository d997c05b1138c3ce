"""The coding panel in the real JupyterLab: coded by keyboard, found again after a restart and a reload, shared."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from cop_analysis import open_study
from tests.widgets.in_jupyterlab import HOLDS, end_kernel, execute, run_all, save_by_key, shot, visit

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def to_text(page) -> None:
    page.evaluate("document.querySelector('.cop-turn[tabindex=\"0\"]').focus()")


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def code(page, name: str) -> None:
    press(page, "n")
    page.wait_for_selector(".cop-picker:not([hidden])")
    page.keyboard.type(name)
    press(page, "Enter")


def violations(page) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context=".cop-coding", options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{rule['id']}: {node['target']} {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def stored(page) -> None:
    page.wait_for_selector(".cop-status.is-stored", timeout=180_000)


def test_a_person_codes_and_finds_it_all_again_and_a_second_coder_compares(lab, a_browser):
    work = lab[2]
    with a_browser.new_context(viewport={"width": 1366, "height": 768}) as context:
        page = visit(context, lab, "first")
        cells = page.locator(".jp-Cell").count()

        # Coding by keyboard: a passage, another over it, undone, done again, with a memo. The text is turn 9.
        to_text(page)
        for _ in range(8):
            press(page, "ArrowDown")
        press(page, "s")
        code(page, "Freshly seen")
        press(page, "t")
        code(page, "Seen whole")
        stored(page)
        turn = page.locator(".cop-turn").nth(8)
        expect(turn.locator(".cop-label").filter(has_text="Freshly seen")).to_have_count(1)
        expect(turn.locator(".cop-label").filter(has_text="Seen whole")).to_have_count(1)
        press(page, "z")
        turn.locator(".cop-label").filter(has_text="Seen whole").wait_for(state="detached")
        press(page, "Shift+Z")
        turn.locator(".cop-label").filter(has_text="Seen whole").wait_for()
        turn.locator(".cop-label").filter(has_text="Seen whole").click()
        press(page, "m")
        page.keyboard.type("A memo on it")
        press(page, "Escape")
        stored(page)

        # A configuration with evidence for it and against it.
        press(page, "c")
        page.keyboard.type("Looked at anew")
        press(page, "Enter")
        context_slot = page.get_by_role("region", name="Context", exact=True)
        context_slot.get_by_role("button", name="supports").click()
        turn.locator(".cop-label").filter(has_text="Freshly seen").click()
        page.get_by_role("region", name="Outcome", exact=True).get_by_role("button", name="refutes").click()
        page.get_by_role("textbox", name="Mechanism: reasoning in your own words").fill("they look again")
        press(page, "Tab")
        page.get_by_role("button", name="Begin with it").click()
        stored(page)
        shot(page, "lab-1366-configuration")
        assert page.locator(".jp-Cell").count() == cells, "no key of the panel was taken for one of the notebook"
        assert violations(page) == []

        # The kernel dies: the screen says what is not stored, and it is stored as soon as there is a kernel again.
        page.evaluate("""() => {
          const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
          kernel.requestExecute({ code: 'import os; os._exit(1)' });
        }""")
        page.locator(".jp-Dialog").get_by_role("button", name="Ok").click(timeout=180_000)
        to_text(page)
        press(page, "ArrowDown", "t")
        code(page, "While it was dead")
        page.locator(".cop-label").filter(has_text="While it was dead").wait_for()
        page.wait_for_selector(".cop-status.is-late", timeout=180_000)
        expect(page.locator(".cop-status")).to_contain_text("not stored yet: the kernel does not answer")
        shot(page, "lab-1366-kernel-dead")
        run_all(page)
        stored(page)
        page.locator(".cop-label").filter(has_text="While it was dead").wait_for()

        # The kernel is restarted and the page is reloaded: everything is there.
        end_kernel(page, "restartKernel")
        run_all(page)
        page.wait_for_function("globalThis.ranAll", timeout=180_000)
        page.wait_for_selector(".cop-coding[data-ready]", timeout=180_000)
        to_text(page)
        save_by_key(page, work / "notebooks" / "first.ipynb")
        page.reload()
        page.wait_for_selector(".cop-coding[data-ready]", timeout=180_000)
        to_text(page)
        turn = page.locator(".cop-turn").nth(8)
        turn.locator(".cop-label").filter(has_text="Seen whole").click()
        press(page, "2")
        expect(page.get_by_label("Memo on this extract").last).to_have_value("A memo on it")
        press(page, "3")
        page.get_by_label("Configuration", exact=True).select_option(label="Looked at anew")
        statement = page.get_by_label("Configured statement").first
        expect(statement).to_have_value("Where seen whole, they look again.")
        stance = page.get_by_role("region", name="Outcome", exact=True).get_by_label("Stance")
        expect(stance).to_have_value("refutes")

        # A second kernel and coder: sees it, codes blind, and is seen.
        second = visit(context, lab, "second")
        second.set_viewport_size({"width": 1920, "height": 1080})
        other = second.locator(".cop-turn").nth(8)
        to_text(second)
        for _ in range(8):
            press(second, "ArrowDown")
        expect(other.locator(".cop-label").filter(has_text="Seen whole")).to_have_count(1)
        press(second, "b")
        expect(other.locator(".cop-label").filter(has_text="Seen whole")).to_have_count(0)
        press(second, "t")
        code(second, "Seen whole")
        stored(second)
        page.bring_to_front()
        turn.locator(".cop-card-of").filter(has_text="Seen whole").get_by_text("Coder B").wait_for(timeout=180_000)

        # The two are compared, and a disagreement is settled with its reason.
        second.bring_to_front()
        press(second, "b", "4")
        second.get_by_text("disagreements wait").wait_for()
        shot(second, "lab-1920-compare")
        second.get_by_label("Why it was settled so").fill("Read again together.")
        second.get_by_role("button", name="Agree to differ").click()
        second.get_by_text("1 settled").wait_for()
        stored(second)
        assert violations(second) == []

    kept = open_study(work / "data" / "nmp_forum").coding
    assert any(one.reason == "Read again together." for one in kept.snapshot.decisions)
    made = next(one for one in kept.snapshot.configurations if one.label == "Looked at anew")
    assert sum(one.name == "While it was dead" for one in kept.snapshot.codes) == 1
    stances = sorted(one.stance for one in kept.snapshot.evidence if one.configuration == made.id)
    assert stances == ["refutes", "supports"]
    saved = (work / "notebooks" / "first.ipynb").read_text(encoding="utf-8")
    assert "as it stood on" in saved, "the notebook shows a static form"
    kept.close()


def test_after_a_reload_the_saved_form_follows_and_without_a_kernel_it_is_what_is_read(lab, a_browser):
    saved = lab[2] / "notebooks" / "first.ipynb"

    def form() -> str:
        (cell,) = json.loads(saved.read_text(encoding="utf-8"))["cells"]
        assert len(cell["outputs"]) == 2
        return "".join(cell["outputs"][1]["data"]["text/html"])

    with a_browser.new_context(viewport={"width": 1366, "height": 768}) as context:
        page = visit(context, lab, "first")
        execute(page, "@jupyter-widgets/jupyterlab-manager:saveWidgetState")
        execute(page, "docmanager:save")
        assert "After the reload" not in form()

        # The page is loaded anew, the kernel goes on: what is coded then comes into the notebook as well.
        page.reload()
        page.wait_for_selector(".cop-coding[data-ready]", timeout=180_000)
        to_text(page)
        press(page, "t")
        code(page, "After the reload")
        stored(page)
        page.wait_for_function(HOLDS, arg="After the reload", timeout=180_000)
        assert page.locator(".cop-coding[data-ready]").count() == 1, "the panel stays as it is"
        execute(page, "docmanager:save")
        assert "After the reload" in form()
        assert json.loads(saved.read_text(encoding="utf-8"))["metadata"]["widgets"]

        # Without its kernel, the saved form is read, and the panel says what to do.
        end_kernel(page, "shutdown")
        page.reload()
        page.locator(".cop-static-form").get_by_text("After the reload").first.wait_for(timeout=180_000)
        page.get_by_text("The kernel does not answer yet").wait_for(timeout=180_000)
        shot(page, "lab-1366-no-kernel")
        expect(page.locator(".cop-reader")).to_be_hidden()
        run_all(page)
        page.wait_for_selector(".cop-coding[data-ready]", timeout=180_000)
        expect(page.locator(".cop-reader")).to_be_visible()
        expect(page.locator(".cop-static-form")).to_be_hidden()
