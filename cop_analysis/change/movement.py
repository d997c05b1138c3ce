"""From which answer to which people moved: the square table, its tests and its picture, item by item."""

from __future__ import annotations

import math
import textwrap
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cop_analysis.change.categories import bowker, mcnemar, movement_table, stuart_maxwell
from cop_analysis.change.comparison import Comparison, begin, nobody_twice
from cop_analysis.change.figures import printable
from cop_analysis.change.wording import software, who_is_missing
from cop_analysis.figures import BLUE, GREY, INK, ORANGE, PAPER, drawing, finish
from cop_analysis.results import Figure, Result, count_of

if TYPE_CHECKING:
    from cop_analysis.study import Study
    from cop_analysis.study.config import Instrument

_KEY, _TITLE = "movement", "From which answer to which"
_MOST_ITEMS = 12
_MOST_POINTS = 11


def movement(
    study: Study, instrument: str | None = None, before: str | None = None, after: str | None = None
) -> Result:
    """Show from which answer to which people moved, item by item, and whether the answers' spread changed.

    Parameters and errors are those of `answer`.

    Returns
    -------
    Result
        Its table has a row an item: n, changed, Stuart-Maxwell and Bowker (for two answers, McNemar's exact p and
        mid-p), a note where a test is undefined.

    Notes
    -----
    Stuart-Maxwell asks whether the spread over the answers is the same at both waves, Bowker whether moves between each
    two answers balance. Both are chi-square approximations and rough with fewer than some twenty people who changed.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> movement(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so moves between answers cannot be shown.'
    """
    comparison = begin(study, _KEY, _TITLE, "moves between answers", instrument, before, after)
    if isinstance(comparison, Result):
        return comparison
    points = scale_points(comparison.instrument)
    waves = comparison.names
    key = f"{_KEY}{comparison.suffix}"
    if len(points) > _MOST_POINTS:
        return Result(
            key=key, title=_TITLE, sources=("survey.csv",),
            sentence=f"A scale with {len(points):,} answers has too many for a table of moves; the slopes show them.",
        )  # fmt: skip
    first, last = comparison.oriented()
    tables = {item: movement_table(first[item], last[item], points) for item in comparison.items}
    rows = [_tested(comparison, item, table) for item, table in tables.items()]
    total = sum(int(table.to_numpy().sum()) for table in tables.values())
    stayed = sum(int(np.trace(table.to_numpy())) for table in tables.values())
    up = sum(int(np.triu(table.to_numpy(), 1).sum()) for table in tables.values())
    if not total:
        return nobody_twice(key, _TITLE, comparison)
    furthest = max(
        abs(int(row) - int(column))
        for table in tables.values()
        for row, column in zip(*np.nonzero(table.to_numpy()), strict=True)
    )
    return Result(
        key=key,
        title=_TITLE,
        sentence=f"Of {count_of(total, 'pair of answers', 'pairs of answers')} over {count_of(len(tables), 'item')}, "
        f"{stayed:,} stayed on the same answer, {up:,} moved up and {total - stayed - up:,} down; the longest move was "
        f"{count_of(furthest, 'step')}.",
        table=pd.DataFrame(rows),
        labels={
            "n": "answered both times",
            "stuart_maxwell": "Stuart-Maxwell",
            "freedom": "degrees of freedom",
            "bowker": "Bowker",
            "stuart_maxwell_p_value": "Stuart-Maxwell p",
            "bowker_p_value": "Bowker p",
            "mcnemar_p_value": "McNemar exact p",
            "mcnemar_mid_p_value": "McNemar mid-p",
        },
        figure=movement_figure(tables, comparison, waves, name=key),
        caveats=(
            who_is_missing(comparison),
            "The p-values here are not adjusted for how many items were asked, and are rough where few people changed: "
            "read the counts.",
        ),
        method="Stuart-Maxwell (Stuart 1955; Maxwell 1970), Bowker (1948) and, for two answers, McNemar's test "
        f"(Fagerland, Lydersen & Laake 2013). Reversed items are turned. {software()}",
        sources=("survey.csv",),
    )


def scale_points(instrument: Instrument) -> list[float]:
    """Give the answers there are on an instrument's scale.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> scale_points(SimpleNamespace(minimum=1, maximum=3, step=1))
    [1.0, 2.0, 3.0]
    """
    low, high, step = float(instrument.minimum), float(instrument.maximum), float(getattr(instrument, "step", 1) or 1)
    return [low + step * place for place in range(round((high - low) / step) + 1)]


def movement_figure(
    tables: dict[str, pd.DataFrame], comparison: Comparison, waves: tuple[str, str], name: str = "movement"
) -> Figure:
    """Draw the square tables side by side, before from left to right and after upwards: above the diagonal is up.

    Parameters
    ----------
    tables : dict of str to pandas.DataFrame
        By item, people by answer before (rows) and after (columns).
    comparison : Comparison
        For the wordings.
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
        said.append(f"{printable(comparison.wording(item))}: {', '.join(cells) or 'nobody answered both times'}.")
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
            heading = printable(f"{item}: {comparison.wording(item)}")
            heading = "\n".join(textwrap.wrap(textwrap.shorten(heading, 96, placeholder="…"), 34))
            panel.set_title(heading, fontsize=8, fontweight="normal", loc="left", parse_math=False)
            panel.set_xlabel(printable(waves[0]), fontsize=8, parse_math=False)
            panel.set_ylabel(printable(waves[1]), fontsize=8, parse_math=False)
        return finish(
            canvas, name=name, title=title, alt=" ".join(said),
            table=pd.DataFrame(rows, columns=["item", "before", "after", "people"]),
        )  # fmt: skip


def _square(axes: Any, counts: np.ndarray, points: list[str], most: int) -> None:
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
            before, after, f"{count:,}", ha="center", va="center_baseline", fontsize=8 if size <= 7 else 6,
            color=PAPER if dark else INK,
        )  # fmt: skip
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


def _tested(comparison: Comparison, item: str, table: pd.DataFrame) -> dict[str, object]:
    counts = table.to_numpy()
    n, same = int(counts.sum()), int(np.trace(counts))
    row: dict[str, object] = {"item": item, "wording": comparison.wording(item), "n": n, "changed": n - same}
    notes: list[str] = []
    if len(counts) == 2:
        row |= {"mcnemar_p_value": math.nan, "mcnemar_mid_p_value": math.nan}
        try:
            test = mcnemar(counts)
            row |= {"mcnemar_p_value": test.p_value, "mcnemar_mid_p_value": test.mid_p_value}
        except ValueError as reason:
            notes.append(str(reason))
    else:
        row |= {"stuart_maxwell": math.nan, "freedom": pd.NA, "stuart_maxwell_p_value": math.nan}
        row |= {"bowker": math.nan, "bowker_p_value": math.nan}
        try:
            spread, symmetry = stuart_maxwell(counts), bowker(counts)
            row |= {
                "stuart_maxwell": spread.statistic,
                "freedom": spread.freedom,
                "stuart_maxwell_p_value": spread.p_value,
                "bowker": symmetry.statistic,
                "bowker_p_value": symmetry.p_value,
            }
        except ValueError:
            notes.append("undefined: nobody changed their answer")
    row["note"] = " ".join(notes)
    return row
