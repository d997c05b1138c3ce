"""The programme side of a simulated study: who belongs to it, what was held, who came, what they said of it.

Each function gives one table in the study's column contract; what was drawn to make it travels in `Membership` and
`Meetings`, so that the survey and the ties can depend on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cop_analysis.simulate.draws import Draws, highest, share_of
from cop_analysis.simulate.settings import DesignChange, SimulatedOrganisation, SimulationSettings
from cop_analysis.simulate.wordings import CHANGES, COMMENTS, OUTPUTS, RATING_ITEMS, SECTORS, TOPICS

RATING_POINTS = 5
"""Session ratings are given from 1 to this number."""

_DAYS_AROUND = 14


@dataclass(frozen=True)
class Membership:
    """The members and what is true of them but not in any table.

    Parameters
    ----------
    ids : array of str, one a member
    organisation : array of whole numbers
        Position of the member's organisation in `organisations`; members of one organisation are side by side.
    organisations : tuple of SimulatedOrganisation
    confidence : array of float
        Latent confidence before the programme, mean 0 and standard deviation about 1.
    consents : array of bool
    joined, left : arrays of datetime64[D]
        `left` is NaT for members who stayed.
    """

    ids: NDArray[np.object_]
    organisation: NDArray[np.int64]
    organisations: tuple[SimulatedOrganisation, ...]
    confidence: NDArray[np.float64]
    consents: NDArray[np.bool_]
    joined: NDArray[np.datetime64]
    left: NDArray[np.datetime64]

    def on(self, day: date) -> NDArray[np.bool_]:
        """Say who is a member on a day."""
        when = np.datetime64(day, "D")
        return (self.joined <= when) & (np.isnat(self.left) | (self.left > when))

    def positions(self) -> dict[str, int]:
        """Give each member's position by id."""
        return {str(person): position for position, person in enumerate(self.ids)}


@dataclass(frozen=True)
class Meetings:
    """The events and who came: positions of attenders event by event, and how many each member attended."""

    dates: tuple[date, ...]
    attenders: tuple[NDArray[np.int64], ...]
    attended: NDArray[np.int64]


def meeting_dates(settings: SimulationSettings) -> tuple[date, ...]:
    """Give the schedule: the third Wednesday of every month an event falls in.

    Examples
    --------
    >>> [str(day) for day in meeting_dates(SimulationSettings(events=2))]
    ['2024-09-18', '2024-11-20']
    """
    first = settings.first_month
    months = [first.year * 12 + first.month - 1 + settings.months_between_events * k for k in range(settings.events)]
    return tuple(_third_wednesday(month // 12, month % 12 + 1) for month in months)


def wave_dates(settings: SimulationSettings) -> tuple[date, date]:
    """Give the days of the two waves: two weeks before the first event and two weeks after the last.

    Examples
    --------
    >>> [str(day) for day in wave_dates(SimulationSettings())]
    ['2024-09-04', '2025-07-30']
    """
    dates = meeting_dates(settings)
    around = timedelta(days=_DAYS_AROUND)
    if not dates:
        start = settings.first_month
        return start, start + timedelta(days=365)
    return dates[0] - around, dates[-1] + around


def draw_members(settings: SimulationSettings) -> Membership:
    """Draw the members: organisation, latent confidence, consent, and when they joined and left."""
    draws = Draws(settings.seed, "members")
    count = settings.people
    width = max(2, len(str(count)))
    ids = np.array([f"{settings.person_prefix}{number:0{width}d}" for number in range(1, count + 1)], dtype=object)
    organisations = settings.organisation_list or _organisations(count, settings.organisations)
    organisation = np.repeat(np.arange(len(organisations)), [each.people for each in organisations]).astype(np.int64)
    climate = draws.normal(len(organisations)) * 0.3
    confidence = draws.normal(count) * 0.95 + climate[organisation]

    fixed = np.isin(ids, sorted(settings.story.people()))
    consents = ~highest(np.where(fixed, -1.0, draws.uniform(count)), share_of(settings.declined, count)) | fixed
    # Whoever joins late, leaves early or declines is drawn from different people, so that no share hides another.
    free = np.where(fixed | ~consents, -1.0, draws.uniform(count))
    joiners = highest(free, min(share_of(settings.joiners, count), int((free >= 0).sum())))
    free = np.where(joiners, -1.0, free)
    # Unsure members leave more often.
    leaving = np.where(free >= 0, draws.normal(count) - 0.4 * confidence, -100.0)
    leavers = highest(leaving, min(share_of(settings.leavers, count), int((free >= 0).sum())))
    baseline, last = wave_dates(settings)
    span = (last - baseline).days
    start = np.datetime64(baseline, "D")
    joined = start - draws.whole(1, 61, count).astype("timedelta64[D]")
    late = start + draws.whole(span // 5 + 1, span * 3 // 5 + 2, count).astype("timedelta64[D]")
    left = start + draws.whole(span // 2 + 1, span * 19 // 20 + 2, count).astype("timedelta64[D]")
    return Membership(
        ids=ids,
        organisation=organisation,
        organisations=tuple(organisations),
        confidence=confidence,
        consents=consents,
        joined=np.where(joiners, late, joined),
        left=np.where(leavers, left, np.datetime64("NaT", "D")),
    )


def hold_meetings(settings: SimulationSettings, members: Membership) -> Meetings:
    """Draw who attends which event; the confident attend a little more, so that dose and outcome are confounded."""
    draws = Draws(settings.seed, "attendance")
    dates = meeting_dates(settings)
    inclination = draws.normal(settings.people) + 0.35 * members.confidence
    positions = members.positions()
    scripted = np.full(settings.people, False)
    expected: list[list[int]] = [[] for _ in dates]
    for person, events in settings.story.attendance:
        position = positions[_known(person, positions)]
        scripted[position] = True
        for number in events:
            expected[number - 1].append(position)
    attenders = []
    for number, day in enumerate(dates):
        present = members.on(day)
        share = settings.attendance
        if 0 < share < 1:
            # Turn-out varies from one event to the next and rises a little with each change of design.
            eased = 0.03 * sum(change.after_event <= number for change in changes_of(settings))
            share = min(max(share + 0.06 * float(draws.normal(1)[0]) + eased, 0.0), 1.0)
        wanted = share_of(share, int(present.sum()))
        pull = np.where(present & ~scripted, inclination + 1.2 * draws.normal(settings.people), -100.0)
        free = min(max(wanted - len(expected[number]), 0), int((present & ~scripted).sum()))
        here = highest(pull, free)
        here[expected[number]] = True
        attenders.append(np.flatnonzero(here).astype(np.int64))
    attended = np.zeros(settings.people, dtype=np.int64)
    for present_now in attenders:
        attended[present_now] += 1
    return Meetings(dates, tuple(attenders), attended)


def changes_of(settings: SimulationSettings) -> tuple[DesignChange, ...]:
    """Give the changes of session design: those of the settings, or two (fewer with few events) from the bank."""
    if settings.design_changes is not None:
        return settings.design_changes
    count = min(len(CHANGES), max(settings.events - 1, 0))
    return tuple(
        DesignChange(after_event=settings.events * (k + 1) // (count + 1), what=what, why=why, rating_item=item)
        for k, (what, why, item) in enumerate(CHANGES[:count])
    )


# --- tables --------------------------------------------------------------------------------------------------------


def people_table(settings: SimulationSettings, members: Membership) -> pd.DataFrame:
    """Give people.csv."""
    draws = Draws(settings.seed, "roles")
    # The first role is as frequent as all others together.
    roles = settings.roles
    half = draws.uniform(settings.people) < 0.5
    other = draws.whole(0, len(roles), settings.people)
    names = np.array(roles, dtype=object)[np.where(half, 0, other)]
    positions = members.positions()
    for person, role in settings.story.roles:
        names[positions[_known(person, positions)]] = role
    keys = np.array([organisation.key for organisation in members.organisations], dtype=object)
    return pd.DataFrame(
        {
            "person": text(members.ids),
            "organisation": text(keys[members.organisation]),
            "role": text(names),
            "joined": days(members.joined),
            "left": days(members.left),
            "consent": text(np.where(members.consents, "yes", "no").astype(object)),
        }
    )


def organisations_table(members: Membership) -> pd.DataFrame:
    """Give organisations.csv."""
    organisations = members.organisations
    return pd.DataFrame(
        {
            "organisation": text([organisation.key for organisation in organisations]),
            "name": text([organisation.name for organisation in organisations]),
            "sector": text([organisation.sector for organisation in organisations]),
        }
    )


def events_table(settings: SimulationSettings, members: Membership, meetings: Meetings) -> pd.DataFrame:
    """Give events.csv; sign-ups are the attenders and those who signed up and stayed away."""
    draws = Draws(settings.seed, "sign-ups")
    signed_up = []
    for day, attenders in zip(meetings.dates, meetings.attenders, strict=True):
        away = share_of(settings.no_shows * (0.2 + 1.6 * float(draws.uniform(1)[0])), len(attenders))
        signed_up.append(min(len(attenders) + away, int(members.on(day).sum())))
    count = settings.events
    return pd.DataFrame(
        {
            "event": text(settings.event_keys()),
            "date": days(np.array(meetings.dates, dtype="datetime64[D]")),
            "format": text([_format(settings, number) for number in range(count)]),
            "topic": text([_topic(settings, number) for number in range(count)]),
            "series": text([settings.series] * count),
            "status": text(["held"] * count),
            "signed_up": pd.array(signed_up, dtype="Int64"),
        }
    )


def attendance_table(settings: SimulationSettings, members: Membership, meetings: Meetings) -> pd.DataFrame:
    """Give attendance.csv, a row a person and event with minutes attended."""
    draws = Draws(settings.seed, "minutes")
    keys = np.array(settings.event_keys(), dtype=object)
    sizes = [len(attenders) for attenders in meetings.attenders]
    rows = sum(sizes)
    whole_session = draws.uniform(rows) < 0.7
    missed = draws.whole(1, max(settings.session_minutes * 2 // 3, 1) + 1, rows)
    minutes = np.maximum(settings.session_minutes - np.where(whole_session, 0, missed), 0)
    return pd.DataFrame(
        {
            "event": text(np.repeat(keys, sizes)),
            "person": text(members.ids[_joined(meetings.attenders)]),
            "minutes": minutes.astype(np.float64),
        }
    )


def ratings_table(settings: SimulationSettings, members: Membership, meetings: Meetings) -> pd.DataFrame:
    """Give ratings.csv: three ratings from 1 to 5 a rater and event, and a comment beside one of them at most."""
    draws = Draws(settings.seed, "ratings")
    generosity = draws.normal(settings.people) * 0.45
    items = [item for item, _ in RATING_ITEMS]
    columns: dict[str, list[NDArray[np.object_]]] = {name: [] for name in ("event", "respondent", "item", "comment")}
    scores: list[NDArray[np.int64]] = []
    said: set[str] = set()
    for number, attenders in enumerate(meetings.attenders):
        chosen = draws.order(len(attenders))[: share_of(settings.rating_response, len(attenders))]
        raters = attenders[np.sort(chosen)]
        count = len(raters)
        named = draws.uniform(count) >= settings.anonymous_ratings
        names = members.ids[raters]
        # Who did not consent is in no table of answers by name.
        names[~named | ~members.consents[raters]] = None
        commented = draws.uniform(count) < settings.comments
        about = draws.whole(0, len(items), count)
        complains = draws.uniform(count) < 0.5
        stages = []
        block = np.zeros((count, len(items)), dtype=np.int64)
        words = np.full((count, len(items)), None, dtype=object)
        for position, item in enumerate(items):
            changed = [change for change in changes_of(settings) if change.rating_item == item]
            past = [change.lift for change in changed if change.after_event <= number]
            mood = _RATING_BASE[item] + sum(past) + 0.12 * float(draws.normal(1)[0])
            latent = mood + generosity[raters] + 0.75 * draws.normal(count)
            block[:, position] = cut(latent, RATING_POINTS)
            stages.append("steady" if not changed else "after" if past else "before")
        # Half of those who comment write about what they liked least.
        worst = len(items) - 1 - np.argmin(block[:, ::-1], axis=1)
        about = np.where(complains, worst, about)
        for position, item in enumerate(items):
            speaks = commented & (about == position)
            words[speaks, position] = _comments(draws, item, block[speaks, position], stages[position], said)
        columns["event"].append(np.full(count * len(items), settings.event_keys()[number], dtype=object))
        columns["respondent"].append(np.repeat(names, len(items)))
        columns["item"].append(np.tile(np.array(items, dtype=object), count))
        columns["comment"].append(words.reshape(-1))
        scores.append(block.reshape(-1))
    stacked = {name: text(_joined(parts, object)) for name, parts in columns.items()}
    comment = stacked.pop("comment")
    return pd.DataFrame({**stacked, "score": _joined(scores).astype(np.float64), "comment": comment})


def changes_table(settings: SimulationSettings, meetings: Meetings) -> pd.DataFrame:
    """Give changes.csv; a change is decided ten days after the event whose ratings led to it."""
    changes = changes_of(settings)
    keys = settings.event_keys()
    decided = [meetings.dates[change.after_event - 1] + timedelta(days=10) for change in changes]
    return pd.DataFrame(
        {
            "change": text([f"CH{number}" for number in range(1, len(changes) + 1)]),
            "date": days(np.array(decided, dtype="datetime64[D]")),
            "what": text([change.what for change in changes]),
            "why": text([change.why for change in changes]),
            "event": text([keys[change.after_event - 1] for change in changes]),
        }
    )


def outputs_table(settings: SimulationSettings) -> pd.DataFrame:
    """Give outputs.csv: most outputs done near their date, every fourth still planned, every fifth dropped."""
    draws = Draws(settings.seed, "outputs")
    start, end = wave_dates(settings)
    rows = []
    for number in range(settings.outputs):
        planned = start + timedelta(days=(end - start).days * (number + 1) // (settings.outputs + 1))
        status = "dropped" if number % 5 == 4 else "planned" if number % 4 == 3 else "done"
        done = planned + timedelta(days=draws.one(50) - 10)
        round_of = "" if number < len(OUTPUTS) else f" ({number // len(OUTPUTS) + 1})"
        title = OUTPUTS[number % len(OUTPUTS)] + round_of
        rows.append((f"O{number + 1:02d}", title, status, planned, done if status == "done" else None))
    outputs, titles, statuses, planned_dates, done_dates = zip(*rows, strict=True) if rows else ((),) * 5
    return pd.DataFrame(
        {
            "output": text(outputs),
            "title": text(titles),
            "status": text(statuses),
            "planned_date": days(np.array(planned_dates, dtype="datetime64[D]")),
            "done_date": days(np.array(done_dates, dtype="datetime64[D]")),
        }
    )


# --- columns -------------------------------------------------------------------------------------------------------


def text(values: Sequence[object] | NDArray[np.object_]) -> pd.Series:
    """Give a text column; None stands for an empty cell."""
    return pd.Series(values, dtype="str")


def days(values: NDArray[np.datetime64]) -> pd.Series:
    """Give a date column; NaT stands for an empty cell."""
    return pd.Series(values.astype("datetime64[s]"))


def cut(latent: NDArray[np.float64], points: int) -> NDArray[np.int64]:
    """Turn latent values of mean about 0 into scores from 1 to `points`; the top answers are the easier ones to give.

    Examples
    --------
    >>> import numpy as np
    >>> cut(np.array([-3.0, -0.5, 0.2, 3.0]), 5).tolist()
    [1, 3, 3, 5]
    """
    limits = [0.0] if points == 2 else [-1.8 + 3.2 * step / (points - 2) for step in range(points - 1)]
    return (np.searchsorted(np.array(limits), latent, side="left") + 1).astype(np.int64)


_RATING_BASE = {"relevance": 0.75, "ease_of_attendance": -0.55, "peer_support": -0.1}


def _comments(draws: Draws, item: str, scores: NDArray[np.int64], stage: str, said: set[str]) -> NDArray[np.object_]:
    """Give a comment for each score: those nobody wrote yet first, then any of the bank again."""
    tones = np.where(scores <= 2, 0, np.where(scores == 3, 1, 2))
    words = np.full(len(scores), None, dtype=object)
    for position, tone in enumerate(("low", "middling", "high")):
        places = np.flatnonzero(tones == position)
        special, usual = COMMENTS[item][tone].get(stage, ()), COMMENTS[item][tone]["any"]
        bank = special + usual
        again = draws.whole(0, len(bank), len(places))
        # What belongs to this stage of the design is said before what could be said at any time.
        order = [*draws.order(len(special)), *(draws.order(len(usual)) + len(special))]
        fresh = [bank[k] for k in order if bank[k] not in said][: len(places)]
        said.update(fresh)
        words[places] = np.array(bank, dtype=object)[again]
        words[places[: len(fresh)]] = fresh
    return words


def _organisations(people: int, count: int) -> tuple[SimulatedOrganisation, ...]:
    """Share people out: the first organisation has about three times the people of the last."""
    weights = [3 * count - 2 * position for position in range(count)]
    total, width, shared, given = sum(weights), len(str(count)), 0, 0
    organisations = []
    for position, weight in enumerate(weights):
        shared += weight
        here = people * shared // total - given
        given += here
        sector = SECTORS[position % len(SECTORS)]
        key = f"ORG{position + 1:0{width}d}"
        name = f"{sector.capitalize()} {position + 1}"
        organisations.append(SimulatedOrganisation(key=key, name=name, sector=sector, people=here))
    return tuple(organisations)


def _third_wednesday(year: int, month: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(2 - first.weekday()) % 7 + 14)


def _format(settings: SimulationSettings, number: int) -> str:
    """Formats follow each other; with as many formats as phases, a new one begins at a change of design."""
    last_change = max((change.after_event for change in changes_of(settings)), default=0)
    if len(settings.formats) == 2 and last_change:
        return settings.formats[int(number >= last_change)]
    return settings.formats[number * len(settings.formats) // max(settings.events, 1)]


def _topic(settings: SimulationSettings, number: int) -> str:
    topics = settings.topics or TOPICS
    return topics[number] if number < len(topics) else TOPICS[number % len(TOPICS)]


def _known(person: str, positions: dict[str, int]) -> str:
    if person not in positions:
        raise ValueError(
            f"The story names {person}, who is not a member; members are called like {next(iter(positions))}."
        )
    return person


def _joined(parts: Sequence[NDArray], dtype: type = np.int64) -> NDArray:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=dtype)
