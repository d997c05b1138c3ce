"""Ripples: how the outcome of one configuration becomes context of the next, in chains and feedback loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.realist.methods.paths import (
    LONGEST_PATH,
    MOST_PATHS,
    at_most,
    find_chains,
    find_loops,
    sources_of_steps,
)
from cop_analysis.realist.model import natural_order
from cop_analysis.realist.pages import words
from cop_analysis.realist.pages.shown import Shown
from cop_analysis.realist.pictures.ripple_drawing import draw_ripples
from cop_analysis.results import Result
from cop_analysis.results.pages import Opening

if TYPE_CHECKING:
    pass


def ripples(of: Shown, opening: Opening) -> Result:
    """Trace the chains and feedback loops along ripple links, and how many sources support each."""
    coding = of.coding
    behind = sources_of_steps(coding)
    loops, more_loops = at_most(find_loops(coding, behind))
    loops.sort(key=lambda one: (len(one.steps), [natural_order(step) for step in one.steps]))
    chains, more_chains = at_most(find_chains(coding, behind))
    paths = [*loops, *chains]
    table = pd.DataFrame(
        [
            (
                one.shown,
                "loop" if one.is_loop else "chain",
                len(one.steps),
                one.weakest,
                len(one.every_step),
                "; ".join(one.every_step),
            )
            for one in paths
        ],
        columns=["path", "kind", "steps", "weakest_step", "every_step", "documents"],
    )
    caveats = ["A document behind every step of a path need not tell the path as one story; read the passages."]
    if more_loops or more_chains:
        caveats.append(
            f"Only the first {MOST_PATHS} loops and chains of at most {LONGEST_PATH} configurations are traced."
        )
    bare = [f"{source} → {target}" for (source, target), documents in behind.items() if not documents]
    if bare:
        caveats.append(f"No document supports the step {'; '.join(bare[:8])}{' and others' if len(bare) > 8 else ''}.")
    return Result(
        **opening,
        sentence=words.of_ripples(len(behind), loops, chains, coding),
        table=table,
        figure=draw_ripples(coding, {step: len(documents) for step, documents in behind.items()}),
        caveats=tuple(caveats),
        method="A document supports a step when an extract of it stands on the link, or when it holds supporting "
        "evidence for both configurations (Jagosh et al. 2015 for the idea of the ripple).",
    )
