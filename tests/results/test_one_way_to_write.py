"""A sign, a percentage, an interval and a p are written by `results.values` alone: looked for in the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "cop_analysis"
THE_ONE = PACKAGE / "results" / "values.py"
MINUS = "\N{MINUS SIGN}"


def by_hand(source: str) -> Iterator[tuple[int, str]]:
    """Give the lines that write a sign, a percentage or a p themselves."""
    # What holds none of these writes none of them, and need not be parsed.
    if not any(sign in source for sign in ("%", ":+", "p = ", "p < ", MINUS, "MINUS", "\\u2212")):
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            yield from _in_text(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "replace":
            given = [one.value for one in node.args if isinstance(one, ast.Constant)]
            if given[:2] == ["-", MINUS]:
                yield node.lineno, "a sign"


def _in_text(text: ast.JoinedStr) -> Iterator[tuple[int, str]]:
    for place, part in enumerate(text.values):
        if not isinstance(part, ast.FormattedValue):
            continue
        spec = (
            "".join(one.value for one in part.format_spec.values if isinstance(one, ast.Constant))
            if (isinstance(part.format_spec, ast.JoinedStr))
            else ""
        )
        before, after = (
            text.values[at].value if 0 <= at < len(text.values) and isinstance(text.values[at], ast.Constant) else ""
            for at in (place - 1, place + 1)
        )
        if spec.startswith("+"):
            yield part.lineno, "a sign"
        if spec.endswith("%") or (_is_percent(part.value) and after.startswith("%")):
            yield part.lineno, "a percentage"
        if before.endswith("% interval "):
            yield part.lineno, "an interval"
        if before.endswith(("p = ", "p < ")) and spec:
            yield part.lineno, "a p"


def _is_percent(value: ast.expr) -> bool:
    """Say whether something is multiplied by 100 in it."""
    return any(
        isinstance(one, ast.BinOp)
        and isinstance(one.op, ast.Mult)
        and any(isinstance(side, ast.Constant) and side.value == 100 for side in (one.left, one.right))
        for one in ast.walk(value)
    )


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('f"{change:+.2f}"', ["a sign"]),
        ('f"{change:.2f}".replace("-", "\N{MINUS SIGN}")', ["a sign"]),
        ('f"{share:.0%} of them"', ["a percentage"]),
        ('f"{100 * share:.0f}% of them"', ["a percentage"]),
        ('f"{round(share * 100)}% of them"', ["a percentage"]),
        ('f"changed (p = {p_value:.3f})"', ["a p"]),
        ('f"(95% interval {low} to {high})"', ["an interval"]),
        ('f"{share} of {100 * share:.0f} points"', []),
        ('f"{with_sign(change)} ({format_p(p_value)}; {format_share(share)})"', []),
    ],
)
def test_what_is_written_by_hand_is_found(source: str, found: list[str]):
    assert [what for _, what in by_hand(source)] == found


def test_signs_percentages_and_p_are_written_in_one_place():
    found = {
        f"{path.relative_to(PACKAGE)}:{line}": what
        for path in sorted(PACKAGE.rglob("*.py"))
        if path != THE_ONE
        for line, what in by_hand(path.read_text(encoding="utf-8"))
    }
    assert not found, f"Write these with `with_sign`, `format_share`, `format_p` or `interval_in_words`: {found}"
