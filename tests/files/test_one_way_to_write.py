"""Files get their names in `cop_analysis.files.whole` alone: what makes a file whole is looked for in the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "cop_analysis"
STEPS = {"fsync", "link", "replace", "rename"}
PATHS = {"beside", "part", "partial", "left", "path", "staged", "unfinished"}
KEPT = {
    "realist/importing/unfinished.py": "takes the name from the folder of an import that is given up",
    "realist/store/store.py": "puts the log of a database that is gone aside",
}
"""The modules that give something another name for another reason; this list only grows shorter."""


def steps(source: str) -> Iterator[int]:
    """Give the lines that put a file in a place, or wait for the disk to have it."""
    # A module that names nothing of the kind need not be parsed.
    if not re.search(rf"\b(os|{'|'.join(PATHS)})\s*\.\s*({'|'.join(STEPS)})\b", source):
        return
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        of, name = node.func.value, node.func.attr
        is_of_system = isinstance(of, ast.Name) and of.id == "os" and name in STEPS
        is_of_path = name in ("rename", "replace") and len(node.args) == 1 and not node.keywords and _is_path(of)
        if is_of_system or is_of_path:
            yield node.lineno


def _is_path(of: ast.expr) -> bool:
    return isinstance(of, ast.Name) and of.id in PATHS


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("os.replace(beside, path)", 1),
        ("os.fsync(file.fileno())", 1),
        ("beside.replace(path)", 1),
        ("part.rename(to)", 1),
        ("text.replace('a', 'b')", 0),
        ("replace(found, key='a')", 0),
        ("table.rename(columns={})", 0),
    ],
)
def test_a_step_is_found(source: str, found: int):
    assert len(list(steps(source))) == found


def test_files_are_put_in_their_places_in_one_module():
    found = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        if path != PACKAGE / "files" / "whole.py" and list(steps(path.read_text(encoding="utf-8")))
    }
    assert not found - set(KEPT), f"Write through files/whole.py: {', '.join(sorted(found - set(KEPT)))}."
    assert not set(KEPT) - found, f"Nothing of this kind stands there any more: {', '.join(sorted(set(KEPT) - found))}."
