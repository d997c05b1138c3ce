"""Pairs the answers of two waves by person and accounts for every answer that could not be paired.

Pairing is by id, never by row. No test, no score and no picture lives here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cop_analysis.change.methods.columns import as_numbers
from cop_analysis.study.waves import counted_answers, repeated_answers

_LONGEST_COMPARED_ID = 64
_QUESTION = ["person", "wave", "item"]
MOST_NEAR_MISSES = 1000
"""How many nearly matching ids are listed at most; more mean that the two waves were not numbered alike."""
ONE_DIGIT = "one digit changed, as between any two numbered ids"
"""The weakest kind of near miss: ids that count people differ by a digit anyhow."""


@dataclass(frozen=True)
class Pairing:
    """The answers of two waves, a row a person who answered in both, and what was left out.

    Parameters
    ----------
    before, after : pandas.DataFrame
        The same people (index) and items (columns) in the same order; NaN where an item was not answered.
    only_before, only_after : tuple of str
        People with an answer in one of the waves only.
    blank : int
        People who are in the table but gave no answer that counts in either wave.
    duplicates : pandas.DataFrame
        person, wave, item, answers, kept: an item given more than once by a person in a wave. Equal answers count
        once, different ones not at all, since nobody can say which was meant.
    out_of_range : pandas.DataFrame
        person, wave, item, score: answers outside the scale, which do not count.
    without_id : int
        Answers whose person is empty, which do not count.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    blank: int
    duplicates: pd.DataFrame
    out_of_range: pd.DataFrame
    without_id: int

    @property
    def n(self) -> int:
        """People who answered at least one item in each of the two waves."""
        return len(self.before)


def pair_answers(
    survey: pd.DataFrame,
    before: str,
    after: str,
    *,
    matched: bool = True,
    instrument: str | None = None,
    items: Sequence[str] | None = None,
    minimum: float = -np.inf,
    maximum: float = np.inf,
) -> Pairing:
    """Pair the answers of two waves by person.

    Parameters
    ----------
    survey : pandas.DataFrame
        Tidy: person, wave, item, score, and instrument where there are several.
    before, after : str
        The keys of two different waves.
    matched : bool
        False where the same id is not known to be the same person: then nobody is paired.
    instrument : str, optional
        Keep the rows of this instrument; rows that name none are kept, too.
    items : sequence of str, optional
        The items in the order wanted; by default those that occur, in order of appearance.
    minimum, maximum : float
        The ends of the scale; answers beyond them do not count and are listed.

    Returns
    -------
    Pairing

    Raises
    ------
    ValueError
        If the waves are the same, a column is missing, or a score is a word or infinite.

    Examples
    --------
    >>> survey = pd.DataFrame({"person": ["A", "B", "B", "C"], "wave": ["pre", "pre", "post", "post"],
    ...                        "item": "q1", "score": [3, 2, 4, 5]})
    >>> pairs = pair_answers(survey, "pre", "post")
    >>> pairs.before.index.tolist(), pairs.only_before, pairs.only_after
    (['B'], ('A',), ('C',))
    """
    if before == after:
        raise ValueError(f"The two waves must differ; both are {before!r}.")
    given = _clean(survey, (before, after), instrument, items, minimum, maximum)
    first, second = (given.tables[wave] for wave in (before, after))
    both = first.index[first.index.isin(second.index) & matched].sort_values()
    only_before = first.index[~first.index.isin(both)]
    only_after = second.index[~second.index.isin(both)]
    return Pairing(
        before=first.loc[both],
        after=second.loc[both],
        only_before=tuple(sorted(map(str, only_before))),
        only_after=tuple(sorted(map(str, only_after))),
        blank=given.people - len(first.index.union(second.index)),
        duplicates=given.duplicates,
        out_of_range=given.out_of_range,
        without_id=given.without_id,
    )


def answers_by_wave(
    survey: pd.DataFrame,
    waves: Sequence[str],
    *,
    instrument: str | None = None,
    items: Sequence[str] | None = None,
    minimum: float = -np.inf,
    maximum: float = np.inf,
) -> dict[str, pd.DataFrame]:
    """Give everybody's answers that count, wave by wave, whether or not the person answered at the others.

    Parameters
    ----------
    survey, instrument, items, minimum, maximum
        As in `pair_answers`, whose rules on duplicates and on answers outside the scale hold here, too.
    waves : sequence of str
        The waves' keys.

    Returns
    -------
    dict of str to pandas.DataFrame
        By wave, a row a person with an answer, a column an item.

    Examples
    --------
    >>> survey = pd.DataFrame({"person": ["A", "B", "B"], "wave": ["pre", "pre", "post"], "item": "q1",
    ...                        "score": [3, 2, 4]})
    >>> {wave: len(table) for wave, table in answers_by_wave(survey, ["pre", "post"]).items()}
    {'pre': 2, 'post': 1}
    """
    return _clean(survey, tuple(waves), instrument, items, minimum, maximum).tables


def near_misses(
    before: Collection[str], after: Collection[str], known: Collection[str] = ()
) -> list[tuple[str, str, str]]:
    """Find ids of the two waves that differ so little that they may be one person, mistyped.

    Parameters
    ----------
    before, after : collection of str
        The ids found in one wave only.
    known : collection of str, optional
        Ids known to belong to different people (the people table); two of these are never one person.

    Returns
    -------
    list of tuple
        (id before, id after, how they differ), surest first; at most `MOST_NEAR_MISSES`.

    Notes
    -----
    Ids that are equal but for case, spaces, punctuation or leading zeros, then ids one edit apart: a character
    added, left out or changed, or two neighbours swapped (Damerau 1964, Communications of the ACM 7:171-176).

    Examples
    --------
    >>> for before, after, difference in near_misses(["P07", "MB1961"], ["p7", "MB1916", "ZZ"]):
    ...     print(before, after, difference)
    P07 p7 the same but for case, spaces, punctuation or leading zeros
    MB1961 MB1916 two neighbouring characters swapped
    """
    apart = set(known)
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for first, second in _candidates(before, after):
        if len(found) >= MOST_NEAR_MISSES:
            break
        if first == second or (first, second) in found or (first in apart and second in apart):
            continue
        difference = _how_they_differ(first, second)
        if difference is not None:
            found[first, second] = difference
    return [(*pair, found[pair][1]) for pair in sorted(found, key=lambda pair: (found[pair][0], pair))]


@dataclass(frozen=True)
class _Answers:
    tables: dict[str, pd.DataFrame]
    duplicates: pd.DataFrame
    out_of_range: pd.DataFrame
    people: int
    without_id: int


def _clean(
    survey: pd.DataFrame,
    waves: Sequence[str],
    instrument: str | None,
    items: Sequence[str] | None,
    minimum: float,
    maximum: float,
) -> _Answers:
    absent = [column for column in (*_QUESTION, "score") if column not in survey.columns]
    if absent:
        raise ValueError(f"The survey table needs a column {absent[0]!r}.")
    rows = survey.loc[survey["wave"].isin(list(waves))]
    if instrument is not None and "instrument" in rows.columns:
        rows = rows.loc[(rows["instrument"] == instrument).fillna(False) | rows["instrument"].isna()]
    if items is not None:
        rows = rows.loc[rows["item"].isin(list(items))]
    named = rows["person"].notna().to_numpy()
    rows = rows.loc[named, [*_QUESTION, "score"]].reset_index(drop=True)
    rows["score"] = as_numbers(rows["score"], "score")
    outside = ((rows["score"] < minimum) | (rows["score"] > maximum)).to_numpy()
    answered, duplicates = _without_duplicates(rows.loc[rows["score"].notna().to_numpy() & ~outside])
    columns = list(dict.fromkeys(items if items is not None else rows["item"]))
    return _Answers(
        tables={wave: _person_by_item(answered.loc[answered["wave"] == wave], columns) for wave in waves},
        duplicates=duplicates,
        out_of_range=rows.loc[outside].reset_index(drop=True),
        people=rows["person"].nunique(),
        without_id=int(np.count_nonzero(~named)),
    )


def _without_duplicates(answered: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the answers that count, and a list of those given more than once."""
    equal, differing = repeated_answers(answered)
    repeated = pd.concat([equal.assign(kept=True), differing.assign(kept=False)], ignore_index=True)
    if repeated.empty:
        return answered, pd.DataFrame(columns=[*_QUESTION, "answers", "kept"])
    scores = answered["score"]
    given = [" and ".join(f"{scores[row]:g}" for row in rows) for rows in repeated["rows"]]
    listed = repeated.assign(answers=given).sort_values(_QUESTION, kind="stable", ignore_index=True)
    return counted_answers(answered), listed[[*_QUESTION, "answers", "kept"]]


def _person_by_item(answered: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    codes, people = pd.factorize(answered["person"].astype(object), sort=False)
    matrix: NDArray[np.float64] = np.full((len(people), len(columns)), np.nan)
    matrix[codes, pd.Index(columns).get_indexer(pd.Index(answered["item"]))] = answered["score"].to_numpy()
    return pd.DataFrame(matrix, index=pd.Index(people, name="person"), columns=pd.Index(columns, name="item"))


def _candidates(before: Collection[str], after: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield pairs of ids worth comparing without comparing each with each: those sharing a trace."""
    for traces in (lambda text: {_plain(text)}, _with_one_left_out):
        by_trace: dict[str, list[str]] = defaultdict(list)
        for identifier in sorted(set(after)):
            for trace in traces(identifier):
                by_trace[trace].append(identifier)
        for identifier in sorted(set(before)):
            for trace in sorted(traces(identifier)):
                for other in by_trace.get(trace, ()):
                    yield identifier, other


def _plain(identifier: str) -> str:
    characters = "".join(character for character in identifier.casefold() if character.isalnum())
    parts: list[str] = []
    for character in characters:
        if parts and parts[-1].isdigit() and character.isdigit():
            parts[-1] += character
        else:
            parts.append(character)
    return "".join(part.lstrip("0") or "0" if part.isdigit() else part for part in parts)


def _with_one_left_out(identifier: str) -> set[str]:
    text = identifier.casefold()
    if len(text) > _LONGEST_COMPARED_ID:
        return set()
    return {text, *(text[:place] + text[place + 1 :] for place in range(len(text)))}


def _how_they_differ(first: str, second: str) -> tuple[int, str] | None:
    if _plain(first) == _plain(second) and _plain(first) != "":
        return 0, "the same but for case, spaces, punctuation or leading zeros"
    shorter, longer = sorted((first.casefold(), second.casefold()), key=len)
    start = 0
    while start < len(shorter) and shorter[start] == longer[start]:
        start += 1
    if len(longer) - len(shorter) == 1:
        return (1, "one character more or less") if shorter[start:] == longer[start + 1 :] else None
    if len(longer) != len(shorter) or start == len(shorter):
        return None
    if shorter[start:] == longer[start + 1 : start + 2] + longer[start : start + 1] + longer[start + 2 :]:
        return 1, "two neighbouring characters swapped"
    if shorter[start + 1 :] == longer[start + 1 :]:
        if shorter[start].isdigit() and longer[start].isdigit():
            return 2, ONE_DIGIT
        return 1, "one character changed"
    return None
