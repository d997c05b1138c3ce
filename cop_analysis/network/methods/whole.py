"""How a network is built as a whole: density, mutual ties, closed paths, the sixteen triads, and its groupings."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cop_analysis.extremes import ALIKE
from cop_analysis.network.methods.centralities import count_paths
from cop_analysis.network.methods.chance import arrangements, as_far, whole_permutations
from cop_analysis.network.methods.graphs import Adjacency, GroupLike, adjacency_of, as_shares, asked_part, labelled_ties
from cop_analysis.resampling import generator, monte_carlo_p
from cop_analysis.results import format_share, with_minus

if TYPE_CHECKING:
    import networkx as nx


TRIADS = (
    "003",
    "012",
    "102",
    "021D",
    "021U",
    "021C",
    "111D",
    "111U",
    "030T",
    "030C",
    "201",
    "120D",
    "120U",
    "120C",
    "210",
    "300",
)
"""Mutual, asymmetric and null pairs, and for some the way they point: Down, Up, Cycle, Transitive."""
# Of the ways in which the asymmetric pairs of a triad can point, the share that makes it of this kind.
_ORIENTED = {
    "021D": 1 / 4,
    "021U": 1 / 4,
    "021C": 1 / 2,
    "111D": 1 / 2,
    "111U": 1 / 2,
    "030T": 3 / 4,
    "030C": 1 / 4,
    "120D": 1 / 4,
    "120U": 1 / 4,
    "120C": 1 / 2,
}
_TRIPLES_UP_TO = 300_000


def triad_census(graph: nx.Graph, permutations: int = 0, seed: int | np.random.Generator = 0) -> pd.DataFrame:
    """Answer which patterns among three people occur more often than by chance.

    Parameters
    ----------
    graph : networkx graph
        Parallel ties are one tie, self loops none; an undirected tie is a mutual one. People marked as never asked are
        left out.
    permutations : int
        How many random networks with as many mutual, asymmetric and null pairs to draw for a p-value; 0 draws none.
    seed : int or numpy.random.Generator

    Returns
    -------
    pandas.DataFrame
        One row a kind, in the usual order: ``triad, count, expected`` and, with permutations, ``sd, p_value,
        permutations`` (two-sided). Expected values are exact; NaN for fewer than 3 people.

    Raises
    ------
    ValueError
        If permutations are asked for in a network of more than about 120 people (300,000 triples), where each of them
        would be a census of its own.

    Notes
    -----
    Holland & Leinhardt 1976, Sociological Methodology 7:1-45, with their U|MAN null: pairs keep what they are (mutual,
    asymmetric, null) and are dealt out to the people at random, each asymmetric one pointing either way.

    Examples
    --------
    >>> import networkx as nx
    >>> census = triad_census(nx.DiGraph([(1, 2), (2, 3), (1, 3)])).set_index("triad")
    >>> int(census.loc["030T", "count"]), float(census.loc["030T", "expected"])
    (1, 0.75)
    """
    import networkx as nx

    drawn = 0 if permutations == 0 and permutations is not False else whole_permutations(permutations)
    read = adjacency_of(asked_part(graph))
    simple = nx.DiGraph()
    simple.add_nodes_from(range(read.size))
    ties = read.matrix.tocoo()
    simple.add_edges_from(zip(ties.row.tolist(), ties.col.tolist(), strict=True))
    counts = nx.triadic_census(simple) if read.size >= 3 else dict.fromkeys(TRIADS, 0)
    pairs = dyads_of(read)
    table = pd.DataFrame(
        {
            "triad": TRIADS,
            "count": [int(counts[kind]) for kind in TRIADS],
            "expected": [_expected(kind, read.size, pairs) for kind in TRIADS],
        }
    )
    if not drawn:
        return table
    if math.comb(read.size, 3) > _TRIPLES_UP_TO:
        raise ValueError(
            f"{read.size} people have {math.comb(read.size, 3):,} triples, too many to count in every random network. "
            "Leave permutations at 0: expected values are exact without them."
        )
    return _with_p_values(table, read, pairs, drawn, seed)


def dyads_of(read: Adjacency) -> tuple[int, int, int]:
    """Count mutual, asymmetric and null pairs.

    Examples
    --------
    >>> import networkx as nx
    >>> dyads_of(adjacency_of(nx.DiGraph([(1, 2), (2, 1), (1, 3)])))
    (1, 1, 1)
    """
    both = int(read.matrix.multiply(read.matrix.T).count_nonzero()) // 2
    one = int(read.matrix.nnz) - 2 * both
    return both, one, read.size * (read.size - 1) // 2 - both - one


def _expected(kind: str, people: int, pairs: tuple[int, int, int]) -> float:
    if people < 3:
        return float("nan")
    wanted = [int(digit) for digit in kind[:3]]
    ways = math.factorial(3)
    chance = float(_ORIENTED.get(kind, 1.0))
    for number, available in zip(wanted, pairs, strict=True):
        ways //= math.factorial(number)
        chance *= math.perm(available, number)
    return math.comb(people, 3) * ways * chance / math.perm(sum(pairs), 3)


def _with_p_values(
    table: pd.DataFrame, read: Adjacency, pairs: tuple[int, int, int], drawn: int, seed: int | np.random.Generator
) -> pd.DataFrame:
    from networkx.algorithms.triads import TRICODES

    rng = generator(seed)
    size = read.size
    row, column = np.triu_indices(size, 1)
    number_of_pair = np.zeros((size, size), dtype=np.int64)
    number_of_pair[row, column] = np.arange(len(row))
    first, second, third = _triples(size)
    places = (number_of_pair[first, second], number_of_pair[first, third], number_of_pair[second, third])
    # A pair is 0 (null), 1 or 2 (one way or the other) or 3 (mutual); three of them make one of networkx's 64 codes.
    kinds = np.array(TRICODES) - 1
    states = np.repeat(np.array([3, 1, 0], dtype=np.int64), pairs)
    counts = np.empty((drawn, 16))
    for number in range(drawn):
        dealt = rng.permutation(states)
        asymmetric = dealt == 1
        dealt[asymmetric] += rng.integers(0, 2, int(asymmetric.sum()))
        codes = dealt[places[0]] + 4 * dealt[places[1]] + 16 * dealt[places[2]]
        counts[number] = np.bincount(kinds[codes], minlength=16)
    seen, expected = table["count"].to_numpy(), table["expected"].to_numpy()
    far = np.abs(counts - expected) >= np.abs(seen - expected) - 1e-9
    return table.assign(
        sd=counts.std(axis=0),
        p_value=[monte_carlo_p(int(count), drawn) for count in far.sum(axis=0)],
        permutations=drawn,
    )


def _triples(size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    first, second, third = np.meshgrid(*[np.arange(size)] * 3, indexing="ij", sparse=True)
    kept = np.nonzero((first < second) & (second < third))
    return kept[0], kept[1], kept[2]


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


_STARTS = 20


@dataclass(frozen=True, eq=False)
class PartitionFit:
    """How the groups people belong to compare with the groups their ties form.

    Attributes
    ----------
    modularity : float
        Of the groups given: share of ties within groups less the share expected from people's numbers of ties.
    best_modularity : float
        The highest found over all ways of grouping the people; at least `modularity`.
    best_groups : tuple of frozenset
        The grouping that has it, largest first.
    share_of_best : float
        modularity / best_modularity; NaN where the best is 0.
    agreement : float
        Adjusted Rand index of the groups given with the best ones: 1 for the same, about 0 for unrelated.
    assortativity : float
        Newman's coefficient: 1 where every tie is within a group, 0 as expected; NaN where all ties are in one group.
    expected, sd, p_value : float
        Of the modularity when groups are dealt out to people at random: mean and sd of the arrangements drawn, and the
        share of them at least as far from that mean (two-sided), as (k + 1) / (R + 1).
    permutations : int
        R.
    groups, best_count : int
        How many groups there are, given and best.
    """

    modularity: float
    best_modularity: float
    best_groups: tuple[frozenset[Hashable], ...]
    share_of_best: float
    agreement: float
    assortativity: float
    expected: float
    sd: float
    p_value: float
    permutations: int
    groups: int
    best_count: int

    @property
    def sentence(self) -> str:
        """The finding in plain words."""
        reached = (
            f", {format_share(max(0.0, self.share_of_best))} of what the best grouping of the people reaches "
            f"({with_minus(self.best_modularity)})"
            if self.best_modularity > 0
            else ""
        )
        return (
            f"Ties by the {self.groups} groups: modularity {with_minus(self.modularity)}{reached}, where people placed "
            "in these "
            f"groups at random give {with_minus(self.expected)}; "
            f"{as_far(self.p_value)}."
        )


def partition_fit(
    graph: nx.Graph,
    attribute: GroupLike = "organisation",
    permutations: int = 999,
    seed: int | np.random.Generator = 0,
    *,
    weight: str | None = None,
) -> PartitionFit:
    """Answer whether ties follow the groups people belong to, and how near these are to the groups ties form.

    Parameters
    ----------
    graph : networkx graph
        Directed or not; self loops are left out, parallel ties joined.
    attribute : str or mapping
        The node attribute with the group, or the group of each node; every node must have one.
    permutations : int
    seed : int or numpy.random.Generator
        For the test and for the search for the best grouping.
    weight : str, optional
        The tie attribute to use; without it each tie is 1.

    Returns
    -------
    PartitionFit

    Raises
    ------
    ValueError
        If there is no tie, or a node has no label.

    Notes
    -----
    Modularity: Newman & Girvan 2004, Physical Review E 69:026113; directed: Leicht & Newman 2008, Physical Review
    Letters 100:118703. Assortativity: Newman 2003, Physical Review E 67:026126. Finding the best grouping is NP-hard;
    the best of 20 runs of Louvain's method (Blondel et al. 2008) and of the groups given is kept, a lower bound that
    is usually the optimum in networks of this size. Good & de Montjoye 2010 (Physical Review E 81:046106) warn that
    many different groupings come near the best, so `best_groups` is one of them. Agreement: Hubert & Arabie 1985,
    Journal of Classification 2:193-218.

    Examples
    --------
    >>> import networkx as nx
    >>> club = nx.Graph([(0, 1), (1, 2), (2, 0), (3, 4), (4, 5), (5, 3), (0, 3)])
    >>> nx.set_node_attributes(club, {n: "a" if n < 3 else "b" for n in club}, "organisation")
    >>> found = partition_fit(club, permutations=99)
    >>> round(found.modularity, 4), found.share_of_best, found.agreement
    (0.3571, 1.0, 1.0)
    """
    permutations = whole_permutations(permutations)
    read = adjacency_of(graph, weight)
    labels = labelled_ties(graph, attribute)
    total = float(read.matrix.sum())
    if not total:
        raise ValueError(
            f"The network has {read.size} people and no tie, so how ties follow groups is not defined. Check the "
            "relation and the wave."
        )
    rng = generator(seed)
    count = len(labels.groups)
    within, expected_within = _within(read, labels.group_of[:, None], count)
    modularity = float(within[0] - expected_within[0])
    drawn = np.concatenate(
        [
            np.subtract(*_within(read, batch, count))
            for batch in arrangements(labels.group_of.astype(np.int32), permutations, rng, at_once=64)
        ]
    )
    mean = (drawn.sum() + modularity) / (permutations + 1)
    extreme = int(np.count_nonzero(np.abs(drawn - mean) >= abs(modularity - mean) - 1e-12))
    best, best_of = _best(read, labels.group_of, modularity, rng)
    room = 1 - float(expected_within[0])
    members: dict[int, set[Hashable]] = {}
    for person, number in zip(read.people, best_of.tolist(), strict=True):
        members.setdefault(number, set()).add(person)
    return PartitionFit(
        modularity=modularity,
        best_modularity=best,
        best_groups=tuple(frozenset(group) for group in sorted(members.values(), key=len, reverse=True)),
        share_of_best=modularity / best if best > 1e-12 else float("nan"),
        agreement=_adjusted_rand(labels.group_of, best_of),
        assortativity=modularity / room if room > 1e-12 else float("nan"),
        expected=float(drawn.mean()),
        sd=float(drawn.std()),
        p_value=monte_carlo_p(extreme, permutations),
        permutations=permutations,
        groups=count,
        best_count=len(members),
    )


def _within(read: Adjacency, batch: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Give, for each arrangement, the share of ties within groups and the share expected from numbers of ties."""
    ties = read.matrix.tocoo()
    total = float(ties.data.sum())
    within = (ties.data @ (batch[ties.row] == batch[ties.col])) / total
    sent, had = read.matrix.sum(axis=1), read.matrix.sum(axis=0)
    columns = np.arange(batch.shape[1])
    places = batch.astype(np.int64) + count * columns
    shape = (batch.shape[1], count)
    from_group = np.bincount(places.reshape(-1), np.repeat(sent, len(columns)), count * len(columns)).reshape(shape)
    to_group = np.bincount(places.reshape(-1), np.repeat(had, len(columns)), count * len(columns)).reshape(shape)
    return within, (from_group * to_group).sum(axis=1) / total**2


def _best(
    read: Adjacency, group_of: np.ndarray, modularity: float, rng: np.random.Generator
) -> tuple[float, np.ndarray]:
    import networkx as nx

    simple = nx.from_scipy_sparse_array(
        as_shares(read.matrix), create_using=nx.DiGraph if read.is_directed else nx.Graph
    )
    best, best_of = modularity, group_of.astype(np.int64)
    if modularity < -ALIKE:
        # One group of everybody has modularity 0.
        best, best_of = 0.0, np.zeros(read.size, dtype=np.int64)
    for _ in range(_STARTS if read.size <= 5_000 else 1):
        found = nx.community.louvain_communities(simple, weight="weight", seed=int(rng.integers(2**31)))
        number_of = np.zeros(read.size, dtype=np.int64)
        for number, members in enumerate(found):
            number_of[list(members)] = number
        reached = float(np.subtract(*_within(read, number_of[:, None], len(found)))[0])
        if reached > best + ALIKE:
            best, best_of = reached, number_of
    return best, best_of


def _adjusted_rand(one: np.ndarray, other: np.ndarray) -> float:
    def pairs(counts: np.ndarray) -> float:
        return float(np.sum(counts * (counts - 1.0)) / 2)

    joint = np.bincount(one * (int(other.max()) + 1) + other)
    together, first, second = pairs(joint), pairs(np.bincount(one)), pairs(np.bincount(other))
    everything = len(one) * (len(one) - 1) / 2
    chance = first * second / everything if everything else 0.0
    most = (first + second) / 2
    return 1.0 if most == chance else (together - chance) / (most - chance)
