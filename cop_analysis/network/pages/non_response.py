"""Who answered the network question, and whether people who did not could explain what the pages say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from cop_analysis.network.methods.networks import roster_of
from cop_analysis.network.methods.non_response import response_rates
from cop_analysis.network.methods.wave_networks import ORGANISATION
from cop_analysis.network.pages import columns, words
from cop_analysis.network.pages.naming import NamedResult
from cop_analysis.network.pages.opened import OpenedNetworks
from cop_analysis.results import Quantity, Result, Verdict
from cop_analysis.results.pages import Opening, page

if TYPE_CHECKING:
    import networkx as nx


class NonResponse(OpenedNetworks):
    """The headings on who answered."""

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
