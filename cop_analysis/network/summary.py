"""What a page says of connection across organisations: headline, mixing by wave and change; no drawing here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from cop_analysis.network.levels import LevelNetworks, LevelWave, networks_at
from cop_analysis.network.methods.chance import affordable, against_random, as_far, two_questions
from cop_analysis.network.methods.change_tests import CrossChange, cross_change, points
from cop_analysis.network.methods.graphs import asked_part
from cop_analysis.network.methods.mixing import EIIndex, ShareIntervals, cross_share_intervals, ei_index
from cop_analysis.network.methods.non_response import ShareBounds, share_bounds, who_said_nothing
from cop_analysis.network.methods.wave_changes import compare_waves
from cop_analysis.network.study_networks import ATTRIBUTE, networks_of
from cop_analysis.resampling import generator
from cop_analysis.results import SECONDARY, Headline, Result, count_of, format_share
from cop_analysis.study.waves import times_of_asking

if TYPE_CHECKING:
    import networkx as nx

    from cop_analysis.study import Study

_INDICES: WeakKeyDictionary[Any, dict[tuple[str, int, int, int], EIIndex]] = WeakKeyDictionary()
"""What was tested for one part of a page, for the others: the same network, labels, seed and number of arrangements."""

_CHANGES: WeakKeyDictionary[Any, dict[tuple[str, str, str, int], CrossChange]] = WeakKeyDictionary()

_FEW_PEOPLE = 15
REPLICATIONS = 2000
"""Bootstrap samples of the density of crossing ties, the same wherever a page speaks of it."""
_NULL_METHOD = (
    "E-I index (Krackhardt & Stern 1988, Social Psychology Quarterly 51:123-140): (ties across - ties within) / all "
    "ties, so E-I = 2 x share across - 1. Expected value and standard deviation are exact for {labels} dealt out to "
    "people at random; p is two-sided from {permutations:,} random arrangements, (k + 1) / (R + 1)."
)
_INTERVAL_METHOD = (
    "Intervals: 95%, allowing any two ties with a person in common to depend on each other (dyadic cluster-robust "
    "variance, Fafchamps & Gubert 2007; Aronow, Samii & Assenova 2015), by Wilson's formula with the effective number "
    "of ties; the change joins both waves by Newcombe's method (1998) with their correlation over the same people."
)
_DENSITY_METHOD = (
    f"Ties across, of those possible: paired vertex bootstrap over people who answered both times ({REPLICATIONS:,} "
    "samples; Snijders & Borgatti 1999, Connections 22:161-170). Yes is said where every value of the interval of that "
    "density, or of the share, lies on one side of no change."
)


def summary(
    study: Study, relation: str | None = None, permutations: int = 4999, seed: int = 2024, *, by: str = ATTRIBUTE
) -> Result:
    """Answer whether people are connected across organisations, and whether that changed.

    Parameters
    ----------
    study : Study
    relation : str, optional
        Without it the first relation of ``study.toml`` that the ties hold.
    permutations : int
        For the comparison with chance.
    seed : int
    by : {"organisation", "sector"}

    Returns
    -------
    Result
        Its headline is the cross-organisation share of the last wave with its change since the first; its table has
        one row a wave: ``wave, people, answered, ties, ties_across, cross_share, interval_low, interval_high,
        expected_share, p_value, share_low, share_high`` (the last two: with silent people's ties all within or all
        across).

    Raises
    ------
    ValueError
        If the study has no such relation, `by` is not a level, or `permutations` is below 1.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(ties=None, attendance=None, config=SimpleNamespace(relations=[]))
    >>> summary(study).sentence
    'This study has no ties table (ties.csv), so connection across organisations cannot be shown.'
    """
    title = f"Connection across {by}s"
    level = networks_at(study, relation, by, "network-summary", title, f"connection across {by}s")
    if isinstance(level, Result):
        return level if study.ties is not None else replace(level, sentence=level.sentence + _instead(study))
    waves, name = level.with_ties, level.found.name
    indices = [_index(wave, by, permutations, seed, number) for number, wave in enumerate(waves)]
    spread = cross_share_intervals([wave.placed for wave in waves], by)
    bounds = [share_bounds(wave.placed, by) for wave in waves]
    moved = change_between(level, waves[0], waves[-1], seed) if len(waves) > 1 else None
    table = pd.DataFrame(
        {
            "wave": [wave.label for wave in waves],
            "people": [wave.placed.number_of_nodes() for wave in waves],
            "answered": pd.Series([_answered(wave) for wave in waves], dtype="Int64"),
            "ties": [index.ties for index in indices],
            "ties_across": [int(index.external) for index in indices],
            "cross_share": [index.share for index in indices],
            "interval_low": [low for low, _ in spread.intervals],
            "interval_high": [high for _, high in spread.intervals],
            "expected_share": [index.expected_share for index in indices],
            "p_value": [index.p_value for index in indices],
            "share_low": [bound.low for bound in bounds],
            "share_high": [bound.high for bound in bounds],
        }
    )
    last, index = waves[-1], indices[-1]
    return level.result(
        f"{title}: {name} ties by wave",
        " ".join(
            [
                f"{last.label}: {format_share(index.share)} of {name} ties ({int(index.external):,} of "
                f"{index.ties:,}; {interval(spread.intervals[-1])}) joined people of different {level.plural}.",
                *([moved.sentence(level.plural)] if moved else []),
                against_chance(index, level),
            ]
        ),
        table=table,
        labels={
            "ties_across": f"ties across {level.plural}",
            "cross_share": "share across",
            "interval_low": "95% interval, low",
            "interval_high": "95% interval, high",
            "expected_share": "share across if placed at random",
            "p_value": "p of the difference from random",
            "share_low": "share across, unreported ties all within",
            "share_high": "share across, unreported ties all across",
        },
        caveats=(
            *level.caveats,
            *((two_questions(level.plural),) if index.sd > 0 else ()),
            *_uncertainty_caveats(waves),
            *_non_response_caveats(waves, bounds),
        ),
        quantities=(*level.found.quantities, *level.across_quantities),
        verdicts=() if moved is None else (moved.verdict(across_changed(level)),),
        headline=Headline(
            label=f"of {name} ties joined different {level.plural} ({last.label})",
            value=format_share(index.share),
            uncertainty=_headline_uncertainty(waves, spread),
            order=30 if by == ATTRIBUTE else SECONDARY,
        ),
        method=" ".join(
            [
                _NULL_METHOD.format(labels=level.plural, permutations=permutations),
                _INTERVAL_METHOD,
                *([_DENSITY_METHOD] if moved else []),
                f"Seed {seed}.",
            ]
        ),
    )


def mixing_table(
    study: Study, relation: str | None = None, permutations: int = 4999, seed: int = 2024, *, by: str = ATTRIBUTE
) -> Result:
    """Answer, wave by wave, how ties within and across organisations compare with chance.

    Parameters
    ----------
    study, relation, permutations, seed, by
        As for `summary`; the same seed gives the same p-values.

    Returns
    -------
    Result
        One row a wave: ``wave, people, ties, density, ties_across, cross_share, ei, expected, sd, z, p_value,
        permutations, rescaled``.

    Raises
    ------
    ValueError
        As `summary` does.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> mixing_table(SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))).table.empty
    True
    """
    title = f"Ties within and across {by}s"
    level = networks_at(study, relation, by, "network-mixing", title, f"ties within and across {by}s")
    if isinstance(level, Result):
        return level
    rows, sentences, number = [], [], 0
    for wave in level.waves:
        if not wave.ties:
            an = "an" if by == ATTRIBUTE else "a"
            sentences.append(f"{wave.label}: no tie between two people who have {an} {by}.")
            continue
        index = _index(wave, by, permutations, seed, number)
        number += 1
        rows.append(
            {
                "wave": wave.label,
                "people": index.people,
                "ties": index.ties,
                "density": _density(asked_part(wave.placed)),
                "ties_across": int(index.external),
                "cross_share": index.share,
                "ei": index.estimate,
                "expected": index.expected,
                "sd": index.sd,
                "z": index.z,
                "p_value": index.p_value,
                "permutations": index.permutations,
                "rescaled": index.rescaled,
            }
        )
        if index.sd == 0:
            sentences.append(f"{wave.label}: E-I {signed(index.estimate)}, the only value these {level.plural} allow.")
            continue
        sentences.append(
            f"{wave.label}: E-I {signed(index.estimate)} ({format_share(index.share)} of ties across), where people "
            f"placed at random give {signed(index.expected)} ({format_share(index.expected_share)}); "
            f"{as_far(index.p_value, 'random placements')}."
        )
    return level.result(
        f"{title}: {level.found.name} by wave",
        " ".join(sentences),
        table=pd.DataFrame(rows),
        labels={
            "density": "density (ties / possible ties, among people asked)",
            "ties_across": f"ties across {level.plural}",
            "cross_share": "share across",
            "ei": "E-I",
            "expected": "E-I expected by chance",
            "sd": "standard deviation by chance",
            "rescaled": "E-I rescaled",
        },
        method=_NULL_METHOD.format(labels=level.plural, permutations=permutations)
        + f" Seed {seed}. Rescaled: -1 and 1 are the lowest and highest values that group sizes and the number of ties "
        "allow.",
    )


def wave_change(study: Study, relation: str | None = None) -> Result:
    """Answer which ties were gained, lost and kept from wave to wave.

    Parameters
    ----------
    study, relation
        As for `summary`.

    Returns
    -------
    Result
        One row a pair of successive waves: ``from_wave, to_wave, stayers, joiners, leavers, kept, gained, lost,
        not_known, jaccard, gained_across, lost_across, joiners_ties, leavers_ties, outside_ties``.

    Raises
    ------
    ValueError
        If the study has no such relation.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> wave_change(SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))).key
    'network-change'
    """
    title = "Ties gained, lost and kept"
    found = networks_of(study, relation, "network-change", title, "ties gained and lost")
    if isinstance(found, Result):
        return found
    alone = found.one_wave(title, "change")
    if alone is not None:
        return alone
    rows: list[dict[str, Any]] = []
    sentences = []
    for before, after in zip(found.waves, found.waves[1:], strict=False):
        change = compare_waves(before.graph, after.graph)
        home = {**_homes(before.graph), **_homes(after.graph)}
        across = [
            home.get(ego) is not None and home.get(alter) is not None and home[ego] != home[alter]
            for ego, alter in zip(change.ties["ego"], change.ties["alter"], strict=True)
        ]
        crossing = change.ties[np.array(across, dtype=bool)]["change"].value_counts()
        rows.append(
            {
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
        )
        sentences.append(_moved_sentence(rows[-1]))
    caveats = list(found.caveats)
    not_known = sum(row["not_known"] for row in rows)
    if not_known:
        caveats.append(
            f"{count_of(not_known, 'tie')} cannot be called gained or lost: whoever would have reported "
            f"{'it' if not_known == 1 else 'them'} did not answer, or was not asked, in one of the waves."
        )
    return found.result(
        f"{title}: {found.name}",
        " ".join(sentences),
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
        caveats=tuple(caveats),
        method="Counted over people rostered in both waves; ties of joiners and leavers apart. Stability: Jaccard = "
        "kept / (kept + gained + lost); below 0.3 waves are too far apart to speak of one network changing (Snijders, "
        "van de Bunt & Steglich 2010, Social Networks 32:44-60).",
    )


def _instead(study: Study) -> str:
    """Say at the top of a page without ties what it can show all the same."""
    if study.attendance is None:
        return ""
    if study.attendance["person"].notna().any():
        return " What attendance tells of who could have met whom stands at the end of this page."
    if "organisation" in study.attendance.columns and study.attendance["organisation"].notna().any():
        return (
            " Attendance holds head counts by organisation: which organisations, and which sectors, were at the same "
            "sessions stands at the end of this page; who met whom is not known."
        )
    return (
        " Attendance holds head counts without names or organisations, so this page can show how many came to each "
        "session (at its end), and neither people, organisations nor sectors: it takes ties.csv, or the organisation "
        "of those who came, to show more."
    )


# --- sentences -----------------------------------------------------------------------------------------------------


def _moved_sentence(row: dict[str, Any]) -> str:
    who = f"among the {count_of(row['stayers'], 'person', 'people')} of both waves"
    moved = row["kept"] + row["gained"] + row["lost"]
    if not moved:
        return f"{row['from_wave']} to {row['to_wave']}: there is no tie to compare {who}."
    return (
        f"{row['from_wave']} to {row['to_wave']}: {who}, {count_of(row['kept'], 'tie')} "
        f"{'was' if row['kept'] == 1 else 'were'} kept, {row['gained']} gained ({row['gained_across']} of them across "
        f"organisations) and {row['lost']} lost ({row['lost_across']} across)."
    )


def against_chance(index: EIIndex, level: LevelNetworks) -> str:
    """Say in a sentence how a share across compares with people placed at random."""
    if index.sd == 0:
        return f"Against chance: with these {level.plural} no other share is possible."
    return against_random(index.share, index.expected_share, index.p_value, level.plural)


def signed(value: float) -> str:
    """Write an index with two decimals and a minus sign that is one.

    Examples
    --------
    >>> signed(-0.593), signed(0.635)
    ('−0.59', '0.64')
    """
    return f"{value:.2f}".replace("-", "−")


def interval(limits: tuple[float, float]) -> str:
    """Write an interval of a share.

    Examples
    --------
    >>> interval((0.264, 0.527))
    '95% interval 26% to 53%'
    """
    return f"95% interval {format_share(limits[0])} to {format_share(limits[1])}"


def change_between(level: LevelNetworks, first: LevelWave, last: LevelWave, seed: int) -> CrossChange:
    """Answer whether connection across changed from one wave to another, in the same way on every part of a page."""
    held = _CHANGES.setdefault(first.placed, {})
    key = (level.by, first.label, last.label, seed)
    if key not in held:
        held[key] = cross_change(
            first.placed, last.placed, level.by, labels=(first.label, last.label), replications=REPLICATIONS,
            seed=generator(seed, 9),
        )  # fmt: skip
    return held[key]


def across_changed(level: LevelNetworks) -> str:
    """Give the key of the question whether connection across changed."""
    return f"network:{level.found.relation}:across-changed" + ("" if level.by == ATTRIBUTE else f":{level.by}")


def _headline_uncertainty(waves: tuple[LevelWave, ...], spread: ShareIntervals) -> str:
    text = interval(spread.intervals[-1])
    if len(waves) < 2:
        return f"{text}; one wave, so no change"
    low, high = spread.change_interval
    change = f"change from {times_of_asking([waves[0].label])[0]} {points(spread.change)} percentage points"
    return f"{text}; {change}, 95% interval {points(low)} to {points(high)}"


def _uncertainty_caveats(waves: tuple[LevelWave, ...]) -> list[str]:
    fewest = min(wave.placed.number_of_nodes() for wave in waves)
    if fewest >= _FEW_PEOPLE:
        return []
    return [f"With {count_of(fewest, 'person', 'people')} in a wave, intervals are rough."]


def _range_of_change(bounds: list[ShareBounds]) -> tuple[float, float]:
    return bounds[-1].low - bounds[0].high, bounds[-1].high - bounds[0].low


def _non_response_caveats(waves: tuple[LevelWave, ...], bounds: list[ShareBounds]) -> list[str]:
    if not any(bound.silent for bound in bounds):
        return []
    last = bounds[-1]
    caveats = []
    if last.silent:
        caveats.append(
            f"{waves[-1].label}: had all of them answered, the share could lie between {format_share(last.low)} and "
            f"{format_share(last.high)} (the ties of {who_said_nothing(waves[-1].placed)} all within or all across, as "
            f"many as others' on average); at the very worst between {format_share(last.lowest)} and "
            f"{format_share(last.highest)}."
        )
    if len(bounds) > 1:
        change = last.share - bounds[0].share
        least, most = _range_of_change(bounds)
        if change and (least <= 0 if change > 0 else most >= 0):
            caveats.append(
                "Unreported ties alone could account for the change of the share: with everyone's answer it could lie "
                f"between {points(least)} and {points(most)} percentage points."
            )
        elif change:
            caveats.append(
                "The direction in which the share moved holds under these assumptions: it would have changed by "
                f"between {points(least)} and {points(most)} percentage points. At the very worst the ties nobody "
                f"reported could make it anything between {points(last.lowest - bounds[0].highest)} and "
                f"{points(last.highest - bounds[0].lowest)}."
            )
    return caveats


# --- small steps ---------------------------------------------------------------------------------------------------


def _index(wave: LevelWave, by: str, permutations: int, seed: int, number: int) -> EIIndex:
    drawn = affordable(permutations, wave.ties)
    held = _INDICES.setdefault(wave.placed, {})
    key = (by, drawn, seed, number)
    if key not in held:
        held[key] = ei_index(wave.placed, by, drawn, generator(seed, number))
    return held[key]


def _answered(wave: LevelWave) -> int | None:
    answers = [data.get("answered") for _, data in wave.placed.nodes(data=True) if data.get("answered") is not None]
    return sum(answers) if answers else None


def _density(graph: nx.Graph) -> float:
    people = graph.number_of_nodes()
    possible = people * (people - 1) / (1 if graph.is_directed() else 2)
    return graph.number_of_edges() / possible if possible else float("nan")


def _homes(graph: nx.Graph) -> dict[object, object]:
    return {person: data.get(ATTRIBUTE) for person, data in graph.nodes(data=True)}
