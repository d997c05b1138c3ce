"""How the programme theory came about: each version, what it came out of, by which move, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.realist.anchors import anchor
from cop_analysis.realist.configurations import shortened
from cop_analysis.realist.handing_on import coding_shown
from cop_analysis.realist.marking import html_text
from cop_analysis.realist.model import Coding, Evidence, Theory
from cop_analysis.realist.no_coding import no_coding
from cop_analysis.realist.vocabulary import MOVES, STAGES, STANCES
from cop_analysis.results import SECONDARY, Headline, Result, count_of

if TYPE_CHECKING:
    from cop_analysis.study import Study


def theory_lineage(study: Study) -> Result:
    """Show how each programme theory went from its first version to the present one, and what each step rests on.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Result
        One row a version: lineage (a number), theory, label, stage, follows, move, inference, statement, reason,
        configurations, supports, refines, refutes (evidence links the step rests on), middle_range, coder, created.

    Notes
    -----
    Programme theory is stated at first, tested and refined (Pawson & Tilley 1997); the moves between versions are
    those of Pawson 2006. Versions that come out of each other, or go into one, belong to one lineage. Inference by
    step: Mukumbang et al. 2021.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> theory_lineage(Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"})).sentence
    'This study has no coding yet (coding.json), so the programme theory and its versions cannot be shown.'
    """
    key, title = "theory-lineage", "The programme theory, from first to present version"
    coding = coding_shown(study)
    if coding is None:
        return no_coding(key, title, "the programme theory and its versions")
    theories = coding.snapshot.theories
    if not theories:
        return Result(
            key=key, title=title, sentence="The coding (coding.json) holds no version of a programme theory yet."
        )
    groups = lineages(coding)
    rows = [_row(number, one, coding) for number, group in enumerate(groups, start=1) for one in group]
    stages = Counter(one.stage for one in theories)
    counted = ", ".join(f"{stages[stage]} {stage}" for stage in STAGES if stages[stage])
    refined = sum(any(one.stage == "refined" for one in group) for group in groups)
    return Result(
        key=key,
        title=title,
        sentence=f"{count_of(len(theories), 'version')} of "
        f"{count_of(len(groups), 'programme theory', 'programme theories')}: {counted}.",
        table=pd.DataFrame(rows),
        labels={"middle_range": "middle-range theory", "lineage": "programme theory"},
        caveats=_caveats(theories, groups),
        headline=Headline(
            "programme theories refined after testing",
            f"{refined} of {len(groups)}",
            "a count, not an estimate",
            SECONDARY,
        ),
        method="Versions joined by “came out of” form one programme theory. The moves: "
        + ", ".join(MOVES)
        + " (Pawson 2006). Supports, refines and refutes count the evidence links a step names.",
        sources=("coding.json",),
        body_html="\n".join(_lineage_html(number, group, coding) for number, group in enumerate(groups, start=1)),
        show_table=False,
    )


def lineages(coding: Coding) -> list[list[Theory]]:
    """Gather versions that come out of each other, each lineage in the order of its steps.

    Examples
    --------
    >>> from cop_analysis.realist.model import Snapshot
    >>> first, other = Theory("t1", "A", "initial"), Theory("t3", "B", "initial")
    >>> versions = (first, Theory("t2", "A", "tested", follows=("t1",)), other)
    >>> [[one.id for one in group] for group in lineages(Coding(Snapshot("demo", theories=versions)))]
    [['t1', 't2'], ['t3']]
    """
    import networkx as nx

    theories = {one.id: one for one in coding.snapshot.theories}
    position = {identifier: number for number, identifier in enumerate(theories)}
    graph = nx.DiGraph()
    graph.add_nodes_from(theories)
    graph.add_edges_from((before, one.id) for one in theories.values() for before in one.follows if before in theories)
    groups = []
    for members in sorted(nx.weakly_connected_components(graph), key=lambda group: min(position[one] for one in group)):
        part = graph.subgraph(members)
        ordered = (
            nx.lexicographical_topological_sort(part, key=position.__getitem__)
            if nx.is_directed_acyclic_graph(part)
            else sorted(members, key=position.__getitem__)
        )
        groups.append([theories[one] for one in ordered])
    return groups


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


def _caveats(theories: Sequence[Theory], groups: Sequence[Sequence[Theory]]) -> tuple[str, ...]:
    said = []
    untested = [group[0].label for group in groups if all(one.stage == "initial" for one in group)]
    if untested:
        said.append(f"Not tested yet: {'; '.join(shortened(label, 80) for label in untested)}.")
    steps = [one for one in theories if one.follows]
    if silent := [one.id for one in steps if not one.reason.strip()]:
        said.append(f"Without a reason for the step: {', '.join(silent)}.")
    if bare := [one.id for one in steps if not one.evidence]:
        said.append(f"Without evidence named for the step: {', '.join(bare)}.")
    return tuple(said)


def _lineage_html(number: int, group: Sequence[Theory], coding: Coding) -> str:
    items = []
    labels = {one.id: one.label for one in coding.snapshot.configurations}
    for one in group:
        facts = [one.stage, f"{one.move} from {', '.join(one.follows)}" if one.move and one.follows else "",
                 one.inference or "", one.created[:10]]  # fmt: skip
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
