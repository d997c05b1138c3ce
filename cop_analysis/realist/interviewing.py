"""Interviewing led by theory: the questions with the theory each tests, and what stakeholders said to statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.realist.consent import Consent
from cop_analysis.realist.handing_on import coding_shown
from cop_analysis.realist.model import Coding, Configuration, Theory
from cop_analysis.realist.no_coding import no_coding
from cop_analysis.realist.vocabulary import VERDICTS
from cop_analysis.results import SECONDARY, Headline, Result, count_of

if TYPE_CHECKING:
    from cop_analysis.study import Study


def interview_questions(study: Study) -> Result:
    """List the interview questions with the theory each tests, and the configurations nobody has been asked about.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Result
        One row a question: question, wording, tests (the configurations and versions by name), purpose, whom,
        asked_in (documents), coder, created.

    Notes
    -----
    A realist interview puts the theory to the person, who teaches the interviewer in turn (Pawson 1996); theory is
    gleaned, refined and consolidated (Manzano 2016). A configuration counts as asked about when a question names it,
    or a version of a theory that states it, and says in which document it was asked.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> interview_questions(Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"})).sentence
    'This study has no coding yet (coding.json), so the interview questions cannot be shown.'
    """
    key, title = "interview-questions", "Interview questions and the theory each tests"
    coding = coding_shown(study)
    if coding is None:
        return no_coding(key, title, "the interview questions")
    questions = coding.snapshot.questions
    if not questions:
        return Result(key=key, title=title, sentence="The coding (coding.json) holds no interview question yet.")
    rows = [
        {
            "question": one.id,
            "wording": one.wording,
            "tests": "; ".join(_names(coding, one.configurations, one.theories)),
            "purpose": one.purpose or "",
            "whom": one.whom,
            "asked_in": "; ".join(one.documents),
            "coder": one.coder or "",
            "created": one.created[:10],
        }
        for one in questions
    ]
    tested: set[str] = set()
    for one in questions:
        if one.documents:
            tested |= set(one.configurations)
            for version in one.theories:
                tested |= set(coding.find(Theory, version).configurations)
    everything = [one.id for one in coding.snapshot.configurations]
    without = [one for one in everything if one not in tested]
    asked = sum(bool(one.documents) for one in questions)
    aimless = [one.id for one in questions if not one.configurations and not one.theories]
    caveats = []
    if without and everything:
        caveats.append(f"No question that was asked tests {_listed(without)}.")
    if aimless:
        caveats.append(f"These questions do not say which theory they test: {_listed(aimless)}.")
    return Result(
        key=key,
        title=title,
        sentence=f"{count_of(len(questions), 'question')}, {asked} of them asked so far; they test "
        f"{len(tested)} of {count_of(len(everything), 'configuration')}.",
        table=pd.DataFrame(rows),
        labels={"asked_in": "asked in", "tests": "theory it tests"},
        caveats=tuple(caveats),
        headline=Headline(
            "configurations put to somebody in an interview", f"{len(tested)} of {len(everything)}",
            "a count, not an estimate", SECONDARY,
        ) if everything else None,
        method="Purpose after Manzano 2016: glean, refine, consolidate. Asked: the question names a document.",
        sources=("coding.json",),
    )  # fmt: skip


def validations(study: Study) -> Result:
    """Set out which statements were put to stakeholders and what they said to them.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Result
        One row an answer: validation, statement, about (configuration or version), who, verdict, comment, document,
        extracts, created.

    Notes
    -----
    That stakeholders agree does not make a statement true, and that they disagree does not refute it: it is evidence
    to be weighed with the rest (Pawson & Tilley 1997).

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> validations(Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"})).sentence
    'This study has no coding yet (coding.json), so the validation of statements cannot be shown.'
    """
    key, title = "validations", "What stakeholders said to our statements"
    coding = coding_shown(study)
    if coding is None:
        return no_coding(key, title, "the validation of statements")
    answers = coding.snapshot.validations
    if not answers:
        return Result(
            key=key, title=title, sentence="The coding (coding.json) holds no validation by stakeholders yet."
        )
    consent = Consent(study, coding)
    rows = [
        {
            "validation": one.id,
            "statement": one.statement,
            "about": "; ".join(_names(coding, [one.configuration or ""], [one.theory or ""])),
            "who": one.who,
            "verdict": one.verdict,
            "comment": consent.told(one.who, one.comment),
            "document": one.document or "",
            "extracts": "; ".join(one.extracts),
            "created": one.created[:10],
        }
        for one in answers
    ]
    counts = Counter(one.verdict for one in answers)
    statements = len({one.statement for one in answers})
    listed = ", ".join(f"{counts[verdict]} “{verdict}”" for verdict in VERDICTS if counts[verdict])
    validated = {one.configuration for one in answers if one.configuration}
    total = len(coding.snapshot.configurations)
    return Result(
        key=key,
        title=title,
        sentence=f"{count_of(len(answers), 'answer')} to {count_of(statements, 'statement')}: {listed}. They concern "
        f"{len(validated)} of {count_of(total, 'configuration')}.",
        table=pd.DataFrame(rows),
        caveats=(
            "Agreement of stakeholders is evidence and not proof; those who came to be asked may differ from the rest.",
        ),
        method="An answer is one person's or group's verdict on a statement in the words in which it was put.",
        sources=("coding.json",),
    )


def _names(coding: Coding, configurations: Iterable[str], theories: Iterable[str]) -> list[str]:
    named = [f"{one}: {coding.find(Configuration, one).label}" for one in configurations if one]
    return named + [f"{one}: {coding.find(Theory, one).label}" for one in theories if one]


def _listed(identifiers: list[str], most: int = 12) -> str:
    more = f" and {len(identifiers) - most} more" if len(identifiers) > most else ""
    return ", ".join(identifiers[:most]) + more
