"""What organisations are called on a page, and who stands on it without a name; nothing is counted here."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cop_analysis.characters import shortened
from cop_analysis.network.methods.graphs import is_missing
from cop_analysis.results import Result
from cop_analysis.study.consent import refusing

if TYPE_CHECKING:
    import pandas as pd

    from cop_analysis.study import Study

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


def with_code(code: Hashable, names: Mapping[Hashable, str], longest: int = 200) -> str:
    """Write an organisation's name with its code, once where they are the same word; a long name is cut, not its code.

    Examples
    --------
    >>> with_code("HOSP_A", {"HOSP_A": "Alder Hospice"}), with_code("north", {"north": "North"}), with_code("x", {})
    ('Alder Hospice (HOSP_A)', 'North', 'x')
    >>> with_code("HOSP_A", {"HOSP_A": "Alder Hospice"}, 18)
    'Alder Ho… (HOSP_A)'
    """
    name = names.get(code, str(code))
    same = name.casefold() == str(code).casefold() or name.endswith(f"({code})")
    tail = "" if same else f" ({code})"
    room = longest - len(tail)
    return shortened(name, max(2, room)) + tail


def label_within(code: Hashable, names: Mapping[Hashable, str], longest: int) -> str:
    """Choose what an organisation is called where there is little room: its name, else its code, else a part of it.

    Examples
    --------
    >>> names = {"COMM": "Downland Community Health"}
    >>> label_within("COMM", names, 30), label_within("COMM", names, 8), label_within("COMM", names, 3)
    ('Downland Community Health', 'COMM', 'Do…')
    """
    name = names.get(code, str(code))
    if len(name) <= longest:
        return name
    return str(code) if len(str(code)) <= longest else shortened(name, max(2, longest))


def lines_of(text: str, longest: int) -> list[str]:
    """Break a name into lines at its spaces; a word longer than a line is cut.

    Examples
    --------
    >>> lines_of("Downland Community Health", 16), lines_of("Otorhinolaryngology", 8)
    (['Downland', 'Community Health'], ['Otorhin…'])
    """
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= longest:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [shortened(line, max(2, longest)) for line in lines] or [""]


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


def for_the_team(study: Study, key: str, title: str) -> Result | None:
    """Say that single people are shown to the evaluation team only; None where the team is who reads.

    Under a pseudonym, too, somebody with one tie, or alone in their organisation, can be recognised by those who know
    them.
    """
    if study.audience == "internal":
        return None
    return Result(
        key=key,
        title=title,
        sentence="Single people are shown to the evaluation team only: whoever knows them could recognise them by "
        "their organisation and their ties, whatever they are called.",
    )
