"""The names of the room: each listed once, each found where the list says, none hidden behind a module of its name."""

import ast
import re
from pathlib import Path

import pytest

from cop_analysis import change
from cop_analysis.results.pages import pages_of

DOCUMENT = Path("docs/change.md")
STUB = Path(change.__file__).with_name("__init__.pyi")


def test_every_listed_name_can_be_had():
    listed = [alias.asname for node in ast.parse(STUB.read_text()).body for alias in node.names]
    assert sorted(listed) == sorted(set(listed))
    assert set(change.__all__) == set(listed)
    for name in listed:
        assert callable(getattr(change, name))


def test_every_listed_name_and_every_page_stands_in_the_document():
    told = set(re.findall(r"[a-z_A-Z]+", " ".join(re.findall(r"`([^`\n]+)`", DOCUMENT.read_text(encoding="utf-8")))))
    named = set(change.__all__) | {page.method for page in pages_of(change.Comparison)}
    missing = sorted(named - told - {"Comparison"})
    assert not missing, f"Say in {DOCUMENT} what {', '.join(missing)} is for."


def test_a_name_that_is_not_listed_is_refused():
    with pytest.raises(AttributeError):
        change.no_such_method  # noqa: B018
