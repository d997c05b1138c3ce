"""Whether a study's coding is sound, in coding.json and in its database; nothing is changed."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cop_analysis.realist.coding import agree
from cop_analysis.realist.model.check import check_against_study, check_coding
from cop_analysis.realist.model.json_form import FILE, Parsed, parse
from cop_analysis.realist.model.records import COLLECTIONS, Snapshot
from cop_analysis.realist.store import log
from cop_analysis.realist.store.address import DATABASE_FILE, Address, find_address
from cop_analysis.realist.store.connect import Connector, table_names
from cop_analysis.realist.store.errors import CodingError, Unsettled
from cop_analysis.realist.store.migrate import bring_up_to_date, is_older, version_of
from cop_analysis.realist.store.schema import SCHEMA_VERSION, head
from cop_analysis.study import StudyError, open_study
from cop_analysis.study.faults import Fault
from cop_analysis.study.settings import FILE as SETTINGS_FILE

if TYPE_CHECKING:
    from cop_analysis.study import Study


_SETTING: Final = "coding.database"


@dataclass(frozen=True)
class KeptState:
    """What was found of a coding's database.

    Parameters
    ----------
    faults : tuple of Fault
        What keeps it from being opened (errors), and what should be known about it (notices).
    snapshot : Snapshot or None
        What it holds; None where there is no database, or it cannot be read.
    in_step : bool
        Whether coding.json says the same.
    """

    faults: tuple[Fault, ...] = ()
    snapshot: Snapshot | None = None
    in_step: bool = True


def check_kept(study: Study) -> KeptState:
    """Look at where a study's coding is kept, change nothing, and say what is wrong with it.

    Parameters
    ----------
    study : Study

    Returns
    -------
    KeptState
        Its faults name a damaged, cut, empty or foreign file, a database of a newer workbench, a server that cannot be
        reached, a password in study.toml, and a coding.json that is gone or says something else.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from cop_analysis.study import new_study, open_study
    >>> check_kept(open_study(new_study(Path(tempfile.mkdtemp()) / "forum")))
    KeptState(faults=(), snapshot=None, in_step=True)
    """
    if study.folder is None:
        return KeptState()
    setting = study.config.coding.database
    try:
        address = find_address(study.folder, study.key, setting)
    except CodingError as error:
        return KeptState((_refused(error, setting),))
    faults = [_noticed(notice) for notice in address.notices]
    if address.path is not None and not os.path.lexists(address.path):
        return KeptState(tuple(faults))
    connector = Connector(address, read_only=True)
    try:
        try:
            found = _looked_at(connector, study)
        except Unsettled:
            found = _looked_at(connector, study)
    except CodingError as error:
        found = KeptState((_refused(error, setting),))
    finally:
        connector.close()
    return KeptState((*faults, *found.faults), found.snapshot, found.in_step)


def _looked_at(connector: Connector, study: Study) -> KeptState:
    connector.look_through()
    with connector.reading() as connection:
        if not connector.is_sqlite and head.name not in table_names(connection):
            # The first change makes the schema.
            return KeptState()
        found = version_of(connection)
    if found != SCHEMA_VERSION:
        if is_older(found):
            rule = f"is of the older version {found}"
            fix = "open the coding once where it may be written: a copy is put aside and it is brought up to date"
            return KeptState((Fault(_file(connector.address), None, "", "", rule, fix, "notice"),))
        bring_up_to_date(connector)
    with connector.reading() as connection:
        state = log.load(connection)
        folder = connector.address.folder
        content = agree.read_bytes(folder / FILE)
        known = content is not None and agree.is_known(connection, hashlib.sha256(content).hexdigest())
    snapshot = state.snapshot()
    faults = []
    if content is None:
        rule = f"is not there, while the database holds {_counts(snapshot)}"
        fix = "restore it, or have it written anew: cop coding save STUDY"
        faults.append(Fault(FILE, None, "", "", rule, fix, "notice"))
        return KeptState(tuple(faults), snapshot, in_step=False)
    said = parse(content).snapshot
    if said is None or said == snapshot:
        return KeptState(tuple(faults), snapshot, in_step=said is not None)
    rule = f"says otherwise than the database: {_differences(snapshot, said)}"
    if known:
        fix = "the database counts, and writes it anew at the next change; cop coding save STUDY does so now"
    else:
        fix = (
            "it was changed outside the database and is merged when the coding is next opened; if that is not meant, "
            "put the right coding.json back first"
        )
    faults.append(Fault(FILE, None, "", "", rule, fix, "notice"))
    return KeptState(tuple(faults), snapshot, in_step=False)


def _counts(snapshot: Snapshot) -> str:
    held = [(len(getattr(snapshot, name)), name) for name in COLLECTIONS.values()]
    return ", ".join(f"{number:,} {name}" for number, name in held if number) or "nothing"


def _differences(kept: Snapshot, said: Snapshot) -> str:
    """Say which collections differ, with how many records each side has where that is it."""
    parts = []
    for name in COLLECTIONS.values():
        ours, theirs = (frozenset(one.id for one in getattr(each, name)) for each in (kept, said))
        if ours != theirs:
            parts.append(
                f"{len(ours):,} {name} in the database and {len(theirs):,} in {FILE}"
                + (f", {len(ours & theirs):,} in both" if len(ours) == len(theirs) else "")
            )
        elif getattr(kept, name) != getattr(said, name):
            parts.append(f"some {name} with other words")
    return "; ".join(parts)


def _file(address: Address) -> str:
    return SETTINGS_FILE if address.path is None else address.path.name


def _refused(error: CodingError, setting: str) -> Fault:
    said = " ".join(str(error).split()).rstrip(".")
    rule, _, fix = said.partition(". ")
    if not fix:
        rule, _, fix = said.partition(": ")
    where, column = (SETTINGS_FILE, _SETTING) if setting else (DATABASE_FILE, "")
    return Fault(
        where,
        None,
        column,
        "",
        f"the coding cannot be opened: {rule}",
        f"{fix[:1].lower()}{fix[1:]}" or "restore it from a copy, or ask whoever keeps the database",
    )


def _noticed(notice: str) -> Fault:
    rule, _, fix = notice.rstrip(".").partition(": ")
    rule, fix = rule.replace("study.toml holds", "holds", 1), fix or "read what docs/coding-store.md says of it"
    return Fault(
        SETTINGS_FILE if "password" in notice else DATABASE_FILE,
        None,
        _SETTING if "password" in notice else "",
        "",
        rule,
        fix,
        "notice",
    )


KEPT_IN = "coding.db"


@dataclass(frozen=True)
class Examined:
    """A study as it stands: itself where it can be opened, and everything there is to say about its files.

    Parameters
    ----------
    study : Study or None
        None where its tables or settings are at fault.
    faults : tuple of Fault
        Errors and notices; study.toml first, then the tables, documents and the coding.
    """

    study: Study | None
    faults: tuple[Fault, ...]

    @property
    def errors(self) -> tuple[Fault, ...]:
        """The faults that keep a report from being made."""
        return tuple(fault for fault in self.faults if fault.severity == "error")


def examine_study(folder: Path | str, *, period: str = "", audience: str = "internal") -> Examined:
    """Open a study as a report opens it, coding and all, and say everything that is wrong with it.

    Parameters
    ----------
    folder : path
    period, audience : str
        As in `cop_analysis.open_study`.

    Returns
    -------
    Examined

    Raises
    ------
    ValueError
        When the period or the audience is not known; the study is not at fault then.

    Examples
    --------
    >>> import tempfile
    >>> from cop_analysis.study.template import new_study
    >>> found = examine_study(new_study(Path(tempfile.mkdtemp()) / "forum", example=True))
    >>> found.study.key, found.faults
    ('forum', ())
    """
    folder = Path(folder)
    try:
        study = open_study(folder, period=period, audience=audience)
    except StudyError as fault:
        return Examined(None, fault.faults)
    faults = [*study.notices, *check_coding(folder, study)]
    said = set(faults)
    faults += [fault for fault in _opened(study) if fault not in said]
    return Examined(study, tuple(faults))


def _opened(study: Study) -> list[Fault]:
    """Look at the database the pages will open; what it holds beyond coding.json is held against the study too."""

    kept = check_kept(study)
    faults = list(kept.faults)
    if kept.snapshot is None:
        return faults
    if not kept.in_step:
        parsed = Parsed()
        check_against_study(kept.snapshot, study, parsed)
        faults += [Fault(KEPT_IN, None, *_rest(fault)) for fault in parsed.faults]
    return faults


def _rest(fault: Fault) -> tuple[Any, ...]:
    return fault.column, fault.value, fault.rule, fault.fix, fault.severity
