"""What every test may ask for: a component of the machine, present or named in the skip (in CI, a failure)."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HTML = Path(__file__).resolve().parent / "html"


@pytest.fixture(scope="session")
def require_component() -> Callable[[str, object], None]:
    """Call with a component's name and whether it is there; an absent one skips the test, or fails it with CI=true.

    >>> def test_of_the_database(require_component):
    ...     require_component("postgresql", shutil.which("postgres"))
    """

    def require(name: str, present: object) -> None:
        if present:
            return
        sentence = f"{name} is not installed on this machine"
        if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
            pytest.fail(f"{sentence}; with CI=true nothing may be skipped", pytrace=False)
        pytest.skip(sentence)

    return require


@pytest.fixture(scope="session")
def chromium(require_component) -> str:
    """The path of a Chromium that is already on the machine."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    require_component("chromium", found)
    return found


@pytest.fixture(scope="session")
def html_validate(require_component) -> list[str]:
    """The command of the HTML validator, without file names."""
    script = HTML / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"
    node = shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
    require_component("html-validate", script.is_file() and node)
    return [node, str(script), "--config", str(HTML / ".htmlvalidate.json")]
