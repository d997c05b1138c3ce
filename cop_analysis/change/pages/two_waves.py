"""Which instrument and which two waves a study compares, paired once; no test, no picture and no sentence lives here.

What is asked for comes first, then the study's dated analysis plan, then the only instrument and the first and last
wave with answers. Where nothing can be compared the reason is given as a sentence, because a page must still build.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.change.methods.columns import Differences, paired_differences
from cop_analysis.change.methods.pairing import Pairing, answers_by_wave, pair_answers
from cop_analysis.change.methods.scales import scale_scores, turned
from cop_analysis.change.pages import words
from cop_analysis.characters import slug
from cop_analysis.results import Quantity
from cop_analysis.study.config import Plan
from cop_analysis.study.waves import WavePair, times_of_asking, wave_pair

if TYPE_CHECKING:
    from cop_analysis.study import Study
    from cop_analysis.study.config import Instrument, Wave

Columns = tuple[pd.Series, pd.Series]
Tables = tuple[pd.DataFrame, pd.DataFrame]


@dataclass(frozen=True)
class Lead:
    """What a finding is about: the planned primary item, the only item, else all items together.

    Parameters
    ----------
    item : str
        The item's key; empty for all together.
    differences : Differences
        The changes of those with both answers.
    columns : tuple of pandas.Series
        What they come from, before and after, a row a person.
    """

    item: str
    differences: Differences
    columns: Columns

    @property
    def complete(self) -> Columns:
        """The columns of those with both answers."""
        pre, post = self.columns
        given = (pre.notna() & post.notna()).to_numpy()
        return pre[given], post[given]

    @property
    def changed(self) -> int:
        """How many moved either way."""
        return self.differences.up + self.differences.down


class TwoWaves:
    """Two waves of one instrument, paired.

    Parameters
    ----------
    study : Study
        The study, with a survey table.
    instrument : Instrument
        The questionnaire as study.toml describes it.
    before, after : Wave
        The two waves.
    pairing : Pairing
        The answers as given, with what was left out.
    ids : WavePair
        What study.toml declares of the two waves, and whether their ids may be no people's.
    suffix : str
        What to add to the key of a result so that several comparisons can share a page.
    """

    def __init__(
        self,
        study: Study,
        instrument: Instrument,
        before: Wave,
        after: Wave,
        pairing: Pairing,
        ids: WavePair,
        suffix: str,
    ) -> None:
        self.study, self.instrument, self.before, self.after = study, instrument, before, after
        self.pairing, self.ids, self.suffix = pairing, ids, suffix
        self.plan = plan_of(study)
        self.suffix_of_instrument = f"-{slug(instrument.key)}" if len(study.instruments) > 1 else ""

    @cached_property
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

    @cached_property
    def keys(self) -> tuple[str, str]:
        """The two waves' keys."""
        return self.before.key, self.after.key

    @cached_property
    def names(self) -> tuple[str, str]:
        """The two waves' labels, for headers and pictures."""
        return self.before.name, self.after.name

    @cached_property
    def times(self) -> tuple[str, str]:
        """The two waves in words that any label fits: ``the first time (Baseline)``."""
        first, second = times_of_asking(self.names)
        return first, second

    @cached_property
    def items(self) -> tuple[str, ...]:
        """The items' keys in order."""
        return tuple(item.key for item in self.instrument.items)

    @cached_property
    def reverse(self) -> tuple[str, ...]:
        """The items worded the other way."""
        return tuple(item.key for item in self.instrument.items if item.reverse)

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The ends of the scale."""
        return self.instrument.minimum, self.instrument.maximum

    @cached_property
    def wordings(self) -> dict[str, str]:
        """What each item asks, or its key where it has no wording; a reversed item says so."""
        return {
            item.key: (item.wording or item.key.replace("_", " ")) + (" (scored in reverse)" if item.reverse else "")
            for item in self.instrument.items
        }

    @cached_property
    def direction(self) -> words.Direction:
        """Which way is better on the instrument, and how that is said."""
        return words.direction_of(self.instrument)

    @cached_property
    def is_of_two_answers(self) -> bool:
        """Whether the scale has two answers, such as yes and no."""
        return len(scale_points(self.instrument)) == 2

    @cached_property
    def oriented(self) -> Tables:
        """The paired answers with reversed items turned round."""
        return self._turned(self.pairing.before), self._turned(self.pairing.after)

    @cached_property
    def scores(self) -> Columns:
        """Each person's mean over the items answered both times; NaN with fewer than half of them."""
        return scale_scores(*self.oriented)

    @cached_property
    def scored(self) -> Differences:
        """The changes of those with a score both times."""
        return paired_differences(*self.scores)

    @cached_property
    def lead(self) -> Lead:
        """What a finding is about; where nobody answered enough items for a score, the best-answered item leads."""
        item = self.leading_item
        if not item and not self.answered_twice(""):
            first, last = self.oriented
            both = (first.notna() & last.notna()).to_numpy().sum(axis=0)
            item = self.items[int(np.argmax(both))]
        return Lead(item, paired_differences(*self.of(item)), self.of(item))

    @cached_property
    def leading_item(self) -> str:
        """The planned primary item, or the only one; empty where all items together lead."""
        if self.plan.primary in self.items:
            return self.plan.primary
        return self.items[0] if len(self.items) == 1 else ""

    def about(self, item: str) -> str:
        """Say what a finding is about, as the end of a phrase."""
        return f"on “{self.wordings[item]}”" if item else f"over the {len(self.items)} items together"

    @cached_property
    def answered(self) -> Tables:
        """The answers of all who answered at either wave, reversed items turned: a row a person, a column an item."""
        tables = self._answers(self.keys)
        return tables[self.before.key], tables[self.after.key]

    @cached_property
    def mean_answers(self) -> Columns:
        """The mean answer of all who answered at either wave, by person; NaN with fewer than half of the items."""
        scores = self.mean_answers_at(self.keys)
        return scores[self.before.key], scores[self.after.key]

    def mean_answers_at(self, waves: Sequence[str]) -> pd.DataFrame:
        """Give everybody's mean answer wave by wave, reversed items turned; NaN with fewer than half of the items."""
        tables = dict(zip(self.keys, self.answered, strict=True)) if tuple(waves) == self.keys else self._answers(waves)
        enough = max(1.0, 0.5 * len(self.items) - 1e-9)
        means = {
            wave: answers.mean(axis=1).where(answers.notna().sum(axis=1) >= enough) for wave, answers in tables.items()
        }
        return pd.DataFrame(means, columns=list(waves)).dropna(how="all").sort_index()

    def answered_twice(self, item: str) -> bool:
        """Say whether anybody answered an item, or enough of all of them (`item` empty), both times."""
        first, last = self.of(item)
        return bool((first.notna() & last.notna()).any())

    def of(self, item: str) -> Columns:
        """Give the paired answers to an item, or the scores over all of them (`item` empty)."""
        first, last = self.oriented
        return (first[item], last[item]) if item else self.scores

    def started(self, item: str) -> pd.Series:
        """Give what everybody answered before on an item, or on all of them (`item` empty), by person."""
        return (self.answered[0][item] if item else self.mean_answers[0]).dropna()

    def of_people(self, people: pd.Index, column: str) -> pd.Series | None:
        """Give a column of the people table for these people, or None where the study does not have it."""
        table = self.study.people
        if table is None or column not in table.columns or not table[column].notna().any():
            return None
        return table.drop_duplicates("person").set_index("person")[column].reindex(people)

    @cached_property
    def who_answered(self) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """Who answered before, who after, and who both times."""
        both = frozenset(map(str, self.pairing.before.index))
        return both | {*self.pairing.only_before}, both | {*self.pairing.only_after}, both

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """Who answered at either wave and who at both, as every page of the survey states them."""
        before, after, both = self.who_answered
        answered = [
            Quantity(f"survey:answered:{self.instrument.key}:{wave}", len(who), members=who)
            for wave, who in zip(self.keys, (before, after), strict=True)
        ]
        if self.design != "paired":
            return tuple(answered)
        kept = f"survey:paired:{self.instrument.key}:{self.before.key}:{self.after.key}"
        return (*answered, Quantity(kept, self.pairing.n, len(before), both, before))

    def _turned(self, answers: pd.DataFrame) -> pd.DataFrame:
        return turned(answers, self.reverse, *self.ends)

    def _answers(self, waves: Sequence[str]) -> dict[str, pd.DataFrame]:
        assert self.study.survey is not None
        low, high = self.ends
        tables = answers_by_wave(
            self.study.survey, waves, instrument=self.instrument.key, items=self.items, minimum=low, maximum=high
        )
        return {wave: self._turned(table) for wave, table in tables.items()}


def choose_waves(
    study: Study, instrument: str | None = None, before: str | None = None, after: str | None = None
) -> TwoWaves | str:
    """Choose and pair two waves of an instrument, or say in one sentence why that cannot be done.

    Parameters
    ----------
    study : Study
        The study.
    instrument, before, after : str, optional
        Keys from study.toml; None leaves the choice to the plan or to what there is.

    Returns
    -------
    TwoWaves or str

    Raises
    ------
    ValueError
        If an instrument or wave asked for is not in study.toml, or both waves are the same.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(survey=pd.DataFrame({"person": ["A"]}), instruments=(), waves=(), config=None)
    >>> choose_waves(study)
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
    plan = plan_of(study)
    if not instruments:
        return "study.toml describes no instrument, so there are no answers to compare."
    named = instrument or plan.instrument or (next(iter(instruments)) if len(instruments) == 1 else "")
    if named not in instruments:
        return (
            f"The study has {len(instruments)} instruments ({', '.join(instruments)}) and its plan names none of them: "
            "name the one to compare, or show each with change.page(study)."
        )
    chosen = instruments[named]
    # A wave that looks back tells of another time than it was asked at: it is compared only where it is named.
    forwards = tuple(key for key, wave in waves.items() if not looks_back(wave))
    answered = _answered_waves(survey, named, forwards if len(forwards) > 1 else tuple(waves))
    first = before or (plan.before if plan.before != after else "") or _other(answered, after, 0)
    last = after or (plan.after if plan.after != first else "") or _other(answered, first, -1)
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
    if (first, last) != (plan.before or _other(answered, None, 0), plan.after or _other(answered, None, -1)):
        suffix += f"-{slug(first)}-{slug(last)}"
    return TwoWaves(study, chosen, waves[first], waves[last], pairing, ids, suffix)


def plan_of(study: Study) -> Plan:
    """Give the analysis plan of a study; an empty one where it has none.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> plan_of(SimpleNamespace(config=None)).multiplicity
    'maxT'
    """
    return getattr(study.config, "plan", None) or Plan()


def scale_points(instrument: Instrument) -> list[float]:
    """Give the answers there are on an instrument's scale.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> scale_points(SimpleNamespace(minimum=1, maximum=3, step=1))
    [1.0, 2.0, 3.0]
    """
    low, high, step = float(instrument.minimum), float(instrument.maximum), float(getattr(instrument, "step", 1) or 1)
    return [low + step * place for place in range(round((high - low) / step) + 1)]


def looks_back(wave: Wave) -> bool:
    """Say whether a wave's key or label marks it as one in which people look back at where they stood before.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> looks_back(SimpleNamespace(key="then", label="")), looks_back(SimpleNamespace(key="follow_up", label="After"))
    (True, False)
    """
    text = re.sub(r"[^a-z]+", " ", f"{wave.key} {wave.label}".lower())
    return "then" in text.split() or "retro" in text or "look back" in text or "looking back" in text


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
