"""Looking through a whole study folder for everything that is wrong with it, and gathering what is right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from cop_analysis.study.config import StudyConfig
from cop_analysis.study.contracts import CONTRACTS
from cop_analysis.study.documents import check_documents
from cop_analysis.study.faults import Fault, nearest
from cop_analysis.study.read import Cells, read_csv
from cop_analysis.study.settings import FILE, read_settings, validate_settings
from cop_analysis.study.tables import Typed, cells_of, check_tables, type_table

_BROUGHT_IN = {
    (".qdpx", ".qde", ".qdc", ".qda", ".sqlite3"): (
        "a project of another program",
        "bring it into the coding with: cop coding import, this folder and the file",
    ),
    (".docx", ".vtt", ".srt"): ("a transcript", "add it with the workbench: cop workbench, Documents"),
    (".net", ".paj", ".dl", ".graphml", ".gexf", ".gml", ".vna"): (
        "a network file of another program",
        "bring its ties in with: cop network import, this folder and the file",
    ),
}
_TABLE_ENDINGS = (".csv", ".tsv", ".xlsx", ".xls", ".ods", ".csv.txt")


@dataclass
class Inspection:
    """What was found in a study folder: its config and tables as far as they could be read, and every fault."""

    config: StudyConfig | None = None
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @property
    def errors(self) -> list[Fault]:
        """The faults that keep the study from being opened."""
        return [fault for fault in self.faults if fault.severity == "error"]


def check_folder(folder: str | Path) -> list[Fault]:
    """List everything that is wrong with the settings, tables and documents of a study folder, at once.

    The coding is looked at by `cop_analysis.realist.examine_study`, which says all of this as well.

    Parameters
    ----------
    folder : str or pathlib.Path

    Returns
    -------
    list of Fault
        study.toml first, then the tables in the order of the contracts, each by row; empty when all is well.

    Examples
    --------
    >>> import tempfile
    >>> [fault.sentence for fault in check_folder(tempfile.mkdtemp())]
    ['study.toml: the file is not there; give the folder of a study, or make one with `cop new`.']
    """
    return inspect_folder(Path(folder)).faults


ANSWERS_FILE = "speakers.csv"
"""Where it is kept whose the labels of transcripts are; it is no table of a study."""

IMPORT_FINISHER = "cop_analysis.realist.importing:finish_imports"
"""Who finishes an import that was killed half way: named, not imported, because its room stands above this one."""


def _finish_imports(folder: Path) -> None:
    """Let an import that was killed half way be finished before anything is read, so that nobody sees half of it."""
    if any(folder.glob(".import-*")):
        from pkgutil import resolve_name

        resolve_name(IMPORT_FINISHER)(folder)


def inspect_folder(folder: Path) -> Inspection:
    """Read and check everything in a study folder."""
    if not folder.is_dir():
        rule = "is a file, not the folder of a study" if folder.exists() else "the folder is not there"
        return Inspection(
            faults=[Fault(folder.name or str(folder), None, "", "", rule, "give the folder that holds study.toml")]
        )
    _finish_imports(folder)
    settings = read_settings(folder)
    faults = list(settings.faults)
    typed: dict[str, Typed] = {}
    doubtful = set(settings.uncertain)
    for name, contract in CONTRACTS.items():
        path = folder / contract.file
        if not path.exists() and not path.is_symlink():
            continue
        reading = read_csv(path, contract.file, folder)
        faults += reading.faults
        if reading.cells is None:
            doubtful.add(name)
            continue
        if reading.incomplete:
            doubtful.add(name)
        if len(reading.cells) or not reading.incomplete:
            _add(typed, name, reading.cells, settings.config, faults)
    faults += check_tables(typed, settings.config, doubtful)
    tables = {name: table.frame for name, table in typed.items()}
    people = None if "people" in doubtful or _lacks_key(typed, "people") else tables.get("people")
    faults += check_documents(folder, tables.get("documents"), people)
    faults += _unknown_files(folder)
    return Inspection(settings.config, tables, in_order(faults))


def inspect_tables(
    config: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], folder: Path | None = None
) -> Inspection:
    """Check a config and tables that are not in files, as if they were; with a folder, its documents too."""
    settings = validate_settings(config)
    faults = list(settings.faults)
    typed: dict[str, Typed] = {}
    for name, table in tables.items():
        if name not in CONTRACTS:
            meant = nearest(name, CONTRACTS)
            raise ValueError(f"A study has no table {name!r}" + (f"; {meant!r} is near." if meant else "."))
        _add(typed, name, cells_of(table), settings.config, faults)
    ordered = {name: typed[name] for name in CONTRACTS if name in typed}
    faults += check_tables(ordered, settings.config, settings.uncertain)
    frames = {name: table.frame for name, table in ordered.items()}
    if folder is not None:
        people = None if _lacks_key(typed, "people") else frames.get("people")
        faults += check_documents(folder, frames.get("documents"), people)
    return Inspection(settings.config, frames, in_order(faults))


def _add(typed: dict[str, Typed], name: str, cells: Cells, config: StudyConfig | None, faults: list[Fault]) -> None:
    """Type a table; one without rows is treated as absent, once its header is seen to be right."""
    table = type_table(CONTRACTS[name], cells, config)
    if len(cells):
        typed[name] = table
        return
    faults += table.faults
    rule = "the table has a header and no rows, so it is treated as absent"
    faults.append(Fault(f"{name}.csv", None, "", "", rule, "fill it in, or delete the file", "notice"))


def _lacks_key(typed: Mapping[str, Typed], name: str) -> bool:
    return name in typed and bool(set(CONTRACTS[name].key) & typed[name].missing)


def _unknown_files(folder: Path) -> list[Fault]:
    """Name files that look like tables but are not read, with the table they may be meant to be."""
    faults = []
    known = {*(contract.file for contract in CONTRACTS.values()), ANSWERS_FILE}
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        rule = f"the folder cannot be read ({error.strerror or type(error).__name__})"
        return [Fault(folder.name or str(folder), None, "", "", rule, "check that you may read it")]
    for path in paths:
        name = path.name
        if name in known or name.startswith((".", "~$")) or not path.is_file():
            continue
        if name.casefold() in known:
            rule = f"is not written as {name.casefold()} is, and not every computer reads it"
            faults.append(Fault(name, None, "", "", rule, f"rename it to {name.casefold()}"))
            continue
        program = next((what for endings, what in _BROUGHT_IN.items() if name.casefold().endswith(endings)), None)
        if program is not None:
            kind, command = program
            faults.append(Fault(name, None, "", "", f"is {kind} and was not read", command, "notice"))
            continue
        ending = next((ending for ending in _TABLE_ENDINGS if name.casefold().endswith(ending)), None)
        if ending is None:
            continue
        meant = nearest(name[: -len(ending)], CONTRACTS)
        hint = f"rename it to {meant}.csv if that is meant" if meant else "it can stay if it is not meant as a table"
        if meant and ending not in {".csv", ".csv.txt"}:
            hint = f"save it as {meant}.csv if that is meant"
        faults.append(Fault(name, None, "", "", "is no table of a study and was not read", hint, "notice"))
    return faults


def in_order(faults: Iterable[Fault]) -> list[Fault]:
    """Put faults in the order a reader corrects them: study.toml, the tables, then the rest; by row within a file."""
    places = {FILE: 0, **{contract.file: number for number, contract in enumerate(CONTRACTS.values(), start=1)}}
    return sorted(faults, key=lambda fault: (places.get(fault.file, 99), fault.row or 0))
