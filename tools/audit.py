"""Look for known vulnerabilities and abandoned packages in exactly what requirements-test.lock pins.

Run by `make audit`. The pins become a project of their own in a temporary folder, and `uv audit` asks the Open Source
Vulnerabilities database (https://osv.dev) about every one of them, whatever is or is not installed. What the installed
packages themselves declare inactive is listed too. Where the database cannot be reached the audit is skipped with its
reason; with CI=true that is a failure.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import re
import socket
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
LOCK = "requirements-test.lock"
DATABASE = "https://api.osv.dev"
PINNED = re.compile(r"^(?P<pin>[a-z0-9][a-z0-9._-]*==[^ \\;]+)(?: *; *(?P<marker>[^\\]+?))? *\\?$", re.MULTILINE)
INACTIVE = "Development Status :: 7 - Inactive"


def project_of(lock: str, python: str) -> str:
    """Write a pyproject.toml that requires what a lock file pins, and nothing else."""
    lines = ["[project]", 'name = "audited"', 'version = "0"', f'requires-python = "{python}"', "dependencies = ["]
    for match in PINNED.finditer(lock):
        marker = f" ; {match['marker']}" if match["marker"] else ""
        lines.append(f"  {match['pin'] + marker!r},")
    return "\n".join([*lines, "]"]) + "\n"


def out_of_reach(address: str) -> str:
    """Say why a server cannot be reached; nothing where it can."""
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=20).close()
    except OSError as error:
        return f"{parts.hostname} cannot be reached ({error})"
    return ""


def inactive() -> list[str]:
    """Name the installed packages that declare themselves no longer maintained."""
    return sorted(
        f"{found.metadata['Name']} {found.version}"
        for found in importlib.metadata.distributions()
        if INACTIVE in (found.metadata.get_all("Classifier") or [])
    )


def main() -> int:
    """Audit the lock file; 0 where nothing is known against it, 1 where something is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default=DATABASE, help="the address of a database that answers as osv.dev does")
    asked = parser.parse_args()
    lock = (ROOT / LOCK).read_text(encoding="utf-8")
    for name in inactive():
        print(f"{name} says of itself that it is no longer maintained; see docs/dependencies.md.")
    reason = out_of_reach(asked.database)
    if reason:
        print(f"The audit of {len(PINNED.findall(lock))} pinned packages was skipped: {reason}.")
        return 1 if os.environ.get("CI", "").lower() in ("1", "true", "yes") else 0
    python = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "pyproject.toml").write_text(project_of(lock, python), encoding="utf-8")
        done = subprocess.run(
            ["uv", "audit", "--directory", folder, "--preview-features", "audit", "--no-progress",
             "--service-url", asked.database],
            check=False,
        )  # fmt: skip
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
