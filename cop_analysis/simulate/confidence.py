"""The confidence survey of a simulated study: who answers in which wave, under which id, and what they answer.

The answers come from a latent confidence with item difficulties; the gain grows with the sessions attended. Drop-out
depends on the baseline, so that an analysis of complete pairs is a little too favourable, as in real programmes.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cop_analysis.simulate.draws import Draws, highest, share_of
from cop_analysis.simulate.programme import Meetings, Membership, cut, text, wave_dates
from cop_analysis.simulate.settings import SimulationSettings

INSTRUMENT = "confidence"
WAVES = ("baseline", "follow_up")

_GAIN_PATTERN = (1.4, 0.2, 1.1, 0.7, 1.6, -0.3, 1.0, 1.2, 0.5, 0.9)
_DIFFICULTY_PATTERN = (-0.5, -0.7, 0.0, 0.35, 0.2, -0.35, 0.3, 0.6, 0.1, -0.6)
_SYLLABLES = tuple(consonant + vowel for consonant in "bcdfghjklmnprstvwxyz" for vowel in "aeiou")
_LOOKS_LIKE = {"0": "O"}


def survey_table(settings: SimulationSettings, members: Membership, meetings: Meetings) -> pd.DataFrame:
    """Give survey.csv: a row a respondent, wave and item; an answer left out is an empty score."""
    draws = Draws(settings.seed, "survey")
    respondents = _respondents(settings, members, draws)
    ids = _ids(settings, members, respondents, draws)
    latent = _latent(settings, members, meetings, draws)
    reverse = np.isin(np.arange(settings.items), reversed_positions(settings))
    keys = np.array(settings.item_keys(), dtype=object)
    positions = members.positions()
    scripted = [positions[change.person] for change in settings.story.change]
    parts: dict[str, list[NDArray]] = {"person": [], "wave": [], "item": [], "score": []}
    for wave, who, names, values in zip(WAVES, respondents, ids, latent, strict=True):
        scores = cut(values[who].reshape(-1), settings.scale_points).reshape(len(who), settings.items)
        scores = np.where(reverse, settings.scale_points + 1 - scores, scores).astype(np.float64)
        missing = draws.uniform(len(who), settings.items) < settings.missing_answers
        missing[np.isin(who, scripted)] = False
        scores[missing] = np.nan
        parts["person"].append(np.repeat(names, settings.items))
        parts["wave"].append(np.full(len(who) * settings.items, wave, dtype=object))
        parts["item"].append(np.tile(keys, len(who)))
        parts["score"].append(scores.reshape(-1))
    rows = sum(len(part) for part in parts["score"])
    return pd.DataFrame(
        {
            "person": text(np.concatenate(parts["person"])),
            "wave": text(np.concatenate(parts["wave"])),
            "instrument": text(np.full(rows, INSTRUMENT, dtype=object)),
            "item": text(np.concatenate(parts["item"])),
            "score": np.concatenate(parts["score"]),
        }
    )


def reversed_positions(settings: SimulationSettings) -> tuple[int, ...]:
    """Give the positions of the negatively worded items: the last ones of the survey."""
    return tuple(range(settings.items - settings.reversed_items, settings.items))


def _respondents(
    settings: SimulationSettings, members: Membership, draws: Draws
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give who answers in each wave: consenting members of the day, without those who drop out."""
    first_day, last_day = wave_dates(settings)
    before = members.on(first_day) & members.consents
    present = members.on(last_day) & members.consents
    stays = np.isin(members.ids, [change.person for change in settings.story.change])
    # People who left have dropped out already; of the others, the less confident drop out more often.
    lost = before & ~present
    more = max(share_of(settings.drop_out, int(before.sum())) - int(lost.sum()), 0)
    candidates = before & present & ~stays
    risk = np.where(candidates, draws.normal(settings.people) - 0.5 * members.confidence, -100.0)
    drops = highest(risk, min(more, int(candidates.sum())))
    return np.flatnonzero(before).astype(np.int64), np.flatnonzero(present & ~drops).astype(np.int64)


def _ids(
    settings: SimulationSettings,
    members: Membership,
    respondents: tuple[NDArray[np.int64], NDArray[np.int64]],
    draws: Draws,
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Give the ids respondents sign with: their own, a code they made up, or at follow-up a mistyped one."""
    named = np.isin(members.ids, sorted(settings.story.people()))
    shyness = np.where(named, -1.0, draws.uniform(settings.people))
    syllable_start = draws.one(1_000_000)
    typed_wrong = np.where(named, -1.0, draws.uniform(settings.people))
    # 0 own id, 1 made-up code; the same people are inclined to make up a code in both waves.
    signed: list[NDArray[np.object_]] = []
    for wave, who in enumerate(respondents):
        names = members.ids[who].copy()
        free = int((shyness[who] >= 0).sum())
        made_up = highest(shyness[who], min(share_of(settings.unmatched_ids, len(who)), free))
        for position in np.flatnonzero(made_up):
            names[position] = _made_up_code(int(who[position]), wave, syllable_start)
        if wave == 1:
            can_slip = np.array([any(sign in _LOOKS_LIKE for sign in str(name)) for name in names], dtype=bool)
            slips = np.where(can_slip & ~made_up & (typed_wrong[who] >= 0), typed_wrong[who], -1.0)
            wanted = min(share_of(settings.near_miss_ids, len(who)), int((slips >= 0).sum()))
            for position in np.flatnonzero(highest(slips, wanted)):
                names[position] = _mistyped(str(names[position]))
        signed.append(names)
    return signed[0], signed[1]


def _made_up_code(person: int, wave: int, start: int) -> str:
    """Give a code nobody else has; at follow-up every second person remembers all but the first sign of theirs.

    Syllables stand for a number below a million that differs between people (7,919 shares no factor with it).
    """
    number = (start + person * 7_919) % 1_000_000
    first = person % 10
    if wave == 1:
        first = (first + 1) % 10
        if person % 2:
            number = (number + 537_219) % 1_000_000
            # Past a whole turn of ids another person may hold the same syllables; the longer code keeps them apart.
            return f"{first}{_syllables(number)}{_SYLLABLES[person % 100]}"
    return f"{first}{_syllables(number)}"


def _syllables(number: int) -> str:
    return _SYLLABLES[number // 10_000] + _SYLLABLES[number // 100 % 100] + _SYLLABLES[number % 100]


def _mistyped(name: str) -> str:
    for position, sign in enumerate(name):
        if sign in _LOOKS_LIKE:
            return name[:position] + _LOOKS_LIKE[sign] + name[position + 1 :]
    return name


def _latent(
    settings: SimulationSettings, members: Membership, meetings: Meetings, draws: Draws
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give latent answers of everybody in both waves, people x items, in standard deviations of confidence."""
    people, items = settings.people, settings.items
    difficulty = np.array([_DIFFICULTY_PATTERN[item % 10] + 0.1 * (item // 10 % 3) for item in range(items)])
    gains = np.array(settings.item_gains or [_GAIN_PATTERN[item % 10] for item in range(items)])
    own = members.confidence[:, None] - difficulty + 0.45 * draws.normal(people, items)
    before = own + 0.5 * draws.normal(people, items)
    dose = meetings.attended / max(settings.events, 1)
    # Without any event there is nothing to depend on; the gain is then the same for all on average.
    share = 0.4 + 1.0 * dose if settings.events else np.ones(people)
    gain = settings.effect_size * share[:, None] * gains * (1.0 + 0.5 * draws.normal(people))[:, None]
    positions, keys = members.positions(), settings.item_keys()
    for change in settings.story.change:
        position = positions[change.person]
        before[position] += change.level - own[position]
        own[position] = change.level
        gain[position] = [change.marked_shift if key in change.marked_items else change.shift for key in keys]
    after = own + gain + 0.5 * draws.normal(people, items)
    return before, after
