"""The notebooks: committed clean, parameterised alike, and each true to its calls."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from cop_analysis.pages import OPENED_PAGES

pytestmark = pytest.mark.slow

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))
PAGES = [path for path in NOTEBOOKS if not path.name.startswith("00")]


def cells(path: Path) -> list[dict]:
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def code(path: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in cells(path) if cell["cell_type"] == "code"]


def parameters(path: Path) -> dict[str, object]:
    tagged = [cell for cell in cells(path) if "parameters" in cell["metadata"].get("tags", [])]
    assert len(tagged) == 1, f"{path.name} has {len(tagged)} cells tagged parameters"
    tree = ast.parse("".join(tagged[0]["source"]))
    return {node.targets[0].id: ast.literal_eval(node.value) for node in tree.body}


def test_every_notebook_of_a_report_has_what_it_opens_in_the_list_of_pages():
    assert NOTEBOOKS[0].stem == "00_workbench"
    listed = [page.notebook for page in OPENED_PAGES]
    assert [path.stem for path in PAGES] == listed, "Say in OPENED_PAGES of cop_analysis/pages.py what each opens."


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_parameters_begin_with_study_period_and_audience(path: Path):
    assert list(parameters(path))[:3] == ["study", "period", "audience"]
    assert parameters(path)["audience"] == "internal"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_a_page_not_a_program(path: Path):
    """No definitions, no loops: a heading, a call, again; and one first-level heading."""
    for source in code(path):
        kinds = {type(node) for node in ast.walk(ast.parse(source))}
        assert not kinds & {ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.Lambda}, source
    headings = [
        line
        for cell in cells(path)
        if cell["cell_type"] == "markdown"
        for line in cell["source"]
        if line.startswith("# ")
    ]
    assert len(headings) == 1


def run_code(path: Path, study: Path) -> list[object]:
    """Run the cells in one namespace, as a kernel would, and give the value of each cell's last expression."""
    shown: list[object] = []
    names: dict[str, object] = {}
    for source in code(path):
        tree = ast.parse(source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, path.name, "exec"), names)
        if "study" in names and not shown:
            names["study"] = str(study)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), path.name, "eval"), names)
            # A page that makes its own sections shows each of its results.
            shown += getattr(value, "results", None) or [value]
    return shown


@pytest.mark.parametrize("study", ["nmp_forum", "cancer_cop"])
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_every_call_gives_a_result_with_a_sentence_and_its_own_key(path: Path, study: str):
    from cop_analysis.results import Result

    shown = run_code(path, path.parent.parent / "data" / study)
    assert shown
    assert all(isinstance(result, Result) for result in shown)
    assert all(result.sentence.strip() for result in shown)
    keys = [result.key for result in shown]
    assert len(keys) == len(set(keys))
    figures = [result.figure.name for result in shown if result.figure is not None]
    assert len(figures) == len(set(figures))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_study_with_no_table_at_all_still_has_every_page(path: Path, tmp_path: Path):
    from cop_analysis.results import Result

    (tmp_path / "study.toml").write_text(
        'schema_version = 1\nkey = "bare"\ntitle = "A bare study"\nprovenance = "collected"\n', encoding="utf-8"
    )
    for result in run_code(path, tmp_path):
        assert isinstance(result, Result)
        assert result.sentence.strip()
        assert result.figure is None


def test_the_workbench_notebook_shows_its_panel():
    path = next(path for path in NOTEBOOKS if path.stem == "00_workbench")
    (panel,) = run_code(path, Path("."))
    assert "Choose" in panel.static_html()
