"""What study.toml may say, as pydantic models; reading the file and turning mistakes into faults is in settings.py."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Hashable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

SCHEMA_VERSION = 1


Provenance = Literal["simulated", "published figures", "mixed", "collected"]
Direction = Literal["higher is better", "lower is better"]
StatedTotal = Literal[
    "signed up",
    "attended",
    "events held",
    "events planned",
    "people",
    "organisations",
    "outputs done",
    "outputs planned",
    "respondents",
    "documents",
    "attended share",
    "rated share",
    "returned share",
    "respondents share",
    "mean signed up",
    "mean attended",
    "mean rating",
    "mean score",
]

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]*\Z", re.ASCII)
_STUDY_KEY = re.compile(r"[a-z][a-z0-9_\-]*\Z", re.ASCII)
# Windows keeps these names for devices: no folder of a report can be called so.
_DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})


def _fault(rule: str, fix: str) -> PydanticCustomError:
    # The texts travel as the error's context, because a message template would read braces in them as its own.
    return PydanticCustomError("study", "{rule}", {"rule": rule, "fix": fix})


def _as_date(value: object) -> datetime.date:
    if isinstance(value, datetime.datetime):
        raise _fault("is a moment, not a day", f"write {value.date().isoformat()}")
    if isinstance(value, datetime.date):
        day = value
    elif isinstance(value, str):
        try:
            day = datetime.datetime.strptime(value, "%Y-%m-%d").date()
        except ValueError:
            raise _fault("is not a date", "write the day as 2024-02-20, without quotation marks") from None
    else:
        raise _fault("is not a date", "write the day as 2024-02-20, without quotation marks")
    if not 1900 <= day.year <= 2100:
        raise _fault("is not in the years 1900 to 2100", "correct the year")
    return day


def _as_number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or abs(value) > 1e9:
        raise _fault("is not a number", "write a number such as 5, without quotation marks")
    return float(value)


def _as_condition(value: object) -> object:
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value.isoformat()
    raise _fault("is neither text nor a number", 'write what the column holds, such as "webinar"')


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _key(value: str) -> str:
    if len(value) > 64 or not _KEY.match(value):
        raise _fault("cannot be a key", "use at most 64 letters, digits, hyphens and underscores")
    return value


def _study_key(value: str) -> str:
    if len(value) > 64 or not _STUDY_KEY.match(value) or value in _DEVICES:
        raise _fault(
            "cannot name a study", "use lower-case letters, digits and underscores, a letter first, at most 64"
        )
    return value


def _database(value: str) -> str:
    if value and not re.match(r"(postgresql(\+psycopg)?|sqlite)://.|\$\{[^}]+\}", value):
        raise _fault(
            "is not the address of a database",
            "write it like postgresql+psycopg://user:${COP_DATABASE_PASSWORD}@host/name, or leave it out",
        )
    return value


def _said(value: str) -> str:
    if not value.strip():
        raise _fault("is empty", "write it in words")
    return value.strip()


Day = Annotated[datetime.date, BeforeValidator(_as_date)]
Number = Annotated[float, BeforeValidator(_as_number)]
Key = Annotated[str, AfterValidator(_key)]
Words = Annotated[str, AfterValidator(_said)]
Condition = Annotated[str | int | float | bool, BeforeValidator(_as_condition)]


class Part(BaseModel):
    """What every part of study.toml shares: strict types, no unknown keys, no change after reading."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Schedule(Part):
    """When the programme meets: the interval in words and, because words are ambiguous, the planned days.

    ``phases`` lists the changes of design (keys of changes.csv, or ``"after EVENT"``) that begin a phase of their own
    on a chart of ratings; no change does unless it is listed.
    """

    interval: str = ""
    planned: Annotated[tuple[Day, ...], BeforeValidator(_as_tuple)] = ()
    phases: Annotated[tuple[Words, ...], BeforeValidator(_as_tuple)] = ()


class Plan(Part):
    """The analysis of change that was planned, and when it was written down."""

    dated: Day | None = None
    instrument: str = ""
    before: str = ""
    after: str = ""
    direction: Literal["increase", "decrease", "either", ""] = ""
    multiplicity: Literal["maxT", "holm", "bh"] = "maxT"
    primary: str = ""


class Wave(Part):
    """A time at which people were asked.

    ``design`` says how those who answered stand to those of the waves before: ``"paired"`` where the same id is the
    same person, ``"unmatched"`` where they are other people, or nobody can tell.

    ``ids`` says whose ids its answers carry: ``"people"`` those of people.csv, ``"survey codes"`` codes that people or
    the survey tool made up, which are never linked to people, attendance or ties.
    """

    key: Key
    label: str = ""
    date: Day | None = None
    design: Literal["paired", "unmatched", ""] = ""
    ids: Literal["people", "survey codes", ""] = ""

    @property
    def name(self) -> str:
        """The label, or the key where no label is given."""
        return self.label or self.key.replace("_", " ")


class Item(Part):
    """A question of an instrument."""

    key: Key
    wording: str = ""
    reverse: bool = False


class Instrument(Part):
    """A questionnaire with its scale."""

    key: Key
    title: str = ""
    minimum: Number
    maximum: Number
    step: Number = 1.0
    direction: Direction = "higher is better"
    labels: dict[str, Number] = Field(default_factory=dict)
    items: Annotated[tuple[Item, ...], BeforeValidator(_as_tuple), Field(min_length=1)]

    @model_validator(mode="after")
    def _hold_together(self) -> Self:
        _require_scale(self.minimum, self.maximum)
        if self.step <= 0 or self.step > self.maximum - self.minimum:
            raise _fault(f"has a step of {self.step:g} between answers", "write the step from one answer to the next")
        for word, number in self.labels.items():
            if not self.minimum <= number <= self.maximum:
                rule = f'labels {number:g} "{word}", which is not on its scale {self.minimum:g} to {self.maximum:g}'
                raise _fault(rule, "correct the label's number")
        return self

    @property
    def name(self) -> str:
        """The title, or the key where no title is given."""
        return self.title or self.key.replace("_", " ")

    def item(self, key: str) -> Item:
        """Give the item of that key."""
        return _find(self.items, key, f"item of {self.key}")

    @property
    def item_keys(self) -> tuple[str, ...]:
        """The keys of the items in order."""
        return tuple(item.key for item in self.items)


class RatingItem(Part):
    """What those who came to an event were asked to rate, and the mean rating aimed at, if one was set."""

    key: Key
    wording: str = ""
    minimum: Number
    maximum: Number
    direction: Direction = "higher is better"
    target: Number | None = None

    @model_validator(mode="after")
    def _hold_together(self) -> Self:
        _require_scale(self.minimum, self.maximum)
        if self.target is not None and not self.minimum <= self.target <= self.maximum:
            rule = f"has a target of {self.target:g}, which is not on its scale {self.minimum:g} to {self.maximum:g}"
            raise _fault(rule, "correct the target, or leave it out")
        return self

    @property
    def name(self) -> str:
        """The key in words."""
        return self.key.replace("_", " ")


class Stated(Part):
    """A figure the source states (a total, a share or an average), kept as stated to be compared with the rows.

    ``unit`` is ``"%"`` where a share is written as a percentage; ``decimals`` is how many the source prints, needed
    only where the last of them is 0 (4.20).
    """

    what: StatedTotal
    value: Annotated[Number, Field(ge=0)]
    unit: Literal["", "%"] = ""
    decimals: Annotated[int, Field(ge=0, le=6)] | None = None
    at_least: bool = False
    source: str = ""
    where: dict[str, Condition] = Field(default_factory=dict)
    period: str = ""

    @model_validator(mode="after")
    def _hold_together(self) -> Self:
        if self.unit and not self.is_share:
            raise _fault(f'states {self.what} in "%"', 'leave unit out; only a share ("attended share") has one')
        if self.is_share and self.value > (100 if self.unit else 1):
            fix = "correct the value" if self.unit else 'add unit = "%" where it is a percentage'
            raise _fault(f"states a share of {self.value:g}{self.unit}", fix)
        return self

    @property
    def is_share(self) -> bool:
        """Whether it is a share of one count in another."""
        return self.what.endswith(" share")

    @property
    def is_mean(self) -> bool:
        """Whether it is an average."""
        return self.what.startswith("mean ")


class Relation(Part):
    """A kind of tie people were asked about."""

    key: Key
    wording: str = ""
    directed: bool = True

    @property
    def name(self) -> str:
        """The key in words."""
        return self.key.replace("_", " ")


class NamedPeriod(Part):
    """A period of the study's own, besides financial and calendar years."""

    label: Words
    start: Day
    end: Day

    @model_validator(mode="after")
    def _hold_together(self) -> Self:
        if self.end < self.start:
            raise _fault(f"ends on {self.end}, before it starts on {self.start}", "correct one of the two days")
        return self


class CodingSettings(Part):
    """Where the coding is kept, besides the file coding.db in the study folder.

    ``database`` is an address such as ``postgresql+psycopg://user:${COP_DATABASE_PASSWORD}@host/name``, in which a name
    in ``${}`` is an environment variable, or ``sqlite:///path``.
    """

    database: Annotated[str, AfterValidator(_database)] = ""


class StudyConfig(Part):
    """Everything study.toml says.

    Examples
    --------
    >>> config = StudyConfig(key="forum", title="The forum", provenance="simulated")
    >>> config.schema_version, config.waves
    (1, ())
    """

    schema_version: int = SCHEMA_VERSION
    key: Annotated[str, AfterValidator(_study_key)]
    title: Words
    summary: str = ""
    provenance: Provenance
    provenance_note: str = ""
    source: str = ""
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en-GB"
    boundary: str = ""
    questions: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = ()
    caveats: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)] = ()
    schedule: Schedule = Schedule()
    plan: Plan | None = None
    waves: Annotated[tuple[Wave, ...], BeforeValidator(_as_tuple)] = ()
    instruments: Annotated[tuple[Instrument, ...], BeforeValidator(_as_tuple)] = ()
    rating_items: Annotated[tuple[RatingItem, ...], BeforeValidator(_as_tuple)] = ()
    stated: Annotated[tuple[Stated, ...], BeforeValidator(_as_tuple)] = ()
    relations: Annotated[tuple[Relation, ...], BeforeValidator(_as_tuple)] = ()
    periods: Annotated[tuple[NamedPeriod, ...], BeforeValidator(_as_tuple)] = ()
    coding: CodingSettings = CodingSettings()

    def instrument(self, key: str = "") -> Instrument:
        """Give the instrument of that key; without a key, the study's only one.

        Raises
        ------
        ValueError
            When there is none of that key, or no key is given and there is not exactly one.
        """
        if key:
            return _find(self.instruments, key, "instrument")
        if len(self.instruments) == 1:
            return self.instruments[0]
        keys = ", ".join(instrument.key for instrument in self.instruments) or "none"
        raise ValueError(f"Name the instrument: study.toml has {len(self.instruments)} ({keys}).")

    def keys(self, section: str) -> tuple[str, ...]:
        """Give the keys of a section such as ``"waves"`` in order."""
        return tuple(part.key for part in getattr(self, section))


SECTIONS: Mapping[str, type[Part]] = MappingProxyType(
    {
        "schedule": Schedule,
        "plan": Plan,
        "waves": Wave,
        "instruments": Instrument,
        "items": Item,
        "rating_items": RatingItem,
        "stated": Stated,
        "relations": Relation,
        "periods": NamedPeriod,
        "coding": CodingSettings,
    }
)
"""The model behind each section of study.toml, by the section's name."""


def _require_scale(minimum: float, maximum: float) -> None:
    if minimum >= maximum:
        raise _fault(f"has a scale from {minimum:g} to {maximum:g}", "write a minimum that is below the maximum")


def _find(parts: Sequence[Any], key: str, what: str) -> Any:
    for part in parts:
        if part.key == key:
            return part
    keys = ", ".join(part.key for part in parts) or "none"
    raise ValueError(f"study.toml has no {what} {key!r}; it has {keys}.")


def repeated(values: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Find values that stand more than once: (position, position of the first) for each later one.

    Examples
    --------
    >>> repeated(["a", "b", "a"])
    [(2, 0)]
    """
    first: dict[Hashable, int] = {}
    again = []
    for position, value in enumerate(values):
        if value in first:
            again.append((position, first[value]))
        else:
            first[value] = position
    return again
