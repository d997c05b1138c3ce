"""The names of the room: each listed once, each found where the list says, none hidden behind a module of its name."""

import ast
import pkgutil
from pathlib import Path

import pytest

from cop_analysis import change

STUB = Path(change.__file__).with_name("__init__.pyi")


def test_every_listed_name_can_be_had():
    listed = [alias.asname for node in ast.parse(STUB.read_text()).body for alias in node.names]
    assert sorted(listed) == sorted(set(listed))
    assert set(change.__all__) == set(listed)
    for name in listed:
        assert callable(getattr(change, name))


def test_no_module_has_the_name_of_a_listed_function():
    modules = {one.name.rpartition(".")[2] for one in pkgutil.walk_packages(change.__path__, f"{change.__name__}.")}
    assert len(modules) > 10
    assert not modules & set(change.__all__)


def test_a_name_that_is_not_listed_is_refused():
    with pytest.raises(AttributeError):
        change.no_such_method  # noqa: B018
