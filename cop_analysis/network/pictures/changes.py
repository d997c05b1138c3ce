"""The change between waves as pictures: which ties were kept, lost and gained, and the share across over time."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cop_analysis.figures import BLUE, GREY, INK, PAPER, VERMILION, drawing, finish
from cop_analysis.network.methods.graphs import NEVER_ASKED, NO
from cop_analysis.network.methods.networks import RelationNetworks, WaveNetwork
from cop_analysis.network.methods.wave_changes import WaveComparison
from cop_analysis.network.pictures.islands import (
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
from cop_analysis.network.pictures.shapes import number
from cop_analysis.results import Figure, count_of


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

_BEFORE, _AFTER = ("kept", "not known", "leaver", "lost"), ("kept", "not known", "joiner", "gained")


# --- the pair of panels --------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Step:
    """Two successive waves and what became of the ties between them."""

    before: WaveNetwork
    after: WaveNetwork
    change: WaveComparison

    @property
    def counts(self) -> dict[str, int]:
        """Ties by what became of them."""
        found = self.change.ties["change"].value_counts()
        return {name: int(found.get(name, 0)) for name in (*_LINES, "outside")}


def by_person(ground: Ground, step: Step) -> pd.DataFrame:
    """Count each named person's ties kept, gained and lost, who gained most across first."""
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
    table = pd.DataFrame(rows, columns=columns)
    named = table[~table["person"].isin(list(ground.found.unnamed))]
    return named.sort_values(
        ["gained_across", "gained", "person"], ascending=[False, False, True], kind="stable", ignore_index=True
    )


def draw_changes(
    name: str, ground: Ground, steps: Sequence[Step], said: Sequence[str], links: Mapping[Hashable, str]
) -> Figure:
    """Draw which ties were kept, lost and gained: before and after, for each pair of successive waves.

    Parameters
    ----------
    name : str
        Of the figure.
    ground : Ground
    steps : sequence of Step
    said : sequence of str
        What is said of each step.
    links : mapping of person to anchor
        Where each mark leads.
    """
    panels = Panels.of(ground, 2)
    drawn: list[list[str]] = []
    rows: list[tuple[object, ...]] = []
    for step in steps:
        words = _words_by_person(ground, step)
        drawn.append(_panel(ground, panels, len(drawn), step, step.before, _BEFORE, words, links, focusable=False))
        drawn.append(_panel(ground, panels, len(drawn), step, step.after, _AFTER, words, links, focusable=True))
        labels = (step.before.label, step.after.label)
        rows += [
            (*labels, str(ego), str(alter), str(ground.home[ego]), str(ground.home[alter]), change)
            for ego, alter, change in step.change.ties.itertuples(index=False, name=None)
        ]
    columns = ["from_wave", "to_wave", "ego", "alter", "ego_organisation", "alter_organisation", "change"]
    return people_picture(
        name,
        f"{ground.found.name.capitalize()} ties kept, lost and gained",
        _in_words(ground, steps, said),
        pd.DataFrame(rows, columns=columns),
        panels,
        drawn,
        lambda top: _legend(ground, steps, panels.scale, top),
        leads_to="ego-view-",
    )


def _panel(
    ground: Ground,
    panels: Panels,
    place: int,
    step: Step,
    wave: WaveNetwork,
    fates: tuple[str, ...],
    words: Mapping[Hashable, str],
    links: Mapping[Hashable, str],
    *,
    focusable: bool,
) -> list[str]:
    counts = step.counts
    note = ", ".join(f"{counts[fate]} {fate}" for fate in ("kept", "lost" if "lost" in fates else "gained"))

    def mark(canvas: Canvas, person: Hashable) -> str:
        if person not in wave.graph:
            return absent_mark(canvas, person)
        return person_mark(
            ground,
            canvas,
            person,
            words[person],
            hollow=wave.answers[person] in (NO, NEVER_ASKED),
            focusable=focusable,
            link=links.get(person, ""),
        )

    return panels.drawn(
        ground,
        place,
        (wave.label, f"{note} ties"),
        lambda canvas: _ties(ground, step, wave, fates, canvas),
        mark,
        role="group" if focusable else "img",
    )


def _ties(ground: Ground, step: Step, wave: WaveNetwork, fates: tuple[str, ...], canvas: Canvas) -> list[str]:
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


def _words_by_person(ground: Ground, step: Step) -> dict[Hashable, str]:
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


def _legend(ground: Ground, steps: Sequence[Step], scale: float, top: float) -> tuple[list[str], float]:
    totals = {fate: sum(step.counts[fate] for step in steps) for fate in _LINES}
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
    outside = sum(step.counts["outside"] for step in steps)
    if outside:
        reading.append(f"Not drawn: {count_of(outside, 'tie')} with people off the roster.")
    reading += [*silent_sentences(ground), *numbers_sentence(ground, scale)]
    lines, end = reading_lines(reading, y)
    return [*parts, *more, *lines], end


def _in_words(ground: Ground, steps: Sequence[Step], said: Sequence[str]) -> str:
    parts = ["People stand in islands, one for each organisation, in the same places before and after."]
    for step, text in zip(steps, said, strict=True):
        counts = step.counts
        extra = [f"{counts[fate]} {_LINES[fate].words}" for fate in ("joiner", "leaver", "not known") if counts[fate]]
        if extra:
            text += f" Ties drawn apart: {', '.join(extra)}."
        table = by_person(ground, step)
        top = table[table["gained_across"] > 0].head(3)
        if len(top):
            named = ", ".join(f"{row.person} {row.gained_across}" for row in top.itertuples())
            text += f" Most new ties across organisations: {named}."
        parts.append(text)
    return " ".join(parts)


# --- the share over time -------------------------------------------------------------------------------------------


def draw_share_over_time(name: str, found: RelationNetworks, table: pd.DataFrame, alt: str) -> Figure:
    """Draw the share of ties across at each wave with its interval, beside the share expected at random.

    Parameters
    ----------
    name : str
        Of the figure.
    found : RelationNetworks
    table : pandas.DataFrame
        One row a wave: ``wave, date, ties, cross_share, interval_low, interval_high, expected_share``.
    alt : str
    """
    title = f"Share of {found.name} ties across {found.plural}, by wave"
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
            places,
            expected,
            color=GREY,
            linewidth=1.4,
            linestyle="--",
            marker="D",
            markersize=7,
            markerfacecolor=PAPER,
            label="if placed at random",
        )
        for n, (place, value) in enumerate(zip(places, share, strict=True)):
            # Beside its point, and away from the line to the next one.
            side = 9 if n == len(share) - 1 else -9
            axes.annotate(
                f"{value:.0f}%",
                (place, value),
                xytext=(side, 0),
                textcoords="offset points",
                va="center",
                ha="left" if side > 0 else "right",
                weight="bold",
            )
        counts = [
            f"{wave}\n{count_of(int(ties), 'tie')}" for wave, ties in zip(table["wave"], table["ties"], strict=True)
        ]
        axes.set_xticks(places, counts)
        axes.set_xlim(places.min() - 0.2 * span, places.max() + 0.25 * span)
        axes.set_ylim(0, min(105.0, 5 * math.ceil(max(high.max(), np.nanmax(expected)) / 5 + 1.5)))
        axes.set_ylabel(f"% of ties across {found.plural}")
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
        return finish(canvas, name=name, title=title, alt=alt, table=table)
