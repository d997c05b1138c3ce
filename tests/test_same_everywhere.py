"""The tool that compares pages between machines sees a changed word, a changed digit and a moved mark, and no more."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("same_everywhere", ROOT / "tools" / "same_everywhere.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGE = '<p>p = <b>0.131</b></p><svg viewBox="0 0 10 10"><path d="M1.25 2"/></svg><td>3</td>'


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("0.131", "0.132", ["... p = [0.131 | 0.132]"]),
        ("<td>3</td>", "<td>4</td>", ["...  [3 | 4]"]),
        ("M1.25", "M1.2500001", []),
        ("M1.25", "M1.5", ["1 numbers of a drawing, by up to 0.25"]),
        ("M1.25 2", "M1.25 2 3", ["a drawing of another shape"]),
        ("<td>", "<svg></svg><td>", ["another number of drawings"]),
    ],
)
def test_what_would_be_seen_is_told(tool, before, after, told):
    assert list(tool.differences(PAGE, PAGE)) == []
    assert list(tool.differences(PAGE, PAGE.replace(before, after))) == told


def test_each_setting_is_a_process_of_its_own_kind(tool):
    found = tool.settings()
    assert next(iter(found)) == "one thread"
    for kind in ("Haswell", "Zen", "Prescott"):
        for threads in ("1", "2"):
            assert found[f"{kind}, threads {threads}"] == {"OPENBLAS_CORETYPE": kind, "OPENBLAS_NUM_THREADS": threads}
