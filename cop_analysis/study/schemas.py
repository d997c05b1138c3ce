"""From a contract to the rules of a table: vectorised checks that know their column and how a fault is corrected.

Rules that hold for any table (filled, least value, key, references) are made here from the contract; the rules that
belong to one table are in `rules.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from cop_analysis.study.config import StudyConfig
from cop_analysis.study.contracts import Column, Contract, Reference
from cop_analysis.study.faults import Loosened, Severity, nearest, visible

Test = Callable[[pd.DataFrame], "pd.Series[bool]"]
Mask = npt.NDArray[np.bool_]
PerRow = Callable[[pd.DataFrame, Mask], Sequence[str]]

ROUNDING = 1e-9
"""How far a score may lie from an answer of its scale and still be that answer, in steps."""

NEAREST_LOOKED_FOR = 200
"""For how many distinct unknown ids of a column the nearest known one is looked for; the rest are only named."""


@dataclass(frozen=True)
class Rule:
    """One thing every row of a table must satisfy.

    Parameters
    ----------
    column : str
        The column a fault of this rule is shown in.
    says : str
        What a row that breaks it does, as the rest of a sentence that begins with the value.
    passes : callable
        The table to a boolean Series, False where a row breaks the rule.
    fix : str or callable
        How to correct it; a callable gets the table and which rows are broken, and gives one instruction for each.
    severity : {"error", "notice"}
    value : callable, optional
        What to show as the broken values, asked like `fix`; otherwise the cell as written.
    about_key : bool
        Whether it compares keys, so that it cannot be judged where a column of the key is missing.
    also_reads : tuple of str
        Further columns it looks at: a row in which one of them could not be read is not judged.
    """

    column: str
    says: str
    passes: Test
    fix: str | PerRow
    severity: Severity = "error"
    value: PerRow | None = None
    about_key: bool = False
    also_reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Surroundings:
    """What a table's rules may look at besides the table: other tables, study.toml, and which of them are in doubt."""

    config: StudyConfig | None = None
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    uncertain: frozenset[str] = frozenset()

    def known(self, reference: Reference) -> pd.Index | None:
        """Give the values a reference may take; None where they cannot be known."""
        if reference.is_table:
            table = self.tables.get(reference.target)
            if table is None or reference.target in self.uncertain:
                return None
            return pd.Index(table[reference.target_column].dropna().unique())
        if self.config is None or reference.target in self.uncertain:
            return None
        keys = self.config.keys(reference.target)
        return pd.Index(keys, dtype="object") if keys else None


def broken_rows(table: pd.DataFrame, rules: Sequence[Rule]) -> list[tuple[Rule, Mask]]:
    """Ask every rule of a typed table, and give those that are broken with the rows that break them.

    Examples
    --------
    >>> from cop_analysis.study.contracts import CONTRACTS
    >>> rosters = pd.DataFrame({"person": ["P01", "P01"], "wave": ["baseline", "baseline"]})
    >>> [(rule.says, rows.tolist()) for rule, rows in broken_rows(rosters, [_unique(CONTRACTS["rosters"])])]
    [('repeats the person and wave of an earlier row', [False, True])]
    """
    found = [(rule, ~rule.passes(table).to_numpy(dtype=bool)) for rule in rules]
    return [(rule, broken) for rule, broken in found if broken.any()]


# --- rules any contract has ----------------------------------------------------------------------------------------


def contract_rules(contract: Contract, surroundings: Surroundings) -> list[Rule]:
    """Give the rules that follow from a contract: filled cells, least values, references and the key."""
    rules = [_filled(column) for column in contract.columns if column.filled]
    rules += [_at_least(column) for column in contract.columns if column.minimum is not None]
    for reference in contract.references:
        known = surroundings.known(reference)
        if known is not None:
            rules.append(_refers(reference, known))
    if contract.name != "survey":
        # Forms are sent twice: what a person answered more than once is remarked on by person, in waves.py.
        rules.append(_unique(contract))
    if len(contract.key) == 1:
        rules.append(_differs_by_more_than_case(contract))
    return rules


def _filled(column: Column) -> Rule:
    name = column.name
    fix = f"fill it in ({column.meaning}), or delete the row"
    return Rule(name, "the cell is empty", lambda table: table[name].notna(), fix)


def _at_least(column: Column) -> Rule:
    name, minimum = column.name, column.minimum
    fix = "correct it, or leave the cell empty where it is not known"

    def passes(table: pd.DataFrame) -> pd.Series[bool]:
        return (table[name] >= minimum).fillna(False).astype(bool) | table[name].isna()

    return Rule(name, f"is below {minimum:g}", passes, fix)


def _refers(reference: Reference, known: pd.Index) -> Rule:
    name = reference.column
    where = f"{reference.target}.csv" if reference.is_table else f"[[{reference.target}]] in study.toml"
    what = f"is not in {where}" if reference.is_table else f"is not a key of {where}"

    def passes(table: pd.DataFrame) -> pd.Series[bool]:
        return table[name].isin(known) | table[name].isna()

    def fix(table: pd.DataFrame, broken: Mask) -> list[str]:
        return suggestions(table[name][broken], known, f"add it to {where}")

    return Rule(name, what, passes, fix)


def _without_digits(text: str) -> str:
    return "".join(character for character in text if not character.isdigit())


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit()).lstrip("0")


def suggestions(values: pd.Series, known: pd.Index, otherwise: str) -> list[str]:
    """Say for each unknown value which known one is nearest, and what to do where none is."""
    codes, distinct = pd.factorize(values.to_numpy(dtype=object, na_value=""))
    names = [str(name) for name in known]
    examples = ", ".join(visible(name, 20) for name in names[:3])
    correct = f"correct it (known are {examples}{' and others' if len(names) > 3 else ''})" if names else "correct it"
    known_names = Loosened(names)
    advice = []
    for position, value in enumerate(distinct.tolist()):
        meant = nearest(str(value), known_names) if position < NEAREST_LOOKED_FOR else None
        # P03 is no slip of the pen for P01: ids that differ in their numbers alone are two people.
        if meant and _without_digits(str(value)) == _without_digits(meant) and _digits(str(value)) != _digits(meant):
            meant = None
        advice.append(f'write "{visible(meant)}" if that is meant, or {otherwise}' if meant else
                      f"{correct}, or {otherwise}")  # fmt: skip
    return np.array(advice, dtype=object)[codes].tolist() if advice else []


def _unique(contract: Contract) -> Rule:
    key = list(contract.key)
    says = f"repeats the {_listed(key)} of an earlier row" if len(key) > 1 else "stands in an earlier row already"
    if contract.name == "attendance":
        says = "repeats the event and person, or in a head count the event and organisation, of an earlier row"

    def passes(table: pd.DataFrame) -> pd.Series[bool]:
        return ~_key_codes(table, contract).duplicated().reindex(table.index, fill_value=False)

    def fix(table: pd.DataFrame, broken: Mask) -> list[str]:
        codes = _key_codes(table, contract)
        numbers = pd.Series(codes.index, index=codes.index)
        first = numbers.groupby([codes[column] for column in codes], sort=False).transform("first")
        return [f"row {number} has it too: keep one of the two" for number in first.loc[table.index[broken]].tolist()]

    def value(table: pd.DataFrame, broken: Mask) -> list[str]:
        parts = [table[column][broken].astype(object).where(table[column][broken].notna(), "") for column in key]
        return [" + ".join(str(part) for part in row if part) for row in zip(*parts, strict=True)]

    return Rule(key[0], says, passes, fix, value=value, about_key=True, also_reads=tuple(key))


def _differs_by_more_than_case(contract: Contract) -> Rule:
    """Notice ids such as P01 and p01: two by the letter, and rarely meant as two."""
    name = contract.key[0]

    def passes(table: pd.DataFrame) -> pd.Series[bool]:
        ids = table[name]
        return ids.isna() | ids.duplicated() | ~ids.str.casefold().duplicated()

    fix = "see whether both are meant, and write one of them in the same way everywhere"
    return Rule(name, "differs from an earlier id only by capital letters", passes, fix, "notice", about_key=True)


def _key_codes(table: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    """Number the values of the key's columns, for those rows that have a key at all."""
    codes = pd.DataFrame({column: pd.factorize(table[column])[0] for column in contract.key}, index=table.index)
    if contract.name == "attendance":
        # A person comes once, whatever organisation the row counts for; a head count is one an organisation.
        codes.loc[table["person"].notna(), "organisation"] = -1
    demanded = [column for column in contract.key if contract.column(column).filled]
    if contract.name == "ratings":
        demanded.append("respondent")  # an anonymous rating can stand beside any other
    return codes[table[demanded].notna().all(axis="columns")]


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"
