"""Whether a loop is run by numba or by numpy: the one place that knows of the optional extra ``[fast]``.

numba is imported only for paths and structural holes of large networks, or when there is enough work for a compiled
loop to repay the import and its compilation (about a second each, once in a process; the compiled form is kept beside
the source or in numba's cache).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import Any

from cop_analysis.network.methods import kernels

WORTH_IMPORTING = 1_000_000_000
"""Elementary steps (about 5 seconds of numpy) from which numba is imported."""
WORTH_COMPILING = 300_000
"""The same where numba has been imported already, or for paths and structural holes in a large network."""
LARGE = 1_000
"""People from which such a measure alone is reason to import it."""

_switched_off = False


def fast_is_installed() -> bool:
    """Tell whether numba can be imported, without importing it.

    Examples
    --------
    >>> fast_is_installed() in (True, False)
    True
    """
    from importlib.util import find_spec

    return find_spec("numba") is not None


def kernel(name: str, steps: float, people: int = 0) -> Callable[..., None] | None:
    """Give the compiled form of a loop of `kernels`, or None where its numpy twin is to be used.

    Parameters
    ----------
    name : str
        Of the function in `kernels`.
    steps : float
        About how many elementary steps it is wanted for.
    people : int
        In the network, for a measure that numpy is several times slower at and that is asked for again and again.

    Examples
    --------
    >>> kernel("count_crossing", 10) is None
    True
    """
    soon = "numba" in sys.modules or people >= LARGE
    if _switched_off or steps < (WORTH_COMPILING if soon else WORTH_IMPORTING):
        return None
    if not fast_is_installed():
        return None
    return _compiled(name)


@cache
def _compiled(name: str) -> Callable[..., None]:
    import numba

    source: Any = getattr(kernels, name)
    try:
        compiled: Callable[..., None] = numba.njit(source, cache=True, nogil=True)
    except RuntimeError:  # no folder that numba may keep its cache in
        compiled = numba.njit(source, nogil=True)
    return compiled
