"""How the network is built as a whole, what goes with a tie, and how strong ties are."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.network.methods.graphs import said_nothing, with_label
from cop_analysis.network.methods.matrix_tests import mrqap, shared_attribute
from cop_analysis.network.methods.networks import ORGANISATION, WaveNetwork, co_attendance
from cop_analysis.network.methods.tie_strengths import TRUST, TieQuality, tie_quality, trust_network
from cop_analysis.network.methods.whole import PartitionFit, cohesion, partition_fit
from cop_analysis.network.pages import columns, words
from cop_analysis.network.pages.relation import OpenedNetworks
from cop_analysis.resampling import generator
from cop_analysis.results import Result
from cop_analysis.results.pages import Opening, page
from cop_analysis.results.values import is_missing

if TYPE_CHECKING:
    import networkx as nx

SESSIONS, BEFORE = "sessions attended together", "tie in the wave before"
_SHARED = {ORGANISATION: "same organisation", "role": "same role"}
_PEOPLE_UP_TO = 600


class Whole(OpenedNetworks):
    """The headings on the network as a whole."""

    @page(
        "network-structure",
        "How the network is built",
        needs=("ties",),
        needed_for="how the network is built",
        columns=columns.STRUCTURE,
    )
    def structure(self, opening: Opening, *, permutations: int = 299) -> Result:
        """Answer how the network is built: dense or sparse, mutual, clustered, centred on a few, along organisations.

        Parameters
        ----------
        permutations : int
            Random networks, and random labels, for each wave.

        Returns
        -------
        Result
            One row a measure: ``wave, measure, value, expected, standard_deviation, p_value, permutations``.
        """
        found = self.networks
        parts, sentences = [], []
        for number, wave in enumerate(found.with_ties):
            whole = cohesion(wave.graph, permutations, generator(self.seed, number, 1))
            fit = partition_fit(wave.placed, self.by, permutations, generator(self.seed, number, 2))
            measured = whole.table.rename(columns={"sd": "standard_deviation"})
            part = pd.concat([measured, self._of_groups(fit)], ignore_index=True)
            part["permutations"] = part["permutations"].astype("Int64")
            part.insert(0, "wave", wave.label)
            parts.append(part)
            sentences.append(words.structure(wave.label, whole.sentence, whole.table, fit.sentence))
        return self.answer(
            opening,
            found,
            " ".join(sentences),
            of=f"{found.name} by wave",
            table=pd.concat(parts, ignore_index=True),
            labels={"expected": "by chance", "standard_deviation": "standard deviation by chance"},
            caveats=(words.MANY_TESTS,),
            method=words.structure_method(self.plural, permutations, self.seed),
            show_table=False,
        )

    def _of_groups(self, fit: PartitionFit) -> pd.DataFrame:
        untested = [float("nan")] * 4
        return pd.DataFrame(
            [
                (f"modularity of {self.plural}", fit.modularity, fit.expected, fit.sd, fit.p_value, fit.permutations),
                ("modularity of the best grouping", fit.best_modularity, *untested),
                (f"agreement of {self.plural} with the best grouping", fit.agreement, *untested),
                (f"assortativity by {self.by}", fit.assortativity, *untested),
            ],
            columns=["measure", "value", "expected", "standard_deviation", "p_value", "permutations"],
        )

    @page(
        "network-predictors",
        "What predicts a tie",
        needs=("ties",),
        needed_for="what predicts a tie",
        ending="of_relation",
        columns=columns.PREDICTORS,
    )
    def what_predicts(self, opening: Opening, *, permutations: int = 1999) -> Result:
        """Answer whether people turn to those they met at sessions, to their own organisation, or to their own role.

        Attendance is that of the study's period, up to the date of the wave.

        Parameters
        ----------
        permutations : int
            For each predictor.

        Returns
        -------
        Result
            One row a wave and predictor: ``wave, predictor, coefficient, t, p_value, permutations, people``. The
            coefficient is a difference in the share of pairs tied. Sessions are those up to the wave. After the first
            wave the tie of the wave before is one more predictor, so that the others say what goes with a tie that was
            not there before.
        """
        found = self.everyone
        parts: list[pd.DataFrame] = []
        sentences, caveats = [], []
        for number, wave in enumerate(found.waves):
            before = found.waves[number - 1] if number else None
            notes: list[str] = []
            try:
                part = self._predicted(wave, before, permutations, generator(self.seed, number), notes)
            except ValueError as reason:
                sentences.append(f"{wave.label}: {reason}")
                continue
            parts.append(part)
            sentences.append(words.predictors(wave.label, part, int(part["people"].iloc[0])))
            caveats += [f"{wave.label}: {note}" for note in notes]
        if parts:
            caveats.append(
                "This says what goes together, not what causes what: people may attend with those they already turn to."
            )
        attended = () if self.study.attendance is None else ("attendance.csv",)
        return self.answer(
            opening,
            found,
            " ".join(sentences),
            of=f"{found.name} by wave",
            table=pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(),
            labels={"coefficient": "difference in the share of pairs tied"},
            caveats=tuple(caveats),
            method=words.predictors_method(permutations, self.seed),
            sources=(*self.sources, *attended),
        )

    def _predicted(
        self,
        wave: WaveNetwork,
        before: WaveNetwork | None,
        permutations: int,
        rng: np.random.Generator,
        notes: list[str],
    ) -> pd.DataFrame:
        """Regress the ties of a wave; a ValueError says in words why they cannot be."""
        graph = _known_part(wave.graph, before)
        people, left_out = graph.number_of_nodes(), len(wave.graph) - len(graph)
        if left_out:
            notes.append(words.people_left_out(left_out, in_both=before is not None))
        if people > _PEOPLE_UP_TO:
            raise ValueError(f"{people:,} people are too many for this test, which takes up to {_PEOPLE_UP_TO}.")
        if people < 5:
            raise ValueError(f"{words.people(people)} with everything known are too few for this test.")
        predictors = self._predictors(graph, wave, before, notes)
        if not predictors:
            raise ValueError("no predictor differs between pairs of people.")
        fit = mrqap(graph, predictors, permutations, rng, weight=None)
        table = fit.table[["predictor", "coefficient", "t", "p_value"]].assign(permutations=permutations, people=people)
        table.insert(0, "wave", wave.label)
        return table

    def _predictors(
        self, graph: nx.Graph, wave: WaveNetwork, before: WaveNetwork | None, notes: list[str]
    ) -> dict[str, pd.DataFrame]:
        people = list(graph)
        given: dict[str, pd.DataFrame] = {}
        attendance = self._attendance_before(wave)
        if attendance is not None:
            together = co_attendance(attendance, self.study.people)
            if together.number_of_edges():
                given[SESSIONS] = _cells(people, together.subgraph(people).edges(data="weight"), both_ways=True)
            else:
                notes.append("nobody had attended a session together yet, so sessions are no predictor.")
        for attribute, name in _SHARED.items():
            if not any(is_missing(data.get(attribute)) for _, data in graph.nodes(data=True)):
                given[name] = shared_attribute(graph, attribute)
        if before is not None:
            ties = ((tail, head, 1.0) for tail, head in before.graph.subgraph(people).edges())
            given[BEFORE] = _cells(people, ties, both_ways=not before.graph.is_directed())
        off = ~np.eye(len(people), dtype=bool)
        varying = {name: cells for name, cells in given.items() if np.ptp(cells.to_numpy()[off]) > 0}
        notes.extend(f"{name}: the same for all pairs, so left out." for name in given if name not in varying)
        return varying

    def _attendance_before(self, wave: WaveNetwork) -> pd.DataFrame | None:
        """Give attendance of the sessions held up to the wave: what came after it cannot have led to its ties."""
        attendance, events = self.study.attendance, self.study.events
        date = next((known.date for known in self.study.waves if known.key == wave.key), None)
        if attendance is None or date is None or events is None:
            return attendance
        held = events.loc[events["date"] <= pd.Timestamp(date), "event"]
        return attendance[attendance["event"].isin(held)]

    @page(
        "network-strength",
        "How strong ties are within and across {it.plural}",
        needs=("ties",),
        needed_for="how strong ties are",
        columns=columns.STRENGTH,
    )
    def tie_strength(self, opening: Opening, *, permutations: int = 1999) -> Result:
        """Answer whether ties across organisations are as strong, and as trusting, as those within.

        Where ties.csv holds the relations openness, reliability or mission, these are shown as trust, too.

        Parameters
        ----------
        permutations : int
            Of the labels.

        Returns
        -------
        Result
            One row a wave, measure and kind of tie: ``wave, measure, kind, ties, mean, median,
            standard_deviation, difference, p_value, permutations`` (the last three in the row of all ties: mean across
            less mean within).
        """
        found = self.networks
        parts, sentences = [], []
        for number, wave in enumerate(found.with_ties):
            asked: list[tuple[nx.Graph, list[str]]] = []
            if any(not is_missing(data.get("strength")) for *_, data in wave.placed.edges(data=True)):
                asked.append((wave.placed, ["strength"]))
            trust = self._trust(wave.key)
            if trust is not None and trust.number_of_edges():
                asked.append((trust, [*trust.graph["dimensions"], "trust"]))
            for graph, measures in asked:
                quality = tie_quality(graph, self.by, measures, permutations, generator(self.seed, number))
                parts.append(_qualities(wave.label, quality, permutations))
                sentences.append(f"{wave.label}: {quality.said(self.plural)}")
        if not parts:
            why = f"No {found.name} tie has a strength (strength in ties.csv)"
            return self.answer(opening, found, words.cannot_be_shown(why, "how strong ties are"))
        return self.answer(
            opening,
            found,
            " ".join(sentences),
            of=found.name,
            table=pd.concat(parts, ignore_index=True),
            labels={"difference": "across less within"},
            caveats=(words.SENDERS_RATING,),
            method=words.strength_method(permutations, self.seed),
        )

    def _trust(self, wave: str) -> nx.Graph | None:
        ties = self.study.ties
        if ties is None or not set(TRUST) & set(ties.loc[ties["wave"] == wave, "relation"].dropna()):
            return None
        graph = trust_network(ties[ties["wave"] == wave], self.study.people, self.study.rosters, wave)
        if self.by != ORGANISATION:
            for _, data in graph.nodes(data=True):
                data[self.by] = self.sectors.get(data.get(ORGANISATION))
        return with_label(graph, self.by)[0]


def _known_part(graph: nx.Graph, before: WaveNetwork | None) -> nx.Graph:
    """Keep people who answered, whose organisation and role are known where anybody's is, and who were there before."""
    needed = [name for name in _SHARED if any(not is_missing(data.get(name)) for _, data in graph.nodes(data=True))]
    mute = said_nothing(graph)
    mute_before = set() if before is None else said_nothing(before.graph)
    kept = [
        person
        for person, data in graph.nodes(data=True)
        if person not in mute
        and not any(is_missing(data.get(name)) for name in needed)
        and (before is None or (person in before.graph and person not in mute_before))
    ]
    return graph.subgraph(kept).copy()


def _cells(
    people: list[Hashable], ties: Iterable[tuple[Hashable, Hashable, float]], *, both_ways: bool
) -> pd.DataFrame:
    cells = pd.DataFrame(0.0, index=people, columns=people)
    for tail, head, value in ties:
        cells.loc[tail, head] = float(value)
        if both_ways:
            cells.loc[head, tail] = float(value)
    return cells


def _qualities(label: str, quality: TieQuality, permutations: int) -> pd.DataFrame:
    table = quality.table.drop(columns="share_of_most")
    tests = quality.differences.set_index("measure")
    whole = table["kind"] == "all"
    for column in ("difference", "p_value"):
        table[column] = np.where(whole, table["measure"].map(tests[column]), np.nan)
    table["permutations"] = pd.array([permutations if each else pd.NA for each in whole], dtype="Int64")
    table.insert(0, "wave", label)
    return table
