"""Core and periphery of those who come: who came to most sessions they could have come to, beside chance alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.characters import first_characters
from cop_analysis.results import SECONDARY, Figure, Headline, Result, format_share
from cop_analysis.sessions.intervals import wilson
from cop_analysis.sessions.persons import came_matrix, named_attendance, possible_sessions
from cop_analysis.sessions.wording import counted, verb
from cop_analysis.study.consent import refusing

if TYPE_CHECKING:
    from cop_analysis.study import Study

CORE, ACTIVE, PERIPHERAL, NEVER = "core", "active", "peripheral", "never came"
DEFINITIONS = {
    CORE: "came at least twice, and to at least half of the sessions they could have come to",
    ACTIVE: "came at least twice, but to fewer than half",
    PERIPHERAL: "came once",
    NEVER: "could have come to at least one session and came to none",
}
"""The parts in order, with the words that define them."""

_MOST_DRAWN, _MOST_SESSIONS_DRAWN = 60, 30
_MOST_STEPS = 200_000_000
_KEY, _TITLE = "core-and-periphery", "Core and periphery of those who come"


@dataclass(frozen=True, kw_only=True)
class CorePeriphery(Result):
    """Who is at the core.

    Parameters
    ----------
    by_person : pandas.DataFrame
        One row a person who could have come: ``person``, ``organisation``, ``sessions_attended``,
        ``sessions_possible``, ``part``. Who refused consent is in it, but in no picture.
    """

    by_person: pd.DataFrame


def parts(came: np.ndarray, possible: np.ndarray) -> list[str]:
    """Name the part each person belongs to by how often they came and could have come.

    Examples
    --------
    >>> parts(np.array([3, 2, 1, 0]), np.array([6, 6, 1, 4]))
    ['core', 'active', 'peripheral', 'never came']
    """
    named = np.select(
        [came == 0, came == 1, 2 * came >= possible], [NEVER, PERIPHERAL, CORE], default=ACTIVE
    )  # fmt: skip
    return [str(part) for part in named]


def core_and_periphery(study: Study) -> Result:
    """Answer how many people carry the community, and whether that is more than chance alone would make of it.

    Parameters
    ----------
    study : Study
        With events and attendance that names persons; people (joined, left) say who could have come.

    Returns
    -------
    CorePeriphery
        One row a part (core, active, peripheral, never came): its definition, people, their attendances, organisations,
        and how many people chance alone would put there.

    Notes
    -----
    Core, active and peripheral members are Wenger, McDermott & Snyder's (2002, Cultivating Communities of Practice);
    that a core member comes to half of the sessions is our cut. By chance alone means: each session draws as many
    people as came, at random from those who could have come; a person's number of sessions then is Poisson-binomial,
    computed exactly.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables(
    ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated"},
    ...     people=pd.DataFrame({"person": ["P1", "P2"]}),
    ...     events=pd.DataFrame({"event": ["E1", "E2"], "date": ["2023-05-01", "2023-06-01"]}),
    ...     attendance=pd.DataFrame({"event": ["E1", "E1", "E2"], "person": ["P1", "P2", "P1"]}))
    >>> core_and_periphery(study).table[["part", "people", "expected_people"]].values.tolist()
    [['core', 1, 1.0], ['active', 0, 0.0], ['peripheral', 1, 1.0], ['never came', 0, 0.0]]
    """
    rows, answer, caveats = named_attendance(study, _KEY, _TITLE, "who is at the core")
    if rows is None:
        return answer
    possible = possible_sessions(study, rows)
    possible = possible[possible.any(axis=1)]
    came = came_matrix(rows).reindex(index=possible.index, columns=possible.columns, fill_value=False)
    by_person = pd.DataFrame(
        {
            "person": possible.index,
            "organisation": _organisations(study, rows, possible.index),
            "sessions_attended": came.sum(axis=1).to_numpy(),
            "sessions_possible": possible.sum(axis=1).to_numpy(),
        }
    )
    by_person["part"] = parts(by_person["sessions_attended"].to_numpy(), by_person["sessions_possible"].to_numpy())
    expected = _expected(came.to_numpy(), possible.to_numpy())
    grouped = by_person.groupby("part")
    table = pd.DataFrame({"part": list(DEFINITIONS), "definition": list(DEFINITIONS.values())})
    table["people"] = table["part"].map(grouped.size()).fillna(0).astype("int64")
    table["share"] = table["people"] / len(by_person)
    table["attendances"] = table["part"].map(grouped["sessions_attended"].sum()).fillna(0).astype("int64")
    table["share_of_attendances"] = table["attendances"] / len(rows)
    if by_person["organisation"].notna().any():
        table["organisations"] = table["part"].map(grouped["organisation"].nunique()).fillna(0).astype("int64")
    if expected is not None:
        table["expected_people"] = [expected[part] for part in DEFINITIONS]
    refused = refusing({} if study.people is None else {"people": study.people})
    drawn = by_person[~by_person["person"].isin(refused)].reset_index(drop=True)
    unnamed = len(by_person) - len(drawn)
    core = int(table["people"].iloc[0])
    interval = wilson(core, len(by_person))
    return CorePeriphery(
        key=_KEY,
        title=_TITLE,
        sentence=_sentence(table, len(by_person), possible.shape[1]),
        table=table,
        labels={"share": "share of people", "share_of_attendances": "share of attendances",
                "expected_people": "people expected by chance alone"},
        figure=_picture(study, table, drawn, came, possible),
        caveats=(
            *caveats,
            *((f"{counted(unnamed, 'person', 'people')} who did not consent, or withdrew, {verb(unnamed, 'is', 'are')} "
               "counted here (that they came is the programme's own record) but neither named nor drawn.",)
              if unnamed else ()),
            *(("With one session nobody can have come twice, so there is no core yet.",)
              if possible.shape[1] == 1 else ()),
            *(("people.csv is absent, so whoever came once is taken to have been able to come every time.",)
              if study.people is None else ()),
            "Coming often is not the same as leading or contributing: see the network and the interviews.",
        ),
        headline=Headline(
            f"of those who could have come {verb(core, 'is', 'are')} core", f"{core} of {len(by_person)}",
            f"95% interval {format_share(interval.low)} to {format_share(interval.high)}", SECONDARY,
        ),
        method="; ".join(f"{part}: {words}" for part, words in DEFINITIONS.items()).capitalize()
        + ". Core, active and peripheral after Wenger, McDermott & Snyder 2002; the half is our cut. By chance alone: "
        "each session draws as many as came, at random from those on the list that day (Poisson-binomial, exact).",
        sources=("attendance.csv", "events.csv", *(("people.csv",) if study.people is not None else ())),
        by_person=by_person,
    )  # fmt: skip


def _organisations(study: Study, rows: pd.DataFrame, people: pd.Index) -> np.ndarray:
    known = rows.dropna(subset=["organisation"]).drop_duplicates("person").set_index("person")["organisation"]
    mapped = pd.Series(people, index=people).map(known.to_dict())
    listed = study.people
    if listed is not None and "organisation" in listed.columns:
        own = listed.set_index("person")["organisation"].astype("object").to_dict()
        mapped = mapped.astype("object").fillna(pd.Series(people, index=people).map(own))
    return mapped.to_numpy(dtype=object)


def _expected(came: np.ndarray, possible: np.ndarray) -> dict[str, float] | None:
    """Give the number of people in each part if sessions drew their attenders at random; None where it is too much."""
    people, sessions = possible.shape
    if people * sessions * sessions > _MOST_STEPS:
        return None
    chance = came.sum(axis=0) / np.maximum(1, possible.sum(axis=0))
    counts = np.zeros((people, sessions + 1))
    counts[:, 0] = 1.0
    for session in range(sessions):
        p = np.where(possible[:, session], chance[session], 0.0)[:, None]
        counts[:, 1:] = counts[:, 1:] * (1 - p) + counts[:, :-1] * p
        counts[:, 0] *= 1 - p[:, 0]
    could = possible.sum(axis=1)
    number = np.arange(sessions + 1)[None, :]
    is_core = (number >= 2) & (2 * number >= could[:, None])
    core, none, once = float(counts[is_core].sum()), float(counts[:, 0].sum()), float(counts[:, 1].sum())
    return {CORE: core, ACTIVE: max(0.0, people - core - none - once), PERIPHERAL: once, NEVER: none}


def _sentence(table: pd.DataFrame, people: int, sessions: int) -> str:
    core, active, once, never = table["people"].tolist()
    made = format_share(table["share_of_attendances"].iloc[0])
    text = (
        f"Of {counted(people, 'person', 'people')} who could have come to {counted(sessions, 'session')}, {core} "
        f"{'is' if core == 1 else 'are'} core ({DEFINITIONS[CORE]}) and made {made} "
        f"of the attendances; {active} came at least twice but to fewer than half, {once} came once and {never} never."
    )
    if "expected_people" in table.columns:
        expected = table["expected_people"].iloc[0]
        text += f" If every session had drawn its people at random, about {expected:.0f} would be core"
        extra = table["people"].iloc[3] - table["expected_people"].iloc[3]
        text += f" and about {table['expected_people'].iloc[3]:.0f} would never have come" if abs(extra) >= 1 else ""
        text += "."
    return text


def _picture(
    study: Study, table: pd.DataFrame, drawn: pd.DataFrame, came: pd.DataFrame, possible: pd.DataFrame
) -> Figure | None:
    """Draw each person where there are few enough to be seen, and otherwise the parts beside chance."""
    if study.audience != "internal" or drawn.empty:
        return None
    return _grid(drawn, came, possible) if len(drawn) <= _MOST_DRAWN else _bars(table)


def _bars(table: pd.DataFrame) -> Figure:
    from cop_analysis.figures import BLUE, INK, drawing, finish

    with drawing(8.0, 3.2) as canvas:
        axes = canvas.add_subplot()
        y = np.arange(len(table))[::-1]
        axes.barh(y, table["people"], color=BLUE, height=0.5, label="people")
        has_expected = "expected_people" in table.columns
        expected = table["expected_people"].tolist() if has_expected else [math.nan] * len(table)
        if has_expected:
            axes.plot(expected, y, "D", color=INK, markersize=5, label="expected by chance alone", clip_on=False)
            axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=9)
        for at, people, chance in zip(y, table["people"], expected, strict=True):
            text = f"{people}" if math.isnan(chance) else f"{people} (by chance {chance:.0f})"
            end = (max(people, 0 if math.isnan(chance) else chance), at)
            axes.annotate(text, end, (8, 0), textcoords="offset points", va="center", fontsize=9)
        axes.set_yticks(y, table["part"].tolist(), parse_math=False)
        axes.set_xlabel("people")
        axes.margins(x=0.24)
        told = "; ".join(
            f"{part} {people}" + ("" if math.isnan(chance) else f" (by chance alone {chance:.1f})")
            for part, people, chance in zip(table["part"], table["people"], expected, strict=True)
        )
        return finish(canvas, name=f"{_KEY}-picture", title="People at the core and at the periphery",
                      alt=f"People by part: {told}.", table=table)  # fmt: skip


def _grid(by_person: pd.DataFrame, came: pd.DataFrame, possible: pd.DataFrame) -> Figure:
    from cop_analysis.figures import BLUE, GREY, INK, drawing, finish

    order = by_person.assign(rank=by_person["part"].map({part: at for at, part in enumerate(DEFINITIONS)})).sort_values(
        ["rank", "sessions_attended"], ascending=[True, False], kind="stable"
    )
    drawn, columns = order.head(_MOST_DRAWN), list(came.columns)[-_MOST_SESSIONS_DRAWN:]
    marks = came.loc[drawn["person"], columns].to_numpy()
    could = possible.loc[drawn["person"], columns].to_numpy()
    with drawing(max(6.4, 2.6 + 0.45 * len(columns)), 1.4 + 0.2 * len(drawn)) as canvas:
        axes = canvas.add_subplot()
        rows, places = np.nonzero(marks)
        axes.scatter(places, rows, color=BLUE, s=44, label="came")
        rows, places = np.nonzero(could & ~marks)
        axes.scatter(places, rows, facecolors="none", edgecolors=GREY, s=26, label="could have come")
        for at, row in enumerate(drawn.itertuples()):
            axes.text(
                len(columns) - 0.3, at, f"{row.sessions_attended} of {row.sessions_possible}", va="center", fontsize=8
            )
        first = 0
        for part, size in drawn.groupby("part", sort=False).size().items():
            if first:
                axes.axhline(first - 0.5, color=INK, linewidth=0.8)
            axes.text(len(columns) + 0.9, first, str(part), va="center", fontsize=9, fontweight="bold")
            first += int(size)
        axes.set_yticks(
            range(len(drawn)),
            [first_characters(str(person), 20) for person in drawn["person"]],
            parse_math=False,
            fontsize=8,
        )
        step = max(1, len(columns) // 20)
        names = [first_characters(str(event), 12) for event in columns[::step]]
        axes.set_xticks(range(0, len(columns), step), names, parse_math=False,
                        rotation=45 if len(columns) > 8 else 0)  # fmt: skip
        axes.set_xlim(-0.6, len(columns) + 2.2)
        axes.set_ylim(len(drawn) - 0.4, -0.6)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=9)
        each = "; ".join(
            f"{row.person} {row.sessions_attended} of {row.sessions_possible} ({row.part})"
            for row in drawn.itertuples()
        )
        title = "Who came to which session, core first"
        if came.shape[1] > len(columns):
            title += f" (the latest {len(columns)} of {came.shape[1]} sessions)"
        more = f"; and {len(order) - len(drawn)} more people" if len(order) > len(drawn) else ""
        return finish(canvas, name=f"{_KEY}-picture", title=title,
                      alt=f"Sessions attended of those possible: {each}{more}.",
                      table=drawn.drop(columns="rank").reset_index(drop=True))  # fmt: skip
