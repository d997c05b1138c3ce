"""Read all pages of a study as one reader would, and list where they contradict themselves or one another.

    python tools/selfcheck.py data/nmp_forum [another study ...] [--pages 03,04]

It runs the notebooks' cells in this process, gathers every `Result`, and looks at the facts (`Quantity`, `Verdict`,
tables) and at the words (sentences, caveats, headlines, highlights, text alternatives). It knows nothing of any room:
a page is checked because it returns results. The tests of `tests/selfcheck` run it over many studies and prove on
made-up results that each of its checks can fail.
"""

from __future__ import annotations

import argparse
import ast
import json
import math
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from numbers import Number
from pathlib import Path

import pandas as pd

from cop_analysis import open_study
from cop_analysis.results import Column, Result
from cop_analysis.results.columns import described

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
FEW_DRAWS = 199
"""So many permutations are enough here: what is checked holds for any number of them."""


@dataclass(frozen=True)
class Shown:
    """One result and the page it stands on."""

    page: str
    result: Result


@dataclass(frozen=True)
class Fault:
    """One place where a report is at odds with itself."""

    check: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"[{self.check}] {self.where}: {self.what}"


# --- the pages -------------------------------------------------------------------------------------------------------


def run_page(notebook: Path, study: Path, **parameters: object) -> list[Result]:
    """Run a notebook's cells in one namespace, as a kernel would, and give the results its cells end in."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    names: dict[str, object] = {}
    shown: list[object] = []
    for number, source in enumerate("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"):
        tree = ast.parse(source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, notebook.name, "exec"), names)
        if number == 0:
            names |= {"study": str(study), **{key: value for key, value in parameters.items() if key in names}}
        if last is not None:
            value = eval(compile(ast.Expression(last.value), notebook.name, "eval"), names)
            # A page that makes its own sections shows each of its results.
            shown += getattr(value, "results", None) or [value]
    return [one for one in shown if isinstance(one, Result)]


def run_pages(study: Path, pages: Sequence[str] = (), **parameters: object) -> list[Shown]:
    """Give every result of every page of a study, or of the pages whose names begin so."""
    chosen = [path for path in sorted(NOTEBOOKS.glob("*.ipynb")) if not path.name.startswith("00")]
    if pages:
        chosen = [path for path in chosen if path.name.startswith(tuple(pages))]
    settings: dict[str, object] = {"permutations": FEW_DRAWS, **parameters}
    return [Shown(path.stem, result) for path in chosen for result in run_page(path, study, **settings)]


def words_of(result: Result) -> Iterator[tuple[str, str]]:
    """Give every text of a result that a reader meets, with the part of the result it is."""
    yield "title", result.title
    yield "sentence", result.sentence
    for caveat in result.caveats:
        yield "caveat", caveat
    if result.headline is not None:
        one = result.headline
        yield "headline", f"{one.value} {one.label} ({one.uncertainty})"
    for highlight in result.highlights:
        yield "highlight", f"{highlight.text} {highlight.note}"
    if result.figure is not None:
        yield "figure title", result.figure.title
        yield "text alternative", result.figure.alt
    yield "method", result.method
    # A block ends a sentence; an inline element does not.
    blocks = re.sub(r"</(?:p|li|td|th|div|h\d|blockquote|figcaption)>|<br\s*/?>", " ¶ ", result.body_html)
    yield "markup", unescape(re.sub(r"<[^>]*>", "", blocks))
    for column in result.table.columns:
        for value in result.table[column]:
            if isinstance(value, str):
                yield f"table, {column}", value


def tables_of(result: Result) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give the tables of a result: its own and the one behind its figure."""
    for part, table, _ in described_tables(result):
        yield part, table


def described_tables(result: Result) -> Iterator[tuple[str, pd.DataFrame, list[Column | None]]]:
    """Give the tables of a result with what each of their columns is."""
    yield "table", result.table, described([str(column) for column in result.table.columns], result.columns)
    if result.figure is not None:
        table, own = result.figure.table, {**result.columns, **result.figure.columns}
        yield "numbers behind the figure", table, described([str(column) for column in table.columns], own)


def _at(shown: Shown, part: str = "") -> str:
    return f"{shown.page}, {shown.result.key}" + (f", {part}" if part else "")


# --- facts -----------------------------------------------------------------------------------------------------------


def counts_inside(pages: Iterable[Shown]) -> Iterator[Fault]:
    """Find a count that is not inside what it is said to be out of, or that its own members contradict."""
    for shown in pages:
        for one in shown.result.quantities:
            if not one.is_inside:
                outside = (
                    "" if one.members is None or one.among is None else f", {len(one.members - one.among)} outside"
                )
                yield Fault("inside", _at(shown), f"{one.key} is {one.value:g} of {one.out_of}{outside}")
            if one.members is not None and one.value != len(one.members):
                yield Fault("inside", _at(shown), f"{one.key} is {one.value:g}, its members are {len(one.members)}")
            if one.among is not None and one.out_of is not None and one.out_of != len(one.among):
                yield Fault("inside", _at(shown), f"{one.key} is out of {one.out_of:g}, named are {len(one.among)}")


def one_value_a_key(pages: Iterable[Shown]) -> Iterator[Fault]:
    """Find a quantity that has two values, or two denominators, in one report."""
    told: dict[str, dict[tuple[float, float | None], list[str]]] = defaultdict(lambda: defaultdict(list))
    for shown in pages:
        for one in shown.result.quantities:
            told[one.key][one.value, one.out_of].append(_at(shown))
    for key, values in told.items():
        if len(values) > 1:
            each = "; ".join(
                f"{value:g}{'' if of is None else f' of {of:g}'} ({where[0]})" for (value, of), where in values.items()
            )
            yield Fault("one value", key, each)


def answers_within_caveats(pages: Iterable[Shown]) -> Iterator[Fault]:
    """Find an answer that its own bounds do not carry, and a question with two answers in one report."""
    told: dict[str, dict[str, str]] = defaultdict(dict)
    for shown in pages:
        for one in shown.result.verdicts:
            told[one.question].setdefault(one.word, _at(shown))
            if one.word not in {"yes", "no", "cannot tell"}:
                yield Fault("answer", _at(shown), f"{one.question}: {one.word!r} is no answer")
            if not one.is_supported:
                bounds = f"{one.low:g} to {one.high:g} around {one.turns_at:g}"
                yield Fault("answer", _at(shown), f"{one.question}: {one.word} with {bounds}")
    for question, words in told.items():
        if len(words) > 1:
            yield Fault("answer", question, "; ".join(f"{word} ({where})" for word, where in words.items()))


_ADJUSTED = re.compile(r"adjusted|holm|benjamini|hochberg|\bbh\b|bonferroni|max_t|familywise|min_p")
_RAW = ("p_value", "unadjusted_p_value", "raw_p_value", "exact_p_value")


def adjusted_above_raw(pages: Iterable[Shown]) -> Iterator[Fault]:
    """Find a p-value that became smaller by being adjusted for the number of questions asked at once."""
    for shown in pages:
        for part, table in tables_of(shown.result):
            columns = [str(column) for column in table.columns]
            raw = next((column for column in _RAW if column in columns), None)
            if raw is None:
                continue
            for column in columns:
                if column == raw or not _ADJUSTED.search(column.replace("bh_", "bh ")):
                    continue
                if not pd.api.types.is_numeric_dtype(table[column]) or "p_value" not in column:
                    continue
                lower = table[column].astype(float) < table[raw].astype(float) - 1e-12
                for at in table.index[lower]:
                    smaller, own = table[column][at], table[raw][at]
                    yield Fault(
                        "adjusted p", _at(shown, part), f"row {at}: {column} {smaller:.6g} is below {raw} {own:.6g}"
                    )


def shares_in_range(pages: Iterable[Shown]) -> Iterator[Fault]:
    """Find a share outside 0 to 1, an estimate outside its own interval, and a numerator above its denominator."""
    for shown in pages:
        for part, table, kinds in described_tables(shown.result):
            columns = [str(column) for column in table.columns]
            for column, kind in zip(columns, kinds, strict=True):
                if kind is None or not kind.is_percentage:
                    continue
                values = pd.to_numeric(table[column], errors="coerce").dropna()
                lowest = -1 if kind.kind == "difference in shares" else 0
                if ((values < lowest - 1e-9) | (values > 1 + 1e-9)).any():
                    yield Fault("share", _at(shown, part), f"{column} runs from {values.min():g} to {values.max():g}")
            if {"share", "low", "high"} <= set(columns):
                three = table[["share", "low", "high"]].apply(pd.to_numeric, errors="coerce").dropna()
                if ((three["low"] > three["share"] + 1e-9) | (three["share"] > three["high"] + 1e-9)).any():
                    yield Fault("share", _at(shown, part), "an estimate lies outside its own interval")
            if {"numerator", "denominator"} <= set(columns):
                pairs = table[["numerator", "denominator"]].apply(pd.to_numeric, errors="coerce").dropna()
                for _, (count, of) in pairs.iterrows():
                    if count > of:
                        yield Fault("share", _at(shown, part), f"{count:g} of {of:g}")


def columns_described(pages: Iterable[Shown]) -> Iterator[Fault]:
    """Find a column of which nothing says what it holds, and one that holds something else than it says."""
    for shown in pages:
        for part, table, kinds in described_tables(shown.result):
            for position, kind in enumerate(kinds):
                column = str(table.columns[position])
                if kind is None:
                    yield Fault("column", _at(shown, part), f"nothing says what {column} holds")
                elif not _holds(table.iloc[:, position], kind):
                    yield Fault("column", _at(shown, part), f"{column} is said to hold a {kind.kind}, and does not")


def _holds(values: pd.Series, kind: Column) -> bool:
    """Say whether the cells of a column can be what it is said to hold; empty ones can be anything."""
    filled = values.dropna()
    if filled.empty:
        return True
    is_number = all(isinstance(value, Number) and not isinstance(value, bool) for value in filled.tolist())
    filled = pd.to_numeric(filled) if is_number else filled
    if kind.kind == "count":
        return is_number and bool(((filled % 1 == 0) | bool(kind.unit_in)).all())
    if kind.kind in ("share", "p"):
        return is_number and bool(filled.between(-1e-9, 1 + 1e-9).all())
    if kind.kind in ("difference in shares", "difference", "score", "statistic"):
        return is_number
    if kind.kind == "yes or no":
        return bool(filled.isin([True, False, "yes", "no", ""]).all())
    return kind.kind != "text" or not is_number


# --- words -----------------------------------------------------------------------------------------------------------

_NUMBER = r"(?<![\d.,%£+\-−/:])(\d{1,3}(?:,\d{3})+|\d+)(?![\d,]*\d|\.\d|%|/)"
_OF = r"\s+of\s+(?:the\s+|these\s+|those\s+|all\s+|its\s+|their\s+|about\s+)?"
_MONTH = r"(?!\s+(?:January|February|March|April|May|June|July|August|September|October|November|December))"
_X_OF_Y = re.compile(_NUMBER + _OF + _NUMBER + _MONTH)
_PERCENT = r"(\d+(?:\.\d+)?)%(?!\s+(?:interval|limits?|of\s+draws))"
_X_OF_Y_PERCENT = re.compile(_NUMBER + _OF + _NUMBER + _MONTH + r"[^().;:¶\d]{0,70}?[(,]\s*" + _PERCENT)
_X_PERCENT_OF_Y = re.compile(
    _NUMBER + r"[^().;:,¶\d]{0,60}?\((?:" + _NUMBER + r",\s+)?" + _PERCENT + _OF + _NUMBER
)  # fmt: skip


def _whole(text: str) -> int:
    return int(text.replace(",", ""))


def _agrees(count: int, of: int, percent: str) -> bool:
    decimals = len(percent.partition(".")[2])
    return of > 0 and math.isclose(100 * count / of, float(percent), rel_tol=0, abs_tol=0.5 * 10**-decimals + 1e-9)


def counts_in_words(pages: Iterable[Shown]) -> Iterator[Fault]:
    """Find "x of y" with x above y, and a percentage beside a count that is not that count's."""
    for shown in pages:
        for part, text in words_of(shown.result):
            for found in _X_OF_Y.finditer(text):
                count, of = map(_whole, found.groups())
                if count > of:
                    yield Fault("x of y", _at(shown, part), f"“{_around(text, found)}”")
            for found in _X_OF_Y_PERCENT.finditer(text):
                count, of, percent = _whole(found[1]), _whole(found[2]), found[3]
                # "29 of 41 sign-ups over 4 of 5 events turned into attendance (71%)": the share is of the count before.
                before = [*_X_OF_Y.finditer(text[max(0, found.start() - 60) : found.start()])][-1:]
                whole = [(count, of), *(tuple(map(_whole, one.groups())) for one in before)]
                if not any(_agrees(*each, percent) for each in whole):
                    yield Fault("percentage", _at(shown, part), f"“{_around(text, found)}”")
            for found in _X_PERCENT_OF_Y.finditer(text):
                count, of, percent = _whole(found[2] or found[1]), _whole(found[4]), found[3]
                if not _agrees(count, of, percent):
                    yield Fault("percentage", _at(shown, part), f"“{_around(text, found)}”")
        one = shown.result.headline
        if one is not None:
            share, counted = re.fullmatch(_PERCENT, one.value), _X_OF_Y.match(one.uncertainty)
            if share and counted and not _agrees(*map(_whole, counted.groups()), share[1]):
                yield Fault("percentage", _at(shown, "headline"), f"{one.value} beside “{one.uncertainty}”")


def _around(text: str, found: re.Match[str]) -> str:
    return text[max(0, found.start() - 30) : found.end() + 30].strip()


# --- what was not recorded -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Unrecorded:
    """Something a study does not hold, and the words that would show it as if it did.

    Parameters
    ----------
    what : str
        What is not recorded.
    pattern : str
        What no page may say then, as a regular expression.
    unless : str
        Words in the same text that make it true.
    """

    what: str
    pattern: str
    unless: str = r"\b(?:not|nobody|no|cannot|nothing|without|unknown)\b"


def never_shown(pages: Iterable[Shown], absent: Sequence[Unrecorded]) -> Iterator[Fault]:
    """Find what was not recorded, or cannot be linked, shown as nought or under another's name."""
    for shown in pages:
        for part, text in words_of(shown.result):
            for one in absent:
                for clause in re.split(r"(?<=[.;¶])\s", text):
                    found = re.search(one.pattern, clause)
                    if found and not re.search(one.unless, clause):
                        yield Fault("not recorded", _at(shown, part), f"{one.what}: “{_around(clause, found)}”")


_HYPHEN = re.compile(r"(?:(?<=[\s(“])|^)-\d")
_OWN_WORDS = ("sentence", "caveat", "headline", "highlight", "text alternative", "figure title", "title")


def hyphens_for_minus(pages: Iterable[Shown]) -> Iterator[Fault]:
    """Find a number below 0 written with a hyphen, in words or in a cell as the page shows it."""
    for shown in pages:
        for part, text in words_of(shown.result):
            found = _HYPHEN.search(text) if part in _OWN_WORDS else None
            if found:
                yield Fault("minus", _at(shown, part), f"“{_around(text, found)}”")
        table = shown.result.payload()["table"]
        for row in table["rows"] if table else ():
            for cell, is_number in zip(row, table["numeric"], strict=True):
                if is_number and cell.startswith("-"):
                    yield Fault("minus", _at(shown, "table"), cell)


def labels_in_place(pages: Iterable[Shown], labels: Sequence[str]) -> Iterator[Fault]:
    """Find a wave's label after a preposition that not every label fits ("at Before the course")."""
    if not labels:
        return
    names = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    forced = re.compile(rf"\b(?:[Aa]t|[Ff]rom|[Ii]n|[Ss]ince|[Oo]n|[Bb]y|[Dd]uring) (?:{names})(?!\w)")
    for shown in pages:
        labelled = shown.result.payload()["table"] or {"labels": []}
        for part, text in [*words_of(shown.result), *(("column", label) for label in labelled["labels"])]:
            if (part in _OWN_WORDS or part == "column") and (found := forced.search(text)):
                yield Fault("label", _at(shown, part), f"“{_around(text, found)}”")


CHECKS: Mapping[str, Callable[[Iterable[Shown]], Iterator[Fault]]] = {
    check.__name__: check
    for check in (counts_inside, one_value_a_key, answers_within_caveats, adjusted_above_raw, shares_in_range,
                  counts_in_words, hyphens_for_minus)
}  # fmt: skip


def check_pages(pages: Sequence[Shown], absent: Sequence[Unrecorded] = (), labels: Sequence[str] = ()) -> list[Fault]:
    """Give every fault of all pages of one report; `absent` names what its study does not hold, `labels` its waves."""
    found = [fault for check in CHECKS.values() for fault in check(pages)]
    return list(dict.fromkeys([*found, *labels_in_place(pages, labels), *never_shown(pages, absent)]))


def wave_labels(study: Path) -> tuple[str, ...]:
    """Give the labels of a study's waves as its pages show them."""
    return tuple(wave.label or wave.key.replace("_", " ") for wave in open_study(study).waves)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the studies named and print what was found; 1 where anything was."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("studies", nargs="+", type=Path)
    parser.add_argument("--pages", default="", help="such as 03,04; all of them unless named")
    given = parser.parse_args(arguments)
    total = 0
    for study in given.studies:
        pages = run_pages(study, [page for page in given.pages.split(",") if page])
        faults = check_pages(pages, labels=wave_labels(study))
        counted = sum(len(one.result.quantities) for one in pages), sum(len(one.result.verdicts) for one in pages)
        print(f"{study}: {len(pages)} results, {counted[0]} quantities, {counted[1]} verdicts, {len(faults)} faults")
        for fault in faults:
            print(f"  {fault}")
        total += len(faults)
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
