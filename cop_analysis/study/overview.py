"""What a study holds, told to a reader before any analysis: contents, members, documents, outputs, changes, notices."""

from __future__ import annotations

import pandas as pd

from cop_analysis.results import Result, count_of
from cop_analysis.results import columns as held
from cop_analysis.results.pages import OpenedStudy, Opening, from_files, page
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


def about(study: Study) -> Overview:
    """Open what a study tells of itself, one method a heading of page 01.

    Examples
    --------
    >>> study = Study.from_tables({"key": "forum", "title": "The forum", "provenance": "collected"})
    >>> about(study).notices().sentence
    'The check of the files found nothing to remark on.'
    """
    return Overview(study)


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


class Overview(OpenedStudy):
    """What a study holds; each method is a heading of page 01 and gives its `Result`.

    Parameters
    ----------
    study : Study
    """

    study: Study

    @page(
        "what-this-study-is",
        "What this study is",
        sources=("study.toml",),
        columns={"aspect": held.text(), "description": held.text(of="people")},
    )
    def describe(self, opening: Opening) -> Result:
        """Answer: what is this programme, what was asked about it, and what must a reader know first?

        Returns
        -------
        Result
            A table of aspect and description, with the study's own caveats.

        Examples
        --------
        >>> study = Study.from_tables({"key": "forum", "title": "The forum", "provenance": "collected",
        ...                            "summary": "A forum for prescribers."})
        >>> about(study).describe().sentence
        'A forum for prescribers.'
        """
        study, config = self.study, self.study.config
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
            **opening,
            sentence=config.summary or f"{study.title} has no summary in study.toml yet.",
            table=table,
            caveats=tuple(config.caveats),
        )

    @page(
        "members",
        "Members by organisation and role",
        needs=("people",),
        needed_for="who the members are",
        shows="groups",
    )
    def members(self, opening: Opening) -> Result:
        """Answer: who is in the community, by organisation and role?

        Returns
        -------
        Result
            One row for each organisation and role with the number of people.

        Examples
        --------
        >>> study = Study.from_tables({"key": "forum", "title": "The forum", "provenance": "collected"},
        ...     people=pd.DataFrame(
        ...         {"person": ["P1", "P2", "P3"], "organisation": ["A", "A", "B"], "role": ["nurse"] * 3}),
        ...     organisations=pd.DataFrame({"organisation": ["A", "B"], "name": ["Hospice A", "Trust B"]}))
        >>> about(study).members().sentence
        '3 people in 2 organisations; the most, 2, are in Hospice A.'
        """
        study, people = self.study, self.study.people
        assert people is not None
        organisations = study.organisations
        listed = pd.DataFrame() if organisations is None else organisations.set_index("organisation")
        names = dict(listed.get("name", pd.Series(dtype=object)))
        sectors = dict(listed.get("sector", pd.Series(dtype=object)))
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
        unplaced, left = int(codes.isna().sum()), int(people["left"].notna().sum())
        gone = f"{count_of(left, 'person', 'people')} counted here left the community during the study."
        whole = "Members are counted over the whole study, not only in the period shown."
        caveats = {
            study.consent_statement: bool(study.consent_statement),
            f"{count_of(unplaced, 'person', 'people')} with no organisation recorded.": unplaced > 0,
            gone: left > 0,
            whole: study.period is not None,
        }
        return Result(
            **from_files(opening, "people.csv", *(("organisations.csv",) if organisations is not None else ())),
            sentence=_members_words(len(people), shown.loc[codes.notna(), "organisation"].value_counts(sort=False)),
            table=table,
            caveats=tuple(words for words, is_so in caveats.items() if is_so),
        )

    @page(
        "contents-of-the-study",
        "Tables of the study",
        columns={
            "table": held.name(),
            "holds": held.text(),
            "rows": held.count("rows"),
            "first_date": held.date("first date"),
            "last_date": held.date("last date"),
        },
    )
    def contents(self, opening: Opening) -> Result:
        """Answer: which tables does the study have, how many rows, and from when to when?

        Examples
        --------
        >>> study = Study.from_tables({"key": "forum", "title": "The forum", "provenance": "collected"},
        ...                           people=pd.DataFrame({"person": ["P01", "P02"]}))
        >>> about(study).contents().sentence
        'The study has 1 of the 12 tables a study may have: people (2 rows).'
        """
        rows = []
        for name, contract in CONTRACTS.items():
            frame = self.study.table(name)
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
        restricted = [name for name in _RESTRICTED if self.study.has(name)]
        return Result(
            **from_files(opening, *(CONTRACTS[name].file for name in there["table"])),
            sentence=f"{sentence}: {listed}." if listed else f"{sentence}.",
            table=table,
            caveats=_period_caveat(self.study.period, restricted),
        )

    @page(
        "documents",
        "Documents",
        needs=("documents",),
        needed_for="the texts it rests on",
        columns={"setting": held.text()},
    )
    def documents(self, opening: Opening) -> Result:
        """Answer: which texts does the evaluation rest on, of what kind, with how many words?

        Returns
        -------
        Result
            One row a document; words are runs of characters between blanks, and empty where the file cannot be read.

        Examples
        --------
        >>> study = Study.from_tables({"key": "forum", "title": "The forum", "provenance": "collected"})
        >>> about(study).documents().sentence
        'This study has no documents table (documents.csv), so the texts it rests on cannot be shown.'
        """
        study, documents = self.study, self.study.documents
        assert documents is not None
        words = [_words(study, document) for document in documents["document"]]
        speakers = (
            documents["people"]
            .astype(object)
            .map(
                lambda named: (
                    len({part.strip() for part in named.split(";")} - {""}) if isinstance(named, str) else pd.NA
                )
            )
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
        counted = [count for count in words if count is not None]
        unread = len(words) - len(counted)
        caveats = {
            f"The text of {count_of(unread, 'document')} could not be read.": unread > 0,
            "Documents belong to the whole study, not only to the period shown.": study.period is not None,
        }
        return Result(
            **opening,
            sentence=_documents_words(documents["kind"], sum(counted) if counted else None),
            table=table,
            caveats=tuple(words for words, is_so in caveats.items() if is_so),
        )

    @page(
        "programme-changes",
        "Changes to the programme",
        needs=("changes",),
        needed_for="what was changed in the programme",
        columns={"what": held.text(), "why": held.text()},
    )
    def changes(self, opening: Opening) -> Result:
        """Answer: what was changed in the programme while it ran, when and why?

        Examples
        --------
        >>> study = Study.from_tables({"key": "forum", "title": "The forum", "provenance": "collected"},
        ...     changes=pd.DataFrame({"change": ["C1"], "date": ["2024-04-01"], "what": ["Moved to lunchtime"]}))
        >>> about(study).changes().sentence
        'The programme was changed once: on 1 April 2024.'
        """
        study, changes = self.study, self.study.changes
        assert changes is not None
        table = changes.sort_values("date", kind="stable")[["date", "what", "why", "event"]].reset_index(drop=True)
        table = table.assign(what=study.without_withheld(table["what"]), why=study.without_withheld(table["why"]))
        first, last = table["date"].iloc[0], table["date"].iloc[-1]
        if len(table) == 1:
            sentence = f"The programme was changed once: on {written_day(first)}."
        else:
            sentence = (
                f"The programme was changed {_times(len(table))}, from {written_day(first)} to {written_day(last)}."
            )
        return Result(**opening, sentence=sentence, table=table)

    @page(
        "planned-outputs",
        "Outputs, planned and done",
        needs=("outputs",),
        needed_for="what was planned and delivered",
        columns={
            "status": held.text(),
            "planned_date": held.date("planned for"),
            "done_date": held.date("done on"),
            "days_late": held.count("days", "days late"),
        },
    )
    def outputs(self, opening: Opening) -> Result:
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
        >>> about(study).outputs().sentence
        '1 of 2 outputs is done; 1 is still planned.'
        """
        study, outputs = self.study, self.study.outputs
        assert outputs is not None
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
        late = int((table["days_late"] > 0).sum())
        undated = int((outputs["planned_date"].isna() & outputs["done_date"].isna()).sum())
        within = "" if study.period is None else study.period.words
        caveats = {
            f"{late} of the outputs done came after the planned day.": late > 0,
            f"{count_of(undated, 'output')} without any date can belong to no period.": undated > 0,
            f"Only outputs due or done in {within} are listed.": bool(within),
        }
        return Result(
            **opening,
            sentence=_outputs_words(len(outputs), done, planned, dropped),
            table=table,
            caveats=tuple(words for words, is_so in caveats.items() if is_so),
        )

    @page(
        "notices",
        "What the check of the files noticed",
        columns={"file": held.name(), "row": held.setting(), "column": held.name(), "notice": held.text()},
    )
    def notices(self, opening: Opening) -> Result:
        """Answer: what about the study's files should a reader know that did not keep it from being opened?

        Examples
        --------
        >>> study = Study.from_tables({"key": "forum", "title": "The forum", "provenance": "collected"})
        >>> about(study).notices().sentence
        'The check of the files found nothing to remark on.'
        """
        study = self.study
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
            **from_files(opening, *dict.fromkeys(group.shown[0].file for group in groups)),
            sentence=sentence,
            table=table,
            method="Each table was read as text and validated against its contract before any number was computed.",
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


def _times(number: int) -> str:
    return "twice" if number == 2 else f"{number} times"


def _words(study: Study, document: str) -> int | None:
    try:
        return len(study.read_document(document).split())
    except ValueError:
        return None


# --- words ------------------------------------------------------------------------------------------------------------


def _members_words(people: int, sizes: pd.Series) -> str:
    """Say how many people there are, in how many organisations, and in which the most."""
    sentence = count_of(people, "person", "people")
    if not len(sizes):
        return f"{sentence}."
    most = int(sizes.max())
    largest = sorted(sizes.index[sizes == most])
    sentence += f" in {count_of(len(sizes), 'organisation')}"
    if len(sizes) > 1 and len(largest) < 4:
        sentence += f"; the most, {most}, {'is' if most == 1 else 'are'} in {' and in '.join(largest)}"
    return f"{sentence}."


def _documents_words(kinds: pd.Series, words: int | None) -> str:
    """Say how many documents there are, of which kinds, with how many words."""
    named = kinds.astype(object).where(kinds.notna(), "text of no stated kind").value_counts()
    listed = ", ".join(
        f"{number} {kind}{'' if number == 1 or kind.endswith('s') else 's'}"
        for kind, number in zip(named.index.astype(str), named.tolist(), strict=True)
    )
    in_all = "" if words is None else f", {words:,} words in all"
    return f"{count_of(len(kinds), 'document')} ({listed}){in_all}."


def _outputs_words(outputs: int, done: int, planned: int, dropped: int) -> str:
    """Say how many outputs are done, still planned and dropped."""
    sentence = f"{done} of {count_of(outputs, 'output')} {'is' if done == 1 else 'are'} done"
    if planned:
        sentence += f"; {planned} {'is' if planned == 1 else 'are'} still planned"
    if dropped:
        sentence += f"; {dropped} {'was' if dropped == 1 else 'were'} dropped"
    return f"{sentence}."
