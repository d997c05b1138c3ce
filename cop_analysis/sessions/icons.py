"""Icons of variation and assurance drawn as shapes with words; what they stand for is decided in `control_chart`.

The shapes are this package's own. Every icon differs in outline, in its inner mark and in its words, so that colour is
never needed to tell two apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

IMPROVEMENT, CONCERN, COMMON_CAUSE, NEUTRAL = "#005EB8", "#ED8B00", "#768692", "#212B32"
"""Colours of improvement, concern, common cause, and special cause where neither direction is better."""

MARKERS = {
    "common cause": ("o", COMMON_CAUSE),
    "improvement": ("^", IMPROVEMENT),
    "concern": ("v", CONCERN),
    "neutral": ("s", NEUTRAL),
}
"""How a point of each class is marked on a chart: shape and colour."""


def variation_words(variation: str, direction: str) -> str:
    """Say what a variation icon says.

    Examples
    --------
    >>> variation_words("improvement", "high"), variation_words("common cause", "")
    ('improvement (high)', 'common cause')
    """
    name = "special cause" if variation == "neutral" else variation
    return f"{name} ({direction})" if direction and variation != "common cause" else name


def assurance_words(assurance: str | None) -> str:
    """Say what an assurance icon says.

    Examples
    --------
    >>> assurance_words("inconsistent"), assurance_words(None)
    ('hit and miss', 'no target')
    """
    words = {"passes": "passes target", "fails": "fails target", "inconsistent": "hit and miss"}
    return "no target" if assurance is None else words[assurance]


def draw_icons(axes: Axes, variation: str, direction: str, assurance: str | None, is_trial: bool) -> None:
    """Draw both icons one above the other into axes of their own.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Empty axes; their scale is set here.
    variation : str
        ``"improvement"``, ``"concern"``, ``"common cause"`` or ``"neutral"``.
    direction : str
        ``"high"``, ``"low"`` or empty: to which side the last value stands out.
    assurance : str or None
        ``"passes"``, ``"fails"``, ``"inconsistent"``, or None without a target.
    is_trial : bool
        Whether the limits behind them are trial limits: the outline is then broken and the word printed.

    Examples
    --------
    >>> from cop_analysis.figures import drawing
    >>> with drawing(1, 2) as canvas:
    ...     draw_icons(canvas.add_subplot(), "improvement", "high", "passes", False)
    """
    axes.set_xlim(-1.6, 1.6)
    axes.set_ylim(-4.7, 1.0)
    axes.set_aspect("equal")
    axes.axis("off")
    colour = MARKERS[variation][1]
    _outline(axes, 0.0, colour, is_trial, is_round=True)
    if variation == "common cause":
        axes.plot([-0.55, -0.27, 0, 0.27, 0.55], [0, 0.28, -0.28, 0.28, -0.05], color=colour, linewidth=2)
    else:
        up = 1 if direction == "high" else -1
        axes.plot([-0.55, -0.2, 0.1], [-0.35 * up, -0.2 * up, -0.3 * up], "o-", color=colour, markersize=3, linewidth=1)
        axes.plot([0.45], [0.35 * up], "^" if up > 0 else "v", color=colour, markersize=7)
        axes.text(-0.22, 0.3 * up, "H" if up > 0 else "L", ha="center", va="center", fontweight="bold", fontsize=10)
    words = variation_words(variation, direction)
    axes.text(0, -1.12, f"{words}\n(trial limits)" if is_trial else words, ha="center", va="top", fontsize=8)
    if assurance is not None:
        letter, colour = {"passes": ("P", IMPROVEMENT), "fails": ("F", CONCERN), "inconsistent": ("?", COMMON_CAUSE)}[
            assurance
        ]
        _outline(axes, -3.05, colour, is_trial, is_round=False)
        axes.text(0, -3.05, letter, ha="center", va="center", fontweight="bold", fontsize=12)
        at = {"passes": -3.5, "fails": -2.6, "inconsistent": -3.05}[assurance]
        axes.plot([-0.6, 0.6], [at, at], color=colour, linewidth=1.5, linestyle=(0, (2, 1.5)), zorder=0)
    below = -4.0 if assurance is not None else -2.6
    axes.text(0, below, assurance_words(assurance), ha="center", va="top", fontsize=8)


def _outline(axes: Axes, middle: float, colour: str, is_trial: bool, is_round: bool) -> None:
    from matplotlib.patches import Circle, FancyBboxPatch

    line = (0, (2.5, 1.5)) if is_trial else "-"
    if is_round:
        axes.add_patch(Circle((0, middle), 0.9, fill=False, edgecolor=colour, linewidth=2.4, linestyle=line))
        return
    axes.add_patch(
        FancyBboxPatch((-0.7, middle - 0.7), 1.4, 1.4, boxstyle="round,pad=0.1", fill=False, edgecolor=colour,
                       linewidth=2.4, linestyle=line)
    )  # fmt: skip
