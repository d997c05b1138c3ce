"""The page of measured change as a whole: which sections a study has, in which order, under which headings.

One section an instrument, the primary one of the plan first; sections follow the design of the two waves. What each
section holds is worked out in its own module.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from cop_analysis.change.pages.two_waves import looks_back, plan_of
from cop_analysis.change.pages.who_answered import PairingAudit
from cop_analysis.results import HeadingLine, Result

if TYPE_CHECKING:
    from cop_analysis.change.pages.opened import Comparison

_EMPTY = "Asked, with nothing to show"
_Sections = list[tuple[str, list[Callable[[], Result]]]]


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


def whole_page(comparison: Comparison, of: Callable[[str], Comparison], *, asymptotic: bool) -> Page:
    """Give everything a study can say of measured change.

    Parameters
    ----------
    comparison : Comparison
        What was opened.
    of : callable
        Gives the same for one instrument by its key.
    asymptotic : bool
        Show the asymptotic Mann-Whitney test beside the exact one where the waves are unmatched.
    """
    sections = _gathered(_of_instruments(comparison, of, asymptotic=asymptotic))
    results = [result for section in sections for result in section.results]
    return Page(
        key="change",
        title="Measured change",
        sentence=results[0].sentence,
        absent_file=results[0].absent_file,
        sections=tuple(sections),
        quantities=tuple(dict.fromkeys(quantity for result in results for quantity in result.quantities)),
        verdicts=tuple(dict.fromkeys(verdict for result in results for verdict in result.verdicts)),
    )


def _of_instruments(comparison: Comparison, of: Callable[[str], Comparison], *, asymptotic: bool) -> list[Section]:
    study = comparison.study
    keys = [] if study.survey is None else [each.key for each in study.instruments]
    if comparison.asked[0] or len(keys) < 2:
        return _sections(of(keys[0]) if keys and not comparison.asked[0] else comparison, 2, "", asymptotic=asymptotic)
    primary = plan_of(study).instrument
    sections = []
    for key in sorted(keys, key=lambda key: key != primary):
        kind = "" if not primary else ", the primary instrument of the plan" if key == primary else ", secondary"
        sections += _sections(of(key), 3, f"{study.instrument(key).name}{kind}", asymptotic=asymptotic)
    return sections


def _sections(comparison: Comparison, level: int, heading: str, *, asymptotic: bool) -> list[Section]:
    """Give the sections of one instrument, by the design of its two waves: the first under `heading`."""
    first = Section(heading, 2, (comparison.answer(asymptotic=asymptotic),))
    if isinstance(comparison.chosen, str):
        return [first]
    headings = _of_pairs(comparison) if comparison.chosen.design == "paired" else _of_different_people(comparison)
    return [first, *(Section(said, level, tuple(make() for make in pages)) for said, pages in headings if pages)]


def _of_different_people(comparison: Comparison) -> _Sections:
    waves = comparison.waves
    audit = comparison.pairing_audit()
    who = [comparison.flow, *([] if audit.table.empty else [lambda: audit])]
    several = waves.design == "unmatched" and len(waves.items) > 1
    return [
        ("Who answered", who),
        ("How the items hang together", [comparison.scale_reliability] if several else []),
    ]


def _of_pairs(comparison: Comparison) -> _Sections:
    several = len(comparison.waves.items) > 1
    waves = comparison.study.waves
    over = [comparison.all_waves] if sum(not looks_back(wave) for wave in waves) > 2 else []
    back = [comparison.looking_back] if any(looks_back(wave) for wave in waves) else []
    return [
        ("From asked to paired", [comparison.flow, comparison.pairing_audit]),
        (
            "Item by item: who moved which way" if several else "Who moved which way",
            [*([comparison.tendencies] if several else []), comparison.movement, comparison.slopes],
        ),
        (
            "The scale as a whole" if several else "How large the change is",
            [
                *([comparison.scale_change] if several else []),
                comparison.effect_sizes,
                *([comparison.scale_reliability] if several else []),
                comparison.ceiling_and_floor,
            ],
        ),
        ("Would another test have said otherwise?", [comparison.other_tests]),
        (
            "Who is missing, and what that could change",
            [comparison.attrition, comparison.everybody, comparison.missing],
        ),
        ("Did those who came more change more?", [comparison.dose]),
        ("Did organisations differ?", [comparison.subgroups]),
        ("Single people", [comparison.individuals]),
        ("All waves, and looking back", [*over, *back]),
        ("How many people would the next study need?", [comparison.planning]),
    ]


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
    shown = (result.figure, result.headline, result.body_html, result.caveats, result.highlights)
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
        key="change-nothing-to-show",
        title=_EMPTY,
        sentence="These were asked of the data, and there is nothing to show for the reason given.",
        body_html=f"<ul>{items}</ul>",
        sources=("survey.csv",),
    )
