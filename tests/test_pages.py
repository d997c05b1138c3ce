"""Every heading of every page, by the one list of what notebooks open: none is forgotten, none is without a door."""

from __future__ import annotations

import ast
import functools
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

import pytest

from cop_analysis.pages import OPENED_PAGES, OpenedPage
from cop_analysis.results import Figure, Result
from cop_analysis.results.pages import Opened, Page, Shows
from cop_analysis.study import Study, open_study
from tests.asking import ask

ROOT = Path(__file__).resolve().parent.parent
BARE = {"key": "bare", "title": "A bare study", "provenance": "collected"}
CASES = sorted(path.parent for path in (ROOT / "tests" / "cases").glob("*/study.toml"))
WHOLE = ROOT / "tests" / "cases" / "whole"
"""Eight people, every table; who did not consent is called dunlin, and no page says a person's id by accident."""
NOTHING_TO_SHOW = {
    "cohorts": "its waves are matched, person by person",
    "looking_back": "nobody was asked to look back",
}
"""The headings for which the whole study rightly has nothing."""
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
        are_their_own(opened, [(one, getattr(opened, one.method)()) for one in page.pages])


def are_their_own(opened: Opened, asked: list[tuple[Page, Result]]) -> None:
    for one, result in asked:
        assert isinstance(result, Result), f"{one.method} gives no Result."
        assert result.key.startswith(one.about(opened).key), f"{one.method}: its result begins with `**opening`."
        assert result.title.strip(), one.method
        assert result.sentence.strip().endswith((".", "?", "!")), (one.method, result.sentence)
        silent = columns_that_say_nothing(result)
        assert not silent, (
            f"{one.method}: nothing says what the columns {silent} hold. Say it in the room's pages/columns.py, and "
            "give that to its @page as columns=; results/columns.py has the kinds."
        )
    keys = [result.key for _, result in asked]
    assert len(keys) == len(set(keys)), f"Two headings give results of one key: {sorted(keys)}"


@functools.cache
def on_the_whole_study(page: OpenedPage, audience: str) -> list[tuple[Opened, list[tuple[Page, Result]]]]:
    """Ask every heading of the study that has every table, once for all tests of this file; few draws."""
    study = replace(open_study(WHOLE), audience=audience)
    return [(opened, [(one, ask(opened, one.method)) for one in page.pages]) for opened in page.opened(study)]


def headings_on_the_whole_study(page: OpenedPage, audience: str = "internal") -> list[tuple[Page, Result]]:
    return [answer for _, answers in on_the_whole_study(page, audience) for answer in answers]


def people_named_in(said: object) -> set[str]:
    """Give the people of the whole study who are named anywhere in a result or a part of it."""
    words = set(re.findall(r"[a-z]+", json.dumps(said).lower()))
    return words & {line.partition(",")[0] for line in (WHOLE / "people.csv").read_text().splitlines()[1:]}


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


@by_notebook
def test_a_study_with_every_table_has_every_heading(page: OpenedPage) -> None:
    for opened, answers in on_the_whole_study(page, "internal"):
        are_their_own(opened, answers)


@by_notebook
def test_the_whole_study_has_something_to_show_under_every_heading(page: OpenedPage) -> None:
    empty = {
        one.method: result.sentence
        for one, result in headings_on_the_whole_study(page)
        if result.table.empty and result.figure is None and not result.body_html
    }
    assert empty.keys() == {one.method for one in page.pages} & NOTHING_TO_SHOW.keys(), (
        f"Give tests/cases/whole/ what these headings need, or say in NOTHING_TO_SHOW why they are empty: {empty}"
    )


@by_notebook
def test_a_heading_on_which_people_are_named_says_that_it_shows_people(page: OpenedPage) -> None:
    silent = {
        one.method: sorted(people_named_in(result.payload()))
        for one, result in headings_on_the_whole_study(page)
        if not one.shows.startswith("people") and people_named_in(result.payload())
    }
    assert not silent, (
        f'These headings name people; give their @page shows="people", so that the team alone reads them: {silent}'
    )


@by_notebook
def test_who_is_not_of_the_team_reads_of_nobody_on_a_heading_not_of_people(page: OpenedPage) -> None:
    named = {
        one.method: sorted(people_named_in(result.payload()))
        for one, result in headings_on_the_whole_study(page, "public")
        if one.shows != "people" and people_named_in(result.payload())
    }
    assert not named, f'Leave people out where study.audience is not internal, or set shows="people": {named}'


@by_notebook
def test_who_did_not_consent_stands_on_no_page(page: OpenedPage) -> None:
    """Their ties stay as those of somebody: in a picture's numbers at the other end of a tie, and nowhere else."""
    for one, result in headings_on_the_whole_study(page):
        payload = result.payload()
        assert "dunlin" not in people_named_in(payload), f"{one.method} names somebody who did not consent."
        words = json.dumps({part: said for part, said in payload.items() if part != "figure"})
        assert not re.search(r"not named \d", words), (
            f"{one.method}: who did not consent has a row or stands in a sentence; leave them out with `of_named` "
            "before the table and the sentence are made of it."
        )


def test_what_a_heading_shows_is_one_of_few_words() -> None:
    for page in OPENED_PAGES:
        assert {one.shows for one in page.pages} <= set(get_args(Shows)), page.notebook


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
    without = sorted({one.method for one in page.pages} - reached)
    assert not without, f"notebooks/{page.notebook}.ipynb: add a cell that calls each of {', '.join(without)}."


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


ROOMS_WITH_WAYS_IN = [page for page in OPENED_PAGES if hasattr(import_module(page.kind.partition(":")[0]), "__all__")]
by_room = pytest.mark.parametrize("page", ROOMS_WITH_WAYS_IN, ids=lambda page: page.notebook)


def ways_in(page: OpenedPage) -> dict[str, list[str]]:
    """Give for each heading the exported functions that take a study and call this heading and no other."""
    room = import_module(page.kind.partition(":")[0])
    methods = {one.method for one in page.pages}
    found: dict[str, list[str]] = {method: [] for method in methods}
    for name in room.__all__:
        function = getattr(room, name)
        if inspect.isfunction(function) and asks_for(function) == ["study"]:
            called = methods & set(function.__code__.co_names)
            if len(called) == 1:
                found[called.pop()].append(name)
    return found


def asks_for(function: Callable[..., Any]) -> list[str]:
    """Name what cannot be left out when a function is called."""
    return [name for name, one in inspect.signature(function).parameters.items() if one.default is one.empty]


@by_room
def test_every_heading_has_a_way_in_of_one_line(page: OpenedPage) -> None:
    without = sorted(method for method, names in ways_in(page).items() if not names)
    room = page.kind.partition(":")[0].rpartition(".")[2]
    assert not without, (
        f"Write for each of {', '.join(without)} a function of one line that takes a study, beside the others of "
        f"{room}/pages/, and list it in {room}/__init__.pyi."
    )


@by_room
def test_a_way_in_takes_what_its_heading_takes_and_gives_that_heading(page: OpenedPage) -> None:
    room, study = import_module(page.kind.partition(":")[0]), Study.from_tables(BARE)
    opened = next(page.opened(study))
    for method, names in ways_in(page).items():
        heading = getattr(opened, method)
        taken = inspect.signature(heading).parameters.keys()
        given = [name for name in names if taken <= inspect.signature(getattr(room, name)).parameters.keys()]
        assert given, f"No way in to {method} takes all of its settings: {', '.join(taken)}."
        for name in given:
            assert getattr(room, name)(study).payload() == heading().payload(), name


def test_no_two_pages_open_the_same_or_share_a_key() -> None:
    assert len({page.kind for page in OPENED_PAGES}) == len(OPENED_PAGES)
    keys = [one.key for page in OPENED_PAGES for one in page.pages]
    assert len(keys) == len(set(keys)), f"Two headings are registered under one key: {sorted(keys)}"
