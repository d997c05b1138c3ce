"""Ties: how far they cross organisations, and whether that moved from the first wave to the last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING

from cop_analysis.results import (
    Verdict,
    format_p,
    format_share,
    in_points,
    interval_in_words,
    with_minus,
    with_sign,
)
from cop_analysis.synthesis.measures import Figures, Finding, Strand

if TYPE_CHECKING:
    import pandas as pd

    from cop_analysis.network import CrossChange
    from cop_analysis.network.methods.networks import WaveNetwork
    from cop_analysis.realist import Measure


@dataclass(frozen=True)
class _Scale:
    """One way to give how far ties cross: a name, what it makes of a share, and how values and changes are written.

    A further measure of ties is one more of these.
    """

    name: str
    of_share: Callable[[float], float]
    of_change: Callable[[float], float]
    write: Callable[[float], str]
    write_change: Callable[[float], str]
    unit: str = ""


_SCALES = {
    "cross_organisation_share": _Scale(
        "cross-organisation share",
        of_share=lambda share: share,
        of_change=lambda change: change,
        write=format_share,
        write_change=in_points,
        unit=" percentage points",
    ),
    "ei_index": _Scale(
        "E-I index",
        of_share=lambda share: 2 * share - 1,
        of_change=lambda change: 2 * change,
        write=with_minus,
        write_change=with_sign,
    ),
}
"""By the ``measure`` of a network measure in coding.json."""


def ties_crossed(figures: Figures, measure: Measure) -> Finding:
    """Give how far ties of a relation cross organisations, by wave, and what became of that."""
    from cop_analysis.network import waves

    study, relation = figures.study, measure.relation or ""
    if study.ties is None:
        return Finding("This study has no ties table (ties.csv).")
    if relation not in {one.key for one in study.config.relations} | set(study.ties["relation"].dropna()):
        return Finding(f"The study has no relation {measure.relation!r}.")
    opened = figures.once(
        ("ties", relation), lambda: waves(study, relation, permutations=figures.permutations, seed=figures.seed)
    )
    shown = opened.summary()
    if shown.table.empty:
        return Finding(shown.sentence)
    scale = _SCALES[measure.measure or "cross_organisation_share"]
    moved, verdict = opened.moved, opened.verdict_on_change()
    if moved is None or verdict is None:
        return _one_wave(opened.networks.with_ties, shown.table, scale)
    return _over_time(opened.networks.with_ties, shown.table, scale, moved, verdict)


def _by_wave(waves: Sequence[WaveNetwork], table: pd.DataFrame, scale: _Scale) -> str:
    """Say how far ties cross at each wave."""
    parts = []
    for wave, share, low, high in zip(
        waves, table["cross_share"], table["interval_low"], table["interval_high"], strict=True
    ):
        ends = scale.of_share(low), scale.of_share(high)
        limits = "" if isnan(low) else f", {interval_in_words(*ends, scale.write)}"
        value = scale.write(scale.of_share(share))
        parts.append(f"{value} ({wave.label}; {wave.crossing} of {wave.ties} ties{limits})")
    return f"{scale.name[0].upper()}{scale.name[1:]}: {'; '.join(parts)}."


def _by_chance(table: pd.DataFrame, scale: _Scale) -> str:
    last = table.iloc[-1]
    expected = scale.write(scale.of_share(float(last["expected_share"])))
    return f"Placed at random it would be {expected} ({format_p(float(last['p_value']))})."


def _people(waves: Sequence[WaveNetwork]) -> int:
    return max(wave.placed.number_of_nodes() for wave in waves)


def _one_wave(waves: Sequence[WaveNetwork], table: pd.DataFrame, scale: _Scale) -> Finding:
    columns = ("cross_share", "interval_low", "interval_high")
    estimate, low, high = (scale.of_share(float(table[column].iloc[-1])) for column in columns)
    shows = f"{_by_wave(waves, table, scale)} One wave shows no change. {_by_chance(table, scale)}"
    return Finding(shows, "unclear", scale.name, estimate, low, high, _people(waves))


def _over_time(
    waves: Sequence[WaveNetwork], table: pd.DataFrame, scale: _Scale, across: CrossChange, verdict: Verdict
) -> Finding:
    """Put the change into words; the share cannot see growth, so what became of the ties themselves stands beside."""
    spread = across.spread
    low, high = (scale.of_change(limit) for limit in spread.change_interval)
    change = scale.of_change(spread.change)
    moved = f"{scale.write_change(change)}{scale.unit}"
    limits = "no interval can be given" if isnan(low) else interval_in_words(low, high, scale.write_change)
    silence = ""
    if not across.by_share and (low > 0 or high < 0):
        silence = " What people who did not answer could have said would turn that, so its direction is left open."
    ties = across.statement("organisations")
    if across.crossing is not None:
        before, after = across.crossing.ties
        ties += f" Among {across.crossing.who} there were {before:,} such ties, then {after:,}."
    start, end = (scale.write(scale.of_share(float(table["cross_share"].iloc[at]))) for at in (0, -1))
    then = f"{scale.name} {start} ({waves[0].label}), then {end} ({waves[-1].label})"
    # People who did not answer may move it as far as this.
    least, most = (scale.of_change(limit) for limit in across.share_range)
    return Finding(
        f"{_by_wave(waves, table, scale)} Change {moved} ({limits}).{silence} {ties} {_by_chance(table, scale)}",
        {1: "higher", -1: "lower", 0: "unclear"}[across.by_share],
        f"change in {scale.name}",
        change,
        low,
        high,
        _people(waves),
        brief=f"{then}: change {moved}, {limits}.{silence} {ties}",
        judged=None if isnan(low) else (min(low, least), max(high, most), 0.0),
        answers=(verdict,),
    )


STRAND = Strand(
    key="ties",
    title="Ties",
    place=2,
    files=("ties", "rosters", "people"),
    kinds={"network": ties_crossed},
)
