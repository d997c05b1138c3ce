"""The workbench panel: what it says, and that it works in a real JupyterLab."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cop_analysis.report.lab import lab_command, lab_environment, lab_folder
from cop_analysis.widgets.workbench import Workbench, find_studies, outcome_html, outputs_folder

ROOT = Path(__file__).resolve().parents[2]


def test_studies_are_found_beside_above_and_below(tmp_path: Path):
    for name in ("data/one", "data/two", "notebooks"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "data/one/study.toml").touch()
    (tmp_path / "data/two/study.toml").touch()
    expected = ["one", "two"]
    assert [path.name for path in find_studies(tmp_path)] == expected
    assert [path.name for path in find_studies(tmp_path / "notebooks")] == expected
    assert [path.name for path in find_studies(tmp_path / "data")] == expected
    assert [path.name for path in find_studies(tmp_path / "data/one")] == ["one"]


def test_reports_go_beside_the_data_folder(tmp_path: Path):
    assert outputs_folder(tmp_path / "data" / "one") == tmp_path / "outputs"
    assert outputs_folder(tmp_path / "mine") == tmp_path / "outputs"


def test_what_the_command_printed_is_text_not_markup():
    shown = outcome_html("check", "mine", 1, "mine: people.csv, row 2: <script>alert(1)</script>\n", "")
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert "role='alert'" in shown
    assert "<li>people.csv, row 2" in shown


def test_without_a_study_the_panel_asks_for_one(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    panel = Workbench()
    assert panel.start("check") is None
    assert "Choose a study first" in panel.message.value


def test_coding_opens_below_the_buttons_and_a_study_at_fault_is_said(tmp_path: Path):
    shutil.copytree(ROOT / "data" / "nmp_forum", tmp_path / "one")
    panel = Workbench(tmp_path / "one")
    panel.open_coding()
    (opened,) = panel.coding_place.children
    assert opened.session.study.key == "nmp_forum"
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "study.toml").write_text("<b>", encoding="utf-8")
    panel.path.value = str(tmp_path / "two")
    panel.open_coding()
    assert "role='alert'" in panel.message.value
    assert "<b>" not in panel.message.value
    opened.close()


def test_a_check_runs_in_the_background_and_says_what_it_found(monkeypatch):
    panel = Workbench(ROOT / "data" / "cancer_cop")
    panel.start("check").join(timeout=120)
    assert "The study has no faults" in panel.message.value
    assert "392" in panel.message.value
    assert not panel.check.disabled


def test_the_panel_has_a_static_form_for_pages_without_widgets():
    bundle = Workbench(ROOT / "data" / "cancer_cop")._repr_mimebundle_()
    assert "cancer_cop" in bundle["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_an_installed_package_copies_its_notebooks_once(tmp_path: Path, monkeypatch):
    package = tmp_path / "site" / "notebooks"
    package.mkdir(parents=True)
    (package / "00_workbench.ipynb").write_text("new", encoding="utf-8")
    (package / "01_study_overview.ipynb").write_text("new", encoding="utf-8")
    monkeypatch.setattr("cop_analysis.report.lab.notebooks_folder", lambda: package)
    mine = tmp_path / "work" / "notebooks"
    mine.mkdir(parents=True)
    (mine / "01_study_overview.ipynb").write_text("my own work", encoding="utf-8")
    assert lab_folder(tmp_path / "work") == tmp_path / "work"
    assert (mine / "00_workbench.ipynb").read_text(encoding="utf-8") == "new"
    assert (mine / "01_study_overview.ipynb").read_text(encoding="utf-8") == "my own work"


@pytest.fixture
def lab(tmp_path: Path):
    """A JupyterLab of its own on a copy of the notebooks and one study; gives its address and token."""
    work = tmp_path / "work"
    shutil.copytree(ROOT / "notebooks", work / "notebooks")
    shutil.copytree(ROOT / "data" / "cancer_cop", work / "data" / "cancer_cop")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    places = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR",
              "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")  # fmt: skip
    environment = lab_environment(work, work / "data" / "cancer_cop")
    environment |= {name: str(tmp_path / name.lower()) for name in places}
    command = [
        *lab_command(work, browser=False, port=port),
        f"--IdentityProvider.token={token}",
        "--ServerApp.port_retries=0",
        "--LabApp.expose_app_in_browser=True",
    ]
    log = (tmp_path / "lab.log").open("wb")
    server = subprocess.Popen(command, cwd=work, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"{address}/api?token={token}", timeout=2):
                    break
            except OSError:
                assert server.poll() is None, (tmp_path / "lab.log").read_text(errors="replace")
                time.sleep(0.2)
        yield address, token, work
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


@pytest.mark.slow
@pytest.mark.browser
def test_a_person_checks_a_study_and_runs_its_report_in_jupyterlab(lab, chromium):
    # In a thread of its own: another module's browser may still hold this thread's event loop.
    with ThreadPoolExecutor(1) as alone:
        alone.submit(_check_and_report, *lab, chromium).result()


def _check_and_report(address: str, token: str, work: Path, chromium: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(f"{address}/lab/tree/notebooks/00_workbench.ipynb?reset&token={token}")
        page.wait_for_function(
            "window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'",
            timeout=90_000,
        )
        page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
        check = page.get_by_role("button", name="Check the study")
        check.wait_for(timeout=60_000)
        check.click()
        page.get_by_text("The study has no faults.").wait_for(timeout=90_000)
        page.get_by_role("button", name="Run the report").click()
        page.get_by_text("The report is ready.").wait_for(timeout=240_000)
        shot = os.environ.get("COP_SCREENSHOTS")
        if shot:
            page.screenshot(path=f"{shot}/workbench.png")
        assert page.get_by_text("Jupyter news").count() == 0, "nothing asks for attention but the work"
        (report,) = (work / "outputs").glob("cancer_cop/*/index.html")
        with page.context.expect_page() as opened:
            page.get_by_role("link", name="Open the report").click()
        opened.value.wait_for_load_state()
        assert report.parent.name in opened.value.url
        assert "Findings" in opened.value.content()
        browser.close()
