"""Decides which instrument and which two waves a study compares, and pairs them; no test and no picture lives here.

What is asked for comes first, then the study's dated analysis plan, then the only instrument and the first and last
wave with answers. Where nothing can be compared the reason is given as a sentence, because a page must still build.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.change.pairing import Pairing, pair_answers
from cop_analysis.change.scale import turned

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
    """

    instrument: Instrument
    before: Wave
    after: Wave
    pairing: Pairing
    deviations: tuple[str, ...]
    suffix: str

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
    _require_known(instrument, instruments, "instrument")
    _require_known(before, waves, "wave")
    _require_known(after, waves, "wave")
    plan = getattr(study.config, "plan", None)
    if not instruments:
        return "study.toml describes no instrument, so there are no answers to compare."
    named = instrument or getattr(plan, "instrument", "") or (next(iter(instruments)) if len(instruments) == 1 else "")
    if named not in instruments:
        return (
            f"The study has {len(instruments)} instruments ({', '.join(instruments)}) and its plan names none of them, "
            "so name the one to compare."
        )
    chosen = instruments[named]
    answered = _answered_waves(survey, named, tuple(waves))
    planned = (getattr(plan, "before", ""), getattr(plan, "after", ""))
    first = before or (planned[0] if planned[0] != after else "") or _other(answered, after, 0)
    last = after or (planned[1] if planned[1] != first else "") or _other(answered, first, -1)
    if first and first == last and before is not None and after is not None:
        raise ValueError(f"The two waves must differ; both are {first!r}.")
    if first not in waves or last not in waves or first == last:
        held = ", ".join(waves[key].name for key in answered) or "none"
        return f"A change needs two waves with answers to {chosen.name}; this study has: {held}."
    pairing = pair_answers(
        survey,
        first,
        last,
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
    )


def slug(key: str) -> str:
    """Write a key so that it can be part of a result's key.

    Examples
    --------
    >>> slug("Follow_up 2")
    'follow-up-2'
    """
    return re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-") or "x"


def _require_known(key: str | None, parts: Mapping[str, object], what: str) -> None:
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
    departures = [
        f"the {what} planned was {planned} and this one is {used}"
        for what, planned, used in (
            ("instrument", getattr(plan, "instrument", ""), instrument),
            ("first wave", getattr(plan, "before", ""), before),
            ("second wave", getattr(plan, "after", ""), after),
        )
        if planned and planned != used
    ]
    if not departures:
        return ()
    return (f"This departs from the analysis plan of {dated.day} {dated:%B %Y}: {'; '.join(departures)}.",)
