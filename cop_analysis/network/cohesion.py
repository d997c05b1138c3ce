"""How a network hangs together: density, components, reciprocity, transitivity, centralisation, with nulls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cop_analysis.network.adjacency import Adjacency, adjacency_of
from cop_analysis.network.answered import asked_part
from cop_analysis.network.arrangements import whole_permutations
from cop_analysis.network.paths import count_paths
from cop_analysis.network.triads import dyads_of
from cop_analysis.resampling import generator, monte_carlo_p
from cop_analysis.results import format_share

if TYPE_CHECKING:
    import networkx as nx

_BETWEENNESS_UP_TO = 2_000
_DENSE_UP_TO = 300


@dataclass(frozen=True, eq=False)
class Cohesion:
    """Measures of a network as a whole.

    Attributes
    ----------
    people, ties, possible : int
        An undirected tie counts once; parallel ties are one.
    self_loops, parallel_ties : int
        Left out, and joined into one.
    density : float
        Ties over possible ties; NaN for fewer than 2 people.
    mean_ties : float
        Ties a person has on average (directed: sends).
    components, largest_component, isolates : int
        Parts not connected with each other (direction aside), people in the largest, people without a tie.
    reciprocity : float
        Directed: share of ties that are returned. NaN for undirected networks and for no tie.
    transitivity : float
        Share of two-step paths i-j-k that a tie from i to k closes; NaN without such a path.
    centralisation : pandas.Series
        Freeman's, 0 to 1: ``degree`` (directed: ``in_degree, out_degree``) and ``betweenness`` (NaN above 2,000
        people).
    mutual, asymmetric, null : int
        Pairs of people by their ties.
    table : pandas.DataFrame
        One row a measure: ``measure, value`` and, with permutations, ``expected, sd, p_value, permutations``.
    """

    people: int
    ties: int
    possible: int
    self_loops: int
    parallel_ties: int
    density: float
    mean_ties: float
    components: int
    largest_component: int
    isolates: int
    reciprocity: float
    transitivity: float
    centralisation: pd.Series
    mutual: int
    asymmetric: int
    null: int
    table: pd.DataFrame

    @property
    def sentence(self) -> str:
        """The finding in plain words."""
        if not self.ties:
            return f"None of the {self.people} people has a tie."
        parts = "all connected with each other" if self.components == 1 else f"in {self.components} separate parts"
        alone = f", {self.isolates} of them without a tie" if self.isolates else ""
        return (
            f"{self.people} people{alone}, {parts}; {self.ties:,} of {self.possible:,} possible ties are there "
            f"({format_share(self.density, 1)})."
        )


def cohesion(graph: nx.Graph, permutations: int = 0, seed: int | np.random.Generator = 0) -> Cohesion:
    """Answer how densely and how evenly people are connected, and whether more so than by chance.

    Parameters
    ----------
    graph : networkx graph
        Any kind; parallel ties are one tie, self loops none, weights are not used. People marked as never asked
        (``asked`` or ``rostered`` False) are left out: nobody could report their ties, so none of theirs is missing.
    permutations : int
        How many random networks to compare with; 0 draws none.
    seed : int or numpy.random.Generator

    Returns
    -------
    Cohesion

    Raises
    ------
    ValueError
        If `graph` is not a graph or `permutations` not a whole number of at least 0.

    Notes
    -----
    Definitions: Wasserman & Faust 1994, Social Network Analysis; centralisation: Freeman 1979, Social Networks
    1:215-239, relative to a star of as many people. Random networks: for reciprocity, as many ties between ordered
    pairs at random; for everything else the same mutual, asymmetric and null pairs dealt out at random (U|MAN, Holland
    & Leinhardt 1976). p is two-sided by distance from the mean of data and draws, (k + 1) / (R + 1). Density is fixed
    in both, so it has no such test; its interval between waves is `density_change`.

    Examples
    --------
    >>> import networkx as nx
    >>> star = cohesion(nx.star_graph(4))
    >>> star.density, star.transitivity, star.centralisation["degree"]
    (0.4, 0.0, np.float64(1.0))
    """
    drawn = 0 if permutations == 0 and permutations is not False else whole_permutations(permutations)
    read = adjacency_of(asked_part(graph))
    mutual, asymmetric, null = dyads_of(read)
    measures = _measures(read.matrix, read.is_directed)
    betweenness = _betweenness_centralisation(read)
    values = {
        "density": read.ties / read.possible if read.possible else float("nan"),
        "mean ties": read.ties * (1 if read.is_directed else 2) / read.size if read.size else float("nan"),
        **measures,
        "betweenness centralisation": betweenness,
    }
    table = pd.DataFrame({"measure": list(values), "value": [float(value) for value in values.values()]})
    if drawn:
        table = table.join(_nulls(read, measures, (mutual, asymmetric, null), drawn, seed), on="measure")
    degrees = ("in_degree", "out_degree") if read.is_directed else ("degree",)
    return Cohesion(
        people=read.size,
        ties=read.ties,
        possible=read.possible,
        self_loops=read.self_loops,
        parallel_ties=read.parallel_ties,
        density=values["density"],
        mean_ties=values["mean ties"],
        components=int(measures["components"]),
        largest_component=int(measures["largest component"]),
        isolates=int(measures["isolates"]),
        reciprocity=float(measures.get("reciprocity", float("nan"))),
        transitivity=float(measures["transitivity"]),
        centralisation=pd.Series(
            {
                **{name: measures[f"{name.replace('_', '-')} centralisation"] for name in degrees},
                "betweenness": betweenness,
            },
            dtype=float,
        ),
        mutual=mutual,
        asymmetric=asymmetric,
        null=null,
        table=table,
    )


def _measures(matrix: Any, directed: bool) -> dict[str, float]:
    """Everything that is also measured in each random network."""
    from scipy.sparse import csgraph

    size = matrix.shape[0]
    sent, had = np.diff(matrix.indptr), np.bincount(matrix.indices, minlength=size)
    parts, part_of = csgraph.connected_components(matrix, directed=False) if size else (0, np.zeros(0, dtype=int))
    ties = float(matrix.nnz)
    if size <= _DENSE_UP_TO:
        # For a few hundred people full matrices cost a fraction of handling sparse ones.
        cells = matrix.toarray()
        returned, closed = float(np.sum(cells * cells.T)), float(np.sum((cells @ cells) * cells))
    else:
        returned = float(matrix.multiply(matrix.T).sum())
        closed = float((matrix @ matrix).multiply(matrix).sum())
    two_steps = float(np.sum(sent * had)) - returned
    found: dict[str, float] = {
        "components": float(parts),
        "largest component": float(np.bincount(part_of).max()) if size else 0.0,
        "isolates": float(np.sum((sent == 0) & (had == 0))),
    }
    if directed:
        found["reciprocity"] = returned / ties if ties else float("nan")
    found["transitivity"] = closed / two_steps if two_steps else float("nan")
    for name, degree in (("in-degree", had), ("out-degree", sent)) if directed else (("degree", sent),):
        most = (size - 1) ** 2 if directed else (size - 1) * (size - 2)
        found[f"{name} centralisation"] = float(np.sum(degree.max() - degree)) / most if size > 2 else float("nan")
    return found


def _betweenness_centralisation(read: Adjacency) -> float:
    if not 3 <= read.size <= _BETWEENNESS_UP_TO:
        return float("nan")
    scores = count_paths(read).betweenness
    most = (read.size - 1) ** 2 * (read.size - 2) / (1 if read.is_directed else 2)
    return float(np.sum(scores.max() - scores)) / most


def _nulls(
    read: Adjacency,
    measures: dict[str, float],
    pairs: tuple[int, int, int],
    drawn: int,
    seed: int | np.random.Generator,
) -> pd.DataFrame:
    rng = generator(seed)
    rows = {}
    dealt = [_measures(_dyads_dealt_out(read.size, pairs, rng), read.is_directed) for _ in range(drawn)]
    for name, value in measures.items():
        if np.isnan(value):
            continue
        if name == "reciprocity":
            values = np.array([_reciprocity_at_random(read, rng) for _ in range(drawn)])
        else:
            values = np.array([each[name] for each in dealt])
        if np.isnan(values).any():
            continue
        mean = (values.sum() + value) / (drawn + 1)
        extreme = int(np.count_nonzero(np.abs(values - mean) >= abs(value - mean) - 1e-12))
        rows[name] = (float(values.mean()), float(values.std()), monte_carlo_p(extreme, drawn), drawn)
    return pd.DataFrame.from_dict(rows, orient="index", columns=["expected", "sd", "p_value", "permutations"])


def _dyads_dealt_out(size: int, pairs: tuple[int, int, int], rng: np.random.Generator) -> Any:
    """Draw a network with as many mutual and asymmetric pairs."""
    from scipy import sparse

    mutual, asymmetric, _ = pairs
    chosen = rng.choice(size * (size - 1) // 2, size=mutual + asymmetric, replace=False)
    starts = np.concatenate([[0], np.cumsum(np.arange(size - 1, 0, -1))])
    row = np.searchsorted(starts, chosen, side="right") - 1
    column = chosen - starts[row] + row + 1
    turned = rng.random(len(chosen)) < 0.5
    tails, heads = np.where(turned, column, row), np.where(turned, row, column)
    tails, heads = np.r_[tails, heads[:mutual]], np.r_[heads, tails[:mutual]]
    return sparse.csr_array((np.ones(len(tails)), (tails, heads)), shape=(size, size))


def _reciprocity_at_random(read: Adjacency, rng: np.random.Generator) -> float:
    chosen = np.sort(rng.choice(read.possible, size=read.ties, replace=False))
    tails, heads = chosen // (read.size - 1), chosen % (read.size - 1)
    heads = heads + (heads >= tails)
    return float(np.isin(tails * read.size + heads, heads * read.size + tails).mean())
