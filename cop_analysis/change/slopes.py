"""Each person's answer before and after as a line: the picture and its page; nothing is estimated here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.change.comparison import begin, nobody_twice
from cop_analysis.change.differences import paired_values, without_noise
from cop_analysis.change.figures import printable
from cop_analysis.change.wording import reading_of, software, who_is_missing
from cop_analysis.figures import BLUE, GREY, INK, ORANGE, drawing, finish
from cop_analysis.results import Figure, Result, count_of

if TYPE_CHECKING:
    from cop_analysis.study import Study

_KEY, _TITLE = "slopes", "Each person before and after"
_MOST_LINES = 400


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
                    [0, 1], [before[place] + moved, after[place] + moved], color=colour, linestyle=style,
                    linewidth=1.0, alpha=0.6, marker="o", markersize=2.5,
                )  # fmt: skip
            everyone = change == sign
            if everyone.any():
                axes.plot(
                    [0, 1], [before[everyone].mean(), after[everyone].mean()], color=INK, linewidth=2.6, marker="s",
                    markersize=5, zorder=5,
                )  # fmt: skip
            axes.set_title(f"{caption}: {int(everyone.sum()):,}", fontsize=10)
            axes.set_xticks([0, 1], [printable(wave) for wave in waves], fontsize=9)
            for tick in axes.get_xticklabels():
                tick.set_parse_math(False)
            axes.set_xlim(-0.25, 1.25)
            axes.set_ylim(scale[0] - 0.05 * span, scale[1] + 0.05 * span)
        panels[0].set_ylabel(f"{about}, {scale[0]:g} to {scale[1]:g}")
        return finish(canvas, name=name, title=title, alt=" ".join(said), table=counts)


def slopes(study: Study, instrument: str | None = None, before: str | None = None, after: str | None = None) -> Result:
    """Show how each person moved over the whole scale, without naming anybody.

    Parameters and errors are those of `answer`.

    Returns
    -------
    Result

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> slopes(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so how each person moved cannot be shown.'
    """
    comparison = begin(study, _KEY, _TITLE, "how each person moved", instrument, before, after)
    if isinstance(comparison, Result):
        return comparison
    item, differences, columns = comparison.lead(getattr(study.config, "plan", None))
    waves = comparison.names
    if not differences.n:
        return nobody_twice(f"{_KEY}{comparison.suffix}", _TITLE, comparison)
    reading = reading_of(comparison.instrument)
    better, worse = (
        (differences.up, differences.down) if reading.higher_is_better else (differences.down, differences.up)
    )
    figure = slopes_figure(
        *columns, waves, (comparison.instrument.minimum, comparison.instrument.maximum),
        name=f"slopes{comparison.suffix}", about="answer" if item else "mean score",
    )  # fmt: skip
    return Result(
        key=f"{_KEY}{comparison.suffix}",
        title=_TITLE,
        sentence=f"Of {count_of(differences.n, 'person', 'people')} {comparison.about(item)}, {better:,} "
        f"{reading.better} {comparison.times[1]}, {worse:,} {reading.worse} and {differences.same:,} the same; the "
        "dark line of each panel is the mean of its people.",
        figure=figure,
        caveats=(
            who_is_missing(comparison),
            "Lines are moved by a hair so that none hides another; nobody is named.",
        ),
        method=f"A person's score is the mean of the answers given both times, at least half of them. {software()}",
        sources=("survey.csv",),
    )
