"""What becomes of one record when somebody is erased: it goes, or it stays without their words. No database here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final

from cop_analysis.realist.json_form import FORMS
from cop_analysis.realist.records import Extract, Measure, Record
from cop_analysis.realist.references import POINTERS
from cop_analysis.realist.store.bodies import Key
from cop_analysis.realist.store.detach import without
from cop_analysis.realist.store.traces import RUN, Span, Traces, words_of

_OF_THE_TEXT: Final = frozenset({"quote", "prefix", "suffix"})
_STRUCTURE: Final = frozenset({"id", "sha256", "colour", "created", "role", "codes", "about", "target", "file"})
"""Fields that hold no words of people, though they are texts."""


@dataclass(frozen=True)
class Target:
    """What is to go.

    Parameters
    ----------
    documents : frozenset of str
        Documents that go whole, with all that was coded in them.
    spans : mapping of str to tuple of (int, int)
        In documents that stay, the turns that go.
    texts : mapping of str to str
        The checksum of the text those turns were found in.
    speech : mapping of str to tuple of str
        What is said in those turns, by which passages are known whose place in the text is not.
    said : tuple of str
        All they said, coded or not, by which an old copy's passages are known.
    extracts : frozenset of str
        Passages that go besides.
    traces : Traces
        Names and words that are taken out of every text.
    """

    documents: frozenset[str] = frozenset()
    spans: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    speech: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    extracts: frozenset[str] = frozenset()
    traces: Traces = field(default_factory=Traces)


def goes(one: Record, target: Target, gone: Collection[Key]) -> bool:
    """Say whether a record goes: it is what they said, or it is nothing without what goes."""
    return (isinstance(one, Extract) and _is_spoken(one, target)) or without(one, gone) is None


def redacted(one: Record, target: Target, gone: Collection[Key]) -> Record | None:
    """Give a record without the person, or None where it goes."""
    left: Any = None if goes(one, target, gone) else without(one, gone)
    if left is None:
        return None
    if isinstance(left, Extract):
        # What stands before and after a passage may be somebody's turn.
        for start, stop in target.spans.get(left.document, ()):
            if start < left.start <= stop + len(left.prefix):
                left = replace(left, prefix="")
            if left.end - 1 <= stop and start - len(left.suffix) <= left.end:
                left = replace(left, suffix="")
    if target.traces.nothing:
        return left
    values = {}
    kind: type = type(left)
    for name in _texts(kind):
        value = getattr(left, name)
        if isinstance(left, Extract) and name == "quote":
            # A quote keeps its length, because its place in the text is counted in characters.
            new = target.traces.with_names_masked(value)
        else:
            new = _without_words(value, target.traces, passages=name not in _OF_THE_TEXT)
        if new != value:
            values[name] = new
    return replace(left, **values) if values else left


def _is_spoken(extract: Extract, target: Target) -> bool:
    if extract.id in target.extracts:
        return True
    spans = target.spans.get(extract.document, ())
    if extract.placed and any(extract.start < stop and start < extract.end for start, stop in spans):
        return True
    speech = target.speech.get(extract.document, ())
    if not speech or len(words_of(extract.quote)) < RUN:
        return False
    return any(as_speech(extract.quote) in one for one in speech)


def _without_words(value: Any, traces: Traces, *, passages: bool) -> Any:
    if isinstance(value, str):
        return traces.without(value, passages=passages)
    if isinstance(value, tuple):
        return tuple(_without_words(one, traces, passages=passages) for one in value)
    if hasattr(value, "__dataclass_fields__"):
        kind: Any = value.__class__
        names = _texts(kind)
        return replace(
            value, **{name: _without_words(getattr(value, name), traces, passages=passages) for name in names}
        )
    return value


@cache
def _texts(kind: Any) -> tuple[str, ...]:
    """List the fields of a record in which people write, or that hold records in which they do."""
    if kind is Measure:
        return ()
    pointers = POINTERS.get(kind, {})
    names = ((one.attribute or one.name, one) for one in FORMS[kind])
    return tuple(
        name
        for name, one in names
        if one.kind not in ("whole", "number or null", "yes or no")
        and not one.choices
        and name not in pointers
        and name not in _STRUCTURE
    )


def as_speech(text: str) -> str:
    """Write what was said as `Target.speech` holds it.

    Examples
    --------
    >>> as_speech("We rang, at night.")
    ' we rang at night '
    """
    return f" {' '.join(words_of(text))} "
