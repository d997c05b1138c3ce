"""Markdown, outputs and payloads as HTML: the outline, the maths, what is cut, and what is not believed."""

from __future__ import annotations

import copy

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_output

from cop_analysis.report.artefacts import audit_findings, checked_payload, find_results, stand_alone_file, write_files
from cop_analysis.report.markdown import Outline, anchor, boxed_tables, maths_html, plain_text, to_html
from cop_analysis.report.outputs import outputs_html, plain, shown_html
from cop_analysis.report.pages import code_html
from cop_analysis.report.sanitise import Identifiers
from cop_analysis.results import RESULT_MIMETYPE, ROWS_SHOWN, Figure, HeadingLine, Headline, Result
from cop_analysis.results.columns import high, low, score, share


def page(*sources: str) -> tuple[str, Outline]:
    outline = Outline(Identifiers())
    return "".join(to_html(source, outline, cell) for cell, source in enumerate(sources)), outline


def shown(outputs) -> str:
    ids = Identifiers()
    return outputs_html([nbformat.from_dict(one) for one in outputs], {}, ids, Outline(ids), 0)


def display(**data):
    return new_output("display_data", data={name.replace("__", "/"): value for name, value in data.items()})


# --- markdown --------------------------------------------------------------------------------------------------------


def test_a_page_has_one_title_and_no_skipped_level():
    html, outline = page("# Title\n\n#### Deep\n\n# Another first\n\n### Third\n\n###### Sixth")
    assert html.count("<h1") == 1
    assert [(one.level, one.text) for one in outline.headings] == [
        (2, "Deep"), (2, "Another first"), (3, "Third"), (4, "Sixth"),
    ]  # fmt: skip


def test_anchors_are_unique_and_leave_the_results_theirs():
    outline = Outline(Identifiers(reserved=["members"]))
    html = to_html("# T\n\n## Members\n\n## Members\n\n## —", outline)
    assert [one.anchor for one in outline.headings] == ["members-2", "members-3", "section"]
    assert 'id="members-2"' in html
    assert anchor("5 things") == "section-5-things"


def test_a_heading_in_a_quotation_is_no_section():
    html, outline = page("# T\n\n> ## Quoted\n\n- # listed")
    assert outline.headings == []
    assert "<h2" not in html


def test_raw_html_and_unsafe_links_show_as_text():
    html, _ = page(
        "<b onclick=x()>a</b> [b](javascript:x()) [c](data:text/html,x) <https://example.org> [d](page.html)"
    )
    assert "&lt;b onclick" in html
    assert "href=" in html
    assert "javascript:x()) " in html
    assert 'href="javascript' not in html
    assert 'href="data' not in html
    assert '<a href="https://example.org">' in html
    assert '<a href="page.html">' in html


def test_a_picture_is_shown_only_when_it_travels_with_the_cell():
    attached = {"a b.png": {"image/png": "AAAA"}}
    html = to_html("![words](attachment:a%20b.png) ![gone](http://e.test/x.png)", Outline(Identifiers()), 0, attached)
    assert '<img src="data:image/png;base64,AAAA" alt="words">' in html
    assert "(picture left out: gone)" in html
    assert "e.test" not in html


def test_footnotes_of_two_cells_do_not_meet():
    html, _ = page("One[^1]\n\n[^1]: first", "Two[^1]\n\n[^1]: second")
    assert 'href="#fn-c0-1"' in html
    assert 'href="#fn-c1-1"' in html
    assert html.count('id="fn-c0-1"') == html.count('id="fn-c1-1"') == 1


def test_money_is_not_mathematics():
    html, _ = page("It costs $5 and $6, but $x^2$ is a square.")
    assert "$5 and $6" in html
    assert html.count("<math") == 1


@pytest.mark.parametrize("source", ["\\frac{", "\\begin{x}", "\\left(", "^", "}"])
def test_mathematics_that_cannot_be_read_shows_as_typed_or_not_at_all(source):
    assert maths_html(source).startswith(("<code>", "<math"))


def test_mathematics_carries_no_script():
    for source in ("\\text{<script>x()</script>}", "\\href{javascript:x()}{y}", "\\class{page-banner}{y}"):
        assert "script" not in maths_html(source)
        assert "page-banner" not in maths_html(source)


def test_display_mathematics_stands_on_its_own_line():
    html, _ = page("$$\n\\frac{1}{2}\n$$\n\n\\begin{align}a &= b\\end{align}")
    assert html.count('<div class="page-maths"><math') == 2
    assert html.count('display="block"') == 2


def test_a_title_in_plain_words():
    assert plain_text("The *E-I* `index` & <b> $x$") == "The E-I index & <b> x"


def test_tables_get_a_box_and_their_headers_a_scope():
    html = boxed_tables(
        "<table><thead><tr><th></th><th>a</th></tr></thead><tbody><tr><th>0</th><td>1</td></tr></tbody></table>",
        Identifiers(),
    )
    assert html == (
        '<div class="cop-table" role="region" tabindex="0" aria-label="Table"><table><thead><tr><td></td>'
        '<th scope="col">a</th></tr></thead><tbody><tr><th scope="row">0</th><td>1</td></tr></tbody></table></div>'
    )


# --- outputs ---------------------------------------------------------------------------------------------------------


def test_text_is_escaped_stripped_of_terminal_codes_and_cut():
    assert plain("\x1b[1;31m<b>\x1b[0m \x1b]0;title\x07\x00\x08é") == "&lt;b&gt; é"
    assert plain("x" * 25_000).endswith("[5,000 more characters are in the executed notebook.]")


def test_printed_text_is_joined_and_messages_are_folded_away():
    html = shown([new_output("stream", name="stdout", text="a "), new_output("stream", name="stderr", text="w"),
                  new_output("stream", name="stdout", text="b")])  # fmt: skip
    assert '<pre class="page-printed" tabindex="0">a b</pre>' in html
    assert "<summary>Messages while running</summary>" in html


def test_the_richest_safe_form_of_an_output_is_shown():
    html = shown([display(text__plain="plain", text__html="<p>rich</p>", image__png="AAAA")])
    assert html == '<div class="page-output"><p>rich</p></div>'
    assert "<pre" in shown([display(text__plain="<Plain>", text__html="<script>x()</script>")])
    assert "&lt;Plain&gt;" in shown([display(text__plain="<Plain>", text__html="<script>x()</script>")])


def test_a_picture_has_words_or_says_that_it_has_none():
    told = new_output("display_data", data={"image/png": "AAAA\n"}, metadata={"image/png": {"alt": 'A "bar"'}})
    assert shown([told]) == '<figure><img src="data:image/png;base64,AAAA" alt="A &quot;bar&quot;"></figure>'
    assert "carries no description" in shown([display(image__png="AAAA")])


@pytest.mark.parametrize("bad", ["AAAA' onerror=x()", "<svg>", "", "A" * 12_000_004])
def test_a_picture_that_is_not_base64_or_too_large_is_not_embedded(bad):
    html = shown([display(image__png=bad, text__plain="instead")])
    assert "<img" not in html
    assert "instead" in html or "too large" in html


def test_scripts_and_unknown_forms_are_not_shown():
    script = shown([new_output("display_data", data={"application/javascript": "x()"})])
    assert "(application/javascript) is left out" in script
    assert "x()" not in script
    assert (
        shown([new_output("display_data", data={"application/vnd.jupyter.widget-view+json": {"model_id": "1"}})]) == ""
    )


def test_an_error_is_shown_plainly():
    html = shown(
        [new_output("error", ename="ValueError", evalue="<b> is odd", traceback=["\x1b[31mline 1\x1b[0m", "<x>"])]
    )
    assert "<strong>ValueError</strong>: &lt;b&gt; is odd" in html
    assert "line 1\n&lt;x&gt;" in html


def test_an_endless_html_output_falls_back_to_text():
    html = shown([display(text__html="<p>" + "x" * 8_000_001, text__plain="too long")])
    assert "too long" in html
    assert len(html) < 1000


def test_code_is_escaped():
    assert "<script>" not in code_html("x = '</code></pre><script>x()</script>'")


# --- results ---------------------------------------------------------------------------------------------------------


def a_result(**changes) -> Result:
    facts = {
        "key": "members", "title": "Members", "sentence": "Six people.",
        "table": pd.DataFrame({"organisation": ["A", "=B"], "members": [4, 2]}),
        "headline": Headline("members", "6", "a count"),
    }  # fmt: skip
    return Result(**{**facts, **changes})


def notebook_showing(*payloads):
    outputs = [new_output("display_data", data={RESULT_MIMETYPE: one, "text/plain": "t"}) for one in payloads]
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=outputs)])


def test_two_results_of_one_key_keep_their_own_files_and_places(tmp_path):
    found = find_results("05_reach", notebook_showing(a_result().payload(), a_result().payload()))
    written = [write_files(one, tmp_path) for one in found]
    assert [one.anchor for one in written] == ["members", "members-2"]
    assert [one.files for one in written] == [
        (("Table as CSV", "tables/05-members.csv"),),
        (("Table as CSV", "tables/05-members-2.csv"),),
    ]
    assert (tmp_path / "tables/05-members.csv").read_bytes() == b"\xef\xbb\xbforganisation,members\r\nA,4\r\n'=B,2\r\n"


def test_a_long_table_is_shown_in_part_and_written_whole(tmp_path):
    result = a_result(table=pd.DataFrame({"n": range(2000)}))
    (one,) = find_results("05_x", notebook_showing(result.payload()))
    written = write_files(one, tmp_path)
    html = shown_html(written, Identifiers())
    assert html.count("<tr>") == ROWS_SHOWN + 1
    assert "The first 500 of 2,000 rows are shown" in html
    assert len((tmp_path / "tables/05-members.csv").read_text(encoding="utf-8").splitlines()) == 2001


def test_a_notebook_too_shows_a_long_table_in_part_and_says_so():
    short, long = (a_result(table=pd.DataFrame({"n": range(rows)})) for rows in (ROWS_SHOWN, ROWS_SHOWN + 1))
    assert short._repr_html_().count("<tr>") == ROWS_SHOWN + 1
    assert "rows are shown" not in short._repr_html_()
    assert long._repr_html_().count("<tr>") == ROWS_SHOWN + 1
    assert "The first 500 of 501 rows are shown" in long._repr_html_()
    # What the report and the CSV are made of stays whole.
    assert len(long.payload()["table"]["rows"]) == ROWS_SHOWN + 1


def broken(**changes):
    payload = a_result(
        figure=Figure("pic", "Pic", '<svg viewBox="0 0 1 1"></svg>', "words", pd.DataFrame({"x": [1]}))
    ).payload()
    for path, value in changes.items():
        *way, last = path.split("__")
        place = payload
        for step in way:
            place = place[step]
        place[last] = value
    return payload


def test_a_payload_of_before_there_were_highlights_is_read():
    payload = a_result().payload()
    del payload["highlights"], payload["headline"]["order"]
    read = checked_payload(payload)
    assert read["highlights"] == []
    assert read["headline"]["order"] == 50


def test_shares_are_read_as_percentages_and_kept_whole_in_the_csv():
    table = pd.DataFrame(
        {"item": ["a"], "share": [0.60587], "low": [0.5], "high": [None], "mean": [0.5], "low_mean": [1.5]}
    )
    of_people = share("people")
    columns = {"share": of_people, "low": low(of_people), "high": high(of_people), "mean": score()}
    payload = a_result(table=table, columns=columns).payload()["table"]
    assert payload["rows"] == [["a", "60.6%", "50.0%", "", "0.500", "1.500"]]
    assert "0.60587" in payload["csv"]


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "../../etc/passwd"}, {"key": "Members"}, {"key": 3}, {"key": "a" * 200}, {"sentence": None},
        {"caveats": "text"}, {"caveats": [1]}, {"sources": None}, {"show_table": "yes"}, {"headline": {"label": "x"}},
        {"headline__value": 5}, {"table": []}, {"table__rows": [["one cell"]]}, {"table__rows": [[1, 2]]},
        {"table__labels": ["one"]}, {"table__csv": None}, {"table__columns": [1, 2]}, {"figure__name": "a/b"},
        {"headline__order": "first"}, {"highlights": "text"}, {"highlights": [{"heading": "h", "text": 1, "note": ""}]},
        {"figure__svg": "not a picture"}, {"figure__alt": 1}, {"figure__table": 7}, {"body_html": ["x"]},
    ],
)  # fmt: skip
def test_a_payload_of_another_shape_is_not_believed(changes):
    assert checked_payload(broken()) is not None
    payload = broken(**changes)
    assert checked_payload(payload) is None
    assert find_results("01_x", notebook_showing(payload)) == ()


@pytest.mark.parametrize("odd", [None, "text", 3, [], {}])
def test_a_payload_that_is_no_mapping_is_not_believed(odd):
    assert checked_payload(odd) is None


def test_checking_a_payload_leaves_it_as_it_was():
    payload = broken()
    before = copy.deepcopy(payload)
    assert checked_payload(payload) == before == payload


def test_a_figure_file_is_an_xml_document_with_its_name_space():
    text = stand_alone_file('<svg viewBox="0 0 1 1"><title>a&nbsp;b \x00</title><script>x()</script></svg>')
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg"')
    assert "&#160;" in text
    assert "script" not in text


def test_what_is_to_be_looked_into_is_what_a_result_says_and_no_cell_of_a_table():
    agrees = a_result(key="number-audit", sentence="All agree.", table=pd.DataFrame({"verdict": ["differs"]}))
    differs = a_result(key="stated", sentence="Of two one differs.", to_look_into="One differs.")
    found = find_results("05_x", notebook_showing(agrees.payload(), differs.payload()))
    assert audit_findings(found) == ("One differs.",)


def test_a_page_of_an_earlier_version_has_nothing_to_look_into():
    payload = a_result(key="stated", to_look_into="One differs.").payload()
    del payload["to_look_into"]
    assert audit_findings(find_results("05_x", notebook_showing(payload))) == ()


def test_a_heading_that_a_page_gives_itself_is_in_its_outline_and_is_no_markup():
    ids = Identifiers()
    outline = Outline(ids)
    line = HeadingLine("Errors <b>& more</b> *now*", 2)
    outputs = [nbformat.from_dict(new_output("display_data", data=line._repr_mimebundle_()))]
    html = outputs_html(outputs, {}, ids, outline, 0)
    assert [(one.level, one.text) for one in outline.headings] == [(2, "Errors <b>& more</b> *now*")]
    assert html == f'<h2 id="{outline.headings[0].anchor}">Errors &lt;b&gt;&amp; more&lt;/b&gt; *now*</h2>'
    assert line._repr_markdown_() == r"## Errors \<b\>& more\</b\> \*now\*"
