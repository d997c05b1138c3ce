"""Headings asked with few draws, for tests that look at who and what stands on a page and not at a number."""

from __future__ import annotations

import inspect
from typing import Any

from cop_analysis.results import Result

FEW = dict.fromkeys(("permutations", "replications", "resamples", "simulations"), 100)


def few_drawn(opened: Any) -> Any:
    """Give what was opened, with few draws for what its headings share."""
    if hasattr(opened, "permutations"):
        opened.permutations = FEW["permutations"]
    return opened


def ask(opened: Any, page: str, *given: Any, **named: Any) -> Result:
    """Ask for one heading, with few draws for what it alone draws."""
    method = getattr(few_drawn(opened), page)
    taken = sorted(FEW.keys() & inspect.signature(method).parameters.keys() - named.keys())
    result: Result = method(*given, **{name: FEW[name] for name in taken}, **named)
    return result
