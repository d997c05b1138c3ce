"""What speaks for and against each configuration, and what it leaves open."""

from __future__ import annotations

from collections import defaultdict

import pandas as pd

from cop_analysis.realist.model import Coding, Configuration, Evidence
from cop_analysis.realist.model.vocabulary import SCHEMAS, STANCES

# --- what the configurations say, as facts other rooms use too -----------------------------------------------------


def evidence_by_configuration(coding: Coding) -> dict[str, tuple[Evidence, ...]]:
    """Give the evidence links of each configuration that has any."""
    found: dict[str, list[Evidence]] = defaultdict(list)
    for link in coding.snapshot.evidence:
        found[link.configuration].append(link)
    return {identifier: tuple(links) for identifier, links in found.items()}


def stance_counts(coding: Coding) -> pd.DataFrame:
    """Count for each configuration the distinct extracts that support, refine and refute it.

    Returns
    -------
    pandas.DataFrame
        One row a configuration: configuration, supports, refines, refutes.

    Examples
    --------
    >>> from cop_analysis.realist.model import Configuration, Evidence, Snapshot
    >>> links = [Evidence(f"e{n}", "x1", "cmo1", "supports", slot) for n, slot in enumerate(("context", "outcome"))]
    >>> stance_counts(Coding(Snapshot("demo", configurations=(Configuration("cmo1", "Trust"),),
    ...                                evidence=tuple(links))))
      configuration  supports  refines  refutes
    0          cmo1         1        0        0
    """
    sets: dict[tuple[str, str], set[str]] = defaultdict(set)
    for link in coding.snapshot.evidence:
        sets[link.configuration, link.stance].add(link.extract)
    rows = [(one.id, *(len(sets[one.id, stance]) for stance in STANCES)) for one in coding.snapshot.configurations]
    return pd.DataFrame(rows, columns=["configuration", *STANCES])


def slot_words(configuration: Configuration, coding: Coding) -> dict[str, str]:
    """Give the words of each filled role, in the schema's order: the wording, or the names of the codes without one."""
    names = {code.id: code.name for code in coding.snapshot.codes}
    schema = SCHEMAS.get(configuration.schema)
    order = [role.key for role in schema.roles] if schema else []
    order += [slot.role for slot in configuration.slots if slot.role not in order]
    words = {}
    for role in order:
        parts = [
            slot.wording.strip() or ", ".join(names.get(code, code) for code in slot.codes)
            for slot in configuration.slots
            if slot.role == role
        ]
        if any(parts):
            words[role] = "; ".join(part for part in parts if part)
    return words


def is_complete(configuration: Configuration) -> bool:
    """Say whether every role of the configuration's schema is filled."""
    return not unfilled_roles(configuration)


def unfilled_roles(configuration: Configuration) -> tuple[str, ...]:
    """Name the roles of its schema that a configuration leaves open; partial configurations are legal."""
    schema = SCHEMAS.get(configuration.schema)
    return tuple(role.key for role in schema.roles if not configuration.filled(role.key)) if schema else ()
