"""From list to paired answers: how many are left at each step, of how many, in attendances and, apart, in people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cop_analysis.results import Figure, Headline, Quantity, Result, format_share
from cop_analysis.sessions.events import list_events, missing_table
from cop_analysis.sessions.intervals import wilson
from cop_analysis.sessions.persons import came_matrix, known_people, named_attendance, possible_sessions
from cop_analysis.sessions.wording import capital, counted, percent
from cop_analysis.study.waves import counted_answers, times_of_asking

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from cop_analysis.study import Study

_KEY, _TITLE = "reach-flow", "How many are left at each step"
ATTENDANCES, PEOPLE = "attendances", "people"
_TABLES = ("attendance", "ratings", "people", "survey")
INVITED, ON_LIST = "invited", "on the list that day"
_STEPS = (INVITED, "signed up", "attended", "stayed", "rated")
NOT_RECORDED, NOT_LINKED = "not recorded", "cannot be linked to those who came"
NOT_PAIRED = "not paired from one wave to the other"
_COLUMNS = ["unit", "step", "count", "numerator", "of_step", "denominator", "share", "low", "high", "how_counted"]


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


@dataclass(frozen=True)
class _Step:
    """One step: its count, and the share of an earlier step it is, over the events where both are known.

    A step without a count has in `missing` the words for why, and the people counted are named where they can be.
    """

    unit: str
    step: str
    count: int | None
    how: str
    of_step: str = ""
    numerator: int | None = None
    denominator: int | None = None
    members: frozenset[str] | None = None
    among: frozenset[str] | None = None
    missing: str = NOT_RECORDED
    beyond: tuple[int, int, int] = (0, 0, 0)
    """Events at which more were counted than at the step before, and what was counted there at both."""


@dataclass(frozen=True, kw_only=True)
class ReachFlow(Result):
    """How many are left at each step.

    Parameters
    ----------
    by_event : pandas.DataFrame
        One row an event held: ``event``, ``date`` and the count at each step, missing where it was not recorded.
    """

    by_event: pd.DataFrame


def reach_flow(study: Study, stayed_share: float = 0.75) -> Result:
    """Answer how many are left at each step from list to paired answers, each step with what it is a share of.

    Parameters
    ----------
    study : Study
        With events; every further table adds a step, and a step that was not recorded says so.
    stayed_share : float
        Who stayed at least this share of the longest time recorded at a session is counted as having stayed.

    Returns
    -------
    ReachFlow
        One row a step: the count, and the share of the last step before it that is known, with its 95% Wilson interval,
        over the events at which both were recorded. Attendances (a person who came three times counts three times) and
        people (counted once) are never divided by each other.

    Raises
    ------
    ValueError
        When `stayed_share` is not above 0 and at most 1.

    Notes
    -----
    Invited is ``invited`` of events.csv. Where no invitation is recorded, the people on the list that day (people.csv)
    are counted and called that. Paired are people with a score in both waves of the plan, or in the first and the last
    wave where no plan names them; where the ids of the survey are in no other table (self-made codes), nobody can say
    who of them came, and no count is given. The same holds for the ids of ratings. Wilson 1927.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables(
    ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated"},
    ...     events=pd.DataFrame({"event": ["E1"], "date": ["2023-05-01"], "invited": [40], "signed_up": [10]}),
    ...     attendance=pd.DataFrame({"event": ["E1"], "count": [8]}))
    >>> reach_flow(study).table[["step", "numerator", "denominator"]].head(3).astype(object).values.tolist()[1:]
    [['signed up', 10, 40], ['attended', 8, 10]]
    """
    if isinstance(stayed_share, bool | str) or not 0 < stayed_share <= 1:
        raise ValueError(f"The share of a session that counts as having stayed lies above 0 and up to 1, not at "
                         f"{stayed_share!r}.")  # fmt: skip
    missing = missing_table(study, ("events",), _KEY, _TITLE, "how many are left at each step")
    if missing is not None:
        return missing
    assert study.events is not None
    held = list_events(study.events, study.attendance)
    others = int((held["status"] != "held").sum())
    held = held[held["status"] == "held"].reset_index(drop=True)
    if held.empty:
        return Result(key=_KEY, title=_TITLE, sentence="No event was held, so nobody can have been reached.")
    by_event, how = _count_events(study, held, stayed_share)
    steps = [*_attendance_steps(by_event, how), *_people_steps(study)]
    table = _table(steps)
    return ReachFlow(
        key=_KEY,
        title=_TITLE,
        sentence=_sentence(steps, len(held)),
        headline=_headline(steps, study, len(held)),
        quantities=_quantities(steps),
        table=table,
        labels={"of_step": "of step", "low": "from (95%)", "high": "to (95%)"},
        figure=_picture(steps, table),
        caveats=_caveats(study, steps, by_event, others),
        method=(
            "Each share is of the last step before it that is known, over the events at which both were recorded, with "
            "a Wilson interval (Wilson 1927) that takes attendances as independent. Stayed: at least "
            f"{format_share(stayed_share)} of the longest time recorded at that session."
        ),
        sources=("events.csv", *(f"{name}.csv" for name in _TABLES if study.has(name))),
        by_event=by_event,
    )  # fmt: skip


def _count_events(study: Study, held: pd.DataFrame, stayed_share: float) -> tuple[pd.DataFrame, dict[str, str]]:
    events = study.events
    assert events is not None
    table = held[["event", "date"]].copy()
    how = {"signed up": "signed_up of events.csv", "attended": "attendance.csv"}
    invited = (
        events.set_index("event")["invited"].astype("Int64")
        if "invited" in events.columns
        else pd.Series(dtype="Int64")
    )
    table["invited"] = table["event"].map(invited.to_dict()).astype("Int64")
    how["invited"] = "invited of events.csv"
    if table["invited"].isna().all() and study.people is not None:
        table = table.rename(columns={INVITED: ON_LIST})
        table[ON_LIST] = pd.array(_on_list(study.people, table["date"]), dtype="Int64")
        how[ON_LIST] = "people.csv, once for each event"
    table["signed up"], table["attended"] = held["signed_up"], held["attended"]
    table["stayed"], table["with minutes"] = _stayed(study.attendance, table["event"], stayed_share)
    how["stayed"] = "minutes of attendance.csv"
    table["rated"] = table["event"].map(rated_by_event(study.ratings)).astype("Int64")
    how["rated"] = "respondents of ratings.csv with a score"
    return table, how


def _on_list(people: pd.DataFrame, dates: pd.Series) -> list[int]:
    never = np.full(len(people), np.datetime64("NaT"))
    joined = pd.to_datetime(people["joined"]).to_numpy() if "joined" in people.columns else never
    left = pd.to_datetime(people["left"]).to_numpy() if "left" in people.columns else never
    return [
        int(((np.isnat(joined) | (joined <= day)) & (np.isnat(left) | (left >= day))).sum()) for day in dates.to_numpy()
    ]


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


def rated_by_event(ratings: pd.DataFrame | None) -> dict[object, int]:
    """Count who rated each event: different respondents, and of anonymous answers as many as to the item with most.

    Examples
    --------
    >>> rated_by_event(pd.DataFrame({"event": ["E1"] * 3, "respondent": ["P1", "P1", None], "item": ["a", "b", "a"],
    ...                              "score": [4, 5, 3]}))
    {'E1': 2}
    """
    if ratings is None:
        return {}
    scored = ratings[ratings["score"].notna()]
    respondent = scored["respondent"] if "respondent" in scored.columns else pd.Series(pd.NA, index=scored.index)
    event = scored["event"].astype(object)
    named = respondent[respondent.notna()].groupby(event[respondent.notna()]).nunique()
    rest = scored[respondent.isna()]
    nameless = rest.groupby([rest["event"].astype(object), rest["item"].astype(object)]).size()
    most = nameless.groupby(level=0).max()
    return {key: int(count) for key, count in named.add(most, fill_value=0).items()}


def _attendance_steps(by_event: pd.DataFrame, how: dict[str, str]) -> list[_Step]:
    steps: list[_Step] = []
    previous = ""
    if ON_LIST in by_event:
        steps.append(_Step(ATTENDANCES, INVITED, None, NOT_RECORDED))
    for step in (ON_LIST, *_STEPS[1:]) if ON_LIST in by_event else _STEPS:
        counts = by_event[step]
        if counts.isna().all():
            steps.append(_Step(ATTENDANCES, step, None, NOT_RECORDED))
            continue
        total = int(counts.sum())
        if not previous:
            steps.append(_Step(ATTENDANCES, step, total, how[step]))
        elif step == "stayed":
            # Of attendances with a time: without one, nobody knows whether the person stayed.
            timed = by_event["with minutes"]
            both = timed.notna() & counts.notna()
            steps.append(_Step(ATTENDANCES, step, total, how[step], "attended, with minutes recorded",
                               int(counts[both].sum()), int(timed[both].sum())))  # fmt: skip
        else:
            # Who rated is compared with who attended: a person may rate who did not stay.
            base = "attended" if step == "rated" and not by_event["attended"].isna().all() else previous
            both = by_event[base].notna() & counts.notna()
            # Where more came than had signed up, the two counts are not of the same people: a ratio and no share.
            more = both & (counts > by_event[base]).fillna(False)
            both &= ~more
            beyond = (int(more.sum()), int(counts[more].sum()), int(by_event.loc[more, base].sum()))
            has_share = bool(both.any()) or not more.any()
            steps.append(_Step(ATTENDANCES, step, total, how[step], base,
                               int(counts[both].sum()) if has_share else None,
                               int(by_event.loc[both, base].sum()) if has_share else None, beyond=beyond))  # fmt: skip
        previous = step
    return steps


def _people_steps(study: Study) -> list[_Step]:
    rows, _, _ = named_attendance(study, _KEY, _TITLE, "people")
    if rows is None:
        return [_Step(PEOPLE, "came at least once", None, "attendance names no person")]
    possible = possible_sessions(study, rows)
    possible = possible[possible.any(axis=1)]
    came = came_matrix(rows).sum(axis=1)
    who = _names(came.index)
    number = len(who)
    steps = []
    could = _names(possible.index) if study.people is not None else None
    if could is not None:
        steps.append(_Step(PEOPLE, "could have come", len(could), "on the list (people.csv) at one session or more",
                           members=could))  # fmt: skip
        steps.append(_Step(PEOPLE, "came at least once", number, "attendance.csv", "could have come", number,
                           len(could), who, could))  # fmt: skip
    else:
        steps.append(_Step(PEOPLE, "came at least once", number, "attendance.csv", members=who))
    again = _names(came.index[came >= 2])
    steps.append(
        _Step(PEOPLE, "came again", len(again), "attendance.csv, two sessions or more", "came at least once",
              len(again), number, again, who)
    )  # fmt: skip
    ratings = study.ratings
    if ratings is None or "respondent" not in ratings.columns or ratings["respondent"].isna().all():
        steps.append(_Step(PEOPLE, "rated at least once", None, "not recorded by person"))
    else:
        rated = _names(ratings.loc[ratings["score"].notna(), "respondent"].dropna())
        steps.append(_linked(study, "rated at least once", rated, who, "ratings.csv, of those who came"))
    both, waves, why = _paired(study)
    if both is None:
        unpaired = NOT_PAIRED if waves else NOT_RECORDED
        steps.append(_Step(PEOPLE, "paired", None, why, missing=unpaired))
    else:
        steps.append(_linked(study, "paired", _names(both), who, f"survey.csv, a score {waves}"))
    return steps


def _names(ids: Iterable[object]) -> frozenset[str]:
    return frozenset(map(str, ids))


def _linked(study: Study, step: str, found: frozenset[str], who: frozenset[str], how: str) -> _Step:
    """Count who of those found came; where none of their ids is in any other table, say that nobody can know."""
    if found and not found & (known_people(study) | who):
        return _Step(PEOPLE, step, None, f"{how}: {counted(len(found), 'id')}, in no other table", missing=NOT_LINKED)
    here = found & who
    return _Step(PEOPLE, step, len(here), how, "came at least once", len(here), len(who), here, who)


def _paired(study: Study) -> tuple[set[object] | None, str, str]:
    """Give who answered at both waves, the waves in words, and why nobody can be paired where that is so."""
    survey, waves, plan = study.survey, study.waves, study.config.plan
    if survey is None or len(waves) < 2:
        return None, "", "no survey at two waves"
    before, after = (plan.before, plan.after) if plan and plan.before and plan.after else (waves[0].key, waves[-1].key)
    names = {wave.key: wave.name for wave in waves}
    words = " and ".join(times_of_asking([names.get(before, before), names.get(after, after)]))
    pair = study.wave_pair(before, after)
    if not pair.may_pair:
        why = "other people answered at the other wave (study.toml)" if pair.design else pair.doubt
        return None, words, f"not paired: {why}"
    answered = counted_answers(survey)
    answered = answered[answered["score"].notna()]
    if plan and plan.instrument and "instrument" in answered.columns:
        answered = answered[answered["instrument"] == plan.instrument]
    at = [set(answered.loc[answered["wave"] == wave, "person"]) for wave in (before, after)]
    return at[0] & at[1], words, ""


def _table(steps: list[_Step]) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for step in steps:
        row: dict[str, Any] = {
            "unit": step.unit,
            "step": step.step,
            "count": step.count,
            "numerator": step.numerator,
            "of_step": step.of_step,
            "denominator": step.denominator,
            "how_counted": step.how,
        }
        if _is_share(step):
            assert step.numerator is not None
            assert step.denominator is not None
            interval = wilson(step.numerator, step.denominator)
            row |= {"share": interval.estimate, "low": interval.low, "high": interval.high}
        rows.append(row)
    table = pd.DataFrame(rows, columns=_COLUMNS)
    for column in ("count", "numerator", "denominator"):
        table[column] = pd.array([None if pd.isna(value) else int(value) for value in table[column]], dtype="Int64")
    for column in ("share", "low", "high"):
        table[column] = table[column].astype("float64")
    return table


def _is_share(step: _Step) -> bool:
    """Say whether the step can be a share of the one before: not of none, nor of fewer than itself."""
    return step.numerator is not None and step.denominator is not None and 0 < step.denominator >= step.numerator


def _sentence(steps: list[_Step], events: int) -> str:
    told = []
    for unit in (ATTENDANCES, PEOPLE):
        parts = []
        for step in steps:
            if step.unit != unit or step.count is None:
                continue
            if not _is_share(step):
                parts.append(f"{step.count} {step.step}")
                continue
            parts.append(f"{step.count} {step.step} ({_of_words(step)})")
        if parts:
            over = f"In {unit}" + (f", over {counted(events, 'event')} held" if unit == ATTENDANCES else "")
            told.append(f"{over}: {', '.join(parts)}.")
    for missing in (NOT_RECORDED, NOT_LINKED, NOT_PAIRED):
        unknown = [step.step for step in steps if step.count is None and step.missing == missing]
        if unknown:
            told.append(f"{capital(', '.join(unknown))}: {missing}.")
    return " ".join(told)


def _headline(steps: list[_Step], study: Study, held: int) -> Headline | None:
    """Give the people who came, of those who could have come; None where attendance or list names nobody."""
    step = next((one for one in steps if one.step == "came at least once" and _is_share(one)), None)
    if step is None:
        return None
    rows, _, _ = named_attendance(study, _KEY, _TITLE, "people")
    by_name = 0 if rows is None else int(rows["event"].nunique())
    where = f", at {by_name} of {counted(held, 'event')} held" if by_name < held else ""
    return Headline(f"people who could have come came at least once{where}", f"{step.numerator} of {step.denominator}",
                    "a count of all on the list and whoever else came, not an estimate", order=11)  # fmt: skip


def _quantities(steps: list[_Step]) -> tuple[Quantity, ...]:
    found = []
    for step in steps:
        if step.count is None:
            continue
        key = _KEYS.get((step.unit, step.step))
        if key is None:
            continue
        if _is_share(step):
            assert step.numerator is not None
            found.append(Quantity(key, step.numerator, step.denominator, step.members, step.among))
        else:
            found.append(Quantity(key, step.count, None, step.members))
    return tuple(found)


def _of_words(step: _Step) -> str:
    assert step.numerator is not None
    assert step.denominator is not None
    counted_here = "" if step.numerator == step.count else f"{step.numerator}, "
    who = " who" if step.unit == PEOPLE else ""
    share = percent(step.numerator / step.denominator)
    return f"{counted_here}{share} of the {step.denominator}{who} {step.of_step}"


def _caveats(study: Study, steps: list[_Step], by_event: pd.DataFrame, others: int) -> tuple[str, ...]:
    caveats = ["Attendances are not people: someone who came to three events is three attendances and one person."]
    for step in steps:
        events, counted_there, base_there = step.beyond
        if events:
            ratio = f": a ratio of {percent(counted_there / base_there)}" if base_there else ""
            caveats.append(
                f"{capital(step.step)}: at {counted(events, 'event')} {counted_there} against {base_there} "
                f"{step.of_step}, which is no share of {step.of_step}{ratio}; left out of the share."
            )
        rest = None if step.count is None else step.count - counted_there
        if rest is not None and step.numerator is not None and step.numerator != rest:
            caveats.append(
                f"{capital(step.step)}: {step.count} in all, but the share counts only the {step.numerator} at events "
                f"where {step.of_step} was recorded too."
            )
        if step.denominator is not None and not _is_share(step):
            caveats.append(
                f"{capital(step.step)} ({step.numerator}) is no share of {step.of_step}, of which none is recorded."
            )
    if not by_event["rated"].isna().all() and (by_event["rated"] > by_event["attended"]).fillna(False).any():
        caveats.append("At some event more people rated than are recorded as having attended.")
    if any(step.step == ON_LIST for step in steps):
        caveats.append(
            "Nobody recorded who was invited (events.csv has no invited). On the list that day are the people of "
            "people.csv who had joined and not left, counted once for each event."
        )
    for step in steps:
        if step.count is None and step.missing == NOT_LINKED:
            caveats.append(
                f"{capital(step.step)}: the ids ({step.how}) are neither in attendance.csv nor in people.csv, such as "
                "codes people made for themselves, so it cannot be known which of them came."
            )
    both, waves, why = _paired(study)
    if both is None and waves:
        caveats.append(f"{capital(why)}, so nobody can be followed from those who came to a pair of answers.")
    named = study.attendance is not None and "person" in study.attendance.columns
    if both and named:
        assert study.attendance is not None
        came = _names(study.attendance["person"].dropna())
        unknown = _names(both) - known_people(study) - came
        is_linked = any(step.step == "paired" and step.count is not None for step in steps)
        if unknown and is_linked:
            caveats.append(
                f"Paired: {counted(len(unknown), 'more id', 'more ids')} answered {waves} and "
                f"{'is' if len(unknown) == 1 else 'are'} "
                "neither in attendance.csv nor in people.csv: some of them may be among those who came."
            )
        outside = len(_names(both) - came - unknown)
        if outside and is_linked:
            caveats.append(f"{counted(outside, 'person', 'people')} answered {waves} but came to no event shown here.")
    if others:
        caveats.append(f"{counted(others, 'event')} planned or cancelled {'is' if others == 1 else 'are'} left out.")
    if study.period is not None:
        caveats.append(
            f"Only events in {study.period.label} are counted; the survey's waves belong to the whole study."
        )
    return tuple(caveats)


def _picture(steps: list[_Step], table: pd.DataFrame) -> Figure:
    from cop_analysis.figures import BLUE, GREEN, drawing, finish

    sides = [(unit, colour, [step for step in steps if step.unit == unit])
             for unit, colour in ((ATTENDANCES, BLUE), (PEOPLE, GREEN))]  # fmt: skip
    # A side of which nothing was recorded is said in words, not drawn.
    panels = [side for side in sides if any(step.count is not None for step in side[2])] or sides[:1]
    rows = max(len(part) for _, _, part in panels)
    with drawing(4.6 * len(panels) if len(panels) > 1 else 6.4, 1.0 + 0.72 * rows) as canvas:
        for axes, (unit, colour, part) in zip(canvas.subplots(1, len(panels), squeeze=False)[0], panels, strict=True):
            _flow(axes, part, colour, rows)
            axes.set_title(f"In {unit}", loc="left")
        told = "; ".join(
            f"{step.step} ({step.unit}) " + (step.missing if step.count is None else f"{step.count}"
            + (f", {step.numerator} of {step.denominator} {step.of_step}" if _is_share(step) else ""))
            for step in steps
        )  # fmt: skip
        title = f"How many are left at each step, in {' and in '.join(unit for unit, _, _ in panels)}"
        return finish(canvas, name=f"{_KEY}-picture", title=title,
                      alt=f"{capital(told)}.", table=table)  # fmt: skip


def _flow(axes: Axes, steps: list[_Step], colour: str, rows: int) -> None:
    from cop_analysis.figures import GREY, INK

    largest = max([1, *(step.count for step in steps if step.count is not None)])
    widths = [None if step.count is None else step.count / largest for step in steps]
    for at, (step, width) in enumerate(zip(steps, widths, strict=True)):
        if width is None:
            axes.plot([-0.3, 0.3], [at, at], color=GREY, linewidth=1, linestyle=(0, (2, 3)))
            axes.text(0, at - 0.2, f"{step.step}: {step.missing}", ha="center", va="center", fontsize=9, color=INK)
            continue
        axes.barh(at, width, left=-width / 2, height=0.3, color=colour)
        axes.text(0, at - 0.31, f"{step.count} {step.step}", ha="center", va="center", fontsize=10, fontweight="bold")
        if _is_share(step):
            axes.text(0, at + 0.27, _of_words(step), ha="center", va="center", fontsize=8)
        before = steps[at - 1] if at else None
        if before is not None and before.step == step.of_step and widths[at - 1] is not None:
            corners = np.array([widths[at - 1], width], dtype=float) / 2
            axes.fill_betweenx([at - 0.85, at - 0.15], -corners, corners, color=colour, alpha=0.1, linewidth=0)
    axes.set_xlim(-0.56, 0.56)
    axes.set_ylim(rows - 0.5, -0.55)
    axes.axis("off")
