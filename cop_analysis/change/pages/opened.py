"""Two waves of a study, opened once for every page of measured change: `compare` and the object it gives.

Settings are given, checked and told here; what a page finds and says is worked out in the module of its question.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from cop_analysis.change.methods.columns import require_count, require_level
from cop_analysis.change.methods.scales import Score
from cop_analysis.change.pages import columns, groups, scale, sizes, who_answered, words
from cop_analysis.change.pages import items as item_by_item
from cop_analysis.change.pages.items import Answer, ItemChanges, ItemFacts
from cop_analysis.change.pages.two_waves import TwoWaves, choose_waves
from cop_analysis.change.pages.whole_page import Page, whole_page
from cop_analysis.results import Result, pages
from cop_analysis.results.pages import Opening

if TYPE_CHECKING:
    from cop_analysis.study import Study

_SURVEY = ("survey",)
_MANY_UNPAIRED = 0.3


def compare(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    permutations: int = 9999,
    seed: int = 20250101,
    level: float = 0.95,
) -> Comparison:
    """Open two waves of a study's answers: they are paired once, and every page is a method of what this gives.

    Parameters
    ----------
    study : Study
        The study.
    instrument, before, after : str, optional
        Keys from study.toml; None or empty leaves the choice to its analysis plan, or to the only instrument and the
        first and last wave with answers.
    permutations : int
        Arrangements for the permutation tests; all there are, where there are no more than this.
    seed : int
        Where draws start.
    level : float
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    Comparison
        Also where nothing can be compared; then every page says why.

    Raises
    ------
    ValueError
        If a key asked for is not in study.toml or a setting is impossible.

    Examples
    --------
    >>> import pandas as pd
    >>> from cop_analysis.study import Study
    >>> answers = [("A", "start", 2), ("A", "end", 4), ("B", "start", 3), ("B", "end", 3), ("C", "start", 5)]
    >>> survey = pd.DataFrame([(who, wave, "c", "q1", score) for who, wave, score in answers],
    ...                       columns=["person", "wave", "instrument", "item", "score"])
    >>> study = Study.from_tables(
    ...     {"key": "forum", "title": "The forum", "provenance": "simulated",
    ...      "waves": [{"key": "start"}, {"key": "end"}],
    ...      "instruments": [{"key": "c", "title": "Confidence", "minimum": 1, "maximum": 5,
    ...                       "items": [{"key": "q1"}]}]},
    ...     survey=survey)
    >>> comparison = compare(study)
    >>> comparison.answer().headline.value, comparison.flow().table["people"].tolist()
    ('1 of 2', [3, 2, 2, 2])
    """
    return Comparison(study, instrument or None, before or None, after or None, permutations, seed, level)


class Comparison:
    """Two waves of one instrument, opened by `compare`: each page is a method.

    Parameters
    ----------
    study, instrument, before, after, permutations, seed, level
        As given to `compare`.
    """

    def __init__(
        self,
        study: Study,
        instrument: str | None,
        before: str | None,
        after: str | None,
        permutations: int,
        seed: int,
        level: float,
    ) -> None:
        require_level(level)
        self.study = study
        self.asked = (instrument, before, after)
        self.permutations = require_count(permutations, "permutations")
        self.seed = seed
        self.level = level
        self.chosen = choose_waves(study, *self.asked)

    @property
    def waves(self) -> TwoWaves:
        """The two waves, paired.

        Raises
        ------
        ValueError
            If nothing can be compared.
        """
        if isinstance(self.chosen, str):
            raise ValueError(self.chosen)
        return self.chosen

    @property
    def suffix(self) -> str:
        """What the keys of the results end with, so that several comparisons can share a page."""
        return "" if isinstance(self.chosen, str) else self.chosen.suffix

    @property
    def suffix_of_instrument(self) -> str:
        """The same where a page is of all waves."""
        return "" if isinstance(self.chosen, str) else self.chosen.suffix_of_instrument

    def refused(self, page: pages.Page) -> Result | None:
        """Give the result that says why a page cannot be shown, or None.

        A page speaks ``of`` pairs of answers unless it says otherwise: of two ``"groups"``, which may be of different
        people; of either of two ``"waves"``, whoever answered; or of the ``"study"``, and then says by itself why
        nothing can be compared.
        """
        if page.of == "study":
            return None
        if isinstance(self.chosen, str):
            return Result(key=page.key, title=page.title, sentence=self.chosen)
        design = self.chosen.design
        if design == "paired" or page.of == "waves" or (page.of == "groups" and design == "unmatched"):
            return None
        sentence = words.not_paired(self.chosen, page.needed_for)
        return Result(key=f"{page.key}{self.suffix}", title=page.title, sentence=sentence, sources=("survey.csv",))

    @cached_property
    def _items(self) -> ItemFacts | None:
        return item_by_item.item_facts(self.waves, self.permutations, self.seed, self.level)

    # --- the finding -------------------------------------------------------------------------------------------------

    def page(self, *, asymptotic: bool = False) -> Page:
        """Give everything the study can say of measured change, as notebook 04 shows it.

        Parameters
        ----------
        asymptotic : bool
            Show the asymptotic Mann-Whitney test, which published tables hold, beside the exact one of unmatched waves.

        Returns
        -------
        Page
            A section an instrument, the primary one of the plan first; only the one asked for, where one was. Paired
            waves have all sections; unmatched ones those that make sense for two groups of different people; waves
            whose ids may be no people's lead with that doubt and compare nothing.
        """
        return whole_page(self, self._of, asymptotic=asymptotic)

    def _of(self, instrument: str) -> Comparison:
        if not isinstance(self.chosen, str) and self.chosen.instrument.key == instrument:
            return self
        return Comparison(self.study, instrument, *self.asked[1:], self.permutations, self.seed, self.level)

    @pages.page(
        "answer",
        "Did people's answers change?",
        needed_for="a change in answers",
        of="study",
        sources=("survey.csv",),
        columns=columns.ANSWER,
    )
    def answer(self, opening: Opening, *, asymptotic: bool = False) -> Result:
        """Answer whether people's answers changed between two waves, with what fits the data, and say why.

        Parameters
        ----------
        asymptotic : bool
            Show the asymptotic Mann-Whitney test, which published tables hold, beside the exact one of unmatched waves.

        Returns
        -------
        Answer
            The sentence says what was found and then why in this way. For paired answers the table has a row an item:
            n, up, same, down, superiority with low and high, exact p, adjusted p, mean_change, mid-p (see `items`).

        Notes
        -----
        Waves are compared as their design says: each person with themselves where they are paired (`items`), however
        few they are, and as two groups where the people differ or cannot be matched (`cohorts`). `study.toml` declares
        the design of a wave; where it says nothing, an id that occurs in both waves is taken for one person, unless ids
        only count rows: then nobody is paired until somebody has said which it is. No result is marked as passing or
        failing.
        """
        key, title, sources = opening["key"], opening["title"], opening["sources"]
        if isinstance(self.chosen, str):
            nothing = self.items()
            why = nothing.sentence
            return Answer(key=key, title=title, sentence=why, why=why, absent_file=nothing.absent_file)
        waves = self.chosen
        pairing = waves.pairing
        if waves.design == "in doubt":
            return self._in_doubt(opening)
        if not pairing.n and not (pairing.only_before and pairing.only_after):
            why = words.nothing_counts(waves)
            return Answer(key=key, title=title, sentence=why, why=why, sources=sources)
        if waves.design == "unmatched":
            found = self.cohorts(asymptotic=asymptotic)
            why = words.DECLARED_UNMATCHED if waves.ids.design else words.NO_SHARED_ID
            return Answer.of(found, key=key, sentence=f"{found.sentence} {why}", chosen="cohorts", why=why)
        if not pairing.n:
            why = words.declared_paired_without_pairs(waves)
            return Answer(key=key, title=title, sentence=why, why=why, sources=sources)
        found = self.items()
        exact = found.is_exact if isinstance(found, ItemChanges) else True
        why = words.why_paired(waves, is_exact=exact)
        if not isinstance(found, ItemChanges):
            return Answer.of(found, key=key, sentence=found.sentence, chosen="none", why=why)
        return Answer.of(
            found, key=key, sentence=f"{found.sentence} {why}", chosen="paired", why=why, more=self._what_else()
        )

    def _in_doubt(self, opening: Opening) -> Answer:
        """Lead with the doubt about the ids, and show what can be said whichever way it is settled."""
        spread = groups.spread_by_wave(self.waves)
        title, sentence = words.in_doubt(self.waves)
        return Answer(
            key=opening["key"],
            title=title,
            sentence=sentence,
            table=spread.table,
            labels=spread.labels,
            figure=spread.figure,
            caveats=words.what_was_left_out(self.waves),
            method=f"{words.COUNTS_METHOD} {words.software()}",
            sources=opening["sources"],
            quantities=self.waves.quantities,
            chosen="in doubt",
            why=words.doubt(self.waves),
        )

    def _what_else(self) -> tuple[str, ...]:
        pairing = self.waves.pairing
        alone = len(pairing.only_before) + len(pairing.only_after)
        many = alone > _MANY_UNPAIRED * (alone + pairing.n)
        return words.what_else(self.waves, alone, are_many=many, waves_of_study=len(self.study.waves))

    @pages.page(
        "items",
        "Answers before and after, item by item",
        needs=_SURVEY,
        needed_for="a change in answers",
        columns=columns.ITEMS,
    )
    def items(self, opening: Opening) -> Result:
        """Say who moved up or down between two waves, item by item, how sure that is, and what it cannot show.

        Returns
        -------
        ItemChanges
            Its table has a row an item: n (answered both times), up, same, down (people; after reversed items are
            turned), superiority with low and high, mean_change (scale points), exact p and mid-p (two-sided), and the
            p adjusted for several items. A plain `Result` that says why where nothing can be compared.

        Notes
        -----
        Pairing by id; exact Pratt signed-rank test (`signed_rank`), PS with Tango interval (`superiority`), step-down
        maxT (`max_t`), Holm and Benjamini-Hochberg. With one item there is nothing to adjust for.
        """
        if self._items is None:
            return item_by_item.nobody_twice(self.waves, opening)
        return item_by_item.items(self._items, opening, self.seed)

    @pages.page(
        "cohorts",
        "Two waves as two groups of people",
        needs=_SURVEY,
        needed_for="two groups of people",
        of="groups",
        columns=columns.COHORTS,
    )
    def cohorts(self, opening: Opening, *, asymptotic: bool = False) -> Result:
        """Compare two waves answered by different people item by item, or refuse where the answers are matched.

        Parameters
        ----------
        asymptotic : bool
            Add the asymptotic Mann-Whitney test with continuity correction, since published tables hold that.

        Returns
        -------
        Cohorts
            A row an item: n, answers, mean and median of either wave; mean_difference with its limits, superiority (the
            chance of a better answer the second time) with its limits, exact rank-sum p and mid-p, p adjusted for
            several items; with ``asymptotic`` also mann_whitney_u and mann_whitney_p_value.

        Notes
        -----
        `rank_sum`; difference of means with the interval of Welch 1947, Biometrika 34:28-35; `holm`, or
        `benjamini_hochberg` where the plan says so. Two groups of different people say how the groups differ, not
        whether anybody changed.
        """
        return groups.cohorts(self.waves, opening, self.level, asymptotic=asymptotic)

    @pages.page(
        "forest-of-ps",
        "The tendency, item by item",
        needs=_SURVEY,
        needed_for="a change in answers",
        columns=columns.TENDENCIES,
    )
    def tendencies(self, opening: Opening) -> Result:
        """Draw PS item by item with its interval and a line at one half."""
        return item_by_item.tendencies(self._items, self.waves, opening, self.level)

    @pages.page(
        "movement",
        "From which answer to which",
        needs=_SURVEY,
        needed_for="moves between answers",
        columns=columns.MOVEMENT,
    )
    def movement(self, opening: Opening) -> Result:
        """Show from which answer to which people moved, item by item, and whether the answers' spread changed.

        Returns
        -------
        Result
            Its table has a row an item: n, changed, Stuart-Maxwell and Bowker (for two answers, McNemar's exact p and
            mid-p), a note where a test is undefined.

        Notes
        -----
        Stuart-Maxwell asks whether the spread over the answers is the same at both waves, Bowker whether moves between
        each two answers balance. Both are chi-square approximations and rough with fewer than some twenty people who
        changed.
        """
        return item_by_item.movement(self.waves, opening)

    @pages.page(
        "slopes",
        "Each person before and after",
        needs=_SURVEY,
        needed_for="how each person moved",
        shows="people",
        columns=columns.SLOPES,
    )
    def slopes(self, opening: Opening) -> Result:
        """Show how each person moved over the whole scale, without naming anybody."""
        return item_by_item.slopes(self.waves, opening)

    # --- who was compared --------------------------------------------------------------------------------------------

    @pages.page(
        "flow",
        "From asked to compared",
        needs=_SURVEY,
        needed_for="the flow of people",
        of="waves",
        columns=columns.FLOW,
    )
    def flow(self, opening: Opening) -> Result:
        """Count people from those who were there to those whose answers are compared.

        Returns
        -------
        Result
            A row a step: step, people, of (the step it is part of), share. The people table gives how many were there,
            where there is one.

        Notes
        -----
        As the flow of participants in CONSORT (Moher, Hopewell, Schulz et al. 2010, BMJ 340:c869) for a study without a
        comparison group.
        """
        return who_answered.flow(self.waves, opening)

    @pages.page(
        "pairing",
        "How the answers were paired",
        needs=_SURVEY,
        needed_for="who answered twice",
        of="waves",
        shows="people",
    )
    def pairing_audit(self, opening: Opening) -> Result:
        """Account for every person who answered in either of two waves.

        Returns
        -------
        PairingAudit
            A table of what was left out or needs a look, a row a finding; a plain `Result` that says why where nothing
            can be paired.
        """
        return who_answered.pairing_audit(self.waves, opening)

    @pages.page(
        "attrition",
        "Who did not return",
        needs=_SURVEY,
        needed_for="who did not return",
        shows="groups",
        columns=columns.ATTRITION,
    )
    def attrition(self, opening: Opening) -> Result:
        """Compare those who returned with those who did not, by where they stood at the first wave.

        Returns
        -------
        Result
            A row a group of people (all, and each organisation of the people table): group, answered_before, returned,
            share_returned, mean_returned, mean_lost.

        Notes
        -----
        Exact rank-sum test of the first score, those lost against those who returned (`rank_sum`); one test of whether
        organisations lost different shares (`groups_differ`). Alike at first does not mean that they would have changed
        alike.
        """
        return who_answered.attrition(self.waves, opening)

    @pages.page(
        "everybody",
        "All who answered, paired or not",
        needs=_SURVEY,
        needed_for="the change among all who answered",
        columns=columns.EVERYBODY,
    )
    def everybody(self, opening: Opening) -> Result:
        """Estimate the change from everybody who answered at either wave, beside the estimate from the pairs.

        Returns
        -------
        Result
            A row a method: method, estimate, low, high, freedom, p_value, people, reads. The paired one comes first.

        Notes
        -----
        `overlapping_t`, `mixed_model` on the mean score, `ordinal_model` on the answers to all items with the items as
        effects. All rest on answers being missing at random: those who are missing would have answered as others like
        them did.
        """
        return who_answered.everybody(self.waves, opening, self.level)

    @pages.page(
        "missing-outcomes",
        "What those who did not return could change",
        needs=_SURVEY,
        needed_for="what missing answers could change",
        columns=columns.MISSING,
    )
    def missing(self, opening: Opening) -> Result:
        """Show how far those who did not return could move the finding, at the extremes and step by step.

        Returns
        -------
        Result
            A row an assumption: delta (scale points by which those missing changed more than the others), mean_change
            over everybody, low, high.

        Notes
        -----
        `missing_bounds`, `delta_adjustment`.
        """
        return who_answered.missing_outcomes(self.waves, opening, self.level)

    # --- the scale as a whole ----------------------------------------------------------------------------------------

    @pages.page(
        "scale-change",
        "The whole scale before and after",
        needs=_SURVEY,
        needed_for="a change of the scale",
        columns=columns.SCALE,
    )
    def scale_change(self, opening: Opening, score: Score = "mean") -> Result:
        """Say how the score over all items moved between two waves.

        Parameters
        ----------
        score : {"mean", "total"}
            A person's mean answer, or that mean times the number of items.

        Returns
        -------
        ScaleChange
            Its table has a row a quantity with estimate and limits; a plain `Result` that says why where nothing can be
            compared.

        Raises
        ------
        ValueError
            If the score is neither.

        Notes
        -----
        A score needs at least half of the items, answered both times (`scale_scores`). Test and PS as in `items`; the
        mean change with Student's t interval; Cronbach's alpha with Feldt's interval (`cronbach_alpha`).
        """
        if score not in ("mean", "total"):
            raise ValueError(f"score must be 'mean' or 'total', not {score!r}.")
        return scale.scale_change(self.waves, opening, score, self.level)

    @pages.page(
        "scale-reliability",
        "How the items hang together",
        needs=_SURVEY,
        needed_for="how the items hang together",
        of="waves",
        columns=columns.RELIABILITY,
    )
    def scale_reliability(self, opening: Opening) -> Result:
        """Say how reliable the scale is at each of two waves, and which item does not go with the others.

        Returns
        -------
        Result
            A row an item and wave: wave, item, wording, n, mean, standard_deviation, item_rest_correlation,
            alpha_without; first, for each wave, alpha and omega of the whole scale. Everybody who answered every item
            at a wave counts.

        Notes
        -----
        `cronbach_alpha` (Feldt's interval), `omega_total`, `item_statistics`, `negatively_worded`.
        """
        return scale.scale_reliability(self.waves, opening, self.level)

    @pages.page(
        "ceiling-and-floor",
        "How much room there was to move",
        needs=_SURVEY,
        needed_for="the room to move",
        columns=columns.ROOM,
    )
    def ceiling_and_floor(self, opening: Opening) -> Result:
        """Say how many people already gave the best or the worst answer at the first wave.

        Returns
        -------
        Result
            A row an item: item, wording, n (answered both times), at_the_top, share_at_the_top, at_the_bottom,
            share_at_the_bottom, all at the first wave with reversed items turned.

        Notes
        -----
        More than 15% at an end is the mark of Terwee et al. 2007, Journal of Clinical Epidemiology 60:34-42.
        """
        return scale.ceiling_and_floor(self.waves, opening)

    @pages.page(
        "individuals",
        "Single people: changes larger than answers waver",
        needs=_SURVEY,
        needed_for="change of single people",
        shows="people",
        columns=columns.SINGLE_PEOPLE,
    )
    def individuals(self, opening: Opening) -> Result:
        """Count the people whose score changed by more than answers waver, without naming them.

        Returns
        -------
        Result
            Three rows: change, people, share.

        Notes
        -----
        `reliable_change` with Cronbach's alpha and the standard deviation of everybody at the first wave. Alpha is an
        optimistic reliability for change over months: a test-retest study would give a larger minimum detectable
        change.
        """
        return scale.individuals(self.waves, opening, self.level)

    # --- how large, and by other tests -------------------------------------------------------------------------------

    @pages.page(
        "other-tests",
        "Other tests of the same change",
        needs=_SURVEY,
        needed_for="other tests",
        columns=columns.OTHER_TESTS,
    )
    def other_tests(self, opening: Opening) -> Result:
        """Run the other exact tests beside the signed-rank test, to see whether they agree.

        Returns
        -------
        Result
            A row a test: test, asks, statistic, p_value, mid_p_value, units (people, or organisations of the people
            table), exact. Its figure is the null distribution of the first.

        Notes
        -----
        Each test is named with its source in its own docstring: `signed_rank`, `sign_test`, `mean_sign_flip`,
        `rank_difference`, `cluster_sign_flip`.
        """
        return sizes.other_tests(self.waves, opening)

    @pages.page(
        "effect-sizes",
        "How large the change is, in several units",
        needs=_SURVEY,
        needed_for="the size of a change",
        columns=columns.EFFECT_SIZES,
    )
    def effect_sizes(self, opening: Opening, resamples: int = 9999) -> Result:
        """Give the size of the change in several units, each with its interval.

        Parameters
        ----------
        resamples : int
            Of the bootstrap intervals.

        Returns
        -------
        Result
            A row a measure: measure, estimate, low, high, reads.

        Notes
        -----
        `superiority`, `hodges_lehmann`, `bootstrap_means`, `rank_biserial`, `standardised_change`.
        """
        return sizes.effect_sizes(self.waves, opening, resamples, self.seed, self.level)

    @pages.page(
        "study-size",
        "What a study of this size can show",
        needs=_SURVEY,
        needed_for="what a study of this size can show",
    )
    def planning(
        self,
        opening: Opening,
        n: int | None = None,
        alpha: float = 0.05,
        wanted: float = 0.8,
        simulations: int = 1000,
    ) -> Result:
        """Say which change a study with as many people as answered twice can find, and what more people would add.

        Parameters
        ----------
        n : int, optional
            People who answer twice; by default as many as did.
        alpha : float
            Level of the exact two-sided Pratt test.
        wanted : float
            Power wanted.
        simulations : int
            Simulated studies a situation.

        Returns
        -------
        Result
            A row a PS: superiority, power for n, and for half and twice as many people. The share of people who change
            and how far they move are taken from the study.

        Notes
        -----
        `power`, `smallest_detectable`. It says what the design could find, not whether the finding is true: power
        worked out from the observed effect would only repeat the p-value (Hoenig & Heisey 2001, The American
        Statistician 55:19-24), so the observed PS is not used.
        """
        return sizes.planning(self.waves, opening, n, alpha, wanted, simulations, self.seed)

    # --- groups ------------------------------------------------------------------------------------------------------

    @pages.page(
        "dose",
        "Sessions attended and change",
        needs=("survey", "attendance"),
        needed_for="change by sessions attended",
        sources=("survey.csv", "attendance.csv", "events.csv"),
        shows="groups",
        columns=columns.DOSE,
    )
    def dose(self, opening: Opening) -> Result:
        """Ask whether people who came to more sessions changed more.

        Returns
        -------
        Result
            A row a number of sessions: sessions, people, up, same, down, mean_change. Attendance must name people;
            sessions after the second wave's date do not count.

        Notes
        -----
        `association`: Kendall's tau-b and linear-by-linear association by permutation.
        """
        return groups.dose(self.waves, opening, self.permutations, self.seed)

    @pages.page(
        "subgroups",
        "Change by group",
        needs=("survey", "people"),
        needed_for="change by group",
        shows="groups",
        columns=columns.SUBGROUPS,
    )
    def subgroups(self, opening: Opening, by: str = "organisation") -> Result:
        """Show the change in each group of people, and test once whether groups differ.

        Parameters
        ----------
        by : str
            A column of the people table (organisation, role), or ``"sector"`` of the organisations table.

        Returns
        -------
        Result
            A row a group: group, n, up, same, down, superiority, low, high. Groups of fewer than five people are put
            together as "smaller groups". No p-value a group.

        Raises
        ------
        ValueError
            If the people table has no such column.

        Notes
        -----
        `superiority` within groups, `groups_differ` between them: that one group's interval leaves the line and
        another's does not says nothing on whether they differ.
        """
        return groups.subgroups(self.waves, opening, by, self.permutations, self.seed, self.level)

    # --- more than two waves -----------------------------------------------------------------------------------------

    @pages.page(
        "all-waves",
        "All waves",
        needs=_SURVEY,
        needed_for="the change over all waves",
        of="waves",
        ending="suffix_of_instrument",
        columns=columns.ALL_WAVES,
    )
    def all_waves(self, opening: Opening) -> Result:
        """Show the change over all waves: whether they differ, whether they rise, and each against the first.

        Returns
        -------
        Result
            A row a wave: wave, people, mean; and against the first wave n, mean_change, p_value, adjusted_p_value.
            Waves in the order of study.toml; one that looks back is left out.

        Notes
        -----
        `friedman`, `page_trend`, `waves_against_baseline` on the mean score.
        """
        return scale.all_waves(self.waves, opening, self.permutations, self.seed)

    @pages.page(
        "looking-back",
        "Looking back: has the yardstick moved?",
        needs=_SURVEY,
        needed_for="a look back",
        of="study",
        ending="",
        columns=columns.LOOKING_BACK,
    )
    def looking_back(self, opening: Opening, then: str | None = None) -> Result:
        """Set the change as measured beside the change people see looking back, and report the response shift.

        Parameters
        ----------
        then : str, optional
            The key of the wave in which people rated afterwards where they stood before; by default the one whose key
            or label says so ("then", "retrospective", "looking back").

        Returns
        -------
        Result
            Three rows: change as measured, change looking back, response shift (`then_test`).

        Raises
        ------
        ValueError
            If study.toml has no such wave.
        """
        opened = None if isinstance(self.chosen, str) else self.chosen
        return scale.looking_back(self.study, opened, opening, then, self.asked, self.level)
