"""Ripples: how the outcome of one configuration becomes context of the next, in chains and feedback loops."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from cop_analysis.realist.handing_on import coding_shown
from cop_analysis.realist.model import Coding, Extract, natural_order
from cop_analysis.realist.no_coding import no_coding
from cop_analysis.realist.ripple_drawing import draw_ripples
from cop_analysis.results import Result

if TYPE_CHECKING:
    from cop_analysis.study import Study

MOST_PATHS: Final = 200
"""How many chains and how many loops are traced at most; a tangle of links has more than anybody could read."""

LONGEST_PATH: Final = 12
"""How many configurations a traced path holds at most."""


@dataclass(frozen=True)
class RipplePath:
    """A way along ripple links: the configurations in order; a loop begins again where it ends.

    `every_step` are the documents that support each step of the way; `weakest` is the smallest number of documents
    behind any one step.
    """

    steps: tuple[str, ...]
    is_loop: bool
    every_step: tuple[str, ...]
    weakest: int

    @property
    def shown(self) -> str:
        """The path for reading, with an arrow between its configurations."""
        return " → ".join([*self.steps, self.steps[0]] if self.is_loop else self.steps)


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
        labels={"weakest_step": "documents behind the weakest step", "every_step": "documents behind every step",
                "steps": "configurations"},
        figure=draw_ripples(coding, {step: len(documents) for step, documents in behind.items()}),
        caveats=tuple(caveats),
        method="A document supports a step when an extract of it stands on the link, or when it holds supporting "
        "evidence for both configurations (Jagosh et al. 2015 for the idea of the ripple).",
        sources=("coding.json",),
    )  # fmt: skip


def sources_of_steps(coding: Coding) -> dict[tuple[str, str], tuple[str, ...]]:
    """Give for each step (from one configuration to another) the documents that support it.

    Examples
    --------
    >>> from cop_analysis.realist.model import Configuration, Ripple, Snapshot
    >>> snapshot = Snapshot("demo", configurations=(Configuration("a", "A"), Configuration("b", "B")),
    ...                     ripples=(Ripple("r1", "a", "b"),))
    >>> sources_of_steps(Coding(snapshot))
    {('a', 'b'): ()}
    """
    supported: dict[str, set[str]] = defaultdict(set)
    for link in coding.snapshot.evidence:
        if link.stance == "supports":
            supported[link.configuration].add(coding.find(Extract, link.extract).document)
    order = [one.id for one in coding.snapshot.documents]
    found: dict[tuple[str, str], set[str]] = {}
    for ripple in coding.snapshot.ripples:
        told = {coding.find(Extract, extract).document for extract in ripple.extracts}
        both = supported[ripple.source] & supported[ripple.target]
        found.setdefault((ripple.source, ripple.target), set()).update(told | both)
    return {step: tuple(one for one in order if one in documents) for step, documents in found.items()}


def find_loops(coding: Coding, behind: Mapping[tuple[str, str], Sequence[str]]) -> Iterator[RipplePath]:
    """Give the feedback loops, each once, beginning with the configuration that comes first in the coding."""
    import networkx as nx

    order = {one.id: position for position, one in enumerate(coding.snapshot.configurations)}
    graph = nx.DiGraph(sorted(behind, key=lambda step: (order.get(step[0], 0), order.get(step[1], 0))))
    for cycle in nx.simple_cycles(graph, length_bound=LONGEST_PATH):
        first = cycle.index(min(cycle, key=lambda one: order.get(one, len(order))))
        steps = tuple(cycle[first:] + cycle[:first])
        yield _path(steps, True, behind)


def find_chains(coding: Coding, behind: Mapping[tuple[str, str], Sequence[str]]) -> Iterator[RipplePath]:
    """Give the chains from where a ripple begins to where it ends, visiting no configuration twice."""
    import networkx as nx

    onward: dict[str, list[str]] = defaultdict(list)
    for source, target in behind:
        if source != target:
            onward[source].append(target)
    graph = nx.DiGraph([(source, target) for source, targets in onward.items() for target in targets])
    order = {one.id: position for position, one in enumerate(coding.snapshot.configurations)}
    first: list[tuple[str, ...]] = [(one,) for one in graph if graph.in_degree(one) == 0]
    for loop in nx.strongly_connected_components(graph):
        # Where nothing leads into a loop, the chains begin with the steps that lead out of it.
        if len(loop) > 1 and all(source in loop for one in loop for source in graph.predecessors(one)):
            first += [(one, target) for one in loop for target in onward.get(one, ()) if target not in loop]
    for start in sorted(first, key=lambda steps: [order.get(one, len(order)) for one in steps]):
        waiting = [start]
        while waiting:
            steps = waiting.pop()
            further = [one for one in onward.get(steps[-1], ()) if one not in steps]
            if not further or len(steps) == LONGEST_PATH:
                yield _path(steps, False, behind)
            else:
                waiting += [(*steps, one) for one in reversed(further)]


def _path(steps: tuple[str, ...], is_loop: bool, behind: Mapping[tuple[str, str], Sequence[str]]) -> RipplePath:
    ends = (*steps[1:], steps[0]) if is_loop else steps[1:]
    documents = [behind[step] for step in zip(steps, ends, strict=False)]
    common = tuple(one for one in documents[0] if all(one in others for others in documents))
    return RipplePath(steps, is_loop, common, min(len(one) for one in documents))


def _at_most(paths: Iterator[RipplePath]) -> tuple[list[RipplePath], bool]:
    kept: list[RipplePath] = []
    for one in paths:
        if len(kept) == MOST_PATHS:
            return kept, True
        kept.append(one)
    return kept, False


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
