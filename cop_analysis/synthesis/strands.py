"""What each strand of evidence says about one configuration, and by which rule strands agree; nothing is shown here.

A measure is read from the room it belongs to, with that room's own figures, so that no number differs between pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isnan, nan
from typing import TYPE_CHECKING, Any

from cop_analysis.realist import Coding, Configuration, Measure
from cop_analysis.realist.pages.words import measure_words
from cop_analysis.results import Result, Verdict, format_p, format_share, with_minus, with_sign
from cop_analysis.study.waves import times_of_asking

if TYPE_CHECKING:
    import pandas as pd

    from cop_analysis.change.pages.comparison import Comparison
    from cop_analysis.network import CrossChange
    from cop_analysis.network.study_networks import WaveNetwork
    from cop_analysis.study import Study

STRANDS = ("survey", "ties", "ratings", "attendance")
"""The measured strands, in the order in which they are shown; coded text stands before them."""

_STRAND_OF = {
    "survey_item": "survey",
    "survey_scale": "survey",
    "network": "ties",
    "rating_item": "ratings",
    "event_series": "attendance",
}

READINGS = ("confirm", "complement", "contradict", "silent")
"""What a measure does to what the coded text says: the triangulation protocol's agreement, partial agreement,
dissonance and silence."""


@dataclass(frozen=True)
class Text:
    """The coded text of one configuration: extracts by stance, and which way they point."""

    supports: int
    refines: int
    refutes: int

    @property
    def total(self) -> int:
        """Extracts of any stance."""
        return self.supports + self.refines + self.refutes

    @property
    def verdict(self) -> str:
        """``"for"``, ``"against"``, ``"mixed"`` or ``"silent"``."""
        if self.supports + self.refutes == 0:
            return "mixed" if self.refines else "silent"
        if self.supports == self.refutes:
            return "mixed"
        return "for" if self.supports > self.refutes else "against"


@dataclass(frozen=True)
class Finding:
    """What one measure shows, before it is held against a configuration.

    Parameters
    ----------
    shows : str
        The finding in words with its numbers, or why there is none.
    goes : str
        ``"higher"`` or ``"lower"`` where the 95% interval leaves no doubt, ``"unclear"`` where it does, ``"reach"``
        for attendance (which cannot speak for or against an outcome), ``"silent"`` where nothing can be computed.
    estimate, low, high, p_value : float
        The figure behind it with its interval; NaN where there is none.
    quantity : str
        What the estimate is.
    n : int
    brief : str
        The finding in one sentence, where `shows` takes more.
    judged : tuple of (float, float, float), optional
        The bounds by which the direction was judged, and the value on whose other side it would be another.
    """

    def verdict(self, question: str) -> Verdict | None:
        """Give the direction as a record: yes where it moved, with the bounds that carry it; None without bounds."""
        if self.judged is None:
            return None
        low, high, turns_at = self.judged
        return Verdict(question, "yes" if self.goes in {"higher", "lower"} else "cannot tell", low, high, turns_at)

    shows: str
    goes: str = "silent"
    quantity: str = ""
    estimate: float = nan
    low: float = nan
    high: float = nan
    n: int = 0
    p_value: float = nan
    brief: str = ""
    judged: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Reading:
    """A finding held against one configuration."""

    strand: str
    measure: str
    expects: str
    finding: Finding
    reading: str


def agreement(text: Text, finding: Finding, expects: str | None) -> str:
    """Say what a measure does to what the coded text says about a configuration.

    Parameters
    ----------
    text : Text
    finding : Finding
    expects : str or None
        Which way the measure goes if the configuration is right.

    Returns
    -------
    str
        ``"silent"`` where the measure cannot be computed or no text speaks; ``"confirm"`` where both say the
        configuration holds, or both that it does not; ``"contradict"`` where one says so and the other the opposite;
        ``"complement"`` in all other cases: the interval leaves the direction open, supporting and refuting extracts
        balance, the expected direction was not written down, or the measure is one of reach.

    Notes
    -----
    After the triangulation protocol: Farmer et al. 2006, Qualitative Health Research 16(3):377-394; O'Cathain, Murphy
    & Nicholl 2010, BMJ 341:c4587.

    Examples
    --------
    >>> rose = Finding("18 of 22 rose", "higher")
    >>> agreement(Text(5, 0, 1), rose, "higher"), agreement(Text(5, 0, 1), rose, "lower")
    ('confirm', 'contradict')
    >>> agreement(Text(5, 0, 1), rose, None), agreement(Text(0, 0, 0), rose, "higher")
    ('complement', 'silent')
    """
    if finding.goes == "silent" or text.verdict == "silent":
        return "silent"
    if finding.goes not in ("higher", "lower") or text.verdict == "mixed" or expects is None:
        return "complement"
    return "confirm" if (finding.goes == expects) == (text.verdict == "for") else "contradict"


@dataclass
class Measures:
    """The measured strands of one study, each finding worked out once.

    Parameters
    ----------
    study : Study
    permutations, seed : int
        For the network.
    """

    study: Study
    permutations: int
    seed: int
    _found: dict[Measure, Finding] = field(default_factory=dict)
    _paired: dict[str, Comparison | str] = field(default_factory=dict)
    _adjusted_p: dict[str, dict[str, float]] = field(default_factory=dict)

    def readings(self, configuration: Configuration, text: Text) -> tuple[Reading, ...]:
        """Give the readings of a configuration's measures, in the order of the strands."""
        found = []
        for measure in configuration.measures:
            finding = self.finding(measure)
            found.append(
                Reading(
                    _STRAND_OF[measure.kind],
                    self.name(measure),
                    measure.expects or "",
                    finding,
                    agreement(text, finding, measure.expects),
                )
            )
        return tuple(sorted(found, key=lambda one: STRANDS.index(one.strand)))

    def name(self, measure: Measure) -> str:
        """Name a measure, with the item's wording where the study gives one."""
        words = measure_words(measure)
        items: dict[str, str] = {}
        if measure.kind == "survey_item":
            for instrument in self.study.instruments:
                if instrument.key == measure.instrument:
                    items = {item.key: item.wording for item in instrument.items}
        elif measure.kind == "rating_item":
            items = {item.key: item.wording for item in self.study.rating_items}
        wording = items.get(measure.item or "", "")
        return f"{words}: “{wording}”" if wording else words

    def verdicts(self) -> tuple[Verdict, ...]:
        """Give the direction of every measure asked for so far, each once."""
        found = []
        for measure, finding in self._found.items():
            parts = (measure.kind, measure.instrument, measure.item, measure.relation, measure.measure)
            one = finding.verdict(f"synthesis:moved:{':'.join(part for part in parts if part)}")
            if one is not None:
                found.append(one)
        return tuple(found)

    def answers(self) -> tuple[Verdict, ...]:
        """Give the answers that another page gives too, of the relations asked for so far."""
        held = set() if self.study.ties is None else set(self.study.ties["relation"])
        relations = dict.fromkeys(one.relation for one in self._found if one.relation in held)
        known = [self.crossing(str(one)) for one in relations]
        return tuple(one[1] for one in known if one is not None)

    def finding(self, measure: Measure) -> Finding:
        """Give what a measure shows; what it expects plays no part."""
        key = Measure(measure.kind, measure.instrument, measure.item, measure.relation, measure.measure, measure.series)
        if key not in self._found:
            find = {
                "survey_item": self._survey,
                "survey_scale": self._survey,
                "network": self._network,
                "rating_item": self._ratings,
                "event_series": self._series,
            }[measure.kind]
            self._found[key] = find(key)
        return self._found[key]

    # --- the survey ---------------------------------------------------------------------------------------------

    def _comparison(self, instrument: str) -> Comparison | str:
        from cop_analysis.change.pages.comparison import compare_waves

        if instrument not in self._paired:
            if self.study.survey is None:
                self._paired[instrument] = "This study has no survey table (survey.csv)."
            elif instrument not in {one.key for one in self.study.instruments}:
                self._paired[instrument] = f"study.toml has no instrument {instrument!r}."
            else:
                self._paired[instrument] = compare_waves(self.study, instrument)
        return self._paired[instrument]

    def _survey(self, measure: Measure) -> Finding:
        from cop_analysis.change import scale_scores, signed_rank, superiority
        from cop_analysis.change.methods.effects import among_changers
        from cop_analysis.change.pages.items import beside_finding
        from cop_analysis.change.pages.words import reading_of

        comparison = self._comparison(measure.instrument or "")
        if isinstance(comparison, str):
            return Finding(comparison)
        if comparison.design != "paired":
            unmatched = comparison.design == "unmatched"
            why = "study.toml says that other people answered" if unmatched else "the ids are in doubt"
            return Finding(f"Nobody is paired from one wave to the other ({why}), so a change of people is not known.")
        before, after = comparison.oriented()
        if measure.kind == "survey_item":
            if measure.item not in comparison.items:
                return Finding(f"The instrument {measure.instrument} has no item {measure.item!r}.")
            pre, post = before[measure.item], after[measure.item]
        else:
            pre, post = scale_scores(before, after)
        if not (pre.notna() & post.notna()).any():
            return Finding("Nobody answered it both times.")
        reading = reading_of(comparison.instrument)
        # One item of several is judged by an interval that allows for all that were asked at once (Bonferroni).
        asked = len(comparison.items) if measure.kind == "survey_item" else 1
        effect, test = superiority(pre, post), signed_rank(pre, post)
        wide = superiority(pre, post, level=1 - 0.05 / asked)
        low, high, beside = wide.low, wide.high, ""
        if effect.up + effect.down:
            # The interval and the exact test of those who changed may fall on different sides: both must agree.
            widened = among_changers(effect.up, effect.down, effect.n, 1 - 0.05 / asked)
            if (low > 0.5) != (widened.low > 0.5) or (high < 0.5) != (widened.high < 0.5):
                limits = " to ".join(map(format_share, reading.towards_better(widened)[1:]))
                beside = f"; widened to agree with the exact test of those who changed {limits}"
                beside += ", so the direction is left open"
            low, high = widened.low, widened.high
        # Colleagues who answer alike, and organisations that lost people unequally, as the page of the survey says it.
        item = (measure.item or "") if measure.kind == "survey_item" else ""
        over = beside_finding(self.study, comparison, item, (pre, post), effect, test.p_value, reading)
        if not isnan(over.superiority):
            low, high = min(low, over.superiority), max(high, over.superiority)
        if over.headline:
            beside += f"; {over.headline}"
        if over.floor <= 0.05 < over.p_value and not low <= 0.5 <= high:
            low, high = min(low, 0.5), max(high, 0.5)
            beside += ", so the direction is left open"
        goes = "higher" if low > 0.5 else "lower" if high < 0.5 else "unclear"
        adjusted = self._adjusted(measure)
        allowing = ""
        if asked > 1:
            told = f", {format_p(adjusted)}" if adjusted is not None else ""
            limits = " to ".join(map(format_share, reading.turn(0.5, wide.low, wide.high)[1:]))
            allowing = f"; allowing for all {asked} items {limits}{told}"
        first, second = times_of_asking([comparison.before.name, comparison.after.name])
        # One direction on every page: the better way, as the page of the survey tells it.
        better, worse = reading.counts(effect)
        ways = ("higher", "lower") if reading.higher_is_better else ("lower (better)", "higher")
        towards = "tendency upwards" if reading.higher_is_better else "tendency downwards, the better way,"
        estimate, least, most = reading.towards_better(effect)
        shows = (
            f"Between {first} and {second}, {better} of {effect.n} {ways[0]}, {worse} {ways[1]}, {effect.same} the "
            f"same; {towards} {format_share(estimate)} (95% interval {format_share(least)} to "
            f"{format_share(most)}; 50% is none), {format_p(test.p_value)}{allowing}{beside}."
        )
        return Finding(
            shows,
            goes,
            f"{towards.rstrip(',')} (PS)",
            estimate,
            least,
            most,
            effect.n,
            test.p_value,
            judged=(low, high, 0.5) if reading.higher_is_better else (1 - high, 1 - low, 0.5),
        )

    def _adjusted(self, measure: Measure) -> float | None:
        """Give the p-value of one item adjusted for all items of its instrument, as the study's plan adjusts it."""
        from cop_analysis.change import confidence

        if measure.kind != "survey_item":
            return None
        key = measure.instrument or ""
        if key not in self._adjusted_p:
            table = confidence(self.study, key, permutations=self.permutations, seed=self.seed).table
            known = {"item", "adjusted_p_value"} <= set(table.columns)
            self._adjusted_p[key] = dict(zip(table["item"], table["adjusted_p_value"], strict=True)) if known else {}
        found = self._adjusted_p[key].get(measure.item or "")
        return None if found is None or found != found else float(found)

    # --- the network --------------------------------------------------------------------------------------------

    def _network(self, measure: Measure) -> Finding:
        from cop_analysis.network import summary
        from cop_analysis.network.study_networks import networks_of

        known = {one.key for one in self.study.config.relations}
        if self.study.ties is not None:
            known |= set(self.study.ties["relation"].dropna())
        if self.study.ties is None:
            return Finding("This study has no ties table (ties.csv).")
        if measure.relation not in known:
            return Finding(f"The study has no relation {measure.relation!r}.")
        found = networks_of(self.study, measure.relation, "ties", "Ties", "ties across organisations")
        if isinstance(found, Result):
            return Finding(found.sentence)
        waves = [wave for wave in found.waves if wave.ties]
        if not waves:
            return Finding("No tie joins two people whose organisation is known.")
        table = summary(self.study, measure.relation, self.permutations, self.seed).table
        moved = self.crossing(measure.relation or "")
        return _tie_finding(waves, table, measure.measure == "ei_index", None if moved is None else moved[0])

    def crossing(self, relation: str) -> tuple[CrossChange, Verdict] | None:
        """Give what became of ties across organisations, as the network's page answers it; None with fewer waves."""
        from cop_analysis.network.levels import networks_at
        from cop_analysis.network.summary import across_changed, change_between

        level = networks_at(self.study, relation, "organisation", "ties", "Ties", "ties across organisations")
        if isinstance(level, Result) or len(level.with_ties) < 2:
            return None
        moved = change_between(level, level.with_ties[0], level.with_ties[-1], self.seed)
        return moved, moved.verdict(across_changed(level))

    # --- ratings ------------------------------------------------------------------------------------------------

    def _ratings(self, measure: Measure) -> Finding:
        from cop_analysis.sessions import wilson

        ratings = self.study.ratings
        if ratings is None:
            return Finding("This study has no ratings table (ratings.csv).")
        item = next((one for one in self.study.rating_items if one.key == measure.item), None)
        if item is None:
            return Finding(f"study.toml has no rating item {measure.item!r}.")
        rows = ratings[(ratings["item"] == measure.item) & ratings["score"].notna()]
        if rows.empty:
            return Finding(f"Nobody rated {(measure.item or '').replace('_', ' ')}.")
        middle = (item.minimum + item.maximum) / 2
        named = rows["respondent"].notna()
        mean = float(rows["score"].mean())
        shows = f"{len(rows)} ratings, mean {mean:.1f} on a scale from {item.minimum:g} to {item.maximum:g}"
        # One person's ratings of several sessions hang together: a person counts once, with their mean.
        means = rows[named].groupby("respondent")["score"].mean()
        scores = rows.loc[~named, "score"]
        if len(scores):
            # Who gave a rating without a name, and how many of them one person gave, nobody can know.
            shows += (
                f"; {int((scores > middle).sum())} of {len(scores)} ratings without a name above its middle, "
                f"{int((scores < middle).sum())} below, with no interval, because one person may have given several"
            )
        if means.empty:
            return Finding(f"{shows}.{self._by_design(rows)}", "unclear", "mean rating", mean, n=len(rows))
        above, below, n = int((means > middle).sum()), int((means < middle).sum()), len(means)
        share, other = wilson(above, n), wilson(below, n)
        goes = "higher" if share.low > 0.5 else "lower" if other.low > 0.5 else "unclear"
        who = "people" if named.all() else "people who gave a name (each once)"
        shows += (
            f"; {above} of {n} {who} above its middle ({format_share(share.estimate)}, 95% interval "
            f"{format_share(share.low)} to {format_share(share.high)}), {below} below.{self._by_design(rows)}"
        )
        judged = other if goes == "lower" else share
        return Finding(shows, goes, "share of people above the middle of the scale", share.estimate, share.low,
                       share.high, n, judged=(judged.low, judged.high, 0.5))  # fmt: skip

    def _by_design(self, rows: pd.DataFrame) -> str:
        """Say how the mean stood between one change of the programme and the next, where there was any."""
        import pandas as pd

        events, changes = self.study.events, self.study.changes
        if events is None or changes is None:
            return ""
        dates = rows["event"].map(events.set_index("event")["date"]).astype("datetime64[ns]")
        starts = changes["date"].dropna().drop_duplicates().sort_values()
        stretch = pd.Series(starts.searchsorted(dates, side="right"), index=rows.index)
        means = rows["score"].groupby(stretch).agg(["mean", "size"])
        if len(means) < 2:
            return ""
        said = []
        for since, mean, size in means.itertuples(name=None):
            day = starts.iloc[since - 1] if since else None
            when = "at first" if day is None else f"from {day.day} {day:%B %Y}"
            said.append(f"{mean:.1f} {when} ({size:,})")
        return f" Between one change of the programme and the next the mean was {', '.join(said)}."

    # --- attendance ---------------------------------------------------------------------------------------------

    def _series(self, measure: Measure) -> Finding:
        from cop_analysis.sessions.pages.rows import list_events

        if self.study.events is None:
            return Finding("This study has no events table (events.csv).")
        events = list_events(self.study.events, self.study.attendance)
        events = events[(events["series"] == measure.series) & (events["status"] == "held")]
        if events.empty:
            return Finding(f"No event of the series {measure.series} was held.")
        counted = events[events["attended"].notna()]
        if counted.empty:
            return Finding(f"Attendance at the {len(events)} events of the series {measure.series} was not recorded.")
        attended = [int(count) for count in counted["attended"]]
        recorded = f"{len(counted)} events" if len(counted) != 1 else "1 event"
        unrecorded = len(events) - len(counted)
        people = self._people_at(set(counted["event"]))
        shows = (
            f"{sum(attended)} attendances at {recorded} ({min(attended)} to {max(attended)} an event)"
            f"{f', by {people} different people' if people else ''}"
            f"{f'; {unrecorded} more without a record' if unrecorded else ''}."
        )
        return Finding(
            shows, "reach", "mean attendance of an event", sum(attended) / len(attended), nan, nan, len(counted)
        )

    def _people_at(self, events: set[Any]) -> int:
        attendance = self.study.attendance
        if attendance is None:
            return 0
        rows = attendance[attendance["event"].isin(events)]
        # A head count beside named persons leaves the number of different people unknown.
        if "count" in rows.columns and rows["count"].notna().any():
            return 0
        return int(rows["person"].nunique())


def texts(coding: Coding) -> dict[str, Text]:
    """Give the coded text of each configuration."""
    from cop_analysis.realist.methods.evidence import stance_counts

    counts = stance_counts(coding)
    return {
        str(name): Text(int(supports), int(refines), int(refutes))
        for name, supports, refines, refutes in counts.itertuples(index=False, name=None)
    }


def _tie_finding(
    waves: Sequence[WaveNetwork], table: pd.DataFrame, is_index: bool, moved_across: CrossChange | None
) -> Finding:
    """Put a relation's cross-organisation share by wave into words, with its change; E-I is 2 x share - 1.

    The share cannot see growth, so what became of the ties across themselves stands beside it.
    """

    def write(share: float) -> str:
        return with_minus(2 * share - 1) if is_index else format_share(share)

    name = "E-I index" if is_index else "cross-organisation share"
    parts = []
    for wave, share, low, high in zip(
        waves, table["cross_share"], table["interval_low"], table["interval_high"], strict=True
    ):
        limits = "" if isnan(low) else f", 95% interval {write(low)} to {write(high)}"
        parts.append(f"{write(share)} ({wave.label}; {wave.crossing} of {wave.ties} ties{limits})")
    last = table.iloc[-1]
    chance = (
        f"Placed at random it would be {write(float(last['expected_share']))} ({format_p(float(last['p_value']))})."
    )
    shows = f"{name[0].upper()}{name[1:]}: {'; '.join(parts)}."
    people = max(wave.placed.number_of_nodes() for wave in waves)
    if moved_across is None:
        limits_of = (float(last["interval_low"]), float(last["interval_high"]))
        low, high = (2 * limit - 1 if is_index else limit for limit in limits_of)
        estimate = 2 * float(last["cross_share"]) - 1 if is_index else float(last["cross_share"])
        return Finding(f"{shows} One wave shows no change. {chance}", "unclear", name, estimate, low, high, people)
    spread = moved_across.spread
    factor = 2 if is_index else 1
    low, high = (factor * limit for limit in spread.change_interval)
    change = factor * spread.change
    goes = {1: "higher", -1: "lower", 0: "unclear"}[moved_across.by_share]
    if is_index:
        moved, limits = with_sign(change, 2), f"95% interval {with_sign(low, 2)} to {with_sign(high, 2)}"
    else:
        moved = f"{with_sign(100 * change, 0)} percentage points"
        limits = f"95% interval {with_sign(100 * low, 0)} to {with_sign(100 * high, 0)}"
    if isnan(low):
        limits = "no interval can be given"
    start, end = (write(float(row["cross_share"])) for row in (table.iloc[0], last))
    silence = ""
    if not moved_across.by_share and (low > 0 or high < 0):
        silence = " What people who did not answer could have said would turn that, so its direction is left open."
    across = moved_across.statement("organisations")
    if moved_across.crossing is not None:
        before, after = moved_across.crossing.ties
        across += f" Among {moved_across.crossing.who} there were {before:,} such ties, then {after:,}."
    brief = f"{name} {start} ({waves[0].label}), then {end} ({waves[-1].label}): change {moved}, {limits}."
    brief = f"{brief}{silence} {across}"
    shows = f"{shows} Change {moved} ({limits}).{silence} {across} {chance}"
    # People who did not answer may move it as far as this.
    least, most = (factor * limit for limit in moved_across.share_range)
    judged = None if isnan(low) else (min(low, least), max(high, most), 0.0)
    return Finding(shows, goes, f"change in {name}", change, low, high, people, brief=brief, judged=judged)
