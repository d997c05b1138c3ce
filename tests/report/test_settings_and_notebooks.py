"""What a run may be asked for, and which parameters a notebook takes: refused before anything starts."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from cop_analysis.report.notebooks import checked_parameters, declared_parameters, find_notebooks, read_notebook
from cop_analysis.report.settings import RunSettings, SettingsError


def test_only_the_internal_audience_is_served_until_small_numbers_can_be_withheld():
    for audience in ("review", "public"):
        with pytest.raises(SettingsError, match=f"'{audience}' is refused: .* withhold small numbers"):
            RunSettings(study=Path("x"), audience=audience)
    with pytest.raises(SettingsError, match="no audience 'boss'"):
        RunSettings(study=Path("x"), audience="boss")


@pytest.mark.parametrize(
    "wrong",
    [
        {"workers": 0},
        {"workers": True},
        {"seed": -1},
        {"seed": True},
        {"cell_deadline": 0},
        {"notebook_deadline": float("inf")},
    ],
)
def test_settings_that_cannot_be_met_are_refused(wrong):
    with pytest.raises(SettingsError):
        RunSettings(study=Path("x"), **wrong)


def test_no_more_workers_than_notebooks():
    assert RunSettings(study=Path("x"), workers=8).workers_for(3) == 3
    assert RunSettings(study=Path("x")).workers_for(1) == 1
    assert 2 <= RunSettings(study=Path("x")).workers_for(6) <= 4


def test_the_six_notebooks_run_in_order_and_the_workbench_does_not():
    names = [notebook.name for notebook in find_notebooks()]
    assert names == sorted(names)
    assert [name[:2] for name in names] == ["01", "02", "03", "04", "05", "06"]


@pytest.mark.parametrize("asked", ["4", "04", "04_confidence_change", "04_confidence_change.ipynb"])
def test_a_notebook_is_named_or_numbered(asked):
    assert [notebook.name for notebook in find_notebooks([asked])] == ["04_confidence_change"]


def test_an_unknown_notebook_is_refused_with_the_nearest_and_the_list():
    with pytest.raises(SettingsError, match=r"did you mean 04_confidence_change.*01_study_overview"):
        find_notebooks(["04_confidence_chnge"])
    for odd in ("00", "00_workbench", "../04_confidence_change", "²"):
        with pytest.raises(SettingsError, match="There is no notebook"):
            find_notebooks([odd])


def test_a_folder_without_notebooks_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="holds no notebook"):
        find_notebooks(folder=tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"nbformat": 4, "cells": 3}', "\x00"])
def test_a_file_that_is_no_notebook_is_one_clear_sentence(tmp_path, text):
    (tmp_path / "01_x.ipynb").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"01_x\.ipynb is not a notebook that can be read"):
        find_notebooks(folder=tmp_path)


def test_the_title_is_the_first_heading_and_not_one_inside_code(write_notebooks, notebook):
    node = notebook(title="Who *turns* to `whom` & <why>")
    node.cells.insert(0, nbformat.v4.new_markdown_cell("```python\n# not a heading\n```"))
    folder = write_notebooks(_01_x=node)
    assert read_notebook(folder / "01_x.ipynb").title == "Who turns to whom & <why>"


def test_a_notebook_without_a_heading_is_called_by_its_name(write_notebooks, notebook):
    node = notebook()
    node.cells[0].source = "no heading"
    assert read_notebook(write_notebooks(_01_some_page=node) / "01_some_page.ipynb").title == "Some page"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("study = 'x'\nimport os", "line 2: only lines like name = value"),
        ("a = b = 1", "line 1: only lines like"),
        ("x: int", "line 1: only lines like"),
        ("x = 1\n\nx = 2", "line 3: x was already set on line 1"),
        ("x = open('f')", "line 1: x must be plain text"),
        ("x = {'a': 1}", "line 1: x must be plain text"),
        ("x = (1, 2)", "line 1: x must be plain text"),
        ("x = b'1'", "line 1: x must be plain text"),
        ("x = 1e999", "line 1: x must be plain text"),
        ("x = 1 + 1j", "line 1: x must be plain text"),
        ("x = [1, {2}]", "line 1: x must be plain text"),
        ("x: date = '2024-01-01'", "line 1: x is said to be date"),
        ("x: int = 'one'", "line 1: x is said to be int, but its value is 'one'"),
        ("x: int = True", "line 1: x is said to be int, but its value is True"),
        ("\nx =", "line 2: this is not Python"),
        ("os.environ['x'] = 1", "line 1: os.environ['x'] is not a plain name"),
        ("a, b = 1, 2", "line 1: (a, b) is not a plain name"),
        ("print('hello')", "line 1: only lines like"),
    ],
)  # fmt: skip
def test_a_parameters_cell_that_is_more_than_plain_values_is_refused_by_line(source, said):
    with pytest.raises(SettingsError) as caught:
        declared_parameters(source, "01_x.ipynb")
    assert said in str(caught.value)
    assert str(caught.value).startswith("01_x.ipynb, parameters cell, ")


def test_what_a_parameters_cell_may_hold():
    source = (
        '"""Explained."""\na = "t"\nb = -1\nc: float = 2  # whole is fine\n'
        'd: list[str] = ["x"]\ne: int | None = None\nf = None'
    )
    found = {one.name: one for one in declared_parameters(source, "x.ipynb")}
    assert [found[name].default for name in "abcdef"] == ["t", -1, 2, ["x"], None, None]
    assert found["e"].accepts(3)
    assert found["e"].accepts(None)
    assert not found["e"].accepts("3")
    assert found["f"].accepts("anything plain")
    assert not found["f"].accepts(object())
    assert not found["c"].accepts(float("nan"))
    assert not found["b"].accepts(True)
    assert not found["d"].accepts([{}])


def test_a_parameter_is_passed_only_if_the_notebook_takes_it(write_notebooks, notebook):
    source = 'study = "x"\nperiod = ""\naudience = "internal"\nrelation = ""\nseed = 1'
    one = read_notebook(write_notebooks(_01_x=notebook(parameters=source)) / "01_x.ipynb")
    assert checked_parameters(one, {"relation": "advice", "seed": 5}) == {"relation": "advice", "seed": 5}
    with pytest.raises(
        SettingsError, match=r"takes no parameter 'relatoin' \(did you mean relation\?\).*relation \(line 4\)"
    ):
        checked_parameters(one, {"relatoin": "advice"})
    with pytest.raises(SettingsError, match=r"line 5: seed takes int, not 'x' \(str\)"):
        checked_parameters(one, {"seed": "x"})
    with pytest.raises(SettingsError, match="takes no parameter 'x = 1; import os; y'"):
        checked_parameters(one, {"x = 1; import os; y": 1})
    for odd in (Path("x"), 1.5, True, None, float("nan")):
        with pytest.raises(SettingsError, match="line 5"):
            checked_parameters(one, {"seed": odd})


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ('study = "x"\nperiod = ""', "lacks audience"),
        ('study = 1\nperiod = ""\naudience = ""', "line 1: study must be text"),
    ],
)
def test_every_notebook_takes_study_period_and_audience(write_notebooks, notebook, parameters, said):
    with pytest.raises(SettingsError, match=said):
        find_notebooks(folder=write_notebooks(_01_x=notebook(parameters=parameters)))


def test_one_cell_is_tagged_parameters(write_notebooks, notebook):
    node = notebook()
    node.cells[1].metadata["tags"] = []
    with pytest.raises(SettingsError, match="has 0 cells tagged 'parameters'"):
        find_notebooks(folder=write_notebooks(_01_x=node))
