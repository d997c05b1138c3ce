"""The traces of a person in texts, and records without them."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache
from itertools import islice
from typing import Any, Final

from cop_analysis.realist.model.json_form import FORMS
from cop_analysis.realist.model.records import POINTERS, Extract, Key, Measure, Record, without

ERASED: Final = "[erased]"
"""What stands where a person was named or quoted."""

RUN: Final = 6
"""So many words in a row are somebody's own; fewer are theirs only where they are a whole passage that was coded."""

SHORTEST_QUOTE: Final = 12
"""Passages of fewer characters are anybody's words, and stay where somebody wrote them."""

# Scripts that are written without blanks between words are read a character at a time.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"

_WORD: Final = re.compile(
    rf"[{_UNSPACED}]|(?:(?![{_UNSPACED}])[^\W_])(?:(?![{_UNSPACED}])[^\W_]|[\u0300-\u036f\u200c\u200d\u00ad])*"
)

_UNSEEN: Final = re.compile("[\u00ad\u200c\u200d]")

_FEW: Final = 40
"""So many runs are looked for by their first word before a text is cut into words."""

Words = tuple[str, ...]

Span = tuple[int, int]


def words_of(text: str) -> list[str]:
    """Give the words of a text as they are compared.

    Examples
    --------
    >>> words_of("P01's sister, AGNIESZKA_k")
    ['p01', 's', 'sister', 'agnieszka', 'k']
    """
    return _WORD.findall(_plain(text))


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text).casefold())


def can_be_searched(name: str) -> bool:
    """Say whether a name tells one person from any other word: two characters or more, one of them a letter.

    Examples
    --------
    >>> can_be_searched("P01"), can_be_searched("7"), can_be_searched("A")
    (True, False, False)
    """
    found = "".join(words_of(name))
    return len(found) >= 2 and any(one.isalpha() for one in found)


@dataclass(frozen=True)
class Known:
    """Runs of words that are looked for: of which lengths, and how to tell one.

    Parameters
    ----------
    lengths : tuple of int
        How many words the runs have, the longest first.
    holds : callable
        Whether a run of words is one of them.
    hints : tuple of str
        One of these stands in every text that holds a run; empty where nothing is known of it.
    """

    lengths: tuple[int, ...]
    holds: Callable[[Words], bool]
    hints: tuple[str, ...] = ()

    @classmethod
    def of(cls, runs: Collection[Words]) -> Known:
        """Look for these."""
        kept = frozenset(runs)
        lengths = tuple(sorted({len(one) for one in kept}, reverse=True))
        return cls(lengths, kept.__contains__, tuple({one[0] for one in kept}) if len(kept) <= _FEW else ())

    def may_be_in(self, plain: str) -> bool:
        """Say whether it is worth while to look at the words of a text."""
        return bool(self.lengths) and (not self.hints or any(one in plain for one in self.hints))

    def found(self, words: list[str]) -> Iterator[tuple[int, int]]:
        """Give the places of runs among words, as first and last and one."""
        for length in self.lengths:
            for start, run in enumerate(_windows(words, length)):
                if self.holds(run):
                    yield start, start + length


@dataclass(frozen=True)
class Traces:
    """What is looked for in a text.

    Parameters
    ----------
    names, passages : Known
        What names the person, and what they said.

    Examples
    --------
    >>> traces = Traces.of(["P01", "Agnieszka"], ["I rang the hospital in the night, and nobody came."])
    >>> traces.without('P01 told us: "...the hospital in the night, and nobody..." Agnieszka\\'s words, not P010\\'s.')
    '[erased] told us: "...[erased]..." [erased]\\'s words, not P010\\'s.'
    """

    names: Known = field(default_factory=lambda: Known.of(()))
    passages: Known = field(default_factory=lambda: Known.of(()))

    @classmethod
    def of(cls, names: Iterable[str], passages: Iterable[str] = (), others: Iterable[str] = ()) -> Traces:
        """Look for these names and for what stands in these passages, except what others say in the same words."""
        wanted = {tuple(words_of(name)) for name in names if can_be_searched(name)}
        runs = runs_of(passages)
        lengths = {len(run) for run in runs}
        for other in others if runs else ():
            words = words_of(other)
            for length in lengths:
                runs.difference_update(_windows(words, length))
        return cls(Known.of(wanted), Known.of(runs))

    @cached_property
    def nothing(self) -> bool:
        """Whether nothing is looked for."""
        return not (self.names.lengths or self.passages.lengths)

    def found(self, text: str, *, least: int = 0) -> bool:
        """Say whether a text names or quotes the person, in so many characters at least."""
        plain = _plain(text)
        worth = [known for known in (self.names, self.passages) if known.may_be_in(plain)]
        words = _WORD.findall(plain) if worth else []
        return any(sum(map(len, words[start:stop])) >= least for known in worth for start, stop in known.found(words))

    def is_name(self, text: str) -> bool:
        """Say whether a text is a name and nothing else."""
        words = words_of(text)
        return len(words) in self.names.lengths and self.names.holds(tuple(words))

    def spans(self, text: str, *, names: bool = True, passages: bool = True) -> list[Span]:
        """Give the places in a text that name or quote the person, none of them overlapping."""
        plain = _plain(text)
        chosen = [known for known, wanted in ((self.names, names), (self.passages, passages)) if wanted]
        wanted = [known for known in chosen if known.may_be_in(plain)]
        words = _WORD.findall(plain) if wanted else []
        here = {(*place, known is self.passages) for known in wanted for place in known.found(words)}
        if not here:
            return []
        places = [(one.start(), one.end()) for one in _WORD.finditer(text) if _UNSEEN.sub("", one[0])]
        if len(places) != len(words):
            # A letter that folds into several characters can split a word otherwise; then all of the text goes.
            return [(0, len(text))]
        joined: list[tuple[int, int, bool]] = []
        for start, stop, said in sorted(here):
            # A passage may be known by parts that stand side by side.
            if joined and (start < joined[-1][1] or (start == joined[-1][1] and said and joined[-1][2])):
                joined[-1] = (joined[-1][0], max(stop, joined[-1][1]), said or joined[-1][2])
            else:
                joined.append((start, stop, said))
        return [(places[start][0], places[stop - 1][1]) for start, stop, _ in joined]

    def without(self, text: str, *, passages: bool = True) -> str:
        """Give a text in which a mark stands for each place that names or quotes the person."""
        return replaced(text, self.spans(text, passages=passages))

    def with_names_masked(self, text: str) -> str:
        """Give a text of the same length in which no name can be read, because places in it are counted."""
        for start, stop in self.spans(text, passages=False):
            text = text[:start] + "█" * (stop - start) + text[stop:]
        return text


def replaced(text: str, spans: Iterable[Span], by: str = ERASED) -> str:
    """Give a text with something else in each of these places."""
    for start, stop in sorted(spans, reverse=True):
        text = text[:start] + by + text[stop:]
    return text


def runs_of(passages: Iterable[str]) -> set[Words]:
    """Give the runs of words by which passages are known again, even where they were cut short.

    Examples
    --------
    >>> sorted(runs_of(["We rang in the night, all of us.", "told me to ring"]))[0]
    ('in', 'the', 'night', 'all', 'of', 'us')
    """
    found: set[Words] = set()
    for passage in passages:
        words = words_of(passage)
        if len(words) >= RUN:
            found.update(_windows(words, RUN))
        elif len(words) > 1 and len(passage.strip()) >= SHORTEST_QUOTE:
            found.add(tuple(words))
    return found


def parts_of(passage: str) -> list[Words]:
    """Give few runs of words that cover a passage, none longer than `RUN`, so that looking for them costs little.

    Examples
    --------
    >>> [" ".join(part) for part in parts_of("We rang in the night, all of us, and waited.")]
    ['we rang in the night all', 'night all of us and waited']
    """
    words = words_of(passage)
    if len(words) >= RUN:
        starts = dict.fromkeys((*range(0, len(words) - RUN, RUN), len(words) - RUN))
        return [tuple(words[start : start + RUN]) for start in starts]
    return [tuple(words)] if len(words) > 1 and len(passage.strip()) >= SHORTEST_QUOTE else []


def _windows(words: list[str], length: int) -> Iterator[Words]:
    return zip(*(islice(words, skip, None) for skip in range(length)), strict=False)


def digest_of(salt: str, kind: str, words: Iterable[str]) -> str:
    """Name words so that they are known again and cannot be read; the salt keeps ready-made lists of names out."""
    return hashlib.sha256("\x1f".join((salt, kind, *words)).encode("utf-8", "surrogatepass")).hexdigest()


def hashed(salt: str, kind: str, digests: Collection[str], lengths: Iterable[int]) -> Known:
    """Look for words of which only checksums are known."""
    kept = frozenset(digests)

    @lru_cache(maxsize=2**16)
    def holds(run: Words) -> bool:
        return digest_of(salt, kind, run) in kept

    return Known(tuple(sorted(set(lengths), reverse=True)), holds)


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
