"""Compare two reports of the same study: tables cell by cell, figures mark by mark, and what leads each page.

    python tools/same_results.py BEFORE AFTER                # two folders that `cop report --out` wrote
    python tools/same_results.py BEFORE AFTER --words        # sentences and caveats as well

What was renamed on purpose stands in `tools/renamed.toml`: tables, columns and signs. Anything else that differs is
listed with its study, table, row and column, and the exit code is 1. Numbers are compared as they were written, every
digit; drawings by their elements, their places and their words. Not part of `make test`.
"""

from __future__ import annotations

import argparse
import csv
import difflib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RENAMED = ROOT / "tools" / "renamed.toml"
MOST_LISTED = 40
TAG = re.compile(r"<[^>]+>|[^<]+")
SENTENCE = re.compile(r'<(?:p class="cop-sentence"|strong class="cop-value"|span class="cop-label")>(.*?)</', re.DOTALL)
WORDS = re.compile(r"<(?:li|p)(?: class=\"cop-[a-z]+\")?>(.*?)</(?:li|p)>", re.DOTALL)


def latest(folder: Path) -> dict[str, Path]:
    """Give the newest run of each study in a folder of reports."""
    found: dict[str, Path] = {}
    for record in sorted(folder.glob("*/*/run.json")):
        found[record.parent.parent.name] = record.parent
    return found


def tables(run: Path, renamed: dict[str, dict[str, str]]) -> dict[str, list[list[str]]]:
    """Give a run's tables by the name they have now, their columns by the names those have now."""
    found = {}
    for path in sorted((run / "tables").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
        name = renamed.get("tables", {}).get(path.stem, path.stem)
        columns = renamed.get("columns", {}) | renamed.get(f"columns of {name}", {})
        if rows:
            rows[0] = [columns.get(column, column) for column in rows[0]]
        turned = renamed.get("signs", {}).get(name, [])
        found[name] = [rows[0], *(_turned(rows[0], row, turned) for row in rows[1:])] if rows else rows
    return found


def _turned(columns: list[str], row: list[str], turned: object) -> list[str]:
    names = turned if isinstance(turned, list) else []
    return [
        (cell[1:] if cell.startswith("-") else f"-{cell}") if column in names and cell.strip("-0.") else cell
        for column, cell in zip(columns, row, strict=False)
    ]


def of_tables(before: Path, after: Path, renamed: dict[str, dict[str, str]]) -> Iterator[str]:
    """Say which cells differ."""
    first, second = tables(before, renamed), tables(after, {})
    for name in sorted({*first, *second}):
        if name not in first or name not in second:
            yield f"table {name}: {'gone' if name in first else 'new'}"
            continue
        one, other = first[name], second[name]
        if one[:1] != other[:1]:
            yield f"table {name}: columns {one[:1]} are now {other[:1]}"
        elif len(one) != len(other):
            yield f"table {name}: {len(one) - 1} rows are now {len(other) - 1}"
        for number, (row, now) in enumerate(zip(one[1:], other[1:], strict=False), 1):
            for column, was, cell in zip(one[0], row, now, strict=False):
                if was != cell:
                    yield f"table {name}, row {number}, {column}: {was!r} is now {cell!r}"


def of_figures(before: Path, after: Path, renamed: dict[str, dict[str, str]]) -> Iterator[str]:
    """Say which drawings differ, and where they begin to."""
    names = renamed.get("figures", {})
    first = {names.get(path.stem, path.stem): path for path in (before / "figures").glob("*.svg")}
    second = {path.stem: path for path in (after / "figures").glob("*.svg")}
    for name in sorted({*first, *second}):
        if name not in first or name not in second:
            yield f"figure {name}: {'gone' if name in first else 'new'}"
            continue
        one, other = (TAG.findall(path.read_text(encoding="utf-8")) for path in (first[name], second[name]))
        for place, (mark, now) in enumerate(zip(one, other, strict=False)):
            if mark != now:
                yield f"figure {name}, mark {place}: {mark[:120]!r} is now {now[:120]!r}"
                break
        else:
            if len(one) != len(other):
                yield f"figure {name}: {len(one)} marks are now {len(other)}"


def of_words(before: Path, after: Path, everything: bool) -> Iterator[str]:
    """Say which lines of a page differ: what leads each result, and with `everything` all sentences."""
    for path in sorted(before.glob("*.html")):
        other = after / path.name
        if not other.exists():
            yield f"page {path.name}: gone"
            continue
        pattern = WORDS if everything else SENTENCE
        # The foot names the run and when it began.
        one, now = (
            [line for line in pattern.findall(each.read_text(encoding="utf-8")) if not line.startswith("Run <code>")]
            for each in (path, other)
        )
        for line in difflib.unified_diff(one, now, lineterm="", n=0):
            if line[:1] in "+-" and line[:3] not in ("+++", "---"):
                yield f"page {path.name}: {line[:400]}"


def main() -> int:
    """Compare and list what differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--words", action="store_true", help="compare caveats and methods as well")
    parser.add_argument("--all", action="store_true", help="list everything that differs")
    asked = parser.parse_args()
    renamed = tomllib.loads(RENAMED.read_text(encoding="utf-8")) if RENAMED.exists() else {}
    first, second = latest(asked.before), latest(asked.after)
    if not first or set(first) != set(second):
        print(f"The studies differ: {', '.join(first) or 'none'} and {', '.join(second) or 'none'}.")
        return 1
    count = 0
    for study in first:
        run, now = first[study], second[study]
        found = [*of_tables(run, now, renamed), *of_figures(run, now, renamed), *of_words(run, now, asked.words)]
        count += len(found)
        held = len(tables(run, {})), len(list((run / "figures").glob("*.svg")))
        print(f"{study}: {held[0]} tables, {held[1]} figures, {len(found)} differences")
        for line in found if asked.all else found[:MOST_LISTED]:
            print(f"  {line}")
    return 1 if count else 0


if __name__ == "__main__":
    raise SystemExit(main())
