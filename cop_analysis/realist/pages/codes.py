"""How the codebook is used, and where two coders see the same turn alike and where not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.realist.methods.agreement import Disagreement, compare_coders
from cop_analysis.realist.model import Code
from cop_analysis.realist.model.consent import Consent
from cop_analysis.realist.model.markup import anchor, html_text
from cop_analysis.realist.pages import columns as held
from cop_analysis.realist.pages import words
from cop_analysis.realist.pages.words import shortened
from cop_analysis.results import Result, count_of
from cop_analysis.results.pages import Opening

if TYPE_CHECKING:
    from cop_analysis.realist.pages.opened import Coded


def codes(of: Coded, opening: Opening) -> Result:
    """Show the code tree with definitions, and how often each coder used each code in how many documents."""
    coding = of.coding
    snapshot = coding.snapshot
    by_code: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for extract in snapshot.extracts:
        by_code[extract.code].append((extract.coder, extract.document))
    tree, consent = _tree(snapshot.codes), of.consent
    beneath = _beneath(snapshot.codes, {code: len(uses) for code, uses in by_code.items()})
    rows = []
    for code, path in tree:
        uses = by_code.get(code.id, [])
        rows.append(
            {
                "code": code.id,
                "name": code.name,
                "path": " > ".join([*path, code.name]),
                "depth": len(path),
                "level": code.level or "",
                "definition": consent.clean(code.definition),
                "extracts": len(uses),
                **{f"extracts_{one.id}": sum(coder == one.id for coder, _ in uses) for one in snapshot.coders},
                "documents": len({document for _, document in uses}),
                "extracts_with_children": beneath[code.id],
            }
        )
    table = pd.DataFrame(rows)
    unused = int((table["extracts_with_children"] == 0).sum())
    return Result(
        **opening,
        sentence=words.of_codes(len(table), len(snapshot.extracts), len(snapshot.coders), unused),
        table=table,
        columns=held.of_codes((one.id, one.name or one.id) for one in snapshot.coders),
        method="An extract is one passage under one code by one coder. Sub-codes included, an extract counts for every "
        "code above its own.",
        body_html=_tree_html(tree, table, consent),
        show_table=False,
    )


def _tree(codes: tuple[Code, ...]) -> list[tuple[Code, tuple[str, ...]]]:
    """Give the codes depth first, each with the names of the codes above it."""
    children: dict[str | None, list[Code]] = defaultdict(list)
    for code in codes:
        children[code.parent].append(code)
    ordered: list[tuple[Code, tuple[str, ...]]] = []
    waiting: list[tuple[Code, tuple[str, ...]]] = [(code, ()) for code in reversed(children[None])]
    while waiting:
        code, path = waiting.pop()
        ordered.append((code, path))
        waiting.extend((child, (*path, code.name)) for child in reversed(children.get(code.id, [])))
    return ordered


def _beneath(codes: tuple[Code, ...], own: dict[str, int]) -> dict[str, int]:
    parents = {code.id: code.parent for code in codes}
    total = dict.fromkeys(parents, 0)
    for code in parents:
        step: str | None = code
        while step is not None:
            total[step] += own.get(code, 0)
            step = parents[step]
    return total


def _tree_html(tree: list[tuple[Code, tuple[str, ...]]], table: pd.DataFrame, consent: Consent) -> str:
    parts: list[str] = []
    depth = -1
    for (code, path), used in zip(tree, table["extracts_with_children"], strict=True):
        if len(path) > depth:
            parts.append('<ul class="cop-codebook">')
        else:
            parts.append("</li>" + "</ul></li>" * (depth - len(path)))
        depth = len(path)
        definition = f": {html_text(consent.clean(code.definition))}" if code.definition.strip() else ""
        examples = f" <i>Example: {html_text(consent.clean(code.examples))}</i>" if code.examples.strip() else ""
        level = f", {html_text(code.level)}" if code.level else ""
        parts.append(
            f"<li><b>{html_text(code.name)}</b> ({count_of(int(used), 'extract')}{level}){definition}{examples}"
        )
    parts.append("</li></ul>" * (depth + 1))
    return "".join(parts)


DISAGREEMENTS_SHOWN = 50
"""So many disagreements are shown beside the text; `CoderOverlap.disagreements` holds all of them."""


@dataclass(frozen=True, kw_only=True)
class CoderOverlap(Result):
    """Where two coders agree and where not, with all disagreements.

    Parameters
    ----------
    disagreements : pandas.DataFrame
        One row a turn and code that one of the two coded: document, turn, speaker, code, coded_by, not_by, extract,
        text.
    """

    disagreements: pd.DataFrame = field(default_factory=pd.DataFrame)


def overlap(of: Coded, opening: Opening) -> CoderOverlap | Result:
    """Compare two coders, code by code and turn by turn, and list where they differ beside the text."""
    found = compare_coders(of.coding, of.consent)
    if not found.agreements:
        sentence = words.without_overlap(list(found.coders.values()))
        return Result(key=opening["key"], title=opening["title"], sentence=sentence)
    columns = ["document", "turn", "speaker", "code", "name", "coded_by", "not_by", "extract", "text"]
    return CoderOverlap(
        **opening,
        sentence=words.of_overlap(found),
        table=pd.DataFrame([one.row for one in found.agreements]),
        caveats=words.doubts_of_overlap(found.agreements),
        method="Unit: the turn, in documents in which both coders made an extract. Agreement is the share of turns on "
        "which both decided alike; kappa is Cohen's (1960), left empty where chance alone gives full agreement. "
        "Discussing the passages listed matters more than the coefficient.",
        body_html=_disagreements_html(found.disagreements, found.coders),
        disagreements=pd.DataFrame([astuple(one) for one in found.disagreements], columns=columns),
    )


def _disagreements_html(differing: Sequence[Disagreement], coders: dict[str, str]) -> str:
    if not differing:
        return "<p>The coders differ nowhere.</p>"
    items = []
    for one in differing[:DISAGREEMENTS_SHOWN]:
        speaker = f", {html_text(one.speaker)}" if one.speaker else ""
        items.append(
            f"<li>{html_text(one.document)}, turn {one.turn}{speaker}: <b>{html_text(one.name)}</b> for "
            f"{html_text(coders[one.coded_by])} ("
            f'<a href="#{anchor("place", one.extract)}">{html_text(one.extract)}</a>), '
            f"not for {html_text(coders[one.not_by])}. <q>{html_text(shortened(one.text, 400))}</q></li>"
        )
    left = len(differing) - len(items)
    more = f"<p>{left:,} more not shown.</p>" if left else ""
    return (
        f"<details><summary>{count_of(len(differing), 'disagreement')} beside the text</summary>"
        f'<ul class="cop-disagreements">{"".join(items)}</ul>{more}</details>'
    )
