"""Did connection across groups change? The one answer that every part of a page gives, and the numbers it rests on.

The share of ties that cross cannot see growth: where ties within grow alike, 75 crossing ties can become 101 at an
unmoved share. So the count and the density of crossing ties stand beside it, with a paired bootstrap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cop_analysis.network.labelled import GroupLike
from cop_analysis.network.non_response import share_bounds
from cop_analysis.network.share_intervals import ShareIntervals, cross_share_intervals
from cop_analysis.network.wave_tests import DensityChange, cross_density_change
from cop_analysis.results import Verdict, format_share

if TYPE_CHECKING:
    import networkx as nx

YES, CANNOT_TELL = "yes", "cannot tell"


@dataclass(frozen=True, eq=False)
class CrossChange:
    """What became of connection across groups from one wave to another.

    Attributes
    ----------
    word : str
        ``"yes"`` where every value of an interval, of the density of crossing ties or of their share, is a rise, or
        every one a fall, and for the share what people who did not answer could have said would not turn it; else
        ``"cannot tell"``.
    crossing : DensityChange or None
        Density of crossing ties among people who answered in both waves; None where it cannot be compared.
    spread : ShareIntervals
        The share of ties that cross in each wave, and its change.
    share_range : (float, float)
        The change of the share that people who did not answer could make, as many ties as others have.
    first_label, last_label : str
    why_no_density : str
        Why `crossing` is None.
    """

    word: str
    crossing: DensityChange | None
    spread: ShareIntervals
    share_range: tuple[float, float]
    first_label: str
    last_label: str
    why_no_density: str = ""

    @property
    def by_density(self) -> int:
        """1 where every value of the interval of the density is a rise, -1 where each is a fall, else 0."""
        return 0 if self.crossing is None else _side(self.crossing.interval)

    @property
    def by_share(self) -> int:
        """The same for the share, as far as people who did not answer could not turn it."""
        side = _side(self.spread.change_interval)
        return side if side == _side(self.share_range) else 0

    def answer(self, plural: str = "groups") -> str:
        """Give the answer in one sentence, count and share together."""
        if self.by_density:
            much = "more" if self.by_density > 0 else "fewer"
            who = "people who answered both times" if self.crossing is None else self.crossing.who
            text = f"Yes: {who} have {much} ties across {plural}"
            if self.by_share == -self.by_density:
                return f"{text}, and they are a {'smaller' if much == 'more' else 'larger'} share of all ties."
            if self.by_share:
                return f"{text}, and they are a {'larger' if much == 'more' else 'smaller'} share of all ties."
            return f"{text}; whether they make up a different share of all ties, the data cannot tell."
        if self.by_share:
            much = "larger" if self.by_share > 0 else "smaller"
            return (
                f"Yes: a {much} share of ties crosses {plural}; whether there are "
                f"{'more' if self.by_share > 0 else 'fewer'} such ties, the data cannot tell."
            )
        return f"The data cannot tell whether connection across {plural} changed."

    def statement(self, plural: str = "groups") -> str:
        """Give the answer as a sentence that stands without its question."""
        return self.answer(plural).replace("Yes: people", "People").replace("Yes: a", "A")

    def numbers(self, plural: str = "groups") -> str:
        """Give the numbers behind the answer: crossing ties, their density, and their share."""
        parts = []
        if self.crossing is not None:
            found = self.crossing
            low, high = found.interval
            parts.append(
                f"Among the {found.people:,} {found.who}, ties across {plural} "
                f"went from {found.ties[0]:,} to {found.ties[1]:,} ({format_share(found.first, 1)} to "
                f"{format_share(found.second, 1)} of those possible; change {tenths(found.change)} percentage points, "
                f"95% interval {tenths(low)} to {tenths(high)})."
            )
        low, high = self.spread.change_interval
        parts.append(
            f"Their share of all ties went from {format_share(self.spread.shares[0])} to "
            f"{format_share(self.spread.shares[-1])} (change {points(self.spread.change)} percentage points, 95% "
            f"interval {points(low)} to {points(high)})."
        )
        return " ".join(parts)

    def sentence(self, plural: str = "groups") -> str:
        """Give the answer, as a statement, with its numbers."""
        return f"{self.statement(plural)} {self.numbers(plural)}"

    def verdict(self, question: str) -> Verdict:
        """Give the answer as a record, with the bounds it rests on."""
        if self.by_density and self.crossing is not None:
            return Verdict(question, self.word, *self.crossing.interval, turns_at=0.0)
        low = min(self.spread.change_interval[0], self.share_range[0])
        return Verdict(question, self.word, low, max(self.spread.change_interval[1], self.share_range[1]), turns_at=0.0)


def cross_change(
    first: nx.Graph,
    last: nx.Graph,
    attribute: GroupLike = "organisation",
    *,
    labels: tuple[str, str] = ("the first wave", "the last wave"),
    replications: int = 2000,
    seed: int | np.random.Generator = 0,
) -> CrossChange:
    """Answer whether connection across groups changed between two waves.

    Parameters
    ----------
    first, last : networkx graph
        Everybody in them with the group attribute, and a tie in each.
    attribute : str or mapping
    labels : (str, str)
        What the waves are called.
    replications : int
        Bootstrap samples for the density of crossing ties.
    seed : int or numpy.random.Generator

    Returns
    -------
    CrossChange

    Raises
    ------
    ValueError
        If a wave has no tie or somebody no group.

    Examples
    --------
    >>> import networkx as nx
    >>> before, after = nx.cycle_graph(24), nx.circulant_graph(24, [1, 3, 5])
    >>> for wave in (before, after):
    ...     nx.set_node_attributes(wave, {n: "ab"[n % 2] for n in wave}, "organisation")
    >>> found = cross_change(before, after, replications=200)
    >>> found.word, found.crossing.ties, found.answer("organisations")
    ('yes', (24, 72), 'Yes: people of both waves have more ties across organisations; whether they make up a different share of all ties, the data cannot tell.')
    """  # noqa: E501
    spread = cross_share_intervals([first, last], attribute)
    bounds = [share_bounds(graph, attribute) for graph in (first, last)]
    reach = (bounds[1].low - bounds[0].high, bounds[1].high - bounds[0].low)
    crossing, why = None, ""
    try:
        crossing = cross_density_change(first, last, attribute, replications, seed)
    except ValueError as reason:
        why = str(reason)
    found = CrossChange(CANNOT_TELL, crossing, spread, reach, *labels, why_no_density=why)
    word = YES if found.by_density or found.by_share else CANNOT_TELL
    return CrossChange(word, crossing, spread, reach, *labels, why_no_density=why)


def points(share: float) -> str:
    """Write a difference of shares in percentage points, with its sign.

    Examples
    --------
    >>> points(0.183), points(-0.03), points(0.001)
    ('+18', '−3', '0')
    """
    rounded = round(100 * share)
    return f"{'+' if rounded > 0 else '−' if rounded < 0 else ''}{abs(rounded)}"


def tenths(share: float) -> str:
    """Write a difference of densities in percentage points with as many decimals as it takes to see it.

    Examples
    --------
    >>> tenths(0.0389), tenths(-0.0004), tenths(0.0)
    ('+3.9', '−0.04', '0.0')
    """
    value = 100 * share
    digits = 1 if abs(value) >= 0.1 or value == 0 else 2
    written = f"{abs(value):.{digits}f}"
    sign = "" if not float(written) else "+" if value > 0 else "−"
    return f"{sign}{written}"


def _side(limits: tuple[float, float]) -> int:
    return 1 if limits[0] > 0 else -1 if limits[1] < 0 else 0
