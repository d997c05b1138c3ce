"""How a change is said: up and down in the words of the instrument, and the caveats every comparison carries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cop_analysis.change.signed_rank import smallest_p
from cop_analysis.change.superiority import Superiority
from cop_analysis.results import count_of, format_share

if TYPE_CHECKING:
    from cop_analysis.change.comparison import Comparison
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

    def tendency_in_words(self, effect: Superiority) -> tuple[str, str]:
        """Say PS, and its interval, as a tendency the better way."""
        estimate, low, high = self.towards_better(effect)
        interval = f"{percent(effect.level)} interval {format_share(low)} to {format_share(high)}"
        return format_share(estimate), interval


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
    """Give a wave's label as it stands inside a sentence.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> wave_name(SimpleNamespace(key="follow_up", label="Follow-up"))
    'follow-up'
    """
    label = wave.label or wave.key.replace("_", " ")
    return label[0].lower() + label[1:] if label[1:2].islower() else label


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


def who_is_missing(comparison: Comparison) -> str:
    """Say in one sentence how many were compared and who is not among them."""
    pairing = comparison.pairing
    before, after = wave_name(comparison.before), wave_name(comparison.after)
    asked = pairing.n + len(pairing.only_before) + len(pairing.only_after)
    return (
        f"{count_of(pairing.n, 'person', 'people')} of the {asked:,} who answered at all could be compared; "
        f"{len(pairing.only_before):,} answered only at {before} and {len(pairing.only_after):,} only at {after}, and "
        "they may have changed differently."
    )


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
    '0.0625 with the 5 who changed on “prescribing”, which no pattern of answers could have brought below 0.05.'
    """
    said = "With m people who changed, the smallest two-sided exact p possible is 2^(1-m)"
    if not changed:
        return said + "."
    wording, fewest = min(changed, key=lambda pair: pair[1])
    floor = smallest_p(fewest)
    value = f"{floor:.4f}".rstrip("0").rstrip(".") if floor >= 0.0001 else "below 0.0001"
    said += f": {value} with the {fewest:,} who changed on “{wording}”"
    beyond = sum(smallest_p(count) >= 0.05 for _, count in changed)
    if beyond == 0:
        return said + (", the item with the fewest." if len(changed) > 1 else ".")
    if len(changed) == 1:
        return said + ", which no pattern of answers could have brought below 0.05."
    return said + (f"; on {count_of(beyond, 'item')} too few changed for any pattern of answers to bring p below 0.05.")


def software() -> str:
    """Name the software and its version, as reporting guidelines ask (SAMPL, SQUIRE 2.0)."""
    from cop_analysis._version import __version__

    return f"Computed with cop_analysis {__version__}."
