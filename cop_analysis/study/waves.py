"""How the people of two waves stand to one another: the design declared, and ids that may be no people's.

Whether an id means the same person at two waves cannot be seen from the answers. `study.toml` says it; where it does
not, ids that merely count rows (1, 2, 3, ...) are a doubt that nobody but the person who collected them can settle.
Repeated answers are found here too, and survey codes are set apart from the ids of people. Nothing is paired here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from cop_analysis.study.config import Instrument, StudyConfig, Wave
from cop_analysis.study.faults import Fault, visible

_NUMBERED = re.compile(r"(?P<lead>\D*?)(?P<number>\d{1,9})(?:\.0)?\Z")
_ROW_WORDS = """
r row rows line no nr num number id case record entry answer response resp respondent submission anon anonymous
"""
_COUNTS_ROWS = frozenset({"", *_ROW_WORDS.split()})
_STARTS = (0, 1, 2)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_FEWEST = 2
_UNLIKELY = 1000
_FULL = 0.8
"""A count of rows may miss some, where answers left blank were taken out; so much of it has to be there."""
_NAMED = 5


def times_of_asking(names: Sequence[str]) -> tuple[str, ...]:
    """Name the waves in words that any label fits, whatever preposition it begins with.

    Examples
    --------
    >>> times_of_asking(["Pre-test", "After the workshop"])
    ('the first time (Pre-test)', 'the second time (After the workshop)')
    """
    return tuple(
        f"{f'the {_ORDINALS[place]} time' if place < len(_ORDINALS) else f'time {place + 1}'} ({name})"
        for place, name in enumerate(names)
    )


@dataclass(frozen=True)
class WavePair:
    """How the people of two waves stand to one another.

    Parameters
    ----------
    design : {"paired", "unmatched", ""}
        What study.toml says; empty where it says nothing.
    doubt : str
        Why the same id may not be the same person, as a clause; empty where nothing speaks against it.
    stops : bool
        Whether the doubt is such that nothing may be paired until study.toml says which it is.
    """

    design: str = ""
    doubt: str = ""
    stops: bool = False

    @property
    def is_stopped(self) -> bool:
        """Whether nothing may be paired yet, because nobody has said whether an id is one person at both waves."""
        return not self.design and self.stops

    @property
    def may_pair(self) -> bool:
        """Whether the same id at both waves is taken for the same person."""
        return self.design != "unmatched" and not self.is_stopped


def wave_pair(
    survey: pd.DataFrame | None, people: pd.DataFrame | None, waves: Sequence[Wave], before: str, after: str
) -> WavePair:
    """Say how the people of two waves stand to one another: by study.toml, and by what their ids look like.

    Parameters
    ----------
    survey : pandas.DataFrame or None
        person and wave, among others.
    people : pandas.DataFrame or None
        Who is known to be a person.
    waves : sequence of Wave
        All waves in order of time.
    before, after : str
        The keys of two of them.

    Returns
    -------
    WavePair

    Examples
    --------
    >>> survey = pd.DataFrame({"person": [*"123", *"12"], "wave": ["start"] * 3 + ["end"] * 2})
    >>> pair = wave_pair(survey, None, (Wave(key="start"), Wave(key="end")), "start", "end")
    >>> pair.is_stopped, pair.doubt
    (True, 'the ids only count rows (1 to 3, and 1 to 2)')
    >>> wave_pair(survey, None, (Wave(key="start"), Wave(key="end", design="paired")), "start", "end").may_pair
    True
    """
    doubt, stops = "", False
    if survey is not None and before != after:
        known = set() if people is None else {str(each) for each in people["person"].dropna().unique()}
        ids = [_ids(survey, wave) for wave in (before, after)]
        doubt, stops = ids_in_doubt(ids[0], ids[1], known)
    return WavePair(design_between(waves, before, after), doubt, stops)


def _ids(survey: pd.DataFrame, wave: str) -> set[str]:
    at = (survey["wave"] == wave).fillna(False)
    return set(map(str, survey.loc[at, "person"].dropna().to_numpy(dtype=object)))


def design_between(waves: Sequence[Wave], before: str, after: str) -> str:
    """Give the design that study.toml declares for two waves: ``"paired"``, ``"unmatched"`` or ``""``.

    A wave's design says how its people stand to those of the waves before it, so that two waves are unmatched as soon
    as one after the first of them is, and paired where every one is.

    Examples
    --------
    >>> waves = (Wave(key="a"), Wave(key="b", design="paired"), Wave(key="c", design="unmatched"))
    >>> design_between(waves, "a", "b"), design_between(waves, "b", "c"), design_between(waves, "a", "c")
    ('paired', 'unmatched', 'unmatched')
    """
    keys = [wave.key for wave in waves]
    if before not in keys or after not in keys:
        return ""
    first, last = sorted((keys.index(before), keys.index(after)))
    said = {wave.design for wave in waves[first + 1 : last + 1]}
    if "unmatched" in said:
        return "unmatched"
    return "paired" if said == {"paired"} else ""


def ids_in_doubt(before: Collection[str], after: Collection[str], known: Collection[str] = ()) -> tuple[str, bool]:
    """Say why ids that occur at two waves may be no people's, and whether that stops any pairing.

    Parameters
    ----------
    before, after : collection of str
        The ids at either wave.
    known : collection of str
        The ids of the people table.

    Returns
    -------
    tuple of (str, bool)
        The reason as a clause, empty where there is none; and whether nothing may be paired before somebody has said
        which it is.

    Notes
    -----
    Ids count rows where they are 1 to n (or 0 to n - 1, or 2 to n + 1 as rows of a spreadsheet are numbered, or every
    k-th) without a gap at both waves, in any order, with or without leading zeros or a word such as row. Where some
    numbers are missing, because blank answers were taken out, they count rows where the wave with fewer holds the
    lowest numbers alone, which the ids of people who drop out are as good as never. Ids of the people table, and other
    letters before the number, are taken for pseudonyms; they are remarked on where exactly the first so many are left
    at one wave, for the same reason.

    Examples
    --------
    >>> ids_in_doubt(["1", "2", "3"], ["2", "1"])
    ('the ids only count rows (1 to 3, and 1 to 2)', True)
    >>> ids_in_doubt([str(number) for number in range(1, 21) if number != 7], [str(number) for number in range(1, 11)])
    ('the ids only count rows (1 to 20, some left out, and 1 to 10)', True)
    >>> ids_in_doubt(["R01", "R02", "R03"], ["R01", "R02", "R03"])[1]
    True
    >>> ids_in_doubt(["1961", "0407"], ["1961", "2212"]), ids_in_doubt(["P01", "P02", "P03"], ["P01", "P03"])
    (('', False), ('', False))
    """
    first, second = _counted(before), _counted(after)
    if first is None or second is None or first.lead != second.lead:
        return "", False
    if not first.may_go_with(second) or min(first.people, second.people) < _FEWEST:
        return "", False
    if not set(before) & set(after):
        return "", False
    fewer, numbers = min((first, second), key=lambda count: count.highest), first.numbers | second.numbers
    lowest = sum(number <= fewer.highest for number in numbers)
    unlikely = math.comb(len(numbers), fewer.people) >= _UNLIKELY * math.comb(lowest, fewer.people)
    if (first.has_gaps or second.has_gaps) and not unlikely:
        return "", False
    said = f"the ids only count rows ({first.span}, and {second.span})"
    if set(known) >= {*before, *after}:
        return (said, False) if unlikely and first.lead in _COUNTS_ROWS else ("", False)
    if first.lead in _COUNTS_ROWS:
        return said, True
    return (said, False) if unlikely else ("", False)


@dataclass(frozen=True)
class _Count:
    lead: str
    numbers: frozenset[int]
    step: int
    span: str

    @property
    def start(self) -> int:
        return min(self.numbers)

    @property
    def highest(self) -> int:
        return max(self.numbers)

    @property
    def people(self) -> int:
        return len(self.numbers)

    @property
    def has_gaps(self) -> bool:
        return self.people < (self.highest - self.start) // self.step + 1

    def may_go_with(self, other: _Count) -> bool:
        if {self.step, other.step} == {1}:
            return self.start in _STARTS and other.start in _STARTS
        return (self.start, self.step) == (other.start, other.step) and self.start <= self.step + max(_STARTS)


def _counted(ids: Collection[str]) -> _Count | None:
    """Read ids as one count, of rows with a few left out too; or give None."""
    found: dict[int, str] = {}
    leads = set()
    for identifier in ids:
        match = _NUMBERED.match(identifier.strip())
        if match is None:
            return None
        leads.add("".join(filter(str.isalpha, match["lead"])).casefold())
        found[int(match["number"])] = identifier
    if len(leads) != 1 or len(found) != len(set(ids)):
        return None
    numbers = sorted(found)
    lead, steps = leads.pop(), {later - earlier for earlier, later in pairwise(numbers)}
    is_full = len(numbers) >= _FULL * (numbers[-1] - numbers[0] + 1)
    if len(steps) > 1 and not (lead in _COUNTS_ROWS and numbers[0] in _STARTS and is_full):
        return None
    span = visible(found[numbers[0]], 20)
    if len(numbers) > 1:
        span += f" to {visible(found[numbers[-1]], 20)}"
    if len(steps) > 1:
        span += ", some left out"
    return _Count(lead, frozenset(numbers), steps.pop() if len(steps) == 1 else 1, span)


def wave_faults(tables: Mapping[str, pd.DataFrame], config: StudyConfig) -> list[Fault]:
    """Notice what keeps the waves and instruments of a survey from being compared as they stand."""
    survey = tables.get("survey")
    if survey is None or survey.empty:
        return []
    return [*_designs(survey, tables.get("people"), config), *_primary(survey, config), *_repeated(survey)]


def _designs(survey: pd.DataFrame, people: pd.DataFrame | None, config: StudyConfig) -> list[Fault]:
    present = set(map(str, survey["wave"].dropna().unique()))
    waves = [wave for wave in config.waves if wave.key in present]
    by_wave = {wave.key: _ids(survey, wave.key) for wave in waves}
    faults = []
    for place, wave in enumerate(waves):
        for earlier in reversed(waves[:place]):
            pair = wave_pair(survey, people, config.waves, earlier.key, wave.key)
            names = f'"{visible(earlier.name, 40)}" and "{visible(wave.name, 40)}"'
            if pair.doubt and not pair.design:
                if pair.stops:
                    rule = f"in the waves {names} {pair.doubt}, so they may be different people: they are not paired"
                else:
                    rule = f"in the waves {names} {pair.doubt}: see whether the same id is the same person"
                fix = (
                    f'in study.toml, under [[waves]] {wave.key}, write design = "unmatched" if the people differ or '
                    'nobody knows, or design = "paired" if each id is one person both times'
                )
                faults.append(Fault("survey.csv", None, "person", "", rule, fix, "notice"))
                break
            if pair.design == "paired" and not by_wave[earlier.key] & by_wave[wave.key]:
                rule = f"no id occurs in both waves {names}, which study.toml says are paired"
                fix = f'correct the ids, or write design = "unmatched" under [[waves]] {wave.key}'
                faults.append(Fault("survey.csv", None, "person", "", rule, fix, "notice"))
                break
    return faults


def asked_again(survey: pd.DataFrame, instruments: Sequence[Instrument]) -> list[str]:
    """Give the keys of the instruments that were answered at two waves or more, in the order of study.toml."""
    asked = survey.dropna(subset=["instrument", "wave"]).groupby(survey["instrument"].astype(object))["wave"].nunique()
    return [instrument.key for instrument in instruments if asked.get(instrument.key, 0) > 1]


def _primary(survey: pd.DataFrame, config: StudyConfig) -> list[Fault]:
    if config.plan is not None and config.plan.instrument:
        return []
    several = asked_again(survey, config.instruments)
    if len(several) < 2:
        return []
    rule = (
        f"[plan] names no instrument, and {len(several)} were asked at two waves or more ({', '.join(several)}): each "
        "has a section of its own and none leads"
    )
    fix = f'add instrument = "{several[0]}" under [plan], or whichever was the primary one'
    return [Fault("study.toml", None, "plan.instrument", "", rule, fix, "notice")]


def _repeated(survey: pd.DataFrame) -> list[Fault]:
    """Notice answers given more than once: the equal ones in one line, the differing ones in a line a person."""
    equal, differing = repeated_answers(survey)
    faults = []
    if len(equal):
        who = list(dict.fromkeys(equal["person"].astype(str)))
        named = ", ".join(visible(person, 40) for person in who[:_NAMED])
        more = f" and {len(who) - _NAMED:,} more" if len(who) > _NAMED else ""
        count = "1 answer stands" if len(equal) == 1 else f"{len(equal):,} answers stand"
        rule = f"{count} in the table more than once with the same score (by {named}{more}); each counts once"
        fix = "nothing to do if a form was sent twice; the pairing audit lists them"
        faults.append(Fault("survey.csv", int(equal.index[0]), "score", "", rule, fix, "notice"))
    for person, rows in differing.groupby(differing["person"].astype(object), sort=False):
        one = rows.iloc[0]
        where = " and ".join(str(row) for row in one["rows"])
        fix = (
            f"keep the row that was meant: rows {where} answer {visible(str(one['item']), 40)} in the wave "
            f"{visible(str(one['wave']), 40)}"
        )
        fix += f", and so for {len(rows) - 1:,} more" if len(rows) > 1 else ""
        rule = "answered the same question more than once in a wave, differently; none of these answers counts"
        faults.append(Fault("survey.csv", int(one["rows"][0]), "person", str(person), rule, fix, "notice"))
    return faults


def repeated_answers(survey: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Find questions that a person answered more than once in a wave.

    Parameters
    ----------
    survey : pandas.DataFrame
        person, wave, item, score, and instrument where there are several; the index is the row number. Empty scores
        are no answers.

    Returns
    -------
    tuple of pandas.DataFrame
        The questions whose answers are all equal, and those whose answers differ: person, wave, instrument where it was
        given, item, and the rows in which they stand.

    Examples
    --------
    >>> survey = pd.DataFrame({"person": "A", "wave": "w", "instrument": "i", "item": ["q1", "q1", "q2", "q2"],
    ...                        "score": [3, 3, 1, 2]})
    >>> equal, differing = repeated_answers(survey)
    >>> equal["item"].tolist(), differing["item"].tolist(), differing["rows"].tolist()
    (['q1'], ['q2'], [(2, 3)])
    """
    key = _question(survey)
    columns = [*key, "rows"]
    given = survey.loc[survey["score"].notna() & survey["person"].notna()]
    given = given.loc[given.duplicated(key, keep=False)]
    found: tuple[list[tuple[object, ...]], list[tuple[object, ...]]] = ([], [])
    if not given.empty:
        for names, rows in given.astype(dict.fromkeys(key, object)).groupby(key, sort=False, dropna=False):
            differ = bool(rows["score"].min() != rows["score"].max())
            found[differ].append((*names, tuple(int(row) for row in rows.index)))
    equal, differing = (pd.DataFrame(rows, columns=columns) for rows in found)
    for each in (equal, differing):
        each.index = pd.Index([rows[0] for rows in each["rows"]])
    return equal, differing


def _question(survey: pd.DataFrame) -> list[str]:
    """Name the columns by which an answer is one person's to one question."""
    return [column for column in ("person", "wave", "instrument", "item") if column in survey.columns]


def counted_answers(survey: pd.DataFrame) -> pd.DataFrame:
    """Give the answers that count: equal ones of a person to one question once, differing ones not at all.

    Examples
    --------
    >>> survey = pd.DataFrame({"person": "A", "wave": "w", "instrument": "i", "item": ["q1", "q1", "q2", "q2"],
    ...                        "score": [3, 3, 1, 2]})
    >>> counted_answers(survey)["item"].tolist()
    ['q1']
    """
    key = _question(survey)
    given = survey.loc[survey["score"].notna()]
    named = given["person"].notna()
    again = named & given.duplicated(key, keep=False)
    if not again.any():
        return given
    repeated = given.loc[again].astype(dict.fromkeys(key, object))
    spread = repeated.groupby(key, dropna=False)["score"].transform(lambda scores: scores.max() - scores.min())
    # By place, since tables put together may use a row number twice.
    counts = np.ones(len(given), dtype=bool)
    counts[np.flatnonzero(again)] = ((spread == 0) & ~repeated.duplicated(key)).to_numpy()
    return given.loc[counts]


CODE = "code "
"""What stands before a survey code from here on, so that it is never taken for a person of the same name."""


def with_own_codes(tables: Mapping[str, pd.DataFrame], config: StudyConfig) -> dict[str, pd.DataFrame]:
    """Set the survey codes of a study apart from the ids of its people.

    In a wave that study.toml declares with ``ids = "survey codes"`` nobody of people.csv, attendance or ties answered
    under their own id. A code that happens to be written like one (1, 2, 3 in both) would be linked to that person,
    and would go when that person withdraws. Codes keep their likeness from wave to wave, so that pairs stay pairs.

    Examples
    --------
    >>> config = StudyConfig.model_validate({"key": "forum", "title": "Forum", "provenance": "simulated",
    ...     "waves": [{"key": "start", "ids": "survey codes"}, {"key": "end"}]})
    >>> survey = pd.DataFrame({"person": ["1", "1"], "wave": ["start", "end"]})
    >>> with_own_codes({"survey": survey}, config)["survey"]["person"].tolist()
    ['code 1', '1']
    """
    waves = [wave.key for wave in config.waves if wave.ids == "survey codes"]
    if not waves or "survey" not in tables:
        return dict(tables)
    survey = tables["survey"].copy()
    coded = survey["wave"].astype(object).isin(waves) & survey["person"].notna()
    people = survey["person"].astype(object)
    survey["person"] = people.where(~coded, CODE + people.astype(str)).astype(survey["person"].dtype)
    return {**tables, "survey": survey}
