"""What speaks for and against each configuration, what it leaves open or lacks, and the ways along links.

Those ways are ripples in chains and loops, and versions of a theory that came out of each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from cop_analysis.realist.model import Coding, Configuration, Evidence, Extract, Theory
from cop_analysis.realist.model.vocabulary import SCHEMAS, STANCES


def evidence_by_configuration(coding: Coding) -> dict[str, tuple[Evidence, ...]]:
    """Give the evidence links of each configuration that has any."""
    found: dict[str, list[Evidence]] = defaultdict(list)
    for link in coding.snapshot.evidence:
        found[link.configuration].append(link)
    return {identifier: tuple(links) for identifier, links in found.items()}


def stance_counts(coding: Coding) -> pd.DataFrame:
    """Count for each configuration the distinct extracts that support, refine and refute it.

    Returns
    -------
    pandas.DataFrame
        One row a configuration: configuration, supports, refines, refutes.

    Examples
    --------
    >>> from cop_analysis.realist.model import Configuration, Evidence, Snapshot
    >>> links = [Evidence(f"e{n}", "x1", "cmo1", "supports", slot) for n, slot in enumerate(("context", "outcome"))]
    >>> stance_counts(Coding(Snapshot("demo", configurations=(Configuration("cmo1", "Trust"),),
    ...                                evidence=tuple(links))))
      configuration  supports  refines  refutes
    0          cmo1         1        0        0
    """
    sets: dict[tuple[str, str], set[str]] = defaultdict(set)
    for link in coding.snapshot.evidence:
        sets[link.configuration, link.stance].add(link.extract)
    rows = [(one.id, *(len(sets[one.id, stance]) for stance in STANCES)) for one in coding.snapshot.configurations]
    return pd.DataFrame(rows, columns=["configuration", *STANCES])


def slot_words(configuration: Configuration, coding: Coding) -> dict[str, str]:
    """Give the words of each filled role, in the schema's order: the wording, or the names of the codes without one."""
    names = {code.id: code.name for code in coding.snapshot.codes}
    schema = SCHEMAS.get(configuration.schema)
    order = [role.key for role in schema.roles] if schema else []
    order += [slot.role for slot in configuration.slots if slot.role not in order]
    words = {}
    for role in order:
        parts = [
            slot.wording.strip() or ", ".join(names.get(code, code) for code in slot.codes)
            for slot in configuration.slots
            if slot.role == role
        ]
        if any(parts):
            words[role] = "; ".join(part for part in parts if part)
    return words


def is_complete(configuration: Configuration) -> bool:
    """Say whether every role of the configuration's schema is filled."""
    return not unfilled_roles(configuration)


def unfilled_roles(configuration: Configuration) -> tuple[str, ...]:
    """Name the roles of its schema that a configuration leaves open; partial configurations are legal."""
    schema = SCHEMAS.get(configuration.schema)
    return tuple(role.key for role in schema.roles if not configuration.filled(role.key)) if schema else ()


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


def lineages(coding: Coding) -> list[list[Theory]]:
    """Gather versions that come out of each other, each lineage in the order of its steps.

    Examples
    --------
    >>> from cop_analysis.realist.model import Snapshot
    >>> first, other = Theory("t1", "A", "initial"), Theory("t3", "B", "initial")
    >>> versions = (first, Theory("t2", "A", "tested", follows=("t1",)), other)
    >>> [[one.id for one in group] for group in lineages(Coding(Snapshot("demo", theories=versions)))]
    [['t1', 't2'], ['t3']]
    """
    import networkx as nx

    theories = {one.id: one for one in coding.snapshot.theories}
    position = {identifier: number for number, identifier in enumerate(theories)}
    graph = nx.DiGraph()
    graph.add_nodes_from(theories)
    graph.add_edges_from((before, one.id) for one in theories.values() for before in one.follows if before in theories)
    groups = []
    for members in sorted(nx.weakly_connected_components(graph), key=lambda group: min(position[one] for one in group)):
        part = graph.subgraph(members)
        ordered = (
            nx.lexicographical_topological_sort(part, key=position.__getitem__)
            if nx.is_directed_acyclic_graph(part)
            else sorted(members, key=position.__getitem__)
        )
        groups.append([theories[one] for one in ordered])
    return groups


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


def at_most(paths: Iterator[RipplePath]) -> tuple[list[RipplePath], bool]:
    """Take the first paths, up to as many as anybody reads, and say whether there are more."""
    kept: list[RipplePath] = []
    for one in paths:
        if len(kept) == MOST_PATHS:
            return kept, True
        kept.append(one)
    return kept, False


def feedback_loops(coding: Coding) -> list[list[str]]:
    """Find the configurations that feed back into themselves along ripple links, a list a loop or knot of loops.

    Examples
    --------
    >>> from cop_analysis.realist.model import Configuration, Ripple, Snapshot
    >>> configurations = tuple(Configuration(name, name) for name in "abc")
    >>> ripples = (Ripple("r1", "a", "b"), Ripple("r2", "b", "a"), Ripple("r3", "b", "c"))
    >>> feedback_loops(Coding(Snapshot("demo", configurations=configurations, ripples=ripples)))
    [['a', 'b']]
    """
    import networkx as nx

    graph = nx.DiGraph((ripple.source, ripple.target) for ripple in coding.snapshot.ripples)
    order = {one.id: position for position, one in enumerate(coding.snapshot.configurations)}
    loops = [
        sorted(knot, key=lambda one: order.get(one, len(order)))
        for knot in nx.strongly_connected_components(graph)
        if len(knot) > 1 or any(graph.has_edge(one, one) for one in knot)
    ]
    return sorted(loops, key=lambda loop: order.get(loop[0], len(order)))


# --- gaps -----------------------------------------------------------------------------------------------------------

Gap = Literal[
    "no extract",
    "one source only",
    "one organisation's voice only",
    "no refuting evidence",
    "no outcome without the mechanism",
    "not fully stated",
]
"""What a configuration can lack."""


@dataclass(frozen=True)
class Ground:
    """What a configuration stands on.

    Parameters
    ----------
    extracts, documents, organisations : tuple of str
        Its evidence, where that stands, and who is heard in it.
    is_refuted : bool
        Whether any extract refutes it.
    tells_of_absence : bool
        Whether any refutes or refines its outcome, which is where an account of the mechanism not firing stands.
    open_roles : tuple of str
        Roles of its schema that are not filled.
    """

    extracts: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    is_refuted: bool = False
    tells_of_absence: bool = False
    open_roles: tuple[str, ...] = ()

    def gaps(self, organisations: int) -> list[Gap]:
        """List what is lacking, in a study of so many organisations.

        Examples
        --------
        >>> Ground().gaps(3), Ground(("x1", "x2"), ("D1",), ("North",), True, True).gaps(3)
        (['no extract'], ['one source only', "one organisation's voice only"])
        """
        found: list[Gap] = []
        if not self.extracts:
            found.append("no extract")
        else:
            if len(self.documents) == 1:
                found.append("one source only")
            if len(self.organisations) == 1 and organisations > 1:
                found.append("one organisation's voice only")
            if not self.is_refuted:
                found.append("no refuting evidence")
            if not self.tells_of_absence:
                found.append("no outcome without the mechanism")
        if self.open_roles:
            found.append("not fully stated")
        return found


def ground_of(
    one: Configuration, links: Sequence[Evidence], coding: Coding, heard_in: Mapping[str, Sequence[str]]
) -> Ground:
    """Say what a configuration stands on; `heard_in` gives the organisations heard in an extract."""
    extracts = tuple(dict.fromkeys(link.extract for link in links))
    schema = SCHEMAS.get(one.schema)
    outcomes = {role.key for role in schema.roles if role.part == "outcome"} if schema else {"outcome"}
    return Ground(
        extracts,
        tuple(dict.fromkeys(coding.find(Extract, extract).document for extract in extracts)),
        tuple(dict.fromkeys(name for extract in extracts for name in heard_in[extract])),
        any(link.stance == "refutes" for link in links),
        any(link.slot in outcomes and link.stance != "supports" for link in links),
        unfilled_roles(one),
    )
