"""The coding as a page without widgets shows it: inert HTML, readable anywhere. Everything from data is escaped."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import TYPE_CHECKING

from cop_analysis.realist.model import Code, Coding, Configuration, Extract
from cop_analysis.realist.vocabulary import SCHEMAS

if TYPE_CHECKING:
    from cop_analysis.study import Study

EXTRACTS_SHOWN = 200
"""So many extracts are written out; the report's transcripts show all."""


def static_html(study: Study, coding: Coding) -> str:
    """Write codebook, extracts and configurations of a coding as HTML that needs nothing to run.

    Examples
    --------
    >>> from cop_analysis.realist.model import Snapshot
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables({"key": "demo", "title": "<b>Demo</b>", "provenance": "simulated"})
    >>> "&lt;b&gt;Demo" in static_html(study, Coding(Snapshot("demo")))
    True
    """
    snapshot = coding.snapshot
    used = Counter(one.code for one in snapshot.extracts)
    names = {one.id: one.name for one in snapshot.codes}
    counts = ", ".join(
        f"{len(kept):,} {word if len(kept) != 1 else one}"
        for kept, one, word in (
            (snapshot.documents, "document", "documents"),
            (snapshot.codes, "code", "codes"),
            (snapshot.extracts, "extract", "extracts"),
            (snapshot.configurations, "configuration", "configurations"),
        )
    )
    parts = [
        '<div class="cop-result cop-coding-static">',
        f"<p><strong>Coding of {escape(study.title)}</strong>: {counts}. This is how it stood when the cell was run; "
        "open the notebook in JupyterLab and run it again to code.</p>",
        _codebook(coding, used),
        *(_configuration(one, coding, names) for one in snapshot.configurations),
        _extracts(coding, names),
        "</div>",
    ]
    return "\n".join(part for part in parts if part)


def _codebook(coding: Coding, used: Counter[str]) -> str:
    below: dict[str | None, list[Code]] = {}
    known = {one.id for one in coding.snapshot.codes}
    for code in coding.snapshot.codes:
        below.setdefault(code.parent if code.parent in known else None, []).append(code)
    if not below:
        return ""

    def listed(parent: str | None, seen: frozenset[str]) -> str:
        items = [
            f"<li>{escape(one.name)} ({used[one.id]:,}){f': {escape(one.definition)}' if one.definition else ''}"
            f"{listed(one.id, seen | {one.id})}</li>"
            for one in sorted(below.get(parent, ()), key=lambda one: one.name.casefold())
            if one.id not in seen
        ]
        return f"<ul>{''.join(items)}</ul>" if items else ""

    return f"<p><b>Codes</b>, with how many extracts each has:</p>{listed(None, frozenset())}"


def _configuration(one: Configuration, coding: Coding, names: dict[str, str]) -> str:
    rows = []
    for role in SCHEMAS[one.schema].roles:
        slot = next((slot for slot in one.slots if slot.role == role.key), None)
        words = "" if slot is None else slot.wording or ", ".join(names.get(code, code) for code in slot.codes)
        rows.append(f"<li><b>{escape(role.title)}:</b> {escape(words) or 'not filled yet'}</li>")
    quotes = []
    for link in coding.snapshot.evidence:
        if link.configuration == one.id:
            extract = coding.find(Extract, link.extract)
            about = ", ".join(part for part in (link.stance, link.slot or "", link.inference or "") if part)
            reason = f" {escape(link.reason)}" if link.reason else ""
            quotes.append(
                f"<li>{escape(about)}: <q>{escape(extract.quote)}</q> ({escape(extract.document)}){reason}</li>"
            )
    statement = f"<p>{escape(one.statement)}</p>" if one.statement else ""
    evidence = f"<ul>{''.join(quotes)}</ul>" if quotes else "<p>No evidence is linked to it yet.</p>"
    return f"<p><b>Configuration: {escape(one.label)}</b></p>{statement}<ul>{''.join(rows)}</ul>{evidence}"


def _extracts(coding: Coding, names: dict[str, str]) -> str:
    kept = sorted(coding.snapshot.extracts, key=lambda one: (one.document, one.start, one.end))
    if not kept:
        return ""
    items = "".join(
        f"<li>{escape(one.document)}, <b>{escape(names.get(one.code, one.code))}</b> ({escape(one.coder)}): "
        f"<q>{escape(one.quote)}</q>{f' <i>Memo: {escape(one.memo)}</i>' if one.memo else ''}</li>"
        for one in kept[:EXTRACTS_SHOWN]
    )
    more = f"<p>{len(kept) - EXTRACTS_SHOWN:,} more are not shown here.</p>" if len(kept) > EXTRACTS_SHOWN else ""
    return f"<details><summary>Extracts ({len(kept):,})</summary><ul>{items}</ul>{more}</details>"
