"""A study's sessions, opened once: `series` gives an object with one method for each heading of page 05."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cop_analysis.results import Result
from cop_analysis.results.pages import Opening, page
from cop_analysis.sessions.pages import columns, flow, people, ratings, reach, stated
from cop_analysis.sessions.pages.rows import Rows

if TYPE_CHECKING:
    from cop_analysis.study import Study


def series(study: Study, *, permutations: int = 9_999, seed: int = 0) -> Series:
    """Open a study's sessions, so that every heading of the page is a method of one object.

    Parameters
    ----------
    study : Study
        A table it lacks is named in the sentence of each heading that needs it.
    permutations : int
        How many shuffles of people among groups the tests between groups rest on, at most; fewer where there are very
        many people.
    seed : int
        Of the shuffles.

    Returns
    -------
    Series

    Examples
    --------
    >>> import pandas as pd
    >>> from cop_analysis.study import Study
    >>> forum = series(Study.from_tables(
    ...     {"key": "demo", "title": "Demo", "provenance": "simulated"},
    ...     events=pd.DataFrame({"event": ["E1", "E2"], "date": ["2023-05-01", "2023-06-01"], "signed_up": [10, 20]}),
    ...     attendance=pd.DataFrame({"event": ["E1", "E2"], "count": [8, 10]})))
    >>> forum.reach().attended, forum.by_format().sentence
    (18, 'events.csv gives no format for any event, so formats cannot be compared.')
    """
    return Series(study, permutations, seed)


class Series(Rows):
    """The sessions of one study; each method is a page's heading and gives its `Result`.

    Parameters
    ----------
    study : Study
    permutations, seed : int
        As in `series`.
    """

    def __init__(self, study: Study, permutations: int = 9_999, seed: int = 0) -> None:
        super().__init__(study)
        self.permutations, self.seed = permutations, seed

    @page(
        "reach-by-event",
        "Signed up and attended, by event",
        needs=("events", "attendance"),
        needed_for="how sign-ups turned into attendance",
        columns=columns.REACH,
    )
    def reach(self, opening: Opening) -> Result:
        """Answer how many of those who signed up to each event attended it, and whether events differ.

        Returns
        -------
        Reach
            One row an event held: signed up, attended, share with its 95% Wilson interval, and z against the pooled
            share. A study without events or attendance gets a sentence that says so.

        Notes
        -----
        Wilson 1927; Spiegelhalter 2005 (Statistics in Medicine 24:1185-1202) for overdispersion. Events that were
        planned or cancelled, and events whose sign-ups or attendance were not recorded, take no part and are named.

        Examples
        --------
        >>> import pandas as pd
        >>> from cop_analysis.study import Study
        >>> study = Study.from_tables(
        ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated"},
        ...     events=pd.DataFrame(
        ...         {"event": ["E1", "E2"], "date": ["2023-05-01", "2023-06-01"], "signed_up": [10, 20]}),
        ...     attendance=pd.DataFrame({"event": ["E1", "E2"], "count": [8, 10]}))
        >>> result = Series(study).reach()
        >>> result.attended, result.signed_up, round(result.pooled.low, 3)
        (18, 30, 0.423)
        """
        return reach.by_event(self, opening)

    @page(
        "reach-flow",
        "How many are left at each step",
        needs=("events",),
        needed_for="how many are left at each step",
        columns=columns.FLOW,
    )
    def flow(self, opening: Opening, stayed_share: float = 0.75) -> Result:
        """Answer how many are left at each step from list to paired answers, each step with what it is a share of.

        Parameters
        ----------
        stayed_share : float
            Who stayed at least this share of the longest time recorded at a session is counted as having stayed.

        Returns
        -------
        ReachFlow
            One row a step: the count, and the share of the last step before it that is known, with its 95% Wilson
            interval, over the events at which both were recorded. Attendances (a person who came three times counts
            three times) and people (counted once) are never divided by each other.

        Raises
        ------
        ValueError
            When `stayed_share` is not above 0 and at most 1.

        Notes
        -----
        Invited is ``invited`` of events.csv. Where no invitation is recorded, the people on the list that day
        (people.csv) are counted and called that. Paired are people with a score in both waves of the plan, or in the
        first and the last wave where no plan names them; where the ids of the survey are in no other table (self-made
        codes), nobody can say who of them came, and no count is given. The same holds for the ids of ratings. Wilson
        1927.

        Examples
        --------
        >>> import pandas as pd
        >>> from cop_analysis.study import Study
        >>> study = Study.from_tables(
        ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated"},
        ...     events=pd.DataFrame({"event": ["E1"], "date": ["2023-05-01"], "invited": [40], "signed_up": [10]}),
        ...     attendance=pd.DataFrame({"event": ["E1"], "count": [8]}))
        >>> Series(study).flow().table[["step", "numerator", "denominator"]].head(3).astype(object).values.tolist()[1:]
        [['signed up', 10, 40], ['attended', 8, 10]]
        """
        return flow.step_by_step(self, opening, stayed_share)

    @page(
        "ratings-by-session",
        "Ratings by session and item",
        needs=("ratings", "events"),
        needed_for="how sessions were rated",
        columns=columns.RATINGS,
    )
    def ratings(self, opening: Opening) -> Result:
        """Answer how people rated each session, and whether that moved while the design of sessions changed.

        Returns
        -------
        Result
            One row a session and item: how many rated, of how many who came, mean with its 95% interval (Student's t,
            cut off at the ends of the scale), median, quartiles and the full distribution. The picture is a run chart:
            means with intervals, the median of the session means as a line, and the declared changes.

        Notes
        -----
        Fewer than 12 sessions carry no control limits (Making Data Count), so none are drawn: `control_chart` does
        that.

        Examples
        --------
        >>> import pandas as pd
        >>> from cop_analysis.study import Study
        >>> study = Study.from_tables(
        ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated",
        ...      "rating_items": [{"key": "relevance", "minimum": 1, "maximum": 5}]},
        ...     events=pd.DataFrame({"event": ["E1"], "date": ["2023-05-01"]}),
        ...     ratings=pd.DataFrame({"event": ["E1"] * 3, "item": ["relevance"] * 3, "score": [3, 4, 5]}))
        >>> Series(study).ratings().table[["n", "mean", "median", "distribution"]].values.tolist()
        [[3, 4.0, 4.0, '1: 0, 2: 0, 3: 1, 4: 1, 5: 1']]
        """
        return ratings.by_session(self, opening)

    @page(
        "ratings-over-time",
        "Ratings over time, with what varies and what can be relied on",
        needs=("ratings", "events"),
        needed_for="whether ratings moved",
        columns=columns.OVER_TIME,
    )
    def ratings_over_time(
        self,
        opening: Opening,
        phases: str | Sequence[str] | None = None,
        targets: Mapping[str, float] | None = None,
        screen_outliers: bool = True,
    ) -> Result:
        """Answer whether ratings moved by more than their own noise, and whether a target can be relied on.

        Parameters
        ----------
        phases : str or sequence of str, optional
            Which declared changes of design begin a phase with limits of its own: ``"after NMP2, after NMP4"``, keys of
            changes.csv, or ``"all changes"``. Without it ``phases`` of ``[schedule]`` in study.toml, and without that
            one phase: a change never begins one by itself.
        targets : mapping of str to float, optional
            Targets by item, instead of those in study.toml.
        screen_outliers : bool
            As in `control_chart`.

        Returns
        -------
        RatingsOverTime
            One row an item: sessions, centre, limits and latest mean of the last phase, variation, assurance, the rule
            of the latest session, and what a run chart finds. Under 12 sessions in a phase the limits are trial limits.

        Raises
        ------
        ValueError
            When `phases` or `targets` name what the study does not have, or a target is not a finite number.

        Notes
        -----
        NHS England, Making Data Count; see `control_chart` and `run_chart`. The points are session means, however many
        rated.

        Examples
        --------
        >>> import pandas as pd
        >>> from cop_analysis.study import Study
        >>> study = Study.from_tables(
        ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated",
        ...      "rating_items": [{"key": "relevance", "minimum": 1, "maximum": 5, "target": 2.0}]},
        ...     events=pd.DataFrame({"event": ["E1", "E2", "E3"], "date": ["2023-05-01", "2023-06-01", "2023-07-01"]}),
        ...     ratings=pd.DataFrame({"event": ["E1", "E2", "E3"], "item": "relevance", "score": [4.0, 4.5, 4.0]}))
        >>> Series(study).ratings_over_time().table[["sessions", "variation", "assurance"]].values.tolist()
        [[3, 'common cause', 'passes']]
        """
        return ratings.over_time(self, opening, phases, targets, screen_outliers)

    @page(
        "comments",
        "What people wrote about the sessions",
        needs=("ratings",),
        needed_for="what people wrote",
        shows="people",
        columns=columns.COMMENTS,
    )
    def comments(self, opening: Opening) -> Result:
        """Answer what people wrote beside their ratings, word for word, session by session.

        Returns
        -------
        Result
            One row a comment: event, date, item, score, comment. The text is shown as it was written; a result escapes
            it on its way into a page and guards it on its way into a CSV.

        Examples
        --------
        >>> import pandas as pd
        >>> from cop_analysis.study import Study
        >>> study = Study.from_tables(
        ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated",
        ...      "rating_items": [{"key": "relevance", "minimum": 1, "maximum": 5}]},
        ...     events=pd.DataFrame({"event": ["E1"], "date": ["2023-05-01"]}),
        ...     ratings=pd.DataFrame(
        ...         {"event": ["E1"], "item": ["relevance"], "score": [3], "comment": ["<b>too long"]}))
        >>> "&lt;b&gt;too long" in Series(study).comments()._repr_html_()
        True
        """
        return ratings.written_comments(self, opening)

    @page(
        "attenders",
        "How many sessions each person attended",
        needs=("events", "attendance"),
        needed_for="who came back",
        shows="groups",
        columns=columns.ATTENDERS,
    )
    def attenders(self, opening: Opening) -> Result:
        """Answer how many people the attendances were, and how many of them came back.

        Returns
        -------
        Attenders
            One row for each number of sessions attended (1, 2, 3 ...; 0 where people.csv lists people who never came):
            people and their share. A study whose attendance is head counts gets a sentence that says so.

        Notes
        -----
        Core attenders came at least twice and to at least half of the sessions held while they were on the list of
        people; see `core_and_periphery`.

        Examples
        --------
        >>> import pandas as pd
        >>> from cop_analysis.study import Study
        >>> study = Study.from_tables(
        ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated"},
        ...     people=pd.DataFrame({"person": ["P1", "P2"]}),
        ...     events=pd.DataFrame({"event": ["E1", "E2"], "date": ["2023-05-01", "2023-06-01"]}),
        ...     attendance=pd.DataFrame({"event": ["E1", "E1", "E2"], "person": ["P1", "P2", "P1"]}))
        >>> Series(study).attenders().table[["sessions_attended", "people"]].values.tolist()
        [[0, 0], [1, 1], [2, 1]]
        """
        return people.who_came_back(self, opening)

    @page(
        "core-and-periphery",
        "Core and periphery of those who come",
        needs=("events", "attendance"),
        needed_for="who is at the core",
        shows="people",
        columns=columns.CORE,
    )
    def core_and_periphery(self, opening: Opening) -> Result:
        """Answer how many people carry the community, and whether that is more than chance alone would make of it.

        Returns
        -------
        CorePeriphery
            One row a part (core, active, peripheral, never came): its definition, people, their attendances,
            organisations, and how many people chance alone would put there.

        Notes
        -----
        Core, active and peripheral members are Wenger, McDermott & Snyder's (2002, Cultivating Communities of
        Practice); that a core member comes to half of the sessions is our cut. By chance alone means: each session
        draws as many people as came, at random from those who could have come; a person's number of sessions then is
        Poisson-binomial, computed exactly.

        Examples
        --------
        >>> import pandas as pd
        >>> from cop_analysis.study import Study
        >>> study = Study.from_tables(
        ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated"},
        ...     people=pd.DataFrame({"person": ["P1", "P2"]}),
        ...     events=pd.DataFrame({"event": ["E1", "E2"], "date": ["2023-05-01", "2023-06-01"]}),
        ...     attendance=pd.DataFrame({"event": ["E1", "E1", "E2"], "person": ["P1", "P2", "P1"]}))
        >>> Series(study).core_and_periphery().table[["part", "people", "expected_people"]].values.tolist()
        [['core', 1, 1.0], ['active', 0, 0.0], ['peripheral', 1, 1.0], ['never came', 0, 0.0]]
        """
        return people.at_the_core(self, opening)

    @page(
        "session-mix",
        "Organisations at each session",
        needs=("events", "attendance"),
        needed_for="which organisations met",
        shows="groups",
        columns=columns.MIX,
    )
    def mix(self, opening: Opening) -> Result:
        """Answer how far each session brought different organisations together.

        Returns
        -------
        SessionMix
            One row a session: people, organisations represented, the largest organisation's share, the chance that two
            attenders drawn at random come from different organisations, and the same chance among all who could have
            come (the people on the list that day), where people.csv gives it.

        Notes
        -----
        Simpson 1949 (Nature 163:688), the form without replacement: 1 - sum n(n - 1) / (N (N - 1)). People whose
        organisation is not known are left out of the mix and counted in their own column.

        Examples
        --------
        >>> import pandas as pd
        >>> from cop_analysis.study import Study
        >>> study = Study.from_tables(
        ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated"},
        ...     people=pd.DataFrame({"person": ["P1", "P2", "P3"], "organisation": ["A", "A", "B"]}),
        ...     events=pd.DataFrame({"event": ["E1"], "date": ["2023-05-01"]}),
        ...     attendance=pd.DataFrame({"event": ["E1", "E1", "E1"], "person": ["P1", "P2", "P3"]}))
        >>> round(float(Series(study).mix().table.loc[0, "different_organisations"]), 4)
        0.6667
        """
        return people.who_met(self, opening)

    @page(
        "reach-by-organisation",
        "Who was reached, by organisation",
        needs=("events", "attendance"),
        needed_for="who was reached by organisation",
        shows="groups",
        columns=columns.GROUPS,
    )
    def by_organisation(self, opening: Opening) -> Result:
        """Answer which organisations the sessions reach: of the people each has on the list, how many came how often.

        Returns
        -------
        GroupReach
            See `reach_by_group`.

        Examples
        --------
        >>> import pandas as pd
        >>> from cop_analysis.study import Study
        >>> study = Study.from_tables(
        ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated"},
        ...     people=pd.DataFrame({"person": ["P1", "P2"], "organisation": ["A", "B"]}),
        ...     events=pd.DataFrame({"event": ["E1", "E2"], "date": ["2023-05-01", "2023-06-01"]}),
        ...     attendance=pd.DataFrame({"event": ["E1", "E2"], "person": ["P1", "P1"]}))
        >>> Series(study).by_organisation().table[["organisation", "people", "came", "attendances"]].values.tolist()
        [['A', 1, 1, 2], ['B', 1, 0, 0]]
        """
        return people.by_group(self, opening, "organisation", self.permutations, self.seed)

    @page(
        "reach-by-sector",
        "Who was reached, by sector",
        needs=("events", "attendance"),
        needed_for="who was reached by sector",
        shows="groups",
        columns=columns.GROUPS,
    )
    def by_sector(self, opening: Opening) -> Result:
        """Answer which sectors (organisations.csv) the sessions reach; otherwise as `by_organisation`.

        Examples
        --------
        >>> from cop_analysis.study import Study
        >>> nothing = Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"})
        >>> Series(nothing).by_sector().sentence
        'This study has no events table (events.csv), so who was reached by sector cannot be shown.'
        """
        return people.by_group(self, opening, "sector", self.permutations, self.seed)

    @page(
        "reach-by-profession",
        "Who was reached, by profession",
        needs=("events", "attendance"),
        needed_for="who was reached by profession",
        shows="groups",
        columns=columns.GROUPS,
    )
    def by_profession(self, opening: Opening) -> Result:
        """Answer which professions (``role`` of people.csv) the sessions reach; otherwise as `by_organisation`.

        Examples
        --------
        >>> from cop_analysis.study import Study
        >>> nothing = Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"})
        >>> Series(nothing).by_profession().sentence
        'This study has no events table (events.csv), so who was reached by profession cannot be shown.'
        """
        return people.by_group(self, opening, "role", self.permutations, self.seed)

    @page(
        "reach-by-format",
        "Signed up and attended, by format",
        needs=("events", "attendance"),
        needed_for="how sign-ups turned into attendance",
        columns=columns.REACH,
    )
    def by_format(self, opening: Opening) -> Result:
        """Answer whether one format of event turns sign-ups into attendance better than another.

        Returns
        -------
        Reach
            One row a format: events, signed up, attended, share with its interval. With exactly two formats the
            sentence gives their difference with Newcombe's interval.

        Notes
        -----
        Newcombe 1998, Statistics in Medicine 17:873-890, method 10, for the difference.

        Examples
        --------
        >>> import pandas as pd
        >>> from cop_analysis.study import Study
        >>> study = Study.from_tables(
        ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated"},
        ...     events=pd.DataFrame({"event": ["E1", "E2"], "date": ["2023-05-01", "2023-06-01"], "signed_up": [10, 20],
        ...                          "format": ["webinar", "face to face"]}),
        ...     attendance=pd.DataFrame({"event": ["E1", "E2"], "count": [8, 10]}))
        >>> Series(study).by_format().table[["format", "attended", "share"]].values.tolist()
        [['face to face', 10, 0.5], ['webinar', 8, 0.8]]
        """
        return reach.by_format(self, opening)

    @page(
        "reach-by-period",
        "Signed up and attended, by financial year",
        needs=("events", "attendance"),
        needed_for="how sign-ups turned into attendance",
        columns=columns.REACH,
    )
    def by_financial_year(self, opening: Opening) -> Result:
        """Answer how many signed up and attended in each financial year (from 1 April).

        Returns
        -------
        Reach
            One row a financial year: events, signed up, attended, share with its interval.

        Examples
        --------
        >>> import pandas as pd
        >>> from cop_analysis.study import Study
        >>> study = Study.from_tables(
        ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated"},
        ...     events=pd.DataFrame(
        ...         {"event": ["E1", "E2"], "date": ["2023-03-31", "2023-04-01"], "signed_up": [10, 20]}),
        ...     attendance=pd.DataFrame({"event": ["E1", "E2"], "count": [8, 10]}))
        >>> Series(study).by_financial_year().table["financial_year"].tolist()
        ['2022/23', '2023/24']
        """
        return reach.by_financial_year(self, opening)

    @page(
        "reach-funnel-plot",
        "Share attended against the number signed up, with funnel limits",
        needs=("events", "attendance"),
        needed_for="how events differ in attendance",
        columns=columns.FUNNEL,
    )
    def funnel(self, opening: Opening) -> Result:
        """Answer whether an event's share stands out, given its size and how much events differ anyway.

        Returns
        -------
        FunnelPlot
            One row an event: signed up, attended, share, z by chance alone, z with overdispersion allowed for, and
            where it lies. The event furthest from the rest is taken out once, and what is left is told beside it.

        Notes
        -----
        Spiegelhalter 2005, Statistics in Medicine 24:1185-1202: limits at 95% and 99.8%, widened by the square root of
        the overdispersion factor (multiplicative model, a tenth of the z at each end winsorised).

        Examples
        --------
        >>> import pandas as pd
        >>> from cop_analysis.study import Study
        >>> study = Study.from_tables(
        ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated"},
        ...     events=pd.DataFrame(
        ...         {"event": ["E1", "E2"], "date": ["2023-05-01", "2023-06-01"], "signed_up": [10, 20]}),
        ...     attendance=pd.DataFrame({"event": ["E1", "E2"], "count": [8, 10]}))
        >>> Series(study).funnel().table["place"].tolist()
        ['within the limits', 'within the limits']
        """
        return reach.in_funnel(self, opening)

    @page("number-audit", "Totals the source states, against its rows", columns=columns.STATED)
    def stated_figures(self, opening: Opening) -> Result:
        """Answer whether the totals a source states follow from its rows, and if not, which rows account for it.

        Returns
        -------
        NumberAudit
            One row a stated total: as stated, as recomputed, the difference (recomputed less stated), the verdict
            (``agrees``, ``not contradicted`` where the source says "at least", ``differs``, ``cannot be recomputed``)
            and the explanation found. A difference is a finding, never an error.

        Notes
        -----
        Explanations are searched for smallest first: one row left out, counted twice, with two neighbouring digits
        transposed, or counted though it does not belong; parts of the data that add up to the stated total (a period, a
        format, everything up to a date); the sum rounded to tens, hundreds or more; then two rows together, then three.
        All ties are counted.

        Examples
        --------
        >>> import pandas as pd
        >>> from cop_analysis.study import Study
        >>> study = Study.from_tables(
        ...     {"schema_version": 1, "key": "demo", "title": "Demo", "provenance": "simulated",
        ...      "stated": [{"what": "signed up", "value": 30}]},
        ...     events=pd.DataFrame({"event": ["E1", "E2", "E3"], "signed_up": [10, 20, 7],
        ...                          "date": ["2023-05-01", "2023-06-01", "2023-07-05"]}))
        >>> print(Series(study).stated_figures().explanations.loc[0, "sentence"])
        30 is exactly the sum without one row: 5 July 2023 (E3) (7; events.csv row 4), the last in time
        """
        return stated.against_rows(self, opening)


# --- the same, a function each ----------------------------------------------------------------------------------------


def reach_by_event(study: Study) -> Result:
    """Give the page `Series.reach` of a study."""
    return Series(study).reach()


def reach_flow(study: Study, stayed_share: float = 0.75) -> Result:
    """Give the page `Series.flow` of a study."""
    return Series(study).flow(stayed_share)


def ratings_by_session(study: Study) -> Result:
    """Give the page `Series.ratings` of a study."""
    return Series(study).ratings()


def ratings_over_time(
    study: Study,
    phases: str | Sequence[str] | None = None,
    targets: Mapping[str, float] | None = None,
    screen_outliers: bool = True,
) -> Result:
    """Give the page `Series.ratings_over_time` of a study."""
    return Series(study).ratings_over_time(phases, targets, screen_outliers)


def comments(study: Study) -> Result:
    """Give the page `Series.comments` of a study."""
    return Series(study).comments()


def attenders(study: Study) -> Result:
    """Give the page `Series.attenders` of a study."""
    return Series(study).attenders()


def core_and_periphery(study: Study) -> Result:
    """Give the page `Series.core_and_periphery` of a study."""
    return Series(study).core_and_periphery()


def session_mix(study: Study) -> Result:
    """Give the page `Series.mix` of a study."""
    return Series(study).mix()


def reach_by_organisation(study: Study) -> Result:
    """Give the page `Series.by_organisation` of a study."""
    return Series(study).by_organisation()


def reach_by_sector(study: Study) -> Result:
    """Give the page `Series.by_sector` of a study."""
    return Series(study).by_sector()


def reach_by_profession(study: Study) -> Result:
    """Give the page `Series.by_profession` of a study."""
    return Series(study).by_profession()


def reach_by_format(study: Study) -> Result:
    """Give the page `Series.by_format` of a study."""
    return Series(study).by_format()


def reach_by_period(study: Study) -> Result:
    """Give the page `Series.by_financial_year` of a study."""
    return Series(study).by_financial_year()


def funnel_plot(study: Study) -> Result:
    """Give the page `Series.funnel` of a study."""
    return Series(study).funnel()


def number_audit(study: Study) -> Result:
    """Give the page `Series.stated_figures` of a study."""
    return Series(study).stated_figures()


def reach_by_group(study: Study, by: str, permutations: int = 9_999, seed: int = 0) -> Result:
    """Answer which groups of people the sessions reach, and whether groups differ in how often their people come.

    Parameters
    ----------
    study : Study
        With events, attendance and, for the denominators, people.
    by : {"organisation", "sector", "role"}
    permutations : int
        How many shuffles of people among groups the test rests on, at most; fewer where there are very many people.
    seed : int
        Of the shuffles.

    Returns
    -------
    GroupReach
        One row a group: people who could have come, how many came at least once with the Wilson interval of the share,
        how many are core, attendances, attendances possible and the share of these. Where attendance is head counts
        by organisation, attendances only, which have no denominator.

    Raises
    ------
    ValueError
        When `by` is not one of those above.

    Notes
    -----
    Attendances of one person hang together, so the test shuffles people, not attendances: the sum over groups of
    (attendances - expected)^2 / possible, p = (k + 1) / (R + 1) (Phipson & Smyth 2010). Who could have come is taken
    from joined and left in people.csv.

    Examples
    --------
    >>> from cop_analysis.study import Study
    >>> nothing = Study.from_tables({"key": "demo", "title": "Demo", "provenance": "simulated"})
    >>> reach_by_group(nothing, "age")
    Traceback (most recent call last):
        ...
    ValueError: 'age' is not a way to group people: write one of organisation, sector, role.
    """
    if by not in people.GROUPS:
        raise ValueError(f"{by!r} is not a way to group people: write one of {', '.join(people.GROUPS)}.")
    opened = Series(study, permutations, seed)
    headings = {"organisation": opened.by_organisation, "sector": opened.by_sector, "role": opened.by_profession}
    return headings[by]()
