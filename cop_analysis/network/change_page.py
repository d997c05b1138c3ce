"""Whether a study's network changed between waves, beyond chance, and for whom, as its page says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.network.levels import networks_at
from cop_analysis.network.methods.chance import affordable, two_questions
from cop_analysis.network.methods.change_tests import DensityChange, density_change, ei_change, tenths
from cop_analysis.network.methods.wave_changes import cross_tie_gains, gain_sentence
from cop_analysis.network.naming import of_named
from cop_analysis.network.summary import across_changed, change_between
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
    """Answer whether ties across, density and the E-I index changed between waves by more than chance.

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
        One row a pair of waves and measure (density of ties across, of all ties, E-I): ``from_wave, to_wave,
        measure, before, after, change, se, interval_low, interval_high, p_value, resamples, people``.

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
    rows, sentences, verdicts = [], [], []
    for number, (before, after) in enumerate(zip(level.waves, level.waves[1:], strict=False)):
        pair = (before.label, after.label)
        if before.ties and after.ties:
            crossed = change_between(level, before, after, seed)
            sentences.append(f"{before.label} to {after.label}: {crossed.sentence(level.plural)}")
            if len(level.waves) == 2:
                verdicts.append(crossed.verdict(across_changed(level)))
            if crossed.crossing is not None:
                rows.append(_row(pair, f"density of ties across {level.plural}", crossed.crossing))
        try:
            density = density_change(
                before.graph,
                after.graph,
                affordable(replications, before.ties + after.ties),
                generator(seed, number, 1),
            )
            rows.append(_row(pair, "density of all ties", density))
            sentences.append(_density_sentence(density, "" if sentences else f"{before.label} to {after.label}: "))
            moved = ei_change(before.placed, after.placed, by, affordable(permutations, before.ties + after.ties),
                              generator(seed, number, 2))  # fmt: skip
        except ValueError as reason:
            sentences.append(f"{before.label} to {after.label}: {reason}")
            continue
        rows.append(
            {
                "from_wave": before.label,
                "to_wave": after.label,
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
        sentences.append(moved.sentence.replace("from -", "from −").replace(" to -", " to −"))
    return level.result(
        f"{title}: {level.found.name}",
        " ".join(sentences),
        table=pd.DataFrame(rows),
        labels={"se": "standard error (E-I: by chance)", "interval_low": "95% interval, low",
                "interval_high": "95% interval, high"},
        caveats=(
            *level.caveats,
            "Compared are people who answered in both waves: what somebody named who did not answer is not "
            "known, which "
            "is not the same as naming nobody. A change is not an effect: there is no comparison group.",
            two_questions(level.plural),
        ),
        quantities=level.found.quantities,
        verdicts=tuple(verdicts),
        method="Density: paired vertex bootstrap (Snijders & Borgatti 1999, Connections 22:161-170), p from the normal "
        "distribution; of ties across, over the pairs of people of different "
        f"{level.plural}. E-I: the same labels dealt out to the people at random in both waves, p two-sided, (k + 1) / "
        f"(R + 1). Seed {seed}.",
    )  # fmt: skip


def _row(pair: tuple[str, str], measure: str, found: DensityChange) -> dict[str, object]:
    return {
        "from_wave": pair[0],
        "to_wave": pair[1],
        "measure": measure,
        "before": found.first,
        "after": found.second,
        "change": found.change,
        "se": found.se,
        "interval_low": found.interval[0],
        "interval_high": found.interval[1],
        "p_value": found.p_value,
        "resamples": found.replications,
        "people": found.people,
    }


def _density_sentence(density: DensityChange, lead: str) -> str:
    low, high = density.interval
    moved = (
        "more ties of any kind:"
        if low > 0
        else "fewer ties of any kind:"
        if high < 0
        else "whether there are more ties of any kind or fewer, the data cannot tell:"
    )
    first, second = (format_share(share, 1 if share >= 0.01 else 2) for share in (density.first, density.second))
    text = (
        f"among the {density.people:,} {density.who}, {moved} {first} of possible "
        f"ties, then {second} (change {tenths(density.change)} percentage points, 95% interval {tenths(low)} to "
        f"{tenths(high)})."
    )
    return lead + text if lead else text[0].upper() + text[1:]


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
        gained, lost, not_known, groups_before, groups_after, answered_both``.

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
    not_known = int((gains["not_known"] > 0).sum())
    unsure = (
        f" For {count_of(not_known, 'person', 'people')} at least one contact cannot be called gained or lost, because "
        "somebody who could have reported it did not answer in one of the waves."
        if not_known
        else ""
    )
    return level.result(
        f"{title}: {level.found.name}, {first.label} to {last.label}",
        gain_sentence(gains).replace("another group", f"another {by}") + unsure,
        table=table,
        labels={
            "not_known": "contacts of whom neither is known",
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
