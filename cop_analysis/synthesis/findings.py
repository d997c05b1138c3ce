"""What one measure shows, and by which rule it agrees with what people said; nothing is computed of a study here."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

from cop_analysis.results import Verdict

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
