"""Control charts of single values (XmR) by the Making Data Count rules; numbers in order come in, no study is known.

A chart says what varies by more than its own noise; it says nothing about why. With fewer than twelve values the
limits are called trial limits, and a run chart should be read first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.results import Figure, Result, format_value
from cop_analysis.sessions.icons import MARKERS, assurance_words, draw_icons, variation_words
from cop_analysis.sessions.intervals import is_missing
from cop_analysis.sessions.wording import counted, verb, with_minus

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEWEST_FOR_LIMITS = 12
"""Below this many values the limits are trial limits (Making Data Count)."""

_LIMIT, _NEAR_LIMIT, _SCREEN = 2.66, 2.66 * 2 / 3, 3.267
_RUN = 7
_MOST_DRAWN = 120
_WORDS = {"improvement": "improvement", "concern": "concern", "neutral": "a change", "common cause": "common cause"}


@dataclass(frozen=True, kw_only=True)
class ControlChart(Result):
    """A control chart with its limits and every point's rule.

    Parameters
    ----------
    centre, lower, upper : float
        Mean and process limits of the last phase; the limits are NaN where no moving range is left to set them by.
    points : pandas.DataFrame
        One row a value: ``point`` (counted from 1), ``label``, ``value``, ``phase``, ``centre``, ``lower``,
        ``upper``, ``rule`` (empty for common cause), ``variation`` and ``direction`` (``high`` or ``low`` for special
        cause, else empty).
    variation : str
        The class of the last point: ``"common cause"``, ``"improvement"``, ``"concern"``, or ``"neutral"`` for
        special cause where neither direction is better.
    assurance : str or None
        Against the target: ``"passes"``, ``"fails"`` or ``"inconsistent"``; None without a target or without limits.
    trial_limits : bool
        Whether the last phase has fewer than twelve values.
    """

    centre: float
    lower: float
    upper: float
    points: pd.DataFrame
    variation: str
    assurance: str | None
    trial_limits: bool


def control_chart(
    values: Sequence[float] | pd.Series | np.ndarray,
    increase_is_good: bool | None = True,
    target: float | None = None,
    screen_outliers: bool = True,
    *,
    labels: Sequence[str] | None = None,
    phase_starts: Sequence[int] = (),
    key: str = "control-chart",
    title: str = "Control chart",
    draw: bool = True,
) -> ControlChart:
    """Answer which values in a series lie outside the series' own noise, and whether a target can be relied on.

    Parameters
    ----------
    values : sequence of float
        The values in order of time, one a period; missing ones are left out and said.
    increase_is_good : bool or None
        True where higher is better, False where lower is, None where neither.
    target : float, optional
        What the service is to reach, in the unit of the values.
    screen_outliers : bool
        Leave moving ranges of at least 3.267 times their mean out of the limits, once. The Making Data Count
        spreadsheet does not.
    labels : sequence of str, optional
        What each value is called on the picture, as many as values.
    phase_starts : sequence of int
        The points (counted from 1) at which a new phase with limits of its own begins; only where a change was
        declared beforehand.
    key, title : str
        How the result is named on its page.
    draw : bool
        False leaves the picture out, where only the numbers are wanted.

    Returns
    -------
    ControlChart

    Raises
    ------
    ValueError
        Without any value, with one that is not a finite number, with labels or phases that do not fit, or where
        `increase_is_good` is neither True, False nor None.

    Notes
    -----
    NHS England, Making Data Count, as NHSRplotthedots computes it: centre at the mean of the phase, limits at
    +- 2.66 and near limits at +- 1.7733 mean moving ranges; rules in order: outside the limits; seven points that
    rise or fall one after another; two of three between near limit and limit with all three on one side (only those
    near the limit are marked); seven strictly on one side of the centre.

    Examples
    --------
    >>> chart = control_chart([1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1])
    >>> round(chart.centre, 3), round(chart.upper, 3), chart.points.loc[4, "rule"], chart.variation
    (1.944, 4.604, 'above the upper limit', 'common cause')
    """
    if increase_is_good is not None and not isinstance(increase_is_good, bool | np.bool_):
        raise ValueError(
            f"increase_is_good must be True (higher is better), False (lower is) or None (neither), not "
            f"{increase_is_good!r}."
        )
    series, names, positions, missing = _series(values, labels)
    goal = None if target is None else _number(target, "The target")
    starts = _phase_numbers(phase_starts, positions)
    rows = []
    for number in range(1, max(starts) + 1):
        part = [index for index, phase in enumerate(starts) if phase == number]
        rows.append(_phase(series[part], [positions[i] for i in part], [names[i] for i in part], number,
                           increase_is_good, screen_outliers))  # fmt: skip
    points = pd.concat(rows, ignore_index=True)
    last = points.iloc[-1]
    centre, lower, upper = float(last["centre"]), float(last["lower"]), float(last["upper"])
    in_phase = int((points["phase"] == last["phase"]).sum())
    assurance = _assurance(goal, lower, upper, increase_is_good)
    facts = {"centre": centre, "lower": lower, "upper": upper, "variation": str(last["variation"]),
             "assurance": assurance, "trial_limits": in_phase < FEWEST_FOR_LIMITS}  # fmt: skip
    return ControlChart(
        key=key,
        title=title,
        sentence=_sentence(points, goal, assurance, in_phase),
        table=points,
        figure=_picture(points, goal, assurance, key, title) if draw else None,
        caveats=_caveats(points, in_phase, missing),
        method=(
            "XmR chart by the Making Data Count rules (NHS England; NHSRplotthedots): centre = mean, limits = mean "
            "± 2.66 x mean moving range, near limits ± 1.7733 x. "
            + (
                "Moving ranges of at least 3.267 x their mean were left out of the limits once."
                if screen_outliers
                else "No moving range was left out of the limits."
            )
        ),
        show_table=False,
        points=points,
        **facts,  # type: ignore[arg-type]
    )


def _series(
    values: Sequence[float] | pd.Series | np.ndarray, labels: Sequence[str] | None
) -> tuple[np.ndarray, list[str], list[int], int]:
    if isinstance(values, str | bytes | Mapping | pd.DataFrame) or not isinstance(values, Iterable):
        raise ValueError(f"A control chart needs a list of values in order of time, not {type(values).__name__}.")
    given = list(values)
    if labels is not None and len(labels) != len(given):
        raise ValueError(f"There are {len(given)} values but {len(labels)} labels: give one label a value.")
    names = [str(label) for label in labels] if labels is not None else [str(i + 1) for i in range(len(given))]
    kept, positions = [], []
    for index, value in enumerate(given):
        if is_missing(value):
            continue
        kept.append(_number(value, f"Value {index + 1} of the series"))
        positions.append(index + 1)
    if not kept:
        raise ValueError("A control chart needs at least one value; the series holds none.")
    return np.array(kept), [names[position - 1] for position in positions], positions, len(given) - len(kept)


def _number(value: object, what: str) -> float:
    try:
        number = math.nan if isinstance(value, bool | np.bool_ | str) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or abs(number) > 1e150:
        raise ValueError(f"{what} must be a finite number, not {value!r}.")
    return number


def _phase_numbers(phase_starts: Sequence[int], positions: Sequence[int]) -> list[int]:
    whole = [start for start in phase_starts if isinstance(start, int | np.integer) and not isinstance(start, bool)]
    wrong = [start for start in phase_starts if start not in whole or not 1 <= start <= positions[-1]]
    if wrong:
        raise ValueError(f"A phase can only start at a point of the series, counted from 1; {wrong[0]!r} is none.")
    # Where the value at which a phase should start is missing, it starts with the next one there is.
    at = np.searchsorted(positions, sorted(int(start) for start in whole))
    starts = {positions[0], *(positions[index] for index in at.tolist())}
    return np.searchsorted(sorted(starts), positions, side="right").tolist()


def _phase(
    y: np.ndarray, positions: list[int], names: list[str], number: int, increase_is_good: bool | None, screen: bool
) -> pd.DataFrame:
    centre = math.fsum(y) / len(y)
    ranges = np.abs(np.diff(y))
    if screen and len(ranges):
        ranges = ranges[ranges < _SCREEN * ranges.mean()]
    average = float(ranges.mean()) if len(ranges) else math.nan
    # Moving ranges that are all 0 would set both limits on the centre and call every other value special.
    average = average if average > 0 else math.nan
    lower, upper = centre - _LIMIT * average, centre + _LIMIT * average
    # A mean of equal numbers may differ from them in the last digit; that is not a side.
    side = np.where(np.abs(y - centre) <= 1e-12 * max(1e-300, float(np.abs(y).max())), 0, np.sign(y - centre))
    outside = (y > upper) | (y < lower)
    near = ~outside & ((y > centre + _NEAR_LIMIT * average) | (y < centre - _NEAR_LIMIT * average))
    trend, run, two_of_three = _trends(y), _runs(side), _two_of_three(near, side)
    rules, classes, directions = [], [], []
    for index in range(len(y)):
        direction, rule = int(side[index]), ""
        where = "above" if direction > 0 else "below"
        limit = "upper" if direction > 0 else "lower"
        if outside[index]:
            rule = f"{where} the {limit} limit"
        elif trend[index]:
            direction = int(trend[index])
            rule = f"{_RUN} points {'rising' if direction > 0 else 'falling'}"
        elif two_of_three[index]:
            rule = f"2 of 3 near the {limit} limit"
        elif run[index]:
            rule = f"{_RUN} points {where} the centre"
        rules.append(rule)
        classes.append(_variation(rule, direction, increase_is_good))
        directions.append("" if not rule else "high" if direction > 0 else "low")
    return pd.DataFrame(
        {"point": positions, "label": names, "value": y, "phase": number, "centre": centre, "lower": lower,
         "upper": upper, "rule": rules, "variation": classes, "direction": directions}
    )  # fmt: skip


def _variation(rule: str, direction: int, increase_is_good: bool | None) -> str:
    if not rule:
        return "common cause"
    if increase_is_good is None:
        return "neutral"
    return "improvement" if (direction > 0) == increase_is_good else "concern"


def _trends(y: np.ndarray) -> np.ndarray:
    """Mark each point of a rise or fall of seven; a point that ends one and begins the next belongs to the next."""
    marks = np.zeros(len(y), dtype=int)
    steps = np.sign(np.diff(y))
    for start in range(len(y) - _RUN + 1):
        window = steps[start : start + _RUN - 1]
        if window[0] != 0 and (window == window[0]).all():
            marks[start : start + _RUN] = int(window[0])
    return marks


def _runs(side: np.ndarray) -> np.ndarray:
    marks = np.zeros(len(side), dtype=bool)
    for start in range(len(side) - _RUN + 1):
        if abs(side[start : start + _RUN].sum()) == _RUN:
            marks[start : start + _RUN] = True
    return marks


def _two_of_three(near: np.ndarray, side: np.ndarray) -> np.ndarray:
    marks = np.zeros(len(near), dtype=bool)
    for start in range(len(near) - 2):
        if near[start : start + 3].sum() >= 2 and abs(side[start : start + 3].sum()) == 3:
            marks[start : start + 3] |= near[start : start + 3]
    return marks


def _assurance(target: float | None, lower: float, upper: float, increase_is_good: bool | None) -> str | None:
    if target is None or increase_is_good is None or math.isnan(lower):
        return None
    if target > upper:
        return "fails" if increase_is_good else "passes"
    if target < lower:
        return "passes" if increase_is_good else "fails"
    return "inconsistent"


def _sentence(points: pd.DataFrame, target: float | None, assurance: str | None, in_phase: int) -> str:
    last = points.iloc[-1]
    special = points[points["rule"] != ""]
    if len(points) == 1:
        parts = ["One value cannot vary, so nothing can be said about change."]
    elif not len(special):
        parts = [f"All {len(points)} values vary within their own noise (common cause)."]
    else:
        parts = [
            f"{len(special)} of {len(points)} values {verb(len(special), 'stands', 'stand')} out from the noise; the "
            f"latest value is {_WORDS[str(last['variation'])]}{' (' + last['rule'] + ')' if last['rule'] else ''}."
        ]
    if math.isnan(float(last["lower"])):
        parts.append("No limits can be set: there are too few values, or those that remain do not move.")
    else:
        kind = "Trial limits" if in_phase < FEWEST_FOR_LIMITS else "Limits"
        parts.append(
            f"{kind} run from {_written(last['lower'])} to {_written(last['upper'])} around {_written(last['centre'])}."
        )
    if target is not None and assurance:
        meaning = {"passes": "will be met again and again", "fails": "will not be met without a change",
                   "inconsistent": "will be met at times and missed at times"}[assurance]  # fmt: skip
        parts.append(f"As things stand, the target of {_written(target)} {meaning}.")
    elif target is not None and math.isnan(float(last["lower"])):
        parts.append(f"Without limits nothing can be said of the target of {_written(target)}.")
    return " ".join(parts)


def _caveats(points: pd.DataFrame, in_phase: int, missing: int) -> tuple[str, ...]:
    caveats = []
    if in_phase < FEWEST_FOR_LIMITS:
        caveats.append(
            f"{counted(in_phase, 'value')} {verb(in_phase, 'is', 'are')} fewer than {FEWEST_FOR_LIMITS}, so the limits "
            "are trial limits: read the values as a run chart first."
        )
    if missing:
        caveats.append(
            f"{counted(missing, 'missing value')} {verb(missing, 'was', 'were')} left out; neighbours of a gap count "
            "as neighbours."
        )
    if points["phase"].iloc[-1] > 1:
        caveats.append("Each phase has a centre and limits of its own; a phase is honest only if declared beforehand.")
    caveats.append("A chart shows that something changed, not why.")
    return tuple(caveats)


def _written(value: float) -> str:
    return with_minus(format_value(float(value)))


def _picture(points: pd.DataFrame, target: float | None, assurance: str | None, key: str, title: str) -> Figure:
    from cop_analysis.figures import drawing, finish

    drawn = points.tail(_MOST_DRAWN)
    width = max(8.0, min(12.0, 3.4 + 0.35 * len(drawn)))
    with drawing(width, 4.0) as canvas:
        axes, beside = canvas.subplots(1, 2, width_ratios=[width - 1.4, 1.4])
        draw_chart(axes, drawn, target)
        axes.legend(loc="upper left", bbox_to_anchor=(0, 1.14), ncols=4, fontsize=9)
        last = points.iloc[-1]
        in_phase = int((points["phase"] == last["phase"]).sum())
        draw_icons(beside, str(last["variation"]), str(last["direction"]), assurance, in_phase < FEWEST_FOR_LIMITS)
        alt = words_for_chart(points, target, assurance)
        return finish(canvas, name=f"{key}-chart", title=title, alt=alt, table=points)


def draw_chart(axes: Axes, points: pd.DataFrame, target: float | None) -> None:
    """Draw points, centre, limits and target into axes; a class of point has a shape as well as a colour.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    points : pandas.DataFrame
        As a `ControlChart` holds them.
    target : float or None

    Examples
    --------
    >>> from cop_analysis.figures import drawing
    >>> with drawing(4, 3) as canvas:
    ...     draw_chart(canvas.add_subplot(), control_chart([3, 4, 3, 5]).points, 4)
    """
    from cop_analysis.figures import GREY, INK

    for _, phase in points.groupby("phase"):
        x = phase["point"].to_numpy()
        edges = np.array([x[0] - 0.4, x[-1] + 0.4])
        first = phase.iloc[0]
        is_trial = len(phase) < FEWEST_FOR_LIMITS
        axes.plot(edges, [first["centre"]] * 2, color=INK, linewidth=1)
        for limit in ("lower", "upper"):
            if not math.isnan(first[limit]):
                axes.plot(edges, [first[limit]] * 2, color=GREY, linewidth=0.8 if is_trial else 1,
                          linestyle=(0, (1, 3)) if is_trial else (0, (5, 3)))  # fmt: skip
        axes.plot(x, phase["value"], color=GREY, linewidth=1, zorder=1)
    for kind, (marker, colour) in MARKERS.items():
        chosen = points[points["variation"] == kind]
        if len(chosen):
            label = variation_words(kind, "")
            axes.scatter(chosen["point"], chosen["value"], marker=marker, color=colour, s=42, zorder=2, label=label)
    if target is not None:
        axes.axhline(target, color=INK, linewidth=1, linestyle="-.", label=f"target {_written(target)}")
    for before, after in pairwise(sorted(points.groupby("phase")["point"].agg(["first", "last"]).to_numpy().tolist())):
        axes.axvline((before[1] + after[0]) / 2, color=GREY, linewidth=0.8)
    step = max(1, math.ceil(len(points) / 24))
    axes.set_xticks(points["point"].to_numpy()[::step], points["label"].tolist()[::step],
                    rotation=45 if points["label"].str.len().clip(lower=4)[::step].sum() > 100 else 0,
                    parse_math=False)  # fmt: skip


def words_for_chart(points: pd.DataFrame, target: float | None, assurance: str | None = None) -> str:
    """Say in words what a chart shows, with its numbers and its icons.

    Examples
    --------
    >>> words_for_chart(control_chart([4, 5]).points, None)
    '2 values in order around a centre of 4.500, limits 1.840 to 7.160. No value is marked. Icon: common cause.'
    """
    last = points.iloc[-1]
    text = f"{counted(len(points), 'value')} in order around a centre of {_written(last['centre'])}"
    if not math.isnan(float(last["lower"])):
        text += f", limits {_written(last['lower'])} to {_written(last['upper'])}"
    text += "" if target is None else f", target {_written(target)}"
    if len(points) > _MOST_DRAWN:
        text += f" (the latest {_MOST_DRAWN} are drawn)"
    special = points[points["rule"] != ""]
    marked = "; ".join(
        f"{row['label']}: {_written(row['value'])} ({row['rule']}, {row['variation']})"
        for row in special.head(20).to_dict("records")
    )
    more = f" and {len(special) - 20} more" if len(special) > 20 else ""
    icons = variation_words(str(last["variation"]), str(last["direction"]))
    icons += f"; {assurance_words(assurance)}" if assurance is not None else ""
    return f"{text}. " + (f"Marked: {marked}{more}." if marked else "No value is marked.") + f" Icon: {icons}."
