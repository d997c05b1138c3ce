"""What belongs beside a headline: colleagues who answer alike, and organisations that lost people unequally.

The tests themselves are in paired_tests.py and group_tests.py; no page lives here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from cop_analysis.change.methods.effects import Superiority
from cop_analysis.change.methods.group_tests import groups_differ
from cop_analysis.change.methods.paired_tests import cluster_sign_flip
from cop_analysis.change.pages.words import Reading
from cop_analysis.results import count_of, format_p, format_share

_SEED = 20250101
# Two percentage points: less is the rounding of a figure.
_WORTH_SAYING = 0.02


@dataclass(frozen=True)
class BesideHeadline:
    """Sentences that stand beside a finding because they bear on it, and their short form for the headline.

    Parameters
    ----------
    sentences : tuple of str
        What colleagues who answer alike do to the finding.
    caveats : tuple of str
        What organisations that lost people unequally do to it.
    headline : str
        The same for the headline, as clauses; empty where it is as it would be without organisations.
    p_value : float
        Of the test of whole organisations; NaN where there is none.
    floor : float
        The smallest p that test could give; NaN where there is none.
    superiority : float
        PS with each organisation as large as at the start; NaN where that changes nothing or cannot be known.
    """

    sentences: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    headline: str = ""
    p_value: float = math.nan
    superiority: float = math.nan
    floor: float = math.nan


def beside_headline(
    pre: pd.Series,
    post: pd.Series,
    started: pd.Series,
    organisation: pd.Series | None,
    effect: Superiority,
    p_value: float,
    reading: Reading,
) -> BesideHeadline:
    """Say what dependence within organisations and unequal loss between them do to a finding.

    Parameters
    ----------
    pre, post : pandas.Series
        One answer a person before and after, by person.
    started : pandas.Series
        Everyone who answered before, by person: the same answer.
    organisation : pandas.Series or None
        The organisation of everyone in `started`, by person.
    effect : Superiority
        The finding over everyone with both answers.
    p_value : float
        Its p, which takes people to be independent.
    reading : Reading
        The words of the instrument.

    Returns
    -------
    BesideHeadline

    Notes
    -----
    `cluster_sign_flip`; `groups_differ` on who returned; PS as the mean of the organisations' own PS, each weighted by
    how many of its people had answered before (direct standardisation).
    """
    if organisation is None or not organisation.notna().any() or not effect.up + effect.down:
        return BesideHeadline()
    said: list[str] = []
    caveats: list[str] = []
    short: list[str] = []
    both = pre.notna() & post.notna()
    pre, post = pre[both], post[both]
    own = organisation.reindex(pre.index)
    over = floor = math.nan
    if len(own.dropna().unique()) > 1 and own.dropna().duplicated().any():
        flips = cluster_sign_flip(pre, post, own)
        if flips.clusters > 1:
            over, floor = flips.p_value, flips.floor
            clause = f"over {count_of(flips.clusters, 'whole organisation')} {format_p(over)}"
            said.append(
                f"That takes people to answer independently; {clause}, which allows for colleagues answering alike"
                + (f" (no pattern could give less than {flips.floor:.3f})." if flips.floor > 0.001 else ".")
            )
            if over > 1.5 * p_value:
                short.append(clause)
    weighted, shares, kept = _standardised(pre, post, started, organisation)
    if kept is not None:
        usual, other = (format_share(reading.turn(each, 0, 0)[0]) for each in (effect.estimate, weighted))
        if abs(weighted - effect.estimate) >= _WORTH_SAYING:
            test = groups_differ(*kept, seed=_SEED).p_value
            caveats.append(
                f"Organisations kept different shares of their people ({shares}; one test of that gives "
                f"{format_p(test)}): with each as large as it was the first time, the tendency would be {other} "
                f"instead of {usual}."
            )
            short.append(f"{other} with each organisation as large as at first")
        else:
            weighted = math.nan
    return BesideHeadline(tuple(said), tuple(caveats), "; ".join(short), over, weighted, floor)


def _standardised(
    pre: pd.Series, post: pd.Series, started: pd.Series, organisation: pd.Series
) -> tuple[float, str, tuple[pd.Series, pd.Series] | None]:
    """Give PS with organisations weighted as at the start, the range of shares kept, and who was kept where."""
    home = organisation.reindex(started.index[started.notna()]).dropna()
    kept = pd.Series(home.index.isin(pre.index), index=home.index)
    counts = kept.groupby(home).agg(["sum", "size"])
    back = counts.loc[counts["sum"] > 0]
    if len(counts) < 2 or kept.all() or not kept.any() or len(back) < 2:
        return math.nan, "", None
    change = post - pre
    own = ((change > 0).astype(float) + 0.5 * (change == 0)).groupby(organisation.reindex(pre.index)).mean()
    weights = back["size"].astype(float)
    weighted = float((own.reindex(weights.index) * weights).sum() / weights.sum())
    kept_of = sorted(
        zip(counts["sum"].tolist(), counts["size"].tolist(), strict=True), key=lambda pair: (pair[0] / pair[1], pair[1])
    )
    (least, of_least), (most, of_most) = kept_of[0], kept_of[-1]
    if least * of_most == most * of_least:
        return math.nan, "", None
    said = f"from {least:,} of {of_least:,} to {most:,} of {of_most:,}"
    return weighted, said, (kept.astype(float), home)
