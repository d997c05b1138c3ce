"""Who spans organisations or sectors, and in which role, as a study's page says it; the count is in `brokerage`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cop_analysis.network.levels import networks_at
from cop_analysis.network.methods.brokers import ROLES, brokerage
from cop_analysis.network.naming import of_named
from cop_analysis.resampling import generator
from cop_analysis.results import Result, count_of, format_p, with_minus

if TYPE_CHECKING:
    from cop_analysis.study import Study

_READ_BOTH_WAYS = "An undirected tie is read in both directions, so each path counts from both of its ends."


def who_spans(
    study: Study, relation: str | None = None, *, by: str = "organisation", permutations: int = 499, seed: int = 2024
) -> Result:
    """Answer who stands between people of different organisations who have no tie of their own.

    Parameters
    ----------
    study : Study
    relation : str, optional
    by : {"organisation", "sector"}
    permutations : int
        Of the labels, to tell whether organisations matter to who brokers; 0 leaves that comparison out.
    seed : int

    Returns
    -------
    Result
        One row a person of the last wave, most often spanning first: ``person``, the label, ``role``, the five roles of
        Gould & Fernandez, ``total, across`` (all but coordinator), ``expected_total, z_total``.

    Raises
    ------
    ValueError
        If the study has no such relation or `by` is not a level.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> who_spans(SimpleNamespace(ties=None, config=SimpleNamespace(relations=[]))).table.empty
    True
    """
    title = f"Who spans {'organisations' if by == 'organisation' else 'sectors'}"
    level = networks_at(study, relation, by, "network-brokerage", title, "who spans them", individual=True)
    if isinstance(level, Result):
        return level
    last = level.with_ties[-1]
    found = brokerage(last.placed, by, permutations, generator(seed, 0))
    table = found.table.rename(columns={"node": "person", "group": by})
    table["across"] = table["total"] - table["coordinator"]
    table.insert(2, "role", [last.placed.nodes[person].get("role") for person in found.table["node"]])
    table = table[["person", by, "role", *ROLES, "total", "across", "expected_total", "z_total"]]
    table = table.assign(_text=table["person"].astype(str)).sort_values(
        ["across", "total", "_text"], ascending=[False, False, True], kind="stable", ignore_index=True
    )
    table = table.drop(columns="_text")
    null = {str(row.pop("role")): {str(name): float(value) for name, value in row.items()}
            for row in found.null.to_dict("records")}  # fmt: skip
    total, across = int(found.totals["total"]), int(table["across"].sum())
    table = of_named(table, level.found.unnamed)
    if total:
        most = int(table["across"].max()) if len(table) else 0
        top = table.loc[table["across"] == most, "person"].astype(str).tolist()
        leaders = ", ".join(top[:3]) + (f" and {len(top) - 3} more" if len(top) > 3 else "")
        often = f"; {leaders} most often ({count_of(most, 'time')})" if most else ""
        sentence = (
            f"{last.label}: {count_of(total, 'time')} a person stood between two people who had no "
            f"{level.found.name} tie of their own, {across:,} of them between or into other {level.plural}{often}. "
            f"{_roles_against_chance(null) if permutations else ''}"
        )
    else:
        sentence = f"{last.label}: nobody stood between two people who had no {level.found.name} tie of their own."
    roles = "; ".join(
        f"{role} {int(null[role]['count'])} ("
        + (
            f"labels at random {null[role]['expected_labels']:.0f}, {format_p(null[role]['p_value'])}; "
            if permutations
            else ""
        )
        + f"a random network {null[role]['expected']:.0f}, z {with_minus(null[role]['z'])})"
        for role in ROLES
    )
    return level.result(
        f"{title}: {level.found.name}, {last.label}",
        sentence,
        table=table,
        labels={
            "across": f"spanning {level.plural}",
            "expected_total": "total in a random network",
            "z_total": "z of the total",
        },
        caveats=(
            *level.caveats,
            "Standing between others is a position, not an act: nobody was asked whether anything was passed on.",
            *(() if found.is_directed else (_READ_BOTH_WAYS,)),
        ),
        method="Gould & Fernandez 1989, Sociological Methodology 19:89-126. From, through and to: coordinator all of "
        "one "
        f"{by}, itinerant out and back, representative outwards, gatekeeper inwards, liaison between three. Whole "
        f"network: {roles}. {permutations:,} random arrangements of the labels, p two-sided, (k + 1) / (R + 1), seed "
        f"{seed}; z against a random network of the same density, as R's sna gives it.",
        show_table=len(table) <= 60,
    )


def _roles_against_chance(null: dict[str, dict[str, float]]) -> str:
    parts = [
        f"{role} {int(null[role]['count']):,} against {null[role]['expected_labels']:,.0f} "
        f"({format_p(null[role]['p_value'])})"
        for role in ROLES
    ]
    return f"By role, against people placed at random: {', '.join(parts)}."
