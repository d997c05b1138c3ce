"""A network file comes into a study from the workbench: told by content, shown, asked about, written whole or not."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from cop_analysis import open_study
from cop_analysis.study import check_folder
from cop_analysis.widgets.workbench.bringing_networks import look_at_network
from cop_analysis.widgets.workbench.desk import Desk
from cop_analysis.widgets.workbench.folders import make_study

pytestmark = pytest.mark.slow

DL = b"dl n=3 format=edgelist1\nlabels:\nP1,P2,P3\ndata:\n1 2\n2 1\n1 3\n"
TIES = b"source,target,strength\nP1,P2,3\nP2,P1,1\nP1,P9,2\n"
NAMES = b"ego,alter1,alter2\nP1,P2,P3\nP2,P1,\n"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    return make_study("My forum", tmp_path / "data")


def desk_with(study: Path, *files: tuple[str, bytes]) -> Desk:
    desk = Desk(study)
    for number, (name, content) in enumerate(files):
        desk.take_piece(f"u{number}", name, 0, 1, content)
    return desk


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_into_an_empty_study_it_brings_its_people_the_relation_and_the_time(study: Path):
    before = files_of(study)
    desk = desk_with(study, ("advice.txt", DL))
    (shown,) = desk.state["networks"]
    assert shown["sentence"] == "a network (UCINET DL) of 3 people and 3 ties."
    assert (shown["relations"], shown["waves"], shown["directed"], shown["people"]) == ([], [], "yes", "add")
    assert (shown["kept"], shown["unknown"]) == (3, 3)
    assert files_of(study) == before, "looking changes nothing"
    assert desk.next_step()["where"] == "documents"

    desk.bring_network("u0", {"people": "add"})
    assert desk.said["text"] == ("advice.txt was not brought in: say first what connects people and when it was asked.")
    assert files_of(study) == before
    desk.bring_network("u0", {"newRelation": "Asking advice", "newWave": "At the start", "directed": "yes",
                              "people": "add"})  # fmt: skip
    assert desk.said["tone"] == "status", desk.said
    assert desk.said["text"].splitlines()[0] == "3 ties added to ties.csv (asking_advice, at_the_start)."
    assert desk.state["networks"] == []
    settings = (study / "study.toml").read_bytes()
    assert settings.startswith(before["study.toml"]), "not a byte of what stood there is another"
    added = tomllib.loads(settings.decode())
    assert added["relations"] == [{"key": "asking_advice", "directed": True}]
    assert added["waves"] == [{"key": "at_the_start", "label": "At the start"}]
    opened = open_study(study)
    assert opened.people["person"].tolist() == ["P1", "P2", "P3"]
    assert opened.ties[["ego", "alter"]].to_numpy().tolist() == [["P1", "P2"], ["P1", "P3"], ["P2", "P1"]]
    assert not [one for one in check_folder(study) if one.severity == "error"]


def test_people_who_are_not_known_are_left_out_or_added_as_somebody_says(study: Path):
    (study / "people.csv").write_text("person\nP1\nP2\n", encoding="utf-8")
    desk = desk_with(study, ("ties.csv", TIES))
    (shown,) = desk.state["networks"]
    assert (shown["people"], shown["kept"], shown["unknown"]) == ("leave", 2, 1)
    assert shown["lines"][-1] == "Not in people.csv (1): P9."
    desk.answer_network("u0", {"people": "add", "newRelation": "Asking (advice)", "newWave": "Start"})
    (shown,) = desk.state["networks"]
    assert (shown["people"], shown["kept"]) == ("add", 3)
    assert (shown["newRelation"], shown["newWave"]) == ("Asking (advice)", "Start"), "what was typed stays"
    desk.bring_network("u0", {"people": "leave", "newRelation": "advice", "newWave": "Start"})
    assert (study / "people.csv").read_text(encoding="utf-8") == "person\nP1\nP2\n"
    assert "2 ties added" in desk.said["text"]
    # The relation and the time are there now, and chosen; what the table holds is not taken twice.
    desk.take_piece("again", "ties.csv", 0, 1, TIES)
    (shown,) = desk.state["networks"]
    assert (shown["relation"], shown["wave"], shown["kept"]) == ("advice", "start", 0)
    before = files_of(study)
    desk.bring_network("again", {"relation": "advice", "wave": "start", "people": "leave"})
    assert desk.said["tone"] == "alert"
    assert "2 because ties.csv holds it already" in desk.said["text"]
    assert files_of(study) == before


def test_a_relation_without_a_direction_is_written_so(study: Path):
    desk = desk_with(study, ("names.csv", NAMES))
    desk.bring_network("u0", {"newRelation": "works with", "newWave": "2024", "directed": "no", "people": "add"})
    (relation,) = tomllib.loads((study / "study.toml").read_text(encoding="utf-8"))["relations"]
    assert relation == {"key": "works_with", "directed": False}
    assert "1 because the file holds it twice" in desk.said["text"], "P1 with P2 is one tie"


def test_a_table_of_numbers_is_asked_about(study: Path):
    content = b"id,item1,item2\n1,2,3\n2,1,3\n3,2,1\n"
    desk = desk_with(study, ("t.csv", content))
    (shown,) = desk.state["networks"]
    assert {one["key"] for one in shown["layouts"]} == {"names", "matrix"}
    assert "several ways" in shown["sentence"]
    desk.bring_network("u0", {"newRelation": "advice", "newWave": "Start", "people": "add"})
    assert desk.said["text"] == "t.csv was not brought in: say first how the table is to be read."
    desk.answer_network("u0", {"layout": "names", "people": "add"})
    assert desk.state["networks"][0]["kept"] == 6


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("talk.txt", b"DL: How was it?\n\nP01: Long, but good."),
        ("talk2.txt", b"Hello, everyone\nSo, 12\n"),
        ("talk3.txt", b"I: How was it?\n\nP01: 1 2 3."),
        ("coded.csv", b"document,code,quote,start\nD1,Trust,They rang,3\nD1,Time,At once,19\n"),
        ("p.qdpx", b"PK\x03\x04rest"),
    ],
)
def test_talks_and_projects_are_no_networks(study: Path, name: str, content: bytes):
    assert look_at_network(study, name, content) is None


def test_a_network_file_that_is_damaged_says_what_is_wrong_and_a_study_at_fault_that_it_waits(study: Path):
    desk = desk_with(study, ("g.graphml", b"<graphml><graph><node id='a'>"))
    assert desk.said["tone"] == "alert"
    assert desk.said["text"].startswith("g.graphml")
    assert desk.state["networks"] == []
    (study / "events.csv").write_text("event,date\nE1,soon\n", encoding="utf-8")
    desk = desk_with(study, ("advice.txt", DL))
    assert "press “Check the study”" in desk.said["text"]
