"""The record of how the analysis was made: memos, the reflexive ones among them, and decisions with their reasons."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.realist.consent import Consent
from cop_analysis.realist.handing_on import coding_shown
from cop_analysis.realist.no_coding import no_coding
from cop_analysis.realist.vocabulary import MEMO_KINDS
from cop_analysis.results import Result, count_of

if TYPE_CHECKING:
    from cop_analysis.study import Study

COLUMNS = ("record", "kind", "about", "title", "text", "reason", "alternatives", "who", "created")


def memos_and_decisions(study: Study) -> Result:
    """Show the analysts' memos and decisions in the order of time.

    Parameters
    ----------
    study : Study
        Memos are the team's own: for any audience but the team itself they are counted and not shown.

    Returns
    -------
    Result
        One row a memo or decision: record, kind (analytic, reflexive, methodological memo; decision), about, title,
        text, reason, alternatives, who, created.

    Notes
    -----
    Reflexive memos and an audit trail of decisions are part of the record of a realist evaluation (RAMESES II, items
    10 and 13: Wong et al. 2016).

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> memos_and_decisions(Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"})).sentence
    'This study has no coding yet (coding.json), so memos and decisions cannot be shown.'
    """
    key, title = "memos-and-decisions", "Memos and decisions of the analysts"
    coding = coding_shown(study)
    if coding is None:
        return no_coding(key, title, "memos and decisions")
    memos, decisions = coding.snapshot.memos, coding.snapshot.decisions
    extract_memos = [one for one in coding.snapshot.extracts if one.memo.strip()]
    if not memos and not decisions and not extract_memos:
        return Result(key=key, title=title, sentence="The coding (coding.json) holds no memo and no decision yet.")
    names = {one.id: one.name or one.id for one in coding.snapshot.coders}
    is_internal = study.audience == "internal"
    rows: list[tuple[str, ...]] = []
    if is_internal:
        rows += [
            (one.id, f"{one.kind} memo", _about(one.about, one.target), one.title, one.text, "", "",
             names.get(one.coder or "", one.coder or ""), one.created)
            for one in memos
        ]  # fmt: skip
        rows += [
            (one.id, "memo on an extract", _about("extract", one.id), "", one.memo, "", "",
             names.get(one.coder, one.coder), one.created)
            for one in extract_memos
        ]  # fmt: skip
    rows += [
        (one.id, "decision", _about(one.about, one.target), "", one.what, one.reason, one.alternatives,
         ", ".join(names.get(coder, coder) for coder in one.coders), one.created)
        for one in decisions
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype("str")
    consent = Consent(study, coding)
    for column in ("title", "text", "reason", "alternatives"):
        table[column] = table[column].map(consent.clean)
    # What has no date stands last: nothing says when it was written.
    order = table.assign(undated=table["created"] == "").sort_values(["undated", "created"], kind="stable").index
    kinds = Counter(one.kind for one in memos)
    listed = ", ".join(f"{kinds[kind]} {kind}" for kind in MEMO_KINDS if kinds[kind])
    caveats = []
    if not is_internal and (memos or extract_memos):
        caveats.append("Memos are the team's own and are shown to the team only.")
    if silent := [one.id for one in decisions if not one.reason.strip()]:
        caveats.append(f"Without a reason: {', '.join(silent[:12])}.")
    if not kinds["reflexive"]:
        caveats.append("No reflexive memo says where the analysts stand.")
    return Result(
        key=key,
        title=title,
        sentence=f"{count_of(len(memos), 'memo')}{f' ({listed})' if listed else ''}, "
        f"{count_of(len(extract_memos), 'extract')} with a memo, and {count_of(len(decisions), 'decision')}.",
        table=table.loc[order].assign(created=lambda one: one["created"].str[:10]).reset_index(drop=True),
        caveats=tuple(caveats),
        method="In the order of time; what has no date stands last.",
        sources=("coding.json",),
    )


def _about(kind: str | None, target: str | None) -> str:
    return f"{kind} {target}" if kind and target else ""
