"""What predicts who turns to whom, as a study's page says it; the regression is in `mrqap`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.network.methods.graphs import is_missing, said_nothing
from cop_analysis.network.methods.matrix_tests import mrqap
from cop_analysis.network.methods.networks import co_attendance
from cop_analysis.network.methods.relations import shared_attribute
from cop_analysis.network.study_networks import ATTRIBUTE, WaveNetwork, networks_of
from cop_analysis.resampling import generator
from cop_analysis.results import Result, count_of, format_p

if TYPE_CHECKING:
    import networkx as nx

    from cop_analysis.study import Study

SESSIONS, SAME_ORGANISATION, SAME_ROLE, BEFORE = (
    "sessions attended together", "same organisation", "same role", "tie in the wave before",
)  # fmt: skip
_PEOPLE_UP_TO = 600


def what_predicts(study: Study, relation: str | None = None, *, permutations: int = 1999, seed: int = 2024) -> Result:
    """Answer whether people turn to those they met at the sessions, to their own organisation, or to their own role.

    Parameters
    ----------
    study : Study
        Attendance is that of the study's period, up to the date of the wave.
    relation : str, optional
    permutations : int
        For each predictor.
    seed : int

    Returns
    -------
    Result
        One row a wave and predictor: ``wave, predictor, coefficient, t, p_value, permutations, people``. The
        coefficient is a difference in the share of pairs tied. Sessions are those up to the wave. After the first wave
        the tie of the wave before is one more predictor, so that the others say what goes with a tie that was not
        there before.

    Raises
    ------
    ValueError
        If the study has no such relation.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> what_predicts(SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))).table.empty
    True
    """
    title = "What predicts a tie"
    found = networks_of(study, relation, "network-predictors", title, "what predicts a tie")
    if isinstance(found, Result):
        return found
    parts, sentences, caveats = [], [], list(found.caveats)
    for number, wave in enumerate(found.waves):
        before = found.waves[number - 1] if number else None
        answer = _of_wave(study, wave, before, permutations, generator(seed, number))
        if isinstance(answer, str):
            sentences.append(f"{wave.label}: {answer}")
            continue
        table, sentence, notes = answer
        parts.append(table)
        sentences.append(f"{wave.label}: {sentence}")
        caveats.extend(f"{wave.label}: {note}" for note in notes)
    if parts:
        caveats.append(
            "This says what goes together, not what causes what: people may attend with those they already turn to."
        )
    return found.result(
        f"{title}: {found.name} by wave",
        " ".join(sentences),
        table=pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(),
        labels={"coefficient": "difference in the share of pairs tied"},
        caveats=tuple(caveats),
        method="Regression of the tie (1 or 0) of each pair of people on the predictors, tested by double "
        "semi-partialling "
        f"(Dekker, Krackhardt & Snijders 2007, Psychometrika 72:563-581), {permutations:,} permutations a predictor, p "
        f"two-sided, (k + 1) / (R + 1), seed {seed}. Only people who answered and of whom all predictors are known.",
        sources=tuple(dict.fromkeys((*found.sources, *(("attendance.csv",) if study.attendance is not None else ())))),
    )


def _of_wave(
    study: Study, wave: WaveNetwork, before: WaveNetwork | None, permutations: int, rng: np.random.Generator
) -> tuple[pd.DataFrame, str, list[str]] | str:
    graph, notes = _known_part(wave.graph, before)
    people = graph.number_of_nodes()
    if people > _PEOPLE_UP_TO:
        return f"{people:,} people are too many for this test, which takes up to {_PEOPLE_UP_TO}."
    if people < 5:
        return f"{count_of(people, 'person', 'people')} with everything known are too few for this test."
    predictors = _predictors(study, graph, wave, before, notes)
    if not predictors:
        return "no predictor differs between pairs of people."
    try:
        fit = mrqap(graph, predictors, permutations, rng, weight=None)
    except ValueError as reason:
        return str(reason)
    table = fit.table[["predictor", "coefficient", "t", "p_value"]].assign(permutations=permutations, people=people)
    table.insert(0, "wave", wave.label)
    sentence = "; ".join(
        f"{row['predictor']} {100 * row['coefficient']:+.0f} points ({format_p(row['p_value'])})".replace("-", "−")
        for row in table.to_dict("records")
    )
    return (
        table,
        f"difference in the share of pairs tied, each with the others held: {sentence}; {people} people.",
        notes,
    )


def _known_part(graph: nx.Graph, before: WaveNetwork | None) -> tuple[nx.Graph, list[str]]:
    """Keep people who answered, whose organisation and role are known where anybody's is, and who were there before."""
    notes = []
    needed = [
        name
        for name in (ATTRIBUTE, "role")
        if any(not is_missing(data.get(name)) for _, data in graph.nodes(data=True))
    ]
    mute = said_nothing(graph)
    mute_before = set() if before is None else said_nothing(before.graph)
    kept = [
        person
        for person, data in graph.nodes(data=True)
        if person not in mute
        and not any(is_missing(data.get(name)) for name in needed)
        and (before is None or (person in before.graph and person not in mute_before))
    ]
    if len(kept) < graph.number_of_nodes():
        notes.append(
            f"{count_of(graph.number_of_nodes() - len(kept), 'person', 'people')} who did not answer"
            f"{' in both waves' if before is not None else ''}, were never asked, or of whom something is not known "
            f"{'is' if graph.number_of_nodes() - len(kept) == 1 else 'are'} left out."
        )
    return graph.subgraph(kept).copy(), notes


def _predictors(
    study: Study, graph: nx.Graph, wave: WaveNetwork, before: WaveNetwork | None, notes: list[str]
) -> dict[str, pd.DataFrame]:
    people = list(graph)
    given: dict[str, pd.DataFrame] = {}
    attendance = _attendance_before(study, wave)
    if attendance is not None:
        together = co_attendance(attendance, study.people)
        if together.number_of_edges():
            cells = pd.DataFrame(0.0, index=people, columns=people)
            for first, second, weight in together.subgraph(people).edges(data="weight"):
                cells.loc[first, second] = cells.loc[second, first] = float(weight)
            given[SESSIONS] = cells
    if SESSIONS not in given and study.attendance is not None:
        notes.append("nobody had attended a session together yet, so sessions are no predictor.")
    for name, attribute in ((SAME_ORGANISATION, ATTRIBUTE), (SAME_ROLE, "role")):
        if not any(is_missing(data.get(attribute)) for _, data in graph.nodes(data=True)):
            given[name] = shared_attribute(graph, attribute)
    if before is not None:
        cells = pd.DataFrame(0.0, index=people, columns=people)
        for tail, head in before.graph.subgraph(people).edges():
            cells.loc[tail, head] = 1.0
            if not before.graph.is_directed():
                cells.loc[head, tail] = 1.0
        given[BEFORE] = cells
    off = ~np.eye(len(people), dtype=bool)
    varying = {name: cells for name, cells in given.items() if np.ptp(cells.to_numpy()[off]) > 0}
    notes.extend(f"{name}: the same for all pairs, so left out." for name in given if name not in varying)
    return varying


def _attendance_before(study: Study, wave: WaveNetwork) -> pd.DataFrame | None:
    """Give attendance of the sessions held up to the wave: what came after it cannot have led to its ties."""
    if study.attendance is None:
        return None
    date = next((known.date for known in study.waves if known.key == wave.key), None)
    if date is None or study.events is None:
        return study.attendance
    held = study.events.loc[study.events["date"] <= pd.Timestamp(date), "event"]
    return study.attendance[study.attendance["event"].isin(held)]
