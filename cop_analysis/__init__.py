"""A realist evaluation workbench for communities of practice: the names a notebook needs, loaded when first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cop_analysis._version import __version__

if TYPE_CHECKING:
    from cop_analysis.study import open_study


_ROOMS = ("change", "network", "realist", "sessions", "study", "synthesis")

__all__ = ["__version__", "change", "network", "open_study", "realist", "sessions", "study", "synthesis"]


def __getattr__(name: str) -> Any:
    if name == "open_study":
        from cop_analysis.study import open_study

        return open_study
    if name in _ROOMS:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_ROOMS, "open_study"})
