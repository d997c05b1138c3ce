"""The one answer to the question whether people moved, with the bounds it rests on, for every page that gives it."""

from __future__ import annotations

from dataclasses import dataclass

from cop_analysis.change.methods.columns import Differences, paired_differences
from cop_analysis.change.methods.effects import Superiority, among_changers, superiority_of
from cop_analysis.change.methods.group_tests import WholeOrganisations, whole_organisations
from cop_analysis.change.methods.paired_tests import SignedRank, signed_rank_of
from cop_analysis.change.pages.two_waves import TwoWaves
from cop_analysis.results import Verdict

_ALPHA = 0.05


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
