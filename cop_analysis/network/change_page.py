"""Whether a study's network changed between waves, beyond chance, and for whom, as its page says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.network.levels import networks_at
from cop_analysis.network.naming import of_named
from cop_analysis.network.wave_tests import DensityChange, cross_tie_gains, density_change, ei_change, gain_sentence
from cop_analysis.resampling import generator
from cop_analysis.results import Result, count_of, format_share

if TYPE_CHECKING:
    from cop_analysis.study import Study


def change_tested(
    study: Study,
    relation: str | None = None,
    *,
    by: str = "organisation",
    replications: int = 5000,
    permutations: int = 4999,
    seed: int = 2024,
) -> Result:
    """Answer whether density and the E-I index changed between waves by more than chance.

    Parameters
    ----------
    study : Study
    relation : str, optional
    by : {"organisation", "sector"}
        What the E-I index is of.
    replications : int
        Of the bootstrap of the density.
    permutations : int
        Of the labels, for the E-I index.
    seed : int

    Returns
    -------
    Result
        One row a pair of waves and measure (density, E-I): ``from_wave, to_wave, measure, before, after, change, se,
        interval_low, interval_high, p_value, resamples, people``.

    Raises
    ------
    ValueError
        If the study has no such relation or `by` is not a level.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> change_tested(SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))).table.empty
    True
    """
    title = "Change between waves against chance"
    level = networks_at(study, relation, by, "network-change-tested", title, "a change between waves")
    if isinstance(level, Result):
        return level
    alone = level.one_wave(title, "change")
    if alone is not None:
        return alone
    rows, sentences = [], []
    for number, (before, after) in enumerate(zip(level.waves, level.waves[1:], strict=False)):
        labels = {"from_wave": before.label, "to_wave": after.label}
        try:
            density = density_change(before.graph, after.graph, replications, generator(seed, number, 1))
            rows.append(
                {
                    **labels,
                    "measure": "density",
                    "before": density.first,
                    "after": density.second,
                    "change": density.change,
                    "se": density.se,
                    "interval_low": density.interval[0],
                    "interval_high": density.interval[1],
                    "p_value": density.p_value,
                    "resamples": density.replications,
                    "people": density.people,
                }
            )
            sentences.append(f"{before.label} to {after.label}: {_density_sentence(density)}")
            moved = ei_change(before.placed, after.placed, by, permutations, generator(seed, number, 2))
        except ValueError as reason:
            sentences.append(f"{before.label} to {after.label}: {reason}")
            continue
        rows.append(
            {
                **labels,
                "measure": f"E-I by {by}",
                "before": moved.first,
                "after": moved.second,
                "change": moved.change,
                "se": moved.sd,
                "interval_low": float("nan"),
                "interval_high": float("nan"),
                "p_value": moved.p_value,
                "resamples": moved.permutations,
                "people": moved.people,
            }
        )
        sentences.append(moved.sentence.replace(": -", ": −").replace(" to -", " to −"))
    return level.result(
        f"{title}: {level.found.name}",
        " ".join(sentences),
        table=pd.DataFrame(rows),
        labels={"se": "standard error (E-I: by chance)", "interval_low": "95% interval, low",
                "interval_high": "95% interval, high"},
        caveats=(
            *level.caveats,
            "Compared are people rostered in both waves; somebody who did not answer counts as naming nobody. A change "
            "is not an effect: there is no comparison group.",
        ),
        method="Density: paired vertex bootstrap (Snijders & Borgatti 1999, Connections 22:161-170), p from the normal "
        f"distribution. E-I: the same labels dealt out to the people at random in both waves, p two-sided, (k + 1) / "
        f"(R + 1). Seed {seed}.",
    )  # fmt: skip


def _density_sentence(density: DensityChange) -> str:
    low, high = density.interval
    moved = "rose" if low > 0 else "fell" if high < 0 else "did not clearly change"
    change, least, most = (f"{100 * value:+.1f}".replace("-", "−") for value in (density.change, low, high))
    return (
        f"among the {count_of(density.people, 'person', 'people')} of both waves, density {moved}: from "
        f"{format_share(density.first, 1)} of possible ties to {format_share(density.second, 1)}, {change} percentage "
        f"points (95% interval {least} to {most})."
    )


def who_gained(study: Study, relation: str | None = None, *, by: str = "organisation") -> Result:
    """Answer who gained contacts in other organisations between the first and the last wave.

    Parameters
    ----------
    study : Study
    relation : str, optional
    by : {"organisation", "sector"}

    Returns
    -------
    Result
        One row a person of both waves, most gained first: ``person``, the label, ``role, across_before, across_after,
        gained, lost, groups_before, groups_after, answered_both``.

    Raises
    ------
    ValueError
        If the study has no such relation or `by` is not a level.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> who_gained(SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))).table.empty
    True
    """
    title = f"Who gained contacts in other {'organisations' if by == 'organisation' else 'sectors'}"
    level = networks_at(study, relation, by, "network-gains", title, "who gained contacts", individual=True)
    if isinstance(level, Result):
        return level
    alone = level.one_wave(title, "gain")
    if alone is not None:
        return alone
    first, last = level.waves[0], level.waves[-1]
    gains = cross_tie_gains(first.graph, last.graph, by)
    table = gains.rename(columns={"group": by})
    table.insert(2, "role", [last.graph.nodes[person].get("role") for person in gains["person"]])
    table = of_named(table, level.found.unnamed)
    part = gains[gains["answered_both"].fillna(True)]
    answered = (
        f" Of those who answered both times, {int((part['gained'] > 0).sum())} of {len(part)} gained one."
        if len(part) < len(gains)
        else ""
    )
    return level.result(
        f"{title}: {level.found.name}, {first.label} to {last.label}",
        gain_sentence(gains).replace("another group", f"another {by}") + answered,
        table=table,
        labels={
            "across_before": f"contacts in other {level.plural}, {first.label}",
            "across_after": f"contacts in other {level.plural}, {last.label}",
            "groups_before": f"{level.plural} reached, {first.label}",
            "groups_after": f"{level.plural} reached, {last.label}",
        },
        caveats=(
            *level.caveats,
            "Where somebody did not answer both times, a contact may be missing rather than lost.",
        ),
        method="A contact is a person with a tie in either direction, in either wave, among people rostered in both.",
        show_table=len(table) <= 60,
    )
