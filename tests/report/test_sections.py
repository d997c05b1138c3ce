"""Sections that have nothing to show for a study are gathered in one list with their reasons, and nothing is lost."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from cop_analysis.report.artefacts import find_results
from cop_analysis.report.markdown import Outline
from cop_analysis.report.pages import _blocks
from cop_analysis.report.sanitise import Identifiers
from cop_analysis.results import RESULT_MIMETYPE, Result, absent


def shows(*results: Result) -> nbformat.NotebookNode:
    outputs = [new_output("display_data", data={RESULT_MIMETYPE: one.payload(), "text/plain": "t"}) for one in results]
    return new_code_cell("x", outputs=outputs)


def without(key: str, table: str = "survey") -> Result:
    return absent(key, "A title", table, f"the {key}")


def page(*cells) -> tuple[str, list[str]]:
    notebook = new_notebook(cells=[new_markdown_cell("# Page"), *cells])
    outline = Outline(Identifiers())
    blocks = _blocks(notebook, find_results("01_x", notebook), outline)
    return "\n".join(block.metadata.cop.html for block in blocks), [one.text for one in outline.headings]


def three_without(table: str = "survey") -> list:
    return [cell for name in "ABC" for cell in section(name, without(name.lower(), table))]


def section(heading: str, *results: Result) -> list:
    return [new_markdown_cell(f"## {heading}\n\nWords about it."), *(shows(one) for one in results)]


def test_three_sections_without_their_table_become_one_line():
    html, headings = page(
        *section("A?", without("a")), *section("B & C", without("b"), without("c")), *section("D", without("d"))
    )
    assert headings == ["Asked, with nothing to show"]
    assert "<li><strong>Without survey.csv:</strong> A?; B &amp; C; D.</li>" in html
    assert "Words about it" not in html


def test_another_reason_is_told_in_its_own_sentence():
    alone = Result(key="alone", title="T", sentence="One wave only, so nothing <can> change.")
    html, _ = page(*section("A", without("a")), *section("B", without("b", "ties")), *section("C", alone))
    assert "<strong>Without survey.csv:</strong> A.</li>" in html
    assert "<strong>Without ties.csv:</strong> B.</li>" in html
    assert "<strong>C:</strong> One wave only, so nothing &lt;can&gt; change.</li>" in html


def test_two_such_sections_stand_where_they_are():
    html, headings = page(*section("A", without("a")), *section("B", without("b")))
    assert headings == ["A", "B"]
    assert "Words about it" in html
    assert "the a cannot be shown" in html


@pytest.mark.parametrize(
    "more",
    [{"caveats": ("Careful.",)}, {"body_html": "<p>Body</p>"}],
)
def test_a_section_with_anything_more_than_a_sentence_stays(more):
    full = Result(key="full", title="T", sentence="A finding.", **more)
    _, headings = page(*three_without(), *section("Full", full))
    assert headings == ["Full", "Asked, with nothing to show"]


def test_a_section_that_also_printed_or_failed_stays():
    printed = shows(without("p"))
    printed.outputs.append(new_output("stream", name="stdout", text="printed"))
    html, headings = page(
        *three_without(),
        new_markdown_cell("## Printed"),
        printed,
    )
    assert headings[0] == "Printed"
    assert "printed" in html


def test_the_opening_of_the_page_is_never_folded():
    cells = [shows(without("lead")), *three_without()]
    html, _ = page(*cells)
    assert "the lead cannot be shown" in html


def test_a_notebook_without_text_has_no_sections():
    notebook = new_notebook(cells=[shows(without("a"))])
    (block,) = _blocks(notebook, find_results("01_x", notebook), Outline(Identifiers()))
    assert "the a cannot be shown" in block.metadata.cop.html
    assert _blocks(new_notebook(cells=[]), (), Outline(Identifiers())) == []


def test_the_code_of_a_folded_section_is_still_on_the_page():
    notebook = new_notebook(cells=[new_markdown_cell("# P"), *three_without()])
    blocks = _blocks(notebook, find_results("01_x", notebook), Outline(Identifiers()))
    assert [code["number"] for block in blocks for code in block.metadata.cop.codes] == [1, 2, 3]
