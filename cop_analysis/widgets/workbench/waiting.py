"""Everything in a study that waits for somebody to decide, from where each thing is found; nothing is judged."""

from __future__ import annotations

import datetime
import hashlib
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cop_analysis.characters import shortened
from cop_analysis.study.faults import visible

if TYPE_CHECKING:
    from cop_analysis.realist.model import Coding, Extract
    from cop_analysis.study import Fault, Study

LINES_KEPT = 200
"""So many lines of one kind are listed; how many more there are is said."""

_SHORT = 160


@dataclass(frozen=True)
class Line:
    """One thing that waits, in a sentence, and where to correct it."""

    sentence: str
    where: str


@dataclass(frozen=True)
class Waiting:
    """All that waits of one kind.

    Parameters
    ----------
    key, title : str
    none : str
        What to say where nothing waits.
    where : str
        Where it is decided or corrected, in a sentence.
    count : int
    lines : tuple of Line
        At most `LINES_KEPT`.
    unknown : str
        Why it cannot be seen whether anything waits; empty where it can.
    """

    key: str
    title: str
    none: str
    where: str
    count: int = 0
    lines: tuple[Line, ...] = ()
    unknown: str = ""


@dataclass
class _Kind:
    key: str
    title: str
    none: str
    where: str
    find: Callable[[Study], Iterable[Line]] = lambda _study: ()


def what_waits(folder: Path, today: datetime.date, *, blind: bool = False, coder: str = "") -> list[Waiting]:
    """Gather what waits for a decision in a study folder.

    Parameters
    ----------
    folder : Path
    today : date
        Against which planned dates are held.
    blind : bool
        Whether somebody codes blind here: nothing is told then of what others coded.
    coder : str
        Who codes blind; what waits of their own coding is told.

    Returns
    -------
    list of Waiting
        Faults first, then coding, theory, numbers and plan; each is there also where nothing waits.

    Examples
    --------
    >>> import tempfile
    >>> from cop_analysis.study.template import new_study
    >>> found = what_waits(new_study(Path(tempfile.mkdtemp()) / "forum"), datetime.date(2024, 1, 1))
    >>> [one.key for one in found if one.count], len(found)
    (['notes'], 9)
    """
    from cop_analysis.realist import examine_study
    from cop_analysis.realist.model.json_form import FILE

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        examined = examine_study(folder)
        study, faults = examined.study, list(examined.faults)
        if blind:
            faults = [_without_words(one) if one.file == FILE else one for one in faults]
        errors = [Line(one.sentence, one.place) for one in faults if one.severity == "error"]
        notes = [Line(one.sentence, one.place) for one in faults if one.severity != "error"]
        found = [
            _waiting(
                _Kind(
                    "faults",
                    "Faults in the files",
                    "The files have no faults.",
                    "In the file named; then check the study again.",
                ),
                errors,
            ),
            _waiting(
                _Kind(
                    "notes",
                    "Notes on the files",
                    "There is nothing to note about the files.",
                    "In the file named, if you want to; a note does not stop a report.",
                ),
                notes,
            ),
        ]
        try:
            looked_at = _seen_blind(study, coder) if blind and study is not None else study
            for kind in _kinds(today):
                found.append(_hidden(kind) if blind and kind.key in _BETWEEN_CODERS else _found(kind, looked_at))
        finally:
            if study is not None and hasattr(study.__dict__.get("coding"), "close"):
                study.coding.close()
    return found


def _found(kind: _Kind, study: Study | None) -> Waiting:
    from cop_analysis.study import StudyError

    if study is None:
        return Waiting(kind.key, kind.title, kind.none, kind.where, unknown="It shows once the faults are corrected.")
    try:
        lines = list(kind.find(study))
        return _waiting(replace(kind, none=_nothing_to_look_at(kind.key, study) or kind.none), lines)
    except (ValueError, OSError, KeyError, StudyError) as fault:
        said = visible(" ".join(str(fault).split()), 400)
        return Waiting(kind.key, kind.title, kind.none, kind.where, unknown=f"It could not be looked up: {said}")


def _nothing_to_look_at(key: str, study: Study) -> str:
    """Say why nothing of a kind can wait yet, where that is so; that nothing waits would say more than is known."""
    of_coding = key in ("disagreements", "orphans", "gaps")
    snapshot = study.coding.snapshot if of_coding and study.coding is not None else None
    if key in ("disagreements", "orphans") and (snapshot is None or not snapshot.extracts):
        return (
            "Nothing is coded yet, so no passage can have lost its place."
            if key == "orphans"
            else ("Nothing is coded yet, so no coders can disagree.")
        )
    if key == "disagreements" and snapshot is not None and len({one.coder for one in snapshot.extracts}) < 2:
        return "Only one coder has coded, so nobody can disagree."
    if key == "gaps" and (snapshot is None or not snapshot.configurations):
        return "There is no configuration yet, so none can have a gap."
    if key == "numbers" and not study.stated:
        return "study.toml states no totals that could be compared with the rows."
    config = study.config
    if key == "plan" and config.plan is None and not config.schedule.planned and study.outputs is None:
        return "No plan is written down (study.toml, [plan] and [schedule]; outputs.csv), so no departure can be seen."
    return ""


_BETWEEN_CODERS = ("disagreements", "conflicts")


def _seen_blind(study: Study, coder: str) -> Study:
    """Give the study with the coding as its coder sees it who codes blind."""
    from cop_analysis.study import StudyError
    from cop_analysis.widgets.coding.session import seen_blind

    try:
        coding = study.coding
    except StudyError:

        def refuse(_path: Path, _study: Study) -> Coding:
            raise ValueError("coding.json has faults; turn blind mode off to read them.")

        return replace(study, _coding_reader=refuse)
    if coding is None:
        return study
    seen = seen_blind(coding, coder)
    return replace(study, _coding_reader=lambda _path, _study: seen)


def _without_words(fault: Fault) -> Fault:
    """Give a fault of a coding with its place alone: whose words it quotes is not known."""
    return replace(fault, value="", rule="is at fault", fix="turn blind mode off to read how, and to correct it")


def _hidden(kind: _Kind) -> Waiting:
    said = "You are coding blind: what others coded is not told until you turn that off (key b in the coding)."
    return Waiting(kind.key, kind.title, kind.none, kind.where, unknown=said)


def _waiting(kind: _Kind, lines: list[Line]) -> Waiting:
    return Waiting(kind.key, kind.title, kind.none, kind.where, len(lines), tuple(lines[:LINES_KEPT]))


def _short(text: str, longest: int = _SHORT) -> str:
    words = " ".join(text.split())
    return shortened(words, longest)


# --- coding ---------------------------------------------------------------------------------------------------------


def disagreements(coding: Coding) -> list[tuple[Extract, str]]:
    """List where two coders differ and nobody has settled it yet: the extract, and the coder who has no like of it.

    It is counted as the coding panel counts it (tab Compare): in documents both have coded, an extract of one whose
    code the other gave to none of the same words.

    Examples
    --------
    >>> from cop_analysis.realist.model import Coder, Coding, Extract, Snapshot
    >>> mine, same = Extract("x1", "D1", 0, 5, "Trust", "c1", "a"), Extract("x2", "D1", 2, 5, "ust", "c1", "b")
    >>> other = Extract("x3", "D1", 6, 9, "and", "c2", "b")
    >>> coding = Coding(Snapshot("demo", coders=(Coder("a"), Coder("b")), extracts=(mine, same, other)))
    >>> [(one.id, coder) for one, coder in disagreements(coding)]
    [('x3', 'a')]
    """
    snapshot = coding.snapshot
    settled = {one.target for one in snapshot.decisions if one.about == "extract"}
    coded: dict[tuple[str, str], list[Extract]] = defaultdict(list)
    for extract in snapshot.extracts:
        if extract.placed:
            coded[extract.document, extract.coder].append(extract)
    found: list[tuple[Extract, str]] = []
    documents = list(dict.fromkeys(document for document, _ in coded))
    for first, second in combinations([one.id for one in snapshot.coders], 2):
        for document in documents:
            pair = coded.get((document, first)), coded.get((document, second))
            if pair[0] and pair[1]:
                found += _unlike(pair[0], pair[1], second, settled) + _unlike(pair[1], pair[0], first, settled)
    return sorted(found, key=lambda one: (one[0].document, one[0].start, one[0].end, one[0].id))


def _unlike(
    here: list[Extract], there: list[Extract], coder: str, settled: set[str | None]
) -> list[tuple[Extract, str]]:
    by_code: dict[str, list[Extract]] = defaultdict(list)
    for one in there:
        by_code[one.code].append(one)
    return [
        (one, coder)
        for one in here
        if one.id not in settled
        and not any(other.start < one.end and other.end > one.start for other in by_code.get(one.code, ()))
    ]


def _disagreements(study: Study) -> Iterable[Line]:
    coding = study.coding
    if coding is None:
        return
    codes = {one.id: one.name for one in coding.snapshot.codes}
    coders = {one.id: one.name or one.id for one in coding.snapshot.coders}
    for one, other in disagreements(coding):
        yield Line(
            f"{coders.get(one.coder, one.coder)} gave “{codes.get(one.code, one.code)}” to “{_short(one.quote)}”; "
            f"{coders.get(other, other)} did not.",
            f"{one.document}, coding panel, tab Compare",
        )


def _conflicts(study: Study) -> Iterable[Line]:
    coding = study.coding
    if coding is None or not hasattr(coding, "conflicts"):
        return
    for row in coding.conflicts.to_dict("records"):
        yield Line(str(row["sentence"]), f"conflict {row['conflict']}, coding panel, tab Compare")


def _orphans(study: Study) -> Iterable[Line]:
    coding = study.coding
    if coding is None:
        return
    for document in coding.snapshot.documents:
        try:
            text = coding.text(document.id)
        except (ValueError, KeyError, OSError):
            yield Line(f"The text of {document.id} cannot be read, though it was coded.", "documents.csv")
            continue
        if document.sha256 and hashlib.sha256(text.encode()).hexdigest() != document.sha256.lower():
            yield Line(
                f"The text of {document.id} was changed since it was coded, and its extracts were not carried over.",
                f"{document.id}, coding panel, Documents",
            )
    for one in coding.snapshot.extracts:
        if not one.placed:
            yield Line(
                f"The passage “{_short(one.quote)}” was not found again in the corrected {one.document}.",
                f"{one.document}, extract {one.id}, coding panel",
            )


# --- theory ---------------------------------------------------------------------------------------------------------


def _gaps(study: Study) -> Iterable[Line]:
    from cop_analysis.realist import gaps

    if study.coding is None:
        return
    table = gaps(study).table
    for row in [] if table.empty else table.to_dict("records"):
        whom = f" Whom: {_short(str(row['whom']), 200)}." if str(row["whom"]).strip() else ""
        what = f"{row['label']}: {row['gap']} ({_short(str(row['found'])).rstrip('.')})."
        yield Line(
            f"{what} Ask: {_short(str(row['ask']), 300)}{whom}",
            f"{row['configuration']}, coding panel, tab Configurations",
        )


def _questions(study: Study) -> Iterable[Line]:
    coding = study.coding
    for one in () if coding is None else coding.snapshot.questions:
        if not one.documents:
            whom = f" of {_short(one.whom)}" if one.whom.strip() else ""
            yield Line(
                f"To be asked{whom}: “{_short(one.wording, 300)}”",
                f"{', '.join(one.configurations) or one.id}, coding panel, tab Configurations",
            )


# --- numbers and plan -----------------------------------------------------------------------------------------------


def _contradictions(study: Study) -> Iterable[Line]:
    from cop_analysis.sessions import series
    from cop_analysis.sessions.pages.stated import NumberAudit
    from cop_analysis.sessions.pages.stated_words import stated_words, where_words

    audit = series(study).stated_figures()
    findings = audit.findings if isinstance(audit, NumberAudit) else ()
    for number, (stated, finding) in enumerate(zip(study.unrestricted().stated, findings, strict=False), start=1):
        if finding.is_another_number:
            where = f" ({where_words(stated)})" if where_words(stated) else ""
            why = f" {_short(finding.explanation, 300)}." if finding.explanation.strip() else ""
            yield Line(
                f"{stated.what}{where}: the source states {stated_words(stated)}, the rows give "
                f"{_number(finding.recomputed)}.{why}",
                f"study.toml, stated total {number}, or the rows",
            )


def _number(value: Any) -> str:
    return f"{value:,.10g}" if isinstance(value, int | float) else str(value)


def _deviations(study: Study, today: datetime.date) -> Iterable[Line]:
    """List where the study went another way than its plan: the analysis, the meetings, the outputs."""
    plan = study.config.plan
    survey = study.unrestricted().survey
    if plan is not None:
        waves = {wave.key: wave for wave in study.waves}
        last = waves.get(plan.after)
        if plan.dated is not None and last is not None and last.date is not None and plan.dated >= last.date:
            yield Line(
                f"The plan is dated {plan.dated}, not before the answers of {last.name} ({last.date}): the "
                "analysis cannot be called planned beforehand.",
                "study.toml, [plan] dated",
            )
        if survey is not None:
            rows = survey if not plan.instrument else survey[survey["instrument"] == plan.instrument]
            for name in ("before", "after"):
                wave = getattr(plan, name)
                if wave and not (rows["wave"] == wave).any():
                    yield Line(
                        f"The plan compares with the wave {wave}, in which survey.csv has no answer"
                        f"{f' to {plan.instrument}' if plan.instrument else ''}.",
                        f"survey.csv, or study.toml, [plan] {name}",
                    )
            items = {item.key for instrument in study.instruments for item in instrument.items}
            if plan.primary in items and not (rows["item"] == plan.primary).any():
                yield Line(
                    f"The plan names {visible(plan.primary)} first of all, and survey.csv has no answer to it.",
                    "survey.csv, or study.toml, [plan] primary",
                )
        elif plan.instrument or plan.before:
            yield Line("An analysis of answers is planned, and there are none.", "survey.csv, or study.toml, [plan]")
    yield from _meetings(study, today)
    outputs = study.unrestricted().outputs
    if outputs is not None and {"planned_date", "status"} <= set(outputs.columns):
        for row in outputs.to_dict("records"):
            due = row["planned_date"]
            open_still = str(row["status"]) not in ("done", "dropped")
            if open_still and due == due and due is not None and due.date() < today:
                yield Line(
                    f"“{_short(str(row['title']))}” was due on {due.date()} and is not done.",
                    f"outputs.csv, {row['output']}",
                )
            elif str(row["status"]) == "dropped":
                yield Line(f"“{_short(str(row['title']))}” was planned and dropped.", f"outputs.csv, {row['output']}")


def _meetings(study: Study, today: datetime.date) -> Iterable[Line]:
    planned = study.config.schedule.planned
    events = study.unrestricted().events
    if not planned or events is None:
        return
    held = events if "status" not in events else events[events["status"].astype("object").fillna("held") == "held"]
    days = {day.date() for day in held["date"].dropna()}
    missed = sorted(day for day in planned if day <= today and day not in days)
    for day in missed:
        yield Line(
            f"A meeting was planned for {day}, and none was held that day.",
            "events.csv, or study.toml, [schedule] planned",
        )


def _kinds(today: datetime.date) -> tuple[_Kind, ...]:
    return (
        _Kind(
            "disagreements",
            "Coders who disagree",
            "No disagreement between coders waits.",
            "Open the coding, tab Compare (key 4): settle each with its reason.",
            _disagreements,
        ),
        _Kind(
            "conflicts",
            "Conflicts a merge left",
            "No conflict of a merge waits.",
            "Open the coding, tab Compare (key 4): choose what stands.",
            _conflicts,
        ),
        _Kind(
            "orphans",
            "Passages that lost their place",
            "Every coded passage stands where it was coded.",
            "Open the coding: put the old text back, or code the passage again.",
            _orphans,
        ),
        _Kind(
            "gaps",
            "Gaps in the configurations",
            "No configuration has a gap.",
            "Open the coding, tab Configurations (key 3): link evidence, or note what to ask whom.",
            _gaps,
        ),
        _Kind(
            "questions",
            "Questions not asked yet",
            "No question waits to be asked.",
            "Ask them; then say in which document they were asked.",
            _questions,
        ),
        _Kind(
            "numbers",
            "Stated totals the rows contradict",
            "No stated total is contradicted by the rows.",
            "In study.toml, [[stated]], or in the rows named; a difference may stand, if it is explained.",
            _contradictions,
        ),
        _Kind(
            "plan",
            "Departures from the plan",
            "No departure from the plan is seen.",
            "In the file named; what was decided and why belongs into changes.csv.",
            lambda study: _deviations(study, today),
        ),
    )
