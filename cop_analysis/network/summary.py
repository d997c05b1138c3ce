"""What a page says of connection across organisations: headline, mixing by wave and change; no drawing here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cop_analysis.network.mixing import EIIndex, ei_index
from cop_analysis.network.non_response import ShareBounds, share_bounds
from cop_analysis.network.share_intervals import ShareIntervals, cross_share_intervals
from cop_analysis.network.study_networks import (
    ATTRIBUTE,
    WaveNetwork,
    networks_of,
    no_ties_placed,
    plural,
)
from cop_analysis.network.waves import compare_waves
from cop_analysis.results import Headline, Result, format_p, format_share

if TYPE_CHECKING:
    import networkx as nx

    from cop_analysis.study import Study

_FEW_PEOPLE = 15
_NULL_METHOD = (
    "E-I index (Krackhardt & Stern 1988, Social Psychology Quarterly 51:123-140): (ties across - ties within) / all "
    "ties, so E-I = 2 x cross-organisation share - 1. Expected value and standard deviation are exact for "
    "organisations dealt out to people at random; p is two-sided from {permutations:,} random arrangements, "
    "(k + 1) / (R + 1)."
)
_INTERVAL_METHOD = (
    "Intervals: 95%, allowing any two ties with a person in common to depend on each other (dyadic cluster-robust "
    "variance, Fafchamps & Gubert 2007; Aronow, Samii & Assenova 2015), by Wilson's formula with the effective number "
    "of ties; the change joins both waves by Newcombe's method (1998) with their correlation over the same people."
)


def summary(study: Study, relation: str | None = None, permutations: int = 4999, seed: int = 2024) -> Result:
    """Answer whether people are connected across organisations, and whether that changed.

    Parameters
    ----------
    study : Study
    relation : str, optional
        Without it the first relation of ``study.toml`` that the ties hold.
    permutations : int
        For the comparison with chance.
    seed : int

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
        If the study has no such relation or `permutations` is below 1.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))
    >>> summary(study).sentence
    'This study has no ties table (ties.csv), so connection across organisations cannot be shown.'
    """
    title = "Connection across organisations"
    found = networks_of(study, relation, "network-summary", title, "connection across organisations")
    if isinstance(found, Result):
        return found
    key = f"network-summary-{found.slug}"
    waves = [wave for wave in found.waves if wave.ties]
    if not waves:
        return no_ties_placed(found, key, title)
    indices = [_index(wave, permutations, seed, number) for number, wave in enumerate(waves)]
    spread = cross_share_intervals([wave.placed for wave in waves], ATTRIBUTE)
    bounds = [share_bounds(wave.placed, ATTRIBUTE) for wave in waves]
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
    return Result(
        key=key,
        title=f"{title}: {found.name} ties by wave",
        sentence=" ".join(
            [
                f"At {last.label}, {format_share(index.share)} of {found.name} ties ({int(index.external)} of "
                f"{index.ties}) joined people of different organisations; {_against_chance(index)}.",
                *([_change_sentence(waves, spread)] if len(waves) > 1 else []),
            ]
        ),
        table=table,
        labels={
            "interval_low": "95% interval, low",
            "interval_high": "95% interval, high",
            "expected_share": "share if placed at random",
            "share_low": "share, silent all within",
            "share_high": "share, silent all across",
        },
        caveats=(*found.caveats, *_uncertainty_caveats(waves), *_non_response_caveats(waves, bounds)),
        headline=Headline(
            label=f"of {found.name} ties joined different organisations at {last.label}",
            value=format_share(index.share),
            uncertainty=_headline_uncertainty(waves, spread),
        ),
        method=" ".join(
            [
                _NULL_METHOD.format(permutations=permutations),
                _INTERVAL_METHOD,
                f"Seed {seed}.",
            ]
        ),
        sources=found.sources,
    )


def mixing_table(study: Study, relation: str | None = None, permutations: int = 4999, seed: int = 2024) -> Result:
    """Answer, wave by wave, how ties within and across organisations compare with chance.

    Parameters
    ----------
    study, relation, permutations, seed
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
    title = "Ties within and across organisations"
    found = networks_of(study, relation, "network-mixing", title, "ties within and across organisations")
    if isinstance(found, Result):
        return found
    key = f"network-mixing-{found.slug}"
    if not any(wave.ties for wave in found.waves):
        return no_ties_placed(found, key, title)
    rows, sentences, number = [], [], 0
    for wave in found.waves:
        if not wave.ties:
            sentences.append(f"{wave.label}: no tie between two people who have an organisation.")
            continue
        index = _index(wave, permutations, seed, number)
        number += 1
        rows.append(
            {
                "wave": wave.label,
                "people": index.people,
                "ties": index.ties,
                "density": _density(wave.placed),
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
        sentences.append(
            f"{wave.label}: E-I {index.estimate:.2f} where chance gives {index.expected:.2f} "
            f"({format_p(index.p_value)})."
        )
    return Result(
        key=key,
        title=f"{title}: {found.name} by wave",
        sentence=" ".join(sentences),
        table=pd.DataFrame(rows),
        labels={"ei": "E-I", "expected": "E-I expected", "sd": "sd of E-I", "rescaled": "E-I rescaled"},
        caveats=found.caveats,
        method=_NULL_METHOD.format(permutations=permutations) + f" Seed {seed}. Rescaled: -1 and 1 are the lowest and "
        "highest values that group sizes and the number of ties allow.",
        sources=found.sources,
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
    key = f"network-change-{found.slug}"
    if len(found.waves) < 2:
        return Result(
            key=key,
            title=title,
            sentence=f"There is one wave of {found.name} ties ({found.waves[0].label}), so no change can be shown.",
            caveats=found.caveats,
            sources=found.sources,
        )
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
        row = rows[-1]
        sentences.append(
            f"From {before.label} to {after.label}: {change.sentence} {row['gained_across']} of the ties gained and "
            f"{row['lost_across']} of those lost cross organisations."
        )
    caveats = list(found.caveats)
    not_known = sum(row["not_known"] for row in rows)
    if not_known:
        caveats.append(
            f"{plural(not_known, 'tie')} cannot be called gained or lost: whoever would have reported "
            f"{'it' if not_known == 1 else 'them'} did not answer in one of the waves."
        )
    return Result(
        key=key,
        title=f"{title}: {found.name}",
        sentence=" ".join(sentences),
        table=pd.DataFrame(rows),
        labels={
            "gained_across": "gained, across organisations",
            "lost_across": "lost, across organisations",
            "joiners_ties": "ties of joiners",
            "leavers_ties": "ties of leavers",
            "outside_ties": "ties with people off the roster",
            "jaccard": "Jaccard",
        },
        caveats=tuple(caveats),
        method="Counted over people rostered in both waves; ties of joiners and leavers apart. Jaccard = kept / (kept "
        "+ gained + lost); below 0.3 waves are too far apart to speak of one network changing (Snijders, van de Bunt & "
        "Steglich 2010, Social Networks 32:44-60).",
        sources=found.sources,
    )


# --- sentences -----------------------------------------------------------------------------------------------------


def _against_chance(index: EIIndex) -> str:
    if index.sd == 0:
        return "with these organisations no other share is possible"
    expected = f"{format_share(index.expected_share)} would if people were placed in organisations at random"
    if index.p_value >= 0.05:
        return f"{expected}, which is not clearly different ({format_p(index.p_value)})"
    side = "fewer" if index.share < index.expected_share else "more"
    return f"{expected}, so {side} than chance ({format_p(index.p_value)})"


def _points(share: float) -> str:
    points = round(100 * share)
    return f"{'+' if points > 0 else '−' if points < 0 else ''}{abs(points)}"


def _change_sentence(waves: list[WaveNetwork], spread: ShareIntervals) -> str:
    low, high = spread.change_interval
    change = f"{_points(spread.change)} percentage points since {waves[0].label} ({format_share(spread.shares[0])})"
    interval = f"95% interval {_points(low)} to {_points(high)}"
    if low > 0:
        return f"The share rose: {change}, {interval}."
    if high < 0:
        return f"The share fell: {change}, {interval}."
    return f"No clear change: {change}, {interval}."


def _headline_uncertainty(waves: list[WaveNetwork], spread: ShareIntervals) -> str:
    low, high = spread.intervals[-1]
    text = f"95% interval {format_share(low)} to {format_share(high)}"
    if len(waves) < 2:
        return f"{text}; one wave, so no change"
    low, high = spread.change_interval
    change = f"change since {waves[0].label} {_points(spread.change)} percentage points"
    return f"{text}; {change}, 95% interval {_points(low)} to {_points(high)}"


def _uncertainty_caveats(waves: list[WaveNetwork]) -> list[str]:
    fewest = min(wave.placed.number_of_nodes() for wave in waves)
    if fewest >= _FEW_PEOPLE:
        return []
    return [f"With {plural(fewest, 'person', 'people')} in a wave, intervals are rough."]


def _non_response_caveats(waves: list[WaveNetwork], bounds: list[ShareBounds]) -> list[str]:
    if not any(bound.silent for bound in bounds):
        return []
    last = bounds[-1]
    caveats = []
    if last.silent:
        caveats.append(
            f"Had everybody answered at {waves[-1].label}, the share could lie between {format_share(last.low)} and "
            f"{format_share(last.high)} (their ties all within or all across, as many as others' on average); "
            f"at the very worst between {format_share(last.lowest)} and {format_share(last.highest)}."
        )
    if len(bounds) > 1:
        first = bounds[0]
        change = last.share - first.share
        least, most = last.low - first.high, last.high - first.low
        if change and (least <= 0 if change > 0 else most >= 0):
            caveats.append(
                "Non-response alone could account for the change: with everybody's answer it could lie between "
                f"{_points(least)} and {_points(most)} percentage points."
            )
        elif change:
            caveats.append(
                f"The direction of the change holds under these assumptions: it would lie between {_points(least)} and "
                f"{_points(most)} percentage points."
            )
    return caveats


# --- small steps ---------------------------------------------------------------------------------------------------


def _index(wave: WaveNetwork, permutations: int, seed: int, number: int) -> EIIndex:
    return ei_index(wave.placed, ATTRIBUTE, permutations, np.random.default_rng([seed, number]))


def _answered(wave: WaveNetwork) -> int | None:
    answers = [data.get("answered") for _, data in wave.placed.nodes(data=True) if data.get("answered") is not None]
    return sum(answers) if answers else None


def _density(graph: nx.Graph) -> float:
    people = graph.number_of_nodes()
    possible = people * (people - 1) / (1 if graph.is_directed() else 2)
    return graph.number_of_edges() / possible if possible else float("nan")


def _homes(graph: nx.Graph) -> dict[object, object]:
    return {person: data.get(ATTRIBUTE) for person, data in graph.nodes(data=True)}
