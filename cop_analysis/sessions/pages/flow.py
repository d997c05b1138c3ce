"""From list to paired answers: how many are left at each step, of how many, in attendances and, apart, in people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.results import Headline, Quantity, Result, count_of, format_share, place_of
from cop_analysis.results.pages import Opening, from_files
from cop_analysis.sessions.methods.attendance import (
    ATTENDANCES,
    INVITED,
    NOT_LINKED,
    NOT_PAIRED,
    NOT_RECORDED,
    ON_LIST,
    PEOPLE,
    Step,
    share_of,
)
from cop_analysis.sessions.methods.shares import wilson
from cop_analysis.sessions.pages import words
from cop_analysis.sessions.pages.rows import Rows, names, on_list, rated_by_event
from cop_analysis.sessions.pages.words import FlowFacts, Pairing
from cop_analysis.sessions.pictures.reach import draw_steps
from cop_analysis.study.waves import counted_answers, times_of_asking

if TYPE_CHECKING:
    from cop_analysis.study import Study

_TABLES = ("attendance", "ratings", "people", "survey")
_STEPS = (INVITED, "signed up", "attended", "stayed", "rated")
_COLUMNS = ["unit", "step", "count", "numerator", "of_step", "denominator", "share", "low", "high", "how_counted"]
_HOW = {
    INVITED: "invited of events.csv",
    ON_LIST: "people.csv, once for each event",
    "signed up": "signed_up of events.csv",
    "attended": "attendance.csv",
    "stayed": "minutes of attendance.csv",
    "rated": "respondents of ratings.csv with a score",
}
_KEYS = {
    (ATTENDANCES, "signed up"): "attendance:signed-up",
    (ATTENDANCES, "attended"): "attendance:attended",
    (ATTENDANCES, "stayed"): "attendance:stayed",
    (ATTENDANCES, "rated"): "attendance:rated",
    (PEOPLE, "could have come"): "people:could-have-come",
    (PEOPLE, "came at least once"): "people:came",
    (PEOPLE, "came again"): "people:came-again",
    (PEOPLE, "rated at least once"): "people:came-and-rated",
    (PEOPLE, "paired"): "people:came-and-paired",
}


@dataclass(frozen=True, kw_only=True)
class ReachFlow(Result):
    """How many are left at each step.

    Parameters
    ----------
    by_event : pandas.DataFrame
        One row an event held: ``event``, ``date`` and the count at each step, missing where it was not recorded.
    steps : tuple of Step
        The steps of the table, with who is counted at each where they can be named.
    """

    by_event: pd.DataFrame
    steps: tuple[Step, ...] = ()


def step_by_step(rows: Rows, opening: Opening, stayed_share: float = 0.75) -> Result:
    """Give how many are left at each step from list to paired answers."""
    if isinstance(stayed_share, bool | str) or not 0 < stayed_share <= 1:
        raise ValueError(
            f"The share of a session that counts as having stayed lies above 0 and up to 1, not at {stayed_share!r}."
        )
    study = rows.study
    if rows.held.empty:
        return Result(**opening, sentence="No event was held, so nobody can have been reached.")
    by_event = _count_events(rows, stayed_share)
    pairing = _paired(rows)
    facts = FlowFacts(
        steps=(*_attendance_steps(by_event), *_people_steps(rows, pairing)),
        held=len(rows.held),
        others=len(rows.events) - len(rows.held),
        pairing=pairing,
        more_rated=bool((by_event["rated"] > by_event["attended"]).fillna(False).any()),
    )
    table = _table(facts.steps)
    return ReachFlow(
        **from_files(opening, "events.csv", *(f"{name}.csv" for name in _TABLES if study.has(name))),
        sentence=words.flow_words(facts),
        headline=_headline(rows, facts),
        quantities=tuple(_quantities(facts.steps)),
        table=table,
        figure=draw_steps(list(facts.steps), table),
        caveats=words.flow_caveats(facts, rows.period),
        method=(
            "Each share is of the last step before it that is known, over the events at which both were recorded, with "
            "a Wilson interval (Wilson 1927) that takes attendances as independent. Stayed: at least "
            f"{format_share(stayed_share)} of the longest time recorded at that session."
        ),
        by_event=by_event,
        steps=facts.steps,
    )


def people_reached(steps: tuple[Step, ...]) -> tuple[int, int] | None:
    """Give the people who came, of those who could have come; None where attendance or list names nobody."""
    return next((share_of(step) for step in steps if step.step == "came at least once"), None)


def _count_events(rows: Rows, stayed_share: float) -> pd.DataFrame:
    study, held = rows.study, rows.held.reset_index(drop=True)
    events = study.events
    assert events is not None
    table = held[["event", "date"]].copy()
    invited = events.set_index("event")["invited"].to_dict() if "invited" in events.columns else {}
    table[INVITED] = table["event"].map(invited).astype("Int64")
    if table[INVITED].isna().all() and study.people is not None:
        table = table.rename(columns={INVITED: ON_LIST})
        table[ON_LIST] = pd.array([int(on_list(study.people, day).sum()) for day in table["date"]], dtype="Int64")
    table["signed up"], table["attended"] = held["signed_up"], held["attended"]
    table["stayed"], table["with minutes"] = _stayed(study.attendance, table["event"], stayed_share)
    table["rated"] = table["event"].map(rated_by_event(study.ratings)).astype("Int64")
    return table


def _stayed(attendance: pd.DataFrame | None, events: pd.Series, share: float) -> tuple[pd.Series, pd.Series]:
    nothing = pd.Series(pd.NA, index=events.index, dtype="Int64")
    if attendance is None or "minutes" not in attendance.columns or "person" not in attendance.columns:
        return nothing, nothing
    timed = attendance[attendance["person"].notna() & attendance["minutes"].notna()].drop_duplicates(
        ["event", "person"]
    )
    minutes = timed["minutes"].astype("float64")
    longest = minutes.groupby(timed["event"].astype(object)).transform("max")
    usable = longest > 0
    stayed = (minutes >= share * longest)[usable].groupby(timed["event"].astype(object)[usable])
    return (
        events.map(stayed.sum().astype("int64").to_dict()).astype("Int64"),
        events.map(stayed.size().to_dict()).astype("Int64"),
    )


def _attendance_steps(by_event: pd.DataFrame) -> list[Step]:
    steps: list[Step] = []
    previous = ""
    if ON_LIST in by_event:
        steps.append(Step(ATTENDANCES, INVITED, None, NOT_RECORDED))
    for step in (ON_LIST, *_STEPS[1:]) if ON_LIST in by_event else _STEPS:
        counts = by_event[step]
        if counts.isna().all():
            steps.append(Step(ATTENDANCES, step, None, NOT_RECORDED))
            continue
        total = int(counts.sum())
        if not previous:
            steps.append(Step(ATTENDANCES, step, total, _HOW[step]))
        elif step == "stayed":
            # Of attendances with a time: without one, nobody knows whether the person stayed.
            timed = by_event["with minutes"]
            both = timed.notna() & counts.notna()
            shared = int(counts[both].sum()), int(timed[both].sum())
            steps.append(Step(ATTENDANCES, step, total, _HOW[step], "attended, with minutes recorded", *shared))
        else:
            # Who rated is compared with who attended: a person may rate who did not stay.
            base = "attended" if step == "rated" and not by_event["attended"].isna().all() else previous
            steps.append(_of_base(step, counts, base, by_event[base]))
        previous = step
    return steps


def _of_base(step: str, counts: pd.Series, base: str, of: pd.Series) -> Step:
    """Give a step as a share of an earlier one, over the events where both are known and not more came than before."""
    both = of.notna() & counts.notna()
    # Where more came than had signed up, the two counts are not of the same people: a ratio and no share.
    more = both & (counts > of).fillna(False)
    both &= ~more
    beyond = int(more.sum()), int(counts[more].sum()), int(of[more].sum())
    has_share = bool(both.any()) or not more.any()
    counted, among = (int(counts[both].sum()), int(of[both].sum())) if has_share else (None, None)
    total = int(counts.sum())
    return Step(ATTENDANCES, step, total, _HOW[step], base, counted, among, beyond=beyond)


def _people_steps(rows: Rows, pairing: Pairing) -> list[Step]:
    if rows.named.lacks:
        return [Step(PEOPLE, "came at least once", None, "attendance names no person")]
    times = rows.came.sum(axis=1)
    who, again = names(times.index[times >= 1]), names(times.index[times >= 2])
    steps = []
    if rows.study.people is not None:
        could = names(rows.could_have_come.index)
        on_it = "on the list (people.csv) at one session or more"
        steps.append(Step(PEOPLE, "could have come", len(could), on_it, members=could))
        steps.append(_of_people("came at least once", who, could, "attendance.csv", "could have come"))
    else:
        steps.append(Step(PEOPLE, "came at least once", len(who), "attendance.csv", members=who))
    steps.append(_of_people("came again", again, who, "attendance.csv, two sessions or more"))
    ratings = rows.study.ratings
    if ratings is None or "respondent" not in ratings.columns or ratings["respondent"].isna().all():
        steps.append(Step(PEOPLE, "rated at least once", None, "not recorded by person"))
    else:
        rated = names(ratings.loc[ratings["score"].notna(), "respondent"].dropna())
        steps.append(_linked(rows, "rated at least once", rated, who, "ratings.csv, of those who came"))
    if pairing.both is None:
        unpaired = NOT_PAIRED if pairing.waves else NOT_RECORDED
        steps.append(Step(PEOPLE, "paired", None, pairing.why, missing=unpaired))
    else:
        steps.append(_linked(rows, "paired", pairing.both, who, f"survey.csv, a score {pairing.waves}"))
    return steps


def _of_people(
    step: str, members: frozenset[str], among: frozenset[str], how: str, of_step: str = "came at least once"
) -> Step:
    return Step(PEOPLE, step, len(members), how, of_step, len(members), len(among), members, among)


def _linked(rows: Rows, step: str, found: frozenset[str], who: frozenset[str], how: str) -> Step:
    """Count who of those found came; where none of their ids is in any other table, say that nobody can know."""
    if found and not found & (rows.known_people | who):
        return Step(PEOPLE, step, None, f"{how}: {count_of(len(found), 'id')}, in no other table", missing=NOT_LINKED)
    return _of_people(step, found & who, who, how)


def _paired(rows: Rows) -> Pairing:
    """Give who answered at both waves, the waves in words, and why nobody can be paired where that is so."""
    both, waves, why = _answered_both(rows.study)
    if both is None:
        return Pairing(None, waves, why)
    attendance = rows.study.attendance
    is_named = attendance is not None and "person" in attendance.columns
    came = names(attendance["person"].dropna()) if attendance is not None and is_named else frozenset[str]()
    unknown = both - rows.known_people - came
    return Pairing(both, waves, unknown=len(unknown), elsewhere=len(both - came - unknown))


def _answered_both(study: Study) -> tuple[frozenset[str] | None, str, str]:
    survey, waves, plan = study.survey, study.waves, study.config.plan
    if survey is None or len(waves) < 2:
        return None, "", "no survey at two waves"
    before, after = (plan.before, plan.after) if plan and plan.before and plan.after else (waves[0].key, waves[-1].key)
    called = {wave.key: wave.name for wave in waves}
    in_words = " and ".join(times_of_asking([called.get(before, before), called.get(after, after)]))
    pair = study.wave_pair(before, after)
    if not pair.may_pair:
        why = "other people answered at the other wave (study.toml)" if pair.design else pair.doubt
        return None, in_words, f"not paired: {why}"
    answered = counted_answers(survey)
    answered = answered[answered["score"].notna()]
    if plan and plan.instrument and "instrument" in answered.columns:
        answered = answered[answered["instrument"] == plan.instrument]
    at = [names(answered.loc[answered["wave"] == wave, "person"]) for wave in (before, after)]
    return at[0] & at[1], in_words, ""


def _table(steps: tuple[Step, ...]) -> pd.DataFrame:
    rows = []
    for step in steps:
        row: dict[str, object] = {
            "unit": step.unit,
            "step": step.step,
            "count": step.count,
            "numerator": step.numerator,
            "of_step": step.of_step,
            "denominator": step.denominator,
            "how_counted": step.how,
        }
        share = share_of(step)
        if share is not None:
            interval = wilson(*share)
            row |= {"share": interval.estimate, "low": interval.low, "high": interval.high}
        rows.append(row)
    table = pd.DataFrame(rows, columns=_COLUMNS)
    for column in ("count", "numerator", "denominator"):
        table[column] = pd.array([None if pd.isna(value) else int(value) for value in table[column]], dtype="Int64")
    return table.astype({"share": "float64", "low": "float64", "high": "float64"})


def _headline(rows: Rows, facts: FlowFacts) -> Headline | None:
    reached = people_reached(facts.steps)
    if reached is None:
        return None
    by_name = int(rows.named.rows["event"].nunique())
    where = f", at {by_name} of {count_of(facts.held, 'event')} held" if by_name < facts.held else ""
    uncertainty = "a count of all on the list and whoever else came, not an estimate"
    label = f"people who could have come came at least once{where}"
    return Headline(label, f"{reached[0]} of {reached[1]}", uncertainty, order=place_of("people who came"))


def _quantities(steps: tuple[Step, ...]) -> Iterator[Quantity]:
    for step in steps:
        key, share = _KEYS.get((step.unit, step.step)), share_of(step)
        if step.count is None or key is None:
            continue
        if share is None:
            yield Quantity(key, step.count, None, step.members)
        else:
            yield Quantity(key, *share, step.members, step.among)
