"""What a corrected text changed: kept with its change, so that an undo or a redo turns the text as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Connection

from cop_analysis.realist.store.log import Action
from cop_analysis.realist.store.redact import Target
from cop_analysis.realist.store.schema import correction


@dataclass(frozen=True)
class Correction:
    """The one stretch in which two texts differ.

    Parameters
    ----------
    start : int
        Where it begins, in code points.
    before, after : str
        What stood there, and what stands there.

    Examples
    --------
    >>> one = Correction.between("I was alnoe with it.", "I was alone with it.")
    >>> one
    Correction(start=8, before='no', after='on')
    >>> one.turned("I was alone with it.", "undo")
    'I was alnoe with it.'
    >>> one.turned("Something else.", "undo") is None
    True
    """

    start: int
    before: str
    after: str

    @classmethod
    def between(cls, before: str, after: str) -> Correction:
        """Find where two texts differ."""
        shortest = min(len(before), len(after))
        start = _longest(shortest, lambda size: before[:size] == after[:size])
        end = _longest(shortest - start, lambda size: before[len(before) - size :] == after[len(after) - size :])
        return cls(start, before[start : len(before) - end], after[start : len(after) - end])

    def turned(self, text: str, action: Action) -> str | None:
        """Take it back from a text, or make it again; None where the text has something else there."""
        found, wanted = (self.after, self.before) if action == "undo" else (self.before, self.after)
        if not text.startswith(found, self.start):
            return None
        return text[: self.start] + wanted + text[self.start + len(found) :]


def _longest(most: int, alike: Callable[[int], bool]) -> int:
    """Give the greatest size up to which something holds that holds for every smaller one."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if alike(middle) else (low, middle - 1)
    return low


def keep(connection: Connection, change: int, document: str, one: Correction) -> None:
    """Keep what a change made of a document's text."""
    row = {"change": change, "document": document, "start": one.start, "before": one.before, "after": one.after}
    connection.execute(insert(correction), row)


def find(connection: Connection, change: int, document: str) -> Correction | None:
    """Give what a change made of a document's text; None where the text before was not known, or has been erased."""
    columns = (correction.c.start, correction.c.before, correction.c.after)
    wanted = select(*columns).where(correction.c.change == change, correction.c.document == document)
    row = connection.execute(wanted).first()
    return None if row is None else Correction(row.start, row.before, row.after)


def count_of_those_that_hold(connection: Connection, target: Target) -> int:
    """Count the corrections of texts somebody speaks in, or that name or quote them."""
    its = {*target.documents, *target.spans}
    rows = connection.execute(select(correction.c.document, correction.c.before, correction.c.after)).all()
    return sum(one.document in its or any(map(target.traces.found, (one.before, one.after))) for one in rows)


def forget(connection: Connection) -> None:
    """Keep nothing of what texts once said: somebody's words are erased."""
    connection.execute(delete(correction))
