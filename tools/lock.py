"""Write both lock files and environment.yml from pyproject.toml, so that the three cannot disagree.

Run by `make lock`. Everything pinned comes from one `uv pip compile`, resolved for every platform and Python at once.
The lock files carry hashes and name no host; environment.yml repeats the same pins for conda, whose single pip call
installs the project itself in place and so cannot take hashes.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUN_LOCK = "requirements.lock"
TEST_LOCK = "requirements-test.lock"
PINNED = re.compile(r"^(?P<pin>[a-z0-9][a-z0-9._-]*==[^ \\;]+)(?: *; *(?P<marker>[^\\]+?))? *\\?$", re.MULTILINE)


def compile_lock(target: str, *arguments: str) -> None:
    """Resolve pyproject.toml for every platform into one hashed file."""
    subprocess.run(
        ["uv", "pip", "compile", "pyproject.toml", "--universal", "--generate-hashes", "--no-header", "--no-annotate",
         "--no-emit-index-url", "--no-emit-find-links", "--quiet", "--output-file", target, *arguments],
        cwd=ROOT, check=True,
    )  # fmt: skip


def environment_text(pyproject: str, lock: str) -> str:
    """Write environment.yml for the requirements in `pyproject` at the versions in `lock` (both as file texts)."""
    python = tomllib.loads(pyproject)["project"]["requires-python"]
    lines = [
        "# Written by `make lock` from pyproject.toml and requirements.lock; do not edit by hand.",
        "# conda env create -f environment.yml && conda activate cop-analysis",
        "name: cop-analysis",
        "channels:",
        "  - conda-forge",
        "  - nodefaults",
        "dependencies:",
        f'  - "python{python},<3.15"',
        "  - pip",
        "  - pip:",
    ]
    for match in PINNED.finditer(lock):
        marker = f" ; {match['marker']}" if match["marker"] else ""
        lines.append(f'      - "{match["pin"]}{marker}"')
    lines.append('      - "-e ."')
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the three files."""
    compile_lock(RUN_LOCK, "--extra", "build")
    compile_lock(TEST_LOCK, "--extra", "build", "--extra", "test", "--constraint", RUN_LOCK)
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lock = (ROOT / RUN_LOCK).read_text(encoding="utf-8")
    (ROOT / "environment.yml").write_text(environment_text(pyproject, lock), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
