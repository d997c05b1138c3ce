"""How many people changed by more than answers waver? The page; the formulas are in reliable_change.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.change.comparison import begin, nobody_twice
from cop_analysis.change.differences import paired_values
from cop_analysis.change.figures import printable
from cop_analysis.change.pairing import answers_by_wave
from cop_analysis.change.reliable_change import ReliableChange, reliable_change
from cop_analysis.change.scale import cronbach_alpha, turned
from cop_analysis.change.wording import percent, reading_of, software, wave_name, who_is_missing
from cop_analysis.figures import BLUE, GREY, INK, ORANGE, SKY, drawing, finish
from cop_analysis.results import Figure, Result, count_of

if TYPE_CHECKING:
    from cop_analysis.study import Study

_KEY, _TITLE = "individuals", "Single people: changes larger than answers waver"


def individuals(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    level: float = 0.95,
) -> Result:
    """Count the people whose score changed by more than answers waver, without naming them.

    Parameters and errors are those of `answer`.

    Returns
    -------
    Result
        Three rows: change, people, share.

    Notes
    -----
    `reliable_change` with Cronbach's alpha and the standard deviation of everybody at the first wave. Alpha is an
    optimistic reliability for change over months: a test-retest study would give a larger minimum detectable change.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> individuals(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so change of single people cannot be shown.'
    """
    comparison = begin(study, _KEY, _TITLE, "change of single people", instrument, before, after, level)
    if isinstance(comparison, Result):
        return comparison
    assert study.survey is not None
    key = f"{_KEY}{comparison.suffix}"
    pre, post = comparison.scores()
    if not int((pre.notna() & post.notna()).sum()):
        return nobody_twice(key, _TITLE, comparison)
    scale = comparison.instrument
    wave = wave_name(comparison.before)
    everybody = turned(
        answers_by_wave(
            study.survey, (comparison.before.key,), instrument=scale.key, items=comparison.items,
            minimum=scale.minimum, maximum=scale.maximum,
        )[comparison.before.key],
        comparison.reverse, scale.minimum, scale.maximum,
    )  # fmt: skip
    try:
        alpha = cronbach_alpha(everybody).estimate
        spread = float(comparison.wave_scores(study.survey)[comparison.before.key].std(ddof=1))
        found = reliable_change(pre, post, alpha, spread, level)
    except ValueError as reason:
        return Result(
            key=key, title=_TITLE, sentence=f"Reliable change cannot be worked out: {reason}", sources=("survey.csv",)
        )
    reading = reading_of(scale)
    improved, worsened = (found.up, found.down) if reading.higher_is_better else (found.down, found.up)
    waves = (wave, wave_name(comparison.after))
    span = scale.maximum - scale.minimum
    caveats = [
        "By chance alone about one person in twenty passes the mark when nothing changes."
        if level == 0.95
        else f"By chance alone {1 - level:.2g} of people pass the mark when nothing changes.",
        "A reliable change is one that is not mere wavering; whether it matters is another question.",
        "Alpha is an optimistic reliability over months, so that the true mark lies higher.",
    ]
    if found.detectable >= span:
        caveats.insert(
            0, "The mark is as large as the whole scale: with this reliability no single person can pass it."
        )
    return Result(
        key=key,
        title=_TITLE,
        sentence=(
            f"A single person's mean score must change by more than {found.detectable:.2f} scale points to be more "
            f"than wavering ({percent(level)}). Of {count_of(found.n, 'person', 'people')}, {improved:,} improved by "
            f"more than that, {worsened:,} worsened and {found.neither:,} cannot be told from unchanged."
        ),
        table=pd.DataFrame(
            [
                ("improved reliably", improved, improved / found.n),
                ("no reliable change", found.neither, found.neither / found.n),
                ("worsened reliably", worsened, worsened / found.n),
            ],
            columns=["change", "people", "share"],
        ),
        figure=individuals_figure(pre, post, found, waves, (scale.minimum, scale.maximum), name=key),
        caveats=(*caveats, who_is_missing(comparison)),
        method=f"{found.method} Reliability: Cronbach's alpha, {wave} ({found.reliability:.3f}); standard deviation "
        f"there {found.spread:.3f}. {software()}",
        sources=("survey.csv",),
    )


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
        .groupby(["before", "after", "change"]).size().rename("people").reset_index()
    )  # fmt: skip
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
                before[shown][here] + jitter[0][here], after[shown][here] + jitter[1][here], marker=marker, s=30,
                color=colour, alpha=0.75, linewidth=0, label=caption,
            )  # fmt: skip
        margin = 0.04 * (high - low)
        axes.set_xlim(low - margin, high + margin)
        axes.set_ylim(low - margin, high + margin)
        axes.set_aspect("equal")
        axes.set_xlabel(f"mean score: {printable(waves[0])}", parse_math=False)
        axes.set_ylabel(f"mean score: {printable(waves[1])}", parse_math=False)
        axes.legend(fontsize=9, loc="upper left", bbox_to_anchor=(1.0, 1.0))
        title = "Single people before and after, with the band of no reliable change"
        return finish(canvas, name=name, title=title, alt=alt, table=table)
