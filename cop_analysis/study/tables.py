"""From cells of text to validated tables: one table's columns, then all tables against each other, faults by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cop_analysis.study.cells import CellFaults, blank, read_column
from cop_analysis.study.config import StudyConfig
from cop_analysis.study.contracts import Column, Contract
from cop_analysis.study.faults import MOST_KEPT, Fault, Severity, nearest, same_name, visible
from cop_analysis.study.read import Cells
from cop_analysis.study.rules import Mask, Surroundings, broken_rows, contract_rules, scale_faults, table_rules
from cop_analysis.study.waves import wave_faults


@dataclass
class Typed:
    """One table with typed columns, its cells as written, and which of them could not be read."""

    contract: Contract
    frame: pd.DataFrame
    written: dict[str, npt.NDArray[Any]]
    unread: dict[str, Mask]
    missing: frozenset[str]
    faults: list[Fault] = field(default_factory=list)


def type_table(contract: Contract, cells: Cells, config: StudyConfig | None) -> Typed:
    """Read every column of a table as its kind; the index of the frame is the row number of a spreadsheet."""
    faults: list[Fault] = []
    found = _match_headers(contract, cells, _may_leave_out(contract, config), faults)
    columns: dict[str, pd.Series] = {}
    unread: dict[str, Mask] = {}
    for column in contract.columns:
        unread[column.name] = np.zeros(len(cells), dtype=bool)
        if column.name not in found:
            columns[column.name] = blank(column, len(cells))
            continue
        values, wrong = read_column(found[column.name], column)
        columns[column.name] = values
        for group in wrong:
            if group.misread.severity == "error":
                unread[column.name][group.positions] = True
        faults += _misread(contract.file, cells, column.name, found[column.name], wrong)
    given = set(found) | _filled_in(contract, config)
    missing = frozenset(column.name for column in contract.columns if column.filled and column.name not in given)
    index = pd.Index(cells.rows, name="row")
    frame = pd.DataFrame({name: values.set_axis(index) for name, values in columns.items()}, index=index)
    if contract.name == "survey":
        frame = _fill_instrument(frame, config)
    return Typed(contract, frame, found, unread, missing, faults)


def _misread(
    file: str, cells: Cells, column: str, written: npt.NDArray[Any], wrong: Iterable[CellFaults]
) -> list[Fault]:
    """Make the faults of a column's cells; of one rule at most `MOST_KEPT`, the last of which counts the others."""
    made: list[Fault] = []
    last: dict[tuple[str, Severity], int] = {}
    kept: dict[tuple[str, Severity], int] = {}
    more: dict[tuple[str, Severity], int] = {}
    for group in wrong:
        misread, size = group.misread, len(group.positions)
        kind = (misread.rule, misread.severity)
        positions = group.positions[: MOST_KEPT - kept.get(kind, 0)]
        if beyond := size - len(positions):
            more[kind] = more.get(kind, 0) + beyond
        if len(positions):
            made += make_faults(
                file,
                cells.rows[positions],
                column,
                written[positions].tolist(),
                misread.rule,
                misread.fix,
                misread.severity,
            )
            kept[kind] = kept.get(kind, 0) + len(positions)
            last[kind] = len(made) - 1
    for kind, count in more.items():
        made[last[kind]] = replace(made[last[kind]], more=count)
    return made


def _may_leave_out(contract: Contract, config: StudyConfig | None) -> frozenset[str]:
    if contract.name == "survey" and (config is None or len(config.instruments) <= 1):
        return frozenset({"instrument"})
    return frozenset()


def _filled_in(contract: Contract, config: StudyConfig | None) -> set[str]:
    """Name the columns that a table need not have because study.toml settles them."""
    return (
        {"instrument"} if contract.name == "survey" and config is not None and len(config.instruments) == 1 else set()
    )


def _fill_instrument(frame: pd.DataFrame, config: StudyConfig | None) -> pd.DataFrame:
    if config is not None and len(config.instruments) == 1:
        frame["instrument"] = frame["instrument"].fillna(config.instruments[0].key)
    return frame


def _match_headers(
    contract: Contract, cells: Cells, optional: frozenset[str], faults: list[Fault]
) -> dict[str, npt.NDArray[Any]]:
    """Find each column of the contract; a header that differs by case or spaces is at fault but read all the same."""
    found: dict[str, npt.NDArray[Any]] = {}
    others = dict(cells.columns)
    for column in contract.columns:
        if column.name in others:
            found[column.name] = others.pop(column.name)
    for column in contract.columns:
        twin = next((header for header in others if column.name not in found and same_name(header, column.name)), None)
        if twin is not None:
            found[column.name] = others.pop(twin)
            rule = f"is not written as the column {column.name} is"
            faults.append(
                Fault(contract.file, cells.header_row, column.name, twin, rule, f"rename the header to {column.name}")
            )
    for column in contract.columns:
        demanded = column.required or (column.name == "instrument" and contract.name == "survey")
        if column.name not in found and demanded and column.name not in optional:
            faults.append(_missing_column(contract, column, cells))
    for header in others:
        wanted = [name for name in contract.column_names if name not in found]
        meant = nearest(header, wanted)
        hint = f"rename it to {meant} if that is meant" if meant else "delete it if it is not needed"
        rule = "this column is not known and was left out"
        faults.append(Fault(contract.file, cells.header_row, header, "", rule, hint, "notice"))
    return found


def _missing_column(contract: Contract, column: Column, cells: Cells) -> Fault:
    meant = nearest(column.name, [header for header in cells.columns if header not in contract.column_names])
    fix = f"rename {visible(meant)} to {column.name}" if meant else f"add a column {column.name} ({column.meaning})"
    return Fault(contract.file, cells.header_row, column.name, "", "this column is missing", fix)


def check_tables(typed: Mapping[str, Typed], config: StudyConfig | None, uncertain: Iterable[str] = ()) -> list[Fault]:
    """Check every table's rows by the contracts' schemas, and the tables against each other.

    Parameters
    ----------
    typed : mapping of str to Typed
    config : StudyConfig or None
    uncertain : iterable of str
        Sections of study.toml, and tables, that are incomplete: references into them are not judged.
    """
    doubtful = frozenset(uncertain) | {name for name, table in typed.items() if table.missing}
    frames = {name: table.frame for name, table in typed.items()}
    surroundings = Surroundings(config, frames, doubtful)
    faults: list[Fault] = []
    for table in typed.values():
        faults += table.faults
        if not table.frame.empty:
            faults += _schema_faults(table, surroundings)
        faults += _absent_targets(table, surroundings, typed)
    if config is not None:
        faults += scale_faults(frames, config)
        if "survey" not in doubtful and not doubtful & {"waves", "instruments", "plan"}:
            faults += wave_faults(frames, config)
    return faults


def _schema_faults(table: Typed, surroundings: Surroundings) -> list[Fault]:
    contract = table.contract
    rules = [*contract_rules(contract, surroundings), *table_rules(contract.name, surroundings)]
    # A column the file does not have is already said to be missing, once; its cells are not.
    rules = [rule for rule in rules if rule.column not in table.missing]
    if set(contract.key) & table.missing:
        rules = [rule for rule in rules if not rule.about_key]
    faults: list[Fault] = []
    for rule, broken in broken_rows(table.frame, rules):
        for column in (rule.column, *rule.also_reads):
            broken = broken & ~table.unread[column]
        positions = np.flatnonzero(broken)
        if not len(positions):
            continue
        more = len(positions) - MOST_KEPT
        if more > 0:
            positions = positions[:MOST_KEPT]
            broken = np.zeros(len(broken), dtype=bool)
            broken[positions] = True
        if rule.value is not None:
            values: Sequence[str] = rule.value(table.frame, broken)
        else:
            written = table.written.get(rule.column)
            values = [""] * len(positions) if written is None else [text.strip() for text in written[positions]]
        fixes = rule.fix if isinstance(rule.fix, str) else rule.fix(table.frame, broken)
        rows = table.frame.index.to_numpy()[positions]
        faults += make_faults(contract.file, rows, rule.column, values, rule.says, fixes, rule.severity)
        if more > 0:
            faults[-1] = replace(faults[-1], more=more)
    return faults


def _absent_targets(table: Typed, surroundings: Surroundings, typed: Mapping[str, Typed]) -> list[Fault]:
    """Say once where a whole column refers to something the study does not have."""
    faults = []
    for reference in table.contract.references:
        used = table.frame[reference.column].dropna()
        if used.empty or reference.column in table.missing or reference.target in surroundings.uncertain:
            continue
        file = table.contract.file
        if reference.is_table and reference.target not in typed:
            rule = f"{reference.target}.csv is absent, so its ids cannot be checked"
            fix = f"add {reference.target}.csv if there is one"
            faults.append(Fault(file, None, reference.column, "", rule, fix, "notice"))
        elif (
            not reference.is_table
            and reference.target != "relations"
            and surroundings.config is not None
            and not surroundings.config.keys(reference.target)
        ):
            names = [visible(str(name), 40) for name in used.unique()[:5]]
            rule = f"study.toml has no [[{reference.target}]], which this column refers to"
            fix = f"add a section [[{reference.target}]] for each of {', '.join(names)}"
            faults.append(Fault(file, None, reference.column, "", rule, fix))
    if table.contract.name == "survey" and surroundings.config is not None and not table.frame.empty:
        no_instrument = not surroundings.config.instruments and "instruments" not in surroundings.uncertain
        if no_instrument and table.frame["instrument"].isna().all():
            rule = "study.toml has no [[instruments]], so the scale of the answers is not known"
            faults.append(Fault("survey.csv", None, "score", "", rule, "add a section [[instruments]]"))
    return faults


def make_faults(
    file: str,
    rows: npt.NDArray[Any],
    column: str,
    values: Iterable[str],
    rule: str,
    fixes: str | Iterable[str],
    severity: Severity = "error",
) -> list[Fault]:
    """Make one fault a row of the same rule in the same column."""
    instructions = repeat(fixes) if isinstance(fixes, str) else fixes
    return [
        Fault(file, row, column, value, rule, fix, severity)
        for row, value, fix in zip(rows.tolist(), values, instructions, strict=False)
    ]


def cells_of(table: pd.DataFrame) -> Cells:
    """Write a DataFrame as the cells its CSV would have, so that it is checked in the same way.

    Examples
    --------
    >>> cells = cells_of(pd.DataFrame({"score": [4.0, None], "date": pd.to_datetime(["2024-02-20", None])}))
    >>> cells.columns["score"].tolist(), cells.columns["date"].tolist(), cells.rows.tolist()
    (['4', ''], ['2024-02-20', ''], [2, 3])
    """
    columns = {}
    for name, values in table.items():
        codes, distinct = pd.factorize(values)
        texts = np.array([*(_text(value) for value in distinct), ""], dtype=object)
        columns[str(name)] = texts[codes]
    return Cells(columns, np.arange(2, len(table) + 2, dtype=np.int64))


def _text(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d") if value == value.normalize() else value.isoformat()
    return str(value)
