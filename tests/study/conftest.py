"""A small study folder that passes every check, and a way to break one file of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cop_analysis.study import Fault, check_folder, new_study


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example study, made once; a test that writes in it takes `folder`."""
    return new_study(tmp_path_factory.mktemp("example") / "forum", example=True)


@pytest.fixture
def folder(example: Path, tmp_path: Path) -> Path:
    return shutil.copytree(example, tmp_path / "forum")


@pytest.fixture
def faults_after(folder: Path) -> Callable[..., list[Fault]]:
    """Write a file of the example study anew and give the faults that follow."""

    def write(file: str, content: str | bytes) -> list[Fault]:
        data = content if isinstance(content, bytes) else content.encode("utf-8")
        (folder / file).write_bytes(data)
        return check_folder(folder)

    return write
