"""A small study folder that passes every check, and a way to break one file of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cop_analysis.study import Fault, check_folder, new_study


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return new_study(tmp_path / "forum", example=True)


@pytest.fixture
def faults_after(folder: Path) -> Callable[..., list[Fault]]:
    """Write a file of the example study anew and give the faults that follow."""

    def write(file: str, content: str | bytes) -> list[Fault]:
        data = content if isinstance(content, bytes) else content.encode("utf-8")
        (folder / file).write_bytes(data)
        return check_folder(folder)

    return write
