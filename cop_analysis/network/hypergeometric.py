"""Chances of drawing so many marked ones without putting back: the null of a person's contacts and of shared events."""

from __future__ import annotations

import numpy as np


def chances_of_marked(population: int, marked: int, drawn: int) -> np.ndarray:
    """Give the chance of 0, 1, ... `drawn` marked ones among `drawn` of a population.

    Parameters
    ----------
    population, marked, drawn : int
        Neither marked nor drawn exceeds the population.

    Returns
    -------
    numpy.ndarray
        ``drawn + 1`` probabilities.

    Examples
    --------
    >>> chances_of_marked(4, 2, 2).round(4).tolist()
    [0.1667, 0.6667, 0.1667]
    """
    from scipy.special import gammaln

    def log_choose(total: int | np.ndarray, chosen: np.ndarray) -> np.ndarray:
        logs: np.ndarray = gammaln(total + 1.0) - gammaln(chosen + 1.0) - gammaln(total - chosen + 1.0)
        return logs

    found = np.arange(drawn + 1)
    there = (found <= marked) & (drawn - found <= population - marked)
    chances = np.zeros(drawn + 1)
    possible = found[there]
    logs = log_choose(marked, possible) + log_choose(population - marked, drawn - possible)
    chances[there] = np.exp(logs - log_choose(population, np.array([drawn])))
    return chances
