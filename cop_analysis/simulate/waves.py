"""What a simulated study asks its people in two waves: the confidence survey, and whom they ask for advice and know.

The answers come from a latent confidence with item difficulties; the gain grows with the sessions attended. Drop-out
depends on the baseline, so that an analysis of complete pairs is a little too favourable, as in real programmes.
Ties keep to the organisation at first; ties gained later go mostly across, between people who met. They are worked out
on whole arrays, a tie as one number (ego x people + alter), so that 100,000 people take seconds.
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


STRENGTHS = {"advice": 4, "knows_of": 3}
"""Ties have a strength from 1 to this number."""


def ties_and_rosters(
    settings: SimulationSettings, members: Membership, meetings: Meetings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give ties.csv and rosters.csv; a member who did not answer names nobody but may be named."""
    draws = Draws(settings.seed, "ties")
    positions = members.positions()
    people = settings.people
    scripted = _tie_numbers(settings.story.new_advice, positions, people)
    kept_inside = np.array([positions[person] for person in settings.story.within_organisation], dtype=np.int64)

    first_advice = _without(_draw_advice(settings, members, draws), scripted)
    kept = first_advice[draws.uniform(len(first_advice)) < settings.kept_ties]
    gained = _draw_ties(
        draws, members, share_of(settings.new_ties, people), settings.new_homophily, meetings.attended + 1
    )
    last_advice = np.union1d(np.union1d(kept, gained), scripted)
    first_knows = np.union1d(
        first_advice, _draw_ties(draws, members, share_of(settings.knows_ties, people), settings.homophily * 0.8)
    )
    still_known = first_knows[draws.uniform(len(first_knows)) < 0.96]
    met = _draw_ties(draws, members, share_of(settings.new_ties, people), settings.new_homophily, meetings.attended + 1)
    last_knows = np.union1d(np.union1d(still_known, last_advice), met)
    first_advice, last_advice = (_inside_only(ties, members, kept_inside) for ties in (first_advice, last_advice))

    warmth = draws.uniform(people)
    asked, answered, rows = [], [], []
    speaks = np.isin(np.arange(people), scripted // people)
    for day in wave_dates(settings):
        roster = members.on(day)
        asked.append(roster)
        candidates = roster & members.consents & ~speaks
        # Members who did not consent are among those who do not answer.
        declined = int((roster & ~members.consents).sum())
        silent = min(max(share_of(settings.non_response, int(roster.sum())) - declined, 0), int(candidates.sum()))
        mute = highest(np.where(candidates, draws.uniform(people), -1.0), silent)
        answered.append(roster & members.consents & ~mute)
    for relation, by_wave in (("advice", (first_advice, last_advice)), ("knows_of", (first_knows, last_knows))):
        for wave, ties in enumerate(by_wave):
            ego, alter = ties // people, ties % people
            seen = answered[wave][ego] & asked[wave][alter]
            ego, alter = ego[seen], alter[seen]
            feeling = 0.5 * warmth[ego] + 0.5 * draws.uniform(len(ego)) + 0.08 * wave
            strength = np.minimum((feeling * STRENGTHS[relation]).astype(np.int64) + 1, STRENGTHS[relation])
            rows.append((relation, wave, ego, alter, strength))
    counts = [len(row[2]) for row in rows]
    ties_table = pd.DataFrame(
        {
            "ego": text(members.ids[np.concatenate([row[2] for row in rows])]),
            "alter": text(members.ids[np.concatenate([row[3] for row in rows])]),
            "relation": text(np.repeat(np.array([row[0] for row in rows], dtype=object), counts)),
            "strength": np.concatenate([row[4] for row in rows]).astype(np.float64),
            "wave": text(np.repeat(np.array([WAVES[row[1]] for row in rows], dtype=object), counts)),
        }
    )
    return ties_table, _rosters(members, asked, answered)


def _rosters(members: Membership, asked: list[NDArray[np.bool_]], answered: list[NDArray[np.bool_]]) -> pd.DataFrame:
    """List the members of each wave: who had not joined yet, or had left, is on no list and could not be named."""
    listed = np.concatenate(asked)
    return pd.DataFrame(
        {
            "person": text(np.tile(members.ids, len(WAVES))[listed]),
            "wave": text(np.repeat(np.array(WAVES, dtype=object), len(members.ids))[listed]),
            "asked": pd.array(listed[listed], dtype="boolean"),
            "answered": pd.array(np.concatenate(answered)[listed], dtype="boolean"),
        }
    )


def _draw_advice(settings: SimulationSettings, members: Membership, draws: Draws) -> NDArray[np.int64]:
    people = settings.people
    ties = _draw_ties(draws, members, share_of(settings.advice_ties, people), settings.homophily)
    returned = ties[draws.uniform(len(ties)) < settings.reciprocity]
    return np.union1d(ties, (returned % people) * people + returned // people)


def _draw_ties(
    draws: Draws,
    members: Membership,
    count: int,
    homophily: float,
    weights: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Draw about `count` different ties; `weights` makes people who came often give and get more of them."""
    people = len(members.ids)
    if people < 2 or count == 0:
        return np.zeros(0, dtype=np.int64)
    sizes = np.bincount(members.organisation, minlength=len(members.organisations)).astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    ego = _weighted(draws, weights, count) if weights is not None else draws.whole(0, people, count)
    size, start = sizes[members.organisation[ego]], starts[members.organisation[ego]]
    colleagues, others = size - 1, people - size
    inside = ((draws.uniform(count) < homophily) & (colleagues > 0)) | (others == 0)

    def one_alter() -> NDArray[np.int64]:
        near = draws.below(colleagues)
        near = start + near + (near >= ego - start)
        # Others sit in one run behind the organisation, going round the end of the list.
        far = (start + size + draws.below(others)) % people
        return np.where(inside, near, far)

    first, second = one_alter(), one_alter()
    # Of two candidates the one who came more often, else the earlier on the list, is named: some are asked by many.
    appeal = weights if weights is not None else -np.arange(people)
    alter = np.where((appeal[second] > appeal[first]) & (draws.uniform(count) < 0.5), second, first)
    return np.unique(ego * people + alter)


def _weighted(draws: Draws, weights: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    ends = np.cumsum(weights)
    return np.searchsorted(ends, draws.whole(0, int(ends[-1]), count), side="right").astype(np.int64)


def _tie_numbers(pairs: tuple[tuple[str, str], ...], positions: dict[str, int], people: int) -> NDArray[np.int64]:
    return np.array(sorted(positions[ego] * people + positions[alter] for ego, alter in pairs), dtype=np.int64)


def _without(ties: NDArray[np.int64], removed: NDArray[np.int64]) -> NDArray[np.int64]:
    return ties[~np.isin(ties, removed)]


def _inside_only(ties: NDArray[np.int64], members: Membership, people: NDArray[np.int64]) -> NDArray[np.int64]:
    ego, alter = ties // len(members.ids), ties % len(members.ids)
    crosses = members.organisation[ego] != members.organisation[alter]
    return ties[~(crosses & (np.isin(ego, people) | np.isin(alter, people)))]
