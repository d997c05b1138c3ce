"""Who is tied to whom, who connects organisations, and where each person stands; single people, so the team's alone."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import pandas as pd

from cop_analysis.extremes import highest, others_alike
from cop_analysis.network.methods.brokers import ROLES, Brokerage, brokerage
from cop_analysis.network.methods.centralities import centrality, count_paths, structural_holes
from cop_analysis.network.methods.cores import CorePeriphery, core_periphery
from cop_analysis.network.methods.graphs import adjacency_of, said_nothing
from cop_analysis.network.methods.mixing import person_mixing
from cop_analysis.network.methods.networks import ORGANISATION, RelationNetworks, WaveNetwork, reach_of
from cop_analysis.network.pages import columns, words
from cop_analysis.network.pages.relation import OpenedNetworks, of_named
from cop_analysis.network.pictures.organisations import ON_THE_MAP, Rolled, draw_map
from cop_analysis.network.pictures.sociograms import SIZES, Egos, View, draw_egos, draw_sociogram, person_folds
from cop_analysis.resampling import generator
from cop_analysis.results import Figure, Result
from cop_analysis.results.pages import Opening, page

BETWEENNESS_UP_TO = 5_000
"""People in a network up to which `who_connects` gives betweenness; above it the column is left empty."""

EGOS_DRAWN = 6
"""How many people's own networks are drawn when nobody is named: those who reach most other organisations."""


@dataclass(frozen=True, eq=False)
class Spanning:
    """Who stood between whom in the last wave with ties.

    Attributes
    ----------
    last : WaveNetwork
    found : Brokerage
    table : pandas.DataFrame
        One row a person, most often spanning first.
    """

    last: WaveNetwork
    found: Brokerage
    table: pd.DataFrame


class People(OpenedNetworks):
    """The headings that show single people."""

    @page(
        "sociogram",
        "The network, person by person",
        needs=("ties",),
        needed_for="the network",
        shows="people",
        ending="of_relation",
        columns=columns.SOCIOGRAM,
    )
    def sociogram(self, opening: Opening, *, size_by: str = "brokerage", linked: bool = False) -> Result:
        """Show who is tied to whom, wave beside wave, an island for each organisation.

        Parameters
        ----------
        size_by : {"brokerage", "reach"}
            What makes a mark larger. Brokerage: how often the person stands between two people of whom at least one is
            of another organisation and who have no tie with each other (all of Gould & Fernandez' roles but
            coordinator); it shows who would be missed. Reach: how many other organisations the person has a tie with;
            it needs less of a complete network, so it is the better choice where many did not answer.
        linked : bool
            Whether each mark leads to its person's fold of `ego_view`, which then stands on the same page.

        Returns
        -------
        Result
            With a figure of people up to 800, of organisations above. Its table has one row a wave: ``wave, people,
            ties, ties_across, cross_share, without_ties, did_not_answer, never_asked``; the figure's, one row a person
            and wave.

        Raises
        ------
        ValueError
            If `size_by` is another word.

        Notes
        -----
        A person keeps their place in all waves. Organisations differ by colour and by shape; people who did not answer
        are hollow, people without a tie have a second outline; ties across organisations are dark and wide. Each mark
        takes keyboard focus and carries its facts.
        """
        if size_by not in SIZES:
            raise ValueError(f'size_by is {size_by!r}; it is "brokerage" or "reach".')
        found, ground = self.everyone, self.ground
        if ground is None:
            return self.answer(opening, found, words.nobody_in(found))
        key = opening["key"] if size_by == "brokerage" else f"{opening['key']}-{size_by}"
        said = [words.wave_drawn(found, wave) for wave in found.waves]
        return self.answer(
            opening,
            found,
            " ".join(said),
            of=found.name,
            key=key,
            table=pd.DataFrame([_wave_counts(wave) for wave in found.waves]),
            labels={
                "ties_across": "ties across organisations",
                "cross_share": "share across",
                "without_ties": "people without a tie",
                "did_not_answer": "did not answer",
                "other_organisations": "other organisations reached",
                "stands_between": "times between others, across organisations",
            },
            figure=self._organisations_instead(key)
            if ground.undrawn
            else draw_sociogram(key, ground, size_by, said, self.anchors if linked else {}),
            caveats=ground.undrawn,
            method=words.sociogram_method(SIZES[size_by], is_brokerage=size_by == "brokerage"),
        )

    def _organisations_instead(self, key: str) -> Figure | None:
        """Give the map of organisations in place of a picture in which nobody could be found."""
        if not self.everyone.with_ties:
            return None
        rolled = [Rolled.of(wave, self.everyone) for wave in self.everyone.waves]
        shown = Rolled.with_most_ties(rolled)[:ON_THE_MAP]
        return draw_map(key, self.everyone, rolled, sorted(shown), [words.organisation_map(one) for one in rolled])

    @page(
        "network-connectors",
        "Who connects organisations",
        needs=("ties",),
        needed_for="who connects organisations",
        shows="people",
        ending="of_relation",
        columns=columns.CONNECTORS,
    )
    def who_connects(self, opening: Opening) -> Result:
        """Answer who reaches other organisations, and how many of them.

        Returns
        -------
        Result
            One row a person of the last wave, most organisations reached first: ``person, organisation, role, answered,
            organisations_reached, ties_across, ties, betweenness`` and, with more waves, ``reached_before``.
            Betweenness is left empty above 5,000 people.
        """
        found = self.everyone
        if not found.has_labels:
            return self.answer(opening, found, words.no_ties_placed(found.name, opening["title"], found.by))
        first, last = found.waves[0], found.waves[-1]
        everybody = reach_of(last.placed).assign(betweenness=_betweenness(last))
        table = of_named(everybody, found.unnamed)
        if len(found.waves) > 1:
            before = reach_of(first.placed).set_index("person")["organisations_reached"]
            reached = [before.get(person, pd.NA) for person in table["person"]]
            table["reached_before"] = pd.array(reached, dtype="Int64")
        table = _in_order(table, ["organisations_reached", "ties_across"])
        return self.answer(
            opening,
            found,
            _reaching(found, everybody, table),
            of=f"{found.name}, {last.label}",
            table=table,
            labels={
                "organisations_reached": "other organisations reached",
                "ties_across": "ties across organisations",
                "reached_before": f"reached, {first.label}",
                "betweenness": "on shortest paths between others",
            },
            caveats=words.only_what_others_said(last),
            method=words.reaching_method(found.is_directed, BETWEENNESS_UP_TO),
            show_table=len(table) <= 60,
        )

    def who_reaches(self) -> tuple[pd.DataFrame, str]:
        """Give who reaches others across what ties are counted across, those who can be named, and say it."""
        found = self.networks
        everybody = reach_of(found.waves[-1].placed, found.by)
        table = _in_order(of_named(everybody, found.unnamed), ["organisations_reached", "ties_across"])
        return table, _reaching(found, everybody, table)

    @page(
        "network-brokerage",
        "Who spans {it.plural}",
        needs=("ties",),
        needed_for="who spans them",
        shows="people",
        columns=columns.BROKERAGE,
    )
    def who_spans(self, opening: Opening, *, permutations: int = 499) -> Result:
        """Answer who stands between people of different organisations who have no tie with each other.

        Parameters
        ----------
        permutations : int
            Of the labels, to tell whether organisations matter to who brokers; 0 leaves that comparison out.

        Returns
        -------
        Result
            One row a person of the last wave, most often spanning first: ``person``, the label, ``role``, the five
            roles of Gould & Fernandez, ``total, across`` (all but coordinator), ``expected_total, z_total``.
        """
        found, spanning = self.networks, self.spanning(permutations)
        null = {
            str(row.pop("role")): {str(name): float(value) for name, value in row.items()}
            for row in spanning.found.null.to_dict("records")
        }
        table = of_named(spanning.table, found.unnamed)
        return self.answer(
            opening,
            found,
            words.spanning(
                found,
                spanning.last,
                int(spanning.found.totals["total"]),
                table,
                int(spanning.table["across"].sum()),
                null,
                tested=permutations > 0,
            ),
            of=f"{found.name}, {spanning.last.label}",
            table=table,
            labels={
                "across": f"spanning {self.plural}",
                "expected_total": "total in a random network",
                "z_total": "z of the total",
            },
            caveats=words.spanning_caveats(found.is_directed),
            method=words.spanning_method(self.by, null, permutations, self.seed),
            show_table=len(table) <= 60,
        )

    def spanning(self, permutations: int) -> Spanning:
        """Count who stood between whom in the last wave with ties, people who are not named among them."""
        last = self.networks.with_ties[-1]
        found = brokerage(last.placed, self.by, permutations, generator(self.seed, 0))
        table = found.table.rename(columns={"node": "person", "group": self.by})
        table["across"] = table["total"] - table["coordinator"]
        table.insert(2, "role", [last.placed.nodes[person].get("role") for person in found.table["node"]])
        table = table[["person", self.by, "role", *ROLES, "total", "across", "expected_total", "z_total"]]
        return Spanning(last, found, _in_order(table, ["across", "total"]))

    @page(
        "ego-view",
        "One person's network",
        needs=("ties",),
        needed_for="one person's network",
        shows="people",
        ending="of_relation",
        columns=columns.EGO,
    )
    def ego_view(self, opening: Opening, person: str | None = None) -> Result:
        """Show one person's own network, or those of the people who reach most other organisations.

        Parameters
        ----------
        person : str, optional
            An identifier of ``people.csv``; drawn in every wave. Without it the six who reach most other organisations
            in the last wave are drawn, and below the picture everybody has a fold (up to 100 people); each mark is a
            link to the fold of its person.

        Returns
        -------
        Result
            For a person, one row a wave and neighbour: ``wave, neighbour, organisation, role, tie`` (names, named by,
            or both; a tie where undirected). Without one, a row a person drawn: ``person, organisation, neighbours,
            other_organisations, ties_across, ties, share_of_neighbours_tied``.

        Raises
        ------
        ValueError
            If no wave has the person.

        Notes
        -----
        The share of pairs of neighbours who are tied to each other, in either direction, is the density of the ego
        network without the ego: where it is low, the person stands between people who do not otherwise meet (Burt 1992,
        Structural Holes).
        """
        egos = Egos.of(self.everyone)
        return self._everybody(opening, egos) if person is None else self._one(opening, egos, egos.named(person))

    def _said(self, view: View) -> str:
        return words.ego(self.everyone.name, view)

    def _one(self, opening: Opening, egos: Egos, person: Hashable) -> Result:
        found = self.everyone
        views = [View.of(wave, person, egos.home, found.is_directed) for wave in found.waves if person in wave.graph]
        rows = [
            (view.wave.label, str(other), str(egos.home[other]), egos.role(other), view.tie_words(other))
            for view in views
            for other in view.others
        ]
        key, title = f"{opening['key']}-{egos.place[person] + 1}", f"The {found.name} network of {person}"
        return self.answer(
            opening,
            found,
            " ".join(map(self._said, views)),
            key=key,
            title=title,
            table=pd.DataFrame(rows, columns=["wave", "neighbour", "organisation", "role", "tie"]),
            figure=draw_egos(key, egos, views, title, self._said, by_wave=True, links={}),
            method=words.EGO_METHOD,
            show_table=len(rows) <= 40,
        )

    def _everybody(self, opening: Opening, egos: Egos) -> Result:
        found = self.everyone
        last = found.waves[-1]
        title = f"The people who reach most organisations: {found.name}, {last.label}"
        reach = of_named(reach_of(last.placed), found.unnamed) if len(last.placed) else pd.DataFrame()
        if reach.empty or not reach["ties"].sum():
            return self.answer(opening, found, words.nobody_to_pick(last, found.name), title=title)
        order = _in_order(reach, ["organisations_reached", "ties_across", "ties"])
        top = [person for person in order["person"].tolist() if last.graph.degree(person)][:EGOS_DRAWN]
        views = [View.of(last, person, egos.home, found.is_directed) for person in top]
        said = self._said(views[0])
        return self.answer(
            opening,
            found,
            f"{said} The {len(views)} people drawn reach most other organisations." if len(views) > 1 else said,
            title=title,
            table=_of_egos(egos, views, reach),
            labels={"share_of_neighbours_tied": "share of pairs of neighbours tied"},
            figure=draw_egos(opening["key"], egos, views, title, self._said, by_wave=False, links=self.anchors),
            caveats=() if self.anchors else (words.not_all_drawn(len(egos.home)),),
            method=words.EGOS_METHOD,
            body_html=person_folds(egos, self.anchors, self._said) if self.anchors else "",
        )

    @page(
        "network-positions",
        "Where each person stands",
        needs=("ties",),
        needed_for="where people stand",
        shows="people",
        columns=columns.POSITIONS,
    )
    def positions(self, opening: Opening) -> Result:
        """Answer where each person stands: named by whom, between whom, near everybody, closed in or bridging.

        Returns
        -------
        Result
            One row a person of the last wave with ties: ``person``, the label, ``role, answered``, the columns of
            `centrality` and of `structural_holes`, then ``ei, expected_ei, p_value_ei`` of `person_mixing`.
        """
        found, last = self.networks, self.networks.with_ties[-1]
        table = of_named(_positions_of(last), found.unnamed)
        if table.empty:
            return self.answer(opening, found, words.nobody_named(last))
        tied = table[table["contacts"] > 0]
        most, least = highest(table["betweenness"]), highest(-tied["constraint"])
        between, freest = table.iloc[int(most[0])], tied.iloc[int(least[0])]
        return self.answer(
            opening,
            found,
            words.position(
                found,
                last,
                words.Foremost(between["person"], found.called(between[self.by]), others_alike(most), len(most) == 1),
                float(between["betweenness"]),
                words.Foremost(freest["person"], found.called(freest[self.by]), others_alike(least), len(least) == 1),
                float(freest["constraint"]),
            ),
            of=f"{found.name}, {last.label}",
            table=table,
            labels={"ei": "own E-I", "expected_ei": "own E-I by chance", "p_value_ei": "p of own E-I"},
            caveats=(words.ONE_POSITION,),
            method=words.POSITIONS_METHOD,
            show_table=False,
        )

    @page(
        "network-core",
        "Core and periphery",
        needs=("ties",),
        needed_for="a core and a periphery",
        shows="people",
        ending="of_relation",
        columns=columns.CORE,
    )
    def core_and_periphery(self, opening: Opening, *, permutations: int = 99) -> Result:
        """Answer whether the network has a core and a periphery, who is in the core, and whether that changed.

        Parameters
        ----------
        permutations : int
            Random networks to fit for each wave.

        Returns
        -------
        Result
            One row a person of the last wave, the core first: ``person, organisation, role, in_core`` and, with more
            waves, ``in_core_before``, then ``ties``.
        """
        found = self.everyone
        fits: list[tuple[WaveNetwork, CorePeriphery]] = []
        sentences = []
        for number, wave in enumerate(found.waves):
            try:
                fit = core_periphery(wave.graph, permutations=permutations, seed=generator(self.seed, number))
            except ValueError as reason:
                sentences.append(f"{wave.label}: {reason}")
                continue
            fits.append((wave, fit))
            sentences.append(words.core(wave.label, fit))
        if not fits:
            return self.answer(opening, found, " ".join(sentences))
        return self.answer(
            opening,
            found,
            " ".join(sentences),
            of=f"{found.name}, {fits[-1][0].label}",
            table=_core_table(found, fits),
            labels={"in_core_before": f"in the core, {fits[0][0].label}"},
            caveats=words.only_what_others_said(*found.waves, of_core=True),
            method=words.core_method(permutations, self.seed),
            show_table=len(fits[-1][1].table) <= 60,
        )


def _reaching(found: RelationNetworks, everybody: pd.DataFrame, table: pd.DataFrame) -> str:
    """Say who reaches most; everybody is counted, and named is who stands in the table."""
    most = int(table["organisations_reached"].max()) if len(table) else 0
    return words.reaching(
        found,
        reached=int((everybody["organisations_reached"] > 0).sum()),
        people_in_all=len(everybody),
        groups=int(everybody["organisation"].nunique()),
        most=table.loc[table["organisations_reached"] == most, "person"].astype(str).tolist(),
        of=most,
    )


def _in_order(table: pd.DataFrame, columns: list[str], *, column: str = "person") -> pd.DataFrame:
    """Sort by columns, the largest first, and people alike by their names as text."""
    ordered = table.assign(_text=table[column].astype(str)).sort_values(
        [*columns, "_text"], ascending=[*[False] * len(columns), True], kind="stable", ignore_index=True
    )
    return ordered.drop(columns="_text")


def _wave_counts(wave: WaveNetwork) -> dict[str, object]:
    return {
        "wave": wave.label,
        "people": wave.graph.number_of_nodes(),
        "ties": wave.graph.number_of_edges(),
        "ties_across": wave.crossing,
        "cross_share": wave.cross_share,
        "without_ties": wave.without_ties,
        "did_not_answer": wave.silent,
        "never_asked": wave.not_asked + wave.off_roster,
    }


def _betweenness(wave: WaveNetwork) -> list[float]:
    if wave.placed.number_of_nodes() > BETWEENNESS_UP_TO:
        return [float("nan")] * wave.placed.number_of_nodes()
    scores: list[float] = count_paths(adjacency_of(wave.placed)).betweenness.tolist()
    return scores


def _of_egos(egos: Egos, views: list[View], reach: pd.DataFrame) -> pd.DataFrame:
    facts = {row["person"]: row for row in reach.to_dict("records")}
    return pd.DataFrame(
        [
            {
                "person": str(view.ego),
                "organisation": str(egos.home[view.ego]),
                "neighbours": len(view.others),
                "other_organisations": len(view.other_organisations),
                "ties_across": int(facts[view.ego]["ties_across"]),
                "ties": int(facts[view.ego]["ties"]),
                "share_of_neighbours_tied": view.density,
            }
            for view in views
        ]
    )


def _positions_of(wave: WaveNetwork) -> pd.DataFrame:
    measured = centrality(wave.placed)
    holes = structural_holes(wave.placed).drop(columns="node")
    own = person_mixing(wave.placed, wave.by)
    facts, people = wave.placed.nodes, measured["node"].tolist()
    table = pd.concat([measured, holes], axis=1).rename(columns={"node": "person"})
    if wave.placed.is_directed():
        # Whom somebody turns to who said nothing is not known, which is not the same as nobody.
        unknown = table["person"].isin(said_nothing(wave.placed)) & (table["out_degree"] == 0)
        table["out_degree"] = table["out_degree"].astype("Int64").mask(unknown)
        for column in ("closeness_out", "harmonic_out"):
            table[column] = table[column].mask(unknown)
    table.insert(1, wave.by, [facts[person].get(wave.by) for person in people])
    table.insert(2, "role", [facts[person].get("role") for person in people])
    table.insert(3, "answered", pd.Series([wave.answers[person] for person in people], dtype=object))
    return table.assign(ei=own["ei"], expected_ei=own["expected"], p_value_ei=own["p_value"])


def _core_table(found: RelationNetworks, fits: list[tuple[WaveNetwork, CorePeriphery]]) -> pd.DataFrame:
    graph, last = fits[-1][0].graph, fits[-1][1].table
    people = last["node"].tolist()
    table = pd.DataFrame(
        {
            "person": pd.Series(people, dtype=object),
            "organisation": [graph.nodes[person].get(ORGANISATION) for person in people],
            "role": [graph.nodes[person].get("role") for person in people],
            "in_core": last["in_core"],
        }
    )
    if len(fits) > 1:
        before = fits[0][1].table.set_index("node")["in_core"].to_dict()
        table["in_core_before"] = pd.array([before.get(person, pd.NA) for person in people], dtype="boolean")
    table["ties"] = last["ties"]
    return of_named(_in_order(table, ["in_core", "ties"]), found.unnamed)
