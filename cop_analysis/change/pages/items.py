"""Did people's answers move between two waves: the one verdict every page gives, and what is to be seen of each item.

What is found is gathered here as facts; the formulas are in the methods, the sentences in words.py.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from cop_analysis.change.methods.categories import bowker, mcnemar, movement_table, stuart_maxwell
from cop_analysis.change.methods.columns import Differences, item_differences, paired_differences
from cop_analysis.change.methods.effects import Superiority, among_changers, on_different_sides, superiority_of
from cop_analysis.change.methods.group_tests import WholeOrganisations, whole_organisations
from cop_analysis.change.methods.multiplicity import MaxT, benjamini_hochberg, holm, max_t
from cop_analysis.change.methods.paired_tests import SignedRank, signed_rank_of
from cop_analysis.change.methods.scales import items_against_the_rest
from cop_analysis.change.pages import columns, words
from cop_analysis.change.pages.two_waves import TwoWaves, scale_points
from cop_analysis.change.pictures.answers import diverging_bars, movement_figure, slopes_figure
from cop_analysis.change.pictures.estimates import ForestRow, forest
from cop_analysis.results import Result, Verdict, format_share, table_html, table_payload, with_limits
from cop_analysis.results.pages import Opening

_ALPHA = 0.05
_CROWDED = 0.25
_MOST_POINTS = 11
_ADJUSTED = {"maxT": "max_t_p_value", "holm": "holm_p_value", "bh": "bh_p_value"}
_COUNTED = ["item", "wording", "n", "up", "same", "down"]
_TENDENCY = ["superiority", "low", "high"]
_NUMBERS = [*_TENDENCY, "p_value", "adjusted_p_value", "mean_change", "mid_p_value"]


@dataclass(frozen=True)
class Moved:
    """Whether people moved on one item, or on all together, and which way.

    Parameters
    ----------
    question : str
        The question's key, the same on every page that answers it.
    asked : int
        How many items are asked at once and allowed for (Bonferroni); 1 for all together.
    effect, test
        PS with its 95% interval, and the signed-rank test.
    allowing : Superiority
        PS with an interval that allows for all items asked at once.
    widened : Superiority or None
        The same, widened to agree with the exact test of those who changed; None where nobody did.
    organisations : WholeOrganisations
        What organisations do to it.
    low, high : float
        The widest bounds on PS that all of these leave; it moved where they leave one half out.
    goes : {"higher", "lower", "unclear"}
        Which way answers moved.
    is_open_over_organisations : bool
        Whether the test of whole organisations could have settled the direction and does not.
    higher_is_better : bool
        Which way is better on the instrument.
    """

    question: str
    asked: int
    effect: Superiority
    test: SignedRank
    allowing: Superiority
    widened: Superiority | None
    organisations: WholeOrganisations
    low: float
    high: float
    goes: str
    is_open_over_organisations: bool
    higher_is_better: bool

    @property
    def judged(self) -> tuple[float, float, float]:
        """The bounds told the better way, and the value on whose other side the answer would be another."""
        return (self.low, self.high, 0.5) if self.higher_is_better else (1 - self.high, 1 - self.low, 0.5)

    @property
    def is_widened(self) -> bool:
        """Whether the exact test of those who changed leaves open what the interval alone would settle."""
        if self.widened is None:
            return False
        plain, wide = self.allowing, self.widened
        return (plain.low > 0.5) != (wide.low > 0.5) or (plain.high < 0.5) != (wide.high < 0.5)

    @property
    def verdict(self) -> Verdict:
        """The answer as the self-check reads it."""
        low, high, turns_at = self.judged
        return Verdict(self.question, "cannot tell" if self.goes == "unclear" else "yes", low, high, turns_at)


def moved(waves: TwoWaves, item: str = "") -> Moved:
    """Say whether people moved between two paired waves on an item, or on all together (`item` empty).

    Parameters
    ----------
    waves : TwoWaves
        Paired waves.
    item : str
        The item's key; empty for all together.

    Returns
    -------
    Moved

    Raises
    ------
    ValueError
        If nobody answered it both times.

    Notes
    -----
    PS with Tango's interval and the exact test must agree that one half is left out: an item is judged by an interval
    that allows for all items asked at once, widened to agree with the exact test of those who changed
    (`among_changers`), and to hold what PS would be with each organisation as large as at the start. Where whole
    organisations could have given a p of .05 and do not, the direction is left open.
    """
    item = item or (waves.items[0] if len(waves.items) == 1 else "")
    columns = waves.of(item)
    differences = paired_differences(*columns)
    asked = len(waves.items) if item else 1
    effect, test = superiority_of(differences), signed_rank_of(differences)
    allowing = superiority_of(differences, 1 - _ALPHA / asked)
    widened = _widened(differences, allowing.level)
    started = waves.started(item)
    home = waves.of_people(started.index.union(columns[0].index), "organisation")
    over = whole_organisations(*columns, started, home, effect)
    low, high = _bounds(allowing, widened, over)
    is_open = over.floor <= _ALPHA < over.p_value and not low <= 0.5 <= high
    if is_open:
        low, high = min(low, 0.5), max(high, 0.5)
    goes = "higher" if low > 0.5 else "lower" if high < 0.5 else "unclear"
    return Moved(
        question=f"survey:changed:{waves.instrument.key}:{item or 'all together'}",
        asked=asked,
        effect=effect,
        test=test,
        allowing=allowing,
        widened=widened,
        organisations=over,
        low=low,
        high=high,
        goes=goes,
        is_open_over_organisations=is_open,
        higher_is_better=waves.direction.higher_is_better,
    )


def _widened(differences: Differences, level: float) -> Superiority | None:
    if not differences.up + differences.down:
        return None
    return among_changers(differences.up, differences.down, differences.n, level)


def _bounds(allowing: Superiority, widened: Superiority | None, over: WholeOrganisations) -> tuple[float, float]:
    held = widened or allowing
    low, high = held.low, held.high
    if over.superiority == over.superiority:
        low, high = min(low, over.superiority), max(high, over.superiority)
    return low, high


@dataclass(frozen=True, kw_only=True)
class Answer(Result):
    """The answer, with what was chosen and why.

    Parameters
    ----------
    chosen : str
        ``"paired"`` (each person with themselves), ``"cohorts"`` (two groups of different people), ``"in doubt"``
        where nobody has said whether an id is the same person, or ``"none"`` where nothing could be compared.
    why : str
        The reason in one sentence.
    result : Result
        What the chosen analysis gave, with its figures for code (an `ItemChanges` for paired answers).
    """

    chosen: str = "none"
    why: str = ""
    result: Result | None = None

    @classmethod
    def of(cls, found: Result, *, key: str, sentence: str, chosen: str, why: str, more: tuple[str, ...] = ()) -> Answer:
        """Give what another page found as the answer, under its own key and with further caveats first."""
        held = {each.name: getattr(found, each.name) for each in fields(Result)}
        held |= {"key": key, "sentence": sentence, "caveats": (*more, *found.caveats)}
        return cls(**held, chosen=chosen, why=why, result=found)


@dataclass(frozen=True, kw_only=True)
class ItemChanges(Result):
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
    is_exact : bool
        Whether that p is exact, or approximated because so many people answered.
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
    is_exact: bool = True
    multiplicity: str = "maxT"


@dataclass(frozen=True)
class ItemFacts:
    """What was found item by item.

    Parameters
    ----------
    waves : TwoWaves
        What was compared.
    differences : mapping of str to Differences
        The changes on each item.
    table : pandas.DataFrame
        A row an item.
    joint : MaxT
        The joint test of all items.
    multiplicity : str
        The adjustment that leads: maxT, holm or bh.
    effect, widened, test
        On what the finding is about: PS, PS widened to agree with the exact test of those who changed (None where
        nobody did), and the signed-rank test.
    moved : Moved
        Whether people moved on that, with what organisations do to it.
    apart : tuple of str
        The wordings of the items whose interval and exact p fall on different sides.
    crowded : tuple of (str, float)
        Items on which many people were at the best end already, with their share.
    contrary : tuple of str
        Items answered the other way from the rest.
    """

    waves: TwoWaves
    differences: Mapping[str, Differences]
    table: pd.DataFrame
    joint: MaxT
    multiplicity: str
    effect: Superiority
    widened: Superiority | None
    test: SignedRank
    moved: Moved
    apart: tuple[str, ...]
    crowded: tuple[tuple[str, float], ...]
    contrary: tuple[str, ...]

    @property
    def is_apart(self) -> bool:
        """Whether the interval and the p of the lead fall on different sides."""
        return bool(self.test.changed) and on_different_sides(self.effect, self.test.p_value)


def item_facts(waves: TwoWaves, permutations: int, seed: int, level: float) -> ItemFacts | None:
    """Work out the change item by item; None where nobody answered the same item both times."""
    first, last = waves.oriented
    differences = item_differences(first, last)
    if not any(given.n for given in differences.values()):
        return None
    lead = waves.lead
    multiplicity = waves.plan.multiplicity
    joint = max_t(first, last, permutations, seed)
    table = _item_table(waves, differences, joint, multiplicity, level)
    effect = superiority_of(lead.differences, level)
    verdict = moved(waves, lead.item)
    return ItemFacts(
        waves=waves,
        differences=differences,
        table=table,
        joint=joint,
        multiplicity=multiplicity,
        effect=effect,
        widened=among_changers(effect.up, effect.down, effect.n, level) if lead.changed else None,
        test=verdict.test,
        moved=verdict,
        apart=_apart(table, level),
        crowded=_crowded(waves),
        contrary=tuple(items_against_the_rest(first, last)),
    )


def _item_table(
    waves: TwoWaves, differences: Mapping[str, Differences], joint: MaxT, multiplicity: str, level: float
) -> pd.DataFrame:
    rows = []
    for item, given in differences.items():
        row: dict[str, object] = {"item": item, "wording": waves.wordings[item], "n": given.n}
        row |= {"up": given.up, "same": given.same, "down": given.down}
        if given.n:
            row |= {"mean_change": float(np.mean(given.values))}
        # Where nobody changed there is nothing to test (of two answers McNemar's test is undefined): no p, no interval.
        if given.up + given.down:
            effect = superiority_of(given, level)
            row |= {"superiority": effect.estimate, "low": effect.low, "high": effect.high}
        rows.append(row)
    table = pd.DataFrame(rows, columns=[*_COUNTED, *_NUMBERS])
    table[_NUMBERS] = table[_NUMBERS].astype("float64")
    tested = table["superiority"].notna()
    table["p_value"] = joint.unadjusted.set_axis(table.index).where(tested)
    table["mid_p_value"] = joint.mid_p_values.set_axis(table.index).where(tested)
    if not waves.direction.higher_is_better:
        table[_TENDENCY] = 1 - table[["superiority", "high", "low"]].to_numpy()
    p_values = table["p_value"]
    adjusted = {
        "maxT": joint.p_values.set_axis(table.index).where(tested),
        "holm": holm(p_values),
        "bh": benjamini_hochberg(p_values),
    }
    table["adjusted_p_value"] = adjusted[multiplicity]
    for method, column in _ADJUSTED.items():
        if method != multiplicity:
            table[column] = adjusted[method]
    return table


def _apart(table: pd.DataFrame, level: float) -> tuple[str, ...]:
    if len(table) == 1:
        return ()
    tested = table.loc[table["p_value"].notna()]
    outside = (tested["low"] > 0.5) | (tested["high"] < 0.5)
    return tuple(tested.loc[outside != (tested["p_value"] < 1 - level), "wording"])


def _crowded(waves: TwoWaves) -> tuple[tuple[str, float], ...]:
    first, last = waves.oriented
    low, high = waves.ends
    both = first.notna() & last.notna()
    at_best = np.isclose(first, high if waves.direction.higher_is_better else low) & both
    shares = at_best.sum() / both.sum().replace(0, 1)
    crowded = shares.loc[shares >= _CROWDED].sort_values(ascending=False, kind="stable")
    return tuple((str(item), float(share)) for item, share in crowded.items())


def items(facts: ItemFacts, opening: Opening, seed: int) -> ItemChanges:
    """Show the change item by item."""
    waves = facts.waves
    pairing = waves.pairing
    title = words.items_title(waves)
    labels = words.items_labels(facts)
    return ItemChanges(
        key=opening["key"],
        title=title,
        sentence=words.items_sentence(facts),
        table=facts.table,
        labels=labels,
        figure=diverging_bars(
            *waves.oriented,
            waves.instrument,
            waves.wordings,
            waves.names,
            name=f"answers-before-after{waves.suffix}",
        ),
        caveats=words.items_caveats(facts),
        headline=words.items_headline(facts),
        method=words.items_method(facts, seed),
        sources=opening["sources"],
        body_html=table_html(table_payload(_short_table(facts), labels, columns.ITEMS), title),
        show_table=False,
        quantities=waves.quantities,
        verdicts=(facts.moved.verdict,),
        instrument=waves.instrument.key,
        before=waves.before.key,
        after=waves.after.key,
        pairs=pairing.n,
        missing=len(pairing.only_before) + len(pairing.only_after),
        lead=facts.effect,
        lead_p_value=facts.test.p_value,
        is_exact=facts.test.exact,
        multiplicity=facts.multiplicity,
    )


def _short_table(facts: ItemFacts) -> pd.DataFrame:
    """Give the columns a reader wants first, as narrow as a page; the table with all of them is folded beneath."""
    table = facts.table
    better, worse = facts.waves.direction.columns
    rows = table.to_dict("records")
    shown = pd.DataFrame(
        {
            "wording": table["wording"],
            "n": table["n"],
            "moves": [f"{row[better]:,}\u00a0/\u00a0{row['same']:,}\u00a0/\u00a0{row[worse]:,}" for row in rows],
            "effect": [_effect(row) for row in rows],
            "p_value": table["p_value"],
            "adjusted_p_value": table["adjusted_p_value"],
        }
    )
    return shown.drop(columns="adjusted_p_value") if len(table) == 1 else shown


def _effect(row: Mapping[Hashable, float]) -> str:
    if row["n"] and math.isnan(row["superiority"]):
        return "nobody changed"
    return with_limits(row["superiority"], row["low"], row["high"], functools.partial(format_share, digits=1))


def tendencies(facts: ItemFacts | None, waves: TwoWaves, opening: Opening, level: float) -> Result:
    """Draw PS item by item."""
    if facts is None:
        return Result(**opening, sentence=words.nobody_twice(waves))
    rows = [
        ForestRow(
            str(row["wording"]),
            row["superiority"],
            row["low"],
            row["high"],
            int(row["up"]),
            int(row["same"]),
            int(row["down"]),
        )
        for row in facts.table.to_dict("records")
    ]
    answered = [(row.estimate, row.label) for row in rows if not math.isnan(row.estimate)]
    if not answered:
        return Result(**opening, sentence=words.NO_TENDENCY)
    way = waves.direction
    least, most = (pick(answered, key=lambda row: row[0]) for pick in (min, max))
    return Result(
        **opening,
        sentence=words.tendencies_sentence(way, least, most),
        figure=forest(
            rows,
            name=opening["key"],
            title=f"Tendency towards {way.tendency} (PS), item by item",
            level=level,
            towards=way.tendency,
        ),
        caveats=words.tendencies_caveats(level),
        method=words.TENDENCIES_METHOD,
    )


def movement(waves: TwoWaves, opening: Opening) -> Result:
    """Show from which answer to which people moved."""
    points = scale_points(waves.instrument)
    if len(points) > _MOST_POINTS:
        return Result(**opening, sentence=words.too_many_answers(len(points)))
    first, last = waves.oriented
    tables = {item: movement_table(first[item], last[item], points) for item in waves.items}
    counts = [table.to_numpy() for table in tables.values()]
    total = sum(int(each.sum()) for each in counts)
    if not total:
        return nobody_twice(waves, opening)
    stayed = sum(int(np.trace(each)) for each in counts)
    up = sum(int(np.triu(each, 1).sum()) for each in counts)
    furthest = max(abs(int(row) - int(to)) for each in counts for row, to in zip(*np.nonzero(each), strict=True))
    return Result(
        **opening,
        sentence=words.movement_sentence(total, len(tables), stayed, up, furthest),
        table=pd.DataFrame([_tested(waves, item, table.to_numpy()) for item, table in tables.items()]),
        labels=words.MOVEMENT_LABELS,
        figure=movement_figure(tables, waves.wordings, waves.names, name=opening["key"]),
        caveats=(words.who_is_missing(waves), words.MOVEMENT_CAVEAT),
        method=f"{words.MOVEMENT_METHOD} {words.software()}",
    )


def _tested(waves: TwoWaves, item: str, counts: np.ndarray) -> dict[str, object]:
    n, same = int(counts.sum()), int(np.trace(counts))
    row: dict[str, object] = {"item": item, "wording": waves.wordings[item], "n": n, "changed": n - same}
    tested, note = _of_two_answers(counts) if len(counts) == 2 else _of_several_answers(counts)
    return row | tested | {"note": note}


def _of_two_answers(counts: np.ndarray) -> tuple[dict[str, object], str]:
    try:
        test = mcnemar(counts)
    except ValueError as reason:
        return {"mcnemar_p_value": math.nan, "mcnemar_mid_p_value": math.nan}, str(reason)
    return {"mcnemar_p_value": test.p_value, "mcnemar_mid_p_value": test.mid_p_value}, ""


def _of_several_answers(counts: np.ndarray) -> tuple[dict[str, object], str]:
    columns = ("stuart_maxwell", "freedom", "stuart_maxwell_p_value", "bowker", "bowker_p_value")
    try:
        spread, symmetry = stuart_maxwell(counts), bowker(counts)
    except ValueError:
        values = (math.nan, pd.NA, math.nan, math.nan, math.nan)
        return dict(zip(columns, values, strict=True)), "undefined: nobody changed their answer"
    found = (spread.statistic, spread.freedom, spread.p_value, symmetry.statistic, symmetry.p_value)
    return dict(zip(columns, found, strict=True)), ""


def slopes(waves: TwoWaves, opening: Opening) -> Result:
    """Show how each person moved, without naming anybody."""
    lead = waves.lead
    if not lead.differences.n:
        return nobody_twice(waves, opening)
    return Result(
        **opening,
        sentence=words.slopes_sentence(waves),
        figure=slopes_figure(
            *lead.columns,
            waves.names,
            waves.ends,
            name=opening["key"],
            about="answer" if lead.item else "mean score",
        ),
        caveats=(words.who_is_missing(waves), words.SLOPES_CAVEAT),
        method=f"{words.SLOPES_METHOD} {words.software()}",
    )


def nobody_twice(waves: TwoWaves, opening: Opening) -> Result:
    """Say that nobody answered the same item both times, with who is missing."""
    return Result(
        key=opening["key"],
        title=opening["title"],
        sentence=words.nobody_twice(waves),
        caveats=(words.who_is_missing(waves), *words.what_was_left_out(waves)),
        sources=("survey.csv",),
    )
