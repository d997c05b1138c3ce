"""Whether relations among the same people go together: QAP correlation of two, and regression on several (MRQAP).

A relation is a square matrix, whatever it came as; it is read and brought into one order of people first.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from cop_analysis.network.methods.chance import arrangements, as_far, whole_permutations
from cop_analysis.network.methods.graphs import GroupLike, adjacency_of, every_label
from cop_analysis.network.methods.kernels import kernel
from cop_analysis.resampling import generator, monte_carlo_p
from cop_analysis.results import format_p, with_minus, with_sign
from cop_analysis.results.values import is_missing

if TYPE_CHECKING:
    import networkx as nx


RelationLike: TypeAlias = Any
"""A square array, a DataFrame with the same people as rows and columns, a scipy sparse matrix or a networkx graph."""
PEOPLE_UP_TO = 10_000
"""A relation of so many takes 0.8 GB."""


@dataclass(frozen=True, eq=False)
class Relation:
    """One relation among people.

    Attributes
    ----------
    name : str
        How messages and tables call it.
    people : tuple or None
        Who the rows are; None for an array, whose rows have numbers only.
    cells : numpy.ndarray
        Square; row: from, column: to; the diagonal is 0 and stands for nothing.
    is_symmetric : bool
    """

    name: str
    people: tuple[Hashable, ...] | None
    cells: np.ndarray
    is_symmetric: bool

    @property
    def size(self) -> int:
        """How many people."""
        return len(self.cells)


def relation_of(value: RelationLike, name: str, weight: str | None = "weight") -> Relation:
    """Read an array, a DataFrame, a sparse matrix or a graph as a relation, refusing in words what is not one.

    Parameters
    ----------
    value : array, DataFrame, sparse matrix or networkx graph
        The diagonal is not used. Parallel ties of a graph are added up.
    name : str
    weight : str, optional
        For a graph: the tie attribute that fills its cell; 1 where a tie has none, as networkx does. None counts
        ties.

    Raises
    ------
    ValueError
        If it is not square, holds something that is not a finite number off its diagonal, or names its rows and
        columns differently.

    Examples
    --------
    >>> relation_of([[0, 1], [0, 0]], "advice").is_symmetric
    False
    """
    people: tuple[Hashable, ...] | None = None
    if isinstance(value, pd.DataFrame):
        people, cells = _labelled_cells(value, name)
    elif hasattr(value, "is_directed"):
        people, cells = _cells_of_graph(value, weight, name)
    elif hasattr(value, "toarray"):
        _refuse_too_large(value.shape[0], name)
        cells = np.asarray(value.toarray())
    else:
        cells = _plain_cells(value, name)
    if cells.ndim != 2 or cells.shape[0] != cells.shape[1]:
        raise ValueError(
            f"{name} has the shape {' x '.join(str(side) for side in cells.shape) or 'of a single value'}; a relation "
            "is square, a row and a column for each person."
        )
    _refuse_too_large(len(cells), name)
    try:
        if np.iscomplexobj(cells):
            raise TypeError
        cells = np.array(cells, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} holds something that is not a number. Code its ties as numbers first.") from None
    np.fill_diagonal(cells, 0.0)
    unusable = int(np.count_nonzero(~np.isfinite(cells)))
    if unusable:
        raise ValueError(
            f"{name} has {unusable:,} cells off its diagonal that are missing or not finite. Fill them in, or leave "
            "the people concerned out of every relation."
        )
    return Relation(name, people, cells, bool(np.array_equal(cells, cells.T)))


def aligned(relations: Sequence[Relation]) -> list[Relation]:
    """Bring relations into one order of people, the first's that names them.

    Parameters
    ----------
    relations : sequence of Relation
        Those without names are taken to be in that order already.

    Raises
    ------
    ValueError
        If they are not about the same people.

    Examples
    --------
    >>> table = pd.DataFrame([[0, 1], [2, 0]], index=["b", "a"], columns=["b", "a"])
    >>> other = pd.DataFrame([[0, 3], [4, 0]], index=["a", "b"], columns=["a", "b"])
    >>> aligned([relation_of(table, "one"), relation_of(other, "two")])[1].cells.tolist()
    [[0.0, 4.0], [3.0, 0.0]]
    """
    leader = relations[0]
    for relation in relations:
        if relation.size != leader.size:
            raise ValueError(
                f"{leader.name} has {leader.size} people and {relation.name} has {relation.size}. Give both the same."
            )
    named = next((relation for relation in relations if relation.people is not None), None)
    if named is None or named.people is None:
        return list(relations)
    ordered = []
    for relation in relations:
        if relation.people is None or relation.people == named.people:
            ordered.append(relation)
            continue
        number_of = {person: number for number, person in enumerate(relation.people)}
        strangers = [person for person in named.people if person not in number_of]
        if strangers:
            raise ValueError(
                f"{relation.name} does not have {len(strangers)} of the people of {named.name} (the first is "
                f"{strangers[0]!r}). Give both the same people."
            )
        order = np.array([number_of[person] for person in named.people], dtype=np.int64)
        ordered.append(
            Relation(relation.name, named.people, relation.cells[np.ix_(order, order)], relation.is_symmetric)
        )
    return ordered


def shared_attribute(graph: nx.Graph, attribute: GroupLike) -> pd.DataFrame:
    """Give the relation of having the same value of an attribute: 1 where two people share it, else 0.

    Parameters
    ----------
    graph : networkx graph
        Every node must have the attribute.
    attribute : str or mapping
        The node attribute, or the value of each node.

    Returns
    -------
    pandas.DataFrame
        People by people, 0 on the diagonal.

    Raises
    ------
    ValueError
        If a node has no such attribute.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.Graph()
    >>> graph.add_nodes_from([("a", {"role": "nurse"}), ("b", {"role": "nurse"}), ("c", {"role": "doctor"})])
    >>> int(shared_attribute(graph, "role").loc["a"].sum())
    1
    """
    values = every_label(graph, attribute)
    number_of = {value: number for number, value in enumerate(dict.fromkeys(values))}
    codes = np.array([number_of[value] for value in values], dtype=np.int64)
    same = (codes[:, None] == codes[None]).astype(float)
    np.fill_diagonal(same, 0.0)
    return pd.DataFrame(same, index=list(graph), columns=list(graph))


def attribute_difference(graph: nx.Graph, attribute: GroupLike) -> pd.DataFrame:
    """Give the relation of how far two people are apart in a number: |own - other|.

    Parameters
    ----------
    graph : networkx graph
        Every node must have the attribute, a number.
    attribute : str or mapping

    Returns
    -------
    pandas.DataFrame
        People by people.

    Raises
    ------
    ValueError
        If a node has no such attribute or it is not a number.

    Examples
    --------
    >>> import networkx as nx
    >>> graph = nx.Graph()
    >>> graph.add_nodes_from([("a", {"years": 3}), ("b", {"years": 10})])
    >>> attribute_difference(graph, "years").loc["a", "b"]
    np.float64(7.0)
    """
    labels = every_label(graph, attribute)
    try:
        numbers = np.array(labels, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(
            f"{'The attribute' if not isinstance(attribute, str) else f'The node attribute {attribute!r}'} is not a "
            "number everywhere. Use shared_attribute."
        ) from None
    return pd.DataFrame(np.abs(numbers[:, None] - numbers[None]), index=list(graph), columns=list(graph))


def named_relations(value: object, weight: str | None) -> list[Relation]:
    """Read predictors given as a mapping of names, a sequence or a single relation.

    Examples
    --------
    >>> [relation.name for relation in named_relations([[[0, 1], [0, 0]]], None)]
    ['predictor 1']
    """
    if isinstance(value, Mapping):
        return [relation_of(each, str(name), weight) for name, each in value.items()]
    single = isinstance(value, pd.DataFrame) or hasattr(value, "is_directed") or hasattr(value, "toarray")
    if single or (isinstance(value, np.ndarray) and value.ndim == 2):
        value = [value]
    if not isinstance(value, Sequence | np.ndarray) or isinstance(value, str):
        raise ValueError(f"Predictors are a mapping of name to relation or a list of relations, not {value!r:.80}.")
    return [relation_of(each, f"predictor {number}", weight) for number, each in enumerate(value, 1)]


def _refuse_too_large(people: int, name: str) -> None:
    if people > PEOPLE_UP_TO:
        raise ValueError(
            f"{name} has {people:,} people; relations are compared cell by cell, for which {PEOPLE_UP_TO:,} people are "
            "the most. Compare a part of the network, or organisations in place of people."
        )


def _plain_cells(value: Any, name: str) -> np.ndarray:
    """Read what is not a table or a graph; a masked cell is a missing one."""
    try:
        if isinstance(value, np.ma.MaskedArray):
            return np.where(np.ma.getmaskarray(value), np.nan, np.ma.getdata(value).astype(float))
        return np.asarray(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} has rows of different lengths. Give each person a row and a column.") from None


def _labelled_cells(table: pd.DataFrame, name: str) -> tuple[tuple[Hashable, ...], np.ndarray]:
    rows, columns = list(table.index), list(table.columns)
    if len(set(rows)) < len(rows) or len(set(columns)) < len(columns):
        raise ValueError(f"{name} names a person twice. Give each person one row and one column.")
    if rows != columns:
        if set(rows) != set(columns):
            raise ValueError(f"{name} has different people as rows and as columns. A relation has the same in both.")
        table = table[rows]
    try:
        return tuple(rows), table.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        raise ValueError(f"{name} holds something that is not a number. Code its ties as numbers first.") from None


def _cells_of_graph(graph: nx.Graph, weight: str | None, name: str) -> tuple[tuple[Hashable, ...], np.ndarray]:
    _refuse_too_large(len(graph), name)
    if weight is None:
        read = adjacency_of(graph)
        return read.people, read.matrix.toarray()
    people = tuple(graph)
    number_of = {person: number for number, person in enumerate(people)}
    cells = np.zeros((len(people), len(people)))
    for tail, head, data in graph.edges(data=True):
        given = data.get(weight, 1.0)
        try:
            value = float("nan") if is_missing(given) else float(given)
        except (TypeError, ValueError):
            value = float("nan")
        if not np.isfinite(value):
            raise ValueError(
                f"The tie from {tail!r} to {head!r} has no usable {weight!r} ({given!r}): it must be a finite number. "
                "Correct it, or count ties with weight=None."
            )
        cells[number_of[tail], number_of[head]] += value
        if not graph.is_directed() and tail != head:
            cells[number_of[head], number_of[tail]] += value
    return people, cells


_CELLS_AT_ONCE = 65_536
_EXACT_UP_TO = 2**53


@dataclass(frozen=True)
class QAPCorrelation:
    """A correlation of two relations with its null distribution when people of one are relabelled.

    Attributes
    ----------
    estimate : float
        Pearson's correlation over all cells off the diagonal.
    expected, sd : float
        Exact mean (always 0) and standard deviation when the people of one relation are permuted.
    p_value : float
        Two-sided: the share of arrangements whose correlation is at least as far from 0, as (k + 1) / (R + 1).
    p_at_least, p_at_most : float
        One-sided: at least as large, at most as large as the estimate.
    permutations : int
        R.
    people : int
    cells : int
        Ordered pairs of people compared.
    """

    estimate: float
    expected: float
    sd: float
    p_value: float
    p_at_least: float
    p_at_most: float
    permutations: int
    people: int
    cells: int

    @property
    def z(self) -> float:
        """The estimate in standard deviations of its null distribution; NaN where the correlation cannot vary."""
        return self.estimate / self.sd if self.sd > 0 else float("nan")

    @property
    def sentence(self) -> str:
        """The finding in plain words."""
        if math.isnan(self.p_value):
            return f"The correlation of the two relations is not defined among {self.people:,} people."
        return (
            f"The correlation of the two relations is {with_minus(self.estimate, 3)}; with the {self.people:,} people "
            "dealt out anew, "
            f"{as_far(self.p_value, 'one as far from what chance gives')}, {self.permutations:,} drawn."
        )


def qap_correlation(
    first: RelationLike,
    second: RelationLike,
    permutations: int = 4999,
    seed: int | np.random.Generator = 0,
    *,
    weight: str | None = "weight",
) -> QAPCorrelation:
    """Answer whether two relations among the same people go together more, or less, than by chance.

    Parameters
    ----------
    first, second : array, pandas.DataFrame, scipy sparse matrix or networkx graph
        Square, the same people; those that name them are matched by name, arrays by position. Diagonals are not used.
    permutations : int
    seed : int or numpy.random.Generator
    weight : str, optional
        For graphs: the tie attribute to use, 1 where a tie has none; None counts ties.

    Returns
    -------
    QAPCorrelation

    Raises
    ------
    ValueError
        If the relations are not about the same people, there are fewer than 3, or one relation is the same in every
        cell (an empty or complete network), so that a correlation is not defined.

    Notes
    -----
    Quadratic assignment procedure: Hubert & Schultz 1976, British Journal of Mathematical and Statistical Psychology
    29:190-241; Krackhardt 1988, Social Networks 10:359-381. People are permuted, rows and columns together, so the
    dependence within each relation is kept. Mean and variance of a permuted matrix do not change, so an arrangement
    costs one sum over the ties of the sparser relation. The standard deviation is exact: pairs of cells are counted by
    the people they share (Mantel 1967, Cancer Research 27:209-220).

    Examples
    --------
    >>> advice = [[0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]]
    >>> friends = [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]]
    >>> found = qap_correlation(advice, friends, permutations=999, seed=1)
    >>> round(found.estimate, 3), found.expected
    (0.816, 0.0)
    """
    permutations = whole_permutations(permutations)
    one, other = aligned(
        [relation_of(first, "The first relation", weight), relation_of(second, "The second relation", weight)]
    )
    if one.size < 3:
        raise ValueError(f"The relations have {one.size} people; a QAP correlation needs at least 3.")
    left, right = _centred(one), _centred(other)
    if left.ties > right.ties:
        left, right = right, left
    cells = one.size * (one.size - 1)
    scale = math.sqrt(left.spread * right.spread)
    observed = left.product(right)
    at_least, at_most, extreme = _count(left, right, observed, permutations, seed)
    return QAPCorrelation(
        estimate=max(-1.0, min(1.0, (observed - left.total * right.total / cells) / scale)),
        expected=0.0,
        sd=math.sqrt(_variance(left.cells, right.cells)) / scale,
        p_value=monte_carlo_p(extreme, permutations),
        p_at_least=monte_carlo_p(at_least, permutations),
        p_at_most=monte_carlo_p(at_most, permutations),
        permutations=permutations,
        people=one.size,
        cells=cells,
    )


class _Centred:
    """A relation less its commonest value, so that only the cells that differ from it need be visited."""

    def __init__(self, relation: Relation) -> None:
        size = relation.size
        off = ~np.eye(size, dtype=bool)
        cells, largest = relation.cells, float(np.abs(relation.cells).max(initial=0.0))
        if largest and not 1e-100 < largest < 1e100:
            # A correlation knows no units, and squares of such numbers would not fit into a number.
            cells = cells / largest
        values, counts = np.unique(cells[off], return_counts=True)
        if len(values) < 2:
            raise ValueError(
                f"{relation.name} is the same between all {size} people (an empty or a complete network), so a "
                "correlation with it is not defined."
            )
        self.cells = np.where(off, cells - values[np.argmax(counts)], 0.0)
        self.is_symmetric = relation.is_symmetric
        self.tails, self.heads = np.nonzero(self.cells)
        self.values = self.cells[self.tails, self.heads]
        self.ties = len(self.tails)
        self.total = float(self.values.sum())
        number = size * (size - 1)
        mean = self.total / number
        # The cells at the commonest value are 0 here and each lie `mean` away from the mean.
        self.spread = float(((self.values - mean) ** 2).sum() + (number - self.ties) * mean**2)
        self.is_whole = bool((self.values == np.round(self.values)).all()) and np.abs(self.values).max() < 2**31

    def product(self, other: _Centred) -> float:
        return float((self.values * other.cells[self.tails, self.heads]).sum())


def _centred(relation: Relation) -> _Centred:
    return _Centred(relation)


def _count(
    left: _Centred, right: _Centred, observed: float, permutations: int, seed: int | np.random.Generator
) -> tuple[int, int, int]:
    """Count arrangements at least as large, at most as large, and at least as far from the exact mean."""
    size = len(left.cells)
    tails, heads, values = left.tails, left.heads, left.values  # noqa: PD011
    if left.is_symmetric and right.is_symmetric:
        upper = tails < heads
        tails, heads, values = tails[upper], heads[upper], 2 * values[upper]
    same_value = bool((values == values[0]).all())
    centre = left.total * right.total / (size * (size - 1))
    largest = max(abs(left.total * right.total), float(np.abs(left.values).sum() * np.abs(right.values).max()))
    whole = left.is_whole and right.is_whole and largest * size * (size - 1) < _EXACT_UP_TO
    # In whole numbers sums are exact; otherwise arrangements that tie with the data must survive rounding.
    slack = 0.0 if whole else 1e-9 * max(abs(observed), float(np.abs(values).sum() * np.abs(right.values).max()))
    at_least = at_most = extreme = 0
    # The smaller the table, the more of it stays in the processor's cache while it is looked up at random.
    kind: Any = _smallest(right.cells) if whole and same_value else float
    table = np.ascontiguousarray(right.cells, dtype=kind)
    compiled = kernel("matched_totals", 4.0 * len(tails) * permutations)
    for batch in arrangements(np.arange(size, dtype=np.int32), permutations, seed):
        if compiled is not None:
            totals = np.zeros(batch.shape[1])
            compiled(tails, heads, values, batch, table, totals)
        else:
            totals = _totals(tails, heads, values, same_value, batch.astype(np.int64), table)
        at_least += int(np.count_nonzero(totals >= observed - slack))
        at_most += int(np.count_nonzero(totals <= observed + slack))
        if whole:
            number, exact_centre = size * (size - 1), left.total * right.total
            far = np.abs(totals * number - exact_centre) >= abs(observed * number - exact_centre)
        else:
            far = np.abs(totals - centre) >= abs(observed - centre) - slack
        extreme += int(np.count_nonzero(far))
    return at_least, at_most, extreme


def _totals(
    tails: np.ndarray, heads: np.ndarray, values: np.ndarray, same_value: bool, batch: np.ndarray, table: np.ndarray
) -> np.ndarray:
    size, drawn = batch.shape
    from_row = batch * size
    flat = table.reshape(-1)
    totals = np.zeros(drawn)
    step = max(1, _CELLS_AT_ONCE // drawn)
    for start in range(0, len(tails), step):
        places = from_row[tails[start : start + step]]
        places += batch[heads[start : start + step]]
        matched = flat.take(places)
        if table.dtype == np.float64:
            totals += values[start : start + step] @ matched
        else:
            totals += values[0] * np.add.reduce(matched, axis=0, dtype=np.int32)
    return totals


def _smallest(cells: np.ndarray) -> type:
    """Give the smallest whole-number type for a table whose column sums over a batch stay below 2^31."""
    low, high = float(cells.min()), float(cells.max())
    for kind in (np.int8, np.int16):
        if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max:
            return kind
    return float


def _variance(one: np.ndarray, other: np.ndarray) -> float:
    """Exact variance of the sum over cells of one x other when the people of one are permuted."""
    size = len(one)
    parts_one, parts_other = _pair_sums(one), _pair_sums(other)
    falling = [math.perm(size, people) for people in (2, 2, 3, 3, 3, 4)]
    square = sum(a * b / number for a, b, number in zip(parts_one, parts_other, falling, strict=True) if number)
    mean = one.sum() * other.sum() / math.perm(size, 2)
    return max(0.0, square - mean**2)


def _pair_sums(cells: np.ndarray) -> tuple[float, float, float, float, float, float]:
    """Sum the products of two cells by what they share: all, both people turned, tail, head, one after another, none.

    One after another counts both orders, ``ij`` before ``jk`` and after ``ki``: under a permutation both fall on pairs
    of the same kind, so that their sum is matched with half of it.
    """
    rows, columns, total = cells.sum(axis=1), cells.sum(axis=0), cells.sum()
    same = float((cells**2).sum())
    turned = float((cells * cells.T).sum())
    tail = float((rows**2).sum()) - same
    head = float((columns**2).sum()) - same
    chain = float((rows * columns).sum()) - turned
    none = float(total**2) - same - turned - tail - head - 2 * chain
    return same, turned, tail, head, math.sqrt(2.0) * chain, none


_CELLS_OF_ARRANGEMENTS_AT_ONCE = 4_000_000
_COLLINEAR = 1e-9


@dataclass(frozen=True, eq=False)
class MRQAP:
    """A regression of one relation on others.

    Attributes
    ----------
    table : pandas.DataFrame
        One row a predictor: ``predictor, coefficient, standardised, t, p_value, p_at_least, p_at_most``. The
        coefficient is in units of the outcome for one unit of the predictor; p_value is two-sided, (k + 1) / (R + 1).
    intercept : float
        The outcome expected where every predictor is 0; it has no permutation test of its own.
    r_squared : float
        Share of the variance of the outcome's cells that the predictors account for.
    permutations : int
        R, for each predictor.
    people, cells : int
        Pairs of people in the regression: ordered, or unordered where every relation is symmetric.
    is_symmetric : bool
    """

    table: pd.DataFrame
    intercept: float
    r_squared: float
    permutations: int
    people: int
    cells: int
    is_symmetric: bool

    @property
    def sentence(self) -> str:
        """The finding in plain words."""
        parts = [
            f"{row['predictor']} {with_sign(row['coefficient'], 3)} ({format_p(row['p_value'])})"
            for row in self.table.to_dict("records")
        ]
        return (
            f"The others held, the outcome goes with {'; '.join(parts)} ({self.permutations:,} permutations of "
            f"{self.people:,} people, R² {self.r_squared:.3f})."
        )


def mrqap(
    outcome: RelationLike,
    predictors: Mapping[str, RelationLike] | Sequence[RelationLike],
    permutations: int = 4999,
    seed: int | np.random.Generator = 0,
    *,
    weight: str | None = "weight",
) -> MRQAP:
    """Answer which relations predict another, each with the others held constant.

    Parameters
    ----------
    outcome : array, pandas.DataFrame, scipy sparse matrix or networkx graph
        Square; a 0/1 outcome gives a linear probability model: coefficients are differences in the share of pairs tied.
    predictors : mapping of str to relation, or sequence of relations
        Of the same people; matched by name where they are named.
    permutations : int
        For each predictor.
    seed : int or numpy.random.Generator
    weight : str, optional
        For graphs: the tie attribute to use, 1 where a tie has none; None counts ties.

    Returns
    -------
    MRQAP

    Raises
    ------
    ValueError
        If there is no predictor, relations are not about the same people, the outcome is the same in every cell, or
        a predictor is constant or follows from the others.

    Notes
    -----
    Double semi-partialling: Dekker, Krackhardt & Snijders 2007, Psychometrika 72:563-581. For each predictor in turn
    its residual on the others is permuted over people, and its t statistic in the full regression is compared. By the
    theorem of Frisch, Waugh and Lovell the others are projected out once, so that an arrangement costs a few inner
    products. With ordinary degrees of freedom t is a monotone function of the partial correlation, which is what is
    compared.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> near, same = rng.random((12, 12)), rng.integers(0, 2, (12, 12))
    >>> found = mrqap(2 * near - same, {"near": near, "same": same}, permutations=99, seed=1)
    >>> found.table["coefficient"].round(6).tolist(), round(found.r_squared, 6)
    ([2.0, -1.0], 1.0)
    """
    permutations = whole_permutations(permutations)
    response, *given = aligned([relation_of(outcome, "The outcome", weight), *named_relations(predictors, weight)])
    size = response.size
    if not given:
        raise ValueError("There is no predictor. Give at least one relation to predict the outcome from.")
    repeated = {relation.name for relation in given if sum(other.name == relation.name for other in given) > 1}
    if repeated:
        raise ValueError(f"Two predictors are called {sorted(repeated)[0]!r}. Give each its own name.")
    symmetric = all(relation.is_symmetric for relation in (response, *given))
    compared = np.triu(np.ones((size, size), dtype=bool), 1) if symmetric else ~np.eye(size, dtype=bool)
    cells = int(compared.sum())
    if cells <= len(given) + 1:
        raise ValueError(
            f"{size} people give {cells} pairs, too few for {len(given)} predictors. Use fewer, or a larger network."
        )
    columns = [_standardised(relation, compared) for relation in (response, *given)]
    target, middle, spread = columns[0]
    if not spread:
        raise ValueError("The outcome is the same between all people, so there is nothing to predict.")
    design = np.column_stack([np.ones(cells), *(values for values, _, _ in columns[1:])])
    _refuse_collinear(design, given)
    standardised, *_ = np.linalg.lstsq(design, target, rcond=None)
    residual = target - design @ standardised
    unexplained, around_mean = float(residual @ residual), float(target @ target)
    coefficients = [
        float(beta) * (spread / own) for beta, (_, _, own) in zip(standardised[1:], columns[1:], strict=True)
    ]
    intercept = middle - sum(slope * mean for slope, (_, mean, _) in zip(coefficients, columns[1:], strict=True))
    freedom = cells - design.shape[1]

    rng = generator(seed)
    rows = []
    for place, predictor in enumerate(given, 1):
        others = np.delete(design, place, axis=1)
        basis, _ = np.linalg.qr(others)
        own = design[:, place] - basis @ (basis.T @ design[:, place])
        left_over = target - basis @ (basis.T @ target)
        partial = float(own @ left_over / np.sqrt((own @ own) * max(float(left_over @ left_over), 1e-300)))
        at_least, at_most, extreme = _count_partial(own, left_over, basis, compared, symmetric, permutations, rng)
        # The t statistic from the partial correlation, exactly as from the standard error of the coefficient.
        exact_fit = unexplained <= 1e-12 * around_mean
        statistic = float("inf") * np.sign(partial) if exact_fit else partial * np.sqrt(freedom / (1 - partial**2))
        rows.append(
            {
                "predictor": predictor.name,
                "coefficient": coefficients[place - 1],
                "standardised": float(standardised[place]),
                "t": float(statistic),
                "p_value": monte_carlo_p(extreme, permutations),
                "p_at_least": monte_carlo_p(at_least, permutations),
                "p_at_most": monte_carlo_p(at_most, permutations),
            }
        )
    return MRQAP(
        table=pd.DataFrame(rows),
        intercept=intercept,
        r_squared=1 - unexplained / around_mean,
        permutations=permutations,
        people=size,
        cells=cells,
        is_symmetric=symmetric,
    )


def _standardised(relation: Relation, compared: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Give the cells with mean 0 and standard deviation 1, and both of these; all 0 where they are all the same.

    Only so do predictors in metres and in shares go into one regression without loss.
    """
    values = relation.cells[compared]
    if values.min() == values.max():
        return np.zeros(len(values)), float(values[0]), 0.0
    size = float(np.abs(values).max())
    scaled = values / size
    mean = float(scaled.mean())
    spread = float(np.sqrt(np.mean((scaled - mean) ** 2)))
    return (scaled - mean) / spread, mean * size, spread * size


def _refuse_collinear(design: np.ndarray, given: Sequence[Relation]) -> None:
    for place, predictor in enumerate(given, 1):
        column = design[:, place]
        if not column.any():
            raise ValueError(f"{predictor.name} is the same between all people, so it cannot predict anything.")
        others = np.delete(design, place, axis=1)
        fitted, *_ = np.linalg.lstsq(others, column, rcond=None)
        left = column - others @ fitted
        if float(left @ left) <= _COLLINEAR * len(column):
            raise ValueError(
                f"{predictor.name} follows from the others, so that their parts cannot be separated. Leave one out."
            )


def _count_partial(
    own: np.ndarray,
    left_over: np.ndarray,
    basis: np.ndarray,
    compared: np.ndarray,
    symmetric: bool,
    permutations: int,
    rng: np.random.Generator,
) -> tuple[int, int, int]:
    """Count arrangements whose partial correlation is as large, as small and as far from 0 as the data's."""
    size = len(compared)
    square = np.zeros((size, size))
    square[compared] = own
    if symmetric:
        square += square.T
    tails, heads = np.nonzero(compared)
    weights = np.column_stack([left_over, basis])
    length, rest = float(own @ own), float(left_over @ left_over)
    observed = float(own @ left_over) / np.sqrt(length * rest) if rest > 0 else 0.0
    flat = square.reshape(-1)
    at_least = at_most = extreme = 0
    at_once = max(1, min(256, _CELLS_OF_ARRANGEMENTS_AT_ONCE // max(len(tails), 1)))
    for batch in arrangements(np.arange(size, dtype=np.int32), permutations, rng, at_once=at_once):
        partial = np.zeros(batch.shape[1])
        for column in range(batch.shape[1]):
            place = batch[:, column].astype(np.int64)
            shuffled = flat.take(place[tails] * size + place[heads])
            inner = shuffled @ weights
            free = length - float(inner[1:] @ inner[1:])
            partial[column] = inner[0] / np.sqrt(free * rest) if free > 1e-12 * length and rest > 0 else 0.0
        at_least += int(np.count_nonzero(partial >= observed - 1e-10))
        at_most += int(np.count_nonzero(partial <= observed + 1e-10))
        extreme += int(np.count_nonzero(np.abs(partial) >= abs(observed) - 1e-10))
    return at_least, at_most, extreme
