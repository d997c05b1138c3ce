"""In which order runs were made: by when they say they began, and by what stood there already if a clock was wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cop_analysis.files import AHEAD_SECONDS

Place = tuple[bool, datetime, bool, str]
"""Sorts runs as they were made: whether it is no run of the future, when, whether by its own word, its name."""

DAWN = datetime.min.replace(tzinfo=UTC)


def begun(started: str) -> datetime:
    """Read when a run says it began, in UTC, which is meant where it names no other.

    Raises
    ------
    ValueError
        If it is no moment of these years.

    Examples
    --------
    >>> begun("2024-01-01T01:00:00+01:00") == begun("2024-01-01T00:00:00")
    True
    >>> begun("0001-01-01T00:00:00+09:00")
    Traceback (most recent call last):
    ...
    ValueError: date value out of range
    """
    when = datetime.fromisoformat(started)
    try:
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except OverflowError as fault:
        raise ValueError(str(fault)) from None


def is_to_come(began: datetime) -> bool:
    """Say whether a run claims to have begun in the future: its machine's clock was wrong, and it is not the latest.

    Examples
    --------
    >>> is_to_come(begun("2099-01-01T00:00:00+00:00")), is_to_come(begun("2024-01-01T00:00:00+00:00"))
    (True, False)
    """
    # Clocks of two machines that share a folder may differ a little.
    return began > datetime.now(UTC) + timedelta(seconds=AHEAD_SECONDS)


def claiming_later(started: datetime, records: Iterable[Mapping[str, Any]]) -> list[str]:
    """Name the runs that are there already and say that they began later than one that begins now."""
    return sorted(str(one["run"]) for one in records if begun(one["started"]) > started)


def place_in_order(records: Iterable[Mapping[str, Any]]) -> Callable[[Mapping[str, Any]], Place]:
    """Give what runs of one study are sorted by, so that the one made last stands last.

    A run whose `claims_later` names another was made after it, whatever the clock of either said: that other one
    stands right before it.

    Parameters
    ----------
    records : iterable of mapping
        Each run.json that is to be sorted.

    Examples
    --------
    >>> ahead = {"run": "b", "started": "2024-01-02T09:00:00"}
    >>> put_right = {"run": "a", "started": "2024-01-01T10:00:00", "claims_later": ["b"]}
    >>> [one["run"] for one in sorted([put_right, ahead], key=place_in_order([put_right, ahead]))]
    ['b', 'a']
    """
    before: dict[str, datetime] = {}
    for one in records:
        named = one.get("claims_later")
        for run in named if isinstance(named, list) else ():
            if isinstance(run, str):
                before[run] = min(begun(one["started"]), before.get(run, datetime.max.replace(tzinfo=UTC)))

    def place(one: Mapping[str, Any]) -> Place:
        own, run = begun(one["started"]), str(one["run"])
        moved = run in before and before[run] <= own
        when = before[run] if moved else own
        return not is_to_come(when), when, not moved, run

    return place
