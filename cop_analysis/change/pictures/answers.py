"""Draws answers: two waves as diverging bars, moves from each answer to each, and people from asked to compared."""

from __future__ import annotations

import itertools
import math
import textwrap
import unicodedata
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cop_analysis.characters import shortened
from cop_analysis.figures import BLUE, DIVERGING, GREY, INK, ORANGE, PAPER, drawing, finish
from cop_analysis.results import Figure, count_of, format_share

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as MatplotlibFigure

    from cop_analysis.study.config import Instrument

_MOST_BARS = 40
_MOST_POINTS = 11
_BANDS = 5
_MOST_LETTERS = 150
_LETTERS_A_LINE = 92
_LINE = 0.75
_ROOM_FOR_WAVES = 96
_MOST_ITEMS = 12


def diverging_bars(
    before: pd.DataFrame,
    after: pd.DataFrame,
    instrument: Instrument,
    wordings: dict[str, str],
    waves: tuple[str, str],
    name: str = "answers-before-after",
    paired: bool = True,
) -> Figure:
    """Draw how answers were spread before and after, item by item, with the counts printed.

    Of paired waves only people who answered an item both times are in its two bars, so that they can be compared. Low
    answers lie to the left of the middle line and high ones to the right; half of a middle answer lies on either side.

    Parameters
    ----------
    before, after : pandas.DataFrame
        The same people and items, reversed items already turned.
    instrument : Instrument
        Its scale gives the categories: each point where there are at most eleven, five equal bands otherwise.
    wordings : dict of str to str
        What to write beside each item.
    waves : tuple of str
        The two waves' names.
    name : str
        The figure's slug.
    paired : bool
        False where the two waves were answered by different people: then everyone who answered an item is in its bar.

    Returns
    -------
    Figure

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> scale = SimpleNamespace(minimum=1, maximum=5, step=1, labels={})
    >>> answers = pd.DataFrame({"q1": [1.0, 3.0, 5.0]})
    >>> figure = diverging_bars(answers, answers, scale, {"q1": "I feel able"}, ("baseline", "follow-up"))
    >>> figure.table["people"].tolist()[:5]
    [1, 0, 1, 0, 1]
    """
    items = list(before.columns)
    drawn = items[:_MOST_BARS]
    captions, edges = categories(instrument)
    counts = dict(zip(items, _counts(before, after, edges, paired), strict=True))
    labels = {item: printable(wordings.get(item, item)) for item in items}
    table = pd.DataFrame(
        [
            (item, labels[item], wave, caption, int(people))
            for item in items
            for wave, row in zip(waves, counts[item], strict=True)
            for caption, people in zip(captions, row, strict=True)
        ],
        columns=["item", "wording", "wave", "answer", "people"],
    )
    title = f"Answers{', people who answered both times' if paired else ''}: {waves[0]}; {waves[1]}"
    if len(drawn) < len(items):
        title += f" (the first {len(drawn)} of {len(items)} items)"
    alt = _in_words(items, counts, labels, waves, captions, paired)
    headings = ["\n".join(textwrap.wrap(labels[item], _LETTERS_A_LINE)) for item in drawn]
    height = 1.3 + 0.25 * (_tops(headings)[-1] + 3)
    with drawing(7.6, height) as canvas, warnings.catch_warnings():
        # A wording may hold characters the drawing font lacks; the SVG keeps them as text and the browser shows them.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        _draw(canvas, headings, [counts[item] for item in drawn], waves, captions, paired)
        return finish(canvas, name=name, title=title, alt=alt, table=table)


def _draw(
    canvas: MatplotlibFigure,
    headings: list[str],
    counts: list[NDArray[np.int64]],
    waves: tuple[str, str],
    captions: list[str],
    paired: bool,
) -> None:
    axes = canvas.add_subplot()
    colours = _colours(len(captions))
    inks = [_ink_on(colour) for colour in colours]
    places, ticks, reach, tops = [], [], 25.0, _tops(headings)
    for heading, top, rows in zip(headings, tops, counts, strict=True):
        axes.annotate(
            heading,
            (0, top - 0.65),
            xycoords=("axes fraction", "data"),
            ha="left",
            va="bottom",
            fontsize=10,
            xytext=(-_ROOM_FOR_WAVES, 0),
            textcoords="offset points",
            parse_math=False,
            annotation_clip=False,
        )
        for wave in range(2):
            place = top + wave
            row = rows[wave]
            total = int(row.sum())
            places.append(place)
            ticks.append(f"{waves[wave]} (n = {total})")
            if total == 0:
                axes.text(0, place, "nobody answered" + " both times" * paired, ha="center", va="center")
                continue
            shares = 100 * row / total
            left = -_left_of_middle(shares)
            reach = max(reach, -left, left + 100)
            for share, people, colour, ink in zip(shares, row, colours, inks, strict=True):
                if people:
                    axes.barh(place, share, left=left, height=0.92, color=colour, edgecolor=PAPER, linewidth=0.8)
                    axes.text(
                        left + share / 2,
                        place,
                        f"{people:,}",
                        ha="center",
                        va="center_baseline",
                        color=ink,
                        fontsize=9 if share > 1.6 * len(f"{people:,}") else 6,
                    )
                left += share
    axes.vlines([0] * len(tops), [top - 0.54 for top in tops], [top + 1.54 for top in tops], color=INK, zorder=0)
    axes.set_yticks(places, [textwrap.shorten(tick, 30, placeholder="…") for tick in ticks], fontsize=9)
    for tick in axes.get_yticklabels():
        tick.set_parse_math(False)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(tops[-1] + 1.7, tops[0] - 0.9 - _LINE * (headings[0].count("\n") + 1))
    reach = float(np.ceil(reach / 25) * 25)
    axes.set_xlim(-reach, reach)
    marks = np.arange(-100, 101, 25 if reach <= 50 else 50)
    marks = marks[np.abs(marks) <= reach]
    axes.set_xticks(marks, [f"{abs(mark):.0f}%" for mark in marks])
    axes.set_xlabel("← low answers  |  share of people  |  high answers →")
    axes.spines["left"].set_visible(False)
    from matplotlib.patches import Patch

    legend = canvas.legend(
        handles=[Patch(facecolor=colour, edgecolor=INK, linewidth=0.4) for colour in colours],
        labels=captions,
        loc="outside upper center",
        ncols=len(captions) if sum(map(len, captions)) + 4 * len(captions) <= 90 else 3,
        fontsize=9,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)


def _tops(headings: list[str]) -> list[float]:
    """Give the height of each item's first bar, leaving room for a heading of one or two lines above it."""
    tops = [0.0]
    for heading in headings[1:]:
        tops.append(tops[-1] + 2.6 + _LINE * (heading.count("\n") + 1))
    return tops


def categories(instrument: Instrument) -> tuple[list[str], NDArray[np.float64]]:
    """Give the captions of the answer categories and the edges between them, lowest first.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> categories(SimpleNamespace(minimum=0, maximum=1, step=1, labels={"no": 0, "yes": 1}))[0]
    ['0 no', '1 yes']
    """
    low, high, step = float(instrument.minimum), float(instrument.maximum), float(getattr(instrument, "step", 1) or 1)
    points = round((high - low) / step) + 1
    words = {round(number, 9): word for word, number in dict(instrument.labels or {}).items()}
    if points <= _MOST_POINTS:
        values = low + step * np.arange(points)
        captions = []
        for value in values:
            word = words.get(round(float(value), 9), "")
            captions.append(printable(f"{value:g} {word}".strip()))
        return captions, (values[1:] + values[:-1]) / 2
    edges = np.linspace(low, high, _BANDS + 1)
    captions = [f"{edges[0]:g} to {edges[1]:g}"]
    captions += [f"over {start:g} to {end:g}" for start, end in itertools.pairwise(edges[1:])]
    # A score on an edge belongs to the lower band, as the captions say.
    return captions, np.nextafter(edges[1:-1], np.inf)


def _counts(before: pd.DataFrame, after: pd.DataFrame, edges: NDArray[np.float64], paired: bool) -> NDArray[np.int64]:
    """Count the people by item, wave and category of answer."""
    tables = [table.to_numpy(dtype="float64", na_value=np.nan) for table in (before, after)]
    given = [~np.isnan(table) for table in tables]
    if paired:
        given = [given[0] & given[1]] * 2
    places = np.arange(len(edges) + 1)[:, np.newaxis, np.newaxis]
    counted = [
        ((np.searchsorted(edges, table, side="right") == places) & answered).sum(axis=1)
        for table, answered in zip(tables, given, strict=True)
    ]
    return np.stack(counted).transpose(2, 0, 1)


def _left_of_middle(shares: NDArray[np.float64]) -> float:
    half = len(shares) // 2
    return float(shares[:half].sum() + (shares[half] / 2 if len(shares) % 2 else 0.0))


def _colours(number: int) -> list[str]:
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    if number == len(DIVERGING):
        return list(DIVERGING)
    ramp = LinearSegmentedColormap.from_list("diverging", DIVERGING)
    return [to_hex(ramp(place)) for place in np.linspace(0, 1, number)]


def _ink_on(colour: str) -> str:
    from matplotlib.colors import to_rgb

    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return PAPER if luminance < 0.18 else INK


def printable(text: str) -> str:
    """Make a text from data safe to draw: printable, one line, not endless."""
    clean = "".join(" " if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Cn", "Co") else each for each in text)
    clean = " ".join(clean.split())
    return shortened(clean, _MOST_LETTERS)


def _in_words(
    items: list[str],
    counts: dict[str, NDArray[np.int64]],
    labels: dict[str, str],
    waves: tuple[str, str],
    captions: list[str],
    paired: bool,
) -> str:
    said = [f"Answers from low ({captions[0]}) to high ({captions[-1]}), counted twice ({waves[0]}; {waves[1]})."]
    for item in items:
        first, second = counts[item]
        if not first.sum() and not second.sum():
            said.append(f"{labels[item]}: nobody answered{' both times' if paired else ''}.")
            continue
        spread = (", ".join(map(str, row.tolist())) for row in (first, second))
        people = count_of(int(first.sum()), "person", "people")
        if paired:
            said.append(f"{labels[item]} ({people}): {' at first and then '.join(spread)}.")
        else:
            one, other = spread
            later = count_of(int(second.sum()), "person", "people")
            said.append(f"{labels[item]}: {one} at first ({people}) and then {other} ({later}).")
    return " ".join(said)


def movement_figure(
    tables: dict[str, pd.DataFrame], wordings: Mapping[str, str], waves: tuple[str, str], name: str = "movement"
) -> Figure:
    """Draw the square tables side by side, before from left to right and after upwards: above the diagonal is up.

    Parameters
    ----------
    tables : dict of str to pandas.DataFrame
        By item, people by answer before (rows) and after (columns).
    wordings : mapping of str to str
        What each item asks.
    waves : tuple of str
        The two waves' names.
    name : str
        The figure's slug.

    Returns
    -------
    Figure
    """
    items = list(tables)
    drawn = items[:_MOST_ITEMS]
    points = [f"{point:g}" for point in tables[items[0]].index]
    rows = [
        (item, before, after, int(count))
        for item, table in tables.items()
        for before, line in zip(points, table.to_numpy(), strict=True)
        for after, count in zip(points, line, strict=True)
    ]
    said = [f"People by their answers both times ({waves[0]}; {waves[1]})."]
    for item, table in tables.items():
        cells = [
            f"{count} from {points[row]} to {points[column]}" if row != column else f"{count} stayed on {points[row]}"
            for row, line in enumerate(table.to_numpy())
            for column, count in enumerate(line)
            if count
        ]
        said.append(f"{printable(wordings[item])}: {', '.join(cells) or 'nobody answered both times'}.")
    title = f"Moves from each answer to each ({waves[0]}; {waves[1]})"
    if len(drawn) < len(items):
        title += f" (the first {len(drawn)} of {len(items)} items)"
    columns = min(3, len(drawn))
    lines = math.ceil(len(drawn) / columns)
    most = max((int(tables[item].to_numpy().max()) for item in drawn), default=1) or 1
    with drawing(7.8, 0.5 + 2.9 * lines) as canvas, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        canvas.get_layout_engine().set(h_pad=0.1, w_pad=0.06)  # type: ignore[union-attr,call-arg]
        panels = canvas.subplots(lines, columns, squeeze=False)
        for panel in panels.ravel()[len(drawn) :]:
            panel.set_visible(False)
        for panel, item in zip(panels.ravel(), drawn, strict=False):
            _square(panel, tables[item].to_numpy(), points, most)
            heading = printable(f"{item}: {wordings[item]}")
            heading = "\n".join(textwrap.wrap(textwrap.shorten(heading, 96, placeholder="…"), 34))
            panel.set_title(heading, fontsize=8, fontweight="normal", loc="left", parse_math=False)
            panel.set_xlabel(printable(waves[0]), fontsize=8, parse_math=False)
            panel.set_ylabel(printable(waves[1]), fontsize=8, parse_math=False)
        return finish(
            canvas,
            name=name,
            title=title,
            alt=" ".join(said),
            table=pd.DataFrame(rows, columns=["item", "before", "after", "people"]),
        )


def _square(axes: Axes, counts: np.ndarray, points: list[str], most: int) -> None:
    from matplotlib.colors import to_rgb
    from matplotlib.patches import Rectangle

    size = len(points)
    for before, after in zip(*np.nonzero(counts), strict=True):
        count = int(counts[before, after])
        base = np.array(to_rgb(BLUE if after > before else ORANGE if after < before else GREY))
        weight = 0.15 + 0.75 * count / most
        colour = base * weight + np.ones(3) * (1 - weight)
        axes.add_patch(Rectangle((before - 0.5, after - 0.5), 1, 1, facecolor=tuple(colour), linewidth=0))
        dark = float(np.dot(colour, (0.299, 0.587, 0.114))) < 0.55
        axes.text(
            before,
            after,
            f"{count:,}",
            ha="center",
            va="center_baseline",
            fontsize=8 if size <= 7 else 6,
            color=PAPER if dark else INK,
        )
    edges = np.arange(size + 1) - 0.5
    breaks = np.full_like(edges, np.nan)
    ends = np.full_like(edges, -0.5), np.full_like(edges, size - 0.5)
    across = np.column_stack((*ends, breaks)).ravel(), np.column_stack((edges, edges, breaks)).ravel()
    axes.plot(np.append(across[0], across[1]), np.append(across[1], across[0]), color="#B0B8BF", linewidth=0.6)
    axes.plot([-0.5, size - 0.5], [-0.5, size - 0.5], color=INK, linewidth=0.8, linestyle=":", zorder=0.5)
    axes.set_xlim(-0.5, size - 0.5)
    axes.set_ylim(-0.5, size - 0.5)
    axes.set_aspect("equal")
    axes.set_xticks(range(size), points, fontsize=8)
    axes.set_yticks(range(size), points, fontsize=8)
    axes.tick_params(length=0)


def flow_figure(table: pd.DataFrame, name: str = "flow", title: str = "From asked to compared") -> Figure:
    """Draw the steps as bars one under another, each with its count and share.

    Parameters
    ----------
    table : pandas.DataFrame
        step, people, of, share.
    name, title : str
        The figure's slug and caption.

    Returns
    -------
    Figure

    Examples
    --------
    >>> steps = pd.DataFrame([("asked", 30, "", float("nan")), ("answered", 20, "asked", 2 / 3)],
    ...                      columns=["step", "people", "of", "share"])
    >>> flow_figure(steps).alt
    'asked: 30 people. answered: 20 people, 67% of asked.'
    """
    said = []
    for step, people, of, share in table.itertuples(index=False, name=None):
        part = f", {format_share(share)} of {of}" if of and share == share else ""
        said.append(f"{printable(step)}: {count_of(people, 'person', 'people')}{part}.")
    most = max(int(table["people"].max()), 1) if len(table) else 1
    with drawing(7.6, 0.7 + 0.55 * max(len(table), 1)) as canvas:
        axes = canvas.add_subplot()
        for place, (_, people, of, share) in enumerate(table.itertuples(index=False, name=None)):
            axes.barh(place, people, color=BLUE, height=0.62)
            label = f"{people:,}" + (f"  ({format_share(share)} of {of})" if of and share == share else "")
            axes.text(people + 0.01 * most, place, label, va="center", fontsize=9, color=INK, parse_math=False)
        labels = ["\n".join(textwrap.wrap(printable(step), 34)) for step in table["step"]]
        axes.set_yticks(range(len(table)), labels, fontsize=9)
        for tick in axes.get_yticklabels():
            tick.set_parse_math(False)
        axes.set_ylim(len(table) - 0.4, -0.6)
        # Room for the longest label beyond the longest bar.
        axes.set_xlim(0, most * 2)
        axes.set_xlabel("people")
        axes.tick_params(axis="y", length=0)
        return finish(canvas, name=name, title=title, alt=" ".join(said), table=table)
