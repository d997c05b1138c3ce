"""The measures a configuration can point at: what each shows, and by which rule it agrees with what people said.

A strand is one file in `strands/` that ends with its `STRAND`; it is found by looking, and no list names it again. It
is handed `Figures`: the study, the settings, and a place to keep what several of its measures need.
"""

from __future__ import annotations

import functools
import pkgutil
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from importlib import import_module
from math import nan
from typing import TYPE_CHECKING, Any, TypeVar

from cop_analysis.realist import Configuration, Measure
from cop_analysis.realist.pages.words import measure_words
from cop_analysis.results import Verdict

if TYPE_CHECKING:
    from cop_analysis.study import Study

READINGS = ("confirm", "complement", "contradict", "silent")
"""What a measure does to what the coded text says: the triangulation protocol's agreement, partial agreement,
dissonance and silence."""


@dataclass(frozen=True)
class Text:
    """The coded text of one configuration: extracts by stance, and which way they point."""

    supports: int
    refines: int
    refutes: int

    @property
    def total(self) -> int:
        """Extracts of any stance."""
        return self.supports + self.refines + self.refutes

    @property
    def verdict(self) -> str:
        """``"for"``, ``"against"``, ``"mixed"`` or ``"silent"``."""
        if self.supports + self.refutes == 0:
            return "mixed" if self.refines else "silent"
        if self.supports == self.refutes:
            return "mixed"
        return "for" if self.supports > self.refutes else "against"


@dataclass(frozen=True)
class Finding:
    """What one measure shows, before it is held against a configuration.

    Parameters
    ----------
    shows : str
        The finding in words with its numbers, or why there is none.
    goes : str
        ``"higher"`` or ``"lower"`` where the 95% interval leaves no doubt, ``"unclear"`` where it does, ``"reach"``
        for attendance (which cannot speak for or against an outcome), ``"silent"`` where nothing can be computed.
    estimate, low, high, p_value : float
        The figure behind it with its interval; NaN where there is none.
    quantity : str
        What the estimate is.
    n : int
    brief : str
        The finding in one sentence, where `shows` takes more.
    judged : tuple of (float, float, float), optional
        The bounds by which the direction was judged, and the value on whose other side it would be another.
    answers : tuple of Verdict
        The answers it rests on that another page gives too.
    of_change : bool
        False where it compares two groups of people, of whom nobody is known to have changed.
    """

    shows: str
    goes: str = "silent"
    quantity: str = ""
    estimate: float = nan
    low: float = nan
    high: float = nan
    n: int = 0
    p_value: float = nan
    brief: str = ""
    judged: tuple[float, float, float] | None = None
    answers: tuple[Verdict, ...] = ()
    of_change: bool = True

    def verdict(self, question: str) -> Verdict | None:
        """Give the direction as a record: yes where it moved, with the bounds that carry it; None without bounds."""
        if self.judged is None:
            return None
        low, high, turns_at = self.judged
        return Verdict(question, "yes" if self.goes in {"higher", "lower"} else "cannot tell", low, high, turns_at)


def agreement(text: Text, finding: Finding, expects: str | None) -> str:
    """Say what a measure does to what the coded text says about a configuration.

    Parameters
    ----------
    text : Text
    finding : Finding
    expects : str or None
        Which way the measure goes if the configuration is right.

    Returns
    -------
    str
        ``"silent"`` where the measure cannot be computed or no text speaks; ``"confirm"`` where both say the
        configuration holds, or both that it does not; ``"contradict"`` where one says so and the other the opposite;
        ``"complement"`` in all other cases: the interval leaves the direction open, supporting and refuting extracts
        balance, the expected direction was not written down, or the measure is one of reach.

    Notes
    -----
    After the triangulation protocol: Farmer et al. 2006, Qualitative Health Research 16(3):377-394; O'Cathain, Murphy
    & Nicholl 2010, BMJ 341:c4587.

    Examples
    --------
    >>> rose = Finding("18 of 22 rose", "higher")
    >>> agreement(Text(5, 0, 1), rose, "higher"), agreement(Text(5, 0, 1), rose, "lower")
    ('confirm', 'contradict')
    >>> agreement(Text(5, 0, 1), rose, None), agreement(Text(0, 0, 0), rose, "higher")
    ('complement', 'silent')
    """
    if finding.goes == "silent" or text.verdict == "silent":
        return "silent"
    if finding.goes not in ("higher", "lower") or text.verdict == "mixed" or expects is None:
        return "complement"
    return "confirm" if (finding.goes == expects) == (text.verdict == "for") else "contradict"


T = TypeVar("T")


class Figures:
    """What a strand works with: a study, the settings, and whatever it wants to work out once.

    Parameters
    ----------
    study : Study
    permutations, seed : int
        For comparisons with chance, as on the pages of survey and network.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> figures = Figures(SimpleNamespace(), 99, 1)
    >>> figures.once(("pairing", "confidence"), lambda: 3), figures.once(("pairing", "confidence"), lambda: 4)
    (3, 3)
    """

    def __init__(self, study: Study, permutations: int, seed: int) -> None:
        self.study, self.permutations, self.seed = study, permutations, seed
        self._known: dict[Hashable, Any] = {}

    def once(self, what: Hashable, make: Callable[[], T]) -> T:
        """Give what was made under this name before, or make it now."""
        if what not in self._known:
            self._known[what] = make()
        known: T = self._known[what]
        return known


def no_wording(study: Study, measure: Measure) -> str:
    """Give no wording: the name of the measure says all."""
    return ""


@dataclass(frozen=True)
class Strand:
    """One strand of measured evidence, with the kinds of measure that belong to it.

    Parameters
    ----------
    key, title : str
        Its name in tables and as a heading.
    place : int
        Where it stands among the strands, lowest first; coded text stands before them all.
    files : tuple of str
        The study's tables its numbers come from.
    kinds : mapping of str to callable
        By the ``kind`` of a measure in coding.json, what gives its finding: called with `Figures` and the measure.
    wording : callable
        Gives the words that people were asked, of a measure that is an item.
    is_outcome : bool
        False of reach, which cannot speak for or against an outcome.
    """

    key: str
    title: str
    place: int
    files: tuple[str, ...]
    kinds: Mapping[str, Callable[[Figures, Measure], Finding]]
    wording: Callable[[Study, Measure], str] = no_wording
    is_outcome: bool = True


@functools.cache
def all_strands() -> tuple[Strand, ...]:
    """List the strands in the order in which they are shown.

    Examples
    --------
    >>> [strand.key for strand in all_strands()]
    ['survey', 'ties', 'ratings', 'attendance']
    """
    folder = import_module("cop_analysis.synthesis.strands")
    modules = [import_module(f"{folder.__name__}.{one.name}") for one in pkgutil.iter_modules(folder.__path__)]
    return tuple(sorted((module.STRAND for module in modules), key=lambda strand: strand.place))


@dataclass(frozen=True)
class Reading:
    """A finding held against one configuration."""

    strand: Strand
    measure: str
    expects: str
    finding: Finding
    reading: str


class Measures:
    """The measured strands of one study, each finding worked out once.

    Parameters
    ----------
    study : Study
    permutations, seed : int
        As in `Figures`.
    """

    def __init__(self, study: Study, permutations: int, seed: int) -> None:
        self._figures = Figures(study, permutations, seed)
        self._found: dict[Measure, Finding] = {}

    def readings(self, configuration: Configuration, text: Text) -> tuple[Reading, ...]:
        """Give the readings of a configuration's measures, in the order of the strands."""
        found = []
        for measure in configuration.measures:
            finding = self.finding(measure)
            says = agreement(text, finding, measure.expects)
            found.append(Reading(_strand_of(measure), self.name(measure), measure.expects or "", finding, says))
        return tuple(sorted(found, key=lambda one: one.strand.place))

    def name(self, measure: Measure) -> str:
        """Name a measure, with the item's wording where the study gives one."""
        words, wording = measure_words(measure), _strand_of(measure).wording(self._figures.study, measure)
        return f"{words}: “{wording}”" if wording else words

    def verdicts(self) -> tuple[Verdict, ...]:
        """Give the direction of every measure asked for so far, each once."""
        found = []
        for measure, finding in self._found.items():
            parts = (measure.kind, measure.instrument, measure.item, measure.relation, measure.measure)
            one = finding.verdict(f"synthesis:moved:{':'.join(part for part in parts if part)}")
            if one is not None:
                found.append(one)
        return tuple(found)

    def answers(self) -> tuple[Verdict, ...]:
        """Give the answers that another page gives too, of the measures asked for so far, each once."""
        return tuple(dict.fromkeys(answer for finding in self._found.values() for answer in finding.answers))

    def finding(self, measure: Measure) -> Finding:
        """Give what a measure shows; what it expects plays no part."""
        key = Measure(measure.kind, measure.instrument, measure.item, measure.relation, measure.measure, measure.series)
        if key not in self._found:
            self._found[key] = _strand_of(key).kinds[key.kind](self._figures, key)
        return self._found[key]


def _strand_of(measure: Measure) -> Strand:
    return next(strand for strand in all_strands() if measure.kind in strand.kinds)
