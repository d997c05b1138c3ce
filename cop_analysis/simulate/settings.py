"""How large a simulated study is and how its programme behaves, and settings with a name; nothing is drawn here.

With a name come the demonstration study the repository ships, and sizes to plan and measure with.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from difflib import get_close_matches
from numbers import Integral, Real
from types import MappingProxyType
from typing import Any

LARGEST_TABLE = 20_000_000
"""The most rows one simulated table may have; more would not fit an ordinary computer's memory."""

_SLUG = re.compile(r"[a-z][a-z0-9_]*\Z")


@dataclass(frozen=True, kw_only=True)
class SimulatedOrganisation:
    """An organisation of a simulated programme, and how many of its people are members."""

    key: str
    name: str
    sector: str
    people: int


@dataclass(frozen=True, kw_only=True)
class DesignChange:
    """A change of session design: what was done after which event, and which rating it is meant to raise.

    `lift` is in standard deviations of one person's opinion of a session.
    """

    after_event: int
    what: str
    why: str
    rating_item: str
    lift: float = 0.9


@dataclass(frozen=True, kw_only=True)
class ScriptedChange:
    """How one person's latent confidence moved, in standard deviations, whatever the programme did for others.

    All items start at `level` and move by `shift`; `marked_items` move by `marked_shift` instead.
    """

    person: str
    level: float
    shift: float
    marked_items: tuple[str, ...] = ()
    marked_shift: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Story:
    """Facts a simulated study must contain because a text written by hand tells them; all empty unless there is one.

    Parameters
    ----------
    roles : tuple of (person, role)
    attendance : tuple of (person, events)
        The numbers, from 1, of exactly those events the person attended.
    new_advice : tuple of (ego, alter)
        Advice ties that are in the last wave and not in the first.
    within_organisation : tuple of person
        People without any advice tie across organisations.
    change : tuple of ScriptedChange
        People who answer in both waves, and how their confidence moved.
    """

    roles: tuple[tuple[str, str], ...] = ()
    attendance: tuple[tuple[str, tuple[int, ...]], ...] = ()
    new_advice: tuple[tuple[str, str], ...] = ()
    within_organisation: tuple[str, ...] = ()
    change: tuple[ScriptedChange, ...] = ()

    def people(self) -> set[str]:
        """Give everybody the story tells something about."""
        named = {person for person, _ in self.roles} | {person for person, _ in self.attendance}
        named |= {person for tie in self.new_advice for person in tie}
        return named | set(self.within_organisation) | {change.person for change in self.change}


def _setting(default: Any, meaning: str, lowest: float | None = None, highest: float | None = None) -> Any:
    return field(default=default, metadata={"help": meaning, "lowest": lowest, "highest": highest})


@dataclass(frozen=True, kw_only=True)
class SimulationSettings:
    """Everything a simulated study depends on: the same settings always give the same study, byte for byte.

    `describe_settings` lists every field with its meaning, range and default. Shares are of one; sizes are counts.

    Raises
    ------
    ValueError
        When a setting is out of its range or settings contradict each other; the sentence names the setting.

    Examples
    --------
    >>> SimulationSettings(people=12, events=4).people
    12
    >>> SimulationSettings(people=0)
    Traceback (most recent call last):
    ...
    ValueError: The setting `people` is 0, but must be a whole number from 1 to 1000000.
    """

    seed: int = _setting(1, "the seed; the same settings and seed give the same files", 0, 2**63 - 1)
    people: int = _setting(30, "members of the programme", 1, 1_000_000)
    organisations: int = _setting(5, "organisations the members come from", 1, 100_000)
    events: int = _setting(6, "scheduled events; 0 for a programme without any", 0, 2_000)
    items: int = _setting(10, "items of the confidence survey; 0 leaves the survey out", 0, 200)
    scale_points: int = _setting(5, "answers an item offers, scored 1 to this number", 2, 100)
    reversed_items: int = _setting(0, "how many of the items are negatively worded", 0, 200)
    effect_size: float = _setting(
        0.5, "mean gain in confidence between the waves, in standard deviations of people's confidence", -5, 5
    )
    drop_out: float = _setting(0.2, "share of baseline respondents who do not answer at follow-up", 0, 1)
    unmatched_ids: float = _setting(0.05, "share of respondents a wave who sign with a code of their own making", 0, 1)
    near_miss_ids: float = _setting(0.03, "share of follow-up respondents whose id is mistyped", 0, 1)
    missing_answers: float = _setting(0.01, "share of single answers left empty", 0, 1)
    declined: float = _setting(0.03, "share of members who did not consent, and so answer nothing", 0, 1)
    joiners: float = _setting(0.05, "share of members who joined after the first wave", 0, 1)
    leavers: float = _setting(0.05, "share of members who left before the last wave", 0, 1)
    attendance: float = _setting(0.6, "share of the members of the day who attend an event", 0, 1)
    no_shows: float = _setting(0.25, "people who signed up and stayed away, as a share of those who came", 0, 10)
    session_minutes: int = _setting(60, "length of a session in minutes", 1, 1_440)
    rating_response: float = _setting(0.75, "share of attenders who rate the session", 0, 1)
    anonymous_ratings: float = _setting(0.25, "share of ratings given without a name", 0, 1)
    rating_target: float = _setting(3.0, "target of the mean of each rating, set beforehand; 0 sets none", 0, 5)
    comments: float = _setting(0.4, "share of raters who write a comment", 0, 1)
    outputs: int = _setting(5, "planned outputs of the programme", 0, 1_000)
    advice_ties: float = _setting(2.5, "advice ties a member has on average in the first wave", 0, 100)
    knows_ties: float = _setting(3.0, "people a member knows of, beyond those asked for advice", 0, 100)
    new_ties: float = _setting(1.0, "advice ties a member gains on average between the waves", 0, 100)
    kept_ties: float = _setting(0.8, "share of advice ties still there in the last wave", 0, 1)
    homophily: float = _setting(0.75, "share of first-wave ties that stay inside the organisation", 0, 1)
    new_homophily: float = _setting(0.35, "share of ties gained later that stay inside the organisation", 0, 1)
    reciprocity: float = _setting(0.3, "chance that an advice tie is returned", 0, 1)
    non_response: float = _setting(0.15, "share of members asked who do not answer the network questions", 0, 1)
    transcripts: int = _setting(
        8, "transcripts, every eighth a focus group; 0 leaves documents and coding out", 0, 5_000
    )
    transcript_words: int = _setting(1_200, "least number of words of a transcript", 1, 200_000)
    extracts: int = _setting(160, "coded extracts, of all coders together", 0, 1_000_000)
    coders: int = _setting(2, "coders who coded the same passages independently", 1, 20)
    coder_agreement: float = _setting(0.7, "share of passages a further coder codes exactly as the first", 0, 1)
    configurations: int = _setting(10, "context-mechanism-outcome configurations", 0, 1_000)
    refuting: float = _setting(0.15, "share of evidence that speaks against its configuration", 0, 1)
    first_month: date = _setting(date(2024, 9, 1), "month of the first event")  # noqa: RUF009
    months_between_events: int = _setting(2, "months from one event to the next", 1, 24)
    key: str = _setting("simulated_forum", "the study's key: small letters, digits and underscores")
    title: str = _setting("A simulated prescribing forum", "the study's title")
    summary: str = _setting(
        "A virtual forum for non-medical prescribers of several organisations. Members meet on a fixed schedule to"
        " discuss prescribing; the aim is confidence to prescribe and closer working across organisations.",
        "what the programme is and aims at",
    )
    boundary: str = _setting(
        "Everybody on the membership list of the programme, kept by its coordinator; people who were never members"
        " could not be named.",
        "who could have been in the network, and how that was decided",
    )
    note: str = _setting("", "a sentence added to the provenance note")
    person_prefix: str = _setting("P", "letters a person's id begins with")
    event_prefix: str = _setting("EV", "letters an event's id begins with")
    series: str = _setting("forum", "the series the events belong to")
    organisation_list: tuple[SimulatedOrganisation, ...] = _setting(
        (), "the organisations by name, whose people add up to `people`; else they are made up"
    )
    roles: tuple[str, ...] = _setting(
        ("nurse prescriber", "pharmacist prescriber", "physiotherapist prescriber", "paramedic prescriber"),
        "roles of members, the most frequent first",
    )
    topics: tuple[str, ...] = _setting((), "topics of the events in order; a bank of topics is used beyond them")
    formats: tuple[str, ...] = _setting(("webinar", "face to face"), "formats of the events, one phase after another")
    design_changes: tuple[DesignChange, ...] | None = _setting(
        None, "changes of session design; None puts two or fewer at even distances"
    )
    item_gains: tuple[float, ...] = _setting((), "gain of each item as a multiple of the effect size; else a pattern")
    story: Story = _setting(Story(), "facts that a text written by hand requires")  # noqa: RUF009

    def __post_init__(self) -> None:
        for setting in fields(self):
            _check_range(setting.name, getattr(self, setting.name), setting.type, setting.metadata)
        self._check_words()
        self._check_lists()
        self._check_sizes()

    def _check_words(self) -> None:
        if not _SLUG.match(self.key) or len(self.key) > 64:
            raise ValueError(
                f"The setting `key` is {self.key!r}; use a small letter, then small letters, digits and underscores,"
                " 64 at most."
            )
        for name in ("person_prefix", "event_prefix", "series"):
            if not re.fullmatch(r"[A-Za-z][A-Za-z_-]{0,19}", getattr(self, name)):
                raise ValueError(
                    f"The setting `{name}` is {getattr(self, name)!r}; use 1 to 20 letters, hyphens or underscores."
                )
        for name in ("title", "summary", "boundary"):
            if not getattr(self, name).strip():
                raise ValueError(f"The setting `{name}` is empty; write at least one word.")

    def _check_lists(self) -> None:
        if not self.roles or not self.formats:
            raise ValueError("The settings `roles` and `formats` need at least one entry each.")
        if self.organisation_list:
            if sum(organisation.people for organisation in self.organisation_list) != self.people:
                raise ValueError(
                    "The people of `organisation_list` do not add up to the setting `people`; change the list,"
                    " or leave it out to have organisations made up."
                )
            if len(self.organisation_list) != self.organisations:
                raise ValueError("The length of `organisation_list` is not the setting `organisations`.")
            if any(organisation.people < 0 for organisation in self.organisation_list):
                raise ValueError("An organisation of `organisation_list` has fewer than 0 people.")
            keys = [organisation.key for organisation in self.organisation_list]
            if len(set(keys)) != len(keys):
                raise ValueError("Two organisations of `organisation_list` have the same key.")
        if self.reversed_items > self.items:
            raise ValueError(
                f"The setting `reversed_items` is {self.reversed_items}, but there are only {self.items} items."
            )
        if 0 < self.rating_target < 1:
            raise ValueError(
                f"The setting `rating_target` is {self.rating_target!r}, but ratings run from 1 to 5; 0 sets no target."
            )
        if self.item_gains and len(self.item_gains) != self.items:
            raise ValueError(f"The setting `item_gains` has {len(self.item_gains)} entries for {self.items} items.")
        for change in self.design_changes or ():
            if not 1 <= change.after_event < max(self.events, 1):
                raise ValueError(
                    f"A design change comes after event {change.after_event}; it must come after one of the events"
                    f" 1 to {self.events - 1}, so that at least one event follows."
                )
        numbers = {event for _, attended in self.story.attendance for event in attended}
        if numbers and not 1 <= min(numbers) <= max(numbers) <= self.events:
            raise ValueError("The story lets somebody attend an event that is not on the schedule.")

    def _check_sizes(self) -> None:
        months = self.first_month.month + self.months_between_events * max(self.events - 1, 0)
        if self.first_month.year < 1901 or self.first_month.year + (months - 1) // 12 > 2097:
            raise ValueError("The schedule leaves the years 1901 to 2097; choose fewer events or a shorter interval.")
        expected = {
            "attendance": self.people * self.events * self.attendance,
            "survey": 2 * self.people * self.items,
            "ratings": 3 * self.people * self.events * self.attendance * self.rating_response,
            "ties": self.people * (2 * self.advice_ties * (1 + self.reciprocity) * 2 + 2 * self.knows_ties),
            "transcripts (in words)": self.transcripts * self.transcript_words,
        }
        for table, rows in expected.items():
            if rows > LARGEST_TABLE:
                raise ValueError(
                    f"These settings ask for about {rows:,.0f} rows of {table}; at most {LARGEST_TABLE:,} can be made."
                )
        if self.transcripts and self.declined == 1:
            raise ValueError("With `declined` at 1 nobody consented to an interview; set `transcripts` to 0.")

    def event_keys(self) -> tuple[str, ...]:
        """Give the events' ids: prefix and number, as wide as the last one needs."""
        width = len(str(self.events))
        return tuple(f"{self.event_prefix}{number:0{width}d}" for number in range(1, self.events + 1))

    def item_keys(self) -> tuple[str, ...]:
        """Give the survey items' ids: ``q01``, ``q02`` and so on."""
        width = max(2, len(str(self.items)))
        return tuple(f"q{number:0{width}d}" for number in range(1, self.items + 1))


@dataclass(frozen=True)
class SettingDescription:
    """What a setting is called, means, may be and is when not given."""

    name: str
    meaning: str
    default: Any
    lowest: float | None
    highest: float | None


def describe_settings() -> tuple[SettingDescription, ...]:
    """List every setting with its meaning, range and default, for help texts and documentation.

    Examples
    --------
    >>> [(setting.name, setting.default) for setting in describe_settings()][:2]
    [('seed', 1), ('people', 30)]
    """
    return tuple(
        SettingDescription(
            setting.name,
            setting.metadata["help"],
            setting.default,
            setting.metadata["lowest"],
            setting.metadata["highest"],
        )
        for setting in fields(SimulationSettings)
    )


def _check_range(name: str, value: Any, kind: Any, limits: Any) -> None:
    lowest, highest = limits["lowest"], limits["highest"]
    if lowest is None:
        if kind == "str" and not isinstance(value, str):
            raise ValueError(f"The setting `{name}` is {value!r}, but must be text.")
        if kind == "date" and type(value) is not date:
            raise ValueError(f"The setting `{name}` is {value!r}, but must be a date.")
        return
    wanted = f"a whole number from {lowest} to {highest}" if kind == "int" else f"a number from {lowest} to {highest}"
    is_number = isinstance(value, Integral if kind == "int" else Real)
    if isinstance(value, bool) or not is_number or not math.isfinite(value) or not lowest <= value <= highest:
        raise ValueError(f"The setting `{name}` is {value!r}, but must be {wanted}.")


NMP_FORUM = SimulationSettings(
    seed=20240918,
    key="nmp_forum",
    title="Virtual forum for non-medical prescribers (simulated)",
    summary=(
        "A virtual forum for non-medical prescribers across one integrated care system: three hospices, a community"
        " provider and an acute trust. Members meet online every two months to discuss prescribing; the design of the"
        " sessions is changed on their feedback. The forum aims at confidence to prescribe and at closer working"
        " relationships across organisations. Every person, organisation, number and word of this study is invented."
    ),
    boundary=(
        "The 30 prescribers on the forum's membership list. The network questions showed the list of all members of"
        " the day; nobody outside it could be named, and colleagues who are not prescribers do not appear."
    ),
    note=(
        "In the study that comes with the package, the transcripts, their coding and the quotes are not the generator's"
        " simple ones: they were written by hand for this project, to fit these tables."
    ),
    people=30,
    organisations=5,
    organisation_list=(
        SimulatedOrganisation(key="HOSP_A", name="Alder Hospice", sector="hospice", people=7),
        SimulatedOrganisation(key="HOSP_B", name="Birchwood Hospice", sector="hospice", people=5),
        SimulatedOrganisation(key="HOSP_C", name="Cedar House Hospice", sector="hospice", people=4),
        SimulatedOrganisation(key="COMM", name="Downland Community Health", sector="community provider", people=8),
        SimulatedOrganisation(key="ACUTE", name="Eastmere Hospitals", sector="acute trust", people=6),
    ),
    events=6,
    event_prefix="NMP",
    first_month=date(2024, 9, 1),
    months_between_events=2,
    session_minutes=60,
    topics=(
        "Launch: scope of practice",
        "Anticipatory medicines at the end of life",
        "Opioids in kidney failure",
        "Antibiotics and wounds",
        "Deprescribing",
        "Charts and records across organisations",
    ),
    formats=("online presentation and discussion", "online breakout case discussion"),
    design_changes=(
        DesignChange(
            after_event=2,
            what="Meetings moved from 16:00 to 12:30",
            why="Ease of attendance was rated low: teams could not leave the wards and visits at four o'clock.",
            rating_item="ease_of_attendance",
            lift=1.0,
        ),
        DesignChange(
            after_event=4,
            what="Breakout case discussions in small groups that mix organisations",
            why="Peer support was rated lower than relevance: few people spoke in the whole group.",
            rating_item="peer_support",
            lift=0.9,
        ),
    ),
    items=10,
    scale_points=5,
    effect_size=0.5,
    item_gains=(0.6, 0.1, 1.1, 1.5, 1.3, 0.5, 0.9, 2.2, 0.6, -0.5),
    drop_out=0.12,
    unmatched_ids=0.07,
    near_miss_ids=0.04,
    missing_answers=0.01,
    declined=0.03,
    joiners=0.04,
    leavers=0.06,
    attendance=0.62,
    non_response=0.15,
    comments=0.6,
    advice_ties=2.2,
    knows_ties=2.6,
    transcripts=8,
    transcript_words=1_200,
    story=Story(
        roles=(
            ("P03", "nurse prescriber"),
            ("P05", "nurse prescriber"),
            ("P08", "nurse prescriber"),
            ("P10", "pharmacist prescriber"),
            ("P14", "physiotherapist prescriber"),
            ("P16", "nurse prescriber"),
            ("P17", "nurse prescriber"),
            ("P19", "nurse prescriber"),
            ("P21", "paramedic prescriber"),
            ("P22", "paramedic prescriber"),
            ("P26", "nurse prescriber"),
            ("P29", "pharmacist prescriber"),
        ),
        attendance=(
            ("P03", (1, 3, 4, 5, 6)),
            ("P05", (2, 3, 4, 5, 6)),
            ("P08", (1, 2, 3, 4, 5, 6)),
            ("P10", (1, 2, 3, 4, 6)),
            ("P14", (3, 4, 5, 6)),
            ("P16", (4, 5, 6)),
            ("P17", (1, 5)),
            ("P19", (1, 3, 5)),
            ("P21", (1, 3, 6)),
            ("P22", (1, 2)),
            ("P26", (1, 2, 3, 4, 5, 6)),
            ("P29", (1, 2, 3, 4, 5, 6)),
        ),
        new_advice=(("P03", "P26"), ("P19", "P08"), ("P14", "P29"), ("P05", "P03"), ("P16", "P29"), ("P26", "P10")),
        within_organisation=("P05", "P22"),
        change=(
            ScriptedChange(person="P26", level=1.2, shift=-0.6, marked_items=("q03", "q07"), marked_shift=-2.9),
            ScriptedChange(person="P05", level=-1.4, shift=1.6),
            ScriptedChange(person="P14", level=-0.6, shift=0.7, marked_items=("q02",), marked_shift=2.0),
        ),
    ),
)
"""The demonstration study in ``data/nmp_forum``. Its story holds what the transcripts written for it tell."""

PRESETS: Mapping[str, SimulationSettings] = MappingProxyType(
    {
        "nmp_forum": NMP_FORUM,
        "tiny": SimulationSettings(
            key="tiny", title="A tiny simulated study", people=4, organisations=2, events=2, transcripts=1, extracts=12
        ),
        "regional": SimulationSettings(
            key="regional",
            title="A simulated regional programme",
            people=400,
            organisations=25,
            events=18,
            transcripts=50,
            transcript_words=9_000,
            extracts=5_000,
            coders=3,
            configurations=60,
        ),
        "national": SimulationSettings(
            key="national",
            title="A simulated national programme",
            people=84_000,
            organisations=1_500,
            events=6,
            items=6,
            transcripts=20,
        ),
    }
)
"""Settings by name, for ``cop simulate --preset``."""

# What is written down name by name in a preset, and no longer fits once the size it was written for changes.
_FITTED: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "people": {"organisation_list": (), "story": Story()},
        "organisations": {"organisation_list": (), "story": Story()},
        "events": {"design_changes": None, "story": Story()},
        "items": {"item_gains": (), "story": Story()},
        "person_prefix": {"story": Story()},
    }
)


WORDS = ("key", "title", "summary", "boundary", "note")
"""The settings that name or describe a study, and change nothing in its tables."""


def choose_settings(preset: str = "", **changes: Any) -> SimulationSettings:
    """Give a preset with some settings changed; without a preset, the defaults with some settings changed.

    What a preset tells name by name (organisations, a story, changes after certain events) gives way when the size
    it was written for changes.

    Raises
    ------
    ValueError
        When there is no such preset or setting, or the settings do not fit each other.

    Examples
    --------
    >>> choose_settings("nmp_forum", people=300).organisations
    5
    >>> choose_settings("nmp_from")
    Traceback (most recent call last):
    ...
    ValueError: There is no preset 'nmp_from'; did you mean nmp_forum? There are nmp_forum, tiny, regional, national.
    """
    if preset and preset not in PRESETS:
        raise ValueError(
            f"There is no preset {preset!r}{_meant(preset, list(PRESETS))} There are {', '.join(PRESETS)}."
        )
    names = [setting.name for setting in fields(SimulationSettings)]
    for name in changes:
        if name not in names:
            raise ValueError(f"There is no setting {name!r}{_meant(name, names)} See describe_settings().")
    base = PRESETS[preset] if preset else SimulationSettings()
    loosened: dict[str, Any] = {}
    for name, fitted in _FITTED.items():
        if name in changes and changes[name] != getattr(base, name):
            loosened |= fitted
    return replace(base, **{**loosened, **changes})


def command_for(settings: SimulationSettings) -> str:
    """Give the command that makes a study of these settings, as far as a command can.

    Examples
    --------
    >>> command_for(choose_settings("nmp_forum", seed=5))
    'cop simulate FOLDER --preset nmp_forum --seed 5'
    """
    given = []
    for preset in (*PRESETS, ""):
        base = PRESETS[preset] if preset else SimulationSettings()
        unnamed = replace(settings, **{name: getattr(base, name) for name in WORDS})
        plain = {
            setting.name: getattr(unnamed, setting.name)
            for setting in fields(SimulationSettings)
            if (setting.type in ("int", "float", "date") or setting.name == "series")
            and getattr(unnamed, setting.name) != getattr(base, setting.name)
        }
        start = f"cop simulate FOLDER --preset {preset}" if preset else "cop simulate FOLDER"
        command = start + "".join(f" --{name.replace('_', '-')} {value}" for name, value in plain.items())
        if _gives(preset, plain, unnamed):
            given.append(command)
    return min(given, key=len) if given else f"{command} (and settings that only Python code can give)"


def _gives(preset: str, plain: Mapping[str, Any], settings: SimulationSettings) -> bool:
    try:
        return choose_settings(preset, **plain) == settings
    except ValueError:
        return False


def _meant(word: str, known: list[str]) -> str:
    near = get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]}?" if near else "."
