"""Whether a network changed between two waves: density with its bootstrap, E-I with its null, and the one verdict.

The share of ties that cross cannot see growth: where ties within grow alike, 75 crossing ties can become 101 at an
unmoved share. So the count and the density of crossing ties stand beside it, with a paired bootstrap.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from cop_analysis.network.methods.chance import arrangements, as_far, whole_permutations
from cop_analysis.network.methods.graphs import (
    YES,
    Adjacency,
    GroupLike,
    adjacency_of,
    answers_of,
    labelled_ties,
)
from cop_analysis.network.methods.mixing import ShareIntervals, cross_share_intervals, external_totals
from cop_analysis.network.methods.non_response import ShareBounds, share_bounds
from cop_analysis.network.methods.wave_changes import groups_of_both, people_of_both
from cop_analysis.resampling import generator, monte_carlo_p
from cop_analysis.results import Verdict, count_of, format_share, in_points, interval_in_words, with_minus, with_sign

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True)
class DensityChange:
    """The change of a network's density between two waves (or two relations) among the same people.

    Attributes
    ----------
    first, second : float
        Densities (with a weight, mean weight over possible ties).
    change : float
        second - first.
    se : float
        Standard error from the paired vertex bootstrap.
    z, p_value : float
        change / se, and two-sided from the normal distribution; NaN where the bootstrap does not vary.
    interval : (float, float)
        change less and plus 1.96 se.
    replications : int
    people : int
        Compared: those who answered in both waves.
    left_out : int
        People of one wave only, or who did not answer in both.
    ties : (float, float)
        Of each wave, among the people compared (with a weight, its sum).
    on_record : bool
        Whether it is on record that all of them answered in both waves.
    """

    first: float
    second: float
    change: float
    se: float
    z: float
    p_value: float
    interval: tuple[float, float]
    replications: int
    people: int
    left_out: int
    ties: tuple[float, float] = (0, 0)
    on_record: bool = True

    @property
    def who(self) -> str:
        """The people compared, in words no stronger than what is on record."""
        return _who(self.on_record)

    @property
    def sentence(self) -> str:
        """The finding in plain words."""
        low, high = self.interval
        moved = (
            "density rose"
            if low > 0
            else "density fell"
            if high < 0
            else "the data cannot tell whether density changed"
        )
        return (
            f"Among the {self.people:,} people of both, {moved}: {self.first:.3f} to {self.second:.3f}, change "
            f"{with_sign(self.change, 3)} ({interval_in_words(low, high, lambda value: with_sign(value, 3))}, "
            f"{self.replications:,} bootstrap samples)."
        )


def density_change(
    first: nx.Graph,
    second: nx.Graph,
    replications: int = 5000,
    seed: int | np.random.Generator = 0,
    *,
    weight: str | None = None,
) -> DensityChange:
    """Answer whether the density of a network changed, allowing for ties of one person depending on each other.

    Parameters
    ----------
    first, second : networkx graph
        Both directed or both undirected. Compared are the people of both who were asked in both (not marked
        ``rostered=False`` or ``asked=False``).
    replications : int
        Bootstrap samples, at least 2.
    seed : int or numpy.random.Generator
    weight : str, optional
        Compare mean weight over possible ties in place of the share of possible ties.

    Returns
    -------
    DensityChange

    Raises
    ------
    ValueError
        If one is directed and the other not, or fewer than 3 people are in both.

    Notes
    -----
    Snijders & Borgatti 1999, Connections 22(2):161-170: people are sampled with replacement, the same people in both
    networks; a pair of a person with themselves is filled by a pair drawn at random, the same in both networks and both
    directions together. A person who did not answer in one of the waves named nobody that we know of, which is not the
    same as nobody; so only people who answered in both are compared. What the others could change is in
    `under_non_response`. The work grows with people and ties, not with pairs.

    Examples
    --------
    >>> import networkx as nx
    >>> before, after = nx.gnp_random_graph(20, 0.1, seed=1), nx.gnp_random_graph(20, 0.4, seed=2)
    >>> found = density_change(before, after, replications=500, seed=1)
    >>> round(found.change, 3), found.interval[0] > 0
    (0.279, True)
    """
    replications = whole_permutations(replications)
    if replications < 2:
        raise ValueError("replications is 1; a bootstrap needs at least 2 samples.")
    one, other, left_out = _same_people(first, second, weight)
    size = one.size
    if size < 3:
        raise ValueError(
            f"{count_of(size, 'person', 'people')} answered in both networks; a change of density needs at least 3."
        )
    tails, heads, values = _differences(one, other)
    # What passes between two people both ways, by the pair's number among all pairs of the upper triangle.
    low, high = np.minimum(tails, heads).astype(np.int64), np.maximum(tails, heads).astype(np.int64)
    keys, place = np.unique(low * (2 * size - low - 1) // 2 + high - low - 1, return_inverse=True)
    both_ways = np.append(np.bincount(place.reshape(-1), values, len(keys)), 0.0)
    number, pairs = size * (size - 1), size * (size - 1) // 2
    rng = generator(seed)
    changes = np.empty(replications)
    for sample in range(replications):
        times = np.bincount(rng.integers(0, size, size), minlength=size).astype(float)
        # Of a person drawn k times, k (k - 1) / 2 pairs would be with themselves.
        repeats = int(np.sum(times * (times - 1))) // 2
        drawn = rng.integers(0, pairs, repeats)
        found = np.searchsorted(keys, drawn)
        here = np.append(keys, -1)[found] == drawn
        filled = both_ways[found[here]].sum()
        changes[sample] = (np.sum(values * times[tails] * times[heads]) + filled) / number
    sums = (float(one.matrix.sum()), float(other.matrix.sum()))
    return _density_change(
        changes, sums, number, size, left_out, 1 if one.is_directed else 2, _on_record(first, second)
    )


def cross_density_change(
    first: nx.Graph,
    second: nx.Graph,
    attribute: GroupLike = "organisation",
    replications: int = 5000,
    seed: int | np.random.Generator = 0,
) -> DensityChange:
    """Answer whether the density of ties across groups changed: of the pairs of different groups, how many are tied.

    Parameters
    ----------
    first, second : networkx graph
        As for `density_change`; a person is in the group of the second wave (of the first where the second has none),
        and whoever has none is left out.
    attribute : str or mapping
    replications : int
        Bootstrap samples, at least 2.
    seed : int or numpy.random.Generator

    Returns
    -------
    DensityChange
        Its ``ties`` are those that cross.

    Raises
    ------
    ValueError
        As `density_change` does, and if all these people are of one group.

    Notes
    -----
    The share of ties that cross cannot see growth where ties within grow as well; this can. The paired vertex bootstrap
    of Snijders & Borgatti 1999 (Connections 22(2):161-170) with people drawn together with their groups. A pair of a
    person with themselves never crosses, so nothing has to be filled in; samples of one group only are drawn again.

    Examples
    --------
    >>> import networkx as nx
    >>> before, after = nx.cycle_graph(24), nx.circulant_graph(24, [1, 3, 5])
    >>> for wave in (before, after):
    ...     nx.set_node_attributes(wave, {n: "ab"[n % 2] for n in wave}, "organisation")
    >>> found = cross_density_change(before, after, replications=200)
    >>> found.ties, round(found.first, 3), round(found.second, 3), found.interval[0] > 0
    ((24, 72), 0.167, 0.5, True)
    """
    replications = whole_permutations(replications)
    if replications < 2:
        raise ValueError("replications is 1; a bootstrap needs at least 2 samples.")
    stayers, left_out = people_of_both(first, second, answered=True)
    home = groups_of_both(first, second, stayers, attribute)
    known = [person for person in stayers if home[person] is not None]
    left_out += len(stayers) - len(known)
    labels = {label: place for place, label in enumerate(dict.fromkeys(home[person] for person in known))}
    if len(known) < 3 or len(labels) < 2:
        raise ValueError(
            f"{count_of(len(known), 'person', 'people')} of {count_of(len(labels), 'group')} answered in both "
            "networks; "
            "a change of the ties across groups needs at least 3 people and 2 groups."
        )
    one, other = (_among(graph, known) for graph in (first, second))
    group = np.array([labels[home[person]] for person in known])
    tails, heads, values = _differences(one, other)
    across = group[tails] != group[heads]
    tails, heads, values = tails[across], heads[across], values[across]
    size = len(known)
    number = size**2 - int(np.sum(np.bincount(group) ** 2))
    rng = generator(seed)
    changes = np.empty(replications)
    for sample in range(replications):
        possible = 0.0
        while not possible:
            times = np.bincount(rng.integers(0, size, size), minlength=size).astype(float)
            possible = size**2 - float(np.sum(np.bincount(group, times, len(labels)) ** 2))
        changes[sample] = np.sum(values * times[tails] * times[heads]) / possible
    sums = [float(np.sum(group[ties.row] != group[ties.col])) for ties in (one.matrix.tocoo(), other.matrix.tocoo())]
    return _density_change(
        changes,
        (sums[0], sums[1]),
        number,
        size,
        left_out,
        1 if one.is_directed else 2,
        _on_record(first, second, known),
    )


def _differences(one: Adjacency, other: Adjacency) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the cells in which two networks of the same people differ, and by how much."""
    changed = (other.matrix - one.matrix).tocoo()
    there = changed.data != 0
    return changed.row[there], changed.col[there], changed.data[there].astype(float)


def _density_change(
    changes: np.ndarray, sums: tuple[float, float], number: int, people: int, left_out: int, ends: int, on_record: bool
) -> DensityChange:
    se = float(changes.std(ddof=1))
    change = (sums[1] - sums[0]) / number
    z = change / se if se > 1e-15 else float("nan")
    counted = [int(total) if total.is_integer() else total for total in (float(each) / ends for each in sums)]
    return DensityChange(
        first=sums[0] / number,
        second=sums[1] / number,
        change=change,
        se=se,
        z=z,
        p_value=math.erfc(abs(z) / math.sqrt(2)) if not math.isnan(z) else float("nan"),
        interval=(change - 1.959963984540054 * se, change + 1.959963984540054 * se),
        replications=len(changes),
        people=people,
        left_out=left_out,
        on_record=on_record,
        ties=(counted[0], counted[1]),
    )


@dataclass(frozen=True)
class EIChange:
    """The movement of the E-I index between two waves among the same people.

    Attributes
    ----------
    first, second, change : float
        E-I of each wave among the people of both, and second - first.
    expected, sd : float
        Of the change when labels are dealt out to the people at random, the same in both waves: exactly 0, and as
        drawn.
    p_value : float
        Two-sided, (k + 1) / (R + 1).
    permutations : int
    people, left_out : int
        Compared are those who answered in both waves.
    on_record : bool
        Whether it is on record that all of them did.
    """

    first: float
    second: float
    change: float
    expected: float
    sd: float
    p_value: float
    permutations: int
    people: int
    left_out: int
    on_record: bool = True

    @property
    def sentence(self) -> str:
        """The finding in plain words."""
        return (
            f"Among the {self.people:,} {_who(self.on_record)} the E-I index went from "
            f"{with_minus(self.first)} to {with_minus(self.second)}; with labels at random, the same in both waves, "
            f"{as_far(self.p_value, 'a move as large')}."
        )


def ei_change(
    first: nx.Graph,
    second: nx.Graph,
    attribute: GroupLike = "organisation",
    permutations: int = 4999,
    seed: int | np.random.Generator = 0,
) -> EIChange:
    """Answer whether ties came to cross groups more, or less, than before, beyond what any labels would show.

    Parameters
    ----------
    first, second : networkx graph
        Both directed or both undirected. Compared are the people of both who were asked in both, with their group in
        the second wave (in the first where the second has none).
    attribute : str or mapping
    permutations : int
    seed : int or numpy.random.Generator

    Returns
    -------
    EIChange

    Raises
    ------
    ValueError
        If a wave has no tie among these people or somebody has no group.

    Notes
    -----
    Labels are permuted over people, the same arrangement in both waves, so the ties gained and lost stay as they are
    and only whom they join is left to chance. This asks whether the change follows the groups; how uncertain the
    change is for other reasons is in `cross_share_intervals` (E-I = 2 x share - 1).

    Examples
    --------
    >>> import networkx as nx
    >>> before, after = nx.Graph([(0, 1), (2, 3)]), nx.Graph([(0, 2), (1, 3)])
    >>> for wave in (before, after):
    ...     nx.set_node_attributes(wave, {0: "a", 1: "a", 2: "b", 3: "b"}, "organisation")
    >>> found = ei_change(before, after, permutations=99)
    >>> found.first, found.second, found.change
    (-1.0, 1.0, 2.0)
    """
    permutations = whole_permutations(permutations)
    stayers, left_out = people_of_both(first, second, answered=True)
    home = groups_of_both(first, second, stayers, attribute)
    waves = []
    for graph in (first, second):
        part = graph.subgraph(stayers).copy()
        ordered = part.__class__()
        ordered.add_nodes_from(stayers)
        ordered.add_edges_from(part.edges())
        waves.append(labelled_ties(ordered, home))
    for ties, name in zip(waves, ("first", "second"), strict=True):
        if not len(ties.tails):
            raise ValueError(
                f"In the {name} wave the {len(stayers)} people who answered both times have no tie among them, so its "
                "E-I is not defined."
            )
    labels = waves[0].group_of.astype(np.int32)
    seen = [2 * float(ties.crosses.mean()) - 1 for ties in waves]
    change = seen[1] - seen[0]
    drawn = []
    for batch in arrangements(labels, permutations, seed):
        one, other = (2 * external_totals(ties, batch, permutations) / len(ties.tails) - 1 for ties in waves)
        drawn.append(other - one)
    changes = np.concatenate(drawn)
    return EIChange(
        first=seen[0],
        second=seen[1],
        change=change,
        expected=0.0,
        sd=float(np.sqrt(np.mean(changes**2))),
        p_value=monte_carlo_p(int(np.count_nonzero(np.abs(changes) >= abs(change) - 1e-12)), permutations),
        permutations=permutations,
        people=len(stayers),
        left_out=left_out,
        on_record=_on_record(first, second, stayers),
    )


def _on_record(first: nx.Graph, second: nx.Graph, people: list[Hashable] | None = None) -> bool:
    """Say whether it is known that these people (those compared, without any) answered in both waves."""
    compared = people_of_both(first, second, answered=True)[0] if people is None else people
    given = [answers_of(graph) for graph in (first, second)]
    return all(answers[person] == YES for answers in given for person in compared)


def _who(on_record: bool) -> str:
    return "people who answered both times" if on_record else "people of both waves"


def _same_people(first: nx.Graph, second: nx.Graph, weight: str | None) -> tuple[Adjacency, Adjacency, int]:
    stayers, left_out = people_of_both(first, second, answered=True)
    return _among(first, stayers, weight), _among(second, stayers, weight), left_out


def _among(graph: nx.Graph, people: list[Hashable], weight: str | None = None) -> Adjacency:
    ordered = graph.__class__()
    ordered.add_nodes_from(people)
    ordered.add_edges_from(graph.subgraph(people).edges(data=True))
    return adjacency_of(ordered, weight)


# --- the one verdict -----------------------------------------------------------------------------------------------

CHANGED, CANNOT_TELL = "yes", "cannot tell"


@dataclass(frozen=True, eq=False)
class CrossChange:
    """What became of connection across groups from one wave to another.

    Attributes
    ----------
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

    crossing: DensityChange | None
    spread: ShareIntervals
    share_range: tuple[float, float]
    first_label: str
    last_label: str
    why_no_density: str = ""

    @property
    def word(self) -> str:
        """The answer in a word: ``"yes"`` or ``"cannot tell"``.

        Yes is said where every value of an interval, of the density of crossing ties or of their share, is a rise, or
        every one a fall, and for the share what people who did not answer could have said would not turn it.
        """
        return CHANGED if self.by_density or self.by_share else CANNOT_TELL

    @cached_property
    def by_density(self) -> int:
        """1 where every value of the interval of the density is a rise, -1 where each is a fall, else 0."""
        return 0 if self.crossing is None else _side(self.crossing.interval)

    @cached_property
    def by_share(self) -> int:
        """The same for the share, as far as people who did not answer could not turn it."""
        side = _side(self.spread.change_interval)
        return side if side == _side(self.share_range) else 0

    def answer(self, plural: str = "groups") -> str:
        """Give the answer in one sentence, count and share together."""
        claim = self._claim(plural)
        return f"Yes: {claim}" if claim else self._cannot_tell(plural)

    def statement(self, plural: str = "groups") -> str:
        """Give the answer as a sentence that stands without its question."""
        claim = self._claim(plural)
        return f"{claim[0].upper()}{claim[1:]}" if claim else self._cannot_tell(plural)

    def _claim(self, plural: str) -> str:
        """Say what changed, without a capital; empty where the data cannot tell."""
        if self.by_density:
            more = self.by_density > 0
            who = "people who answered both times" if self.crossing is None else self.crossing.who
            claim = f"{who} have {'more' if more else 'fewer'} ties across {plural}"
            if not self.by_share:
                return f"{claim}; whether another share of everybody's ties crosses {plural}, the data cannot tell."
            share = "larger" if self.by_share > 0 else "smaller"
            return f"{claim}, and a {share} share of everybody's ties crosses {plural}."
        if self.by_share:
            size, count = ("larger", "more") if self.by_share > 0 else ("smaller", "fewer")
            return (
                f"a {size} share of everybody's ties crosses {plural}; whether there are {count} such ties, the data "
                "cannot tell."
            )
        return ""

    @staticmethod
    def _cannot_tell(plural: str) -> str:
        return f"The data cannot tell whether connection across {plural} changed."

    def numbers(self, plural: str = "groups") -> str:
        """Give the numbers behind the answer: crossing ties, their density, and their share."""
        parts = []
        if self.crossing is not None:
            found = self.crossing
            parts.append(
                f"Among the {found.people:,} {found.who}, ties across {plural} "
                f"went from {found.ties[0]:,} to {found.ties[1]:,} ({format_share(found.first, 1)} to "
                f"{format_share(found.second, 1)} of those possible; change {density_in_points(found.change)} "
                f"percentage points, {interval_in_words(*found.interval, density_in_points)})."
            )
        parts.append(
            f"Of everybody's ties, the share across {plural} went from {format_share(self.spread.shares[0])} to "
            f"{format_share(self.spread.shares[-1])} (change {in_points(self.spread.change)} percentage points, "
            f"{interval_in_words(*self.spread.change_interval, in_points)})."
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
    spread: ShareIntervals | None = None,
    bounds: tuple[ShareBounds, ShareBounds] | None = None,
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
    spread : ShareIntervals, optional
        The share of ties that cross in these two waves, where it has been worked out.
    bounds : (ShareBounds, ShareBounds), optional
        How far people who did not answer could move it in each wave, likewise.

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
    >>> found.word, found.crossing.ties
    ('yes', (24, 72))
    >>> print(found.answer("organisations").partition(";")[0])
    Yes: people of both waves have more ties across organisations
    """
    spread = spread or cross_share_intervals([first, last], attribute)
    bounds = bounds or (share_bounds(first, attribute), share_bounds(last, attribute))
    reach = (bounds[1].low - bounds[0].high, bounds[1].high - bounds[0].low)
    crossing, why = None, ""
    try:
        crossing = cross_density_change(first, last, attribute, replications, seed)
    except ValueError as reason:
        why = str(reason)
    return CrossChange(crossing, spread, reach, *labels, why_no_density=why)


def density_in_points(share: float) -> str:
    """Write a difference of densities in percentage points, with as many decimals as it takes to see it.

    Examples
    --------
    >>> density_in_points(0.0389), density_in_points(-0.0004), density_in_points(0.0)
    ('+3.9', '−0.04', '0.0')
    """
    return in_points(share, 1 if abs(share) >= 0.001 or share == 0 else 2)


def _side(limits: tuple[float, float]) -> int:
    return 1 if limits[0] > 0 else -1 if limits[1] < 0 else 0
