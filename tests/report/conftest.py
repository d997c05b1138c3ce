"""Small notebooks and studies to run reports on, and reports built once for the whole test run."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from cop_analysis.report import RunSettings, run_report

ROOT = Path(__file__).resolve().parents[2]
PARAMETERS = 'study = "../data/x"\nperiod = ""\naudience = "internal"'
HOSTILE_TITLE = 'Forum <script>alert("title")</script> & "friends" <img src=x onerror=alert(1)>'


@dataclass(frozen=True)
class Report:
    """A finished report: its folder, and its record as run.json tells it."""

    folder: Path

    @property
    def record(self) -> dict:
        return json.loads((self.folder / "run.json").read_text(encoding="utf-8"))

    def page(self, name: str) -> str:
        return (self.folder / f"{name}.html").read_text(encoding="utf-8")


def _notebook(*sources: str, title: str = "A page", parameters: str = PARAMETERS) -> nbformat.NotebookNode:
    cells = [new_markdown_cell(f"# {title}"), new_code_cell(parameters, metadata={"tags": ["parameters"]})]
    cells += [new_markdown_cell(text[3:]) if text.startswith("md:") else new_code_cell(text) for text in sources]
    return new_notebook(cells=cells)


@pytest.fixture(scope="session")
def notebook() -> Callable[..., nbformat.NotebookNode]:
    """Make a notebook of code cells (and text where a source begins with ``md:``) below a title and parameters."""
    return _notebook


def _write_study(folder: Path, *, title: str = "A small forum", key: str = "small") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(
        f"schema_version = 1\nkey = {json.dumps(key)}\ntitle = {json.dumps(title)}\n"
        'provenance = "simulated"\nprovenance_note = "Two events written by hand for a test."\n'
        'caveats = ["Only <b>two</b> events."]\n',
        encoding="utf-8",
    )
    (folder / "events.csv").write_text(
        "event,date,format,topic,status,signed_up\n"
        "E1,2024-05-01,webinar,<script>alert('topic')</script>,held,20\n"
        "E2,2024-06-01,face to face,=HYPERLINK(1),held,10\n",
        encoding="utf-8",
    )
    (folder / "attendance.csv").write_text("event,count\nE1,12\nE2,9\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def write_study() -> Callable[..., Path]:
    """Write a study of two events into a folder."""
    return _write_study


@pytest.fixture
def small_study(tmp_path: Path) -> Path:
    return _write_study(tmp_path / "studies" / "small")


@pytest.fixture
def write_notebooks(tmp_path: Path) -> Callable[..., Path]:
    """Write notebooks, by name, into a folder of their own."""

    def write(**notebooks: nbformat.NotebookNode) -> Path:
        folder = tmp_path / "notebooks"
        folder.mkdir(exist_ok=True)
        for name, node in notebooks.items():
            nbformat.write(node, folder / f"{name.lstrip('_')}.ipynb")
        return folder

    return write


def _once(
    tmp_path_factory: pytest.TempPathFactory, wait_until: Callable[..., Any], name: str, build: Callable[[Path], Path]
) -> Report:
    """Build a report once for every worker of a test run; the first to come builds, the others wait."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder, told = base / name, base / f"{name}.finished"
    try:
        folder.mkdir()
    except FileExistsError:
        wait_until(lambda: told.exists() or not folder.exists(), f"another worker to finish the report {name}")
        assert told.exists(), f"the worker that was to build the report {name} failed"
        return Report(Path(told.read_text(encoding="utf-8")))
    try:
        finished = str(build(folder))
    except BaseException:
        folder.rmdir() if not any(folder.iterdir()) else shutil.rmtree(folder)
        raise
    beside = told.with_suffix(".writing")
    beside.write_text(finished, encoding="utf-8")
    beside.replace(told)
    return Report(Path(finished))


HOSTILE_RESULT = """
import pandas as pd
from cop_analysis.results import Figure, Headline, Highlight, Result, RESULT_MIMETYPE
bad = "</script></style></title><script>window.hit=1</script><img src=x onerror='window.hit=1'>"
svg = ('<svg viewBox="0 0 9 9" onload="window.hit=1" role="img" aria-labelledby="p-title p-desc">'
       '<title id="p-title">t</title><desc id="p-desc">d</desc><script>window.hit=1</script>'
       '<style>body{display:none}</style>'
       '<a href="javascript:window.hit=1"><rect width="9" height="9" fill="#005EB8"/></a>'
       '<image href="http://e.test/x.png"/><use href="http://e.test/x.svg#a"/>'
       '<rect style="fill:url(http://e.test/f)"/>'
       '<animate attributeName="href" values="javascript:window.hit=1"/>'
       '<foreignObject><iframe src="http://e.test/"></iframe></foreignObject></svg>')
table = pd.DataFrame({"said": [bad, "=1+1", "@x", "plain"], "n": [1, 2, 3, 4]})
Result(
    key="hostile", title=f"T {bad}", sentence=f"S {bad}", table=table, caveats=(bad,), method=bad, sources=(bad,),
    headline=Headline(bad, "7", bad), highlights=(Highlight(bad, bad, bad),),
    figure=Figure("p", f"F {bad}", svg, f"alt {bad}", table),
    body_html='<div style="position:fixed;inset:0;background-image:url(http://e.test/b)" onclick="window.hit=1">body'
    '<iframe srcdoc="<script>parent.hit=1</script>"></iframe>'
    '<form action="http://e.test/"><input><button>go</button></form><base href="http://e.test/">'
    '<meta http-equiv="refresh" content="0;url=http://e.test/">'
    '<link rel="stylesheet" href="http://e.test/s.css"><object data="http://e.test/o"></object></div>',
)
"""
HOSTILE_OUTPUTS = """
from IPython.display import HTML, Image, Markdown, SVG, Javascript, display
display(HTML("<script>window.hit=1</script>"
             "<p onmouseover='window.hit=1' style='text-align:left;background:url(http://e.test/)'>kept</p>"
             "<a href='javascript:window.hit=1'>link</a><iframe src='http://e.test/'></iframe><h1 id='title'>big</h1>"
             "<video src='http://e.test/v'></video><img src='http://e.test/i.png' alt='gone'>"
             "<math><mtext><script>hit=1</script></mtext></math><svg><style><img src=x onerror=hit=1></style></svg>"))
display(Javascript("window.hit=1"))
display(Markdown("# <script>window.hit=1</script> [x](javascript:window.hit=1) ![y](http://e.test/y.png)"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1' onload='window.hit=1'><circle r='1'/></svg>"))
print("<script>window.hit=1</script> \\x1b[31mred\\x1b[0m \\x00")
for i in range(3000):
    print("a long line that goes on " * 4)
"""


@pytest.fixture(scope="session")
def hostile_report(tmp_path_factory: pytest.TempPathFactory, wait_until: Callable[..., Any]) -> Report:
    """Build a run on hostile data and notebooks: one page of probes, one failing notebook, one dying kernel."""

    def build(base: Path) -> Path:
        folder = base / "notebooks"
        folder.mkdir()
        probes = (
            "md:Text <script>window.hit=1</script> <img src=x onerror=window.hit=1> [a](javascript:window.hit=1)\n\n"
            "![p](http://e.test/p.png) $\\text{<script>window.hit=1</script>}$ $\\href{javascript:window.hit=1}{x}$"
            "\n\n## Section [^n]\n\n[^n]: <iframe src='http://e.test/'></iframe>"
        )
        notebooks = {
            "01_hostile": _notebook(
                HOSTILE_RESULT, probes, HOSTILE_OUTPUTS, "table", title="Probes <b>bold</b> </title>"
            ),
            "02_fails": _notebook(
                "print('before')", "raise ValueError('<script>window.hit=1</script>')", "print('never')"
            ),
            "03_dies": _notebook("import os; os._exit(3)", "print('never')"),
        }
        for name, node in notebooks.items():
            nbformat.write(node, folder / f"{name}.ipynb")
        study = _write_study(base / "studies" / "small", title=HOSTILE_TITLE)
        settings = RunSettings(study=study, out=base / "outputs", notebooks_folder=folder, workers=2)
        return run_report(settings).folder

    return _once(tmp_path_factory, wait_until, "hostile-report", build)


@pytest.fixture(scope="session")
def full_report(tmp_path_factory: pytest.TempPathFactory, wait_until: Callable[..., Any]) -> Report:
    """Run the package's own notebooks on a copy of the simulated forum."""

    def build(base: Path) -> Path:
        study = base / "studies" / "nmp_forum"
        shutil.copytree(ROOT / "data" / "nmp_forum", study)
        return run_report(RunSettings(study=study, out=base / "outputs", workers=2)).folder

    return _once(tmp_path_factory, wait_until, "full-report", build)
