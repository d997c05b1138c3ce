"""What one run is asked to do, checked before anything starts; nothing here reads data or starts a kernel."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path

ParameterValue = str | int | float | bool | None | list["ParameterValue"]
"""What a notebook parameter may be: what JSON can hold, so that nothing changes on its way into the notebook."""

AUDIENCES = ("internal", "review", "public")
MOST_WORKERS = 4


class SettingsError(ValueError):
    """A run was asked for something it cannot do; the message says what, where and how to correct it."""


@dataclass(frozen=True, kw_only=True)
class RunSettings:
    """One run of one study: what to read, what to run, where the report goes, how long it may take.

    Parameters
    ----------
    study : Path
        The study folder, with its ``study.toml``.
    out : Path
        Where reports go. A run becomes ``out/<study key>/<run id>/``.
    period : str
        A period of the study (``"2023/24"``); empty for the whole study.
    audience : str
        Who the report is for. Only ``"internal"`` until disclosure control exists.
    notebooks : tuple of str
        Which notebooks, by name (``"04_confidence_change"``) or number (``"04"``, ``"4"``). Empty runs every one.
    notebooks_folder : Path, optional
        A folder of notebooks to use in place of the package's own.
    parameters : mapping of str to mapping, optional
        Values for a notebook's own parameters, by notebook name, such as
        ``{"03_collaboration_network": {"relation": "advice"}}``.
    seed : int, optional
        Given to every notebook that has a ``seed`` parameter.
    workers : int, optional
        How many notebooks run at once; by default the number of cores, at least 2 and at most 4.
    executor : concurrent.futures.Executor, optional
        Where the notebooks run, when not in threads of this process (on a cluster, for one). It is not shut down.
    cell_deadline, notebook_deadline, start_deadline : float
        Seconds one cell, one whole notebook and the start of one kernel may take.

    Raises
    ------
    SettingsError
        If a setting cannot be met, in one sentence.

    Examples
    --------
    >>> RunSettings(study=Path("data/nmp_forum"), period="2023/24").audience
    'internal'
    >>> RunSettings(study=Path("data/nmp_forum"), audience="public")
    Traceback (most recent call last):
    ...
    cop_analysis.report.settings.SettingsError: A report for the audience 'public' is refused: this version cannot yet \
withhold small numbers and quotes, so only 'internal' reports can be made.
    """

    study: Path
    out: Path = Path("outputs")
    period: str = ""
    audience: str = "internal"
    notebooks: tuple[str, ...] = ()
    notebooks_folder: Path | None = None
    parameters: Mapping[str, Mapping[str, ParameterValue]] = field(default_factory=dict)
    seed: int | None = None
    workers: int | None = None
    executor: Executor | None = None
    cell_deadline: float = 900.0
    notebook_deadline: float = 1800.0
    start_deadline: float = 120.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "study", Path(self.study))
        object.__setattr__(self, "out", Path(self.out))
        object.__setattr__(self, "notebooks", tuple(self.notebooks))
        if self.audience not in AUDIENCES:
            raise SettingsError(
                f"There is no audience {self.audience!r}: it is one of {', '.join(map(repr, AUDIENCES))}."
            )
        if self.audience != "internal":
            raise SettingsError(
                f"A report for the audience {self.audience!r} is refused: this version cannot yet withhold "
                "small numbers and quotes, so only 'internal' reports can be made."
            )
        if self.workers is not None and (isinstance(self.workers, bool) or self.workers < 1):
            raise SettingsError(f"{self.workers} workers cannot run a notebook: give 1 or more.")
        if self.seed is not None and (isinstance(self.seed, bool) or not 0 <= self.seed < 2**63):
            raise SettingsError(f"The seed {self.seed} cannot be used: give a whole number of 0 or more.")
        for name in ("cell_deadline", "notebook_deadline", "start_deadline"):
            seconds = getattr(self, name)
            if not (math.isfinite(seconds) and seconds > 0):
                raise SettingsError(f"The {name.replace('_', ' ')} of {seconds} seconds must be a number above 0.")

    def workers_for(self, jobs: int) -> int:
        """How many notebooks to run at once, given how many there are."""
        return max(1, min(jobs, self.workers or min(MOST_WORKERS, max(2, os.cpu_count() or 1))))
