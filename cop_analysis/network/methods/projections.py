"""From who attended what to who met whom: the one-mode projection, and which pairs met more often than by chance.

`co_attendance` makes a networkx graph of it; for thousands of people the matrix is many times faster to have.
"""

from __future__ import annotations

import random
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from cop_analysis.network.methods.chance import chances_of_marked, whole_permutations
from cop_analysis.resampling import generator

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, eq=False)
class Projection:
    """Pairs of people (or of events) and what they share.

    Attributes
    ----------
    names : tuple
        The people (events), sorted.
    attended : numpy.ndarray of int
        Events of each person, or people of each event.
    matrix : scipy.sparse.csr_array
        What each pair shares, each pair once (first before second in `names`).
    incidence : scipy.sparse.csr_array of int
        Who attended what: rows as `names`.
    head_counts_left_out : int
        Rows of attendance that name no person.
    minutes_left_out : int
        Rows without minutes, where minutes are what is shared.
    """

    names: tuple[Hashable, ...]
    attended: np.ndarray
    matrix: Any
    incidence: Any
    head_counts_left_out: int
    minutes_left_out: int

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """One row a pair that shares anything: ``first, second, weight``."""
        together = self.matrix.tocoo()
        names = np.empty(len(self.names), dtype=object)
        names[:] = self.names
        return pd.DataFrame({"first": names[together.row], "second": names[together.col], "weight": together.data})

    def weight_of(self, one: Hashable, other: Hashable) -> float:
        """Give what two of the names share; 0 where they share nothing or one of them is not there."""
        first, second = self._places.get(one), self._places.get(other)
        if first is None or second is None:
            return 0.0
        return float(self.matrix[min(first, second), max(first, second)])

    @cached_property
    def _places(self) -> dict[Hashable, int]:
        return {name: place for place, name in enumerate(self.names)}


def project(
    attendance: pd.DataFrame,
    *,
    of: Literal["people", "events"] = "people",
    weigh_by: Literal["events", "minutes"] = "events",
    size_correction: bool = False,
) -> Projection:
    """Answer who was where together, and how often or how long.

    Parameters
    ----------
    attendance : pandas.DataFrame
        ``event, person`` and, for minutes, ``minutes``; rows without a person are head counts and cannot join anyone. A
        person's rows at one event are one attendance (of the longest of its minutes).
    of : {"people", "events"}
        ``"events"`` gives the dual: events joined by the people they share.
    weigh_by : {"events", "minutes"}
        Count events attended together, or add up the minutes: of an event the lesser of both people's minutes, the
        longest they can have been there together.
    size_correction : bool
        True divides what an event of k people adds to each of its pairs by k - 1, so that each person of it has one
        event (or its minutes) to share out among the others.

    Returns
    -------
    Projection

    Raises
    ------
    ValueError
        If a column is missing, minutes are negative, or a setting is not one of those named.

    Notes
    -----
    Breiger 1974, Social Forces 53:181-190; the correction: Newman 2001, Physical Review E 64:016132.

    Examples
    --------
    >>> seen = pd.DataFrame({"event": ["E1", "E1", "E2", "E2"], "person": ["a", "b", "a", "b"],
    ...                      "minutes": [60, 30, 10, 60]})
    >>> project(seen).pairs["weight"].tolist(), project(seen, weigh_by="minutes").pairs["weight"].tolist()
    ([2], [40.0])
    """
    from scipy import sparse

    if of not in ("people", "events"):
        raise ValueError(f'of is {of!r}; it is "people" or "events".')
    if weigh_by not in ("events", "minutes"):
        raise ValueError(f'weigh_by is {weigh_by!r}; it is "events" or "minutes".')
    needed = ["event", "person", *(["minutes"] if weigh_by == "minutes" else [])]
    missing = [column for column in needed if column not in attendance.columns]
    if missing:
        raise ValueError(f"The attendance table has no column {', '.join(missing)}; it needs {', '.join(needed)}.")
    rows = attendance[needed]
    known = rows.dropna(subset=["person", "event"])
    without_minutes = 0
    if weigh_by == "minutes":
        without_minutes = int(known["minutes"].isna().sum())
        known = known.dropna(subset=["minutes"])
        known = known.assign(minutes=known["minutes"].astype(float))
        if (known["minutes"] < 0).any():
            raise ValueError("A person attended for fewer than 0 minutes. Correct minutes in attendance.csv.")
        known = known.sort_values("minutes", ascending=False, kind="stable")
    known = known.drop_duplicates(["person", "event"])
    # Strings sort many times faster as plain objects than as pandas' own string arrays do.
    row_codes, row_names = pd.factorize(known["person" if of == "people" else "event"].astype(object), sort=True)
    column_codes, column_names = pd.factorize(known["event" if of == "people" else "person"].astype(object), sort=True)
    shape = (len(row_names), len(column_names))
    incidence = sparse.csr_array((np.ones(len(known), dtype=np.int64), (row_codes, column_codes)), shape=shape)
    event_sizes = np.bincount(column_codes, minlength=shape[1])
    factors = 1.0 / np.maximum(event_sizes - 1, 1) if size_correction else np.ones(shape[1])
    if weigh_by == "minutes":
        levels, heights, event_of = _levels(row_codes, column_codes, known["minutes"].to_numpy(), shape)
        together = (levels * (heights * factors[event_of])) @ levels.T
    elif size_correction:
        together = (incidence * factors) @ incidence.T
    else:
        together = incidence @ incidence.T
    matrix = sparse.triu(together, k=1).tocsr()
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return Projection(
        names=tuple(row_names),
        attended=np.bincount(row_codes, minlength=shape[0]),
        matrix=matrix,
        incidence=incidence,
        head_counts_left_out=int(rows["person"].isna().sum()),
        minutes_left_out=without_minutes,
    )


def people_at_events(attendance: pd.DataFrame) -> Projection:
    """Give who was at which event without joining anybody: linear in rows, for sums that need no list of pairs.

    Parameters
    ----------
    attendance : pandas.DataFrame
        ``event, person``; rows without a person are counted and left out.

    Returns
    -------
    Projection
        With an empty ``matrix``.

    Examples
    --------
    >>> seen = pd.DataFrame({"event": ["E1", "E1", "E2"], "person": ["a", "b", "a"]})
    >>> people_at_events(seen).incidence.toarray().tolist()
    [[1, 1], [1, 0]]
    """
    from scipy import sparse

    known = attendance.dropna(subset=["person", "event"]).drop_duplicates(["person", "event"])
    row_codes, row_names = pd.factorize(known["person"].astype(object), sort=True)
    column_codes, column_names = pd.factorize(known["event"].astype(object), sort=True)
    shape = (len(row_names), len(column_names))
    return Projection(
        names=tuple(row_names),
        attended=np.bincount(row_codes, minlength=shape[0]),
        matrix=sparse.csr_array((shape[0], shape[0]), dtype=np.int64),
        incidence=sparse.csr_array((np.ones(len(known), dtype=np.int64), (row_codes, column_codes)), shape=shape),
        head_counts_left_out=int(attendance["person"].isna().sum()),
        minutes_left_out=0,
    )


def _levels(
    rows: np.ndarray, columns: np.ndarray, minutes: np.ndarray, shape: tuple[int, int]
) -> tuple[Any, np.ndarray, np.ndarray]:
    """Split the minutes of each event into slices everybody was there for or was not, so that a minimum is a sum.

    The lesser of two numbers of minutes is the sum of the heights of the slices that both reach.
    """
    from scipy import sparse

    order = np.lexsort((minutes, columns))
    row_parts, slice_parts, heights, event_of = [], [], [], []
    number = 0
    bounds = np.flatnonzero(np.diff(columns[order], prepend=-1, append=shape[1] + 1))
    for start, end in pairwise(bounds.tolist()):
        here = order[start:end]
        tops, first = np.unique(minutes[here], return_index=True)
        below = 0.0
        for top, place in zip(tops, first, strict=True):
            if top > below:
                row_parts.append(rows[here[place:]])
                slice_parts.append(np.full(len(here) - place, number))
                heights.append(top - below)
                event_of.append(int(columns[here[0]]))
                number += 1
            below = float(top)
    if not number:
        return sparse.csr_array((shape[0], 0)), np.zeros(0), np.zeros(0, dtype=np.int64)
    row_index, slice_index = np.concatenate(row_parts), np.concatenate(slice_parts)
    levels = sparse.csr_array((np.ones(len(row_index)), (row_index, slice_index)), shape=(shape[0], number))
    return levels, np.array(heights), np.array(event_of, dtype=np.int64)


MOST_ATTENDED, MOST_EVENTS = 120, 200
"""Above these the sums no longer fit: nothing is worked out, and that is said."""

_ROUNDS, _NEAR = 500, 1e-10


def chances_of_sharing(attended: np.ndarray, sizes: np.ndarray) -> np.ndarray | None:
    """Give the chance that two people share at least s events, for each pair of numbers of events attended.

    Parameters
    ----------
    attended : numpy.ndarray of int
        Events of each person.
    sizes : numpy.ndarray of int
        People of each event; sums to the same as `attended`.

    Returns
    -------
    numpy.ndarray or None
        ``[k, l, s]``: at least s events shared by people who attended k and l; None above 120 events attended or 200
        events in all, or where sizes are so far apart that the sums leave the range of numbers.

    Notes
    -----
    Each person attends exactly as many events as they did, each set of that size with a chance proportional to the
    product of its events' weights (conditional Bernoulli sampling, Chen, Dempster & Liu 1994, Biometrika 81:457-469).
    The weights are those with which every event has as many people as it had, on average. The overlap of two such sets
    comes from the product over events of 1 + w a + w b + w^2 a b t, read at a^k b^l t^s. Compared with the fixed-degree
    null, sizes of events hold on average and not in every draw.

    Examples
    --------
    >>> # Two of three events each, all alike: both the same with chance 1 in 3.
    >>> table = chances_of_sharing(np.array([2, 2, 2]), np.array([2, 2, 2]))
    >>> table[2, 2].round(4).tolist()
    [1.0, 1.0, 0.3333]
    """
    people = len(attended)
    everyone = int(np.count_nonzero(sizes == people))
    sizes = sizes[(sizes < people) & (sizes > 0)].astype(float)
    attended = attended - everyone
    most, events = int(attended.max(initial=0)), len(sizes)
    if most + everyone > MOST_ATTENDED or events > MOST_EVENTS:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        weights = _weights(attended, sizes)
        shared = np.zeros((most + 1, most + 1, most + 1))
        shared[0, 0, 0] = 1.0
        for weight in weights:
            shared = _with_event(shared, weight)
    if not np.isfinite(shared).all():
        return None
    totals = shared.sum(axis=2, keepdims=True)
    at_least = np.cumsum((shared / np.where(totals > 0, totals, 1.0))[:, :, ::-1], axis=2)[:, :, ::-1]
    # Events that everybody attended are shared by every pair.
    size = most + everyone + 1
    table = np.ones((size, size, size))
    table[:, :, everyone + 1 :] = 0.0
    table[everyone:, everyone:, everyone:] = np.clip(at_least, 0.0, 1.0)
    return table


def _with_event(shared: np.ndarray, weight: float) -> np.ndarray:
    new = shared.copy()
    new[1:] += weight * shared[:-1]
    new[:, 1:] += weight * shared[:, :-1]
    new[1:, 1:, 1:] += weight**2 * shared[:-1, :-1, :-1]
    return new


def _weights(attended: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Find the weights with which each event has its size on average."""
    kinds, counts = np.unique(attended, return_counts=True)
    people, events = len(attended), len(sizes)
    if not events:
        return np.zeros(0)
    weights = sizes / (people - sizes)
    for _ in range(_ROUNDS):
        expected = counts @ _chances_to_attend(weights, kinds)
        if np.max(np.abs(expected - sizes)) < _NEAR * people:
            break
        with np.errstate(divide="ignore", invalid="ignore"):
            step = sizes / (people - sizes) * (people - expected) / expected
        weights = weights * np.where(np.isfinite(step) & (step > 0), step, 1.0)
        weights = weights / np.exp(np.log(weights).mean())
    return weights


def _chances_to_attend(weights: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """Give, for a person of k events, the chance to attend each: a row a kind of person, a column an event."""
    events, most = len(weights), int(kinds.max())
    # Elementary symmetric sums of all weights, and of all but each one.
    without = np.zeros((events, most + 1))
    without[:, 0] = 1.0
    whole = np.zeros(most + 1)
    whole[0] = 1.0
    for place, weight in enumerate(weights):
        others = np.arange(events) != place
        without[others, 1:] += weight * without[others, :-1]
        whole[1:] += weight * whole[:-1]
    found = np.zeros((len(kinds), events))
    for row, kind in enumerate(kinds.tolist()):
        if kind:
            found[row] = weights * without[:, kind - 1] / whole[kind]
    return found


NULLS = ("hypergeometric", "session_size", "fixed_degree")
CORRECTIONS = ("none", "bonferroni", "bh")
_TRADES_A_ROW = 5


@dataclass(frozen=True, eq=False)
class ValidatedProjection:
    """Pairs that share more events than their attendance alone would give them, by null and correction.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a pair that shares an event, surest first: ``first, second, first_attended, second_attended, shared,
        expected`` (hypergeometric) and for each null ``p_value_<null>, p_value_<null>_bonferroni, p_value_<null>_bh``.
        The p-values are one-sided: as many events shared, or more.
    counts : pandas.DataFrame
        One row a null: ``null`` and how many pairs each correction leaves: ``none, bonferroni, bh``.
    pairs : int
        All pairs, those that share nothing included; what the corrections correct for.
    names : tuple
        The people (events) compared.
    events : int
        Over how many events (people).
    alpha : float
    permutations : int
        R of the fixed-degree null; its smallest p-value is 1 / (R + 1). 0 where it was left out.
    """

    table: pd.DataFrame
    counts: pd.DataFrame
    pairs: int
    names: tuple[Any, ...]
    events: int
    alpha: float
    permutations: int

    @property
    def sentence(self) -> str:
        """The finding in plain words."""
        return self.said()

    def said(self, bh: str = "BH", bonferroni: str = "Bonferroni") -> str:
        """Give the finding in plain words, the corrections by the name they have."""
        by_null = self.counts.set_index("null")
        parts = []
        nulls = {
            "hypergeometric": "given how much each attends",
            "session_size": "given also how large each event was",
            "fixed_degree": f"the same by {self.permutations:,} random attendances",
        }
        for null, words in nulls.items():
            if null not in by_null.index:
                continue
            row = by_null.loc[null]
            parts.append(
                f"{words}, {row['none']:,} (corrected: {row['bh']:,} by {bh}, {row['bonferroni']:,} by {bonferroni})"
            )
        text = (
            f"Of {self.pairs:,} pairs, {len(self.table):,} were at an event together. Met more often than by chance: "
            f"{'; '.join(parts)}; level {self.alpha:g}."
        )
        return f"{text} {self.resolution}".strip()

    @property
    def resolution(self) -> str:
        """What the random attendances can show and what not, in a sentence; empty where they limit nothing."""
        if not self.permutations or self.permutations >= self.permutations_needed:
            return ""
        floor = 1 / (self.permutations + 1)
        pairs = int(np.ceil(floor * self.pairs / self.alpha))
        return (
            f"With {self.permutations:,} random attendances no p is below {floor:.2g}, so by them no pair can pass "
            f"Bonferroni's correction (that takes {self.permutations_needed:,}), nor BH's unless {pairs:,} pairs "
            "reach that "
            "floor; what is worked out has no such limit."
        )

    @property
    def permutations_needed(self) -> int:
        """R from which a pair could pass Bonferroni's correction under the fixed-degree null."""
        return int(np.ceil(self.pairs / self.alpha))

    def graph(self, null: str = "session_size", correction: str = "bh") -> nx.Graph:
        """Give the validated pairs as a graph; people without one stay as isolates.

        Parameters
        ----------
        null : {"hypergeometric", "session_size", "fixed_degree"}
        correction : {"none", "bonferroni", "bh"}

        Returns
        -------
        networkx.Graph
            Ties carry ``shared`` and ``p_value`` (corrected).
        """
        import networkx as nx

        column = _column(null, correction)
        if column not in self.table.columns:
            raise ValueError(f"The null {null!r} was left out here. There are: {', '.join(self.counts['null'])}.")
        graph = nx.Graph(null=null, correction=correction, alpha=self.alpha)
        graph.add_nodes_from(self.names)
        for row in self.table[self.table[column] <= self.alpha].to_dict("records"):
            graph.add_edge(row["first"], row["second"], shared=row["shared"], p_value=row[column])
        return graph


def validated_projection(
    attendance: pd.DataFrame,
    *,
    of: Any = "people",
    alpha: float = 0.05,
    permutations: int = 4999,
    seed: int | np.random.Generator = 0,
) -> ValidatedProjection:
    """Answer which pairs met more often than how much they and everybody else attended would lead one to expect.

    Parameters
    ----------
    attendance : pandas.DataFrame
        ``event, person``; rows without a person are left out.
    of : {"people", "events"}
        ``"events"``: which events share more people.
    alpha : float
        Between 0 and 1.
    permutations : int
        Random attendances drawn for the fixed-degree null; 0 leaves it out.
    seed : int or numpy.random.Generator

    Returns
    -------
    ValidatedProjection

    Raises
    ------
    ValueError
        If a column is missing or a setting is out of range.

    Notes
    -----
    Hypergeometric: each of two people attended as many events as they did, any of them alike (Tumminello et al. 2011,
    PLoS ONE 6:e17994). Session size: the same with events weighted so that each has as many people as it had, on
    average (`chances_of_sharing`); left out above 120 events attended or 200 events. Fixed degree: everyone attended
    as many events and every event had as many people as it did, drawn by the curveball algorithm (Strona et al. 2014,
    Nature Communications 5:4114), after five trades a row for each draw; its smallest p is 1 / (R + 1), which decides
    what it can show. Corrections are for all pairs: Bonferroni, and Benjamini & Hochberg 1995. Neal 2014, Social
    Networks 39:84-97, on why the choice matters.

    Examples
    --------
    >>> seen = pd.DataFrame({"event": list("1234512345") + ["6"], "person": ["a"] * 5 + ["b"] * 5 + ["c"]})
    >>> found = validated_projection(seen, permutations=99)
    >>> found.pairs, found.table["shared"].tolist(), round(float(found.table["p_value_hypergeometric"][0]), 4)
    (3, [5], 0.1667)
    """
    drawn = 0 if permutations == 0 and permutations is not False else whole_permutations(permutations)
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is {alpha!r}; it lies between 0 and 1, as 0.05.")
    found = project(attendance, of=of)
    size, events = found.incidence.shape
    together = found.matrix.tocoo()
    row, column, shared = together.row, together.col, together.data.astype(np.int64)
    pairs = size * (size - 1) // 2
    first, second = found.attended[row], found.attended[column]
    at_random = np.ones(len(shared))
    if len(shared):
        # Many pairs are alike in all three numbers.
        kinds, place = np.unique(np.column_stack([first, second, shared]), axis=0, return_inverse=True)
        at_least = [float(chances_of_marked(events, one, other)[both:].sum()) for one, other, both in kinds.tolist()]
        at_random = np.minimum(1.0, np.array(at_least))[place.reshape(-1)]
    nulls: dict[str, np.ndarray] = {"hypergeometric": at_random}
    sizes = np.bincount(found.incidence.indices, minlength=events)
    chances = chances_of_sharing(found.attended, sizes)
    if chances is not None:
        nulls["session_size"] = chances[first, second, shared] if len(shared) else np.zeros(0)
    if drawn:
        as_many = _count_fixed_degree(found.incidence, row, column, shared, drawn, generator(seed))
        nulls["fixed_degree"] = (as_many + 1) / (drawn + 1)
    names = np.empty(size, dtype=object)
    names[:] = found.names
    table = pd.DataFrame(
        {
            "first": names[row],
            "second": names[column],
            "first_attended": first,
            "second_attended": second,
            "shared": shared,
            "expected": first * second / events if events else np.zeros(0),
        }
    )
    for null, p_values in nulls.items():
        table[_column(null, "none")] = p_values
        table[_column(null, "bonferroni")] = np.minimum(1.0, p_values * pairs)
        table[_column(null, "bh")] = _benjamini_hochberg(p_values, pairs)
    counts = pd.DataFrame(
        [
            {"null": null, **{each: int((table[_column(null, each)] <= alpha).sum()) for each in CORRECTIONS}}
            for null in nulls
        ]
    )
    # The name keeps the order the same on every machine where p-values tie.
    order = [_column(null, "none") for null in ("session_size", "hypergeometric", "fixed_degree") if null in nulls]
    table = table.sort_values(order, kind="stable", ignore_index=True)
    return ValidatedProjection(table, counts, pairs, found.names, events, alpha, drawn)


def _column(null: str, correction: str) -> str:
    if null not in NULLS or correction not in CORRECTIONS:
        raise ValueError(
            f"There is no null {null!r} with correction {correction!r}. Nulls: {', '.join(NULLS)}; corrections: "
            f"{', '.join(CORRECTIONS)}."
        )
    return f"p_value_{null}" + ("" if correction == "none" else f"_{correction}")


def _benjamini_hochberg(p_values: np.ndarray, tests: int) -> np.ndarray:
    """Adjust p-values of which all that are not given are 1."""
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * tests / np.arange(1, len(p_values) + 1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return adjusted


def _count_fixed_degree(
    incidence: Any, row: np.ndarray, column: np.ndarray, shared: np.ndarray, permutations: int, rng: np.random.Generator
) -> np.ndarray:
    """Count, for each pair, the random attendances in which it shares as many events or more."""
    as_many = np.zeros(len(shared), dtype=np.int64)
    if not len(shared):
        return as_many
    size, events = incidence.shape
    bounds = incidence.indptr
    attended = [set(incidence.indices[bounds[person] : bounds[person + 1]].tolist()) for person in range(size)]
    draws = random.Random(int(rng.integers(2**63)))
    trades = _TRADES_A_ROW * size
    # The walk begins at the data, so it first goes far enough to forget them.
    _trade(attended, 10 * trades, draws)
    dense = np.zeros((size, events), dtype=np.float32)
    for _ in range(permutations):
        _trade(attended, trades, draws)
        dense[:] = 0
        for person, places in enumerate(attended):
            dense[person, list(places)] = 1
        together = dense @ dense.T
        as_many += together[row, column] >= shared
    return as_many


def _trade(attended: list[set[int]], trades: int, draws: random.Random) -> None:
    """Let pairs of people exchange at random the events that only one of them attended; totals stay as they are."""
    people = range(len(attended))
    for _ in range(trades):
        one, other = draws.sample(people, 2)
        mine, theirs = attended[one], attended[other]
        only_mine = mine - theirs
        only_theirs = theirs - mine
        if not only_mine or not only_theirs:
            continue
        pool = sorted(only_mine) + sorted(only_theirs)
        draws.shuffle(pool)
        both = mine & theirs
        attended[one] = both.union(pool[: len(only_mine)])
        attended[other] = both.union(pool[len(only_mine) :])
