"""One look at a whole study: what `cop check` says and `cop report` acts on are one and the same."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cop_analysis.realist.check import check_against_study, check_coding
from cop_analysis.realist.json_form import Parsed
from cop_analysis.study import StudyError, open_study
from cop_analysis.study.faults import Fault

if TYPE_CHECKING:
    from cop_analysis.study import Study

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
    from cop_analysis.realist.store.kept_check import check_kept

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
