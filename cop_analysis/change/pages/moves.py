"""From which answer to which people moved: the square table, its tests and its picture, item by item."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.change.methods.categories import bowker, mcnemar, movement_table, stuart_maxwell
from cop_analysis.change.pages.comparison import Comparison, begin, nobody_twice
from cop_analysis.change.pages.words import software, who_is_missing
from cop_analysis.change.pictures.answers import movement_figure
from cop_analysis.results import Result, count_of

if TYPE_CHECKING:
    from cop_analysis.study import Study
    from cop_analysis.study.config import Instrument

_KEY, _TITLE = "movement", "From which answer to which"
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
        figure=movement_figure(tables, {item: comparison.wording(item) for item in tables}, waves, name=key),
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
