"""The joint display: each configuration with its strands of evidence side by side, and whether they agree."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.realist import Coding, Configuration, Evidence, Extract
from cop_analysis.realist.methods.evidence import evidence_by_configuration
from cop_analysis.realist.model.consent import coding_shown
from cop_analysis.realist.model.markup import anchor, html_text
from cop_analysis.realist.pages.words import no_coding, shortened
from cop_analysis.results import Headline, Highlight, Result
from cop_analysis.synthesis.quoted import Quoted
from cop_analysis.synthesis.strands import READINGS, STRANDS, Measures, Reading, Text, texts

if TYPE_CHECKING:
    from cop_analysis.study import Study

TRANSCRIPTS_PAGE = "02_cmo_configurations.html"
"""The report's page on which the transcripts stand."""

_KEY, _TITLE = "joint-display", "Each configuration with its strands of evidence side by side"
_STRAND_TITLES = {"survey": "Survey", "ties": "Ties", "ratings": "Session ratings", "attendance": "Attendance"}
_SAYS = {
    "for": "more extracts support than refute it",
    "against": "more extracts refute than support it",
    "mixed": "supporting and refuting extracts balance",
    "silent": "no extract speaks to it",
}
_EXPLAINS = "What explains it: the configurations most passages speak to"
_FIRST = 5
_TOGETHER = {
    "confirm": "a measure over all who answered points the same way",
    "contradict": "a measure over all who answered points the other way, which need not hold for those it speaks of",
    "divided": "of its measures over all who answered one points the same way and another the other way",
    "complement": "its measures over all who answered leave it open",
    "silent": "no measure speaks to it",
}
_LEGEND = (
    "<p><small>A measure is taken over all who answered. It <b>confirms</b> what people said where it points "
    "the same way, <b>contradicts</b> it where it points the other way, is a <b>complement</b> where it leaves the "
    "direction open, and <b>silent</b> where it cannot be computed. Whether the configuration holds for those it "
    "speaks of, only their own answers can say.</small></p>"
)
_GRADES = {"high": 0, "moderate": 1, "low": 2}


@dataclass(frozen=True, kw_only=True)
class JointDisplay(Result):
    """The joint display with its counts.

    Parameters
    ----------
    by_configuration : pandas.DataFrame
        One row a configuration: configuration, label, supports, refines, refutes, text, and how many of its measures
        confirm, complement, contradict or stay silent, with the overall reading.
    """

    by_configuration: pd.DataFrame


@dataclass(frozen=True)
class _Case:
    configuration: Configuration
    text: Text
    readings: tuple[Reading, ...]

    @property
    def overall(self) -> str:
        """One word for all measures: contradiction is never outvoted, and silence never counts as agreement."""
        counts = Counter(reading.reading for reading in self.readings)
        if counts["confirm"] and counts["contradict"]:
            return "divided"
        for reading in ("contradict", "confirm", "complement"):
            if counts[reading]:
                return reading
        return "silent"


def joint_display(study: Study, *, permutations: int = 4999, seed: int = 2024) -> JointDisplay | Result:
    """Set each configuration's coded text, survey, ties, ratings and attendance side by side, and say if they agree.

    Parameters
    ----------
    study : Study
    permutations : int
        For the comparison of ties with chance, as on the network's page.
    seed : int
        For that comparison.

    Returns
    -------
    JointDisplay or Result
        One row a strand of a configuration: configuration, label, strand, measure, expects, shows, quantity,
        estimate, low, high, n, p_value, reading. A study without coding gets a sentence that says so.

    Notes
    -----
    Joint displays: Guetterman, Fetters & Creswell 2015, Annals of Family Medicine 13(6):554-561. The rule of agreement
    is that of `strands.agreement`, after the triangulation protocol (Farmer et al. 2006; O'Cathain, Murphy & Nicholl
    2010). A measure goes up or down only where its 95% interval leaves no doubt: for the survey the Tango interval of
    PS lies wholly above or below one half; for ties the interval of the change from the first wave to the last
    (`network.cross_share_intervals`) excludes 0; for ratings the Wilson interval of the share of people above (or
    below) the middle of the scale lies wholly above one half.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> joint_display(Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"})).sentence
    'This study has no coding yet (coding.json), so the strands of evidence for each configuration cannot be shown.'
    """
    coding = coding_shown(study)
    if coding is None:
        return no_coding(_KEY, _TITLE, "the strands of evidence for each configuration")
    if not coding.snapshot.configurations:
        return Result(key=_KEY, title=_TITLE, sentence="The coding (coding.json) holds no configuration yet.")
    measures = Measures(study, permutations, seed)
    cases = gather(coding, measures)
    table = _table(cases, coding)
    overall = Counter(case.overall for case in cases)
    quoted = Quoted(study, coding)
    evidence = evidence_by_configuration(coding)
    return JointDisplay(
        key=_KEY,
        title=_TITLE,
        sentence=_sentence(overall, len(cases)),
        table=table,
        labels={"p_value": "p", "low": "95% interval, low", "high": "95% interval, high"},
        headline=_headline(overall),
        verdicts=measures.verdicts(),
        highlights=_highlights(cases),
        caveats=_caveats(study, cases),
        method=_METHOD,
        sources=_sources(study, cases),
        body_html="\n".join(
            [
                _overview(cases),
                *(_card(case, evidence.get(case.configuration.id, ()), coding, quoted) for case in cases),
            ]
        ),
        show_table=False,
        by_configuration=_by_configuration(cases),
    )


_METHOD = (
    "The coded text says a configuration holds where more extracts support than refute it. A measure goes up or "
    "down only where its 95% interval leaves no doubt: survey, Tango interval of PS against one half, and for "
    "one item of several the same interval at a level that allows for all items asked (Bonferroni), and in both the "
    "interval widened to agree with the exact test of those who changed leaves none either, nor the test of whole "
    "organisations where it could; ties, the interval of the change from first to last wave against 0, and what people "
    "who did not answer could make of it; ratings, Wilson interval of the share of people who gave a name (each with "
    "their mean) above or below the middle of the scale against one half. It confirms the text where both say the "
    "configuration holds, or both that it does not; contradicts it where they say opposite things; is "
    "silent where it cannot be computed or no text speaks; and complements it otherwise: an interval that leaves "
    "the direction open, balanced extracts, an expected direction that was not written down, or attendance, which "
    "is reach and not outcome. After the triangulation protocol (Farmer et al. 2006; O'Cathain, Murphy & Nicholl "
    "2010). A configuration is divided where one measure confirms and another contradicts."
)


def gather(coding: Coding, measures: Measures) -> tuple[_Case, ...]:
    """Give every configuration with its text and the readings of its measures."""
    said = texts(coding)
    return tuple(
        _Case(one, said[one.id], measures.readings(one, said[one.id])) for one in coding.snapshot.configurations
    )


def count_overall(cases: Sequence[_Case]) -> Counter[str]:
    """Count the configurations by their overall reading."""
    return Counter(case.overall for case in cases)


def _headline(overall: Counter[str]) -> Headline | None:
    """Count those a measure points the same way as, among those a measure speaks to; none where none does."""
    measured = overall.total() - overall["silent"]
    if not measured:
        return None
    return Headline(
        "configurations with a measure over all who answered that points the way people said, and none the other way",
        f"{overall['confirm']} of {measured}",
        "a count, not an estimate; it does not show for whom",
        order=40,
    )


# --- tables --------------------------------------------------------------------------------------------------------


def _table(cases: Sequence[_Case], coding: Coding) -> pd.DataFrame:
    documents: dict[str, set[str]] = defaultdict(set)
    for link in coding.snapshot.evidence:
        documents[link.configuration].add(coding.find(Extract, link.extract).document)
    rows: list[dict[str, object]] = []
    for case in cases:
        one, text = case.configuration, case.text
        heard = len(documents[one.id])
        rows.append(
            _row(one, "coded text", "extracts", "", f"{text.supports} support, {text.refines} refine, {text.refutes} "
                 f"refute, from {heard} {'document' if heard == 1 else 'documents'}", reading=text.verdict)
        )  # fmt: skip
        for reading in case.readings:
            found = reading.finding
            rows.append(
                _row(one, reading.strand, reading.measure, reading.expects, found.shows, found.quantity, found.estimate,
                     found.low, found.high, found.n, found.p_value, reading.reading)
            )  # fmt: skip
    return pd.DataFrame(rows)


def _row(one: Configuration, strand: str, measure: str, expects: str, shows: str, quantity: str = "",
         estimate: float = float("nan"), low: float = float("nan"), high: float = float("nan"), n: int = 0,
         p_value: float = float("nan"), reading: str = "") -> dict[str, object]:  # fmt: skip
    return {
        "configuration": one.id, "label": one.label, "strand": strand, "measure": measure, "expects": expects,
        "shows": shows, "quantity": quantity, "estimate": estimate, "low": low, "high": high,
        "n": pd.NA if n == 0 else n, "p_value": p_value, "reading": reading,
    }  # fmt: skip


def _by_configuration(cases: Sequence[_Case]) -> pd.DataFrame:
    rows = []
    for case in cases:
        counts = Counter(reading.reading for reading in case.readings)
        text = case.text
        rows.append(
            {
                "configuration": case.configuration.id,
                "label": case.configuration.label,
                "supports": text.supports,
                "refines": text.refines,
                "refutes": text.refutes,
                "text": text.verdict,
                **{reading: counts[reading] for reading in READINGS},
                "overall": case.overall,
            }
        )
    return pd.DataFrame(rows)


def _highlights(cases: Sequence[_Case]) -> tuple[Highlight, ...]:
    """Give the configured statements that most extracts speak to, whichever way they speak."""
    heard = sorted(
        (case for case in cases if case.configuration.statement.strip() and case.text.total),
        key=lambda case: -case.text.total,
    )
    return tuple(Highlight(_EXPLAINS, case.configuration.statement.strip(), _rests_on(case)) for case in heard[:_FIRST])


def _rests_on(case: _Case) -> str:
    text = case.text
    said = [
        f"{number} {'passage' if number == 1 else 'passages'} {verb if number == 1 else verb.removesuffix('s')} it"
        for number, verb in ((text.supports, "supports"), (text.refines, "refines"), (text.refutes, "refutes"))
        if number
    ]
    return f"{case.configuration.label}. {', '.join(said)}; {_TOGETHER[case.overall]}."


# --- words ---------------------------------------------------------------------------------------------------------


def _sentence(overall: Counter[str], total: int) -> str:
    parts = [
        (overall["confirm"], "with a measure over all who answered that points the same way, and none the other way"),
        (overall["contradict"], "with one that points the other way"),
        (overall["divided"], "with one each way"),
        (overall["complement"], "with measures that leave it open"),
        (overall["silent"], "without a measure that speaks"),
    ]
    listed = "; ".join(f"{count} {words}" for count, words in parts if count)
    start = "1 configuration" if total == 1 else f"{total:,} configurations"
    return f"Of {start}, held against what people said: {listed}."


def _caveats(study: Study, cases: Sequence[_Case]) -> tuple[str, ...]:
    caveats = [
        "Measures are taken over all who answered, while a configuration speaks of some people in some "
        "circumstances: a measure that does not move does not show that nobody did.",
        "Agreement between strands is not proof of cause, and the p-values are not adjusted for how many there are.",
    ]
    unsaid = sum(reading.strand != "attendance" and not reading.expects for case in cases for reading in case.readings)
    if unsaid:
        measures = "1 measure" if unsaid == 1 else f"{unsaid} measures"
        caveats.append(
            f"For {measures} no expected direction was written down (expects in coding.json), so nothing is confirmed "
            "or contradicted there."
        )
    if study.period is not None:
        caveats.append(
            "Attendance and ratings are those of the period; survey, ties and transcripts are of the whole study."
        )
    return tuple(caveats)


def _sources(study: Study, cases: Sequence[_Case]) -> tuple[str, ...]:
    used = {reading.strand for case in cases for reading in case.readings}
    files = {
        "survey": ("survey",),
        "ties": ("ties", "rosters", "people"),
        "ratings": ("ratings",),
        "attendance": ("events", "attendance"),
    }
    tables = [table for strand in STRANDS if strand in used for table in files[strand]]
    return ("coding.json", *(f"{table}.csv" for table in tables if study.table(table) is not None))


# --- HTML ----------------------------------------------------------------------------------------------------------


def _overview(cases: Sequence[_Case]) -> str:
    """Draw the display at a glance: a row a configuration, a column a strand, a word in each cell."""
    head = "".join(f'<th scope="col">{title}</th>' for title in ("Configuration", "Coded text: for, refining, against",
                   *_STRAND_TITLES.values(), "Together"))  # fmt: skip
    rows = []
    for case in cases:
        one, text = case.configuration, case.text
        cells = [f"<td>{text.supports}, {text.refines}, {text.refutes}</td>"]
        for strand in STRANDS:
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


def _card(case: _Case, links: Sequence[Evidence], coding: Coding, quoted: Quoted) -> str:
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
            f'<tr><th scope="row">{_STRAND_TITLES[reading.strand]}</th>'
            f"<td><p><b>{html_text(reading.measure)}</b>{expects}</p><p>{html_text(reading.finding.shows)}</p></td><td>{reading.reading}</td></tr>"
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
    withheld = quoted.consent.withholds
    best = min(links, key=lambda link: [withheld(coding.find(Extract, link.extract)),
                                        *(_GRADES.get(getattr(link, name) or "", 3)
                                          for name in ("relevance", "richness", "rigour"))])  # fmt: skip
    extract = coding.find(Extract, best.extract)
    place = f"{TRANSCRIPTS_PAGE}#{anchor('place', extract.id)}"
    return (
        f"<p><b>{words}:</b> {quoted.consent.quote_html(extract, shortened(extract.quote, 300))} "
        f'<a href="{place}">{html_text(extract.id)}, {html_text(extract.document)}</a></p>'
    )
