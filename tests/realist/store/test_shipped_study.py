"""The shipped nmp_forum coding: loaded, changed, merged, exported to .qdpx and read back equal."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from cop_analysis import open_study, realist
from cop_analysis.realist import Code, Extract
from cop_analysis.results.pages import pages_of

pytestmark = pytest.mark.slow  # each test makes a study and a database of its own

SHIPPED = Path(__file__).resolve().parents[3] / "data" / "nmp_forum"


@pytest.fixture
def forum(tmp_path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "nmp_forum", ignore=shutil.ignore_patterns("coding.db*")))


def test_it_goes_through_the_database_and_comes_back_to_the_byte(forum):
    written = (forum / "coding.json").read_bytes()
    with open_study(forum).coding as coding:
        coding.add_code("Something else", coder="coder-a")
        assert (forum / "coding.json").read_bytes() != written
        coding.undo("coder-a")
    assert (forum / "coding.json").read_bytes() == written
    (forum / "coding.json").unlink()
    with open_study(forum).coding as coding:
        coding.save()
    assert (forum / "coding.json").read_bytes() == written


def test_it_is_changed_merged_exported_and_read_back_equal(forum, tmp_path):
    theirs = Path(shutil.copytree(forum, tmp_path / "theirs"))
    with open_study(theirs).coding as coding, coding.by("coder-b"):
        code = coding.add_code("Silence", definition="What is not said.")
        extract = coding.add_extract("D02", 10, 60, code)
        coding.link_evidence(extract, "cmo01", "refines", slot="context")
    mine = open_study(forum).coding
    with mine.by("coder-a"):
        own = mine.add_extract("D01", 100, 160, "code-advice-asked")
    assert mine.merge(theirs, coder="coder-a").empty
    assert mine.find(Code, code.id) == code
    assert {own.id, extract.id} <= set(mine.extracts["extract"])
    assert mine.find(Extract, extract.id).coder == "coder-b"
    realist.write_qdpx(mine, tmp_path / "forum.qdpx")
    back, _ = realist.read_qdpx(tmp_path / "forum.qdpx")
    assert back.snapshot == mine.snapshot
    assert mine.merge(tmp_path / "forum.qdpx", coder="coder-a").empty
    assert back.snapshot == mine.snapshot, "merging what was exported changes nothing"
    mine.close()


def test_every_page_of_the_room_works_on_the_kept_coding(forum):
    pages = [page.method for page in pages_of(realist.Coded)]
    plain = {page: getattr(realist.coded(open_study(forum)), page)().sentence for page in pages}
    study = open_study(forum)
    study.coding.add_coder("coder-z")
    study.coding.undo("coder-z")
    for name, sentence in plain.items():
        assert getattr(realist.coded(study), name)().sentence == sentence, name
    study.coding.close()
