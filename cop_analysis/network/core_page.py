"""Whether a study's network has a core and a periphery, as its page says it; the fit is in `core_periphery`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.network.methods.cores import EXACT_UP_TO, CorePeriphery, core_periphery
from cop_analysis.network.naming import of_named
from cop_analysis.network.study_networks import ATTRIBUTE, networks_of
from cop_analysis.resampling import generator
from cop_analysis.results import Result

if TYPE_CHECKING:
    from cop_analysis.study import Study


def core_and_periphery(
    study: Study, relation: str | None = None, *, permutations: int = 99, seed: int = 2024
) -> Result:
    """Answer whether the network has a core and a periphery, who is in the core, and whether that changed.

    Parameters
    ----------
    study : Study
    relation : str, optional
    permutations : int
        Random networks to fit for each wave.
    seed : int

    Returns
    -------
    Result
        One row a person of the last wave, the core first: ``person, organisation, role, in_core`` and, with more waves,
        ``in_core_before``, then ``ties``.

    Raises
    ------
    ValueError
        If the study has no such relation.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> core_and_periphery(SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))).table.empty
    True
    """
    title = "Core and periphery"
    found = networks_of(study, relation, "network-core", title, "a core and a periphery", individual=True)
    if isinstance(found, Result):
        return found
    fits: list[tuple[str, CorePeriphery]] = []
    sentences, graph = [], None
    for number, wave in enumerate(found.waves):
        try:
            fit = core_periphery(wave.graph, permutations=permutations, seed=generator(seed, number))
        except ValueError as reason:
            sentences.append(f"{wave.label}: {reason}")
            continue
        fits.append((wave.label, fit))
        graph = wave.graph
        sentences.append(
            f"{wave.label}: {fit.sentence} Ties are {100 * _or_zero(fit.density_core):.0f}% of those possible within "
            "the "
            f"core, {100 * _or_zero(fit.density_between):.0f}% between and "
            f"{100 * _or_zero(fit.density_periphery):.0f}% "
            "within the periphery."
        )
    if not fits or graph is None:
        return found.result(title, " ".join(sentences))
    label, last = fits[-1]
    people = last.table["node"].tolist()
    table = pd.DataFrame(
        {
            "person": pd.Series(people, dtype=object),
            "organisation": [graph.nodes[person].get(ATTRIBUTE) for person in people],
            "role": [graph.nodes[person].get("role") for person in people],
            "in_core": last.table["in_core"],
        }
    )
    if len(fits) > 1:
        before = fits[0][1].table.set_index("node")["in_core"].to_dict()
        table["in_core_before"] = pd.array([before.get(person, pd.NA) for person in people], dtype="boolean")
    table["ties"] = last.table["ties"]
    table = table.assign(_text=table["person"].astype(str)).sort_values(
        ["in_core", "ties", "_text"], ascending=[False, False, True], kind="stable", ignore_index=True
    )
    return found.result(
        f"{title}: {found.name}, {label}",
        " ".join(sentences),
        table=of_named(table.drop(columns="_text"), found.unnamed),
        labels={"in_core_before": f"in the core, {fits[0][0]}"},
        caveats=(
            *found.caveats,
            "People who did not answer can hardly be found in the core: only ties that others reported of them count.",
        )
        if any(wave.silent for wave in found.waves)
        else found.caveats,
        method="Borgatti & Everett 1999, Social Networks 21:375-395: the division whose ideal pattern (ties of and "
        "with the "
        "core, none within the periphery) correlates best with the ties; all divisions are tried up to "
        f"{EXACT_UP_TO} people, beyond that a search with restarts. Compared with {permutations:,} networks in which "
        "the same "
        f"ties join other pairs, (k + 1) / (R + 1), seed {seed}.",
        show_table=len(table) <= 60,
    )


def _or_zero(share: float) -> float:
    return 0.0 if np.isnan(share) else share
