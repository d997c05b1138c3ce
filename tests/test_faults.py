"""The tool that plants faults finds a line wherever it stands, says when it is gone, and changes that line alone."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("faults_tool", ROOT / "tools" / "faults.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "room" / "methods").mkdir(parents=True)
    (tmp_path / "room" / "methods" / "one.py").write_text("def half(n):\n    return n / 2\n\n\nclass A:\n    b = 1\n")
    return tmp_path


def fault(tool: ModuleType, old: str, nth: int = 0):
    return tool.Fault("room", "room/**", old, "n / 3", "a third", nth, ("room",))


def test_a_line_is_found_wherever_its_file_has_gone(tool, package):
    place = tool.find(fault(tool, "n / 2"), package)
    assert place[0].name == "one.py"
    (package / "room" / "methods" / "one.py").rename(package / "room" / "other.py")
    moved = tool.find(fault(tool, "n / 2"), package)
    assert (moved[0].name, moved[1]) == ("other.py", place[1])


def test_what_is_gone_or_stands_twice_is_said(tool, package):
    assert tool.find(fault(tool, "n / 9"), package) == "its text is no longer there"
    (package / "room" / "two.py").write_text("n / 2\n")
    assert tool.find(fault(tool, "n / 2"), package) == "its text stands in 2 places"
    assert tool.find(fault(tool, "n / 2", nth=2), package)[0].name == "two.py"


def test_one_line_is_changed_and_who_holds_it_is_known(tool, package):
    file, at = tool.find(fault(tool, "n / 2"), package)
    source = file.read_text()
    assert tool.planted(source, at, fault(tool, "n / 2")) == source.replace("n / 2", "n / 3")
    assert tool.names_around(source, at) == ["half"]


def test_the_list_names_files_and_tests_that_are_there(tool):
    faults = tool.read_list()
    assert len(faults) >= 68
    assert all(one.old != one.new and one.says for one in faults)
    empty = {one.where for one in faults if not list((ROOT / "cop_analysis").glob(f"{one.where}/*.py"))}
    gone = {place for one in faults for place in one.tests if not (ROOT / "tests" / place).exists()}
    gone |= {one.by for one in faults if one.by and not list((ROOT / "tests").rglob(one.by))}
    assert not empty, f"Correct `in` of tools/faults.toml: there is no file in {', '.join(sorted(empty))}."
    assert not gone, f"Correct `by` or `tests` of tools/faults.toml: there is no {', '.join(sorted(gone))}."
