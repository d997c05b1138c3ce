"""How the codebook is used: the code tree with definitions, and each code's extracts by coder and document."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.realist.consent import Consent
from cop_analysis.realist.handing_on import coding_shown
from cop_analysis.realist.marking import html_text
from cop_analysis.realist.model import Code
from cop_analysis.realist.no_coding import no_coding
from cop_analysis.results import Result, count_of

if TYPE_CHECKING:
    from cop_analysis.study import Study


def code_use(study: Study) -> Result:
    """Show the code tree with definitions, and how often each coder used each code in how many documents.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Result
        One row a code in the order of the tree: code, name, path, depth, level, definition, extracts, a column
        ``extracts_<coder>`` for each coder, documents, extracts_with_children.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> code_use(Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"})).sentence
    'This study has no coding yet (coding.json), so the use of the codes cannot be shown.'
    """
    key, title = "code-use", "The codebook and how it was used"
    coding = coding_shown(study)
    if coding is None:
        return no_coding(key, title, "the use of the codes")
    snapshot = coding.snapshot
    if not snapshot.codes:
        return Result(key=key, title=title, sentence="The coding (coding.json) holds no code yet.")
    by_code: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for extract in snapshot.extracts:
        by_code[extract.code].append((extract.coder, extract.document))
    tree, consent = _tree(snapshot.codes), Consent(study, coding)
    beneath = _beneath(snapshot.codes, {code: len(uses) for code, uses in by_code.items()})
    rows = []
    for code, path in tree:
        uses = by_code.get(code.id, [])
        rows.append(
            {
                "code": code.id,
                "name": code.name,
                "path": " > ".join([*path, code.name]),
                "depth": len(path),
                "level": code.level or "",
                "definition": consent.clean(code.definition),
                "extracts": len(uses),
                **{f"extracts_{one.id}": sum(coder == one.id for coder, _ in uses) for one in snapshot.coders},
                "documents": len({document for _, document in uses}),
                "extracts_with_children": beneath[code.id],
            }
        )
    table = pd.DataFrame(rows)
    unused = int((table["extracts_with_children"] == 0).sum())
    given = "was given" if len(table) == 1 else "were given"
    sentence = (
        f"{count_of(len(table), 'code')} {given} to {count_of(len(snapshot.extracts), 'extract')} by "
        f"{count_of(len(snapshot.coders), 'coder')}."
    )
    if unused:
        sentence = f"{sentence[:-1]}; {count_of(unused, 'code')} not used."
    return Result(
        key=key,
        title=title,
        sentence=sentence,
        table=table,
        labels={f"extracts_{one.id}": f"extracts by {one.name or one.id}" for one in snapshot.coders}
        | {"extracts_with_children": "extracts, sub-codes included"},
        method="An extract is one passage under one code by one coder. Sub-codes included, an extract counts for every "
        "code above its own.",
        sources=("coding.json",),
        body_html=_tree_html(tree, table, consent),
        show_table=False,
    )


def _tree(codes: tuple[Code, ...]) -> list[tuple[Code, tuple[str, ...]]]:
    """Give the codes depth first, each with the names of the codes above it."""
    children: dict[str | None, list[Code]] = defaultdict(list)
    for code in codes:
        children[code.parent].append(code)
    ordered: list[tuple[Code, tuple[str, ...]]] = []
    waiting: list[tuple[Code, tuple[str, ...]]] = [(code, ()) for code in reversed(children[None])]
    while waiting:
        code, path = waiting.pop()
        ordered.append((code, path))
        waiting.extend((child, (*path, code.name)) for child in reversed(children.get(code.id, [])))
    return ordered


def _beneath(codes: tuple[Code, ...], own: dict[str, int]) -> dict[str, int]:
    parents = {code.id: code.parent for code in codes}
    total = dict.fromkeys(parents, 0)
    for code in parents:
        step: str | None = code
        while step is not None:
            total[step] += own.get(code, 0)
            step = parents[step]
    return total


def _tree_html(tree: list[tuple[Code, tuple[str, ...]]], table: pd.DataFrame, consent: Consent) -> str:
    parts: list[str] = []
    depth = -1
    for (code, path), used in zip(tree, table["extracts_with_children"], strict=True):
        if len(path) > depth:
            parts.append('<ul class="cop-codebook">')
        else:
            parts.append("</li>" + "</ul></li>" * (depth - len(path)))
        depth = len(path)
        definition = f": {html_text(consent.clean(code.definition))}" if code.definition.strip() else ""
        examples = f" <i>Example: {html_text(consent.clean(code.examples))}</i>" if code.examples.strip() else ""
        level = f", {html_text(code.level)}" if code.level else ""
        parts.append(
            f"<li><b>{html_text(code.name)}</b> ({count_of(int(used), 'extract')}{level}){definition}{examples}"
        )
    parts.append("</li></ul>" * (depth + 1))
    return "".join(parts)
