"""No name of a file or folder steers the terminal on which a command speaks of it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cop_analysis
from cop_analysis.cli import app

NAME = "study\x1b]0;owned\x07\x1b[2J\u202e"
PACKAGE = Path(cop_analysis.__file__).parent


@pytest.mark.parametrize(
    "words",
    [
        ["check"],
        ["report"],
        ["coding", "log"],
        ["coding", "import", "{study}"],
        ["coding", "merge", "{study}"],
        ["network", "import", "{study}"],
        ["export", "{study}", "--out"],
    ],
    ids=" ".join,
)
def test_a_name_that_holds_orders_to_a_terminal_is_printed_without_them(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    hostile = tmp_path / NAME
    hostile.write_text("nothing of ours")
    ended = CliRunner().invoke(app, [*(word.format(study=tmp_path / "none") for word in words), str(hostile)])
    assert ended.exit_code != 0
    printed = ended.output
    assert not [each for each in printed if (each != "\n" and ord(each) < 32) or each in "\u202e\x7f"]


def test_every_command_prints_through_the_one_place_that_looks_at_what_it_prints():
    around = [
        f"{path.name}:{call.lineno}"
        for path in sorted([*PACKAGE.glob("*.py"), *(PACKAGE / "commands").rglob("*.py")])
        if path.name != "terminal.py"
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) in ("print", "typer.echo", "typer.secho", "click.echo")
    ]
    assert around == []
