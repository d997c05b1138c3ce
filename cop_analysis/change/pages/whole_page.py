"""The page of measured change as a whole: which sections a study has, in which order, under which headings.

One section an instrument, the primary one of the plan first; sections follow the design of the two waves. What each
section holds is worked out in its own module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from cop_analysis.change.pages.all_who_answered import attrition, everybody, missing_outcomes
from cop_analysis.change.pages.answers import answer, tendencies
from cop_analysis.change.pages.audit import PairingAudit, pairing_audit
from cop_analysis.change.pages.coming import dose
from cop_analysis.change.pages.comparison import compare_waves, looks_back, require_known, slug
from cop_analysis.change.pages.further_waves import all_waves, looking_back
from cop_analysis.change.pages.groups import subgroups
from cop_analysis.change.pages.hanging_together import ceiling_and_floor, scale_reliability
from cop_analysis.change.pages.lines import slopes
from cop_analysis.change.pages.moves import movement
from cop_analysis.change.pages.planned_size import planning
from cop_analysis.change.pages.single_people import individuals
from cop_analysis.change.pages.sizes import effect_sizes, other_tests
from cop_analysis.change.pages.who_answered import flow
from cop_analysis.change.pages.whole_scale import scale_change
from cop_analysis.results import HeadingLine, Result

if TYPE_CHECKING:
    from cop_analysis.change.pages.comparison import Comparison
    from cop_analysis.study import Study

_KEY, _TITLE = "change", "Measured change"
_EMPTY = "Asked, with nothing to show"


@dataclass(frozen=True)
class Section:
    """A heading of the page with what stands under it.

    Parameters
    ----------
    heading : str
        Empty for what stands under the page's title at once.
    level : int
        2 for a section of the page, 3 for one within it.
    results : tuple of Result
    """

    heading: str
    level: int
    results: tuple[Result, ...]


@dataclass(frozen=True, kw_only=True)
class Page(Result):
    """The page as one object: its sections in order, shown one after the other.

    Parameters
    ----------
    sections : tuple of Section
    """

    sections: tuple[Section, ...] = ()

    @property
    def results(self) -> tuple[Result, ...]:
        """Every result of the page in order."""
        return tuple(result for section in self.sections for result in section.results)

    def _repr_html_(self) -> str:
        parts = []
        for section in self.sections:
            if section.heading:
                parts.append(f"<h{section.level}>{escape(section.heading)}</h{section.level}>")
            parts += [result._repr_html_() for result in section.results]
        return "\n".join(parts)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for section in self.sections:
            if section.heading:
                display(HeadingLine(section.heading, section.level))
            for result in section.results:
                display(result)


def page(
    study: Study,
    instrument: str | None = None,
    before: str | None = None,
    after: str | None = None,
    permutations: int = 9999,
    seed: int = 20250101,
    level: float = 0.95,
    *,
    asymptotic: bool = False,
) -> Page:
    """Give everything a study can say of measured change: a section an instrument, in the words of the design.

    Parameters
    ----------
    study : Study
        The study.
    instrument : str, optional
        Show this instrument alone; by default all, the primary one of the plan first.
    before, after : str, optional
        Keys from study.toml; by default those of the plan, or the first and last wave with answers.
    permutations, seed, level
        As in `answer`.
    asymptotic : bool
        Show the asymptotic Mann-Whitney test beside the exact one where the waves are unmatched.

    Returns
    -------
    Page
        Paired waves have all sections; unmatched ones those that make sense for two groups of different people; waves
        whose ids may be no people's lead with that doubt and compare nothing.

    Raises
    ------
    ValueError
        If a key asked for is not in study.toml or a setting is impossible.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> page(SimpleNamespace(survey=None)).results[0].sentence
    'This study has no survey table (survey.csv), so a change in answers cannot be shown.'
    """
    shown = [instrument] if instrument else []
    plan = primary = None
    if study.survey is not None:
        require_known(instrument, {each.key: each for each in study.instruments}, "instrument")
        plan = getattr(study.config, "plan", None)
        primary = getattr(plan, "instrument", "") or None
        keys = [each.key for each in study.instruments]
        shown = shown or sorted(keys, key=lambda key: key != primary)
    sections: list[Section] = []
    which: list[str | None] = [*shown] or [None]
    for key in which:
        each = _sections(study, key, before, after, permutations, seed, level, asymptotic)
        if len(shown) > 1:
            assert key is not None
            name = study.instrument(key).name
            kind = (
                "" if primary is None else ", the primary instrument of the plan" if key == primary else ", secondary"
            )
            each = [
                Section(f"{name}{kind}", 2, each[0].results),
                *(Section(one.heading, 3, one.results) for one in each[1:]),
            ]
        sections += each
    sections = _gathered(sections)
    results = [result for section in sections for result in section.results]
    quantities = dict.fromkeys(quantity for result in results for quantity in result.quantities)
    return Page(
        key=_KEY,
        title=_TITLE,
        sentence=results[0].sentence,
        absent_file=results[0].absent_file,
        sections=tuple(sections),
        quantities=tuple(quantities),
        verdicts=tuple(dict.fromkeys(verdict for result in results for verdict in result.verdicts)),
    )


def _sections(
    study: Study,
    instrument: str | None,
    before: str | None,
    after: str | None,
    permutations: int,
    seed: int,
    level: float,
    asymptotic: bool,
) -> list[Section]:
    """Give the sections of one instrument, by the design of its two waves."""
    which = (instrument, before, after)
    first = answer(study, *which, permutations=permutations, seed=seed, level=level, asymptotic=asymptotic)
    comparison = None if study.survey is None else compare_waves(study, *which)
    if comparison is None or isinstance(comparison, str):
        return [Section("", 2, (first,))]
    several = len(comparison.items) > 1
    chosen: Mapping[str, Callable[[], list[Result]]]
    if comparison.design != "paired":
        audit = pairing_audit(study, *which)
        chosen = {"Who answered": lambda: [flow(study, *which), *([] if audit.table.empty else [audit])]}
        if comparison.design == "unmatched" and len(comparison.items) > 1:
            chosen = {**chosen, "How the items hang together": lambda: [scale_reliability(study, *which)]}
    else:
        chosen = {
            "From asked to paired": lambda: [flow(study, *which), pairing_audit(study, *which)],
            ("Item by item: who moved which way" if several else "Who moved which way"): lambda: [
                *_of_several(comparison, lambda: tendencies(study, *which)), movement(study, *which),
                slopes(study, *which),
            ],
            ("The scale as a whole" if several else "How large the change is"): lambda: [
                *_of_several(comparison, lambda: scale_change(study, *which)), effect_sizes(study, *which, seed=seed),
                *_of_several(comparison, lambda: scale_reliability(study, *which)), ceiling_and_floor(study, *which),
            ],
            "Would another test have said otherwise?": lambda: [other_tests(study, *which)],
            "Who is missing, and what that could change": lambda: [
                attrition(study, *which), everybody(study, *which), missing_outcomes(study, *which),
            ],
            "Did those who came more change more?": lambda: [dose(study, *which, seed=seed)],
            "Did organisations differ?": lambda: [
                subgroups(study, "organisation", *which, permutations=permutations, seed=seed)
            ],
            "Single people": lambda: [individuals(study, *which)],
            **_of_waves(study, comparison, which, seed),
            "How many people would the next study need?": lambda: [planning(study, *which, seed=seed)],
        }  # fmt: skip
    return [Section("", 2, (first,)), *(Section(heading, 2, tuple(make())) for heading, make in chosen.items())]


def _of_several(comparison: Comparison, make: Callable[[], Result]) -> list[Result]:
    return [make()] if len(comparison.items) > 1 else []


def _of_waves(
    study: Study, comparison: Comparison, which: tuple[str | None, str | None, str | None], seed: int
) -> dict[str, Callable[[], list[Result]]]:
    """Give the section on further waves where the study has any."""
    back = any(looks_back(wave) for wave in study.waves)
    plain = sum(not looks_back(wave) for wave in study.waves)
    makers: list[Callable[[], Result]] = []
    if plain > 2:
        makers.append(lambda: all_waves(study, which[0], seed=seed))
    if back:
        makers.append(lambda: looking_back(study, None, *which))
    return {"All waves, and looking back": lambda: [make() for make in makers]} if makers else {}


def _gathered(sections: list[Section]) -> list[Section]:
    """Put what has nothing to show but a sentence at the end, in one list; an instrument's own heading stays."""
    kept: list[Section] = []
    empty: list[tuple[str, str]] = []
    under = ""
    for section in sections:
        if section.level == 2 and section.heading and any(other.level == 3 for other in sections):
            under = section.heading
        bare = [result for result in section.results if _is_bare(result)]
        if not kept or (section.level == 2 and section.heading == under and under) or not bare:
            kept.append(section)
            continue
        where = f"{under}: " if under else ""
        empty += [(f"{where}{section.heading}", result.sentence) for result in bare]
        full = tuple(result for result in section.results if not _is_bare(result))
        if full:
            kept.append(Section(section.heading, section.level, full))
    if empty:
        kept.append(Section(_EMPTY, 2, (_why_empty(empty),)))
    return kept


def _is_bare(result: Result) -> bool:
    shown: tuple[Any, ...] = (
        result.figure, result.headline, result.body_html, result.caveats, result.highlights,
    )  # fmt: skip
    return result.table.empty and not any(shown) and not isinstance(result, PairingAudit)


def _why_empty(empty: list[tuple[str, str]]) -> Result:
    together: dict[str, list[str]] = {}
    for heading, why in empty:
        together.setdefault(why, []).append(heading)
    items = "".join(
        f"<li><strong>{escape('; '.join(dict.fromkeys(headings)))}:</strong> {escape(why)}</li>"
        for why, headings in together.items()
    )
    return Result(
        key=f"{slug(_KEY)}-nothing-to-show",
        title=_EMPTY,
        sentence="These were asked of the data, and there is nothing to show for the reason given.",
        body_html=f"<ul>{items}</ul>",
        sources=("survey.csv",),
    )
