"""Answers the evaluator's question in one call: did people's answers move between two waves, item by item?

It chooses, says why, and puts together what the other modules work out; no formula lives here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cop_analysis.change.methods.columns import Differences, paired_differences
from cop_analysis.change.methods.effects import Superiority, among_changers, superiority_of
from cop_analysis.change.methods.multiplicity import MaxT, benjamini_hochberg, holm, max_t
from cop_analysis.change.methods.paired_tests import signed_rank_of
from cop_analysis.change.methods.scales import items_against_the_rest, mean_change
from cop_analysis.change.pages.comparison import Comparison, begin, nobody_twice, person_column
from cop_analysis.change.pages.moves import scale_points
from cop_analysis.change.pages.organisations import BesideHeadline, beside_headline
from cop_analysis.change.pages.words import (
    Reading,
    answered_quantities,
    chance_in_words,
    floor_caveat,
    interval_beside_p,
    on_different_sides,
    percent,
    reading_of,
    software,
    standing_caveats,
    what_was_left_out,
    who_is_missing,
)
from cop_analysis.change.pictures.answers import diverging_bars
from cop_analysis.results import Headline, Result, Verdict, count_of, format_p, format_share, table_html, table_payload

if TYPE_CHECKING:
    from cop_analysis.study import Study

_KEY, _TITLE = "confidence", "Answers before and after, item by item"
_CROWDED = 0.25
_EXPECTED = {
    "increase": "an increase was expected",
    "decrease": "a decrease was expected",
    "either": "no direction was expected",
}
_ADJUSTMENTS = {"maxT": "max_t_p_value", "holm": "holm_p_value", "bh": "bh_p_value"}
_NAMES = {"maxT": "maxT", "holm": "Holm", "bh": "Benjamini-Hochberg"}


@dataclass(frozen=True, kw_only=True)
class Confidence(Result):
    """The change item by item, with what code may want besides the table.

    Parameters
    ----------
    instrument, before, after : str
        The keys that were compared.
    pairs : int
        People who answered at least one item both times.
    missing : int
        People who answered in one of the waves only.
    lead : Superiority or None
        The effect the sentence and headline speak of: the planned primary item, else all items together.
    lead_p_value : float
        Its exact two-sided p.
    multiplicity : str
        Which adjustment ``adjusted_p_value`` holds: maxT, holm or bh.
    """

    instrument: str = ""
    before: str = ""
    after: str = ""
    pairs: int = 0
    missing: int = 0
    lead: Superiority | None = None
    lead_p_value: float = math.nan
    multiplicity: str = "maxT"


def confidence(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    permutations: int = 9999,
    seed: int = 20250101,
    level: float = 0.95,
) -> Result:
    """Say who moved up or down between two waves, item by item, how sure that is, and what it cannot show.

    Parameters and errors are those of `answer`, which leads with this where anybody answered twice.

    Returns
    -------
    Confidence
        Its table has a row an item: n (answered both times), up, same, down (people; after reversed items are turned),
        superiority with low and high, mean_change (scale points), exact p and mid-p (two-sided), and the p adjusted for
        several items. A plain `Result` that says why where nothing can be compared.

    Notes
    -----
    Pairing by id; exact Pratt signed-rank test (`signed_rank`), PS with Tango interval (`superiority`), step-down maxT
    (`max_t`), Holm and Benjamini-Hochberg. With one item there is nothing to adjust for.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> confidence(SimpleNamespace(survey=None)).sentence
    'This study has no survey table (survey.csv), so a change in answers cannot be shown.'
    """
    comparison = begin(study, _KEY, _TITLE, "a change in answers", instrument, before, after, level)
    if isinstance(comparison, Result):
        return comparison
    first, last = comparison.oriented()
    differences = {item: paired_differences(first[item], last[item]) for item in comparison.items}
    if not any(given.n for given in differences.values()):
        return nobody_twice(f"{_KEY}{comparison.suffix}", _TITLE, comparison)
    plan = getattr(study.config, "plan", None)
    multiplicity = getattr(plan, "multiplicity", "") or "maxT"
    joint = max_t(first, last, permutations, seed)
    wordings = {item: comparison.wording(item) for item in comparison.items}
    reading = reading_of(comparison.instrument)
    of_two_answers = len(scale_points(comparison.instrument)) == 2
    table = _item_table(differences, wordings, joint, multiplicity, level, reading, of_two_answers)
    lead_item, lead, columns = comparison.lead(plan)
    effect = superiority_of(lead, level)
    test = signed_rank_of(lead)
    about = comparison.about(lead_item)
    beside = beside_finding(study, comparison, lead_item, columns, effect, test.p_value, reading)
    apart = bool(test.changed) and on_different_sides(effect, test.p_value)
    title = f"{comparison.instrument.name}, item by item: {'; '.join(comparison.names)}"
    return Confidence(
        key=f"{_KEY}{comparison.suffix}",
        title=title,
        sentence=" ".join(
            part
            for part in (
                _tested(reading, effect, about, comparison, test.p_value),
                *beside.sentences,
                _tendency(reading, effect) if test.changed else "",
                interval_beside_p(reading, effect, test.p_value) if apart else "",
                _range_of_items(reading, table, multiplicity) if len(differences) > 1 else "",
            )
            if part
        ),
        table=table,
        labels=_labels(level, multiplicity, len(differences), reading),
        figure=diverging_bars(
            first,
            last,
            comparison.instrument,
            wordings,
            comparison.names,
            name=f"answers-before-after{comparison.suffix}",
        ),
        caveats=(
            *beside.caveats,
            *_caveats(comparison, first, last, differences, wordings, reading),
            *_items_apart(table, level),
            *_against_the_plan(plan, effect, comparison.instrument.key),
        ),
        headline=_headline(reading, effect, test.p_value, about, comparison, apart, beside),
        method=_method(comparison, joint, test.method, multiplicity, seed, plan),
        sources=("survey.csv",),
        body_html=_short_table(table, title, level, multiplicity, reading),
        show_table=False,
        quantities=answered_quantities(comparison),
        verdicts=_verdicts(comparison, effect, test.p_value, beside),
        instrument=comparison.instrument.key,
        before=comparison.before.key,
        after=comparison.after.key,
        pairs=comparison.pairing.n,
        missing=len(comparison.pairing.only_before) + len(comparison.pairing.only_after),
        lead=effect,
        lead_p_value=test.p_value,
        multiplicity=multiplicity,
    )


def beside_finding(
    study: Study,
    comparison: Comparison,
    item: str,
    columns: tuple[pd.Series, pd.Series],
    effect: Superiority,
    p_value: float,
    reading: Reading,
) -> BesideHeadline:
    """Give what stands beside a finding on an item, or on all of them (`item` empty), because of organisations."""
    assert study.survey is not None
    if item:
        tables = comparison.wave_answers(study.survey)
        started = tables[comparison.before.key][item]
    else:
        started = comparison.wave_scores(study.survey)[comparison.before.key]
    started = started.dropna()
    home = person_column(study, started.index.union(columns[0].index), "organisation")
    return beside_headline(*columns, started, home, effect, p_value, reading)


def _headline(
    reading: Reading,
    effect: Superiority,
    p_value: float,
    about: str,
    comparison: Comparison,
    apart: bool,
    beside: BesideHeadline,
) -> Headline:
    better, worse = reading.counts(effect)
    before, after = comparison.names
    if not effect.up + effect.down:
        uncertainty = "nobody changed, so there is nothing to test"
    else:
        widened = among_changers(effect.up, effect.down, effect.n, effect.level)
        # Where the wider interval does not agree with p either, the sentence says why.
        settles = apart and not on_different_sides(widened, p_value)
        shown, how = (
            (widened, ", widened to agree with the exact test of those who changed") if settles else (effect, "")
        )
        uncertainty = f"{worse:,} {reading.worse}; tendency {', '.join(reading.tendency_in_words(shown))}{how}"
        uncertainty += f"; {beside.headline}" if beside.headline else ""
    return Headline(
        label=f"people who {reading.better} the second time ({after}) than the first ({before}), {about}",
        value=f"{better:,} of {effect.n:,}",
        uncertainty=uncertainty,
        order=20,
    )


def _verdicts(
    comparison: Comparison, effect: Superiority, p_value: float, beside: BesideHeadline
) -> tuple[Verdict, ...]:
    """Give the bounds within which the tendency may lie; the page leaves it to them whether there was a change."""
    lows, highs = [effect.low], [effect.high]
    if effect.up + effect.down:
        widened = among_changers(effect.up, effect.down, effect.n, effect.level)
        lows.append(widened.low)
        highs.append(widened.high)
    if beside.superiority == beside.superiority:
        lows.append(beside.superiority)
        highs.append(beside.superiority)
    return (Verdict(f"survey:changed:{comparison.instrument.key}", "cannot tell", min(lows), max(highs), turns_at=0.5),)


def _items_apart(table: pd.DataFrame, level: float) -> tuple[str, ...]:
    """Name the items whose interval and exact p fall on different sides."""
    tested = table.loc[table["p_value"].notna()]
    outside = (tested["low"] > 0.5) | (tested["high"] < 0.5)
    apart = tested.loc[outside != (tested["p_value"] < 1 - level)]
    if apart.empty or len(table) == 1:
        return ()
    named = ", ".join(f"“{wording}”" for wording in apart["wording"].iloc[:3])
    more = f" and {count_of(len(apart) - 3, 'more item')}" if len(apart) > 3 else ""
    return (
        f"On {named}{more} interval and exact p do not agree on whether 50% is compatible with the answers: "
        "the interval is an approximation and counts only which way people moved; the test weighs how far.",
    )


def _item_table(
    differences: Mapping[str, Differences],
    wordings: Mapping[str, str],
    joint: MaxT,
    multiplicity: str,
    level: float,
    reading: Reading,
    of_two_answers: bool,
) -> pd.DataFrame:
    rows = []
    for item, given in differences.items():
        row: dict[str, object] = {"item": item, "wording": wordings[item], "n": given.n}
        row |= {"up": given.up, "same": given.same, "down": given.down}
        if given.n:
            row |= {"mean_change": mean_change(given.values, level).estimate}
        # Of two answers the exact test is McNemar's, which is undefined where nobody changed.
        if given.n and not (of_two_answers and given.up + given.down == 0):
            effect, test = superiority_of(given, level), signed_rank_of(given)
            row |= dict(zip(("superiority", "low", "high"), reading.towards_better(effect), strict=True))
            row |= {"p_value": test.p_value, "mid_p_value": test.mid_p_value}
        rows.append(row)
    counted = ["item", "wording", "n", "up", "same", "down"]
    numbers = ["superiority", "low", "high", "p_value", "adjusted_p_value", "mean_change", "mid_p_value"]
    table = pd.DataFrame(rows, columns=[*counted, *numbers])
    table[numbers] = table[numbers].astype("float64")
    p_values = table["p_value"]
    adjusted = {
        "maxT": pd.Series(joint.p_values.to_numpy(), index=table.index).where(p_values.notna()),
        "holm": holm(p_values),
        "bh": benjamini_hochberg(p_values),
    }
    table["adjusted_p_value"] = adjusted[multiplicity]
    for method, column in _ADJUSTMENTS.items():
        if method != multiplicity:
            table[column] = adjusted[method]
    return table


def _labels(level: float, multiplicity: str, items: int, reading: Reading) -> dict[str, str]:
    return reading.count_labels | {
        "n": "people",
        "superiority": reading.superiority_label,
        "low": f"{percent(level)} low",
        "high": f"{percent(level)} high",
        "mean_change": "mean change",
        "p_value": "exact p",
        "mid_p_value": "mid-p",
        "adjusted_p_value": f"adjusted p ({_NAMES[multiplicity]})" if items > 1 else "adjusted p (one item)",
        "max_t_p_value": "maxT p",
        "holm_p_value": "Holm p",
        "bh_p_value": "Benjamini-Hochberg p",
    }


def _short_table(table: pd.DataFrame, title: str, level: float, multiplicity: str, reading: Reading) -> str:
    """Write the columns a reader wants first, as narrow as a page; the table with all of them is folded beneath."""
    better, worse = ("up", "down") if reading.higher_is_better else ("down", "up")
    unchanged = (table["n"] > 0) & (table["up"] + table["down"] == 0)
    shown = pd.DataFrame(
        {
            "wording": table["wording"],
            "n": table["n"],
            "moves": [
                f"{first:,}\u00a0/\u00a0{same:,}\u00a0/\u00a0{last:,}"
                for first, same, last in zip(table[better], table["same"], table[worse], strict=True)
            ],
            "effect": [
                f"{format_share(estimate, 1)} ({format_share(low, 1)}\u00a0to\u00a0{format_share(high, 1)})"
                if estimate == estimate
                else "nobody changed"
                if still
                else ""
                for estimate, low, high, still in zip(
                    table["superiority"], table["low"], table["high"], unchanged, strict=True
                )
            ],
            "p_value": table["p_value"],
            "adjusted_p_value": table["adjusted_p_value"],
        }
    )
    if len(table) == 1:
        shown = shown.drop(columns="adjusted_p_value")
    labels = _labels(level, multiplicity, len(table), reading)
    moves = "up / same / down" if reading.higher_is_better else "down (better) / same / up (worse)"
    labels |= {"moves": moves, "effect": f"{reading.superiority_label}, {percent(level)} interval"}
    return table_html(table_payload(shown, labels), title)


def _tested(reading: Reading, effect: Superiority, about: str, comparison: Comparison, p_value: float) -> str:
    better, worse = reading.counts(effect)
    before, after = comparison.names
    if not effect.up + effect.down:
        return (
            f"0 of {effect.n:,} {reading.better} {about} the second time ({after}) than the first ({before}), 0 "
            f"{reading.worse} and {effect.same:,} the same: nobody changed, so there is nothing to test."
        )
    return (
        f"{better:,} of {effect.n:,} {reading.better} {about} the second time ({after}) than the first ({before}), "
        f"{worse:,} {reading.worse} and {effect.same:,} the same; {format_p(p_value)}: were moving up and moving down "
        f"equally likely for each person, changes as one-sided as this would be seen {chance_in_words(p_value)}."
    )


def _tendency(reading: Reading, effect: Superiority) -> str:
    tendency, interval = reading.tendency_in_words(effect)
    return (
        f"Counting no change as half, that is a tendency of {tendency} ({interval}) towards "
        f"{reading.tendency} (50% would be none either way)."
    )


def _range_of_items(reading: Reading, table: pd.DataFrame, multiplicity: str) -> str:
    answered = table.loc[table["n"] > 0]
    moved = "up" if reading.higher_is_better else "down"
    share = answered[moved] / answered["n"]
    least, most = answered.iloc[int(np.argmin(share))], answered.iloc[int(np.argmax(share))]
    said = (
        f"Item by item, those who did ran from {least[moved]:,} of {least['n']:,} (“{least['wording']}”) to "
        f"{most[moved]:,} of {most['n']:,} (“{most['wording']}”)"
    )
    adjusted = answered["adjusted_p_value"].dropna()
    if adjusted.empty:
        return f"{said}."
    low, high = (format_p(value) for value in (adjusted.min(), adjusted.max()))
    return (
        f"{said}; allowing for {count_of(len(adjusted), 'item')} asked at once ({_NAMES[multiplicity]}), "
        f"{low if low == high else f'the smallest {low} and the largest {high}'}."
    )


def _caveats(
    comparison: Comparison,
    first: pd.DataFrame,
    last: pd.DataFrame,
    differences: Mapping[str, Differences],
    wordings: Mapping[str, str],
    reading: Reading,
) -> tuple[str, ...]:
    said = [*standing_caveats(), who_is_missing(comparison), *what_was_left_out(comparison)]
    answered = [given.n for given in differences.values()]
    if min(answered) < comparison.pairing.n:
        said.append(
            f"Not everyone answered every item both times: between {min(answered):,} and {max(answered):,} of "
            f"{comparison.pairing.n:,} did, and each item is worked out on those who did."
        )
    unanswered = sum(count == 0 for count in answered)
    if unanswered:
        said.append(
            f"{count_of(unanswered, 'item was', 'items were')} answered by nobody both times: nothing is shown."
        )
    unchanged = [item for item, given in differences.items() if given.n and not given.up + given.down]
    if unchanged and len(scale_points(comparison.instrument)) == 2:
        said.append(
            f"On {count_of(len(unchanged), 'item')} nobody changed: McNemar's test is undefined there, and no p and no "
            "interval is shown."
        )
    said.append(
        floor_caveat(
            [(wordings[item], given.up + given.down) for item, given in differences.items() if given.up + given.down]
        )
    )
    said += _crowded(comparison, first, last, wordings, reading)
    if comparison.reverse:
        said.append(
            f"{count_of(len(comparison.reverse), 'item is', 'items are')} worded the other way and scored in reverse, "
            "so that up means the same on every item."
        )
    contrary = items_against_the_rest(first, last)
    if contrary:
        named = ", ".join(f"“{wordings[item]}”" for item in contrary)
        said.append(
            f"People answered {named} the other way from the rest: was the scale read upside down, or does study.toml "
            "lack reverse = true?"
        )
    if not reading.higher_is_better:
        said.append(
            "On this instrument lower is better: a tendency above 50% is towards lower answers, in every table."
        )
    return (*said, *comparison.deviations)


def _crowded(
    comparison: Comparison, first: pd.DataFrame, last: pd.DataFrame, wordings: Mapping[str, str], reading: Reading
) -> list[str]:
    """Name the items on which many people were at the best end already, and so could not improve."""
    instrument = comparison.instrument
    best = instrument.maximum if reading.higher_is_better else instrument.minimum
    both = first.notna() & last.notna()
    shares = (np.isclose(first, best) & both).sum() / both.sum().replace(0, 1)
    crowded = shares.loc[shares >= _CROWDED].sort_values(ascending=False, kind="stable")
    if crowded.empty:
        return []
    named = ", ".join(f"{share:.0%} on “{wordings[str(item)]}”" for item, share in crowded.iloc[:3].items())
    more = f" and {count_of(len(crowded) - 3, 'more item')}" if len(crowded) > 3 else ""
    return [f"Some people already gave the best answer {comparison.times[0]} and could not improve: {named}{more}."]


def _method(comparison: Comparison, joint: MaxT, test: str, multiplicity: str, seed: int, plan: object) -> str:
    several = len(comparison.items) > 1
    parts = [
        "Answers are paired by person; an item counts where the person answered it both times.",
        "All items together means each person's mean over the items answered both times (at least half of them)."
        if several
        else "",
        test,
        "PS = P(up) + P(same) / 2 with the score interval of Tango (1998).",
        f"Adjusted p: {_NAMES[multiplicity]}, with the others beside it. {joint.method}" if several else "",
        f"Seed {seed}." if several and not joint.exact else "",
        "Holm (1979) and Benjamini-Hochberg (1995) adjust the exact p." if several else "",
        "All p-values are two-sided.",
        _as_planned(plan),
        software(),
    ]
    return " ".join(part for part in parts if part)


def _as_planned(plan: object) -> str:
    dated = getattr(plan, "dated", None)
    if dated is None:
        return ""
    primary = getattr(plan, "primary", "").strip().rstrip(".")
    outcome = f"; primary outcome: {primary}" if primary else ""
    direction = getattr(plan, "direction", "")
    expected = f"; {_EXPECTED[direction]}" if direction in _EXPECTED else ""
    return f"Planned on {dated.day} {dated:%B %Y}{outcome}{expected}."


def _against_the_plan(plan: object, effect: Superiority, instrument: str) -> tuple[str, ...]:
    """Say where the answers did not go the way the dated plan expected."""
    direction = getattr(plan, "direction", "")
    if getattr(plan, "dated", None) is None or direction not in ("increase", "decrease"):
        return ()
    if getattr(plan, "instrument", "") not in ("", instrument):
        return ()
    wanted, other = ("up", "down") if direction == "increase" else ("down", "up")
    moved = {"up": effect.up, "down": effect.down}
    if moved[wanted] > moved[other]:
        return ()
    alike = moved[wanted] == moved[other]
    said = f"as many moved {other} as {wanted}" if alike else f"more moved {other} than {wanted}"
    return (f"The analysis plan expected {_EXPECTED[direction].split()[0]} {direction}, but {said}.",)
