"""What became of the ties between two waves, and who gained which; only counting and matching, no test, no picture.

A tie can be called lost only if the person who reported it was asked again and answered.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from cop_analysis.network.methods.graphs import (
    GroupLike,
    labels_of,
    never_asked,
    outside_roster,
    require_graph,
    said_nothing,
)
from cop_analysis.results import count_of, format_share

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True, eq=False)
class WaveComparison:
    """Ties gained, lost and kept among the people of both waves, everything else counted apart.

    Attributes
    ----------
    gained, lost, kept : int
        Ties between people rostered in both waves whose report is known in both.
    jaccard : float
        kept / (kept + gained + lost); NaN where there is no such tie.
    not_known : int
        Ties between such people whose reporter did not answer in the other wave: neither kept, gained nor lost.
    joiners_ties, leavers_ties : int
        Ties of the second wave with a joiner in them; ties of the first with a leaver.
    outside_ties : int
        Ties of either wave with somebody who was named but rostered in neither or not in that wave.
    stayers, joiners, leavers : tuple
        People rostered in both waves, only in the second, only in the first.
    density_first, density_second : float
        Among the stayers who were asked both times, ties as reported over possible ties; NaN for fewer than two.
    ties : pandas.DataFrame
        One row a tie: ``ego, alter, change`` with change one of gained, lost, kept, not known, joiner, leaver,
        outside.
    """

    gained: int
    lost: int
    kept: int
    jaccard: float
    not_known: int
    joiners_ties: int
    leavers_ties: int
    outside_ties: int
    stayers: tuple[Hashable, ...]
    joiners: tuple[Hashable, ...]
    leavers: tuple[Hashable, ...]
    density_first: float
    density_second: float
    ties: pd.DataFrame

    @property
    def sentence(self) -> str:
        """The finding in plain words."""
        if not self.kept + self.gained + self.lost:
            return f"Among the {len(self.stayers)} people in both waves there is no tie to compare."
        return (
            f"Among the {len(self.stayers):,} people in both waves {count_of(self.kept, 'tie was', 'ties were')} kept, "
            f"{self.gained:,} gained and {self.lost:,} lost (Jaccard {self.jaccard:.2f})."
        )


def compare_waves(first: nx.Graph, second: nx.Graph) -> WaveComparison:
    """Answer which ties were gained, lost and kept between two waves of the same network.

    Parameters
    ----------
    first, second : networkx graph
        Both directed or both undirected. A node counts as rostered unless its attribute ``rostered`` is False, and
        as having answered unless ``answered`` is False. Parallel ties are one tie, self loops none.

    Returns
    -------
    WaveComparison

    Raises
    ------
    ValueError
        If one graph is directed and the other is not, or ``rostered`` or ``answered`` is neither true nor false.

    Notes
    -----
    The Jaccard index of stability is that of Snijders, van de Bunt & Steglich 2010, Social Networks 32(1):44-60, who
    advise caution below 0.3. A directed tie is known where its sender answered; an undirected one where either end
    did.

    Examples
    --------
    >>> import networkx as nx
    >>> before = nx.DiGraph([("a", "b"), ("b", "c")])
    >>> after = nx.DiGraph([("a", "b"), ("c", "a"), ("d", "a")])
    >>> change = compare_waves(before, after)
    >>> change.kept, change.gained, change.lost, change.joiners_ties, round(change.jaccard, 3)
    (1, 1, 1, 1, 0.333)
    """
    for graph in (first, second):
        require_graph(graph)
    if first.is_directed() != second.is_directed():
        raise ValueError("One wave is directed and the other is not. Make both the same before comparing them.")
    directed = bool(first.is_directed())
    rostered_first, rostered_second = _rostered(first), _rostered(second)
    stayers = [person for person in rostered_first if person in rostered_second]
    joiners = [person for person in rostered_second if person not in rostered_first]
    leavers = [person for person in rostered_first if person not in rostered_second]
    staying = set(stayers)
    silent = staying & (said_nothing(first) | said_nothing(second))
    asked = staying - never_asked(first) - never_asked(second)
    ties_first, ties_second = _ties_of(first), _ties_of(second)

    rows: list[tuple[Hashable, Hashable, str]] = []
    for pair in [*ties_first, *(pair for pair in ties_second if pair not in ties_first)]:
        here, there = pair in ties_first, pair in ties_second
        if pair[0] in staying and pair[1] in staying:
            known = pair[0] not in silent or (not directed and pair[1] not in silent)
            if here and there:
                change = "kept"
            elif not known:
                change = "not known"
            else:
                change = "lost" if here else "gained"
            rows.append((*pair, change))
            continue
        if here:
            rows.append((*pair, _apart(pair, rostered_first, "leaver")))
        if there:
            rows.append((*pair, _apart(pair, rostered_second, "joiner")))
    table = pd.DataFrame(rows, columns=["ego", "alter", "change"])
    counts = table["change"].value_counts()
    kept, gained, lost = (int(counts.get(change, 0)) for change in ("kept", "gained", "lost"))
    compared = kept + gained + lost
    return WaveComparison(
        gained=gained,
        lost=lost,
        kept=kept,
        jaccard=kept / compared if compared else float("nan"),
        not_known=int(counts.get("not known", 0)),
        joiners_ties=int(counts.get("joiner", 0)),
        leavers_ties=int(counts.get("leaver", 0)),
        outside_ties=int(counts.get("outside", 0)),
        stayers=tuple(stayers),
        joiners=tuple(joiners),
        leavers=tuple(leavers),
        density_first=_density(ties_first, asked, directed),
        density_second=_density(ties_second, asked, directed),
        ties=table,
    )


def _rostered(graph: nx.Graph) -> dict[Hashable, None]:
    gone = outside_roster(graph)
    return {person: None for person in graph if person not in gone}


def _apart(pair: tuple[Hashable, Hashable], rostered: dict[Hashable, None], change: str) -> str:
    return change if pair[0] in rostered and pair[1] in rostered else "outside"


def _ties_of(graph: nx.Graph) -> dict[tuple[Hashable, Hashable], None]:
    pairs: dict[tuple[Hashable, Hashable], None] = {}
    for tail, head in graph.edges():
        if tail == head:
            continue
        if not graph.is_directed() and (str(head), repr(head)) < (str(tail), repr(tail)):
            tail, head = head, tail
        pairs[(tail, head)] = None
    return pairs


def _density(ties: dict[tuple[Hashable, Hashable], None], people: set[Hashable], directed: bool) -> float:
    possible = len(people) * (len(people) - 1) / (1 if directed else 2)
    if not possible:
        return float("nan")
    return sum(tail in people and head in people for tail, head in ties) / possible


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
    stayers, _ = people_of_both(first, second)
    home = groups_of_both(first, second, stayers, attribute)
    mute = [said_nothing(graph) for graph in (first, second)]
    directed = bool(first.is_directed())

    def known(person: Hashable, other: Hashable, wave: int) -> bool:
        silent = (person in mute[wave]) + (other in mute[wave])
        return silent == 0 or (not directed and silent == 1)

    rows = []
    for person in stayers:
        if home[person] is None:
            continue
        before, after = (
            {other for other in _contacts(graph, person) if home.get(other) is not None and home[other] != home[person]}
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
    columns = [
        "person",
        "group",
        "across_before",
        "across_after",
        "gained",
        "lost",
        "not_known",
        "groups_before",
        "groups_after",
        "answered_both",
    ]
    table = pd.DataFrame(rows, columns=columns)
    table["answered_both"] = table["answered_both"].astype("boolean")
    table = table.assign(_text=table["person"].astype(str)).sort_values(
        ["gained", "lost", "_text"], ascending=[False, True, True], kind="stable", ignore_index=True
    )
    return table.drop(columns="_text")


def gain_sentence(gains: pd.DataFrame, one: str = "group") -> str:
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
        f"{gained} of {len(gains)} people ({format_share(gained / len(gains))}) gained a contact in another {one}, "
        f"{lost} lost one."
    )


# --- the people of both waves ------------------------------------------------------------------------------------


def people_of_both(first: nx.Graph, second: nx.Graph, *, answered: bool = False) -> tuple[list[Hashable], int]:
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


def groups_of_both(
    first: nx.Graph, second: nx.Graph, people: list[Hashable], attribute: GroupLike
) -> dict[Hashable, Any]:
    """Give the group of each person in the second wave, or in the first where the second has none."""
    before, after = (dict(zip(graph, labels_of(graph, attribute), strict=True)) for graph in (first, second))
    return {person: before[person] if after[person] is None else after[person] for person in people}


def _contacts(graph: nx.Graph, person: Hashable) -> set[Hashable]:
    found = (
        set(graph.successors(person)) | set(graph.predecessors(person))
        if graph.is_directed()
        else set(graph.neighbors(person))
    )
    return found - {person}
