"""A kind of file is one module: put beside the others it is known, read, written and listed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cop_analysis import realist
from cop_analysis.cli import app
from cop_analysis.realist.exchange import formats as package
from cop_analysis.realist.exchange.registry import formats, recognise
from cop_analysis.realist.importing import import_project
from cop_analysis.study import new_study, open_study

PLAIN = """
from cop_analysis.realist.exchange.registry import Format
from cop_analysis.realist.exchange.report import Ledger
from cop_analysis.realist.model import Code, Coding, Snapshot


def read(path, how):
    names = path.read_text(encoding="utf-8").split("\\n")[1:]
    codes = tuple(Code(f"plain-{number}", name) for number, name in enumerate(names, start=1))
    ledger = Ledger(path.name)
    ledger.carry("codes", len(codes))
    return Coding(Snapshot("plain", codes=codes)), ledger.close("import", "plain")


FORMATS = (Format("plain", "list of codes", "names alone", lambda seen: seen.text.startswith("#codes"), read),)
"""


@pytest.fixture
def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Put a further kind of file beside the others for one test."""
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "plain.py").write_text(PLAIN, encoding="utf-8")
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    formats.cache_clear()
    file = tmp_path / "codes.txt"
    file.write_text("#codes\nTrust\nTime", encoding="utf-8")
    yield file
    formats.cache_clear()
    sys.modules.pop(f"{package.__name__}.plain", None)


def test_every_reader_and_writer_of_the_room_has_a_door() -> None:
    kinds = formats().values()
    assert {one.name for one in kinds if one.read} == {"csv", "qdc", "qdpx", "qualcoder", "taguette", "xlsx"}
    assert {one.name for one in kinds if one.write} == {"csv", "docx", "qdc", "qdpx", "xlsx"}
    assert all(one.recognise is not None for one in kinds if one.read)
    read = {name for name in realist.__all__ if name.startswith("read_")} - {"read_coding", "read_text_document"}
    assert read == {"read_coded_segments", "read_qdc", "read_qdpx", "read_qualcoder", "read_taguette"}


def test_export_without_a_format_lists_them_with_what_each_is_for() -> None:
    told = CliRunner().invoke(app, ["export", str(Path(__file__).parents[3] / "data" / "nmp_forum")])
    assert told.exit_code == 2
    for name, one in formats().items():
        assert (f"{name} ({one.purpose})" in told.output) == (one.write is not None)


def test_a_further_kind_is_one_file(plain: Path, tmp_path: Path) -> None:
    kind = recognise(plain)
    assert kind is not None
    assert kind.title == "list of codes"
    folder = new_study(tmp_path / "forum")
    done = import_project(folder, plain)
    assert (
        done.sentence
        == "Brought in codes.txt (list of codes): 0 documents added; 2 records of the coding added or changed."
    )
    assert open_study(folder).coding.codes["name"].tolist() == ["Trust", "Time"]


def test_without_that_file_it_is_a_text(tmp_path: Path) -> None:
    (tmp_path / "codes.txt").write_text("#codes\nTrust\nTime", encoding="utf-8")
    assert recognise(tmp_path / "codes.txt") is None
