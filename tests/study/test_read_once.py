"""A command reads each table of a study once, however many rooms look at it."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cop_analysis.cli import app
from cop_analysis.files import door

FORUM = Path(__file__).resolve().parents[2] / "data" / "nmp_forum"


@pytest.fixture
def opened(monkeypatch) -> Counter[str]:
    """How often each file was opened through the door."""
    found: Counter[str] = Counter()
    open_file = door.open_file

    @contextmanager
    def counted(path, **limits):
        found[Path(path).name] += 1
        with open_file(path, **limits) as file:
            yield file

    monkeypatch.setattr(door, "open_file", counted)
    return found


def test_a_check_reads_every_table_once(opened):
    assert CliRunner().invoke(app, ["check", str(FORUM)]).exit_code == 0
    tables = {name: times for name, times in opened.items() if name.endswith((".csv", ".toml", ".json"))}
    assert "survey.csv" in tables
    assert set(tables.values()) == {1}, tables
