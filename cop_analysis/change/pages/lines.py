"""Each person's answer before and after as a line: the picture and its page; nothing is estimated here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cop_analysis.change.pages.comparison import begin, nobody_twice
from cop_analysis.change.pages.words import reading_of, software, who_is_missing
from cop_analysis.change.pictures.people import slopes_figure
from cop_analysis.results import Result, count_of

if TYPE_CHECKING:
    from cop_analysis.study import Study

_KEY, _TITLE = "slopes", "Each person before and after"


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
