"""How many people changed by more than answers waver? The page; the formulas are in scales.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.change.methods.pairing import answers_by_wave
from cop_analysis.change.methods.scales import cronbach_alpha, reliable_change, turned
from cop_analysis.change.pages.comparison import begin, nobody_twice
from cop_analysis.change.pages.words import percent, reading_of, software, wave_name, who_is_missing
from cop_analysis.change.pictures.people import individuals_figure
from cop_analysis.results import Result, count_of

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
