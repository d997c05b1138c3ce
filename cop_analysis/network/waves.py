"""What became of the ties between two waves; only counting and matching, no test and no picture.

A tie can be called lost only if the person who reported it was asked again and answered.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.network.adjacency import require_graph
from cop_analysis.network.answered import never_asked, said_nothing
from cop_analysis.network.labelled import people_marked_not
from cop_analysis.results import count_of

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
    gone = people_marked_not(graph, "rostered")
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
