"""How a comparison with chance is put into words: how often chance alone would do the same, never a verdict from p.

A sentence that says one thing at p = .049 and another at p = .051 is stronger than its number; these do not turn.
"""

from __future__ import annotations

import math

from cop_analysis.results import format_p, format_share


def how_often(p_value: float) -> str:
    """Write a p-value as how often chance alone goes as far.

    Examples
    --------
    >>> how_often(0.0004), how_often(0.004), how_often(0.0375), how_often(0.36)
    ('fewer than 1 in 1,000', '4 in 1,000', '4 in 100', '36 in 100')
    """
    if math.isnan(p_value):
        return "an unknown number"
    if p_value < 0.001:
        return "fewer than 1 in 1,000"
    return f"{round(1000 * p_value)} in 1,000" if p_value < 0.01 else f"{round(100 * p_value)} in 100"


def as_far(p_value: float, of_what: str, what: str = "a gap as wide") -> str:
    """Say how often random arrangements go as far as the data, with the p-value beside it.

    Examples
    --------
    >>> as_far(0.36, "random placements")
    'a gap as wide comes up in 36 in 100 random placements (p = 0.360)'
    """
    return f"{what} comes up in {how_often(p_value)} {of_what} ({format_p(p_value)})"


def against_random(share: float, expected: float, p_value: float, plural: str) -> str:
    """Compare a share of ties across with the one expected of people placed at random.

    Examples
    --------
    >>> against_random(0.39, 0.81, 0.0002, "organisations")
    'Were people placed in organisations at random, 81% would be expected; a gap as wide comes up in fewer than 1 in 1,000 random placements (p < 0.001).'
    """  # noqa: E501
    return (
        f"Were people placed in {plural} at random, {format_share(expected)} would be expected; "
        f"{as_far(p_value, 'random placements')}."
    )


def two_questions(plural: str) -> str:
    """Say which question an interval answers and which a p-value, for wherever the two stand together.

    Examples
    --------
    >>> two_questions("sectors").startswith("The interval and p answer two questions")
    True
    """
    return (
        "The interval and p answer two questions: the interval, how far the share could be off with other people and "
        f"other ties; p, how rarely these same ties would fall so if people were placed in {plural} at random. So the "
        "interval can hold the share expected at random while p is small, and both are right."
    )
