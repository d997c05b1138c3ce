"""The joint display as HTML: the strands at a glance, and a card for each configuration; nothing is computed here."""

from __future__ import annotations

from collections.abc import Sequence

from cop_analysis.realist import Coding, Evidence, Extract
from cop_analysis.realist.methods.configurations import evidence_by_configuration
from cop_analysis.realist.model.markup import anchor, html_text
from cop_analysis.realist.pages.words import shortened
from cop_analysis.synthesis.cases import Case, Quoted
from cop_analysis.synthesis.measures import all_strands

TRANSCRIPTS_PAGE = "02_cmo_configurations.html"
"""The report's page on which the transcripts stand."""

_SAYS = {
    "for": "more extracts support than refute it",
    "against": "more extracts refute than support it",
    "mixed": "supporting and refuting extracts balance",
    "silent": "no extract speaks to it",
}
_LEGEND = (
    "<p><small>A measure is taken over all who answered. It <b>confirms</b> what people said where it points "
    "the same way, <b>contradicts</b> it where it points the other way, is a <b>complement</b> where it leaves the "
    "direction open, and <b>silent</b> where it cannot be computed. Whether the configuration holds for those it "
    "speaks of, only their own answers can say.</small></p>"
)
_GRADES = {"high": 0, "moderate": 1, "low": 2}


def display(cases: Sequence[Case], coding: Coding, quoted: Quoted) -> str:
    """Draw the strands at a glance, then a card for each configuration with one quote for and one against."""
    evidence = evidence_by_configuration(coding)
    each = [_card(case, evidence.get(case.configuration.id, ()), coding, quoted) for case in cases]
    return "\n".join([_overview(cases), *each])


def _overview(cases: Sequence[Case]) -> str:
    """Draw the display at a glance: a row a configuration, a column a strand, a word in each cell."""
    strands = all_strands()
    titles = ("Configuration", "Coded text: for, refining, against", *(one.title for one in strands), "Together")
    head = "".join(f'<th scope="col">{title}</th>' for title in titles)
    rows = []
    for case in cases:
        one, text = case.configuration, case.text
        cells = [f"<td>{text.supports}, {text.refines}, {text.refutes}</td>"]
        for strand in strands:
            words = ", ".join(reading.reading for reading in case.readings if reading.strand == strand)
            cells.append(f"<td>{words or 'not measured'}</td>")
        name = html_text(one.label or one.id)
        link = f'<a href="#{anchor("joint", one.id)}">{name}</a>'
        rows.append(f'<tr><th scope="row">{link}</th>{"".join(cells)}<td><b>{case.overall}</b></td></tr>')
    caption = "The strands at a glance: what each measure does to what the coded text says"
    return (
        f'<div class="cop-table" role="region" tabindex="0" aria-label="{caption}"><table><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>{_LEGEND}"
    )


def _card(case: Case, links: Sequence[Evidence], coding: Coding, quoted: Quoted) -> str:
    one, text = case.configuration, case.text
    title = html_text(one.label or one.id)
    for_whom = f"<p><b>For whom:</b> {html_text(one.for_whom)}</p>" if one.for_whom.strip() else ""
    statement = f'<p class="cop-statement">{html_text(one.statement)}</p>' if one.statement.strip() else ""
    counts = f"{text.supports} support, {text.refines} refine, {text.refutes} refute: {_SAYS[text.verdict]}."
    said = [f"<p>{counts}</p>"]
    for stance, words in (("supports", "For"), ("refutes", "Against")):
        said.append(_quote(words, [link for link in links if link.stance == stance], coding, quoted))
    rows = [f'<tr><th scope="row">Coded text</th><td>{"".join(said)}</td><td>{text.verdict}</td></tr>']
    for reading in case.readings:
        expects = f" <small>Expected: {reading.expects}.</small>" if reading.expects else ""
        rows.append(
            f'<tr><th scope="row">{reading.strand.title}</th><td><p><b>{html_text(reading.measure)}</b>{expects}</p>'
            f"<p>{html_text(reading.finding.shows)}</p></td><td>{reading.reading}</td></tr>"
        )
    if came := quoted.sentence(one.id):
        rows.append(f'<tr><th scope="row">People quoted</th><td>{html_text(came)}</td><td>complement</td></tr>')
    if not case.readings:
        rows.append(
            '<tr><th scope="row">Measures</th><td>The configuration points at no measure.</td><td>silent</td></tr>'
        )
    head = '<th scope="col">Strand</th><th scope="col">What it shows</th><th scope="col">Reading</th>'
    small = f"<small>({html_text(one.id)}; together: {case.overall})</small>"
    strands = f"Strands of {title} ({html_text(one.id)})"
    return (
        f'<div class="cop-configuration" id="{anchor("joint", one.id)}">'
        f'<p class="cop-card-title"><strong>{title}</strong> {small}</p>{statement}{for_whom}'
        f'<div class="cop-table" role="region" tabindex="0" aria-label="{strands}"><table>'
        f"<caption>{strands}</caption><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div></div>"
    )


def _quote(words: str, links: Sequence[Evidence], coding: Coding, quoted: Quoted) -> str:
    """Show one quote, the best appraised that may be shown; among equals the first."""
    if not links:
        return ""

    def rank(link: Evidence) -> list[int]:
        grades = (getattr(link, name) or "" for name in ("relevance", "richness", "rigour"))
        return [quoted.consent.withholds(coding.find(Extract, link.extract)), *(_GRADES.get(one, 3) for one in grades)]

    best = min(links, key=rank)
    extract = coding.find(Extract, best.extract)
    place = f"{TRANSCRIPTS_PAGE}#{anchor('place', extract.id)}"
    return (
        f"<p><b>{words}:</b> {quoted.consent.quote_html(extract, shortened(extract.quote, 300))} "
        f'<a href="{place}">{html_text(extract.id)}, {html_text(extract.document)}</a></p>'
    )
