"""Writes a simulated study into a folder, byte for byte the same on every platform; nothing is drawn here."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cop_analysis.files import put_whole
from cop_analysis.simulate.study import SimulatedStudy

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+\Z")


def study_files(study: SimulatedStudy) -> dict[str, bytes]:
    """Give the content of every file of a study by its path inside the folder, ``study.toml`` last.

    Examples
    --------
    >>> from cop_analysis.simulate import SimulationSettings, simulate_study
    >>> files = study_files(simulate_study(SimulationSettings(people=3, events=1, transcripts=0)))
    >>> files["events.csv"].decode().splitlines()[0]
    'event,date,format,topic,series,status,signed_up'
    """
    files = {f"{name}.csv": csv_bytes(table) for name, table in study.tables.items()}
    files |= {file: words.encode("utf-8") for file, words in study.documents.items()}
    if study.coding is not None:
        files["coding.json"] = (json.dumps(study.coding, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
    files["study.toml"] = toml_text(study.config).encode("utf-8")
    return files


def write_study(study: SimulatedStudy, folder: Path | str) -> Path:
    """Write a study into a folder that does not exist yet or is empty.

    Each file appears whole, and ``study.toml`` last: a folder that has it is a complete study.

    Raises
    ------
    ValueError
        When the folder holds something already, or is a file.
    """
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise ValueError(f"{target} is a file, not a folder; choose another place for the simulated study.")
    if target.is_dir() and any(target.iterdir()):
        raise ValueError(f"The folder {target} is not empty; choose a new one, nothing is overwritten.")
    for file, content in study_files(study).items():
        place = target / file
        place.parent.mkdir(parents=True, exist_ok=True)
        put_whole(place, content, lasting=False)
    return target


def csv_bytes(table: pd.DataFrame) -> bytes:
    """Give a table as a CSV file: UTF-8, lines ended by a line feed, empty cells empty, ``yes`` and ``no``.

    Examples
    --------
    >>> import pandas as pd
    >>> csv_bytes(pd.DataFrame({"score": [4.0, None], "comment": ["so, so", None]}))
    b'score,comment\\n4,"so, so"\\n,\\n'
    """
    lines = io.StringIO(newline="")
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(zip(*(_cells(table[column]) for column in table.columns), strict=True))
    return lines.getvalue().encode("utf-8")


def toml_text(config: Mapping[str, Any]) -> str:
    """Give a study's configuration as TOML: plain values, then tables, then lists of tables.

    Examples
    --------
    >>> print(toml_text({"key": "forum", "waves": [{"key": "baseline", "date": date(2024, 9, 4)}]}), end="")
    key = "forum"
    <BLANKLINE>
    [[waves]]
    key = "baseline"
    date = 2024-09-04
    """
    return "\n".join(_toml_lines(config, "")) + "\n"


def _toml_lines(table: Mapping[str, Any], name: str) -> Iterable[str]:
    for key, value in table.items():
        if not isinstance(value, Mapping) and not _is_table_list(value):
            yield f"{_toml_key(key)} = {_toml_value(value)}"
    for key, value in table.items():
        path = f"{name}.{_toml_key(key)}" if name else _toml_key(key)
        if isinstance(value, Mapping):
            yield from ("", f"[{path}]", *_toml_lines(value, path))
        elif _is_table_list(value):
            for entry in value:
                yield from ("", f"[[{path}]]", *_toml_lines(entry, path))


def _is_table_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)


def _toml_key(key: str) -> str:
    return key if _BARE_KEY.match(key) else _toml_value(key)


def _toml_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return "[" + ", ".join(_toml_value(entry) for entry in value) + "]"
    if isinstance(value, str):
        # JSON and TOML escape alike, but for DEL, which TOML wants escaped too.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)


def _cells(column: pd.Series) -> list[object]:
    if pd.api.types.is_datetime64_any_dtype(column):
        stamps = np.datetime_as_string(column.to_numpy().astype("datetime64[D]"))
        return np.where(column.isna(), "", stamps).tolist()
    if pd.api.types.is_bool_dtype(column):
        return ["" if pd.isna(value) else "yes" if value else "no" for value in column]
    if pd.api.types.is_float_dtype(column):
        return ["" if value != value else int(value) if value == int(value) else value for value in column.tolist()]
    if pd.api.types.is_integer_dtype(column):
        return ["" if pd.isna(value) else int(value) for value in column.tolist()]
    return ["" if value is None or value != value else value for value in column.tolist()]
