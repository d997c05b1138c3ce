"""The four questions an evaluator asks of a network, answered on one page from the pages that answer them at length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.network.connectors import who_connects
from cop_analysis.network.levels import LevelNetworks, networks_at
from cop_analysis.network.methods.chance import affordable, against_random, two_questions
from cop_analysis.network.methods.change_tests import CrossChange
from cop_analysis.network.methods.non_response import change_under_non_response, under_non_response
from cop_analysis.network.silence import could_explain
from cop_analysis.network.spanners import who_spans
from cop_analysis.network.study_networks import ATTRIBUTE
from cop_analysis.network.summary import across_changed, change_between, interval, summary, wave_change
from cop_analysis.results import Result, Verdict, count_of, format_share

if TYPE_CHECKING:
    from cop_analysis.study import Study

QUESTIONS = (
    "Connected across organisations?",
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
        Four rows, ``question, answer``; its sentence is the first answer. Each answer says how sure it is, and is the
        same as in its own section.

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
    summed = summary(study, relation, permutations, seed)
    waves = level.with_ties
    moved = change_between(level, waves[0], waves[-1], seed) if len(waves) > 1 else None
    silence, verdicts = _silence(study, level, permutations, seed)
    answers = (
        _connected(summed, level),
        _connectors(study, relation, level, permutations, seed),
        _changed(study, relation, level, moved),
        silence,
    )
    return level.result(
        f"{title}: {level.found.name}",
        answers[0],
        table=pd.DataFrame({"question": QUESTIONS, "answer": answers}),
        quantities=(*level.found.quantities, *level.across_quantities),
        verdicts=(*(() if moved is None else (moved.verdict(across_changed(level)),)), *verdicts),
        method="Each answer is that of its own section below, where its method is given; "
        f"{permutations:,} permutations, seed {seed}.",
    )


def _connected(summed: Result, level: LevelNetworks) -> str:
    row = summed.table.iloc[-1]
    limits = interval((row["interval_low"], row["interval_high"]))
    found = (
        f"{row['wave']}: {format_share(row['cross_share'])} of {level.found.name} ties ({row['ties_across']:,} of "
        f"{row['ties']:,}; {limits}) joined people of different organisations"
    )
    expected = row["expected_share"]
    if expected in (0, 1):
        return f"{found}; with these organisations no other share is possible."
    chance = against_random(row["cross_share"], expected, row["p_value"], level.plural)
    return f"{found}. {chance} {two_questions(level.plural)}"


def _connectors(study: Study, relation: str | None, level: LevelNetworks, permutations: int, seed: int) -> str:
    reaching = who_connects(study, relation)
    if reaching.table.empty:
        return reaching.sentence
    table = who_spans(study, relation, permutations=0, seed=seed).table
    most = table[table["across"] > 0].head(3)
    if most.empty:
        return f"{reaching.sentence} Nobody stands between people of different organisations."
    named = [
        f"{person} ({level.called(home)}, {count_of(across, 'time')})"
        for person, home, across in most[["person", ATTRIBUTE, "across"]].itertuples(index=False, name=None)
    ]
    listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    text = f"{listed} most often stood between people of different organisations who had no tie of their own."
    silent = level.found.waves[-1].silent
    unsure = (
        f"These are counts of what was reported, without an interval; of the {silent:,} who did not answer only what "
        "others said is known."
        if silent
        else "These are counts of what was reported, without an interval."
    )
    return f"{text} {reaching.sentence} {unsure}"


def _changed(study: Study, relation: str | None, level: LevelNetworks, moved: CrossChange | None) -> str:
    waves = level.with_ties
    if len(level.waves) < 2:
        return f"There is one wave ({waves[-1].label}), so no change can be shown."
    counted = wave_change(study, relation).sentence
    if moved is None:
        return f"Only {waves[-1].label} has ties between people of known organisations. {counted}"
    return f"{moved.answer(level.plural)} {moved.numbers(level.plural)} {counted}"


def _silence(study: Study, level: LevelNetworks, permutations: int, seed: int) -> tuple[str, tuple[Verdict, ...]]:
    if study.rosters is None:
        return "Who did not answer is not on record (no rosters.csv), so this cannot be said.", ()
    waves = level.with_ties
    last = waves[-1]
    found = under_non_response(last.placed, ATTRIBUTE, affordable(permutations, 3 * last.ties), seed)
    moved = change_under_non_response(waves[0].placed, last.placed) if len(waves) > 1 else None
    if not (found.silent or (moved and moved.silent)):
        return "No: all who were asked answered, and nobody was named from outside the roster.", ()
    could = found.flips or found.could_flip or bool(moved and (moved.flips or moved.could_flip))
    at_worst = found.could_at_worst or bool(moved and moved.could_at_worst)
    word = "It could." if could else "Only at the very worst." if at_worst else "No."
    text = f"{word} {last.label}: {found.sentence}"
    if moved is not None:
        text += f" {waves[0].label} to {last.label}: {moved.sentence}"
    verdicts = (could_explain(level, last, found),) if found.silent else ()
    return text.replace("across groups", "across organisations"), verdicts
