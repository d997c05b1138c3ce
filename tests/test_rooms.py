"""What each room gives stands in one list, `__init__.pyi`, and hides no module."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "cop_analysis"
ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.pyi"))


def test_there_are_rooms_with_a_list() -> None:
    assert {"change", "network", "realist", "sessions", "synthesis"} <= set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_every_name_of_the_list_can_be_loaded(room: str) -> None:
    package = import_module(f"cop_analysis.{room}")
    assert package.__all__
    for name in package.__all__:
        assert getattr(package, name) is not None


@pytest.mark.parametrize("room", ROOMS)
def test_no_module_is_hidden_by_a_name_of_its_package(room: str) -> None:
    package = import_module(f"cop_analysis.{room}")
    inside = {path.stem for path in (PACKAGE / room).iterdir() if path.suffix == ".py" or path.is_dir()}
    assert set(package.__all__) & inside == set()
