"""Who came, of those who could have: steps from list to answers, core and periphery, and what chance alone gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cop_analysis.resampling import generator, monte_carlo_p

CORE, ACTIVE, PERIPHERAL, NEVER = "core", "active", "peripheral", "never came"

DEFINITIONS = {
    CORE: "came at least twice, and to at least half of the sessions they could have come to",
    ACTIVE: "came at least twice, but to fewer than half",
    PERIPHERAL: "came once",
    NEVER: "could have come to at least one session and came to none",
}
"""The parts in order, with the words that define them."""

_MOST_STEPS = 200_000_000

_MOST_CELLS = 20_000_000

ATTENDANCES, PEOPLE = "attendances", "people"

INVITED, ON_LIST = "invited", "on the list that day"

NOT_RECORDED, NOT_LINKED = "not recorded", "cannot be linked to those who came"

NOT_PAIRED = "not paired from one wave to the other"


@dataclass(frozen=True)
class Step:
    """One step: its count, and the share of an earlier step it is, over the events where both are known.

    A step without a count has in `missing` the words for why, and the people counted are named where they can be.
    """

    unit: str
    step: str
    count: int | None
    how: str
    of_step: str = ""
    numerator: int | None = None
    denominator: int | None = None
    members: frozenset[str] | None = None
    among: frozenset[str] | None = None
    missing: str = NOT_RECORDED
    beyond: tuple[int, int, int] = (0, 0, 0)
    """Events at which more were counted than at the step before, and what was counted there at both."""


def share_of(step: Step) -> tuple[int, int] | None:
    """Give count and denominator where the step can be a share of the one before: not of none, nor of fewer.

    Examples
    --------
    >>> share_of(Step(PEOPLE, "came again", 3, "", "came at least once", 3, 4))
    (3, 4)
    """
    if step.numerator is None or step.denominator is None or not 0 < step.denominator >= step.numerator:
        return None
    return step.numerator, step.denominator


def parts(came: np.ndarray, possible: np.ndarray) -> list[str]:
    """Name the part each person belongs to by how often they came and could have come.

    Examples
    --------
    >>> parts(np.array([3, 2, 1, 0]), np.array([6, 6, 1, 4]))
    ['core', 'active', 'peripheral', 'never came']
    """
    named = np.select([came == 0, came == 1, 2 * came >= possible], [NEVER, PERIPHERAL, CORE], default=ACTIVE)
    return [str(part) for part in named]


def expected_parts(came: np.ndarray, possible: np.ndarray) -> dict[str, float] | None:
    """Give the number of people in each part if sessions drew their attenders at random; None where it is too much."""
    people, sessions = possible.shape
    if people * sessions * sessions > _MOST_STEPS:
        return None
    chance = came.sum(axis=0) / np.maximum(1, possible.sum(axis=0))
    counts = np.zeros((people, sessions + 1))
    counts[:, 0] = 1.0
    for session in range(sessions):
        p = np.where(possible[:, session], chance[session], 0.0)[:, None]
        counts[:, 1:] = counts[:, 1:] * (1 - p) + counts[:, :-1] * p
        counts[:, 0] *= 1 - p[:, 0]
    could = possible.sum(axis=1)
    number = np.arange(sessions + 1)[None, :]
    is_core = (number >= 2) & (2 * number >= could[:, None])
    core, none, once = float(counts[is_core].sum()), float(counts[:, 0].sum()), float(counts[:, 1].sum())
    return {CORE: core, ACTIVE: max(0.0, people - core - none - once), PERIPHERAL: once, NEVER: none}


def chance_of_two_groups(counts: pd.DataFrame) -> pd.Series:
    """Give the chance that two people drawn at random are of different groups; NaN of fewer than two people.

    Parameters
    ----------
    counts : pandas.DataFrame
        How many people, one row a group, one column a session.

    Notes
    -----
    Simpson 1949 (Nature 163:688), the form without replacement: 1 - sum n(n - 1) / (N (N - 1)).

    Examples
    --------
    >>> chance_of_two_groups(pd.DataFrame({"E1": [2, 1]}, index=["A", "B"])).round(4).to_dict()
    {'E1': 0.6667}
    """
    n = counts.sum()
    pairs = n * (n - 1)
    return 1 - (counts * (counts - 1)).sum() / pairs.where(pairs > 0)


def differ_by_group(
    names: np.ndarray, attended: np.ndarray, could: np.ndarray, permutations: int, seed: int
) -> tuple[float, int]:
    """Test whether groups of people differ in how often they came, by shuffling people among the groups.

    Parameters
    ----------
    names : numpy.ndarray
        The group of each person.
    attended, could : numpy.ndarray
        How often each came and could have come.
    permutations, seed : int
        How many shuffles at most, fewer where there are very many people; and their seed.

    Returns
    -------
    (float, int)
        The p-value, NaN where it is not defined, and how many shuffles it rests on.

    Notes
    -----
    The sum over groups of (attendances - expected)^2 / possible, p = (k + 1) / (R + 1) (Phipson & Smyth 2010).

    Examples
    --------
    >>> differ_by_group(np.array(["A", "A", "B"]), np.array([2, 2, 0]), np.array([2, 2, 2]), 999, 0)[1]
    999
    """
    codes, levels = pd.factorize(names)
    if len(levels) < 2 or len(names) < 3 or attended.sum() in (0, could.sum()):
        return float("nan"), 0
    share = attended.sum() / could.sum()
    residual, weight = attended - share * could, could.astype(float)
    draws = max(99, min(permutations, _MOST_CELLS // len(names)))
    random = generator(seed)

    def statistic(order: np.ndarray) -> float:
        sums = np.bincount(codes, residual[order], len(levels))
        return float((sums**2 / np.bincount(codes, weight[order], len(levels))).sum())

    observed = statistic(np.arange(len(names)))
    beyond = sum(statistic(random.permutation(len(names))) >= observed * (1 - 1e-12) for _ in range(draws))
    return monte_carlo_p(beyond, draws), draws


def came_matrix(rows: pd.DataFrame) -> pd.DataFrame:
    """Give who came to which event as True or False, one row a person who came, one column an event in order of date.

    Examples
    --------
    >>> came_matrix(pd.DataFrame({"event": ["E1", "E2"], "person": ["A", "B"]})).to_numpy().tolist()
    [[True, False], [False, True]]
    """
    person, people = pd.factorize(rows["person"].astype(object))
    event, events = pd.factorize(rows["event"].astype(object))
    came = np.zeros((len(people), len(events)), dtype=bool)
    came[person, event] = True
    return pd.DataFrame(came, index=pd.Index(people, name="person"), columns=pd.Index(events, name="event"))
