"""Every heading of every page, by the one list of what notebooks open: none is forgotten, none is without a door."""

from __future__ import annotations

import ast
import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cop_analysis.pages import OPENED_PAGES, OpenedPage
from cop_analysis.results import Figure, Result
from cop_analysis.study import Study, open_study

ROOT = Path(__file__).resolve().parent.parent
BARE = {"key": "bare", "title": "A bare study", "provenance": "collected"}
CASES = sorted(path.parent for path in (ROOT / "tests" / "cases").glob("*/study.toml"))
by_notebook = pytest.mark.parametrize("page", OPENED_PAGES, ids=lambda page: page.notebook)


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the last step of a picture (matplotlib writing SVG) out; other tests draw whole pages."""
    from cop_analysis import figures

    def unwritten(canvas: object, **facts: Any) -> Figure:
        return Figure(svg="<svg></svg>", **facts)

    monkeypatch.setattr(figures, "finish", unwritten)


def give_each_its_own(page: OpenedPage, study: Study) -> None:
    """Ask every heading of everything the page opens: a result with its own key and title, each key once."""
    for opened in page.opened(study):
        keys = []
        for one in page.pages:
            result = getattr(opened, one.method)()
            assert isinstance(result, Result), one.method
            assert result.key.startswith(one.about(opened).key), one.method
            assert result.title.strip(), one.method
            assert result.sentence.strip().endswith((".", "?", "!")), (one.method, result.sentence)
            assert columns_that_say_nothing(result) == [], one.method
            keys.append(result.key)
        assert len(keys) == len(set(keys)), keys


def columns_that_say_nothing(result: Result) -> list[str]:
    """Name the columns of a result's tables of which nothing says what they hold."""
    payload = result.payload()
    tables = [table for table in (payload["table"], payload["figure"] and payload["figure"]["table"]) if table]
    return [
        column
        for table in tables
        for column, kind in zip(table["columns"], table["kinds"], strict=True)
        if kind is None
    ]


@by_notebook
def test_a_study_without_a_table_has_every_heading(page: OpenedPage) -> None:
    give_each_its_own(page, Study.from_tables(BARE))


@pytest.mark.slow
@by_notebook
@pytest.mark.parametrize("period", ["", "1999"])
@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_a_small_study_has_every_heading(page: OpenedPage, case: Path, period: str) -> None:
    give_each_its_own(page, open_study(case, period=period))


@by_notebook
@pytest.mark.parametrize("name", ["cancer_cop", "nmp_forum"])
@pytest.mark.slow
def test_a_demonstration_study_has_every_heading(page: OpenedPage, name: str) -> None:
    give_each_its_own(page, open_study(ROOT / "data" / name))


@by_notebook
def test_every_heading_has_a_door_in_its_notebook(page: OpenedPage) -> None:
    cells = json.loads((ROOT / "notebooks" / f"{page.notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    reached: set[str] = set()
    to_follow = {name for source in sources for name in calls_in(source)}
    while to_follow:
        reached |= to_follow
        methods = [getattr(page.kind_opened, name, None) for name in to_follow]
        to_follow = {name for method in methods for name in spoken_of(method)} - reached
    assert {one.method for one in page.pages} - reached == set()


def calls_in(source: str) -> Iterator[str]:
    """Give the methods a cell calls."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr


def spoken_of(method: object) -> Iterator[str]:
    """Give what a method calls on what was opened, itself or in the module that lays out a whole page for it."""
    inner = inspect.unwrap(method) if inspect.isfunction(method) else None
    if not inspect.isfunction(inner):
        return
    yield from inner.__code__.co_names
    for name in inner.__code__.co_names:
        layout = inner.__globals__.get(name)
        if inspect.isfunction(layout):
            for node in ast.walk(ast.parse(inspect.getsource(sys.modules[layout.__module__]))):
                if isinstance(node, ast.Attribute):
                    yield node.attr


def test_no_two_pages_open_the_same_or_share_a_key() -> None:
    assert len({page.kind for page in OPENED_PAGES}) == len(OPENED_PAGES)
    keys = [one.key for page in OPENED_PAGES for one in page.pages]
    assert len(keys) == len(set(keys))
