"""What came of comparing one stated figure with the rows: its shape, and the words for a stated figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cop_analysis.study.config import Stated

AGREES, NOT_CONTRADICTED, DIFFERS, UNKNOWN = "agrees", "not contradicted", "differs", "cannot be recomputed"
MOST_TOLD = 5
"""How many explanations of one difference are told in words; all are listed."""


@dataclass(frozen=True)
class Finding:
    """One stated figure beside its rows.

    Parameters
    ----------
    verdict : str
        ``agrees``, ``not contradicted``, ``differs`` or ``cannot be recomputed``.
    sentence : str
        The finding in words, without a capital letter.
    recomputed : int, float or None
        What the rows give, in the unit of the stated figure.
    explanation : str
        What may account for a difference, in words.
    told : tuple of dict
        Each explanation as a row.
    headline : str
        The uncertainty beside the number, where it belongs on top of a report.
    sources : tuple of str
        The files used.
    possible : str
        Which whole numbers a share or an average can have come from.
    """

    verdict: str
    sentence: str
    recomputed: float | None
    explanation: str = ""
    told: tuple[dict[str, object], ...] = ()
    headline: str = ""
    sources: tuple[str, ...] = ()
    possible: str = ""


def name_stated(stated: Stated) -> str:
    """Name what is stated, with its restrictions.

    Examples
    --------
    >>> from cop_analysis.study.config import Stated
    >>> name_stated(Stated(what="attended", value=360, where={"format": "webinar"}, period="2023/24"))
    'attended (format webinar, 2023/24)'
    """
    where = where_words(stated)
    return f"{stated.what} ({where})" if where else stated.what


def where_words(stated: Stated) -> str:
    """Write what a stated figure is restricted to.

    Examples
    --------
    >>> from cop_analysis.study.config import Stated
    >>> where_words(Stated(what="attended", value=360, where={"format": "webinar"}))
    'format webinar'
    """
    return ", ".join([*(f"{key} {value}" for key, value in stated.where.items()), *filter(None, [stated.period])])


def stated_words(stated: Stated) -> str:
    """Write a stated figure as its source does.

    Examples
    --------
    >>> from cop_analysis.study.config import Stated
    >>> stated_words(Stated(what="attended", value=360, at_least=True))
    'at least 360'
    >>> stated_words(Stated(what="mean rating", value=4.2, decimals=2))
    '4.20'
    """
    number = f"{stated.value:.15g}" if stated.decimals is None else f"{stated.value:.{stated.decimals}f}"
    return f"{'at least ' if stated.at_least else ''}{number}{stated.unit}"


def told_together(sentences: list[str], count: int) -> str:
    """Put explanations of one difference in words: one, or several that fit equally well.

    Examples
    --------
    >>> told_together(["a", "b"], 3)
    '3 explanations fit equally, so the numbers alone do not tell which is right: a; b; and 1 more'
    """
    if count == 1:
        return sentences[0]
    shown = sentences[:MOST_TOLD]
    more = f"; and {count - len(shown)} more" if count > len(shown) else ""
    return (
        f"{count} explanations fit equally, so the numbers alone do not tell which is right: {'; '.join(shown)}{more}"
    )
