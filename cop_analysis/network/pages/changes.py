"""What became of the network between waves: ties kept, lost and gained, drawn and tested, and who gained a contact."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from cop_analysis.network.methods.chance import affordable
from cop_analysis.network.methods.change_tests import DensityChange, EIChange, density_change, ei_change
from cop_analysis.network.methods.networks import RelationNetworks, WaveNetwork
from cop_analysis.network.methods.wave_changes import compare_waves, cross_tie_gains, gain_sentence
from cop_analysis.network.pages import columns, words
from cop_analysis.network.pages.relation import OpenedNetworks, of_named
from cop_analysis.network.pictures.changes import Step, by_person, draw_changes
from cop_analysis.network.pictures.islands import Ground
from cop_analysis.resampling import generator
from cop_analysis.results import Result
from cop_analysis.results.pages import Opening, page


class Changes(OpenedNetworks):
    """The headings on change between waves."""

    @page(
        "network-change",
        "Ties gained, lost and kept",
        needs=("ties",),
        needed_for="ties gained and lost",
        ending="of_relation",
        columns=columns.CHANGE,
    )
    def wave_change(self, opening: Opening) -> Result:
        """Answer which ties were gained, lost and kept from wave to wave.

        Returns
        -------
        Result
            One row a pair of successive waves: ``from_wave, to_wave, stayers, joiners, leavers, kept, gained, lost,
            not_known, jaccard, gained_across, lost_across, joiners_ties, leavers_ties, outside_ties``.
        """
        found = self.everyone
        alone = self.one_wave(opening, found, "change")
        if alone is not None:
            return alone
        rows = ties_moved(found)
        not_known = sum(row["not_known"] for row in rows)
        return self.answer(
            opening,
            found,
            words.ties_moved(rows, found.plural),
            of=found.name,
            table=pd.DataFrame(rows),
            labels={
                "stayers": "people in both",
                "joiners": "people who joined",
                "leavers": "people who left",
                "gained_across": "gained, across organisations",
                "lost_across": "lost, across organisations",
                "joiners_ties": "ties of joiners",
                "leavers_ties": "ties of leavers",
                "outside_ties": "ties with people off the roster",
                "jaccard": "stability (Jaccard)",
            },
            caveats=(words.not_known(not_known),) if not_known else (),
            method=words.TIES_MOVED_METHOD,
        )

    @page(
        "network-change-picture",
        "Ties kept, lost and gained, drawn",
        needs=("ties",),
        needed_for="ties kept, lost and gained",
        shows="people",
        ending="of_relation",
        columns=columns.CHANGE_PICTURE,
    )
    def wave_change_picture(self, opening: Opening, *, linked: bool = False) -> Result:
        """Show which ties were kept, lost and gained from wave to wave, and who gained ties across organisations.

        Parameters
        ----------
        linked : bool
            Whether each mark leads to its person's fold of `ego_view`, which then stands on the same page.

        Returns
        -------
        Result
            One row a person and pair of successive waves, who gained most ties across first: ``from_wave, to_wave,
            person, organisation, kept, gained, lost, gained_across, lost_across`` over people rostered in both waves.
            With a figure up to 800 people, whose table has one row a tie.

        Notes
        -----
        Kept ties are thin, gained ones thick, lost ones dashed; colour only repeats what the line says. A tie can be
        called lost or gained only if whoever would report it answered in both waves; ties of joiners and leavers are
        drawn apart (see `compare_waves`).
        """
        found, ground = self.everyone, self.ground
        alone = self.one_wave(opening, found, "change")
        if alone is not None:
            return alone
        if ground is None:
            return self.answer(opening, found, words.no_ties_placed(found.name, opening["title"], found.by))
        steps = [
            Step(before, after, compare_waves(before.graph, after.graph)) for before, after in pairwise(found.waves)
        ]
        said = [words.step(step, _moved_across(ground, step)) for step in steps]
        table = pd.concat([by_person(ground, step) for step in steps], ignore_index=True)
        links = self.anchors if linked else {}
        return self.answer(
            opening,
            found,
            " ".join(said),
            of=found.name,
            table=table,
            labels={
                "kept": "ties kept",
                "gained": "ties gained",
                "lost": "ties lost",
                "gained_across": "ties gained, across organisations",
                "lost_across": "ties lost, across organisations",
            },
            figure=None if ground.undrawn else draw_changes(opening["key"], ground, steps, said, links),
            caveats=ground.undrawn,
            method=words.STEP_METHOD,
            show_table=len(table) <= 40,
        )

    @page(
        "network-change-tested",
        "Change between waves against chance",
        needs=("ties",),
        needed_for="a change between waves",
        columns=columns.CHANGE_TESTED,
    )
    def change_tested(self, opening: Opening, *, replications: int = 5000, permutations: int = 4999) -> Result:
        """Answer whether ties across, density and the E-I index changed between waves by more than chance.

        Parameters
        ----------
        replications : int
            Of the bootstrap of the density.
        permutations : int
            Of the labels, for the E-I index.

        Returns
        -------
        Result
            One row a pair of waves and measure (density of ties across, of all ties, E-I): ``from_wave, to_wave,
            measure, before, after, change, standard_error, interval_low, interval_high, p_value, resamples, people``.
        """
        found = self.networks
        alone = self.one_wave(opening, found, "change")
        if alone is not None:
            return alone
        rows: list[dict[str, object]] = []
        sentences: list[str] = []
        for number, (before, after) in enumerate(pairwise(found.waves)):
            for row, sentence in self._tested(number, before, after, replications, permutations, bool(sentences)):
                sentences.append(sentence)
                rows += row
        pair = found.waves[0], found.waves[-1]
        is_the_change = len(found.waves) == 2 and all(wave.ties for wave in pair)
        verdict = self.verdict_on_change() if is_the_change else None
        return self.answer(
            opening,
            found,
            " ".join(sentences),
            of=found.name,
            table=pd.DataFrame(rows),
            labels={
                "standard_error": "standard error (E-I: by chance)",
                "interval_low": "95% interval, low",
                "interval_high": "95% interval, high",
            },
            caveats=words.change_tested_caveats(self.plural),
            verdicts=() if verdict is None else (verdict,),
            method=words.change_tested_method(self.plural, self.seed),
        )

    def _tested(
        self, number: int, before: WaveNetwork, after: WaveNetwork, replications: int, permutations: int, begun: bool
    ) -> Iterator[tuple[list[dict[str, object]], str]]:
        """Give the rows and the sentence of each test of one pair of waves, until one cannot be made."""
        lead, ties = f"{before.label} to {after.label}: ", before.ties + after.ties
        if before.ties and after.ties:
            crossed = self.moved_between(before, after)
            crossing = [] if crossed.crossing is None else [crossed.crossing]
            measure = f"density of ties across {self.plural}"
            yield [_row(before, after, measure, one) for one in crossing], lead + crossed.sentence(self.plural)
            begun = True
        try:
            drawn = affordable(replications, ties)
            density = density_change(before.graph, after.graph, drawn, generator(self.seed, number, 1))
            yield (
                [_row(before, after, "density of all ties", density)],
                words.density_moved(density, "" if begun else lead),
            )
            drawn = affordable(permutations, ties)
            moved = ei_change(before.placed, after.placed, self.by, drawn, generator(self.seed, number, 2))
            yield [_row(before, after, f"E-I by {self.by}", moved)], moved.sentence
        except ValueError as reason:
            yield [], f"{lead}{reason}"

    @page(
        "network-gains",
        "Who gained contacts in other {it.plural}",
        needs=("ties",),
        needed_for="who gained contacts",
        shows="people",
        columns=columns.GAINS,
    )
    def who_gained(self, opening: Opening) -> Result:
        """Answer who gained contacts in other organisations between the first and the last wave.

        Returns
        -------
        Result
            One row a person of both waves, most gained first: ``person``, the label, ``role, across_before,
            across_after, gained, lost, not_known, groups_before, groups_after, answered_both``.
        """
        found, by = self.networks, self.by
        alone = self.one_wave(opening, found, "gain")
        if alone is not None:
            return alone
        first, last = found.waves[0], found.waves[-1]
        gains = cross_tie_gains(first.graph, last.graph, by)
        table = gains.rename(columns={"group": by})
        table.insert(2, "role", [last.graph.nodes[person].get("role") for person in gains["person"]])
        table = of_named(table, found.unnamed)
        return self.answer(
            opening,
            found,
            gain_sentence(gains, by) + words.unsure_gains(int((gains["not_known"] > 0).sum())),
            of=f"{found.name}, {first.label} to {last.label}",
            table=table,
            labels={
                "not_known": "contacts of whom neither is known",
                "across_before": f"contacts in other {self.plural}, {first.label}",
                "across_after": f"contacts in other {self.plural}, {last.label}",
                "groups_before": f"{self.plural} reached, {first.label}",
                "groups_after": f"{self.plural} reached, {last.label}",
            },
            caveats=(words.PERHAPS_NOT_LOST,),
            method="A contact is a person with a tie in either direction, in either wave, among people rostered in "
            "both.",
            show_table=len(table) <= 60,
        )


def ties_moved(found: RelationNetworks) -> list[dict[str, Any]]:
    """Count the ties kept, gained and lost from wave to wave, and those of them across what is counted across."""
    return [_ties_moved(before, after, found.by) for before, after in pairwise(found.waves)]


def _ties_moved(before: WaveNetwork, after: WaveNetwork, by: str) -> dict[str, Any]:
    change = compare_waves(before.graph, after.graph)
    home = {person: place for wave in (before, after) for person, place in wave.graph.nodes(data=by, default=None)}
    across = [
        home.get(ego) is not None and home.get(alter) is not None and home[ego] != home[alter]
        for ego, alter in zip(change.ties["ego"], change.ties["alter"], strict=True)
    ]
    crossing = change.ties[np.array(across, dtype=bool)]["change"].value_counts()
    return {
        "from_wave": before.label,
        "to_wave": after.label,
        "stayers": len(change.stayers),
        "joiners": len(change.joiners),
        "leavers": len(change.leavers),
        "kept": change.kept,
        "gained": change.gained,
        "lost": change.lost,
        "not_known": change.not_known,
        "jaccard": change.jaccard,
        "gained_across": int(crossing.get("gained", 0)),
        "lost_across": int(crossing.get("lost", 0)),
        "joiners_ties": change.joiners_ties,
        "leavers_ties": change.leavers_ties,
        "outside_ties": change.outside_ties,
    }


def _moved_across(ground: Ground, step: Step) -> dict[str, int]:
    """Count the ties gained and lost between organisations."""
    moved = {"gained": 0, "lost": 0}
    for ego, alter, change in step.change.ties.itertuples(index=False, name=None):
        if change in moved and ground.crosses(ego, alter):
            moved[change] += 1
    return moved


def _row(before: WaveNetwork, after: WaveNetwork, measure: str, found: DensityChange | EIChange) -> dict[str, object]:
    return {
        "from_wave": before.label,
        "to_wave": after.label,
        "measure": measure,
        "before": found.first,
        "after": found.second,
        "change": found.change,
        "standard_error": found.se if isinstance(found, DensityChange) else found.sd,
        "interval_low": found.interval[0] if isinstance(found, DensityChange) else float("nan"),
        "interval_high": found.interval[1] if isinstance(found, DensityChange) else float("nan"),
        "p_value": found.p_value,
        "resamples": found.replications if isinstance(found, DensityChange) else found.permutations,
        "people": found.people,
    }
