"""Positions in text as different programs count them, turned into code points of our normalised text; and quotes found.

The standard of REFI-QDA counts Unicode code points. NVivo writes UTF-16 code units and counts CR LF as two; ATLAS.ti
counts CR LF as one; Taguette counts bytes of UTF-8. None counts a byte order mark. In which of these ways a file
counts is found out from the file itself. Where a quote stands is looked for when a file gives words of its own.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from cop_analysis.realist.exchange.report import OffsetChoice
from cop_analysis.realist.model import Code, Coding, Document
from cop_analysis.results import format_share
from cop_analysis.study.faults import loose_name

if TYPE_CHECKING:
    from cop_analysis.study import Study


UNITS: Final = ("codepoint", "utf16")
"""The units a REFI-QDA file may count in."""

Hypothesis = tuple[str, int]
"""A unit, and how many units a line break written as CR LF counts for."""

_WIDTHS = {"codepoint": (1, 1, 1, 1), "utf16": (1, 1, 1, 2), "utf8": (1, 2, 3, 4)}

_STEPS = (0x80, 0x800, 0x10000)


@dataclass(frozen=True)
class SourceText:
    """A text as it came from a file, normalised, with the places where its line breaks were two characters.

    Parameters
    ----------
    text : str
        Without byte order mark, every line break one line feed.
    wide_breaks : numpy.ndarray of bool
        One value a code point of `text`: whether it is a line break that was written as CR LF.
    """

    text: str
    wide_breaks: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, raw: str, *, widened: bool = False) -> SourceText:
        r"""Normalise a text as it was decoded.

        Parameters
        ----------
        raw : str
        widened : bool
            Every line break was CR LF before somebody (an XML parser) normalised it.

        Examples
        --------
        >>> source = SourceText.of("\ufeffa\r\nb\rc")
        >>> source.text, source.wide_breaks.tolist()
        ('a\nb\nc', [False, True, False, False, False])
        """
        raw = raw.removeprefix("\ufeff")
        if "\r" not in raw:
            points = _points(raw)
            return cls(raw, (points == 10) if widened else np.zeros(len(points), dtype=bool))
        points = _points(raw)
        returns = points == 13
        before_feed = np.zeros(len(points), dtype=bool)
        before_feed[:-1] = returns[:-1] & (points[1:] == 10)
        wide = np.zeros(len(points), dtype=bool)
        wide[1:] = before_feed[:-1]
        text = raw.replace("\r\n", "\n").replace("\r", "\n")
        return cls(text, wide[~before_feed])

    @cached_property
    def points(self) -> npt.NDArray[np.uint32]:
        """The code points as numbers."""
        return _points(self.text)

    @cached_property
    def has_astral(self) -> bool:
        """Whether any character takes two units of UTF-16."""
        return bool((self.points > 0xFFFF).any())

    @cached_property
    def has_wide_breaks(self) -> bool:
        """Whether any line break was written as CR LF."""
        return bool(self.wide_breaks.any())

    def starts(self, unit: str, line_break: int) -> npt.NDArray[np.int64]:
        """Give the position at which each code point starts under a hypothesis, and last the length of the text.

        Examples
        --------
        >>> SourceText.of("a\U0001f600b").starts("utf16", 1).tolist()
        [0, 1, 3, 4]
        """
        widths = np.asarray(_WIDTHS[unit], dtype=np.int64)[np.searchsorted(_STEPS, self.points, side="right")]
        if line_break == 2:
            widths = widths + self.wide_breaks
        return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(widths)])

    @cached_property
    def edges(self) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
        """For each place, what kind of start and what kind of end it is: one of `CLEAN`, `BLANK`, `OPEN`, `CUT`."""
        word, blank, run, part = self._classes
        cut = (word[:-1] & word[1:]) | part[1:]
        between = cut & run[:-1] & run[1:] & ~part[1:]
        kinds = []
        for inner in (blank[1:], blank[:-1]):
            kind = np.where(cut, CUT, np.where(inner, BLANK, CLEAN))
            kinds.append(np.where(between, OPEN, kind).astype(np.int8))
        return kinds[0], kinds[1]

    @cached_property
    def rates(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """How common each kind of start and end is among all places of the text."""
        starts, ends = (np.bincount(kinds, minlength=4) + 0.5 for kinds in self.edges)
        return starts / starts.sum(), ends / ends.sum()

    @cached_property
    def _classes(self) -> tuple[npt.NDArray[np.bool_], ...]:
        # One value for each code point and one beyond either end, where there is neither word nor blank.
        distinct, inverse = np.unique(self.points, return_inverse=True)
        table = np.array([_kinds(chr(point)) for point in distinct.tolist()], dtype=bool).reshape(-1, 4)
        found = np.zeros((4, len(self.points) + 2), dtype=bool)
        if len(table):
            found[:, 1:-1] = table[inverse].T
        return tuple(found)


CLEAN, BLANK, OPEN, CUT = 0, 1, 2, 3
"""Kinds of places: beside a word, at a blank, inside a run of letters written without blanks, inside a word."""

_TOGETHER: Final = ("Mn", "Mc", "Me")

_UNSPACED: Final = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x109F),
    (0x1780, 0x17FF),
    (0x2E80, 0x2FDF),
    (0x3005, 0x30FF),
    (0x3400, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)
"""Letters of scripts that put no blank between words: Thai, Lao, Burmese, Khmer, Chinese, Japanese."""


def _kinds(character: str) -> tuple[bool, bool, bool, bool]:
    """Say whether a character is part of a word, a blank, of a script without blanks, and bound to the one before."""
    import unicodedata

    point, category = ord(character), unicodedata.category(character)
    # A combining mark, a joiner and a colour of skin belong to what stands before them, so no boundary lies there.
    bound = category in _TOGETHER or character == "\u200d" or 0x1F3FB <= point <= 0x1F3FF
    word = character.isalnum() or character == "_" or bound or category == "Cf"
    unspaced = any(first <= point <= last for first, last in _UNSPACED)
    return word, character.isspace(), unspaced, bound


@dataclass(frozen=True)
class Positions:
    """Turns positions of one text under one hypothesis into code points.

    Parameters
    ----------
    starts : sequence of int
        What `SourceText.starts` gives.
    """

    starts: Sequence[int]

    @classmethod
    def of(cls, source: SourceText, unit: str, line_break: int) -> Positions:
        """Make them for one text."""
        return cls(source.starts(unit, line_break).tolist())

    def place(self, position: int) -> int | None:
        """Give the code point at a position; None outside the text or inside a character.

        Examples
        --------
        >>> places = Positions.of(SourceText.of("a\U0001f600b"), "utf16", 1)
        >>> places.place(3), places.place(2), places.place(9)
        (2, None, None)
        """
        index = bisect.bisect_left(self.starts, position)
        return index if index < len(self.starts) and self.starts[index] == position else None

    def nearest(self, position: int) -> int | None:
        """Give the code point that holds a position, also inside a character; None outside the text."""
        if not 0 <= position <= self.starts[-1]:
            return None
        return max(bisect.bisect_right(self.starts, position) - 1, 0)

    def within(self, position: int) -> int:
        """Give the code point that holds a position; one outside the text stays as far outside.

        Examples
        --------
        >>> places = Positions.of(SourceText.of("a\U0001f600b"), "utf16", 1)
        >>> places.within(3), places.within(6), places.within(-2)
        (2, 5, -2)
        """
        inside = self.nearest(position)
        if inside is not None:
            return inside
        return position if position < 0 else len(self.starts) - 1 + position - self.starts[-1]


@dataclass(frozen=True)
class Selected:
    """A selection as a file gives it, and the words it should hold where the file says them."""

    document: str
    start: int
    end: int
    words: str = ""


def choose_offsets(
    sources: Mapping[str, SourceText],
    selections: Sequence[Selected],
    *,
    wanted: str = "auto",
    line_breaks: str = "auto",
    origin: str = "",
    parsed_breaks: bool = False,
) -> OffsetChoice:
    """Find out which unit the positions of a project count in, from where its selections begin and end.

    Parameters
    ----------
    sources : mapping of str to SourceText
    selections : sequence of Selected
    wanted : {"auto", "codepoint", "utf16"}
        Anything but ``"auto"`` is taken as it is.
    line_breaks : {"auto", "one", "two"}
        How a line break written as CR LF counts.
    origin : str
        The program the file says it comes from; settles a tie.
    parsed_breaks : bool
        The CR LF were seen by an XML parser, which makes one character of them; settles a tie the other way.

    Returns
    -------
    OffsetChoice

    Raises
    ------
    ValueError
        When `wanted` or `line_breaks` is not one of the words above.

    Notes
    -----
    People select words and sentences, so the right unit puts nearly every boundary beside a word and the wrong one,
    beyond the first emoji, cuts words. Only boundaries that the hypotheses place differently are counted, each place
    once. A boundary weighs as much as its kind is more common among boundaries than among all places of that text, so
    that a text of short words decides less than one of long words; letters of scripts without blanks say nothing. How
    carefully people selected is not known, so all degrees of care are weighed (`_CARE`). Where the file says the words
    of a selection (as its name), words that agree weigh more. What the writing program is known to do, and else the
    standard (code points), weighs as little as one boundary. Below `SURE` the choice is not settled, and says so.
    """
    if wanted not in ("auto", *UNITS):
        raise ValueError(f'offsets must be "auto", "utf16" or "codepoint", not {wanted!r}.')
    if line_breaks not in ("auto", "one", "two"):
        raise ValueError(f'line_breaks must be "auto", "one" or "two", not {line_breaks!r}.')
    used = {one.document for one in selections} & set(sources)
    astral = any(sources[name].has_astral for name in used)
    wide = any(sources[name].has_wide_breaks for name in used)
    units = (wanted,) if wanted != "auto" else (UNITS if astral else ("codepoint",))
    breaks = {"one": (1,), "two": (2,), "auto": (2, 1) if wide else (1,)}[line_breaks]
    hypotheses = [(unit, line_break) for unit in units for line_break in breaks]
    if len(hypotheses) == 1:
        unit, line_break = hypotheses[0]
        asked = "as asked" if wanted != "auto" or line_breaks != "auto" else ""
        return OffsetChoice(unit, line_break, _single_reason(unit, line_break, asked, astral, wide, bool(selections)))
    tally = _Tally(hypotheses)
    by_document: dict[str, list[Selected]] = {name: [] for name in sorted(used)}
    for one in selections:
        if one.document in by_document:
            by_document[one.document].append(one)
    for name, chosen_ones in by_document.items():
        tally.add(sources[name], chosen_ones)
    if tally.boundaries == 0:
        chosen = min(hypotheses, key=lambda one: _prior(one, origin, parsed_breaks))
        reason = (
            f"Offsets taken as {_named(chosen, wide)}: no selection lies behind a character or line break that the "
            "units count differently, so the choice makes no difference."
        )
        return OffsetChoice(chosen[0], chosen[1], reason, {}, 0)
    odds = tally.odds({one: _prior(one, origin, parsed_breaks) for one in hypotheses})
    chosen = max(hypotheses, key=lambda one: (round(odds[one], 9), _prior(one, origin, parsed_breaks)))
    shares = {one: tally.fitting[one] / tally.boundaries for one in hypotheses}
    is_settled = odds[chosen] >= SURE
    others = ", ".join(f"{format_share(shares[one])} as {_named(one, wide)}" for one in hypotheses if one != chosen)
    shown = (
        f"of the {tally.boundaries:,} selection boundaries that the units place differently, "
        f"{format_share(shares[chosen])} fall on word boundaries that way, against {others}"
    )
    if tally.agreeing[chosen] > min(tally.agreeing.values()):
        agreeing = tally.agreeing[chosen] / tally.worded
        shown += f", and {format_share(agreeing)} of the words the file gives agree"
    if is_settled:
        reason = f"Offsets read as {_named(chosen, wide)}: {shown}."
    else:
        reason = (
            f"The selections do not settle what the offsets count; {_named(chosen, wide)} was taken, "
            f"{_grounds(chosen, origin)}: {shown}. Compare a few quotes, and name the unit (offsets, line_breaks) if "
            "they are shifted."
        )
    return OffsetChoice(
        chosen[0],
        chosen[1],
        reason,
        {_named(one, wide): shares[one] for one in hypotheses},
        tally.boundaries,
        is_settled,
    )


SURE: Final = 0.95
"""How probable the chosen hypothesis must be before the choice is called settled."""

_CARE: Final = (0.97, 0.8, 0.5, 0.0)
"""Shares of boundaries that people chose by words; the rest lies anywhere. Each is held as likely as the others."""

_CHOSEN: Final = np.array([0.93, 0.06, 0.01, 0.0001])
"""Where a boundary that was chosen by words lies: beside a word, at a blank, in a script without blanks, in a word."""

_NOWHERE: Final = 1e-4
"""How likely a boundary lies outside the text or inside a character, against one place of the text."""

_WORDS_DISAGREE: Final = 0.02
"""How likely the words of a selection are not what stands at its place, where most of them are."""


class _Tally:
    """Weighs, for each hypothesis, where boundaries fall, and counts those on word boundaries and words that agree."""

    def __init__(self, hypotheses: Sequence[Hypothesis]) -> None:
        self.hypotheses = hypotheses
        self.boundaries = 0
        self.worded = 0
        self.fitting = dict.fromkeys(hypotheses, 0)
        self.agreeing = dict.fromkeys(hypotheses, 0)
        self.weights: dict[Hypothesis, list[float]] = {one: [] for one in hypotheses}

    def add(self, source: SourceText, selections: Sequence[Selected]) -> None:
        """Add the selections of one document."""
        places = {one: Positions.of(source, *one) for one in self.hypotheses}
        sides = [(edges, _weights(rates)) for edges, rates in zip(source.edges, source.rates, strict=True)]
        seen: set[tuple[int, int]] = set()
        for selection in selections:
            ends = {one: (place.place(selection.start), place.place(selection.end)) for one, place in places.items()}
            for side, position in ((0, selection.start), (1, selection.end)):
                if (side, position) in seen or len({pair[side] for pair in ends.values()}) == 1:
                    continue
                seen.add((side, position))
                self.boundaries += 1
                edges, weights = sides[side]
                for one, pair in ends.items():
                    place = pair[side]
                    kind = None if place is None else int(edges[place])
                    self.fitting[one] += kind in (CLEAN, OPEN)
                    self.weights[one].append(_NOWHERE if kind is None else float(weights[kind]))
            words = _spaceless(selection.words)
            if len(words) >= 3 and len(set(ends.values())) > 1:
                self.worded += 1
                for one, (start, end) in ends.items():
                    if start is not None and end is not None:
                        self.agreeing[one] += _spaceless(source.text[start:end]).startswith(words)

    def odds(self, priors: Mapping[Hypothesis, float]) -> dict[Hypothesis, float]:
        """Give how probable each hypothesis is."""
        logs = {}
        for one in self.hypotheses:
            weights = np.asarray(self.weights[one])
            nowhere = weights <= _NOWHERE
            grades = [np.where(nowhere, _NOWHERE, care * weights + (1 - care)) for care in _CARE]
            likely = np.logaddexp.reduce([np.log(grade).sum() for grade in grades])
            # Words that name every selection alike (a code's name) agree under no hypothesis and say nothing.
            if max(self.agreeing.values()) * 2 >= self.worded:
                likely += (self.worded - self.agreeing[one]) * np.log(_WORDS_DISAGREE)
            logs[one] = likely + np.log(priors[one])
        total = np.logaddexp.reduce(list(logs.values()))
        return {one: float(np.exp(value - total)) for one, value in logs.items()}


def _weights(rates: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Weigh each kind of place: how common it is among chosen boundaries over how common it is in the text."""
    weights = _CHOSEN / rates
    # Inside a run of a script without blanks any place may stand between two words.
    weights[OPEN] = 1.0
    return weights / (weights * rates).sum()


def _spaceless(text: str) -> str:
    return "".join(text.split()).removesuffix("...").removesuffix("…")


def _prior(hypothesis: Hypothesis, origin: str, parsed_breaks: bool) -> float:
    unit, line_break = hypothesis
    program = origin.casefold()
    likely_unit = "utf16" if "nvivo" in program else "codepoint"
    likely_break = 1 if "atlas" in program or (parsed_breaks and "nvivo" not in program) else 2
    return (0.8 if unit == likely_unit else 0.2) * (0.8 if line_break == likely_break else 0.2)


def _grounds(hypothesis: Hypothesis, origin: str) -> str:
    program = origin.casefold()
    if "nvivo" in program and hypothesis[0] == "utf16":
        return "which NVivo is known to write"
    if "atlas" in program and hypothesis == ("codepoint", 1):
        return "which ATLAS.ti is known to write"
    return "as the standard says" if hypothesis[0] == "codepoint" else "as slightly more of them fit"


def _named(hypothesis: Hypothesis, wide: bool) -> str:
    unit, line_break = hypothesis
    name = {"codepoint": "Unicode code points", "utf16": "UTF-16 code units", "utf8": "UTF-8 bytes"}[unit]
    return name + (f" with CR LF as {'two' if line_break == 2 else 'one'}" if wide else "")


def _single_reason(unit: str, line_break: int, asked: str, astral: bool, wide: bool, selections: bool) -> str:
    name = _named((unit, line_break), wide)
    if asked:
        return f"Offsets read as {name}, as asked."
    if not selections:
        return ""
    if not astral and not wide:
        return f"Offsets read as {name}; the texts hold no character that the units count differently."
    return f"Offsets read as {name}."


def _points(text: str) -> npt.NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


@dataclass
class Passages:
    """One text, prepared for finding quotes in it.

    Examples
    --------
    >>> passages = Passages("We met on Monday.\\n\\nWe  talked. We met.")
    >>> passages.find("We talked."), passages.find("We met"), passages.find("absent")
    ([(19, 30)], [(0, 6), (31, 37)], [])
    """

    text: str

    def __post_init__(self) -> None:
        self._spaceless: str | None = None

    def find(self, quote: str, most: int = 50) -> list[tuple[int, int]]:
        """Give every place at which a quote stands, at most `most` of them.

        Parameters
        ----------
        quote : str
            Looked for as it is; where that fails, without regard to blanks, line breaks and the form of quotation
            marks, which other programs change on their way.
        most : int
        """
        if not quote.strip():
            return []
        found = [(start, start + len(quote)) for start in _starts(quote, self.text, most)]
        return found or self._find_loosely(quote, most)

    def _find_loosely(self, quote: str, most: int) -> list[tuple[int, int]]:
        if self._spaceless is None:
            # The text without blanks, and for each of its characters the place it stands at.
            marks = np.fromiter((not character.isspace() for character in self.text), dtype=bool, count=len(self.text))
            self._places = np.flatnonzero(marks)
            self._spaceless = _levelled("".join(self.text.split()))
        wanted = _levelled("".join(quote.split()))
        if not wanted or len(self._spaceless) != len(self._places):
            return []
        last = len(wanted) - 1
        return [
            (int(self._places[start]), int(self._places[start + last]) + 1)
            for start in _starts(wanted, self._spaceless, most)
        ]


_MARKS = str.maketrans("\u2018\u2019\u201b\u201c\u201d\u201f\u2010\u2011\u2013\u2014", "'''\"\"\"----")


def _levelled(text: str) -> str:
    return text.translate(_MARKS)


def _starts(words: str, text: str, most: int) -> list[int]:
    """Give where words stand in a text, places that overlap included."""
    found: list[int] = []
    start = text.find(words)
    while start >= 0 and len(found) < most:
        found.append(start)
        start = text.find(words, start + 1)
    return found


@dataclass
class KnownDocuments:
    """The documents a table can be about, and their codes and coders where a coding was given."""

    study: str
    documents: dict[str, Document]
    read_text: Callable[[str], str]
    codes: Mapping[str, Code]
    coders: Mapping[str, str] = field(default_factory=dict)
    """By name, the identifier of a coder."""

    @classmethod
    def of(cls, given: Coding | Study | Mapping[str, str] | KnownDocuments) -> KnownDocuments:
        """Gather them from a coding, a study, or texts by name."""
        if isinstance(given, KnownDocuments):
            return given
        if isinstance(given, Coding):
            return cls(
                given.study,
                {one.id: one for one in given.snapshot.documents},
                given.text,
                {one.id: one for one in given.snapshot.codes},
            )
        if isinstance(given, Mapping):
            texts = {name: SourceText.of(text).text for name, text in given.items()}
            documents = {name: _document(name, f"documents/{name}", "", text) for name, text in texts.items()}
            return cls("segments", documents, texts.__getitem__, {})
        table = given.documents
        documents = {}
        if table is not None:
            for row in table.to_dict("records"):
                name, title = str(row["document"]), row.get("title")
                text = given.read_document(name)
                documents[name] = _document(name, str(row["file"]), title if isinstance(title, str) else "", text)
        return cls(given.key, documents, given.read_document, {})

    def names(self) -> dict[str, str]:
        """Give every name a document may go by in a table, loosely written; a name two documents share means none."""
        found: dict[str, set[str]] = {}
        for one in self.documents.values():
            file = PurePosixPath(one.file)
            for name in (one.id, one.title, file.name, file.stem):
                if loose_name(name):
                    found.setdefault(loose_name(name), set()).add(one.id)
        return {name: next(iter(ids)) for name, ids in found.items() if len(ids) == 1}


def _document(identifier: str, file: str, title: str, text: str) -> Document:
    digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return Document(identifier, file, title, digest, len(text))
