"""The panel's JavaScript has tests of its own in js/; they are run here by Node's test runner."""

from __future__ import annotations

import re
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


@pytest.mark.slow
@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name.split(".")[0])
def test_the_logic_of_the_panel(node: str, path: Path):
    done = subprocess.run([node, "--test", str(path)], capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout[-600:] + done.stderr[-2000:]


@pytest.mark.slow
def test_every_module_is_valid_by_itself(node: str):
    for path in sorted(STATIC.glob("*.js")):
        done = subprocess.run([node, "--input-type=module", "--check"], input=path.read_text("utf-8"),
                              capture_output=True, text=True, timeout=600, check=False)  # fmt: skip
        assert done.returncode == 0, f"{path.name}: {done.stderr}"


def test_every_module_is_short_and_imports_what_it_uses_of_the_others():
    texts = {path.name: path.read_text("utf-8") for path in STATIC.glob("*.js")}
    given = {name: re.findall(r"^export (?:const|let|class|function) (\w+)", text, re.MULTILINE)
             for name, text in texts.items()}  # fmt: skip
    for file, text in texts.items():
        assert text.count("\n") < 600, file
        code = re.sub(r"/\*.*?\*/|//[^\n]*|\"[^\"\n]*\"|'[^'\n]*'", "", text, flags=re.DOTALL)
        imported = {one.strip() for list_ in re.findall(r"^import \{([^}]*)\}", text, re.MULTILINE)
                    for one in list_.split(",") if one.strip()}  # fmt: skip
        body = re.sub(r"^import .*$", "", code, flags=re.MULTILINE)
        used = {name for other, names in given.items() if other != file for name in names
                if re.search(rf"(?<![\w.]){name}\b(?=\(|\.|\[|\)|,|;| \{{| \?)", body)}  # fmt: skip
        called = {name for name in used if re.search(rf"(?<![\w.$]){name}\(", body)}
        own = set(re.findall(r"^\s+(\w+)\([^\n]*\) \{$|(?:const|let|function) (\w+)\b", body, re.MULTILINE))
        mine = {name for pair in own for name in pair if name}
        assert called - imported - mine == set(), file
        assert imported - set(re.findall(r"\w+", body)) == set(), f"{file} imports what it does not use"
