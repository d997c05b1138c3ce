"""What organisations are called on a page, and who stands on it without a name; nothing is counted here."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cop_analysis.results import Result
from cop_analysis.results.values import is_missing
from cop_analysis.study.consent import refusing

if TYPE_CHECKING:
    import pandas as pd

UNNAMED = "not named"
"""How the label of somebody who did not consent, or withdrew, begins."""


@dataclass(frozen=True, kw_only=True)
class NamedResult(Result):
    """A result whose page shows organisations by name where its table, and the CSV of it, hold their codes.

    Parameters
    ----------
    names : mapping of code to name, optional
        What cells are called in columns with ``organisation`` in their name.
    named_columns : tuple of str, optional
        Further columns in which organisations stand.

    Examples
    --------
    >>> import pandas as pd
    >>> answer = NamedResult(key="a", title="A", sentence="Two.", names={"HOSP_A": "Alder Hospice"},
    ...                      table=pd.DataFrame({"organisation": ["HOSP_A"], "people": [2]}))
    >>> answer.payload()["table"]["rows"], answer.payload()["table"]["csv"].split()
    ([['Alder Hospice', '2']], ['organisation,people', 'HOSP_A,2'])
    """

    names: Mapping[Hashable, str] = field(default_factory=dict)
    named_columns: tuple[str, ...] = ()

    def payload(self) -> dict[str, Any]:
        """Give the result as JSON-ready facts, organisations by name."""
        facts = super().payload()
        called = {str(code): name for code, name in self.names.items()}
        for table in (facts["table"], (facts["figure"] or {}).get("table")):
            if table and called:
                places = [
                    place
                    for place, column in enumerate(table["columns"])
                    if ("organisation" in column and not table["numeric"][place]) or column in self.named_columns
                ]
                for row in table["rows"]:
                    for place in places:
                        row[place] = called.get(row[place], row[place])
        return facts


def organisation_names(organisations: pd.DataFrame | None) -> dict[Hashable, str]:
    """Give the name of each organisation that has one; two of the same name are told apart by their codes.

    Examples
    --------
    >>> import pandas as pd
    >>> organisation_names(pd.DataFrame({"organisation": ["A", "B", "C"], "name": ["Alder", "Ward 1", "Ward 1"]}))
    {'A': 'Alder', 'B': 'Ward 1 (B)', 'C': 'Ward 1 (C)'}
    """
    if organisations is None or "name" not in organisations.columns:
        return {}
    given = {
        code: " ".join(str(name).split())
        for code, name in zip(organisations["organisation"].tolist(), organisations["name"].tolist(), strict=True)
        if not is_missing(name)
    }
    names = list(given.values())
    return {code: name if names.count(name) == 1 else f"{name} ({code})" for code, name in given.items()}


def unnamed_people(people: pd.DataFrame | None) -> dict[Hashable, str]:
    """Give a label to each person who did not consent, or withdrew, under which they stand in a network.

    Nothing such a person said is in a study. What others said of them is: it is an answer of those others, and leaving
    it out would make the others look less connected than they are. So they stay as somebody without a name or facts.

    Examples
    --------
    >>> import pandas as pd
    >>> unnamed_people(pd.DataFrame({"person": ["P1", "P2", "P3"], "consent": ["yes", "no", "withdrawn"]}))
    {'P2': 'not named 1', 'P3': 'not named 2'}
    """
    refused = refusing({} if people is None else {"people": people})
    return {person: f"{UNNAMED} {number}" for number, person in enumerate(sorted(refused, key=str), start=1)}


def of_named(table: pd.DataFrame, unnamed: Iterable[object], column: str = "person") -> pd.DataFrame:
    """Leave out the rows of people who are not named.

    Examples
    --------
    >>> import pandas as pd
    >>> of_named(pd.DataFrame({"person": ["P1", "not named 1"]}), {"not named 1"})["person"].tolist()
    ['P1']
    """
    return table[~table[column].isin(list(unnamed))].reset_index(drop=True)


def sector_of(organisations: pd.DataFrame | None) -> dict[object, object]:
    """Give the sector of each organisation that has one.

    Examples
    --------
    >>> import pandas as pd
    >>> sector_of(pd.DataFrame({"organisation": ["a", "b"], "sector": ["hospice", None]}))
    {'a': 'hospice'}
    """
    if organisations is None or "sector" not in organisations.columns:
        return {}
    return {
        organisation: sector
        for organisation, sector in zip(
            organisations["organisation"].tolist(), organisations["sector"].tolist(), strict=True
        )
        if not is_missing(sector)
    }
