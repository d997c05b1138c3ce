"""Ties and rosters of a simulated study: who asks and knows whom in two waves, and who was asked and answered.

Ties keep to the organisation at first; ties gained later go mostly across, between people who met. All of it works
on whole arrays, with a tie as one number (ego x people + alter), so that 100,000 people take seconds.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cop_analysis.simulate.confidence import WAVES
from cop_analysis.simulate.draws import Draws, highest, share_of
from cop_analysis.simulate.programme import Meetings, Membership, text, wave_dates
from cop_analysis.simulate.settings import SimulationSettings

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
