"""What other programs keep beside a coding: the form it has here, its places in a text, its words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from cop_analysis.realist.model.records import Foreign, Part
from cop_analysis.study.faults import visible

KINDS: Final = (
    "Project",
    "User",
    "Code",
    "Variable",
    "Case",
    "TextSource",
    "PictureSource",
    "PDFSource",
    "AudioSource",
    "VideoSource",
    "Note",
    "Link",
    "Set",
    "Graph",
)
"""The elements that are kept as records of their own."""

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-](0\d|1[0-3]):[0-5]\d)?\Z")

_PATTERNS: Final[Mapping[str, re.Pattern[str]]] = {
    "guid": _GUID,
    "whole": re.compile(r"[+-]?\d{1,18}\Z"),
    "decimal": re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})\Z"),
    "yes or no": re.compile(r"(true|false|1|0)\Z"),
    "colour": re.compile(r"#([A-Fa-f0-9]{6}|[A-Fa-f0-9]{3})\Z"),
    "direction": re.compile(r"(Associative|OneWay|Bidirectional)\Z"),
    "variable type": re.compile(r"(Text|Boolean|Integer|Float|Date|DateTime)\Z"),
    "line": re.compile(r"(dotted|dashed|solid)\Z"),
    "shape": re.compile(
        r"(Person|Oval|Rectangle|RoundedRectangle|Star|LeftTriangle|RightTriangle|UpTriangle|DownTriangle|Note)\Z"
    ),
}


@dataclass(frozen=True)
class Form:
    """What one element may hold.

    Parameters
    ----------
    attributes : mapping of str to str
        The kind of each attribute's value; an exclamation mark behind it says that the element needs it.
    children : mapping of str to int
        The elements that may stand in it, in the order of the standard, and how many of each (0: any number).
    holds : str
        The kind of its text; empty where it has none.
    """

    attributes: Mapping[str, str] = field(default_factory=dict)
    children: Mapping[str, int] = field(default_factory=dict)
    holds: str = ""


_MADE: Final = {
    "creatingUser": "guid",
    "creationDateTime": "moment",
    "modifyingUser": "guid",
    "modifiedDateTime": "moment",
}

_REFERENCE: Final = Form({"targetGUID": "guid!"})

_TEXT: Final = Form(holds="text")

_NAMED: Final = {"guid": "guid!", "name": "text"}

_PLACE: Final = {"firstX": "whole!", "firstY": "whole!", "secondX": "whole!", "secondY": "whole!"}

_CODED: Final = {"Description": 1, "Coding": 0, "NoteRef": 0}

_REST: Final = {"Coding": 0, "NoteRef": 0, "VariableValue": 0}

_FILE: Final = {**_NAMED, "path": "text", "currentPath": "text", **_MADE}

_WRITTEN: Final = Form(
    {**_NAMED, "richTextPath": "text", "plainTextPath": "text", **_MADE},
    {"Description": 1, "PlainTextContent": 1, "PlainTextSelection": 0, **_REST},
)

VALUES: Final[Mapping[str, str]] = {
    "TextValue": "text",
    "BooleanValue": "yes or no",
    "IntegerValue": "whole",
    "FloatValue": "decimal",
    "DateValue": "date",
    "DateTimeValue": "moment",
}
"""The elements that hold the value of a variable, and what each holds."""

FORMS: Final[Mapping[str, Form]] = {
    "Project": Form(
        {
            "name": "text!",
            "origin": "text",
            "creatingUserGUID": "guid",
            "creationDateTime": "moment",
            "modifyingUserGUID": "guid",
            "modifiedDateTime": "moment",
            "basePath": "text",
        },
        {"NoteRef": 0},
    ),
    "User": Form({**_NAMED, "id": "text"}),
    "Code": Form(
        {"guid": "guid!", "name": "text!", "isCodable": "yes or no!", "color": "colour"},
        {"Description": 1, "NoteRef": 0},
    ),
    "Variable": Form({"guid": "guid!", "name": "text!", "typeOfVariable": "variable type!"}, {"Description": 1}),
    "Case": Form(dict(_NAMED), {"Description": 1, "CodeRef": 0, "VariableValue": 0, "SourceRef": 0, "SelectionRef": 0}),
    "TextSource": _WRITTEN,
    "Note": _WRITTEN,
    "Representation": _WRITTEN,
    "TextDescription": _WRITTEN,
    "PictureSource": Form(_FILE, {"Description": 1, "TextDescription": 1, "PictureSelection": 0, **_REST}),
    "PDFSource": Form(_FILE, {"Description": 1, "PDFSelection": 0, "Representation": 1, **_REST}),
    "AudioSource": Form(_FILE, {"Description": 1, "Transcript": 0, "AudioSelection": 0, **_REST}),
    "VideoSource": Form(_FILE, {"Description": 1, "Transcript": 0, "VideoSelection": 0, **_REST}),
    "Transcript": Form(
        {**_NAMED, "richTextPath": "text", "plainTextPath": "text", **_MADE},
        {"Description": 1, "PlainTextContent": 1, "SyncPoint": 0, "TranscriptSelection": 0, "NoteRef": 0},
    ),
    "SyncPoint": Form({"guid": "guid!", "timeStamp": "whole", "position": "whole"}),
    "PlainTextSelection": Form({**_NAMED, "startPosition": "whole!", "endPosition": "whole!", **_MADE}, _CODED),
    "PictureSelection": Form({**_NAMED, **_PLACE, **_MADE}, _CODED),
    "PDFSelection": Form(
        {**_NAMED, "page": "whole!", **_PLACE, **_MADE},
        {"Description": 1, "Representation": 1, "Coding": 0, "NoteRef": 0},
    ),
    "AudioSelection": Form({**_NAMED, "begin": "whole!", "end": "whole!", **_MADE}, _CODED),
    "VideoSelection": Form({**_NAMED, "begin": "whole!", "end": "whole!", **_MADE}, _CODED),
    "TranscriptSelection": Form({**_NAMED, "fromSyncPoint": "guid", "toSyncPoint": "guid", **_MADE}, _CODED),
    "Coding": Form(
        {"guid": "guid!", "creatingUser": "guid", "creationDateTime": "moment"}, {"CodeRef": 1, "NoteRef": 0}
    ),
    "VariableValue": Form({}, {"VariableRef": 1, **dict.fromkeys(VALUES, 1)}),
    "Link": Form(
        {**_NAMED, "direction": "direction", "color": "colour", "originGUID": "guid", "targetGUID": "guid"},
        {"NoteRef": 0},
    ),
    "Set": Form(
        {"guid": "guid!", "name": "text!"},
        {"Description": 1, "MemberCode": 0, "MemberSource": 0, "MemberNote": 0},
    ),
    "Graph": Form(dict(_NAMED), {"Vertex": 0, "Edge": 0}),
    "Vertex": Form(
        {
            **_NAMED,
            "representedGUID": "guid",
            "firstX": "whole!",
            "firstY": "whole!",
            "secondX": "whole",
            "secondY": "whole",
            "shape": "shape",
            "color": "colour",
        }
    ),
    "Edge": Form(
        {
            **_NAMED,
            "representedGUID": "guid",
            "sourceVertex": "guid!",
            "targetVertex": "guid!",
            "color": "colour",
            "direction": "direction",
            "lineStyle": "line",
        }
    ),
    **dict.fromkeys(("Description", "PlainTextContent"), _TEXT),
    **dict.fromkeys(
        ("NoteRef", "CodeRef", "SourceRef", "SelectionRef", "VariableRef", "MemberCode", "MemberSource", "MemberNote"),
        _REFERENCE,
    ),
    **{name: Form(holds=kind) for name, kind in VALUES.items()},
}
"""What each element may hold."""


def fits(kind: str, value: str) -> bool:
    """Say whether a value is of a kind the standard has.

    Examples
    --------
    >>> fits("whole", "12"), fits("whole", "twelve"), fits("date", "2024-02-30")
    (True, False, False)
    """
    if kind == "text":
        return True
    if kind in ("moment", "date"):
        try:
            return (
                len(value) <= 40
                and (datetime.fromisoformat(value) if kind == "moment" else date.fromisoformat(value)) is not None
                and ((kind == "date" and len(value) == 10) or _MOMENT.match(value) is not None)
            )
        except ValueError:
            return False
    return _PATTERNS[kind].match(value) is not None


def inside(parts: Sequence[Part], number: int) -> Iterator[int]:
    """Give the numbers of the parts that stand directly in one part.

    Examples
    --------
    >>> parts = (Part(0, "Set"), Part(1, "MemberCode"), Part(1, "MemberCode"))
    >>> list(inside(parts, 0))
    [1, 2]
    """
    depth = parts[number].depth
    for later in range(number + 1, len(parts)):
        if parts[later].depth <= depth:
            return
        if parts[later].depth == depth + 1:
            yield later


def faults_of(foreign: Foreign) -> list[tuple[str, str]]:
    """List what is wrong with a kept element, as what it is about and why it is wrong.

    Examples
    --------
    >>> guid = "0d5c0b4e-1111-4222-8333-444455556666"
    >>> faults_of(Foreign("f", "Set", parts=(Part(0, "Set", (("guid", guid), ("name", "Best"))),)))
    []
    >>> faults_of(Foreign("f", "Set", parts=(Part(0, "Set", (("guid", guid),)),)))
    [('Set', 'lacks its name')]
    """
    parts = foreign.parts
    if not parts or parts[0].tag != foreign.kind or parts[0].depth != 0:
        return [(foreign.kind, "is not what its parts hold")]
    found: list[tuple[str, str]] = []
    path: list[str] = []
    counts: list[dict[str, int]] = []
    for number, part in enumerate(parts):
        form = FORMS.get(part.tag)
        if form is None or part.depth > len(path) or (number > 0 and part.depth == 0):
            found.append((part.tag, "is no element that can stand there"))
            break
        del path[part.depth :], counts[part.depth :]
        if path:
            order = list(FORMS[path[-1]].children)
            seen = counts[-1]
            if part.tag not in order:
                found.append((part.tag, f"cannot stand in {path[-1]}"))
            else:
                seen[part.tag] = seen.get(part.tag, 0) + 1
                most = FORMS[path[-1]].children[part.tag]
                if most and seen[part.tag] > most:
                    found.append((part.tag, f"stands more than once in {path[-1]}"))
                if any(order.index(part.tag) < order.index(before) for before in seen):
                    found.append((part.tag, f"stands too late in {path[-1]}"))
        found += _faults_of_part(part, form)
        path.append(part.tag)
        counts.append({})
    return found


def _faults_of_part(part: Part, form: Form) -> Iterator[tuple[str, str]]:
    given = dict(part.attributes)
    for name, kind in form.attributes.items():
        if kind.endswith("!") and name not in given:
            yield part.tag, f"lacks its {name}"
    for name, value in part.attributes:
        kind = form.attributes.get(name, "")
        if not kind:
            yield part.tag, f"cannot have {name}"
        elif not fits(kind.rstrip("!"), value):
            yield f"{part.tag} {name}", f"is no {kind.rstrip('!')}"
    if part.text and not form.holds:
        yield part.tag, "cannot hold text"
    elif form.holds and not fits(form.holds, part.text):
        yield part.tag, f"does not hold a {form.holds}"


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


_KINDS: Final = MappingProxyType(
    {
        "Project": "project's own settings",
        "User": "coder",
        "TextSource": "text",
        "PDFSource": "PDF",
        "PictureSource": "picture",
        "AudioSource": "recording",
        "VideoSource": "film",
    }
)

_HELD: Final = MappingProxyType(
    {
        "MemberCode": ("code", "codes"),
        "MemberSource": ("document", "documents"),
        "MemberNote": ("note", "notes"),
        "SourceRef": ("document", "documents"),
        "CodeRef": ("code", "codes"),
        "VariableValue": ("value", "values"),
        "Vertex": ("box", "boxes"),
        "Edge": ("arrow", "arrows"),
        "PlainTextSelection": ("selection", "selections"),
        "TranscriptSelection": ("selection", "selections"),
        "PictureSelection": ("selection", "selections"),
        "PDFSelection": ("selection", "selections"),
        "AudioSelection": ("selection", "selections"),
        "VideoSelection": ("selection", "selections"),
        "NoteRef": ("note", "notes"),
    }
)

_SHOWN = 3


def foreign_name(one: Foreign) -> str:
    """Name a kept element by its kind and its name.

    Examples
    --------
    >>> foreign_name(Foreign("foreign-1", "Set", "Favourites"))
    'the set “Favourites” of another program'
    """
    kind = _KINDS.get(one.kind, one.kind.lower())
    return f"the {kind} “{visible(one.name, 80)}” of another program" if one.name else f"a {kind} of another program"


def foreign_difference(parts: Sequence[Part], other: Sequence[Part]) -> str:
    """Say what one state of a kept element holds, and in what it is not like another state of it.

    Examples
    --------
    >>> one = (Part(0, "Set", (("name", "Best"),)), Part(1, "MemberCode", (("targetGUID", "g"),)))
    >>> foreign_difference(one, one[:1]), foreign_difference(one[:1], (Part(0, "Set", (("name", "Good"),)),))
    ('1 code', 'name “Best”')
    """
    counts: Counter[str] = Counter(_HELD[part.tag][0] for part in parts if part.tag in _HELD)
    many = dict(_HELD.values())
    said = [f"{number:,} {one if number == 1 else many[one]}" for one, number in counts.items()]
    others = Counter((part.tag, pair) for part in other for pair in (*part.attributes, ("text", part.text)))
    for part in parts:
        for name, value in (*part.attributes, ("text", part.text)):
            if not value.strip() or name.casefold().endswith("guid") or others[part.tag, (name, value)]:
                continue
            word = "words" if name == "text" else name
            said.append(f"{word} “{visible(value, 60)}”")
    shown = said[: len(counts) + _SHOWN]
    more = len(said) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "") or "nothing"
