"""Refuses impossible settings of a call in one sentence; only checks of levels and counts live here."""

from __future__ import annotations

from numbers import Real


def require_level(level: float) -> None:
    """Refuse a confidence level that is none.

    Raises
    ------
    ValueError
        If it does not lie between 0 and 1.

    Examples
    --------
    >>> require_level(95)
    Traceback (most recent call last):
    ValueError: The confidence level must lie between 0 and 1, for example 0.95, not 95.
    """
    if not isinstance(level, Real) or not 0 < level < 1:
        raise ValueError(f"The confidence level must lie between 0 and 1, for example 0.95, not {level!r}.")


def require_count(number: float, name: str, least: int = 1) -> int:
    """Give a number of draws as a whole number, or refuse it.

    Raises
    ------
    ValueError
        If it is not a whole number, or too small.

    Examples
    --------
    >>> require_count(999.0, "permutations")
    999
    """
    if isinstance(number, bool) or not isinstance(number, Real) or not number >= least or number % 1:
        raise ValueError(f"{name} must be a whole number of at least {least}, not {number!r}.")
    return int(number)
