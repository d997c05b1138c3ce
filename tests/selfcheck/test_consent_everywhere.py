"""Words of a person who withdrew, planted in every field that can hold words, are in nothing the product hands on."""

from __future__ import annotations

import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from cop_analysis.realist import write_coding
from cop_analysis.realist.model import (
    Code,
    Coder,
    Coding,
    Configuration,
    Decision,
    Document,
    Evidence,
    Extract,
    Foreign,
    Memo,
    Question,
    Ripple,
    Slot,
    Snapshot,
    Theory,
    Validation,
)
from cop_analysis.realist.model.records import Part

RUN = [f"{word}{{0}}" for word in ("zulu", "yankee", "xray", "whiskey", "victor", "uniform")]
"""Six words in a row, as many as make a quotation of what somebody said; each field quotes a run of its own."""

FIELDS = [
    "extract.quote", "extract.memo", "memo.text", "memo.title", "evidence.reason", "code.definition", "code.examples",
    "configuration.statement", "configuration.for_whom", "configuration.otherwise", "configuration.theme",
    "slot.wording", "ripple.note", "theory.statement", "theory.reason", "theory.middle_range", "question.wording",
    "question.whom",
    "validation.statement", "validation.comment", "validation.who", "configuration.label",
    "theory.label", "decision.what", "decision.reason", "decision.alternatives",
    "documents.title", "documents.setting", "outputs.title", "changes.what", "changes.why",
    "foreign.name", "foreign attribute", "foreign text",
]  # fmt: skip
SAID = {field: " ".join(RUN).format(number) for number, field in enumerate(FIELDS, start=100)}
OWN = {"ratings.comment": "quebec900 papa900 oscar900", "quotes.text": "quebec901 papa901 oscar901",
       "quotes.text without a name": "quebec902 papa902 oscar902", "a document alone": "quebec903 papa903 oscar903",
       "beside others' words": "quebec904 papa904"}  # fmt: skip
PLANTED = re.compile(rb"(?:zulu|yankee|xray|whiskey|victor|uniform|quebec|papa|oscar)\d{3}", re.IGNORECASE)

CONFIG = """schema_version = 1
key = "planted"
title = "Planted"
provenance = "simulated"
provenance_note = "by hand"
[[rating_items]]
key = "useful"
wording = "Useful?"
minimum = 1
maximum = 5
"""


def document(identifier: str, text: str) -> Document:
    return Document(identifier, f"documents/{identifier}.txt", identifier, sha256(text.encode()).hexdigest(), len(text))


@pytest.fixture(scope="module", params=["withdrawn", "no"])
def planted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study in which P02 withdrew, or never consented; everything P02 said has words nobody else uses."""
    folder = tmp_path_factory.mktemp("planted") / "study"
    (folder / "documents").mkdir(parents=True)
    speech = ". ".join([*SAID.values(), OWN["beside others' words"]])
    mixed = f"P01: I rang her and she came.\n\nP02: {speech}.\n\nP01: We went on after that."
    alone = f"{OWN['a document alone']}."
    texts = {"D1": mixed, "D2": alone}
    for name, text in texts.items():
        (folder / "documents" / f"{name}.txt").write_text(text, encoding="utf-8")
    tables = {
        "people": ["person,organisation,role,consent", "P01,A,nurse,yes", f"P02,A,nurse,{request.param}"],
        "organisations": ["organisation,name", "A,Alder"],
        "events": ["event,date,signed_up", "E1,2024-02-20,2"],
        "attendance": ["event,person", "E1,P01", "E1,P02"],
        "ratings": ["event,respondent,item,score,comment", "E1,P01,useful,4,fine",
                    f"E1,P02,useful,2,{OWN['ratings.comment']}"],
        "documents": ["document,file,kind,people,title,setting",
                      f"D1,D1.txt,interview,P01; P02,{SAID['documents.title']},{SAID['documents.setting']}",
                      "D2,D2.txt,interview,P02,Alone,by telephone"],
        "quotes": ["quote,text,document,person,consent,identifiable",
                   f"Q1,{OWN['quotes.text']},D1,P02,public,no",
                   f"Q2,{OWN['quotes.text without a name']},D2,,public,no"],
        "outputs": ["output,title,status", f"O1,{SAID['outputs.title']},done"],
        "changes": ["change,date,what,why", f"C1,2024-03-01,{SAID['changes.what']},{SAID['changes.why']}"],
    }  # fmt: skip
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "study.toml").write_text(CONFIG, encoding="utf-8")

    def extract(identifier: str, name: str, words: str, **more: str) -> Extract:
        start = texts[name].index(words)
        end = start + len(words)
        around = texts[name][max(0, start - 32) : start], texts[name][end : end + 32]
        return Extract(identifier, name, start, end, words, "c1", "a", *around, **more)

    snapshot = Snapshot(
        "planted",
        (Coder("a", "Ann"),),
        tuple(document(name, text) for name, text in texts.items()),
        (Code("c1", "Trust", definition=f"As in {SAID['code.definition']}", examples=SAID["code.examples"]),),
        (
            extract("x1", "D1", SAID["extract.quote"], memo=f"Compare {SAID['extract.memo']}"),
            extract("x2", "D1", "We went on after that."),
            extract("x3", "D2", OWN["a document alone"]),
            extract("x4", "D1", "I rang her and she came."),
        ),
        (
            Configuration("k1", SAID["configuration.label"],
                          statement=f"If {SAID['configuration.statement']}, then so.",
                          for_whom=SAID["configuration.for_whom"],
                          otherwise=SAID["configuration.otherwise"], theme=SAID["configuration.theme"],
                          slots=(Slot("context", ("c1",), SAID["slot.wording"]), Slot("outcome", ("c1",), "It helps"))),
            Configuration("k2", "Two", slots=(Slot("context", ("c1",)),)),
        ),
        (
            Evidence("v1", "x1", "k1", "supports", reason=f"She says {SAID['evidence.reason']}", coder="a"),
            Evidence("v2", "x2", "k1", "refutes", coder="a"),
        ),
        (Ripple("r1", "k1", "k2", note=SAID["ripple.note"]),),
        (
            Theory("t1", SAID["theory.label"], "initial", statement=SAID["theory.statement"],
                   reason=SAID["theory.reason"],
                   middle_range=SAID["theory.middle_range"], configurations=("k1",)),
        ),
        (Question("q1", SAID["question.wording"], ("k1",), whom=SAID["question.whom"]),),
        (
            Validation("w1", SAID["validation.statement"], "agrees", who="P02", configuration="k1",
                       comment="quebec905 papa905"),
            Validation("w2", "It helps.", "agrees", who=f"P01, of {SAID['validation.who']}", configuration="k1",
                       comment=SAID["validation.comment"]),
        ),
        (Memo("m1", f"Note: {SAID['memo.text']}", SAID["memo.title"]),),
        (Decision("d1", SAID["decision.what"], SAID["decision.reason"], SAID["decision.alternatives"]),),
        (
            Foreign("f1", "Set", SAID["foreign.name"], parts=(
                Part(0, "Set", (("guid", "00000000-0000-4000-8000-00000000abcd"), ("name", SAID["foreign attribute"]))),
                Part(1, "Description", (), SAID["foreign text"]),
            )),
        ),
    )  # fmt: skip
    write_coding(Coding(snapshot, texts.__getitem__), folder / "coding.json")
    return folder


def every_byte(path: Path) -> Iterator[tuple[str, bytes]]:
    """Give the bytes of a file and of every file inside it, however deep."""

    def inside(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
        yield name, content
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for inner in archive.namelist():
                    yield from inside(f"{name}/{inner}", archive.read(inner))

    for file in [path] if path.is_file() else sorted(path.rglob("*")):
        if file.is_file():
            yield from inside(file.name, file.read_bytes())


def found_in(path: Path) -> dict[str, set[bytes]]:
    return {name: set(PLANTED.findall(content)) for name, content in every_byte(path) if PLANTED.search(content)}


def fields_of(words: set[bytes]) -> list[str]:
    numbers = {int(word[-3:]) for word in words}
    return [FIELDS[number - 100] if number < 900 else str(number) for number in sorted(numbers)]


@pytest.mark.slow
@pytest.mark.parametrize("form", ["csv", "xlsx", "qdpx", "qdc", "docx"])
def test_no_export_hands_on_a_word(planted: Path, tmp_path: Path, form: str):
    from cop_analysis.cli import app

    out = tmp_path / f"out.{form}"
    done = CliRunner().invoke(app, ["export", str(planted), "--format", form, "--out", str(out)])
    assert done.exit_code == 0, done.output
    found = found_in(out)
    assert not found, {name: fields_of(words) for name, words in found.items()}
    assert "masked" in done.output
    assert not PLANTED.search(done.output.encode())


def test_an_export_keeps_what_others_said_and_every_place(planted: Path, tmp_path: Path):
    from cop_analysis import open_study
    from cop_analysis.realist import read_qdpx, write_qdpx

    study = open_study(planted)
    write_qdpx(study.coding, tmp_path / "out.qdpx")
    read, _ = read_qdpx(tmp_path / "out.qdpx")
    extracts, own = read.extracts.set_index("extract"), study.coding.extracts.set_index("extract")
    assert extracts[["start", "end"]].to_dict() == own[["start", "end"]].to_dict()
    assert extracts.loc["x2", "quote"] == "We went on after that."
    assert set(extracts.loc["x1", "quote"].replace(" ", "")) == {"█"}
    assert read.text("D1").startswith("P01: I rang her and she came.")
    assert len(read.text("D1")) == len(study.coding.text("D1"))


def test_the_gate_is_below_the_writers(planted: Path, tmp_path: Path):
    """Who calls a writer from Python hands on no more than the command does; a copy of the coding neither."""
    from cop_analysis import open_study
    from cop_analysis.realist import write_coded_segments

    coding = open_study(planted).coding
    for number, one in enumerate((coding, coding.still())):
        write_coded_segments(one, tmp_path / f"{number}.csv")
        assert not found_in(tmp_path / f"{number}.csv")


def test_the_form_that_is_saved_with_a_notebook_shows_no_word(planted: Path):
    from cop_analysis import open_study
    from cop_analysis.widgets.coding.static_form import static_html

    study = open_study(planted)
    shown = static_html(study, study.coding).encode()
    assert b"I rang her" in shown
    assert not fields_of(set(PLANTED.findall(shown)))
    assert b"P02" not in shown


def test_the_search_would_find_them(planted: Path):
    """The words are there: the study's own files hold them all, as docs/realist-model.md says of them."""
    working = found_in(planted)
    assert set().union(*working.values()) >= {f"zulu{number}".encode() for number in range(100, 100 + len(FIELDS))}
    assert {"coding.json", "D1.txt", "ratings.csv"} <= set(working)


@pytest.mark.slow
def test_no_page_shows_a_word_or_the_pseudonym(selfcheck: ModuleType, planted: Path):
    pages = selfcheck.run_pages(planted)
    assert len(pages) > 50
    shown = {(one.page, one.result.key): json.dumps(one.result.payload()).encode() for one in pages}
    words = {place: fields_of(set(PLANTED.findall(content))) for place, content in shown.items()}
    assert not {place: fields for place, fields in words.items() if fields}
    assert not [place for place, content in shown.items() if b"P02" in content]


@pytest.mark.parametrize("arguments", [["log"], ["at", "2999-01-01"]], ids=["log", "at"])
def test_a_working_file_says_that_it_keeps_their_words(planted: Path, tmp_path: Path, arguments: list[str]):
    from cop_analysis import open_study
    from cop_analysis.cli import app

    study = shutil.copytree(planted, tmp_path / "study")
    coding = open_study(study).coding
    with coding.by("a"):
        coding.add_code("Time")
    coding.close()
    command, *more = arguments
    done = CliRunner().invoke(app, ["coding", command, str(study), *more, "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert "note: this is a working file: it holds 2 extracts of people who did not consent or withdrew" in done.output


@pytest.mark.parametrize("form", ["graphml", "gexf", "csv"])
def test_a_network_names_nobody_by_what_they_said(forum, tmp_path: Path, form: str):
    """Ties a person named who withdrew are in no network file; that others named them is the others' answer."""
    from cop_analysis import network
    from cop_analysis.commands.network.export import export
    from cop_analysis.study import open_study

    forum.change("people", lambda row: {**row, "consent": "withdrawn"} if row["person"] == "P02" else row)
    study = open_study(forum.path)
    assert "P02" in {row["ego"] for row in forum.rows("ties")}
    assert export(study, form, tmp_path / "network")
    assert all(not list(graph.out_edges("P02")) for graph in network.wave_graphs(study, None).values())
