"""What a study holds, told to a reader before any analysis: contents, members, documents, outputs, changes, notices."""

from __future__ import annotations

import pandas as pd

from cop_analysis.results import Result, absent, count_of
from cop_analysis.results import columns as held
from cop_analysis.study.consent import aliases, unnamed
from cop_analysis.study.contracts import CONTRACTS
from cop_analysis.study.faults import gather
from cop_analysis.study.periods import Period, written_day
from cop_analysis.study.study import Study

_DATE_COLUMNS = {
    "events": ("date",),
    "documents": ("date",),
    "changes": ("date",),
    "outputs": ("planned_date", "done_date"),
    "people": ("joined", "left"),
}
_RESTRICTED = ("events", "attendance", "ratings", "outputs", "changes")


def heading(study: Study) -> Result:
    """Say what the study is, where its data come from, and which period is shown.

    Examples
    --------
    >>> study = Study.from_tables({"key": "forum", "title": "The forum", "provenance": "simulated"})
    >>> heading(study).sentence
    'The forum. Simulated data: no number here is a finding about a real programme.'
    """
    parts = [f"{study.title.rstrip('.')}.", study.provenance_statement]
    if study.period is not None:
        parts.append(f"Period: {study.period.words}.")
    return Result(key="heading", title=study.title, sentence=" ".join(parts), sources=("study.toml",))


def describe(study: Study) -> Result:
    """Answer: what is this programme, what was asked about it, and what must a reader know first?

    Returns
    -------
    Result
        A table of aspect and description, with the study's own caveats.

    Examples
    --------
    >>> study = Study.from_tables({"key": "forum", "title": "The forum", "provenance": "collected",
    ...                            "summary": "A forum for prescribers."})
    >>> describe(study).sentence
    'A forum for prescribers.'
    """
    config = study.config
    rows = [
        ("programme", study.title),
        ("what it is for", config.summary),
        ("questions", " ".join(config.questions)),
        ("where the data come from", study.provenance_statement),
        ("who could be in the network", config.boundary),
        ("meets", _schedule(study)),
        ("asked at", ", ".join(_dated(wave.name, wave.date) for wave in study.waves)),
        (
            "questionnaires",
            ", ".join(f"{each.name} ({count_of(len(each.items), 'item')})" for each in study.instruments),
        ),
        ("rated after events", ", ".join(item.name for item in study.rating_items)),
        ("ties asked about", ", ".join(relation.name for relation in config.relations)),
        ("planned analysis", _plan(study)),
        ("period shown", "the whole study" if study.period is None else study.period.words),
    ]
    table = pd.DataFrame([row for row in rows if row[1]], columns=["aspect", "description"])
    return Result(
        key="what-this-study-is",
        title="What this study is",
        sentence=config.summary or f"{study.title} has no summary in study.toml yet.",
        table=table,
        columns={"aspect": held.text(), "description": held.text(of="people")},
        caveats=tuple(config.caveats),
        sources=("study.toml",),
    )


def _schedule(study: Study) -> str:
    schedule = study.config.schedule
    planned = len(schedule.planned)
    if not planned:
        return schedule.interval
    days = f"{planned} planned days from {written_day(min(schedule.planned))} to {written_day(max(schedule.planned))}"
    if planned == 1:
        days = f"planned for {written_day(schedule.planned[0])}"
    return f"{schedule.interval}: {days}" if schedule.interval else days


def _plan(study: Study) -> str:
    plan = study.config.plan
    if plan is None:
        return ""
    parts = []
    if plan.before and plan.after:
        parts.append(f"{plan.instrument or 'each questionnaire'} from {plan.before} to {plan.after}")
    if plan.primary:
        parts.append(f"first of all: {plan.primary.rstrip('. ')}")
    if plan.direction:
        parts.append("no direction expected" if plan.direction == "either" else f"{plan.direction} expected")
    parts.append(f"written down on {written_day(plan.dated)}" if plan.dated else "not dated")
    return ", ".join(parts)


def _dated(name: str, day: object) -> str:
    import datetime

    return f"{name} ({written_day(day)})" if isinstance(day, datetime.date) else name


def contents(study: Study) -> Result:
    """Answer: which tables does the study have, how many rows, and from when to when?

    Examples
    --------
    >>> study = Study.from_tables({"key": "forum", "title": "The forum", "provenance": "collected"},
    ...                           people=pd.DataFrame({"person": ["P01", "P02"]}))
    >>> contents(study).sentence
    'The study has 1 of the 12 tables a study may have: people (2 rows).'
    """
    rows = []
    for name, contract in CONTRACTS.items():
        frame = study.table(name)
        first, last = _span(name, frame)
        rows.append(
            {
                "table": name,
                "holds": contract.holds,
                "rows": 0 if frame is None else len(frame),
                "first_date": first,
                "last_date": last,
            }
        )
    table = pd.DataFrame(rows)
    there = table[table["rows"] > 0]
    listed = ", ".join(
        f"{name} ({count_of(rows, 'row')})" for name, rows in zip(there["table"], there["rows"], strict=True)
    )
    sentence = f"The study has {len(there)} of the {len(CONTRACTS)} tables a study may have"
    return Result(
        key="contents-of-the-study",
        title="Tables of the study",
        sentence=f"{sentence}: {listed}." if listed else f"{sentence}.",
        table=table,
        columns={
            "table": held.name(),
            "holds": held.text(),
            "rows": held.count("rows"),
            "first_date": held.date("first date"),
            "last_date": held.date("last date"),
        },
        caveats=_period_caveat(study.period, [name for name in _RESTRICTED if study.has(name)]),
        sources=tuple(CONTRACTS[name].file for name in there["table"]),
    )


def _span(name: str, frame: pd.DataFrame | None) -> tuple[pd.Timestamp | None, pd.Timestamp | None]:
    if frame is None or name not in _DATE_COLUMNS:
        return None, None
    days = pd.concat([frame[column] for column in _DATE_COLUMNS[name]]).dropna()
    return (None, None) if days.empty else (days.min(), days.max())


def _period_caveat(period: Period | None, restricted: list[str]) -> tuple[str, ...]:
    if period is None:
        return ()
    shown = ", ".join(restricted) or "none of its tables"
    return (
        f"Restricted to {period.words}: {shown}. "
        "People, surveys, ties, rosters and documents belong to the whole study.",
    )


def members(study: Study) -> Result:
    """Answer: who is in the community, by organisation and role?

    Returns
    -------
    Result
        One row for each organisation and role with the number of people.

    Examples
    --------
    >>> study = Study.from_tables({"key": "forum", "title": "The forum", "provenance": "collected"},
    ...     people=pd.DataFrame({"person": ["P1", "P2", "P3"], "organisation": ["A", "A", "B"], "role": ["nurse"] * 3}),
    ...     organisations=pd.DataFrame({"organisation": ["A", "B"], "name": ["Hospice A", "Trust B"]}))
    >>> members(study).sentence
    '3 people in 2 organisations; the most, 2, are in Hospice A.'
    """
    people = study.people
    title = "Members by organisation and role"
    if people is None:
        return absent("members", title, "people", "who the members are")
    organisations = study.organisations
    names = (
        {} if organisations is None else dict(zip(organisations["organisation"], organisations["name"], strict=True))
    )
    sectors = (
        {} if organisations is None else dict(zip(organisations["organisation"], organisations["sector"], strict=True))
    )
    codes = people["organisation"].astype(object)
    shown = pd.DataFrame(
        {
            "organisation": codes.map(lambda code: names.get(code, code)).where(codes.notna(), "not recorded"),
            "sector": codes.map(sectors).astype(object),
            "role": people["role"].astype(object).where(people["role"].notna(), "not recorded"),
        }
    )
    shown["sector"] = shown["sector"].where(shown["sector"].notna(), "not recorded")
    table = shown.groupby(["organisation", "sector", "role"], sort=True).size().rename("people").reset_index()
    if organisations is None or organisations["sector"].isna().all():
        table = table.drop(columns="sector")
    sizes = shown.loc[codes.notna(), "organisation"].value_counts(sort=False)
    sentence = count_of(len(people), "person", "people")
    if len(sizes):
        most = int(sizes.max())
        largest = sorted(sizes.index[sizes == most])
        in_words = f"{len(sizes)} organisation{'s' if len(sizes) > 1 else ''}"
        sentence += f" in {in_words}"
        if len(sizes) > 1:
            verb = "is" if most == 1 else "are"
            sentence += f"; the most, {most}, {verb} in {' and in '.join(largest[:3])}" if len(largest) < 4 else ""
    caveats = []
    if study.consent_statement:
        caveats.append(study.consent_statement)
    unplaced = int(codes.isna().sum())
    if unplaced:
        caveats.append(f"{count_of(unplaced, 'person', 'people')} with no organisation recorded.")
    left = int(people["left"].notna().sum())
    if left:
        caveats.append(f"{count_of(left, 'person', 'people')} counted here left the community during the study.")
    if study.period is not None:
        caveats.append("Members are counted over the whole study, not only in the period shown.")
    sources = ("people.csv",) if organisations is None else ("people.csv", "organisations.csv")
    return Result(key="members", title=title, sentence=f"{sentence}.", table=table, caveats=tuple(caveats),
                  sources=sources)  # fmt: skip


def programme_changes(study: Study) -> Result:
    """Answer: what was changed in the programme while it ran, when and why?

    Examples
    --------
    >>> study = Study.from_tables({"key": "forum", "title": "The forum", "provenance": "collected"},
    ...     changes=pd.DataFrame({"change": ["C1"], "date": ["2024-04-01"], "what": ["Moved to lunchtime"]}))
    >>> programme_changes(study).sentence
    'The programme was changed once: on 1 April 2024.'
    """
    title = "Changes to the programme"
    changes = study.changes
    if changes is None:
        return _nothing(study, "programme-changes", title, "changes", "what was changed in the programme")
    table = changes.sort_values("date", kind="stable")[["date", "what", "why", "event"]].reset_index(drop=True)
    table = table.assign(what=study.without_withheld(table["what"]), why=study.without_withheld(table["why"]))
    first, last = table["date"].iloc[0], table["date"].iloc[-1]
    if len(table) == 1:
        sentence = f"The programme was changed once: on {written_day(first)}."
    else:
        sentence = f"The programme was changed {_times(len(table))}, from {written_day(first)} to {written_day(last)}."
    return Result(key="programme-changes", title=title, sentence=sentence, table=table, sources=("changes.csv",),
                  columns={"what": held.text(), "why": held.text()})  # fmt: skip


def _times(number: int) -> str:
    return "twice" if number == 2 else f"{number} times"


def _nothing(study: Study, key: str, title: str, table: str, needed_for: str) -> Result:
    """Tell a table that is absent from one that has nothing in the period."""
    if study.is_empty_in_period(table) and study.period is not None:
        return Result(key=key, title=title, sentence=f"{table}.csv has no row in {study.period.words}.")
    return absent(key, title, table, needed_for)


def planned_outputs(study: Study) -> Result:
    """Answer: of what the programme set out to produce, what was done, and by when?

    Returns
    -------
    Result
        One row an output, with the days it was late (negative when early) where both days are known.

    Examples
    --------
    >>> study = Study.from_tables({"key": "forum", "title": "The forum", "provenance": "collected"},
    ...     outputs=pd.DataFrame({"output": ["O1", "O2"], "title": ["Handbook", "Poster"],
    ...                           "planned_date": ["2024-09-01", None], "done_date": ["2024-09-11", None]}))
    >>> planned_outputs(study).sentence
    '1 of 2 outputs is done; 1 is still planned.'
    """
    title = "Outputs, planned and done"
    outputs = study.outputs
    if outputs is None:
        return _nothing(study, "planned-outputs", title, "outputs", "what was planned and delivered")
    status = outputs["status"].astype(object).where(outputs["status"].notna(), None)
    implied = outputs["done_date"].notna().map({True: "done", False: "planned"})
    status = status.where(status.notna(), implied)
    table = pd.DataFrame(
        {
            "title": study.without_withheld(outputs["title"]),
            "status": status,
            "planned_date": outputs["planned_date"],
            "done_date": outputs["done_date"],
            "days_late": (outputs["done_date"] - outputs["planned_date"]).dt.days.astype("Int64"),
        }
    ).reset_index(drop=True)
    done, planned, dropped = (int((status == word).sum()) for word in ("done", "planned", "dropped"))
    sentence = f"{done} of {count_of(len(outputs), 'output')} {'is' if done == 1 else 'are'} done"
    if planned:
        sentence += f"; {planned} {'is' if planned == 1 else 'are'} still planned"
    if dropped:
        sentence += f"; {dropped} {'was' if dropped == 1 else 'were'} dropped"
    late = int((table["days_late"] > 0).sum())
    caveats = []
    if late:
        caveats.append(f"{late} of the outputs done came after the planned day.")
    undated = int((outputs["planned_date"].isna() & outputs["done_date"].isna()).sum())
    if undated:
        caveats.append(f"{count_of(undated, 'output')} without any date can belong to no period.")
    if study.period is not None:
        caveats.append(f"Only outputs due or done in {study.period.words} are listed.")
    return Result(
        key="planned-outputs",
        title=title,
        sentence=f"{sentence}.",
        table=table,
        columns={
            "status": held.text(),
            "planned_date": held.date("planned for"),
            "done_date": held.date("done on"),
            "days_late": held.count("days", "days late"),
        },
        caveats=tuple(caveats),
        sources=("outputs.csv",),
    )


def document_register(study: Study) -> Result:
    """Answer: which texts does the evaluation rest on, of what kind, with how many words?

    Returns
    -------
    Result
        One row a document; words are runs of characters between blanks, and empty where the file cannot be read.

    Examples
    --------
    >>> study = Study.from_tables({"key": "forum", "title": "The forum", "provenance": "collected"})
    >>> document_register(study).sentence
    'This study has no documents table (documents.csv), so the texts it rests on cannot be shown.'
    """
    title = "Documents"
    documents = study.documents
    if documents is None:
        return absent("documents", title, "documents", "the texts it rests on")
    words = [_words(study, document) for document in documents["document"]]
    speakers = (
        documents["people"]
        .astype(object)
        .map(lambda named: len({part.strip() for part in named.split(";")} - {""}) if isinstance(named, str) else pd.NA)
    )
    table = pd.DataFrame(
        {
            "document": documents["document"],
            "title": study.without_withheld(documents["title"]),
            "kind": documents["kind"],
            "date": documents["date"],
            "setting": study.without_withheld(documents["setting"]),
            "people": speakers.astype("Int64"),
            "words": pd.array(words, dtype="Int64"),
        }
    ).reset_index(drop=True)
    kinds = documents["kind"].astype(object).where(documents["kind"].notna(), "text of no stated kind").value_counts()
    listed = ", ".join(
        f"{number} {kind}{'' if number == 1 or kind.endswith('s') else 's'}"
        for kind, number in zip(kinds.index.astype(str), kinds.tolist(), strict=True)
    )
    sentence = f"{count_of(len(table), 'document')} ({listed})"
    counted = [count for count in words if count is not None]
    if counted:
        sentence += f", {sum(counted):,} words in all"
    caveats = []
    if len(counted) < len(words):
        caveats.append(f"The text of {count_of(len(words) - len(counted), 'document')} could not be read.")
    if study.period is not None:
        caveats.append("Documents belong to the whole study, not only to the period shown.")
    return Result(key="documents", title=title, sentence=f"{sentence}.", table=table, caveats=tuple(caveats),
                  sources=("documents.csv",), columns={"setting": held.text()})  # fmt: skip


def _words(study: Study, document: str) -> int | None:
    try:
        return len(study.read_document(document).split())
    except ValueError:
        return None


def notices(study: Study) -> Result:
    """Answer: what about the study's files should a reader know that did not keep it from being opened?

    Examples
    --------
    >>> study = Study.from_tables({"key": "forum", "title": "The forum", "provenance": "collected"})
    >>> notices(study).sentence
    'The check of the files found nothing to remark on.'
    """
    groups = gather(study.notices)
    rows: list[tuple[str, int | None, str, str]] = []
    for group in groups:
        rows += [(one.file, one.row, one.column, one.sentence) for one in group.shown]
        if group.count > len(group.shown):
            first = group.shown[0]
            more = f"and {group.count - len(group.shown):,} more of this kind"
            rows.append((first.file, None, first.column, more))
    table = pd.DataFrame(rows, columns=["file", "row", "column", "notice"])
    if not groups:
        sentence = "The check of the files found nothing to remark on."
    else:
        total = sum(group.count for group in groups)
        sentence = f"The check of the files found no fault and {count_of(total, 'thing')} to know."
    # A notice leads to a row; who withdrew is named by the files themselves and by `cop check`, not by a page.
    names = aliases({} if study.people is None else {"people": study.people})
    table["notice"] = [unnamed(notice, names) for notice in table["notice"]]
    table["row"] = table["row"].astype("Int64")
    return Result(
        key="notices",
        title="What the check of the files noticed",
        sentence=sentence,
        table=table,
        columns={"file": held.name(), "row": held.setting(), "column": held.name(), "notice": held.text()},
        sources=tuple(dict.fromkeys(group.shown[0].file for group in groups)),
        method="Each table was read as text and validated against its contract before any number was computed.",
    )
