"""Who could have met whom at the sessions: who attended, which people and organisations, and more than by chance."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd

from cop_analysis.network.methods.networks import ORGANISATION
from cop_analysis.network.methods.projections import (
    Projection,
    ValidatedProjection,
    people_at_events,
    project,
    validated_projection,
)
from cop_analysis.network.pages import columns, words
from cop_analysis.network.pages.relation import NamedResult, OpenedNetworks, of_named, unnamed_people
from cop_analysis.network.pictures.attendance import (
    PEOPLE_AT_MOST,
    Attendance,
    Row,
    draw_attendance,
)
from cop_analysis.network.pictures.islands import NOT_GIVEN
from cop_analysis.results import Result, format_share
from cop_analysis.results.pages import Opening, page
from cop_analysis.results.values import is_missing

_DRAWN_UP_TO, _PEOPLE_UP_TO = 400, 1_500
"""People up to which random attendances are drawn on a page, and up to which every pair of people is looked at."""

_PAIRS_AT_MOST = 500
_AT_ONCE = 512
_CELLS_AT_MOST = 50_000_000
_P_LABELS = {
    "hypergeometric": "p given attendance",
    "session_size": "p given attendance and size",
    "fixed_degree": "p by random attendances",
}


class Sessions(OpenedNetworks):
    """The headings on meetings at the sessions; they rest on attendance and on no tie."""

    @page(
        "attendance-picture",
        "Who attended which session",
        needs=("attendance",),
        needed_for="who attended which session",
        shows="people in part",
        ending="of_level",
        columns=columns.ATTENDANCE,
    )
    def attendance_picture(self, opening: Opening) -> Result:
        """Show who attended which session: a row a person by organisation, a column a session by date.

        Attendance is that of the study's period.

        Returns
        -------
        Result
            One row a person who attended: ``person, organisation, sessions, share_of_sessions``, or, where attendance
            holds head counts only, a row a session: ``event, date, attended``, with ``organisation`` where the counts
            name one. Above 120 people, and for head counts, the picture has a row an organisation.

        Notes
        -----
        The two-mode chart of Davis, Gardner & Gardner 1941 (Deep South), people by events.
        """
        seen = self._attendance
        used = ("attendance", "events", "people", *(() if self.by == ORGANISATION else ("organisations",)))
        opening["sources"] = tuple(f"{table}.csv" for table in used if getattr(self.study, table) is not None)
        if not seen.people:
            return self._head_counts(opening, seen)
        if self.study.audience != "internal":
            return Result(key=opening["key"], title=opening["title"], sentence=words.FOR_THE_TEAM)
        by_person = len(seen.people) <= PEOPLE_AT_MOST
        rows = seen.person_rows() if by_person else seen.organisation_rows()
        often = sum(len(sessions) > 1 for sessions in seen.people.values())
        busiest = max(seen.events, key=lambda event: len(seen.attenders(event)))
        sentence = words.attended(
            len(seen.people), len(seen.events), often, seen.label(busiest), len(seen.attenders(busiest))
        )
        table = pd.DataFrame(
            [
                (str(person), str(seen.home[person]), len(sessions), len(sessions) / len(seen.events))
                for person, sessions in seen.people.items()
            ],
            columns=["person", self.by, "sessions", "share_of_sessions"],
        ).sort_values(["sessions", "person"], ascending=[False, True], kind="stable", ignore_index=True)
        return NamedResult(
            **opening,
            names=seen.names,
            sentence=sentence,
            table=of_named(table, seen.unnamed),
            labels={"share_of_sessions": "share of sessions"},
            figure=draw_attendance(opening["key"], seen, rows, by_person=by_person, sentence=sentence),
            caveats=(*self._period, *words.attendance_caveats(seen, len(rows), by_person=by_person)),
            method="People by sessions (the two-mode chart of Davis, Gardner & Gardner 1941, Deep South): a mark where "
            f"a person is recorded at a session. Order says nothing beyond {self.by} and date.",
            show_table=len(table) <= 40,
        )

    @property
    def _attendance(self) -> Attendance:
        study = self.study
        rows = study.attendance if study.attendance is not None else pd.DataFrame(columns=["event", "person"])
        labels = unnamed_people(study.people)
        return Attendance.of(
            rows, study.events, study.people, by=self.by, sectors=self.sectors, names=self.names, labels=labels
        )

    @property
    def _period(self) -> tuple[str, ...]:
        return () if self.study.period is None else (words.PERIOD,)

    def _head_counts(self, opening: Opening, seen: Attendance) -> Result:
        """Say what counts without names can say, and what they cannot."""
        opening["title"] = "How many attended which session"
        total = sum(seen.counted.values())
        if not total:
            return Result(**opening, sentence=words.NOBODY_ATTENDED, caveats=self._period)
        busiest = max(seen.events, key=lambda event: seen.counted.get(event, 0))
        placed = [group for group in seen.groups() if group != NOT_GIVEN[self.by]]
        sentence = words.head_counts(
            total, len(seen.events), seen.label(busiest), seen.counted.get(busiest, 0), len(placed), self.by
        )
        rows: Sequence[Row] = seen.organisation_rows() if placed else ()
        table = _counted_by_organisation(seen) if placed else _counted(seen)
        key = opening["key"]
        return NamedResult(
            **opening,
            names=seen.names,
            sentence=sentence,
            table=table,
            figure=draw_attendance(key, seen, rows, by_person=False, sentence=sentence) if placed else None,
            caveats=(*self._period, *words.rows_left_out(len(rows), self.by)),
            method="Head counts added up as they were recorded; one person who came to three sessions is counted three "
            "times.",
            show_table=len(table) <= 40,
        )

    @page(
        "network-meetings",
        "Who met whom at the sessions",
        needs=("attendance",),
        needed_for="who met whom",
        ending="",
        columns=columns.MEETINGS,
    )
    def meeting_network(self, opening: Opening) -> Result:
        """Answer which organisations' people were in the same sessions, and how often.

        Attendance is that of the study's period.

        Returns
        -------
        Result
            One row a pair of organisations, an organisation with itself included: ``one_organisation,
            other_organisation, pairs, pairs_met, share_met, mean_sessions_shared``: pairs of people who attended at
            least one session, those of them who were at one together, and over all pairs the mean number of sessions
            shared.

        Notes
        -----
        The one-mode projection of people by sessions (Breiger 1974, Social Forces 53(2):181-190), without correction
        for the size of a session.
        """
        attendance, people = self.study.attendance, self.study.people
        assert attendance is not None
        found = people_at_events(attendance)
        if not found.names:
            opening["sources"] = ("attendance.csv",)
            return Result(**opening, sentence=words.HEADS_ONLY)
        opening["sources"] = ("attendance.csv", *(() if people is None else ("people.csv",)))
        home = {person: str(place) for person, place in _homes(people).items() if place is not None}
        left_out = sum(name not in home for name in found.names)
        table, met = _by_pair_of_organisations(found, home)
        across = table["one_organisation"] != table["other_organisation"]
        shares = (_share_met(table[across]), _share_met(table[~across])) if table[across]["pairs"].sum() else None
        return NamedResult(
            **opening,
            names=self.names,
            sentence=words.met(len(found.names), met, shares),
            table=table,
            labels={
                "pairs": "pairs of people",
                "pairs_met": "pairs who were at a session together",
                "share_met": "share of pairs",
                "mean_sessions_shared": "mean sessions shared",
            },
            caveats=(
                words.a_chance(words.NOBODY_ASKED),
                *self._period,
                *words.not_used(found.head_counts_left_out, "a person"),
                *words.not_placed(left_out),
            ),
            method="People joined by the sessions both attended (one-mode projection of attendance, Breiger 1974, "
            "Social Forces 53:181-190), not corrected for the size of a session.",
            show_table=len(table) <= 60,
        )

    @page(
        "network-{it.by}-meetings",
        "Which {it.plural} met at the sessions",
        needs=("attendance",),
        needed_for="which {it.plural} met",
        ending="",
        columns=columns.GROUP_MEETINGS,
    )
    def organisation_meetings(self, opening: Opening) -> Result:
        """Answer which organisations (sectors) were at sessions together, and how often.

        Attendance is that of the study's period. An organisation was there where a person of it, or a head count with
        its name, is recorded.

        Returns
        -------
        Result
            One row a pair: ``one, other, sessions_one, sessions_other, together, share_of_sessions,
            weight_size_corrected``.
        """
        presence, opening["sources"], unknown = self._presence
        if presence["person"].nunique() < 2:
            return Result(**opening, sentence=words.fewer_than_two(self.by))
        found = project(presence)
        sessions = int(presence["event"].nunique())
        table = _together(found, project(presence, size_correction=True), sessions)
        per_session = presence.groupby("event")["person"].nunique()
        count = len(found.names)
        return NamedResult(
            **opening,
            names=self.names if self.by == ORGANISATION else {},
            named_columns=("one", "other"),
            sentence=words.organisations_met(
                self.plural, len(table), count * (count - 1) // 2, int((per_session > 1).sum()), sessions
            ),
            table=table,
            labels={
                "together": "sessions together",
                "share_of_sessions": "share of sessions",
                "weight_size_corrected": "sessions together, corrected for size",
            },
            caveats=(
                words.a_chance(f" between {self.plural}"),
                *self._period,
                *words.not_used(unknown, words.a(self.by)),
            ),
            method=f"One-mode projection of {self.plural} by sessions (Breiger 1974, Social Forces 53:181-190). "
            f"Corrected for size: a session with k {self.plural} counts 1 / (k - 1) (Newman 2001, Physical Review E "
            "64:016132).",
            show_table=len(table) <= 60,
        )

    @property
    def _presence(self) -> tuple[pd.DataFrame, tuple[str, ...], int]:
        """Event and organisation (as ``person``, for the projection), the files used, and rows without one."""
        attendance, people = self.study.attendance, self.study.people
        assert attendance is not None
        homes = _homes(people)
        given = (
            attendance["organisation"].tolist() if "organisation" in attendance.columns else [None] * len(attendance)
        )
        places = [
            homes.get(person) if is_missing(place) else place
            for person, place in zip(attendance["person"].tolist(), given, strict=True)
        ]
        if self.by != ORGANISATION:
            places = [None if is_missing(place) else self.sectors.get(place) for place in places]
        known = [not is_missing(place) for place in places]
        there = pd.DataFrame(
            {
                "event": attendance["event"][known],
                "person": pd.Series(places, index=attendance.index, dtype=object)[known],
            }
        ).drop_duplicates()
        files = ("people.csv",) if people is not None else ()
        more = () if self.by == ORGANISATION else ("organisations.csv",)
        return there, ("attendance.csv", *files, *more), len(attendance) - sum(known)

    @page(
        "network-validated-meetings",
        "Who met more often than by chance",
        needs=("attendance",),
        needed_for="who met more often than by chance",
        shows="people",
        ending="",
        columns=columns.VALIDATED,
    )
    def validated_meetings(self, opening: Opening, *, permutations: int = 999) -> Result:
        """Answer which pairs were at sessions together more often than how much each attends explains.

        Attendance is that of the study's period.

        Parameters
        ----------
        permutations : int
            Random attendances for the fixed-degree null; drawn up to 400 people.

        Returns
        -------
        Result
            One row a pair that passes at least one null uncorrected, surest first: ``one, other, one_organisation,
            other_organisation, shared, expected, minutes_together, weight_size_corrected`` and the p-values of both
            nulls, uncorrected and corrected. The figure-free answer is in the sentence: how many pairs are left by
            each.

        Raises
        ------
        ValueError
            If `permutations` is not a whole number of at least 1.
        """
        attendance = self.study.attendance
        assert attendance is not None
        people = int(attendance["person"].nunique())
        opening["sources"] = ("attendance.csv", *(() if self.study.people is None else ("people.csv",)))
        if people < 2:
            return Result(**opening, sentence=words.FEWER_THAN_TWO_PEOPLE)
        if people > _PEOPLE_UP_TO:
            return self._validated_organisations(opening, people)
        found = validated_projection(
            attendance, permutations=permutations if people <= _DRAWN_UP_TO else 0, seed=self.seed
        )
        table = self._pairs_left(found, attendance)
        return NamedResult(
            **opening,
            names=self.names,
            sentence=found.said("Benjamini & Hochberg's rule", "Bonferroni's"),
            table=table,
            labels={
                "shared": "sessions together",
                "expected": "by chance",
                "minutes_together": "minutes together at most",
                "weight_size_corrected": "sessions together, corrected for size",
                **{f"p_value_{null}": label for null, label in _P_LABELS.items()},
                **{f"p_value_{null}_bonferroni": f"{label}, Bonferroni" for null, label in _P_LABELS.items()},
                **{f"p_value_{null}_bh": f"{label}, BH" for null, label in _P_LABELS.items()},
            },
            caveats=(
                words.EVERY_NULL_SHOWN,
                words.a_chance(),
                *words.nulls_left_out(found, _DRAWN_UP_TO),
                *self._period,
                *words.pairs_not_listed(bool(attendance["person"].isin(list(unnamed_people(self.study.people))).any())),
                *words.not_used(int(attendance["person"].isna().sum()), "a person"),
            ),
            method=words.validated_method(found.permutations, self.seed),
            show_table=len(table) <= 60,
        )

    def _validated_organisations(self, opening: Opening, people: int) -> Result:
        """Do for organisations what cannot be shown for so many people pair by pair."""
        lead = f"{people:,} people attended, too many to look at pair by pair on a page (up to {_PEOPLE_UP_TO:,})"
        presence, opening["sources"], _ = self.at(ORGANISATION)._presence
        if presence["person"].nunique() < 2:
            return Result(**opening, sentence=f"{lead}, and fewer than two organisations are known.")
        found = validated_projection(presence, permutations=0)
        passing = found.table[found.table["p_value_hypergeometric"] <= found.alpha].head(_PAIRS_AT_MOST)
        return NamedResult(
            **opening,
            names=self.names,
            named_columns=("first", "second"),
            sentence=f"{lead}; here are organisations in their place. {found.sentence}",
            table=passing,
            caveats=(words.a_chance(),),
            method="Organisations that had somebody at the same session; nulls as for people.",
            show_table=len(passing) <= 60,
        )

    def _pairs_left(self, found: ValidatedProjection, attendance: pd.DataFrame) -> pd.DataFrame:
        corrected = project(attendance, size_correction=True)
        timed = "minutes" in attendance.columns and attendance["minutes"].notna().any()
        minutes = project(attendance, weigh_by="minutes") if timed else None
        home = _homes(self.study.people)
        unnamed = set(unnamed_people(self.study.people))
        passing = found.table[
            ~found.table["first"].isin(unnamed)
            & ~found.table["second"].isin(unnamed)
            & (found.table[[f"p_value_{null}" for null in found.counts["null"]]].min(axis=1) <= found.alpha)
        ].head(_PAIRS_AT_MOST)
        rows = []
        for row in passing.to_dict("records"):
            one, other = row["first"], row["second"]
            pair: dict[str, object] = {
                "one": one,
                "other": other,
                "one_organisation": home.get(one),
                "other_organisation": home.get(other),
                "shared": row["shared"],
                "expected": row["expected"],
            }
            if minutes is not None:
                pair["minutes_together"] = minutes.weight_of(one, other)
            pair["weight_size_corrected"] = corrected.weight_of(one, other)
            rows.append({**pair, **{name: row[name] for name in passing.columns if name.startswith("p_value_")}})
        return pd.DataFrame(rows)


def _homes(people: pd.DataFrame | None) -> dict[Hashable, Hashable]:
    """Give each person's organisation, None where it is not known."""
    if people is None or ORGANISATION not in people.columns:
        return {}
    pairs = zip(people["person"].tolist(), people[ORGANISATION].tolist(), strict=True)
    return {person: None if is_missing(place) else place for person, place in pairs}


def _share_met(pairs: pd.DataFrame) -> str:
    return format_share(pairs["pairs_met"].sum() / pairs["pairs"].sum()) if pairs["pairs"].sum() else "none"


def _counted_by_organisation(seen: Attendance) -> pd.DataFrame:
    rows = [
        (str(event), seen.dates.get(event), group, count)
        for event in seen.events
        for (held, group), count in sorted(seen.counted_of.items(), key=str)
        if held == event
    ]
    return pd.DataFrame(rows, columns=["event", "date", seen.by, "attended"])


def _counted(seen: Attendance) -> pd.DataFrame:
    rows = [(str(event), seen.dates.get(event), seen.counted.get(event, 0)) for event in seen.events]
    return pd.DataFrame(rows, columns=["event", "date", "attended"])


def _together(found: Projection, corrected: Projection, sessions: int) -> pd.DataFrame:
    """Give a row a pair of organisations that were at a session together, most often first."""
    attended = dict(zip(found.names, found.attended.tolist(), strict=True))
    weights = {(row["first"], row["second"]): row["weight"] for row in corrected.pairs.to_dict("records")}
    rows = [
        (
            row["first"],
            row["second"],
            attended[row["first"]],
            attended[row["second"]],
            int(row["weight"]),
            row["weight"] / sessions,
            weights[(row["first"], row["second"])],
        )
        for row in found.pairs.to_dict("records")
    ]
    columns = [
        "one",
        "other",
        "sessions_one",
        "sessions_other",
        "together",
        "share_of_sessions",
        "weight_size_corrected",
    ]
    return pd.DataFrame(rows, columns=columns).sort_values(
        ["together", "one", "other"], ascending=[False, True, True], kind="stable", ignore_index=True
    )


def _by_pair_of_organisations(found: Projection, home: dict[Hashable, str]) -> tuple[pd.DataFrame, int]:
    """Count pairs by their organisations, and all pairs that met; no list of pairs is ever made.

    People are taken some hundreds at a time: whom each was with is a row of yes and no, and its sums by organisation.
    """
    places = [home.get(name) for name in found.names]
    # Who has no organisation stands in a group of their own, which counts in the whole and not in the table.
    labels = sorted({place for place in places if place is not None})
    number = {label: place for place, label in enumerate(labels)}
    group = np.array([number.get(place, len(labels)) if place is not None else len(labels) for place in places])
    order = np.argsort(group, kind="stable")
    group = group[order]
    incidence = found.incidence.tocsr()[order]
    sizes = np.bincount(group, minlength=len(labels) + 1)
    present = np.flatnonzero(sizes)
    starts = np.concatenate([[0], np.cumsum(sizes[present])[:-1]])
    # Full rows are many times faster while they are small; small whole numbers are exact in them.
    there = incidence.astype(np.float32)
    full = there.toarray() if incidence.shape[0] * incidence.shape[1] <= _CELLS_AT_MOST else None
    met = np.zeros((len(labels) + 1, len(labels) + 1), dtype=np.int64)
    for start in range(0, len(group), _AT_ONCE):
        rows_here = slice(start, start + _AT_ONCE)
        together = (full[rows_here] @ full.T if full is not None else (there[rows_here] @ there.T).toarray()) > 0
        sums = np.add.reduceat(together, starts, axis=1, dtype=np.int64)
        block = np.zeros((len(sums), len(labels) + 1), dtype=np.int64)
        block[:, present] = sums
        np.add.at(met, group[rows_here], block)
    # Everybody was with themselves, and each pair of one organisation was counted from both ends.
    diagonal = (np.diag(met) - sizes) // 2
    everything = int((met.sum() - len(group)) // 2)
    by_event = np.zeros((len(labels) + 1, incidence.shape[1]), dtype=np.int64)
    rows = incidence.tocoo()
    np.add.at(by_event, (group[rows.row], rows.col), 1)
    shared = by_event @ by_event.T
    within = (np.sum(by_event * by_event, axis=1) - by_event.sum(axis=1)) // 2
    table = []
    for one, other in combinations_with_replacement(range(len(labels)), 2):
        same = one == other
        pairs = int(sizes[one] * (sizes[one] - 1) // 2) if same else int(sizes[one] * sizes[other])
        pairs_met = int(diagonal[one]) if same else int(met[one, other])
        sessions = int(within[one]) if same else int(shared[one, other])
        share, mean = (pairs_met / pairs, sessions / pairs) if pairs else (float("nan"), float("nan"))
        table.append((labels[one], labels[other], pairs, pairs_met, share, mean))
    columns = ["one_organisation", "other_organisation", "pairs", "pairs_met", "share_met", "mean_sessions_shared"]
    return pd.DataFrame(table, columns=columns), everything
