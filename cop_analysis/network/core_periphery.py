"""Whether a network has a core that everybody is tied to and a periphery that is tied to it alone; the fit and who."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from cop_analysis.network.adjacency import Adjacency, adjacency_of
from cop_analysis.network.answered import asked_part
from cop_analysis.network.arrangements import whole_permutations
from cop_analysis.network.chance import how_often
from cop_analysis.network.core_search import best_core
from cop_analysis.resampling import generator, monte_carlo_p
from cop_analysis.results import format_p, with_minus

if TYPE_CHECKING:
    import networkx as nx

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
                f"; a fit as good comes up in {how_often(self.p_value)} networks in which the same ties join "
                "other pairs, "
                f"{format_p(self.p_value)}, {self.permutations:,} drawn"
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
    shares = [total / number if number else float("nan")
              for total, number in zip((within, mixed, apart), cells, strict=True)]  # fmt: skip
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
