"""Ripples: how the outcome of one configuration becomes context of the next, in chains and feedback loops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.realist.methods.paths import (
    LONGEST_PATH,
    MOST_PATHS,
    RipplePath,
    _at_most,
    find_chains,
    find_loops,
    sources_of_steps,
)
from cop_analysis.realist.model import Coding, natural_order
from cop_analysis.realist.model.consent import coding_shown
from cop_analysis.realist.pages import columns as held
from cop_analysis.realist.pages.words import no_coding
from cop_analysis.realist.pictures.ripple_drawing import draw_ripples
from cop_analysis.results import Result

if TYPE_CHECKING:
    from cop_analysis.study import Study


def ripples(study: Study) -> Result:
    """Trace the chains and feedback loops along ripple links, and how many sources support each.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Result
        One row a path: path, kind (chain, loop), steps, weakest_step (documents behind the step with the fewest),
        every_step (documents that support all of them), documents (which those are).

    Notes
    -----
    The outcome of one configuration becomes context of the next (Jagosh et al. 2015). A document supports a step when
    an extract of it is named on the ripple link, or when it holds supporting evidence for both configurations; so a
    document counted for a whole path need not tell the path as one story. Chains run from a configuration that
    nothing leads to, or from a loop that nothing leads into, as far as they lead.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> ripples(Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"})).sentence
    'This study has no coding yet (coding.json), so the ripples between configurations cannot be shown.'
    """
    key, title = "ripples", "Ripples: chains and feedback loops"
    coding = coding_shown(study)
    if coding is None:
        return no_coding(key, title, "the ripples between configurations")
    if not coding.snapshot.ripples:
        return Result(key=key, title=title, sentence="The coding (coding.json) holds no ripple link yet.")
    behind = sources_of_steps(coding)
    loops, more_loops = _at_most(find_loops(coding, behind))
    loops.sort(key=lambda one: (len(one.steps), [natural_order(step) for step in one.steps]))
    chains, more_chains = _at_most(find_chains(coding, behind))
    paths = [*loops, *chains]
    table = pd.DataFrame(
        [
            (one.shown, "loop" if one.is_loop else "chain", len(one.steps), one.weakest, len(one.every_step),
             "; ".join(one.every_step))
            for one in paths
        ],
        columns=["path", "kind", "steps", "weakest_step", "every_step", "documents"],
    )  # fmt: skip
    caveats = ["A document behind every step of a path need not tell the path as one story; read the passages."]
    if more_loops or more_chains:
        caveats.append(
            f"Only the first {MOST_PATHS} loops and chains of at most {LONGEST_PATH} configurations are traced."
        )
    bare = [f"{source} → {target}" for (source, target), documents in behind.items() if not documents]
    if bare:
        caveats.append(f"No document supports the step {'; '.join(bare[:8])}{' and others' if len(bare) > 8 else ''}.")
    return Result(
        key=key,
        title=title,
        sentence=_sentence(len(behind), loops, chains, coding),
        table=table,
        columns=held.RIPPLES,
        figure=draw_ripples(coding, {step: len(documents) for step, documents in behind.items()}),
        caveats=tuple(caveats),
        method="A document supports a step when an extract of it stands on the link, or when it holds supporting "
        "evidence for both configurations (Jagosh et al. 2015 for the idea of the ripple).",
        sources=("coding.json",),
    )  # fmt: skip


def _sentence(links: int, loops: Sequence[RipplePath], chains: Sequence[RipplePath], coding: Coding) -> str:
    def count(number: int, noun: str) -> str:
        return f"{number:,} {noun}{'' if number == 1 else 's'}"

    form = "forms" if links == 1 else "form"
    loops_found = count(len(loops), "feedback loop")
    said = f"{count(links, 'ripple link')} {form} {count(len(chains), 'chain')} and {loops_found}"
    if not loops:
        return f"{said}."
    best = max(loops, key=lambda one: (one.weakest, len(one.every_step)))
    labels = {one.id: f"“{one.label}”" if one.label else one.id for one in coding.snapshot.configurations}
    around = " → ".join(labels.get(step, step) for step in (*best.steps, best.steps[0]))
    return (
        f"{said}; the best supported loop is {around}, whose weakest step rests on {count(best.weakest, 'document')}."
    )
