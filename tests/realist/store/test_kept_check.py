"""`cop check` looks at the database a report will open: whatever is wrong with it is said, and nothing is changed."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cop_analysis import open_study
from cop_analysis.cli import app
from cop_analysis.realist import examine_study, read_coding, write_coding
from cop_analysis.realist.coding import open_coding

pytestmark = pytest.mark.slow  # each test makes a study and a database of its own


@pytest.fixture
def kept(sqlite_folder) -> Path:
    """A study with a database in step with its coding.json."""
    with open_study(sqlite_folder).coding as coding:
        coding.add_code("Trust", coder="a")
    return sqlite_folder


def said_of(folder: Path) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["check", str(folder)])
    return done.exit_code, done.output


def state_of(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("coding.*")}


def test_a_sound_coding_has_no_faults(kept):
    assert examine_study(kept).faults == ()
    assert said_of(kept)[0] == 0


@pytest.mark.parametrize(
    ("hurt", "said"),
    [
        (lambda content: content[:4096] + b"\xff" * (len(content) - 4096), "is damaged"),
        (lambda content: content[: len(content) // 2], "is damaged"),
        (lambda content: b"", r"is empty \(0 bytes\)"),
        (lambda content: b"not a database at all" * 100, "file is not a database"),
    ],
)
def test_a_file_that_cannot_be_opened_is_a_fault_and_stays_as_it_is(kept, hurt, said):
    file = kept / "coding.db"
    file.write_bytes(hurt(file.read_bytes()))
    before = state_of(kept)
    code, output = said_of(kept)
    assert code == 1
    assert "coding.db: the coding cannot be opened" in output
    import re

    assert re.search(said, output)
    assert "Rename it to coding.db.damaged" in output
    assert state_of(kept) == before
    report = CliRunner().invoke(app, ["report", str(kept), "--out", str(kept / "out")])
    assert (report.exit_code, "not run" in report.output) == (1, True)


def test_another_programs_database_and_a_newer_one_are_said(kept):
    file = kept / "coding.db"
    connection = sqlite3.connect(file)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.execute("UPDATE head SET needs = '99.1'")
    connection.commit()
    connection.close()
    code, output = said_of(kept)
    assert (code, "schema version 9999, which cop_analysis 99.1 made" in output) == (1, True)
    file.unlink()
    other = sqlite3.connect(file)
    other.execute("CREATE TABLE shopping (what TEXT)")
    other.close()
    code, output = said_of(kept)
    assert (code, "holds no tables of a coding (its tables are shopping)" in output) == (1, True)


def test_an_unreachable_server_and_a_password_in_the_file_are_said_without_naming_either(kept):
    settings = kept / "study.toml"
    plain = settings.read_text(encoding="utf-8")
    address = "postgresql+psycopg://nurse:s3cret@127.0.0.1:9/team"
    settings.write_text(f"coding.database = '{address}'\n{plain}", encoding="utf-8")
    code, output = said_of(kept)
    assert code == 1
    assert "nothing answers at the address" in output
    assert "holds the password of the coding's database" in output
    assert not any(word in output for word in ("nurse", "s3cret", "127.0.0.1"))
    settings.write_text(f"coding.database = '${{COP_NOT_SET_HERE}}'\n{plain}", encoding="utf-8")
    code, output = said_of(kept)
    assert (code, "environment variable COP_NOT_SET_HERE, which is not set" in output) == (1, True)


def test_a_coding_json_that_says_otherwise_is_said_with_both_counts_and_nothing_is_merged(kept):
    old = read_coding(kept)
    with open_study(kept).coding as coding, coding.by("a"):
        for number in range(30):
            coding.add_code(f"More {number}")
    write_coding(old, kept)
    before = state_of(kept)
    output = said_of(kept)[1]
    assert "coding.json: says otherwise than the database: 34 codes in the database and 4 in coding.json" in output
    assert state_of(kept) == before
    changed = old.snapshot.codes[0]
    write_coding(old.with_records(type(changed)(changed.id, "By hand")), kept)
    output = said_of(kept)[1]
    assert "it was changed outside the database and is merged when the coding is next opened" in output
    with open_coding(kept) as coding:
        assert "By hand" in coding.codes["name"].tolist()


def test_a_coding_json_that_is_gone_and_extracts_that_no_longer_stand_are_said(kept):
    extracts = sum(one.document == "D01" for one in read_coding(kept).snapshot.extracts)
    (kept / "coding.json").unlink()
    code, output = said_of(kept)
    assert code == 0
    assert "coding.json: is not there, while the database holds 2 coders, 3 documents, 4 codes" in output
    document = kept / "documents" / "D01.txt"
    document.write_text("Other words altogether.\n", encoding="utf-8")
    code, output = said_of(kept)
    assert code == 1
    assert "cop coding replace STUDY D01" in output
    assert f"it was changed since, and of its {extracts} extract{'s' * (extracts > 1)} {extracts} must be" in output


def test_one_corrected_word_is_one_fault_and_not_one_an_extract(kept):
    document = kept / "documents" / "D01.txt"
    document.write_text("x" + document.read_text(encoding="utf-8"), encoding="utf-8")
    code, output = said_of(kept)
    assert code == 1
    assert output.count("D01.txt") == 1
    assert "1 fault to correct" in output
    assert "is not what its document holds" not in output


def test_an_older_database_is_no_fault_and_stays_old(kept):
    connection = sqlite3.connect(kept / "coding.db")
    connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.commit()
    connection.close()
    before = state_of(kept)
    code, output = said_of(kept)
    assert (code, "is of the older version 0001" in output) == (0, True)
    assert state_of(kept) == before


@pytest.mark.filterwarnings("ignore")
def test_a_check_beside_an_open_panel_sees_what_it_wrote_and_takes_nothing_from_it(kept):
    panel = open_study(kept).coding
    with panel.by("a"):
        panel.add_code("Just now")
        assert "Just now" not in (kept / "coding.json").read_text(encoding="utf-8")
        assert "5 codes in the database and 4 in coding.json" in said_of(kept)[1]
        panel.add_code("And then")
    panel.close()
    assert examine_study(kept).faults == ()
