"""The static form of a coding: readable where no widget runs, bounded, inert, and holding only what may be shown."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from cop_analysis import open_study
from cop_analysis.realist.model import Code, Coder, Coding, Configuration, Document, Evidence, Extract, Slot, Snapshot
from cop_analysis.report.markdown import Outline
from cop_analysis.report.outputs import outputs_html
from cop_analysis.report.sanitise import Identifiers
from cop_analysis.study import Study
from cop_analysis.widgets.coding.session import Session
from cop_analysis.widgets.coding.static_form import LONGEST, static_html, static_text

ROOT = Path(__file__).resolve().parents[2]
NASTY = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&\x00\u202e"


class Reader(HTMLParser):
    """Reads a page as somebody would: its words, its tags, the levels of its headings."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.levels: list[int] = []
        self.words = ""
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data


def made_study(audience: str = "internal", **tables) -> Study:
    config = {"key": "demo", "title": "Demo", "provenance": "collected"}
    return Study.from_tables(config, audience=audience, **tables)


def made_coding(**more) -> Coding:
    kept = {
        "coders": (Coder("a", "Ada"), Coder("b", "Ben")),
        "documents": (Document("D1", "documents/D1.txt", "Ward round"),),
        "codes": (Code("c1", "Trust"), Code("c2", "Of peers", parent="c1", definition="Among equals.")),
        "extracts": (
            Extract("x1", "D1", 0, 9, "I ring her", "c1", "a", memo="A private thought"),
            Extract("x2", "D1", 0, 9, "I ring her", "c2", "b"),
            Extract("x3", "D1", 20, 30, "nobody rings", "c1", "b"),
        ),
        "configurations": (
            Configuration(
                "cmo1", "A name to ring", statement="Where there is a name, people ring.",
                slots=(Slot("context", ("c1",), "at night"), Slot("outcome", ("c2",))),
            ),
        ),
        "evidence": (
            Evidence("e1", "x1", "cmo1", "supports", "context", "deductive", reason="She says so"),
            Evidence("e2", "x3", "cmo1", "refutes", "outcome"),
        ),
    }  # fmt: skip
    return Coding(Snapshot("demo", **(kept | more)))


def test_everything_a_reader_needs_is_there():
    words = Reader(static_html(made_study(), made_coding(), moment="2 May 2026, 10:00 UTC")).words
    assert "Coding of Demo" in words
    assert "1 document, 2 codes, 3 extracts, 1 configuration, as it stood on 2 May 2026, 10:00 UTC" in words
    assert "A name to ring" in words
    assert "Where there is a name, people ring." in words
    assert "Context: at night (Trust)" in words
    assert "Mechanism: resource: not filled yet" in words
    assert "Outcome: Of peers" in words
    assert "Evidence: 1 supports, 1 refutes." in words
    assert "supports, context, deductive: I ring her (D1) Reason: She says so" in words
    assert "refutes, outcome: nobody rings" in words
    assert "D1: Ward round" in words
    assert "I ring her (D1) Trust (a); Of peers (b) Memo: A private thought" in words
    assert "Trust › Of peers (1): Among equals." in words


def test_headings_make_an_outline_and_nothing_depends_on_colour():
    page = Reader(static_html(made_study(), made_coding()))
    assert page.levels[0] == 2
    assert all(later - earlier <= 1 for earlier, later in zip(page.levels, page.levels[1:], strict=False))
    assert page.open == []
    assert "color" not in static_html(made_study(), made_coding())


def test_what_people_wrote_is_never_markup():
    coding = made_coding(
        codes=(Code("c1", NASTY, definition=NASTY),),
        documents=(Document("D1", NASTY, NASTY),),
        extracts=(Extract("x1", "D1", 0, 9, NASTY, "c1", "a", memo=NASTY),),
        configurations=(Configuration("cmo1", NASTY, statement=NASTY, slots=(Slot("context", (), NASTY),)),),
        evidence=(Evidence("e1", "x1", "cmo1", "refines", reason=NASTY),),
    )
    page = Reader(static_html(replace(made_study(), audience="internal"), coding))
    assert page.tags <= {"div", "h2", "h3", "h4", "p", "ul", "li", "strong", "em", "q"}
    assert page.attributes <= {"class", "style", "dir"}
    assert page.words.count("<script>alert(1)</script>") >= 8
    assert "\x00" not in static_html(made_study(), coding)
    assert "\u202e" not in static_text(made_study(), coding)


def test_an_empty_coding_says_that_nothing_is_there():
    words = Reader(static_html(made_study(), Coding(Snapshot("demo")))).words
    assert "0 documents" in words
    assert "Nothing is coded yet." in words


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["many", "long", "wide"])
def test_a_large_study_stays_small_and_says_what_is_left_out(shape: str):
    documents, per, length = {"many": (400, 20, 60), "long": (3, 5, 200_000), "wide": (1, 8_000, 90)}[shape]
    extracts = tuple(
        Extract(f"x{d}-{n}", f"D{d}", n * 10, n * 10 + 9, f"{d} {n} " + "w" * length, f"c{n % 900}", "a")
        for d in range(documents)
        for n in range(per)
    )
    codes = tuple(Code(f"c{n}", f"Code {n}", definition="d" * length) for n in range(900))
    configurations = tuple(
        Configuration(f"cmo{n}", f"Label {n}", statement="s" * length, slots=(Slot("context", (), "w" * length),))
        for n in range(300)
    )
    evidence = tuple(
        Evidence(f"e{n}", extracts[n % len(extracts)].id, f"cmo{n % 300}", "supports") for n in range(6_000)
    )
    coding = made_coding(
        documents=tuple(Document(f"D{d}", f"documents/D{d}.txt") for d in range(documents)),
        codes=codes, extracts=extracts, configurations=configurations, evidence=evidence,
    )  # fmt: skip
    page = static_html(made_study(), coding)
    assert len(page) < LONGEST * 1.2
    assert "left out here" in page
    words = Reader(page).words
    shown = len(re.findall(r"Label \d+", words))
    left = re.search(r"([\d,]+) more configurations? left out", words)
    assert shown + (int(left[1].replace(",", "")) if left else 0) == 300
    assert len(static_text(made_study(), coding)) < 30_000


# --- what may be shown ----------------------------------------------------------------------------------------------

QUOTES = pd.DataFrame(
    {
        "quote": ["Q1", "Q2", "Q3"],
        "text": ["I ring her", "I ring her", "nobody rings"],
        "extract": ["x1", "x2", "x3"],
        "consent": ["review", "public", "public"],
        "identifiable": ["no", "no", "yes"],
    }
)


def for_audience(audience: str, quotes: pd.DataFrame | None = QUOTES) -> str:
    study = made_study() if quotes is None else made_study(quotes=quotes)
    return Reader(static_html(replace(study, audience=audience), made_coding())).words


def test_the_public_reads_only_quotes_released_to_it():
    words = for_audience("public")
    assert "nobody rings" not in words, "its words give the speaker away"
    assert words.count("I ring her") == 1, "as x2; x1, which is evidence, is for review only"
    assert "Ward round" not in words
    assert "A private thought" not in words
    assert "She says so" not in words
    assert "(a)" not in words
    assert "quotes.csv does not release it to the audience public" in words
    assert "Where there is a name, people ring." in words


def test_the_steering_group_reads_what_is_released_to_it_and_to_the_public():
    words = for_audience("review")
    assert "I ring her" in words
    assert "nobody rings" in words
    assert "A private thought" not in words


@pytest.mark.parametrize("audience", ["review", "public"])
def test_without_quotes_csv_nobody_beyond_the_team_reads_a_quote(audience: str):
    words = for_audience(audience, None)
    assert "I ring her" not in words
    assert "nobody rings" not in words


def test_what_somebody_said_who_withdrew_is_quoted_to_nobody(tmp_path: Path):
    folder = tmp_path / "s"
    shutil.copytree(ROOT / "data" / "nmp_forum", folder)
    people = folder / "people.csv"
    lines = people.read_text(encoding="utf-8-sig").splitlines()
    place = lines[0].split(",").index("consent")
    for number, line in enumerate(lines):
        if line.startswith("P03,"):
            cells = line.split(",")
            cells[place] = "withdrawn"
            lines[number] = ",".join(cells)
    people.write_text("\n".join(lines) + "\n", encoding="utf-8")
    study = open_study(folder)
    theirs = [one for one in study.coding.snapshot.extracts if one.document == "D01"]
    words = Reader(static_html(study, study.coding)).words
    assert theirs
    assert not any(one.quote in words for one in theirs if len(one.quote) > 30)
    assert "did not consent or withdrew" in words
    before = Reader(static_html(open_study(ROOT / "data" / "nmp_forum"), study.coding)).words
    assert any(one.quote in before for one in theirs)


def test_blind_nothing_of_another_coder_is_there(tmp_path: Path):
    shutil.copytree(ROOT / "data" / "nmp_forum", tmp_path / "s")
    session = Session(tmp_path / "s", "coder-b", blind=True)
    words = Reader(static_html(session.study, session.visible(), blind=session.blind)).words
    mine = {one.quote for one in session.coding.snapshot.extracts if one.coder == "coder-b"}
    others = {one.quote for one in session.coding.snapshot.extracts if one.coder != "coder-b"}
    unlike = [one for one in others if not any(one in other for other in mine) and len(one) > 20]
    assert unlike
    assert not any(one in words for one in unlike)
    assert any(one in words for one in mine)
    assert "coding blind" in words
    session.coding.close()


# --- where it is shown ----------------------------------------------------------------------------------------------


def test_a_report_page_keeps_it_whole_and_readable():
    study = open_study(ROOT / "data" / "nmp_forum")
    page = static_html(study, study.coding)
    outputs = [
        {"output_type": "display_data", "metadata": {},
         "data": {"application/vnd.jupyter.widget-view+json": {"model_id": "m"}, "text/plain": ""}},
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": page, "text/plain": "Coding of"}},
    ]  # fmt: skip
    identifiers = Identifiers()
    shown = outputs_html(outputs, {}, identifiers, Outline(identifiers), 1)
    assert " ".join(Reader(shown).words.split()) == " ".join(Reader(page).words.split())
    assert "</strong><strong" not in shown.replace("\n", ""), "headings stand on lines of their own"


def test_a_terminal_reads_it_as_plain_text():
    study = open_study(ROOT / "data" / "nmp_forum")
    text = static_text(study, study.coding)
    assert text.startswith("Coding of Virtual forum")
    assert "supports" in text
    assert "Context:" in text
    assert "<" not in text


@pytest.mark.slow
def test_a_saved_notebook_shows_it_once_with_and_without_the_widgets_state(tmp_path: Path, monkeypatch):
    import nbclient
    import nbformat
    from nbconvert import HTMLExporter, MarkdownExporter

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    shutil.copytree(ROOT / "data" / "nmp_forum", tmp_path / "s")
    source = "from cop_analysis import widgets\nwidgets.coding('s', coder='coder-a')"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbclient.NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    quote = "in four minutes she'd found the chart"
    assert "widgets" in notebook.metadata
    assert quote not in str(notebook.metadata["widgets"]), "no transcript is in the widget's state"
    pages = {f"{name} with state": HTMLExporter(template_name=name).from_notebook_node(notebook)[0]
             for name in ("lab", "classic", "basic")}  # fmt: skip
    del notebook.metadata["widgets"]
    pages["lab without state"] = HTMLExporter().from_notebook_node(notebook)[0]
    pages["markdown"] = MarkdownExporter().from_notebook_node(notebook)[0]
    for name, page in pages.items():
        assert page.count("Coding of Virtual forum") == 1, name
        assert quote in page.replace("&#x27;", "'"), name
    without_html = [output["data"] for output in notebook.cells[0].outputs]
    assert [set(data) for data in without_html] == [
        {"application/vnd.jupyter.widget-view+json", "text/plain"},
        {"text/html", "text/plain"},
    ]


@pytest.mark.slow
@pytest.mark.browser
def test_it_is_accessible_and_prints(tmp_path: Path, a_browser):
    from axe_playwright_python.sync_playwright import Axe

    study = open_study(ROOT / "data" / "nmp_forum")
    page = static_html(study, study.coding)
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><html lang=en><title>t</title><main><h1>Page</h1>{page}</main>", encoding="utf-8")
    for width in (1366, 390):
        with a_browser.new_context(viewport={"width": width, "height": 800}) as context:
            shown = context.new_page()
            shown.goto(file.as_uri())
            assert Axe().run(shown).response["violations"] == []
            assert shown.evaluate("document.documentElement.scrollWidth") <= width
            assert len(shown.pdf()) > 10_000


@pytest.mark.slow
@pytest.mark.browser
def test_a_report_run_on_a_notebook_with_the_panel_shows_it_readable_and_valid(tmp_path, a_browser, html_validate):
    import subprocess

    import nbformat
    from axe_playwright_python.sync_playwright import Axe

    from cop_analysis.report import RunSettings, run_report

    folder = tmp_path / "nmp_forum"
    shutil.copytree(ROOT / "data" / "nmp_forum", folder)
    (tmp_path / "notebooks").mkdir()
    new = nbformat.v4
    parameters = new.new_code_cell('study = ""\nperiod = ""\naudience = "internal"', metadata={"tags": ["parameters"]})
    shown = "from cop_analysis import open_study, widgets\nwidgets.coding(open_study(study, audience=audience))"
    cells = [new.new_markdown_cell("# The coding"), parameters, new.new_code_cell(shown)]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.write(new.new_notebook(cells=cells, metadata=kernel), tmp_path / "notebooks" / "07_coding.ipynb")
    settings = RunSettings(study=folder, out=tmp_path / "out", notebooks=("07_coding",),
                           notebooks_folder=tmp_path / "notebooks")  # fmt: skip
    run = run_report(settings)
    assert run.status == "ok", run.failures
    page = run.folder / "07_coding.html"
    said = subprocess.run([*html_validate, str(page)], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout[:3000]
    for width in (1366, 390):
        with a_browser.new_context(viewport={"width": width, "height": 800}) as context:
            shown = context.new_page()
            shown.goto(page.as_uri())
            assert Axe().run(shown).response["violations"] == []
            assert shown.evaluate("document.documentElement.scrollWidth") <= width
            words = shown.locator("main").inner_text()
            if place := os.environ.get("COP_SCREENSHOTS"):
                shown.screenshot(path=f"{place}/report-coding-{width}.png")
    assert words.count("Coding of Virtual forum") == 1
    assert "in four minutes she'd found the chart" in words
    assert "application/vnd" not in words
