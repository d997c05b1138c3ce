"""What the pages are made of: valid HTML, the frame every page shares, the facts of the run."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import xml.etree.ElementTree as ElementTree

import lxml.etree
import lxml.html
import pytest

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("which", ["full_report", "hostile_report"])
def test_every_page_is_valid_html(which, request, html_validate, tmp_path):
    report = request.getfixturevalue(which)
    pages = [*report.folder.glob("*.html"), report.folder.parents[1] / "index.html"]
    # Into a file: node leaves before a pipe has taken all of a long answer.
    with (tmp_path / "found.json").open("w") as answer:
        said = subprocess.run(
            [*html_validate, "--formatter", "json", *map(str, pages)], stdout=answer, text=True, check=False
        )
    found = [
        f"{file['filePath'].rsplit('/', 1)[-1]}:{one['line']} {one['ruleId']}: {one['message']}"
        for file in json.loads((tmp_path / "found.json").read_text())
        for one in file["messages"]
    ]
    assert not found, "\n".join(found[:30])
    assert said.returncode == 0


@pytest.mark.parametrize("which", ["full_report", "hostile_report"])
def test_every_page_says_what_it_is(which, request):
    report = request.getfixturevalue(which)
    for path in report.folder.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert '<html lang="en-GB">' in text
        assert "Simulated data:" in text
        assert text.count("<main ") == text.count("<h1") == 1
        assert report.record["run"] in text
        levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", text)]
        assert all(after <= before + 1 for before, after in zip([0, *levels], levels, strict=False)), levels
        assert "<script" not in text
        assert 'http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;' in text
        ids = lxml.html.fromstring(text).xpath("//@id")
        assert len(ids) == len(set(ids))


def test_the_finding_comes_first(full_report):
    text = full_report.page("index")
    headlines = full_report.record["headlines"]
    assert headlines
    assert all(headline["uncertainty"] for headline in headlines)
    assert text.index('id="findings"') < text.index('id="pages"') < text.index('id="caveats"')
    assert text.index('id="changes"') < text.index('id="provenance"')
    for headline in headlines:
        assert f'href="{headline["file"]}#{headline["key"]}"' in text
        assert f'id="{headline["key"]}"' in full_report.page(headline["page"])


def test_the_findings_are_outcomes_first_and_explained_in_configured_statements(full_report):
    index = lxml.html.fromstring(full_report.page("index"))
    cards = [card.text_content() for card in index.xpath('//*[@class="page-cards"]//*[@class="page-label"]')]
    shown = ("sign-ups", "could have come", "more confident", "ties joined", "configurations")
    for card, words in zip(cards, shown, strict=True):
        assert words in card
    study = full_report.folder.parents[2] / "studies" / "nmp_forum"
    coding = json.loads((study / "coding.json").read_text(encoding="utf-8"))
    statements = {one["statement"] for one in coding["configurations"]}
    said = [item.text_content() for item in index.xpath('//*[@class="page-words"]/li/p[1]')]
    assert len(statements.intersection(said)) == 5


def test_the_record_holds_what_it_takes_to_repeat_the_run(full_report):
    record = full_report.record
    assert record["status"] == "ok"
    assert [one["status"] for one in record["notebooks"]] == ["ok"] * 6
    assert all(one["seconds"] > 0 and one["parameters"]["study"] == "nmp_forum" for one in record["notebooks"])
    files = {one["file"]: one for one in record["data"]}
    assert {"study.toml", "survey.csv", "coding.json"} <= set(files)
    assert any(name.startswith("documents/") for name in files)
    assert all(re.fullmatch(r"[0-9a-f]{64}", one["sha256"]) for one in record["data"])
    assert {"cop-analysis", "Python", "pandas", "scipy"} <= set(record["versions"])
    assert str(full_report.folder.parents[2]) not in json.dumps(record), "a path of this machine is in run.json"


def test_no_path_of_the_machine_is_in_a_report_that_went_well(full_report):
    place = str(full_report.folder.parents[2])
    for path in full_report.folder.rglob("*"):
        if path.is_file():
            assert place not in path.read_text(encoding="utf-8-sig"), path.name


def test_tables_are_csv_that_excel_reads_and_figures_stand_alone(full_report):
    tables = list((full_report.folder / "tables").glob("*.csv"))
    figures = list((full_report.folder / "figures").glob("*.svg"))
    assert tables
    assert figures
    for path in tables:
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines(keepends=True)))
        assert len({len(row) for row in rows}) == 1, path.name
    for path in figures:
        root = ElementTree.fromstring(path.read_text(encoding="utf-8"))
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert root.find("{http://www.w3.org/2000/svg}title").text


def test_hostile_text_shows_as_text(hostile_report):
    page = hostile_report.page("01_hostile")
    index = hostile_report.page("index")
    assert "&lt;script&gt;" in page
    assert "Forum &lt;script&gt;" in index
    forbidden = {
        "script",
        "iframe",
        "object",
        "embed",
        "form",
        "input",
        "button",
        "base",
        "video",
        "foreignobject",
        "animate",
    }
    for text in (page, index, hostile_report.page("02_fails")):
        for element in lxml.html.fromstring(text).iter(lxml.etree.Element):
            assert element.tag.lower() not in forbidden
            for name, value in element.attrib.items():
                assert not name.lower().startswith("on"), (element.tag, name)
                if name in ("aria-label", "alt", "title"):
                    continue  # words, read out and never run
                assert "javascript:" not in value, (element.tag, name)
                assert "e.test" not in value, (element.tag, name)


def test_hostile_cells_stay_text_in_a_spreadsheet(hostile_report):
    rows = list(
        csv.reader((hostile_report.folder / "tables" / "01-hostile.csv").open(encoding="utf-8-sig", newline=""))
    )
    assert [row[0][:2] for row in rows[2:4]] == ["'=", "'@"]


def test_a_huge_output_is_cut_and_says_so(hostile_report):
    assert "more characters are in the executed notebook" in hostile_report.page("01_hostile")
    assert len(hostile_report.page("01_hostile")) < 200_000


def test_a_failed_notebook_keeps_its_traceback_and_the_others_their_pages(hostile_report):
    record = hostile_report.record
    assert record["status"] == "failed"
    assert {one["name"]: one["status"] for one in record["notebooks"]} == {
        "01_hostile": "ok", "02_fails": "failed", "03_dies": "died",
    }  # fmt: skip
    page = hostile_report.page("02_fails")
    assert "ValueError" in page
    assert "Traceback" in page
    assert "before" in page
    assert "never" in page  # its code is shown, though it did not run
    index = hostile_report.page("index")
    assert "This run failed." in index
    assert "code cell 4 raised ValueError" in index
    executed = json.loads((hostile_report.folder / "notebooks" / "02_fails.ipynb").read_text(encoding="utf-8"))
    assert any(out["output_type"] == "error" for cell in executed["cells"] for out in cell.get("outputs", []))
    everything = (hostile_report.folder.parents[1] / "index.html").read_text(encoding="utf-8")
    assert "page-tag-failed" in everything
