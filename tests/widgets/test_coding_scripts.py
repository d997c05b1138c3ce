"""The panel's JavaScript has tests of its own in js/; they are run here by Node's test runner."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = sorted((Path(__file__).resolve().parent / "js").glob("*.test.mjs"))
STATIC = Path(__file__).resolve().parents[2] / "cop_analysis" / "widgets" / "coding" / "static"


@pytest.fixture(scope="session")
def node(require_component) -> str:
    found = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    require_component("node", found)
    return found


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name.split(".")[0])
def test_the_logic_of_the_panel(node: str, path: Path):
    done = subprocess.run([node, "--test", str(path)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_every_module_is_valid_by_itself(node: str):
    for path in sorted(STATIC.glob("*.js")):
        done = subprocess.run([node, "--input-type=module", "--check"], input=path.read_text("utf-8"),
                              capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
        assert done.returncode == 0, f"{path.name}: {done.stderr}"
