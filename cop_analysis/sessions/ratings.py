"""How each session was rated, item by item, over time; and what people wrote beside their scores."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.results import Figure, Result, format_value
from cop_analysis.sessions.control_chart import FEWEST_FOR_LIMITS
from cop_analysis.sessions.events import MOST_ROWS_SHOWN, join_names, list_events, missing_table, write_date
from cop_analysis.sessions.intervals import mean_interval
from cop_analysis.sessions.wording import capital, counted, name_item, verb

if TYPE_CHECKING:
    from cop_analysis.study import Study

_MOST_ITEMS_DRAWN = 8
_MOST_SESSIONS_DRAWN = 60
_MOST_LETTERS = 26
_MOST_VALUES_PRINTED = 24


def ratings_by_session(study: Study) -> Result:
    """Answer how people rated each session, and whether that moved while the design of sessions changed.

    Parameters
    ----------
    study : Study
        With ratings and events; changes, where recorded, are drawn on the picture.

    Returns
    -------
    Result
        One row a session and item: how many rated, of how many who came, mean with its 95% interval (Student's t, cut
        off at the ends of the scale), median, quartiles and the full distribution. The picture is a run chart: means
        with intervals, the median of the session means as a line, and the declared changes.

    Notes
    -----
    Fewer than 12 sessions carry no control limits (Making Data Count), so none are drawn: `control_chart` does that.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables(
    ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated",
    ...      "rating_items": [{"key": "relevance", "minimum": 1, "maximum": 5}]},
    ...     events=pd.DataFrame({"event": ["E1"], "date": ["2023-05-01"]}),
    ...     ratings=pd.DataFrame({"event": ["E1"] * 3, "item": ["relevance"] * 3, "score": [3, 4, 5]}))
    >>> ratings_by_session(study).table[["n", "mean", "median", "distribution"]].values.tolist()
    [[3, 4.0, 4.0, '1: 0, 2: 0, 3: 1, 4: 1, 5: 1']]
    """
    key, title = "ratings-by-session", "Ratings by session and item"
    missing = missing_table(study, ("ratings", "events"), key, title, "how sessions were rated")
    if missing is not None:
        return missing
    assert study.ratings is not None
    assert study.events is not None
    events = list_events(study.events, study.attendance)
    scored = study.ratings[study.ratings["score"].notna()]
    if scored.empty:
        return Result(key=key, title=title, sentence="ratings.csv holds no score, so ratings cannot be shown.")
    scales = {item.key: (item.minimum, item.maximum) for item in study.rating_items}
    table = _summaries(scored, events, scales)
    sessions, items = table["event"].nunique(), list(dict.fromkeys(table["item"]))
    return Result(
        key=key,
        title=title,
        sentence=_sentence(table, items, sessions, scales),
        table=table,
        labels={"low": "from (95%)", "high": "to (95%)", "of_attended": "of those who came",
                "lower_quartile": "lower quartile", "upper_quartile": "upper quartile"},
        figure=_run_chart(table, items, changes_between(study, _days(table)), scales, key),
        caveats=_caveats(study, table, sessions),
        method=(
            "Mean with a Student t interval, cut off at the ends of the scale; median and quartiles; counts at each "
            "score. The line is the median of the session means. Scores of one person at several sessions are taken as "
            "independent."
        ),
        sources=("ratings.csv", "events.csv", *(("changes.csv",) if study.changes is not None else ())),
        show_table=len(table) <= MOST_ROWS_SHOWN,
    )  # fmt: skip


def comments(study: Study) -> Result:
    """Answer what people wrote beside their ratings, word for word, session by session.

    Parameters
    ----------
    study : Study
        With ratings that hold comments.

    Returns
    -------
    Result
        One row a comment: event, date, item, score, comment. The text is shown as it was written; a result escapes it
        on its way into a page and guards it on its way into a CSV.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables(
    ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated",
    ...      "rating_items": [{"key": "relevance", "minimum": 1, "maximum": 5}]},
    ...     events=pd.DataFrame({"event": ["E1"], "date": ["2023-05-01"]}),
    ...     ratings=pd.DataFrame({"event": ["E1"], "item": ["relevance"], "score": [3], "comment": ["<b>too long"]}))
    >>> "&lt;b&gt;too long" in comments(study)._repr_html_()
    True
    """
    key, title = "comments", "What people wrote about the sessions"
    missing = missing_table(study, ("ratings",), key, title, "what people wrote")
    if missing is not None:
        return missing
    assert study.ratings is not None
    if study.audience != "internal":
        return Result(
            key=key, title=title,
            sentence="Comments are shown to the evaluation team only, because people were not asked to share them.",
        )  # fmt: skip
    ratings = study.ratings
    written = ratings["comment"] if "comment" in ratings.columns else pd.Series(pd.NA, index=ratings.index)
    chosen = ratings[written.notna() & (written.astype("string").str.strip() != "").fillna(False)]
    if chosen.empty:
        return Result(key=key, title=title, sentence="Nobody wrote a comment beside a rating.")
    dates = {} if study.events is None else dict(zip(study.events["event"], study.events["date"], strict=True))
    table = pd.DataFrame(
        {
            "event": chosen["event"].to_numpy(),
            "date": pd.to_datetime(chosen["event"].map(dates)).to_numpy(),
            "item": chosen["item"].to_numpy(),
            "score": chosen["score"].to_numpy(),
            "comment": chosen["comment"].astype("object").str.strip().to_numpy(),
        }
    )
    table = table.sort_values(["date", "event", "item"], kind="stable").reset_index(drop=True)
    count, of = len(table), len(ratings)
    return Result(
        key=key,
        title=title,
        sentence=f"{count} of {counted(of, 'rating')} came with a comment, from {table['event'].nunique()} of "
        f"{counted(ratings['event'].nunique(), 'rated session')}.",
        table=table,
        caveats=(
            "Those who write are not a sample of those who came.",
            "A comment may give its writer away: read it before passing it on.",
        ),
        sources=("ratings.csv",),
        show_table=count <= 60,
    )


def _summaries(scored: pd.DataFrame, events: pd.DataFrame, scales: dict[str, tuple[float, float]]) -> pd.DataFrame:
    dates = dict(zip(events["event"], events["date"], strict=True))
    attended = dict(zip(events["event"], events["attended"], strict=True))
    rows = []
    for (event, item), scores in scored.groupby(["event", "item"], sort=False)["score"]:
        values = scores.astype(float).to_numpy()
        low, high = scales.get(str(item), (float(values.min()), float(values.max())))
        interval = mean_interval(values.tolist())
        quartiles = np.quantile(values, [0.25, 0.5, 0.75])
        rows.append(
            {
                "event": event, "date": dates.get(event, pd.NaT), "item": item, "n": len(values),
                "of_attended": attended.get(event, pd.NA), "mean": interval.estimate,
                "low": interval.low if math.isnan(interval.low) else max(interval.low, low),
                "high": interval.high if math.isnan(interval.high) else min(interval.high, high),
                "median": float(quartiles[1]), "lower_quartile": float(quartiles[0]),
                "upper_quartile": float(quartiles[2]), "distribution": _distribution(values, low, high),
            }
        )  # fmt: skip
    table = pd.DataFrame(rows)
    order = {key: position for position, key in enumerate(scales)}
    table["of_attended"] = pd.array(table["of_attended"].tolist(), dtype="Int64")
    table = table.assign(_item=table["item"].map(lambda item: order.get(item, len(order))))
    return (
        table.sort_values(["_item", "item", "date", "event"], kind="stable")
        .drop(columns="_item")
        .reset_index(drop=True)
    )


def _distribution(values: np.ndarray, low: float, high: float) -> str:
    scores, counts = np.unique(values, return_counts=True)
    found = dict(zip(scores.tolist(), counts.tolist(), strict=True))
    if float(low).is_integer() and high - low <= 10 and all(float(score).is_integer() for score in found):
        steps = [float(step) for step in range(int(low), int(high) + 1)]
    else:
        steps = sorted(found)
    shown = [f"{format_value(step)}: {found.get(step, 0)}" for step in steps[:20]]
    return ", ".join(shown) + (f", {len(steps) - 20} further scores" if len(steps) > 20 else "")


def _sentence(table: pd.DataFrame, items: list[str], sessions: int, scales: dict[str, tuple[float, float]]) -> str:
    parts = []
    for item in items[:_MOST_ITEMS_DRAWN]:
        rows = table[table["item"] == item]
        first, last = rows.iloc[0], rows.iloc[-1]
        told = f"{capital(name_item(item))}: mean {first['mean']:.2f} ({counted(int(first['n']), 'rating')})"
        if len(rows) > 1:
            told += (
                f" at the first session, {last['mean']:.2f} ({counted(int(last['n']), 'rating')}) at the last, between "
                f"{rows['mean'].min():.2f} and {rows['mean'].max():.2f} over all"
            )
        parts.append(told)
    more = f" And {len(items) - _MOST_ITEMS_DRAWN} more items." if len(items) > _MOST_ITEMS_DRAWN else ""
    ends = {scales.get(item) for item in items}
    scale = next(iter(ends)) if len(ends) == 1 else None
    asked = f" on a scale from {scale[0]:g} to {scale[1]:g}" if scale else ""
    were = f"{counted(sessions, 'session')} {verb(sessions, 'was', 'were')} rated{asked}."
    return f"{were} {'. '.join(parts)}.{more}"


def _caveats(study: Study, table: pd.DataFrame, sessions: int) -> tuple[str, ...]:
    caveats = []
    if sessions < FEWEST_FOR_LIMITS:
        caveats.append(
            f"{counted(sessions, 'session')} {verb(sessions, 'is', 'are')} fewer than {FEWEST_FOR_LIMITS}: too few for "
            "control limits, so read the points as a run chart and no rise or fall as proven."
        )
    known = table[table["of_attended"].notna() & (table["of_attended"] > 0)]
    if len(known):
        most = known.groupby("event").agg(n=("n", "max"), came=("of_attended", "first"))
        beyond = most[most["n"] > most["came"]]
        rated, came = int(most["n"].clip(upper=most["came"]).sum()), int(most["came"].sum())
        caveats.append(
            f"About {rated} of {counted(came, 'attendance')} {verb(rated, 'was', 'were')} rated; who did not rate may "
            "have thought otherwise."
        )
        if len(beyond):
            caveats.append(f"More ratings than attendances at: {join_names(list(map(str, beyond.index)))}.")
    missing = int(study.ratings["score"].isna().sum()) if study.ratings is not None else 0
    if missing:
        caveats.append(f"{counted(missing, 'rating')} without a score {verb(missing, 'is', 'are')} left out.")
    alone = int((table["low"].isna()).sum())
    if alone:
        caveats.append(
            f"{counted(alone, 'mean')} {verb(alone, 'has', 'have')} no interval: one rating only, or all alike."
        )
    if study.period is not None:
        caveats.append(f"Only sessions in {study.period.label} are shown.")
    caveats.append("People who rate several sessions are counted in each; no allowance is made for it.")
    return tuple(caveats)


def changes_between(study: Study, dates: np.ndarray) -> list[tuple[float, str, str]]:
    """Give each declared change as (place among the sessions, counted from 0; letter; words), in order of date.

    Parameters
    ----------
    study : Study
    dates : numpy.ndarray
        The days of the sessions drawn, in order.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> study = Study.from_tables(
    ...     {"key": "demo", "title": "Demo", "provenance": "simulated"},
    ...     changes=pd.DataFrame({"change": ["C1"], "date": ["2023-05-20"], "what": ["earlier start"]}))
    >>> changes_between(study, np.array(["2023-05-01", "2023-06-01"], dtype="datetime64[D]"))
    [(0.5, 'A', '20 May 2023: earlier start')]
    """
    if study.changes is None:
        return []
    marks = []
    changes = study.changes.sort_values("date", kind="stable")
    changes = changes.assign(what=study.without_withheld(changes["what"]))
    for number, (date, what) in enumerate(zip(changes["date"], changes["what"], strict=True)):
        earlier = int((dates < np.datetime64(date)).sum())
        letter = chr(ord("A") + number) if number < _MOST_LETTERS else str(number + 1)
        marks.append((earlier - 0.5, letter, f"{write_date(date)}: {what}"))
    return marks


def _days(table: pd.DataFrame) -> np.ndarray:
    return table.drop_duplicates("event").sort_values(["date", "event"], kind="stable")["date"].to_numpy()


def _run_chart(
    table: pd.DataFrame, items: list[str], changes: list[tuple[float, str, str]],
    scales: dict[str, tuple[float, float]], key: str,
) -> Figure:  # fmt: skip
    from cop_analysis.figures import BLUE, GREY, INK, drawing, finish

    sessions = table.drop_duplicates("event").sort_values(["date", "event"], kind="stable")
    left_off = max(0, len(sessions) - _MOST_SESSIONS_DRAWN)
    sessions = sessions.iloc[left_off:]
    changes = [(place - left_off, letter, words) for place, letter, words in changes if place - left_off >= -0.5]
    table = table[table["event"].isin(set(sessions["event"]))]
    position = {event: place for place, event in enumerate(sessions["event"])}
    drawn = items[:_MOST_ITEMS_DRAWN]
    labels = [f"{date.day} {date:%b}\n{date.year}" if not pd.isna(date) else "no date" for date in sessions["date"]]
    with drawing(max(7.0, min(13.0, 2 + 0.8 * len(sessions))), 0.6 + 2.1 * len(drawn)) as canvas:
        panels = canvas.subplots(len(drawn), 1, sharex=True, squeeze=False)[:, 0]
        for axes, item in zip(panels, drawn, strict=True):
            rows = table[table["item"] == item]
            x = rows["event"].map(position).to_numpy()
            mean = rows["mean"].to_numpy()
            low, high = scales.get(item, (float(mean.min()), float(mean.max())))
            axes.axhline(float(np.median(mean)), color=GREY, linewidth=1, linestyle=(0, (5, 3)))
            axes.vlines(x, rows["low"].fillna(rows["mean"]), rows["high"].fillna(rows["mean"]), color=BLUE, linewidth=2)
            axes.plot(x, mean, "-o", color=BLUE, linewidth=1, markersize=6)
            span = high - low if high > low else 1.0
            axes.set_ylim(low - 0.28 * span, high + 0.2 * span)
            axes.set_yticks(_ticks(low, high))
            axes.set_title(capital(name_item(item)), loc="left", parse_math=False)
            if len(rows) <= _MOST_VALUES_PRINTED:
                tops = rows["high"].fillna(rows["mean"])
                for at, n, value, top in zip(x, rows["n"], mean, tops, strict=True):
                    axes.text(at, low - 0.16 * span, f"n={n}", ha="center", va="center", fontsize=8, color=INK)
                    above = (at, max(value, top))
                    axes.annotate(
                        f"{value:.2f}", above, (0, 4), textcoords="offset points", ha="center", fontsize=8,
                        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.3, "alpha": 0.8},
                    )  # fmt: skip
            for at, letter, _ in changes:
                axes.axvline(at, color=INK, linewidth=1, linestyle=":")
                axes.text(at + 0.05, high + 0.19 * span, letter, ha="left", va="top", fontsize=9, fontweight="bold")
        step = max(1, math.ceil(len(sessions) / 20))
        panels[-1].set_xticks(range(0, len(sessions), step), labels[::step])
        panels[-1].set_xlim(-0.7, len(sessions) - 0.3)
        return finish(
            canvas, name=f"{key}-picture", title=_caption(changes),
            alt=_words_for_picture(table, drawn, changes, left_off),
            table=table[["event", "date", "item", "n", "mean", "low", "high"]],
        )  # fmt: skip


def _ticks(low: float, high: float) -> list[float]:
    if float(low).is_integer() and 0 < high - low <= 7:
        return [low + step for step in range(int(high - low) + 1)]
    return [low, (low + high) / 2, high] if high > low else [low]


def _caption(changes: list[tuple[float, str, str]]) -> str:
    return f"Mean rating by session with 95% interval; dashed: median of the session means{changes_in_words(changes)}"


def changes_in_words(changes: list[tuple[float, str, str]]) -> str:
    """Say in a caption which change each letter of a picture stands for.

    Examples
    --------
    >>> changes_in_words([(0.5, "A", "20 May 2023: earlier start")])
    '; dotted and lettered: changes (A, 20 May 2023: earlier start)'
    """
    if not changes:
        return ""
    told = "; ".join(f"{letter}, {words}" for _, letter, words in changes[:10])
    return f"; dotted and lettered: changes ({told}{'; and more' if len(changes) > 10 else ''})"


def _words_for_picture(
    table: pd.DataFrame, items: list[str], changes: list[tuple[float, str, str]], left_off: int
) -> str:
    parts = []
    for item in items:
        rows = table[table["item"] == item]
        each = ", ".join(f"{row.mean:.2f} (n = {row.n})" for row in rows.head(30).itertuples())
        parts.append(f"{capital(name_item(item))}: {each}")
    told = "; ".join(f"{letter} {words}" for _, letter, words in changes[:10])
    latest = f" The latest {_MOST_SESSIONS_DRAWN} sessions are drawn." if left_off else ""
    return f"Session means in order of date.{latest} {'. '.join(parts)}." + (f" Changes: {told}." if told else "")
