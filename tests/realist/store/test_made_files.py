"""What a withdrawal leaves of reports: no name, no words of theirs, no row about them; everything else as it was."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cop_analysis.cli import app
from cop_analysis.realist.store.made_files import clean_files
from cop_analysis.realist.store.marked_up import without_in_markup
from cop_analysis.realist.store.traces import Traces

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
