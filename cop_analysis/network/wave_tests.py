"""Whether a network changed between two waves: density with its bootstrap, E-I with its null, and who gained what."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cop_analysis.network.adjacency import Adjacency, adjacency_of, require_graph
from cop_analysis.network.answered import YES, answer_of, never_asked, said_nothing
from cop_analysis.network.arrangements import arrangements, whole_permutations
from cop_analysis.network.chance import as_far
from cop_analysis.network.labelled import GroupLike, is_missing, labelled_ties, labels_of
from cop_analysis.network.mixing import external_totals
from cop_analysis.resampling import generator, monte_carlo_p
from cop_analysis.results import count_of, format_share, with_minus, with_sign

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
            f"{with_sign(self.change, 3)} (95% interval {with_sign(low, 3)} to {with_sign(high, 3)}, "
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
    stayers, left_out = _stayers(first, second, answered=True)
    home = _homes(first, second, stayers, attribute)
    known = [person for person in stayers if not is_missing(home[person])]
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
            f"{as_far(self.p_value, 'arrangements', 'a move as large')}."
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
    stayers, left_out = _stayers(first, second, answered=True)
    home = _homes(first, second, stayers, attribute)
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


def cross_tie_gains(first: nx.Graph, second: nx.Graph, attribute: GroupLike = "organisation") -> pd.DataFrame:
    """Answer who gained and who lost ties with other groups between two waves.

    Parameters
    ----------
    first, second : networkx graph
        As for `ei_change`; a contact is a person with a tie in either direction.
    attribute : str or mapping

    Returns
    -------
    pandas.DataFrame
        One row a person of both waves who has a group, most gained first: ``person, group, across_before, across_after,
        gained, lost, not_known, groups_before, groups_after, answered_both``. Contacts without a group are not counted.
        A contact is gained (lost) where it is known not to have been there before (after): both people answered, or in
        an undirected network one of them. Otherwise it is ``not_known``.

    Examples
    --------
    >>> import networkx as nx
    >>> before, after = nx.Graph([(0, 1)]), nx.Graph([(0, 1), (0, 2)])
    >>> before.add_node(2)
    >>> for wave in (before, after):
    ...     nx.set_node_attributes(wave, {0: "a", 1: "a", 2: "b"}, "organisation")
    >>> cross_tie_gains(before, after)[["person", "gained", "lost"]].values.tolist()
    [[0, 1, 0], [2, 1, 0], [1, 0, 0]]
    """
    stayers, _ = _stayers(first, second)
    home = _homes(first, second, stayers, attribute)
    mute = [said_nothing(graph) for graph in (first, second)]
    directed = bool(first.is_directed())

    def known(person: Hashable, other: Hashable, wave: int) -> bool:
        silent = (person in mute[wave]) + (other in mute[wave])
        return silent == 0 or (not directed and silent == 1)

    rows = []
    for person in stayers:
        if is_missing(home[person]):
            continue
        before, after = (
            {
                other
                for other in _contacts(graph, person)
                if other in home and not is_missing(home[other]) and home[other] != home[person]
            }
            for graph in (first, second)
        )
        gained = {other for other in after - before if known(person, other, 0)}
        lost = {other for other in before - after if known(person, other, 1)}
        answers = [graph.nodes[person].get("answered") for graph in (first, second)]
        rows.append(
            {
                "person": person,
                "group": home[person],
                "across_before": len(before),
                "across_after": len(after),
                "gained": len(gained),
                "lost": len(lost),
                "not_known": len(after ^ before) - len(gained) - len(lost),
                "groups_before": len({home[other] for other in before}),
                "groups_after": len({home[other] for other in after}),
                "answered_both": None if any(answer is None for answer in answers) else all(answers),
            }
        )
    columns = ["person", "group", "across_before", "across_after", "gained", "lost", "not_known", "groups_before",
               "groups_after", "answered_both"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    table["answered_both"] = table["answered_both"].astype("boolean")
    table = table.assign(_text=table["person"].astype(str)).sort_values(
        ["gained", "lost", "_text"], ascending=[False, True, True], kind="stable", ignore_index=True
    )
    return table.drop(columns="_text")


def gain_sentence(gains: pd.DataFrame) -> str:
    """Say in one sentence how many gained and lost contacts in other groups.

    Examples
    --------
    >>> gain_sentence(pd.DataFrame({"gained": [1, 0], "lost": [0, 0]}))
    '1 of 2 people (50%) gained a contact in another group, 0 lost one.'
    """
    if gains.empty:
        return "Nobody with a group is in both waves."
    gained, lost = int((gains["gained"] > 0).sum()), int((gains["lost"] > 0).sum())
    return (
        f"{gained} of {len(gains)} people ({format_share(gained / len(gains))}) gained a contact in another group, "
        f"{lost} lost one."
    )


# --- the people of both waves ------------------------------------------------------------------------------------


def _stayers(first: nx.Graph, second: nx.Graph, *, answered: bool = False) -> tuple[list[Hashable], int]:
    """Give the people asked in both waves (or who answered in both), and how many of either are left out."""
    for graph in (first, second):
        require_graph(graph)
    if first.is_directed() != second.is_directed():
        raise ValueError("One wave is directed and the other is not. Make both the same before comparing them.")
    gone = [(said_nothing if answered else never_asked)(graph) for graph in (first, second)]
    here, there = (
        {person: None for person in graph if person not in left}
        for graph, left in zip((first, second), gone, strict=True)
    )
    stayers = [person for person in here if person in there]
    return stayers, len(set(first) | set(second)) - len(stayers)


def _on_record(first: nx.Graph, second: nx.Graph, people: list[Hashable] | None = None) -> bool:
    """Say whether it is known that these people (those compared, without any) answered in both waves."""
    compared = _stayers(first, second, answered=True)[0] if people is None else people
    return all(answer_of(graph, person) == YES for graph in (first, second) for person in compared)


def _who(on_record: bool) -> str:
    return "people who answered both times" if on_record else "people of both waves"


def _same_people(first: nx.Graph, second: nx.Graph, weight: str | None) -> tuple[Adjacency, Adjacency, int]:
    stayers, left_out = _stayers(first, second, answered=True)
    return _among(first, stayers, weight), _among(second, stayers, weight), left_out


def _among(graph: nx.Graph, people: list[Hashable], weight: str | None = None) -> Adjacency:
    ordered = graph.__class__()
    ordered.add_nodes_from(people)
    ordered.add_edges_from(graph.subgraph(people).edges(data=True))
    return adjacency_of(ordered, weight)


def _homes(first: nx.Graph, second: nx.Graph, people: list[Hashable], attribute: GroupLike) -> dict[Hashable, Any]:
    """Give the group of each person in the second wave, or in the first where the second has none."""
    before, after = (dict(zip(graph, labels_of(graph, attribute), strict=True)) for graph in (first, second))
    return {person: before[person] if after[person] is None else after[person] for person in people}


def _contacts(graph: nx.Graph, person: Hashable) -> set[Hashable]:
    found = set(graph.successors(person)) | set(graph.predecessors(person)) if graph.is_directed() else set(
        graph.neighbors(person)
    )  # fmt: skip
    return found - {person}
