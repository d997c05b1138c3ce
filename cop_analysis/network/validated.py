"""Which pairs met more often than how much each attends explains: a projection validated by several nulls side by side.

Which null and which correction are chosen decides how many pairs are left, so none is shown without the others.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cop_analysis.network.arrangements import whole_permutations
from cop_analysis.network.hypergeometric import chances_of_marked
from cop_analysis.network.projection import project
from cop_analysis.network.session_size_null import chances_of_sharing
from cop_analysis.resampling import generator

if TYPE_CHECKING:
    import networkx as nx

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
        by_null = self.counts.set_index("null")
        parts = []
        for null, words in (("hypergeometric", "given how much each attends"),
                            ("session_size", "given also how large each event was"),
                            ("fixed_degree", f"the same by {self.permutations:,} random attendances")):  # fmt: skip
            if null not in by_null.index:
                continue
            row = by_null.loc[null]
            parts.append(
                f"{words}, {row['none']:,} (corrected: {row['bh']:,} by BH, {row['bonferroni']:,} by Bonferroni)"
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
