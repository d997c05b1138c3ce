"""Whether non-response could explain what a study's page says of ties across organisations; see `reconstruction`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.network.levels import LevelNetworks, LevelWave, networks_at
from cop_analysis.network.methods.chance import affordable
from cop_analysis.network.methods.non_response import UnderNonResponse, change_under_non_response, under_non_response
from cop_analysis.network.study_networks import ATTRIBUTE
from cop_analysis.results import Result, Verdict, format_share

if TYPE_CHECKING:
    from cop_analysis.study import Study


def what_silence_changes(
    study: Study, relation: str | None = None, *, by: str = "organisation", permutations: int = 999, seed: int = 2024
) -> Result:
    """Answer whether people who did not answer could explain the share of ties across organisations, or its change.

    Parameters
    ----------
    study : Study
    relation : str, optional
    by : {"organisation", "sector"}
    permutations : int
        Of the labels, for each treatment.
    seed : int

    Returns
    -------
    Result
        One row a wave and treatment: ``wave, treatment, people, ties, ties_across, cross_share, ei, expected_share,
        p_value, conclusion``; then the change between the first and last wave under each: ``treatment, change,
        conclusion``. The sentence warns where a conclusion flips.

    Raises
    ------
    ValueError
        If the study has no such relation or `by` is not a level.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> what_silence_changes(SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))).table.empty
    True
    """
    title = "What non-response could change"
    level = networks_at(study, relation, by, "network-silence", title, "what non-response could change")
    if isinstance(level, Result):
        return level
    waves = level.with_ties
    parts, sentences, caveats = [], [], list(level.caveats)
    verdicts: list[Verdict] = []
    if study.rosters is None:
        caveats.append("Without rosters.csv nobody is known not to have answered, so nothing can be filled in.")
    silent = False
    for wave in waves:
        found = under_non_response(wave.placed, by, affordable(permutations, 3 * wave.ties), seed)
        table = found.table.copy()
        table.insert(0, "wave", wave.label)
        parts.append(table)
        sentences.append(f"{wave.label}: {found.sentence.replace('across groups', f'across {level.plural}')}")
        if found.silent:
            verdicts.append(could_explain(level, wave, found))
        if found.silent and found.returned_share == found.returned_share:
            silent = True
            caveats.append(
                f"{wave.label}: among people who answered {format_share(found.returned_share)} of ties are returned; "
                "filling in returned ties for the others supposes that all of theirs are."
            )
        silent = silent or bool(found.silent)
    if len(waves) > 1:
        change = change_under_non_response(waves[0].placed, waves[-1].placed, by)
        moved = change.table.rename(columns={"direction": "conclusion"})[["treatment", "change", "conclusion"]]
        moved.insert(0, "wave", f"{waves[0].label} to {waves[-1].label}")
        parts.append(moved)
        if silent:
            sentences.append(
                f"{waves[0].label} to {waves[-1].label}: "
                f"{change.sentence.replace('across groups', f'across {level.plural}')}"
            )
    return level.result(
        f"{title}: {level.found.name}",
        " ".join(sentences),
        table=pd.concat(parts, ignore_index=True),
        labels={"expected_share": "share across if placed at random", "cross_share": "share across", "ei": "E-I"},
        caveats=tuple(caveats),
        quantities=level.found.quantities,
        verdicts=tuple(verdicts),
        method="Silent is who did not answer, and who was never asked. Treatments: as reported; only people who "
        "answered; ties to the silent taken as returned (Stork & Richards 1992, Group & Organization Management "
        "17:193-209); their ties all within or all across, as many as others' on average; at the very worst, every tie "
        f"they could have (after Manski 1990). E-I against labels at random, {permutations:,} permutations, p "
        f"two-sided, (k + 1) / (R + 1), seed {seed}.",
    )


def could_explain(level: LevelNetworks, wave: LevelWave, found: UnderNonResponse) -> Verdict:
    """Give the answer whether unreported ties could put the share on the other side of the one expected at random."""
    return Verdict(
        f"network:{level.found.relation}:non-response-turns-share:{wave.key}"
        + ("" if level.by == ATTRIBUTE else f":{level.by}"),
        "cannot tell" if found.could_at_worst or found.flips else "no",
        *found.worst,
        turns_at=found.expected_share,
    )
