"""What a withdrawal leaves of reports: no name, no words of theirs, no row about them; everything else as it was."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sqlite3
import zipfile
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

from cop_analysis.cli import app
from cop_analysis.realist.erasure.made_files import clean_files, without_in_markup
from cop_analysis.realist.erasure.traces import Traces

SAID = "I rang the hospital in the night, and nobody came before the morning."
TRACES = Traces.of(["P01", "Agnieszka", "José Ruiz"], [SAID])


@pytest.mark.parametrize(
    ("page", "cleaned"),
    [
        ("<p>P01's ward, P010</p>", "<p>[erased]'s ward, P010</p>"),
        ("<b>Agn</b><i>ieszka</i> came", "<b>[erased]</b><i></i> came"),
        ("<td>P01</td><td>5</td>", "<td>[erased]</td><td>5</td>"),
        ("Jos&eacute;&nbsp;Ruiz &amp; Ola", "[erased] &amp; Ola"),
        ("Jos&#xE9; <span>Ruiz</span>", "[erased]<span></span>"),
        ('<a href="#p01" title=\'say "P01"\'>x</a>', "<a href=\"#[erased]\" title='say &quot;[erased]&quot;'>x</a>"),
        ("<q>…hospital in the <mark>night</mark>, and nobody…</q>", "<q>…[erased]<mark></mark>…</q>"),
        ("<q>the hospital in the night</q>", "<q>the hospital in the night</q>"),
        ("<!-- P01 --><p>a</p>", "<!-- [erased] --><p>a</p>"),
        ("<script>x = 'P01'</script>", "<script>x = '[erased]'</script>"),
        ("<style>.p01{color:red}</style>", "<style>.p01{color:red}</style>"),
        ("<text>P01</text><title>P01, nurse</title>", "<text>[erased]</text><title>[erased], nurse</title>"),
        ("<p>1 < 2 and P01 > 0</p>", "<p>1 < 2 and [erased] > 0</p>"),
        ("nothing <b>here</b> &copy;", "nothing <b>here</b> &copy;"),
        (
            "<tr><th>P01</th><td><b>nurse</b>, ward 5</td><td></td></tr><tr><td>P02 of P01</td><td>5</td></tr>",
            "<tr><th>[erased]</th><td><b>[erased]</b></td><td></td></tr><tr><td>P02 of [erased]</td><td>5</td></tr>",
        ),
    ],
)
def test_a_page_shows_a_mark_where_they_were(page, cleaned):
    assert without_in_markup(page, TRACES) == cleaned
    assert without_in_markup(cleaned, TRACES) == cleaned


def test_a_name_that_is_a_word_of_markup_leaves_the_markup_alone():
    page = '<p><mark class="a">Mark</mark> went; <b>mark</b> this.</p>'
    traces = Traces.of(["Mark"])
    assert without_in_markup(page, traces) == '<p><mark class="a">[erased]</mark> went; <b>[erased]</b> this.</p>'


def run_folder(outputs: Path) -> Path:
    """A run with one file of each kind a run may hold."""
    run = outputs / "forum" / "20250301T100000Z-abcdef"
    for name in ("tables", "figures", "notebooks", ".ipynb_checkpoints"):
        (run / name).mkdir(parents=True)
    (run / "index.html").write_text("<p>Nothing of anybody.</p>", encoding="utf-8")
    (run / "02.html").write_text(f"<!doctype html><p>{SAID} (P01)</p><p>P02 stays.</p>", encoding="utf-8")
    (run / "tables" / "people.csv").write_text(
        '\ufeffperson,organisation,words\r\nP01,Trust A,"a ""b"""\r\nP02,Trust B,"P01 rang, twice"\r\n',
        encoding="utf-8", newline="",
    )  # fmt: skip
    (run / "figures" / "p01.svg").write_text("<svg><text>1</text></svg>", encoding="utf-8")
    (run / "figures" / "net.svg").write_text("<svg><text>P01</text><text>P02</text></svg>", encoding="utf-8")
    (run / "figures" / "net.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    lines = [f'"{SAID[:33]}\n', f'{SAID[33:]}"\n', "P02 stays"]
    payload = {"rows": [["P01", 3, None], ["P02", 4, "x"]], "people": [{"person": "P01", "score": 4}],
               "all": ["P01", "P02"]}  # fmt: skip
    cell = {"cell_type": "code", "source": ["x = 1\n", "y = 2"], "outputs": [
        {"data": {"text/html": ["<td>P01</td>\n", "<td>5</td>"], "text/plain": lines, "application/json": payload}}
    ]}  # fmt: skip
    (run / "notebooks" / "02.ipynb").write_text(json.dumps({"cells": [cell]}, ensure_ascii=True), encoding="utf-8")
    (run / "run.json").write_text(json.dumps({"status": "ok"}), encoding="utf-8")
    with zipfile.ZipFile(run / "pack.zip", "w") as archive:
        archive.writestr("word/document.xml", "<w:p><w:r><w:t>Agnies</w:t></w:r><w:r><w:t>zka</w:t></w:r></w:p>")
    (run / "notes.txt").write_bytes("Agnieszka ą".encode("cp1250"))
    return run


def everything_in(folder: Path) -> str:
    return "\n".join(f"{path.name} {path.read_bytes().decode('utf-8', 'replace')}" for path in folder.rglob("*")
                     if path.is_file())  # fmt: skip


def test_every_kind_of_file_is_rid_of_them_and_the_rest_stays(tmp_path):
    run = run_folder(tmp_path)
    untouched = (run / "index.html").stat().st_mtime_ns
    done = clean_files([tmp_path / "forum", tmp_path / "nowhere"], TRACES)
    names = {path.name for path in done.redacted}
    assert names == {"02.html", "people.csv", "net.svg", "02.ipynb"}
    assert {path.name for path in done.removed} == {"p01.svg", "pack.zip", "notes.txt"}
    assert [path.name for path in done.unsearched] == ["net.png"]
    left = everything_in(tmp_path)
    for word in ("p01", "agnieszka", "rang the hospital", "before the morning"):
        assert word not in left.casefold(), word
    assert left.count("P02") >= 5
    rows = list(csv.reader(io.StringIO((run / "tables" / "people.csv").read_text(encoding="utf-8-sig"))))
    assert rows[1:] == [["[erased]"] * 3, ["P02", "Trust B", "[erased] rang, twice"]]
    assert (run / "tables" / "people.csv").read_bytes().startswith(b"\xef\xbb\xbfperson")
    data = json.loads((run / "notebooks" / "02.ipynb").read_text(encoding="utf-8"))["cells"][0]["outputs"][0]["data"]
    assert data["text/plain"] == ['"[erased]."\n', "P02 stays"]
    assert data["application/json"]["rows"] == [["[erased]", None, None], ["P02", 4, "x"]]
    assert data["application/json"]["people"] == [{"person": "[erased]", "score": None}]
    assert data["application/json"]["all"] == ["[erased]", "P02"]
    assert (run / "index.html").stat().st_mtime_ns == untouched
    again = clean_files([tmp_path / "forum"], TRACES)
    assert (again.redacted, again.removed, again.left) == ((), (), ()), "doing it again finds nothing"


def test_pages_can_be_removed_or_kept_instead(tmp_path):
    run = run_folder(tmp_path)
    kept = clean_files([tmp_path], TRACES, "keep")
    assert len(kept.left) == 7
    assert "P01" in (run / "02.html").read_text(encoding="utf-8")
    looked = clean_files([tmp_path], TRACES, "remove", look=True)
    assert "P01" in (run / "02.html").read_text(encoding="utf-8")
    done = clean_files([tmp_path], TRACES, "remove")
    assert done.removed == looked.removed
    assert "Removed" in (run / "02.html").read_text(encoding="utf-8"), "no link to the page leads nowhere"
    assert not (run / "notebooks" / "02.ipynb").exists()
    assert (run / "index.html").exists()


def test_what_a_link_leads_to_outside_is_left_alone(tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text("P01", encoding="utf-8")
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / "link.txt").symlink_to(outside)
    clean_files([tmp_path / "outputs"], TRACES)
    assert outside.read_text(encoding="utf-8") == "P01"


@pytest.mark.slow
def test_erasing_from_the_command_line_says_what_it_will_do_and_cleans_the_reports(sqlite_folder, tmp_path_factory):
    outputs = tmp_path_factory.mktemp("reports") / "outputs"
    run = run_folder(outputs)
    (outputs / "other" / "run").mkdir(parents=True)
    (outputs / "other" / "run" / "02.html").write_text("P01 of another study", encoding="utf-8")
    words = ["coding", "erase", str(sqlite_folder), "--person", "P01", "--coder", "a", "--outputs", str(outputs)]
    asked = CliRunner().invoke(app, words, input="n\n")
    assert asked.exit_code == 1
    assert "This would be done: " in asked.output
    assert "P01" in (run / "02.html").read_text(encoding="utf-8"), "nothing is done before the answer"
    done = CliRunner().invoke(app, [*words, "--yes"])
    assert done.exit_code == 0, done.output
    assert "files redacted" in done.output
    assert "P01" not in (run / "02.html").read_text(encoding="utf-8")
    assert "Run the report again" in done.output
    assert "documents/D01.txt" in done.output
    assert "P01" in (outputs / "other" / "run" / "02.html").read_text(encoding="utf-8")
    wrong = CliRunner().invoke(app, [*words, "--reports", "burn", "--yes"])
    assert wrong.exit_code == 2
    assert "'redact', 'remove' or 'keep', not 'burn'" in wrong.output


def test_version_control_and_databases_are_left_alone_and_named(tmp_path):
    for name in (".git/logs/HEAD", ".git/COMMIT_EDITMSG", ".hg/store/P01", "bare.git/objects/x", "bare.git/HEAD"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("P01", encoding="utf-8")
    sqlite3.connect(tmp_path / "kept").execute("CREATE TABLE p01 (agnieszka)").connection.close()
    (tmp_path / "P01.db-wal").write_bytes(b"P01")
    before = everything_in(tmp_path)
    done = clean_files([tmp_path, tmp_path / ".git" / "logs"], TRACES)
    assert everything_in(tmp_path) == before
    assert {path.name for path in done.spared} == {".git", ".hg", "bare.git", "kept", "P01.db-wal", "logs"}


@pytest.mark.slow
def test_a_short_name_does_not_remove_pictures_by_chance(tmp_path):
    random = Random(0)
    for number in range(10):
        (tmp_path / f"{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + random.randbytes(100_000))
        (tmp_path / f"{number}.dat").write_bytes(b"\0" + random.randbytes(100_000))
    (tmp_path / "table.dat").write_bytes(b"\0\1\2Agnieszka\0\3")
    done = clean_files([tmp_path], Traces.of(["Jo", "Ola", "Agnieszka"]))
    assert [path.name for path in done.removed] == ["table.dat"], "a long name does not stand in bytes by chance"
    assert len(done.unsearched) == 20


def packed(**parts: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("_", "."), content)
    return whole.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv.gz", gzip.compress(b"person,x\nAgnieszka,5\n", mtime=0)),
        ("outer.zip", packed(x_docx=packed(t_txt=b"Agnieszka said"))),
        ("16.zip", packed(t_csv="Agnieszka,1".encode("utf-16"))),
        ("16.csv", "Agnieszka,1".encode("utf-16-le")),
        ("odd.zip", packed(t_jsonl=b'{"n": "then\\nJos\\u00e9 Ruiz"}')),
        ("p.qdpx", packed(project_qde=b'<Code name="What P01 calls"/>')),
    ],
    # Packed bytes hold the second at which they were made; the test is named by its file.
    ids=lambda value: value if isinstance(value, str) else "bytes",
)
def test_what_is_packed_or_written_otherwise_is_opened(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert [path.name for path in clean_files([tmp_path], TRACES).removed] == [name]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sound.zip", packed(a_mp3=b"\0\1")),
        ("broken.zip", b"PK\3\4 no more"),
        ("short.gz", b"\x1f\x8b\x08"),
        ("a.bin", b"\0\1\2\3"),
        ("a.ipynb", b'{"cells": [{"outputs": [{"data": {"image/png": "iVBORw0KGgo="}}]}]}'),
        ("a.html", b'<img src="data:image/png;base64,iVBORw0KGgo=">'),
    ],
    ids=lambda value: value if isinstance(value, str) else "bytes",
)
def test_what_cannot_be_looked_through_is_listed(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert [path.name for path in clean_files([tmp_path], TRACES).unsearched] == [name]
    assert (tmp_path / name).read_bytes() == content


def test_a_page_with_a_picture_is_redacted_and_listed_too(tmp_path):
    (tmp_path / "a.html").write_text('<p>P01</p><img src="data:image/png;base64,iVBORw0KGgo=">', encoding="utf-8")
    done = clean_files([tmp_path], TRACES)
    assert [path.name for path in done.redacted] == [path.name for path in done.unsearched] == ["a.html"]


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("a.csv", "person;job\nAgnieszka;nurse, Alder\n", "person;job\n[erased];[erased]\n"),
        ("a.tsv", "person\tjob\nP01\tnurse\n", "person\tjob\n[erased]\t[erased]\n"),
        ("b.csv", "person,job\nP02,\"a; b\"\nP01,nurse\n", "person,job\nP02,a; b\n[erased],[erased]\n"),
        ("a.jsonl", '{"t": "then\\nP01 rang"}\n{"a": 1}\n', '{"t": "then\\n[erased] rang"}\n{"a": 1}\n'),
        ("b.jsonl", '{"n": "P01", "job": "nurse"}\n{half \\nP01',
         '{"n": "[erased]", "job": "[erased]"}\n{half \\n[erased]'),
        ("a.html", '<script>x = {"t": "a\\nP01", "n": "Jos\\u00e9 Ruiz"}</script>',
         '<script>x = {"t": "a\\n[erased]", "n": "[erased]"}</script>'),
        ("b.html", "<p data-x='{\"t\": \"a\\nP01\"}'>1</p>",
         "<p data-x='{&quot;t&quot;: &quot;a\\n[erased]&quot;}'>1</p>"),
    ],
)  # fmt: skip
def test_strings_with_escapes_and_tables_with_other_delimiters(tmp_path, name, before, after):
    (tmp_path / name).write_text(before, encoding="utf-8", newline="")
    clean_files([tmp_path], TRACES)
    assert (tmp_path / name).read_bytes().decode() == after
