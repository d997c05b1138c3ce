"""Who was compared and who was not: from asked to paired, how that was done, who was lost, and what they could change.

The tests and models are in the methods; the sentences in words.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from cop_analysis.change.methods.columns import Differences
from cop_analysis.change.methods.group_tests import SEED_OF_LOSS, RankSum, groups_differ, rank_sum
from cop_analysis.change.methods.missing import delta_adjustment, missing_bounds, overlapping_t
from cop_analysis.change.methods.models import OrdinalModel, mixed_model, ordinal_model
from cop_analysis.change.methods.pairing import MOST_NEAR_MISSES, ONE_DIGIT, near_misses
from cop_analysis.change.methods.scales import mean_change
from cop_analysis.change.pages import words
from cop_analysis.change.pages.two_waves import TwoWaves
from cop_analysis.change.pictures.answers import flow_figure
from cop_analysis.results import Quantity, Result
from cop_analysis.results.pages import Opening

# A model of so many answers takes some ten seconds; of ten times as many, minutes.
_MOST_ORDINAL = 20_000
_MOST_DIFFERENT = 20
# A mean of fewer would tell colleagues who answered what.
_FEWEST_FOR_A_MEAN = 5
_MOST_SAID = 4
_MOST_SHOWN = 60
_POINTS = "scale points"


@dataclass(frozen=True, kw_only=True)
class PairingAudit(Result):
    """The audit with its counts, for code.

    Parameters
    ----------
    pairs, only_before, only_after, duplicates, near_misses, out_of_range : int
        People compared, people in one wave only, answers given more than once, unmatched ids that nearly match, and
        answers outside the scale.
    """

    pairs: int = 0
    only_before: int = 0
    only_after: int = 0
    duplicates: int = 0
    near_misses: int = 0
    out_of_range: int = 0


@dataclass(frozen=True)
class FlowFacts:
    """Who is listed and who answered.

    Parameters
    ----------
    listed : frozenset of str
        Those of the people table, where any of them answered; else nobody.
    answered : tuple of frozenset of str
        Who answered before and who after.
    scored : int
        Who answered enough items both times.
    has_people : bool
        Whether the study has a people table at all.
    """

    listed: frozenset[str]
    answered: tuple[frozenset[str], frozenset[str]]
    scored: int
    has_people: bool

    @property
    def strangers(self) -> int:
        """Who answered and is not listed."""
        return len((self.answered[0] | self.answered[1]) - self.listed)


def flow(waves: TwoWaves, opening: Opening) -> Result:
    """Count people from those who were there to those whose answers are compared."""
    before, after, _ = waves.who_answered
    people = waves.study.people
    there = frozenset() if people is None else frozenset(people["person"].dropna().astype(str))
    known = there if there & (before | after) else frozenset()
    paired = waves.design == "paired"
    facts = FlowFacts(known, (before, after), waves.scored.n if paired else 0, people is not None)
    rows = _steps(waves, facts)
    table = pd.DataFrame(
        [(step, number, of, number / whole if of and whole else math.nan) for step, number, of, whole in rows],
        columns=["step", "people", "of", "share"],
    )
    title = opening["title"] if paired else words.WHO_ANSWERED
    return Result(
        key=opening["key"],
        title=title,
        sentence=words.flow_sentence(waves, facts),
        table=table if table["share"].notna().any() else table[["step", "people"]],
        labels={"of": "share of"},
        figure=flow_figure(table, name=opening["key"], title=title),
        caveats=(*words.what_was_left_out(waves), *words.who_is_listed(facts)),
        method=f"People with at least one answer that counts, by their id. {words.software()}",
        sources=("survey.csv",) if people is None else ("survey.csv", "people.csv"),
        quantities=(*waves.quantities, *_quantities(waves, facts)),
    )


def _steps(waves: TwoWaves, facts: FlowFacts) -> list[tuple[str, int, str, int]]:
    listed = facts.listed
    steps = [("listed in the people table", len(listed), "", 0)] if listed else []
    for time, who in zip(waves.times, facts.answered, strict=True):
        if not listed:
            steps.append((f"answered {time}", len(who), "", 0))
            continue
        steps.append((f"listed, answered {time}", len(who & listed), "those listed", len(listed)))
        if who - listed:
            steps.append((f"not listed, answered {time}", len(who - listed), "", 0))
    if waves.design == "paired":
        pairs = waves.pairing.n
        steps += [
            ("answered both times", pairs, "those who did at first", len(facts.answered[0])),
            ("at least half of the items both times", facts.scored, "those who did both times", pairs),
        ]
    return steps


def _quantities(waves: TwoWaves, facts: FlowFacts) -> list[Quantity]:
    listed = facts.listed
    if not listed:
        return []
    found = []
    for who, wave in zip(facts.answered, waves.keys, strict=True):
        key = f"survey:answered-listed:{waves.instrument.key}:{wave}"
        found.append(Quantity(key, len(who & listed), len(listed), who & listed, listed))
    return [*found, Quantity("people:listed", len(listed), members=listed)]


def pairing_audit(waves: TwoWaves, opening: Opening) -> PairingAudit:
    """Account for every person who answered in either of two waves."""
    pairing, people = waves.pairing, waves.study.people
    known = set() if people is None else set(people["person"].dropna())
    paired = waves.design == "paired"
    close = near_misses(pairing.only_before, pairing.only_after, known) if paired else []
    first, second = waves.times
    names = dict(zip(waves.keys, waves.names, strict=True))
    rows: list[tuple[str, str, str]] = []
    if paired:
        rows += [(f"answered only {first}", person, "") for person in pairing.only_before]
        rows += [(f"answered only {second}", person, "") for person in pairing.only_after]
    for one, other, difference in close:
        finding = "ids one digit apart" if difference == ONE_DIGIT else "nearly matching ids"
        rows.append((finding, f"{one} and {other}", f"{one} the first time, {other} the second: {difference}"))
    rows += _repeated(pairing.duplicates, names)
    rows += [
        ("outside the scale", str(row.person), f"{row.item}, {names[str(row.wave)]}: {row.score:g}")
        for row in pairing.out_of_range.itertuples()
    ]
    alike = sum(difference != ONE_DIGIT for *_, difference in close)
    return PairingAudit(
        key=opening["key"],
        title=opening["title"],
        sentence=words.audit_sentence(waves, alike, at_least=len(close) >= MOST_NEAR_MISSES),
        table=pd.DataFrame(rows, columns=["finding", "person", "detail"]),
        caveats=words.audit_caveats(waves, any_close=bool(close)),
        quantities=waves.quantities,
        method=f"{words.AUDIT_METHOD} {words.software()}",
        sources=("survey.csv",) if people is None else ("survey.csv", "people.csv"),
        show_table=len(rows) <= _MOST_SHOWN,
        pairs=pairing.n,
        only_before=len(pairing.only_before),
        only_after=len(pairing.only_after),
        duplicates=len(pairing.duplicates),
        near_misses=len(close),
        out_of_range=len(pairing.out_of_range),
    )


def _repeated(duplicates: pd.DataFrame, names: dict[str, str]) -> list[tuple[str, str, str]]:
    """Give a line a person and kind: what was answered more than once, and whether it counts."""
    rows = []
    for (person, kept), answers in duplicates.groupby(["person", "kept"], sort=True):
        said = [f"{row.item}, {names[str(row.wave)]}: {row.answers}" for row in answers.itertuples()]
        more = f"; and {len(said) - _MOST_SAID:,} more" if len(said) > _MOST_SAID else ""
        finding = "answered twice, the same" if kept else "answered twice, differently"
        outcome = "each counted once" if kept else "none of these counted"
        rows.append((finding, str(person), f"{'; '.join(said[:_MOST_SAID])}{more}: {outcome}"))
    return rows


@dataclass(frozen=True)
class Lost:
    """Those who had a first score and came back, and those who did not.

    Parameters
    ----------
    stayed, lost : pandas.Series
        Their first scores, by person.
    newcomers : int
        Who has a second score and no first one.
    test : RankSum or None
        Their first scores compared; None where one of the two is empty.
    p_of_organisations : float
        Of the test of whether organisations lost different shares; NaN where it is not made.
    hides_means : bool
        Whether a mean of few people is not shown.
    """

    stayed: pd.Series
    lost: pd.Series
    newcomers: int
    test: RankSum | None
    p_of_organisations: float
    hides_means: bool

    @property
    def shows_means(self) -> bool:
        """Whether both are many enough for their means to be said."""
        return min(len(self.lost), len(self.stayed)) >= _FEWEST_FOR_A_MEAN


def attrition(waves: TwoWaves, opening: Opening) -> Result:
    """Compare those who returned with those who did not, by where they stood at the first wave."""
    first, last = waves.mean_answers
    started = first.dropna()
    returned = last.reindex(started.index).notna()
    organisation = waves.of_people(started.index, "organisation")
    table = _returned(started, returned, organisation)
    stayed, lost = started[returned], started[~returned]
    both = bool(len(lost) and len(stayed))
    facts = Lost(
        stayed=stayed,
        lost=lost,
        newcomers=int(last.notna().sum()) - len(stayed),
        test=rank_sum(stayed, lost) if both else None,
        p_of_organisations=_p_of_organisations(returned, organisation) if both else math.nan,
        hides_means=both and bool(table[["mean_returned", "mean_lost"]].isna().any(axis=None)),
    )
    return Result(
        key=opening["key"],
        title=opening["title"],
        sentence=words.attrition_sentence(waves, facts),
        table=table,
        labels=words.attrition_labels(waves),
        caveats=words.attrition_caveats(waves, facts, _FEWEST_FOR_A_MEAN),
        method=words.attrition_method(facts),
        sources=("survey.csv",) if organisation is None else ("survey.csv", "people.csv"),
    )


def _returned(started: pd.Series, returned: pd.Series, organisation: pd.Series | None) -> pd.DataFrame:
    groups = [("all", started.index)]
    if organisation is not None:
        groups += [(str(name), people.index) for name, people in organisation.dropna().groupby(organisation.dropna())]
    rows = []
    for name, people in groups:
        back, scores = returned.loc[people], started.loc[people]
        means = [
            float(part.mean()) if len(part) >= _FEWEST_FOR_A_MEAN else math.nan
            for part in (scores[back], scores[~back])
        ]
        rows.append((name, len(people), int(back.sum()), float(back.mean()) if len(people) else math.nan, *means))
    return pd.DataFrame(
        rows, columns=["group", "answered_before", "returned", "share_returned", "mean_returned", "mean_lost"]
    )


def _p_of_organisations(returned: pd.Series, organisation: pd.Series | None) -> float:
    if organisation is None:
        return math.nan
    known = organisation.notna()
    if organisation[known].nunique() < 2 or returned[known].nunique() < 2:
        return math.nan
    return groups_differ(returned.astype(float), organisation, seed=SEED_OF_LOSS).p_value


def everybody(waves: TwoWaves, opening: Opening, level: float) -> Result:
    """Estimate the change from everybody who answered at either wave, beside the estimate from the pairs."""
    paired = waves.scored
    rows: list[tuple[object, ...]] = []
    caveats: list[str] = []
    if paired.n:
        rows.append(_from_pairs(paired, level))
    for called, estimate in (
        ("Partly overlapping t-test", _from_partly_paired),
        ("Mixed model", _from_mixed_model),
        ("Ordinal model", _from_ordinal_model),
    ):
        try:
            row, said = estimate(waves, level)
        except ValueError as reason:
            caveats.append(f"{called}: {reason}")
            continue
        rows += [row] if row else []
        caveats += said
    columns = ["method", "estimate", "low", "high", "freedom", "p_value", "people", "reads"]
    table = pd.DataFrame(rows, columns=columns)
    points = table.loc[table["reads"] == _POINTS, "estimate"].tolist()
    answered = len(waves.mean_answers[0])
    return Result(
        **opening,
        sentence=words.everybody_sentence(waves, paired.n, points, answered),
        table=table,
        labels={**words.limits(level), "freedom": "degrees of freedom", "reads": "in units of"},
        caveats=(*caveats, *words.EVERYBODY_CAVEATS),
        method=f"{words.EVERYBODY_METHOD} {words.software()}",
    )


_Estimated = tuple[tuple[object, ...], list[str]]


def _from_pairs(paired: Differences, level: float) -> tuple[object, ...]:
    change = mean_change(paired.values, level)
    p_value = _paired_p(change.estimate, change.high, level, paired.n)
    called = "those who answered twice"
    return called, change.estimate, change.low, change.high, paired.n - 1.0, p_value, paired.n, _POINTS


def _from_partly_paired(waves: TwoWaves, level: float) -> _Estimated:
    test = overlapping_t(*waves.mean_answers, level=level)
    people = test.paired + test.only_before + test.only_after
    called = "partly overlapping t-test"
    return (called, test.estimate, test.low, test.high, test.freedom, test.p_value, people, _POINTS), []


def _from_mixed_model(waves: TwoWaves, level: float) -> _Estimated:
    scores = pd.DataFrame(dict(zip(waves.keys, waves.mean_answers, strict=True)))
    long = scores.rename_axis("person").reset_index().melt(id_vars="person", var_name="wave", value_name="score")
    model = mixed_model(long.dropna(subset="score"), level=level)
    effect = model.coefficients.iloc[1]
    numbers = [effect[name] for name in ("estimate", "low", "high", "freedom", "p_value")]
    return ("mixed model", *numbers, model.people, _POINTS), [words.AT_THE_EDGE] if model.at_the_edge else []


def _from_ordinal_model(waves: TwoWaves, level: float) -> _Estimated:
    model = _ordinal(waves, level)
    if not model.converged:
        return (), [words.RAN_AWAY]
    effect = model.coefficients.iloc[0]
    numbers = [effect["odds_ratio"], effect["low"], effect["high"], math.nan, effect["p_value"]]
    return ("ordinal mixed model", *numbers, model.people, "odds ratio of a higher answer"), []


def _ordinal(waves: TwoWaves, level: float) -> OrdinalModel:
    parts = []
    for place, answers in enumerate(waves.answered):
        long = answers.rename_axis("person").reset_index().melt(id_vars="person", var_name="item", value_name="score")
        parts.append(long.dropna(subset="score").assign(after=float(place)))
    rows = pd.concat(parts, ignore_index=True)
    if len(rows) > _MOST_ORDINAL:
        raise ValueError(f"{len(rows):,} answers are too many for this model on a page; the mixed model serves.")
    answered = [item for item in waves.items if (rows["item"] == item).any()]
    effects = pd.DataFrame(
        {"after": rows["after"], **{item: (rows["item"] == item).astype(float) for item in answered[1:]}}
    )
    if rows["score"].nunique() > _MOST_DIFFERENT:
        raise ValueError("A scale with more than 20 different answers is better treated as numbers (the mixed model).")
    return ordinal_model(rows["score"], effects, rows["person"], level=level)


def _paired_p(estimate: float, high: float, level: float, n: int) -> float:
    """Give the paired t-test's p from the interval already worked out."""
    if n < 2 or math.isnan(high):
        return math.nan
    from scipy.special import stdtr, stdtrit

    error = (high - estimate) / float(stdtrit(n - 1, 0.5 + level / 2))
    if error <= 0:
        return math.nan
    return float(2 * stdtr(n - 1, -abs(estimate) / error))


def missing_outcomes(waves: TwoWaves, opening: Opening, level: float) -> Result:
    """Show how far those who did not return could move the finding, at the extremes and step by step."""
    first, last = waves.mean_answers
    differences = waves.scored
    lost = int((first.notna() & last.isna()).sum())
    if not differences.n or not lost:
        return Result(**opening, sentence=words.nothing_missing(waves, any_scored=bool(differences.n)))
    bounds = missing_bounds(differences.up, differences.same, differences.down, lost)
    adjusted = delta_adjustment(differences.values, lost, level=level)
    tendency = waves.direction.turn(bounds.estimate, bounds.lowest, bounds.highest)
    return Result(
        **opening,
        sentence=words.missing_sentence(lost, lost + differences.n, tendency, adjusted.tipping_point),
        table=adjusted.table,
        labels={**words.MISSING_LABELS, **words.limits(level)},
        caveats=words.missing_caveats(waves.direction),
        method=f"{words.MISSING_METHOD} {words.software()}",
    )
