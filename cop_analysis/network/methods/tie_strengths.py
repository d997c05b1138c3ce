"""How strong ties are and how much trust is in them (PARTNER-style), within and across groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.network.methods.chance import arrangements, as_far, whole_permutations
from cop_analysis.network.methods.graphs import GroupLike, labelled_ties, require_graph
from cop_analysis.network.methods.networks import person_network
from cop_analysis.resampling import generator, monte_carlo_p
from cop_analysis.results.values import is_missing

if TYPE_CHECKING:
    import networkx as nx


TRUST = ("openness", "reliability", "mission")
"""The three dimensions of trust of a PARTNER-style survey, as relations of ties.csv."""


@dataclass(frozen=True, eq=False)
class TieQuality:
    """Quality of ties, within and across groups.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a measure and kind of tie (``all, within, across``): ``measure, kind, ties, mean, median,
        standard_deviation, share_of_most`` (mean over the highest score there can be; NaN where that is not given).
    differences : pandas.DataFrame
        One row a measure: ``measure, difference`` (mean across less mean within), ``p_value, permutations``,
        ``mutual_pairs`` and ``mutual_correlation`` (pairs who rate each other, and how their ratings go together),
        ``not_rated`` (ties without a score).
    """

    table: pd.DataFrame
    differences: pd.DataFrame

    @property
    def sentence(self) -> str:
        """The finding in plain words."""
        return self.said()

    def said(self, plural: str = "groups") -> str:
        """Give the finding in plain words, groups by the name they have."""
        parts = []
        for row in self.differences.to_dict("records"):
            if np.isnan(row["difference"]):
                parts.append(f"{row['measure']}: ties on one side only, so nothing can be compared")
                continue
            means = self.table[self.table["measure"] == row["measure"]].set_index("kind")["mean"]
            parts.append(
                f"{row['measure']}: ties across {plural} {means['across']:.2f}, within {means['within']:.2f}; "
                f"{as_far(row['p_value'], 'by chance a difference as large')}"
            )
        return "; ".join(parts) + "." if parts else "No measure of the ties was asked for."


def tie_quality(
    graph: nx.Graph,
    attribute: GroupLike = "organisation",
    measures: Sequence[str] = ("strength",),
    permutations: int = 4999,
    seed: int | np.random.Generator = 0,
    *,
    most: float | None = None,
) -> TieQuality:
    """Answer whether ties across groups are as strong, or as trusting, as those within.

    Parameters
    ----------
    graph : networkx graph
        Every node must have the group; ties without a score are left out and counted.
    attribute : str or mapping
    measures : sequence of str
        Tie attributes that hold numbers.
    permutations : int
    seed : int or numpy.random.Generator
    most : float, optional
        The highest score there can be, for ``share_of_most`` (as PARTNER's trust score, a percentage of the possible).

    Returns
    -------
    TieQuality

    Raises
    ------
    ValueError
        If a node has no group, a score is not a number, or `most` is not above 0.

    Notes
    -----
    Varda, Chandra, Stern & Lurie 2008, Journal of Public Health Management and Practice 14(5):E1-E8 (PARTNER). Ties of
    one person depend on each other, so the difference is tested by dealing groups out to the people at random,
    two-sided.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.DiGraph()
    >>> graph.add_nodes_from([("a", {"organisation": "north"}), ("b", {"organisation": "north"}),
    ...                       ("c", {"organisation": "south"})])
    >>> graph.add_weighted_edges_from([("a", "b", 4), ("a", "c", 2), ("b", "c", 3)], weight="strength")
    >>> tie_quality(graph, permutations=99).differences["difference"].tolist()
    [-1.5]
    """
    permutations = whole_permutations(permutations)
    require_graph(graph)
    if isinstance(measures, str):
        measures = (measures,)
    if most is not None and not most > 0:
        raise ValueError(f"most is {most!r}; it is the highest score there can be, above 0.")
    rng = generator(seed)
    rows, differences = [], []
    for measure in measures:
        rated, without = _rated(graph, measure)
        ties = labelled_ties(rated, attribute, measure)
        scores = np.zeros(0) if ties.weights is None else ties.weights
        crosses = ties.crosses
        for kind, chosen in (("all", scores), ("within", scores[~crosses]), ("across", scores[crosses])):
            some = len(chosen) > 0
            rows.append(
                {
                    "measure": measure,
                    "kind": kind,
                    "ties": len(chosen),
                    "mean": float(chosen.mean()) if some else float("nan"),
                    "median": float(np.median(chosen)) if some else float("nan"),
                    "standard_deviation": float(chosen.std(ddof=1)) if len(chosen) > 1 else float("nan"),
                    "share_of_most": float(chosen.mean()) / most if some and most is not None else float("nan"),
                }
            )
        difference, p_value = float("nan"), float("nan")
        if crosses.any() and not crosses.all():
            difference = float(scores[crosses].mean() - scores[~crosses].mean())
            p_value = _p_of_difference(ties.group_of, ties.tails, ties.heads, scores, difference, permutations, rng)
        pairs, correlation = _mutual(rated, measure)
        differences.append((measure, difference, p_value, permutations, pairs, correlation, without))
    columns = ["measure", "difference", "p_value", "permutations", "mutual_pairs", "mutual_correlation", "not_rated"]
    return TieQuality(pd.DataFrame(rows), pd.DataFrame(differences, columns=columns))


def trust_network(
    ties: pd.DataFrame,
    people: pd.DataFrame | None = None,
    rosters: pd.DataFrame | None = None,
    wave: str | None = None,
    *,
    dimensions: Sequence[str] = TRUST,
) -> nx.DiGraph:
    """Build the network of trust: a tie a rating of one person (organisation) by another, with a score a dimension.

    Parameters
    ----------
    ties, people, rosters, wave
        As for `person_network`; each dimension is a relation of `ties`, its strength the score.
    dimensions : sequence of str
        Those present are used.

    Returns
    -------
    networkx.DiGraph
        Ties carry each dimension that was rated, ``trust`` (their mean) and ``dimensions_rated``.

    Raises
    ------
    ValueError
        If none of the dimensions is in the ties.

    Examples
    --------
    >>> ties = pd.DataFrame({"ego": ["a", "a"], "alter": ["b", "b"], "relation": ["openness", "reliability"],
    ...                      "strength": [4.0, 3.0], "wave": ["w", "w"]})
    >>> trust_network(ties).edges["a", "b"]["trust"]
    3.5
    """
    import networkx as nx

    held = set(ties["relation"].dropna()) if "relation" in ties.columns else set()
    present = [dimension for dimension in dimensions if dimension in held]
    if not present:
        raise ValueError(
            f"The ties hold none of the dimensions of trust ({', '.join(dimensions)}). They hold: "
            f"{', '.join(sorted(str(value) for value in held)) or 'none'}."
        )
    network = nx.DiGraph()
    for dimension in present:
        # The wave that a dimension was not asked in holds no score of it.
        graph = person_network(ties, people, rosters, dimension, wave)
        network.graph["wave"] = graph.graph["wave"]
        network.add_nodes_from(graph.nodes(data=True))
        for tail, head, data in graph.edges(data=True):
            if not is_missing(data.get("strength")):
                network.add_edge(tail, head, **{dimension: float(data["strength"])})
    for *_, data in network.edges(data=True):
        scores = [data[dimension] for dimension in present if dimension in data]
        data.update(trust=float(np.mean(scores)), dimensions_rated=len(scores))
    network.graph["dimensions"] = tuple(present)
    return network


def _rated(graph: nx.Graph, measure: str) -> tuple[nx.Graph, int]:
    rated = graph.__class__()
    rated.add_nodes_from(graph.nodes(data=True))
    without = 0
    for tail, head, data in graph.edges(data=True):
        if is_missing(data.get(measure)):
            without += tail != head
        else:
            rated.add_edge(tail, head, **{measure: data[measure]})
    return rated, without


def _p_of_difference(
    group: np.ndarray,
    tails: np.ndarray,
    heads: np.ndarray,
    scores: np.ndarray,
    difference: float,
    permutations: int,
    rng: np.random.Generator,
) -> float:
    extreme, total, count = 0, float(scores.sum()), len(scores)
    for batch in arrangements(group.astype(np.int32), permutations, rng, at_once=256):
        crosses = batch[tails] != batch[heads]
        across = crosses.sum(axis=0)
        sums = scores @ crosses
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn = sums / across - (total - sums) / (count - across)
        # An arrangement with ties on one side only has no difference, and none as large as the data's.
        extreme += int(np.count_nonzero(np.abs(drawn) >= abs(difference) - 1e-12))
    return monte_carlo_p(extreme, permutations)


def _mutual(graph: nx.Graph, measure: str) -> tuple[int, float]:
    """Count pairs who rate each other, and correlate their ratings without regard to order."""
    if not graph.is_directed():
        return 0, float("nan")
    scores: dict[tuple[object, object], float] = {}
    for tail, head, data in graph.edges(data=True):
        scores[(tail, head)] = float(data[measure])
    there = [
        (score, scores[(head, tail)])
        for (tail, head), score in scores.items()
        if tail != head and (head, tail) in scores
    ]
    # Each pair comes in both orders, which makes this the intraclass correlation.
    values = np.array(there, dtype=float).reshape(-1, 2)
    if len(values) < 4 or np.ptp(values[:, 0]) == 0:
        return len(values) // 2, float("nan")
    return len(values) // 2, float(np.corrcoef(values.T)[0, 1])
