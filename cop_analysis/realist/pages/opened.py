"""A study's coding as its pages may show it, opened once: `coded` gives an object with a method for each heading."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.realist.methods.configurations import evidence_by_configuration, stance_counts
from cop_analysis.realist.model import Coding, Evidence
from cop_analysis.realist.model.consent import Consent, Voice, coding_shown, voices
from cop_analysis.realist.pages import codes, columns, configurations, texts, theory, words
from cop_analysis.realist.pages.codes import CoderOverlap
from cop_analysis.results import Result
from cop_analysis.results.pages import Opening, Page, page

if TYPE_CHECKING:
    from cop_analysis.study import Study

_CODING = ("coding.json",)


def coded(study: Study) -> Coded:
    """Open a study's coding, so that every heading of the page is a method of one object.

    Parameters
    ----------
    study : Study
        Without a coding each heading says so.

    Returns
    -------
    Coded

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> demo = coded(Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"}))
    >>> demo.gaps().sentence
    'This study has no coding yet (coding.json), so gaps in the theory cannot be shown.'
    """
    return Coded(study)


class Coded:
    """What was coded in one study; each method is a page's heading and gives its `Result`.

    Parameters
    ----------
    study : Study
    """

    suffix = ""

    def __init__(self, study: Study) -> None:
        self.study = study

    @cached_property
    def coding_or_none(self) -> Coding | None:
        """The coding without what it quotes of people who refused; None where the study has none."""
        return coding_shown(self.study)

    @property
    def coding(self) -> Coding:
        """The same, where there is one."""
        coding = self.coding_or_none
        assert coding is not None
        return coding

    @cached_property
    def consent(self) -> Consent:
        """What may be quoted of whom."""
        return Consent(self.study, self.coding)

    @cached_property
    def voices(self) -> dict[str, Voice]:
        """Whose words each extract holds."""
        return voices(self.study)

    @cached_property
    def evidence(self) -> dict[str, tuple[Evidence, ...]]:
        """The evidence links of each configuration that has any."""
        return evidence_by_configuration(self.coding)

    @cached_property
    def stances(self) -> pd.DataFrame:
        """How many extracts support, refine and refute each configuration."""
        return stance_counts(self.coding)

    def refused(self, page: Page) -> Result | None:
        """Say that there is no coding yet, or that it holds nothing a heading is about."""
        if self.coding_or_none is None:
            return words.no_coding(page.key, page.title, page.needed_for)
        lacking = words.lacking(page.method, self.coding.snapshot)
        return Result(key=page.key, title=page.title, sentence=lacking) if lacking else None

    @page(
        "configurations",
        "The configurations in numbers",
        needed_for="the configurations",
        sources=_CODING,
        columns=columns.OVERVIEW,
    )
    def summary(self, opening: Opening) -> Result:
        """Count the configurations and say how many have been put to the test by evidence against them.

        Returns
        -------
        Result
            One row a count: what, configurations.

        Notes
        ----- A configuration that only ever met supporting evidence has not been tested: refuting evidence that was
        looked for and found is a strength of the analysis (Pawson & Tilley 1997). That none was found does not say
        that none was sought.
        """
        return configurations.summary(self, opening)

    @page(
        "configuration-table",
        "Configurations and the evidence for and against them",
        needed_for="the configurations and their evidence",
        sources=_CODING,
        shows="people",
        columns=columns.CONFIGURATIONS,
    )
    def configurations(self, opening: Opening) -> Result:
        """Set out each configuration with its slots and the evidence for, refining and against it.

        Returns
        -------
        Result
            One row a configuration: configuration, label, its slots (context, resource, reasoning, outcome, and the
            further roles of other schemas where used), level, for_whom, activation, supports, refines, refutes,
            documents, organisations, statement. `body_html` holds a card each, whose quotes link to their places in
            the transcripts (``#place-x001``).

        Notes
        ----- The statement is the claim, and quotes are kept apart from it (Pawson & Tilley 1997). The mechanism is a
        resource and the reasoning it meets (Dalkin et al. 2015). Appraisal of evidence by relevance, richness and
        rigour: Dada et al. 2023.
        """
        return configurations.table(self, opening)

    @page(
        "ripples",
        "Ripples: chains and feedback loops",
        needed_for="the ripples between configurations",
        sources=_CODING,
        columns=columns.RIPPLES,
    )
    def ripples(self, opening: Opening) -> Result:
        """Trace the chains and feedback loops along ripple links, and how many sources support each.

        Returns
        -------
        Result
            One row a path: path, kind (chain, loop), steps, weakest_step (documents behind the step with the fewest),
            every_step (documents that support all of them), documents (which those are).

        Notes
        ----- The outcome of one configuration becomes context of the next (Jagosh et al. 2015). A document supports a
        step when an extract of it is named on the ripple link, or when it holds supporting evidence for both
        configurations; so a document counted for a whole path need not tell the path as one story. Chains run from a
        configuration that nothing leads to, or from a loop that nothing leads into, as far as they lead.
        """
        return configurations.ripples(self, opening)

    @page(
        "theory-lineage",
        "The programme theory, from first to present version",
        needed_for="the programme theory and its versions",
        sources=_CODING,
        columns=columns.THEORIES,
    )
    def lineage(self, opening: Opening) -> Result:
        """Show how each programme theory went from its first version to the present one, and what each step rests on.

        Returns
        -------
        Result
            One row a version: lineage (a number), theory, label, stage, follows, move, inference, statement, reason,
            configurations, supports, refines, refutes (evidence links the step rests on), middle_range, coder,
            created.

        Notes
        -----
        Programme theory is stated at first, tested and refined (Pawson & Tilley 1997); the moves between versions are
        those of Pawson 2006. Versions that come out of each other, or go into one, belong to one lineage. Inference by
        step: Mukumbang et al. 2021.
        """
        return theory.lineage(self, opening)

    @page(
        "interview-questions",
        "Interview questions and the theory each tests",
        needed_for="the interview questions",
        sources=_CODING,
        shows="people",
        columns=columns.QUESTIONS,
    )
    def questions(self, opening: Opening) -> Result:
        """List the interview questions with the theory each tests, and the configurations nobody has been asked about.

        Returns
        -------
        Result
            One row a question: question, wording, tests (the configurations and versions by name), purpose, whom,
            asked_in (documents), coder, created.

        Notes
        ----- A realist interview puts the theory to the person, who teaches the interviewer in turn (Pawson 1996);
        theory is gleaned, refined and consolidated (Manzano 2016). A configuration counts as asked about when a
        question names it, or a version of a theory that states it, and says in which document it was asked.
        """
        return theory.questions(self, opening)

    @page(
        "validations",
        "What stakeholders said to our statements",
        needed_for="the validation of statements",
        sources=_CODING,
        shows="people",
        columns=columns.VALIDATIONS,
    )
    def validations(self, opening: Opening) -> Result:
        """Set out which statements were put to stakeholders and what they said to them.

        Returns
        -------
        Result
            One row an answer: validation, statement, about (configuration or version), who, verdict, comment,
            document, extracts, created.

        Notes
        ----- That stakeholders agree does not make a statement true, and that they disagree does not refute it: it is
        evidence to be weighed with the rest (Pawson & Tilley 1997).
        """
        return theory.validations(self, opening)

    @page(
        "memos-and-decisions",
        "Memos and decisions of the analysts",
        needed_for="memos and decisions",
        sources=_CODING,
        shows="people",
        columns=columns.MEMOS,
    )
    def memos(self, opening: Opening) -> Result:
        """Show the analysts' memos and decisions in the order of time.

        Memos are the team's own: for any audience but the team itself they are counted and not shown.

        Returns
        -------
        Result
            One row a memo or decision: record, kind (analytic, reflexive, methodological memo; decision), about,
            title, text, reason, alternatives, who, created.

        Notes
        ----- Reflexive memos and an audit trail of decisions are part of the record of a realist evaluation (RAMESES
        II, items 10 and 13: Wong et al. 2016).
        """
        return theory.memos(self, opening)

    @page(
        "gaps",
        "What the theory still lacks, and what to ask whom next",
        needed_for="gaps in the theory",
        sources=_CODING,
        shows="people",
        columns=columns.GAPS,
    )
    def gaps(self, opening: Opening) -> Result:
        """List what each configuration lacks and say what to ask whom next.

        Returns
        -------
        Result
            One row a gap: configuration, label, gap, found (what there is), ask (what to ask), whom.

        Notes
        ----- Gaps are findings of a realist evaluation, and interviews are led by theory: each question points at what
        the theory lacks (Pawson & Tilley 1997; Manzano 2016). Evidence on the outcome where the mechanism does not
        fire is an extract that refutes or refines the configuration at its outcome slot.
        """
        return theory.gaps(self, opening)

    @page(
        "code-use",
        "The codebook and how it was used",
        needed_for="the use of the codes",
        sources=_CODING,
    )
    def codes(self, opening: Opening) -> Result:
        """Show the code tree with definitions, and how often each coder used each code in how many documents.

        Returns
        -------
        Result
            One row a code in the order of the tree: code, name, path, depth, level, definition, extracts, a column
            ``extracts_<coder>`` for each coder, documents, extracts_with_children.
        """
        return codes.codes(self, opening)

    @page(
        "coder-overlap",
        "Where two coders agree, turn by turn",
        needed_for="agreement between coders",
        sources=("coding.json", "documents.csv"),
        shows="people",
        columns=columns.OVERLAP,
    )
    def overlap(self, opening: Opening) -> CoderOverlap | Result:
        """Compare two coders, code by code and turn by turn, and list where they differ beside the text.

        Returns
        -------
        CoderOverlap or Result
            One row a pair of coders and code (and one for all codes together): coder_a, coder_b, code, name, turns,
            both, only_a, only_b, neither, agreement (share of turns), agreement_where_coded (share of the turns that
            either coded), kappa (missing where it is not defined).

        Notes
        ----- The unit is the turn: a coder gave a turn a code when an extract of that code reaches into it. Only
        documents in which both coders made an extract are compared. Cohen's kappa (Cohen 1960) is missing where chance
        agreement is complete, which is where both coded every turn or neither coded any. Text that nobody coded makes
        plain agreement high, so the share among the turns that either coded stands beside it.
        """
        return codes.overlap(self, opening)

    @page(
        "transcripts",
        "Transcripts with their extracts",
        needed_for="the coded transcripts",
        sources=_CODING,
        shows="people",
        columns=columns.TRANSCRIPTS,
    )
    def transcripts(self, opening: Opening, context_turns: int | None = None) -> Result:
        """Show each transcript with its extracts marked, so that every quote can be read where it was said.

        Parameters
        ----------
        context_turns : int, optional
            How many turns before and after a turn with an extract are shown. Left out, everything is shown while the
            transcripts hold at most `WHOLE_UP_TO_WORDS` words together, and one turn on each side beyond that.

        Returns
        -------
        Result
            `body_html` holds the transcripts; each extract has an anchor (``place-x001``) that quotes link to. The
            table has one row a document: document, title, turns, turns_shown, words, extracts, codes, not_placed.

        Raises
        ------
        ValueError
            When `context_turns` is below 0.

        Notes
        ----- Words in are words out: a mark adds no character to the text and takes none away. An extract whose quote
        is not what the document holds at its range is not marked anywhere; it is listed under its document instead.
        What people said who did not consent or withdrew is not shown; their turns stay as places.
        """
        return texts.transcripts(self, opening, context_turns)


# --- short ways in, a heading each --------------------------------------------------------------------------------


def configuration_summary(study: Study) -> Result:
    """Give the heading `Coded.summary` of a study."""
    return coded(study).summary()


def configuration_table(study: Study) -> Result:
    """Give the heading `Coded.configurations` of a study."""
    return coded(study).configurations()


def ripples(study: Study) -> Result:
    """Give the heading `Coded.ripples` of a study."""
    return coded(study).ripples()


def theory_lineage(study: Study) -> Result:
    """Give the heading `Coded.lineage` of a study."""
    return coded(study).lineage()


def interview_questions(study: Study) -> Result:
    """Give the heading `Coded.questions` of a study."""
    return coded(study).questions()


def validations(study: Study) -> Result:
    """Give the heading `Coded.validations` of a study."""
    return coded(study).validations()


def memos_and_decisions(study: Study) -> Result:
    """Give the heading `Coded.memos` of a study."""
    return coded(study).memos()


def gaps(study: Study) -> Result:
    """Give the heading `Coded.gaps` of a study."""
    return coded(study).gaps()


def code_use(study: Study) -> Result:
    """Give the heading `Coded.codes` of a study."""
    return coded(study).codes()


def coder_overlap(study: Study) -> CoderOverlap | Result:
    """Give the heading `Coded.overlap` of a study."""
    return coded(study).overlap()


def transcripts(study: Study, context_turns: int | None = None) -> Result:
    """Give the heading `Coded.transcripts` of a study."""
    return coded(study).transcripts(context_turns)
