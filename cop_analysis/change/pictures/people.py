"""Draws single people without naming them: lines before and after, the band of reliable change, change by sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.change.methods.columns import paired_values, without_noise
from cop_analysis.change.methods.scales import ReliableChange
from cop_analysis.change.pictures.answers import printable
from cop_analysis.figures import BLUE, GREY, INK, ORANGE, SKY, drawing, finish
from cop_analysis.results import Figure, count_of, with_sign

if TYPE_CHECKING:
    pass

_MOST_LINES = 400
FEWEST_FOR_A_MEAN = 3


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
