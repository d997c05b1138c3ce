"""What is kept for another program, said in words a person can decide by: no XML, no files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from cop_analysis.realist.records import Foreign, Part
from cop_analysis.study.faults import visible

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
