"""The programme read as a whole: one sentence a strand, from the rooms' own figures, and whether the strands agree."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.realist.methods.evidence import stance_counts
from cop_analysis.realist.model.consent import coding_shown
from cop_analysis.results import Highlight, Result, count_of, format_share
from cop_analysis.synthesis.joint_display import count_overall, gather
from cop_analysis.synthesis.strands import Measures

if TYPE_CHECKING:
    from cop_analysis.realist import Coding
    from cop_analysis.sessions import Series
    from cop_analysis.study import Study

_KEY, _TITLE = "programme-reading", "The programme as a whole, strand by strand"


def headline(study: Study, *, permutations: int = 4999, seed: int = 2024) -> Result:
    """Read the programme as a whole in three to five sentences: reach, change, ties, theory, and how they agree.

    Parameters
    ----------
    study : Study
    permutations : int
        For the comparison of ties with chance, as on the network's page.
    seed : int
        For that comparison.

    Returns
    -------
    Result
        One row a strand: strand, reads. A strand whose table is absent says so in its row and leaves no sentence.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> headline(Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"})).sentence
    'The study has no events, survey, ties or coding yet, so there is nothing to read as a whole.'
    """
    measures = Measures(study, permutations, seed)
    coding = coding_shown(study)
    overall = None
    if coding is not None and coding.snapshot.configurations:
        overall = count_overall(gather(coding, measures))
    strands = [_reach(study), _change(study, measures), _ties(study, measures), *_theory(coding, overall)]
    said = [words for _, words, has_spoken in strands if has_spoken]
    table = pd.DataFrame([(name, words) for name, words, _ in strands], columns=["strand", "reads"])
    if not said:
        there = {"events": "reach", "survey": "change", "ties": "ties"}
        held = {strand for name, strand in there.items() if study.table(name) is not None}
        held |= {"theory"} if coding is not None else set()
        why = " ".join(words for name, words, _ in strands if name in held)
        sentence = (
            f"No part of the study has a finding to read beside another yet. {why}"
            if why
            else "The study has no events, survey, ties or coding yet, so there is nothing to read as a whole."
        )
        return Result(key=_KEY, title=_TITLE, sentence=sentence, table=table)
    caveats = [
        "The strands are read one after another; that two of them agree does not show that one caused the other."
    ]
    if study.period is not None:
        caveats.append("Reach is that of the period; survey, ties and transcripts are of the whole study.")
    return Result(
        key=_KEY,
        title=_TITLE,
        sentence=" ".join(said),
        table=table,
        caveats=tuple(caveats),
        method="Each sentence uses the figures of its own page, where method, missing answers and limits are said.",
        sources=tuple(
            f"{name}.csv"
            for name in ("events", "attendance", "survey", "ties", "people")
            if study.table(name) is not None
        )
        + (("coding.json",) if study.coding is not None else ()),
        show_table=False,
        verdicts=measures.answers(),
        highlights=tuple(Highlight("In short", words) for _, words, has_spoken in strands if has_spoken),
    )


def _reach(study: Study) -> tuple[str, str, bool]:
    from cop_analysis.sessions import series
    from cop_analysis.sessions.pages.reach import Reach
    from cop_analysis.sessions.pages.words import limits_words

    for name in ("events", "attendance"):
        if study.table(name) is None:
            return "reach", f"This study has no {name} table ({name}.csv).", False
    opened = series(study)
    reach, held = opened.reach(), len(opened.held)
    if isinstance(reach, Reach) and reach.pooled is not None:
        over = "" if reach.events == held else f" over {reach.events} of {count_of(held, 'event')} held"
        limits = limits_words(reach.attended, reach.signed_up, reach.pooled, reach.difference)
        words = (
            f"Reach: {reach.attended:,} of {reach.signed_up:,} sign-ups{over} turned into attendance "
            f"({format_share(reach.pooled.estimate)}, {limits})."
        )
        return "reach", f"{words}{_people(opened)}", True
    counted = opened.held[opened.held["attended"].notna()]
    if counted.empty:
        return "reach", "No event held has its attendance recorded.", False
    attended = int(counted["attended"].sum())
    recorded = f"{len(counted):,} of {held:,} events held" if held > len(counted) else f"{len(counted):,} events held"
    return "reach", f"Reach: {attended:,} attendances at {recorded}.{_people(opened)}", True


def _people(opened: Series) -> str:
    """Say how many people came, of those who could have; nothing where attendance or list names nobody."""
    one = opened.flow().headline
    return "" if one is None else f" {one.value} {one.label}."


def _change(study: Study, measures: Measures) -> tuple[str, str, bool]:
    from cop_analysis.realist import Measure

    if study.survey is None:
        return "change", "This study has no survey table (survey.csv).", False
    if not study.instruments:
        return "change", "study.toml describes no instrument.", False
    planned = study.config.plan.instrument if study.config.plan is not None else ""
    instruments = {one.key: one for one in study.instruments}
    instrument = instruments.get(planned) or study.instruments[0]
    finding = measures.finding(Measure("survey_scale", instrument=instrument.key))
    name = instrument.title or instrument.key.replace("_", " ")
    return "change", f"Change in {name}: {finding.shows[:1].lower()}{finding.shows[1:]}", finding.goes != "silent"


def _ties(study: Study, measures: Measures) -> tuple[str, str, bool]:
    from cop_analysis.realist import Measure

    if study.ties is None:
        return "ties", "This study has no ties table (ties.csv).", False
    held = study.ties["relation"].dropna().drop_duplicates().tolist()
    declared = [relation.key for relation in study.config.relations]
    relation = next((one for one in [*declared, *held] if one in held), None)
    if relation is None:
        return "ties", "No tie has a relation.", False
    measure = Measure("network", relation=relation, measure="cross_organisation_share")
    finding = measures.finding(measure)
    found = finding.brief or finding.shows
    words = f"{relation.replace('_', ' ').capitalize()} ties: {found[:1].lower()}{found[1:]}"
    return "ties", words, finding.goes != "silent"


def _theory(coding: Coding | None, overall: Counter[str] | None) -> list[tuple[str, str, bool]]:
    if coding is None:
        return [("theory", "This study has no coding yet (coding.json).", False)]
    if overall is None:
        return [("theory", "The coding (coding.json) holds no configuration yet.", False)]
    total = overall.total()
    refuted = int((stance_counts(coding)["refutes"] > 0).sum())
    configurations = "1 configuration" if total == 1 else f"{total:,} configurations"
    agree = (
        f"Agreement: a measure over all who answered points the way people said for {overall['confirm']} of them and "
        f"the other way for {overall['contradict'] + overall['divided']}; for the other "
        f"{overall['complement'] + overall['silent']} no measure settles it."
    )
    theory = f"Theory: {configurations}, {refuted} of them with refuting evidence found."
    return [("theory", theory, True), ("agreement", agree, True)]
