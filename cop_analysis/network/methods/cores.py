"""Whether a network has a core and a periphery, and who is in it: the fit, and the search for the best one.

The fit of a core depends on three numbers only: its size and what passes within the core and within the periphery. So
the fit of every possible core, or of every core one change away, is a few operations on arrays.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from cop_analysis.extremes import ALIKE, highest
from cop_analysis.network.methods.chance import whole_permutations
from cop_analysis.network.methods.graphs import Adjacency, adjacency_of, as_shares, asked_part
from cop_analysis.resampling import generator, monte_carlo_p
from cop_analysis.results import format_p, with_minus
from cop_analysis.results.values import how_often

if TYPE_CHECKING:
    import networkx as nx


_SWAPS_FROM = 60
_KICK_CELLS = 4000


def best_core(
    matrix: Any, between: str, *, exact: bool, rng: np.random.Generator, restarts: int = 12, climb: bool = True
) -> tuple[float, np.ndarray]:
    """Find the core whose ideal pattern correlates best with the ties.

    Parameters
    ----------
    matrix : scipy.sparse.csr_array
        Without a diagonal, with at least two different cells.
    between : {"tied", "ignored"}
    exact : bool
        Try every core (2 to the number of people).
    rng : numpy.random.Generator
        For the search.
    restarts : int
        Random starts of the search.
    climb : bool
        False takes people into the core in the order of their ties and stops where the fit is best, and searches no
        further: n log n, for networks of thousands.

    Returns
    -------
    tuple of float and numpy.ndarray of bool
        The fit, and who is in the core. Of cores that fit alike the smallest is given, then the first found.

    Examples
    --------
    >>> from scipy import sparse
    >>> star = sparse.csr_array([[0, 1, 1], [1, 0, 0], [1, 0, 0]], dtype=float)
    >>> fit, core = best_core(star, "tied", exact=True, rng=np.random.default_rng(0))
    >>> fit, core.tolist()
    (1.0, [True, False, False])
    """
    network = _Network(as_shares(matrix), between)
    if exact:
        return network.try_all()
    return network.search(rng, restarts) if climb else network.along_ties()


class _Network:
    def __init__(self, matrix: Any, between: str) -> None:
        self.size = matrix.shape[0]
        self.either = (matrix + matrix.T).tocsr()
        squares = matrix.multiply(matrix)
        self.either_squared = (squares + squares.T).tocsr()
        self.total = float(matrix.sum())
        self.total_squared = float(squares.sum())
        self.cells = float(self.size * (self.size - 1))
        self.ignores = between == "ignored"
        self.is_binary = bool((matrix.data == 1).all())

    def fits(
        self, core: np.ndarray, within: np.ndarray, apart: np.ndarray, squares: np.ndarray | None = None
    ) -> np.ndarray:
        """Give the fit from the size of the core, the sums within core and periphery, and their sums of squares."""
        rest = self.size - core
        if self.ignores:
            cells = core * (core - 1.0) + rest * (rest - 1.0)
            marked, total, matched = core * (core - 1.0), within + apart, within
            total_squared = total if squares is None else squares
        else:
            cells = np.full(np.shape(core), self.cells)
            marked = self.cells - rest * (rest - 1.0)
            total, matched, total_squared = self.total, self.total - apart, self.total_squared
        spread = (cells * total_squared - total**2) * (marked * (cells - marked))
        with np.errstate(divide="ignore", invalid="ignore"):
            fits = (cells * matched - total * marked) / np.sqrt(spread)
        result: np.ndarray = np.where(spread > 1e-9, fits, -np.inf)
        return result

    # --- every core ------------------------------------------------------------------------------------------------

    def try_all(self) -> tuple[float, np.ndarray]:
        within = self._sums_of_subsets(self.either)
        squares = None
        if self.ignores and not self.is_binary:
            inside = self._sums_of_subsets(self.either_squared)
            squares = inside + inside[::-1]
        core = np.zeros(1, dtype=np.int8)
        for _ in range(self.size):
            core = np.concatenate([core, core + 1])
        # The complement of subset number s is the one as far from the end.
        fits = self.fits(core.astype(float), within, within[::-1], squares)
        best = float(fits.max())
        if best == -np.inf:
            return float("nan"), np.zeros(self.size, dtype=bool)
        good = highest(fits)
        chosen = int(good[np.argmin(core[good])])
        return min(1.0, best), (chosen >> np.arange(self.size)) & 1 == 1

    def _sums_of_subsets(self, either: Any) -> np.ndarray:
        """Sum what passes inside every subset of people; subset s holds person i where bit i of s is set."""
        dense = either.toarray()
        sums = np.zeros(1)
        for person in range(self.size):
            to_subset = np.zeros(1)
            for other in range(person):
                to_subset = np.concatenate([to_subset, to_subset + dense[person, other]])
            sums = np.concatenate([sums, sums + to_subset])
        return sums

    def along_ties(self) -> tuple[float, np.ndarray]:
        core = self._best_of_order(np.argsort(-self.either.sum(axis=1), kind="stable"))
        return min(1.0, _State(self, core).fit), core

    # --- a search --------------------------------------------------------------------------------------------------

    def search(self, rng: np.random.Generator, restarts: int) -> tuple[float, np.ndarray]:
        strength = self.either.sum(axis=1)
        order = np.argsort(-strength, kind="stable")
        starts = [self._best_of_order(order)]
        for number in range(restarts):
            noisy = strength * rng.uniform(0.5, 1.5, self.size) + rng.random(self.size)
            # Half the starts follow the ties, half are cores at random of every size.
            starts.append(
                self._best_of_order(np.argsort(-noisy, kind="stable"))
                if number % 2
                else rng.permutation(self.size) < rng.integers(1, self.size)
            )
        best, chosen = -np.inf, starts[0]
        for start in starts:
            fit, core = self._climb(start.copy())
            if fit > best + ALIKE or (fit > best - ALIKE and core.sum() < chosen.sum()):
                best, chosen = max(fit, best), core
        for _ in range(int(restarts * max(1, min(10, _KICK_CELLS // self.size)))):
            kicked = chosen.copy()
            turned = rng.choice(self.size, size=min(self.size, int(rng.integers(2, 5))), replace=False)
            kicked[turned] = ~kicked[turned]
            fit, core = self._climb(kicked)
            if fit > best + ALIKE or (fit > best - ALIKE and core.sum() < chosen.sum()):
                best, chosen = max(fit, best), core
        return (min(1.0, best) if np.isfinite(best) else float("nan")), chosen

    def _best_of_order(self, order: np.ndarray) -> np.ndarray:
        """Take people into the core one after another and stop where the fit was best."""
        place = np.empty(self.size, dtype=np.int64)
        place[order] = np.arange(self.size)
        sums = []
        for matrix in (self.either, self.either_squared):
            ties = matrix.tocoo()
            first = np.minimum(place[ties.row], place[ties.col])
            later = np.maximum(place[ties.row], place[ties.col])
            # A tie is inside the first k people once the later of its two is, and inside the rest until the first is.
            inside = np.concatenate([[0.0], np.cumsum(np.bincount(later, ties.data, self.size))]) / 2
            apart = (ties.data.sum() - np.concatenate([[0.0], np.cumsum(np.bincount(first, ties.data, self.size))])) / 2
            sums.append((inside, apart))
        core = np.arange(self.size + 1.0)
        fits = self.fits(core, *sums[0], None if self.is_binary else sums[1][0] + sums[1][1])
        taken = np.zeros(self.size, dtype=bool)
        taken[order[: max(1, int(highest(fits)[0]))]] = True
        return taken

    def _climb(self, core: np.ndarray) -> tuple[float, np.ndarray]:
        """Change one person, or exchange two, while that improves the fit."""
        state = _State(self, core)
        while True:
            flips = state.fits_after_flips()
            person = int(highest(flips)[0])
            if flips[person] > state.fit + ALIKE:
                state.flip(person)
                continue
            swap = state.best_swap()
            if swap is None:
                return state.fit, state.core
            for person in swap:
                state.flip(person)


class _State:
    """A core with everything that is needed to know the fit of its neighbours."""

    def __init__(self, network: _Network, core: np.ndarray) -> None:
        self.network, self.core = network, core
        inside = core.astype(float)
        self.size = float(inside.sum())
        self.matrices = [network.either]
        if network.ignores and not network.is_binary:
            self.matrices.append(network.either_squared)
        # For each matrix: what each person passes to core and periphery, and the sums within both.
        self.to_core = [matrix @ inside for matrix in self.matrices]
        self.to_rest = [matrix @ (1 - inside) for matrix in self.matrices]
        self.within = [float(to[core].sum()) / 2 for to in self.to_core]
        self.apart = [float(to[~core].sum()) / 2 for to in self.to_rest]
        self.fit = self._fit()

    def _fit(self) -> float:
        squares = np.array([self.within[1] + self.apart[1]]) if len(self.matrices) > 1 else None
        return float(
            self.network.fits(np.array([self.size]), np.array([self.within[0]]), np.array([self.apart[0]]), squares)[0]
        )

    def fits_after_flips(self) -> np.ndarray:
        sign = np.where(self.core, -1.0, 1.0)
        sums = [
            (self.within[place] + sign * self.to_core[place], self.apart[place] - sign * self.to_rest[place])
            for place in range(len(self.matrices))
        ]
        squares = sums[1][0] + sums[1][1] if len(sums) > 1 else None
        return self.network.fits(self.size + sign, *sums[0], squares)

    def best_swap(self) -> tuple[int, int] | None:
        """Give the exchange of one of the core and one of the rest that improves the fit most, if any does."""
        leavers, joiners = np.flatnonzero(self.core), np.flatnonzero(~self.core)
        gain = self.to_rest[0] + self.to_core[0] * self.network.ignores
        leavers = leavers[np.argsort(gain[leavers], kind="stable")[:_SWAPS_FROM]]
        joiners = joiners[np.argsort(-gain[joiners], kind="stable")[:_SWAPS_FROM]]
        if not len(leavers) or not len(joiners):
            return None
        sums = []
        for place, matrix in enumerate(self.matrices):
            passing = matrix[leavers][:, joiners].toarray()
            within = self.within[place] - self.to_core[place][leavers][:, None] + self.to_core[place][joiners] - passing
            apart = self.apart[place] + self.to_rest[place][leavers][:, None] - self.to_rest[place][joiners] - passing
            sums.append((within, apart))
        squares = sums[1][0] + sums[1][1] if len(sums) > 1 else None
        fits = self.network.fits(np.full(sums[0][0].shape, self.size), *sums[0], squares)
        row, column = np.unravel_index(int(highest(fits)[0]), fits.shape)
        if fits[row, column] <= self.fit + ALIKE:
            return None
        return int(leavers[row]), int(joiners[column])

    def flip(self, person: int) -> None:
        sign = -1.0 if self.core[person] else 1.0
        for place, matrix in enumerate(self.matrices):
            self.within[place] += sign * float(self.to_core[place][person])
            self.apart[place] -= sign * float(self.to_rest[place][person])
            start, end = matrix.indptr[person], matrix.indptr[person + 1]
            others, passing = matrix.indices[start:end], matrix.data[start:end]
            self.to_core[place][others] += sign * passing
            self.to_rest[place][others] -= sign * passing
        self.core[person] = not self.core[person]
        self.size += sign
        self.fit = self._fit()


EXACT_UP_TO = 20
"""People up to which every possible core is tried."""
SEARCHED_UP_TO = 2_000
"""People above which the core is taken along the order of ties, without a search beyond it."""
_EXACT_IN_TEST_UP_TO = 12


@dataclass(frozen=True, eq=False)
class CorePeriphery:
    """The best division of a network into core and periphery.

    Attributes
    ----------
    fit : float
        Correlation of the ties with the ideal pattern, at most 1.
    core, periphery : tuple
        Who is in which, in the graph's order.
    is_exact : bool
        True where every possible core was tried; False where the best of a search is given, which may be bettered.
    density_core, density_between, density_periphery : float
        Ties (or their mean weight) over possible ties; NaN where there is no pair.
    p_value : float
        Share of random networks with the same ties dealt out to other pairs that fit as well, (k + 1) / (R + 1); NaN
        where none were asked for.
    permutations : int
        R.
    table : pandas.DataFrame
        One row a node: ``node, in_core, ties`` (those it has in either direction).
    """

    fit: float
    core: tuple[Hashable, ...]
    periphery: tuple[Hashable, ...]
    is_exact: bool
    density_core: float
    density_between: float
    density_periphery: float
    p_value: float
    permutations: int
    table: pd.DataFrame

    @property
    def sentence(self) -> str:
        """The finding in plain words."""
        people = len(self.table)
        tested = ""
        if self.permutations:
            tested = (
                f"; a fit as good comes up {how_often(self.p_value)} in networks in which the same ties join "
                f"other pairs, {format_p(self.p_value)}, {self.permutations:,} drawn"
            )
        found = (
            "the best of all divisions"
            if self.is_exact
            else "the best division found"
            if people <= SEARCHED_UP_TO
            else "the best division along the order of ties; so many people are not searched further"
        )
        return (
            f"With {len(self.core)} of {people} people as the core, the ties fit a core and a periphery with a "
            f"correlation of {with_minus(self.fit)} ({found}{tested})."
        )


def core_periphery(
    graph: nx.Graph,
    *,
    weight: str | None = None,
    between: Literal["tied", "ignored"] = "tied",
    permutations: int = 0,
    seed: int | np.random.Generator = 0,
) -> CorePeriphery:
    """Answer whether the network has a core and a periphery, who is in the core, and how well that describes it.

    Parameters
    ----------
    graph : networkx graph
        Directed or not; self loops are left out, parallel ties joined. People marked as never asked are left out.
    weight : str, optional
        The tie attribute to use; without it each tie is 1.
    between : {"tied", "ignored"}
        The ideal pattern: the core is tied within itself and the periphery is not; ties between core and periphery are
        all there ("tied") or are left out of the comparison ("ignored").
    permutations : int
        How many random networks to fit for comparison; 0 leaves that test out.
    seed : int or numpy.random.Generator
        For the search in networks of more than 20 people, and for the test.

    Returns
    -------
    CorePeriphery

    Raises
    ------
    ValueError
        If there are fewer than 3 people, or no tie, or the same tie between all, so that no correlation is defined.

    Notes
    -----
    Borgatti & Everett 1999, Social Networks 21:375-395, the discrete model: the division whose ideal pattern
    correlates best with the ties over all cells off the diagonal. Up to 20 people all divisions are tried. For more, a
    search starts from people in order of their ties (which for each size of core is optimal for closely related
    criteria: Lip 2011, arXiv:1102.5511) and from random cores, changes one person or exchanges two while that improves
    the fit, and tries again from changed copies of the best; it found the optimum in 599 of 600 random networks of 14
    to 18 people. The test deals the ties of each pair, both directions together, out to random pairs, and fits each of
    these networks, and the data once more, in one way (up to 12 people all divisions, beyond that a short search).
    Above 2,000 people the best core along the order of ties is taken, for the data and for every random network alike.

    Examples
    --------
    >>> import networkx as nx
    >>> found = core_periphery(nx.star_graph(5))
    >>> found.fit, found.core, found.is_exact
    (1.0, (0,), True)
    """
    if between not in ("tied", "ignored"):
        raise ValueError(f'between is {between!r}; it is "tied" or "ignored".')
    drawn = 0 if permutations == 0 and permutations is not False else whole_permutations(permutations)
    read = adjacency_of(asked_part(graph), weight)
    cells = read.size * (read.size - 1)
    if read.size < 3:
        raise ValueError(f"The network has {read.size} people; a core and a periphery need at least 3.")
    if not read.matrix.nnz or (read.matrix.nnz == cells and np.ptp(read.matrix.data) == 0):
        what = "no tie" if not read.matrix.nnz else "the same tie between all its people"
        raise ValueError(f"The network has {what}, so no part of it is more of a core than another.")
    rng = generator(seed)
    exact, climb = read.size <= EXACT_UP_TO, read.size <= SEARCHED_UP_TO
    fit, in_core = best_core(read.matrix, between, exact=exact, rng=rng, climb=climb)
    if np.isnan(fit):
        raise ValueError(
            "No division of this network into core and periphery has a correlation, as within every core and periphery "
            'all pairs are alike. With between="tied" the ties between the two count as well.'
        )
    p_value = float("nan")
    if drawn:
        # Data and random networks are fitted alike, so that neither has the better fit for being tried harder.
        tried = read.size <= _EXACT_IN_TEST_UP_TO
        searched, _ = best_core(read.matrix, between, exact=tried, rng=rng, restarts=1, climb=climb)
        as_good = sum(
            best_core(other, between, exact=tried, rng=rng, restarts=1, climb=climb)[0] >= searched - 1e-9
            for other in _dealt_out(read, drawn, rng)
        )
        p_value = monte_carlo_p(int(as_good), drawn)
    densities = _densities(read, in_core)
    return CorePeriphery(
        fit=fit,
        core=tuple(person for person, core in zip(read.people, in_core, strict=True) if core),
        periphery=tuple(person for person, core in zip(read.people, in_core, strict=True) if not core),
        is_exact=exact,
        density_core=densities[0],
        density_between=densities[1],
        density_periphery=densities[2],
        p_value=p_value,
        permutations=drawn,
        table=pd.DataFrame(
            {
                "node": pd.Series(read.people, dtype=object),
                "in_core": in_core,
                "ties": np.diff(read.matrix.indptr) + (np.diff(read.matrix.tocsc().indptr) if read.is_directed else 0),
            }
        ),
    )


def _densities(read: Adjacency, in_core: np.ndarray) -> tuple[float, float, float]:
    core, size = int(in_core.sum()), read.size
    inside = in_core.astype(float)
    within = float(inside @ (read.matrix @ inside))
    apart = float((1 - inside) @ (read.matrix @ (1 - inside)))
    mixed = float(read.matrix.sum()) - within - apart
    cells = (core * (core - 1), 2 * core * (size - core), (size - core) * (size - core - 1))
    shares = [
        total / number if number else float("nan") for total, number in zip((within, mixed, apart), cells, strict=True)
    ]
    return shares[0], shares[1], shares[2]


def _dealt_out(read: Adjacency, permutations: int, rng: np.random.Generator) -> Any:
    """Yield networks in which the pairs that have a tie, with what passes both ways, are others at random."""
    from scipy import sparse

    size = read.size
    either = sparse.triu(read.either_way, k=1).tocoo()
    there = np.asarray(read.matrix[either.row, either.col]).reshape(-1)
    back = np.asarray(read.matrix[either.col, either.row]).reshape(-1)
    pairs = size * (size - 1) // 2
    for _ in range(permutations):
        chosen = rng.choice(pairs, size=len(there), replace=False)
        row, column = _pair(chosen, size)
        turned = rng.random(len(there)) < 0.5
        first, second = np.where(turned, column, row), np.where(turned, row, column)
        other = sparse.csr_array((np.r_[there, back], (np.r_[first, second], np.r_[second, first])), shape=(size, size))
        other.eliminate_zeros()
        yield other


def _pair(number: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the pair that has a number when the pairs of `size` people are numbered row by row."""
    starts = np.concatenate([[0], np.cumsum(np.arange(size - 1, 0, -1))])
    row = np.searchsorted(starts, number, side="right") - 1
    return row, number - starts[row] + row + 1
