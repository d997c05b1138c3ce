"""Whether people are connected across organisations: the headline, four answers, the index, which pairs.

Whether people who did not answer could explain what these say is asked here too.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from cop_analysis.network.methods.graphs import asked_part
from cop_analysis.network.methods.mixing import expected_share
from cop_analysis.network.methods.networks import ORGANISATION, WaveNetwork, organisation_network, roster_of
from cop_analysis.network.methods.non_response import response_rates
from cop_analysis.network.pages import columns, words
from cop_analysis.network.pages.changes import Changes, ties_moved
from cop_analysis.network.pages.people import People
from cop_analysis.network.pages.relation import REPLICATIONS, NamedResult, OpenedNetworks
from cop_analysis.network.pictures.changes import draw_share_over_time
from cop_analysis.network.pictures.organisations import (
    IN_THE_MATRIX,
    ON_THE_MAP,
    Rolled,
    draw_map,
    draw_matrix,
    most_tied,
)
from cop_analysis.results import SECONDARY, Headline, Quantity, Result, Verdict, format_share, place_of
from cop_analysis.results.pages import Opening, page

if TYPE_CHECKING:
    import networkx as nx


S = TypeVar("S", bound=OpenedNetworks)


def _or_what_attendance_tells(shown: Callable[[S], Result]) -> Callable[[S], Result]:
    """Say at the top of a page without ties what it can show all the same."""

    @functools.wraps(shown)
    def said(opened: S) -> Result:
        result = shown(opened)
        if opened.study.ties is not None:
            return result
        return replace(result, sentence=result.sentence + words.instead_of_ties(opened.study.attendance))

    return said


class Across(Changes, People):
    """The headings on connection across organisations."""

    @_or_what_attendance_tells
    @page(
        "network-summary",
        "Connection across {it.plural}",
        needs=("ties",),
        needed_for="connection across {it.plural}",
        columns=columns.SUMMARY,
    )
    def summary(self, opening: Opening) -> Result:
        """Answer whether people are connected across organisations, and whether that changed.

        Returns
        -------
        Result
            Its headline is the cross-organisation share of the last wave with its change since the first; its table
            has one row a wave: ``wave, people, answered, ties, ties_across, cross_share, interval_low, interval_high,
            expected_share, p_value, share_low, share_high`` (the last two: with silent people's ties all within or all
            across).
        """
        found, waves = self.networks, self.networks.with_ties
        index, verdict = self.ei_indices[-1], self.verdict_on_change()
        return self.answer(
            opening,
            found,
            words.summary(found, index, self.share_intervals, self.moved),
            of=f"{found.name} ties by wave",
            table=self._share_by_wave(),
            labels={
                "ties_across": f"ties across {self.plural}",
                "cross_share": "share across",
                "interval_low": "95% interval, low",
                "interval_high": "95% interval, high",
                "expected_share": "share across if placed at random",
                "p_value": "p of the difference from random",
                "share_low": "share across, unreported ties all within",
                "share_high": "share across, unreported ties all across",
            },
            caveats=words.summary_caveats(waves, index, self.bounds),
            quantities=(*self.quantities, *self.across_quantities),
            verdicts=() if verdict is None else (verdict,),
            headline=Headline(
                label=f"of {found.name} ties joined different {self.plural} ({waves[-1].label})",
                value=format_share(index.share),
                uncertainty=words.headline_uncertainty(waves[0].label, self.share_intervals),
                order=place_of("ties across") if self.by == ORGANISATION else SECONDARY,
            ),
            method=words.summary_method(
                self.plural, self.permutations, self.seed, REPLICATIONS, with_change=verdict is not None
            ),
        )

    def _share_by_wave(self) -> pd.DataFrame:
        waves = self.networks.with_ties
        return pd.DataFrame(
            {
                "wave": [wave.label for wave in waves],
                "people": [wave.placed.number_of_nodes() for wave in waves],
                "answered": pd.Series([wave.answered for wave in waves], dtype="Int64"),
                "ties": [index.ties for index in self.ei_indices],
                "ties_across": [int(index.external) for index in self.ei_indices],
                "cross_share": [index.share for index in self.ei_indices],
                "interval_low": [low for low, _ in self.share_intervals.intervals],
                "interval_high": [high for _, high in self.share_intervals.intervals],
                "expected_share": [index.expected_share for index in self.ei_indices],
                "p_value": [index.p_value for index in self.ei_indices],
                "share_low": [bound.low for bound in self.bounds],
                "share_high": [bound.high for bound in self.bounds],
            }
        )

    @page(
        "network-answers",
        "The network in four answers",
        needs=("ties",),
        needed_for="the network",
        shows="people in part",
        columns=columns.ANSWERS,
    )
    def four_answers(self, opening: Opening) -> Result:
        """Answer: are people connected across organisations, who connects them, did that change, or is it silence.

        Returns
        -------
        Result
            Four rows, ``question, answer``; its sentence is the first answer. Each answer says how sure it is, and is
            the same as in its own section.
        """
        found = self.networks
        silent = self.study.rosters is not None
        answers = (
            words.connected(found, self.ei_indices[-1], self.share_intervals.intervals[-1]),
            self._who_connects_them(),
            words.did_that_change(found, self.moved, self._counted()),
            words.could_silence_explain(found, self.treatments[-1], self.change_under_silence)
            if silent
            else words.NO_ROSTERS,
        )
        verdicts = (self.verdict_on_change(), self.silence_explains(-1) if silent else None)
        return self.answer(
            opening,
            found,
            answers[0],
            of=found.name,
            table=pd.DataFrame({"question": words.questions(self.plural), "answer": answers}),
            quantities=(*self.quantities, *self.across_quantities),
            verdicts=tuple(verdict for verdict in verdicts if verdict is not None),
            method="Each answer is that of its own section below, where its method is given; "
            f"{self.permutations:,} permutations, seed {self.seed}.",
        )

    def _counted(self) -> str:
        return words.ties_moved(ties_moved(self.networks), self.plural)

    def _who_connects_them(self) -> str:
        if self.study.audience != "internal":
            return words.FOR_THE_TEAM
        reaching, said = self.who_reaches()
        if reaching.empty:
            return said
        table = self.spanning(0).table
        most = table[table["across"] > 0].head(3)
        spanning = [
            (str(person), self.networks.called(home), int(times))
            for person, home, times in most[["person", self.by, "across"]].itertuples(index=False, name=None)
        ]
        return words.who_connects_them(self.plural, said, spanning, self.everyone.waves[-1].silent)

    @page(
        "network-mixing",
        "Ties within and across {it.plural}",
        needs=("ties",),
        needed_for="ties within and across {it.plural}",
        columns=columns.MIXING,
    )
    def mixing_table(self, opening: Opening) -> Result:
        """Answer, wave by wave, how ties within and across organisations compare with chance.

        Returns
        -------
        Result
            One row a wave: ``wave, people, ties, density, ties_across, cross_share, ei, expected,
            standard_deviation, z, p_value, permutations, rescaled``. The p-values are those of `summary`.
        """
        found = self.networks
        tested = dict(zip((wave.key for wave in found.with_ties), self.ei_indices, strict=True))
        rows = [
            {
                "wave": wave.label,
                "people": index.people,
                "ties": index.ties,
                "density": _density(asked_part(wave.placed)),
                "ties_across": int(index.external),
                "cross_share": index.share,
                "ei": index.estimate,
                "expected": index.expected,
                "standard_deviation": index.sd,
                "z": index.z,
                "p_value": index.p_value,
                "permutations": index.permutations,
                "rescaled": index.rescaled,
            }
            for wave, index in zip(found.with_ties, self.ei_indices, strict=True)
        ]
        return self.answer(
            opening,
            found,
            " ".join(words.mixing(wave, tested.get(wave.key)) for wave in found.waves),
            of=f"{found.name} by wave",
            table=pd.DataFrame(rows),
            labels={
                "density": "density (ties / possible ties, among people asked)",
                "ties_across": f"ties across {self.plural}",
                "cross_share": "share across",
                "ei": "E-I",
                "expected": "E-I expected by chance",
                "standard_deviation": "standard deviation by chance",
                "rescaled": "E-I rescaled",
            },
            method=words.mixing_method(self.plural, self.permutations, self.seed),
        )

    @page(
        "network-share-trajectory",
        "Ties across {it.plural} over time",
        needs=("ties",),
        needed_for="ties across {it.plural} over time",
        columns=columns.TRAJECTORY,
    )
    def cross_share_trajectory(self, opening: Opening) -> Result:
        """Show the share of ties across organisations wave by wave, beside what chance would give.

        Returns
        -------
        Result
            One row a wave: ``wave, date, ties, cross_share, interval_low, interval_high, expected_share``.
        """
        found, waves = self.networks, self.networks.with_ties
        dates = {wave.key: wave.date for wave in self.study.waves}
        table = pd.DataFrame(
            {
                "wave": [wave.label for wave in waves],
                "date": pd.Series([dates.get(wave.key) for wave in waves], dtype="datetime64[ns]"),
                "ties": [wave.ties for wave in waves],
                "cross_share": self.share_intervals.shares,
                "interval_low": [low for low, _ in self.share_intervals.intervals],
                "interval_high": [high for _, high in self.share_intervals.intervals],
                "expected_share": [expected_share(wave.placed, self.by) for wave in waves],
            }
        )
        sentence = words.share_over_time(found, table)
        return self.answer(
            opening,
            found,
            sentence,
            of=found.name,
            table=table,
            labels={
                "cross_share": "share across",
                "interval_low": "95% interval, low",
                "interval_high": "95% interval, high",
                "expected_share": "share across if placed at random",
            },
            figure=draw_share_over_time(opening["key"], found, table, sentence),
            caveats=(words.INTERVAL_ONLY,),
            method=words.share_over_time_method(self.plural),
        )

    # --- which organisations ------------------------------------------------------------------------------------

    @page(
        "organisation-map",
        "The {it.plural} and the ties between them",
        needs=("ties",),
        needed_for="the ties between {it.plural}",
        shows="groups",
        columns=columns.MAP,
    )
    def organisation_map(self, opening: Opening) -> Result:
        """Show how strongly each two organisations, or sectors, are joined, wave beside wave, in the same places.

        Returns
        -------
        Result
            One row a wave and organisation: ``wave, organisation, people, ties_within, ties_with_others,
            organisations_joined`` (by sector: ``sector`` and ``sectors_joined``). The figure's table has one row a wave
            and pair, both directions together.
        """
        found = self.networks
        rolled = [Rolled.of(wave, found) for wave in found.waves]
        said = [words.organisation_map(one) for one in rolled]
        table = pd.concat([one.table() for one in rolled], ignore_index=True)
        order = Rolled.with_most_ties(rolled)
        shown = sorted(order[:ON_THE_MAP])
        return self.answer(
            opening,
            found,
            " ".join(said),
            of=found.name,
            table=table,
            labels={"ties_with_others": f"ties with other {self.plural}"},
            figure=draw_map(opening["key"], found, rolled, shown, said),
            caveats=words.busiest_only("map", self.plural, len(shown), len(order)),
            method=f"Person ties counted by the {self.plural} of their two people, both directions together.",
            show_table=len(table) <= 40,
        )

    @page(
        "organisation-matrix",
        "Ties between {it.plural}",
        needs=("ties",),
        needed_for="ties between {it.plural}",
        shows="groups",
        columns=columns.MATRIX,
    )
    def organisation_matrix(self, opening: Opening) -> Result:
        """Answer which organisations, or sectors, are connected to which, and how strongly, wave by wave.

        Returns
        -------
        Result
            One row a wave and pair with at least one tie: ``wave, from_organisation, to_organisation, ties, possible,
            density, mean_strength`` (by sector: ``from_sector, to_sector``); a pair of an organisation with itself is
            its ties within. For an undirected relation each pair appears once.
        """
        found, by = self.networks, self.by
        rolled = [organisation_network(wave.placed, by) for wave in found.waves]
        pairs = list(zip(found.waves, rolled, strict=True))
        table = pd.concat([_pairs(wave, graph, by) for wave, graph in pairs], ignore_index=True)
        everybody: list[Hashable] = most_tied(rolled)
        ends = ("from", "to") if found.is_directed else (f"one {by}", "the other")
        return self.answer(
            opening,
            found,
            " ".join(
                words.organisation_matrix(found, wave, graph.number_of_nodes(), _both_ways(graph))
                for wave, graph in pairs
            ),
            of=found.name,
            table=table,
            labels={f"from_{by}": ends[0], f"to_{by}": ends[1], "possible": "possible ties, among people asked"},
            figure=draw_matrix(opening["key"], found, rolled, sorted(everybody[:IN_THE_MATRIX], key=str)),
            caveats=words.busiest_only("picture", self.plural, IN_THE_MATRIX, len(everybody)),
            method=f"Person ties counted by the {self.plural} of their two people. Possible: as many as the people of "
            "both who were asked allow; density = ties among those / possible.",
            show_table=len(table) <= 60,
        )

    # --- who answered ---------------------------------------------------------------------------------------------

    @page(
        "network-response",
        "Who answered the network question",
        needs=("rosters",),
        needed_for="who answered the network question",
        ending="",
        columns=columns.RESPONSE,
    )
    def response(self, opening: Opening) -> Result:
        """Answer who was asked about their ties and who answered, by wave and organisation.

        Returns
        -------
        Result
            One row a wave and organisation (``"All"`` first): ``wave, organisation, people, asked, answered,
            response_rate``.
        """
        parts, sentences = [], []
        quantities: list[Quantity] = []
        for wave in self._rostered:
            label = self.wave_labels.get(wave, str(wave))
            rates = response_rates(self._roster(wave), ORGANISATION).rename(columns={"group": "organisation"})
            rates.insert(0, "wave", label)
            parts.append(rates)
            listed, asked, answered = (int(rates.iloc[0][column]) for column in ("people", "asked", "answered"))
            sentences.append(words.response(label, asked, answered, float(rates.iloc[0]["response_rate"])))
            for relation in self._held if asked else ():
                quantities.append(Quantity(f"network:asked:{relation}:{wave}", asked, listed))
                quantities.append(Quantity(f"network:answered:{relation}:{wave}", answered, asked))
        table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
        low = table[(table["organisation"] != "All") & (table["response_rate"] < 0.5)] if len(table) else table
        opening["sources"] = ("rosters.csv", *(() if self.study.people is None else ("people.csv",)))
        return NamedResult(
            **opening,
            names=self.names,
            sentence=" ".join(sentences) or "The rosters name no wave.",
            table=table,
            caveats=tuple(
                words.low_response(row, self.names.get(row["organisation"], str(row["organisation"])))
                for row in low.to_dict("records")
            ),
            quantities=tuple(quantities),
            method="Response rate: answered / asked among the people on the wave's roster. A roster is a full list, so "
            "the rate has no sampling interval.",
        )

    @property
    def _rostered(self) -> list[Any]:
        """The waves that have a roster, those of study.toml first."""
        rosters = self.study.rosters
        in_use = [] if rosters is None else rosters["wave"].dropna().unique().tolist()
        return [
            *(key for key in self.wave_labels if key in in_use),
            *(key for key in in_use if key not in self.wave_labels),
        ]

    def _roster(self, wave: Any) -> nx.Graph:
        import networkx as nx

        rosters, people = self.study.rosters, self.study.people
        homes: dict[object, object] = {}
        if people is not None:
            pairs = zip(people["person"], people[ORGANISATION], strict=True)
            homes = {person: None if pd.isna(home) else home for person, home in pairs}
        graph = nx.Graph()
        for person, (asked, answered) in ((rosters is not None and roster_of(rosters, wave)) or {}).items():
            graph.add_node(person, organisation=homes.get(person), asked=asked, answered=answered)
        return graph

    @page(
        "network-silence",
        "What non-response could change",
        needs=("ties",),
        needed_for="what non-response could change",
        columns=columns.SILENCE,
    )
    def what_non_response_changes(self, opening: Opening, *, permutations: int = 999) -> Result:
        """Answer whether people who did not answer could explain the share of ties across organisations, or its change.

        Parameters
        ----------
        permutations : int
            Of the labels, for each treatment.

        Returns
        -------
        Result
            One row a wave and treatment: ``wave, treatment, people, ties, ties_across, cross_share, ei, expected_share,
            p_value, conclusion``; then the change between the first and last wave under each: ``treatment, change,
            conclusion``. The sentence warns where a conclusion flips.
        """
        found, waves, change = self.networks, self.networks.with_ties, self.change_under_silence
        treated = self.treatments if permutations == 999 else self.treated(permutations)
        parts, caveats = [], []
        if self.study.rosters is None:
            caveats.append("Without rosters.csv nobody is known not to have answered, so nothing can be filled in.")
        sentences = []
        for wave, one in zip(waves, treated, strict=True):
            table = one.table.copy()
            table.insert(0, "wave", wave.label)
            parts.append(table)
            sentences.append(f"{wave.label}: {one.said(self.plural)}")
            if one.silent and one.returned_share == one.returned_share:
                caveats.append(words.returned(wave.label, one.returned_share))
        if change is not None:
            moved = change.table.rename(columns={"direction": "conclusion"})[["treatment", "change", "conclusion"]]
            between = f"{waves[0].label} to {waves[-1].label}"
            moved.insert(0, "wave", between)
            parts.append(moved)
            if any(one.silent for one in treated):
                sentences.append(f"{between}: {change.said(self.plural)}")
        verdicts = (self.silence_explains(number) for number in range(len(waves)))
        return self.answer(
            opening,
            found,
            " ".join(sentences),
            of=found.name,
            table=pd.concat(parts, ignore_index=True),
            labels={"expected_share": "share across if placed at random", "cross_share": "share across", "ei": "E-I"},
            caveats=tuple(caveats),
            verdicts=tuple(verdict for verdict in verdicts if verdict is not None),
            method=words.non_response_method(permutations, self.seed),
        )

    def silence_explains(self, number: int) -> Verdict | None:
        """Give the answer whether unreported ties could put a wave's share on the other side of the one at random.

        None where everybody answered.
        """
        found, wave = self.treatments[number], self.networks.with_ties[number]
        if not found.silent:
            return None
        level = "" if self.by == ORGANISATION else f":{self.by}"
        return Verdict(
            f"network:{self.relation}:non-response-turns-share:{wave.key}{level}",
            "cannot tell" if found.could_at_worst or found.flips else "no",
            *found.worst,
            turns_at=found.expected_share,
        )


def _density(graph: nx.Graph) -> float:
    people = graph.number_of_nodes()
    possible = people * (people - 1) / (1 if graph.is_directed() else 2)
    return graph.number_of_edges() / possible if possible else float("nan")


def _pairs(wave: WaveNetwork, graph: nx.Graph, by: str) -> pd.DataFrame:
    """Give a row a pair of organisations with a tie, an organisation's ties within among them."""
    within = ("within_ties", "within_possible", "within_density", "within_strength")
    rows: list[tuple[Any, ...]] = [
        (wave.label, str(name), str(name), *(data.get(fact) for fact in within))
        for name, data in graph.nodes(data=True)
        if data["within_ties"]
    ]
    rows += [
        (wave.label, str(first), str(second), data["ties"], data["possible"], data["density"], data.get("strength"))
        for first, second, data in graph.edges(data=True)
    ]
    columns = ["wave", f"from_{by}", f"to_{by}", "ties", "possible", "density", "mean_strength"]
    table = pd.DataFrame(rows, columns=columns).sort_values(columns[1:3], ignore_index=True)
    table["mean_strength"] = table["mean_strength"].astype(float)
    return table


def _both_ways(graph: nx.Graph) -> dict[tuple[str, str], int]:
    """Count ties by pair of organisations, both directions together."""
    counts: dict[tuple[str, str], int] = {}
    for first, second, data in graph.edges(data=True):
        one, other = sorted((str(first), str(second)))
        counts[(one, other)] = counts.get((one, other), 0) + data["ties"]
    return counts
