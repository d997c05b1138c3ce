"""The four questions an evaluator asks of a network, answered on one page from the pages that answer them at length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.network.change_page import change_tested
from cop_analysis.network.connectors import who_connects
from cop_analysis.network.levels import LevelNetworks, networks_at
from cop_analysis.network.reconstruction import change_under_non_response, under_non_response
from cop_analysis.network.share_intervals import cross_share_intervals
from cop_analysis.network.spanners import who_spans
from cop_analysis.network.study_networks import ATTRIBUTE
from cop_analysis.network.summary import change_sentence, interval, summary, wave_change
from cop_analysis.results import Result, count_of, format_p, format_share

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
        Four rows, ``question, answer``; its sentence is the first answer. Each answer begins with yes, no or what lies
        between, and says how sure it is.

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
    answers = (
        _connected(study, relation, level, permutations, seed),
        _connectors(study, relation, level, permutations, seed),
        _changed(study, relation, level, permutations, seed),
        _silence(study, level, permutations, seed),
    )
    return level.result(
        f"{title}: {level.found.name}",
        answers[0],
        table=pd.DataFrame({"question": QUESTIONS, "answer": answers}),
        method="Each answer is that of its own section below, where its method is given; "
        f"{permutations:,} permutations, seed {seed}.",
    )


def _connected(study: Study, relation: str | None, level: LevelNetworks, permutations: int, seed: int) -> str:
    row = summary(study, relation, permutations, seed).table.iloc[-1]
    limits = interval((row["interval_low"], row["interval_high"]))
    found = (
        f"At {row['wave']}, {format_share(row['cross_share'])} of {level.found.name} ties ({row['ties_across']:,} of "
        f"{row['ties']:,}; {limits}) joined people of different organisations"
    )
    expected, p_value = row["expected_share"], row["p_value"]
    by_chance = f"{format_share(expected)} would if people were placed in organisations at random ({format_p(p_value)})"
    if expected in (0, 1):
        return f"{found}; with these organisations no other share is possible."
    if p_value >= 0.05:
        return f"About as much as chance would have it. {found}; {by_chance}."
    much = "Less" if row["cross_share"] < expected else "More"
    return f"{much} than chance would have it. {found}; {by_chance}."


def _connectors(study: Study, relation: str | None, level: LevelNetworks, permutations: int, seed: int) -> str:
    reaching = who_connects(study, relation)
    if reaching.table.empty:
        return reaching.sentence
    table = who_spans(study, relation, permutations=min(permutations, 99), seed=seed).table
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
        f"These are counts of what was reported, without an interval; of the {silent} who did not answer only what "
        "others said is known."
        if silent
        else "These are counts of what was reported, without an interval."
    )
    return f"{text} {reaching.sentence} {unsure}"


def _changed(study: Study, relation: str | None, level: LevelNetworks, permutations: int, seed: int) -> str:
    waves = level.with_ties
    if len(level.waves) < 2:
        return f"There is one wave ({waves[-1].label}), so no change can be shown."
    counted = wave_change(study, relation).sentence
    if len(waves) < 2:
        return f"Only {waves[-1].label} has ties between people of known organisations. {counted}"
    spread = cross_share_intervals([wave.placed for wave in waves], ATTRIBUTE)
    verdict = "Yes." if spread.change_interval[0] > 0 or spread.change_interval[1] < 0 else "Perhaps."
    tested = change_tested(study, relation, replications=200, permutations=permutations, seed=seed).table
    dealt = tested[tested["measure"].str.startswith("E-I")] if len(tested) else tested
    against = ""
    if len(dealt):
        p_value = float(dealt["p_value"].iloc[-1])
        rare = (
            f"rare ({format_p(p_value)}), so it is not haphazard"
            if p_value < 0.05
            else f"common ({format_p(p_value)}), so organisations need not have to do with it"
        )
        against = (
            f" If organisations were dealt out to the same people at random, a shift as large would be {rare}; the "
            "interval asks for more, how far the figure could be off with other people and other ties."
        )
    return f"{verdict} {change_sentence(waves, spread)} {counted}{against}"


def _silence(study: Study, level: LevelNetworks, permutations: int, seed: int) -> str:
    if study.rosters is None:
        return "Who did not answer is not on record (no rosters.csv), so this cannot be said."
    waves = level.with_ties
    last = waves[-1]
    found = under_non_response(last.placed, ATTRIBUTE, permutations, seed)
    moved = change_under_non_response(waves[0].placed, last.placed) if len(waves) > 1 else None
    silent = found.silent or any(wave.silent for wave in level.found.waves)
    if not silent:
        return "No: everybody who was asked answered."
    flips = found.flips or bool(moved and moved.flips)
    could = found.could_flip or bool(moved and moved.could_flip)
    verdict = "Warning: it could." if flips else "Only at the extremes." if could else "No."
    text = f"{verdict} {last.label}: {found.sentence}"
    if moved is not None:
        text += f" From {waves[0].label} to {last.label}: {moved.sentence}"
    return text.replace("across groups", "across organisations")
