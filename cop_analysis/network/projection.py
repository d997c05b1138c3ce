"""From who attended what to who met whom: the one-mode projection as a sparse matrix and as a table of pairs.

`build.co_attendance` makes a networkx graph of it; for thousands of people the matrix is many times faster to have.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class Projection:
    """Pairs of people (or of events) and what they share.

    Attributes
    ----------
    names : tuple
        The people (events), sorted.
    attended : numpy.ndarray of int
        Events of each person, or people of each event.
    matrix : scipy.sparse.csr_array
        What each pair shares, each pair once (first before second in `names`).
    incidence : scipy.sparse.csr_array of int
        Who attended what: rows as `names`.
    head_counts_left_out : int
        Rows of attendance that name no person.
    minutes_left_out : int
        Rows without minutes, where minutes are what is shared.
    """

    names: tuple[Hashable, ...]
    attended: np.ndarray
    matrix: Any
    incidence: Any
    head_counts_left_out: int
    minutes_left_out: int

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """One row a pair that shares anything: ``first, second, weight``."""
        together = self.matrix.tocoo()
        names = np.empty(len(self.names), dtype=object)
        names[:] = self.names
        return pd.DataFrame({"first": names[together.row], "second": names[together.col], "weight": together.data})

    def weight_of(self, one: Hashable, other: Hashable) -> float:
        """Give what two of the names share; 0 where they share nothing or one of them is not there."""
        first, second = self._places.get(one), self._places.get(other)
        if first is None or second is None:
            return 0.0
        return float(self.matrix[min(first, second), max(first, second)])

    @cached_property
    def _places(self) -> dict[Hashable, int]:
        return {name: place for place, name in enumerate(self.names)}


def project(
    attendance: pd.DataFrame,
    *,
    of: Literal["people", "events"] = "people",
    weigh_by: Literal["events", "minutes"] = "events",
    size_correction: bool = False,
) -> Projection:
    """Answer who was where together, and how often or how long.

    Parameters
    ----------
    attendance : pandas.DataFrame
        ``event, person`` and, for minutes, ``minutes``; rows without a person are head counts and cannot join anyone. A
        person's rows at one event are one attendance (of the longest of its minutes).
    of : {"people", "events"}
        ``"events"`` gives the dual: events joined by the people they share.
    weigh_by : {"events", "minutes"}
        Count events attended together, or add up the minutes: of an event the lesser of both people's minutes, the
        longest they can have been there together.
    size_correction : bool
        True divides what an event of k people adds to each of its pairs by k - 1, so that each person of it has one
        event (or its minutes) to share out among the others.

    Returns
    -------
    Projection

    Raises
    ------
    ValueError
        If a column is missing, minutes are negative, or a setting is not one of those named.

    Notes
    -----
    Breiger 1974, Social Forces 53:181-190; the correction: Newman 2001, Physical Review E 64:016132.

    Examples
    --------
    >>> seen = pd.DataFrame({"event": ["E1", "E1", "E2", "E2"], "person": ["a", "b", "a", "b"],
    ...                      "minutes": [60, 30, 10, 60]})
    >>> project(seen).pairs["weight"].tolist(), project(seen, weigh_by="minutes").pairs["weight"].tolist()
    ([2], [40.0])
    """
    from scipy import sparse

    if of not in ("people", "events"):
        raise ValueError(f'of is {of!r}; it is "people" or "events".')
    if weigh_by not in ("events", "minutes"):
        raise ValueError(f'weigh_by is {weigh_by!r}; it is "events" or "minutes".')
    needed = ["event", "person", *(["minutes"] if weigh_by == "minutes" else [])]
    missing = [column for column in needed if column not in attendance.columns]
    if missing:
        raise ValueError(f"The attendance table has no column {', '.join(missing)}; it needs {', '.join(needed)}.")
    rows = attendance[needed]
    known = rows.dropna(subset=["person", "event"])
    without_minutes = 0
    if weigh_by == "minutes":
        without_minutes = int(known["minutes"].isna().sum())
        known = known.dropna(subset=["minutes"])
        known = known.assign(minutes=known["minutes"].astype(float))
        if (known["minutes"] < 0).any():
            raise ValueError("A person attended for fewer than 0 minutes. Correct minutes in attendance.csv.")
        known = known.sort_values("minutes", ascending=False, kind="stable")
    known = known.drop_duplicates(["person", "event"])
    # Strings sort many times faster as plain objects than as pandas' own string arrays do.
    row_codes, row_names = pd.factorize(known["person" if of == "people" else "event"].astype(object), sort=True)
    column_codes, column_names = pd.factorize(known["event" if of == "people" else "person"].astype(object), sort=True)
    shape = (len(row_names), len(column_names))
    incidence = sparse.csr_array((np.ones(len(known), dtype=np.int64), (row_codes, column_codes)), shape=shape)
    event_sizes = np.bincount(column_codes, minlength=shape[1])
    factors = 1.0 / np.maximum(event_sizes - 1, 1) if size_correction else np.ones(shape[1])
    if weigh_by == "minutes":
        levels, heights, event_of = _levels(row_codes, column_codes, known["minutes"].to_numpy(), shape)
        together = (levels * (heights * factors[event_of])) @ levels.T
    elif size_correction:
        together = (incidence * factors) @ incidence.T
    else:
        together = incidence @ incidence.T
    matrix = sparse.triu(together, k=1).tocsr()
    matrix.eliminate_zeros()
    matrix.sort_indices()
    return Projection(
        names=tuple(row_names),
        attended=np.bincount(row_codes, minlength=shape[0]),
        matrix=matrix,
        incidence=incidence,
        head_counts_left_out=int(rows["person"].isna().sum()),
        minutes_left_out=without_minutes,
    )


def people_at_events(attendance: pd.DataFrame) -> Projection:
    """Give who was at which event without joining anybody: linear in rows, for sums that need no list of pairs.

    Parameters
    ----------
    attendance : pandas.DataFrame
        ``event, person``; rows without a person are counted and left out.

    Returns
    -------
    Projection
        With an empty ``matrix``.

    Examples
    --------
    >>> seen = pd.DataFrame({"event": ["E1", "E1", "E2"], "person": ["a", "b", "a"]})
    >>> people_at_events(seen).incidence.toarray().tolist()
    [[1, 1], [1, 0]]
    """
    from scipy import sparse

    known = attendance.dropna(subset=["person", "event"]).drop_duplicates(["person", "event"])
    row_codes, row_names = pd.factorize(known["person"].astype(object), sort=True)
    column_codes, column_names = pd.factorize(known["event"].astype(object), sort=True)
    shape = (len(row_names), len(column_names))
    return Projection(
        names=tuple(row_names),
        attended=np.bincount(row_codes, minlength=shape[0]),
        matrix=sparse.csr_array((shape[0], shape[0]), dtype=np.int64),
        incidence=sparse.csr_array((np.ones(len(known), dtype=np.int64), (row_codes, column_codes)), shape=shape),
        head_counts_left_out=int(attendance["person"].isna().sum()),
        minutes_left_out=0,
    )


def _levels(
    rows: np.ndarray, columns: np.ndarray, minutes: np.ndarray, shape: tuple[int, int]
) -> tuple[Any, np.ndarray, np.ndarray]:
    """Split the minutes of each event into slices everybody was there for or was not, so that a minimum is a sum.

    The lesser of two numbers of minutes is the sum of the heights of the slices that both reach.
    """
    from scipy import sparse

    order = np.lexsort((minutes, columns))
    row_parts, slice_parts, heights, event_of = [], [], [], []
    number = 0
    bounds = np.flatnonzero(np.diff(columns[order], prepend=-1, append=shape[1] + 1))
    for start, end in pairwise(bounds.tolist()):
        here = order[start:end]
        tops, first = np.unique(minutes[here], return_index=True)
        below = 0.0
        for top, place in zip(tops, first, strict=True):
            if top > below:
                row_parts.append(rows[here[place:]])
                slice_parts.append(np.full(len(here) - place, number))
                heights.append(top - below)
                event_of.append(int(columns[here[0]]))
                number += 1
            below = float(top)
    if not number:
        return sparse.csr_array((shape[0], 0)), np.zeros(0), np.zeros(0, dtype=np.int64)
    row_index, slice_index = np.concatenate(row_parts), np.concatenate(slice_parts)
    levels = sparse.csr_array((np.ones(len(row_index)), (row_index, slice_index)), shape=(shape[0], number))
    return levels, np.array(heights), np.array(event_of, dtype=np.int64)
