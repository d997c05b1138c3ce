"""The strands of a study side by side, opened once: `side_by_side` gives one method for each heading of page 06."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.realist import Measure
from cop_analysis.realist.model.consent import coding_shown
from cop_analysis.realist.model.vocabulary import LEVELS
from cop_analysis.realist.pages.words import no_coding
from cop_analysis.results import Highlight, Result, count_of, format_share
from cop_analysis.results.columns import Column, count, high, low, p, text
from cop_analysis.results.pages import OpenedStudy, Opening, Page, from_files, page
from cop_analysis.study.waves import asked_again
from cop_analysis.synthesis import words
from cop_analysis.synthesis.cards import display
from cop_analysis.synthesis.cases import (
    NO_LEVEL,
    Case,
    Quoted,
    by_configuration,
    by_strand,
    count_levels,
    count_overall,
    gather,
)
from cop_analysis.synthesis.measures import Measures, all_strands

if TYPE_CHECKING:
    from cop_analysis.realist import Coding
    from cop_analysis.study import Study

_READING = {"strand": text(), "reads": text(of="people")}
_ESTIMATE = Column("mixed", unit_in="quantity")
_DISPLAY = {
    "strand": text(),
    "measure": text(),
    "expects": text(),
    "shows": text(),
    "quantity": text(),
    "estimate": _ESTIMATE,
    "low": low(_ESTIMATE, "95% interval, low"),
    "high": high(_ESTIMATE, "95% interval, high"),
    "n": Column("count", unit_in="measure"),
    "p_value": p("p"),
}
_BY_LEVEL = {
    "level": text("claimed level"),
    **dict.fromkeys(LEVELS, count("extracts")),
    NO_LEVEL: count("extracts", "no level"),
    "refuting": count("extracts"),
}
_READ_AS_A_WHOLE = ("events", "attendance", "survey", "ties", "people")


def side_by_side(study: Study, *, permutations: int = 4999, seed: int = 2024) -> SideBySide:
    """Open the strands of a study, so that every heading of the page is a method of one object.

    Parameters
    ----------
    study : Study
    permutations : int
        For the comparison of ties with chance, as on the network's page.
    seed : int
        For that comparison.

    Returns
    -------
    SideBySide

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> strands = side_by_side(Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"}))
    >>> strands.headline().sentence
    'The study has no events, survey, ties or coding yet, so there is nothing to read as a whole.'
    """
    return SideBySide(study, permutations, seed)


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
class _Told:
    """One strand of the programme read as a whole: what it says, and whether it has a finding to say."""

    strand: str
    words: str
    has_finding: bool = True


class SideBySide(OpenedStudy):
    """The strands of one study; each method is a page's heading and gives its `Result`.

    Parameters
    ----------
    study : Study
    permutations, seed : int
        As in `side_by_side`.
    """

    study: Study

    def __init__(self, study: Study, permutations: int = 4999, seed: int = 2024) -> None:
        super().__init__(study)
        self.measures = Measures(study, permutations, seed)

    @functools.cached_property
    def coding(self) -> Coding | None:
        """The coding as it may be shown; None where there is none."""
        return coding_shown(self.study)

    @functools.cached_property
    def cases(self) -> tuple[Case, ...]:
        """Every configuration with its text and the readings of its measures."""
        return () if self.coding is None else gather(self.coding, self.measures)

    def refused(self, page: Page) -> Result | None:
        """Say that there is no coding, or no configuration, where a page rests on them."""
        if not page.needed_for:
            return None
        if self.coding is None:
            return no_coding(page.key, page.title, page.needed_for)
        if not self.coding.snapshot.configurations:
            nothing = "The coding (coding.json) holds no configuration yet."
            return Result(key=page.key, title=page.title, sentence=nothing)
        return None

    @page("programme-reading", "The programme as a whole, strand by strand", columns=_READING)
    def headline(self, opening: Opening) -> Result:
        """Read the programme as a whole in three to five sentences: reach, change, ties, theory, and how they agree.

        Returns
        -------
        Result
            One row a strand: strand, reads. A strand whose table is absent says so in its row and leaves no sentence.
        """
        study = self.study
        told = [read(self) for read in _READ] + _theory(self)
        table = pd.DataFrame([(one.strand, one.words) for one in told], columns=["strand", "reads"])
        said = [one.words for one in told if one.has_finding]
        if not said:
            there = {"reach": study.events, "change": study.survey, "ties": study.ties, "theory": self.coding}
            why = " ".join(one.words for one in told if there.get(one.strand) is not None)
            return Result(**from_files(opening), sentence=words.nothing_to_read(why), table=table)
        caveats = [
            "The strands are read one after another; that two of them agree does not show that one caused the other."
        ]
        if study.period is not None:
            caveats.append("Reach is that of the period; survey, ties and transcripts are of the whole study.")
        files = [f"{name}.csv" for name in _READ_AS_A_WHOLE if study.table(name) is not None]
        return Result(
            **from_files(opening, *files, *(("coding.json",) if study.coding is not None else ())),
            sentence=" ".join(said),
            table=table,
            caveats=tuple(caveats),
            method="Each sentence uses the figures of its own page, where method, missing answers and limits are said.",
            show_table=False,
            verdicts=self.measures.answers(),
            highlights=tuple(Highlight("In short", words) for words in said),
        )

    @page(
        "joint-display",
        "Each configuration with its strands of evidence side by side",
        needed_for="the strands of evidence for each configuration",
        shows="people",
        columns=_DISPLAY,
    )
    def joint_display(self, opening: Opening) -> JointDisplay:
        """Set each configuration's coded text, survey, ties, ratings and attendance side by side; say if they agree.

        Returns
        -------
        JointDisplay or Result
            One row a strand of a configuration: configuration, label, strand, measure, expects, shows, quantity,
            estimate, low, high, n, p_value, reading. A study without coding gets a sentence that says so.

        Notes
        -----
        Joint displays: Guetterman, Fetters & Creswell 2015, Annals of Family Medicine 13(6):554-561. The rule of
        agreement is that of `findings.agreement`, after the triangulation protocol (Farmer et al. 2006; O'Cathain,
        Murphy & Nicholl 2010). A measure goes up or down only where its 95% interval leaves no doubt: for the survey
        the Tango interval of PS lies wholly above or below one half; for ties the interval of the change from the first
        wave to the last (`network.cross_share_intervals`) excludes 0; for ratings the Wilson interval of the share of
        people above (or below) the middle of the scale lies wholly above one half.
        """
        study, coding, cases = self.study, self.coding, self.cases
        assert coding is not None
        overall = count_overall(cases)
        used = {reading.strand.key for case in cases for reading in case.readings}
        tables = [table for strand in all_strands() if strand.key in used for table in strand.files]
        files = [f"{table}.csv" for table in tables if study.table(table) is not None]
        return JointDisplay(
            **from_files(opening, "coding.json", *files),
            sentence=words.display_words(overall),
            table=by_strand(cases, coding),
            headline=words.display_headline(overall),
            verdicts=self.measures.verdicts(),
            highlights=words.most_heard(cases),
            caveats=words.display_caveats(cases, study.period is not None),
            method=words.METHOD,
            body_html=display(cases, coding, Quoted(study, coding)),
            show_table=False,
            by_configuration=by_configuration(cases),
        )

    @page(
        "evidence-matrix",
        "Extracts of each configuration by level",
        needed_for="the evidence by level",
        sources=("coding.json",),
        columns=_BY_LEVEL,
    )
    def evidence_matrix(self, opening: Opening) -> Result:
        """Count each configuration's extracts by the level of their codes.

        Returns
        -------
        Result
            One row a configuration and a last row for all: configuration, label, level (the configuration's own), a
            column for each level with the extracts whose code stands there, no_level, extracts, refuting.

        Notes
        -----
        Levels are individual, interpersonal, organisational and system. An extract counts once for a configuration,
        however many links it has to it. A code without a level takes that of the nearest code above it that has one.
        """
        assert self.coding is not None
        found = count_levels(self.coding)
        return Result(
            **opening,
            sentence=words.levels_words(found.totals, found.extracts),
            table=found.table,
            caveats=(words.COUNTED_FOR_EACH,),
            method="The level of an extract is that of its code, or of the nearest code above it that has one.",
        )


# --- the strands of the programme as a whole --------------------------------------------------------------------------


def _reach(opened: SideBySide) -> _Told:
    from cop_analysis.sessions import series
    from cop_analysis.sessions.pages.reach import Reach
    from cop_analysis.sessions.pages.words import limits_words

    study = opened.study
    for name in ("events", "attendance"):
        if study.table(name) is None:
            return _Told("reach", f"This study has no {name} table ({name}.csv).", has_finding=False)
    sessions = series(study)
    reach, held, people = sessions.reach(), len(sessions.held), sessions.flow().headline
    who = "" if people is None else f" {people.value} {people.label}."
    if isinstance(reach, Reach) and reach.pooled is not None:
        over = "" if reach.events == held else f" over {reach.events} of {count_of(held, 'event')} held"
        limits = limits_words(reach.attended, reach.signed_up, reach.pooled, reach.difference)
        told = (
            f"Reach: {reach.attended:,} of {reach.signed_up:,} sign-ups{over} turned into attendance "
            f"({format_share(reach.pooled.estimate)}, {limits})."
        )
        return _Told("reach", f"{told}{who}")
    counted = sessions.held[sessions.held["attended"].notna()]
    if counted.empty:
        return _Told("reach", "No event held has its attendance recorded.", has_finding=False)
    attended = int(counted["attended"].sum())
    recorded = f"{len(counted):,} of {count_of(held, 'event')}" if held > len(counted) else count_of(held, "event")
    return _Told("reach", f"Reach: {count_of(attended, 'attendance')} at {recorded} held.{who}")


def _change(opened: SideBySide) -> _Told:
    study = opened.study
    if study.survey is None:
        return _Told("change", "This study has no survey table (survey.csv).", has_finding=False)
    if not study.instruments:
        return _Told("change", "study.toml describes no instrument.", has_finding=False)
    planned = study.config.plan.instrument if study.config.plan is not None else ""
    leading = [planned] if planned else asked_again(study.survey, study.instruments)
    told, has_finding = [], False
    for instrument in [one for one in study.instruments if one.key in leading] or study.instruments[:1]:
        finding = opened.measures.finding(Measure("survey_scale", instrument=instrument.key))
        name = instrument.title or instrument.key.replace("_", " ")
        told.append(f"{'Change in ' if finding.of_change else ''}{name}: {_within(finding.shows)}")
        has_finding |= finding.goes != "silent"
    none_leads = "No instrument is named as the primary one, so none leads. " if len(told) > 1 else ""
    return _Told("change", f"{none_leads}{' '.join(told)}", has_finding)


def _ties(opened: SideBySide) -> _Told:
    study = opened.study
    if study.ties is None:
        return _Told("ties", "This study has no ties table (ties.csv).", has_finding=False)
    held = study.ties["relation"].dropna().drop_duplicates().tolist()
    declared = [relation.key for relation in study.config.relations]
    relation = next((one for one in [*declared, *held] if one in held), None)
    if relation is None:
        return _Told("ties", "No tie has a relation.", has_finding=False)
    finding = opened.measures.finding(Measure("network", relation=relation, measure="cross_organisation_share"))
    name = relation.replace("_", " ").capitalize()
    return _Told("ties", f"{name} ties: {_within(finding.brief or finding.shows)}", finding.goes != "silent")


def _theory(opened: SideBySide) -> list[_Told]:
    coding = opened.coding
    if coding is None:
        return [_Told("theory", "This study has no coding yet (coding.json).", has_finding=False)]
    if not opened.cases:
        return [_Told("theory", "The coding (coding.json) holds no configuration yet.", has_finding=False)]
    refuted = sum(case.text.refutes > 0 for case in opened.cases)
    return [
        _Told("theory", words.theory_words(len(opened.cases), refuted)),
        _Told("agreement", words.agreement_words(count_overall(opened.cases))),
    ]


_READ: tuple[Callable[[SideBySide], _Told], ...] = (_reach, _change, _ties)


def _within(sentence: str) -> str:
    """Write a sentence as it goes on after a colon."""
    return f"{sentence[:1].lower()}{sentence[1:]}"


# --- the same, a function each ----------------------------------------------------------------------------------------


def headline(study: Study, *, permutations: int = 4999, seed: int = 2024) -> Result:
    """Give the page `SideBySide.headline` of a study."""
    return SideBySide(study, permutations, seed).headline()


def joint_display(study: Study, *, permutations: int = 4999, seed: int = 2024) -> JointDisplay | Result:
    """Give the page `SideBySide.joint_display` of a study."""
    return SideBySide(study, permutations, seed).joint_display()


def evidence_matrix(study: Study) -> Result:
    """Give the page `SideBySide.evidence_matrix` of a study."""
    return SideBySide(study).evidence_matrix()
