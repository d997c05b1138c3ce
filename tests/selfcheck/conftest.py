"""The self-check as a module, and studies that lack or twist something, made from the simulated forum."""

from __future__ import annotations

import csv
import importlib.util
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FORUM = ROOT / "data" / "nmp_forum"


@pytest.fixture(scope="session")
def selfcheck() -> ModuleType:
    """`tools/selfcheck.py`, which is run by hand too."""
    spec = importlib.util.spec_from_file_location("selfcheck", ROOT / "tools" / "selfcheck.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["selfcheck"] = module
    spec.loader.exec_module(module)
    return module


class Folder:
    """A study folder whose tables are changed row by row; every cell is text."""

    def __init__(self, path: Path):
        self.path = path

    def rows(self, table: str) -> list[dict[str, str]]:
        with (self.path / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def write(self, table: str, rows: list[dict[str, str]]) -> None:
        with (self.path / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    def change(self, table: str, change: Callable[[dict[str, str]], dict[str, str] | None]) -> None:
        """Replace every row by what `change` makes of it; a row it makes nothing of is dropped."""
        self.write(table, [row for row in map(change, self.rows(table)) if row is not None])

    def without(self, *names: str) -> None:
        """Take tables away, and with ``coding`` all that was coded."""
        for name in names:
            (self.path / f"{name}.csv").unlink(missing_ok=True)
        if "coding" in names:
            (self.path / "coding.json").unlink(missing_ok=True)


@pytest.fixture
def forum(tmp_path: Path) -> Folder:
    """A copy of the simulated forum, without what a program made beside it."""
    shutil.copytree(FORUM, tmp_path / "study", ignore=shutil.ignore_patterns("coding.db*", "outputs", ".*"))
    return Folder(tmp_path / "study")
