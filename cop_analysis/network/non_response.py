"""What silence does to a network: response rates, and how far unreported ties could move the cross-group share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.network.answered import NEVER_ASKED, YES, answer_of, did_not_answer, never_asked, said_nothing
from cop_analysis.network.labelled import GroupLike, LabelledTies, labelled_ties, labels_of, people_marked_not
from cop_analysis.network.mixing import cross_share

if TYPE_CHECKING:
    import networkx as nx


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
    outside = people_marked_not(graph, "rostered")
    answers = [
        (group, answer_of(graph, person))
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
    silent, unasked = len(did_not_answer(graph)), len(never_asked(graph))
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
    share = cross_share(graph, attribute)
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
