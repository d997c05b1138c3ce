"""How the network is built as a whole, wave by wave, as a study's page says it; the measures are in `cohesion`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.network.levels import networks_at
from cop_analysis.network.methods.whole import cohesion, partition_fit
from cop_analysis.resampling import generator
from cop_analysis.results import Result, format_p, format_share

if TYPE_CHECKING:
    from cop_analysis.study import Study


def structure(
    study: Study, relation: str | None = None, *, by: str = "organisation", permutations: int = 299, seed: int = 2024
) -> Result:
    """Answer how the network is built: dense or sparse, mutual, clustered, centred on a few, along organisations.

    Parameters
    ----------
    study : Study
    relation : str, optional
        Without it the first relation of ``study.toml`` that the ties hold.
    by : {"organisation", "sector"}
        What modularity and assortativity are of.
    permutations : int
        Random networks, and random labels, for each wave.
    seed : int

    Returns
    -------
    Result
        One row a measure: ``wave, measure, value, expected, sd, p_value, permutations``.

    Raises
    ------
    ValueError
        If the study has no such relation or `by` is not a level.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> structure(SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))).table.empty
    True
    """
    title = "How the network is built"
    level = networks_at(study, relation, by, "network-structure", title, "how the network is built")
    if isinstance(level, Result):
        return level
    parts, sentences = [], []
    for number, wave in enumerate(level.with_ties):
        whole = cohesion(wave.graph, permutations, generator(seed, number, 1))
        fit = partition_fit(wave.placed, by, permutations, generator(seed, number, 2))
        groups = pd.DataFrame(
            [
                (f"modularity of {level.plural}", fit.modularity, fit.expected, fit.sd, fit.p_value, fit.permutations),
                ("modularity of the best grouping", fit.best_modularity, *[float("nan")] * 4),
                (f"agreement of {level.plural} with the best grouping", fit.agreement, *[float("nan")] * 4),
                (f"assortativity by {by}", fit.assortativity, *[float("nan")] * 4),
            ],
            columns=["measure", "value", "expected", "sd", "p_value", "permutations"],
        )
        part = pd.concat([whole.table, groups], ignore_index=True)
        part["permutations"] = part["permutations"].astype("Int64")
        part.insert(0, "wave", wave.label)
        parts.append(part)
        clustered = ""
        for row in whole.table.to_dict("records"):
            if row["measure"] == "transitivity" and not np.isnan(row["p_value"]):
                clustered = (
                    f" {format_share(row['value'])} of two-step paths are closed by a direct tie, where chance gives "
                    f"{format_share(row['expected'])} ({format_p(row['p_value'])})."
                )
        sentences.append(f"{wave.label}: {whole.sentence}{clustered} {fit.sentence}")
    return level.result(
        f"{title}: {level.found.name} by wave",
        " ".join(sentences),
        table=pd.concat(parts, ignore_index=True),
        labels={"expected": "by chance", "sd": "standard deviation by chance"},
        caveats=(
            *level.caveats,
            "Many measures are many tests; their p-values are not corrected for one another.",
        ),
        method="Reciprocity against as many ties between random ordered pairs; other measures against the same "
        "mutual, "
        f"asymmetric and null pairs dealt out at random (Holland & Leinhardt 1976); modularity (Newman & Girvan 2004) "
        f"against {level.plural} dealt out to people at random; {permutations:,} draws each, p two-sided, (k + 1) / "
        f"(R + 1), seed {seed}. Parallel ties are one tie.",
        show_table=False,
    )
