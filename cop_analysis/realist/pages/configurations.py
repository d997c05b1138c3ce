"""The configurations: how many have been put to the test, a card each with its evidence by stance, and their ripples.

Ripples say how the outcome of one configuration becomes context of the next, in chains and feedback loops.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.realist.methods.configurations import (
    LONGEST_PATH,
    MOST_PATHS,
    at_most,
    feedback_loops,
    find_chains,
    find_loops,
    is_complete,
    slot_words,
    sources_of_steps,
    unfilled_roles,
)
from cop_analysis.realist.model import Coding, Configuration, Evidence, Extract, natural_order
from cop_analysis.realist.model.consent import Consent, Voice, sources_of_voices
from cop_analysis.realist.model.markup import anchor, html_text
from cop_analysis.realist.model.vocabulary import SCHEMAS, STANCES
from cop_analysis.realist.pages import words
from cop_analysis.realist.pages.words import measure_words, shortened
from cop_analysis.realist.pictures.ripple_drawing import draw_ripples
from cop_analysis.results import SECONDARY, Headline, Result, count_of
from cop_analysis.results.pages import Opening, from_files

if TYPE_CHECKING:
    from cop_analysis.realist.pages.opened import Coded

UNFOLDED_UP_TO = 12
"""Up to this many passages of one stance stand open on a card; of more only the first three, and the rest is folded."""

SHOWN_OF_MORE = 3

# In which column of the table each role stands; a schema's own roles have columns of their own.
_COLUMN_OF = {"if": "context", "because": "reasoning", "then": "outcome"}

_SLOT_COLUMNS = ("intervention", "strategy", "context", "actor", "resource", "reasoning", "outcome")

_ALWAYS = ("context", "resource", "reasoning", "outcome")

_STANCE_TITLES = {"supports": "Supporting", "refines": "Refining", "refutes": "Refuting"}


def summary(of: Coded, opening: Opening) -> Result:
    """Count the configurations and say how many have been put to the test by evidence against them."""
    coding = of.coding
    configurations = coding.snapshot.configurations
    counts = of.stances
    total = len(configurations)
    both = int(((counts["supports"] > 0) & (counts["refutes"] > 0)).sum())
    loops = feedback_loops(coding)
    partial = sum(not is_complete(one) for one in configurations)
    pairs = {frozenset((one.id, rival)) for one in configurations for rival in one.rivals}
    rows = [
        ("with supporting evidence", int((counts["supports"] > 0).sum())),
        ("with refining evidence", int((counts["refines"] > 0).sum())),
        ("with refuting evidence", int((counts["refutes"] > 0).sum())),
        ("with both supporting and refuting evidence", both),
        ("with no evidence yet", int((counts[list(STANCES)].sum(axis=1) == 0).sum())),
        ("partial (a role is not filled)", partial),
        ("with a rival explanation", len({one for pair in pairs for one in pair})),
        ("in a feedback loop", sum(len(loop) for loop in loops)),
        ("pointing at measured evidence", sum(bool(one.measures) for one in configurations)),
    ]
    refuted = rows[2][1]
    labels = {one.id: one.label for one in configurations}
    return Result(
        **opening,
        sentence=words.of_summary(total, refuted, both, partial, loops, labels),
        table=pd.DataFrame(rows, columns=["what", "configurations"]),
        headline=Headline(
            "configurations with refuting evidence found",
            f"{refuted} of {total}",
            "a count, not an estimate",
            SECONDARY,
        ),
        caveats=(words.NOT_SOUGHT,),
        method="An extract counts once for a configuration and stance, however many of its slots it is linked to. A "
        "feedback loop is a set of configurations each of which can be reached from each other along ripple links "
        "(Jagosh et al. 2015).",
    )


def table(of: Coded, opening: Opening) -> Result:
    """Set out each configuration with its slots and the evidence for, refining and against it."""
    coding = of.coding
    configurations = coding.snapshot.configurations
    voice, consent = of.voices, of.consent
    evidence = of.evidence
    counts = of.stances.set_index("configuration")
    heard = {one.id: _heard(evidence.get(one.id, ()), coding, voice) for one in configurations}
    used = {_COLUMN_OF.get(slot.role, slot.role) for one in configurations for slot in one.slots}
    columns = [name for name in _SLOT_COLUMNS if name in used or name in _ALWAYS]
    rows = []
    for one in configurations:
        slots = slot_words(one, coding)
        by_column: dict[str, list[str]] = defaultdict(list)
        for role, filled in slots.items():
            by_column[_COLUMN_OF.get(role, role)].append(filled)
        documents, organisations = heard[one.id]
        rows.append(
            {
                "configuration": one.id,
                "label": one.label,
                **{name: "; ".join(by_column.get(name, [])) for name in columns},
                "level": one.level or "",
                "for_whom": one.for_whom,
                "activation": one.activation,
                **{stance: int(counts[stance][one.id]) for stance in STANCES},
                "documents": len(documents),
                "organisations": len(organisations),
                "statement": one.statement,
            }
        )
    table = pd.DataFrame(rows).astype({"activation": "float64"})
    linked = {link.extract for link in coding.snapshot.evidence}
    total, extracts = len(table), len(linked)
    counted = len({(link.configuration, link.extract) for link in coding.snapshot.evidence})
    return Result(
        **from_files(opening, *sources_of_voices(of.study)),
        sentence=words.of_configurations(total, extracts, counted),
        table=table,
        caveats=consent.caveat(coding.find(Extract, one) for one in linked),
        method="An extract counts once for a configuration and stance, however many of its slots it is linked to. The "
        "organisation of an extract is that of the person whose turn it stands in; in a group whose speakers are not "
        "named, the organisations of all who were there.",
        body_html="\n".join(_card(one, evidence.get(one.id, ()), coding, voice, consent) for one in configurations),
    )


# --- cards ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Piece:
    link: Evidence
    extract: Extract


def _heard(links: Iterable[Evidence], coding: Coding, voice: Mapping[str, Voice]) -> tuple[set[str], set[str]]:
    extracts = {link.extract for link in links}
    documents = {coding.find(Extract, one).document for one in extracts}
    organisations = {name for one in extracts for name in voice[one].organisations}
    return documents, organisations


def _card(
    one: Configuration, links: Sequence[Evidence], coding: Coding, voice: Mapping[str, Voice], consent: Consent
) -> str:
    parts = [
        f'<div class="cop-configuration" id="{anchor("configuration", one.id)}">',
        f'<p class="cop-card-title"><strong>{html_text(one.label or one.id)}</strong>{_facts(one)} '
        f"<small>{html_text(one.id)}</small></p>",
    ]
    if one.statement.strip():
        parts.append(f'<p class="cop-statement">{html_text(one.statement)}</p>')
    parts.append(_slots_html(one, coding))
    for stance in STANCES:
        pieces = [_Piece(link, coding.find(Extract, link.extract)) for link in links if link.stance == stance]
        parts.append(_stance_html(stance, pieces, coding, voice, consent))
    parts.append(_relations_html(one, coding))
    parts.append("</div>")
    return "\n".join(part for part in parts if part)


def _facts(one: Configuration) -> str:
    facts = [
        one.schema,
        f"{one.level} level" if one.level else "",
        f"for {one.for_whom}" if one.for_whom.strip() else "",
    ]
    if one.activation is not None:
        facts.append(f"how strongly it fires: {one.activation:g} of 1")
    return f" ({html_text('; '.join(fact for fact in facts if fact))})"


def _slots_html(one: Configuration, coding: Coding) -> str:
    schema = SCHEMAS.get(one.schema)
    names = {code.id: code.name for code in coding.snapshot.codes}
    rows = []
    for role, filled in slot_words(one, coding).items():
        known = schema.role(role) if schema else None
        codes = dict.fromkeys(names.get(code, code) for slot in one.slots if slot.role == role for code in slot.codes)
        coded = (
            f" <small>Coded as {html_text(', '.join(codes))}.</small>" if codes and ", ".join(codes) != filled else ""
        )
        rows.append(f"<dt>{html_text(known.title if known else role)}</dt><dd>{html_text(filled)}{coded}</dd>")
    for role in unfilled_roles(one):
        known = schema.role(role) if schema else None
        rows.append(f"<dt>{html_text(known.title if known else role)}</dt><dd>Not filled yet.</dd>")
    return f'<dl class="cop-slots">{"".join(rows)}</dl>' if rows else ""


def _stance_html(
    stance: str, pieces: Sequence[_Piece], coding: Coding, voice: Mapping[str, Voice], consent: Consent
) -> str:
    count = len({piece.extract.id for piece in pieces})
    title = _STANCE_TITLES[stance]
    if not pieces:
        return f'<p class="cop-stance"><b>{title} evidence:</b> none.</p>'
    items = [f"<li>{_piece_html(piece, coding, voice, consent)}</li>" for piece in pieces]
    shown = len(items) if len(items) <= UNFOLDED_UP_TO else SHOWN_OF_MORE
    rest = items[shown:]
    identifier = pieces[0].link.configuration
    label = coding.find(Configuration, identifier).label or identifier
    folded = (
        f'<details class="cop-more" id="{anchor(f"more-{stance}", identifier)}">'
        f"<summary>{count_of(len(rest), 'more passage')} of {title.lower()} evidence: {html_text(label)}</summary>"
        f'<ul class="cop-evidence cop-{stance}">{"".join(rest)}</ul></details>'
    )
    return (
        f'<p class="cop-stance"><b>{title} evidence</b> ({count_of(count, "extract")}):</p>'
        f'<ul class="cop-evidence cop-{stance}">{"".join(items[:shown])}</ul>{folded if rest else ""}'
    )


def _piece_html(piece: _Piece, coding: Coding, voice: Mapping[str, Voice], consent: Consent) -> str:
    link, extract = piece.link, piece.extract
    coder = next((one.name or one.id for one in coding.snapshot.coders if one.id == extract.coder), extract.coder)
    said = voice[extract.id]
    turn, speaker = f"turn {said.turn}" if said.turn else "", consent.unnamed(said.speaker)
    where = ", ".join(part for part in (extract.document, turn, speaker) if part)
    role = SCHEMAS[coding.find(Configuration, link.configuration).schema].role(link.slot) if link.slot else None
    about = [f"on {role.title.lower()}" if role else "", f"coded by {coder}", link.inference or ""]
    graded = [f"{name} {grade}" for name in ("relevance", "richness", "rigour") if (grade := getattr(link, name))]
    reason = f" {html_text(consent.clean(link.reason))}" if link.reason.strip() else ""
    return (
        f"{consent.quote_html(extract, shortened(extract.quote))} "
        f'<a href="#{anchor("place", extract.id)}">{html_text(where)}</a> '
        f"<small>{html_text('; '.join(part for part in (*about, ', '.join(graded)) if part))}.{reason} "
        f"({html_text(extract.id)})</small>"
    )


def _relations_html(one: Configuration, coding: Coding) -> str:
    labels = {other.id: other.label for other in coding.snapshot.configurations}

    def link(identifier: str) -> str:
        name = labels.get(identifier) or identifier
        return f'<a href="#{anchor("configuration", identifier)}">{html_text(name)}</a>'

    rivals = dict.fromkeys(
        [*one.rivals, *(other.id for other in coding.snapshot.configurations if one.id in other.rivals)]
    )
    lines = []
    if rivals:
        lines.append(f"Rival explanations: {'; '.join(link(rival) for rival in rivals)}.")
    for ripple in coding.snapshot.ripples:
        note = f" ({html_text(ripple.note)})" if ripple.note.strip() else ""
        if ripple.source == one.id:
            lines.append(f"Its outcome becomes context of {link(ripple.target)}{note}.")
        if ripple.target == one.id:
            lines.append(f"Its context is the outcome of {link(ripple.source)}{note}.")
    if one.measures:
        lines.append(f"Measured by: {html_text('; '.join(measure_words(measure) for measure in one.measures))}.")
    return "".join(f'<p class="cop-links">{line}</p>' for line in lines)


def ripples(of: Coded, opening: Opening) -> Result:
    """Trace the chains and feedback loops along ripple links, and how many sources support each."""
    coding = of.coding
    behind = sources_of_steps(coding)
    loops, more_loops = at_most(find_loops(coding, behind))
    loops.sort(key=lambda one: (len(one.steps), [natural_order(step) for step in one.steps]))
    chains, more_chains = at_most(find_chains(coding, behind))
    paths = [*loops, *chains]
    table = pd.DataFrame(
        [
            (
                one.shown,
                "loop" if one.is_loop else "chain",
                len(one.steps),
                one.weakest,
                len(one.every_step),
                "; ".join(one.every_step),
            )
            for one in paths
        ],
        columns=["path", "kind", "steps", "weakest_step", "every_step", "documents"],
    )
    caveats = ["A document behind every step of a path need not tell the path as one story; read the passages."]
    if more_loops or more_chains:
        caveats.append(
            f"Only the first {MOST_PATHS} loops and chains of at most {LONGEST_PATH} configurations are traced."
        )
    bare = [f"{source} → {target}" for (source, target), documents in behind.items() if not documents]
    if bare:
        caveats.append(f"No document supports the step {'; '.join(bare[:8])}{' and others' if len(bare) > 8 else ''}.")
    return Result(
        **opening,
        sentence=words.of_ripples(len(behind), loops, chains, coding),
        table=table,
        figure=draw_ripples(coding, {step: len(documents) for step, documents in behind.items()}),
        caveats=tuple(caveats),
        method="A document supports a step when an extract of it stands on the link, or when it holds supporting "
        "evidence for both configurations (Jagosh et al. 2015 for the idea of the ripple).",
    )
