"""From who was there to whose answers are compared: the counts, the page and its picture; nothing is estimated here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cop_analysis.change.comparison import begin
from cop_analysis.change.figures import printable
from cop_analysis.change.wording import software, wave_name, what_was_left_out
from cop_analysis.figures import BLUE, INK, drawing, finish
from cop_analysis.results import Figure, Result, count_of

if TYPE_CHECKING:
    from cop_analysis.study import Study

_KEY, _TITLE = "flow", "From asked to compared"


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
    comparison = begin(study, _KEY, _TITLE, "the flow of people", instrument, before, after)
    if isinstance(comparison, Result):
        return comparison
    pairing = comparison.pairing
    waves = (wave_name(comparison.before), wave_name(comparison.after))
    asked = 0 if study.people is None else int(study.people["person"].nunique())
    answered = (pairing.n + len(pairing.only_before), pairing.n + len(pairing.only_after))
    pre, post = comparison.scores()
    scored = int((pre.notna() & post.notna()).sum())
    known = asked >= max(answered)
    either = pairing.n + len(pairing.only_before) + len(pairing.only_after)
    base = "those listed" if known else ""
    steps: list[tuple[str, int, str, int]] = [("listed in the people table", asked, "", 0)] if known else []
    steps += [
        (f"answered at {waves[0]}", answered[0], base, asked),
        (f"answered at {waves[1]}", answered[1], base, asked),
        ("answered at both", pairing.n, f"those who answered at {waves[0]}", answered[0]),
        ("at least half of the items both times", scored, "those who answered at both", pairing.n),
    ]
    rows = [(step, people, of, people / whole if of and whole else float("nan")) for step, people, of, whole in steps]
    table = pd.DataFrame(rows, columns=["step", "people", "of", "share"])
    caveats = list(what_was_left_out(comparison))
    if study.people is not None:
        members = set(study.people["person"].dropna())
        strangers = sum(
            person not in members
            for person in (*map(str, pairing.before.index), *pairing.only_before, *pairing.only_after)
        )
        if strangers:
            caveats.append(
                f"{count_of(strangers, 'person', 'people')} who answered cannot be found in the people table "
                "(a pseudonym of their own, or a mistyped id), and may be counted twice."
            )
    if not known:
        caveats.append("How many were asked is not known, so that no share of them can be given.")
    there = f"{count_of(asked, 'person is', 'people are')} in the people table; " if known else ""
    sentence = (
        f"{there}{answered[0]:,} answered at {waves[0]}, {answered[1]:,} at {waves[1]}, {either:,} at either and "
        f"{pairing.n:,} at both; {scored:,} answered enough items both times for a score."
    )
    return Result(
        key=f"{_KEY}{comparison.suffix}",
        title=_TITLE,
        sentence=sentence,
        table=table,
        labels={"of": "share of"},
        figure=flow_figure(table, name=f"{_KEY}{comparison.suffix}"),
        caveats=tuple(caveats),
        method=f"People with at least one answer that counts, by their id. {software()}",
        sources=("survey.csv",) if study.people is None else ("survey.csv", "people.csv"),
    )


def flow_figure(table: pd.DataFrame, name: str = "flow") -> Figure:
    """Draw the steps as bars one under another, each with its count and share.

    Parameters
    ----------
    table : pandas.DataFrame
        step, people, of, share.
    name : str
        The figure's slug.

    Returns
    -------
    Figure

    Examples
    --------
    >>> steps = pd.DataFrame([("asked", 30, "", float("nan")), ("answered", 20, "asked", 2 / 3)],
    ...                      columns=["step", "people", "of", "share"])
    >>> flow_figure(steps).alt
    'asked: 30 people. answered: 20 people, 67% of asked.'
    """
    said = []
    for step, people, of, share in table.itertuples(index=False, name=None):
        part = f", {share:.0%} of {of}" if of and share == share else ""
        said.append(f"{printable(step)}: {count_of(people, 'person', 'people')}{part}.")
    most = max(int(table["people"].max()), 1) if len(table) else 1
    with drawing(7.6, 0.7 + 0.55 * max(len(table), 1)) as canvas:
        axes = canvas.add_subplot()
        for place, (_, people, of, share) in enumerate(table.itertuples(index=False, name=None)):
            axes.barh(place, people, color=BLUE, height=0.62)
            label = f"{people:,}" + (f"  ({share:.0%} of {of})" if of and share == share else "")
            axes.text(people + 0.01 * most, place, label, va="center", fontsize=9, color=INK, parse_math=False)
        axes.set_yticks(range(len(table)), [printable(step) for step in table["step"]], fontsize=9)
        for tick in axes.get_yticklabels():
            tick.set_parse_math(False)
        axes.set_ylim(len(table) - 0.4, -0.6)
        # Room for the longest label beyond the longest bar.
        axes.set_xlim(0, most * 1.8)
        axes.set_xlabel("people")
        axes.tick_params(axis="y", length=0)
        return finish(canvas, name=name, title="From asked to compared", alt=" ".join(said), table=table)
