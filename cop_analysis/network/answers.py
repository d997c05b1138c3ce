"""The four questions an evaluator asks of a network, answered on one page from the pages that answer them at length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.network.change_page import change_tested
from cop_analysis.network.levels import networks_at
from cop_analysis.network.reconstruction import change_under_non_response, under_non_response
from cop_analysis.network.spanners import who_spans
from cop_analysis.network.study_networks import ATTRIBUTE
from cop_analysis.network.summary import summary, wave_change
from cop_analysis.results import Result

if TYPE_CHECKING:
    from cop_analysis.study import Study

QUESTIONS = (
    "Are people connected across organisations?",
    "Who connects them?",
    "Did that change?",
    "Could non-response explain it?",
)


def four_answers(study: Study, relation: str | None = None, *, permutations: int = 999, seed: int = 2024) -> Result:
    """Answer: are people connected across organisations, who connects them, did that change, or is it silence.

    Parameters
    ----------
    study : Study
    relation : str, optional
        Without it the first relation of ``study.toml`` that the ties hold.
    permutations : int
        For each test.
    seed : int

    Returns
    -------
    Result
        Four rows, ``question, answer``; its sentence is the first answer.

    Raises
    ------
    ValueError
        If the study has no such relation.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> four_answers(SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))).table.empty
    True
    """
    title = "The network in four answers"
    level = networks_at(study, relation, ATTRIBUTE, "network-answers", title, "the network")
    if isinstance(level, Result):
        return level
    connected = summary(study, relation, permutations, seed)
    spanning = who_spans(study, relation, permutations=min(permutations, 499), seed=seed)
    waves = level.with_ties
    last = waves[-1]
    if len(level.waves) > 1:
        counted = wave_change(study, relation).sentence
        tested = change_tested(study, relation, replications=2000, permutations=permutations, seed=seed).sentence
        changed = f"{counted} {tested}"
    else:
        changed = f"There is one wave ({last.label}), so no change can be shown."
    silence = f"{last.label}: {under_non_response(last.placed, ATTRIBUTE, permutations, seed).sentence}"
    if len(waves) > 1:
        moved = change_under_non_response(waves[0].placed, last.placed)
        silence += f" From {waves[0].label} to {last.label}: {moved.sentence}"
    if study.rosters is None:
        silence = "Who did not answer is not on record (no rosters.csv), so this cannot be said."
    answers = (connected.sentence, spanning.sentence, changed, silence)
    return Result(
        key=level.key,
        title=f"{title}: {level.found.name}",
        sentence=connected.sentence,
        table=pd.DataFrame({"question": QUESTIONS, "answer": answers}),
        caveats=level.caveats,
        method=f"Each answer is that of its own section below, where its method is given; {permutations:,} "
        "permutations, seed "
        f"{seed}.",
        sources=level.sources,
    )
