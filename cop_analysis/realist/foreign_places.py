"""Selections kept for another program, carried over to a corrected text; the right place is not decided here.

REFI-QDA counts a selection by positions in the text of its source, and the points of a transcript's times likewise.
Where they lie in the corrected text is asked for; what has no place there is taken out and listed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cop_analysis.realist.records import Foreign, Part

Span = tuple[int, int]


@dataclass(frozen=True)
class LostSelection:
    """A selection of another program that has no place in the corrected text.

    Parameters
    ----------
    kept : str
        The identifier of the record that held it.
    name : str
        What it is called there, or what it is.
    start, end : int
        Where it was.
    quote : str
        Its words; empty where the text before cannot be read any more.
    """

    kept: str
    name: str
    start: int
    end: int
    quote: str = ""


@dataclass(frozen=True)
class MovedForeign:
    """A kept element with its selections where they are now, how many lie elsewhere, and those without a place."""

    record: Foreign
    moved: int = 0
    lost: tuple[LostSelection, ...] = ()


def carry_over(
    kept: Foreign, source: str, place: Callable[[str, int, int], Span | None], point: Callable[[int], int | None]
) -> MovedForeign:
    """Carry over what a kept element selects in one text.

    Parameters
    ----------
    kept : Foreign
    source : str
        The GUID of the element in it that holds the text.
    place : callable
        Given a selection's GUID, start and end, its start and end now; None where it has none.
    point : callable
        The same of a single position.

    Examples
    --------
    >>> parts = (Part(0, "TextSource", (("guid", "g"),)),
    ...          Part(1, "PlainTextSelection", (("guid", "s"), ("startPosition", "3"), ("endPosition", "5"))))
    >>> found = carry_over(Foreign("f1", "TextSource", "", ("D1",), parts), "g", lambda _, a, b: (a + 2, b + 2), int)
    >>> found.record.parts[1].attributes[1:], found.moved
    ((('startPosition', '5'), ('endPosition', '7')), 1)
    """
    at = next((number for number, one in enumerate(kept.parts) if dict(one.attributes).get("guid") == source), None)
    if at is None:
        return MovedForeign(kept)
    inner = kept.parts[at].depth + 1
    parts: list[Part] = list(kept.parts[: at + 1])
    lost: list[LostSelection] = []
    moved = 0
    number = at + 1
    while number < len(kept.parts) and kept.parts[number].depth >= inner:
        one = kept.parts[number]
        below = _below(kept.parts, number)
        new: Part | None = one
        if one.depth == inner and one.tag in ("PlainTextSelection", "SyncPoint"):
            new, was = _carried(one, place, point)
            if was is not None:
                lost.append(LostSelection(kept.id, dict(one.attributes).get("name") or one.tag, *was))
        if new is not None:
            moved += new != one
            parts.append(new)
            parts += kept.parts[number + 1 : below] if one.depth == inner else ()
        number = below if one.depth == inner else number + 1
    parts += kept.parts[number:]
    held = {dict(one.attributes).get("guid") for one in kept.parts} - {
        dict(one.attributes).get("guid") for one in parts
    }
    loose = tuple(one for one in kept.loose if one not in held)
    return MovedForeign(replace(kept, parts=tuple(parts), loose=loose), moved, tuple(lost))


def _guids(parts: Sequence[Part]) -> set[str]:
    return {value for one in parts for name, value in one.attributes if name == "guid"}


def _below(parts: Sequence[Part], number: int) -> int:
    """Give where what stands in an element ends."""
    end = number + 1
    while end < len(parts) and parts[end].depth > parts[number].depth:
        end += 1
    return end


def _carried(
    one: Part, place: Callable[[str, int, int], Span | None], point: Callable[[int], int | None]
) -> tuple[Part | None, Span | None]:
    """Give an element at its place now, and where it was if it has none; a point without a place keeps its time."""
    values = dict(one.attributes)
    if one.tag == "SyncPoint":
        if "position" not in values:
            return one, None
        was = int(values["position"])
        now = point(was)
        if now is None:
            left = tuple(pair for pair in one.attributes if pair[0] != "position")
            return replace(one, attributes=left), (was, was)
        return _with(one, position=now), None
    start, end = int(values["startPosition"]), int(values["endPosition"])
    found = place(values.get("guid", ""), start, end)
    if found is None:
        return None, (start, end)
    return _with(one, startPosition=found[0], endPosition=found[1]), None


def _with(one: Part, **places: int) -> Part:
    attributes = tuple((name, str(places.get(name, value))) for name, value in one.attributes)
    return replace(one, attributes=attributes)
