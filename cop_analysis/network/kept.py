"""Networks of a study are built once and shared by the parts of its page; nothing is built or measured here."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from cop_analysis.study import Study

Made = TypeVar("Made")

_BY_STUDY: dict[int, tuple[Any, dict[tuple[object, ...], Any]]] = {}


def made_once(study: Study, key: tuple[object, ...], make: Callable[[], Made]) -> Made:
    """Give what was made of this very study before, or make it; a study's tables never change, so it stays true.

    Whoever is given something this way must not change it. It is let go with the study. Only real studies are
    remembered: a stand-in may change under one's hands.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> made_once(SimpleNamespace(), ("graph",), lambda: 2)
    2
    """
    from cop_analysis.study import Study as RealStudy

    if type(study) is not RealStudy:
        return make()
    place = id(study)
    held = _BY_STUDY.get(place)
    if held is None or held[0]() is not study:
        held = (weakref.ref(study, lambda _: _BY_STUDY.pop(place, None)), {})
        _BY_STUDY[place] = held
    if key not in held[1]:
        held[1][key] = make()
    found: Made = held[1][key]
    return found
