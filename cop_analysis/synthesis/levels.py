"""At which level the evidence of each configuration stands: extracts counted by the level of their codes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pandas as pd

from cop_analysis.realist import Code, Coding, Extract
from cop_analysis.realist.model.vocabulary import LEVELS

NO_LEVEL = "no_level"


@dataclass(frozen=True)
class Levels:
    """Extracts by level.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a configuration and a last row for all: configuration, label, level (the configuration's own), a column
        for each level with the extracts whose code stands there, no_level, extracts, refuting.
    totals : collections.Counter
        Links by level.
    extracts : int
        Different extracts linked to a configuration.
    """

    table: pd.DataFrame
    totals: Counter[str]
    extracts: int


def count_levels(coding: Coding) -> Levels:
    """Count each configuration's extracts by the level of their codes; an extract counts once for a configuration."""
    snapshot = coding.snapshot
    level_of = _levels(snapshot.codes)
    columns = [*LEVELS, NO_LEVEL]
    links: dict[str, dict[str, bool]] = {}
    for link in snapshot.evidence:
        stands = links.setdefault(link.configuration, {})
        stands[link.extract] = stands.get(link.extract, False) or link.stance == "refutes"
    rows: list[dict[str, object]] = []
    totals: Counter[str] = Counter()
    for one in snapshot.configurations:
        mine = links.get(one.id, {})
        counts = Counter(level_of[coding.find(Extract, extract).code] for extract in mine)
        totals.update(counts)
        described = {"configuration": one.id, "label": one.label, "level": one.level or ""}
        by_level = {name: counts[name] for name in columns}
        rows.append({**described, **by_level, "extracts": len(mine), "refuting": sum(mine.values())})
    table = pd.DataFrame(rows)
    together = {name: int(table[name].sum()) for name in [*columns, "extracts", "refuting"]}
    table.loc[len(table)] = {"configuration": "all", "label": "all configurations", "level": "", **together}
    if not table[NO_LEVEL].any():
        table = table.drop(columns=NO_LEVEL)
    return Levels(table, totals, len({link.extract for link in snapshot.evidence}))


def _levels(codes: tuple[Code, ...]) -> dict[str, str]:
    by_identifier = {code.id: code for code in codes}
    found = {}
    for code in codes:
        step: Code | None = code
        while step is not None and step.level is None:
            step = by_identifier.get(step.parent) if step.parent is not None else None
        found[code.id] = step.level if step is not None and step.level is not None else NO_LEVEL
    return found
