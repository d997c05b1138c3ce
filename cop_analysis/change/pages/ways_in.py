"""The pages of measured change as plain functions: each opens a study with `compare` and asks it for one page.

Settings beyond those of `compare` are those of the method, whose docstring says what it gives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cop_analysis.change.methods.scales import Score
from cop_analysis.change.pages.opened import compare
from cop_analysis.change.pages.whole_page import Page
from cop_analysis.results import Result

if TYPE_CHECKING:
    from cop_analysis.study import Study


def page(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    permutations: int = 9999,
    seed: int = 20250101,
    level: float = 0.95,
    *,
    asymptotic: bool = False,
) -> Page:
    """Give everything a study can say of measured change.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> page(SimpleNamespace(survey=None)).results[0].sentence
    'This study has no survey table (survey.csv), so a change in answers cannot be shown.'
    """
    return compare(study, instrument, before, after, permutations, seed, level).page(asymptotic=asymptotic)


def answer(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    permutations: int = 9999,
    seed: int = 20250101,
    level: float = 0.95,
    *,
    asymptotic: bool = False,
) -> Result:
    """Answer whether people's answers changed between two waves, with what fits the data, and say why.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> answer(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so a change in answers cannot be shown.'
    """
    return compare(study, instrument, before, after, permutations, seed, level).answer(asymptotic=asymptotic)


def confidence(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    permutations: int = 9999,
    seed: int = 20250101,
    level: float = 0.95,
) -> Result:
    """Say who moved up or down between two waves, item by item; see `Comparison.items`.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> confidence(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so a change in answers cannot be shown.'
    """
    return compare(study, instrument, before, after, permutations, seed, level).items()


def cohorts(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    level: float = 0.95,
    *,
    asymptotic: bool = False,
) -> Result:
    """Compare two waves answered by different people item by item.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> cohorts(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so two groups of people cannot be shown.'
    """
    return compare(study, instrument, before, after, level=level).cohorts(asymptotic=asymptotic)


def tendencies(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    level: float = 0.95,
) -> Result:
    """Draw PS item by item with its interval and a line at one half.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> tendencies(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so a change in answers cannot be shown.'
    """
    return compare(study, instrument, before, after, level=level).tendencies()


def flow(study: Study, instrument: str | None = None, before: str | None = None, after: str | None = None) -> Result:
    """Count people from those who were there to those whose answers are compared.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> flow(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so the flow of people cannot be shown.'
    """
    return compare(study, instrument, before, after).flow()


def pairing_audit(
    study: Study, instrument: str | None = None, before: str | None = None, after: str | None = None
) -> Result:
    """Account for every person who answered in either of two waves.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> pairing_audit(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so who answered twice cannot be shown.'
    """
    return compare(study, instrument, before, after).pairing_audit()


def movement(
    study: Study, instrument: str | None = None, before: str | None = None, after: str | None = None
) -> Result:
    """Show from which answer to which people moved, item by item.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> movement(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so moves between answers cannot be shown.'
    """
    return compare(study, instrument, before, after).movement()


def slopes(study: Study, instrument: str | None = None, before: str | None = None, after: str | None = None) -> Result:
    """Show how each person moved, without naming anybody.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> slopes(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so how each person moved cannot be shown.'
    """
    return compare(study, instrument, before, after).slopes()


def scale_change(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    score: Score = "mean",
    level: float = 0.95,
) -> Result:
    """Say how the score over all items moved between two waves.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> scale_change(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so a change of the scale cannot be shown.'
    """
    return compare(study, instrument, before, after, level=level).scale_change(score)


def scale_reliability(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    level: float = 0.95,
) -> Result:
    """Say how reliable the scale is at each of two waves.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> scale_reliability(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so how the items hang together cannot be shown.'
    """
    return compare(study, instrument, before, after, level=level).scale_reliability()


def ceiling_and_floor(
    study: Study, instrument: str | None = None, before: str | None = None, after: str | None = None
) -> Result:
    """Say how many people already gave the best or the worst answer at first.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> ceiling_and_floor(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so the room to move cannot be shown.'
    """
    return compare(study, instrument, before, after).ceiling_and_floor()


def individuals(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    level: float = 0.95,
) -> Result:
    """Count the people whose score changed by more than answers waver.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> individuals(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so change of single people cannot be shown.'
    """
    return compare(study, instrument, before, after, level=level).individuals()


def effect_sizes(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    resamples: int = 9999,
    seed: int = 20250101,
    level: float = 0.95,
) -> Result:
    """Give the size of the change in several units, each with its interval.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> effect_sizes(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so the size of a change cannot be shown.'
    """
    return compare(study, instrument, before, after, seed=seed, level=level).effect_sizes(resamples)


def other_tests(
    study: Study, instrument: str | None = None, before: str | None = None, after: str | None = None
) -> Result:
    """Run the other exact tests beside the signed-rank test.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> other_tests(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so other tests cannot be shown.'
    """
    return compare(study, instrument, before, after).other_tests()


def everybody(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    level: float = 0.95,
) -> Result:
    """Estimate the change from everybody who answered at either wave.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> everybody(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so the change among all who answered cannot be shown.'
    """
    return compare(study, instrument, before, after, level=level).everybody()


def attrition(
    study: Study, instrument: str | None = None, before: str | None = None, after: str | None = None
) -> Result:
    """Compare those who returned with those who did not.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> attrition(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so who did not return cannot be shown.'
    """
    return compare(study, instrument, before, after).attrition()


def missing_outcomes(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    level: float = 0.95,
) -> Result:
    """Show how far those who did not return could move the finding.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> missing_outcomes(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so what missing answers could change cannot be shown.'
    """
    return compare(study, instrument, before, after, level=level).missing()


def dose(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    permutations: int = 9999,
    seed: int = 20250101,
) -> Result:
    """Ask whether people who came to more sessions changed more.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> dose(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so change by sessions attended cannot be shown.'
    """
    return compare(study, instrument, before, after, permutations, seed).dose()


def subgroups(
    study: Study,
    by: str = "organisation",
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    permutations: int = 9999,
    seed: int = 20250101,
    level: float = 0.95,
) -> Result:
    """Show the change in each group of people, and test once whether groups differ.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> subgroups(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so change by group cannot be shown.'
    """
    return compare(study, instrument, before, after, permutations, seed, level).subgroups(by)


def planning(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    n: int | None = None,
    alpha: float = 0.05,
    wanted: float = 0.8,
    simulations: int = 1000,
    seed: int = 20250101,
) -> Result:
    """Say which change a study with as many people as answered twice can find.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> planning(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so what a study of this size can show cannot be shown.'
    """
    return compare(study, instrument, before, after, seed=seed).planning(n, alpha, wanted, simulations)


def all_waves(study: Study, instrument: str | None = None, permutations: int = 9999, seed: int = 20250101) -> Result:
    """Show the change over all waves.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> all_waves(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so the change over all waves cannot be shown.'
    """
    return compare(study, instrument, permutations=permutations, seed=seed).all_waves()


def looking_back(
    study: Study,
    then: str | None = None,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    level: float = 0.95,
) -> Result:
    """Set the change as measured beside the change people see looking back.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> looking_back(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so a look back cannot be shown.'
    """
    return compare(study, instrument, before, after, level=level).looking_back(then)
