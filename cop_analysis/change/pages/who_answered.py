"""From who was there to whose answers are compared: the counts, the page and its picture; nothing is estimated here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.change.pages.comparison import Comparison, begin
from cop_analysis.change.pages.words import answered_quantities, software, what_was_left_out
from cop_analysis.change.pictures.answers import flow_figure
from cop_analysis.results import Quantity, Result, count_of

if TYPE_CHECKING:
    from cop_analysis.study import Study

_KEY, _TITLE = "flow", "From asked to compared"
_APART_TITLE = "Who answered"


def flow(study: Study, instrument: str | None = None, before: str | None = None, after: str | None = None) -> Result:
    """Count people from those who were there to those whose answers are compared.

    Parameters
    ----------
    study : Study
        The study; the people table gives how many were there, where there is one.
    instrument, before, after : str, optional
        Keys from study.toml; by default those of the plan, or the only instrument and the first and last wave.

    Returns
    -------
    Result
        A row a step: step, people, of (the step it is part of), share.

    Raises
    ------
    ValueError
        If a key asked for is not in study.toml.

    Notes
    -----
    As the flow of participants in CONSORT (Moher, Hopewell, Schulz et al. 2010, BMJ 340:c869) for a study without a
    comparison group.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> flow(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so the flow of people cannot be shown.'
    """
    comparison = begin(study, _KEY, _TITLE, "the flow of people", instrument, before, after, of_pairs=False)
    if isinstance(comparison, Result):
        return comparison
    pairing, times = comparison.pairing, comparison.times
    both = frozenset(map(str, pairing.before.index))
    answered = (both | {*pairing.only_before}, both | {*pairing.only_after})
    listed = frozenset() if study.people is None else frozenset(study.people["person"].dropna().astype(str))
    known = bool(listed & (answered[0] | answered[1]))
    steps: list[tuple[str, int, str, int]] = []
    quantities = list(answered_quantities(comparison))
    for time, who, wave in zip(times, answered, (comparison.before, comparison.after), strict=True):
        if known:
            inside = who & listed
            steps.append((f"listed, answered {time}", len(inside), "those listed", len(listed)))
            if who - listed:
                steps.append((f"not listed, answered {time}", len(who - listed), "", 0))
            key = f"survey:answered-listed:{comparison.instrument.key}:{wave.key}"
            quantities.append(Quantity(key, len(inside), len(listed), inside, listed))
        else:
            steps.append((f"answered {time}", len(who), "", 0))
    if known:
        steps.insert(0, ("listed in the people table", len(listed), "", 0))
        quantities.append(Quantity("people:listed", len(listed), members=listed))
    if comparison.design == "paired":
        pre, post = comparison.scores()
        scored = int((pre.notna() & post.notna()).sum())
        steps += [
            ("answered both times", pairing.n, "those who did at first", len(answered[0])),
            ("at least half of the items both times", scored, "those who did both times", pairing.n),
        ]
    rows = [(step, people, of, people / whole if of and whole else float("nan")) for step, people, of, whole in steps]
    table = pd.DataFrame(rows, columns=["step", "people", "of", "share"])
    title = _TITLE if comparison.design == "paired" else _APART_TITLE
    return Result(
        key=f"{_KEY}{comparison.suffix}",
        title=title,
        sentence=_sentence(comparison, answered, listed if known else frozenset(), steps[-1][1]),
        table=table if table["share"].notna().any() else table[["step", "people"]],
        labels={"of": "share of"},
        figure=flow_figure(table, name=f"{_KEY}{comparison.suffix}", title=title),
        caveats=(*what_was_left_out(comparison), *_who_is_listed(study, answered, listed, known)),
        method=f"People with at least one answer that counts, by their id. {software()}",
        sources=("survey.csv",) if study.people is None else ("survey.csv", "people.csv"),
        quantities=tuple(quantities),
    )


def _sentence(
    comparison: Comparison, answered: tuple[frozenset[str], frozenset[str]], listed: frozenset[str], scored: int
) -> str:
    times, pairing = comparison.times, comparison.pairing
    there = f"{count_of(len(listed), 'person is', 'people are')} in the people table; " if listed else ""
    counts = []
    for time, who in zip(times, answered, strict=True):
        inside = len(who & listed)
        counts.append(
            f"{inside:,} of them answered {time}"
            + (f", and {len(who) - inside:,} more who are not in it" if len(who) > inside else "")
            if listed
            else f"{len(who):,} answered {time}"
        )
    said = f"{there}{'; '.join(counts)}."
    if comparison.design == "in doubt":
        return f"{said} Whether the same id is the same person both times is not known, so nobody is paired."
    if comparison.design != "paired":
        return f"{said} These are two groups of different people, or of people who cannot be matched."
    return f"{said} {pairing.n:,} answered both times, {scored:,} of them enough items for a score."


def _who_is_listed(
    study: Study, answered: tuple[frozenset[str], frozenset[str]], listed: frozenset[str], known: bool
) -> list[str]:
    if study.people is None:
        return ["How many were asked is not known, so that no share of them can be given."]
    strangers = len((answered[0] | answered[1]) - listed)
    if not known:
        return [
            "None of those who answered is in the people table, as with codes that people make up themselves: which of "
            "those listed answered is not known, so that no share of them can be given."
        ]
    if not strangers:
        return []
    return [
        f"{count_of(strangers, 'person', 'people')} who answered cannot be found in the people table (a pseudonym of "
        "their own, or a mistyped id): they are no part of any share of those listed, and may be counted twice."
    ]
