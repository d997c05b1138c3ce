"""Which database a study's coding is in, and that no secret has to stand in study.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from cop_analysis import open_study
from cop_analysis.realist.store import CodingError, Unreachable
from cop_analysis.realist.store.address import find_address
from cop_analysis.study import StudyError

pytestmark = pytest.mark.slow  # each test makes a study and a database of its own

HERE = Path("forum")


def test_without_a_setting_it_is_a_file_in_the_folder():
    assert find_address(HERE, "forum").path == HERE / "coding.db"
    assert find_address(HERE, "forum", "sqlite:///kept/here.db").path == HERE / "kept" / "here.db"
    assert find_address(HERE, "forum", "sqlite:////srv/here.db").path == Path("/srv/here.db")


@pytest.mark.parametrize("password", ["plain", "p@ss/w:rd?#%", "${NOT}", " spaced out "])
def test_a_password_of_any_characters_comes_from_a_variable(password):
    setting = "postgresql+psycopg://me:${PW}@db.example:5433/team"
    address = find_address(HERE, "forum", setting, {"PW": password})
    assert (address.url.username, address.url.password, address.url.port) == ("me", password, 5433)
    assert password not in address.name
    assert address.name == "PostgreSQL, schema cop_forum"
    assert address.notices == ()


def test_the_whole_address_may_come_from_a_variable():
    address = find_address(HERE, "forum", "${COP_DB}", {"COP_DB": "postgresql://me:secret@db/team"})
    assert (address.url.drivername, address.url.password) == ("postgresql+psycopg", "secret")
    assert address.notices == ()


def test_a_variable_that_is_not_set_is_named():
    with pytest.raises(CodingError, match="environment variable PW, which is not set"):
        find_address(HERE, "forum", "postgresql://me:${PW}@db/team", {})


def test_a_password_in_the_file_is_said():
    (notice,) = find_address(HERE, "forum", "postgresql://me:secret@db/team", {}).notices
    assert "can read it" in notice
    assert "secret" not in notice


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("mysql://me@db/team", "of the kind mysql"),
        ("sqlite://", "names no file"),
        ("no address", "is not the address of one"),
        ("postgresql://me@db:port/team", "is not the address of one"),
    ],
)
def test_what_is_no_address_is_refused_in_words(setting, said):
    with pytest.raises(CodingError, match=said):
        find_address(HERE, "forum", setting, {})


def test_each_study_has_a_schema_of_its_own_within_the_length_postgresql_keeps():
    long = "a" * 64
    one = find_address(HERE, long, "postgresql://db/team", {}).schema
    other = find_address(HERE, long[:-1] + "b", "postgresql://db/team", {}).schema
    assert one != other
    assert len(one) <= 63
    assert find_address(HERE, "forum", "postgresql://db/team", {}).schema == "cop_forum"


def test_study_toml_says_where_the_database_is(sqlite_folder):
    toml = sqlite_folder / "study.toml"
    written = toml.read_text()
    toml.write_text("coding.database = 'sqlite:///elsewhere.db'\n" + written)
    with open_study(sqlite_folder).coding as coding:
        coding.add_code("Trust", coder="a")
    assert (sqlite_folder / "elsewhere.db").exists()
    assert not (sqlite_folder / "coding.db").exists()
    toml.write_text("coding.database = 'ftp://x'\n" + written)
    with pytest.raises(StudyError, match=r'key coding.database: "ftp://x" is not the address of a database'):
        open_study(sqlite_folder)
    toml.write_text("coding.databse = 'sqlite:///x'\n" + written)
    with pytest.raises(StudyError, match=r"this key is not known; write database"):
        open_study(sqlite_folder)


def test_a_server_that_is_not_there_is_said_without_the_password(sqlite_folder, monkeypatch):
    monkeypatch.setenv("PW", "hidden-word")
    toml = sqlite_folder / "study.toml"
    toml.write_text("coding.database = 'postgresql://me:${PW}@127.0.0.1:9/team'\n" + toml.read_text())
    with pytest.raises(Unreachable, match="cannot be reached or does not let you in") as said:
        _ = open_study(sqlite_folder).coding
    assert "hidden-word" not in str(said.value)


@pytest.mark.slow
def test_a_wrong_password_is_said(sqlite_folder, postgresql, monkeypatch):
    monkeypatch.setenv("COP_TEST_DATABASE_PASSWORD", "wrong")
    toml = sqlite_folder / "study.toml"
    toml.write_text(f"coding.database = '{postgresql}'\n" + toml.read_text())
    with pytest.raises(Unreachable, match="does not let you in"):
        _ = open_study(sqlite_folder).coding
