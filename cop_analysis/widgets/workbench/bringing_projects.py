"""Projects of other programs coming into a study from the panel: told by content, looked at, then brought in."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cop_analysis.study.faults import visible
from cop_analysis.widgets.workbench.bringing import BringingError, plain_name

if TYPE_CHECKING:
    from cop_analysis.realist.importing import Imported


@dataclass(frozen=True)
class BroughtProject:
    """A project that was looked at and waits for a person's word before it is brought in.

    Parameters
    ----------
    name : str
        The file's name, fit for a screen and for a path.
    content : bytes
    looked : Imported
        What bringing it in would do.
    """

    name: str
    content: bytes
    looked: Imported

    @property
    def state(self) -> dict[str, Any]:
        """What the panel shows of it, as JSON."""
        preview = self.looked.preview
        offsets = self.looked.report.offsets
        unsettled = offsets is not None and not offsets.is_settled
        readings = [] if preview is None or not unsettled else [
            {"name": name, "offsets": unit, "lineBreaks": breaks,
             "quotes": [visible(quote[position], 160) for quote in preview.quotes]}
            for position, (name, unit, breaks) in enumerate(preview.readings)
        ]  # fmt: skip
        lines = [visible(line, 800) for line in self.looked.report.lines[:7]]
        more = len(self.looked.report.lines) - len(lines)
        return {
            "name": self.name,
            "sentence": f"a {self.looked.kind}; {visible(self.looked.sentence.rpartition(': ')[2], 400)}",
            "lines": [*lines, *([f"and {more:,} more"] if more > 0 else [])],
            "readings": readings,
        }

    def bring(self, study: Path, offsets: str, line_breaks: str, coder: str) -> Imported:
        """Bring it into a study; errors are those of `import_project`."""
        return _imported(study, self.name, self.content, offsets, line_breaks, coder, look=False)


def look_at_project(study: Path | None, name: str, content: bytes) -> BroughtProject | None:
    """Look at a file somebody chose as a project of another program; None where it is a text.

    Raises
    ------
    BringingError
        When it is a project and no study is chosen.
    ExchangeError
        When it is neither a text nor a project that can be read.
    """
    from cop_analysis.realist.importing import recognise

    shown = plain_name(name)
    if not content:
        return None
    with tempfile.TemporaryDirectory(prefix="cop-workbench-") as folder:
        if recognise(_written(Path(folder), shown, content)) == "document":
            return None
    if study is None:
        raise BringingError("Choose or make a study first; then bring the project in.")
    return BroughtProject(shown, content, _imported(study, shown, content, "auto", "auto", "", look=True))


def _imported(
    study: Path, name: str, content: bytes, offsets: str, line_breaks: str, coder: str, *, look: bool
) -> Imported:
    from cop_analysis.realist.importing import import_project

    with tempfile.TemporaryDirectory(prefix="cop-workbench-") as folder:
        path = _written(Path(folder), name, content)
        return import_project(study, path, offsets=offsets, line_breaks=line_breaks, coder=coder, look=look)


def _written(folder: Path, name: str, content: bytes) -> Path:
    # The name stays, because by it a newer export of the same project is known.
    path = folder / (name.replace("\x00", "_")[:120] if name not in ("", ".", "..") else "project")
    path.write_bytes(content)
    return path
