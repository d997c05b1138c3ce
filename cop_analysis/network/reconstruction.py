"""What the ties of people who did not answer may be: reconstruction by reciprocation, and conclusions under each way.

How far unreported ties could move a share at most is in `non_response`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.network.adjacency import require_graph
from cop_analysis.network.answered import NO, YES, answer_of, said_nothing
from cop_analysis.network.arrangements import whole_permutations
from cop_analysis.network.labelled import GroupLike, labels_of, with_label
from cop_analysis.network.mixing import ei_index
from cop_analysis.network.non_response import ShareBounds, share_bounds, who_said_nothing
from cop_analysis.results import format_share

if TYPE_CHECKING:
    import networkx as nx

AS_REPORTED, ANSWERED_ONLY, RETURNED = (
    "as reported",
    "only people who answered",
    "ties to those who said nothing returned",
)
ALL_WITHIN, ALL_ACROSS = "unreported ties all within", "unreported ties all across"
BELOW, ABOVE = "fewer across than at random", "more across than at random"
WORST_WITHIN, WORST_ACROSS = "at the very worst, all within", "at the very worst, all across"


def reconstruct(graph: nx.Graph) -> nx.Graph:
    """Give the network with the ties of people who did not answer filled in from what others said of them.

    Parameters
    ----------
    graph : networkx graph
        Directed; silent is who did not answer, and who was never asked. In an undirected graph a tie is known where
        either end reported it, so nothing is added.

    Returns
    -------
    networkx graph
        A copy in which every tie to a silent person is returned, with the same attributes and ``reconstructed=True``.
        The graph's attributes hold ``reconstructed_ties`` and ``unknown_pairs`` (pairs of two silent people, of which
        nobody could speak).

    Raises
    ------
    ValueError
        If `graph` is not a graph.

    Notes
    -----
    Stork & Richards 1992, Group & Organization Management 17:193-209. It assumes that the silent return ties as a
    matter of course; how often people who answered return each other's is the check, given by `under_non_response`.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph([("a", "b")])
    >>> graph.nodes["b"]["answered"] = False
    >>> sorted(reconstruct(graph).edges)
    [('a', 'b'), ('b', 'a')]
    """
    require_graph(graph)
    filled = graph.copy()
    silent = said_nothing(graph)
    added = 0
    if graph.is_directed():
        for tail, head, data in list(graph.edges(data=True)):
            if head in silent and tail not in silent and not filled.has_edge(head, tail):
                filled.add_edge(head, tail, **{**data, "reconstructed": True})
                added += 1
    filled.graph["reconstructed_ties"] = added
    filled.graph["unknown_pairs"] = len(silent) * (len(silent) - 1) // 2
    return filled


@dataclass(frozen=True, eq=False)
class UnderNonResponse:
    """The cross-group share under each way of treating people whose ties nobody reported.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a treatment: ``treatment, people, ties, ties_across, cross_share, ei, expected_share, p_value,
        conclusion``. The last four rows are bounds without a test.
    flips : bool
        Whether the share lies below the one expected at random under one of the first three treatments and above it
        under another.
    could_flip : bool
        Whether it could, had the people who said nothing as many ties as others.
    could_at_worst : bool
        Whether it could at the very worst.
    bounds : ShareBounds
    expected_share : float
        Expected at random, as reported.
    silent : int
        People who did not answer or were never asked.
    who : str
        They in words.
    on_record : bool
        Whether the graph says who answered.
    returned_share : float
        Of the ties among people who answered, those that are returned; NaN where not defined. The lower, the less the
        reconstruction is to be believed.
    permutations : int
    left_out : int
        People without a group, who are in no row.
    """

    table: pd.DataFrame
    flips: bool
    could_flip: bool
    could_at_worst: bool
    bounds: ShareBounds
    expected_share: float
    silent: int
    who: str
    on_record: bool
    returned_share: float
    permutations: int
    left_out: int = 0

    @property
    def worst(self) -> tuple[float, float]:
        """The lowest and highest share under any treatment in the table."""
        shares = self.table["cross_share"].dropna()
        return float(shares.min()), float(shares.max())

    @property
    def sentence(self) -> str:
        """The finding in plain words, never stronger than the bounds beside it."""
        if not self.silent:
            return (
                "All who were asked answered, and nobody else was named."
                if self.on_record
                else "Who answered is not on record, so nothing can be filled in."
            )
        shares = self.table["cross_share"].iloc[:5].dropna()
        spread = f"between {format_share(shares.min())} and {format_share(shares.max())} across groups"
        worst = f"at the very worst between {format_share(self.worst[0])} and {format_share(self.worst[1])}"
        chance = f"the {format_share(self.expected_share)} expected at random"
        side = "below" if self.bounds.share < self.expected_share else "above"
        if self.flips or self.could_flip:
            return (
                f"Warning: on which side of {chance} the share lies depends on how {self.who} are treated: {spread}; "
                f"{worst}."
            )
        if self.could_at_worst:
            return (
                f"The share stays {side} {chance} where {self.who} are given as many ties as others: {spread}; "
                f"{worst}, "
                "and there it would not."
            )
        return f"The share stays {side} {chance} however {self.who} are treated: {spread}; {worst}."


def under_non_response(
    graph: nx.Graph,
    attribute: GroupLike = "organisation",
    permutations: int = 999,
    seed: int | np.random.Generator = 0,
) -> UnderNonResponse:
    """Answer whether what is said of ties across groups would be said under other assumptions about the silent.

    Parameters
    ----------
    graph : networkx graph
        With ``answered`` on its nodes, as `person_network` sets it; people without the group are left out.
    attribute : str or mapping
    permutations : int
    seed : int or numpy.random.Generator
        The same labels are dealt out under each treatment where the people are the same.

    Returns
    -------
    UnderNonResponse

    Raises
    ------
    ValueError
        If there is no tie between two people who have a group.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph([("a", "b"), ("a", "c"), ("b", "c")])
    >>> nx.set_node_attributes(graph, {"a": "north", "b": "north", "c": "south"}, "organisation")
    >>> graph.nodes["c"]["answered"] = False
    >>> under_non_response(graph, permutations=99).table["ties"].tolist()[:3]
    [3, 1, 5]
    """
    permutations = whole_permutations(permutations)
    require_graph(graph)
    placed, left_out = with_label(graph, attribute)
    bounds = share_bounds(placed, attribute)
    rows = [_tested(name, part, attribute, permutations, seed) for name, part in _treatments(placed)]
    reported = rows[0]
    if bounds.silent:
        rows.extend(_bound_rows(reported, bounds))
    sides = {row["conclusion"] for row in rows[:3]} & {BELOW, ABOVE}
    chance = float(reported["expected_share"])  # type: ignore[arg-type]
    answers = [answer_of(placed, person) for person in placed]
    return UnderNonResponse(
        table=pd.DataFrame(rows).astype({"ties": "Int64", "ties_across": "Int64"}),
        flips=bool(bounds.silent) and len(sides) > 1,
        could_flip=bool(bounds.silent) and bounds.low <= chance <= bounds.high,
        could_at_worst=bool(bounds.silent) and bounds.lowest <= chance <= bounds.highest,
        bounds=bounds,
        expected_share=chance,
        silent=bounds.silent,
        who=who_said_nothing(placed),
        on_record=bool(answers) and set(answers) <= {YES, NO, "never asked"},
        returned_share=_returned_share(placed),
        permutations=permutations,
        left_out=len(left_out),
    )


@dataclass(frozen=True, eq=False)
class ChangeUnderNonResponse:
    """The change of the cross-group share between waves under each way of treating people who did not answer.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a treatment: ``treatment, first, second, change, direction``. Bounds: the lowest and highest change that
        silent people's ties, all within or all across in either wave, would give.
    flips : bool
        Whether the direction differs between the treatments of the data.
    could_flip : bool
        Whether it could, had the people who said nothing as many ties as others.
    could_at_worst : bool
        Whether it could at the very worst.
    silent : int
        People of either wave who did not answer or were never asked, each wave counted.
    worst : (float, float)
        The lowest and highest change there could be at the very worst.
    """

    table: pd.DataFrame
    flips: bool
    could_flip: bool
    could_at_worst: bool
    silent: int
    worst: tuple[float, float]

    @property
    def sentence(self) -> str:
        """The finding in plain words, never stronger than the bounds beside it."""
        direction = self.table["direction"].iloc[0]
        reported = f"As reported the share across groups {direction}"
        if not self.silent:
            return f"{reported}; all who were asked answered."
        low, high = (f"{100 * value:+.0f}".replace("-", "−") for value in self.worst)
        worst = f"at the very worst the change could be anything from {low} to {high} percentage points"
        if self.flips:
            return f"Warning: {reported[0].lower()}{reported[1:]}, but not under every treatment of unreported ties."
        if self.could_flip:
            return (
                f"{reported}, and under each treatment of unreported ties, but those ties alone could account for it; "
                f"{worst}."
            )
        if self.could_at_worst:
            return f"{reported}, and would have with as many unreported ties as others have; {worst}."
        return f"{reported}, and unreported ties cannot turn that; {worst}."


def change_under_non_response(
    first: nx.Graph, second: nx.Graph, attribute: GroupLike = "organisation"
) -> ChangeUnderNonResponse:
    """Answer whether non-response could explain a change in the share of ties across groups.

    Parameters
    ----------
    first, second : networkx graph
        Two waves, with ``answered`` on their nodes; people without the group are left out.
    attribute : str or mapping

    Returns
    -------
    ChangeUnderNonResponse

    Raises
    ------
    ValueError
        If a wave has no tie between two people who have a group.

    Examples
    --------
    >>> import networkx as nx
    >>> before, after = nx.DiGraph([("a", "b")]), nx.DiGraph([("a", "c")])
    >>> for wave in (before, after):
    ...     wave.add_nodes_from("abc", answered=True)
    ...     nx.set_node_attributes(wave, {"a": "north", "b": "north", "c": "south"}, "organisation")
    >>> change_under_non_response(before, after).sentence
    'As reported the share across groups rose; all who were asked answered.'
    """
    waves = [with_label(graph, attribute)[0] for graph in (first, second)]
    bounds = [share_bounds(wave, attribute) for wave in waves]
    rows = []
    for (name, before), (_, after) in zip(_treatments(waves[0]), _treatments(waves[1]), strict=True):
        shares = [_share(before, attribute), _share(after, attribute)]
        rows.append(_change_row(name, *shares))
    given = {row["direction"] for row in rows if row["direction"] != "no tie"}
    extremes = [(bounds[0].high, bounds[1].low), (bounds[0].low, bounds[1].high)]
    extremes += [(bounds[0].highest, bounds[1].lowest), (bounds[0].lowest, bounds[1].highest)]
    names = ("lowest change by unreported ties", "highest change by unreported ties",
             "lowest at the very worst", "highest at the very worst")  # fmt: skip
    rows.extend(_change_row(name, *shares) for name, shares in zip(names, extremes, strict=True))
    lowest, highest, reported = (bounds[1].low - bounds[0].high, bounds[1].high - bounds[0].low,
                                 bounds[1].share - bounds[0].share)  # fmt: skip
    silent = sum(bound.silent for bound in bounds)
    worst = (bounds[1].lowest - bounds[0].highest, bounds[1].highest - bounds[0].lowest)

    def turned(low: float, high: float) -> bool:
        return bool(silent) and (low <= 0 if reported > 0 else high >= 0 if reported < 0 else low < high)

    return ChangeUnderNonResponse(
        table=pd.DataFrame(rows),
        flips=bool(silent) and len(given) > 1,
        could_flip=turned(lowest, highest),
        could_at_worst=turned(*worst),
        silent=silent,
        worst=worst,
    )


# --- treatments --------------------------------------------------------------------------------------------------


def _treatments(graph: nx.Graph) -> list[tuple[str, nx.Graph]]:
    silent = said_nothing(graph)
    answered = [person for person in graph if person not in silent]
    return [
        (AS_REPORTED, graph),
        (ANSWERED_ONLY, graph.subgraph(answered).copy()),
        (RETURNED, reconstruct(graph)),
    ]


def _ties(graph: nx.Graph) -> int:
    return sum(tail != head for tail, head in graph.edges())


def _share(graph: nx.Graph, attribute: GroupLike) -> float:
    home = dict(zip(graph, labels_of(graph, attribute), strict=True))
    crosses = [home[tail] != home[head] for tail, head in graph.edges() if tail != head]
    return float(np.mean(crosses)) if crosses else float("nan")


def _tested(
    name: str, graph: nx.Graph, attribute: GroupLike, permutations: int, seed: int | np.random.Generator
) -> dict[str, object]:
    row: dict[str, object] = {"treatment": name, "people": graph.number_of_nodes(), "ties": _ties(graph)}
    if not row["ties"]:
        gaps = dict.fromkeys(("cross_share", "ei", "expected_share", "p_value"), float("nan"))
        return {**row, "ties_across": 0, **gaps, "conclusion": "no tie"}
    index = ei_index(graph, attribute, permutations, seed)
    alike = abs(index.share - index.expected_share) < 1e-12
    side = "as many across as at random" if alike else BELOW if index.share < index.expected_share else ABOVE
    return {
        **row,
        "ties_across": int(index.external),
        "cross_share": index.share,
        "ei": index.estimate,
        "expected_share": index.expected_share,
        "p_value": index.p_value,
        "conclusion": side,
    }


def _bound_rows(reported: dict[str, object], bounds: ShareBounds) -> list[dict[str, object]]:
    return [
        {
            "treatment": name,
            "people": reported["people"],
            "ties": pd.NA,
            "ties_across": pd.NA,
            "cross_share": share,
            "ei": 2 * share - 1,
            "expected_share": reported["expected_share"],
            "p_value": float("nan"),
            "conclusion": "a bound, not tested",
        }
        for name, share in (
            (ALL_WITHIN, bounds.low),
            (ALL_ACROSS, bounds.high),
            (WORST_WITHIN, bounds.lowest),
            (WORST_ACROSS, bounds.highest),
        )
    ]


def _change_row(name: str, first: float, second: float) -> dict[str, object]:
    change = second - first
    direction = "no tie" if np.isnan(change) else "rose" if change > 0 else "fell" if change < 0 else "stayed the same"
    return {"treatment": name, "first": first, "second": second, "change": change, "direction": direction}


def _returned_share(graph: nx.Graph) -> float:
    if not graph.is_directed():
        return float("nan")
    answered = set(graph) - said_nothing(graph)
    ties = {(tail, head) for tail, head in graph.edges() if tail != head and tail in answered and head in answered}
    return sum((head, tail) in ties for tail, head in ties) / len(ties) if ties else float("nan")
