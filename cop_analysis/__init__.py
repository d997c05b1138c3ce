"""A realist evaluation workbench for communities of practice: the names a notebook needs, loaded when first used."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cop_analysis._version import __version__

if TYPE_CHECKING:
    from cop_analysis.study import Study


_ROOMS = ("change", "network", "realist", "sessions", "study", "synthesis")

__all__ = ["__version__", "change", "network", "open_study", "realist", "sessions", "study", "synthesis"]


def open_study(folder: str | Path, *, period: str = "", audience: str = "internal") -> Study:
    """Open the study in a folder, once everything in it has been checked.

    Parameters
    ----------
    folder : str or pathlib.Path
        The folder that holds study.toml.
    period : str
        A financial year ``"2023/24"``, a calendar year ``"2023"``, a period the study defines, or empty for all.
    audience : {"internal", "review", "public"}
        Who may read what is made from it; only ``"internal"`` is served until disclosure control exists.

    Raises
    ------
    cop_analysis.study.StudyError
        When something in the folder is at fault, with every fault as file, row, column, value, rule and mend.
    ValueError
        When the period or the audience is not known.

    Examples
    --------
    >>> import tempfile
    >>> from cop_analysis.study.template import new_study
    >>> place = new_study(Path(tempfile.mkdtemp()) / "forum", example=True)
    >>> open_study(place).key
    'forum'
    """
    from cop_analysis.study import open_study as open_checked

    return open_checked(folder, period=period, audience=audience, coding_reader=_read_coding)


def _read_coding(path: Path, study: Study) -> Any:
    from cop_analysis.realist.store import open_coding

    return open_coding(path, study)


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_ROOMS})
