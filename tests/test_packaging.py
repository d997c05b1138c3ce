"""One source for what the workbench needs: pyproject.toml, the lock files and environment.yml never disagree."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent


def load_tool(name: str):
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pins(lock: str) -> dict[str, list[str]]:
    """Versions pinned for each package; several where they differ by platform or Python."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^ \\]+)", lock, re.MULTILINE):
        found.setdefault(canonicalize_name(name), []).append(version)
    return found


def project() -> dict:
    return tomllib.loads(text("pyproject.toml"))["project"]


def test_environment_yml_is_what_pyproject_and_the_lock_say():
    expected = load_tool("lock").environment_text(text("pyproject.toml"), text("requirements.lock"))
    assert text("environment.yml") == expected


@pytest.mark.parametrize(
    ("lock", "extras"), [("requirements.lock", ["build"]), ("requirements-test.lock", ["build", "test"])]
)
def test_every_requirement_is_pinned_within_its_range(lock: str, extras: list[str]):
    wanted = [*project()["dependencies"]]
    for extra in extras:
        wanted += project()["optional-dependencies"][extra]
    pinned = pins(text(lock))
    for line in wanted:
        requirement = Requirement(line)
        versions = pinned.get(canonicalize_name(requirement.name))
        assert versions, f"{requirement.name} is not in {lock}; run make lock"
        assert all(requirement.specifier.contains(version) for version in versions), (line, versions)


def test_the_test_lock_runs_what_users_run():
    run, test = pins(text("requirements.lock")), pins(text("requirements-test.lock"))
    assert {name: test.get(name) for name in run} == run


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-test.lock"])
def test_a_lock_has_hashes_and_names_no_host_and_no_path(lock: str):
    content = text(lock)
    assert "://" not in content
    assert "--index-url" not in content
    assert "file:" not in content
    blocks = [block for block in content.replace("\\\n", " ").splitlines() if block and not block.startswith("#")]
    assert blocks
    assert all("--hash=sha256:" in block for block in blocks)


def test_no_npm_lock_names_a_host():
    for path in ROOT.glob("tests/*/package-lock.json"):
        assert '"resolved"' not in path.read_text(encoding="utf-8")


def test_the_readme_names_both_commands_and_the_windows_way():
    readme = text("README.md")
    for command in ("make report", "make test", "conda env create -f environment.yml", "cop report"):
        assert command in readme


def test_the_version_is_the_same_everywhere():
    import cop_analysis

    assert f"version: {cop_analysis.__version__}" in text("CITATION.cff")
    assert f"## {cop_analysis.__version__}" in text("CHANGELOG.md")


def test_every_dependency_says_why_it_is_here():
    reasons = text("docs/dependencies.md").lower()
    for group in (project()["dependencies"], *project()["optional-dependencies"].values()):
        for line in group:
            name = Requirement(line).name
            assert f"**{name.lower()}**" in reasons, f"docs/dependencies.md does not say why {name} is here"


def test_wheelhouse_takes_what_the_other_machine_needs():
    """Windows needs colorama (a marker on sys_platform) and no ptyprocess; Linux the other way round."""
    tool = load_tool("wheelhouse")
    names = {}
    for platform in ("win_amd64", "manylinux2014_x86_64", "macosx_14_0_arm64"):
        chosen = tool.locked_requirements(text("requirements.lock"), tool.marker_environment(platform, "3.12"))
        names[platform] = {re.split("[= ]", line)[0] for line in chosen}
        assert all("--hash=sha256:" in line for line in chosen)
    assert "colorama" in names["win_amd64"]
    assert "colorama" not in names["manylinux2014_x86_64"]
    assert "ptyprocess" in names["macosx_14_0_arm64"]
    assert "ptyprocess" not in names["win_amd64"]


def test_notebooks_are_committed_without_outputs():
    import json

    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            assert not cell.get("outputs"), path.name
            assert cell.get("execution_count") is None, path.name
            source = "".join(cell["source"])
            assert not (cell["cell_type"] == "code" and re.search(r"^\s*(def|class) ", source, re.MULTILINE)), path.name


def test_the_top_level_holds_what_the_layout_says():
    import subprocess

    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    if not listed:
        pytest.skip("not a git checkout")
    top = {name.split("/")[0] for name in listed}
    fixed = {"notebooks", "cop_analysis", "data", "outputs", "tests", "environment.yml", "README.md"}
    for_tools = {
        ".ci", ".gitattributes", ".gitignore", ".importlinter", "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md",
        "LICENSE", "Makefile", "benchmarks", "conftest.py", "docs", "pyproject.toml", "requirements.lock",
        "requirements-test.lock", "tools",
    }  # fmt: skip
    assert fixed <= top
    assert top - fixed <= for_tools
