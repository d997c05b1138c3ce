"""The one object a notebook opens, `waves(programme, relation)`: a method for each heading of the network page.

The headings are methods of the modules beside this one, by what they ask; `relation` holds what several of them need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cop_analysis.network.methods.networks import ORGANISATION
from cop_analysis.network.pages.across import Across
from cop_analysis.network.pages.sessions import Sessions
from cop_analysis.network.pages.whole import Whole

if TYPE_CHECKING:
    import networkx as nx

    from cop_analysis.study import Study


class Waves(Across, Whole, Sessions):
    """One relation of a study in all its waves; each method is a heading of the page and gives its `Result`.

    Made by `waves`. What several headings need (graphs, places of people, the E-I index, intervals, treatments of
    people who did not answer) is worked out once, when it is first asked for.
    """

    def graphs(self) -> dict[str, nx.Graph]:
        """Give the network of each wave as a networkx graph, by the wave's key, in order.

        Raises
        ------
        ValueError
            If there is none, in one sentence.
        """
        if self.study.ties is None:
            raise ValueError("This study has no ties table (ties.csv), so the network cannot be shown.")
        if not self.everyone.waves:
            raise ValueError(f"No {self.everyone.name} tie has a wave, so the network cannot be shown.")
        return {wave.key: wave.graph.copy() for wave in self.everyone.waves}


def waves(
    study: Study,
    relation: str | None = None,
    *,
    by: str = ORGANISATION,
    permutations: int = 4999,
    seed: int = 2024,
) -> Waves:
    """Open one relation of a study in all its waves, so that every heading of the page is a method of one object.

    Parameters
    ----------
    study : Study
        A table it lacks is named in the sentence of each heading that needs it.
    relation : str, optional
        Without it the first relation that ``study.toml`` lists and the ties hold, else the first of the ties.
    by : {"organisation", "sector"}
        What ties are counted across. `Waves.at` opens the other without building anything twice.
    permutations : int
        Of the labels, for the E-I index: the summary, the four answers and the table by wave. Tests that cost more
        have a number of their own, which their method takes.
    seed : int
        Of everything that is drawn.

    Returns
    -------
    Waves

    Raises
    ------
    ValueError
        If the study has no such relation, `by` is not a level, or `permutations` is not a whole number of at least 1.

    Examples
    --------
    >>> import pandas as pd
    >>> from cop_analysis.study import Study
    >>> forum = Study.from_tables(
    ...     {"key": "demo", "title": "Demo", "provenance": "simulated", "relations": [{"key": "advice"}],
    ...      "waves": [{"key": "first", "date": "2024-03-01"}]},
    ...     people=pd.DataFrame({"person": ["A", "B", "C"], "organisation": ["north", "north", "south"]}),
    ...     ties=pd.DataFrame({"ego": ["A", "B"], "alter": ["B", "C"], "relation": "advice", "wave": "first"}))
    >>> advice = waves(forum, "advice", permutations=99)
    >>> advice.organisation_map().sentence
    'first: 1 of 1 pair of organisations is joined by advice ties.'
    >>> advice.at("sector").organisation_map().sentence.split(",")[0]
    'No organisation has a sector (sector in organisations.csv)'
    """
    return Waves(study, relation, by=by, permutations=permutations, seed=seed)
