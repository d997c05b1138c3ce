"""Positions in text as different programs count them, turned into code points of our normalised text; and detection.

The standard of REFI-QDA counts Unicode code points. NVivo writes UTF-16 code units and counts CR LF as two; ATLAS.ti
counts CR LF as one; Taguette counts bytes of UTF-8. None counts a byte order mark. Nothing here reads a file.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from cop_analysis.realist.exchange.report import OffsetChoice
from cop_analysis.results import format_share

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
    def fits_start(self) -> npt.NDArray[np.bool_]:
        """For each place, whether a selection may start there without cutting a word or beginning with a blank."""
        word, blank = self._classes
        fits = ~(word[:-1] & word[1:])
        return fits & ~blank[1:]

    @cached_property
    def fits_end(self) -> npt.NDArray[np.bool_]:
        """For each place, whether a selection may end there without cutting a word or ending with a blank."""
        word, blank = self._classes
        return ~(word[:-1] & word[1:]) & ~blank[:-1]

    @cached_property
    def _classes(self) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        # One value for each code point and one beyond either end, where there is neither word nor blank.
        kinds: dict[str, tuple[bool, bool]] = {}
        word = np.zeros(len(self.text) + 2, dtype=bool)
        blank = np.zeros(len(self.text) + 2, dtype=bool)
        distinct, inverse = np.unique(self.points, return_inverse=True)
        for point in distinct.tolist():
            character = chr(point)
            kinds[character] = (_in_word(character), character.isspace())
        table = np.array(list(kinds.values()), dtype=bool).reshape(-1, 2)
        if len(table):
            word[1:-1], blank[1:-1] = table[inverse, 0], table[inverse, 1]
        return word, blank


def _in_word(character: str) -> bool:
    import unicodedata

    # A combining mark or a joiner belongs to the letter before it, so that no boundary lies inside a letter.
    return character.isalnum() or character == "_" or unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf")


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
    beyond the first emoji, cuts words. Only boundaries that the hypotheses place differently are counted. Where the
    file says the words of a selection (as its name), words that agree weigh more than boundaries. A tie goes to what
    the program is known to write, then to the standard: code points, of which CR LF is two.
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
    shares = {one: tally.fitting[one] / tally.boundaries for one in hypotheses}
    words = {one: tally.agreeing[one] / tally.worded if tally.worded else 0.0 for one in hypotheses}
    chosen = min(
        hypotheses, key=lambda one: (-round(words[one], 6), -round(shares[one], 6), _prior(one, origin, parsed_breaks))
    )
    others = [one for one in hypotheses if one != chosen]
    rest = ", ".join(f"{format_share(shares[one])} as {_named(one, wide)}" for one in others)
    tied = any((words[one], shares[one]) == (words[chosen], shares[chosen]) for one in others)
    reason = (
        f"Offsets read as {_named(chosen, wide)}: of the {tally.boundaries:,} selection boundaries that the units "
        f"place differently, {format_share(shares[chosen])} fall on word boundaries that way, against {rest}"
    )
    if words[chosen] > max((words[one] for one in others), default=0.0):
        reason += f", and {format_share(words[chosen])} of the words the file gives agree"
    reason += "; a tie settled by what the writing program is known to do." if tied else "."
    return OffsetChoice(
        chosen[0], chosen[1], reason, {_named(one, wide): shares[one] for one in hypotheses}, tally.boundaries
    )


class _Tally:
    """Counts, for each hypothesis, boundaries that fall on word boundaries and words that agree."""

    def __init__(self, hypotheses: Sequence[Hypothesis]) -> None:
        self.hypotheses = hypotheses
        self.boundaries = 0
        self.worded = 0
        self.fitting = dict.fromkeys(hypotheses, 0)
        self.agreeing = dict.fromkeys(hypotheses, 0)

    def add(self, source: SourceText, selections: Sequence[Selected]) -> None:
        """Add the selections of one document."""
        places = {one: Positions.of(source, *one) for one in self.hypotheses}
        for selection in selections:
            ends = {one: (place.place(selection.start), place.place(selection.end)) for one, place in places.items()}
            for side, fits in ((0, source.fits_start), (1, source.fits_end)):
                if len({pair[side] for pair in ends.values()}) == 1:
                    continue
                self.boundaries += 1
                for one, pair in ends.items():
                    place = pair[side]
                    self.fitting[one] += place is not None and bool(fits[place])
            words = _spaceless(selection.words)
            if len(words) >= 3 and len(set(ends.values())) > 1:
                self.worded += 1
                for one, (start, end) in ends.items():
                    if start is not None and end is not None:
                        self.agreeing[one] += _spaceless(source.text[start:end]).startswith(words)


def _spaceless(text: str) -> str:
    return "".join(text.split()).removesuffix("...").removesuffix("…")


def _prior(hypothesis: Hypothesis, origin: str, parsed_breaks: bool) -> tuple[int, int]:
    unit, line_break = hypothesis
    program = origin.casefold()
    likely_unit = "utf16" if "nvivo" in program else "codepoint"
    likely_break = 1 if "atlas" in program or (parsed_breaks and "nvivo" not in program) else 2
    return int(unit != likely_unit), int(line_break != likely_break)


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
