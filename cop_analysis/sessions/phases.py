"""Phases of a programme's design: which session begins a new one, as the user declares it; none is ever found here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.study.faults import nearest

if TYPE_CHECKING:
    from cop_analysis.study import Study

ALL_CHANGES = "all changes"
_AFTER, _FROM = "after ", "from "


def phase_starts(
    study: Study, phases: str | Sequence[str] | None, sessions: pd.DataFrame
) -> tuple[list[str], list[str]]:
    """Answer which sessions begin a new phase.

    Parameters
    ----------
    study : Study
    phases : str, sequence of str or None
        Each phase as ``"after EVENT"`` (it begins with the next session), ``"from EVENT"``, the key of a change in
        changes.csv (it begins with the first session on or after its date), or ``"all changes"``; several in one text
        are separated by commas. None takes ``phases`` of ``[schedule]`` in study.toml. Empty: one phase.
    sessions : pandas.DataFrame
        ``event`` and ``date`` of the sessions charted, in order.

    Returns
    -------
    (list of str, list of str)
        The events that begin a phase, in order, and a sentence for each declaration that begins none here (nothing was
        charted after it, or the study is restricted to a period before it).

    Raises
    ------
    ValueError
        When a declaration names neither an event nor a change of the whole study.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> events = pd.DataFrame({"event": ["E1", "E2", "E3"], "date": ["2023-05-01", "2023-06-01", "2023-07-01"]})
    >>> study = Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"}, events=events,
    ...                           changes=pd.DataFrame({"change": ["C1"], "date": ["2023-06-20"], "what": ["shorter"]}))
    >>> phase_starts(study, "after E1", study.events)[0], phase_starts(study, "C1", study.events)[0]
    (['E2'], ['E3'])
    """
    declared = list(study.config.schedule.phases) if phases is None else _listed(phases)
    whole = study.unrestricted()
    dates = pd.Series(dtype="datetime64[ns]")
    if whole.events is not None:
        dates = whole.events.drop_duplicates("event").set_index("event")["date"]
    changes = whole.changes
    known = {} if changes is None else dict(zip(changes["change"].astype(str), changes["date"], strict=True))
    starts, silent = set(), []
    for words in _expanded(declared, known):
        first = _first_session(words, dates, known, sessions)
        if first is None:
            silent.append(f'"{words}" begins no phase here, because no session shown follows it.')
        elif first == sessions["event"].iloc[0]:
            silent.append(f'"{words}" begins no phase here, because it lies before the first session shown.')
        else:
            starts.add(first)
    return [event for event in sessions["event"] if event in starts], silent


def _listed(phases: str | Sequence[str]) -> list[str]:
    given = phases.split(",") if isinstance(phases, str) else list(phases)
    return [words for words in (str(one).strip() for one in given) if words]


def _expanded(declared: list[str], changes: dict[str, pd.Timestamp]) -> list[str]:
    expanded: list[str] = []
    for words in declared:
        expanded += sorted(changes, key=lambda key: changes[key]) if words == ALL_CHANGES else [words]
    return expanded


def _first_session(
    words: str, dates: pd.Series, changes: dict[str, pd.Timestamp], sessions: pd.DataFrame
) -> str | None:
    day = sessions["date"]
    if words in changes:
        later = sessions[day >= changes[words]]
    elif words.startswith((_AFTER, _FROM)) and words.split(" ", 1)[1].strip() in dates.index:
        event = words.split(" ", 1)[1].strip()
        keys, from_then = list(sessions["event"]), words.startswith(_FROM)
        if event in keys:
            later = sessions.iloc[keys.index(event) + (0 if from_then else 1) :]
        else:
            later = sessions[day >= dates[event]] if from_then else sessions[day > dates[event]]
    else:
        choices = [*changes, *(f"{_AFTER}{event}" for event in dates.index)]
        meant = nearest(words, choices)
        hint = f'; did you mean "{meant}"?' if meant else "."
        raise ValueError(
            f'The phase "{words}" is neither a change of changes.csv nor "after" or "from" an event of events.csv{hint}'
        )
    return None if later.empty else str(later["event"].iloc[0])
