"""Which relations predict another, each with the others held: regression tested by permuting residuals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cop_analysis.network.arrangements import arrangements, whole_permutations
from cop_analysis.network.relation import Relation, RelationLike, aligned, named_relations, relation_of
from cop_analysis.resampling import generator, monte_carlo_p
from cop_analysis.results import format_p

_CELLS_AT_ONCE = 4_000_000
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
            f"{row['predictor']} {row['coefficient']:+.3f} ({format_p(row['p_value'])})".replace("-", "−")
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
        at_least, at_most, extreme = _count(own, left_over, basis, compared, symmetric, permutations, rng)
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


def _count(
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
    at_once = max(1, min(256, _CELLS_AT_ONCE // max(len(tails), 1)))
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
