"""How a change is said: up and down in the words of the instrument, and the caveats every comparison carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cop_analysis.change.methods.effects import Superiority, among_changers
from cop_analysis.change.methods.exact import smallest_p
from cop_analysis.results import Quantity, count_of, format_share

if TYPE_CHECKING:
    from cop_analysis.change.pages.comparison import Comparison
    from cop_analysis.study.config import Instrument, Wave


@dataclass(frozen=True)
class Reading:
    """The words for moving the better and the worse way on an instrument.

    Parameters
    ----------
    better, worse : str
        As in "14 of 22 ...": ``"rated themselves more confident"`` and, shorter, ``"less confident"``.
    tendency : str
        What PS is a tendency towards.
    higher_is_better : bool
        Which way the numbers run.
    """

    better: str
    worse: str
    tendency: str
    higher_is_better: bool

    def counts(self, effect: Superiority) -> tuple[int, int]:
        """Give how many moved the better way and how many the worse."""
        return (effect.up, effect.down) if self.higher_is_better else (effect.down, effect.up)

    def towards_better(self, effect: Superiority) -> tuple[float, float, float]:
        """Give PS and its limits as a tendency the better way."""
        if self.higher_is_better:
            return effect.estimate, effect.low, effect.high
        return 1 - effect.estimate, 1 - effect.high, 1 - effect.low

    def turn(self, estimate: float, low: float, high: float) -> tuple[float, float, float]:
        """Give a tendency up, and its limits, as a tendency the better way."""
        return (estimate, low, high) if self.higher_is_better else (1 - estimate, 1 - high, 1 - low)

    def tendency_in_words(self, effect: Superiority) -> tuple[str, str]:
        """Say PS, and its interval, as a tendency the better way."""
        estimate, low, high = self.towards_better(effect)
        interval = f"{percent(effect.level)} interval {format_share(low)} to {format_share(high)}"
        return format_share(estimate), interval

    @property
    def superiority_label(self) -> str:
        """What a column of PS is called: always the tendency the better way."""
        return "tendency up (PS)" if self.higher_is_better else "tendency down, the better way (PS)"

    @property
    def count_labels(self) -> dict[str, str]:
        """What the columns of those who moved up and down are called where that is not plain."""
        return {} if self.higher_is_better else {"up": "up (worse)", "down": "down (better)"}


def reading_of(instrument: Instrument) -> Reading:
    """Choose the words for an instrument: confidence where it measures that, better and worse otherwise.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> stress = SimpleNamespace(key="stress", title="Stress at work", direction="lower is better")
    >>> reading_of(stress).better
    'gave lower (better) answers'
    """
    if instrument.direction == "lower is better":
        return Reading("gave lower (better) answers", "higher", "lower (better) answers", higher_is_better=False)
    if "confiden" in f"{instrument.key} {instrument.title}".lower():
        return Reading("rated themselves more confident", "less", "more confidence", higher_is_better=True)
    return Reading("gave higher (better) answers", "lower", "higher (better) answers", higher_is_better=True)


def percent(level: float) -> str:
    """Write a confidence level without losing its digits.

    Examples
    --------
    >>> percent(0.95), percent(0.999)
    ('95%', '99.9%')
    """
    return f"{100 * level:.6g}%"


def wave_name(wave: Wave) -> str:
    """Give a wave's label as it was written; in a sentence it stands in brackets (`times_of_asking`).

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> wave_name(SimpleNamespace(key="follow_up", label=""))
    'follow up'
    """
    return wave.label or wave.key.replace("_", " ")


def chance_in_words(p_value: float) -> str:
    """Say how often chance alone would do as much.

    Examples
    --------
    >>> chance_in_words(0.0012), chance_in_words(0.031), chance_in_words(0.124)
    ('about 1 time in 830', 'about 3 times in 100', 'about 12 times in 100')
    >>> chance_in_words(1.0), chance_in_words(1e-9)
    ('every time', 'less than 1 time in 10,000')
    """
    if p_value < 0.0001:
        return "less than 1 time in 10,000"
    if p_value < 0.0095:
        times = float(f"{1 / p_value:.2g}")
        return f"about 1 time in {times:,.0f}"
    if p_value >= 0.995:
        return "every time" if p_value == 1 else "nearly every time"
    return f"about {count_of(round(100 * p_value), 'time')} in 100"


def on_different_sides(effect: Superiority, p_value: float) -> bool:
    """Say whether the interval of PS leaves one half out and p is above 1 - level, or the other way round.

    Examples
    --------
    >>> from cop_analysis.change.methods.effects import superiority
    >>> on_different_sides(superiority([1] * 20, [2] * 5 + [1] * 15), 0.0625)
    True
    """
    return (effect.low > 0.5 or effect.high < 0.5) != (p_value < 1 - effect.level)


def interval_beside_p(reading: Reading, effect: Superiority, p_value: float) -> str:
    """Say in a sentence why an interval and a p fall on different sides, with the interval of an exact test.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from cop_analysis.change.methods.effects import superiority
    >>> reading = reading_of(SimpleNamespace(key="c", title="Confidence", direction="higher is better"))
    >>> interval_beside_p(reading, superiority([1] * 20, [2] * 5 + [1] * 15), 0.0625).split(": ")[1]
    'widened to agree with the exact test of the 5 who changed, it is 49% to 73%.'
    """
    turned = among_changers(effect.up, effect.down, effect.n, effect.level)
    if on_different_sides(turned, p_value):
        return (
            "That interval and p do not agree on whether 50% is compatible with these answers: p also weighs how far "
            "each person moved, the interval only which way."
        )
    low, high = (format_share(each) for each in reading.towards_better(turned)[1:])
    return (
        "That interval is an approximation and does not agree with the exact p on whether 50% is compatible with these "
        f"answers: widened to agree with the exact test of the {effect.up + effect.down:,} who changed, it is {low} to "
        f"{high}."
    )


def who_is_missing(comparison: Comparison) -> str:
    """Say in one sentence how many were compared and who is not among them."""
    pairing = comparison.pairing
    before, after = comparison.times
    if not pairing.only_before and not pairing.only_after:
        who = f"All {pairing.n:,} people" if pairing.n > 1 else "The one person"
        return f"{who} who answered did so both times."
    asked = pairing.n + len(pairing.only_before) + len(pairing.only_after)
    return (
        f"{count_of(pairing.n, 'person', 'people')} of the {asked:,} who answered at all could be compared; "
        f"{len(pairing.only_before):,} answered only {before} and {len(pairing.only_after):,} only {after}, and they "
        "may have changed differently."
    )


def answered_quantities(comparison: Comparison) -> tuple[Quantity, ...]:
    """Give who answered at either wave and who at both, as every page of the survey states them."""
    pairing, instrument = comparison.pairing, comparison.instrument.key
    both = frozenset(map(str, pairing.before.index))
    before, after = both | {*pairing.only_before}, both | {*pairing.only_after}
    kept = f"survey:paired:{instrument}:{comparison.before.key}:{comparison.after.key}"
    answered = [
        Quantity(f"survey:answered:{instrument}:{wave.key}", len(who), members=who)
        for wave, who in ((comparison.before, before), (comparison.after, after))
    ]
    if comparison.design != "paired":
        return tuple(answered)
    return (*answered, Quantity(kept, pairing.n, len(before), both, before))


def what_was_left_out(comparison: Comparison) -> tuple[str, ...]:
    """Say in a sentence each which answers did not count."""
    pairing = comparison.pairing
    said = []
    if len(pairing.duplicates):
        said.append(
            f"{count_of(len(pairing.duplicates), 'answer was', 'answers were')} given more than once by the same "
            "person; equal ones count once, different ones not at all."
        )
    if len(pairing.out_of_range):
        instrument = comparison.instrument
        said.append(
            f"{count_of(len(pairing.out_of_range), 'answer lies', 'answers lie')} outside the scale "
            f"{instrument.minimum:g} to {instrument.maximum:g} and did not count."
        )
    if pairing.without_id:
        said.append(f"{count_of(pairing.without_id, 'answer has', 'answers have')} no person and could not be paired.")
    return tuple(said)


def standing_caveats() -> tuple[str, ...]:
    """Give the limits every comparison of two waves has, whatever its numbers.

    Notes
    -----
    Response shift: Sprangers & Schwartz 1999, Social Science & Medicine 48:1507-1515. Regression to the mean:
    Barnett, van der Pols & Dobson 2005, International Journal of Epidemiology 34:215-220.

    Examples
    --------
    >>> len(standing_caveats())
    4
    """
    return (
        "There is no control group: the same change might have happened without the programme.",
        "Response shift: having learnt more, people may judge themselves by a stricter or looser yardstick the second "
        "time, so that equal numbers need not mean equal confidence.",
        "Regression to the mean: people who rated themselves unusually low or high at first tend to move to the middle "
        "whatever happens.",
        "Self-selection: those who joined and answered twice chose to, and may differ from those who did not.",
    )


def floor_caveat(changed: Sequence[tuple[str, int]]) -> str:
    """Say how small a p could have been at all, given how many people changed.

    Parameters
    ----------
    changed : sequence of (str, int)
        Each item's wording and how many people changed on it.

    Examples
    --------
    >>> floor_caveat([("prescribing", 5)]).split(": ")[1]
    '0.0625 with the 5 who changed on “prescribing”.'
    """
    said = "With m people who changed, the smallest two-sided exact p possible is 2^(1-m)"
    if not changed:
        return said + "."
    wording, fewest = min(changed, key=lambda pair: pair[1])
    floor = smallest_p(fewest)
    value = f"{floor:.4f}".rstrip("0").rstrip(".") if floor >= 0.0001 else "below 0.0001"
    said += f": {value} with the {fewest:,} who changed on “{wording}”"
    return said + (", the item with the fewest." if len(changed) > 1 else ".")


def software() -> str:
    """Name the software and its version, as reporting guidelines ask (SAMPL, SQUIRE 2.0)."""
    from cop_analysis._version import __version__

    return f"Computed with cop_analysis {__version__}."
