"""Decides which instrument and which two waves a study compares, and pairs them; no test and no picture lives here.

What is asked for comes first, then the study's dated analysis plan, then the only instrument and the first and last
wave with answers. Where nothing can be compared the reason is given as a sentence, because a page must still build.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.change.methods.columns import Differences, paired_differences, require_level
from cop_analysis.change.methods.pairing import Pairing, answers_by_wave, pair_answers
from cop_analysis.change.methods.scales import scale_scores, turned
from cop_analysis.change.pages.words import wave_name, what_was_left_out, who_is_missing
from cop_analysis.results import Result, absent
from cop_analysis.study.waves import WavePair, times_of_asking, wave_pair

if TYPE_CHECKING:
    from cop_analysis.study import Study
    from cop_analysis.study.config import Instrument, Wave


@dataclass(frozen=True)
class Comparison:
    """Two waves of one instrument, paired.

    Parameters
    ----------
    instrument : Instrument
        The questionnaire as study.toml describes it.
    before, after : Wave
        The two waves.
    pairing : Pairing
        The answers as given, with what was left out.
    deviations : tuple of str
        A sentence for each way in which the comparison departs from the dated plan, or for the lack of one.
    suffix : str
        What to add to the key of a result so that several comparisons can share a page.
    ids : WavePair
        What study.toml declares of the two waves, and whether their ids may be no people's.
    """

    instrument: Instrument
    before: Wave
    after: Wave
    pairing: Pairing
    deviations: tuple[str, ...]
    suffix: str
    ids: WavePair = field(default_factory=WavePair)

    @property
    def design(self) -> str:
        """How the waves can be compared: ``"paired"``, ``"unmatched"``, or ``"in doubt"`` until study.toml says which.

        Waves of which study.toml says nothing are unmatched where no id occurs at both.
        """
        if self.ids.is_stopped:
            return "in doubt"
        if self.ids.design == "unmatched":
            return "unmatched"
        apart = not self.pairing.n and bool(self.pairing.only_before) and bool(self.pairing.only_after)
        return "unmatched" if apart and not self.ids.design else "paired"

    @property
    def names(self) -> tuple[str, str]:
        """The two waves' labels, for headers and pictures."""
        return wave_name(self.before), wave_name(self.after)

    @property
    def times(self) -> tuple[str, str]:
        """The two waves in words that any label fits: ``the first time (Baseline)``."""
        first, second = times_of_asking(self.names)
        return first, second

    @property
    def items(self) -> tuple[str, ...]:
        """The items' keys in order."""
        return tuple(item.key for item in self.instrument.items)

    @property
    def reverse(self) -> tuple[str, ...]:
        """The items worded the other way."""
        return tuple(item.key for item in self.instrument.items if item.reverse)

    def oriented(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Give the paired answers with reversed items turned round."""
        ends = (self.instrument.minimum, self.instrument.maximum)
        return turned(self.pairing.before, self.reverse, *ends), turned(self.pairing.after, self.reverse, *ends)

    def scores(self) -> tuple[pd.Series, pd.Series]:
        """Give each person's mean over the items answered both times; NaN with fewer than half of them."""
        return scale_scores(*self.oriented())

    def lead(self, plan: object) -> tuple[str, Differences, tuple[pd.Series, pd.Series]]:
        """Choose what a finding is about: the planned primary item, the only item, else all items together.

        Returns the item's key ("" for all together), the changes and the two columns they come from. Where nobody
        answered enough items for a score, the best-answered item leads.
        """
        first, last = self.oriented()
        planned = getattr(plan, "primary", "")
        item = planned if planned in self.items else self.items[0] if len(self.items) == 1 else ""
        columns = (first[item], last[item]) if item else scale_scores(first, last)
        if not item and not bool((columns[0].notna() & columns[1].notna()).any()):
            both = (first.notna() & last.notna()).to_numpy().sum(axis=0)
            item = self.items[int(np.argmax(both))]
            columns = (first[item], last[item])
        return item, paired_differences(*columns), columns

    def about(self, item: str) -> str:
        """Say what the lead is about, as the end of a phrase."""
        return f"on “{self.wording(item)}”" if item else f"over the {len(self.items)} items together"

    def wave_scores(self, survey: pd.DataFrame, waves: tuple[str, ...] = ()) -> pd.DataFrame:
        """Give everybody's mean answer wave by wave, reversed items turned; NaN with fewer than half of the items."""
        asked = waves or (self.before.key, self.after.key)
        ends = (self.instrument.minimum, self.instrument.maximum)
        tables = answers_by_wave(
            survey, asked, instrument=self.instrument.key, items=self.items, minimum=ends[0], maximum=ends[1]
        )
        enough = max(1.0, 0.5 * len(self.items) - 1e-9)
        means = {}
        for wave, table in tables.items():
            answers = turned(table, self.reverse, *ends)
            means[wave] = answers.mean(axis=1).where(answers.notna().sum(axis=1) >= enough)
        return pd.DataFrame(means, columns=list(asked)).dropna(how="all").sort_index()

    def wave_answers(self, survey: pd.DataFrame) -> dict[str, pd.DataFrame]:
        """Give the answers of all who answered by wave, reversed items turned: a row a person, a column an item."""
        ends = (self.instrument.minimum, self.instrument.maximum)
        tables = answers_by_wave(
            survey, (self.before.key, self.after.key), instrument=self.instrument.key, items=self.items,
            minimum=ends[0], maximum=ends[1],
        )  # fmt: skip
        return {wave: turned(table, self.reverse, *ends) for wave, table in tables.items()}

    def wording(self, item: str) -> str:
        """Give an item's wording, or its key where it has none; a reversed item says so."""
        found = next(each for each in self.instrument.items if each.key == item)
        return (found.wording or found.key.replace("_", " ")) + (" (scored in reverse)" if found.reverse else "")


def compare_waves(
    study: Study, instrument: str | None = None, before: str | None = None, after: str | None = None
) -> Comparison | str:
    """Choose and pair two waves of an instrument, or say in one sentence why that cannot be done.

    Parameters
    ----------
    study : Study
        A study with a survey table.
    instrument, before, after : str, optional
        Keys from study.toml; None leaves the choice to the plan or to what there is.

    Returns
    -------
    Comparison or str

    Raises
    ------
    ValueError
        If an instrument or wave asked for is not in study.toml, or both waves are the same.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(survey=pd.DataFrame({"person": ["A"]}), instruments=(), waves=(), config=None)
    >>> compare_waves(study)
    'study.toml describes no instrument, so there are no answers to compare.'
    """
    survey = study.survey
    if survey is None or not len(survey):
        return "There is no survey, so there are no answers to compare."
    instruments = {each.key: each for each in study.instruments}
    waves = {each.key: each for each in study.waves}
    require_known(instrument, instruments, "instrument")
    require_known(before, waves, "wave")
    require_known(after, waves, "wave")
    plan = getattr(study.config, "plan", None)
    if not instruments:
        return "study.toml describes no instrument, so there are no answers to compare."
    named = instrument or getattr(plan, "instrument", "") or (next(iter(instruments)) if len(instruments) == 1 else "")
    if named not in instruments:
        return (
            f"The study has {len(instruments)} instruments ({', '.join(instruments)}) and its plan names none of them: "
            "name the one to compare, or show each with change.page(study)."
        )
    chosen = instruments[named]
    # A wave that looks back tells of another time than it was asked at: it is compared only where it is named.
    forwards = tuple(key for key, wave in waves.items() if not looks_back(wave))
    answered = _answered_waves(survey, named, forwards if len(forwards) > 1 else tuple(waves))
    planned = (getattr(plan, "before", ""), getattr(plan, "after", ""))
    first = before or (planned[0] if planned[0] != after else "") or _other(answered, after, 0)
    last = after or (planned[1] if planned[1] != first else "") or _other(answered, first, -1)
    if first and first == last and before is not None and after is not None:
        raise ValueError(f"The two waves must differ; both are {first!r}.")
    if first not in waves or last not in waves or first == last:
        held = ", ".join(waves[key].name for key in answered) or "none"
        return f"A change needs two waves with answers to {chosen.name}; this study has: {held}."
    ids = wave_pair(survey, study.people, study.waves, first, last)
    pairing = pair_answers(
        survey,
        first,
        last,
        matched=ids.may_pair,
        instrument=named,
        items=[item.key for item in chosen.items],
        minimum=chosen.minimum,
        maximum=chosen.maximum,
    )
    suffix = f"-{slug(named)}" if len(instruments) > 1 else ""
    if (first, last) != (planned[0] or _other(answered, None, 0), planned[1] or _other(answered, None, -1)):
        suffix += f"-{slug(first)}-{slug(last)}"
    return Comparison(
        instrument=chosen,
        before=waves[first],
        after=waves[last],
        pairing=pairing,
        deviations=_deviations(plan, named, first, last),
        suffix=suffix,
        ids=ids,
    )


def begin(
    study: Study,
    key: str,
    title: str,
    needed_for: str,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    level: float = 0.95,
    *,
    of_pairs: bool = True,
) -> Comparison | Result:
    """Check a page's level, choose and pair its two waves, or give the result that says why there is nothing to show.

    With ``of_pairs`` False the page makes sense for two groups of different people, too.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> begin(SimpleNamespace(survey=None), "slopes", "Each person", "a change").sentence
    'This study has no survey table (survey.csv), so a change cannot be shown.'
    """
    require_level(level)
    if study.survey is None:
        return absent(key, title, "survey", needed_for)
    comparison = compare_waves(study, instrument, before, after)
    if isinstance(comparison, str):
        return Result(key=key, title=title, sentence=comparison)
    return not_paired(key, title, needed_for, comparison) if of_pairs and comparison.design != "paired" else comparison


def not_paired(key: str, title: str, needed_for: str, comparison: Comparison) -> Result:
    """Give the result that says why nobody can be compared with themselves: a doubt, or different people."""
    why = (
        f"{doubt_in_words(comparison)} Until then {needed_for} cannot be shown."
        if comparison.design == "in doubt"
        else "The two waves were answered by different people, or by people who cannot be matched, so "
        f"{needed_for} cannot be shown."
    )
    return Result(key=f"{key}{comparison.suffix}", title=title, sentence=why, sources=("survey.csv",))


def doubt_in_words(comparison: Comparison) -> str:
    """Say why the ids of two waves may be no people's, and what to write so that they are compared."""
    before, after = comparison.before, comparison.after
    return (
        f"Whether the same id is the same person in both waves is not known: {comparison.ids.doubt}. Nobody is paired "
        f'until study.toml says which it is, under [[waves]] {after.key}: design = "unmatched" if the people differ '
        f'from those of the wave “{before.name}” or nobody knows, design = "paired" if each id is one person both '
        "times."
    )


def nobody_twice(key: str, title: str, comparison: Comparison) -> Result:
    """Give the result that says nobody answered the same item both times, with who is missing."""
    return Result(
        key=key,
        title=title,
        sentence=f"Nobody answered the same item both times ({'; '.join(comparison.names)}), so there is no change to "
        "show.",
        caveats=(who_is_missing(comparison), *what_was_left_out(comparison)),
        sources=("survey.csv",),
    )


def person_column(study: Study, people: pd.Index, column: str) -> pd.Series | None:
    """Give a column of the people table for these people, or None where the study does not have it.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> table = pd.DataFrame({"person": ["A", "B"], "organisation": ["one", "two"]})
    >>> person_column(SimpleNamespace(people=table), pd.Index(["B", "C"]), "organisation").tolist()[:1]
    ['two']
    """
    table = study.people
    if table is None or column not in table.columns or not table[column].notna().any():
        return None
    return table.drop_duplicates("person").set_index("person")[column].reindex(people)


def looks_back(wave: Wave) -> bool:
    """Say whether a wave's key or label marks it as one in which people look back at where they stood before.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> looks_back(SimpleNamespace(key="then", label="")), looks_back(SimpleNamespace(key="follow_up", label="After"))
    (True, False)
    """
    words = re.sub(r"[^a-z]+", " ", f"{wave.key} {wave.label}".lower())
    return "then" in words.split() or "retro" in words or "look back" in words or "looking back" in words


def slug(key: str) -> str:
    """Write a key so that it can be part of a result's key.

    Examples
    --------
    >>> slug("Follow_up 2")
    'follow-up-2'
    """
    return re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-") or "x"


def require_known(key: str | None, parts: Mapping[str, object], what: str) -> None:
    """Refuse a key that study.toml does not have, naming those it has.

    Raises
    ------
    ValueError
        If the key is not among the parts.
    """
    if key is not None and key not in parts:
        raise ValueError(f"study.toml has no {what} {key!r}; it has {', '.join(parts) or 'none'}.")


def _answered_waves(survey: pd.DataFrame, instrument: str, waves: tuple[str, ...]) -> tuple[str, ...]:
    rows = survey.loc[survey["score"].notna()]
    if "instrument" in rows.columns:
        rows = rows.loc[rows["instrument"].isna() | (rows["instrument"] == instrument).fillna(False)]
    present = set(rows["wave"].dropna().unique())
    return tuple(key for key in waves if key in present)


def _other(answered: tuple[str, ...], taken: str | None, place: int) -> str:
    left = [key for key in answered if key != taken]
    return left[place] if left else ""


def _deviations(plan: object, instrument: str, before: str, after: str) -> tuple[str, ...]:
    dated = getattr(plan, "dated", None)
    if plan is None or dated is None:
        return ("No dated analysis plan says which comparison was meant, so treat this one as exploratory.",)
    day = f"{dated.day} {dated:%B %Y}"
    primary = getattr(plan, "instrument", "")
    if primary and primary != instrument:
        return (f"The analysis plan of {day} names {primary} as the primary instrument; this one is secondary.",)
    departures = [
        f"the {what} planned was {planned} and this one is {used}"
        for what, planned, used in (
            ("first wave", getattr(plan, "before", ""), before),
            ("second wave", getattr(plan, "after", ""), after),
        )
        if planned and planned != used
    ]
    if not departures:
        return ()
    return (f"This departs from the analysis plan of {day}: {'; '.join(departures)}.",)
