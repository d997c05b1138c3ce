"""What can be wrong with the work on theory: its versions, questions, validations, memos and decisions.

Like its neighbour `check`, this only adds faults; nothing is mended and nothing is refused here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cop_analysis.realist import vocabulary
from cop_analysis.realist.json_form import Parsed
from cop_analysis.realist.records import Decision, Memo, Snapshot

Refer = Callable[[str, str | None, str, str], None]
"""Adds a fault where an identifier is not in a collection: place, identifier, collection, record."""


def check_theory_work(snapshot: Snapshot, parsed: Parsed, refer: Refer) -> None:
    """Add what is wrong with theories, questions, validations, memos and decisions, and with what they point at."""
    for theory in snapshot.theories:
        for before in theory.follows:
            refer("theories.follows", before, "theories", theory.id)
        for configuration in theory.configurations:
            refer("theories.configurations", configuration, "configurations", theory.id)
        for link in theory.evidence:
            refer("theories.evidence", link, "evidence", theory.id)
        refer("theories.coder", theory.coder, "coders", theory.id)
        check_moment("theories.created", theory.created, theory.id, parsed)
        if theory.stage != "initial" and not theory.follows:
            parsed.add("theories.follows", theory.stage, "says that it came out of an earlier version and names none",
                       'name it under "follows"', record=theory.id, severity="notice")  # fmt: skip
        if theory.follows and not theory.reason.strip():
            parsed.add("theories.reason", theory.label, "does not say why the theory changed",
                       "write the reason of the step", record=theory.id, severity="notice")  # fmt: skip
    _check_lineage(snapshot, parsed)
    for question in snapshot.questions:
        for configuration in question.configurations:
            refer("questions.configurations", configuration, "configurations", question.id)
        for version in question.theories:
            refer("questions.theories", version, "theories", question.id)
        for document in question.documents:
            refer("questions.documents", document, "documents", question.id)
        refer("questions.coder", question.coder, "coders", question.id)
        check_moment("questions.created", question.created, question.id, parsed)
        if not question.configurations and not question.theories:
            parsed.add("questions.configurations", question.wording, "does not say which theory it tests",
                       "name a configuration or a version of a theory", record=question.id,
                       severity="notice")  # fmt: skip
    for validation in snapshot.validations:
        refer("validations.configuration", validation.configuration, "configurations", validation.id)
        refer("validations.theory", validation.theory, "theories", validation.id)
        refer("validations.document", validation.document, "documents", validation.id)
        for extract in validation.extracts:
            refer("validations.extracts", extract, "extracts", validation.id)
        refer("validations.coder", validation.coder, "coders", validation.id)
        check_moment("validations.created", validation.created, validation.id, parsed)
    for memo in snapshot.memos:
        _check_target("memos", memo, parsed, refer)
        refer("memos.coder", memo.coder, "coders", memo.id)
    for decision in snapshot.decisions:
        _check_target("decisions", decision, parsed, refer)
        for coder in decision.coders:
            refer("decisions.coders", coder, "coders", decision.id)


def check_moment(where: str, moment: str, record: str, parsed: Parsed) -> None:
    """Add a fault where a text that should be a date and time is none; an empty one is no fault."""
    if not moment:
        return
    try:
        datetime.fromisoformat(moment)
        sound = len(moment) >= len("2025-03-02")
    except ValueError:
        sound = False
    if not sound:
        parsed.add(where, moment, "is not a date and time", "write it like 2025-03-02T10:00:00Z, or leave it empty",
                   record=record)  # fmt: skip


def _check_target(where: str, one: Memo | Decision, parsed: Parsed, refer: Refer) -> None:
    check_moment(f"{where}.created", one.created, one.id, parsed)
    if (one.about is None) != (one.target is None):
        parsed.add(f"{where}.target", one.target or one.about, "says only half of what it is about",
                   "write both about (the kind) and target (the identifier), or neither", record=one.id)  # fmt: skip
    elif one.about is not None and one.about in vocabulary.ABOUT:
        refer(f"{where}.target", one.target, vocabulary.ABOUT[one.about], one.id)


def _check_lineage(snapshot: Snapshot, parsed: Parsed) -> None:
    """Find versions that come out of themselves, by taking away what follows nothing until nothing more can go."""
    known = {one.id for one in snapshot.theories}
    waiting = {one.id: {before for before in one.follows if before in known} for one in snapshot.theories}
    later: dict[str, list[str]] = {}
    for identifier, befores in waiting.items():
        for before in befores:
            later.setdefault(before, []).append(identifier)
    ready = [identifier for identifier, befores in waiting.items() if not befores]
    while ready:
        done = ready.pop()
        del waiting[done]
        for identifier in later.get(done, ()):
            waiting[identifier].discard(done)
            if not waiting[identifier]:
                ready.append(identifier)
    # What is left stands in a circle or behind one; walking back from any of it ends in a circle.
    if waiting:
        path = [min(waiting)]
        while (step := min(waiting[path[-1]])) not in path:
            path.append(step)
        circle = path[path.index(step) :]
        chain = " > ".join([*circle[:10], *(["..."] if len(circle) > 10 else []), circle[0]])
        parsed.add("theories.follows", chain, "makes a version of a theory come out of itself",
                   "take one of these steps out", record=circle[0])  # fmt: skip
