"""What silence does to a network: response rates, and how far ties nobody reported could move a share or its change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.network.methods.chance import whole_permutations
from cop_analysis.network.methods.graphs import (
    NEVER_ASKED,
    NO,
    YES,
    GroupLike,
    LabelledTies,
    answers_of,
    labelled_ties,
    labels_of,
    outside_roster,
    require_graph,
    said_nothing,
    with_label,
)
from cop_analysis.network.methods.mixing import EIIndex, ei_index, share_across
from cop_analysis.results import format_share, in_points

if TYPE_CHECKING:
    import networkx as nx


_NEAR = 1e-9
"""Shares that differ by less are the same share."""


@dataclass(frozen=True)
class ShareBounds:
    """How low and how high the cross-group share could be with everybody's answer.

    Attributes
    ----------
    share : float
        As reported.
    low, high : float
        If each silent person had as many ties as those who answered, all within the group or all across.
    lowest, highest : float
        If each silent person had every possible tie within the group and none across, or the other way round.
    silent : int
        People who did not answer, and people who were never asked.
    """

    share: float
    low: float
    high: float
    lowest: float
    highest: float
    silent: int


def response_rates(graph: nx.Graph, attribute: GroupLike = "organisation") -> pd.DataFrame:
    """Count who was asked and who answered, in all and by group.

    Parameters
    ----------
    graph : networkx graph
        With node attributes ``asked`` and ``answered``, as `person_network` sets them.
    attribute : str or mapping

    Returns
    -------
    pandas.DataFrame
        ``group, people, asked, answered, response_rate``; the first row, group ``"All"``, is everybody. People
        without the attribute are in that row only. Empty where nobody's answer is on record.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph()
    >>> graph.add_node("a", organisation="north", asked=True, answered=True)
    >>> graph.add_node("b", organisation="north", asked=True, answered=False)
    >>> response_rates(graph)["response_rate"].tolist()
    [0.5, 0.5]
    """
    columns = ["group", "people", "asked", "answered", "response_rate"]
    outside, given = outside_roster(graph), answers_of(graph)
    answers = [
        (group, given[person])
        for person, group in zip(graph, labels_of(graph, attribute), strict=True)
        if person not in outside
    ]
    facts = pd.DataFrame(
        [(group, answer != NEVER_ASKED, answer == YES) for group, answer in answers if answer],
        columns=["group", "asked", "answered"],
    )
    if facts.empty:
        return pd.DataFrame(columns=columns)
    parts = [("All", facts), *((str(name), part) for name, part in facts.groupby("group", sort=True))]
    rows = []
    for name, part in parts:
        asked, answered = int(part["asked"].sum()), int(part["answered"].sum())
        rows.append((name, len(part), asked, answered, answered / asked if asked else float("nan")))
    return pd.DataFrame(rows, columns=columns)


def who_said_nothing(graph: nx.Graph) -> str:
    """Say how many did not answer and how many were never asked.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph([("a", "b"), ("a", "c")])
    >>> graph.nodes["b"]["answered"] = False
    >>> who_said_nothing(graph)
    'the 1 who did not answer'
    >>> graph.nodes["c"]["rostered"] = False
    >>> who_said_nothing(graph)
    'the 1 who did not answer and the 1 never asked'
    """
    given = list(answers_of(graph).values())
    silent, unasked = given.count(NO), given.count(NEVER_ASKED)
    parts = [
        *([f"the {silent:,} who did not answer"] if silent else []),
        *([f"the {unasked:,} never asked"] if unasked else []),
    ]
    return " and ".join(parts) or "nobody"


def share_bounds(graph: nx.Graph, attribute: GroupLike = "organisation") -> ShareBounds:
    """Answer how far people who did not answer could move the share of ties that cross groups.

    Parameters
    ----------
    graph : networkx graph
        Silent is who is marked ``answered=False``, and who was never asked (``asked`` or ``rostered`` False). Every
        node must have the group attribute, and there must be at least one tie.
    attribute : str or mapping

    Returns
    -------
    ShareBounds

    Raises
    ------
    ValueError
        If there is no tie or a node has no label.

    Notes
    -----
    Ties that nobody reported because their reporter was silent are added: for directed ties those a silent person
    would have sent, for undirected ties those between two silent people. The inner bounds allow each as many as a
    person who answered has on average; the outer bounds are the worst cases in the sense of Manski 1990 (American
    Economic Review 80(2):319-323) and assume nothing.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph([("a", "b"), ("b", "c")])
    >>> nx.set_node_attributes(graph, {"a": "north", "b": "north", "c": "south"}, "organisation")
    >>> graph.nodes["c"]["answered"] = False
    >>> bounds = share_bounds(graph)
    >>> bounds.share, bounds.low, round(bounds.high, 3)
    (0.5, 0.5, 0.667)
    """
    ties = labelled_ties(graph, attribute)
    share = share_across(ties)
    mute = said_nothing(graph)
    silent = np.array([person in mute for person in graph], dtype=bool)
    spoke = ~silent
    external, total = int(ties.crosses.sum()), len(ties.tails)
    if not silent.any():
        return ShareBounds(share, share, share, share, share, 0)
    if ties.is_directed:
        room_within, room_across = _room_to_send(ties, silent)
        sent = np.bincount(ties.tails, minlength=len(ties.people))
        usual = float(sent[spoke].mean()) if spoke.any() else float("inf")
        usual_within, usual_across = np.minimum(room_within, usual).sum(), np.minimum(room_across, usual).sum()
        every_within, every_across = room_within.sum(), room_across.sum()
    else:
        silent_sizes = np.bincount(ties.group_of[silent], minlength=len(ties.groups))
        both_silent = silent[ties.tails] & silent[ties.heads]
        pairs_within = int(np.sum(silent_sizes * (silent_sizes - 1)) // 2)
        pairs = int(silent.sum() * (silent.sum() - 1) // 2)
        every_within = max(0, pairs_within - int(np.sum(both_silent & ~ties.crosses)))
        every_across = max(0, pairs - pairs_within - int(np.sum(both_silent & ties.crosses)))
        ends = np.bincount(ties.tails, minlength=len(ties.people)) + np.bincount(ties.heads, minlength=len(ties.people))
        usual = float(ends[spoke].mean()) * silent.sum() / 2 if spoke.any() else float("inf")
        usual_within, usual_across = min(every_within, usual), min(every_across, usual)
    return ShareBounds(
        share=share,
        low=external / (total + float(usual_within)),
        high=(external + float(usual_across)) / (total + float(usual_across)),
        lowest=external / (total + float(every_within)),
        highest=(external + float(every_across)) / (total + float(every_across)),
        silent=int(silent.sum()),
    )


def _room_to_send(ties: LabelledTies, silent: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each silent person, the ties within and across that could be there and are not."""
    people = len(ties.people)
    keys = np.unique(ties.tails * people + ties.heads)
    tails, heads = keys // people, keys % people
    crosses = ties.group_of[tails] != ties.group_of[heads]
    inside, outside = (np.bincount(tails[part], minlength=people) for part in (~crosses, crosses))
    size = ties.group_sizes[ties.group_of]
    return (size - 1 - inside)[silent].astype(float), (people - size - outside)[silent].astype(float)


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
        return self.said()

    def said(self, plural: str = "groups") -> str:
        """Give the finding in plain words, groups by the name they have."""
        if not self.silent:
            return (
                "All who were asked answered, and nobody else was named."
                if self.on_record
                else "Who answered is not on record, so nothing can be filled in."
            )
        low, high, lowest, highest = map(
            format_share, (self.bounds.low, self.bounds.high, self.bounds.lowest, self.bounds.highest)
        )
        spread = f"{self._by_treatment()}between {low} and {high} across {plural}"
        worst = f"at the very worst between {lowest} and {highest}"
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

    def _by_treatment(self) -> str:
        """Write the share under each treatment of what was reported, where one lies outside the bound."""
        shares = self.table["cross_share"].iloc[:3]
        if not ((shares < self.bounds.low - _NEAR) | (shares > self.bounds.high + _NEAR)).any():
            return ""
        reported, answered, returned = map(format_share, shares)
        return (
            f"{reported} as reported, {answered} among people who answered, {returned} with ties returned; "
            "with unreported ties "
        )


def under_non_response(
    graph: nx.Graph,
    attribute: GroupLike = "organisation",
    permutations: int = 999,
    seed: int | np.random.Generator = 0,
    *,
    reported: EIIndex | None = None,
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
    reported : EIIndex, optional
        The E-I index of the ties as they were reported, where it is known already, so that one test has one p.

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
    known = (reported, None, None)
    rows = [
        _tested(name, part, attribute, permutations, seed, index)
        for (name, part), index in zip(_treatments(placed), known, strict=True)
    ]
    if bounds.silent:
        rows.extend(_bound_rows(rows[0], bounds))
    sides = {row["conclusion"] for row in rows[:3]} & {BELOW, ABOVE}
    chance = float(rows[0]["expected_share"])  # type: ignore[arg-type]
    answers = set(answers_of(placed).values())
    return UnderNonResponse(
        table=pd.DataFrame(rows).astype({"ties": "Int64", "ties_across": "Int64"}),
        flips=bool(bounds.silent) and len(sides) > 1,
        could_flip=bool(bounds.silent) and bounds.low <= chance <= bounds.high,
        could_at_worst=bool(bounds.silent) and bounds.lowest <= chance <= bounds.highest,
        bounds=bounds,
        expected_share=chance,
        silent=bounds.silent,
        who=who_said_nothing(placed),
        on_record=bool(answers) and "" not in answers,
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
        return self.said()

    def said(self, plural: str = "groups") -> str:
        """Give the finding in plain words, groups by the name they have."""
        direction = self.table["direction"].iloc[0]
        claim = f"as reported the share across {plural} {direction}"
        reported = f"A{claim[1:]}"
        if not self.silent:
            return f"{reported}; all who were asked answered."
        low, high = (in_points(value) for value in self.worst)
        worst = f"at the very worst the change could be anything from {low} to {high} percentage points"
        if self.flips:
            return f"Warning: {claim}, but not under every treatment of unreported ties."
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
    names = (
        "lowest change by unreported ties",
        "highest change by unreported ties",
        "lowest at the very worst",
        "highest at the very worst",
    )
    rows.extend(_change_row(name, *shares) for name, shares in zip(names, extremes, strict=True))
    lowest, highest, reported = (
        bounds[1].low - bounds[0].high,
        bounds[1].high - bounds[0].low,
        bounds[1].share - bounds[0].share,
    )
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
    name: str,
    graph: nx.Graph,
    attribute: GroupLike,
    permutations: int,
    seed: int | np.random.Generator,
    index: EIIndex | None = None,
) -> dict[str, object]:
    row: dict[str, object] = {"treatment": name, "people": graph.number_of_nodes(), "ties": _ties(graph)}
    if not row["ties"]:
        gaps = dict.fromkeys(("cross_share", "ei", "expected_share", "p_value"), float("nan"))
        return {**row, "ties_across": 0, **gaps, "conclusion": "no tie"}
    index = ei_index(graph, attribute, permutations, seed) if index is None else index
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
