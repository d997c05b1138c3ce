"""What the columns of this room's tables hold, a mapping a page; what is the same in every room is not repeated."""

from __future__ import annotations

from collections.abc import Iterable

from cop_analysis.results.columns import Column, count, name, score, setting, share, statistic, text, yes_or_no

_STANCES = dict.fromkeys(("supports", "refines", "refutes"), count("extracts"))

OVERVIEW = {"what": text()}
CONFIGURATIONS = {
    "context": text(),
    "resource": text("mechanism: resource"),
    "reasoning": text("mechanism: reasoning"),
    "outcome": text(),
    "level": text(),
    "for_whom": text("for whom"),
    "activation": score(),
    **_STANCES,
    "documents": count("documents", "documents heard"),
    "organisations": count("organisations", "organisations heard"),
}
OVERLAP = {
    "coder_a": name("first coder"),
    "coder_b": name("second coder"),
    "both": count("turns"),
    "only_a": count("turns", "only the first"),
    "only_b": count("turns", "only the second"),
    "neither": count("turns"),
    "agreement": share("turns"),
    "agreement_where_coded": share("turns", "agreement where either coded"),
    "kappa": statistic(),
}
GAPS = {"gap": text(), "found": text(of="documents"), "ask": text(), "whom": text()}
RIPPLES = {
    "path": text(),
    "steps": count("configurations", "configurations"),
    "weakest_step": count("documents", "documents behind the weakest step"),
    "every_step": count("documents", "documents behind every step"),
    "documents": name(),
    "from": name(),
    "to": name(),
    "closes_a_loop": yes_or_no(),
}
THEORIES = {
    "lineage": name("programme theory"),
    "theory": name(),
    "stage": text(),
    "follows": name(),
    "move": text(),
    "inference": text(),
    **_STANCES,
    "middle_range": text("middle-range theory"),
    "configurations": name(),
}
QUESTIONS = {
    "question": name(),
    "tests": name("theory it tests"),
    "purpose": text(),
    "whom": text(),
    "asked_in": name("asked in"),
}
VALIDATIONS = {"validation": name(), "about": name(), "who": name(), "extracts": name()}
MEMOS = {"record": name(), "about": name(), "text": text(), "alternatives": text(), "who": name()}
TRANSCRIPTS = {
    "turns_shown": count("turns", "turns shown"),
    "codes": count("codes"),
    "not_placed": count("extracts", "extracts not placed"),
}


def of_codes(coders: Iterable[tuple[str, str]]) -> dict[str, Column]:
    """Give the columns of the list of codes; each coder, by id and name, has one of their own."""
    return {
        "path": text(),
        "depth": setting(),
        "level": text(),
        **{f"extracts_{identifier}": count("extracts", f"extracts by {called}") for identifier, called in coders},
        "extracts_with_children": count("extracts", "extracts, sub-codes included"),
    }
