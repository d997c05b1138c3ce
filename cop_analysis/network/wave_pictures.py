"""The change between waves as pictures: which ties were kept, lost and gained, and the share across over time.

What changed is counted by `waves` and `share_intervals`; here it is drawn and put into words.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.figures import BLUE, GREY, INK, PAPER, VERMILION, drawing, finish
from cop_analysis.network.ego_pictures import person_anchors
from cop_analysis.network.island_map import (
    EDGE,
    WIDTH,
    Canvas,
    Ground,
    Panels,
    absent_mark,
    numbers_sentence,
    organisations_legend,
    people_picture,
    person_mark,
    reading_lines,
    silent_sentences,
    text_line,
    tie_head,
    tie_line,
    tie_sentences,
)
from cop_analysis.network.levels import LevelNetworks, networks_at
from cop_analysis.network.marks import number
from cop_analysis.network.methods.graphs import NEVER_ASKED, NO, answer_of
from cop_analysis.network.methods.mixing import cross_share_intervals, expected_share
from cop_analysis.network.methods.wave_changes import WaveComparison, compare_waves
from cop_analysis.network.naming import of_named
from cop_analysis.network.study_networks import ATTRIBUTE, WaveNetwork, networks_of, no_ties_placed
from cop_analysis.results import Figure, Result, count_of, format_share

if TYPE_CHECKING:
    from cop_analysis.study import Study


@dataclass(frozen=True)
class _Line:
    """How ties of one fate are drawn; dashes tell them apart without colour."""

    colour: str
    width: float
    dashes: str
    words: str


_LINES = {
    "not known": _Line(GREY, 1.2, "1.5 3.5", "not known: who would say did not answer"),
    "kept": _Line(GREY, 1.1, "", "kept"),
    "leaver": _Line(INK, 1.4, "9 3 2 3", "of somebody who left"),
    "joiner": _Line(INK, 1.4, "9 3 2 3", "of somebody who joined"),
    "lost": _Line(VERMILION, 1.7, "6 4", "lost"),
    "gained": _Line(BLUE, 2.4, "", "gained"),
}
"""In the order in which they are drawn, the last on top."""

_INTERVAL_ONLY = (
    "An interval says how far the share of its wave could be off; it is no test against the share expected at random, "
    "which stands with its p further up and can lie inside an interval all the same."
)
_BEFORE, _AFTER = ("kept", "not known", "leaver", "lost"), ("kept", "not known", "joiner", "gained")


def wave_change_picture(study: Study, relation: str | None = None, *, linked: bool = False) -> Result:
    """Show which ties were kept, lost and gained from wave to wave, and who gained ties across organisations.

    Parameters
    ----------
    study : Study
    relation : str, optional
        Without it the first relation of ``study.toml`` that the ties hold.
    linked : bool
        Whether each mark leads to its person's fold of `ego_view`, which then stands on the same page.

    Returns
    -------
    Result
        One row a person and pair of successive waves, who gained most ties across first: ``from_wave, to_wave, person,
        organisation, kept, gained, lost, gained_across, lost_across`` over people rostered in both waves. With a
        figure up to 800 people, whose table has one row a tie.

    Raises
    ------
    ValueError
        If the study has no such relation.

    Notes
    -----
    Kept ties are thin, gained ones thick, lost ones dashed; colour only repeats what the line says. A tie can be called
    lost or gained only if whoever would report it answered in both waves; ties of joiners and leavers are drawn apart
    (see `compare_waves`).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> wave_change_picture(SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))).key
    'network-change-picture'
    """
    title = "Ties kept, lost and gained, drawn"
    found = networks_of(study, relation, "network-change-picture", title, "ties kept, lost and gained", individual=True)
    if isinstance(found, Result):
        return found
    alone = found.one_wave(title, "change")
    if alone is not None:
        return alone
    ground = Ground.of(found)
    if ground is None:
        return no_ties_placed(found, title)
    steps = [
        _Step(before, after, compare_waves(before.graph, after.graph))
        for before, after in zip(found.waves, found.waves[1:], strict=False)
    ]
    table = pd.concat([_by_person(ground, step) for step in steps], ignore_index=True)
    links = person_anchors(found) if linked else {}
    return found.result(
        f"{title}: {found.name}",
        " ".join(_step_sentence(ground, step) for step in steps),
        table=table,
        labels={
            "kept": "ties kept",
            "gained": "ties gained",
            "lost": "ties lost",
            "gained_across": "ties gained, across organisations",
            "lost_across": "ties lost, across organisations",
        },
        figure=None if ground.undrawn else _draw(found.key, ground, steps, links),
        caveats=(*found.caveats, *ground.undrawn),
        method="Counted over people rostered in both waves; a tie counts for both of its people, and one that "
        "only returns another is a new tie and no new contact. People keep their "
        "place; position and distance carry no meaning beyond the organisation.",
        show_table=len(table) <= 40,
    )


def cross_share_trajectory(study: Study, relation: str | None = None, *, by: str = ATTRIBUTE) -> Result:
    """Show the share of ties across organisations wave by wave, beside what chance would give.

    Parameters
    ----------
    study, relation
        As for `wave_change_picture`.
    by : {"organisation", "sector"}

    Returns
    -------
    Result
        One row a wave: ``wave, date, ties, cross_share, interval_low, interval_high, expected_share``.

    Raises
    ------
    ValueError
        If the study has no such relation.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> cross_share_trajectory(SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))).key
    'network-share-trajectory'
    """
    title = f"Ties across {by}s over time"
    level = networks_at(study, relation, by, "network-share-trajectory", title, f"ties across {by}s over time")
    if isinstance(level, Result):
        return level
    waves = level.with_ties
    spread = cross_share_intervals([wave.placed for wave in waves], by)
    dates = {wave.key: wave.date for wave in study.waves}
    table = pd.DataFrame(
        {
            "wave": [wave.label for wave in waves],
            "date": pd.Series([dates.get(wave.key) for wave in waves], dtype="datetime64[ns]"),
            "ties": [wave.ties for wave in waves],
            "cross_share": spread.shares,
            "interval_low": [low for low, _ in spread.intervals],
            "interval_high": [high for _, high in spread.intervals],
            "expected_share": [expected_share(wave.placed, by) for wave in waves],
        }
    )
    words = [
        f"{wave.label}: {format_share(share)} (95% interval {format_share(low)} to {format_share(high)}; "
        f"{format_share(expected)} expected by chance)"
        for wave, share, (low, high), expected in zip(
            waves, spread.shares, spread.intervals, table["expected_share"].tolist(), strict=True
        )
    ]
    sentence = f"Share of {level.found.name} ties across {level.plural}: {'; '.join(words)}."
    return level.result(
        f"{title}: {level.found.name}",
        sentence,
        table=table,
        labels={
            "cross_share": "share across",
            "interval_low": "95% interval, low",
            "interval_high": "95% interval, high",
            "expected_share": "share across if placed at random",
        },
        figure=_trajectory(level, table, sentence),
        caveats=(*level.caveats, _INTERVAL_ONLY),
        method="Intervals: 95%, dyadic cluster-robust (Aronow, Samii & Assenova 2015, Political Analysis 23:564-577), "
        f"by Wilson's formula with the effective number of ties. Expected: exact mean for {level.plural} dealt out to "
        "people at random (Krackhardt & Stern 1988, Social Psychology Quarterly 51:123-140).",
    )


# --- the pair of panels --------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Step:
    before: WaveNetwork
    after: WaveNetwork
    change: WaveComparison

    def counts(self) -> dict[str, int]:
        found = self.change.ties["change"].value_counts()
        return {name: int(found.get(name, 0)) for name in (*_LINES, "outside")}


def _by_person(ground: Ground, step: _Step) -> pd.DataFrame:
    counts = {
        person: dict.fromkeys(("kept", "gained", "lost", "gained_across", "lost_across"), 0)
        for person in step.change.stayers
    }
    for ego, alter, change in step.change.ties.itertuples(index=False, name=None):
        if change not in ("kept", "gained", "lost"):
            continue
        for person in (ego, alter):
            counts[person][change] += 1
            if change != "kept" and ground.crosses(ego, alter):
                counts[person][f"{change}_across"] += 1
    rows = [
        {
            "from_wave": step.before.label,
            "to_wave": step.after.label,
            "person": str(person),
            "organisation": str(ground.home[person]),
            **held,
        }
        for person, held in counts.items()
    ]
    columns = [
        "from_wave",
        "to_wave",
        "person",
        "organisation",
        "kept",
        "gained",
        "lost",
        "gained_across",
        "lost_across",
    ]
    table = of_named(pd.DataFrame(rows, columns=columns), ground.found.unnamed)
    return table.sort_values(
        ["gained_across", "gained", "person"], ascending=[False, False, True], kind="stable", ignore_index=True
    )


def _step_sentence(ground: Ground, step: _Step) -> str:
    ties = step.change.ties
    across = {
        name: sum(ground.crosses(ego, alter) for ego, alter in zip(part["ego"], part["alter"], strict=True))
        for name in ("gained", "lost")
        for part in (ties[ties["change"] == name],)
    }
    return (
        f"{step.before.label} to {step.after.label}: {count_of(step.change.kept, 'tie')} kept, "
        f"{step.change.lost:,} lost "
        f"({across['lost']:,} across organisations) and {step.change.gained:,} gained ({across['gained']:,} across)."
    )


def _draw(name: str, ground: Ground, steps: list[_Step], links: Mapping[Hashable, str]) -> Figure:
    panels = Panels.of(ground, 2)
    drawn: list[list[str]] = []
    rows: list[tuple[object, ...]] = []
    for step in steps:
        words = _words_by_person(ground, step)
        drawn.append(_panel(ground, panels, len(drawn), step, step.before, _BEFORE, words, links, focusable=False))
        drawn.append(_panel(ground, panels, len(drawn), step, step.after, _AFTER, words, links, focusable=True))
        rows += [
            (step.before.label, step.after.label, str(ego), str(alter), str(ground.home[ego]), str(ground.home[alter]),
             change)
            for ego, alter, change in step.change.ties.itertuples(index=False, name=None)
        ]  # fmt: skip
    columns = ["from_wave", "to_wave", "ego", "alter", "ego_organisation", "alter_organisation", "change"]
    return people_picture(
        name, f"{ground.found.name.capitalize()} ties kept, lost and gained", _in_words(ground, steps),
        pd.DataFrame(rows, columns=columns), panels, drawn,
        lambda top: _legend(ground, steps, panels.scale, top), leads_to="ego-view-",
    )  # fmt: skip


def _panel(
    ground: Ground,
    panels: Panels,
    place: int,
    step: _Step,
    wave: WaveNetwork,
    fates: tuple[str, ...],
    words: Mapping[Hashable, str],
    links: Mapping[Hashable, str],
    *,
    focusable: bool,
) -> list[str]:
    counts = step.counts()
    note = ", ".join(f"{counts[fate]} {fate}" for fate in ("kept", "lost" if "lost" in fates else "gained"))

    def mark(canvas: Canvas, person: Hashable) -> str:
        if person not in wave.graph:
            return absent_mark(canvas, person)
        return person_mark(
            ground, canvas, person, words[person],
            hollow=answer_of(wave.graph, person) in (NO, NEVER_ASKED),
            focusable=focusable,
            link=links.get(person, ""),
        )  # fmt: skip

    return panels.drawn(
        ground,
        place,
        (wave.label, f"{note} ties"),
        lambda canvas: _ties(ground, step, wave, fates, canvas),
        mark,
        role="group" if focusable else "img",
    )


def _ties(ground: Ground, step: _Step, wave: WaveNetwork, fates: tuple[str, ...], canvas: Canvas) -> list[str]:
    drawn: dict[str, tuple[list[str], list[str], list[str]]] = {fate: ([], [], []) for fate in fates}
    for ego, alter, change in step.change.ties.itertuples(index=False, name=None):
        if change not in drawn or (change == "not known" and not wave.graph.has_edge(ego, alter)):
            continue
        way, origin = tie_line(ground, canvas, ego, alter)
        drawn[change][1 if ground.crosses(ego, alter) else 0].append(way)
        if ground.has_arrows:
            drawn[change][2].append(tie_head(ground, canvas, alter, origin))
    faint = 0.55 if ground.is_crowded else 1.0
    parts = []
    for fate, line in _LINES.items():
        within, across, heads = drawn.get(fate, ([], [], []))
        quiet = _opacity(fate, ground.is_crowded)
        for paths, wide in ((within, 0.7), (across, 1.0)):
            if paths:
                dashes = f' stroke-dasharray="{line.dashes}"' if line.dashes else ""
                parts.append(
                    f'<path d="{"".join(paths)}" fill="none" stroke="{line.colour}" '
                    f'stroke-width="{number(max(0.6, line.width * wide * faint))}" stroke-opacity="{quiet}"{dashes}/>'
                )
        if heads:
            parts.append(f'<path d="{"".join(heads)}" fill="{line.colour}" fill-opacity="{quiet}"/>')
    return parts


def _opacity(fate: str, is_crowded: bool) -> float:
    if fate in ("kept", "not known"):
        return 0.22 if is_crowded else 0.6
    if not is_crowded:
        return 0.9
    return 0.45 if fate == "gained" else 0.75


def _words_by_person(ground: Ground, step: _Step) -> dict[Hashable, str]:
    counts: dict[Hashable, dict[str, int]] = {}
    for ego, alter, change in step.change.ties.itertuples(index=False, name=None):
        for person in (ego, alter):
            held = counts.setdefault(person, {})
            held[change] = held.get(change, 0) + 1
            if ground.crosses(ego, alter):
                held[f"{change} across"] = held.get(f"{change} across", 0) + 1
    words: dict[Hashable, str] = {}
    joined, left = set(step.change.joiners), set(step.change.leavers)
    for person, home in ground.home.items():
        held = counts.get(person, {})
        parts = [
            f"{held.get(fate, 0)} {fate} ({held.get(f'{fate} across', 0)} across organisations)"
            for fate in ("kept", "gained", "lost")
        ]
        extra = "; joined" if person in joined else "; left" if person in left else ""
        if person in ground.found.unnamed:
            words[person] = f"Somebody who did not consent, {ground.found.called(home)}."
            continue
        words[person] = (
            f"{person}, {ground.found.called(home)}. {step.before.label} to {step.after.label}: ties "
            f"{', '.join(parts[:2])} and {parts[2]}{extra}."
        )
    return words


def _legend(ground: Ground, steps: list[_Step], scale: float, top: float) -> tuple[list[str], float]:
    totals = {fate: sum(step.counts()[fate] for step in steps) for fate in _LINES}
    shown = [fate for fate in ("kept", "gained", "lost", "joiner", "leaver", "not known") if totals[fate]]
    parts, x, y = [], EDGE, top + 10
    for fate in shown:
        line = _LINES[fate]
        label = f"{line.words} ({totals[fate]})"
        needed = 52 + 7.2 * len(label)
        if x + needed > WIDTH:
            x, y = EDGE, y + 20
        dashes = f' stroke-dasharray="{line.dashes}"' if line.dashes else ""
        parts.append(
            f'<line x1="{number(x)}" y1="{number(y)}" x2="{number(x + 38)}" y2="{number(y)}" stroke="{line.colour}" '
            f'stroke-width="{number(line.width)}"{dashes}/>'
        )
        parts.append(text_line(x + 46, y + 4, label))
        x += needed + 16
    more, y = organisations_legend(ground, y + 14)
    reading = ["Wider lines join two organisations.", *tie_sentences(ground)]
    outside = sum(step.counts()["outside"] for step in steps)
    if outside:
        reading.append(f"Not drawn: {count_of(outside, 'tie')} with people off the roster.")
    reading += [*silent_sentences(ground), *numbers_sentence(ground, scale)]
    lines, end = reading_lines(reading, y)
    return [*parts, *more, *lines], end


def _in_words(ground: Ground, steps: list[_Step]) -> str:
    parts = ["People stand in islands, one for each organisation, in the same places before and after."]
    for step in steps:
        counts = step.counts()
        text = _step_sentence(ground, step)
        extra = [f"{counts[fate]} {_LINES[fate].words}" for fate in ("joiner", "leaver", "not known") if counts[fate]]
        if extra:
            text += f" Ties drawn apart: {', '.join(extra)}."
        table = _by_person(ground, step)
        top = table[table["gained_across"] > 0].head(3)
        if len(top):
            named = ", ".join(f"{row.person} {row.gained_across}" for row in top.itertuples())
            text += f" Most new ties across organisations: {named}."
        parts.append(text)
    return " ".join(parts)


# --- the share over time -------------------------------------------------------------------------------------------


def _trajectory(level: LevelNetworks, table: pd.DataFrame, alt: str) -> Figure:
    name, title = level.key, f"Share of {level.found.name} ties across {level.plural}, by wave"
    dated = bool(table["date"].notna().all()) and table["date"].is_unique
    places = (
        (table["date"] - table["date"].iloc[0]).dt.days.to_numpy(dtype=float)
        if dated
        else np.arange(len(table), dtype=float)
    )
    span = float(np.ptp(places)) or 1.0
    share = 100 * table["cross_share"].to_numpy(dtype=float)
    low, high = (100 * table[column].to_numpy(dtype=float) for column in ("interval_low", "interval_high"))
    expected = 100 * table["expected_share"].to_numpy(dtype=float)
    with drawing(7.2, 3.8) as canvas:
        axes = canvas.add_subplot()
        axes.vlines(places, low, high, color=BLUE, linewidth=2)
        axes.plot(places, share, color=BLUE, linewidth=2, marker="o", markersize=8, label="observed, with 95% interval")
        axes.plot(
            places, expected, color=GREY, linewidth=1.4, linestyle="--", marker="D", markersize=7,
            markerfacecolor=PAPER, label="if placed at random",
        )  # fmt: skip
        for n, (place, value) in enumerate(zip(places, share, strict=True)):
            # Beside its point, and away from the line to the next one.
            side = 9 if n == len(share) - 1 else -9
            axes.annotate(
                f"{value:.0f}%", (place, value), xytext=(side, 0), textcoords="offset points", va="center",
                ha="left" if side > 0 else "right", weight="bold",
            )  # fmt: skip
        counts = [
            f"{wave}\n{count_of(int(ties), 'tie')}" for wave, ties in zip(table["wave"], table["ties"], strict=True)
        ]
        axes.set_xticks(places, counts)
        axes.set_xlim(places.min() - 0.2 * span, places.max() + 0.25 * span)
        axes.set_ylim(0, min(105.0, 5 * math.ceil(max(high.max(), np.nanmax(expected)) / 5 + 1.5)))
        axes.set_ylabel(f"% of ties across {level.plural}")
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
        return finish(canvas, name=name, title=title, alt=alt, table=table)
