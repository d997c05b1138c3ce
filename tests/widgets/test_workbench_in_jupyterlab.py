"""The workbench in the real JupyterLab: from opening it to a report, and from nothing to a first configuration."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from cop_analysis import open_study
from cop_analysis.report.lab import lab_command, lab_environment
from tests.widgets.in_jupyterlab import HOLDS, IDLE, answers, end_kernel, execute, save_by_key

pytestmark = [pytest.mark.slow, pytest.mark.browser]

ROOT = Path(__file__).resolve().parents[2]
PLACES = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR",
          "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")  # fmt: skip


@pytest.fixture
def lab_at(start_process, wait_until) -> Callable[[Path, Path], AbstractContextManager[str]]:
    return partial(_lab_at, start_process, wait_until)


@contextmanager
def _lab_at(start_process: Any, wait_until: Any, work: Path, around: Path) -> Iterator[str]:
    """A JupyterLab of its own on a folder with the notebooks; gives the address of the workbench notebook."""
    shutil.copytree(ROOT / "notebooks", work / "notebooks")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    environment = lab_environment(work, work)
    del environment["COP_STUDY"]
    environment |= {name: str(around / name.lower()) for name in PLACES}
    environment["PYTHONPATH"] = str(ROOT)
    command = [*lab_command(work, browser=False, port=port), f"--IdentityProvider.token={token}",
               "--ServerApp.port_retries=0", "--LabApp.expose_app_in_browser=True"]  # fmt: skip
    with (around / "lab.log").open("wb") as log:
        server = start_process(command, cwd=work, env=environment, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}/api?token={token}"
            wait_until(lambda: answers(address, server, around / "lab.log"), "JupyterLab to start")
            yield f"http://127.0.0.1:{port}/lab/tree/notebooks/00_workbench.ipynb?reset&token={token}"
        finally:
            server.terminate()
            server.wait(timeout=600)


def walk(a_browser: Any, address: str, steps: Callable[[Any], None], width: int = 1366, height: int = 768,
         **look: str) -> None:  # fmt: skip
    """Take the steps in a page of its own, opened at the address."""
    with a_browser.new_context(viewport={"width": width, "height": height}, **look) as context:
        page = context.new_page()
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(address)
        page.wait_for_function(IDLE, timeout=180_000)
        steps(page)
        assert [one for one in troubles if "cop" in one.lower()] == []


def run_all(page) -> None:
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.locator("#jp-mainmenu-run").get_by_text("Run All Cells", exact=True).click()
    page.locator(".cop-workbench[data-ready]").wait_for(timeout=180_000)


def shot(page, name: str) -> None:
    if folder := os.environ.get("COP_SCREENSHOTS"):
        page.wait_for_timeout(400)
        page.screenshot(path=f"{folder}/{name}.png")


def violations(page) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context=".cop-workbench", options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def button(page, name: str):
    return page.get_by_role("button", name=name, exact=True)


def test_a_person_goes_from_opening_a_study_to_its_report_and_its_decisions(tmp_path: Path, a_browser, lab_at):
    work = tmp_path / "my work é"
    shutil.copytree(ROOT / "data" / "cancer_cop", work / "data" / "cancer_cop")
    study = work / "data" / "O'Brien & <b> “copy”"
    shutil.copytree(ROOT / "data" / "nmp_forum", study)

    def steps(page) -> None:
        run_all(page)
        cells = page.locator(".jp-Cell").count()
        page.get_by_label("Study", exact=True).select_option(label=study.name)
        page.get_by_role("heading", name="Virtual forum for non-medical prescribers").wait_for()
        for name in ("Code the documents", "Check the study", "Run the report", "See what waits"):
            box = button(page, name)
            assert box.evaluate("(one) => one.scrollWidth <= one.clientWidth"), f"{name} is not cut off"

        # Code, and come back.
        button(page, "Code the documents").click()
        page.wait_for_selector(".cop-coding[data-ready]", timeout=180_000)
        expect(page.locator(".cop-static-form").first).to_be_hidden()
        shot(page, "workbench-coding")
        button(page, "Close the coding").click()
        page.wait_for_selector(".cop-coding", state="detached")

        # Check, and run the report with its progress.
        button(page, "Check the study").click()
        page.get_by_text("The study has no faults.").wait_for(timeout=180_000)
        page.get_by_text("Number audit:").wait_for()
        button(page, "Run the report").click()
        page.get_by_text("Running the report: step").wait_for(timeout=180_000)
        expect(button(page, "Check the study")).to_have_attribute("aria-disabled", "true")
        expect(page.get_by_label("Progress of the report")).to_have_attribute("max", re.compile(r"\d"))
        shot(page, "workbench-running")
        page.get_by_text("The report is ready.").wait_for(timeout=300_000)
        with page.context.expect_page() as opened:
            page.get_by_role("link", name="Open the report").click()
        opened.value.wait_for_load_state()
        assert "Findings" in opened.value.content()
        opened.value.close()

        # The decisions that wait.
        button(page, "See what waits").click()
        page.get_by_text("Coders who disagree").wait_for(timeout=180_000)
        page.get_by_text("No conflict of a merge waits.").wait_for()
        page.get_by_text("Gaps in the configurations").wait_for()
        shot(page, "workbench-decisions")
        assert violations(page) == []
        assert page.get_by_text("Jupyter news").count() == 0, "nothing asks for attention but the work"

        # The keys pressed here are not the notebook's: d, d would delete the cell.
        button(page, "Check the study").focus()
        for key in ("d", "d", "a", "x"):
            page.keyboard.press(key)
        assert page.locator(".jp-Cell").count() == cells

        # The kernel is restarted: that is said, and after the cells are run again the report is there.
        end_kernel(page, "restartKernel")
        page.wait_for_function(IDLE, timeout=180_000)
        button(page, "Check the study").click()
        page.get_by_text("Nothing answers").wait_for(timeout=180_000)
        run_all(page)
        page.get_by_label("Study", exact=True).select_option(label=study.name)
        page.get_by_role("link", name="Open the report").wait_for()

    with lab_at(work, tmp_path) as address:
        walk(a_browser, address, steps)
    (report,) = (work / "outputs").glob("nmp_forum/*/index.html")
    assert json.loads((report.parent / "run.json").read_text(encoding="utf-8"))["status"] == "ok"


def test_somebody_with_three_transcripts_and_nothing_else_gets_to_a_first_configuration(
    tmp_path: Path, a_browser, lab_at
):
    mine = tmp_path / "mine"
    mine.mkdir()
    source = ROOT / "data" / "nmp_forum" / "documents"
    shutil.copy(source / "D01_interview_hospice_nurse.txt", mine / "<img src=x onerror=alert(1)>.txt")
    (mine / "captions.vtt").write_text(
        "WEBVTT\n\n00:01.000 --> 00:02.000\n<v P02>I ring them now.</v>\n", encoding="utf-8"
    )
    (mine / "notes.md").write_text("**I:** How was it?\n\n**P03:** Long.\n", encoding="utf-8")
    (mine / "scan.pdf").write_bytes(b"%PDF-1.7")
    work = tmp_path / "work"
    work.mkdir()

    def steps(page) -> None:
        said = page.locator(".cop-wb-next")
        run_all(page)
        expect(said).to_contain_text("make a new one")
        page.get_by_label("Name of the study").fill("Ward <1> & “2”")
        page.keyboard.press("Enter")
        page.get_by_text("The study is made").wait_for()
        expect(said).to_contain_text("Choose files")
        shot(page, "walk-documents")
        page.locator("input[type=file]").set_input_files(sorted(mine.iterdir()))
        page.get_by_text("scan.pdf is a PDF").wait_for(timeout=180_000)
        page.get_by_text("<img src=x onerror=alert(1)>.txt").wait_for()
        shot(page, "walk-brought")
        assert violations(page) == []
        button(page, "Add these 3 documents to the study").click()
        page.get_by_text("3 documents are in the study now").wait_for()
        bring_a_network(page)
        expect(said).to_contain_text("Code the documents")
        button(page, "Code the documents").click()
        page.wait_for_selector(".cop-coding[data-ready]", timeout=180_000)

        # The coding panel says the rest, sentence by sentence.
        step = page.locator(".cop-step")
        step.get_by_text("Say who you are").wait_for()
        # The keys are where the first sentence asks for something.
        page.wait_for_function("document.activeElement.dataset.key === 'coder'", timeout=180_000)
        page.get_by_label("You are").select_option(index=page.get_by_label("You are").locator("option").count() - 1)
        page.keyboard.type("Nurse")
        page.keyboard.press("Enter")
        step.get_by_text("Select words that matter").wait_for()
        page.evaluate("document.querySelector('.cop-turn[tabindex=\"0\"]').focus()")
        page.keyboard.press("s")
        page.keyboard.press("n")
        page.wait_for_selector(".cop-picker:not([hidden])")
        page.keyboard.type("Made welcome")
        page.keyboard.press("Enter")
        page.wait_for_selector(".cop-status.is-stored", timeout=180_000)
        step.get_by_text("open Configurations").wait_for()
        page.keyboard.press("c")
        page.keyboard.type("Welcome first")
        page.keyboard.press("Enter")
        slot = page.get_by_role("region", name="Context", exact=True)
        slot.get_by_role("button", name="supports").click()
        page.wait_for_selector(".cop-status.is-stored", timeout=180_000)
        page.locator("[data-step=code] .cop-wb-sum").get_by_text("1 configuration").wait_for(timeout=180_000)
        shot(page, "walk-configuration")
        # The static form follows, and is saved with the notebook.
        page.wait_for_function(HOLDS, arg="Made welcome", timeout=180_000)
        button(page, "Close the coding").focus()
        save_by_key(page, work / "notebooks" / "00_workbench.ipynb")
        assert "Made welcome" in saved_form()

        # So it does after the page was loaded anew, which goes on where it was.
        page.reload()
        page.wait_for_selector(".cop-coding[data-ready]", timeout=180_000)
        page.evaluate("document.querySelector('.cop-turn[tabindex=\"0\"]').focus()")
        for key in ("ArrowDown", "t", "n"):
            page.keyboard.press(key)
        page.wait_for_selector(".cop-picker:not([hidden])")
        page.keyboard.type("After the reload")
        page.keyboard.press("Enter")
        page.wait_for_selector(".cop-status.is-stored", timeout=180_000)
        page.wait_for_function(HOLDS, arg="After the reload", timeout=180_000)
        execute(page, "docmanager:save")

    def bring_a_network(page) -> None:
        advice = mine / "advice.txt"
        advice.write_text("dl n=3 format=edgelist1\nlabels:\nP02,P03,P04\ndata:\n1 2\n2 1\n1 3\n", encoding="utf-8")
        page.locator("input[type=file]").set_input_files(advice)
        page.get_by_text("a network (UCINET DL) of 3 people and 3 ties.").wait_for()
        card = page.locator("[data-network]")
        card.get_by_label("What connects people").fill("Asking advice")
        card.get_by_label("Direction of a tie").select_option(label="None")
        # A choice is looked at anew; what was typed stays.
        card.get_by_text("1 because the file holds it twice").wait_for()
        expect(card.get_by_label("What connects people")).to_have_value("Asking advice")
        card.get_by_label("Direction of a tie").select_option(label="One way")
        card.get_by_text("3 ties read, 3 kept").wait_for()
        card.get_by_label("When it was asked").fill("At the start")
        for width, height in ((390, 844), (1366, 768)):
            page.set_viewport_size({"width": width, "height": height})
            execute(page, "application:toggle-left-area")
            card.scroll_into_view_if_needed()
            shot(page, f"walk-network-{width}")
            # JupyterLab lays itself out anew some time after its window has another size.
            fits = "(one) => one.getBoundingClientRect().right <= innerWidth && one.scrollWidth <= one.clientWidth"
            page.wait_for_function(fits, arg=card.element_handle(), timeout=180_000)
        assert violations(page) == []
        button(page, "Bring this network into the study").click()
        page.get_by_text("3 ties added to ties.csv (asking_advice, at_the_start).").wait_for()

    def saved_form() -> str:
        saved = json.loads((work / "notebooks" / "00_workbench.ipynb").read_text(encoding="utf-8"))
        return "".join(saved["cells"][-1]["outputs"][1]["data"]["text/html"])

    with lab_at(work, tmp_path) as address:
        walk(a_browser, address, steps)
    folder = work / "data" / "Ward 1 & “2”"
    study = open_study(folder)
    assert sorted(zip(study.ties["ego"], study.ties["alter"], strict=True)) == [
        ("P02", "P03"), ("P02", "P04"), ("P03", "P02"),
    ]  # fmt: skip
    coding = study.coding
    assert [one.label for one in coding.snapshot.configurations] == ["Welcome first"]
    assert len(coding.snapshot.evidence) == 1
    coding.close()
    assert "Welcome first" in saved_form()
    assert "After the reload" in saved_form()


def test_at_the_width_of_a_phone_nothing_is_cut_off(tmp_path: Path, a_browser, lab_at):
    work = tmp_path / "work"
    shutil.copytree(ROOT / "data" / "cancer_cop", work / "data" / "cancer_cop")

    def steps(page) -> None:
        execute(page, "application:toggle-left-area")
        page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
        bench = page.locator(".cop-workbench[data-ready]")
        bench.wait_for(timeout=180_000)
        button(page, "New study").click()
        assert bench.evaluate("(one) => one.scrollWidth <= one.clientWidth")
        for one in page.locator(".cop-wb-button:visible").all():
            assert one.evaluate("(one) => one.scrollWidth <= one.clientWidth")
        shot(page, "workbench-phone")
        assert violations(page) == []
        for theme in ("Light", "Dark"):
            execute(page, "apputils:change-theme", theme=f"JupyterLab {theme}")
            expect(page.locator("body")).to_have_attribute("data-jp-theme-name", f"JupyterLab {theme}")
            for width, height in ((390, 844), (1366, 768)):
                page.set_viewport_size({"width": width, "height": height})
                shot(page, f"workbench-{theme.lower()}-{width}")
                assert violations(page) == [], (theme, width)

    with lab_at(work, tmp_path) as address:
        walk(a_browser, address, steps, width=390, height=844)
