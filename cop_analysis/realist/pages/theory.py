"""The programme theory: its versions, what was asked and answered, the record of the analysis, and gaps.

Gaps are findings as well: what each configuration still lacks, and what to ask whom next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.realist.methods.configurations import Gap, ground_of, lineages
from cop_analysis.realist.model import Coding, Configuration, Evidence, Theory
from cop_analysis.realist.model.consent import document_people, organisations_of_people, sources_of_voices
from cop_analysis.realist.model.markup import anchor, html_text
from cop_analysis.realist.model.vocabulary import MOVES, STANCES
from cop_analysis.realist.pages import words
from cop_analysis.results import SECONDARY, Headline, Result
from cop_analysis.results.pages import Opening, from_files

if TYPE_CHECKING:
    from cop_analysis.realist.pages.opened import Coded
    from cop_analysis.study import Study


def lineage(of: Coded, opening: Opening) -> Result:
    """Show how each programme theory went from its first version to the present one, and what each step rests on."""
    coding = of.coding
    theories = coding.snapshot.theories
    groups = lineages(coding)
    rows = [_row(number, one, coding) for number, group in enumerate(groups, start=1) for one in group]
    stages = Counter(one.stage for one in theories)
    refined = sum(any(one.stage == "refined" for one in group) for group in groups)
    return Result(
        **opening,
        sentence=words.of_lineage(len(theories), len(groups), stages),
        table=pd.DataFrame(rows),
        caveats=words.doubts_of_lineage(theories, groups),
        headline=Headline(
            "programme theories refined after testing",
            f"{refined} of {len(groups)}",
            "a count, not an estimate",
            SECONDARY,
        ),
        method="Versions joined by “came out of” form one programme theory. The moves: "
        + ", ".join(MOVES)
        + " (Pawson 2006). Supports, refines and refutes count the evidence links a step names.",
        body_html="\n".join(_lineage_html(number, group, coding) for number, group in enumerate(groups, start=1)),
        show_table=False,
    )


def _row(number: int, one: Theory, coding: Coding) -> dict[str, object]:
    stances = Counter(coding.find(Evidence, link).stance for link in one.evidence)
    return {
        "lineage": number,
        "theory": one.id,
        "label": one.label,
        "stage": one.stage,
        "follows": "; ".join(one.follows),
        "move": one.move or "",
        "inference": one.inference or "",
        "statement": one.statement,
        "reason": one.reason,
        "configurations": "; ".join(one.configurations),
        **{stance: stances[stance] for stance in STANCES},
        "middle_range": one.middle_range,
        "coder": one.coder or "",
        "created": one.created[:10],
    }


def _lineage_html(number: int, group: Sequence[Theory], coding: Coding) -> str:
    items = []
    labels = {one.id: one.label for one in coding.snapshot.configurations}
    for one in group:
        facts = [
            one.stage,
            f"{one.move} from {', '.join(one.follows)}" if one.move and one.follows else "",
            one.inference or "",
            one.created[:10],
        ]
        shown = "; ".join(fact for fact in facts if fact)
        links = ", ".join(
            f'<a href="#{anchor("configuration", name)}">{html_text(labels.get(name) or name)}</a>'
            for name in one.configurations
        )
        parts = [f"<strong>{html_text(one.label or one.id)}</strong> ({html_text(shown)})"]
        if one.statement.strip():
            parts.append(f"<br>{html_text(one.statement)}")
        if one.reason.strip():
            parts.append(f"<br><small>Why: {html_text(one.reason)}</small>")
        if links:
            parts.append(f"<br><small>Stated as: {links}.</small>")
        if one.middle_range.strip():
            parts.append(f"<br><small>Middle-range theory: {html_text(one.middle_range)}</small>")
        items.append(f'<li id="{anchor("theory", one.id)}">{"".join(parts)} <small>{html_text(one.id)}</small></li>')
    return f'<p><strong>Programme theory {number}</strong></p><ol class="cop-lineage">{"".join(items)}</ol>'


def questions(of: Coded, opening: Opening) -> Result:
    """List the interview questions with the theory each tests, and the configurations nobody has been asked about."""
    coding = of.coding
    questions = coding.snapshot.questions
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
    return Result(
        **opening,
        sentence=words.of_questions(len(questions), asked, len(tested), len(everything)),
        table=pd.DataFrame(rows),
        caveats=words.doubts_of_questions(without, aimless),
        headline=Headline(
            "configurations put to somebody in an interview",
            f"{len(tested)} of {len(everything)}",
            "a count, not an estimate",
            SECONDARY,
        )
        if everything
        else None,
        method="Purpose after Manzano 2016: glean, refine, consolidate. Asked: the question names a document.",
    )


def validations(of: Coded, opening: Opening) -> Result:
    """Set out which statements were put to stakeholders and what they said to them."""
    coding = of.coding
    answers = coding.snapshot.validations
    consent = of.consent
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
    validated = {one.configuration for one in answers if one.configuration}
    total = len(coding.snapshot.configurations)
    return Result(
        **opening,
        sentence=words.of_validations(counts, statements, len(validated), total),
        table=pd.DataFrame(rows),
        caveats=(words.NOT_PROOF,),
        method="An answer is one person's or group's verdict on a statement in the words in which it was put.",
    )


def _names(coding: Coding, configurations: Iterable[str], theories: Iterable[str]) -> list[str]:
    named = [f"{one}: {coding.find(Configuration, one).label}" for one in configurations if one]
    return named + [f"{one}: {coding.find(Theory, one).label}" for one in theories if one]


COLUMNS = ("record", "kind", "about", "title", "text", "reason", "alternatives", "who", "created")


def memos(of: Coded, opening: Opening) -> Result:
    """Show the analysts' memos and decisions in the order of time."""
    study, coding = of.study, of.coding
    memos, decisions = coding.snapshot.memos, coding.snapshot.decisions
    extract_memos = [one for one in coding.snapshot.extracts if one.memo.strip()]
    names = {one.id: one.name or one.id for one in coding.snapshot.coders}
    is_internal = study.audience == "internal"
    rows: list[tuple[str, ...]] = []
    if is_internal:
        rows += [
            (
                one.id,
                f"{one.kind} memo",
                _about(one.about, one.target),
                one.title,
                one.text,
                "",
                "",
                names.get(one.coder or "", one.coder or ""),
                one.created,
            )
            for one in memos
        ]
        rows += [
            (
                one.id,
                "memo on an extract",
                _about("extract", one.id),
                "",
                one.memo,
                "",
                "",
                names.get(one.coder, one.coder),
                one.created,
            )
            for one in extract_memos
        ]
    rows += [
        (
            one.id,
            "decision",
            _about(one.about, one.target),
            "",
            one.what,
            one.reason,
            one.alternatives,
            ", ".join(names.get(coder, coder) for coder in one.coders),
            one.created,
        )
        for one in decisions
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype("str")
    consent = of.consent
    for column in ("title", "text", "reason", "alternatives"):
        table[column] = table[column].map(consent.clean)
    # What has no date stands last: nothing says when it was written.
    order = table.assign(undated=table["created"] == "").sort_values(["undated", "created"], kind="stable").index
    kinds = Counter(one.kind for one in memos)
    silent = [one.id for one in decisions if not one.reason.strip()]
    hidden = not is_internal and bool(memos or extract_memos)
    return Result(
        **opening,
        sentence=words.of_memos(kinds, len(extract_memos), len(decisions)),
        table=table.loc[order].assign(created=lambda one: one["created"].str[:10]).reset_index(drop=True),
        caveats=words.doubts_of_memos(hidden, silent, bool(kinds["reflexive"])),
        method="In the order of time; what has no date stands last.",
    )


def _about(kind: str | None, target: str | None) -> str:
    return f"{kind} {target}" if kind and target else ""


@dataclass(frozen=True)
class _Field:
    """Who could still be asked: the people of each organisation who are in no document yet."""

    organisations: dict[str, str]
    unheard: dict[str, list[str]]

    def to_ask(self, gap: Gap, heard: Sequence[str]) -> list[str]:
        """Name the organisations whose people could fill a gap, those not heard yet first where that matters."""
        outside = [name for name in dict.fromkeys(self.organisations.values()) if name not in heard]
        if gap in ("no extract", "not fully stated"):
            return self._ranked(self.unheard)
        return self._ranked(outside if outside or gap == "one organisation's voice only" else self.unheard)

    def _ranked(self, names: Iterable[str]) -> list[str]:
        """Put most people still to be asked first, so that an interview is likely to come about."""
        return sorted(names, key=lambda name: (-len(self.unheard.get(name, ())), name))


def gaps(of: Coded, opening: Opening) -> Result:
    """List what each configuration lacks and say what to ask whom next."""
    study, coding = of.study, of.coding
    configurations = coding.snapshot.configurations
    field = _field(study)
    heard_in = {extract: voice.organisations for extract, voice in of.voices.items()}
    rows = []
    for one in configurations:
        ground = ground_of(one, of.evidence.get(one.id, ()), coding, heard_in)
        for gap in ground.gaps(len(set(field.organisations.values()))):
            whom = words.whom_to_ask(field.to_ask(gap, ground.organisations), field.unheard)
            rows.append((one.id, one.label, gap, words.of_gap(gap, one, ground), words.to_ask(gap, one, ground), whom))
    table = pd.DataFrame(rows, columns=["configuration", "label", "gap", "found", "ask", "whom"])
    complete = len(configurations) - table["configuration"].nunique()
    return Result(
        **from_files(opening, *sources_of_voices(study)),
        sentence=words.of_gaps(table, len(configurations), complete),
        table=table,
        headline=Headline(
            "configurations without a gap",
            f"{complete} of {len(configurations)}",
            "a count, not an estimate",
            SECONDARY,
        ),
        caveats=(
            words.NOT_LINKED,
            words.WHO_IS_NAMED,
        ),
        method="A configuration has a gap when it has no extract; evidence from one document; evidence from one "
        "organisation; no refuting extract; no extract that refutes or refines its outcome, which is where an account "
        "of the mechanism not firing stands; or a role that is not filled.",
    )


def _field(study: Study) -> _Field:
    organisations = organisations_of_people(study)
    interviewed = {person for people in document_people(study).values() for person in people}
    not_to_ask = _may_not_be_asked(study)
    unheard: dict[str, list[str]] = {}
    for person, organisation in organisations.items():
        if person not in interviewed and person not in not_to_ask:
            unheard.setdefault(organisation, []).append(person)
    return _Field(organisations, unheard)


def _may_not_be_asked(study: Study) -> set[str]:
    """Name the people who did not consent, withdrew or left."""
    from cop_analysis.study.consent import refusing

    people = study.people
    if people is None:
        return set()
    return {*refusing({"people": people}), *people.loc[people["left"].notna(), "person"]}
