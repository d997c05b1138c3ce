"""The evidence matrix: each configuration against the levels at which its evidence stands."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.realist import Code, Extract
from cop_analysis.realist.model.consent import coding_shown
from cop_analysis.realist.model.vocabulary import LEVELS
from cop_analysis.realist.pages.words import no_coding
from cop_analysis.results import Result

if TYPE_CHECKING:
    from cop_analysis.study import Study

_NO_LEVEL = "no_level"


def evidence_matrix(study: Study) -> Result:
    """Count each configuration's extracts by the level of their codes.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Result
        One row a configuration and a last row for all: configuration, label, level (the configuration's own), a
        column for each level with the extracts whose code stands there, no_level, extracts, refuting.

    Notes
    -----
    Levels are individual, interpersonal, organisational and system. An extract counts once for a configuration,
    however many links it has to it. A code without a level takes that of the nearest code above it that has one.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> evidence_matrix(Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"})).sentence
    'This study has no coding yet (coding.json), so the evidence by level cannot be shown.'
    """
    key, title = "evidence-matrix", "Extracts of each configuration by level"
    coding = coding_shown(study)
    if coding is None:
        return no_coding(key, title, "the evidence by level")
    snapshot = coding.snapshot
    if not snapshot.configurations:
        return Result(key=key, title=title, sentence="The coding (coding.json) holds no configuration yet.")
    level_of = _levels(snapshot.codes)
    columns = [*LEVELS, _NO_LEVEL]
    rows: list[dict[str, object]] = []
    totals: Counter[str] = Counter()
    links: dict[str, dict[str, bool]] = {}
    for link in snapshot.evidence:
        stands = links.setdefault(link.configuration, {})
        stands[link.extract] = stands.get(link.extract, False) or link.stance == "refutes"
    for one in snapshot.configurations:
        mine = links.get(one.id, {})
        counts = Counter(level_of[coding.find(Extract, extract).code] for extract in mine)
        totals.update(counts)
        rows.append(
            {"configuration": one.id, "label": one.label, "level": one.level or "",
             **{name: counts[name] for name in columns}, "extracts": len(mine), "refuting": sum(mine.values())}
        )  # fmt: skip
    table = pd.DataFrame(rows)
    together = {name: int(table[name].sum()) for name in [*columns, "extracts", "refuting"]}
    table.loc[len(table)] = {"configuration": "all", "label": "all configurations", "level": "", **together}
    if not table[_NO_LEVEL].any():
        table = table.drop(columns=_NO_LEVEL)
    return Result(
        key=key,
        title=title,
        sentence=_sentence(totals, len({link.extract for link in snapshot.evidence})),
        table=table,
        labels={"level": "claimed level", _NO_LEVEL: "no level"},
        caveats=(
            "An extract that bears on several configurations counts for each of them, so the last row counts links.",
        ),
        method="The level of an extract is that of its code, or of the nearest code above it that has one.",
        sources=("coding.json",),
    )


def _levels(codes: tuple[Code, ...]) -> dict[str, str]:
    by_identifier = {code.id: code for code in codes}
    found = {}
    for code in codes:
        step: Code | None = code
        while step is not None and step.level is None:
            step = by_identifier.get(step.parent) if step.parent is not None else None
        found[code.id] = step.level if step is not None and step.level is not None else _NO_LEVEL
    return found


def _sentence(totals: Counter[str], extracts: int) -> str:
    counted = sum(totals.values())
    if not counted:
        return "No extract is linked to a configuration yet."
    present = [(name, totals[name]) for name in LEVELS if totals[name]]
    without = [name for name in LEVELS if not totals[name]]
    if not present:
        return f"None of the {counted} extracts linked to configurations has a code with a level."
    most = max(count for _, count in present)
    names = [name for name, count in present if count == most]
    per = f", {extracts} different ones, each counted for every configuration it bears on" if counted > extracts else ""
    sentence = (
        f"More evidence stands at the {names[0]} level than at any other ({most} of {counted} extracts{per})."
        if len(names) == 1
        else f"Most evidence stands at the {' and '.join(names)} levels ({most} of {counted} extracts at each{per})."
    )
    if without:
        sentence += f" None stands at the {' or '.join(without)} level."
    return sentence
