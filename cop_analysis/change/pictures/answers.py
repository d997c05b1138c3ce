"""Draws answers and who gave them: two waves as bars, moves from each answer to each, people from asked to compared.

Single people are drawn without naming them: lines before and after, the band of reliable change, change by sessions.
"""

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

from cop_analysis.change.methods.columns import paired_values, without_noise
from cop_analysis.change.methods.scales import ReliableChange
from cop_analysis.characters import shortened
from cop_analysis.figures import BLUE, DIVERGING, GREY, INK, ORANGE, PAPER, SKY, drawing, finish
from cop_analysis.results import Figure, count_of, format_share, with_sign

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
_MOST_LINES = 400
FEWEST_FOR_A_MEAN = 3


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


def slopes_figure(
    pre: pd.Series,
    post: pd.Series,
    waves: tuple[str, str],
    scale: tuple[float, float],
    name: str = "slopes",
    about: str = "score",
    seed: int = 0,
) -> Figure:
    """Draw a line a person from before to after, up, down and unchanged told apart by line and panel.

    Parameters
    ----------
    pre, post : pandas.Series
        One score a person before and after, paired by index.
    waves : tuple of str
        The two waves' names.
    scale : tuple of float
        The ends of the scale.
    name, about : str
        The figure's slug, and what the score is of.
    seed : int
        Where the jitter starts: lines that would lie on one another are moved by a hair.

    Returns
    -------
    Figure
        Its data table counts people by their pair of scores and names nobody.

    Examples
    --------
    >>> picture = slopes_figure(pd.Series([2.0, 3.0, 3.0]), pd.Series([3.0, 3.0, 2.0]), ("before", "after"), (1, 5))
    >>> picture.table["people"].tolist()
    [1, 1, 1]
    """
    before, after, _ = paired_values(pre, post)
    change = np.sign(without_noise(before, after)) if len(before) else np.zeros(0)
    counts = (
        pd.DataFrame({"before": before, "after": after}).round(6).groupby(["before", "after"]).size().reset_index()
        if len(before)
        else pd.DataFrame(columns=["before", "after", 0])
    )
    counts.columns = pd.Index(["before", "after", "people"])
    random = np.random.default_rng(seed)
    kept = np.arange(len(before))
    if len(kept) > _MOST_LINES:
        kept = np.sort(random.choice(kept, _MOST_LINES, replace=False))
    span = scale[1] - scale[0]
    groups = (("went up", 1.0, BLUE, "-"), ("stayed", 0.0, GREY, "--"), ("went down", -1.0, ORANGE, "-."))
    title = f"Each person's {about} both times ({waves[0]}; {waves[1]})"
    if len(kept) < len(before):
        title += f" ({_MOST_LINES} of {len(before):,} people, drawn at random)"
    said = [f"{title}."]
    for caption, sign, _, _ in groups:
        here = change == sign
        if here.any():
            said.append(
                f"{int(here.sum()):,} {caption}, on average from {before[here].mean():.2f} to {after[here].mean():.2f}."
            )
        else:
            said.append(f"Nobody {caption}.")
    with drawing(7.6, 4.2) as canvas:
        panels = canvas.subplots(1, 3, sharey=True)
        for axes, (caption, sign, colour, style) in zip(panels, groups, strict=True):
            here = kept[change[kept] == sign]
            shift = random.uniform(-0.012, 0.012, len(here)) * span
            for place, moved in zip(here, shift, strict=True):
                axes.plot(
                    [0, 1],
                    [before[place] + moved, after[place] + moved],
                    color=colour,
                    linestyle=style,
                    linewidth=1.0,
                    alpha=0.6,
                    marker="o",
                    markersize=2.5,
                )
            everyone = change == sign
            if everyone.any():
                axes.plot(
                    [0, 1],
                    [before[everyone].mean(), after[everyone].mean()],
                    color=INK,
                    linewidth=2.6,
                    marker="s",
                    markersize=5,
                    zorder=5,
                )
            axes.set_title(f"{caption}: {int(everyone.sum()):,}", fontsize=10)
            axes.set_xticks([0, 1], [printable(wave) for wave in waves], fontsize=9)
            for tick in axes.get_xticklabels():
                tick.set_parse_math(False)
            axes.set_xlim(-0.25, 1.25)
            axes.set_ylim(scale[0] - 0.05 * span, scale[1] + 0.05 * span)
        panels[0].set_ylabel(f"{about}, {scale[0]:g} to {scale[1]:g}")
        return finish(canvas, name=name, title=title, alt=" ".join(said), table=counts)


def individuals_figure(
    pre: pd.Series,
    post: pd.Series,
    found: ReliableChange,
    waves: tuple[str, str],
    scale: tuple[float, float],
    name: str = "individuals",
    seed: int = 0,
) -> Figure:
    """Draw each person's score after over the score before, with the band in which nothing can be told.

    Parameters
    ----------
    pre, post : pandas.Series
        One score a person, paired by index.
    found : ReliableChange
        From `reliable_change`.
    waves : tuple of str
        The two waves' names.
    scale : tuple of float
        The ends of the scale.
    name : str
        The figure's slug.
    seed : int
        Where the jitter starts.

    Returns
    -------
    Figure
        Its table counts people and names nobody.
    """
    before, after, _ = paired_values(pre, post)
    change = after - before
    kinds = np.where(change > found.detectable, "higher", np.where(change < -found.detectable, "lower", "within"))
    table = (
        pd.DataFrame({"before": before.round(6), "after": after.round(6), "change": kinds})
        .groupby(["before", "after", "change"])
        .size()
        .rename("people")
        .reset_index()
    )
    alt = (
        f"Each person's score the second time ({waves[1]}) over that the first time ({waves[0]}): "
        f"{found.up:,} above the band of {found.detectable:.2f} points either way, {found.neither:,} within it, "
        f"{found.down:,} below it."
    )
    random = np.random.default_rng(seed)
    shown = np.arange(len(before))
    if len(shown) > 2000:
        shown = random.choice(shown, 2000, replace=False)
    low, high = scale
    jitter = random.uniform(-0.006, 0.006, (2, len(shown))) * (high - low)
    with drawing(6.4, 3.9) as canvas:
        axes = canvas.add_subplot()
        line = np.array([low, high])
        axes.fill_between(line, line - found.detectable, line + found.detectable, color=SKY, alpha=0.18, linewidth=0)
        axes.plot(line, line, color=INK, linewidth=0.9, linestyle=":")
        for kind, marker, colour, caption in (
            ("higher", "^", BLUE, f"higher by more than the mark: {found.up:,}"),
            ("within", "o", GREY, f"within the band: {found.neither:,}"),
            ("lower", "v", ORANGE, f"lower by more than the mark: {found.down:,}"),
        ):
            here = kinds[shown] == kind
            axes.scatter(
                before[shown][here] + jitter[0][here],
                after[shown][here] + jitter[1][here],
                marker=marker,
                s=30,
                color=colour,
                alpha=0.75,
                linewidth=0,
                label=caption,
            )
        margin = 0.04 * (high - low)
        axes.set_xlim(low - margin, high + margin)
        axes.set_ylim(low - margin, high + margin)
        axes.set_aspect("equal")
        axes.set_xlabel(f"mean score: {printable(waves[0])}", parse_math=False)
        axes.set_ylabel(f"mean score: {printable(waves[1])}", parse_math=False)
        axes.legend(fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
        title = "Single people before and after, with the band of no reliable change"
        return finish(canvas, name=name, title=title, alt=alt, table=table)


def dose_figure(dose: np.ndarray, change: np.ndarray, about: str, name: str = "dose", seed: int = 0) -> Figure:
    """Draw each person's change over the number of sessions, with the mean of each number.

    Parameters
    ----------
    dose, change : numpy.ndarray
        A figure a person each.
    about : str
        What the change is of.
    name : str
        The figure's slug.
    seed : int
        Where the jitter starts.

    Returns
    -------
    Figure

    Examples
    --------
    >>> picture = dose_figure(np.array([0, 1, 1]), np.array([0.0, 1.0, 2.0]), "over the items")
    >>> picture.table["people"].tolist()
    [1, 1, 1]
    """
    random = np.random.default_rng(seed)
    counted = pd.DataFrame({"sessions": dose, "change": np.round(change, 6)})
    table = counted.groupby(["sessions", "change"]).size().rename("people").reset_index()
    means = counted.groupby("sessions")["change"].agg(["size", "mean"])
    groups = [
        (int(row["sessions"]), int(row["size"]), float(row["mean"])) for row in means.reset_index().to_dict("records")
    ]
    said = [
        f"{count_of(size, 'person', 'people')} with {count_of(times, 'session')}"
        + (f": mean change {with_sign(mean)}." if size >= FEWEST_FOR_A_MEAN else ".")
        for times, size, mean in groups
    ]
    shown = np.arange(len(dose))
    if len(shown) > 2000:
        shown = random.choice(shown, 2000, replace=False)
    span = float(np.ptp(change)) or 1.0
    with drawing(7.2, 3.8) as canvas:
        axes = canvas.add_subplot()
        axes.axhline(0, color=INK, linewidth=0.8)
        axes.scatter(
            dose[shown] + random.uniform(-0.15, 0.15, len(shown)),
            change[shown] + random.uniform(-1, 1, len(shown)) * 0.008 * span,
            s=22,
            color=BLUE,
            alpha=0.55,
            linewidth=0,
        )
        for times, size, mean in groups:
            if size >= FEWEST_FOR_A_MEAN:
                axes.plot([times - 0.3, times + 0.3], [mean, mean], color=INK, linewidth=2.4)
        ticks = [times for times, *_ in groups]
        if len(ticks) > 12:
            ticks = sorted(set(np.linspace(ticks[0], ticks[-1], 10).astype(int)))
        sizes = {times: size for times, size, _ in groups}
        axes.set_xticks(ticks, [f"{tick}\nn = {sizes.get(tick, 0):,}" for tick in ticks], fontsize=9)
        axes.set_xlabel("sessions attended; the bar is the mean of three people or more")
        axes.set_ylabel(printable("change in scale points"))
        return finish(
            canvas,
            name=name,
            title=f"Change {printable(about)} by sessions attended",
            alt=" ".join(["Change by sessions attended.", *said]),
            table=table,
        )
