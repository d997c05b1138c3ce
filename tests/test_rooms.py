"""What each room gives stands in one list, `__init__.pyi`, and hides no module; its caveats stand with its words."""

from __future__ import annotations

import ast
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


def packages_of(room: str) -> list[str]:
    """Name a room and every package in it that exports names: its floors, and what stands in them."""
    inside = sorted(path.parent for path in (PACKAGE / room).rglob("__init__.py"))
    names = [".".join(("cop_analysis", *path.relative_to(PACKAGE).parts)) for path in inside]
    return [name for name in names if hasattr(import_module(name), "__all__")]


@pytest.mark.parametrize("package", [name for room in ROOMS for name in packages_of(room)])
def test_no_module_has_the_name_of_what_its_package_exports(package: str) -> None:
    """However deep the module: `from room import name` must never be able to mean both."""
    folder = PACKAGE.parent.joinpath(*package.split("."))
    exported = set(import_module(package).__all__)
    modules = [path for path in folder.rglob("*.py") if path.stem != "__init__"]
    modules += [path.parent for path in folder.rglob("__init__.py") if path.parent != folder]
    both = sorted(str(path.relative_to(folder)) for path in modules if path.stem in exported)
    assert not both, (
        f"{package} exports a name that is also the name of {', '.join(both)}. Call the module by its measure or its "
        "question, as `mixing.py` for `ei_index`."
    )


@pytest.mark.parametrize("room", [room for room in ROOMS if (PACKAGE / room / "pages").is_dir()])
def test_what_a_page_must_say_first_stands_with_its_words(room: str) -> None:
    """A caveat written where a page gathers its facts is written again, otherwise, on the next page."""
    pages = sorted(path for path in (PACKAGE / room / "pages").glob("*.py") if not path.stem.endswith("words"))
    assert pages
    written = [
        f"{path.name}, line {part.lineno}"
        for path in pages
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.keyword) and node.arg == "caveats"
        for part in ast.walk(node.value)
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and len(part.value.split()) > 3
    ]
    assert not written, f"Move these caveats of {room}/pages/ into its words.py: {'; '.join(written)}."
